"""A receipt's workbook comes back: mended, partly mended, as a new version, both, or as it was."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from fugong.intake.types import Outcome
from tests.fixtures.inbox import INDUSTRY_HEADER, TAX_HEADER, Inbox, as_csv, as_xlsx, code, industry_row, tax_row
from tests.receipts import saved_again

AMOUNT, ON_POST = "减免税额", "到岗人数"
RECEIPT_SHEETS = ("回执", "退回行")


def workbook_of(inbox: Inbox, outcome: Outcome) -> Path:
    """The receipt's workbook in the outbox."""
    [path] = (inbox.settings.outbox / outcome.department).glob(f"*.{outcome.submission_id}.回执.xlsx")
    return path


def changed(path: Path, changes: Mapping[tuple[str, int, str], object], *, without: Collection[str] = ()) -> bytes:
    """A workbook with cells changed: (sheet, row below the header, header begins with) → value; and sheets deleted."""
    book = openpyxl.load_workbook(path)
    for (sheet, row, header), value in changes.items():
        page = book[sheet]
        top, column = next(
            (line, at)
            for line, cells in enumerate(page.iter_rows(values_only=True), start=1)
            for at, cell in enumerate(cells, start=1)
            if str(cell).startswith(header)
        )
        page.cell(top + row, column, value)
    for sheet in without:
        del book[sheet]
    return as_bytes(book)


def as_bytes(book: Workbook) -> bytes:
    """A workbook as a file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_as_csv(path: Path, changes: Mapping[tuple[str, int, str], object], encoding: str = "gb18030") -> bytes:
    """The sheet 退回行, mended, as the clerk saves it as a text."""
    page = openpyxl.load_workbook(io.BytesIO(changed(path, changes)))["退回行"]
    text = io.StringIO()
    csv.writer(text).writerows([["" if value is None else value for value in row] for row in page.iter_rows(values_only=True)])
    return text.getvalue().encode(encoding)


def two_bad_rows(inbox: Inbox) -> Outcome:
    """A tax report of four rows: the second and the fourth have no number for an amount."""
    rows = [tax_row(1), tax_row(2, "约3500"), tax_row(3), tax_row(4, "不详")]
    outcome = inbox.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, rows))
    assert (outcome.state, outcome.rows_accepted, outcome.rows_set_aside) == ("partly_accepted", 2, 2)
    return outcome


def industry(inbox: Inbox, *, name: str = "R01 3.18.xlsx") -> Outcome:
    """A snapshot of twenty firms; of the third nobody knows how many are at work."""
    rows = [industry_row(number) for number in range(1, 21)]
    rows[2][9] = "约90"
    outcome = inbox.send("GXJ", name, as_xlsx(INDUSTRY_HEADER, rows, ["规上工业企业复工复产日报", "统计日期:2020年3月18日"]))
    assert (outcome.state, outcome.rows_accepted, outcome.rows_set_aside) == ("partly_accepted", 19, 1)
    return outcome


def amounts(inbox: Inbox) -> dict[str, str]:
    """What counts now."""
    return {doc: str(amount) for doc, amount in inbox.rows("SELECT doc_id, amt_relief FROM asof.tax_relief")}


def test_returned_rows_saved_as_a_text_under_any_name_are_a_repair(inbox: Inbox) -> None:
    first = two_bad_rows(inbox)
    mended = rows_as_csv(workbook_of(inbox, first), {("退回行", 1, AMOUNT): 3500, ("退回行", 2, AMOUNT): "40"})
    repair = inbox.send("TAX", "新建文本文档.csv", mended)
    assert (repair.state, repair.rows_read, repair.rows_accepted) == ("accepted", 2, 2), inbox.receipt(repair)["findings"]
    assert inbox.receipt(repair)["repairs"] == first.submission_id
    assert inbox.state(first) == "accepted"
    assert amounts(inbox) == {"D00001": "1000.00", "D00002": "3500.00", "D00003": "1000.00", "D00004": "40.00"}
    assert inbox.is_balanced()


def test_returned_rows_copied_into_a_workbook_of_their_own_are_a_repair(inbox: Inbox) -> None:
    first = industry(inbox)
    alone = changed(workbook_of(inbox, first), {("退回行", 1, ON_POST): 90}, without=("回执", "Sheet"))
    repair = inbox.send("GXJ", "补.xlsx", alone)
    assert (repair.state, repair.rows_accepted) == ("accepted", 1), inbox.receipt(repair)["findings"]
    assert inbox.state(first) == "accepted"
    assert len(inbox.keys("industry_resumption", "uscc")) == 20


def test_what_is_mended_in_part_comes_back_until_all_is_mended(inbox: Inbox) -> None:
    first = two_bad_rows(inbox)
    half = inbox.send("TAX", *mended_whole(inbox, first, {("退回行", 1, AMOUNT): 3500}))
    assert (half.state, half.rows_read, half.rows_accepted, half.rows_set_aside) == ("partly_accepted", 2, 1, 1)
    receipt = inbox.receipt(half)
    assert (receipt["repairs"], receipt["n_still_returned"], receipt["n_returned"]) == (first.submission_id, 1, 1)
    book = openpyxl.load_workbook(workbook_of(inbox, half))
    assert book.sheetnames == ["回执", "退回行"]
    page = book["退回行"]
    assert [cell.value for cell in page[3]] == ["行号", *TAX_HEADER, "核实结果", "核实说明", "退回原因"]
    assert [(row[0], row[1]) for row in page.iter_rows(min_row=4, values_only=True)] == [(5, "D00004")]
    assert inbox.state(first) == "partly_accepted"

    rest = inbox.send("TAX", *mended_whole(inbox, half, {("退回行", 1, AMOUNT): 40}))
    assert (rest.state, rest.rows_accepted) == ("accepted", 1), inbox.receipt(rest)["findings"]
    assert inbox.receipt(rest)["repairs"] == first.submission_id
    assert [inbox.state(one) for one in (first, half, rest)] == ["accepted"] * 3
    assert amounts(inbox) == {"D00001": "1000.00", "D00002": "3500.00", "D00003": "1000.00", "D00004": "40.00"}
    kinds = inbox.rows("SELECT kind, repairs_part = (SELECT MIN(part_id) FROM intake.part) FROM intake.part ORDER BY part_id")
    assert kinds == [("data", None), ("repair", True), ("repair", True)]
    assert inbox.is_balanced()


def mended_whole(inbox: Inbox, outcome: Outcome, changes: Mapping[tuple[str, int, str], object]) -> tuple[str, bytes]:
    """The whole workbook with some cells changed, under its own name."""
    path = workbook_of(inbox, outcome)
    return path.name, changed(path, changes)


def test_the_first_workbook_may_be_mended_again_after_a_part_of_it_was_taken(inbox: Inbox) -> None:
    first = two_bad_rows(inbox)
    half = inbox.send("TAX", *mended_whole(inbox, first, {("退回行", 1, AMOUNT): 3500}))
    rest = inbox.send("TAX", *mended_whole(inbox, first, {("退回行", 1, AMOUNT): 3500, ("退回行", 2, AMOUNT): 40}))
    assert (rest.state, rest.rows_accepted, rest.rows_not_data) == ("accepted", 1, 1)
    assert [inbox.state(one) for one in (first, half)] == ["accepted", "accepted"]
    assert len(amounts(inbox)) == 4
    assert inbox.is_balanced()


def test_a_row_mended_twice_in_two_ways_is_asked_back(inbox: Inbox) -> None:
    first = two_bad_rows(inbox)
    inbox.send("TAX", *mended_whole(inbox, first, {("退回行", 1, AMOUNT): 3500, ("退回行", 1, "凭证号"): "D00012"}))
    other = inbox.send("TAX", *mended_whole(inbox, first, {("退回行", 1, AMOUNT): 3500, ("退回行", 1, "凭证号"): "D00022"}))
    assert (other.state, inbox.codes(other) >= {"mended-before"}) == ("rejected", True)
    assert sorted(amounts(inbox)) == ["D00001", "D00003", "D00012"]
    assert inbox.is_balanced()


def test_rows_of_a_file_that_went_back_whole_are_mended_in_parts(inbox: Inbox) -> None:
    rows = [[*industry_row(number)[:9], "约90", ""] for number in (1, 2, 3)]
    first = inbox.send("GXJ", "R01 3.18.csv", as_csv(INDUSTRY_HEADER, rows))
    assert (first.state, first.rows_set_aside) == ("rejected", 3)
    some = inbox.send("GXJ", *mended_whole(inbox, first, {("退回行", 1, ON_POST): 90, ("退回行", 2, ON_POST): 91}))
    assert (some.state, some.rows_accepted, some.rows_set_aside) == ("partly_accepted", 2, 1)
    rest = inbox.send("GXJ", *mended_whole(inbox, some, {("退回行", 1, ON_POST): 92}))
    assert (rest.state, rest.rows_accepted) == ("accepted", 1), inbox.receipt(rest)["findings"]
    assert sorted(inbox.rows("SELECT on_post FROM asof.industry_resumption")) == [(90,), (91,), (92,)]
    assert inbox.state(some) == "accepted"
    assert inbox.is_balanced()


def test_a_snapshot_mended_in_its_own_sheet_is_a_new_version(inbox: Inbox) -> None:
    first = industry(inbox)
    whole = inbox.send("GXJ", *mended_whole(inbox, first, {("Sheet", 3, ON_POST): 90}))
    assert (whole.state, whole.rows_accepted, whole.report_date) == ("accepted", 20, first.report_date)
    receipt = inbox.receipt(whole)
    assert (receipt["repairs"], receipt["replaced"]) == (None, [first.submission_id])
    assert inbox.state(first) == "superseded"
    assert len(inbox.rows("SELECT 1 FROM asof.industry_resumption")) == 20
    assert inbox.is_balanced()


def test_an_increment_mended_in_its_own_sheet_adds_only_what_is_new(inbox: Inbox) -> None:
    first = two_bad_rows(inbox)
    whole = inbox.send("TAX", *mended_whole(inbox, first, {("原表", 2, AMOUNT): 3500}))
    assert (whole.state, whole.rows_accepted, whole.rows_set_aside, whole.rows_not_data) == ("partly_accepted", 1, 1, 2)
    assert sorted(amounts(inbox)) == ["D00001", "D00002", "D00003"]
    other = inbox.send("TAX", *mended_whole(inbox, first, {("原表", 1, AMOUNT): 5, ("原表", 2, AMOUNT): 3500}))
    assert (other.state, inbox.codes(other) >= {"changed-rows"}) == ("rejected", True)
    path = workbook_of(inbox, first)
    content = changed(path, {("原表", 1, AMOUNT): 5, ("原表", 2, AMOUNT): 3500, ("原表", 4, AMOUNT): 40})
    corrected = inbox.send("TAX", path.name.replace(".xlsx", " 更正.xlsx"), content)
    assert (corrected.state, corrected.rows_accepted) == ("accepted", 4), inbox.receipt(corrected)["findings"]
    assert amounts(inbox) == {"D00001": "5.00", "D00002": "3500.00", "D00003": "1000.00", "D00004": "40.00"}
    assert inbox.is_balanced()


def test_a_workbook_changed_in_both_places_is_asked_back_and_nothing_is_taken(inbox: Inbox) -> None:
    first = industry(inbox)
    both = inbox.send("GXJ", *mended_whole(inbox, first, {("退回行", 1, ON_POST): 90, ("Sheet", 5, ON_POST): 50}))
    assert (both.state, inbox.codes(both)) == ("rejected", {"both-changed"})
    assert (both.report, both.report_date) == (first.report, first.report_date)
    assert inbox.state(first) == "partly_accepted"
    assert inbox.rows("SELECT DISTINCT on_post FROM asof.industry_resumption") == [(100,)]
    # The two ways out that the finding tells.
    name, content = mended_whole(inbox, first, {("退回行", 1, ON_POST): 90, ("Sheet", 5, ON_POST): 50})
    own = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in RECEIPT_SHEETS:
        del own[sheet]
    new_version = inbox.send("GXJ", name, as_bytes(own))
    assert (new_version.state, new_version.report_date) == ("partly_accepted", first.report_date)
    assert inbox.state(first) == "superseded"


@pytest.mark.parametrize("without", [(), ("退回行",), ("Sheet", "退回行"), ("回执",)], ids=str)
def test_a_workbook_that_comes_back_as_it_was_is_not_taken_again(inbox: Inbox, without: tuple[str, ...]) -> None:
    first = industry(inbox)
    again = inbox.send("GXJ", "随便.xlsx", changed(workbook_of(inbox, first), {}, without=without))
    assert (again.state, inbox.codes(again)) == ("rejected", {"nothing-changed"})
    assert inbox.state(first) == "partly_accepted"
    assert len(inbox.rows("SELECT 1 FROM asof.industry_resumption")) == 19
    assert "以前入库的行不受影响" in inbox.receipt(again)["findings"][0]["message_zh"]


def test_a_word_in_the_name_of_an_unchanged_workbook_is_an_answer(inbox: Inbox) -> None:
    first = industry(inbox)
    path = workbook_of(inbox, first)
    withdrawn = inbox.send("GXJ", path.name.replace(".xlsx", " 作废.xlsx"), changed(path, {}))
    assert withdrawn.state == "accepted", inbox.receipt(withdrawn)["findings"]
    assert inbox.state(first) == "withdrawn"


def test_numbers_that_are_not_the_senders_are_refused(inbox: Inbox) -> None:
    first = two_bad_rows(inbox)
    mended = rows_as_csv(workbook_of(inbox, first), {("退回行", 1, AMOUNT): 3500, ("退回行", 2, AMOUNT): 40})
    foreign = inbox.send("GXJ", "补.csv", mended)
    unknown = inbox.send(
        "TAX", "补.csv", mended.replace(f"编号 {first.submission_id} ".encode("gb18030"), "编号 777 ".encode("gb18030"))
    )
    for outcome in (foreign, unknown):
        assert (outcome.state, inbox.codes(outcome)) == ("rejected", {"unknown-submission"})
    assert sorted(amounts(inbox)) == ["D00001", "D00003"]


def test_returned_rows_without_their_first_row_are_not_taken_for_a_report(inbox: Inbox) -> None:
    first = industry(inbox)
    book = openpyxl.load_workbook(io.BytesIO(changed(workbook_of(inbox, first), {("退回行", 1, ON_POST): 90})))
    book["退回行"].delete_rows(1, 2)
    for sheet in ("回执", "Sheet"):
        del book[sheet]
    lost = inbox.send("GXJ", "R01 3.18 再报.xlsx", as_bytes(book))
    assert (lost.state, inbox.codes(lost)) == ("rejected", {"returned-without-number"})
    assert len(inbox.rows("SELECT 1 FROM asof.industry_resumption")) == 19
    by_name = inbox.send("GXJ", workbook_of(inbox, first).name, as_bytes(book))
    assert (by_name.state, inbox.receipt(by_name)["repairs"]) == ("accepted", first.submission_id)


def test_rows_of_two_submissions_in_one_workbook_are_refused(inbox: Inbox) -> None:
    first, second = two_bad_rows(inbox), industry(inbox)
    book = openpyxl.load_workbook(workbook_of(inbox, first))
    page = book.create_sheet("再来")
    for row in openpyxl.load_workbook(workbook_of(inbox, second))["退回行"].iter_rows(values_only=True):
        page.append(row)
    mixed = inbox.send("TAX", "合并.xlsx", as_bytes(book))
    assert (mixed.state, inbox.codes(mixed)) == ("rejected", {"several-receipts"})


def test_deleting_a_returned_row_mends_the_others(inbox: Inbox) -> None:
    first = two_bad_rows(inbox)
    book = openpyxl.load_workbook(io.BytesIO(changed(workbook_of(inbox, first), {("退回行", 2, AMOUNT): 40})))
    book["退回行"].delete_rows(4)
    repair = inbox.send("TAX", "补.xlsx", as_bytes(book))
    assert (repair.state, repair.rows_accepted, inbox.receipt(repair)["n_still_returned"]) == ("accepted", 1, 1)
    assert inbox.state(first) == "partly_accepted"


def test_text_that_we_made_harmless_is_loaded_as_it_was_typed(inbox: Inbox) -> None:
    rows = [industry_row(1), industry_row(2)]
    rows[1][1], rows[1][9] = "@示例=企业", "约90"
    first = inbox.send("GXJ", "R01 3.18.csv", as_csv(INDUSTRY_HEADER, rows))
    path = workbook_of(inbox, first)
    assert openpyxl.load_workbook(path)["退回行"]["C4"].value == "'@示例=企业"
    repair = inbox.send("GXJ", path.name, changed(path, {("退回行", 1, ON_POST): 90}))
    assert repair.state == "accepted"
    assert inbox.rows("SELECT name FROM asof.industry_resumption WHERE uscc = %s", code(2)) == [("@示例=企业",)]


def test_a_row_is_where_it_was_sent_in_the_senders_own_sheet(inbox: Inbox) -> None:
    first = industry(inbox)
    page = openpyxl.load_workbook(workbook_of(inbox, first))["Sheet"]
    [finding] = [item for item in inbox.receipt(first)["findings"] if item["severity"] == "set_aside"]
    assert finding["cell"] == "J6"
    assert page["J6"].value == "约90"
    assert page["J6"].fill.fgColor.rgb == "FFFFEB3B"
    assert "约90" in page["J6"].comment.text
    assert [page["A1"].value, page["A2"].value] == ["规上工业企业复工复产日报", "统计日期:2020年3月18日"]
    assert (page["I7"].value, page["I7"].data_type) == (100, "n")


EDITS: Mapping[str, Callable[[Workbook], object]] = {
    "a note beside the table": lambda book: book["回执"].__setitem__("A60", "已核对"),
    "a blank sheet": lambda book: book.create_sheet("Sheet2"),
    "a sheet of notes": lambda book: book.create_sheet("说明").append(["已按回执改好"]),
    "another order of sheets": lambda book: book.move_sheet("Sheet", -2),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_no_data_does_not_make_a_repair_a_new_version(inbox: Inbox, edit: str) -> None:
    first = industry(inbox)
    book = openpyxl.load_workbook(io.BytesIO(changed(workbook_of(inbox, first), {("退回行", 1, ON_POST): 90})))
    EDITS[edit](book)
    repair = inbox.send("GXJ", "补.xlsx", as_bytes(book))
    assert (repair.state, inbox.receipt(repair)["repairs"]) == ("accepted", first.submission_id)


@pytest.mark.parametrize("ending", saved_again.ENDINGS)
def test_a_workbook_that_a_program_has_saved_again_is_as_it_was(inbox: Inbox, ending: str) -> None:
    first = inbox.send("GXJ", saved_again.FILE_NAME, saved_again.report())
    assert (first.submission_id, first.state, first.rows_set_aside) == (1, "partly_accepted", 1)
    content = (saved_again.FOLDER / f"unmended.{ending}").read_bytes()
    again = inbox.send("GXJ", f"R01 3.18最终版.1.回执.{ending}", content)
    assert (again.state, inbox.codes(again)) == ("rejected", {"nothing-changed"})


def test_a_workbook_mended_in_another_program_is_a_repair(inbox: Inbox) -> None:
    first = inbox.send("GXJ", saved_again.FILE_NAME, saved_again.report())
    content = changed(saved_again.FOLDER / "unmended.xlsx", {("退回行", 1, ON_POST): 90})
    repair = inbox.send("GXJ", "复工补报.xlsx", content)
    assert (repair.state, repair.rows_accepted, inbox.receipt(repair)["repairs"]) == ("accepted", 1, first.submission_id)
    assert inbox.state(first) == "accepted"


def test_rows_that_were_sent_again_otherwise_are_not_left_to_be_mended(inbox: Inbox) -> None:
    first = two_bad_rows(inbox)
    mended = changed(workbook_of(inbox, first), {("原表", 2, AMOUNT): 3500})
    assert inbox.send("TAX", "改好.xlsx", mended).state == "partly_accepted"  # in the sender's own sheet
    left = "SELECT row_number FROM intake.set_aside_row WHERE submission_id = %s AND repaired_by IS NULL"
    assert inbox.rows(left, first.submission_id) == [(5,)]
    assert inbox.state(first) == "partly_accepted"
    other = as_csv(TAX_HEADER, [tax_row(9, day="2020-03-19"), tax_row(4, "100.00")])
    assert inbox.send("TAX", "R04 3.19.csv", other).state == "accepted"  # with the file of the next day
    assert inbox.rows(left, first.submission_id) == []
    assert inbox.state(first) == "accepted"
    assert amounts(inbox) == {
        "D00001": "1000.00",
        "D00002": "3500.00",
        "D00003": "1000.00",
        "D00004": "100.00",
        "D00009": "1000.00",
    }
    assert inbox.is_balanced()


@pytest.mark.parametrize(
    "typed", ["d00002", "'D00002", "\uff2400002", "D0000\u200b2", " D00002 ", "D\uff10\uff10\uff10\uff10\uff12", '="D00002"']
)
def test_a_returned_row_is_recognised_under_another_spelling_of_its_key(inbox: Inbox, typed: str) -> None:
    bad = tax_row(2, "约3500")
    bad[0] = typed
    first = inbox.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, [tax_row(1), bad]))
    assert (first.state, first.rows_set_aside) == ("partly_accepted", 1)
    again = inbox.send("TAX", "R04 3.19.csv", as_csv(TAX_HEADER, [tax_row(2), tax_row(9, day="2020-03-19")]))
    assert again.state == "accepted", inbox.receipt(again)["findings"]
    assert inbox.state(first) == "accepted"


def test_a_returned_row_is_recognised_under_a_header_of_another_spelling(inbox: Inbox) -> None:
    header = ["*凭证 号（必填）", *TAX_HEADER[1:]]
    bad = tax_row(2, "约3500")
    bad[0] = "2.0"
    first = inbox.send("TAX", "R04 3.18.csv", as_csv(header, [tax_row(1), bad]))
    good = tax_row(2)
    good[0] = "2"
    assert inbox.send("TAX", "R04 3.19.csv", as_csv(TAX_HEADER, [good])).state == "accepted"
    assert inbox.state(first) == "accepted"


def test_a_key_that_nobody_could_read_is_found_in_its_line(inbox: Inbox) -> None:
    bad = tax_row(2)
    bad[0] = "1.01161E+17"
    first = inbox.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, [tax_row(1), bad, tax_row(3, "不详")]))
    assert (first.state, first.rows_set_aside) == ("partly_accepted", 2)
    mended = changed(workbook_of(inbox, first), {("原表", 2, "凭证号"): "D00002"})
    again = inbox.send("TAX", "改好.xlsx", mended)
    assert (again.rows_accepted, again.rows_set_aside) == (1, 1), inbox.receipt(again)["findings"]
    left = "SELECT row_number FROM intake.set_aside_row WHERE submission_id = %s AND repaired_by IS NULL"
    assert inbox.rows(left, first.submission_id) == [(4,)]


def test_the_row_of_another_key_does_not_mend(inbox: Inbox) -> None:
    first = two_bad_rows(inbox)
    inbox.send("TAX", "R04 3.19.csv", as_csv(TAX_HEADER, [tax_row(7, day="2020-03-19")]))
    assert inbox.state(first) == "partly_accepted"
