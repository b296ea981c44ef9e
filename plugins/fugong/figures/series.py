"""Figures over time: their values on many days, all at the evaluator's moment of knowledge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.figures.definition import Definition
from fugong.figures.evaluate import Evaluator
from fugong.figures.term import MartCells, Term
from fugong.marts.conditions import is_none_of, is_one_of
from fugong.marts.execute import rows_of
from fugong.marts.model import Mart


def series(evaluator: Evaluator, definition: Definition, days: Sequence[date]) -> list[Decimal | None]:
    """The figure's value on each of the days; None for a day for which nothing is known, and for one without cells.

    Ask for it before single figures: a stock that has to be replayed is replayed once, for all days.

    Raises:
        ConfigurationError: the figure is no sum of stocks or of flows to date. Only such sums can be followed over time.
    """
    if definition.fault is not None:
        return [None] * len(days)
    known = _known(evaluator, definition, days)
    computed = _computed(evaluator, definition, days)
    return [value if is_known else None for is_known, value in zip(known, computed, strict=True)]


def _known(evaluator: Evaluator, definition: Definition, days: Sequence[date]) -> list[bool]:
    """Whether anything was reported for each of the days that the figure could be made of."""
    if definition.coverage is not None:
        reported, expected = (_values(evaluator, definition, term, days) for term in definition.coverage)
        return [bool(reported.get(day)) and bool(expected.get(day)) for day in days]
    terms = [term for term in definition.terms.values() if isinstance(term, MartCells)]
    return [not any(evaluator.on(day).silent(term) for term in terms) for day in days]


def _computed(evaluator: Evaluator, definition: Definition, days: Sequence[date]) -> list[Decimal | None]:
    terms = {part: _values(evaluator, definition, term, days) for part, term in definition.terms.items()}
    if "value" in terms:
        return [terms["value"].get(day) for day in days]
    shares: list[Decimal | None] = []
    for day in days:
        numerator, denominator = terms["numerator"].get(day), terms["denominator"].get(day)
        share = numerator / denominator if numerator is not None and denominator else None
        shares.append(min(share, definition.cap) if share is not None and definition.cap is not None else share)
    return shares


def _values(evaluator: Evaluator, definition: Definition, term: Term, days: Sequence[date]) -> Mapping[date, Decimal]:
    if not isinstance(term, MartCells) or term.aggregate != "sum" or term.over != "to_date":
        raise ConfigurationError(f"figure {definition.id}: a chart needs sums of a mart's cells, to date")
    mart = evaluator.moment.files.mart(term.mart)
    if mart.partition_by == "as_of":
        return _stocks(evaluator, mart, term, days)
    if mart.partition_by == "business_date":
        return _flows(evaluator, mart, term, days)
    raise ConfigurationError(f"figure {definition.id}: {mart.relation} is kept by month and gives no value for every day")


def _stocks(evaluator: Evaluator, mart: Mart, term: MartCells, days: Sequence[date]) -> Mapping[date, Decimal]:
    conditions = [sql.SQL("as_of = ANY({})").format(sql.Literal(list(days)))]
    conditions += [is_one_of(sql.Identifier(key), values) for key, values in term.keys.items()]
    conditions += [is_none_of(sql.Identifier(key), values) for key, values in term.without.items()]
    query = sql.SQL("SELECT as_of, SUM({}) FROM {} WHERE {} GROUP BY as_of").format(
        sql.Identifier(term.column), evaluator.marts.replay_for(mart, days), sql.SQL(" AND ").join(conditions)
    )
    rows = rows_of(evaluator.moment.connection, query, f"{mart.relation}.{term.column}")
    return {day: Decimal(value) for day, value in rows if value is not None}


def _flows(evaluator: Evaluator, mart: Mart, term: MartCells, days: Sequence[date]) -> Mapping[date, Decimal]:
    """Running sums of flows. A flow counts from its report date where that is later than its business date."""
    counts_from = sql.SQL("GREATEST(business_date, report_date)" if "report_date" in mart.keys else "business_date")
    query = sql.SQL("SELECT {}, SUM({}) FROM {} WHERE {} GROUP BY 1").format(
        counts_from, sql.Identifier(term.column), evaluator.table(mart), evaluator.where_cells(term)
    )
    rows = rows_of(evaluator.moment.connection, query, f"{mart.relation}.{term.column}")
    flows = sorted((day, Decimal(value)) for day, value in rows if value is not None)
    found: dict[date, Decimal] = {}
    for day in days:
        so_far = [value for on, value in flows if on <= day]
        if so_far:
            found[day] = sum(so_far, Decimal(0))
    return found
