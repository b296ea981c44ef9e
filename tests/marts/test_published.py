"""What publications say about cells: as precisely as they print it, and no more."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

import pytest

from fugong.core.settings import PROJECT
from fugong.figures.definition import load_definitions
from fugong.figures.display import format_value
from fugong.marts.firms_behind import Key
from fugong.marts.open_cells import Row, keys_of
from fugong.marts.published import Published, load_published, stated
from fugong.marts.sql_files import load_sql_files

FILES = load_sql_files(PROJECT / "include" / "sql")
DEFINITIONS = load_definitions(PROJECT / "include")
PUBLISHED = load_published(PROJECT / "include")
DAY = date(2020, 3, 18)
VALUES = ["0.0004", "0.05", "0.4999", "0.62345", "0.9996", "1", "3", "17", "1234.5", "9876543.21", "123456789.01", "2384999"]


@pytest.mark.parametrize(
    "one", [one for one in PUBLISHED if isinstance(one, Published) and one.source in DEFINITIONS], ids=lambda one: one.source
)
def test_values_within_the_interval_are_printed_alike_and_no_others(one) -> None:
    definition = DEFINITIONS[one.source]
    n_rounded = 0
    for text in VALUES:
        value = Decimal(text)

        def shown(number: float) -> str:
            capped = min(Decimal(str(number)), definition.cap) if definition.cap is not None else Decimal(str(number))
            return format_value(definition.display, capped)

        low, high = one.precision.interval(float(value))
        assert low <= float(value) <= high
        if low == high:
            assert shown(float(value)) not in {shown(float(value) * 0.9), shown(float(value) * 1.1)}
            continue
        n_rounded += 1
        inside = (high - low) / 1000 if math.isfinite(high - low) else 1e-6
        for end, sign in ((low, 1), (high, -1)):
            if math.isfinite(end) and end:
                assert shown(end + sign * inside) == shown(float(value))
                assert shown(end - sign * inside) != shown(float(value))
    assert n_rounded or not one.precision.step


def test_a_figure_over_days_of_flows_tells_the_month_of_another_mart() -> None:
    mart = FILES.mart("loan_monthly")
    keys: list[Key] = [
        (DAY.replace(day=1), nature, dimension, member)
        for nature in ("新增", "续贷")
        for dimension, member in (("total", "ALL"), ("bank", "B1"))
    ]
    rows: dict[Key, Row] = {key: dict(zip(keys_of(mart), key, strict=True)) | {"disbursed": 4_321_000.0} for key in keys}
    (told,) = (one for one in stated(PUBLISHED, mart, rows) if one.source == "S039")
    assert dict(told.terms) == {(keys[0], "disbursed"): 1.0}
    assert told.between == (3_500_000.0, 4_500_000.0)


def test_townships_on_page_one_tie_the_resumed_of_those_that_are_printed() -> None:
    mart = FILES.mart("resumption_daily")
    counts = {"industry": {"T1": 2, "T2": 3, "T3": 9}, "service": {"T1": 3, "T2": 4}}
    rows: dict[Key, Row] = {}
    for scope, by_township in counts.items():
        for member, n_should in by_township.items():
            key: Key = (DAY, scope, "township", member)
            rows[key] = dict(zip(keys_of(mart), key, strict=True)) | {"n_should": n_should, "n_resumed": n_should - 1}
    found = [one for one in stated(PUBLISHED, mart, rows) if one.source.startswith("front/20_townships")]
    printed = {(key[1], key[3]) for one in found for key, _ in one.terms}
    # Of industry two firms are too few for T1, and with T2 printed somebody could subtract.
    assert printed == {("industry", "T3"), ("service", "T1"), ("service", "T2")}
    (low, high) = (one for one in found if one.source == "front/20_townships industry T3")
    assert low.terms[(DAY, "industry", "township", "T3"), "n_should"] == pytest.approx(-0.8885)
    assert high.terms[(DAY, "industry", "township", "T3"), "n_should"] == pytest.approx(-0.8895)


def test_a_rate_ties_its_numerator_to_its_denominator_and_a_table_prints_one_sum_for_each_key() -> None:
    mart = FILES.mart("award_daily")
    keys: list[Key] = [(DAY, clause, "设备", "区本级") for clause in ("第1条", "第2条")] + [(DAY, "ALL", "ALL", "ALL")]
    rows: dict[Key, Row] = {key: dict(zip(keys_of(mart), key, strict=True)) | {"paid": 30.0, "approved": 40.0} for key in keys}
    low, high = (one for one in stated(PUBLISHED, mart, rows) if one.source == "S016")
    assert set(low.terms) == {(key, column) for key in keys[:2] for column in ("paid", "approved")}  # the total is no second sum
    assert low.terms[keys[0], "approved"] == pytest.approx(-0.7495)
    assert high.terms[keys[0], "approved"] == pytest.approx(-0.7505)
    relief = FILES.mart("fee_reduction")
    cells: list[Key] = [
        (DAY.replace(day=1), policy, status) for policy in ("P17", "P21") for status in ("MATCH", "TIMING", "ALL")
    ]
    by_policy: dict[Key, Row] = {key: dict(zip(keys_of(relief), key, strict=True)) | {"claimed": 250.0} for key in cells}
    found = {one.source: one for one in stated(PUBLISHED, relief, by_policy) if one.source.startswith("front/")}
    assert set(found) == {"front/10_relief P17", "front/10_relief P21"}
    assert set(found["front/10_relief P21"].terms) == {(key, "claimed") for key in cells[3:5]}
    assert found["front/10_relief P21"].between == (450.0, 550.0)
