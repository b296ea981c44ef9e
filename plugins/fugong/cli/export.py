"""The command `export`: marts as Parquet, CSV or workbooks, as a role sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fugong.analysis import export, formats
from fugong.cli.common import AsJson, From, KnownAt, Lang, Language, To, names_what_is_broken, print_json, say
from fugong.cli.console import Console
from fugong.core.errors import RefusedError
from fugong.core.settings import Settings
from fugong.marts import asof
from fugong.marts.sql_files import load_sound_sql_files
from fugong.warehouse.connection import connect_as, connect_as_loader


def register(app: typer.Typer) -> None:
    """Add the command `export`."""
    app.command("export")(names_what_is_broken(export_))


def export_(
    names: Annotated[list[str] | None, typer.Argument(metavar="[MART]...", help="哪些汇总 | Which marts")] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR|FILE", help="目录,或一张汇总的文件 | A folder, or the file of one mart")
    ] = Path(),
    form: Annotated[str, typer.Option("--format", help="parquet csv xlsx;缺省看文件名 | By the file's name if left out")] = "",
    everything: Annotated[bool, typer.Option("--all", help="所有汇总 | Every mart")] = False,
    role: Annotated[str, typer.Option(help="以谁的身份:analyst 只见 open | As whom: an analyst sees `open` only")] = "analyst",
    first: From = None,
    last: To = None,
    known_at: KnownAt = None,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Write marts to files, a file each."""
    settings = Settings.load()
    if bool(names) == everything:
        raise typer.BadParameter("写出汇总的名字,或用 --all | name marts, or say --all", param_hint="MART")
    ending = output.suffix.removeprefix(".").lower()
    form = form or (ending if ending in formats.FORMATS else "parquet")
    if form not in formats.FORMATS:
        raise typer.BadParameter(f"{form}: {', '.join(formats.FORMATS)}", param_hint="--format")
    written: dict[str, int] = {}
    files = load_sound_sql_files(settings.include / "sql")
    is_open = not export.sees_everything(role)
    wanted = list(files.marts) if everything else [files.mart(name) for name in names or []]
    if is_open and everything:
        wanted = [mart for mart in wanted if mart.is_open]
    if closed := [mart.name for mart in wanted if is_open and not mart.is_open]:
        shown = ", ".join(mart.name for mart in files.marts if mart.is_open)
        raise RefusedError(
            f"{role} 看不到 {', '.join(closed)},可见 {shown} | not open to {role}: {', '.join(closed)}. Open: {shown}"
        )
    is_file = output.suffix.lower() == f".{form}"
    if is_file and len(wanted) > 1:
        raise typer.BadParameter("几张汇总请给目录 | several marts need a folder", param_hint="--output")
    connecting = connect_as(settings, role) if known_at is None else connect_as_loader(settings)
    with connecting as connection:
        for mart in wanted:
            target = output if is_file else output / f"{mart.name}.{form}"
            if known_at is None:
                opening = export.open_mart(connection, mart, (first, last), is_open=is_open)
            else:
                days = export.days_to_replay(asof.reported_days(connection), mart, first, last)
                if is_open:
                    opening = export.replay_open_mart(connection, mart, days, (first, last), known_at)
                else:
                    opening = export.replay_mart(connection, mart, days, (first, last), known_at)
            with opening as table:
                written[str(target)] = formats.write(table, target, form)
    if as_json:
        print_json({"role": role, "known_at": known_at.isoformat() if known_at else None, "rows": written})
        return
    console = Console()
    for target, n_rows in written.items():
        console.print(say(lang, f"{target}  {n_rows:,} 行", f"{target}  {n_rows:,} rows"), highlight=False)
