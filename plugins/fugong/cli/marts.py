"""The command `marts`: rebuilds marts, or writes them as they were known at a moment."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.table import Table

from fugong.analysis import export, formats
from fugong.cli.common import (
    AsJson,
    From,
    KnownAt,
    Lang,
    Language,
    To,
    opened_warehouse,
    print_json,
    progress_bar,
    say,
)
from fugong.cli.console import Console
from fugong.core.settings import Settings
from fugong.core.time import each_day, month_of
from fugong.marts import asof, build, gate
from fugong.marts.schema import sound_files
from fugong.operations.build_marts import refuse_faulty
from fugong.warehouse.connection import connect_as_loader


def register(app: typer.Typer) -> None:
    """Add the command `marts`."""
    app.command("marts")(marts_)


def marts_(
    first: From = None,
    last: To = None,
    known_at: KnownAt = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Parquet 写到哪里 | Folder for Parquet")
    ] = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Build what is out of date, or the days given; with --known-at write every mart as it was known then."""
    if (known_at is None) != (output is None):
        raise typer.BadParameter("--known-at 和 -o 要一起用 | --known-at and -o go together", param_hint="--known-at")
    if first and last and first > last:
        raise typer.BadParameter(f"{first} > {last}", param_hint="--from")
    with opened_warehouse() as (settings, connection):
        if known_at is not None and output is not None:
            with gate.one_state(connection):
                written = _write_parquet(connection, settings, first, last, known_at, output, lang)
            if as_json:
                print_json({"known_at": known_at.isoformat(), "rows": written})
            return
        days: list[date] | None = None
        if first or last:
            days = list(each_day(first or last or date.today(), last or first or date.today()))  # noqa: DTZ011
        with progress_bar(is_shown=False if as_json else None) as progress:
            task = progress.add_task(say(lang, "汇总", "marts"), total=None)

            def on_progress(mart: str, done: int, total: int) -> None:
                progress.update(task, description=mart or say(lang, "完成", "done"), completed=done, total=total)

            built = build.build(
                connection, settings.include, days=days, on_progress=on_progress, connect=lambda: connect_as_loader(settings)
            )
    _print_built(built, lang, as_json=as_json)
    refuse_faulty(map(str, built.faulty.values()))


def _print_built(built: build.Built, lang: Lang, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "marts": list(built.marts),
                "days": [day.isoformat() for day in built.days],
                "seconds": round(built.seconds, 3),
                "rows": dict(built.rows),
                "known_at": built.known_at.isoformat() if built.known_at else None,
            }
        )
        return
    console = Console()
    if not built.marts:
        console.print(say(lang, "没有需要重算的日期。", "Nothing is out of date."))
        return
    table = Table("mart", say(lang, "行数", "rows"))
    for mart, n_rows in built.rows.items():
        table.add_row(mart, str(n_rows))
    console.print(table)
    span = f"{built.days[0]} … {built.days[-1]}"
    console.print(
        say(
            lang,
            f"{len(built.days)} 天({span}),{built.seconds:.1f} 秒。",
            f"{len(built.days)} days ({span}), {built.seconds:.1f} s.",
        )
    )


def _write_parquet(
    connection: psycopg.Connection,
    settings: Settings,
    first: date | None,
    last: date | None,
    known_at: datetime,
    output: Path,
    lang: Lang,
) -> dict[str, int]:
    reported = sorted(asof.reported_days(connection))
    with asof.session_at(connection, None, known_at):
        earliest = connection.execute("SELECT MIN(business_from) FROM asof.part WHERE mode = 'increment'").fetchone()
    starts: list[date] = [*reported[:1], *([earliest[0]] if earliest and earliest[0] else [])]
    start = first or min(starts, default=None)
    end = last or (reported[-1] if reported else None)
    days = list(each_day(start, end)) if start and end else []
    output.mkdir(parents=True, exist_ok=True)
    written: dict[str, int] = {}
    known = set(reported)
    with progress_bar() as progress:
        files = sound_files(connection, settings.include)
        for mart in progress.track(files.marts, description="Parquet"):
            wanted = [day for day in days if day in known or first] if mart.partition_by == "as_of" else days
            if mart.partition_by == "period":
                wanted = sorted(set(map(month_of, wanted)))
            with export.replay_mart(connection, mart, wanted, (None, None), known_at) as table:
                written[mart.name] = formats.write(table, output / f"{mart.name}.parquet", "parquet")
    Console(stderr=True).print(
        say(
            lang,
            f"知悉时点 {known_at.isoformat()},{len(written)} 张表写入 {output}",
            f"Known at {known_at.isoformat()}: {len(written)} marts in {output}",
        )
    )
    refuse_faulty(map(str, files.faulty.values()))
    return written
