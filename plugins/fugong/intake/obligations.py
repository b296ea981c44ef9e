"""Which department owes which report, which reports have arrived, and which reminders are out (`intake.reminder`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg
from psycopg import sql

from fugong.contracts.contract import Contract
from fugong.contracts.schedule import HABIT_DAYS, Calendar, due_at, is_expected, load_calendar, period
from fugong.core.time import each_day
from fugong.core.vocabulary import State

DELIVERED = (State.ACCEPTED, State.PARTLY_ACCEPTED, State.SUPERSEDED)
"""A submission in one of these states has delivered its report; a rejected one has not."""


@dataclass(frozen=True)
class Obligation:
    """One report that a department owes about one day (or week, or month), due or received.

    Attributes:
        report_date: the day the report is about; for weekly and monthly reports the last day of the period.
        received_at: when the first submission that delivered it arrived; None while there is none.
        is_late: it arrived after it was due, or is due and has not arrived.
        is_history: it arrived, and was due before the first file of all did: nobody can say whether it was late.
    """

    department_code: str
    report: str
    report_name: str
    report_date: date
    due_at: datetime
    received_at: datetime | None
    is_late: bool
    is_history: bool = False


def missing(connection: psycopg.Connection, contracts: Iterable[Contract], on_date: date, now: datetime) -> list[Obligation]:
    """Every report that is owed about a day, received or not, the most overdue first.

    The sender of first rank always owes a report; the others owe it if they have sent it on two days or more of the month before, or a
    weekly or monthly one for the period before: one stray file makes no habit.
    """
    clock = _clock(connection, now, "intake")
    owed = [
        one
        for contract in contracts
        if is_expected(contract.due, on_date, clock.calendar)
        for one in _owed(contract, on_date, _delivered(connection, contract, on_date, on_date, now, "intake"), clock)
    ]
    return sorted(owed, key=lambda one: (one.received_at is not None, one.due_at, one.department_code, one.report))


def owed_between(
    connection: psycopg.Connection,
    contracts: Iterable[Contract],
    department: str,
    first: date,
    last: date,
    now: datetime,
    *,
    schema: str = "intake",
) -> list[Obligation]:
    """Every report of a department that is due from one day to another, received or not, by the moment at which it is due.

    Args:
        schema: `sent` for the role of the department, which reads nothing of others.
    """
    clock = _clock(connection, now, schema)
    found: dict[tuple[str, date], Obligation] = {}
    for contract in contracts:
        start = first - timedelta(HABIT_DAYS + 7)
        delivered = _delivered(connection, contract, start, last, now, schema)
        for day in each_day(start, last):
            for one in _owed(contract, day, delivered, clock) if is_expected(contract.due, day, clock.calendar) else ():
                if one.department_code == department and first <= one.due_at.date() <= last:
                    found[one.report, one.report_date] = one
    return sorted(found.values(), key=lambda one: (one.due_at, one.report))


@dataclass(frozen=True)
class _Clock:
    """By what lateness is judged: the calendar, the moment that counts as now, and when the first file of all arrived."""

    calendar: Calendar
    now: datetime
    begun: datetime | None


def _clock(connection: psycopg.Connection, now: datetime, schema: str) -> _Clock:
    query = sql.SQL("SELECT MIN(received_at) FROM {}.submission WHERE received_at <= %s").format(sql.Identifier(schema))
    [(begun,)] = connection.execute(query, (now,)).fetchall()
    return _Clock(load_calendar(connection), now, begun)


Delivered = Mapping[str, Mapping[date, datetime]]
"""Sender → report date → when the first file came that delivered the report."""


def _delivered(
    connection: psycopg.Connection, contract: Contract, first: date, last: date, now: datetime, schema: str
) -> Delivered:
    """What was delivered of a report, as far as it matters for what is owed about the days from the first to the last."""
    rows = connection.execute(
        sql.SQL("""
            SELECT department_code, report_date, MIN(received_at) FROM {schema}.submission
            WHERE
                report = %(report)s
                AND report_date BETWEEN %(first)s AND %(last)s
                AND state = ANY(%(delivered)s)
                AND repairs IS NULL
                AND received_at <= %(now)s
            GROUP BY department_code, report_date
            """).format(schema=sql.Identifier(schema)),
        {
            "report": contract.id,
            "first": period(contract.due, first)[0] - timedelta(HABIT_DAYS),
            "last": period(contract.due, last)[1],
            "delivered": list(DELIVERED),
            "now": now,
        },
    ).fetchall()
    out: dict[str, dict[date, datetime]] = {}
    for sender, day, came in rows:
        out.setdefault(sender, {})[day] = came
    return out


def _owed(contract: Contract, on_date: date, delivered: Delivered, clock: _Clock) -> Iterator[Obligation]:
    """Who owes a report about a day on which it is expected."""
    first, last = period(contract.due, on_date)
    before = first - timedelta({"weekly": 7, "monthly": HABIT_DAYS}.get(contract.due.cadence, 0))
    due = due_at(contract.due, on_date, clock.calendar)
    for rank, sender in contract.ranks():
        days = delivered.get(sender, {})
        came = min((at for day, at in days.items() if first <= day <= last), default=None)
        earlier = [day for day in days if first - timedelta(HABIT_DAYS) <= day < first]
        has_habit = len(earlier) > 1 or any(day >= before for day in earlier)
        if rank == 1 or came is not None or has_habit:
            is_history = came is not None and clock.begun is not None and due < clock.begun
            is_late = not is_history and (came or clock.now) > due
            yield Obligation(sender, contract.id, contract.name, last, due, came, is_late, is_history)


def is_in_use(connection: psycopg.Connection, today: date, *, schema: str = "intake") -> bool:
    """Whether any department has sent a report about one of the last days; with the schema `sent`, whether this one has."""
    row = connection.execute(
        sql.SQL("SELECT EXISTS (SELECT FROM {}.submission WHERE report_date > %s)").format(sql.Identifier(schema)),
        (today - timedelta(HABIT_DAYS),),
    ).fetchone()
    return row == (True,)


def record_reminders(connection: psycopg.Connection, overdue: Iterable[Obligation], now: datetime) -> None:
    """Record a reminder for every overdue report (`intake.reminder`), and end the reminders of all others."""
    reports = [*overdue]
    keys = {
        "departments": [one.department_code for one in reports],
        "reports": [one.report for one in reports],
        "dates": [one.report_date for one in reports],
        "due": [one.due_at for one in reports],
        "now": now,
    }
    connection.execute(
        """
        INSERT INTO intake.reminder (department_code, report, report_date, due_at, first_reminded_at, last_reminded_at)
        SELECT owed.*, %(now)s, %(now)s
        FROM unnest(%(departments)s::text[], %(reports)s::text[], %(dates)s::date[], %(due)s::timestamptz[]) AS owed
        ON CONFLICT (department_code, report, report_date) DO UPDATE
            SET due_at = excluded.due_at, last_reminded_at = excluded.last_reminded_at, ended_at = NULL
        """,
        keys,
    )
    connection.execute(
        """
        UPDATE intake.reminder SET ended_at = %(now)s
        WHERE
            ended_at IS NULL
            AND (department_code, report, report_date) NOT IN (
                SELECT * FROM unnest(%(departments)s::text[], %(reports)s::text[], %(dates)s::date[])
            )
        """,
        keys,
    )
