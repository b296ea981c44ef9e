"""What the flow does and did: files and their answers, what was found in them, how old marts are, nightly checks, the disk.

Everything here is read by operators, administrators and auditors: no row of a report, no cell, no firm.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import psycopg

from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import State

SLOWEST = 10
FEW_DAYS = 14


@dataclass(frozen=True)
class Counts:
    """Files of a day.

    Attributes:
        n_received: files that arrived; n_answered: files whose receipt was written, files of the past apart; both on the day.
        n_open: files that are in work now.
        states: the states, today, of the files that arrived on the day.
    """

    day: date
    n_received: int
    n_answered: int
    n_open: int
    states: dict[State, int]


@dataclass(frozen=True)
class Hour:
    """How long files that arrived in an hour waited for their receipts, in seconds."""

    hour: int
    n: int
    p50: float
    p95: float


@dataclass(frozen=True)
class Waits:
    """How long files waited from their arrival to their receipt, in seconds; files of the past that were loaded later are left out."""

    n: int
    p50: float | None
    p95: float | None
    by_hour: tuple[Hour, ...]


@dataclass(frozen=True)
class Slow:
    """A file that waited long for its receipt."""

    submission_id: int
    department_code: str
    report: str | None
    byte_size: int
    rows_read: int
    received_at: datetime
    seconds: float


@dataclass(frozen=True)
class Found:
    """How often something was found, on a day of arrival.

    Attributes:
        name: a code of the catalogue, or a department.
        n: cells or rows.
    """

    day: date
    name: str
    n: int


@dataclass(frozen=True)
class MartAge:
    """How old a mart is.

    Attributes:
        built_at: when a build last brought it up to date.
        is_current: whether nothing was loaded since.
    """

    mart: str
    first_day: date | None
    last_day: date | None
    built_at: datetime | None
    is_current: bool


@dataclass(frozen=True)
class Stale:
    """Days that wait to be computed again, because of a table."""

    table_name: str
    n_days: int
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Chore:
    """The last outcome of a nightly task."""

    task: str
    done_at: datetime
    outcome: str
    n: int
    zh: str
    en: str


@dataclass(frozen=True)
class Space:
    """Where the disk goes, in bytes."""

    free: int
    total: int
    warehouse: int


def last_day(connection: psycopg.Connection) -> date | None:
    """The last day on which a file arrived; None before the first."""
    row = connection.execute("SELECT MAX(received_at) FROM intake.submission").fetchone()
    return row[0].astimezone(SHANGHAI).date() if row and row[0] else None


def counts(connection: psycopg.Connection, day: date) -> Counts:
    """The files of a day."""
    bounds = _day(day)
    states = connection.execute(
        "SELECT state, COUNT(*) FROM intake.submission WHERE received_at >= %(first)s AND received_at < %(next)s GROUP BY state",
        bounds,
    ).fetchall()
    row = connection.execute(
        """
        SELECT
            COUNT(*) FILTER (WHERE replied_at >= %(first)s AND replied_at < %(next)s AND NOT is_history),
            COUNT(*) FILTER (WHERE state = 'received' OR replied_at IS NULL)
        FROM intake.submission
        """,
        bounds,
    ).fetchone()
    answered, is_open = row or (0, 0)
    by_state = {State(state): n for state, n in states}
    return Counts(
        day, sum(by_state.values()), answered, is_open, {state: by_state[state] for state in State if state in by_state}
    )


def waits(connection: psycopg.Connection, first: date, last: date) -> Waits:
    """How long the files of some days waited for their receipts."""
    rows = connection.execute(
        """
        WITH waited AS (
            SELECT
                EXTRACT(hour FROM received_at AT TIME ZONE 'Asia/Shanghai')::int AS hour,
                GREATEST(EXTRACT(epoch FROM replied_at - received_at), 0)::float8 AS seconds
            FROM intake.submission
            WHERE received_at >= %(first)s AND received_at < %(next)s AND replied_at IS NOT NULL AND NOT is_history AND replays IS NULL
        )
        SELECT
            hour, COUNT(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds)
        FROM waited GROUP BY ROLLUP (hour) ORDER BY hour NULLS LAST
        """,
        _days(first, last),
    ).fetchall()
    hours = tuple(Hour(hour, n, p50, p95) for hour, n, p50, p95 in rows if hour is not None)
    whole = next(((n, p50, p95) for hour, n, p50, p95 in rows if hour is None), (0, None, None))
    return Waits(*whole, hours)


def slowest(connection: psycopg.Connection, first: date, last: date) -> list[Slow]:
    """The files of some days that waited longest for their receipts."""
    rows = connection.execute(
        """
        SELECT
            submission_id, department_code, report, byte_size, rows_read, received_at,
            EXTRACT(epoch FROM replied_at - received_at)::float8 AS seconds
        FROM intake.submission
        WHERE received_at >= %(first)s AND received_at < %(next)s AND replied_at IS NOT NULL AND NOT is_history AND replays IS NULL
        ORDER BY seconds DESC, submission_id
        LIMIT %(most)s
        """,
        {**_days(first, last), "most": SLOWEST},
    ).fetchall()
    return [Slow(*row) for row in rows]


def findings_by_code(connection: psycopg.Connection, first: date, last: date) -> list[Found]:
    """What was found in the files of some days, by day of arrival and code."""
    return _found(connection, "finding.code", first, last)


def findings_by_department(connection: psycopg.Connection, first: date, last: date) -> list[Found]:
    """What was found in the files of some days, by day of arrival and department."""
    return _found(connection, "submission.department_code", first, last)


def _found(connection: psycopg.Connection, by: str, first: date, last: date) -> list[Found]:
    statement = f"""
        SELECT (submission.received_at AT TIME ZONE 'Asia/Shanghai')::date AS day, {by}, SUM(finding.n_same)::bigint
        FROM intake.submission INNER JOIN intake.finding USING (submission_id)
        WHERE
            submission.received_at >= %(first)s AND submission.received_at < %(next)s
            AND finding.severity IN ('warning', 'set_aside', 'rejected') AND submission.replays IS NULL
        GROUP BY 1, 2 ORDER BY 1, 2
    """
    return [Found(*row) for row in connection.execute(statement.encode(), _days(first, last)).fetchall()]


def mart_ages(connection: psycopg.Connection) -> list[MartAge]:
    """How old each mart is, the oldest build first."""
    rows = connection.execute(
        """
        SELECT
            version.mart, MIN(held.day), MAX(held.day), version.built_at,
            COALESCE(version.built_serial = (SELECT settled_serial FROM intake.settle_clock), false)
        FROM audit.mart_version AS version LEFT JOIN audit.mart_day AS held ON version.mart = held.mart
        GROUP BY version.mart, version.built_at, version.built_serial ORDER BY version.built_at NULLS FIRST, version.mart
        """
    ).fetchall()
    return [MartAge(*row) for row in rows]


def stale(connection: psycopg.Connection) -> list[Stale]:
    """The days that wait to be computed again, by what makes them stale; most days first."""
    rows = connection.execute(
        "SELECT table_name, COUNT(*), MIN(day), MAX(day) FROM intake.stale_day GROUP BY table_name ORDER BY 2 DESC, 1"
    ).fetchall()
    return [Stale(*row) for row in rows]


def chores(connection: psycopg.Connection) -> list[Chore]:
    """The last outcome of each nightly task: those on which somebody has to act first."""
    rows = connection.execute(
        """
        SELECT * FROM (
            SELECT DISTINCT ON (chore) chore, done_at, outcome, n, message_zh, message_en
            FROM audit.chore ORDER BY chore, chore_id DESC
        ) AS last ORDER BY array_position(ARRAY['bad', 'notice', 'well'], outcome), chore
        """
    ).fetchall()
    return [Chore(*row) for row in rows]


def space(connection: psycopg.Connection, settings: Settings) -> Space:
    """The disk of the installation's folders, and the size of the warehouse."""
    usage = shutil.disk_usage(settings.home)
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return Space(usage.free, usage.total, row[0] if row else 0)


def as_table(found: Sequence[Found], first: date, last: date, most: int = 6) -> tuple[list[date], dict[str, list[int]], int]:
    """Findings as columns over days: the most frequent, and how many of the others there are.

    Returns:
        The days from first to last, the counts by name, and the number of names that are left out.
    """
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    totals: dict[str, int] = {}
    by_name: dict[str, dict[date, int]] = {}
    for one in found:
        totals[one.name] = totals.get(one.name, 0) + one.n
        by_name.setdefault(one.name, {})[one.day] = one.n
    names = sorted(totals, key=lambda name: (-totals[name], name))
    return days, {name: [by_name[name].get(day, 0) for day in days] for name in names[:most]}, len(names[most:])


def _day(day: date) -> dict[str, Any]:
    return _days(day, day)


def _days(first: date, last: date) -> dict[str, Any]:
    """The bounds of days, as moments in the district."""
    start = datetime(first.year, first.month, first.day, tzinfo=SHANGHAI)
    end = datetime(last.year, last.month, last.day, tzinfo=SHANGHAI) + timedelta(1)
    return {"first": start, "next": end}
