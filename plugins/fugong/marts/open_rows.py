"""Reads the rows of a mart that analysts may see, and protects them month by month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from fugong.core.time import month_of
from fugong.marts.asof import days_read, session_at
from fugong.marts.firms_behind import FirmsBehind, count_firms
from fugong.marts.model import Mart, SqlFiles, is_of_firm
from fugong.marts.open_cells import with_totals
from fugong.marts.protected import protect
from fugong.marts.protection import Protection


def protections(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    table: sql.Composable,
    months: Iterable[date],
    *,
    last_day: date,
    known_at: datetime | None = None,
) -> Iterator[Protection]:
    """Protect the rows of these months, one month after the other.

    Args:
        table: holds the mart's rows, as known at that moment.
        months: by their first day, in their order. A month of flows that has not ended by the last day is left out.
    """
    before: Protection | None = None
    for month in sorted(months):
        if mart.partition_by == "period" and _last_of(month) > last_day:
            continue
        rows = _rows(connection, mart, table, month)
        if not rows:
            continue
        behind = _firms(connection, files, mart, table, month, known_at)
        protection = protect(mart, with_totals(mart, rows, behind), behind, before, is_vintage=known_at is not None)
        before = protection if mart.partition_by == "as_of" else None
        yield protection


def _firms(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    table: sql.Composable,
    month: date,
    known_at: datetime | None,
) -> FirmsBehind:
    if mart.partition_by == "period":
        days = days_read(mart, [month])
    else:  # the day before the first one, too: its difference to the first one
        days = [month - timedelta(1) + timedelta(number) for number in range((_last_of(month) - month).days + 2)]
    with session_at(connection, days, known_at):
        return count_firms(connection, files, mart, table, mart.totals, (month, _last_of(month)))


def _rows(connection: psycopg.Connection, mart: Mart, table: sql.Composable, month: date) -> list[dict[str, Any]]:
    """The mart's rows of a month; of a mart by firm, the sums over its firms."""
    day = sql.Identifier(mart.partition_by)
    source = sql.SQL("SELECT * FROM {} WHERE {} BETWEEN {} AND {}").format(table, day, month, _last_of(month))
    if rollup := mart.public_rollup:
        names = sql.SQL(", ").join(map(sql.Identifier, rollup.keys))
        firm = sql.SQL(", ").join(sql.Identifier(key) for key in mart.keys if is_of_firm(key))
        sums = sql.SQL(", ").join(sql.SQL("SUM({n}) AS {n}").format(n=sql.Identifier(name)) for name in rollup.sums)
        source = sql.SQL("SELECT {}, COUNT(DISTINCT {}) AS n_enterprises, {} FROM ({}) AS firm GROUP BY {}").format(
            names, firm, sums, source, names
        )
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(source).fetchall()
    return [row for row in rows if not any(row[key] in members for key, members in mart.hidden_rows.items())]


def _last_of(month: date) -> date:
    return month_of(month + timedelta(31)) - timedelta(1)
