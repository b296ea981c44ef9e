"""Which days and which moment of knowledge a session's SELECTs see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import psycopg

from fugong.core.time import each_day, month_of
from fugong.marts.model import Daily


def latest_load(connection: psycopg.Connection) -> tuple[int, datetime | None]:
    """The serial of the last settlement, and the moment of it or of the last change of a parameter; None before the first one.

    History is settled at the moment it arrived, which may be before or after the clock's. Not the clock on the wall: a settlement on its way could still get a moment before now, and a replay would see it.
    """
    row = connection.execute(
        """
        SELECT settled_serial, CASE WHEN isfinite(latest) THEN latest END
        FROM (
            SELECT
                settled_serial,
                GREATEST(settled_at, (SELECT MAX(settled_at) FROM intake.part), (SELECT MAX(counts_from) FROM ref.policy_param), (
                    SELECT MAX(counts_to) FROM ref.policy_param WHERE counts_to < 'infinity'
                )) AS latest
            FROM intake.settle_clock
        ) AS clock
        """
    ).fetchone()
    return row if row else (0, None)


def reported_days(connection: psycopg.Connection) -> frozenset[date]:
    """The days that `as_of` marts exist for: from the first report date to the last."""
    with session_at(connection):
        row = connection.execute("SELECT MIN(report_date), MAX(report_date) FROM asof.part").fetchone()
    if row is None or row[0] is None:
        return frozenset()
    return frozenset(each_day(row[0], row[1]))


@contextmanager
def session_at(
    connection: psycopg.Connection, days: Iterable[date] | None = None, known_at: datetime | None = None
) -> Iterator[None]:
    """Within the block the views of `asof` and `fact` speak for these days (None: all) and this moment of knowledge (None: now)."""
    with connection.transaction():
        before = connection.execute(
            """
            SELECT
                current_setting('fugong.days', true), current_setting('fugong.known_at', true), current_setting('enable_nestloop')
            """
        ).fetchone() or (None, None, "on")
        literal = "" if days is None else "{" + ",".join(day.isoformat() for day in days) + "}"
        # Of a materialized CTE the planner knows no size, takes it for one row, and would compare each of many with each of many.
        _set(connection, literal, known_at.isoformat() if known_at else "", "off")
        yield
        _set(connection, before[0] or "", before[1] or "", before[2])


def _set(connection: psycopg.Connection, days: str, known_at: str, nested_loops: str) -> None:
    connection.execute(
        """
        SELECT
            set_config('fugong.days', %s, true), set_config('fugong.known_at', %s, true), set_config('enable_nestloop', %s, true)
        """,
        (days, known_at, nested_loops),
    )


def days_read(mart: Daily, days: Iterable[date]) -> list[date]:
    """The days to set `fugong.days` to: the days themselves and those that the mart reads before them, or every day of the months."""
    if mart.partition_by != "period":
        return sorted({day - timedelta(n_days) for day in days for n_days in (0, *mart.lookback_days)})
    return [day for month in sorted(days) for day in each_day(month, month_of(month + timedelta(31)) - timedelta(1))]
