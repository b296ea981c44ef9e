"""Computes marts, checks and facts for any days at any moment of knowledge, into temporary tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

import psycopg
from psycopg import sql

from fugong.marts import check_rows
from fugong.marts.asof import days_read, session_at
from fugong.marts.execute import as_statement, run
from fugong.marts.model import Check, Daily, Fact
from fugong.marts.parameters import with_days

DAYS_AT_ONCE = {"as_of": 200, "business_date": 366, "period": 24}


def select_statement(mart: Daily, days: Sequence[date]) -> sql.Composable:
    """The SELECT of the rows of these days, with the columns of the mart's table, or of `check_rows.COLUMNS`."""
    return check_rows.rows(mart, days) if isinstance(mart, Check) else as_statement(with_days(mart.body, days))


def insert_statement(mart: Daily, table: sql.Identifier, days: Sequence[date]) -> sql.Composed:
    """The INSERT of the rows of these days into a table."""
    columns = sql.SQL("({})").format(check_rows.COLUMNS) if isinstance(mart, Check) else sql.SQL("")
    return sql.SQL("INSERT INTO {} {} {}").format(table, columns, select_statement(mart, days))


def chunks(mart: Daily, days: Sequence[date]) -> Iterator[Sequence[date]]:
    """The days in portions of a size that suits one statement."""
    size = DAYS_AT_ONCE[mart.partition_by]
    return (days[start : start + size] for start in range(0, len(days), size))


@contextmanager
def replayed(
    connection: psycopg.Connection, mart: Daily, days: Iterable[date], known_at: datetime | None, *, called: str = "replay"
) -> Iterator[sql.Identifier]:
    """The rows of a mart or check for these days as known then, in a temporary table that exists within the block.

    The table of a mart has the mart's columns, that of a check the columns of `mart.check_row`.

    Args:
        called: begins the name of the table; replays of one mart that exist at the same time need different ones.
    """
    name = f"{called}_{mart.name}".lower()[:63]
    table = sql.Identifier("pg_temp", name)
    with connection.transaction():
        body = check_rows.rows(mart, ()) if isinstance(mart, Check) else as_statement(with_days(mart.body, ()))
        run(connection, mart, sql.SQL("CREATE TEMP TABLE {} AS {} WITH NO DATA").format(sql.Identifier(name), body))
        for chunk in chunks(mart, sorted(set(days))):
            with session_at(connection, days_read(mart, chunk), known_at):
                run(connection, mart, insert_statement(mart, table, chunk))
        yield table
        connection.execute(sql.SQL("DROP TABLE {}").format(table))


@contextmanager
def fact_rows(
    connection: psycopg.Connection,
    fact: Fact,
    days: Iterable[date] | None,
    known_at: datetime | None,
    *,
    parts: Sequence[int] | None = None,
    called: str = "rows_of",
) -> Iterator[sql.Identifier]:
    """The rows of a fact for these days as known then, in a temporary table that exists within the block.

    Args:
        days: None for all.
        parts: only the rows of these; None for all.
        called: begins the name of the table.
    """
    name = f"{called}_{fact.name}"[:63]
    of_parts = sql.SQL("") if parts is None else sql.SQL(" WHERE part_id = ANY({})").format(sql.Literal(list(parts)))
    with connection.transaction():
        with session_at(connection, days, known_at):
            connection.execute(
                sql.SQL("CREATE TEMP TABLE {} AS SELECT * FROM {}{}").format(
                    sql.Identifier(name), sql.Identifier("fact", fact.name), of_parts
                )
            )
        yield sql.Identifier("pg_temp", name)
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier("pg_temp", name)))
