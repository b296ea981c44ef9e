"""Keeps the firms behind the cells of stocks day by day: they are counted when a day is built, and read when its month is protected.

`mart.firms_behind` has one row per mart, day and key; a day behind which nobody stands has one without a key. `schema` creates it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql

from fugong.marts.asof import session_at
from fugong.marts.firms_behind import FirmsBehind, Parts, count_firms, days_of_facts
from fugong.marts.model import Mart, SqlFiles
from fugong.marts.month_rows import last_of
from fugong.marts.open_cells import keys_of

ByColumn = Mapping[str, Parts]


def is_kept(mart: Mart) -> bool:
    """Whether they are kept: of stocks, whose months grow day by day. Those behind flows are counted by the month."""
    return mart.partition_by == "as_of"


def refresh(
    connection: psycopg.Connection, files: SqlFiles, mart: Mart, built: Collection[date], months: Collection[date]
) -> None:
    """Count the firms of days that were built, and of the days of these months of which none are kept.

    With a day the one after it is counted again: what moved since then is another amount.
    """
    day, form = sql.Identifier(mart.partition_by), _form(files, mart)
    forget(connection, mart, built)
    connection.execute("DELETE FROM mart.firms_behind WHERE mart = %s AND form <> %s", (mart.name, form))
    statement = sql.SQL(
        """
        SELECT DISTINCT {day} FROM {table} AS cell
        WHERE date_trunc('month', {day})::date = ANY(%s)
            AND NOT EXISTS (SELECT FROM mart.firms_behind AS kept WHERE kept.mart = %s AND kept.day = cell.{day})
        """
    ).format(day=day, table=sql.Identifier("mart", mart.name))
    wanted = sorted(row[0] for row in connection.execute(statement, (sorted(months), mart.name)))
    if not wanted:
        return
    with session_at(connection, days_of_facts(mart, wanted)):
        behind = count_firms(connection, files, mart, sql.Identifier("mart", mart.name), mart.totals, wanted)
    with connection.cursor() as cursor, cursor.copy("COPY mart.firms_behind FROM STDIN") as copy:
        for row in _rows(mart, behind, wanted):
            copy.write_row((mart.name, form, *row))


def forget(connection: psycopg.Connection, mart: Mart, days: Collection[date]) -> None:
    """Forget the firms of days that were built, and what moved on the days after them."""
    again = sorted({*days, *(each + timedelta(1) for each in days)})
    connection.execute("DELETE FROM mart.firms_behind WHERE mart = %s AND day = ANY(%s)", (mart.name, again))


def read(connection: psycopg.Connection, mart: Mart, month: date) -> FirmsBehind:
    """The firms behind the cells of a month."""
    behind, at = FirmsBehind(), keys_of(mart).index(mart.partition_by)
    rows = connection.execute(
        """
        SELECT day, members, n_firms, levels, changes FROM mart.firms_behind
        WHERE mart = %s AND day BETWEEN %s AND %s AND members IS NOT NULL
        """,
        (mart.name, month, last_of(month)),
    )
    for day, members, n_firms, levels, changes in rows:
        key = (*members[:at], day, *members[at:])
        if levels is not None:
            behind.n_firms[key], behind.levels[key] = n_firms, _parts(levels)
        if changes is not None:
            behind.changes[key] = _parts(changes)
    return behind


def _rows(mart: Mart, behind: FirmsBehind, days: Collection[date]) -> Iterator[tuple[Any, ...]]:
    """Day, the other members of the key, the number of firms, the parts of levels and of changes."""
    at = keys_of(mart).index(mart.partition_by)
    keys = behind.levels.keys() | behind.changes.keys()
    for key in sorted(keys, key=str):
        members = json.dumps([*key[:at], *key[at + 1 :]], ensure_ascii=False)
        yield key[at], members, behind.n_firms.get(key), _json(behind.levels.get(key)), _json(behind.changes.get(key))
    for day in sorted({*days} - {key[at] for key in keys}):
        yield day, None, None, None, None


def _json(parts: ByColumn | None) -> str | None:
    if parts is None:
        return None
    return json.dumps({name: [one.n_firms, one.largest, one.total, one.second] for name, one in parts.items()})


def _parts(given: Mapping[str, tuple[int, float, float, float]]) -> dict[str, Parts]:
    return {name: Parts(*each) for name, each in given.items()}


def _form(files: SqlFiles, mart: Mart) -> str:
    """A digest of what the head says about how firms are counted: with another head they are counted anew."""
    said = (mart.keys, mart.key_expressions, mart.sums, mart.totals, mart.window, mart.public_rollup, mart.hidden, mart.relations)
    return hashlib.sha256(repr((said, files.is_divided(mart))).encode()).hexdigest()
