"""Work is divided by the lines behind it."""

from __future__ import annotations

from datetime import date

from fugong.core.settings import PROJECT
from fugong.core.time import each_day
from fugong.marts.portions import LINES_AT_ONCE, divide
from fugong.marts.sql_files import load_sql_files

FILES = load_sql_files(PROJECT / "include" / "sql")
DAYS = list(each_day(date(2020, 2, 1), date(2020, 3, 31)))
WORK = {mart: frozenset(DAYS) for mart in FILES.daily if mart.partition_by != "period"}


def test_marts_that_share_a_fact_stay_together_and_every_day_is_in_one_portion() -> None:
    portions = divide(FILES, WORK, {"industry_resumption": 100.0, "enterprise": 300.0})
    found = sorted((mart.name, day) for portion in portions for mart, days in portion.days.items() for day in days)
    assert found == sorted((mart.name, day) for mart in WORK for day in DAYS)
    together = [{mart.name for mart in portion.days} for portion in portions if len(portion.days) > 1]
    assert together == [
        {"resumption_daily", "resumption_change", "denominator_bridge", "enterprise_status", "X01", "X02", "X03", "X04"}
    ]


def test_the_more_lines_a_day_has_the_fewer_days_are_computed_at_once_and_the_largest_first() -> None:
    city = divide(FILES, WORK, {"industry_resumption": 400_000.0, "loan": 10.0})
    days = {len(of_mart) for portion in city for mart, of_mart in portion.days.items() if mart.name == "X01"}
    assert max(days) == int(LINES_AT_ONCE / 400_000)
    assert [len(portion.days[FILES.mart("loan_daily")]) for portion in city if FILES.mart("loan_daily") in portion.days] == [60]
    assert [portion.lines for portion in city] == sorted((portion.lines for portion in city), reverse=True)
    assert len(divide(FILES, WORK, {"industry_resumption": 10 * LINES_AT_ONCE})) > len(DAYS)


def test_a_mart_without_days_is_in_no_portion() -> None:
    assert divide(FILES, {FILES.mart("loan_daily"): frozenset()}, {}) == []
