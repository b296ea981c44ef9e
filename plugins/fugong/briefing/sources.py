"""Summarises the source rows of a figure: its files with their lines, and the first lines. The server counts and adds up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.figures.definition import Definition
from fugong.figures.display import plain
from fugong.figures.evaluate import Evaluator
from fugong.figures.source_rows import SourceRowsQuery, source_rows
from fugong.figures.term import DaysUntil, FigureSum, MartCells, Parameter
from fugong.lineage.trace import Line, parameter_lines

FIRST_LINES = 5
MAX_SOURCES = 12
SUMMARY = sql.SQL(
    """
    WITH line AS MATERIALIZED ({rows}),
    placed AS (
        SELECT part.report_date, part.submission_id, line.sheet, line.row_number, line.value, part.part_id
        FROM line INNER JOIN intake.part AS part ON line.part_id = part.part_id
    ),
    first_line AS (
        SELECT * FROM placed ORDER BY report_date, submission_id, sheet, row_number LIMIT {n_lines}
    ),
    file AS (
        SELECT MIN(report_date) AS report_date, submission_id, COUNT(*) AS n_lines, {total} AS total FROM placed GROUP BY submission_id
    ),
    told AS (
        SELECT report_date, submission_id, NULL AS sheet, NULL::bigint AS row_number, NULL AS value, NULL::bigint AS part_id, n_lines, total
        FROM file
        UNION ALL
        SELECT report_date, submission_id, sheet, row_number, value::text, part_id, NULL, NULL FROM first_line
    )
    SELECT
        told.submission_id, submission.department_code, submission.file_name, told.sheet, told.row_number, told.value, told.part_id,
        told.n_lines, told.total
    FROM told INNER JOIN intake.submission AS submission ON told.submission_id = submission.submission_id
    ORDER BY told.part_id IS NOT NULL, told.report_date, told.submission_id, told.sheet, told.row_number
    """
)
"""Materialized: the planner must select the rows before it joins their files."""


@dataclass(frozen=True)
class Source:
    """A file behind a figure: the number of its lines, and their sum or None where they are no numbers."""

    department_code: str
    file_name: str
    n_lines: int
    total: Decimal | None


@dataclass(frozen=True)
class SourceSummary:
    """The source rows of one part of a figure: `value`, `numerator` or `denominator`.

    Attributes:
        sources: the files with the most lines.
        n_sources: the number of all files.
        first_lines: the first few lines.
    """

    part: str
    n_lines: int
    total: Decimal | None
    sources: tuple[Source, ...]
    n_sources: int
    first_lines: tuple[Line, ...]


@dataclass(frozen=True)
class _Found:
    """The files of some lines by submission, in the order of their first lines, and the first lines."""

    files: tuple[tuple[int | None, Source], ...]
    first_lines: tuple[Line, ...]

    def negative(self) -> _Found:
        """The same with the sign of the values changed."""
        files = tuple((number, replace(one, total=None if one.total is None else -one.total)) for number, one in self.files)
        lines = (replace(one, value=-one.value if isinstance(one.value, Decimal) else one.value) for one in self.first_lines)
        return _Found(files, tuple(lines))


class Sources:
    """The summaries of the source rows of figures. The lines of cells that several figures are made of are read once."""

    def __init__(self, evaluator: Evaluator) -> None:
        """Read nothing yet."""
        self._evaluator = evaluator
        self._cells: dict[str, _Found] = {}

    def of(self, definition: Definition) -> tuple[SourceSummary, ...]:
        """A summary of each part of a figure that has lines.

        Raises:
            ConfigurationError: the lines do not add up to the figure.
        """
        summaries = (_summary(part, [*self._of_part(definition, part)]) for part in definition.terms)
        return tuple(one for one in summaries if one.n_lines)

    def _of_part(self, definition: Definition, part: str) -> Iterator[_Found]:
        evaluator = self._evaluator
        match definition.terms.get(part):
            case MartCells() as term:
                yield self._of_cells(term)
            case Parameter() as term:
                yield _of_parameter(evaluator, term)
            case DaysUntil() as term:
                yield _of_parameter(evaluator, term.parameter)
            case FigureSum() as term:
                for sign, name in term.signed:
                    for found in self._of_part(evaluator.moment.definitions[name], term.part):
                        yield found if sign > 0 else found.negative()
            case _:
                pass

    def _of_cells(self, term: MartCells) -> _Found:
        if (key := repr(term)) not in self._cells:
            self._cells[key] = self._read_cells(term)
        return self._cells[key]

    def _read_cells(self, term: MartCells) -> _Found:
        wanted = self._evaluator.value(term)
        if wanted is None:
            return _Found((), ())
        files: list[tuple[int | None, Source]] = []
        lines: list[Line] = []
        for query in source_rows(self._evaluator, term, wanted, are_kept=True):
            more = self._read(term, query)
            files, lines = [*files, *more.files], [*lines, *more.first_lines]
        if term.aggregate == "sum":
            total = sum((one.total for _, one in files if one.total is not None), Decimal(0))
            if total != wanted:
                raise ConfigurationError(
                    f"mart.{term.mart}.{term.column}: the lines add up to {plain(total)}, the figure is {wanted}. "
                    "The mart sums something else than its header says, or its rows have other keys"
                )
        elif term.aggregate != "list" and lines:  # the first line that has the lowest or highest value stands for all
            first = lines[0]
            total = first.value if isinstance(first.value, Decimal) else None
            return _Found(((first.submission_id, Source(first.department_code, first.file_name, 1, total)),), (first,))
        return _Found(tuple(files), tuple(lines[:FIRST_LINES]))

    def _read(self, term: MartCells, source: SourceRowsQuery) -> _Found:
        is_text = term.aggregate == "list"
        query = SUMMARY.format(
            rows=source.query,
            n_lines=sql.Literal(FIRST_LINES),
            total=sql.SQL("NULL::numeric" if is_text else "SUM(value)"),
        )
        connection = self._evaluator.moment.connection
        with source.session_at(connection):
            rows = connection.execute(query).fetchall()
        files: list[tuple[int | None, Source]] = []
        lines: list[Line] = []
        for number, department, file, sheet, row, value, part_id, n_lines, total in rows:
            if part_id is None:
                files.append((number, Source(department, file, n_lines, total)))
            else:
                lines.append(Line(number, department, file, sheet, row, value if is_text else Decimal(value), "", part_id))
        return _Found(tuple(files), tuple(lines))


def _of_parameter(evaluator: Evaluator, term: Parameter) -> _Found:
    lines = tuple(parameter_lines(evaluator, term, ""))
    values = [(one, one.value if isinstance(one.value, Decimal) else None) for one in lines]
    files = tuple((one.submission_id, Source(one.department_code, one.file_name, 1, value)) for one, value in values)
    return _Found(files, lines)


def _summary(part: str, found: list[_Found]) -> SourceSummary:
    files: dict[tuple[int | None, str, str], Source] = {}
    for number, one in (each for some in found for each in some.files):
        key = number, one.department_code, one.file_name
        before = files.get(key)
        files[key] = one if before is None else replace(one, n_lines=before.n_lines + one.n_lines, total=_sum([before, one]))
    sources = sorted(files.values(), key=lambda source: -source.n_lines)
    lines = [replace(line, part=part) for some in found for line in some.first_lines][:FIRST_LINES]
    return SourceSummary(
        part,
        sum(one.n_lines for one in sources),
        _sum(sources),
        tuple(sources[:MAX_SOURCES]),
        len(sources),
        tuple(lines),
    )


def _sum(sources: list[Source]) -> Decimal | None:
    totals = [one.total for one in sources if one.total is not None]
    return sum(totals, Decimal(0)) if len(totals) == len(sources) else None
