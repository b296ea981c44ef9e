"""Opens the rows of a mart for export, as analysts see them or in full. `formats` writes them to a file.

The rows come from a server-side cursor, so a mart of any size needs little memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

import psycopg
from psycopg import sql

from fugong.analysis.formats import ROWS_AT_ONCE, Column, Table
from fugong.core.errors import NotFoundError
from fugong.core.time import SHANGHAI, each_day, month_of
from fugong.marts import asof, gate, open_cells, open_table, open_then, replay
from fugong.marts.model import Mart
from fugong.warehouse.roles import full_name, short_name

NOTHING = sql.SQL("")


@contextmanager
def open_mart(
    connection: psycopg.Connection,
    mart: Mart,
    days: tuple[date | None, date | None],
    *,
    is_open: bool,
    keys: Mapping[str, str] | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> Iterator[Table]:
    """The rows of a mart for some days, from its table.

    Args:
        days: the first and the last value of the mart's day column; None for no bound.
        is_open: whether to export what analysts see, instead of everything.
        keys: only the rows with these members of keys, as text; "" for those without one.
        offset, limit: only so many rows, after so many.

    Raises:
        NotFoundError: the mart has no such key.
    """
    there = open_cells.keys_of(mart) if is_open else mart.keys
    for name in keys or {}:
        if name not in there:
            listed = ", ".join(there)
            raise NotFoundError(f"{mart.name} 没有键 {name},有 {listed} | {mart.name} has no key {name}. There is: {listed}")
    chosen = [sql.SQL("COALESCE({}::text, '') = {}").format(sql.Identifier(name), value) for name, value in (keys or {}).items()]
    portion = sql.SQL(" OFFSET {} LIMIT {}").format(offset, limit)
    table = sql.Identifier("open" if is_open else "mart", mart.name)
    with _open(connection, mart, table, days, is_open=is_open, chosen=chosen, portion=portion) as found:
        yield found


def sees_everything(role: str) -> bool:
    """Whether a role exports marts in full; the others export what analysts see.

    Args:
        role: with or without `fugong_`.
    """
    return short_name(full_name(role)) in {"taskforce", "owner"}


@contextmanager
def replay_mart(
    connection: psycopg.Connection,
    mart: Mart,
    wanted: Iterable[date],
    days: tuple[date | None, date | None],
    known_at: datetime,
) -> Iterator[Table]:
    """All rows of a mart for some days as known at a moment, by a replay. It needs the owner's connection.

    Args:
        wanted: the days to replay.
        days: the first and the last value of the mart's day column; None for no bound.
    """
    with (
        gate.one_state(connection),
        replay.replayed(connection, mart, wanted, known_at) as replayed,
        _open(connection, mart, replayed, days, known_at, is_open=False) as table,
    ):
        yield table


@contextmanager
def replay_open_mart(
    connection: psycopg.Connection,
    mart: Mart,
    wanted: Collection[date],
    days: tuple[date | None, date | None],
    known_at: datetime,
) -> Iterator[Table]:
    """What analysts may see of a mart as known at a moment: of what they see now that which was the same then (`open_then`).

    Args:
        wanted: the days asked for. Months are compared as a whole, so all their days are replayed.
        days: the first and the last value of the mart's day column; None for no bound.
    """
    if not open_table.is_protected(mart):
        with (
            gate.one_state(connection),
            replay.replayed(connection, mart, wanted, known_at) as replayed,
            _open(connection, mart, replayed, days, known_at, is_open=True) as table,
        ):
            yield table
        return
    reported = [day for day in asof.reported_days(connection) if day <= known_at.astimezone(SHANGHAI).date()]
    months = {month_of(day) for day in wanted}
    replayed_days = months if mart.partition_by == "period" else {day for day in reported if month_of(day) in months}
    with (
        gate.one_state(connection),
        replay.replayed(connection, mart, replayed_days, known_at) as replayed,
        _open(connection, mart, sql.Identifier("open", mart.name), days, known_at, is_open=True) as table,
    ):
        rows = open_then.rows(connection, mart, replayed, months, last_day=max(reported, default=known_at.date()))
        at = [column.name for column in table.columns].index(mart.partition_by)
        first, last = days
        kept = (row for row in rows if (first is None or row[at] >= first) and (last is None or row[at] <= last))
        yield replace(table, rows=kept)


def days_to_replay(reported: Collection[date], mart: Mart, first: date | None, last: date | None) -> list[date]:
    """The days of a mart to compute: those from first to last. Without a bound those reported on, and of flows the year before them, too."""
    if not reported:
        return []
    earliest = first or min(reported).replace(day=1)
    if first is None and mart.partition_by != "as_of":
        earliest = earliest.replace(year=earliest.year - 1)
    days = list(each_day(earliest, last or max(reported)))
    if mart.partition_by == "as_of":
        return [day for day in days if day in reported or first]
    return sorted({month_of(day) for day in days}) if mart.partition_by == "period" else days


@contextmanager
def _open(
    connection: psycopg.Connection,
    mart: Mart,
    source: sql.Composable,
    days: tuple[date | None, date | None],
    known_at: datetime | None = None,
    *,
    is_open: bool,
    chosen: Sequence[sql.Composable] = (),
    portion: sql.Composable = NOTHING,
) -> Iterator[Table]:
    comments = open_table.columns(mart) if is_open else mart.columns
    keys = open_cells.keys_of(mart) if is_open else mart.keys
    bounds: list[sql.Composable] = [
        sql.SQL("{} {} {}").format(sql.Identifier(mart.partition_by), sign, sql.Literal(day))
        for sign, day in ((sql.SQL(">="), days[0]), (sql.SQL("<="), days[1]))
        if day is not None
    ]
    bounds += chosen
    statement = sql.SQL("SELECT {} FROM {}{} ORDER BY {}{}").format(
        sql.SQL(", ").join(map(sql.Identifier, comments)),
        source,
        sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(bounds)) if bounds else sql.SQL(""),
        sql.SQL(", ").join(map(sql.Identifier, keys)),
        portion,
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
