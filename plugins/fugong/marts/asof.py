"""Sets the days and the moment of knowledge that the SELECTs of a session see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import psycopg
from psycopg import sql

from fugong.core.time import each_day, month_of
from fugong.marts import savepoint
from fugong.marts.model import Daily


def latest_load(connection: psycopg.Connection) -> tuple[int, datetime | None]:
    """The serial of the last load, and the latest moment at which anything was learnt; None before the first one.

    That is the moment of a load, of an answer or of a change of a parameter.

    Files of the past are loaded with the moment at which they arrived, so the last load need not have the latest moment. The wall clock would
    be wrong: a load that has not committed yet can get a moment before now, and a replay would see it.
    """
    row = connection.execute(
        """
        SELECT settled_serial, CASE WHEN isfinite(latest) THEN latest END
        FROM (
            SELECT
                settled_serial,
                GREATEST(
                    settled_at,
                    (SELECT MAX(settled_at) FROM intake.part),
                    (SELECT MAX(answered_at) FROM intake.answer),
                    (SELECT MAX(counts_from) FROM ref.policy_param),
                    (SELECT MAX(counts_to) FROM ref.policy_param WHERE counts_to < 'infinity')
                ) AS latest
            FROM intake.settle_clock
        ) AS clock
        """
    ).fetchone()
    return row if row else (0, None)


def reported_days(connection: psycopg.Connection) -> frozenset[date]:
    """The days of `as_of` marts: from the first report date to the last."""
    with session_at(connection):
        row = connection.execute("SELECT MIN(report_date), MAX(report_date) FROM asof.part").fetchone()
    if row is None or row[0] is None:
        return frozenset()
    return frozenset(each_day(row[0], row[1]))


@contextmanager
def session_at(
    connection: psycopg.Connection, days: Iterable[date] | None = None, known_at: datetime | None = None
) -> Iterator[None]:
    """Within the block, the views of `asof` and `fact` show these days (None: all) at this moment of knowledge (None: now).

    What a block does that raises is undone, and the transaction around it goes on.
    """
    if not savepoint.is_in_transaction(connection):
        with connection.transaction(), session_at(connection, days, known_at):
            yield
        return
    literal = "" if days is None else "{" + ",".join(day.isoformat() for day in days) + "}"
    # The planner does not know the size of a materialized CTE and assumes one row: a nested loop would compare all with all.
    wanted = _settings(literal, known_at.isoformat() if known_at else "", "off")
    cursor = connection.execute(sql.SQL("{}; {}; {}").format(sql.SQL(savepoint.SET), NOW_SET, wanted), prepare=False)
    cursor.nextset()
    before: tuple[str | None, str | None, str] = cursor.fetchone() or (None, None, "on")
    try:
        yield
    except BaseException:
        savepoint.go_back(connection)
        raise
    back = _settings(before[0] or "", before[1] or "", before[2])
    connection.execute(sql.SQL("{}; {}").format(back, sql.SQL(savepoint.GIVE_UP)), prepare=False)


NOW_SET = sql.SQL(
    "SELECT current_setting('fugong.days', true), current_setting('fugong.known_at', true), current_setting('enable_nestloop')"
)
SET_TO = sql.SQL(
    "SELECT set_config('fugong.days', {}, true), set_config('fugong.known_at', {}, true), set_config('enable_nestloop', {}, true)"
)


def _settings(days: str, known_at: str, nested_loops: str) -> sql.Composed:
    return SET_TO.format(sql.Literal(days), sql.Literal(known_at), sql.Literal(nested_loops))


def days_read(mart: Daily, days: Iterable[date]) -> list[date]:
    """The days to set `fugong.days` to: the given days and the earlier ones that the mart reads, too; for months, all their days."""
    if mart.partition_by != "period":
        return sorted({day - timedelta(n_days) for day in days for n_days in (0, *mart.lookback_days)})
    return [day for month in sorted(days) for day in each_day(month, month_of(month + timedelta(31)) - timedelta(1))]
