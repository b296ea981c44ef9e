from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from fugong.contracts.contract import Due
from fugong.contracts.schedule import due_at, is_expected, is_workday, next_one, period
from fugong.core.time import SHANGHAI

DAILY = Due("daily", 1, "10:00", None)
WORKDAY = Due("workday", 1, "09:30", None)
WEEKLY = Due("weekly", 1, "10:00", 1)
MONTHLY = Due("monthly", 5, "17:00", None)
ON_CHANGE = Due("on_change", 1, "18:00", None)
CALENDAR = {date(2020, 1, 30): False, date(2020, 1, 31): False, date(2020, 1, 19): True}
"""Spring Festival was prolonged; Sunday, 19 January was a working day in exchange."""


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2020, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("due", "report_date", "expected"),
    [
        (DAILY, date(2020, 3, 18), at(3, 19, 10)),
        (DAILY, date(2020, 3, 20), at(3, 21, 10)),
        (Due("daily", 0, "18:00", None), date(2020, 3, 18), at(3, 18, 18)),
        (WORKDAY, date(2020, 3, 18), at(3, 19, 9, 30)),
        (WORKDAY, date(2020, 3, 20), at(3, 23, 9, 30)),
        (WORKDAY, date(2020, 1, 29), at(2, 3, 9, 30)),
        (WORKDAY, date(2020, 1, 18), at(1, 19, 9, 30)),
        (WEEKLY, date(2020, 3, 16), at(3, 16, 10)),
        (WEEKLY, date(2020, 3, 17), at(3, 23, 10)),
        (WEEKLY, date(2020, 3, 22), at(3, 23, 10)),
        (MONTHLY, date(2020, 2, 10), at(3, 5, 17)),
        (MONTHLY, date(2020, 12, 31), datetime(2021, 1, 5, 17, tzinfo=SHANGHAI)),
        (ON_CHANGE, date(2020, 3, 18), at(3, 19, 18)),
    ],
)
def test_a_report_is_due_as_its_contract_says(due: Due, report_date: date, expected: datetime) -> None:
    assert due_at(due, report_date, CALENDAR) == expected


def test_a_due_time_is_that_of_shanghai() -> None:
    assert due_at(DAILY, date(2020, 3, 18), {}).isoformat() == "2020-03-19T10:00:00+08:00"


def test_moved_working_days_come_from_the_calendar() -> None:
    assert [is_workday(day, CALENDAR) for day in (date(2020, 1, 18), date(2020, 1, 19), date(2020, 1, 31))] == [
        False,
        True,
        False,
    ]


def test_what_is_sent_on_change_is_never_owed() -> None:
    sunday = date(2020, 3, 22)
    assert [is_expected(due, sunday, {}) for due in (DAILY, WORKDAY, WEEKLY, ON_CHANGE)] == [True, False, True, False]


def test_nothing_is_owed_before_the_contract_asks_for_it() -> None:
    monday = date(2020, 3, 2)
    daily, weekly = replace(DAILY, owed_from=monday), replace(WEEKLY, owed_from=monday)
    assert [is_expected(daily, day, {}) for day in (date(2020, 3, 1), monday)] == [False, True]
    # The week that ends on the 2nd is the first one.
    assert [is_expected(weekly, day, {}) for day in (date(2020, 2, 24), date(2020, 2, 25), monday)] == [False, True, True]
    assert next_one(daily, date(2020, 2, 1), {}) == (monday, at(3, 3, 10))


def test_a_week_ends_on_the_due_weekday() -> None:
    assert period(WEEKLY, date(2020, 3, 18)) == (date(2020, 3, 17), date(2020, 3, 23))
    assert period(MONTHLY, date(2020, 2, 18)) == (date(2020, 2, 1), date(2020, 2, 29))
    assert period(DAILY, date(2020, 2, 18)) == (date(2020, 2, 18), date(2020, 2, 18))


@pytest.mark.parametrize(
    ("due", "report_date", "expected"),
    [
        (DAILY, date(2020, 3, 18), (date(2020, 3, 19), at(3, 20, 10))),
        (WORKDAY, date(2020, 3, 20), (date(2020, 3, 23), at(3, 24, 9, 30))),
        (WORKDAY, date(2020, 1, 29), (date(2020, 2, 3), at(2, 4, 9, 30))),
        (WEEKLY, date(2020, 3, 17), (date(2020, 3, 30), at(3, 30, 10))),
        (MONTHLY, date(2020, 2, 10), (date(2020, 3, 31), at(4, 5, 17))),
        (ON_CHANGE, date(2020, 3, 18), None),
    ],
)
def test_the_next_report_is_that_of_the_next_day_week_or_month(
    due: Due, report_date: date, expected: tuple[date, datetime] | None
) -> None:
    assert next_one(due, report_date, CALENDAR) == expected
