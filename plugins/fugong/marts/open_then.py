"""What analysts see of a mart as known at an earlier moment: what they see now, where it was the same then.

Two vintages shown by themselves, however roughly, may be subtracted, and what is left is what a firm corrected. What is shown here is shown
now, too: no vintage, and no two of them, say more of an amount than what is open, only that it has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from fugong.marts.firms_behind import ALL, FirmsBehind, Key
from fugong.marts.model import Mart
from fugong.marts.month_rows import last_of, rows_of_month
from fugong.marts.open_cells import Row, keys_of, value_columns, with_totals
from fugong.marts.open_table import columns


def rows(
    connection: psycopg.Connection, mart: Mart, then: sql.Composable, months: Iterable[date], *, last_day: date
) -> Iterator[tuple[Any, ...]]:
    """The rows of some months, with the columns of `open_table.columns`, in the order of their keys.

    Args:
        then: holds the mart's rows as they were.
        last_day: that was reported on then. A month of flows that had not ended is left out.
    """
    for month in sorted(months):
        if mart.partition_by == "period" and last_of(month) > last_day:
            continue
        statement = sql.SQL("SELECT * FROM {} WHERE {} BETWEEN {} AND {} ORDER BY {}").format(
            sql.Identifier("open", mart.name),
            sql.Identifier(mart.partition_by),
            month,
            last_of(month),
            sql.SQL(", ").join(map(sql.Identifier, keys_of(mart))),
        )
        with connection.cursor(row_factory=dict_row) as cursor:
            shown = cursor.execute(statement).fetchall()
        now = rows_of_month(connection, mart, sql.Identifier("mart", mart.name), month)
        yield from seen_then(mart, shown, rows_of_month(connection, mart, then, month), now)


def seen_then(mart: Mart, shown: Iterable[Row], then: Iterable[Row], now: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
    """The rows that are shown now and were there then, without the values that were not the same.

    Args:
        shown: the open rows, those of totals included.
        then: the mart's rows as they were, without totals.
        now: the same as they are.
    """
    keys, names = keys_of(mart), list(columns(mart))
    were, are = (with_totals(mart, some, FirmsBehind()) for some in (then, now))
    changed = _changed(mart, were, are)
    values = [name for name in (*value_columns(mart), *mart.rates) if name in names]
    for row in shown:
        key = tuple(row[name] for name in keys)
        if key not in were:
            continue
        hidden = {name for name in values if row[name] is not None and _has_changed(mart, name, changed.get(key, frozenset()))}
        yield tuple(
            None if name in hidden else row[name] or bool(hidden) if name == "is_suppressed" else row[name] for name in names
        )


def _changed(mart: Mart, were: Mapping[Key, Row], are: Mapping[Key, Row]) -> dict[Key, set[str]]:
    """The columns of each row whose values were others. The firms behind a total may be others where those of a member are."""
    keys = keys_of(mart)
    counted = mart.suppression[0].count if mart.suppression else ("n_enterprises",)
    found: dict[Key, set[str]] = {}
    for key in were.keys() | are.keys():
        before, after = were.get(key, {}), are.get(key, {})
        differing = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        if not differing:
            continue
        found.setdefault(key, set()).update(differing)
        for total in mart.totals:
            found.setdefault(tuple(ALL if name in total else each for name, each in zip(keys, key, strict=True)), set()).update(
                counted
            )
    return found


def _has_changed(mart: Mart, name: str, changed: Set[str]) -> bool:
    """Whether a column, or one that it is computed from, is among these."""
    rate = mart.rates.get(name)
    return name in changed or (rate is not None and not changed.isdisjoint((*rate.above, *rate.below, rate.times)))
