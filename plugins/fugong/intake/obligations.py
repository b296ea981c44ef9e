"""Who owes which report, and which have come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg

from fugong.contracts.contract import Contract
from fugong.contracts.schedule import HABIT_DAYS, due_at, is_expected, load_calendar, period

TAKEN = ("accepted", "partly_accepted", "superseded")
"""A submission in one of these states has brought its report; a rejected one has not."""


@dataclass(frozen=True)
class Obligation:
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


def missing(connection: psycopg.Connection, contracts: Iterable[Contract], on_date: date, now: datetime) -> list[Obligation]:
    """Every report owed about a day, whether it has come or not, the most overdue first.

    The sender of first rank owes a report always, the others once they have sent it themselves within a month before.
    """
    calendar = load_calendar(connection)
    owed: list[Obligation] = []
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
                owed.append(Obligation(sender, contract.id, contract.name, last, due, came, (came or now) > due))
    return sorted(owed, key=lambda one: (one.received_at is not None, one.due_at, one.department_code, one.report))


def is_in_use(connection: psycopg.Connection, today: date) -> bool:
    """Whether a report about one of the last days has come, from anybody."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM intake.submission WHERE report_date > %s)", (today - timedelta(HABIT_DAYS),)
    ).fetchone()
    return row == (True,)
