"""The command `quality`: one page a month on the district's statistics."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from fugong.cli.common import AsJson, KnownAt, Lang, Language, as_day, opened_warehouse, print_json, progress_bar, say


def register(app: typer.Typer) -> None:
    """Add the command `quality`."""
    app.command("quality")(quality)


def as_month(text: str) -> date:
    """A month as typed: ISO 8601."""
    try:
        return as_day(f"{text}-01")
    except typer.BadParameter:
        raise typer.BadParameter(f"{text!r} 不是月份,请写成 2020-03 | not a month; write it like 2020-03") from None


def quality(
    month: Annotated[
        date, typer.Option("--month", parser=as_month, metavar="MONTH", help="哪一月,如 2020-03 | Which, such as 2020-03")
    ],
    known_at: KnownAt = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写到 .md 文件 | Write to a .md file")] = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Print or write the page of a month."""
    from fugong.quality import markdown, page

    if output is not None and output.suffix.lower() != ".md":
        raise typer.BadParameter(f"{output.name}: .md", param_hint="--output")
    with opened_warehouse() as (settings, connection), progress_bar(is_shown=False if as_json else None) as bar:
        task = bar.add_task(say(lang, "重演各知悉日", "replaying days of knowledge"), total=None)
        composed = page.compose(
            settings,
            connection,
            month,
            known_at,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json(composed.to_json())
    elif output is None:
        typer.echo(markdown.write(composed, lang), nl=False)
    if output is not None:
        output.write_text(markdown.write(composed, lang), encoding="utf-8", newline="")
