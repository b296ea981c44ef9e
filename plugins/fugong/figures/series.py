"""Figures over time: their values on every day up to the reader's, from the same marts by the same knowledge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.figures.definition import Definition
from fugong.figures.figure import Reader
from fugong.figures.term import MartCells, Term
from fugong.marts import staleness
from fugong.marts.conditions import is_one_of
from fugong.marts.model import Mart
from fugong.marts.replay import replayed


def series(reading: Reader, definition: Definition, days: Sequence[date]) -> list[Decimal | None]:
    """The figure's value on each of the days; None where there is none.

    To be read before single figures: a stock that has to be replayed is replayed once, for all days.

    Raises:
        ConfigurationError: it is made of something that cannot be followed over time: only sums of stocks and of flows to date can.
    """
    terms = {part: _values(reading, definition, term, days) for part, term in definition.terms.items()}
    if "value" in terms:
        return [terms["value"].get(day) for day in days]
    shares: list[Decimal | None] = []
    for day in days:
        numerator, denominator = terms["numerator"].get(day), terms["denominator"].get(day)
        share = numerator / denominator if numerator is not None and denominator else None
        shares.append(min(share, definition.cap) if share is not None and definition.cap is not None else share)
    return shares


def _values(reading: Reader, definition: Definition, term: Term, days: Sequence[date]) -> Mapping[date, Decimal]:
    if not isinstance(term, MartCells) or term.aggregate != "sum" or term.over != "to_date":
        raise ConfigurationError(f"figure {definition.id}: a chart needs sums of a mart's cells, to date")
    mart = reading.files.mart(term.mart)
    if mart.stale == "as_of":
        return _stocks(reading, mart, term, days)
    if mart.stale == "business_date":
        return _flows(reading, mart, term, days)
    raise ConfigurationError(f"figure {definition.id}: {mart.relation} is kept by month and gives no value for every day")


def _stocks(reading: Reader, mart: Mart, term: MartCells, days: Sequence[date]) -> Mapping[date, Decimal]:
    if mart.name not in reading.tables:
        if _is_fresh(reading, mart, days):
            table = sql.Identifier("mart", mart.name)
        else:
            replay = replayed(reading.connection, mart, [*reading.days, *days], reading.known_at)
            table = reading.open_replays.enter_context(replay)
        reading.tables[mart.name] = dict.fromkeys(reading.days, table)
    conditions = [sql.SQL("as_of = ANY({})").format(sql.Literal(list(days)))]
    conditions += [is_one_of(sql.Identifier(key), values) for key, values in term.keys.items()]
    rows = reading.connection.execute(
        sql.SQL("SELECT as_of, SUM({}) FROM {} WHERE {} GROUP BY as_of").format(
            sql.Identifier(term.column), reading.tables[mart.name][reading.as_of], sql.SQL(" AND ").join(conditions)
        )
    ).fetchall()
    return {day: Decimal(value) for day, value in rows if value is not None}


def _is_fresh(reading: Reader, mart: Mart, days: Sequence[date]) -> bool:
    """Whether the mart's table holds what is known now for every one of the days."""
    if not all(reading.is_fresh(mart, day) for day in reading.days):
        return False
    names, _ = staleness.sources(reading.files.read_by(mart), reading.views)
    if any((name == mart.relation or name in names) and min(stale) <= reading.as_of for name, stale in reading.stale.items()):
        return False
    built = reading.connection.execute(
        "SELECT COUNT(*) FROM audit.mart_day WHERE mart = %s AND day = ANY(%s)", (mart.name, list(days))
    ).fetchone()
    return built == (len(days),)


def _flows(reading: Reader, mart: Mart, term: MartCells, days: Sequence[date]) -> Mapping[date, Decimal]:
    """Flows summed from day to day; one counts from its report date where that is later."""
    counts_from = sql.SQL("GREATEST(business_date, report_date)" if "report_date" in mart.keys else "business_date")
    rows = reading.connection.execute(
        sql.SQL("SELECT {}, SUM({}) FROM {} WHERE {} GROUP BY 1").format(
            counts_from, sql.Identifier(term.column), reading.table(mart), reading.where_cells(term)
        )
    ).fetchall()
    flows = sorted((day, Decimal(value)) for day, value in rows if value is not None)
    found: dict[date, Decimal] = {}
    for day in days:
        so_far = [value for on, value in flows if on <= day]
        if so_far:
            found[day] = sum(so_far, Decimal(0))
    return found
