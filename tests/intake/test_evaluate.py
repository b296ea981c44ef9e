"""What the reader noticed, judged by the contract: macros, what is hidden, names in archives, sheets larger than a report may be."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fugong.contracts.contract import Contract, Contracts, SheetLimits
from fugong.contracts.load import load_contracts
from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.findings.collector import NotInOnePass
from fugong.intake.evaluate import Evaluation, evaluate
from fugong.intake.identify import Identified, Refused
from fugong.intake.prior_submissions import DuringCopy
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from tests.fixtures.evaluations import accepted
from tests.fixtures.files import packed, with_entry
from tests.fixtures.inbox import TAX_HEADER, as_csv, as_xlsx, tax_row

NAME = "20200318_R04_TAX.xlsx"
ROWS = [tax_row(1), tax_row(2)]


@pytest.fixture(scope="module")
def context(reader: Reader) -> IntakeContext:
    return IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)


def judged(context: IntakeContext, folder: Path, content: bytes, name: str = NAME, **contract: Any) -> Evaluation:
    """Judge a file of the tax bureau by the tax contract, changed as said."""

    def changed(one: Contract) -> Contract:
        return replace(one, **contract) if one.report == "R04" else one

    path, work = folder / "file", folder / "work"
    path.write_bytes(content)
    work.mkdir()
    contracts = Contracts(tuple(map(changed, context.contracts)))
    return evaluate(
        replace(context, contracts=contracts),
        path,
        file_name=name,
        department="TAX",
        received_at=datetime(2020, 3, 19, 9, tzinfo=SHANGHAI),
        work=work,
    )


def codes(evaluation: Evaluation) -> list[str]:
    return [item.code for item in evaluation.findings.findings]


MACROS = with_entry(as_xlsx(TAX_HEADER, ROWS), "xl/vbaProject.bin", lambda _: b"x", is_new=True)


def test_an_unreadable_file_is_refused_with_what_its_name_tells(context: IntakeContext, tmp_path: Path) -> None:
    found = judged(context, tmp_path, b"PK\x03\x04 broken")
    assert isinstance(found.identified, Refused)
    assert found.identified.contract is not None
    assert (found.identified.contract.report, found.identified.report_date) == ("R04", date(2020, 3, 18))
    assert (found.is_rejected, found.parts, found.rows_read) == (True, (), 0)


def test_a_file_without_a_day_is_refused_and_its_lines_are_counted(context: IntakeContext, tmp_path: Path) -> None:
    found = judged(context, tmp_path, as_xlsx(TAX_HEADER, ROWS), "R04.xlsx")
    assert isinstance(found.identified, Refused)
    assert (codes(found), found.report_date, found.n_data) == (["no-report-date"], None, 2)


def test_a_withdrawal_is_identified_without_a_table(context: IntakeContext, tmp_path: Path) -> None:
    found = judged(context, tmp_path, b"", "20200318_R04_作废.csv")
    assert isinstance(found.identified, Identified)
    assert (found.identified.marks.is_withdrawal, found.identified.places, codes(found)) == (True, [], [])


def test_questions_during_copy_stop_it() -> None:
    for asks in (lambda: DuringCopy().earlier(1), lambda: DuringCopy().credit_codes(["410106000000016"])):
        with pytest.raises(NotInOnePass):
            asks()


def test_macros_are_told_where_the_contract_says_nothing(context: IntakeContext, tmp_path: Path) -> None:
    found = judged(context, tmp_path, MACROS)
    assert (codes(found), found.is_rejected, found.n_data) == (["macros"], False, 2)


def test_macros_are_refused_where_the_contract_says_so(context: IntakeContext, tmp_path: Path) -> None:
    found = judged(context, tmp_path, MACROS, macros="refused")
    assert (codes(found), found.is_rejected) == (["macros", "macros-refused"], True)


def test_report_and_day_may_stand_in_the_name_of_a_packed_file(context: IntakeContext, tmp_path: Path) -> None:
    found = judged(context, tmp_path, packed({"20200318_R04_TAX.csv": as_csv(TAX_HEADER, ROWS)}), "新建压缩文件.zip")
    assert found.contract is not None
    assert (found.contract.report, found.report_date, found.n_data, codes(found)) == ("R04", date(2020, 3, 18), 2, [])


def test_a_packed_file_of_another_day_than_its_archive_is_asked_back(context: IntakeContext, tmp_path: Path) -> None:
    found = judged(context, tmp_path, packed({"20200317_R04.csv": as_csv(TAX_HEADER, ROWS)}), "20200318_R04.zip")
    assert codes(found) == ["two-report-dates"]


def test_what_is_hidden_is_told_of_the_sheets_that_are_taken(context: IntakeContext, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    table, notes = book.worksheets[0], book.create_sheet("填表说明")
    for row in (TAX_HEADER, *ROWS):
        table.append(row)
    notes.append(["一", "二"])
    table.column_dimensions["H"].hidden = notes.column_dimensions["A"].hidden = True
    table.row_dimensions[3].hidden = notes.row_dimensions[1].hidden = True
    path = tmp_path / "hidden.xlsx"
    book.save(path)
    found = judged(context, tmp_path, path.read_bytes())
    assert codes(found) == ["hidden-rows", "hidden-columns"]
    assert {item.sheet for item in found.findings.findings} == {table.title}
    assert "(H)" in found.findings.findings[1].message_zh


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (SheetLimits(rows=2), "工作表的行数超过上限:3,最多 2"),
        (SheetLimits(columns=12), "列数超过上限:13,最多 12"),
        (SheetLimits(cells=38), "工作表的单元格数超过上限:39,最多 38"),
    ],
)
def test_a_sheet_beyond_the_contract_goes_back(context: IntakeContext, tmp_path: Path, limits: SheetLimits, says: str) -> None:
    found = judged(context, tmp_path, as_xlsx(TAX_HEADER, ROWS), limits=limits)
    assert (codes(found), found.is_rejected, found.n_data) == (["too-large"], True, 2)
    assert says in found.findings.findings[0].message_zh


def test_a_sheet_within_the_contract_is_taken(context: IntakeContext, tmp_path: Path) -> None:
    assert codes(judged(context, tmp_path, as_xlsx(TAX_HEADER, ROWS), limits=SheetLimits(3, 13, 39))) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{property: macros, value: run}", "should be one of told, refused, found 'run'"),
        ("{property: limits, value: {rows: many}}", "rows` should be of type integer, found 'many'"),
        ("{property: limits, value: {sheets: 3}}", "has no key 'sheets'. There is: cells, columns, rows"),
        ("{property: limits, value: 3}", "should be of type object, found 3"),
    ],
)
def test_a_contract_that_asks_for_what_there_is_not_is_our_fault(tmp_path: Path, line: str, said: str) -> None:
    text = (PROJECT / "include" / "contracts" / "tax_relief.odcs.yaml").read_text(encoding="utf-8")
    assert "\ncustomProperties:\n" in text
    changed = text.replace("\ncustomProperties:\n", f"\ncustomProperties:\n  - {line}\n", 1)
    (tmp_path / "tax_relief.odcs.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        load_contracts(tmp_path)
    (tmp_path / "tax_relief.odcs.yaml").write_text(
        text.replace("\ncustomProperties:\n", "\ncustomProperties:\n  - {property: limits, value: {rows: 9}}\n", 1),
        encoding="utf-8",
    )
    assert load_contracts(tmp_path).find("R04").limits == SheetLimits(rows=9)


def test_a_child_per_file_costs_less_than_three_tenths_of_a_second(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a,b\n1,2\n")
    into = tmp_path / "cells"
    into.mkdir()

    def seconds() -> float:
        began = time.perf_counter()
        assert reader.read(tmp_path / "file", "a.csv", into).refused is None
        return time.perf_counter() - began

    assert min(seconds() for _ in range(5)) < 0.3


def test_a_workbook_of_220_rows_is_judged_within_a_second(context: IntakeContext, tmp_path: Path) -> None:
    content = as_xlsx(TAX_HEADER, [tax_row(number) for number in range(220)])

    def seconds(turn: int) -> float:
        folder = tmp_path / str(turn)
        folder.mkdir()
        began = time.perf_counter()
        found = judged(context, folder, content)
        assert sum(block.num_rows for _, block in accepted(found)) == 220
        return time.perf_counter() - began

    seconds(0)  # imports Great Expectations
    assert min(map(seconds, range(1, 4))) < 1.0


def test_what_is_personal_is_masked_in_every_finding_before_it_leaves_the_evaluation(
    context: IntakeContext, tmp_path: Path
) -> None:
    rows = [tax_row(1), tax_row(2, **{"计税依据(元)": "问13800138000"}), ["13800138000"], tax_row(3)]
    found = judged(context, tmp_path, as_xlsx(TAX_HEADER, rows))
    assert found.is_quarantined
    assert codes(found) == ["not-a-number", "personal-data", "stray-line"]
    assert "13800138000" not in repr(found.findings)
