"""The commands `new …`: lay files to begin with, from the skeleton that ships with the program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fugong.cli.common import ENGINEERS, notes
from fugong.core.errors import RefusedError
from fugong.core.schema import SCHEMAS

SKELETON = Path(__file__).resolve().parents[1] / "skeleton"
RENAMED = {"gitignore": ".gitignore"}
"""Files that would mean something where the skeleton lies → their names in a district."""

new_app = typer.Typer(help="新建辖区 | Lay a new district", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands `new …`."""
    app.add_typer(new_app, name="new", rich_help_panel=ENGINEERS)


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
