"""The commands `new …`: lay files to begin with, from the skeleton and the starters that ship with the program."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from fugong.cli.common import notes
from fugong.core.errors import RefusedError
from fugong.core.schema import SCHEMAS
from fugong.core.settings import Settings

SKELETON = Path(__file__).resolve().parents[1] / "skeleton"
RENAMED = {"gitignore": ".gitignore"}
"""Files that would mean something where the skeleton lies → their names in a district."""

new_app = typer.Typer(
    help="新建辖区、报表、汇总、指标、核对 | Lay a new district, report, mart, figure or check", no_args_is_help=True
)
NameZh = Annotated[str, typer.Option("--name-zh", help="中文名称 | Name in Chinese")]
NameEn = Annotated[str, typer.Option("--name-en", help="英文名称 | Name in English")]
Reads = Annotated[str, typer.Option("--reads", metavar="FACT", help="读哪个事实表 | The fact that it reads")]


def register(app: typer.Typer) -> None:
    """Add the commands `new …`."""
    app.add_typer(new_app, name="new")


@new_app.command("district")
def new_district(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="空的或还没有的文件夹 | A folder that is empty or does not exist yet")
    ],
) -> None:
    """新建一个可以运行的空辖区:一张示例报表,一个指标 | An empty district that works: one example report, one figure."""
    n_files = lay_district(folder)
    notes().print(
        f"已写 {n_files} 个文件到 {folder};请看其中的 README.zh-CN.md | wrote {n_files} files; see its README.md", highlight=False
    )


@new_app.command("report")
def new_report(
    name: Annotated[str, typer.Argument(metavar="NAME", help="标识,如 opening_hours | Its id")],
    department: Annotated[str, typer.Option("--department", "-d", help="报送部门代码 | The department that sends it")],
    name_zh: NameZh,
    name_en: NameEn,
    number: Annotated[
        str | None, typer.Option("--number", help="报表编号;默认取下一个 | Its number; the next free one without it")
    ] = None,
) -> None:
    """新报表:契约、规则、事实表三个文件 | A report: contract, suite and fact."""
    from fugong.configuration import starter

    settings = Settings.load()
    _tell(settings, starter.new_report(settings, name, department=department, number=number, name_zh=name_zh, name_en=name_en))


@new_app.command("mart")
def new_mart(
    name: Annotated[str, typer.Argument(metavar="NAME", help="名称,如 opening_daily | Its name")],
    reads: Reads,
    column: Annotated[str, typer.Option("--sum", metavar="COLUMN", help="合计哪一列 | The column that it adds up")],
) -> None:
    """新汇总表:某事实表一列的按日合计 | A mart: the sum of one column of a fact, by day."""
    from fugong.configuration import starter

    settings = Settings.load()
    _tell(settings, starter.new_mart(settings, name, fact=reads, column=column))


@new_app.command("figure")
def new_figure(
    figure: Annotated[str, typer.Argument(metavar="ID", help="编号,如 S101 | Its id")],
    mart: Annotated[str, typer.Option("--mart", help="取自哪个汇总表 | The mart that it is taken from")],
    column: Annotated[str, typer.Option("--column", help="哪一列 | The column")],
    name_zh: NameZh,
    name_en: NameEn,
) -> None:
    """新指标 | A figure."""
    from fugong.configuration import starter

    settings = Settings.load()
    _tell(settings, starter.new_figure(settings, figure, mart=mart, column=column, name_zh=name_zh, name_en=name_en))


@new_app.command("check")
def new_check(
    check: Annotated[str, typer.Argument(metavar="ID", help="编号,如 X30 | Its number")],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="文件名中的名称,如 hours_of_closed_shops | Its name in the file's name")
    ],
    reads: Reads,
    touches: Annotated[str, typer.Option("--touches", metavar="FIGURE", help="影响哪个指标 | The figure that it bears on")],
) -> None:
    """新核对:先什么也查不出,把条件写进去 | A check that finds nothing until you write its condition."""
    from fugong.configuration import starter

    settings = Settings.load()
    _tell(settings, starter.new_check(settings, check, name=name, fact=reads, figure=touches))


def _tell(settings: Settings, files: Sequence[Path]) -> None:
    for file in files:
        where = file.relative_to(settings.district) if file.is_relative_to(settings.district) else file
        typer.echo(str(where))
    notes().print(
        "改好后运行 fugong lint,再运行 fugong init | Change them, then run fugong lint and fugong init", highlight=False
    )


def lay_district(folder: Path) -> int:
    """Copy the skeleton of a district, and the JSON Schemas that its editors complete by.

    Returns:
        How many files were written.

    Raises:
        RefusedError: the folder is a file, or holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RefusedError(f"{folder}: 不是空文件夹,未写入任何文件 | it is not an empty folder; nothing was written")
    for source, target in ((SKELETON, folder), (SCHEMAS, folder / "schemas")):
        for file in sorted(path for path in source.rglob("*") if path.is_file() and path.parent.name != "__pycache__"):
            copy = target / file.relative_to(source)  # not the modes of the program's own files, which everybody may read
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    for name, wanted in RENAMED.items():
        (folder / name).rename(folder / wanted)
    return sum(path.is_file() for path in folder.rglob("*"))
