"""The command `ask`: the questions that analysts ask, listed and answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich import table as rich_table
from rich.cells import cell_len
from rich.table import Table

from fugong.analysis import formats, questions
from fugong.analysis.formats import Column
from fugong.cli.common import AsJson, KnownAt, Lang, Language, as_day, names_what_is_broken, print_json, say
from fugong.cli.console import Console
from fugong.core.bilingual import Bilingual
from fugong.core.errors import RefusedError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.figures.display import percent, points
from fugong.marts.model_of_tables import Question
from fugong.warehouse.connection import connect_as, connect_as_loader

SHOWN_ROWS = 60
MIN_TEXT_WIDTH = 8
"""Texts are broken into lines no narrower than this."""
MIN_TITLE_WIDTH = 4
LONGEST_WORD = 14
"""Longer words are broken: codes, file names."""
SUPPRESSED = "is_suppressed"
MONTH = "月份"
"""Days under titles that end with it are printed as months."""
Day = Annotated[
    date | None,
    typer.Option(
        "--as-of", parser=as_day, metavar="DATE", help="问哪一天,缺省为最近一天 | The day asked about; the last one if left out"
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command `ask`."""
    app.command("ask")(names_what_is_broken(ask))


def ask(
    number: Annotated[int | None, typer.Argument(metavar="[N]", help="第几问 | Which question")] = None,
    as_of: Day = None,
    known_at: KnownAt = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="问题的参数,如 most=50 | A parameter, such as most=50"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="写成 csv、xlsx 或 parquet | Write csv, xlsx or parquet")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="所有行和列 | Every row and column")] = False,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """List the questions, or answer one as the role that may."""
    settings = Settings.load()
    found = questions.load_sound_questions(settings.include)
    if number is None:
        _list(found.values(), lang, as_json=as_json)
        return
    form = "" if output is None else output.suffix.removeprefix(".").lower()
    if output is not None and form not in formats.FORMATS:
        raise typer.BadParameter(f"{output}: {', '.join(formats.FORMATS)}", param_hint="--output")
    question = questions.find_question(found, number)
    # A replay computes marts anew, which is the owner's right; `open` is shown as analysts see it all the same.
    connecting = connect_as(settings, question.role) if known_at is None else connect_as_loader(settings)
    with connecting as connection:
        try:
            answer = questions.ask(
                connection, settings.include, question, as_of, known_at, dict(map(_key_and_value, given or []))
            )
        except psycopg.errors.InsufficientPrivilege as error:
            raise RefusedError(
                f"这一问要有 {question.role if known_at is None else 'owner'} 的权限 | this question needs the rights of "
                f"{question.role if known_at is None else 'owner'}: {error.diag.message_primary}"
            ) from error
    if output is not None:
        n_rows = formats.write(answer.table(question, lang), output, form)
        if not as_json:
            Console().print(say(lang, f"{output}  {n_rows:,} 行", f"{output}  {n_rows:,} rows"), highlight=False)
            return
    if as_json:
        print_json(answer.to_json())
        return
    print_answer(question, answer, lang, everything=everything)


def _key_and_value(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"{text!r} 应写成 名=值 | should read name=value", param_hint="--param")
    return name.strip(), value.strip()


def print_answer(question: Question, answer: questions.Answer, lang: Lang, *, everything: bool) -> None:
    """Print the answer as a table, or that there is none."""
    console = Console()
    moment = "" if answer.known_at is None else say(lang, " · 知悉时点 ", " · known at ") + _text(answer.known_at, lang)
    console.print(
        f"[bold]{question.number}. {_said(question, lang)}[/bold]  {say(lang, '截至', 'as of')} {answer.as_of}{moment} · {question.role}",
        highlight=False,
    )
    if not answer.rows:
        console.print(
            say(lang, f"没有符合的行。SQL:{question.file.name}", f"No such rows. SQL: {question.file.name}"), highlight=False
        )
        return
    table, _ = table_of(question, answer, lang, console.width, everything=everything)
    console.print(table)
    if hides_values(answer):
        console.print(
            say(
                lang,
                "空格里有的数不公开,以免看出单个企业。",
                "Some values are withheld, so that no firm can be singled out; their cells are empty.",
            )
        )
    n_shown = len(answer.rows) if everything else min(len(answer.rows), SHOWN_ROWS)
    left = [say(lang, f"另有 {n} 行", f"{n} more rows") for n in [len(answer.rows) - n_shown] if n]
    if question.secondary and not everything:
        names = "、".join(answer.columns[name].zh for name in question.secondary)
        left.append(say(lang, f"另有 {len(question.secondary)} 列({names})", f"more columns: {', '.join(question.secondary)}"))
    more = say(lang, f",{'、'.join(left)},见 --all", f"; {', '.join(left)}: see --all") if left else ""
    console.print(
        say(lang, f"{n_shown} 行{more}。SQL:{question.file.name}", f"{n_shown} rows{more}. SQL: {question.file.name}"),
        highlight=False,
    )


def hides_values(answer: questions.Answer) -> bool:
    """Whether a row of the answer says that its values are withheld."""
    return SUPPRESSED in answer.columns and any(row[list(answer.columns).index(SUPPRESSED)] for row in answer.rows)


def table_of(
    question: Question, answer: questions.Answer, lang: Lang, screen: int, *, everything: bool = False
) -> tuple[Table, int]:
    """The answer as a table on the screen: names instead of codes; numbers are never broken, texts and headings are.

    Args:
        screen: the width of the screen in characters.

    Returns:
        The table and its width, which is above that of the screen only where numbers and days alone are wider.
    """
    rows = answer.named if everything else answer.named[:SHOWN_ROWS]
    columns: list[tuple[str, list[str], bool, bool]] = []
    for place, (name, said) in enumerate(answer.columns.items()):
        if everything or name not in question.secondary:
            values = [row[place] for row in rows]
            column = Column(name, answer.kinds[name], said)
            if column.is_fraction:
                values = [(points if column.is_points else percent)(one) if isinstance(one, Decimal) else one for one in values]
            if said.zh.endswith(MONTH):
                values = [f"{value:%Y-%m}" if isinstance(value, date) else value for value in values]
            is_number = column.is_fraction or any(
                isinstance(value, int | Decimal) and not isinstance(value, bool) for value in values
            )
            is_whole = is_number or said.zh.endswith(MONTH) or any(isinstance(value, date) for value in values)
            title = said.zh if lang is Lang.ZH else name.replace("_", " ")
            columns.append((title, [_text(value, lang) for value in values], is_number, is_whole))
    widest = [max([cell_len(text) for text in texts] or [0]) for _, texts, _, _ in columns]
    natural = [max(cell_len(title), wide) for (title, *_), wide in zip(columns, widest, strict=True)]
    least = [
        min(full, max(MIN_TITLE_WIDTH, wide if is_whole else min(wide, MIN_TEXT_WIDTH)))
        for (*_, is_whole), full, wide in zip(columns, natural, widest, strict=True)
    ]
    room = screen - len(columns) - 1
    headings = [
        min(full, max([few, *_words_of([title])])) for (title, *_), full, few in zip(columns, natural, least, strict=True)
    ]
    words = [
        few if is_whole else min(full, max([few, *(n for n in _words_of(texts) if n <= LONGEST_WORD)]))
        for (_, texts, _, is_whole), full, few in zip(columns, natural, least, strict=True)
    ]
    # Whole words in headings and texts, where there is room for them; else in texts, then in headings.
    both = [max(pair) for pair in zip(headings, words, strict=True)]
    fits = next((one for one in (both, words, headings) if sum(one) <= room), least)
    widths = _fitted(natural, fits, room)
    table = Table(padding=0)
    for (title, _, is_number, _), chosen in zip(columns, widths, strict=True):
        table.add_column(title, justify="right" if is_number else "left", overflow="fold", width=chosen)
    for line in zip(*(texts for _, texts, _, _ in columns), strict=True):
        table.add_row(*line)
    return table, sum(widths) + len(columns) + 1


def _words_of(texts: Iterable[str]) -> Iterator[int]:
    """The lengths of the words of texts; Chinese can be broken anywhere."""
    return (len(word) for text in texts for word in text.split() if word.isascii())


def _fitted(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Widths of columns: what they would take, less as much of those that can give most as the room asks for."""
    widths = list(natural)
    while sum(widths) > room:
        spare, place = max((widths[place] - least[place], -place) for place in range(len(widths)))
        if spare <= 0:
            break
        widths[-place] -= 1
    return widths


def _list(found: Any, lang: Lang, *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "number": one.number,
                    "name": one.name,
                    "asks": one.text.en,
                    "asks_zh": one.text.zh,
                    "role": one.role,
                    "params": {name: param.default for name, param in one.parameters.items()},
                    "reads": list(one.reads),
                    "columns": {name: str(said) for name, said in one.columns.items()},
                }
                for one in found
            ]
        )
        return
    if not found:
        Console().print(
            say(
                lang, "本区还没有写下问题(include/sql/questions)。", "This district has no questions yet (include/sql/questions)."
            )
        )
        return
    table = Table(
        "",
        rich_table.Column(say(lang, "问题", "question"), overflow="fold"),
        say(lang, "角色", "role"),
        say(lang, "参数", "parameters"),
    )
    for one in found:
        free = [f"{name}={param.default}" for name, param in one.parameters.items() if (param.default or "").isalnum()]
        free += [name for name, param in one.parameters.items() if param.default and not param.default.isalnum()]
        table.add_row(str(one.number), _said(one, lang), one.role, " ".join(free))
    Console().print(table)


def _said(question: Question, lang: Lang) -> str:
    return question.text.zh if lang is Lang.ZH else question.text.en


def _text(value: object, lang: Lang) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return say(lang, "是", "yes") if value else say(lang, "否", "no")
    if isinstance(value, Bilingual):
        return value.text_in(lang)
    if isinstance(value, Decimal):
        rounded = round(value, 4 if abs(value) < 10 else 2) or Decimal(0)  # a small negative is 0, not -0
        return f"{rounded:,f}".rstrip("0").rstrip(".") if rounded % 1 else f"{rounded:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list):
        return "、".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return str(value)
