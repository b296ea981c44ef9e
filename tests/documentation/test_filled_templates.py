"""A template filled in by a clerk passes with no findings; its example row is never data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fugong.contracts.contract import Column, Contract
from fugong.contracts.example import EXAMPLE_MARK
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.documentation.template import HEADER_ROW, write_template
from fugong.intake.evaluate import Evaluation, evaluate
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from tests.fixtures.evaluations import accepted

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
def context() -> Iterator[IntakeContext]:
    with Reader() as reader:
        yield IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)


def typed_in(column: Column, context: IntakeContext, example: str) -> Any:
    """A cell of the example as a clerk types it: numbers and dates as such."""
    text = example.removeprefix(EXAMPLE_MARK)
    if not text:
        return None
    if column.code_list or column.logical_type == "string":
        return text
    if column.logical_type == "date":
        return date.fromisoformat(text)
    return float(Decimal(text.removesuffix("%")) / 100) if column.unit == "%" else float(Decimal(text))


def fill(contract: Contract, context: IntakeContext, path: Path, line: int = FIRST) -> None:
    """Fill a template with the row that its example shows."""
    write_template(contract, context.code_lists, context.suites, path)
    book: Any = openpyxl.load_workbook(path)
    for table, page in zip(contract.tables, book.worksheets, strict=False):
        page["B2"] = "某单位"
        page["D2"] = day_of(context, contract)
        for place, column in enumerate(table.columns, start=1):
            cell = page.cell(line, place)
            cell.value = typed_in(column, context, page.cell(EXAMPLE, place).value or "")
            if column.unit == "%":  # the template's column has this format; openpyxl does not hand it on to a new cell
                cell.number_format = "0.00%"
    book.save(path)


def day_of(context: IntakeContext, contract: Contract) -> date:
    good = context.suites[contract.tables[0].name].good
    return date.fromisoformat(good.get("report_date", "2020-03-18"))


def judged(context: IntakeContext, contract: Contract, path: Path, tmp_path: Path) -> tuple[Evaluation, int]:
    """The evaluation, and how many rows are accepted."""
    work = tmp_path / "work"
    work.mkdir()
    found = evaluate(
        context,
        path,
        file_name="报表.xlsx",
        department=contract.senders[0],
        received_at=datetime(2020, 12, 31, 9, tzinfo=SHANGHAI),
        work=work,
    )
    return found, sum(block.num_rows for _, block in accepted(found))


def said(found: Evaluation) -> list[tuple[str, str | None, str]]:
    return [(item.code, item.cell, item.message_zh) for item in found.findings.all_findings()]


@pytest.mark.parametrize("contract", SENT, ids=lambda contract: f"{contract.id}-{contract.senders[0]}")
def test_a_filled_template_passes_with_no_findings(contract: Contract, context: IntakeContext, tmp_path: Path) -> None:
    fill(contract, context, tmp_path / "filled.xlsx")
    found, accepted = judged(context, contract, tmp_path / "filled.xlsx", tmp_path)
    assert said(found) == []
    assert found.contract is not None
    assert found.contract.id == contract.id
    assert found.report_date == day_of(context, contract)
    assert accepted == len(contract.tables)


@pytest.mark.parametrize("contract", SENT, ids=lambda contract: f"{contract.id}-{contract.senders[0]}")
def test_a_template_filled_over_its_example_passes_too(contract: Contract, context: IntakeContext, tmp_path: Path) -> None:
    fill(contract, context, tmp_path / "filled.xlsx", EXAMPLE)
    found, accepted = judged(context, contract, tmp_path / "filled.xlsx", tmp_path)
    assert (said(found), accepted) == ([], len(contract.tables))


def test_the_example_alone_is_a_nil_report(context: IntakeContext, tmp_path: Path) -> None:
    contract = CONTRACTS.find("R04")
    fill(contract, context, tmp_path / "nil.xlsx")
    book: Any = openpyxl.load_workbook(tmp_path / "nil.xlsx")
    book.worksheets[0].delete_rows(FIRST)
    book.save(tmp_path / "nil.xlsx")
    found, accepted = judged(context, contract, tmp_path / "nil.xlsx", tmp_path)
    assert (said(found), accepted, found.rows_read, found.n_data) == ([], 0, 1, 0)


def test_what_was_written_over_the_example_goes_back_and_is_not_lost(context: IntakeContext, tmp_path: Path) -> None:
    contract = CONTRACTS.find("R04")
    fill(contract, context, tmp_path / "over.xlsx")
    book: Any = openpyxl.load_workbook(tmp_path / "over.xlsx")
    page = book.worksheets[0]
    at = [column.name for column in contract.tables[0].columns].index("amt_relief") + 1
    page.cell(EXAMPLE, at).value = "777"
    book.save(tmp_path / "over.xlsx")
    found, accepted = judged(context, contract, tmp_path / "over.xlsx", tmp_path)
    assert [code for code, _, _ in said(found)] == ["written-over-example"]
    assert "去掉“示例:”" in said(found)[0][2]
    assert (accepted, found.rows_read, found.n_data) == (1, 2, 2)
    ((_, line, cells),) = found.returned_rows()
    assert line == EXAMPLE
    assert "777" in [text for _, text in cells]


@pytest.mark.parametrize("name", ["tax_relief", "land"])
def test_a_filled_template_saved_by_libreoffice_passes_with_no_findings(
    name: str, context: IntakeContext, tmp_path: Path
) -> None:
    """`round_trips/*.xlsx` were filled as here, opened in LibreOffice 7 and saved as .xlsx."""
    contract = CONTRACTS.find(name)
    found, accepted = judged(context, contract, ROUND_TRIPS / f"{name}.xlsx", tmp_path)
    assert (said(found), accepted) == ([], len(contract.tables))
    assert found.report_date == day_of(context, contract)
