"""The tables that measurements write into the docs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.marked import PAGES, write_section
from tests.bench.measure import Cost
from tests.bench.measurements import MEASUREMENTS
from tests.bench.rows import Row, table


def test_a_bound_is_met_or_missed_and_a_row_without_one_says_neither() -> None:
    rows = [
        Row.of_cost("a file", "一份文件", Cost(1.234, 0.5, 0.25), 1.7),
        Row("the same ÷ another", "与另一种之比", 2.51, " ×", most=2.5),
        Row("cells", "单元格", 299_999, " cells/s", least=300_000),
        Row("between", "之间", 0.9, " ×", least=0.8, most=1.2),
        Row.of_cost("no bound", "没有目标", Cost(65.43, 1, 1)),
    ]
    assert [row.is_met for row in rows] == [True, False, False, True, None]
    lines = table(rows, "en").splitlines()
    assert lines[2] == "| a file | 1.23 s | 0.5 + 0.2 s | ≤ 1.7 s | met |"
    assert lines[3] == "| the same ÷ another | 2.51 × |  | ≤ 2.5 × | **missed** |"
    assert lines[4] == "| cells | 299,999 cells/s |  | ≥ 300,000 cells/s | **missed** |"
    assert lines[6] == "| no bound | 65.4 s | 1.0 + 1.0 s |  |  |"
    assert "missed" not in table(rows, "en", is_judged=False)
    assert table(rows, "zh").splitlines()[3] == "| 与另一种之比 | 2.51 × |  | ≤ 2.5 × | **未达到** |"


def test_a_section_is_written_between_its_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- path: written by make bench -->\nold\n<!-- end of path -->\nb\n", encoding="utf-8")
    write_section(page, "path", "new")
    assert page.read_text(encoding="utf-8") == "a\n<!-- path: written by make bench -->\n\nnew\n\n<!-- end of path -->\nb\n"
    with pytest.raises(SystemExit, match="no section between"):
        write_section(page, "day", "new")


@pytest.mark.parametrize("name", [*MEASUREMENTS, "curve"])
@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_both_pages_have_a_section_of_every_measurement(page: Path, name: str) -> None:
    written = page.read_text(encoding="utf-8")
    assert written.count(f"<!-- {name}: written by make bench -->") == written.count(f"<!-- end of {name} -->") == 1
