"""Marks the days whose marts a load makes stale (`intake.stale_day`). The build of the marts clears them (`marts.build`)."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from fugong.core.vocabulary import Mode
from fugong.intake.types import Accept, PartToLoad


def newest_report_date(connection: psycopg.Connection) -> date | None:
    """The newest day that any part is about; None for an empty warehouse."""
    row = connection.execute("SELECT MAX(report_date) FROM intake.part").fetchone()
    return None if row is None else row[0]


def mark_stale_days(connection: psycopg.Connection, accepted: Accept, newest: date | None) -> None:
    """Mark every day on which a load changes what counts. The parts are written already.

    Args:
        newest: the newest report date before the load.
    """
    day, serial = accepted.identified.report_date, accepted.settled_serial
    for part in accepted.parts:
        _mark_days_of_part(connection, part, day, serial)
    if newest is not None and day > newest:
        _mark_new_days(connection, newest, day, serial)


def _mark_new_days(connection: psycopg.Connection, newest: date, day: date, serial: int) -> None:
    """The calendar has grown: snapshots that are carried and ledgers that hold now reach the new days."""
    connection.execute(
        """
        INSERT INTO intake.stale_day (table_name, day, settled_serial)
        SELECT DISTINCT part.table_name, day::date, %(serial)s
        FROM intake.part
        CROSS JOIN generate_series(%(newest)s::date + 1, %(day)s::date, INTERVAL '1 day') AS day
        WHERE part.mode IN ('snapshot', 'ledger')
        ON CONFLICT (table_name, day) DO UPDATE SET settled_serial = excluded.settled_serial
        """,
        {"serial": serial, "newest": newest, "day": day},
    )


def _mark_days_of_part(connection: psycopg.Connection, part: PartToLoad, day: date, serial: int) -> None:
    """A snapshot changes its day, the days it is carried to, the change of the day after these, and until its successor who is awaited; a ledger the days until its successor, an increment its business dates."""
    table = part.table
    given: dict[str, Any] = {
        "table": table.name,
        "unit": part.unit,
        "day": day,
        "serial": serial,
        "days": sorted(part.days),
        "part": part.part_id,
        "replaced": part.replaces,
    }
    if table.mode == Mode.SNAPSHOT:
        days = sql.SQL(
            """
            SELECT day::date AS day
            FROM generate_series(
                %(day)s::date,
                GREATEST(
                    %(day)s::date + intake.carry_days() + 1,
                    LEAST(
                        (SELECT MIN(report_date) FROM intake.part
                         WHERE table_name = %(table)s AND unit = %(unit)s AND report_date > %(day)s
                             AND superseded_at IS NULL AND kind = 'data'),
                        %(day)s::date + intake.list_days() + 1,
                        (SELECT MAX(report_date) FROM intake.part)
                    )
                ),
                INTERVAL '1 day'
            ) AS day
            """
        )
    elif table.mode == Mode.LEDGER:
        days = sql.SQL(
            """
            SELECT day::date AS day FROM generate_series(
                %(day)s::date,
                COALESCE(
                    (SELECT MIN(report_date) - 1 FROM intake.part
                     WHERE table_name = %(table)s AND unit = %(unit)s AND report_date > %(day)s
                         AND superseded_at IS NULL AND kind = 'data'),
                    (SELECT MAX(report_date) FROM intake.part)
                ),
                INTERVAL '1 day'
            ) AS day
            """
        )
    elif table.business_date:
        report, business = sql.Identifier("report", table.name), sql.Identifier(table.business_date)
        days = sql.SQL("SELECT unnest(%(days)s::date[]) AS day")
        if part.replaces:  # with none, PostgreSQL may look through the whole table for nothing
            days = sql.SQL("{} UNION SELECT DISTINCT {} FROM {} WHERE part_id = ANY(%(replaced)s)").format(days, business, report)
        if table.first_of:
            # Which row is the first of a member changes on other days, too.
            days = sql.SQL(
                """
                {} UNION SELECT DISTINCT other.{business} FROM {report} AS other
                WHERE other.{member} IN (SELECT {member} FROM {report} WHERE part_id = %(part)s OR part_id = ANY(%(replaced)s))
                """
            ).format(days, business=business, report=report, member=sql.Identifier(table.first_of))
    else:
        days = sql.SQL("SELECT %(day)s::date AS day")
    connection.execute(
        sql.SQL(
            """
            INSERT INTO intake.stale_day (table_name, day, settled_serial)
            SELECT %(table)s, day, %(serial)s FROM ({}) AS days WHERE day IS NOT NULL
            ON CONFLICT (table_name, day) DO UPDATE SET settled_serial = excluded.settled_serial
            """
        ).format(days),
        given,
    )
