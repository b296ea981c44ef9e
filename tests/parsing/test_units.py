"""Units: read as a whole wherever a file declares them, or asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fugong.contracts.contract import Column
from fugong.contracts.unit import parse_unit
from fugong.parsing.header import Grid, Header, locate
from fugong.parsing.unit_text import Declaration, Mention, in_header, in_name, in_title
from fugong.parsing.units import Units, unit_alone, units_of
from tests.parsing.tables import TABLE, column

ID = TABLE.columns[0]
NAME = TABLE.columns[1]
AMOUNT = column("amount", "金额", "numeric(18,2)", unit="元")
OUTPUT = replace(column("output", "产值", "numeric(18,2)", unit="元"), default_unit="万元")
AREA = column("area", "面积", "numeric(14,4)", unit="亩")
ENERGY = column("energy", "用电量", "numeric(14,2)", unit="千瓦时")
PRICE = column("price", "单价", "numeric(10,6)", unit="元/千瓦时")
SHARE = column("share", "比例", "numeric(7,4)", unit="%")
STAFF = column("staff", "人数", "integer")
RENT = column("rent", "月租金", "numeric(18,2)", unit="元")


def shown(found: list[Declaration]) -> list[str]:
    return [" ".join("/".join(unit.name for unit in group) for group in one.groups) or "?" for one in found]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("百万元", "百万元"), ("十万元", "十万元"), ("亿元", "亿元"), ("人民币万元", "万元"), ("RMB 万元", "万元"), ("萬元", "万元"), ("仟元", "千元"),
        ("万平方米", "万平方米"), ("㎡", "平方米"), ("kWh", "千瓦时"), ("万度", "万千瓦时"), ("m³", "立方米"), ("万人", "万人"), ("元/度", "元/千瓦时"),
        ("元/万千瓦时", "元/万千瓦时"), ("美元", "美元"), ("万美元", "万美元"), ("百百元", None), ("W元", None), ("单元", None), ("税务局", None), ("", None),
    ],
)  # fmt: skip
def test_a_unit_is_read_as_a_whole_or_not_at_all(text: str, name: str | None) -> None:
    unit = parse_unit(text)
    assert (unit.name if unit else None) == name


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("单位：户、万元", ["户 万元"]), ("单位:万 元", ["万元"]), ("金额单位：人民币万元", ["万元"]), ("万元", ["万元"]), ("（万元）", ["万元"]),
        ("单位：户/万元", ["户/万元"]), ("元/万元", ["元/万元"]), ("单位：百万元", ["百万元"]), ("单位（万元）", ["万元"]), ("单位 千元", ["千元"]),
        ("单位－万元", ["万元"]), ("單位：萬元", ["万元"]), ("计量单位:美元", ["美元"]), ("金额单位为万元", ["万元"]), ("单位均为万元", ["万元"]),
        ("本表金额以万元为单位", ["万元"]), ("表内金额均以百万元列示", ["百万元"]), ("说明：金额请填元", ["元"]), ("金额：万元", ["万元"]),
        ("统计日期：2020-03-18   单位：万元", ["万元"]), ("单位：万元 2020年3月18日", ["万元"]), ("填报单位：税务局 单位：万元", ["万元"]),
        ("税费减免退日报（万元）", ["万元"]), ("单位：万元（保留两位小数）", ["万元"]), ("单位：万元,不含税", ["万元"]), ("单位:元(人民币)", ["元"]),
        ("单位：元、角、分", ["元"]), ("单位：元或万元", ["元 万元"]), ("单位：元/立方米", ["元/立方米"]), ("填报单位：万元", ["万元"]),
        ("单位：万\u200b元", ["万元"]), ("单位：万\u00a0元", ["万元"]), ("【单位：万元】", ["万元"]), ("金额单位：人民币（万元）", ["万元"]), ("单位：￥万元", ["万元"]), ("Unit：万元", ["万元"]), ("Unit: 10,000 yuan", ["?"]), ("Unit: RMB 10k", ["?"]), ("〔万元〕", ["万元"]),
        ("单位：箱子", ["?"]), ("单位：W", ["?"]), ("单位：xyz", ["?"]), ("W元", ["?"]), ("单位：百百元", ["?"]),
        # No unit, and no doubt.
        ("单位：税务局", []), ("填报单位：税务局", []), ("编制单位：上街区税务局", []), ("单位名称：示例公司", []), ("单位负责人：张三", []), ("单位（盖章）：", []),
        ("单位：", []), ("单位：____", []), ("各单位请于每日17:00前报送", []), ("以户为单位填报", []), ("合计 1,234 万元", []), ("减免500万元以上项目", []),
        ("第一单元", []), ("报送单位（盖章）：国家税务总局", []), ("工业复工日报", []), ("2020年3月18日", []), ("单位：上街区发改委", []),
    ],
)  # fmt: skip
def test_what_a_title_declares(text: str, units: list[str]) -> None:
    assert shown(list(in_title(text))) == units


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("20200318_R04_TAX_V1（万元）", ["万元"]), ("R04-万元-0318", ["万元"]), ("税费减免日报万元", ["万元"]), ("减免(单位：户、万元)", ["户 万元"]),
        ("万元", ["万元"]), ("Sheet1(元)", ["元"]), ("单位：千元", ["千元"]),
        ("20200318_R04_TAX_V1", []), ("亿元以上项目", []), ("过亿元", []), ("规上(2000万元)企业", []), ("500万元", []), ("第一单元", []), ("各单位汇总表", []),
        ("2020年3月", []), ("户", []), ("减免(月)", []), ("3月18日", []),
    ],
)  # fmt: skip
def test_what_the_name_of_a_sheet_or_file_declares(text: str, units: list[str]) -> None:
    assert shown(list(in_name(text))) == units


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("金额 单位\uff1a万元", "万元"),
        ("减免税额【万元】", "万元"), ("减免税额〔元〕", "元"), ("减免税额<千元>", "千元"), ("减免税额(万元", "万元"), ("减免税额{万元}", "万元"),
        ("减免税额(必填)(元)", "元"), ("减免税额(人民币:万元)", "万元"), ("单价（元/m³）", "元/立方米"), ("减免税额(USD)", "usd"), ("减免税额(单位：X)", "?"),
        ("减免税额(W元)", "?"),
    ],
)  # fmt: skip
def test_what_a_header_declares_in_brackets(text: str, unit: str) -> None:
    found = in_header(text)
    assert found is not None
    assert shown([found]) == [unit]


def read(*columns: Column, header: list[str], titles: list[str] | None = None, below: Grid = ()) -> tuple[Header, Units]:
    table = replace(TABLE, columns=(ID, NAME, *columns))
    found = locate(table, [["编号", "名称", *header], *below, ["1", "甲", *["5"] * len(header)]])
    assert found is not None
    assert found.score == len(columns) + 2
    return found, units_of(table, found, [Mention(title, f"A{row}") for row, title in enumerate(titles or [], 1)])


@pytest.mark.parametrize(
    ("column", "header", "titles", "unit"),
    [
        (AMOUNT, "金额", [], "元"), (OUTPUT, "产值", [], "万元"),
        (AMOUNT, "金额(万元)", ["单位：元"], "万元"), (AMOUNT, "金额/百万元", [], "百万元"), (AMOUNT, "金额 亿元", [], "亿元"),
        (AMOUNT, "金额", ["日报", "单位：户、万元"], "万元"), (AMOUNT, "金额", ["单位：户/万元"], "万元"), (AMOUNT, "金额", ["万"], "万元"),
        (AMOUNT, "金额", ["RMB"], "元"), (AMOUNT, "金额", ["币种：人民币", "单位：万元"], "万元"), (AMOUNT, "金额(万)", [], "万元"),
        (OUTPUT, "产值", ["单位：家、人、元"], "元"), (AMOUNT, "金额", ["单位：万元/户"], "万元"),
        (AMOUNT, "金额", ["单位：亩"], "元"), (AMOUNT, "金额", ["单位：万人"], "元"), (AMOUNT, "金额", ["单位：税务局"], "元"),
        (AREA, "面积", ["单位：万元"], "亩"), (AREA, "面积", ["单位：公顷、万元"], "公顷"), (AREA, "面积(㎡)", [], "平方米"),
        (ENERGY, "用电量(万千瓦时)", [], "万千瓦时"), (ENERGY, "用电量(万度)", ["单位：万元"], "万千瓦时"), (ENERGY, "用电量/kWh", [], "千瓦时"),
        (PRICE, "单价", ["单位：万元"], "元/千瓦时"), (PRICE, "单价(元/度)", [], "元/千瓦时"), (PRICE, "单价(元)", [], "元/千瓦时"),
        (PRICE, "单价(元/万千瓦时)", [], "元/万千瓦时"),
        (STAFF, "人数(人)", ["单位：万元"], "人"), (STAFF, "人数(万人)", [], "万人"), (RENT, "月租金(元/月)", [], "元"), (SHARE, "比例(%)", ["单位：元"], "%"),
    ],
)  # fmt: skip
def test_the_unit_of_a_column(column: Column, header: str, titles: list[str], unit: str) -> None:
    _, units = read(column, header=[header], titles=titles)
    assert (units.of[column.name], units.doubts) == (unit, ())


@pytest.mark.parametrize(
    ("column", "header", "titles", "doubt"),
    [
        (AMOUNT, "金额", ["单位：元", "万元"], ("two-units", ["A1", "A2"])), (AMOUNT, "金额", ["元/万元"], ("two-units", ["A1"])),
        (AMOUNT, "金额(元/万元)", [], ("two-units", ["C1"])), (AMOUNT, "金额", ["单位：美元"], ("unknown-unit", ["A1"])),
        (AMOUNT, "金额(美元)", [], ("unknown-unit", ["C1"])), (AMOUNT, "金额", ["单位：万元", "USD"], ("two-units", ["A1", "A2"])),
        (AMOUNT, "金额", ["单位：箱子"], ("unknown-unit", ["A1"])), (AMOUNT, "金额", ["W元"], ("unknown-unit", ["A1"])),
        (AMOUNT, "金额(亩)", [], ("unknown-unit", ["C1"])), (AMOUNT, "金额(元/立方米)", [], ("unknown-unit", ["C1"])),
        (AMOUNT, "金额(%)", [], ("unknown-unit", ["C1"])), (AREA, "面积(万)", [], ("unknown-unit", ["C1"])),
        (ENERGY, "用电量(千瓦)", [], ("unknown-unit", ["C1"])), (STAFF, "人数(万元)", [], ("unknown-unit", ["C1"])),
        (STAFF, "人数", ["单位：万人"], ("unknown-unit", ["A1"])), (PRICE, "单价(元/立方米)", [], ("unknown-unit", ["C1"])),
        (RENT, "月租金(元/年)", [], ("unknown-unit", ["C1"])), (OUTPUT, "产值", ["单位：人民币"], ("unknown-unit", ["A1"])),
        (AMOUNT, "金额(单位：X)", [], ("unknown-unit", ["C1"])),
    ],
)  # fmt: skip
def test_what_nobody_can_be_sure_of_is_a_doubt_with_its_cells(
    column: Column, header: str, titles: list[str], doubt: tuple[str, list[str]]
) -> None:
    _, units = read(column, header=[header], titles=titles)
    assert [(one.code, [place.place for place in one.declared]) for one in units.doubts] == [doubt]


def test_a_line_of_units_below_the_header_is_no_data_and_rules_its_columns() -> None:
    header, units = read(AMOUNT, AREA, header=["金额", "面积"], titles=["单位：元"], below=[["单位", None, "万元", "(公顷)"]])
    assert header.last_row == 1
    assert (units.of["amount"], units.of["area"], units.declared) == ("万元", "公顷", {"amount": "C2", "area": "D2"})
    numbered, below = read(AMOUNT, AREA, header=["金额", "面积"], below=[["甲", "乙", "1", "2"], [None, None, "千元", None]])
    assert (numbered.last_row, below.of["amount"], below.of["area"]) == (2, "千元", "亩")


def test_a_line_below_the_header_that_declares_for_the_table() -> None:
    header, units = read(AMOUNT, header=["金额"], below=[["单位：万元", None, None]])
    assert (header.last_row, units.of["amount"], units.doubts) == (1, "万元", ())


def test_header_and_line_of_units_that_differ_are_a_doubt() -> None:
    _, units = read(AMOUNT, header=["金额(元)"], below=[[None, None, "万元"]])
    assert [(one.code, [place.place for place in one.declared]) for one in units.doubts] == [("two-units", ["C1", "C2"])]


def test_a_line_of_units_with_a_word_that_nobody_knows_is_a_doubt() -> None:
    _, units = read(AMOUNT, AREA, header=["金额", "面积"], below=[[None, None, "万元", "垧"]])
    assert [(one.code, one.column.name if one.column else None) for one in units.doubts] == [("unknown-unit", "area")]


def test_a_first_line_of_data_is_no_line_of_units() -> None:
    header, _ = read(AMOUNT, header=["金额"], below=[["D1", "户", "5"]])
    assert header.last_row == 0


def test_a_doubt_about_the_table_matters_only_where_a_column_depends_on_it() -> None:
    _, units = read(AMOUNT, header=["金额(万元)"], titles=["单位：元", "单位：万元", "单位：xyz"])
    assert (units.of["amount"], units.doubts) == ("万元", ())


def test_the_unit_of_a_header_alone() -> None:
    assert unit_alone(OUTPUT, "产值") == "万元"
    assert unit_alone(OUTPUT, "产值(元)") == "元"
    assert unit_alone(AMOUNT, "金额/万元") == "万元"
    assert unit_alone(STAFF, "人数") is None
