"""Templates: what a department fills in is what our own reader finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from fugong.contracts.code_list import load_code_lists
from fugong.contracts.contract import Column, Contract
from fugong.contracts.load import load_contracts
from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT
from fugong.documentation.template import CODES, HEADER_ROW, NOTES, write_template
from fugong.documentation.template_text import header_of
from fugong.parsing.file_name import matching_contracts
from fugong.parsing.header import locate
from fugong.parsing.marks import Marks, marks
from fugong.parsing.report_day import report_day
from fugong.parsing.unit_report import mentions_of
from fugong.parsing.units import units_of
from fugong.reading.reader import Reader
from fugong.validation.suite import load_suites

CONTRACTS = load_contracts(PROJECT / "include" / "contracts")
CODE_LISTS = load_code_lists(PROJECT / "include" / "reference" / "code_list.csv")
SUITES = load_suites(PROJECT / "expectations", CONTRACTS.tables)
DAY = date(2020, 3, 18)
FIRST = HEADER_ROW + 3
"""The first line that a clerk fills in."""


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


def value_for(column: Column) -> Any:
    if column.code_list:
        return CODE_LISTS[column.code_list].names_zh[0]
    if column.format == "uscc":
        return "91410106Y00000016N"
    if column.format == "month":
        return "2020-02"
    return {"date": DAY, "integer": 7, "number": 12.5, "boolean": "是", "string": "A-1"}[column.logical_type]


def fill(contract: Contract, path: Path) -> list[str]:
    """Fill in one row per table as a clerk would; returns the sheets."""
    book = openpyxl.load_workbook(path)
    names = book.sheetnames[: len(contract.tables)]
    for table, name in zip(contract.tables, names, strict=True):
        page = book[name]
        page["B2"] = "某单位"
        page["D2"] = DAY
        for place, column in enumerate(table.columns, start=1):
            page.cell(FIRST, place).value = value_for(column)
    book.save(path)
    return names


@pytest.mark.parametrize("contract", list(CONTRACTS), ids=lambda contract: contract.id)
def test_a_filled_template_is_found_by_our_reader(contract: Contract, tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "filled.xlsx"
    write_template(contract, CODE_LISTS, SUITES, path)
    names = fill(contract, path)
    into = tmp_path / "cells"
    into.mkdir()
    reading = reader.read(path, path.name, into)
    assert reading.refused is None
    assert not reading.notes
    sheets = {sheet.name: sheet for sheet in reading.sheets}
    assert list(sheets)[: len(names)] == names
    for table, name in zip(contract.tables, names, strict=True):
        sheet = sheets[name]
        header = locate(table, sheet.head, sheet.merged)
        assert header is not None
        assert (header.first_row, header.last_row) == (HEADER_ROW, HEADER_ROW)
        assert [header.columns[place].name for place in sorted(header.columns)] == [column.name for column in table.columns]
        assert header.missing == header.extra == ()
        titles = ["  ".join(cell for cell in row if cell) for row in sheet.head[:HEADER_ROW]]
        assert report_day("filled", titles, date(2020, 3, 19)).day == DAY
        assert marks(titles) == Marks()
        assert contract in matching_contracts(titles[0], CONTRACTS)
        units = units_of(table, header, mentions_of(sheet, header, f"{contract.report}.xlsx"))
        assert units.doubts == ()
        assert {column.name: units.of[column.name] for column in table.columns} == {
            column.name: column.default_unit for column in table.columns
        }
        money = {column.name for column in table.columns if column.unit == column.default_unit == "元"}
        assert {name for name, place in units.declared.items() if place == "E2"} == money
        assert sheet.n_rows == HEADER_ROW + 3
        assert not table.sheets or any(word in name for word in table.sheets)
    for name in (NOTES, CODES):
        if name in sheets:
            assert all(locate(table, sheets[name].head, ()) is None for table in contract.tables)
            # The first rows of every sheet are searched for these words.
            assert not marks(["".join(cell or "" for cell in row) for row in sheets[name].head[:6]]).is_withdrawal


def test_every_contract_is_tried() -> None:
    assert len(list(CONTRACTS)) == len(list((PROJECT / "include" / "contracts").glob("*.odcs.yaml")))
    assert {"R01", "R04", "R11"} <= {contract.report for contract in CONTRACTS}


def test_an_untouched_template_holds_no_data(tmp_path: Path, reader: Reader) -> None:
    write_template(CONTRACTS.find("R04"), CODE_LISTS, SUITES, tmp_path / "empty.xlsx")
    into = tmp_path / "cells"
    into.mkdir()
    reading = reader.read(tmp_path / "empty.xlsx", "empty.xlsx", into)
    assert reading.sheets[0].n_rows == HEADER_ROW + 2
    assert reading.sheets[0].name == "税费减免退"


def test_the_template_carries_drop_downs_notes_and_the_version(tmp_path: Path) -> None:
    contract = CONTRACTS.find("tax_relief")
    path = tmp_path / "R04.xlsx"
    write_template(contract, CODE_LISTS, SUITES, path)
    book: Any = openpyxl.load_workbook(path)
    assert book.sheetnames == ["税费减免退", NOTES, CODES]
    assert {item.name: item.value for item in book.custom_doc_props} == {
        "fugong_contract": "tax_relief",
        "fugong_contract_version": contract.version,
    }
    page = book.worksheets[0]
    table = contract.tables[0]
    place = [column.name for column in table.columns].index("relief_kind") + 1
    letter = get_column_letter(place)
    rules = {str(rule.sqref): rule for rule in page.data_validations.dataValidation}
    drop_down = rules[f"{letter}{FIRST}:{letter}{FIRST + 4999}"]
    assert drop_down.type == "list"
    sheet, cells = drop_down.formula1.removeprefix("=").replace("$", "").split("!")
    assert sheet.strip("'") == CODES
    assert [cell.value for (cell,) in book[CODES][cells]] == list(CODE_LISTS["relief_kind"].names_zh)
    code = page.cell(HEADER_ROW + 1, [column.name for column in table.columns].index("uscc") + 1)
    assert code.comment.text.startswith("必填")
    assert page.column_dimensions[code.column_letter].number_format == "@"
    assert book[NOTES].protection.sheet
    assert any(cell.value and contract.version in str(cell.value) for row in book[NOTES].iter_rows(max_row=3) for cell in row)


def test_the_same_contract_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_template(CONTRACTS.find("R01"), CODE_LISTS, SUITES, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_missing_code_list_is_our_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no code list"):
        write_template(CONTRACTS.find("R04"), {}, SUITES, tmp_path / "x.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_units_stand_in_the_header_unless_the_title_says_them() -> None:
    columns = {column.name: column for contract in CONTRACTS for table in contract.tables for column in table.columns}
    assert header_of(columns["amt_relief"]) == "减免税额"
    assert header_of(columns["capacity_rate"]) == "产能恢复率(%)"


def notes_of(report: str, tmp_path: Path) -> str:
    write_template(CONTRACTS.find(report), CODE_LISTS, SUITES, tmp_path / f"{report}.xlsx")
    page: Any = openpyxl.load_workbook(tmp_path / f"{report}.xlsx")[NOTES]
    return "\n".join(str(cell.value) for (cell,) in page.iter_rows(max_col=1) if cell.value)


@pytest.mark.parametrize(
    ("report", "said", "unsaid"),
    [
        ("R13", ["在表头上方的黄色格里选元或万元", "连百分号一起填", "例如 2020-03-18", "以免开头的 0 和末几位丢失"], []),
        ("R07", ["例如 2020-03-18", "以免开头的 0 和末几位丢失"], ["黄色格", "百分号"]),
        ("R03", ["例如 2020-03-18"], ["黄色格", "百分号"]),
        ("R01", ["连百分号一起填"], ["黄色格"]),
    ],
)
def test_the_notes_say_what_concerns_the_columns_of_the_report(
    report: str, said: list[str], unsaid: list[str], tmp_path: Path
) -> None:
    notes = notes_of(report, tmp_path)
    assert [words for words in said if words not in notes] == []
    assert [words for words in unsaid if words in notes] == []
