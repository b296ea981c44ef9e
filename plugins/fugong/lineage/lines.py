"""The lines behind a figure, a portion at a time: their number and their sum are those of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
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
BLOCK = 4096
"""Lines of a sheet are counted in blocks of so many numbers, so that a portion of a million lines sorts few of them."""


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
class Block:
    """Lines beside each other in one sheet of one submission.

    Attributes:
        places: part, sheet, and number of the lines divided by `BLOCK`; several where a sheet has several parts.
    """

    places: tuple[tuple[int, str, int], ...]
    n_lines: int


@dataclass(frozen=True)
class Source:
    """The lines of one fact behind one part of a figure; `total` is their sum, None where they are no numbers."""

    n_lines: int
    total: Decimal | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Counted:
    """The lines behind a part of a figure, counted."""

    part: str
    sources: tuple[Source, ...]

    @property
    def n_lines(self) -> int:
        """Of all lines."""
        return sum(one.n_lines for one in self.sources)

    @property
    def total(self) -> Decimal | None:
        """The sum of all lines; None where they are no numbers."""
        totals = [one.total for one in self.sources if one.total is not None]
        return sum(totals, Decimal(0)) if self.n_lines and len(totals) == len(self.sources) else None


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


def count_lines(
    connection: psycopg.Connection,
    include: Path,
    figure_id: str,
    as_of: date,
    known_at: datetime | None = None,
    *,
    part: str = "",
) -> Counted:
    """Count the lines behind a part of a figure, in the order of a trace.

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
        sources: list[Source] = []
        for sign, term in _terms(evaluator, definition.terms[part]):
            if isinstance(term, MartCells):
                sources += _count_cells(evaluator, term, sign)
            else:
                values = [line.value for line in parameter_lines(evaluator, term, part)]
                numbers = [value for value in values if isinstance(value, Decimal)]
                total = sign * sum(numbers, Decimal(0)) if len(numbers) == len(values) else None
                sources.append(Source(len(values), total, ()))
        return Counted(part, tuple(sources))


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
    counted: Counted | None = None,
) -> Portion:
    """Some of the lines behind a part of a figure, in the order of a trace.

    Args:
        part: as `count_lines` takes it.
        counted: what that has found at the same moment; whoever pages through many lines has them counted once.

    Raises:
        as `count_lines`.
    """
    counted = counted or count_lines(connection, include, figure_id, as_of, known_at, part=part)
    lines: list[Line] = []
    with open_evaluator(connection, include, as_of, known_at) as evaluator:
        term_of_part = find_definition(evaluator.moment.definitions, figure_id).terms[counted.part]
        left, behind = iter(counted.sources), 0
        for sign, term in _terms(evaluator, term_of_part):
            queries = _queries(evaluator, term) if isinstance(term, MartCells) else [None]
            for query, source in zip(queries, left, strict=False):
                wanted = range(max(first - behind, 0), min(max(first + at_most - behind, 0), source.n_lines))
                behind += source.n_lines
                if not wanted:
                    continue
                if query is None:
                    assert not isinstance(term, MartCells)
                    lines += [*parameter_lines(evaluator, term, counted.part)][wanted.start : wanted.stop]
                else:
                    lines += _read(evaluator, query, source, counted.part, wanted, sign)
    return Portion(counted.part, counted.n_lines, counted.total, first, tuple(lines))


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


def _queries(evaluator: Evaluator, term: MartCells) -> list[SourceRowsQuery]:
    """The queries for the lines behind cells; none where the cells have no value."""
    value = evaluator.value(term)
    return [] if value is None else source_rows(evaluator, term, value)


def _count_cells(evaluator: Evaluator, term: MartCells, sign: int) -> list[Source]:
    is_sum, has_one_line = term.aggregate == "sum", term.aggregate not in {"sum", "list"}
    found: list[Source] = []
    for query in _queries(evaluator, term):
        if has_one_line and any(one.n_lines for one in found):
            found.append(Source(0, None, ()))
            continue
        amount, blocks = _count(evaluator.moment.connection, query, is_sum=is_sum)
        n_lines = sum(block.n_lines for block in blocks)
        found.append(Source(min(n_lines, 1) if has_one_line else n_lines, sign * amount if is_sum else None, blocks))
    total = sum((sign * one.total for one in found if one.total is not None), Decimal(0))
    if is_sum and found and total != evaluator.value(term):
        raise ConfigurationError(
            f"mart.{term.mart}.{term.column}: the lines add up to {plain(total)}, the figure is {evaluator.value(term)}. "
            "The mart sums something else than its header says, or its rows have other keys"
        )
    return found


def _count(connection: psycopg.Connection, source: SourceRowsQuery, *, is_sum: bool) -> tuple[Decimal, tuple[Block, ...]]:
    query = sql.SQL(
        """
        WITH block AS (
            SELECT line.part_id, line.sheet, line.row_number / {size} AS at, COUNT(*) AS n_lines, {total} AS total
            FROM ({rows}) AS line
            GROUP BY line.part_id, line.sheet, at
        )
        SELECT part.report_date, part.submission_id, block.sheet, block.at, part.part_id, block.n_lines, block.total
        FROM block INNER JOIN intake.part AS part ON block.part_id = part.part_id
        ORDER BY part.report_date, part.submission_id, block.sheet, block.at
        """
    ).format(size=sql.Literal(BLOCK), total=sql.SQL("SUM(line.value)" if is_sum else "0"), rows=source.query)
    with source.session_at(connection):
        rows: list[tuple[date, int, str, int, int, int, Decimal]] = connection.execute(query).fetchall()
    blocks: list[Block] = []
    for (_, _, sheet, at), found in groupby(rows, key=lambda row: row[:4]):
        same = [(part, n_lines) for *_, part, n_lines, _ in found]
        blocks.append(Block(tuple((part, sheet, at) for part, _ in same), sum(n_lines for _, n_lines in same)))
    return sum((row[-1] for row in rows), Decimal(0)), tuple(blocks)


def _read(evaluator: Evaluator, query: SourceRowsQuery, source: Source, part: str, wanted: range, sign: int) -> Iterator[Line]:
    """The wanted lines of a source: only the blocks in which they are are sorted."""
    chosen: list[Block] = []
    behind, before = 0, 0
    for block in source.blocks:
        if behind + block.n_lines <= wanted.start:
            before = behind + block.n_lines
        elif behind < wanted.stop:
            chosen.append(block)
        behind += block.n_lines
    places = [place for block in chosen for place in block.places]
    # Materialized: the planner must select the rows before it joins their files.
    statement = sql.SQL(
        """
        WITH line AS MATERIALIZED (
            SELECT line.* FROM ({rows}) AS line
            WHERE line.part_id = ANY({parts}) AND (line.part_id, line.sheet, line.row_number / {size}) IN (VALUES {places})
        )
        SELECT
            part.submission_id, submission.department_code, submission.file_name, line.sheet, line.row_number, line.value, part.part_id
        FROM line
        INNER JOIN intake.part AS part ON line.part_id = part.part_id
        INNER JOIN intake.submission AS submission ON part.submission_id = submission.submission_id
        ORDER BY part.report_date, part.submission_id, line.sheet, line.row_number
        LIMIT {limit} OFFSET {first}
        """
    ).format(
        rows=query.query,
        parts=sql.Literal(sorted({number for number, _, _ in places})),
        size=sql.Literal(BLOCK),
        places=sql.SQL(", ").join(sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, place))) for place in places),
        limit=sql.Literal(len(wanted)),
        first=sql.Literal(wanted.start - before),
    )
    connection = evaluator.moment.connection
    with query.session_at(connection):
        rows = connection.execute(statement).fetchall()
    for number, department, file, sheet, row, value, part_id in rows:
        signed = sign * value if isinstance(value, Decimal) else value
        yield Line(number, department, file, sheet, row, signed, part, part_id, query.column)
