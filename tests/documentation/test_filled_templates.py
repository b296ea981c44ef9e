"""A template filled in by a clerk passes with no findings; its example row is never data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fugong.contracts.contract import Column, Contract, load_contracts
from fugong.contracts.example import EXAMPLE_MARK
from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.documentation.template import HEADER_ROW, write_template
from fugong.intake.evaluate import Evaluation, accepted_blocks, judge
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext

CONTRACTS = load_contracts(PROJECT / "include" / "contracts")
SENT = [
    contract.of_sender(sender)
    for contract in CONTRACTS
    for sender in dict.fromkeys((table.senders or contract.senders)[0] for table in contract.tables)
]
"""Every report as each of its first senders fills it in."""
ROUND_TRIPS = Path(__file__).parent / "round_trips"
EXAMPLE, FIRST = HEADER_ROW + 2, HEADER_ROW + 3
"""The line of the example, and the first that a clerk fills in."""


@pytest.fixture(scope="module")
def judges() -> Iterator[IntakeContext]:
    with Reader() as reader:
        yield IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)


def typed_in(column: Column, judges: IntakeContext, example: str) -> Any:
    """A cell of the example as a clerk types it: numbers and dates as such."""
    text = example.removeprefix(EXAMPLE_MARK)
    if not text:
        return None
    if column.code_list or column.logical_type == "string":
        return text
    if column.logical_type == "date":
        return date.fromisoformat(text)
    return float(Decimal(text.removesuffix("%")) / 100) if column.unit == "%" else float(Decimal(text))


def fill(contract: Contract, judges: IntakeContext, path: Path, line: int = FIRST) -> None:
    """Fill a template with the row that its example shows."""
    write_template(contract, judges.code_lists, judges.suites, path)
    book: Any = openpyxl.load_workbook(path)
    for table, page in zip(contract.tables, book.worksheets, strict=False):
        page["B2"] = "某单位"
        page["D2"] = day_of(judges, contract)
        for place, column in enumerate(table.columns, start=1):
            page.cell(line, place).value = typed_in(column, judges, page.cell(EXAMPLE, place).value or "")
    book.save(path)


def day_of(judges: IntakeContext, contract: Contract) -> date:
    good = judges.suites[contract.tables[0].name].good
    return date.fromisoformat(good.get("report_date", "2020-03-18"))


def judged(judges: IntakeContext, contract: Contract, path: Path, tmp_path: Path) -> tuple[Evaluation, int]:
    """The judgement, and how many rows are accepted."""
    work = tmp_path / "work"
    work.mkdir()
    found = judge(
        judges,
        path,
        file_name="报表.xlsx",
        department=contract.senders[0],
        received_at=datetime(2020, 12, 31, 9, tzinfo=SHANGHAI),
        work=work,
    )
    accepted = 0
    if not found.is_rejected:
        for part in found.parts:
            accepted += sum(block.num_rows for block in accepted_blocks(found, part))
    return found, accepted


def said(found: Evaluation) -> list[tuple[str, str | None, str]]:
    return [(item.code, item.cell, item.message_zh) for item in found.faults.all_findings()]


@pytest.mark.parametrize("contract", SENT, ids=lambda contract: f"{contract.id}-{contract.senders[0]}")
def test_a_filled_template_passes_with_no_findings(contract: Contract, judges: IntakeContext, tmp_path: Path) -> None:
    fill(contract, judges, tmp_path / "filled.xlsx")
    found, accepted = judged(judges, contract, tmp_path / "filled.xlsx", tmp_path)
    assert said(found) == []
    assert found.contract is not None
    assert found.contract.id == contract.id
    assert found.report_date == day_of(judges, contract)
    assert accepted == len(contract.tables)


@pytest.mark.parametrize("contract", SENT, ids=lambda contract: f"{contract.id}-{contract.senders[0]}")
def test_a_template_filled_over_its_example_passes_too(contract: Contract, judges: IntakeContext, tmp_path: Path) -> None:
    fill(contract, judges, tmp_path / "filled.xlsx", EXAMPLE)
    found, accepted = judged(judges, contract, tmp_path / "filled.xlsx", tmp_path)
    assert (said(found), accepted) == ([], len(contract.tables))


def test_the_example_alone_is_a_nil_report(judges: IntakeContext, tmp_path: Path) -> None:
    contract = CONTRACTS.find("R04")
    fill(contract, judges, tmp_path / "nil.xlsx")
    book: Any = openpyxl.load_workbook(tmp_path / "nil.xlsx")
    book.worksheets[0].delete_rows(FIRST)
    book.save(tmp_path / "nil.xlsx")
    found, accepted = judged(judges, contract, tmp_path / "nil.xlsx", tmp_path)
    assert (said(found), accepted, found.rows_read, found.n_data) == ([], 0, 1, 0)


def test_what_was_written_over_the_example_goes_back_and_is_not_lost(judges: IntakeContext, tmp_path: Path) -> None:
    contract = CONTRACTS.find("R04")
    fill(contract, judges, tmp_path / "over.xlsx")
    book: Any = openpyxl.load_workbook(tmp_path / "over.xlsx")
    page = book.worksheets[0]
    at = [column.name for column in contract.tables[0].columns].index("amt_relief") + 1
    page.cell(EXAMPLE, at).value = "777"
    book.save(tmp_path / "over.xlsx")
    found, accepted = judged(judges, contract, tmp_path / "over.xlsx", tmp_path)
    assert [code for code, _, _ in said(found)] == ["written-over-example"]
    assert "去掉“示例:”" in said(found)[0][2]
    assert (accepted, found.rows_read, found.n_data) == (1, 2, 2)
    ((_, line, cells),) = found.raw_set_aside()
    assert line == EXAMPLE
    assert "777" in [text for _, text in cells]


@pytest.mark.parametrize("name", ["tax_relief", "land"])
def test_a_filled_template_saved_by_libreoffice_passes_with_no_findings(name: str, judges: IntakeContext, tmp_path: Path) -> None:
    """`round_trips/*.xlsx` were filled as here, opened in LibreOffice 7 and saved as .xlsx."""
    contract = CONTRACTS.find(name)
    found, accepted = judged(judges, contract, ROUND_TRIPS / f"{name}.xlsx", tmp_path)
    assert (said(found), accepted) == ([], len(contract.tables))
    assert found.report_date == day_of(judges, contract)
