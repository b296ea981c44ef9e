"""A cell that a sender leaves empty is not zero: the figure says beside its number how many lines do not give it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from fugong.figures.figure import Figure, figures
from fugong.operations.build_marts import build_marts
from fugong.warehouse.connection import connect
from include.samples.fugong_samples import arrived
from tests.fixtures.inbox import Inbox

DAY = date(2020, 3, 18)
FILES = {
    "S034": ("ZRZY", "土地供应台账", "计划", "计划面积", "计划中有 {} 行未填面积"),
    "S065": ("FGW", "重点项目台账", "项目", "年度计划投资", "{} 个项目未填年度计划投资"),
    "S068": ("FGW", "重点项目台账", "项目", "年度计划投资", "{} 个项目未填年度计划投资"),
    "S073": ("SWJ", "招商签约台账", "Sheet1", "总投资", "{} 个项目未填总投资"),
}
"""Figure → sender, report in the name of the file, sheet, beginning of the header, what is said beside the number."""
COUNTED = {"S068": ("是否列入省市重点", "是"), "S073": ("协议类型", "正式合同")}
"""Figure → header, text: the lines that it counts."""


def newest(department: str, report: str) -> tuple[str, bytes]:
    """The sample's last file of a report, up to the day."""
    found = [one for one in arrived(as_of=DAY, seed=1, scale=1) if one.department == department and report in one.name]
    return found[-1].name, found[-1].content()


def blanked(content: bytes, of_figure: str, most: int | None) -> tuple[bytes, int, Decimal]:
    """The file with the cells of a figure's lines empty, the first `most` of them; how many are, and the sum of what is left, as typed."""
    _, _, sheet_name, begins, _ = FILES[of_figure]
    book = openpyxl.load_workbook(BytesIO(content))
    sheet = book[sheet_name]
    lines = list(sheet.iter_rows())
    [header] = [line for line in lines if any(str(cell.value or "").startswith(begins) for cell in line)]
    [column] = [at for at, cell in enumerate(header) if str(cell.value or "").startswith(begins)]
    name, text = COUNTED.get(of_figure, (header[0].value, None))
    [by] = [at for at, cell in enumerate(header) if cell.value == name]
    n, left = 0, Decimal(0)
    for line in lines[lines.index(header) + 1 :]:
        cell: Any = line[column]
        is_line = isinstance(cell.value, int | float) and line[by].value not in (None, "合计")
        if not is_line or (text is not None and line[by].value != text):
            continue
        if most is None or n < most:
            cell.value = None
            n += 1
        else:
            left += Decimal(str(cell.value))
    out = BytesIO()
    book.save(out)
    return out.getvalue(), n, left


def evaluated(inbox: Inbox, of_figure: str, most: int | None) -> tuple[Figure, int, Decimal]:
    """A figure of a district whose only file has empty cells."""
    department, report, *_ = FILES[of_figure]
    name, content = newest(department, report)
    content, n, left = blanked(content, of_figure, most)
    outcome = inbox.send(department, name, content)
    assert inbox.state(outcome) in {"accepted", "partly_accepted"}
    build_marts(inbox.settings)
    with connect(inbox.settings) as connection:
        [found] = figures(connection, inbox.settings.include, DAY, ids=[of_figure])
        return found, n, left


@pytest.mark.parametrize("of_figure", FILES)
def test_lines_that_do_not_give_an_amount_are_named_beside_the_sum(inbox: Inbox, of_figure: str) -> None:
    found, n, left = evaluated(inbox, of_figure, 2)
    assert n == 2
    assert found.value is not None
    assert found.value in {left, left * 10**8}
    said = FILES[of_figure][4]
    assert [one.zh for one in found.warnings if said.format(2) in one.zh]


@pytest.mark.parametrize("of_figure", FILES)
def test_where_no_line_gives_it_nothing_is_known(inbox: Inbox, of_figure: str) -> None:
    found, n, _ = evaluated(inbox, of_figure, None)
    assert n > 2
    assert found.value is None
    assert found.display == "无法确定"


def test_no_progress_is_computed_against_a_plan_that_is_not_whole(inbox: Inbox) -> None:
    evaluated(inbox, "S065", 2)
    of_cells = inbox.rows("SELECT n_without_plan > 0, completion IS NULL FROM mart.project_daily WHERE as_of = %s", DAY)
    assert (True, True) in of_cells
    assert (True, False) not in of_cells
    assert (False, False) in of_cells
