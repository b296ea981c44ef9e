"""Keeps the firms behind the cells of stocks day by day: they are counted when a day is built, and read when its month is protected.

`mart.firms_behind` has one row per mart, day and key; a day behind which nobody stands has one without a key. `schema` creates it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from fugong.marts.asof import session_at
from fugong.marts.firms_behind import FirmsBehind, Parts, RelationOf, count_firms, days_of_facts
from fugong.marts.model import Mart, SqlFiles
from fugong.marts.month_rows import last_of
from fugong.marts.open_cells import keys_of
from fugong.marts.open_table import is_protected

ByColumn = Mapping[str, Parts]


def is_kept(mart: Mart) -> bool:
    """Whether they are kept: of stocks, whose months grow day by day. Those behind flows are counted by the month."""
    return mart.partition_by == "as_of"


def is_counted(mart: Mart) -> bool:
    """Whether a build counts them: they are kept, and analysts see the mart."""
    return mart.is_open and is_protected(mart) and is_kept(mart)


def count(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    cells: sql.Identifier | None,
    days: Sequence[date],
    known_at: datetime | None,
    relation_of: RelationOf,
) -> FirmsBehind:
    """Count the firms of days that are being built.

    Args:
        cells: of a mart with dimensions, a temporary table with the rows of these days, which the mart does not hold yet.
        relation_of: gives the relation that holds a fact.
    """
    table: sql.Composable = sql.Identifier("mart", mart.name)
    if cells:
        table = sql.SQL("(SELECT dimension FROM pg_temp.{} UNION SELECT dimension FROM {}) AS cell").format(cells, table)
    with session_at(connection, days_of_facts(mart, days), known_at):
        return count_firms(connection, files, mart, table, mart.totals, days, relation_of)


def refresh(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    built: Collection[date],
    months: Collection[date],
    counted: Sequence[tuple[Collection[date], FirmsBehind]] = (),
) -> None:
    """Keep the firms of days that were built, and count those of the days of these months of which none are kept.

    With a day the one after it is counted again: what moved since then is another amount.

    Args:
        counted: days, and the firms behind them.
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
    wanted = {row[0] for row in connection.execute(statement, (sorted(months), mart.name))}
    for days, behind in counted:
        _keep(connection, mart, form, behind, wanted.intersection(days))
        wanted -= {*days}
    if not wanted:
        return
    with session_at(connection, days_of_facts(mart, wanted)):
        behind = count_firms(connection, files, mart, sql.Identifier("mart", mart.name), mart.totals, sorted(wanted))
    _keep(connection, mart, form, behind, wanted)


def _keep(connection: psycopg.Connection, mart: Mart, form: str, behind: FirmsBehind, days: Collection[date]) -> None:
    with connection.cursor() as cursor, cursor.copy("COPY mart.firms_behind FROM STDIN") as copy:
        for row in _rows(mart, behind, days):
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
    keys = {key for key in behind.levels.keys() | behind.changes.keys() if key[at] in days}
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
