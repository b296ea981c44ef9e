"""Finds the fact rows that a mart cell aggregates, using only the `sums` and `key` entries of the SQL header.

They are the rows with the cell's keys and days whose contribution is not zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import cast

import psycopg
from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.figures.evaluate import Evaluator
from fugong.figures.moment import Moment
from fugong.figures.row_expression import row_expression
from fugong.figures.term import MartCells
from fugong.marts import asof
from fugong.marts.conditions import as_sql, is_none_of, is_one_of
from fugong.marts.firms_behind import firm_column
from fugong.marts.model import Contribution, Fact, Mart


@dataclass(frozen=True)
class SourceRowsQuery:
    """A query for the fact rows behind cells.

    Attributes:
        query: selects `part_id, sheet, row_number, value`; run it within `session_at`.
        days: the days that the fact is asked for; None for all.
        column: of the fact, whose values it selects.
        is_of_table: whether it selects from a table, which holds the same whatever the session asks for.
    """

    query: sql.Composed
    days: Sequence[date] | None
    known_at: datetime | None
    column: str
    is_of_table: bool = False

    def session_at(self, connection: psycopg.Connection) -> AbstractContextManager[None]:
        """Within the block the query selects the rows of its days, as known at its moment."""
        return nullcontext() if self.is_of_table else asof.session_at(connection, self.days, self.known_at)


def source_rows(evaluator: Evaluator, term: MartCells, wanted: object, *, are_kept: bool = False) -> list[SourceRowsQuery]:
    """The queries for the rows behind the cells of a term, one for each fact column that it sums.

    Args:
        wanted: the value of the term. For lists, lowest and highest values the queries select the rows that have it.
        are_kept: whether rows of facts are read once for many terms (`MartSource.kept_rows`), for the evaluator's day or the day before.
    """
    mart = evaluator.moment.files.mart(term.mart)
    return [_query(evaluator, mart, term, source, wanted, are_kept=are_kept) for source in contributions(mart, term)]


Member = tuple[object, ...]
"""The values of some keys."""


def amounts_of_firms(evaluator: Evaluator, term: MartCells, by: Sequence[str] = ()) -> dict[Member, dict[str, Decimal]]:
    """What each firm adds to the sum of a term's cells, for each member of the keys `by`. Rows without a code count as one firm.

    The day is that of the evaluator's moment or the day before.

    Returns:
        Nothing where a fact behind it names no firm, or none of its rows does.
    """
    mart = evaluator.moment.files.mart(term.mart)
    connection = evaluator.moment.connection
    found: dict[Member, dict[str, Decimal]] = {}
    for source in contributions(mart, term):
        fact = evaluator.moment.files.fact(source.fact)
        if not (firm := firm_column(fact)):
            return {}
        days_are, days = _days_of_rows(evaluator, mart, fact, term)
        table = _kept_rows(evaluator, mart, fact, days)
        expressions = [row_expression(mart, term, key) for key in by]
        keys = [
            as_sql(given) if given else sql.SQL("line.{}").format(sql.Identifier(key))
            for given, key in zip(expressions, by, strict=True)
        ]
        query = sql.SQL("SELECT {keys}, {value} FROM {fact} AS line WHERE {conditions} GROUP BY {places}").format(
            keys=sql.SQL(", ").join([*keys, sql.SQL("COALESCE(line.{}, '')").format(sql.Identifier(firm))]),
            value=sql.SQL("SUM({})").format(as_number(evaluator.moment, fact, source.column, contribution(mart, term, source))),
            fact=table or sql.Identifier("fact", fact.name),
            conditions=sql.SQL(" AND ").join([*days_are, *key_conditions(mart, fact, term)]),
            places=sql.SQL(", ").join(sql.Literal(place) for place in range(1, len(by) + 2)),
        )
        with nullcontext() if table else asof.session_at(connection, days, evaluator.moment.known_at):
            for *member, who, amount in connection.execute(query):
                firms = found.setdefault(tuple(member), {})
                firms[who] = firms.get(who, Decimal(0)) + (amount or 0)
    return found if any(who and amount for firms in found.values() for who, amount in firms.items()) else {}


def contributions(mart: Mart, term: MartCells) -> tuple[Contribution, ...]:
    """The fact columns that the cells of a term sum."""
    if term.column in mart.sums:
        return mart.sums[term.column].contributions
    fact = next(iter(mart.sums.values())).contributions[0].fact  # a list of keys: any fact that the cells sum
    return (Contribution(fact, term.column),)


def _query(
    evaluator: Evaluator,
    mart: Mart,
    term: MartCells,
    source: Contribution,
    wanted: object,
    *,
    are_kept: bool,
) -> SourceRowsQuery:
    fact = evaluator.moment.files.fact(source.fact)
    column = contribution(mart, term, source)
    conditions, days = _days_of_rows(evaluator, mart, fact, term)
    conditions += key_conditions(mart, fact, term)
    if term.aggregate == "list":
        value = sql.SQL("{}::text").format(column)
        conditions.append(sql.SQL("{}::text = ANY({})").format(column, sql.Literal(list(cast(tuple[str, ...], wanted)))))
    else:
        value = as_number(evaluator.moment, fact, source.column, column)
        conditions.append(
            sql.SQL("{} <> 0").format(value) if term.aggregate == "sum" else sql.SQL("{} = {}").format(value, sql.Literal(wanted))
        )
    query = sql.SQL("SELECT line.part_id, line.sheet, line.row_number, {value} AS value FROM {fact} AS line WHERE {conditions}")
    table = _kept_rows(evaluator, mart, fact, days) if are_kept else None
    return SourceRowsQuery(
        query.format(value=value, fact=table or sql.Identifier("fact", fact.name), conditions=sql.SQL(" AND ").join(conditions)),
        days,
        evaluator.moment.known_at,
        source.column,
        table is not None,
    )


def _kept_rows(evaluator: Evaluator, mart: Mart, fact: Fact, days: Sequence[date] | None) -> sql.Identifier | None:
    are_of_days = mart.partition_by == "business_date" and "business_date" not in mart.key_expressions
    return evaluator.marts.kept_rows(fact, days, are_of_days=are_of_days)


def contribution(mart: Mart, term: MartCells, source: Contribution) -> sql.Composed:
    """What a fact row (`line`) adds to a column of the mart."""
    if expression := row_expression(mart, term, source.column):
        return as_sql(expression)
    return sql.Composed([sql.SQL("line."), sql.Identifier(source.column)])


def as_number(moment: Moment, fact: Fact, name: str, column: sql.Composable) -> sql.Composed:
    """A contribution as a number: 1 or 0 for a boolean.

    Raises:
        ConfigurationError: the warehouse has no such column.
    """
    kind = moment.every_day.types_of_facts.get((fact.name, name))
    if kind is None:
        raise ConfigurationError(f"{fact.relation} is not in the warehouse with a column {name!r}: run `fugong init`")
    return sql.SQL("{}::integer::numeric" if kind == "boolean" else "{}::numeric").format(column)


def key_conditions(mart: Mart, fact: Fact, term: MartCells) -> list[sql.Composable]:
    """The conditions by which a fact row (`line`) has the keys that the term names.

    Raises:
        ConfigurationError: the fact has no column for a key, and the mart's header has no expression for it.
    """
    found: list[sql.Composable] = []
    for key in (*term.keys, *term.without):
        expression = row_expression(mart, term, key)
        if expression is None and key not in fact.columns:
            raise ConfigurationError(
                f"{mart.relation}: {fact.relation} has no column {key!r}; the head needs it below `key_expressions`"
            )
        of_row = as_sql(expression) if expression else sql.Composed([sql.SQL("line."), sql.Identifier(key)])
        found += [is_one_of(of_row, term.keys[key])] if key in term.keys else []
        found += [is_none_of(of_row, term.without[key])] if key in term.without else []
    return found


def _days_of_rows(
    evaluator: Evaluator, mart: Mart, fact: Fact, term: MartCells
) -> tuple[list[sql.Composable], list[date] | None]:
    """The conditions on the days of fact rows, and the days to ask the fact for (None: all)."""
    day = sql.Literal(evaluator.moment.as_of)
    if mart.partition_by == "as_of":
        if "as_of" in fact.columns:
            return [sql.SQL("line.as_of = {}").format(day)], asof.days_read(mart, [evaluator.moment.as_of])
        return [sql.SQL("line.business_date <= {0} AND line.report_date <= {0}").format(day)], None
    # Ask only for days with cells: a fact reads the parts of the days asked for and no others.
    days = evaluator.days_with_cells(term)
    conditions: list[sql.Composable] = [sql.SQL("{} = ANY({})").format(stale_of_row(mart), sql.Literal(days))]
    if "report_date" in mart.keys:
        conditions.append(sql.SQL("line.report_date <= {}").format(day))
    return conditions, asof.days_read(mart, days)


def stale_of_row(mart: Mart) -> sql.Composed:
    """The mart's day column as a fact row (`line`) yields it."""
    expression = mart.key_expressions.get(mart.partition_by)
    return as_sql(expression) if expression else sql.Composed([sql.SQL("line."), sql.Identifier(mart.partition_by)])
