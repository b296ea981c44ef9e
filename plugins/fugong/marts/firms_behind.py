"""Counts the firms behind every cell of a mart, from the facts that `sums` in its head lead to, or from a mart by firm.

For stocks it also counts the firms behind the change since the day before: a reader can subtract two days.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from fugong.marts import firms_by_dimension
from fugong.marts.asof import days_read, session_at
from fugong.marts.differences import differences
from fugong.marts.execute import analyze, as_statement
from fugong.marts.firms_by_dimension import Division, named_columns
from fugong.marts.model import Contribution, Fact, Mart, SqlFiles, is_of_firm
from fugong.marts.parameters import with_values

Key = tuple[Any, ...]
ALL = "ALL"
"""The member of a key that stands for all members."""
FIRM_COLUMNS = ("entity", "uscc")
"""Columns of facts that name whose amount a row is; the first one that a fact has."""


RelationOf = Callable[[str], sql.Identifier]
"""Gives the relation to read a fact from, by the fact's name."""


def view_of(fact: str) -> sql.Identifier:
    """The view of a fact, such as `fact.loan`."""
    return sql.Identifier("fact", fact.removeprefix("fact."))


@dataclass(frozen=True)
class Parts:
    """The amounts of firms in a cell.

    Attributes:
        n_firms: firms whose amount is not zero.
        largest: the greatest amount of one firm, without its sign.
        total: the sum over all firms.
        second: the greatest amount of another firm, without its sign; 0 where nothing divides the sum (`SqlFiles.is_divided`).
    """

    n_firms: int
    largest: float
    total: float
    second: float


@dataclass(frozen=True)
class FirmsBehind:
    """The firms behind the cells of a mart; keys are the values of the mart's key columns, `ALL` in totals.

    Attributes:
        n_firms: per row.
        levels: per row and column.
        changes: per row and column: the amounts by which firms moved since the day before. Of stocks alone.
        corrected: per row and column: the amounts by which firms moved since analysts last saw the same day.
    """

    n_firms: dict[Key, int] = field(default_factory=dict)
    levels: dict[Key, dict[str, Parts]] = field(default_factory=dict)
    changes: dict[Key, dict[str, Parts]] = field(default_factory=dict)
    corrected: dict[Key, dict[str, Parts]] = field(default_factory=dict)


def amount_columns(mart: Mart) -> tuple[str, ...]:
    """The columns that add up over rows: those that `sums` or the rollup name."""
    if mart.public_rollup:
        return mart.public_rollup.sums
    added = (column for column, source in mart.sums.items() if source.aggregate == "sum" and column not in mart.hidden)
    return (*added, *(mart.window.sums if mart.window else ()))


def _unseen_columns(mart: Mart) -> tuple[str, ...]:
    """The columns that analysts do not see and that relations of the head name, because publications are made of them."""
    named = {column for relation in mart.relations for column in relation.terms}
    return tuple(column for column in mart.sums if column in mart.hidden and column in named)


def _contributions(mart: Mart, column: str) -> tuple[Contribution, ...]:
    """The fact columns behind a column."""
    return mart.window.sums[column] if mart.window and column in mart.window.sums else mart.sums[column].contributions


def facts_behind(files: SqlFiles, mart: Mart) -> frozenset[str]:
    """The facts, such as `fact.loan`, that the firms behind a mart are counted from."""
    return frozenset(files.fact(name).relation for name in _amounts(mart, _columns_with_firms(files, mart)))


def days_of_facts(mart: Mart, days: Iterable[date]) -> list[date]:
    """The days to ask facts for, to count the firms of some days of a mart and what moved since the days before them."""
    if mart.partition_by == "period":
        return days_read(mart, days)
    reach = mart.window.days if mart.window else 1
    return sorted({day - timedelta(n_days) for day in days for n_days in range(reach + 1)})


def count_firms(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    table: sql.Composable,
    totals: Sequence[Sequence[str]],
    days: Collection[date],
    relation_of: RelationOf = view_of,
) -> FirmsBehind:
    """Count the firms behind every cell, of the days that the session's facts show.

    Args:
        table: holds the mart's rows.
        totals: per kind of total, the keys that are `ALL` in it.
        days: the days to count.
        relation_of: gives the relation that holds a fact.
    """
    keys = mart.public_rollup.keys if mart.public_rollup else mart.keys
    behind = FirmsBehind()
    if not totals and (division := _division(connection, files, mart, table, relation_of)):
        firms_by_dimension.gather(connection, division, sorted(days))
        for relation, found in ((firms_by_dimension.LINE, behind.levels), (firms_by_dimension.MOVED, behind.changes)):
            for key, n_firms, parts in firms_by_dimension.read(connection, division, relation, sorted(days)):
                found[key] = {name: Parts(*each, second=0.0) for name, each in parts.items()}
                if found is behind.levels:
                    behind.n_firms[key] = n_firms
        firms_by_dimension.drop(connection)
        return behind
    names = _gather(connection, files, mart, table, totals, {*days, *(day - timedelta(1) for day in days)}, relation_of)
    if not names:
        return behind
    key_list = _list(keys)
    wanted = sql.SQL("WHERE {} = ANY({})").format(sql.Identifier(mart.partition_by), sql.Literal(list(days)))
    second = files.is_divided(mart)
    for key, n_firms, parts in _read(connection, sql.SQL("SELECT * FROM firm_behind"), wanted, keys, names, second=second):
        behind.n_firms[key], behind.levels[key] = n_firms, parts
    if mart.partition_by == "as_of":
        moved = sql.SQL(
            "SELECT {keys}, who, {sums} FROM (SELECT * FROM firm_behind UNION ALL SELECT {later} FROM firm_behind) AS day GROUP BY {keys}, who"
        ).format(
            keys=key_list,
            sums=_comma(sql.SQL("SUM({}) AS {}").format(sql.Identifier(name), sql.Identifier(name)) for name in names),
            later=_comma(
                [
                    *(
                        sql.SQL("{} + 1").format(sql.Identifier(key)) if key == mart.partition_by else sql.Identifier(key)
                        for key in keys
                    ),
                    sql.Identifier("who"),
                    *(sql.SQL("-{}").format(sql.Identifier(name)) for name in names),
                ]
            ),
        )
        behind.changes.update((key, parts) for key, _, parts in _read(connection, moved, wanted, keys, names))
    connection.execute("DROP TABLE firm_behind")
    return behind


def count_corrected(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    table: sql.Composable,
    totals: Sequence[Sequence[str]],
    days: Sequence[date],
    moments: tuple[datetime | None, datetime | None],
    before: sql.Composable | None = None,
) -> dict[Key, dict[str, Parts]]:
    """The amounts by which firms moved between two moments of knowledge, about the same days.

    Args:
        before: of a mart by firm, its rows at the first moment; `table` holds those at the second one.
        days: the days to count.
        moments: the earlier and the later view; None for now.
    """
    keys = mart.public_rollup.keys if mart.public_rollup else mart.keys
    names: list[str] = []
    for number, known_at in enumerate(moments):
        with session_at(connection, days_of_facts(mart, days), known_at):
            names = _gather(connection, files, mart, before if before and not number else table, totals, days)
        if not names:
            return {}
        connection.execute(sql.SQL("ALTER TABLE firm_behind RENAME TO {}").format(sql.Identifier(f"firm_at_{number}")))
    signed = [
        sql.SQL("SELECT {}, who, {} FROM {}").format(
            _list(keys),
            _comma(sql.SQL("{}{} AS {}").format(sign, sql.Identifier(name), sql.Identifier(name)) for name in names),
            sql.Identifier(f"firm_at_{number}"),
        )
        for number, sign in enumerate((sql.SQL("-"), sql.SQL("")))
    ]
    moved = sql.SQL("SELECT {keys}, who, {sums} FROM ({rows}) AS view GROUP BY {keys}, who").format(
        keys=_list(keys),
        sums=_comma(sql.SQL("SUM({}) AS {}").format(sql.Identifier(name), sql.Identifier(name)) for name in names),
        rows=sql.SQL(" UNION ALL ").join(signed),
    )
    found = {key: parts for key, _, parts in _read(connection, moved, sql.SQL(""), keys, names)}
    connection.execute("DROP TABLE firm_at_0, firm_at_1")
    return found


def _gather(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    table: sql.Composable,
    totals: Sequence[Sequence[str]],
    days: Collection[date],
    relation_of: RelationOf = view_of,
) -> list[str]:
    """Make the temporary table `firm_behind`: amounts by key and firm, totals included. Returns its amounts; none without a firm."""
    keys = mart.public_rollup.keys if mart.public_rollup else mart.keys
    columns = _columns_with_firms(files, mart)
    if not columns:
        return []
    dimensions = _dimensions(connection, mart, table)
    sources = list(_sources(connection, files, mart, table, columns, dimensions, days))
    rows = sql.SQL(" UNION ALL ").join(_with_totals(source, keys, columns, totals) for source in sources)
    facts = [
        _lines(mart, files.fact(name), amounts, dimensions, relation_of(name))
        for name, amounts in _amounts(mart, columns).items()
    ]
    lines = sql.SQL("WITH {}").format(_comma(facts)) if facts else sql.SQL("")
    key_list, names = _list(keys), [*columns, *(left for left in differences(mart) if _has(left, mart, columns))]
    amounts = _comma(
        sql.SQL("COALESCE(SUM({}), 0)::float8 AS {}").format(sql.Identifier(name), sql.Identifier(name)) for name in columns
    )
    left = [
        sql.SQL(", {} - {} AS {}").format(sql.Identifier(whole), sql.Identifier(part), sql.Identifier(name))
        for name, (whole, part) in differences(mart).items()
        if name in names
    ]
    connection.execute(
        sql.SQL(
            "CREATE TEMP TABLE firm_behind AS {lines} SELECT firm.*{left} FROM ("
            "SELECT {keys}, who, {amounts} FROM ({rows}) AS line GROUP BY {keys}, who) AS firm"
        ).format(lines=lines, left=sql.SQL("").join(left), keys=key_list, amounts=amounts, rows=rows)
    )
    analyze(connection, sql.SQL("firm_behind"))
    return names


def _division(
    connection: psycopg.Connection, files: SqlFiles, mart: Mart, table: sql.Composable, relation_of: RelationOf
) -> Division | None:
    """How a mart divides one fact by several dimensions; None where its firms are listed cell by cell."""
    by_fact = _amounts(mart, _columns_with_firms(files, mart))
    is_plain = mart.partition_by == "as_of" and not mart.window and not files.is_divided(mart)
    if len(by_fact) != 1 or not is_plain or len(dimensions := _dimensions(connection, mart, table)) == 1:
        return None
    [(name, amounts)] = by_fact.items()
    fact = files.fact(name)
    left = {name: both for name, both in differences(mart).items() if _has(name, mart, [*amounts])}
    return Division(mart, relation_of(name), firm_column(fact), tuple(fact.columns), amounts, left, dimensions)


def _columns_with_firms(files: SqlFiles, mart: Mart) -> list[str]:
    """Columns with amounts of firms. Counts (`n_…`) say how many firms there are and are nobody's amount."""
    if mart.public_rollup:
        return list(mart.public_rollup.sums)
    return [
        column
        for column in (*amount_columns(mart), *_unseen_columns(mart))
        if not column.startswith("n_") and all(firm_column(files.fact(source.fact)) for source in _contributions(mart, column))
    ]


def _has(left: str, mart: Mart, columns: Sequence[str]) -> bool:
    return all(column in columns for column in differences(mart)[left])


def _dimensions(connection: psycopg.Connection, mart: Mart, table: sql.Composable) -> list[str]:
    """The dimensions that the rows of a mart have; one without a name where it has none."""
    if "dimension" not in mart.keys:
        return [""]
    found = connection.execute(sql.SQL("SELECT DISTINCT dimension FROM {} ORDER BY dimension").format(table)).fetchall()
    return [dimension for (dimension,) in found] or [""]


def _amounts(mart: Mart, columns: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """Per fact and column of the mart, the columns of the fact that it sums. None for a mart by firm: its own rows tell."""
    by_fact: dict[str, dict[str, list[str]]] = {}
    for column in columns if not mart.public_rollup else ():
        for source in _contributions(mart, column):
            by_fact.setdefault(source.fact, {}).setdefault(column, []).append(source.column)
    return by_fact


def _sources(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Mart,
    table: sql.Composable,
    columns: Sequence[str],
    dimensions: Sequence[str],
    days: Collection[date],
) -> Iterator[sql.Composed]:
    """SELECTs of amounts by key and firm: one per fact and dimension."""
    if rollup := mart.public_rollup:
        firm = next(key for key in mart.keys if is_of_firm(key))
        yield _source(
            [sql.Identifier(key) for key in rollup.keys], rollup.keys, firm, {name: [name] for name in columns}, columns, table
        )
        return
    for name, amounts in _amounts(mart, columns).items():
        fact = files.fact(name)
        for dimension in dimensions:
            literal = sql.Literal(dimension).as_string(connection)
            expressions = [
                as_statement(with_values(mart.key_expressions[key], {"dimension": literal}))
                if key in mart.key_expressions
                else sql.Identifier(key)
                for key in mart.keys
            ]
            lines = sql.Identifier(fact.relation) if name not in _facts_of_window(mart) else _last_days(mart, fact, days)
            yield _source(expressions, mart.keys, firm_column(fact), amounts, columns, lines)


def _lines(
    mart: Mart, fact: Fact, amounts: Mapping[str, Sequence[str]], dimensions: Sequence[str], source: sql.Identifier
) -> sql.Composed:
    """A fact as the statement's own relation. Where several dimensions read it, its lines are summed once, by all that their keys ask for."""
    name = sql.Identifier(fact.relation)
    if len(dimensions) == 1 or fact.relation in _facts_of_window(mart):
        return sql.SQL("{} AS NOT MATERIALIZED (SELECT * FROM {})").format(name, source)
    summed = dict.fromkeys(column for names in amounts.values() for column in names)
    named = _list(name for name in dict.fromkeys([*named_columns(mart, fact.columns), firm_column(fact)]) if name not in summed)
    sums = _comma(sql.SQL("SUM({n})::float8 AS {n}").format(n=sql.Identifier(column)) for column in summed)
    return sql.SQL("{} AS MATERIALIZED (SELECT {named}, {sums} FROM {source} GROUP BY {named})").format(
        name, named=named, sums=sums, source=source
    )


def _facts_of_window(mart: Mart) -> frozenset[str]:
    return frozenset(source.fact for sources in (mart.window.sums.values() if mart.window else ()) for source in sources)


def _last_days(mart: Mart, fact: Fact, days: Collection[date]) -> sql.Composed:
    """The rows of a fact of flows once for each of the days whose last days they are in, from the day on which they were reported."""
    last = mart.window.days - 1 if mart.window else 0
    reach = [(day, day - timedelta(n_days)) for day in sorted(days) for n_days in range(last + 1)]
    return sql.SQL(
        "(SELECT line.*, reach.{day} FROM {fact} AS line "
        "INNER JOIN unnest({days}::date[], {dates}::date[]) AS reach ({day}, business_date) ON line.business_date = reach.business_date "
        "WHERE line.report_date <= reach.{day} AND line.business_date BETWEEN {first} AND {until}) AS line"
    ).format(
        day=sql.Identifier(mart.partition_by),
        fact=sql.Identifier(fact.relation),
        days=sql.Literal([day for day, _ in reach]),
        dates=sql.Literal([earlier for _, earlier in reach]),
        first=sql.Literal(min(days) - timedelta(last)),
        until=sql.Literal(max(days)),
    )


def _source(
    expressions: Sequence[sql.Composable],
    keys: Sequence[str],
    firm: str,
    amounts: Mapping[str, Sequence[str]],
    columns: Sequence[str],
    table: sql.Composable,
) -> sql.Composed:
    sums = [
        sql.SQL("{} AS {}").format(
            sql.SQL(" + ").join(sql.SQL("COALESCE({}, 0)").format(sql.Identifier(name)) for name in amounts[column])
            if column in amounts
            else sql.SQL("NULL::numeric"),
            sql.Identifier(column),
        )
        for column in columns
    ]
    key_list = [sql.SQL("{} AS {}").format(made, sql.Identifier(key)) for made, key in zip(expressions, keys, strict=True)]
    return sql.SQL("SELECT {keys}, COALESCE({firm}, '') AS who, {sums} FROM {table}").format(
        keys=_comma(key_list), firm=sql.Identifier(firm), sums=_comma(sums), table=table
    )


def _with_totals(
    source: sql.Composed, keys: Sequence[str], columns: Sequence[str], totals: Sequence[Sequence[str]]
) -> sql.Composed:
    """The rows of a SELECT, and the same rows once more per kind of total."""
    if not totals:
        return sql.SQL("SELECT * FROM ({}) AS source").format(source)
    kinds = [
        sql.SQL("SELECT {} FROM source").format(
            _comma(
                [
                    *(
                        sql.SQL("{} AS {}").format(sql.Literal(ALL), sql.Identifier(key)) if key in total else sql.Identifier(key)
                        for key in keys
                    ),
                    sql.Identifier("who"),
                    *map(sql.Identifier, columns),
                ]
            )
        )
        for total in ((), *totals)
    ]
    return sql.SQL("SELECT * FROM (WITH source AS ({}) {}) AS more").format(source, sql.SQL(" UNION ALL ").join(kinds))


def _read(
    connection: psycopg.Connection,
    rows: sql.Composable,
    wanted: sql.Composable,
    keys: Sequence[str],
    names: Sequence[str],
    *,
    second: bool = False,
) -> Iterator[tuple[Key, int, dict[str, Parts]]]:
    """Count the firms per key: keys, all firms, and the parts of each amount.

    Args:
        second: the second greatest amounts, too, for which those of all firms are sorted.
    """
    sorted_amounts = sql.SQL("COALESCE((array_agg(abs({name}) ORDER BY abs({name}) DESC))[2], 0)::float8")
    counted = [
        sql.SQL(
            "COUNT(*) FILTER (WHERE abs({name}) > 1e-9), COALESCE(MAX(abs({name})), 0)::float8, COALESCE(SUM({name}), 0)::float8, {second}"
        ).format(
            name=sql.Identifier(name),
            second=sorted_amounts.format(name=sql.Identifier(name)) if second else sql.SQL("0::float8"),
        )
        for name in names
    ]
    statement = sql.SQL("SELECT {keys}, COUNT(*), {counted} FROM ({rows}) AS firm {wanted} GROUP BY {keys}").format(
        keys=_list(keys), counted=_comma(counted), rows=rows, wanted=wanted
    )
    for row in connection.execute(statement):
        key, n_firms, rest = row[: len(keys)], row[len(keys)], row[len(keys) + 1 :]
        yield key, n_firms, {name: Parts(*rest[4 * place : 4 * place + 4]) for place, name in enumerate(names)}


def firm_column(fact: Fact) -> str:
    """The column that names whose amount a row of a fact is; empty where none does."""
    return next((name for name in FIRM_COLUMNS if name in fact.columns), "")


def _list(names: Iterable[str]) -> sql.Composed:
    return _comma(map(sql.Identifier, names))


def _comma(items: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(items)
