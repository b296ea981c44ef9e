"""Units: read wherever a sheet declares them."""

from __future__ import annotations

from fugong.parsing.units import money_unit


def test_the_unit_of_money_is_that_of_the_first_title_that_names_one() -> None:
    assert money_unit(["税费减免退日报", "单位:万元"]) == "万元"
    assert money_unit(["金额单位:人民币元"]) == "元"
    assert money_unit(["填报单位:税务局"]) is None
    assert money_unit([]) is None
