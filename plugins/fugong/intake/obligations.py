"""Which department owes which report, which reports have arrived, and which reminders are out (`intake.reminder`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg

from fugong.contracts.contract import Contract
from fugong.contracts.schedule import HABIT_DAYS, due_at, is_expected, load_calendar, period
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
    """

    department_code: str
    report: str
    report_name: str
    report_date: date
    due_at: datetime
    received_at: datetime | None
    is_late: bool


def missing(connection: psycopg.Connection, contracts: Iterable[Contract], on_date: date, now: datetime) -> list[Obligation]:
    """Every report that is owed about a day, received or not, the most overdue first.

    The sender of first rank always owes a report; the others owe it if they have sent it on two days or more of the month before, or a
    weekly or monthly one for the period before: one stray file makes no habit.
    """
    calendar = load_calendar(connection)
    owed: list[Obligation] = []
    for contract in contracts:
        if not is_expected(contract.due, on_date, calendar):
            continue
        first, last = period(contract.due, on_date)
        rows = connection.execute(
            """
            SELECT
                department_code,
                MIN(received_at) FILTER (WHERE report_date >= %(first)s),
                COUNT(DISTINCT report_date) FILTER (WHERE report_date < %(first)s) > 1
                OR COALESCE(bool_or(report_date < %(first)s AND report_date >= %(before)s), false)
            FROM intake.submission
            WHERE
                report = %(report)s
                AND report_date BETWEEN %(habit)s AND %(last)s
                AND state = ANY(%(delivered)s)
                AND repairs IS NULL
                AND received_at <= %(now)s
            GROUP BY department_code
            """,
            {
                "report": contract.id,
                "first": first,
                "last": last,
                "habit": first - timedelta(HABIT_DAYS),
                "before": first - timedelta({"weekly": 7, "monthly": HABIT_DAYS}.get(contract.due.cadence, 0)),
                "delivered": list(DELIVERED),
                "now": now,
            },
        ).fetchall()
        received: dict[str, datetime | None] = {sender: came for sender, came, _ in rows}
        has_habit: dict[str, bool] = {sender: is_usual for sender, _, is_usual in rows}
        due = due_at(contract.due, on_date, calendar)
        for rank, sender in enumerate(contract.senders):
            if rank == 0 or received.get(sender) is not None or has_habit.get(sender, False):
                came = received.get(sender)
                owed.append(Obligation(sender, contract.id, contract.name, last, due, came, (came or now) > due))
    return sorted(owed, key=lambda one: (one.received_at is not None, one.due_at, one.department_code, one.report))


def is_in_use(connection: psycopg.Connection, today: date) -> bool:
    """Whether any department has sent a report about one of the last days."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM intake.submission WHERE report_date > %s)", (today - timedelta(HABIT_DAYS),)
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
