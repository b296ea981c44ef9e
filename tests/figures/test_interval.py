"""Intervals: their ends where somebody is silent, that they hold the truth, narrow and close."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fugong.core.settings import PROJECT, Settings
from fugong.figures.definition import Definition, load_definitions
from fugong.figures.figure import Figure, figures
from fugong.figures.term import FigureSum, MartCells
from fugong.marts import printed_ends
from fugong.warehouse.connection import connect
from tests.figures.silent_districts import DAY, District, faults, make_district, settled, warehouse


@pytest.fixture(scope="module")
def empty() -> Iterator[psycopg.Connection[Any]]:
    with warehouse() as connection:
        yield connection


def test_intervals_hold_the_truth_narrow_and_close(empty: psycopg.Connection[Any]) -> None:
    districts = [make_district(seed) for seed in (0, 4)]
    assert any(any(one.is_silent.values()) for one in districts)
    assert any(not all(one.is_silent.values()) for one in districts)
    assert [sentence for number, one in enumerate(districts) for sentence in faults(empty, one, is_stepwise=number == 0)] == []


def firm(uscc: str, *, resumed: bool | None = None) -> dict[str, Any]:
    if resumed is None:
        return {"uscc": uscc, "scale_code": "B", "baseline_headcount": 10, "baseline_daily_kwh": 100}
    return {"uscc": uscc, "should_resume": True, "resumed": resumed, "normal_headcount": 10, "on_post": 8 if resumed else 0}


def told(connection: psycopg.Connection[Any], parts: list[dict[str, Any]], *names: str) -> list[Figure]:
    """The figures of a district of these parts; nothing is kept."""
    with settled(connection, District(0, tuple(parts), {}, {})) as arrivals:
        return figures(connection, PROJECT / "include", DAY, arrivals[-1], ids=names, checks=False)


def part(table: str, department: str, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"table": table, "date": DAY, "department": department, "rows": rows, **more}


def test_silent_firms_and_what_their_energy_says_are_told_beside_the_rate(empty: psycopg.Connection[Any]) -> None:
    firms = [firm(name) for name in "ABCDE"]
    sent = [firm("A", resumed=True), firm("B", resumed=True), firm("C", resumed=False)]
    energy = [{"account_no": "1", "uscc": "D", "kwh_day": 90}, {"account_no": "2", "uscc": "A", "kwh_day": 1}]
    parts = [part("enterprise", "TJJ", firms), part("industry_resumption", "GXJ", sent), part("power_daily", "GDGS", energy)]
    rate, people = told(empty, parts, "S002", "S003")
    assert rate.display == "40%"
    assert rate.interval is not None
    assert rate.interval.text is not None
    assert rate.interval.text.zh == "40%;若未报 2 家全部复工为 80%;按用电和参保估计为 60%…80%"
    assert rate.interval.text.en == (
        "40%; 80% if the silent firms (2) have resumed; estimate by power and people insured: 60% … 80%"
    )
    assert people.interval is not None
    assert (people.value, people.interval.span.least, people.interval.span.most) == (
        Decimal("0.32"),
        Decimal("0.32"),
        Decimal("0.72"),
    )
    everybody = [*sent, firm("D", resumed=True), firm("E", resumed=False)]
    parts[1] = part("industry_resumption", "GXJ", everybody)
    (full,) = told(empty, parts, "S002")
    assert full.interval is not None
    assert (full.value, full.interval.is_closed, full.interval.text) == (Decimal("0.6"), True, None)


def test_ends_are_printed_so_coarsely_that_they_tell_of_no_silent_firm(empty: psycopg.Connection[Any]) -> None:
    firms = [firm(f"F{number}") for number in range(30)]
    sent = [firm(f"F{number}", resumed=True) for number in range(29)]
    parts = [part("enterprise", "TJJ", firms), part("industry_resumption", "GXJ", sent)]
    (people,) = told(empty, parts, "S003")
    assert people.display == "77.3%"
    assert people.interval is not None
    assert people.interval.text is not None
    # 77.33 % and 80.67 %: percents would tell that the silent firm has 2 % of all, or 4 %; it has 3.3 %
    assert people.interval.text.zh == "76%;若未报 1 家全员到岗为 82%"
    assert people.interval.to_json("zh")["least"] == 0.76


def test_ends_of_one_great_silent_firm_are_not_printed(empty: psycopg.Connection[Any]) -> None:
    firms = [firm("GREAT") | {"baseline_headcount": 1_000}, *(firm(f"F{number}") for number in range(4))]
    parts = [
        part("enterprise", "TJJ", firms),
        part("industry_resumption", "GXJ", [firm(f"F{number}", resumed=True) for number in range(4)]),
    ]
    (people,) = told(empty, parts, "S003")
    assert people.interval is not None
    assert people.interval.text is not None
    assert people.interval.text.zh == "当日 1 个未报;两端会说出其中一家,不列"
    assert people.interval.to_json("zh")["least"] is None
    assert people.interval.to_json("zh")["most"] is None
    assert people.interval.span.least == Decimal(32) / Decimal(1_040)  # the figure itself keeps it


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.5), st.floats(0.001, 0.5))
def test_both_ends_lie_far_enough_within_their_steps(least: float, more: float, margin: float) -> None:
    most = min(least + more, 1.0)
    found = printed_ends.printed(least, most, margin=margin, step=0.01, cap=1.0)
    if found is None:
        return
    assert found.least + margin <= least + 1e-9
    assert least <= found.least + found.step - margin + 1e-9
    assert most >= found.most - found.step + margin - 1e-9
    assert found.most == 1 or most <= found.most - margin + 1e-9


def test_without_a_headcount_there_is_no_interval_of_people(empty: psycopg.Connection[Any]) -> None:
    firms = [firm("A"), firm("B") | {"baseline_headcount": None}]
    parts = [part("enterprise", "TJJ", firms), part("industry_resumption", "GXJ", [firm("A", resumed=True)])]
    rate, people = told(empty, parts, "S002", "S003")
    assert rate.interval is not None
    assert (rate.interval.span.least, rate.interval.span.most) == (Decimal("0.5"), 1)
    assert people.interval is None


def test_flows_are_at_least_while_a_file_is_missing_or_a_row_is_returned(empty: psycopg.Connection[Any]) -> None:
    loan = {"uscc": "A", "nature": "新增", "disbursed": 50_000_000}
    first = part("loan", "JRB", [loan | {"loan_id": "1", "disbursed_date": "2020-03-16"}]) | {"date": "2020-03-16"}
    second = part("loan", "JRB", [loan | {"loan_id": "2", "disbursed_date": DAY}])
    missing, average = told(empty, [first, second], "S039", "D05")
    assert missing.interval is not None
    assert (missing.display, missing.interval.span.most) == ("1.00亿元", None)
    assert missing.interval.text is not None
    assert missing.interval.text.zh == "至少 1.00亿元"
    assert average.interval is not None
    assert (average.interval.span.least, average.interval.span.most) == (0, None)
    third = part("loan", "JRB", []) | {"date": "2020-03-17"}
    (closed,) = told(empty, [first, third, second], "S039")
    assert closed.interval is not None
    assert closed.interval.is_closed
    (returned,) = told(empty, [first, third, second | {"set_aside": 2}], "S039")
    assert returned.interval is not None
    assert not returned.interval.is_closed
    assert any("2 行退回未补" in gap.zh for gap in returned.gaps)


def lease(number: str, tenant: str, months: str | None) -> dict[str, Any]:
    return {
        "lease_id": number,
        "lessor_type": "区属国企",
        "lessor_uscc": "X",
        "lease_from": date(2019, 1, 1),
        "lease_to": date(2021, 12, 31),
        "monthly_rent": 10_000,
        "tenant_uscc": tenant,
        "tenant_kind": "中小微",
        "free_months": months,
        "relief_claimed": 20_000,
        "agreed_date": date(2020, 3, 5),
    }


def test_what_came_and_cannot_be_computed_keeps_the_interval_open(empty: psycopg.Connection[Any]) -> None:
    firms = [{"uscc": name, "scale_code": "X", "size_class": "S"} for name in "AB"]
    parts = [part("enterprise", "TJJ", firms), part("rent_relief", "GZB", [lease("1", "A", "2020-02;2020-03")])]
    (closed,) = told(empty, parts, "S042A")
    parts[1] = part("rent_relief", "GZB", [lease("1", "A", "2020-02;2020-03"), lease("2", "B", None)])
    (opened,) = told(empty, parts, "S042A")
    assert (closed.value, opened.value) == (20_000, 20_000)
    assert closed.interval is not None
    assert opened.interval is not None
    assert closed.interval.is_closed
    assert opened.interval.text is not None
    assert (opened.interval.is_closed, opened.interval.text.zh) == (False, "至少 2.00万元")


def is_sum_or_rate(definition: Definition, definitions: dict[str, Definition]) -> bool:
    """Whether a figure is a sum of cells, a lowest or highest value of them, or a rate; or made of such figures."""
    terms = definition.terms.values()
    return any(
        (isinstance(term, MartCells) and term.aggregate != "list")
        or (isinstance(term, FigureSum) and all(is_sum_or_rate(definitions[name], definitions) for _, name in term.signed))
        for term in terms
    )


def test_every_sum_and_every_rate_of_the_briefing_has_an_interval(sample_district: Settings) -> None:
    definitions = load_definitions(sample_district.include)
    wanted = {name for name, one in definitions.items() if is_sum_or_rate(one, definitions)}
    assert len(wanted) > 60
    with connect(sample_district) as connection:
        found = figures(connection, sample_district.include, DAY, checks=False)
    assert {one.id for one in found if one.interval} == wanted - {"S036D"}  # its end is open: not determinable
    for one in found:
        if one.interval and isinstance(one.value, Decimal):
            assert one.interval.span.least <= one.value, one.id
            assert one.interval.span.most is None or one.value <= one.interval.span.most, one.id
