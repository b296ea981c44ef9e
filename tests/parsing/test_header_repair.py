"""Headers written nearly right: taken where they can mean one thing only, else proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from fugong.contracts.contract import Column, Table
from fugong.parsing.header import Header, locate
from fugong.parsing.header_repair import MIN_CONFIDENCE, confidence, take_fuzzy_matches

Row = Sequence[str | None]
COLUMN = Column(
    name="id", header="编号", aliases=(), logical_type="string", physical_type="text", format=None, required=True, key_position=1,
    unit=None, default_unit=None, code_list=None, description="", minimum=None, maximum=None,
)  # fmt: skip
CODE = replace(COLUMN, name="uscc", header="统一社会信用代码", format="uscc", key_position=None)
AMOUNT = replace(
    COLUMN,
    name="amount",
    header="减免退税费金额",
    logical_type="number",
    physical_type="numeric(18,2)",
    key_position=None,
    unit="元",
    default_unit="元",
)
TABLE = Table(
    name="thing", title="物品", description="", mode="snapshot", columns=(COLUMN, CODE, AMOUNT), sheets=(), business_date=None, unit_column=None,
    reverses=None, fallback=None, indexes=(), first_of=None, is_large=False,
)  # fmt: skip
GOOD = "91410106Y00000016N"


def found(*rows: Row) -> Header:
    header = locate(TABLE, rows)
    assert header is not None
    return take_fuzzy_matches(TABLE, header, rows, {})


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("统一社会信用代马", "统一社会信用代码"),
        ("统一社会信用代", "统一社会信用代码"),
        ("统一社会信用码代", "统一社会信用代码"),
        ("企业称名", "企业名称"),
        ("统一 社会信用 代玛(18位)", "统一社会信用代码"),
    ],
)
def test_one_wrong_character_of_eight_and_neighbours_that_changed_places_are_sure_enough(sent: str, name: str) -> None:
    assert MIN_CONFIDENCE <= confidence(sent, name) < 1


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("减免性制代码", "减免性质代码"),  # one of six
        ("实收应收", "原应收"),
        ("未到岗人数", "到岗人数"),
        ("抄表止日", "抄表起日"),
        ("上年缴纳失业保险费", "本年缴纳失业保险费"),
        ("上年初参保人数合计数", "上年末参保人数合计数"),
        ("外省未返岗人员数量", "外市未返岗人员数量"),
        ("不纳入应复工的原因", "纳入应复工的原因"),
        ("", "编号"),
    ],
)
def test_fewer_or_telling_characters_are_not(sent: str, name: str) -> None:
    assert confidence(sent, name) < MIN_CONFIDENCE


def test_a_near_miss_over_cells_that_fit_is_taken() -> None:
    header = found(["编号", "统一社会信用代马", "减免退税费金额"], ["1", GOOD, "5"])
    assert {at: column.name for at, column in header.columns.items()} == {0: "id", 1: "uscc", 2: "amount"}
    assert (header.missing, header.extra, header.score) == ((), (), 3)
    assert header.fuzzy_matches == {1: pytest.approx(0.875)}


def test_a_near_miss_over_an_empty_column_is_taken() -> None:
    assert found(["编号", "统一社会信用代马", "减免退税费金额"]).fuzzy_matches


def test_a_near_miss_over_cells_that_do_not_fit_is_left() -> None:
    header = found(["编号", "统一社会信用代马", "减免退税费金额"], ["1", "某厂", "5"])
    assert ([missing.name for missing in header.missing], header.extra, header.fuzzy_matches) == (["uscc"], (1,), {})
    assert header.similar("统一社会信用代码") == "统一社会信用代马"  # proposed


def test_two_near_misses_of_one_column_are_left() -> None:
    header = found(["编号", "统一社会信用代马", "减免退税费金额", "统一社会信用代"], ["1", GOOD, "5", GOOD])
    assert ([missing.name for missing in header.missing], header.fuzzy_matches) == (["uscc"], {})


def test_a_header_like_a_column_that_is_there_is_left() -> None:
    header = found(["编号", "统一社会信用代码", "减免退税费金额", "统一社会信用代马"], ["1", GOOD, "5", GOOD])
    assert (header.extra, header.fuzzy_matches) == ((3,), {})


def test_the_unit_of_a_near_miss_counts() -> None:
    table = replace(TABLE, columns=(COLUMN, CODE, replace(AMOUNT, header="企业减免退税费金额")))
    rows = [["编号", "统一社会信用代码", "企业减免退税费金领(万元)"], ["1", GOOD, "5"]]
    header = locate(table, rows)
    assert header is not None
    [declared] = take_fuzzy_matches(table, header, rows, {}).units["amount"]
    assert (declared.groups[0][0].name, declared.place) == ("万元", "C1")


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("减免退税费金额(以税票为准)", True), ("减免退税费金额\uff08不含罚款\uff09", True), ("减免退税费金额(上年)", False), ("减免退税费金额(预计)", False),
        ("减免退税费金额(其中)", False), ("减免退税费金额(截至目前)", False),
    ],
)  # fmt: skip
def test_a_remark_in_brackets_is_told_unless_it_makes_another_quantity(text: str, is_taken: bool) -> None:
    header = found(["编号", "统一社会信用代码", text], ["1", GOOD, "5"])
    assert ("amount" in header.index, bool(header.fuzzy_matches)) == (is_taken, is_taken)


@pytest.mark.parametrize(
    ("remark", "is_taken"),
    [
        ("截至目前", True),
        ("截止当日", True),
        ("截至填报日", True),
        ("截至目前累计", False),
        ("截至上月", False),
        ("目前应有", False),
    ],
)
def test_what_stands_there_up_to_the_day_is_that_of_the_day(remark: str, is_taken: bool) -> None:
    people = replace(AMOUNT, header="到岗人数", logical_type="integer", unit="人", aliases=())
    table = replace(TABLE, columns=(COLUMN, CODE, people))
    rows = [["编号", "统一社会信用代码", f"到岗人数({remark})"], ["1", GOOD, "5"]]
    header = locate(table, rows)
    assert header is not None
    assert (people.name in take_fuzzy_matches(table, header, rows, {}).index) is is_taken


def test_a_remark_never_makes_the_name_of_a_text_unknown() -> None:
    header = found(["编号", "统一社会信用代码(不含原编号)", "减免退税费金额"], ["1", GOOD, "5"])
    assert "uscc" in header.index


@pytest.mark.parametrize(
    ("remark", "is_taken"),
    [
        ("3月18日", True), ("截至3月18日", False), ("截至3月17日", False), ("3月17日", False), ("3.17", False), ("昨日", False), ("今日", True),
        ("截至今日", False),
    ],
)  # fmt: skip
def test_a_day_in_a_remark_on_money_is_the_report_date_and_no_period_up_to_it(remark: str, is_taken: bool) -> None:
    rows = [["编号", "统一社会信用代码", f"减免退税费金额({remark})"], ["1", GOOD, "5"]]
    header = locate(TABLE, rows)
    assert header is not None
    assert ("amount" in take_fuzzy_matches(TABLE, header, rows, {}, {(3, 18)}).index) is is_taken
