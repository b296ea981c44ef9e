"""A receipt proposes values beside the rows to mend; one keystroke takes them, and nothing is taken unasked."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from fugong.intake.types import Outcome
from fugong.receipts import proposals
from tests.fixtures.inbox import Inbox, as_xlsx

HEADER = [
    "户号", "账单号", "统一社会信用代码", "用户类别", "抄表起日", "抄表止日", "用量", "原单价", "执行单价", "原应收(万元)", "实收应收(元)", "减免金额(元)", "欠费余额(元)", "最早欠费日",
    "是否停供", "减免违约金(元)", "冲销账单号",
]  # fmt: skip
QUANTITIES = [1000.0, 2310, 17287, 845, 66, 12345]


def rows(changed: dict[tuple[int, str], object]) -> list[list[object]]:
    """Bills whose first amount is typed in ten thousand yuan; some cells changed."""
    out: list[list[object]] = []
    for n, quantity in enumerate(QUANTITIES):
        before, after = round(quantity * 4.1, 2), round(quantity * 4, 2)
        row = [f"00{n}", f"B{n}", "91410106Y00000016N", "工商业", "2020-02-10", "2020-03-10"]
        row += [quantity, 4.1, 4, round(before / 10_000, 8), after, round(before - after, 2), 0, None, "否", 0, None]
        out.append([changed.get((n, header), cell) for header, cell in zip(HEADER, row, strict=True)])
    return out


def sent(inbox: Inbox, changed: dict[tuple[int, str], object]) -> tuple[Outcome, openpyxl.Workbook]:
    outcome = inbox.send("GSGS", "20200318_R08_GSGS_V1.xlsx", as_xlsx(HEADER, rows(changed)))
    [path] = (inbox.settings.outbox / "GSGS").glob(f"*.{outcome.submission_id}.回执.xlsx")
    return outcome, openpyxl.load_workbook(path)


def columns(page: Worksheet) -> dict[str, int]:
    return {str(cell.value): n for n, cell in enumerate(page[3], start=1)}


def back(book: openpyxl.Workbook, *keep: str) -> bytes:
    for name in [name for name in book.sheetnames if name not in keep]:
        del book[name]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bills(inbox: Inbox) -> list[tuple[Any, ...]]:
    return inbox.rows("SELECT bill_no, quantity, bill_before FROM asof.water_bill ORDER BY bill_no")


def test_one_finding_names_the_wrong_cell_and_its_value_in_the_unit_of_the_file(inbox: Inbox) -> None:
    outcome, book = sent(inbox, {(2, "用量"): 17_287_000, (4, "原应收(万元)"): 2.706})
    found = {(one["cell"], one["proposed"], one["is_doubtful"]) for one in inbox.receipt(outcome)["findings"]}
    assert found == {("G4", "17287", False), ("J6", "0.02706", False)}
    page = book["退回行"]
    assert "橙色" not in str(page["A2"].value) + str(page["B2"].value)
    at = columns(page)
    assert [page.cell(line, at["建议值"]).value for line in (4, 5)] == ["用量 → 17287", "原应收(万元) → 0.02706"]
    assert str(page.cell(4, at["退回原因"]).value).endswith("应为 17,287\uff1f\uff08按 原应收 ÷ 原单价\uff09")
    yellow = {cell.coordinate for row in page.iter_rows(min_row=4) for cell in row if cell.fill.fgColor.rgb == "FFFFEB3B"}
    assert yellow == {page.cell(4, at["用量"]).coordinate, page.cell(5, at["原应收(万元)"]).coordinate}
    [(rules,)] = inbox.rows("SELECT rules FROM intake.finding WHERE cell = 'J6'")
    assert rules == ["unlike-computed bill_before", "off-by-10000 relief_claimed"]


def test_a_proposal_is_taken_where_its_sender_says_yes_and_nowhere_else(inbox: Inbox) -> None:
    _, book = sent(inbox, {(2, "用量"): 17_287_000, (4, "原应收(万元)"): 2.706})
    page = book["退回行"]
    page.cell(4, columns(page)["采纳建议"], "是")
    outcome = inbox.send("GSGS", "改好.xlsx", back(book, "退回行"))
    assert (outcome.rows_accepted, outcome.rows_set_aside) == (1, 1)
    assert [one for one in bills(inbox) if one[0] in ("B2", "B4")] == [("B2", 17287, Decimal("70876.70"))]
    [again] = (inbox.settings.outbox / "GSGS").glob(f"*.{outcome.submission_id}.回执.xlsx")
    page = openpyxl.load_workbook(again)["退回行"]
    assert [page.cell(4, columns(page)[name]).value for name in ("建议值", "采纳建议")] == ["原应收(万元) → 0.02706", None]


def test_a_proposal_that_its_sender_changed_counts_as_changed(inbox: Inbox) -> None:
    _, book = sent(inbox, {(2, "用量"): 17_287_000})
    page = book["退回行"]
    page.cell(4, columns(page)["建议值"], "用量 → 17286.9999")
    page.cell(4, columns(page)["采纳建议"], "Y")
    inbox.send("GSGS", "改好.xlsx", back(book, "退回行"))
    assert [float(one[1]) for one in bills(inbox) if one[0] == "B2"] == [pytest.approx(17286.9999, abs=0.01)]


def test_cells_of_which_one_is_wrong_are_orange_and_nothing_is_proposed_to_be_taken(inbox: Inbox) -> None:
    dates = {
        (n, header): day
        for n in range(6)
        for header, day in (("抄表起日", f"2020-02-0{n + 1}"), ("抄表止日", f"2020-03-0{n + 1}"))
    }
    outcome, book = sent(inbox, dates | {(3, "抄表起日"): "2020-03-07"})
    found = [(one["cell"], one["is_doubtful"], one["severity"]) for one in inbox.receipt(outcome)["findings"]]
    assert sorted(found) == [("E5", True, "set_aside"), ("F5", True, "set_aside")]
    page = book["退回行"]
    assert "建议值" not in columns(page)
    assert "橙色的几格里有一格填错" in str(page["A2"].value) + str(page["B2"].value)
    orange = {cell.coordinate for row in page.iter_rows(min_row=4) for cell in row if cell.fill.fgColor.rgb == "FFFF9F40"}
    assert orange == {"F4", "G4"}


def test_what_a_sender_did_not_answer_is_nothing_to_take() -> None:
    header = ["行号", "用量", "建议值", "采纳建议", "退回原因"]
    row = ["4", "1", "用量 → 2", None, "…"]
    assert proposals.take(header, row) == row
    assert proposals.take(header, [*row[:3], "否", "…"])[1] == "1"
    assert proposals.take(header, [*row[:3], "是", "…"])[1] == "2"
    assert proposals.take(["行号", "建议值", "退回原因"], ["4", "用量 → 2", "是"])[1] == "用量 → 2"
    assert json.dumps(proposals.proposals_in("用量 → 2\n没有箭头\n→ 3")) == json.dumps({"用量": "2"})
