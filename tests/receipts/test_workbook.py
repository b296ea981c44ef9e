"""The workbook of a receipt: which sheets it has, and the sender's own sheets written anew."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from fugong.intake.types import Outcome
from tests.fixtures.inbox import INDUSTRY_HEADER, TAX_HEADER, Inbox, as_csv, as_xlsx, industry_row, tax_row
from tests.receipts.test_resubmission import as_bytes, workbook_of

YELLOW, ORANGE, GREEN, HIDDEN = "FFFFEB3B", "FFFCD5B4", "FFD8E4BC", "FFE4DFEC"


def send_changed(inbox: Inbox, change: Callable[[Worksheet], object]) -> Outcome:
    """Send a report of five firms whose sheet was changed."""
    rows = [industry_row(number) for number in range(1, 6)]
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(INDUSTRY_HEADER, rows, ["规上工业企业复工复产日报 3月18日"])))
    change(book.worksheets[0])
    return inbox.send("GXJ", "R01 3.18.xlsx", as_bytes(book))


def answer(inbox: Inbox, outcome: Outcome) -> Workbook:
    """The workbook that was left for the sender."""
    return openpyxl.load_workbook(workbook_of(inbox, outcome))


def colour(page: Worksheet, cell: str) -> str:
    """The background of a cell."""
    return str(page[cell].fill.fgColor.rgb)


def test_a_file_without_a_fault_has_no_workbook(inbox: Inbox) -> None:
    outcome = inbox.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, [tax_row(1)]))
    receipt = inbox.receipt(outcome)
    assert (receipt["state"], receipt["workbook"], receipt["findings"]) == ("accepted", None, [])
    assert list((inbox.settings.outbox / "TAX").glob("*.xlsx")) == []


def test_what_was_mended_by_us_and_what_is_warned_of_is_marked_in_a_file_that_was_taken(inbox: Inbox) -> None:
    def change(page: Worksheet) -> None:
        page["I4"], page["J5"] = "１００", 150

    outcome = send_changed(inbox, change)
    assert outcome.state == "accepted"
    book = answer(inbox, outcome)
    assert book.sheetnames == ["回执", "待核实", "Sheet"]
    page = book["Sheet"]
    assert (colour(page, "I4"), colour(page, "J5")) == (GREEN, ORANGE)
    assert "100" in page["I4"].comment.text


def test_cells_merged_ranges_and_hidden_rows_are_where_they_were_sent(inbox: Inbox) -> None:
    def change(page: Worksheet) -> None:
        page.merge_cells("A1:K1")
        page.merge_cells("D3:D5")
        page["J6"] = "约90"
        page["B7"] = '=HYPERLINK("http://example.com")'
        page["B7"].data_type = "s"
        page["I6"] = -12.5
        page["K4"] = "0012"
        page["K5"] = "1234567890123456789"
        page.row_dimensions[5].hidden = True

    outcome = send_changed(inbox, change)
    assert outcome.state == "partly_accepted", inbox.receipt(outcome)["findings"]
    page = answer(inbox, outcome)["Sheet"]
    assert {str(merged) for merged in page.merged_cells.ranges} == {"A1:K1", "D3:D5"}
    assert page["A1"].value == "规上工业企业复工复产日报 3月18日"
    assert [cell.value for cell in page[2]] == list(INDUSTRY_HEADER)
    assert (page["J6"].value, colour(page, "J6")) == ("约90", YELLOW)
    assert (page["B7"].value, page["B7"].data_type) == ('\'=HYPERLINK("http://example.com")', "s")
    assert (page["I6"].value, page["I6"].data_type) == (-12.5, "n")
    assert [page[cell].value for cell in ("K4", "K5")] == ["0012", "1234567890123456789"]
    assert (page.row_dimensions[5].hidden, colour(page, "A5"), colour(page, "A4")) == (False, HIDDEN, "00000000")


def test_ranges_that_overlap_do_not_damage_the_workbook(inbox: Inbox) -> None:
    def change(page: Worksheet) -> None:
        page["J6"] = "约90"
        for merged in ("M1:N3", "N2:P9", "M1:M1", "A9:XFD1048576"):
            page.merged_cells.ranges.add(CellRange(merged))

    outcome = send_changed(inbox, change)
    assert outcome.state == "partly_accepted", inbox.receipt(outcome)["findings"]
    ranges = [str(merged) for merged in answer(inbox, outcome)["Sheet"].merged_cells.ranges]
    assert len(ranges) < 2, ranges


def test_nothing_that_runs_or_leads_elsewhere_is_in_the_workbook(inbox: Inbox) -> None:
    def change(page: Worksheet) -> None:
        page["J6"] = "约90"
        page["B7"] = "=1+1"
        page["K7"] = "无订单"
        page["K7"].hyperlink = "http://example.com/"

    path = workbook_of(inbox, send_changed(inbox, change))
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        sheets = b"".join(archive.read(name) for name in names if name.startswith("xl/worksheets/"))
    assert b"<row" in sheets
    limits = re.findall(rb"<formula1>(.*?)</formula1>", sheets)  # of the cells for answers
    assert set(limits) == {'"属实,已改,口径不同,待查"'.encode(), b"200"}
    assert b"<f" not in sheets.replace(b"<formatPr", b"").replace(b"<formula1>", b"")
    assert b"hyperlink" not in sheets
    assert not [name for name in names if "external" in name or "vba" in name or "media" in name or "embed" in name]


def test_a_file_to_be_sent_again_whole_has_no_rows_to_mend(inbox: Inbox) -> None:
    header = [name for name in INDUSTRY_HEADER if name != "到岗人数"]
    rows = [industry_row(number) for number in range(1, 4)]
    for row in rows:
        del row[9]
    rows[1][6] = "部分"
    outcome = inbox.send("GXJ", "R01 3.18.csv", as_csv(header, rows))
    assert (outcome.state, "missing-column" in inbox.codes(outcome)) == ("rejected", True)
    book = answer(inbox, outcome)
    assert book.sheetnames == ["回执", "原表"]
    assert colour(book["原表"], "G3") == YELLOW


def test_a_large_file_is_not_written_out_again(inbox: Inbox) -> None:
    rows = [tax_row(number) for number in range(1, 20_002)]
    rows[-1][9] = "约3500"
    outcome = inbox.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, rows))
    assert (outcome.state, outcome.rows_set_aside) == ("partly_accepted", 1)
    book = answer(inbox, outcome)
    assert book.sheetnames == ["回执", "退回行"]
    assert book["退回行"]["A4"].value == 20_002
    told = [cell for row in book["回执"].iter_rows(values_only=True) for cell in row if isinstance(cell, str)]
    assert any("这里不再附上" in cell for cell in told)


def test_the_first_sheet_says_what_became_of_the_file_and_what_to_do(inbox: Inbox) -> None:
    def change(page: Worksheet) -> None:
        page["J4"], page["J6"], page["G7"] = "约90", "约91", "部分"

    outcome = send_changed(inbox, change)
    page = answer(inbox, outcome).worksheets[0]
    told = [cell for row in page.iter_rows(values_only=True) for cell in row if cell is not None]
    assert told[:3] == ["报送回执", "部分入库", f"回执 · 报送编号 {outcome.submission_id} · 规上工业复工复产日报 · 2020-03-18"]
    counts = told[told.index("非数据") + 1 :][:4]
    assert counts == [5, 2, 3, 0]
    assert counts[0] == sum(counts[1:])
    assert any("本工作簿的“退回行”" in str(cell) for cell in told)
    assert any("报送时限 2020-03-19 09:00 已过" in str(cell) for cell in told)
    assert told[told.index("下一期") + 1] == "2020-03-19 的报表\uff0c请在 2020-03-20 09:00 前报送"
    assert told[told.index("在哪里") + 1 :][0] == "退回"
    assert told[told.index("在哪里") + 3 :][:2] == [2, "J4、J6"]
