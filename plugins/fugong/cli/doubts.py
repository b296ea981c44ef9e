"""The command `doubts`: whom to call about which cell before the figures of a day are printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from fugong.cli.common import (
    AsJson,
    AsOf,
    KnownAt,
    Lang,
    Language,
    names_what_is_broken,
    opened_warehouse,
    print_json,
    print_moment,
    progress_bar,
    say,
)
from fugong.cli.console import Console

if TYPE_CHECKING:
    from fugong.doubts.calls import Calls

FIGURES_SHOWN = 3


def register(app: typer.Typer) -> None:
    """Add the command `doubts`."""
    app.command("doubts")(names_what_is_broken(doubts))


def doubts(
    as_of: AsOf,
    known_at: KnownAt = None,
    everything: Annotated[
        bool, typer.Option("--all", help="不影响末位数字的也列出 | Also calls that change no last digit")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="写成 csv、xlsx 或 parquet | Write csv, xlsx or parquet")
    ] = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print the calls that decide the printed figures of a day, what each would change, and when to stop."""
    from fugong.doubts import asking
    from fugong.doubts.calls import calls

    form = _form(output)
    with opened_warehouse() as (settings, connection), progress_bar(is_shown=False if as_json else None) as bar:
        task = bar.add_task(say(lang, "逐个设想", "what if"), total=None)
        found = calls(
            connection, settings, as_of, known_at, on_progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    if output is not None:
        _write(found, output, form, lang)
    if as_json:
        print_json(asking.to_json(found, lang))
    elif output is None:
        _print(found, lang, everything=everything)
    else:
        Console().print(say(lang, f"{output}  {len(found.calls)} 行", f"{output}  {len(found.calls)} rows"), highlight=False)


def _form(output: Path | None) -> str:
    from fugong.analysis import formats

    form = "" if output is None else output.suffix.removeprefix(".").lower()
    if output is not None and form not in formats.FORMATS:
        raise typer.BadParameter(f"{output}: {', '.join(formats.FORMATS)}", param_hint="--output")
    return form


def _print(found: Calls, lang: Lang, *, everything: bool) -> None:
    from fugong.doubts import asking

    console = Console()
    print_moment(console, lang, found.as_of, found.known_at)
    shown = found.calls if everything else found.calls[: found.n_deciding]
    if shown:
        table = Table(show_lines=True)
        table.add_column("", justify="right")
        for title in (
            say(lang, "打给", "call"),
            say(lang, "问什么", "what to ask"),
            say(lang, "指标:现在 → 若是", "figure: now → if so"),
        ):
            table.add_column(title, overflow="fold")
        for at, call in enumerate(shown):
            table.add_row(
                str(at + 1),
                f"{call.origin.department_code} {call.origin.department.text_in(lang)}\n[dim]{call.contact.text_in(lang)}[/dim]",
                f"{asking.question(call).text_in(lang)}\n[dim]{asking.place(call).text_in(lang)}[/dim]",
                "\n".join(asking.figures(call, most=FIGURES_SHOWN)) or say(lang, "末位不变", "no digit"),
            )
        console.print(table)
    for one in found.decisions:
        console.print(asking.decision(one).text_in(lang), highlight=False)
    console.print(f"[bold]{asking.stop(found).text_in(lang)}[/bold]", highlight=False)
    for rest in (asking.unanswerable(found), asking.answered(found)):
        if rest:
            console.print(rest.text_in(lang), highlight=False)


def _write(found: Calls, output: Path, form: str, lang: Lang) -> None:
    """Write one row for each call."""
    from fugong.analysis import formats
    from fugong.core.bilingual import Bilingual
    from fugong.doubts import asking

    named = {
        "number": ("integer", "次序", "Order"),
        "is_deciding": ("boolean", "决定末位数字", "Decides a last digit"),
        "department": ("text", "部门", "Department"),
        "contact": ("text", "联系岗位", "Post to call"),
        "question": ("text", "问什么", "What to ask"),
        "place": ("text", "哪一行", "Which line"),
        "figures": ("text", "指标:现在 → 若是", "Figure: now → if so"),
    }
    columns = [formats.Column(name, kind, Bilingual(zh, en)) for name, (kind, zh, en) in named.items()]

    def rows() -> Iterator[tuple[Any, ...]]:
        for at, call in enumerate(found.calls):
            yield (
                at + 1,
                at < found.n_deciding,
                call.origin.department.text_in(lang),
                call.contact.text_in(lang),
                asking.question(call).text_in(lang),
                asking.place(call).text_in(lang),
                "; ".join(asking.figures(call, most=len(call.effect.printed))),
            )

    about = {"as_of": found.as_of.isoformat(), "known_at": found.known_at.isoformat(), "stop": asking.stop(found).text_in(lang)}
    formats.write(formats.Table("doubts", columns, rows(), about), output, form)
