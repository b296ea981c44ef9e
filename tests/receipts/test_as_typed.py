"""A receipt quotes what stands in the cell, not what we read it as."""

from __future__ import annotations

import openpyxl
import pytest

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
