"""A receipt quotes what stands in the cell, not what we read it as."""

from __future__ import annotations

import io

import openpyxl
import pytest

from fugong.intake.types import Outcome
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_xlsx, tax_row


@pytest.mark.parametrize(
    ("header", "typed", "code"),
    [
        ("业务日期", "2020/3/25", "after-arrival"),
        ("优惠类型", "退", "amount-in-another-column"),
        ("减免税额", "-0.1万元", "negative-without-reversal"),
        ("减免税额", "－１，０００", "negative-without-reversal"),
        ("减免税额", "20000万", "implausible-size"),
    ],
)
def test_what_was_typed_is_quoted(inbox: Inbox, header: str, typed: str, code: str) -> None:
    row = tax_row(2)
    row[next(at for at, one in enumerate(TAX_HEADER) if one.startswith(header))] = typed
    outcome = inbox.send("TAX", "R04 3.18.xlsx", as_xlsx(TAX_HEADER, [tax_row(1), row]))
    found = {one["code"]: one["value"] for one in inbox.receipt(outcome)["findings"] if one["row_number"] == 3}
    assert found[code] == typed
    [text] = (inbox.settings.outbox / "TAX").glob("*.回执.txt")
    assert f"填的是“{typed}”" in text.read_text(encoding="utf-8-sig")
    [path] = (inbox.settings.outbox / "TAX").glob("*.回执.xlsx")
    texts = [str(cell.value) for page in openpyxl.load_workbook(path) for row in page.iter_rows() for cell in row]
    assert any(f"填的是“{typed}”" in one for one in texts)


def quoted(inbox: Inbox, outcome: Outcome, code: str) -> dict[int, str]:
    """What the findings of a code quote, by line."""
    return {one["row_number"]: one["value"] for one in inbox.receipt(outcome)["findings"] if one["code"] == code}


def test_same_as_above_and_merged_cells_are_quoted_as_typed(inbox: Inbox) -> None:
    outcome = inbox.send("TAX", "R04 3.18.xlsx", as_xlsx(TAX_HEADER, [tax_row(1, 优惠类型="退"), tax_row(2, 优惠类型="同 上")]))
    assert quoted(inbox, outcome, "amount-in-another-column") == {2: "退", 3: "同 上"}
    outcome = inbox.send("TAX", "R04 3.17.xlsx", as_xlsx(TAX_HEADER, [tax_row(3, 征收项目="糖税"), tax_row(4, 征收项目="同上")]))
    assert quoted(inbox, outcome, "unknown-code") == {2: "糖税", 3: "同上"}
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(TAX_HEADER, [tax_row(3, 优惠类型="退"), tax_row(4, 优惠类型="")])))
    book.worksheets[0].merge_cells("F2:F3")
    content = io.BytesIO()
    book.save(content)
    merged = inbox.send("TAX", "R04 3.16.xlsx", content.getvalue())
    assert quoted(inbox, merged, "amount-in-another-column") == {2: "退", 3: "退"}
