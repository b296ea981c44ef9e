"""One sheet for each township under one table: together they are one part, and each row knows its sheet and line."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import openpyxl
import pytest

from fugong.lineage import trace
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import INDUSTRY_HEADER, REGISTER_HEADER, Inbox, as_csv, industry_row, register_row
from tests.receipts.test_resubmission import ON_POST, changed, mended_whole, workbook_of

TOWNSHIP = INDUSTRY_HEADER.index("所属镇办")
TOWNS = {"峡窝镇": [1, 2, 3], "矿山街道": [11, 12], "中心路街道": [21, 22, 23]}


def workbook(towns: Mapping[str, Sequence[int]], change: Callable[[openpyxl.Workbook], object] | None = None) -> bytes:
    """A workbook with a sheet for each township, each with the firms of these numbers."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    for name, numbers in towns.items():
        sheet = book.create_sheet(name)
        sheet.append(list(INDUSTRY_HEADER))
        for number in numbers:
            row = industry_row(number)
            row[TOWNSHIP] = name if name in TOWNS else row[TOWNSHIP]
            sheet.append(row)
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


def test_rows_of_several_sheets_come_back_each_named_by_its_sheet_and_can_be_mended(inbox: Inbox) -> None:
    first = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS, spoilt(("矿山街道", 3), ("峡窝镇", 3), ("峡窝镇", 4))))
    assert (first.state, first.rows_accepted, first.rows_set_aside) == ("partly_accepted", 5, 3)
    places = {(one["sheet"], one["cell"]) for one in inbox.receipt(first)["findings"] if one["severity"] == "set_aside"}
    assert places == {("矿山街道", "J3"), ("峡窝镇", "J3"), ("峡窝镇", "J4")}
    book = openpyxl.load_workbook(workbook_of(inbox, first))
    sheets = [name for name in book.sheetnames if name.startswith("退回行")]
    assert sheets == ["退回行 峡窝镇", "退回行 矿山街道"]
    listed = [[cell.value for cell in row[:2]] for name in sheets for row in book[name].iter_rows(min_row=4)]
    assert listed == [[3, "峡窝镇"], [4, "峡窝镇"], [3, "矿山街道"]]

    half = inbox.send("GXJ", *mended_whole(inbox, first, {(sheets[1], 1, ON_POST): 90, (sheets[0], 1, ON_POST): 91}))
    assert (half.state, half.rows_accepted, half.rows_set_aside) == ("partly_accepted", 2, 1), inbox.receipt(half)["findings"]
    assert inbox.rows(
        "SELECT sheet, row_number, repaired_by FROM intake.set_aside_row WHERE submission_id = %s ORDER BY 1, 2",
        first.submission_id,
    ) == [("峡窝镇", 3, half.submission_id), ("峡窝镇", 4, None), ("矿山街道", 3, half.submission_id)]
    [name] = [name for name in openpyxl.load_workbook(workbook_of(inbox, half)).sheetnames if name.startswith("退回行")]
    rest = inbox.send("GXJ", *mended_whole(inbox, half, {(name, 1, ON_POST): 92}))
    assert (rest.state, rest.rows_accepted) == ("accepted", 1), inbox.receipt(rest)["findings"]
    assert [inbox.state(one) for one in (first, half, rest)] == ["accepted"] * 3
    assert len(inbox.keys("industry_resumption", "uscc")) == 8
    assert inbox.is_balanced()


def test_one_of_two_lines_with_the_same_number_is_mended_alone(inbox: Inbox) -> None:
    first = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS, spoilt(("矿山街道", 3), ("峡窝镇", 3))))
    alone = changed(workbook_of(inbox, first), {("退回行 矿山街道", 1, ON_POST): 90}, without=("回执", "退回行 峡窝镇", *TOWNS))
    repair = inbox.send("GXJ", "补.xlsx", alone)
    assert (repair.state, repair.rows_accepted) == ("accepted", 1), inbox.receipt(repair)["findings"]
    left = inbox.rows("SELECT sheet FROM intake.set_aside_row WHERE repaired_by IS NULL")
    assert (left, inbox.state(first)) == ([("峡窝镇",)], "partly_accepted")


def test_the_mended_workbook_of_the_sender_is_a_new_version(inbox: Inbox) -> None:
    first = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS, spoilt(("矿山街道", 3), ("峡窝镇", 3))))
    mended = {("矿山街道", 2, ON_POST): 90, ("峡窝镇", 2, ON_POST): 91}
    again = inbox.send("GXJ", *mended_whole(inbox, first, mended))
    assert (again.state, again.rows_accepted, inbox.state(first)) == ("accepted", 8, "superseded"), inbox.receipt(again)[
        "findings"
    ]


def without_township(book: openpyxl.Workbook) -> None:
    """Leave the column of the township out of every sheet."""
    for sheet in book:
        sheet.delete_cols(TOWNSHIP + 1)


def test_the_name_of_the_sheet_gives_the_township_where_the_contract_says_so(inbox: Inbox) -> None:
    sent = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS, without_township))
    assert (sent.state, inbox.codes(sent)) == ("accepted", {"from-sheet-name"})
    found = inbox.rows("SELECT township_code, sheet, count(*) FROM report.industry_resumption GROUP BY 1, 2 ORDER BY 1")
    assert found == [("410106002", "中心路街道", 3), ("410106005", "矿山街道", 2), ("410106100", "峡窝镇", 3)]
    told = [(one["sheet"], one["message_zh"]) for one in inbox.receipt(sent)["findings"]]
    assert ("矿山街道", "“所属镇办”没有填,按工作表的名字收为“矿山街道”。") in told


def test_a_returned_row_takes_the_township_of_its_sheet_along(inbox: Inbox) -> None:
    def change(book: openpyxl.Workbook) -> None:
        spoilt(("矿山街道", 3), ("峡窝镇", 3))(book)
        without_township(book)

    first = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS, change))
    mended = {("退回行 矿山街道", 1, ON_POST): 90, ("退回行 峡窝镇", 1, ON_POST): 91}
    repair = inbox.send("GXJ", *mended_whole(inbox, first, mended))
    assert (repair.state, repair.rows_accepted) == ("accepted", 2), inbox.receipt(repair)["findings"]
    found = inbox.rows("SELECT township_code, count(*) FROM asof.industry_resumption GROUP BY 1 ORDER BY 1")
    assert found == [("410106002", 3), ("410106005", 2), ("410106100", 3)]


def test_an_empty_cell_is_filled_from_the_name_and_another_township_is_told(inbox: Inbox) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["矿山街道"].cell(2, TOWNSHIP + 1).value = None
        book["矿山街道"].cell(3, TOWNSHIP + 1, "济源路街道")

    sent = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS, change))
    assert (sent.state, inbox.codes(sent)) == ("accepted", {"from-sheet-name", "sheet-name-differs"})
    found = inbox.rows("SELECT row_number, township_code FROM report.industry_resumption WHERE sheet = '矿山街道' ORDER BY 1")
    assert found == [(2, "410106005"), (3, "410106001")]


def test_a_sheet_without_an_optional_column_is_read_with_the_others(inbox: Inbox) -> None:
    sent = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS, lambda book: book["矿山街道"].delete_cols(len(INDUSTRY_HEADER))))
    assert (sent.state, sent.rows_accepted) == ("accepted", 8)
    assert inbox.rows("SELECT 'stop_reason' = ANY(columns_present) FROM intake.part") == [(True,)]


def test_a_sheet_without_a_mandatory_column_sends_the_file_back(inbox: Inbox) -> None:
    sent = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS, lambda book: book["矿山街道"].delete_cols(5)))
    assert (sent.state, inbox.codes(sent)) == ("rejected", {"missing-column"})
    assert [one["sheet"] for one in inbox.receipt(sent)["findings"]] == ["矿山街道"]


@pytest.mark.parametrize("towns", [TOWNS, {"峡窝镇": [1, 2], "矿山街道": [3, 4]}], ids=["three", "two"])
def test_a_sheet_without_its_header_sends_the_file_back(inbox: Inbox, towns: Mapping[str, Sequence[int]]) -> None:
    sent = inbox.send("GXJ", "R01 3.18.xlsx", workbook(towns, lambda book: book["矿山街道"].delete_rows(1)))
    assert (sent.state, inbox.codes(sent)) == ("rejected", {"sheet-without-header"})
    assert "“矿山街道”" in inbox.receipt(sent)["findings"][0]["message_zh"]


def test_an_empty_sheet_of_a_township_takes_nothing_away(inbox: Inbox) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["峡窝镇"].delete_rows(2, 5)  # only the header is left
        book["矿山街道"].delete_cols(len(INDUSTRY_HEADER))
        book["中心路街道"].delete_cols(len(INDUSTRY_HEADER))

    sent = inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS, change))
    assert (sent.state, sent.rows_accepted) == ("accepted", 5)


@pytest.mark.parametrize(
    "names", [("Sheet1", "Sheet2", "Sheet3"), ("甲", "乙"), ("1", "2"), ("表一", "表二"), ("第一部分", "第二部分")]
)
def test_numbered_sheets_are_read_if_each_row_has_a_key_of_its_own(inbox: Inbox, names: Sequence[str]) -> None:
    sent = inbox.send("GXJ", "R01 3.18.xlsx", workbook({name: [10 * order + 1] for order, name in enumerate(names)}))
    assert (sent.state, sent.rows_accepted) == ("accepted", len(names))


def test_numbered_sheets_with_the_same_firm_are_asked_back(inbox: Inbox) -> None:
    sent = inbox.send("GXJ", "R01 3.18.xlsx", workbook({"Sheet1": [1, 2], "Sheet2": [2, 3]}))
    assert (sent.state, inbox.codes(sent)) == ("rejected", {"several-sheets", "duplicate-key"})


def test_a_sheet_that_fits_less_is_told(inbox: Inbox) -> None:
    content = workbook({"规上": [1, 2], "新增": [3]}, lambda book: book["新增"].delete_cols(len(INDUSTRY_HEADER)))
    sent = inbox.send("GXJ", "R01 3.18.xlsx", content)
    assert (sent.state, sent.rows_accepted, inbox.codes(sent)) == ("accepted", 2, {"sheet-not-taken"})


@pytest.mark.parametrize(
    "names",
    [
        ("Sheet1", "Sheet1 (2)"),
        ("17", "18"),
        ("一览", "明细"),
        ("峡窝镇", "峡窝镇(备份)"),
        ("峡窝镇", "矿山街道", "全区"),
        ("3.17", "峡窝镇"),
    ],
)
def test_sheets_that_may_be_versions_or_sums_are_asked_back(inbox: Inbox, names: Sequence[str]) -> None:
    sent = inbox.send("GXJ", "R01.xlsx", workbook({name: [10 * order + 1] for order, name in enumerate(names)}))
    assert sent.state == "rejected"


def test_the_same_firm_in_two_sheets_is_asked_back_with_both_cells(inbox: Inbox) -> None:
    sent = inbox.send("GXJ", "R01 3.18.xlsx", workbook({"峡窝镇": [1, 2], "矿山街道": [2, 3]}))
    assert (sent.state, inbox.codes(sent)) == ("rejected", {"several-sheets", "duplicate-key"})
    places = {(one["sheet"], one["cell"]) for one in inbox.receipt(sent)["findings"] if one["code"] == "duplicate-key"}
    assert places == {("峡窝镇", "C3"), ("矿山街道", "C2")}


def test_a_trace_leads_to_the_right_sheet_of_a_joined_part(inbox: Inbox) -> None:
    firms = [number for numbers in TOWNS.values() for number in numbers]
    inbox.send("TJJ", "20200309_R00_TJJ_V1.csv", as_csv(REGISTER_HEADER, [register_row(number) for number in firms]))
    inbox.send("GXJ", "R01 3.18.xlsx", workbook(TOWNS))
    with connect(inbox.settings) as connection:
        lines = trace.trace(connection, inbox.settings.include, "S002", date(2020, 3, 18))
    wanted = {(name, line) for name, numbers in TOWNS.items() for line in range(2, 2 + len(numbers))}
    assert {(line.sheet, line.row_number) for line in lines if line.part == "numerator"} == wanted
