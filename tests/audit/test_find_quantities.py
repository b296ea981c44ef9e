"""Numbers of running Chinese text."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fugong.audit.chinese_numerals import parse_chinese_numeral
from fugong.audit.find_quantities import find_quantities
from fugong.audit.quantity import Quantity
from fugong.audit.text import read_text
from tests.audit.marked_texts import texts, unmarked

DIGITS = "零一二三四五六七八九"
SIGNS = (
    *"0123456789一二三四五六七八九十百千万亿零两点半余多近约逾，。；、：（）()“”—-~至到由从均占率,.%‰成折年月日号底元亩家个项次期人\n\r\t\0",
    "百分之", "分之", "个月", "百分点", "亿元", "不低于", "不超过", "以上", "分别", "其中", "其余", "合计", "平均", "2020年", "3月18日",
    "2月30日", "第", "〔2020〕9号", "每", "立方米", "/", "增长", "降至", "一是", "二、", "🙂", "½", "²", "①", "٣", "１", "99999999999",
)  # fmt: skip
"""What texts are made of when nobody cares what they say."""


def han(number: int) -> str:
    """A number below 10^12 as it is spelt in full."""
    if number >= 10**4:
        size, sign = (10**8, "亿") if number >= 10**8 else (10**4, "万")
        many, rest = divmod(number, size)
        return han(many) + sign + (("零" if rest < size // 10 else "") + han(rest) if rest else "")
    text, has_gap = "", False
    for size, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            text += ("零" if has_gap else "") + DIGITS[digit] + sign
            has_gap = False
        else:
            has_gap = bool(text) and bool(number)
    return text or "零"


def one(text: str) -> Quantity:
    (found,) = find_quantities(read_text(text).plain, 2020)
    return found


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_a_spelt_number_is_read_as_it_was_spelt(number: int) -> None:
    assert parse_chinese_numeral(han(number)) == number


@given(st.integers(min_value=1, max_value=10**6), st.integers(min_value=0, max_value=3), st.sampled_from(["元", "万元", "亿元"]))
def test_a_written_amount_may_be_what_was_rounded_to_it(units: int, decimals: int, unit: str) -> None:
    written = Decimal(units).scaleb(-decimals)
    scale = {"元": 1, "万元": 10**4, "亿元": 10**8}[unit]
    found = one(f"拨付{written:f}{unit}。")
    assert found.value == written * scale
    half = Decimal(scale).scaleb(-decimals) / 2
    assert found.may_be(written * scale - half)
    assert not found.may_be(written * scale + half)
    assert not found.may_be(written * scale - half * Decimal("1.01"))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("发放2.15亿元", Decimal(215_000_000), "元"),
        ("计1,379.88万元", Decimal(13_798_800), "元"),
        ("共3亿5000万元", Decimal(350_000_000), "元"),
        ("二点一五亿元", Decimal(215_000_000), "元"),
        ("每周召开两次", Decimal(2), "次"),
        ("三十四家企业", Decimal(34), "家"),
        ("走访一千一百三十二家次", Decimal(1132), "家次"),
        ("供应20.87公顷", Decimal("313.05"), "亩"),
        ("完成85.2%", Decimal("0.852"), "1"),
        ("完成百分之八十五", Decimal("0.85"), "1"),
        ("恢复到九成五", Decimal("0.95"), "1"),
        ("按九五折", Decimal("0.95"), "1"),
        ("提高1.2个百分点", Decimal("0.012"), "百分点"),
        ("13万只口罩", Decimal(130_000), "只"),
        ("在4月底", date(2020, 4, 30), "日"),
        ("到三月十八日", date(2020, 3, 18), "日"),
        ("自2月1日起至6月30日止", (date(2020, 2, 1), date(2020, 6, 30)), "日"),
        ("截至2020-03-18", date(2020, 3, 18), "日"),
    ],
)
def test_a_quantity_has_its_value_and_unit(text: str, value: object, unit: str) -> None:
    assert (one(text).value, one(text).unit) == (value, unit)


@pytest.mark.parametrize(
    ("text", "bound", "may_be", "may_not_be"),
    [
        ("3500余个", "more", [3500, 3599], [3499, 3600]),
        ("4000多亩", "more", [4000, 4999], [5000]),
        ("1.2万余家", "more", [12000, 12999], [13000]),
        ("不少于2天", "floor", [2, 9], [1]),
        ("3500条以上", "floor", [3500, 4000], [3499]),
        ("最多接受1次", "ceiling", [0, 1], [2]),
        ("近5000册", "near", [4000, 5000], [3999, 5001]),
        ("约632万元", "about", [6_315_000, 6_325_000], [6_314_999, 6_325_001]),
        ("10—15万元", "range", [100_000, 150_000], [99_999, 150_001]),
        ("34家", "exact", [34], [33, 35]),
    ],
)
def test_a_bound_says_what_the_value_may_be(text: str, bound: str, may_be: list[int], may_not_be: list[int]) -> None:
    found = one(text)
    assert found.bound == bound
    assert [number for number in may_be + may_not_be if found.may_be(Decimal(number))] == may_be


@pytest.mark.parametrize(
    "text",
    [
        "发挥“四个作用”",
        "第一时间",
        "郑政〔2020〕9号",
        "2020年",
        "一是加强",
        "统一结算",
        "新冠COVID-19",
        "十四五规划",
        "2月30日",
        "13812345678",
    ],
)
def test_a_number_that_counts_nothing_is_none(text: str) -> None:
    assert find_quantities(read_text(text).plain, 2020) == []


def test_a_price_is_for_something_and_so_is_the_next() -> None:
    before, after = find_quantities("每立方米由4.1元降至4元", 2020)
    assert (before.per, after.per) == ("立方米", "立方米")
    assert [found.per for found in find_quantities("由4.1元/立方米降至4元/立方米", 2020)] == ["立方米", "立方米"]


def test_a_broken_line_blanks_and_widths_change_nothing_and_places_are_kept() -> None:
    typed = (
        "截至 ３ 月 18 日，全区金融机构累计为 34\r\n\r\n家企业提供贷款 2.15 亿元（其中新增部\n\n"
        "分另计），人社部门拨付稳岗补贴 218.9\n\n万元，税务部门累计减免退税费 1379.88\n\n万元。"
    )
    text = read_text(typed)
    found = find_quantities(text.plain, 2020)
    assert [quantity.text for quantity in found] == ["3月18日", "34家", "2.15亿元", "218.9万元", "1379.88万元"]
    places = [typed[text.place(quantity.start) : text.place(quantity.end - 1) + 1] for quantity in found]
    assert places == ["３ 月 18 日", "34\r\n\r\n家", "2.15 亿元", "218.9\n\n万元", "1379.88\n\n万元"]
    assert [text.line(quantity.start) for quantity in found] == [1, 1, 3, 5, 7]


def test_a_line_that_is_a_heading_ends_there() -> None:
    text = read_text("一、用工\n岗位信息发布4期。\n二、用地\n供应313亩。\n三、资金\n贷款34家。")
    found = {text.plain[one.start : one.end]: one.headings for one in text.sentences}
    assert found["岗位信息发布4期"] == ("一、用工",)
    assert found["供应313亩"] == ("二、用地",)
    assert found["二、用地"] == ()


def test_every_number_that_is_a_figure_is_read_in_every_text() -> None:
    marked = [unmarked(file.read_text(encoding="utf-8")) for half in ("developed_on", "held_out") for file in texts(half)]
    assert len(marked) == 32
    for typed, mentions in marked:
        text = read_text(typed)
        places = [text.place(quantity.start) for quantity in find_quantities(text.plain, 2020)]
        for mention in mentions:
            assert any(mention.start <= place < mention.start + len(mention.text) for place in places), mention


@given(st.lists(st.sampled_from(SIGNS), max_size=80).map("".join) | st.text(max_size=80))
def test_any_text_is_read_and_spans_are_in_order(typed: str) -> None:
    text = read_text(typed)
    found = find_quantities(text.plain, 2020)
    assert all(text.plain[quantity.start : quantity.end] == quantity.text != "" for quantity in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
    assert all(0 <= text.place(quantity.start) < len(typed) for quantity in found)
