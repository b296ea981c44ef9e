"""Opens the rows of a mart for export, as analysts see them or in full. `formats` writes them to a file.

The rows come from a server-side cursor, so a mart of any size needs little memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

import psycopg
from psycopg import sql

from fugong.analysis.formats import ROWS_AT_ONCE, Column, Table
from fugong.marts import open_table, replay
from fugong.marts.model import Mart


@contextmanager
def open_mart(
    connection: psycopg.Connection, mart: Mart, days: tuple[date | None, date | None], *, is_open: bool
) -> Iterator[Table]:
    """The rows of a mart for some days, from its table.

    Args:
        days: the first and the last value of the mart's day column; None for no bound.
        is_open: whether to export what analysts see, instead of everything.
    """
    with _open(connection, mart, sql.Identifier("open" if is_open else "mart", mart.name), days, is_open=is_open) as table:
        yield table


@contextmanager
def replay_mart(
    connection: psycopg.Connection,
    mart: Mart,
    wanted: Iterable[date],
    days: tuple[date | None, date | None],
    known_at: datetime,
    *,
    is_open: bool,
) -> Iterator[Table]:
    """The rows of a mart for some days as known at a moment, by a replay. It needs the owner's connection.

    Args:
        wanted: the days to replay.
        days: the first and the last value of the mart's day column; None for no bound.
        is_open: whether to export what analysts see, instead of everything.
    """
    with replay.replayed(connection, mart, wanted, known_at) as replayed:
        source = sql.SQL("({}) AS known").format(open_table.select(mart, replayed)) if is_open else replayed
        with _open(connection, mart, source, days, known_at, is_open=is_open) as table:
            yield table


@contextmanager
def _open(
    connection: psycopg.Connection,
    mart: Mart,
    source: sql.Composable,
    days: tuple[date | None, date | None],
    known_at: datetime | None = None,
    *,
    is_open: bool,
) -> Iterator[Table]:
    comments = open_table.columns(mart) if is_open else mart.columns
    keys = open_table.keys_of(mart) if is_open else mart.keys
    bounds = [
        sql.SQL("{} {} {}").format(sql.Identifier(mart.partition_by), sign, sql.Literal(day))
        for sign, day in ((sql.SQL(">="), days[0]), (sql.SQL("<="), days[1]))
        if day is not None
    ]
    statement = sql.SQL("SELECT {} FROM {}{} ORDER BY {}").format(
        sql.SQL(", ").join(map(sql.Identifier, comments)),
        source,
        sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(bounds)) if bounds else sql.SQL(""),
        sql.SQL(", ").join(map(sql.Identifier, keys)),
    )
    with connection.transaction(), connection.cursor(name="export") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(statement)
        kinds = {column.name: connection.adapters.types.get(column.type_code) for column in cursor.description or []}
        columns = [Column(name, kind.name if (kind := kinds[name]) else "text", comment) for name, comment in comments.items()]
        about = {"table": mart.relation, "grain": open_table.grain(mart) if is_open else mart.grain}
        if known_at is not None:
            about["known_at"] = known_at.isoformat()
        yield Table(mart.name, columns, iter(cursor), about)
