"""A report with a sender, a suite, a fact, a mart, a check and a figure of its own, to be added to a copy of the sample district."""

from __future__ import annotations

import shutil
from pathlib import Path

ADDED = Path(__file__).parent / "added_report"
REPORT = {"include/contracts/mask_stock.odcs.yaml", "expectations/mask_stock.json"}
"""What a report is, besides its sample."""
SAMPLE_NAME = "口罩库存日报(3月18日).csv"
SAMPLE = "仓库,仓库类别,库存数量,库存金额(万元)\n一号库,市库,5000,1.25\n二号库,区级库,300,0.1\n三号库,区级库,-4,0\n".encode(
    "gb18030"
)


def new_files() -> set[str]:
    """The files that are added, by their place in a district."""
    return {path.relative_to(ADDED / "new").as_posix() for path in (ADDED / "new").rglob("*") if path.is_file()}


def add(district: Path, names: set[str] | None = None) -> None:
    """Lay the files into a district; all of them, and the lines for files that are there, where none are named."""
    for name in new_files() if names is None else names:
        shutil.copy(ADDED / "new" / name, district / name)
    if names is None:
        append(district)


def append(district: Path) -> None:
    """Add the lines for files that are there."""
    for path in (ADDED / "appended").rglob("*"):
        if path.is_file():
            there = district / path.relative_to(ADDED / "appended")
            there.write_text(there.read_text(encoding="utf-8") + path.read_text(encoding="utf-8"), encoding="utf-8")
