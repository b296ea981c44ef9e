"""Cells as typed → values: numbers with their units, shares, dates, months, codes, and what cannot be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fugong.cell_types import Typed, type_column
from fugong.code_list import Code, CodeList, fold
from fugong.contract import Column
from fugong.rule import ContractFault

MONEY = Column(
    name="amount", header="金额", aliases=(), logical_type="number", physical_type="numeric(18,2)", format=None, required=True,
    key_position=None, unit="元", default_unit="元", code_list=None, description="", minimum=None, maximum=None,
)  # fmt: skip
SHARE = replace(MONEY, name="share", physical_type="numeric(7,5)", unit="%", default_unit="%")
COUNT = replace(MONEY, name="n", logical_type="integer", physical_type="integer", unit=None, default_unit=None)
PRICE = replace(MONEY, name="price", physical_type="numeric(8,4)", unit=None, default_unit=None)
AREA = replace(MONEY, name="area", physical_type="numeric(12,4)", unit="亩", default_unit="亩")
DAY = replace(MONEY, name="day", logical_type="date", physical_type="date", unit=None, default_unit=None)
MONTH = replace(MONEY, name="month", logical_type="string", physical_type="text", format="month", unit=None, default_unit=None)
CODE = replace(MONEY, name="uscc", logical_type="string", physical_type="text", format="uscc", unit=None, default_unit=None)
FLAG = replace(MONEY, name="is_it", logical_type="boolean", physical_type="boolean", unit=None, default_unit=None)
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
YES_NO = CodeList(
    "yes_no", (Code("true", "是", "yes", ()), Code("false", "否", "no", ())), {"是": "true", "y": "true", "否": "false"}
)


def typed(column: Column, *cells: str | None, unit: str | None = None, codes: CodeList | None = None) -> Typed:
    return type_column(column, pa.array(cells, pa.string()), unit, codes)


def one(column: Column, cell: str, unit: str | None = None) -> Any:
    """The value of one cell, or the code of what is wrong with it."""
    found = typed(column, cell, unit=unit)
    [value] = found.values.to_pylist()
    if not found.unreadable:
        return value
    [unreadable] = found.unreadable
    assert value is None
    assert unreadable.positions.tolist() == [0]
    return unreadable.code


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1379.88", "1379.88"),
        ("-5", "-5.00"),
        ("1379.880", "1379.88"),
        ("1,379.88", "1379.88"),
        ("1234567.8", "1234567.80"),
        ("12,34", None),
        ("1379.88元", "1379.88"),
        ("0.137988万元", "1379.88"),
        ("¥1379.88", "1379.88"),
        ("1379.88".translate(WIDE), "1379.88"),
        ("1,379.88".translate(WIDE), "1379.88"),
        ("1 379.88", "1379.88"),
        ("+7", "7.00"),
        ("1.5E+3", "1500.00"),
        ("0.30000000000000004", "0.30"),
        ("2.675", "2.68"),
        ("约3500", None),
        ("无", None),
        ("—", None),
        ("3500-", None),
        ("1e999999999", None),
        ("3%", None),
    ],
)
def test_a_number_is_read_as_people_write_it(cell: str, value: str | None) -> None:
    assert one(MONEY, cell) == ("not-a-number" if value is None else Decimal(value))


@pytest.mark.parametrize("cell", ["1E+20", "1" * 21, "9" * 300, "-1E+27", "1e99万元", "100000000000000"])
def test_a_number_that_no_column_holds_is_too_large_and_stops_nothing(cell: str) -> None:
    assert one(MONEY, cell) == "number-too-large"


def test_a_number_that_only_rounding_makes_too_large_is_too_large() -> None:
    assert one(PRICE, "9999.9999") == Decimal("9999.9999")
    assert one(PRICE, "9999.99996") == "number-too-large"


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [
        ("0.137988", "万元", "1379.88"),
        ("1379.88元", "万元", "1379.88"),  # the cell's own word counts, not the header's
        ("1.2", "亿元", "120000000.00"),
        ("0.00000001", "亿元", "1.00"),
        ("12", "亩", "12.00"),  # a unit of another kind changes nothing
        ("3", None, "3.00"),
    ],
)
def test_units_of_header_and_cell_are_converted(cell: str, unit: str | None, value: str) -> None:
    assert one(MONEY, cell, unit) == Decimal(value)


def test_areas_are_converted_to_mu() -> None:
    assert one(AREA, "2", "公顷") == Decimal("30.0000")
    assert one(AREA, "1000", "平方米") == Decimal("1.5000")


def test_a_conversion_that_is_too_large_is_told() -> None:
    assert one(MONEY, "5e17", "万元") == "number-too-large"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("85%", "0.85"),
        ("85.5%", "0.855"),
        ("0.85", "0.85"),
        ("85", "0.85"),
        ("1", "1"),
        ("150%", "1.5"),
        ("85.71428571428571", "0.85714"),  # as Excel saves 6/7
        ("85.1234567891", "0.85123"),
    ],
)
def test_a_share_is_read_in_every_spelling(cell: str, value: str) -> None:
    assert one(SHARE, cell) == Decimal(value)


def test_a_contracts_maximum_decides_what_is_in_percent() -> None:
    half_a_percent_at_most = replace(SHARE, maximum=0.1)
    assert one(half_a_percent_at_most, "0.5") == Decimal("0.005")
    assert one(half_a_percent_at_most, "0.05") == Decimal("0.05")


def test_a_huge_share_is_too_large() -> None:
    assert one(SHARE, "1E+26") == "number-too-large"


@pytest.mark.parametrize(
    ("cell", "value"), [("12", 12), ("12.0", 12), ("1,200", 1200), ("12人", None), ("2147483647", 2147483647)]
)
def test_a_whole_number(cell: str, value: int | None) -> None:
    assert one(COUNT, cell) == ("not-a-number" if value is None else value)


def test_half_a_person_is_not_a_whole_number() -> None:
    assert one(COUNT, "12.5") == "not-a-whole-number"
    assert one(COUNT, "2147483648") == "number-too-large"


def test_repairs_are_told_with_what_was_taken_and_plain_spellings_are_not() -> None:
    found = typed(MONEY, "1379.88", "1,379.88", "0.1万元", "1379.880", None, "12".translate(WIDE))
    assert found.repaired == [("number-repaired", 1, "1379.88"), ("number-repaired", 2, "1000"), ("number-repaired", 5, "12")]
    assert found.values.null_count == 1


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2020-03-18", date(2020, 3, 18)),
        ("2020-3-8", date(2020, 3, 8)),
        ("2020/3/18", date(2020, 3, 18)),
        ("2020.03.18", date(2020, 3, 18)),
        ("2020年3月18日", date(2020, 3, 18)),
        ("20200318", date(2020, 3, 18)),
        ("43908", date(2020, 3, 18)),
        ("2020-03-18 00:00:00", date(2020, 3, 18)),
        ("2020-03-18".translate(WIDE), date(2020, 3, 18)),
        ("2020-02-29", date(2020, 2, 29)),
        ("2019-02-29", None),
        ("2020-02-31", None),
        ("20200231", None),
        ("3月18日", None),
        ("18/3/2020", None),
        ("2020-03-18 13:30:00", None),
        ("12345", None),
        ("今日", None),
    ],
)
def test_a_date_is_real_or_not_taken(cell: str, value: date | None) -> None:
    assert one(DAY, cell) == (value or "not-a-date")


def test_a_column_of_plain_dates_with_the_thirtieth_is_read_as_well() -> None:
    assert typed(DAY, "2020-01-30", "2020-01-31", None).values.to_pylist() == [date(2020, 1, 30), date(2020, 1, 31), None]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2020-02", "2020-02"), ("2020年2月", "2020-02"), ("202002", "2020-02"), ("2020.2", "2020-02"), ("2020-02-01", "2020-02"),
        ("2020-13", None), ("2月", None), ("2020-02-15", None),
    ],
)  # fmt: skip
def test_a_month(cell: str, value: str | None) -> None:
    assert one(MONTH, cell) == (value or "not-a-month")


def test_codes_are_taken_by_their_spellings_and_the_choice_is_shown() -> None:
    found = typed(FLAG, "是", "否", "Y", None, "也许", codes=YES_NO)
    assert found.values.to_pylist() == [True, False, True, None, None]
    [unknown] = found.unreadable
    assert (unknown.code, unknown.positions.tolist(), list(unknown.details)) == ("unknown-code", [4], [{"codes": "是、否"}])


def test_a_flag_without_a_code_list_is_a_fault_of_the_contract() -> None:
    with pytest.raises(ContractFault, match="code list"):
        typed(FLAG, "是")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("9.14E+17", "uscc-scientific"),
        ("410106000000015", "uscc-old-number"),
        ("91410106Y00000016M", "uscc-check-digit"),
        ("91410106Y0000", "uscc-malformed"),
        ("无", "uscc-malformed"),
    ],
)
def test_a_credit_code_is_refused_by_what_is_wrong_with_it(cell: str, code: str) -> None:
    assert one(CODE, cell) == code


def test_the_character_that_belongs_there_is_named() -> None:
    [found] = typed(CODE, "91410106Y00000016N", "91410106Y00000016M").unreadable
    assert list(found.details) == [{"expected": "N"}]
    assert found.positions.tolist() == [1]


def test_a_code_in_small_letters_and_full_width_is_mended() -> None:
    found = typed(CODE, " 91410106y00000016n", "91410106Y00000016N".translate(WIDE), None)
    assert found.values.to_pylist() == ["91410106Y00000016N", "91410106Y00000016N", None]
    assert [position for _, position, _ in found.repaired] == [0, 1]


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=2))
def test_every_amount_in_yuan_is_read_as_it_is_in_any_spelling(amount: Decimal) -> None:
    spellings = (f"{amount}", f"{amount:,}", f"{amount}元", str(amount).translate(WIDE))
    assert typed(MONEY, *spellings).values.to_pylist() == [amount] * len(spellings)
    assert typed(MONEY, *(f"{amount / 10000}",), unit="万元").values.to_pylist() == [amount]


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_no_text_breaks_a_column(text: str) -> None:
    cell = text or None
    for column in (MONEY, SHARE, COUNT, PRICE, AREA, DAY, MONTH, CODE):
        for unit in (None, "万元"):
            found = type_column(column, pa.array([cell], pa.string()), unit, None)
            is_empty = not text.strip()
            assert is_empty or found.values.null_count == len([u for u in found.unreadable if u.code != "uscc-inner-check"])


@settings(max_examples=40)
@given(st.from_regex(r"\A[+-]?[0-9]{1,40}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?(%|元|万元|亿元)?\Z"))
def test_no_number_breaks_a_column(text: str) -> None:
    for column in (MONEY, SHARE, COUNT, PRICE, AREA):
        for unit in (None, "万元", "公顷"):
            found = type_column(column, pa.array([text, "1"], pa.string()), unit, None)
            assert found.values.null_count == sum(len(item.positions) for item in found.unreadable)


def test_spellings_are_folded() -> None:
    assert fold(" 是\u3000") == "是"
    assert fold("A 1") == "a1"
