"""Units of a whole file: what is recorded of them, what returned rows say, and what goes back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.intake.evaluate import Evaluation, evaluate
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from tests.fixtures.evaluations import accepted
from tests.fixtures.inbox import INDUSTRY_HEADER, TAX_HEADER, as_xlsx, industry_row, tax_row

BARE = [header.partition("(")[0] for header in TAX_HEADER]


@pytest.fixture(scope="module")
def context(reader: Reader) -> IntakeContext:
    return IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)


def judged(context: IntakeContext, folder: Path, content: bytes, department: str, name: str) -> Evaluation:
    path, work = folder / "file", folder / "work"
    path.write_bytes(content)
    work.mkdir()
    arrived = datetime(2020, 3, 19, 9, tzinfo=SHANGHAI)
    return evaluate(context, path, file_name=name, department=department, received_at=arrived, work=work)


def amounts(found: Evaluation, name: str) -> list[Decimal]:
    return [value for _, block in accepted(found) for value in block.column(name).to_pylist()]


def test_it_is_recorded_which_unit_each_column_has_and_where_it_is_declared(context: IntakeContext, tmp_path: Path) -> None:
    content = as_xlsx(BARE, [tax_row(1, "5")], ["单位\uff1a户、万元"])
    found = judged(context, tmp_path, content, "TAX", "20200318_R04_TAX.xlsx")
    assert amounts(found, "amt_relief") == [Decimal(50000)]
    [table] = found.tables()
    assert (table["units"]["减免税额"], table["units_declared_in"]["减免税额"]) == ("万元", "A1")


def test_returned_rows_mean_the_same_alone(context: IntakeContext, tmp_path: Path) -> None:
    header = [*INDUSTRY_HEADER, "当日产值"]
    wrong = [*industry_row(2), "1250"]
    wrong[2] = "91410106Y00000000X"
    content = as_xlsx(header, [[*industry_row(1), "1250"], wrong], ["单位\uff1a元"])
    found = judged(context, tmp_path, content, "GXJ", "20200318_R01_GXJ.xlsx")
    assert amounts(found, "output_value") == [Decimal(1250)]
    [(_, _, cells)] = list(found.returned_rows())
    assert ["当日产值(元)", "1250"] in cells


@pytest.mark.parametrize(("units", "outcome"), [(("万元", "万元"), [50000, 50000]), (("万元", "元"), ["two-units"])])
def test_a_column_that_names_the_unit_on_every_line(
    context: IntakeContext, tmp_path: Path, units: tuple[str, str], outcome: list[object]
) -> None:
    rows = [[*tax_row(number, "5"), unit] for number, unit in enumerate(units, 1)]
    found = judged(context, tmp_path, as_xlsx([*BARE, "金额单位"], rows), "TAX", "20200318_R04_TAX.xlsx")
    rejected = [item.code for item in found.findings.findings if item.severity == "rejected"]
    assert (rejected or amounts(found, "amt_relief")) == outcome


def test_a_file_without_its_table_is_told_what_headers_it_has(context: IntakeContext, tmp_path: Path) -> None:
    found = judged(context, tmp_path, as_xlsx(["镇办", "户数", "产值"], [["某镇", "5", "6"]]), "GXJ", "20200318_R01_GXJ.xlsx")
    [finding] = [item for item in found.findings.findings if item.code == "no-table"]
    assert "看到的是:镇办、户数、产值。" in finding.message_zh
