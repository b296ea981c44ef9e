import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fugong.core.errors import ConfigurationError
from fugong.core.schema import SCHEMAS
from fugong.figures.display import Display, as_json, format_value, numeral, percent, read_display

SEED = {
    "S001": (Display("month_day"), date(2020, 3, 18), "3月18日"),
    "S002": (Display("percent"), Decimal(1), "100%"),
    "S012": (Display("percent"), Decimal("0.25"), "25%"),
    "S028": (Display("percent"), Decimal(46) / 54, "85.2%"),
    "S031": (Display("余", step=100), Decimal(3541), "3500余"),
    "S033": (Display("万元", 1), Decimal("2189000.00"), "218.9万元"),
    "S034": (Display("余", step=1000), Decimal("4321.5"), "4000余"),
    "S038": (Display("count"), Decimal(34), "34"),
    "S039": (Display("亿元", 2), Decimal(215_000_000), "2.15亿元"),
    "S040": (Display("万元", 0), Decimal(41_180_000), "4118万元"),
    "S041": (Display("万元", 2), Decimal("13798800.00"), "1379.88万元"),
    "S046": (Display("range"), (date(2020, 2, 1), date(2020, 6, 30)), "2月1日至6月30日"),
    "S049": (Display("万元", 1), Decimal("163000"), "16.3万元"),
    "S053": (Display("万"), Decimal(10_000), "1万"),
    "S058": (Display("numeral"), Decimal(2), "两"),
    "S070": (Display("percent"), Decimal(16) / 18, "88.9%"),
    "S071": (Display("list", more="等"), ("红星", "方顶驿"), "红星、方顶驿等"),
    "S073": (Display("亿元", 1), Decimal(420_000_000), "4.2亿元"),
    "S074": (Display("亿元", 0), Decimal(2_000_000_000), "20亿元"),
}


@pytest.mark.parametrize("figure", SEED)
def test_a_figure_is_written_as_the_rules_say(figure: str) -> None:
    display, value, expected = SEED[figure]
    assert format_value(display, value) == expected


def test_half_is_rounded_up_and_not_to_even() -> None:
    assert format_value(Display("万元", 1), Decimal(162_500)) == "16.3万元"
    assert format_value(Display("万元", 1), Decimal(-162_500)) == "-16.3万元"
    assert percent(Decimal("0.8525")) == "85.3%"


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [("0.9996", "99.9%"), ("0.99999999", "99.9%"), ("1", "100%"), ("1.0001", "100.1%"), ("1.2", "120%"), ("0", "0%")],
)
def test_a_hundred_percent_means_equal_counts(fraction: str, expected: str) -> None:
    assert percent(Decimal(fraction)) == expected


@given(st.integers(1, 10**7), st.integers(1, 10**7))
def test_only_equal_counts_are_format_value_as_a_hundred(numerator: int, denominator: int) -> None:
    assert (percent(Decimal(numerator) / denominator) == "100%") == (numerator == denominator)


def test_a_trailing_zero_is_dropped_unless_kept() -> None:
    assert percent(Decimal("0.8")) == "80%"
    assert percent(Decimal("0.8"), keep=True) == "80.0%"


def test_and_more_is_not_said_of_a_round_number() -> None:
    assert format_value(Display("余", step=100), Decimal(3500)) == "3500"
    assert format_value(Display("余", step=100), Decimal(99)) == "99"


def test_numerals_up_to_a_hundred() -> None:
    assert [numeral(Decimal(n)) for n in (0, 1, 2, 3, 10, 12, 20, 99, 100)] == "〇 一 两 三 十 十二 二十 九十九 100".split()


def test_a_word_is_left_out_below_its_threshold() -> None:
    display = read_display({"kind": "words", "words": [[0.9, "基本满足"], [1.0, "满足"]]})
    assert [format_value(display, Decimal(share)) for share in ("0.89", "0.9", "1.3")] == ["", "基本满足", "满足"]


def test_nothing_is_format_value_of_nothing() -> None:
    assert format_value(Display("percent"), None) == ""


VALUES = {
    **dict.fromkeys(("count", "percent", "余", "元", "万", "万元", "亿元", "numeral", "words"), Decimal(1)),
    **dict.fromkeys(("month_day", "date"), date(2020, 3, 18)),
    "range": (date(2020, 2, 1), date(2020, 6, 30)),
    "list": ("红星", "方顶驿"),
    "text": "多次",
}


def test_every_kind_of_the_schema_can_be_displayed() -> None:
    schema = json.loads((SCHEMAS / "figures.schema.json").read_text(encoding="utf-8"))
    assert VALUES.keys() == set(schema["$defs"]["display_kind"]["enum"])
    for kind, value in VALUES.items():
        assert format_value(read_display({"kind": kind, "words": [[0.9, "基本满足"]]}), value), kind


def test_a_display_that_fits_no_number_is_our_fault() -> None:
    with pytest.raises(ConfigurationError, match="display 'list' cannot show the number 1"):
        format_value(Display("list"), Decimal(1))


def test_json_has_whole_numbers_and_iso_days() -> None:
    assert as_json(Decimal("13798800.00")) == 13798800
    assert as_json(Decimal("1379.88")) == 1379.88
    assert as_json((date(2020, 2, 1), date(2020, 6, 30))) == ["2020-02-01", "2020-06-30"]
