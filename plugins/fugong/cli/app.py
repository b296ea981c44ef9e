"""The `fugong` command; `catalogue` has its words."""

from __future__ import annotations

import atexit
import gc
import os
from typing import Annotated

import typer

from fugong.cli.catalogue import Words
from fugong.storage.modes import UMASK

FEW_OBJECTS = 100_000
"""A command that reads makes some 70,000 objects that live to its end; looking for garbage among them took it a tenth of its time."""

app = typer.Typer(
    name="fugong",
    cls=Words,
    help="复工:部门报表 → 回执 → 仓库 → 汇总 → 指标,每个数字都能追到原始行。| Departments' files in, traceable figures out.",
    epilog="退出码 0 完成 · 1 没有或不允许 · 2 用法或配置有错 · 3 数据库连不上 · 4 先运行 fugong init | "
    "Exit codes: 0 done, 1 not there or refused, 2 usage or configuration, 3 database away, 4 run `fugong init`",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(is_asked: bool) -> None:
    if is_asked:
        from fugong.core.build import this_build

        typer.echo(this_build())
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="版本和提交 | Version and commit")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command; `errors` says how it ends. Every file that it makes is for this account alone, those named by `-o` too."""
    os.umask(UMASK)
    gc.set_threshold(FEW_OBJECTS)
    atexit.register(gc.freeze)  # the process ends: what it still holds need not be gone through
    app()
