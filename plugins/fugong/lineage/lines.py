"""The lines behind a figure, a portion at a time: their number and their sum are those of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
from psycopg import sql

from fugong.core.errors import ConfigurationError, NotFoundError
from fugong.figures.definition import Definition, find_definition
from fugong.figures.display import plain
from fugong.figures.evaluate import Evaluator, open_evaluator
from fugong.figures.source_rows import SourceRowsQuery, source_rows
from fugong.figures.term import DaysUntil, FigureSum, MartCells, Parameter, Term
from fugong.lineage.trace import Line, parameter_lines

PORTION = 50


@dataclass(frozen=True)
class Cells:
    """The cells of a mart that a part of a figure is made of.

    Attributes:
        part: `value`, `numerator` or `denominator`.
        where: key → the values that it has in these cells; keys that are left out take any.
        sign: −1 where the part is less these cells.
    """

    part: str
    sign: int
    mart: str
    column: str
    where: Mapping[str, tuple[object, ...]]
    value: object
    description: str


@dataclass(frozen=True)
class Portion:
    """Some of the lines behind a part of a figure.

    Attributes:
        n_lines: of all lines.
        total: the sum of all lines; None where they are no numbers.
        first: the place of the first of these lines, from 0.
    """

    part: str
    n_lines: int
    total: Decimal | None
    first: int
    lines: tuple[Line, ...]


def parts_of(definition: Definition) -> tuple[str, ...]:
    """The parts of a figure that have lines."""
    return tuple(definition.terms)


def cells_of(evaluator: Evaluator, definition: Definition) -> list[Cells]:
    """The cells that a figure is made of, also through other figures."""
    return [
        Cells(
            part,
            sign,
            term.mart,
            term.column,
            term.keys,
            evaluator.value(term),
            evaluator.moment.files.mart(term.mart).description,
        )
        for part, found in definition.terms.items()
        for sign, term in _terms(evaluator, found)
        if isinstance(term, MartCells)
    ]


def portion_of(
    connection: psycopg.Connection,
    include: Path,
    figure_id: str,
    as_of: date,
    known_at: datetime | None = None,
    *,
    part: str = "",
    first: int = 0,
    at_most: int = PORTION,
) -> Portion:
    """Some of the lines behind a part of a figure, in the order of a trace.

    Args:
        part: `value`, `numerator` or `denominator`; the figure's first one where it is left out.

    Raises:
        NotFoundError: there is no such figure, or it has no such part.
        ConfigurationError: the lines do not add up to the figure, so a mart sums something else than its header says.
    """
    with open_evaluator(connection, include, as_of, known_at) as evaluator:
        definition = find_definition(evaluator.moment.definitions, figure_id)
        part = part or next(iter(definition.terms), "")
        if part not in definition.terms:
            there = ", ".join(definition.terms) or "–"
            raise NotFoundError(f"{definition.id} 没有 {part!r};有:{there} | {definition.id} has no {part!r}; there is: {there}")
        n_lines, total, is_number = 0, Decimal(0), True
        lines: list[Line] = []
        for sign, term in _terms(evaluator, definition.terms[part]):
            wanted = range(max(first - n_lines, 0), max(first + at_most - n_lines, 0))
            if isinstance(term, MartCells):
                for n_found, amount, found in _rows(evaluator, term, part, wanted, sign):
                    n_lines, lines = n_lines + n_found, lines + found
                    wanted = range(max(first - n_lines, 0), max(first + at_most - n_lines, 0))
                    if amount is None:
                        is_number = False
                    else:
                        total += sign * amount
            else:
                found = list(parameter_lines(evaluator, term, part))
                lines += found[wanted.start : wanted.stop]
                n_lines += len(found)
                for line in found:
                    if isinstance(line.value, Decimal):
                        total += sign * line.value
                    else:
                        is_number = False
        return Portion(part, n_lines, total if is_number and n_lines else None, first, tuple(lines))


def _terms(evaluator: Evaluator, term: Term) -> Iterator[tuple[int, MartCells | Parameter]]:
    match term:
        case MartCells() | Parameter():
            yield 1, term
        case DaysUntil():
            yield 1, term.parameter
        case FigureSum():
            for sign, name in term.signed:
                inner = evaluator.moment.definitions[name].terms.get(term.part)
                if inner is not None:
                    yield from ((sign * own, one) for own, one in _terms(evaluator, inner))
        case _:
            pass


def _rows(
    evaluator: Evaluator, term: MartCells, part: str, wanted: range, sign: int
) -> Iterator[tuple[int, Decimal | None, list[Line]]]:
    """For each fact behind the cells: the number of its lines, their sum, and those that are wanted."""
    value = evaluator.value(term)
    if value is None:
        return
    total, is_sum = Decimal(0), term.aggregate == "sum"
    for source in source_rows(evaluator, term, value):
        n_lines, amount, lines = _of_source(evaluator, source, part, wanted, sign, is_sum=is_sum)
        if not is_sum and term.aggregate != "list":
            n_lines, lines = min(n_lines, 1), lines[:1]
        total += amount or 0
        yield n_lines, amount, lines
        if not is_sum and term.aggregate != "list" and n_lines:
            return
        wanted = range(max(wanted.start - n_lines, 0), max(wanted.stop - n_lines, 0))
    if is_sum and total != value:
        raise ConfigurationError(
            f"mart.{term.mart}.{term.column}: the lines add up to {plain(total)}, the figure is {value}. "
            "The mart sums something else than its header says, or its rows have other keys"
        )


def _of_source(
    evaluator: Evaluator, source: SourceRowsQuery, part: str, wanted: range, sign: int, *, is_sum: bool
) -> tuple[int, Decimal | None, list[Line]]:
    connection = evaluator.moment.connection
    with source.session_at(connection):
        counted = sql.SQL("SELECT COUNT(*), {total} FROM ({rows}) AS line").format(
            total=sql.SQL("COALESCE(SUM(line.value), 0)") if is_sum else sql.SQL("NULL"), rows=source.query
        )
        [(n_lines, amount)] = connection.execute(counted).fetchall()
        if not len(wanted) or wanted.start >= n_lines:
            return n_lines, amount, []
        # Materialized: the planner must select the rows before it joins their files.
        query = sql.SQL(
            """
            WITH line AS MATERIALIZED ({rows})
            SELECT
                part.submission_id, submission.department_code, submission.file_name, line.sheet, line.row_number, line.value,
                part.part_id
            FROM line
            INNER JOIN intake.part AS part ON line.part_id = part.part_id
            INNER JOIN intake.submission AS submission ON part.submission_id = submission.submission_id
            ORDER BY part.report_date, part.submission_id, line.sheet, line.row_number
            LIMIT {limit} OFFSET {first}
            """
        ).format(rows=source.query, limit=sql.Literal(len(wanted)), first=sql.Literal(wanted.start))
        rows = connection.execute(query).fetchall()
    lines = [
        Line(number, department, file, sheet, row, sign * value if isinstance(value, Decimal) else value, part, part_id)
        for number, department, file, sheet, row, value, part_id in rows
    ]
    return n_lines, amount, lines
