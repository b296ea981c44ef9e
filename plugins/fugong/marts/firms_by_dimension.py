"""Counts the firms behind cells of a mart that divides one fact by several dimensions, without a row for every firm and dimension.

A firm whose lines all have the same township, industry and size stands in one cell of each dimension. So firms are counted by all these columns
together first, and cells are made of these counts. The few firms with lines in several such cells are summed by cell one by one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from fugong.marts.execute import analyze, as_statement
from fugong.marts.model import Mart
from fugong.marts.parameters import with_values

LINE, MOVED = sql.Identifier("firm_line"), sql.Identifier("firm_moved")


@dataclass(frozen=True)
class Division:
    """How a mart divides one fact.

    Attributes:
        fact: the relation that holds the fact's rows of the days to count and of the days before them.
        firm: the fact's column that names whose amount a row is.
        columns: the fact's columns.
        amounts: per column of the mart, the columns of the fact that it sums.
        left: what is left of wholes whose parts are shown: name → whole and part.
        dimensions: the dimensions of the mart's rows.
    """

    mart: Mart
    fact: sql.Identifier
    firm: str
    columns: Sequence[str]
    amounts: Mapping[str, Sequence[str]]
    left: Mapping[str, tuple[str, str]]
    dimensions: Sequence[str]

    @property
    def names(self) -> list[str]:
        """The amounts that are counted."""
        return [*self.amounts, *self.left]

    @property
    def named(self) -> list[str]:
        """The fact's columns that the keys ask for, but for the firm."""
        return [column for column in named_columns(self.mart, self.columns) if column != self.firm]

    @property
    def plain(self) -> list[str]:
        """The keys that are columns of the fact, whatever the dimension."""
        return [key for key in self.mart.keys if key not in self.mart.key_expressions]


def named_columns(mart: Mart, columns: Collection[str]) -> list[str]:
    """Those of a fact's columns that the keys of a mart ask for."""
    words = {*mart.keys, *re.findall(r"\w+", " ".join(mart.key_expressions.values()))}
    return [column for column in columns if column in words]


def gather(connection: psycopg.Connection, division: Division, days: Sequence[date]) -> None:
    """Make the temporary tables of the amounts of firms, and of their changes since the day before."""
    amounts = _comma(
        sql.SQL("COALESCE(SUM({}), 0)::float8 AS {}").format(
            sql.SQL(" + ").join(sql.SQL("COALESCE({}, 0)").format(sql.Identifier(name)) for name in names), sql.Identifier(column)
        )
        for column, names in division.amounts.items()
    )
    left = (
        sql.SQL(", {} - {} AS {}").format(*map(sql.Identifier, (whole, part, name)))
        for name, (whole, part) in division.left.items()
    )
    connection.execute(
        sql.SQL(
            "CREATE TEMP TABLE {line} AS SELECT firm.*{left} FROM ("
            "SELECT {named}, COALESCE({firm}, '') AS who, {amounts} FROM {fact} GROUP BY {named}, COALESCE({firm}, '')) AS firm"
        ).format(
            line=LINE,
            left=sql.SQL("").join(left),
            named=_list(division.named),
            firm=sql.Identifier(division.firm),
            amounts=amounts,
            fact=division.fact,
        )
    )
    analyze(connection, LINE)
    day = division.mart.partition_by
    later = (sql.SQL("{} + 1" if name == day else "{}").format(sql.Identifier(name)) for name in division.named)
    connection.execute(
        sql.SQL(
            "CREATE TEMP TABLE {moved} AS SELECT {named}, who, {sums} FROM ("
            "SELECT * FROM {line} UNION ALL SELECT {later}, who, {taken} FROM {line}) AS day "
            "WHERE {day} = ANY({days}) GROUP BY {named}, who"
        ).format(
            moved=MOVED,
            named=_list(division.named),
            sums=_comma(sql.SQL("SUM({n}) AS {n}").format(n=sql.Identifier(name)) for name in division.names),
            line=LINE,
            later=_comma(later),
            taken=_comma(sql.SQL("-{}").format(sql.Identifier(name)) for name in division.names),
            day=sql.Identifier(day),
            days=sql.Literal(list(days)),
        )
    )
    analyze(connection, MOVED)


def drop(connection: psycopg.Connection) -> None:
    """Drop what `gather` made."""
    connection.execute(sql.SQL("DROP TABLE {}, {}").format(LINE, MOVED))


def read(
    connection: psycopg.Connection, division: Division, table: sql.Identifier, days: Sequence[date]
) -> Iterator[tuple[tuple[Any, ...], int, dict[str, tuple[int, float, float]]]]:
    """Per cell of these days: its keys, its firms, and for each amount the firms that have one, the largest and the sum."""
    names, several = division.names, _several(division, table, days)
    counted = sql.SQL(
        "SELECT {named}, COUNT(*) AS n, {amounts} FROM {table} AS line WHERE {wanted} AND NOT EXISTS ("
        "SELECT FROM several WHERE {same}) GROUP BY {named}"
    ).format(
        named=_list(division.named),
        amounts=_comma(
            sql.SQL("COUNT(*) FILTER (WHERE abs({n}) > 1e-9) AS {c}, MAX(abs({n})) AS {m}, SUM({n}) AS {s}").format(
                n=sql.Identifier(name), **_places(at)
            )
            for at, name in enumerate(names)
        ),
        table=table,
        wanted=_wanted(division, days),
        same=_same(division),
    )
    rows: list[sql.Composed] = []
    for dimension in division.dimensions:
        keys = _keys(connection, division, dimension)
        rows.append(
            sql.SQL("SELECT {keys}, n, {amounts} FROM counted").format(
                keys=keys, amounts=_comma(place for at in range(len(names)) for place in _places(at).values())
            )
        )
        rows.append(
            sql.SQL("SELECT {key_names}, 1 AS n, {amounts} FROM ({firms}) AS firm").format(
                key_names=_list(division.mart.keys),
                amounts=_comma(
                    sql.SQL("(abs({n}) > 1e-9)::integer, abs({n}), {n}").format(n=sql.Identifier(name)) for name in names
                ),
                firms=sql.SQL(
                    "SELECT {keys}, who, {sums} FROM ("
                    "SELECT line.* FROM {table} AS line INNER JOIN several ON {same} WHERE {wanted}) AS line GROUP BY {key_names}, who"
                ).format(
                    keys=keys,
                    sums=_comma(sql.SQL("SUM({n}) AS {n}").format(n=sql.Identifier(name)) for name in names),
                    table=table,
                    same=_same(division),
                    wanted=_wanted(division, days),
                    key_names=_comma(sql.Literal(at + 1) for at in range(len(division.mart.keys))),
                ),
            )
        )
    statement = sql.SQL(
        "WITH several AS MATERIALIZED ({several}), counted AS MATERIALIZED ({counted}) "
        "SELECT {keys}, SUM(n)::bigint, {amounts} FROM ({rows}) AS cell GROUP BY {keys}"
    ).format(
        several=several,
        counted=counted,
        keys=_list(division.mart.keys),
        amounts=_comma(
            sql.SQL("SUM({c})::bigint, COALESCE(MAX({m}), 0)::float8, COALESCE(SUM({s}), 0)::float8").format(**_places(at))
            for at in range(len(names))
        ),
        rows=sql.SQL(" UNION ALL ").join(rows),
    )
    n_keys = len(division.mart.keys)
    for row in connection.execute(statement):
        rest = row[n_keys + 1 :]
        yield row[:n_keys], row[n_keys], {name: rest[3 * at : 3 * at + 3] for at, name in enumerate(names)}


def _several(division: Division, table: sql.Identifier, days: Sequence[date]) -> sql.Composed:
    """The firms with lines in several cells of all columns together."""
    return sql.SQL("SELECT {plain}, who FROM {table} AS line WHERE {wanted} GROUP BY {plain}, who HAVING COUNT(*) > 1").format(
        plain=_list(division.plain), table=table, wanted=_wanted(division, days)
    )


def _same(division: Division) -> sql.Composed:
    return sql.SQL(" AND ").join(
        sql.SQL("line.{n} = several.{n}").format(n=sql.Identifier(name)) for name in (*division.plain, "who")
    )


def _wanted(division: Division, days: Sequence[date]) -> sql.Composed:
    return sql.SQL("line.{} = ANY({})").format(sql.Identifier(division.mart.partition_by), sql.Literal(list(days)))


def _keys(connection: psycopg.Connection, division: Division, dimension: str) -> sql.Composed:
    literal = sql.Literal(dimension).as_string(connection)
    return _comma(
        sql.SQL("{} AS {}").format(
            as_statement(with_values(division.mart.key_expressions[key], {"dimension": literal})), sql.Identifier(key)
        )
        if key in division.mart.key_expressions
        else sql.Identifier(key)
        for key in division.mart.keys
    )


def _places(at: int) -> dict[str, sql.Identifier]:
    return {kind: sql.Identifier(f"{kind}{at}") for kind in ("c", "m", "s")}


def _list(names: Collection[str]) -> sql.Composed:
    return _comma(map(sql.Identifier, names))


def _comma(items: Any) -> sql.Composed:
    return sql.SQL(", ").join(items)
