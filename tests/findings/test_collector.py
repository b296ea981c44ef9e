"""What is said of a row that goes back."""

from __future__ import annotations

from fugong.core.vocabulary import Severity
from fugong.findings.catalogue import finding
from fugong.findings.collector import FindingCollector
from fugong.findings.finding import Finding


def missing(column: str) -> Finding:
    """As a rule of a suite says it, once the unreadable cell has become empty."""
    return Finding("missing-with-amount", Severity.SET_ASIDE, "没有填。", "It is missing.", "Sheet1", 6, "L6", column, None)


def test_a_cell_that_cannot_be_read_is_not_said_to_be_missing() -> None:
    faults = FindingCollector()
    typed = {"sheet": "Sheet1", "row_number": 6, "cell": "L6", "column_name": "paid_date", "value": "3月38日"}
    faults.add(finding("unreadable-optional", header="拨付日期", **typed), "拨付日期")
    faults.add(missing("paid_date"), "拨付日期")
    faults.add(missing("doc_no"), "指标文号")
    assert [(item.code, item.column_name) for item in faults.all_findings()] == [
        ("unreadable-cell", "paid_date"),
        ("missing-with-amount", "doc_no"),
    ]
    assert [(reason["code"], reason["column"]) for reason in faults.reasons("Sheet1", 6)] == [
        ("missing-with-amount", "doc_no"),
        ("unreadable-cell", "paid_date"),
    ]
