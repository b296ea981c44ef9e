"""Computes due times: which report date answers for a day, and when that report is due.

Times are in Asia/Shanghai, which has no summer time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import psycopg

from fugong.contracts.contract import Due
from fugong.core.time import SHANGHAI

SATURDAY = 6
HABIT_DAYS = 31
"""A sender of lower rank owes a report while its last one is at most so many days old."""

Calendar = Mapping[date, bool]
"""Day → whether it is a working day (`ref.calendar`). Days that are not in it follow Monday to Friday."""


def is_workday(day: date, calendar: Calendar) -> bool:
    """Whether a day is a working day, by the calendar, else by Monday to Friday."""
    return calendar.get(day, day.isoweekday() < SATURDAY)


def period(due: Due, day: date) -> tuple[date, date]:
    """The first and last report date that cover a day: the day itself, its week up to the due weekday, or its month."""
    if due.cadence == "weekly":
        last = day + timedelta(((due.weekday or 1) - day.isoweekday()) % 7)
        return last - timedelta(6), last
    if due.cadence == "monthly":
        first = day.replace(day=1)
        return first, (first + timedelta(31)).replace(day=1) - timedelta(1)
    return day, day


def is_expected(due: Due, day: date, calendar: Calendar) -> bool:
    """Whether a report about a day is owed: always, on working days only, or never (`on_change`), and never before `owed_from`."""
    if due.owed_from is not None and period(due, day)[1] < due.owed_from:
        return False
    if due.cadence == "workday":
        return is_workday(day, calendar)
    return due.cadence != "on_change"


def due_at(due: Due, report_date: date, calendar: Calendar) -> datetime:
    """When a report about a day is due: `due.days` after the last day of its period.

    A `workday` report that would be due on a day off is due on the next working day. A weekly report is due on its weekday.
    """
    _, last = period(due, report_date)
    day = last if due.cadence == "weekly" else last + timedelta(due.days)
    if due.cadence == "workday":
        while not is_workday(day, calendar):
            day += timedelta(1)
    return datetime.combine(day, time.fromisoformat(due.time), SHANGHAI)


def next_one(due: Due, report_date: date, calendar: Calendar) -> tuple[date, datetime] | None:
    """The next report date and its due time; None for reports that are never owed."""
    if due.cadence == "on_change":
        return None
    day = period(due, report_date)[1] + timedelta(1)
    while not is_expected(due, day, calendar):
        day += timedelta(1)
    return period(due, day)[1], due_at(due, day, calendar)


def load_calendar(connection: psycopg.Connection) -> Calendar:
    """Read `ref.calendar`."""
    return dict(connection.execute("SELECT date, is_workday FROM ref.calendar").fetchall())
