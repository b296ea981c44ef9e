"""A clerk spoils a report in ten ways, mends what comes back, and the district's figures are those of a right report."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fugong.operations.build_marts import build_marts
from fugong.validation.context import IntakeContext
from tests.fixtures.inbox import INDUSTRY_HEADER, REGISTER_HEADER, Inbox, as_csv, as_xlsx, code, industry_row, register_row

TITLES = ["上街区规上工业企业复工复产日报表", "填报单位:区工业和信息化局    统计日期:2020年3月18日"]
FIRMS = range(1, 31)
CODE, TOWNSHIP, RESUMED, ON, STAFF, AT_WORK = "统一社会信用代码", "所属镇办", "是否复工", "复工日期", "正常用工人数", "到岗人数"
SPOILED: dict[int, tuple[str, object, object]] = {
    2: (AT_WORK, "约90", 90),
    4: (AT_WORK, "—", 90),
    6: (STAFF, "一百", 100),
    8: (CODE, None, code(8)),
    10: (CODE, code(10)[:-1] + ("A" if code(10)[-1] != "A" else "B"), code(10)),
    12: (CODE, 914101060000102720, code(12)),
    14: (RESUMED, "部分", "是"),
    16: (TOWNSHIP, "中心大街", "中心路街道"),
    18: (ON, "2020年2月30日", "2020-02-10"),
    20: (CODE, code(21), code(20)),
}
"""Firm → column, what was typed, and what is typed after reading the comment. 20 repeats the code of 21, so both go back."""
RETURNED = sorted([*SPOILED, 21])


def rows(*, is_spoiled: bool) -> list[list[object]]:
    """The report's rows, right or with the ten mistakes."""
    out: list[list[object]] = [[*industry_row(number, on_post=90)] for number in FIRMS]
    for number, (header, typed, _) in SPOILED.items() if is_spoiled else ():
        out[number - 1][INDUSTRY_HEADER.index(header)] = typed
    return out


def spoiled() -> bytes:
    """The report as it is sent: a total at the end, a note, a merged title, a hidden line, digits of full width."""
    content = as_xlsx(INDUSTRY_HEADER, rows(is_spoiled=True), TITLES)
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    page.merge_cells("A1:K1")
    page.append(["合计", None, None, None, None, None, None, None, 3000, 2700])
    page.append(["填表人:张三"])
    page.row_dimensions[20].hidden = True
    page["I5"].value = "１００"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def right(empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path: Path) -> Inbox:
    """Another installation, to which the right report is sent."""
    return Inbox.create(empty_warehouse, f"right_{tmp_path.name[-40:].casefold()}", tmp_path / "right", context)


def figures(inbox: Inbox) -> list[tuple[Any, ...]]:
    """What the district reads of that day."""
    build_marts(inbox.settings)
    return inbox.rows(
        "SELECT to_jsonb(mart) FROM mart.resumption_daily AS mart WHERE as_of = '2020-03-18' ORDER BY scope, dimension, member"
    )


def test_ten_mistakes_are_mended_from_the_receipt_alone(inbox: Inbox, right: Inbox) -> None:
    register = as_csv(REGISTER_HEADER, [register_row(number) for number in FIRMS])
    for one in (inbox, right):
        assert one.send("TJJ", "R00 3.10.csv", register).state == "accepted"
    good = right.send("GXJ", "R01 3.18.xlsx", as_xlsx(INDUSTRY_HEADER, rows(is_spoiled=False), TITLES))
    assert (good.state, good.rows_accepted) == ("accepted", len(FIRMS))

    first = inbox.send("GXJ", "R01 3.18最终版(2).xlsx", spoiled())
    assert (first.state, first.rows_read, first.rows_accepted, first.rows_set_aside) == ("partly_accepted", 32, 19, 11)
    assert figures(inbox) != figures(right)

    [path] = (inbox.settings.outbox / "GXJ").glob("*.回执.xlsx")
    book = openpyxl.load_workbook(path)
    page = book["退回行"]
    headers = [cell.value for cell in page[3]]
    assert [row[1] for row in page.iter_rows(min_row=4, values_only=True)] == [str(number) for number in RETURNED]
    for row in page.iter_rows(min_row=4):
        number = int(row[1].value)
        header, typed, mended = SPOILED.get(number, (CODE, None, code(21)))
        cell = row[headers.index(header)]
        assert cell.comment is not None, f"{number}: {typed} has no comment"
        assert cell.fill.fgColor.rgb == "FFFFEB3B"
        page.cell(cell.row, cell.column, mended)
    out = io.BytesIO()
    book.save(out)
    repair = inbox.send("GXJ", "改好了.xlsx", out.getvalue())
    assert (repair.state, repair.rows_accepted) == ("accepted", 11), inbox.receipt(repair)["findings"]
    assert inbox.state(first) == "accepted"
    assert inbox.is_balanced()
    assert figures(inbox) == figures(right)
