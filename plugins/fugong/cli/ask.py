"""The command `ask`: the questions that analysts ask, listed and answered."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console
from rich.table import Column, Table

from fugong.analysis import questions
from fugong.cli.common import ANALYSTS, AsJson, Lang, Language, as_day, print_json, say
from fugong.core.errors import RefusedError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.figures.display import as_json as json_value
from fugong.marts.model import Question
from fugong.warehouse.connection import connect_as

SHOWN_ROWS = 60
Day = Annotated[
    date | None,
    typer.Option(
        "--as-of", parser=as_day, metavar="DATE", help="问哪一天,缺省为最近一天 | The day asked about; the last one if left out"
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command `ask`."""
    app.command(
        "ask",
        help="分析员常问的问题:列出,或按编号回答 | Analysts' questions: listed, or answered by number",
        rich_help_panel=ANALYSTS,
    )(ask)


def ask(
    number: Annotated[int | None, typer.Argument(metavar="[N]", help="第几问 | Which question")] = None,
    as_of: Day = None,
    everything: Annotated[bool, typer.Option("--all", help="所有行 | Every row")] = False,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """List the questions, or answer one as the role that may."""
    settings = Settings.load()
    found = questions.load_questions(settings.include)
    if number is None:
        _list(found.values(), lang, as_json=as_json)
        return
    question = questions.find_question(found, number)
    with connect_as(settings, question.role) as connection:
        try:
            answer = questions.ask(connection, settings.include, question, as_of)
        except psycopg.errors.InsufficientPrivilege as error:
            raise RefusedError(
                f"这一问要有 {question.role} 的权限 | this question needs the rights of {question.role}: {error.diag.message_primary}"
            ) from error
    if as_json:
        print_json([dict(zip(answer.columns, map(_json, row), strict=True)) for row in answer.rows])
        return
    console = Console()
    console.print(
        f"[bold]{question.number}. {_said(question, lang)}[/bold]  {say(lang, '截至', 'as of')} {answer.as_of} · {question.role}",
        highlight=False,
    )
    shown = answer.rows if everything else answer.rows[:SHOWN_ROWS]
    numeric = [any(isinstance(row[place], int | Decimal) for row in shown) for place in range(len(answer.columns))]
    table = Table(
        *(
            Column(said.zh if lang is Lang.ZH else name, justify="right" if is_number else "left", overflow="fold")
            for (name, said), is_number in zip(answer.columns.items(), numeric, strict=True)
        )
    )
    for row in shown:
        table.add_row(*map(_text, row))
    console.print(table)
    left = len(answer.rows) - len(shown)
    more = say(lang, f",另有 {left} 行,见 --all", f", {left} more with --all") if left else ""
    console.print(
        say(lang, f"{len(shown)} 行{more}。SQL:{question.file}", f"{len(shown)} rows{more}. SQL: {question.file}"),
        highlight=False,
    )


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
    table = Table("", say(lang, "问题", "question"), say(lang, "角色", "role"), say(lang, "文件", "file"))
    for one in found:
        table.add_row(str(one.number), _said(one, lang), one.role, one.name)
    Console().print(table)


def _said(question: Question, lang: Lang) -> str:
    return question.text.zh if lang is Lang.ZH else question.text.en


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{round(value, 4 if abs(value) < 10 else 2):,f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list):
        return "、".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return str(value)


def _json(value: object) -> object:
    if isinstance(value, Decimal):
        return json_value(value)
    return value.isoformat() if isinstance(value, date) else value
