"""The command `sample`: writes the district's sample files, by the package `include/samples/fugong_samples` of the district."""

from __future__ import annotations

import sys
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from fugong.cli.common import (
    as_day,
    notes,
    progress_bar,
)
from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings

PACKAGE = "fugong_samples"


def register(app: typer.Typer) -> None:
    """Add the command `sample`."""
    app.command("sample")(sample)


def sample(
    to: Annotated[Path, typer.Option("--to", help="写到哪里;$FUGONG_HOME/inbox 即投件 | Where to write; the inbox drops them")],
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of", parser=as_day, metavar="DATE", help="写到哪一天,缺省到最后一天 | Up to this day; all if left out"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="随机种子 | Seed")] = 1,
    scale: Annotated[int, typer.Option(min=1, help="企业数放大倍数 | Multiplies the enterprises")] = 1,
) -> None:
    """生成样例区的报表文件 | Write the sample district's files."""
    samples = load_samples(Settings.load().include)
    with progress_bar() as bar:
        bar.add_task("生成样例 | writing the sample district", total=None)
        files = samples.write_district(to, seed=seed, scale=scale, **({} if as_of is None else {"as_of": as_of}))
    manifest = files[-1]
    notes().print(
        f"已写 {len(files)} 个文件到 {to}。这是 2020 年的历史,到达时刻在 {manifest}:请用 fugong ingest --history {manifest} 补录 | wrote "
        f"{len(files)} files of the past; their moments of arrival are in {manifest}: run fugong ingest --history {manifest}",
        highlight=False,
    )


def load_samples(include: Path) -> ModuleType:
    """Import the district's package of samples under its own name; nothing is added to the search path.

    Args:
        include: the district's `include` folder.

    Returns:
        The package. It has `write_district(to, *, as_of, seed, scale)`, which returns the files it wrote.

    Raises:
        ConfigurationError: the district has no such package.
    """
    file = include / "samples" / PACKAGE / "__init__.py"
    if not file.is_file():
        raise ConfigurationError(f"{file.parent}: 本辖区没有样例生成程序 | this district has no package that writes samples")
    loaded = sys.modules.get(PACKAGE)
    if loaded is not None and loaded.__file__ == str(file):
        return loaded
    for name in [name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")]:
        del sys.modules[name]  # another district's
    spec = spec_from_file_location(PACKAGE, file, submodule_search_locations=[str(file.parent)])
    assert spec is not None and spec.loader is not None  # the file ends in .py
    package = sys.modules[PACKAGE] = module_from_spec(spec)
    spec.loader.exec_module(package)
    return package
