"""Looks into a mart before it is downloaded: a portion of its rows, what its keys hold, and its rows as lines of a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from fugong.analysis import export
from fugong.analysis.formats import Column, plain_value
from fugong.core.bilingual import Bilingual
from fugong.core.errors import NotFoundError
from fugong.marts import open_cells
from fugong.marts.code_names import names_of
from fugong.marts.firms_behind import ALL
from fugong.marts.model import Mart

MAX_MEMBERS = 200
"""A key with more members than this is typed, not chosen."""
MAX_SERIES = 8
"""So many lines can be told apart."""
MAX_BARS = 40
MAX_CHARTED = 20_000
"""Rows from which a chart is drawn."""
NUMBERS = frozenset({"int2", "int4", "int8", "numeric", "float8"})


@dataclass(frozen=True)
class Rows:
    """A portion of the rows of a mart.

    Attributes:
        has_more: whether rows follow.
    """

    mart: str
    columns: Sequence[Column]
    rows: Sequence[tuple[Any, ...]]
    offset: int
    has_more: bool

    def to_json(self) -> list[dict[str, Any]]:
        """A value a column, by name."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, map(plain_value, row), strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Series:
    """Rows as lines over days, or as bars where they are of one day.

    Attributes:
        values: by the name of a line; of bars there is one.
        n_left_out: lines or bars that are not among them.
    """

    labels: Sequence[str]
    values: Mapping[str, Sequence[Any]]
    is_over_days: bool
    n_left_out: int


def read_rows(
    connection: psycopg.Connection,
    mart: Mart,
    days: tuple[date | None, date | None],
    keys: Mapping[str, str],
    *,
    is_open: bool,
    offset: int = 0,
    limit: int = 100,
) -> Rows:
    """Some rows of a mart, in the order of its keys.

    Args:
        days: the first and the last value of the mart's day column; None for no bound.
        keys: members of keys, as text; "" for those without one.

    Raises:
        NotFoundError: the mart has no such key.
    """
    with export.open_mart(connection, mart, days, is_open=is_open, keys=keys, offset=offset, limit=limit + 1) as table:
        found = list(table.rows)
        return Rows(mart.name, table.columns, found[:limit], offset, len(found) > limit)


def keys_to_choose(mart: Mart, *, is_open: bool) -> tuple[str, ...]:
    """The keys of a mart besides its day."""
    keys = open_cells.keys_of(mart) if is_open else mart.keys
    return tuple(key for key in keys if key != mart.partition_by)


def members(
    connection: psycopg.Connection, mart: Mart, names: Mapping[tuple[str, str], Bilingual], *, is_open: bool
) -> dict[str, dict[str, Bilingual] | None]:
    """The members of each key with their names; None for a key that has too many to choose from.

    Args:
        names: by list and code, as `questions.names_of_codes` gives them. A list that is called as a key names its members.
    """
    table = sql.Identifier("open" if is_open else "mart", mart.name)
    found: dict[str, dict[str, Bilingual] | None] = {}
    by_name = {name.zh: name for name in names.values()}
    for key in keys_to_choose(mart, is_open=is_open):
        rows = connection.execute(
            sql.SQL("SELECT DISTINCT COALESCE({column}::text, '') AS member FROM {table} ORDER BY member LIMIT {most}").format(
                column=sql.Identifier(key), table=table, most=sql.Literal(MAX_MEMBERS + 1)
            )
        ).fetchall()
        if len(rows) > MAX_MEMBERS:
            found[key] = None
            continue
        places = names_of(connection, mart.names.get(key, ()))
        lists = ("all", key, key.removesuffix("_code"), key.removesuffix("_id"))
        named: dict[str, Bilingual] = {}
        for (one,) in rows:
            place = places.get(one) or str(one)
            named[one] = next((names[of, one] for of in lists if (of, one) in names), by_name.get(place, Bilingual(place, place)))
        found[key] = named
    return found


def days_held(connection: psycopg.Connection, mart: Mart) -> tuple[date, date] | None:
    """The first and the last day that a mart holds; None where it holds none."""
    row = connection.execute("SELECT MIN(day), MAX(day) FROM open.mart_day WHERE mart = %s", (mart.name,)).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])


def measures(columns: Sequence[Column], mart: Mart) -> list[Column]:
    """The columns that a chart can show: numbers that are no key."""
    return [one for one in columns if one.kind in NUMBERS and one.name not in mart.keys]


def find_measure(columns: Sequence[Column], mart: Mart, name: str) -> Column:
    """A column that a chart can show; without a name the first rate, else the first number.

    Raises:
        NotFoundError: there is no such column.
    """
    found = measures(columns, mart)
    if not name:
        first = next((one for one in found if one.is_fraction), next(iter(found), None))
        if first is not None:
            return first
    for one in found:
        if one.name == name:
            return one
    there = ", ".join(one.name for one in found) or "–"
    raise NotFoundError(f"{mart.name} 没有数字列 {name},有 {there} | {mart.name} has no numbers {name}. There is: {there}")


def as_series(rows: Rows, mart: Mart, measure: str, named: Mapping[str, str]) -> Series:
    """The rows as lines over their days, a line for each combination of the other keys; of one day, a bar for each.

    Args:
        named: names of members of keys.
    """
    names = [column.name for column in rows.columns]
    day_at, value_at = names.index(mart.partition_by), names.index(measure)
    keys = [at for at, name in enumerate(names) if name in mart.keys and at != day_at]
    varying = [at for at in keys if len({row[at] for row in rows.rows}) > 1]

    def name_of(row: tuple[Any, ...]) -> str:
        telling = [at for at in varying if row[at] != ALL] or varying
        return " · ".join(named.get(str(row[at]), str(row[at])) if row[at] is not None else "–" for at in telling)

    days = sorted({row[day_at] for row in rows.rows if row[day_at] is not None})
    if len(days) <= 1:
        bars = [(name_of(row) or str(days[0]), row[value_at]) for row in rows.rows if days]
        shown = bars[:MAX_BARS]
        return Series([name for name, _ in shown], {measure: [value for _, value in shown]}, False, len(bars) - len(shown))
    lines: dict[str, dict[date, Any]] = {}
    for row in rows.rows:
        lines.setdefault(name_of(row) or measure, {})[row[day_at]] = row[value_at]
    kept = list(lines.items())[:MAX_SERIES]
    values = {name: [by_day.get(day) for day in days] for name, by_day in kept}
    return Series([day.isoformat() for day in days], values, True, len(lines) - len(kept))
