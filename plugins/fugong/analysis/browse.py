"""Looks into a mart before it is downloaded: a portion of its rows, what its keys hold, and its rows as lines of a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import psycopg
from psycopg import sql

from fugong.analysis import export
from fugong.analysis.formats import Column, plain_value
from fugong.core.bilingual import Bilingual
from fugong.core.errors import NotFoundError
from fugong.core.vocabulary import Lang
from fugong.marts import open_cells
from fugong.marts.code_names import names_of
from fugong.marts.firms_behind import ALL
from fugong.marts.model import Mart

MAX_MEMBERS = 200
"""A key with more members than this is typed, not chosen."""
MAX_SERIES = 8
"""So many lines can be told apart."""
MAX_BARS = 40
MEMBER, DIMENSION = "member", "dimension"
"""Keys of marts that hold cells by several groupings: which one, and whose."""
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


@dataclass(frozen=True)
class MemberNames:
    """What the members of a mart's keys are called.

    Attributes:
        lists: names by list and code, as `names_of_codes` gives them. A list that is called as a key names its members; those of
            `member` are named by the list that is called as the row's `dimension`.
        places: per key the Chinese names by code that the head of the mart points to.
    """

    lists: Mapping[tuple[str, str], Bilingual]
    places: Mapping[str, Mapping[str, str]]
    _found: dict[tuple[str, str, str | None], Bilingual] = field(default_factory=dict[tuple[str, str, str | None], Bilingual])

    @cached_property
    def _by_name(self) -> Mapping[str, Bilingual]:
        return {name.zh: name for name in self.lists.values()}

    @cached_property
    def _called(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(of for of, _ in self.lists))

    def name(self, key: str, code: str, dimension: str | None = None) -> Bilingual:
        """The name of a member; its code where it has none."""
        asked = (key, code, dimension)
        if asked not in self._found:
            self._found[asked] = self._name(key, code, dimension)
        return self._found[asked]

    def _name(self, key: str, code: str, dimension: str | None) -> Bilingual:
        lists = ["all"]
        if key == MEMBER and dimension:
            lists += [
                of for of in self._called if dimension == of or of.startswith(f"{dimension}_") or of.endswith(f"_{dimension}")
            ]
        for of in (*lists, key, key.removesuffix("_code"), key.removesuffix("_id")):
            if (of, code) in self.lists:
                return self.lists[of, code]
        place = self.places.get(key, {}).get(code, code)
        return self._by_name.get(place, Bilingual(place, place))

    def named(self, rows: Rows, mart: Mart) -> list[tuple[Any, ...]]:
        """The rows with names of members instead of codes."""
        columns = [column.name for column in rows.columns]
        at = columns.index(DIMENSION) if DIMENSION in columns else None
        keys = {name for name in mart.keys if name != mart.partition_by}
        return [
            tuple(
                self.name(name, value, None if at is None else row[at]) if name in keys and isinstance(value, str) else value
                for name, value in zip(columns, row, strict=True)
            )
            for row in rows.rows
        ]


def names_of_members(connection: psycopg.Connection, mart: Mart, lists: Mapping[tuple[str, str], Bilingual]) -> MemberNames:
    """What the members of a mart's keys are called."""
    return MemberNames(lists, {key: names_of(connection, places) for key, places in mart.names.items()})


def members(
    connection: psycopg.Connection, mart: Mart, names: MemberNames, *, is_open: bool
) -> dict[str, dict[str, tuple[Bilingual, ...]] | None]:
    """The members of each key with their names; None for a key that has too many to choose from.

    A code of several dimensions has several names.
    """
    table = sql.Identifier("open" if is_open else "mart", mart.name)
    found: dict[str, dict[str, tuple[Bilingual, ...]] | None] = {}
    chosen = keys_to_choose(mart, is_open=is_open)
    for key in chosen:
        dimension = sql.Identifier(DIMENSION) if key == MEMBER and DIMENSION in chosen else sql.SQL("NULL::text")
        rows = connection.execute(
            sql.SQL(
                "SELECT DISTINCT COALESCE({column}::text, '') AS member, {dimension} AS dimension FROM {table} "
                "ORDER BY member, dimension LIMIT {most}"
            ).format(column=sql.Identifier(key), dimension=dimension, table=table, most=sql.Literal(MAX_MEMBERS + 1))
        ).fetchall()
        if len(rows) > MAX_MEMBERS:
            found[key] = None
            continue
        named: dict[str, tuple[Bilingual, ...]] = {}
        for code, of in rows:
            named[code] = tuple(dict.fromkeys((*named.get(code, ()), names.name(key, code, of))))
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


def as_series(rows: Rows, mart: Mart, measure: str, names: MemberNames, lang: Lang) -> Series:
    """The rows as lines over their days, a line for each combination of the other keys; of one day, a bar for each."""
    columns = [column.name for column in rows.columns]
    day_at, value_at = columns.index(mart.partition_by), columns.index(measure)
    keys = [at for at, name in enumerate(columns) if name in mart.keys and at != day_at]
    varying = [at for at in keys if len({row[at] for row in rows.rows}) > 1]
    named = {id(row): shown for row, shown in zip(rows.rows, names.named(rows, mart), strict=True)}

    def name_of(row: tuple[Any, ...]) -> str:
        telling = [at for at in varying if row[at] != ALL] or varying
        shown = (named[id(row)][at] for at in telling)
        return " · ".join(one.text_in(lang) if isinstance(one, Bilingual) else "–" if one is None else str(one) for one in shown)

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
