"""An ugly workbook the whole way: what counts is in the warehouse, what was taken for the table is kept and told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.fixtures.inbox import Inbox, code
from tests.intake.test_spoilt_workbooks import ugly_industry_report


def test_an_ugly_workbook_is_taken_but_for_the_line_that_cannot_be_known(inbox: Inbox) -> None:
    outcome = inbox.send("GXJ", "R01 工业企业.xlsx", ugly_industry_report())
    assert (outcome.state, outcome.rows_accepted, outcome.rows_set_aside, outcome.rows_not_data) == ("partly_accepted", 2, 1, 8)
    rows = inbox.rows(
        "SELECT row_number, report_date, uscc, township_code, on_post, output_value FROM asof.industry_resumption ORDER BY row_number"
    )
    day = date(2020, 3, 18)
    assert rows == [
        (9, day, code(2), "410106002", 80, Decimal("100000.00")),
        (13, day, code(3), "410106004", 100, Decimal("30000.00")),
    ]
    assert inbox.is_balanced()
    [kept] = inbox.rows("SELECT tables FROM intake.submission WHERE submission_id = %s", outcome.submission_id)
    assert kept == (inbox.receipt(outcome)["tables"],)
    [table] = inbox.receipt(outcome)["tables"]
    assert (table["sheet"], table["header_lines"], table["units"]) == (
        "Sheet2",
        [4, 5],
        {"正常用工人数": "人", "到岗人数": "人", "当日产值": "亿元"},
    )
    [cells] = inbox.rows("SELECT cells FROM intake.set_aside_row")
    sent = dict(cells[0])
    assert sent["当日产值(亿元)"] == "0.001"
    assert sent["所属\n镇办"] == "中心路街道"
    assert "镇办" not in sent  # of the table beside
