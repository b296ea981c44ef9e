"""The command `sample`: writes the files of the district's sample."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from fugong.cli.common import (
    ENGINEERS,
    as_day,
    notes,
    progress_bar,
)
from fugong.core.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command `sample`."""
    app.command("sample", help="生成样例区的报表文件 | Write the sample district's files", rich_help_panel=ENGINEERS)(sample)


def sample(
    to: Annotated[Path, typer.Option("--to", help="写到哪里;$FUGONG_HOME/inbox 即投件 | Where to write; the inbox drops them")],
    as_of: Annotated[date, typer.Option("--as-of", parser=as_day, metavar="DATE", help="写到哪一天 | Up to this day")] = date(
        2020, 3, 18
    ),
    seed: Annotated[int, typer.Option(help="随机种子 | Seed")] = 1,
    scale: Annotated[int, typer.Option(min=1, help="企业数放大倍数 | Multiplies the enterprises")] = 1,
) -> None:
    """生成样例区的报表文件 | Write the sample district's files."""
    import importlib

    settings = Settings.load()
    sys.path.insert(0, str(settings.include / "samples"))
    try:
        district = importlib.import_module("district")
    finally:
        sys.path.pop(0)
    with progress_bar() as bar:
        bar.add_task("生成样例 | writing the sample district", total=None)
        files = district.write_district(to, as_of=as_of, seed=seed, scale=scale)
    notes().print(f"已写 {len(files)} 个文件到 {to};历史清单 {to / 'history.csv'} | wrote {len(files)} files", highlight=False)
