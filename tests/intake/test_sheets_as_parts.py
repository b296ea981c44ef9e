"""One sheet for each township under one table: together they are one part, and each row knows its sheet and line."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence

import openpyxl
import pytest

from tests.fixtures.inbox import INDUSTRY_HEADER, Inbox, industry_row
from tests.receipts.test_resubmission import ON_POST, mended_whole

TOWNS = {"峡窝镇": [1, 2, 3], "矿山街道": [11, 12], "中心路街道": [21, 22, 23]}


def workbook(towns: Mapping[str, Sequence[int]], change: Callable[[openpyxl.Workbook], object] | None = None) -> bytes:
    """A workbook with a sheet for each township, each with the firms of these numbers."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    for name, numbers in towns.items():
        sheet = book.create_sheet(name)
        for row in (INDUSTRY_HEADER, *map(industry_row, numbers)):
            sheet.append(list(row))
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def spoilt(*places: tuple[str, int]) -> Callable[[openpyxl.Workbook], None]:
    """Write 约90 for the number at work, in a line of a sheet."""

    def change(book: openpyxl.Workbook) -> None:
        for sheet, line in places:
            book[sheet].cell(line, 10, "约90")

    return change


def test_all_sheets_are_loaded_as_one_part_and_rows_keep_sheet_and_line(inbox: Inbox) -> None:
    sent = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS))
    assert (sent.state, sent.rows_read, sent.rows_accepted) == ("accepted", 8, 8)
    assert inbox.rows("SELECT rows_read, rows_accepted FROM intake.part") == [(8, 8)]
    found = inbox.rows("SELECT sheet, row_number FROM report.industry_resumption ORDER BY part_id, uscc")
    assert sorted(found) == sorted((name, line) for name, numbers in TOWNS.items() for line in range(2, 2 + len(numbers)))
    assert inbox.is_balanced()


def test_the_next_version_replaces_all_of_them(inbox: Inbox) -> None:
    inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS))
    again = inbox.send("GXJ", "R01 3.18 V2.xlsx", workbook({**TOWNS, "矿山街道": [11, 12, 13]}))
    assert again.state == "accepted", inbox.receipt(again)["findings"]
    assert inbox.rows("SELECT count(*) FROM asof.industry_resumption") == [(9,)]


def test_rows_of_one_sheet_come_back_and_can_be_mended(inbox: Inbox) -> None:
    first = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS, spoilt(("矿山街道", 3))))
    assert (first.state, first.rows_accepted, first.rows_set_aside) == ("partly_accepted", 7, 1)
    assert inbox.rows("SELECT sheet, row_number FROM intake.set_aside_row") == [("矿山街道", 3)]
    [told] = [one for one in inbox.receipt(first)["findings"] if one["severity"] == "set_aside"]
    assert (told["sheet"], told["cell"]) == ("矿山街道", "J3")
    repair = inbox.send("GXJ", *mended_whole(inbox, first, {("退回行", 1, ON_POST): 90}))
    assert (repair.state, inbox.state(first)) == ("accepted", "accepted"), inbox.receipt(repair)["findings"]
    assert len(inbox.keys("industry_resumption", "uscc")) == 8


def test_where_rows_of_several_sheets_must_be_mended_the_whole_file_comes_back(inbox: Inbox) -> None:
    sent = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS, spoilt(("矿山街道", 3), ("峡窝镇", 3))))
    assert sent.state == "rejected"
    assert "rows-of-several-sheets" in inbox.codes(sent)
    assert inbox.rows("SELECT count(*) FROM report.industry_resumption") == [(0,)]
    places = {(one["sheet"], one["cell"]) for one in inbox.receipt(sent)["findings"] if one["cell"]}
    assert places == {("矿山街道", "J3"), ("峡窝镇", "J3")}
    mended = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS))
    assert (mended.state, mended.rows_accepted) == ("accepted", 8)


@pytest.mark.parametrize(
    "names", [("Sheet1", "Sheet2"), ("峡窝镇", "峡窝镇(备份)"), ("峡窝镇", "矿山街道", "全区"), ("3.17", "峡窝镇")]
)
def test_sheets_that_may_be_versions_or_sums_are_asked_back(inbox: Inbox, names: Sequence[str]) -> None:
    sent = inbox.send("GXJ", "R01.xlsx", workbook({name: [10 * order + 1] for order, name in enumerate(names)}))
    assert sent.state == "rejected"


def test_the_same_firm_in_two_sheets_is_asked_back_with_both_cells(inbox: Inbox) -> None:
    sent = inbox.send("GXJ", "R01 3.18.xlsx", workbook({"峡窝镇": [1, 2], "矿山街道": [2, 3]}))
    assert (sent.state, inbox.codes(sent)) == ("rejected", {"several-sheets", "duplicate-key"})
    places = {(one["sheet"], one["cell"]) for one in inbox.receipt(sent)["findings"] if one["code"] == "duplicate-key"}
    assert places == {("峡窝镇", "C3"), ("矿山街道", "C2")}
