"""Reads a mart's rows of a month, as analysts see their shape."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from fugong.core.time import month_of
from fugong.marts.model import Mart, is_of_firm


def last_of(month: date) -> date:
    """The last day of a month."""
    return month_of(month + timedelta(31)) - timedelta(1)


def rows_of_month(connection: psycopg.Connection, mart: Mart, table: sql.Composable, month: date) -> list[dict[str, Any]]:
    """The mart's rows of a month, in the order of their keys; of a mart by firm, the sums over its firms.

    Of several choices that are equally good, what is hidden follows the order of rows. That of a table is another one on every server.
    """
    day = sql.Identifier(mart.partition_by)
    source = sql.SQL("SELECT * FROM {} WHERE {} BETWEEN {} AND {}").format(table, day, month, last_of(month))
    if rollup := mart.public_rollup:
        names = sql.SQL(", ").join(map(sql.Identifier, rollup.keys))
        firm = sql.SQL(", ").join(sql.Identifier(key) for key in mart.keys if is_of_firm(key))
        sums = sql.SQL(", ").join(sql.SQL("SUM({n}) AS {n}").format(n=sql.Identifier(name)) for name in rollup.sums)
        source = sql.SQL("SELECT {}, COUNT(DISTINCT {}) AS n_enterprises, {} FROM ({}) AS firm GROUP BY {}").format(
            names, firm, sums, source, names
        )
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(source).fetchall()
    keys = mart.public_rollup.keys if mart.public_rollup else mart.keys
    shown = (row for row in rows if not any(row[key] in members for key, members in mart.hidden_rows.items()))
    return sorted(shown, key=lambda row: [str(row[key]) for key in keys])
