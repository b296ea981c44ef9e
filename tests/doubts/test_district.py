"""What the district says about doubts: `include/doubts.yaml`, and `otherwise` in the heads of checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from fugong.contracts.load import load_contracts
from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT
from fugong.doubts.district import Bounds, District, load_district
from fugong.marts.header import read_check
from fugong.marts.sql_files import load_sql_files
from tests.fixtures.mini_district import CHECKS

CONTRACTS = load_contracts(PROJECT / "include" / "contracts")


def given(folder: Path, text: str) -> District:
    (folder / "doubts.yaml").write_text(text, encoding="utf-8")
    return load_district(folder, CONTRACTS)


def test_every_sender_of_the_district_has_a_contact() -> None:
    district = load_district(PROJECT / "include", CONTRACTS)
    assert district.contacts.keys() >= {sender for contract in CONTRACTS for sender in contract.senders}
    assert set(district.series) == {"water_bill", "gas_bill", "power_bill", "social_insurance_relief"}
    assert district.bounds == Bounds()


def test_without_the_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_district(tmp_path, CONTRACTS) == given(tmp_path, "") == District()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ratios: {bund: 4}", r"doubts\.yaml:1: .*bund"),
        ("series:\n  water_bil: {by: [account_no], order: read_to}", r"doubts\.yaml:2: no increment table 'water_bil'"),
        ("series:\n  award: {by: [payment_id], order: paid_date}", r"doubts\.yaml:2: no increment table 'award'"),
        ("series:\n  loan: {by: [uscc], order: day}", r"doubts\.yaml:2: loan: no column 'day'"),
        ("contacts: {TAX: somebody}", r"doubts\.yaml:1: "),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        given(tmp_path, text)


@pytest.mark.parametrize(
    ("otherwise", "message"),
    [
        ("{column: resumed, value: nothing}", "'nothing' is not among `columns`"),
        ("{column: resumed}", "with one of `value`, `opposite_of` and `constant`"),
        ("{column: resumed, value: township, constant: 1}", "with one of"),
        ("{is_absent: true, value: township}", "`is_absent` alone"),
        ("{column: resumed, constant: 1, instead_of: township}", "with one of"),
    ],
)
def test_a_check_that_says_two_things_or_none_is_refused(tmp_path: Path, otherwise: str, message: str) -> None:
    file = tmp_path / "t9_rows.sql"
    file.write_text(CHECKS["T9"].strip().replace("-- columns:", f"-- otherwise: {otherwise}\n-- columns:"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        read_check(file)


def test_checks_name_columns_that_some_report_has() -> None:
    known = {column for table in CONTRACTS.tables.values() for column in table.by_name}
    named = {check.id: check.otherwise.column for check in load_sql_files(PROJECT / "include" / "sql").checks if check.otherwise}
    assert len(named) >= 17
    assert {check: column for check, column in named.items() if column and column not in known} == {}
