"""Work is divided by the lines behind it."""

from __future__ import annotations

from datetime import date

from fugong.core.settings import PROJECT
from fugong.core.time import each_day
from fugong.marts.portions import LINES_AT_ONCE, Portion, divide
from fugong.marts.sql_files import load_sql_files

FILES = load_sql_files(PROJECT / "include" / "sql")
DAYS = list(each_day(date(2020, 2, 1), date(2020, 3, 31)))
WORK = {mart: frozenset(DAYS) for mart in FILES.daily if mart.partition_by != "period"}


def names(portion: Portion) -> set[str]:
    return {mart.name for days in portion.rounds for mart in days}


def test_marts_that_share_a_fact_stay_together_and_every_day_is_in_one_round() -> None:
    portions = divide(FILES, WORK, {"industry_resumption": 100.0, "enterprise": 300.0, "tax_relief": 1.0})
    rounds = [days for portion in portions for days in portion.rounds]
    assert sorted((mart.name, day) for each in rounds for mart, days in each.items() for day in days) == sorted(
        (mart.name, day) for mart in WORK for day in DAYS
    )
    together = [found for portion in portions if len(found := names(portion)) > 1]
    assert together == [
        {
            "resumption_daily", "resumption_change", "denominator_bridge", "enterprise_status", "problem_closure", "register_daily",
            "rent_relief_daily", "X01", "X02", "X03", "X04", "X14",
        },
        {"relief_projection", "fee_reduction_daily", "water_relief_flow"},
    ]  # fmt: skip


def test_facts_that_are_the_same_whatever_the_days_keep_all_days_on_one_connection_in_rounds_of_one_kind_of_days() -> None:
    work = {mart: DAYS if mart.partition_by != "period" else [date(2020, 2, 1), date(2020, 3, 1)] for mart in FILES.daily}
    relief, *others = [
        portion for portion in divide(FILES, work, {"social_insurance_relief": 200_000.0}) if "fee_reduction" in names(portion)
    ]
    assert others == []
    assert names(relief) == {
        "relief_projection", "fee_reduction_daily", "water_relief_flow", "fee_reduction", "X07", "X12", "X25"
    }  # fmt: skip
    assert all(len({mart.partition_by for mart in days}) == 1 for days in relief.rounds)
    assert [mart.name for days in relief.rounds for mart in days].count("relief_projection") == len(
        DAYS
    ) * 200_000 / LINES_AT_ONCE


def test_the_more_lines_a_day_has_the_fewer_days_are_computed_at_once_and_the_largest_first() -> None:
    city = divide(FILES, WORK, {"industry_resumption": 400_000.0, "loan": 10.0})
    rounds = [days for portion in city for days in portion.rounds]
    days = {len(of_mart) for each in rounds for mart, of_mart in each.items() if mart.name == "X01"}
    assert max(days) == int(LINES_AT_ONCE / 400_000)
    assert [len(of_mart) for each in rounds for mart, of_mart in each.items() if mart.name == "loan_daily"] == [60]
    assert [portion.lines for portion in city] == sorted((portion.lines for portion in city), reverse=True)
    assert len(divide(FILES, WORK, {"industry_resumption": 10 * LINES_AT_ONCE})) > len(DAYS)


def test_a_mart_without_days_is_in_no_portion() -> None:
    assert divide(FILES, {FILES.mart("loan_daily"): frozenset()}, {}) == []
