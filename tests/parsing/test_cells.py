"""Cells as typed → values: numbers with their units, shares, dates, months, codes, and what cannot be read."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fugong.contracts.code_list import Code, CodeList, fold
from fugong.contracts.contract import Column
from fugong.core.errors import ConfigurationError
from fugong.findings.catalogue import CATALOGUE
from fugong.parsing.cells import type_column
from fugong.parsing.dates import NO_ORIGIN, Origin
from fugong.parsing.numbers import are_plain
from fugong.parsing.typed import Typed

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


TEXT = replace(MONEY, name="title", logical_type="string", physical_type="text", unit=None, default_unit=None)


def typed(
    column: Column, *cells: str | None, unit: str | None = None, codes: CodeList | None = None, origin: Origin = NO_ORIGIN
) -> Typed:
    return type_column(column, pa.array(cells, pa.string()), unit, codes, origin)


def mended(found: Typed) -> list[tuple[str, int, str]]:
    """Every repair: code, position, value after it."""
    return [
        (item.code, int(position), item.after[order] if item.after else "")
        for item in found.repaired
        for order, position in enumerate(item.positions)
    ]


def one(column: Column, cell: str, unit: str | None = None, origin: Origin = NO_ORIGIN, codes: CodeList | None = None) -> Any:
    """The value of one cell, or the code of what is wrong with it."""
    found = typed(column, cell, unit=unit, origin=origin, codes=codes)
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
        ("1379.88元整", "1379.88"),
        ("人民币1379.88", "1379.88"),
        ("16.3万", "163000.00"),
        ("1.2亿元", "120000000.00"),
        ("\uff0d5", "-5.00"),
        ("\u22125", "-5.00"),
        ("'5", "5.00"),
        ("1379\n.88", "1379.88"),
        ("\u200b1379.88\ufeff", "1379.88"),
        ("\u202d1379.88\u202c", "1379.88"),
        ("1\uff0c379.88", "1379.88"),
        ("(5)", None),
        ("三千", None),
        ("5人", None),
        ("TRUE", None),
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
    assert one(AREA, "2公顷") == Decimal("30.0000")
    assert one(AREA, "2亩", "公顷") == Decimal("2.0000")
    assert one(AREA, "2万元") == "not-a-number"
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
    assert mended(found) == [("number-repaired", 1, "1379.88"), ("number-repaired", 2, "1000"), ("number-repaired", 5, "12")]
    assert found.values.null_count == 1


@pytest.mark.parametrize(
    "cell",
    [
        "约3500", "3500余", "3500+", "3500\uff0b", "近3500", "大约3500", "3500左右", "3500多", "3500以上", ">3500", "不足3500", "3000-3500",
        "3000~3500", "3000至3500", "约3500元", "约3,500.5", "3500余万元",
    ],
)  # fmt: skip
def test_a_number_that_its_writer_did_not_know_is_never_guessed(cell: str) -> None:
    assert one(MONEY, cell) == one(COUNT, cell) == "approximate-number"


SIGNS = ["—", "——", "-", "--", "/", "无", "暂无", "空", "N/A", "NULL", "NaN", "\uff0d", "\uff0f", "\u200b", "\ufeff \u200b"]


@pytest.mark.parametrize("column", [MONEY, SHARE, COUNT, DAY, MONTH, CODE, FLAG, TEXT], ids=lambda column: column.name)
@pytest.mark.parametrize("cell", SIGNS)
def test_a_sign_for_nothing_is_no_value_and_empty_where_it_may_be(cell: str, column: Column) -> None:
    codes = YES_NO if column is FLAG else None
    assert one(column, cell, codes=codes) == "no-value"
    found = typed(replace(column, required=False), cell, codes=codes)
    assert (found.values.to_pylist(), found.unreadable, mended(found)) == ([None], [], [("taken-as-empty", 0, "")])


def test_a_sign_that_the_code_list_knows_is_its_code() -> None:
    known = replace(YES_NO, spellings={**YES_NO.spellings, "无": "false"})
    assert one(FLAG, "无", codes=known) is False


@pytest.mark.parametrize("column", [MONEY, SHARE, COUNT, DAY, MONTH, CODE, TEXT], ids=lambda column: column.name)
@pytest.mark.parametrize("cell", ["同上", "〃", "″", '"', "同 上"])
def test_as_above_is_no_value_of_its_own(cell: str, column: Column) -> None:
    assert one(column, cell) == "as-above"
    assert one(replace(column, required=False), cell) == "as-above"  # whether it goes back is for the line to decide


@pytest.mark.parametrize("column", [MONEY, SHARE, COUNT, DAY, MONTH, CODE, FLAG, TEXT], ids=lambda column: column.name)
@pytest.mark.parametrize("cell", ["#REF!", "#DIV/0!", "#N/A", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"])
def test_an_error_of_the_spreadsheet_is_told_as_one(cell: str, column: Column) -> None:
    assert one(column, cell, codes=YES_NO if column is FLAG else None) == "error-cell"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("河南\u200b某厂", "河南某厂"),
        ("\u202e某厂\u202c", "某厂"),
        ("某厂\x07", "某厂"),
        ("某\u00ad厂", "某厂"),
        ("\ufeffA01", "A01"),
        ("\uff21\uff10\uff11", "A01"),
    ],
)
def test_characters_that_nobody_sees_are_taken_out_of_a_text_and_told(cell: str, value: str) -> None:
    found = typed(TEXT, "某厂", cell, None)
    assert found.values.to_pylist() == ["某厂", value, None]
    assert mended(found) == [("unseen-characters", 1, value)]


def test_a_code_with_characters_that_nobody_sees_is_found_in_its_list() -> None:
    found = typed(FLAG, "是\u200b", codes=YES_NO)
    assert (found.values.to_pylist(), mended(found)) == ([True], [("unseen-characters", 0, "是")])


@pytest.mark.parametrize(
    "text", ["#1车间", "A—B", "“某”厂", "第\uff11车间", "一\n二", "无锡某厂", "5/6", "TRUE", "…", "É", "无\u3000锡"]
)
def test_a_text_that_only_looks_odd_stays_as_it_is(text: str) -> None:
    found = typed(TEXT, text)
    assert (found.values.to_pylist(), found.unreadable, found.repaired) == ([text], [], [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("某厂(停产)", "某厂\uff08停产\uff09"),
        ("某厂\uff08停产\uff09", "某厂\uff08停产\uff09"),
        ("A(1)", "A(1)"),
        ("财税(2020)13号", "财税\uff082020\uff0913号"),
    ],
)
def test_brackets_of_a_chinese_text_are_wide_ones(text: str, value: str) -> None:
    found = typed(TEXT, text, None)
    assert (found.values.to_pylist(), found.unreadable, found.repaired) == ([value, None], [], [])


def test_a_text_beyond_the_contracts_length_is_refused() -> None:
    short = replace(TEXT, longest=5)
    assert one(short, "一二三四五") == "一二三四五"
    assert one(short, "一二三四五六") == "text-too-long"
    assert one(TEXT, "长" * 1001) == "text-too-long"
    [unreadable] = typed(short, "好", "一二三四五六").unreadable
    assert list(unreadable.details) == [{"longest": 5}]


def test_good_cells_beside_odd_ones_keep_their_values_and_repairs() -> None:
    found = typed(replace(MONEY, required=False), "1", "1,000", "—", None, "约5", "\u200b7", "8")
    assert [None if value is None else str(value) for value in found.values.to_pylist()] == [
        "1.00", "1000.00", None, None, None, "7.00", "8.00",
    ]  # fmt: skip
    assert mended(found) == [("number-repaired", 1, "1000"), ("taken-as-empty", 2, ""), ("unseen-characters", 5, "7")]
    assert [(item.code, item.positions.tolist()) for item in found.unreadable] == [("approximate-number", [4])]


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
        ("2020年3月18号", date(2020, 3, 18)),
        ("2020 年 3 月 18 日", date(2020, 3, 18)),
        ("2020.3.18", date(2020, 3, 18)),
        ("2020-3-18 00:00:00", date(2020, 3, 18)),
        ("2020-03-18T00:00:00", date(2020, 3, 18)),
        ("2020-03-18 13:30:00", date(2020, 3, 18)),
        ("2020年3月18日(星期三)", date(2020, 3, 18)),
        ("43908.5625", date(2020, 3, 18)),
        ("\u200b2020-03-18", date(2020, 3, 18)),
        ("2020年2月30日", None),
        ("2019-02-29", None),
        ("2020-02-31", None),
        ("20200231", None),
        ("12345", None),
        ("今日", None),
        ("3月", None),
        ("2020-3", None),
        ("13:30:00", None),
    ],
)
def test_a_date_is_real_or_not_taken(cell: str, value: date | None) -> None:
    assert one(DAY, cell) == (value or "not-a-date")


@pytest.mark.parametrize(
    "cell",
    [
        "17-MAR-20", "17-Mar-2020", "Mar 17, 2020", "2020 03 17", "2020、3、17", "2020-03-17T00:00:00Z", "2020-03-17T08:00:00+08:00",
        "20200317.0", "2020-03-17 上午 12:00:00", "2020/3/17 0:00:00 AM", "二〇二〇年三月十七日", "二○二○年三月十七日", "贰零贰零年叁月拾柒日",
        "2020年3月17日（周二）", "2020. 3. 17", "2020年03月17", "Tue, 17 Mar 2020", "17-3月-20", "2020-Mar-17", "17th March 2020",
        "20200317000000", "2020.03.17.", "'2020-03-17", '="2020-03-17"',
    ],
)  # fmt: skip
def test_an_unambiguous_date_is_read_however_it_is_written(cell: str) -> None:
    assert one(DAY, cell) == date(2020, 3, 17)


def test_a_moment_that_is_another_day_in_china_is_asked_back() -> None:
    assert one(DAY, "2020-03-16T16:00:00.000Z") == "ambiguous-date"
    assert one(DAY, "2020-03-17T23:30:00-05:00") == "ambiguous-date"


@pytest.mark.parametrize(
    "cell",
    [
        "3月16-18日",
        "3.16-3.18",
        "2020-03-16至2020-03-18",
        "2020年3月16日~18日",
        "20200316-20200318",
        "2020-03-16/18",
        "3月16日、17日",
    ],
)
def test_several_days_are_not_one(cell: str) -> None:
    assert one(DAY, cell) == "several-days"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2020年2月份", "2020-02"), ("2020/02/01", "2020-02"), ("202002.0", "2020-02"), ("2020-02-01 00:00:00", "2020-02"),
        ("二〇二〇年二月", "2020-02"), ("Feb-20", "2020-02"), ("2020-02-15", "not-a-month"), ("2月", "not-a-month"), ("20200201", "2020-02"), ("'2020-02", "2020-02"),
    ],
)  # fmt: skip
def test_a_month_is_read_however_it_is_written(cell: str, value: str) -> None:
    assert one(MONTH, cell) == value


KEY = replace(TEXT, name="doc_id", key_position=1)
REFERENCE = replace(TEXT, name="reverses_id", required=False)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("'D9", "D9"), ("''D9", "D9"), ('="D9"', "D9"), ('=T("D9")', "D9"), ("`D9", "D9"), ("\u2019D9", "D9"), ("\uff07D9", "D9"), ("1011608.0", "1011608"),
        ("'0001011608", "0001011608"), ("34101620030000012345", "34101620030000012345"), ("12E5", "12E5"), ("1.0", "1.0"), ("3.41 E+17", "digits-lost"), ("3,41E+17", "digits-lost"), ("3.41×10^17", "digits-lost"), ("1.5e5", "1.5e5"),
        ("\u2018先进\u2019企业", "\u2018先进\u2019企业"), ("'示001", "示001"), ("3.41E+17", "digits-lost"), ("3.41016e+17", "digits-lost"),
        ("1.23457E+15", "digits-lost"), ("1234567890123456.0", "digits-lost"),
    ],
)  # fmt: skip
def test_a_code_is_cleaned_of_the_marks_of_a_text_and_goes_back_where_digits_are_lost(cell: str, value: str) -> None:
    assert one(KEY, cell) == value


@pytest.mark.parametrize("cell", ["'示001'", '"示001"', "\u201c示001\u201d", "\u2018示001\u2019", "\uff02示001\uff02"])
def test_marks_around_a_whole_code_are_no_part_of_it(cell: str) -> None:
    assert type_column(KEY, pa.array([cell], pa.string()), None, None, is_reference=True).values.to_pylist() == ["示001"]


def test_a_code_in_a_column_of_codes_has_no_decimals() -> None:
    found = type_column(KEY, pa.array(["123.0"], pa.string()), None, None, is_reference=True)
    assert found.values.to_pylist() == ["123"]


@pytest.mark.parametrize("cell", ["0", "0.00", "（空）", "(null)", "\\N", " ¥- ", "-", "- -"])
def test_a_reference_to_nothing_is_no_reference(cell: str) -> None:
    found = type_column(REFERENCE, pa.array([cell], pa.string()), None, None, is_reference=True)
    assert found.values.to_pylist() == [None]
    assert [item.code for item in found.repaired] == ["taken-as-empty"]


@pytest.mark.parametrize(("name", "value"), [("contract_no", None), ("project_code", None), ("visit_id", None), ("remark", "0")])
def test_the_number_of_a_thing_that_the_column_s_name_tells_is_never_0(name: str, value: str | None) -> None:
    found = type_column(replace(REFERENCE, name=name), pa.array(["0", "A1"], pa.string()), None, None)
    assert found.values.to_pylist() == [value, "A1"]


def test_a_number_that_is_shown_as_a_day_is_told_as_both() -> None:
    found = typed(MONEY, "2020-03-18")
    assert [(item.code, item.details) for item in found.unreadable] == [("date-for-number", ({"number": 43908},))]
    assert [item.code for item in typed(MONEY, "2000-02-31").unreadable] == ["not-a-number"]


ON_18_MARCH = Origin(date(2020, 3, 18))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("3月18日", date(2020, 3, 18)),
        ("3月18号", date(2020, 3, 18)),
        ("3 月 18 日", date(2020, 3, 18)),
        ("3.18", date(2020, 3, 18)),
        ("3/18", date(2020, 3, 18)),
        ("3-18", date(2020, 3, 18)),
        ("3.10", date(2020, 3, 10)),
        ("3月1日", date(2020, 3, 1)),
        ("3月19日", date(2019, 3, 19)),
        ("12.31", date(2019, 12, 31)),
        ("2月29日", date(2020, 2, 29)),
        ("2.4", date(2020, 2, 4)),
    ],
)
def test_a_day_without_a_year_takes_the_latest_not_after_the_report_date(cell: str, value: date) -> None:
    found = typed(DAY, cell, origin=ON_18_MARCH)
    assert found.values.to_pylist() == [value]
    assert mended(found) == [("date-repaired", 0, value.isoformat())]
    assert one(DAY, cell) == "not-a-date"  # nothing to complete it by


@pytest.mark.parametrize(
    "cell",
    [
        "18/3/2020", "3/18/2020", "18.03.2020", "18/3/2020 0:00", "20.3.18", "20-3-18", "200318", "18.3.20", "20年3月18日", "2020—3—18", "2020\\3\\18",
        "2020年3月18曰", "公元2020年3月18日", "2020-03-18(三)", "2020-03-18 下午3点", "2020年3月18日下午", "20200318090500", "20200318 09:05", "2020-03-18Z", "2020-03-18+08:00",
        "Wed Mar 18 00:00:00 CST 2020",
    ],
)  # fmt: skip
def test_one_reading_near_the_report_date_is_the_day(cell: str) -> None:
    found = typed(DAY, cell, origin=ON_18_MARCH)
    assert found.values.to_pylist() == [date(2020, 3, 18)]
    assert mended(found) == [("date-repaired", 0, "2020-03-18")] or "2020" in cell


@pytest.mark.parametrize(
    "cell", ["4/3/2020", "20/3/18", "3/18/20", "20.3.19", "4.3.20", "03-04-05", "18/3", "200319", "3.1", "12.2", "1.3", "2020318"]
)
def test_what_may_be_two_days_is_none(cell: str) -> None:
    assert one(DAY, cell, origin=ON_18_MARCH) == "ambiguous-date"


@pytest.mark.parametrize("cell", ["3月32日", "13月1日", "2月30日", "4.31", "0月5日"])
def test_a_day_that_no_month_has_is_none(cell: str) -> None:
    assert one(DAY, cell, origin=ON_18_MARCH) == "not-a-date"


@pytest.mark.parametrize(
    "cell",
    ["0", "0.0", "00:00:00", "1900-01-00", "1900/1/0", "1900-01-01", "1899-12-30", "1899-12-31", "0000-00-00", "1900年1月0日"],
)
def test_day_nought_of_a_spreadsheet_is_no_date(cell: str) -> None:
    assert one(DAY, cell) == "zero-date"


def test_day_numbers_count_from_1904_where_the_workbook_says_so() -> None:
    old = Origin(date(2020, 3, 18), is_1904=True)
    assert one(DAY, "42446", origin=old) == date(2020, 3, 18)
    assert one(DAY, "1904-01-01", origin=old) == "zero-date"
    assert one(DAY, "1904-01-01") == date(1904, 1, 1)


def test_a_date_that_was_written_out_is_not_told_and_a_number_of_a_day_is() -> None:
    found = typed(DAY, "2020-03-18", "2020年3月18日", "43908", "2020.3.18", "2020-3-18 00:00:00", "2020-3-18 9:30")
    assert mended(found) == [("date-repaired", 2, "2020-03-18"), ("date-repaired", 5, "2020-03-18")]


def test_a_column_of_plain_dates_with_the_thirtieth_is_read_as_well() -> None:
    assert typed(DAY, "2020-01-30", "2020-01-31", None).values.to_pylist() == [date(2020, 1, 30), date(2020, 1, 31), None]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2020-02", "2020-02"), ("2020年2月", "2020-02"), ("202002", "2020-02"), ("2020.2", "2020-02"), ("2020-02-01", "2020-02"),
        ("2020-13", None), ("2月", None), ("2020-02-15", None), ("2020.1", None), ("2020.1月", "2020-01"), ("2020-1", "2020-01"),
    ],
)  # fmt: skip
def test_a_month(cell: str, value: str | None) -> None:
    assert one(MONTH, cell) == (value or "not-a-month")


def test_the_first_month_behind_a_point_is_january_only_while_october_is_to_come() -> None:
    assert one(MONTH, "2020.1", origin=Origin(date(2020, 9, 30))) == "2020-01"
    assert one(MONTH, "2020.1", origin=Origin(date(2020, 10, 1))) == "not-a-month"


def test_codes_are_taken_by_their_spellings_and_the_choice_is_shown() -> None:
    found = typed(FLAG, "是", "否", "Y", None, "也许", codes=YES_NO)
    assert found.values.to_pylist() == [True, False, True, None, None]
    [unknown] = found.unreadable
    assert (unknown.code, unknown.positions.tolist(), list(unknown.details)) == ("unknown-code", [4], [{"codes": "是、否"}])


def test_a_flag_without_a_code_list_is_a_fault_of_the_contract() -> None:
    with pytest.raises(ConfigurationError, match="code list"):
        typed(FLAG, "是")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("9.14E+17", "uscc-scientific"),
        ("410106000000015", "uscc-old-number"),
        ("91410106Y00000016M", "uscc-check-digit"),
        ("91410106Y0000", "uscc-malformed"),
        ("9.14101E+17", "uscc-scientific"),
        ("Y0000001-6", "uscc-organisation-code"),
        ("Y00000016", "uscc-organisation-code"),
        ("M000100Y4", "uscc-organisation-code"),
        ("914IOIO6YOOOOOOI6M", "uscc-malformed"),
        ("某厂", "uscc-malformed"),
    ],
)
def test_a_credit_code_is_refused_by_what_is_wrong_with_it(cell: str, code: str) -> None:
    assert one(CODE, cell) == code


def test_the_character_that_belongs_there_is_named() -> None:
    [found] = typed(CODE, "91410106Y00000016N", "91410106Y00000016M").unreadable
    assert list(found.details) == [{"expected": "N"}]
    assert found.positions.tolist() == [1]


def test_a_code_in_small_letters_and_full_width_is_mended() -> None:
    spellings = [
        " 91410106y00000016n",
        "91410106Y00000016N".translate(WIDE),
        "9141 0106 Y000\n00016N",
        "91410106Y00000016N\u200b",
        "\u202a91410106Y00000016N\u202c",
        "'91410106Y00000016N",
        "914IOIO6YOOOOOOI6N",
    ]
    found = typed(CODE, *spellings, None)
    assert found.values.to_pylist() == ["91410106Y00000016N"] * 7 + [None]
    assert mended(found) == [("uscc-repaired", at, "91410106Y00000016N") for at in range(7)]


def test_how_long_a_malformed_code_is_is_told() -> None:
    [found] = typed(CODE, "91410106Y0000", "9141 0106Y").unreadable
    assert list(found.details) == [{"length": 13}, {"length": 9}]


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=2))
def test_every_amount_in_yuan_is_read_as_it_is_in_any_spelling(amount: Decimal) -> None:
    spellings = (f"{amount}", f"{amount:,}", f"{amount}元", str(amount).translate(WIDE))
    assert typed(MONEY, *spellings).values.to_pylist() == [amount] * len(spellings)
    assert typed(MONEY, *(f"{amount / 10000}",), unit="万元").values.to_pylist() == [amount]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40))
def test_no_text_breaks_a_column(text: str) -> None:
    cell = text or None
    for column in (MONEY, SHARE, COUNT, PRICE, AREA, DAY, MONTH, CODE, TEXT):
        for unit in (None, "万元"):
            found = type_column(column, pa.array([cell], pa.string()), unit, None)
            refused = [u for u in found.unreadable if u.code != "uscc-inner-check"]
            assert not text.strip() or found.values.null_count == len(refused)
            assert {u.code for u in refused} <= CATALOGUE.keys()


@settings(max_examples=40, deadline=None)
@given(st.from_regex(r"\A[+-]?[0-9]{1,40}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?(%|元|万元|亿元)?\Z"))
def test_no_number_breaks_a_column(text: str) -> None:
    for column in (MONEY, SHARE, COUNT, PRICE, AREA):
        for unit in (None, "万元", "公顷"):
            found = type_column(column, pa.array([text, "1"], pa.string()), unit, None)
            assert found.values.null_count == sum(len(item.positions) for item in found.unreadable)


def test_spellings_are_folded() -> None:
    assert fold(" 是\u3000") == "是"
    assert fold("A 1") == "a1"


@pytest.mark.parametrize(
    "cell",
    ["二月廿四", "农历二月廿四", "正月十五", "庚子年二月廿四", "二〇二〇年二月廿四", "2020年二月初三", "腊月廿三"],
)
def test_a_day_as_the_old_calendar_is_written_may_be_another_one(cell: str) -> None:
    assert one(DAY, cell, origin=ON_18_MARCH) == "ambiguous-date"


@pytest.mark.parametrize("day", ["2020/3/18", "2020-01-03", "2020-03-18 00:00:00", "3月18日", "18-Mar", "18-Mar-20"])
def test_a_day_among_numbers_that_somebody_assigned_was_made_by_a_spreadsheet(day: str) -> None:
    cells = pa.array(["2020-410106-34-03-000001", day, "X1"], pa.string())
    found = type_column(KEY, cells, None, None, is_reference=True)
    assert found.values.to_pylist() == ["2020-410106-34-03-000001", None, "X1"]
    assert [(one.code, one.positions.tolist()) for one in found.unreadable] == [("date-for-key", [1])]


def test_days_are_meant_where_most_keys_are_days() -> None:
    cells = pa.array(["2020-03-06", "2020-03-13", "补录"], pa.string())
    assert type_column(KEY, cells, None, None, is_reference=True).unreadable == []


NUMBER_LIKE = st.text(alphabet="0123456789.-+ e,", max_size=8) | st.decimals(-(10**6), 10**6, places=2).map(str)


AMOUNTS = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.decimals(-(10**6), 10**6, places=n).map(str) | st.decimals(0, 10**6, places=n).map(str), max_size=4)
)
"""As programs write them: the same number of decimals in each."""


@given(st.lists(NUMBER_LIKE | st.none(), max_size=6) | AMOUNTS, st.integers(1, 14), st.integers(0, 4))
@example(["1.50", "12.25"], 2, 2)
@example(["1.50", "12.25"], 1, 2)
@example(["1.50", ".25"], 2, 2)
@example(["1.50", "-1.2"], 2, 2)
@example(["1.50", "1.2.3", "100"], 3, 2)
@example(["1.50", "1-50"], 3, 2)
def test_plain_numbers_are_told_by_their_bytes_as_by_a_pattern(cells: list[str | None], digits: int, decimals: int) -> None:
    fraction = rf"(\.[0-9]{{1,{decimals}}})?" if decimals else ""
    pattern = re.compile(rf"-?[0-9]{{1,{digits}}}{fraction}")
    held = pa.array([None, *cells, None], pa.string()).slice(1, len(cells))
    assert are_plain(held, digits, decimals) == all(pattern.fullmatch(text) for text in cells if text is not None)
