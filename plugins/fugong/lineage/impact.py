"""Impact: from a submission, or one of its lines, to the mart cells and figures that count it.

It reverses a trace: it takes the fact rows of the submission's parts and computes their keys by the headers of the marts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from fugong.core import time
from fugong.core.bilingual import Bilingual
from fugong.core.errors import NotFoundError
from fugong.figures.definition import cells_behind
from fugong.figures.display import Value, as_json
from fugong.figures.evaluate import Evaluator, open_evaluator
from fugong.figures.source_rows import as_number
from fugong.figures.term import SETTING, MartCells, Parameter
from fugong.marts import asof, replay
from fugong.marts.conditions import as_sql
from fugong.marts.model import Fact, Mart
from fugong.marts.parameters import parameters, with_values


@dataclass(frozen=True)
class TouchedCell:
    """A cell of a mart that counts lines of the submission.

    Attributes:
        day: the cell's own day, business date or first day of its month.
        value: what the lines add to the cell; None in a column that is no sum.
        n_rows: how many lines.
    """

    mart: str
    keys: Mapping[str, Any]
    day: date
    column: str
    value: Decimal | None
    n_rows: int


@dataclass(frozen=True)
class TouchedFigure:
    """A figure that is made of such cells, and the days on which it counts them."""

    id: str
    name: str
    name_zh: str
    days: tuple[date, ...]


@dataclass(frozen=True)
class Impact:
    """The cells and figures that count a submission; none if none of its parts is effective at the moment.

    Attributes:
        n_parts: effective parts of the submission.
        marts: what people call the marts of the cells.
        columns: what the columns of the cells mean, by mart and column.
    """

    submission_id: int
    known_at: datetime | None
    n_parts: int
    cells: tuple[TouchedCell, ...]
    figures: tuple[TouchedFigure, ...]
    marts: Mapping[str, Bilingual] = field(default_factory=dict[str, Bilingual])
    columns: Mapping[tuple[str, str], Bilingual] = field(default_factory=dict[tuple[str, str], Bilingual])

    def to_json(self) -> dict[str, Any]:
        """As `fugong impact --json` prints it."""
        return {
            "submission_id": self.submission_id,
            "known_at": self.known_at.isoformat() if self.known_at else None,
            "cells": [
                {
                    "mart": cell.mart,
                    "keys": {key: _key_json(value) for key, value in cell.keys.items()},
                    "column": cell.column,
                    "value": as_json(cell.value),
                    "n_rows": cell.n_rows,
                }
                for cell in self.cells
            ],
            "figures": [
                {
                    "id": figure.id,
                    "name": figure.name,
                    "name_zh": figure.name_zh,
                    "first_day": figure.days[0].isoformat(),
                    "last_day": figure.days[-1].isoformat(),
                    "days": [day.isoformat() for day in figure.days],
                }
                for figure in self.figures
            ],
        }


def _key_json(value: Value | bool | int | None) -> Any:
    return value if isinstance(value, int) else as_json(value)


@dataclass(frozen=True)
class SubmittedPart:
    """An effective part of the submission."""

    part_id: int
    table: str
    mode: str
    report_date: date
    business_from: date | None
    business_to: date | None


def impact(
    connection: psycopg.Connection,
    include: Path,
    submission_id: int,
    known_at: datetime | None = None,
    *,
    row_number: int | None = None,
) -> Impact:
    """The mart cells and figures that count a submission, or one line of it.

    Raises:
        NotFoundError: there is no such submission.
    """
    if connection.execute("SELECT 1 FROM intake.submission WHERE submission_id = %s", (submission_id,)).fetchone() is None:
        raise NotFoundError(f"没有报送 {submission_id} | No submission {submission_id}")
    with asof.session_at(connection, None, known_at):
        [(first, last)] = connection.execute("SELECT MIN(report_date), MAX(report_date) FROM asof.part").fetchall()
    if first is None:
        return Impact(submission_id, known_at, 0, (), ())
    with open_evaluator(connection, include, last, known_at) as evaluator:
        parts = _parts(evaluator, submission_id)
        horizon = list(time.each_day(first, last))
        cells = list(_cells(evaluator, parts, horizon, row_number))
        marts = {name: evaluator.moment.files.mart(name) for name in dict.fromkeys(cell.mart for cell in cells)}
        return Impact(
            submission_id,
            evaluator.moment.known_at,
            len(parts),
            tuple(cells),
            tuple(_figures(evaluator, cells, horizon)),
            {name: mart.title for name, mart in marts.items()},
            {(cell.mart, cell.column): marts[cell.mart].columns[cell.column] for cell in cells},
        )


def _parts(evaluator: Evaluator, submission_id: int) -> list[SubmittedPart]:
    with asof.session_at(evaluator.moment.connection, None, evaluator.moment.known_at):
        rows = evaluator.moment.connection.execute(
            """
            SELECT part_id, table_name, mode, report_date, business_from, business_to FROM asof.part WHERE submission_id = %s
            ORDER BY part_id
            """,
            (submission_id,),
        ).fetchall()
    return [SubmittedPart(*row) for row in rows]


def _cells(
    evaluator: Evaluator, parts: Sequence[SubmittedPart], horizon: Sequence[date], row_number: int | None
) -> Iterator[TouchedCell]:
    stocks = _days_in_force(evaluator, parts, horizon)
    with ExitStack() as block:
        kept: dict[tuple[str, tuple[date, ...] | None], sql.Identifier] = {}  # several marts read the same rows of a fact
        for mart in evaluator.moment.files.marts:
            for fact_name in dict.fromkeys(source.fact for total in mart.sums.values() for source in total.contributions):
                fact = evaluator.moment.files.fact(fact_name)
                tables = {relation.partition(".")[2] for relation in evaluator.moment.files.read_by(fact)}
                mine = [part for part in parts if part.table in tables]
                if not mine:
                    continue
                days = _days_asked(mart, mine, stocks, horizon)
                asked = fact.name, None if days is None else tuple(days)
                if asked not in kept:
                    moment, called = evaluator.moment, f"rows_{len(kept)}_of"
                    ids = [part.part_id for part in mine]
                    rows = replay.fact_rows(moment.connection, fact, days, moment.known_at, parts=ids, called=called)
                    kept[asked] = block.enter_context(rows)
                yield from _cells_of(evaluator, mart, fact, kept[asked], days, row_number)


def _days_in_force(evaluator: Evaluator, parts: Sequence[SubmittedPart], horizon: Sequence[date]) -> set[date]:
    if all(part.mode == "increment" for part in parts):
        return set()
    with asof.session_at(evaluator.moment.connection, horizon, evaluator.moment.known_at):
        rows = evaluator.moment.connection.execute(
            "SELECT DISTINCT as_of FROM asof.part_in_force WHERE part_id = ANY(%s)", ([part.part_id for part in parts],)
        ).fetchall()
    return {row[0] for row in rows}


def _days_asked(mart: Mart, parts: Sequence[SubmittedPart], stocks: set[date], horizon: Sequence[date]) -> list[date] | None:
    """The days to ask a fact for: those on which the parts can have rows. None for all."""
    increments = [part for part in parts if part.mode == "increment"]
    if mart.partition_by != "as_of":
        if len(increments) < len(parts):
            return None
        spans = [(part.business_from, part.business_to) for part in parts if part.business_from and part.business_to]
        days = {day for first, last in spans for day in time.each_day(first, last)}
        if mart.partition_by == "period":
            return asof.days_read(mart, {time.month_of(day) for day in days})
        return sorted(days)
    reach = {
        part: part.business_to + timedelta(mart.max_lag_days)
        for part in increments
        if mart.max_lag_days is not None and part.business_to
    }
    later = {
        day
        for part in increments
        for day in horizon
        if min(part.business_from or part.report_date, part.report_date) <= day <= reach.get(part, date.max)
    }
    return sorted(stocks | later)


def _cells_of(
    evaluator: Evaluator, mart: Mart, fact: Fact, lines: sql.Identifier, days: list[date] | None, row_number: int | None
) -> Iterator[TouchedCell]:
    """The cells of a mart that count rows of a fact, which the table `lines` holds."""
    named = sorted({name for expression in mart.key_expressions.values() for name in parameters(expression)})
    columns = [
        (column, source.column, total.aggregate)
        for column, total in mart.sums.items()
        for source in total.contributions
        if source.fact == fact.relation
    ]
    for kind in _kinds(evaluator.moment.connection, mart, named):
        keys = [_key(mart, fact, key, kind) for key in mart.keys]
        values = {name: _value(evaluator, mart, fact, name, kind) for _, name, _ in columns}
        selected: list[sql.Composable] = [*keys]
        for _, name, aggregate in columns:
            counts = sql.SQL("{} <> 0" if aggregate == "sum" else "{} IS NOT NULL").format(values[name])
            selected.append(sql.SQL("SUM({})").format(values[name]) if aggregate == "sum" else sql.SQL("NULL::numeric"))
            selected.append(sql.SQL("COUNT(*) FILTER (WHERE {})").format(counts))
        # No cell counts a line without a business date.
        conditions = [sql.SQL("{} IS NOT NULL").format(keys[mart.keys.index(mart.partition_by)])]
        if row_number is not None:
            conditions.append(sql.SQL("line.row_number = {}").format(sql.Literal(row_number)))
        source = sql.SQL("{} AS line").format(lines)
        if mart.partition_by == "as_of" and "as_of" not in fact.columns:
            source = sql.SQL(
                "{} INNER JOIN unnest({}::date[]) AS day (as_of) ON line.business_date <= day.as_of AND line.report_date <= day.as_of"
            ).format(source, sql.Literal(days or []))
        query = sql.SQL("SELECT {} FROM {} WHERE {} GROUP BY {places} ORDER BY {places}").format(
            sql.SQL(", ").join(selected),
            source,
            sql.SQL(" AND ").join(conditions),
            places=sql.SQL(", ").join(sql.SQL(str(place)) for place in range(1, len(keys) + 1)),  # pyright: ignore[reportArgumentType]
        )
        for row in evaluator.moment.connection.execute(query).fetchall():
            cell = dict(zip(mart.keys, row, strict=False))
            summed = row[len(keys) :]
            for place, (column, _, _) in enumerate(columns):
                value, n_rows = summed[2 * place], summed[2 * place + 1]
                if n_rows:
                    yield TouchedCell(mart.name, cell, cell[mart.partition_by], column, value, n_rows)


def _kinds(connection: psycopg.Connection, mart: Mart, named: Sequence[str]) -> list[dict[str, str]]:
    """The kinds of cells that a mart has, such as its dimensions: the values of the keys `named`, as SQL literals."""
    if not named:
        return [{}]
    columns = sql.SQL(", ").join(map(sql.Identifier, named))
    rows = connection.execute(
        sql.SQL("SELECT DISTINCT {} FROM {} ORDER BY {}").format(columns, sql.Identifier("mart", mart.name), columns)
    ).fetchall()
    return [{name: sql.Literal(value).as_string(None) for name, value in zip(named, row, strict=True)} for row in rows]


def _key(mart: Mart, fact: Fact, key: str, kind: Mapping[str, str]) -> sql.Composed:
    if key in mart.key_expressions:
        return as_sql(with_values(mart.key_expressions[key], kind))
    if key == "as_of" and "as_of" not in fact.columns:
        return sql.Composed([sql.SQL("day.as_of")])
    return sql.Composed([sql.SQL("line."), sql.Identifier(key)])


def _value(evaluator: Evaluator, mart: Mart, fact: Fact, name: str, kind: Mapping[str, str]) -> sql.Composed:
    column = (
        as_sql(with_values(mart.key_expressions[name], kind))
        if name in mart.key_expressions
        else sql.Composed([sql.Identifier("line", name)])
    )
    return as_number(evaluator.moment, fact, name, column)


# Figures


def _figures(evaluator: Evaluator, cells: Sequence[TouchedCell], horizon: Sequence[date]) -> Iterator[TouchedFigure]:
    by_mart: dict[str, list[TouchedCell]] = {}
    for cell in cells:
        by_mart.setdefault(cell.mart, []).append(cell)
    for definition in evaluator.moment.definitions.values():
        days: set[date] = set()
        for term in cells_behind(evaluator.moment.definitions, definition):
            mart = evaluator.moment.files.mart(term.mart)
            for cell in by_mart.get(term.mart, ()):
                if (term.aggregate == "list" or cell.column == term.column) and _is_of(cell, term):
                    days.update(_days_of(evaluator, mart, term, cell, horizon))
        if days:
            yield TouchedFigure(definition.id, definition.name, definition.name_zh, tuple(sorted(days)))


def _is_of(cell: TouchedCell, term: MartCells) -> bool:
    return all(cell.keys[key] in values for key, values in term.keys.items()) and all(
        cell.keys[key] not in values for key, values in term.without.items()
    )


def _days_of(evaluator: Evaluator, mart: Mart, term: MartCells, cell: TouchedCell, horizon: Sequence[date]) -> Iterable[date]:
    """The days on which a figure counts the cell."""
    if mart.partition_by == "as_of":
        return [cell.day]
    reported = cell.keys.get("report_date") or date.min
    since = evaluator.parameters.value(Parameter(SETTING, term.since, None, False)) if term.since else None
    first = since if isinstance(since, date) else date.min
    if mart.partition_by == "period":
        first = time.month_of(first) if first > date.min else first
    return [
        day
        for day in horizon
        if reported <= day and cell.day <= day and first <= cell.day and _is_in_window(mart, term.over, cell.day, day)
    ]


def _is_in_window(mart: Mart, over: str, cell_day: date, day: date) -> bool:
    match over:
        case "day":
            return cell_day == (time.month_of(day) if mart.partition_by == "period" else day)
        case "week":
            return cell_day.isocalendar()[:2] == day.isocalendar()[:2]
        case "month":
            return time.month_of(cell_day) == time.month_of(day)
        case _:
            return True
