"""The months and the year of a count."""

from __future__ import annotations

import pytest

from fugong.audit.find_quantities import find_quantities
from fugong.audit.periods import Period, period_of
from fugong.audit.positions import Positions
from fugong.audit.text import read_text


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("1719年1—5月,渡船收2万元。", Period(None, (1, 5))),
        ("2019年1—5月,渡船收2万元。", Period(2019, (1, 5))),
        ("单5月,渡船收2万元。", Period(None, (5, 5))),
        ("上半年渡船收2万元。", Period(None, (1, 6))),
        ("前三季度,渡船收2万元。", Period(None, (1, 9))),
        ("前十一个月,渡船收2万元。", Period(None, (1, 11))),
        ("前9月,渡船收2万元。", Period(None, (1, 9))),
        ("前9月,分别比前6月、前3月提高2.3、24.2个百分点。渡船收2万元。", Period(None, (1, 9))),
        ("1719年二季度末,渡船收2万元。", Period()),
        ("截至3月2日,渡船收2万元。", Period()),
        ("6月份渡船收1元。上半年渡船收2万元。", Period(None, (1, 6))),
        ("6月份,与5月相比,渡船收2万元。", Period(None, (6, 6))),
        ("上半年好。\n渡船收2万元。", Period()),
    ],
)
def test_the_period_named_last_before_a_count_is_its_own(text: str, period: Period) -> None:
    read = read_text(text)
    quantities = find_quantities(read.plain, 2020)
    number = next(nth for nth, one in enumerate(quantities) if one.text == "2万元")
    assert period_of(Positions(read, quantities), number) == period


def test_a_count_without_a_period_may_be_of_any() -> None:
    assert Period().may_be(Period(2019, (1, 5)))
    assert Period(2019).may_be(Period(None, (1, 5)))
    assert not Period(2019, (1, 5)).may_be(Period(2020, (1, 5)))
    assert not Period(None, (1, 5)).may_be(Period(None, (5, 5)))
