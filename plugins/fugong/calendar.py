"""Due times: when a report is due, and who owes what.

Times are those of the district, Asia/Shanghai, which has no summer time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg

from fugong.contract import Contract, Due

SHANGHAI = ZoneInfo("Asia/Shanghai")
SATURDAY = 6
HABIT_DAYS = 31
"""A sender of lower rank owes a report as long as it has sent it within so many days."""
TAKEN = ("accepted", "partly_accepted", "superseded")
"""A submission in one of these states has brought its report; a rejected one has not."""

Calendar = Mapping[date, bool]
"""Days that differ from Monday-to-Friday, or all days: whether each is a working day (`ref.calendar`)."""


@dataclass(frozen=True)
class Owed:
    """One report of one department about one day (or week, or month), due or received.

    Attributes:
        report_date: the day the report is about; for weekly and monthly ones the last day of the period.
        received_at: when the first submission that was taken arrived; None while there is none.
        is_late: it came after it was due, or has not come although it is due.
    """

    department_code: str
    report: str
    report_name: str
    report_date: date
    due_at: datetime
    received_at: datetime | None
    is_late: bool


def is_workday(day: date, calendar: Calendar) -> bool:
    """Whether it is a working day: as the calendar says, else Monday to Friday."""
    return calendar.get(day, day.isoweekday() < SATURDAY)


def period(due: Due, day: date) -> tuple[date, date]:
    """The first and last report date that answer for a day: the day itself, its week up to the due weekday, or its month."""
    if due.cadence == "weekly":
        last = day + timedelta(((due.weekday or 1) - day.isoweekday()) % 7)
        return last - timedelta(6), last
    if due.cadence == "monthly":
        first = day.replace(day=1)
        return first, (first + timedelta(31)).replace(day=1) - timedelta(1)
    return day, day


def is_expected(due: Due, day: date, calendar: Calendar) -> bool:
    """Whether a report about this day is owed: always, on working days only, or never (`on_change`)."""
    if due.cadence == "workday":
        return is_workday(day, calendar)
    return due.cadence != "on_change"


def due_at(due: Due, report_date: date, calendar: Calendar) -> datetime:
    """When a report about this day is due.

    Counted from the last day of its period. A `workday` report that would be due on a day off is due on the next working day;
    a weekly one is due on its weekday itself.
    """
    _, last = period(due, report_date)
    day = last if due.cadence == "weekly" else last + timedelta(due.days)
    if due.cadence == "workday":
        while not is_workday(day, calendar):
            day += timedelta(1)
    return datetime.combine(day, time.fromisoformat(due.time), SHANGHAI)


def next_one(due: Due, report_date: date, calendar: Calendar) -> tuple[date, datetime] | None:
    """The report date after this one, and when that report is due; None where nothing is owed regularly."""
    if due.cadence == "on_change":
        return None
    day = period(due, report_date)[1] + timedelta(1)
    while not is_expected(due, day, calendar):
        day += timedelta(1)
    return period(due, day)[1], due_at(due, day, calendar)


def load_calendar(connection: psycopg.Connection) -> Calendar:
    """`ref.calendar`."""
    return dict(connection.execute("SELECT date, is_workday FROM ref.calendar").fetchall())


def missing(connection: psycopg.Connection, contracts: Iterable[Contract], on_date: date, now: datetime) -> list[Owed]:
    """Every report owed about a day, whether it has come or not, the most overdue first.

    The sender of first rank owes a report always, the others once they have sent it themselves within a month before.
    """
    calendar = load_calendar(connection)
    owed: list[Owed] = []
    for contract in contracts:
        if not is_expected(contract.due, on_date, calendar):
            continue
        first, last = period(contract.due, on_date)
        rows = connection.execute(
            """
            SELECT department_code, MIN(received_at) FILTER (WHERE report_date >= %(first)s)
            FROM intake.submission
            WHERE
                report = %(report)s
                AND report_date BETWEEN %(habit)s AND %(last)s
                AND state = ANY(%(taken)s)
                AND repairs IS NULL
                AND received_at <= %(now)s
            GROUP BY department_code
            """,
            {
                "report": contract.id,
                "first": first,
                "last": last,
                "habit": first - timedelta(HABIT_DAYS),
                "taken": list(TAKEN),
                "now": now,
            },
        ).fetchall()
        received: dict[str, datetime | None] = dict(rows)
        due = due_at(contract.due, on_date, calendar)
        for rank, sender in enumerate(contract.senders):
            if rank == 0 or sender in received:
                came = received.get(sender)
                owed.append(Owed(sender, contract.id, contract.name, last, due, came, (came or now) > due))
    return sorted(owed, key=lambda one: (one.received_at is not None, one.due_at, one.department_code, one.report))
