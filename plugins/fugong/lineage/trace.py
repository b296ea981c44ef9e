"""Trace: from a figure to the lines of the files behind it, using only the headers of the SQL files.

A mart column sums columns of facts (`sums` in the header), so the rows behind it are the fact rows with the same keys, the same days
and a contribution that is not zero. A trace reads them at the figure's moment of knowledge and compares their sum with the figure. A
difference is our fault and raises.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from fugong.core.errors import ConfigurationError, NotFoundError
from fugong.figures.definition import Definition, find_definition
from fugong.figures.display import as_json, plain
from fugong.figures.evaluate import Evaluator, open_evaluator
from fugong.figures.parameters import ParameterRow
from fugong.figures.source_rows import source_rows
from fugong.figures.term import DaysUntil, FigureSum, MartCells, Parameter
from fugong.marts import asof
from fugong.marts.sql_files import load_sound_sql_files

PARAMETER_FILE = "include/reference/policy_param.csv"
REFERENCE = "reference"
"""Stands in the place of a department for a line of our own reference data: a policy parameter."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line behind a figure.

    Attributes:
        submission_id: None for a line of the reference data.
        value: what the line adds to the figure; for names and days the text itself.
        part: `value`, `numerator` or `denominator`.
        part_id: the part of the submission that brought the line.
        column: of the fact that gives the value; the report's own where it has one of this name.
    """

    submission_id: int | None
    department_code: str
    file_name: str
    sheet: str
    row_number: int | None
    value: Decimal | str
    part: str
    part_id: int | None = field(default=None, compare=False)
    column: str = field(default="", compare=False)

    def to_json(self) -> dict[str, Any]:
        """As `fugong trace --json` prints it."""
        return {
            "submission_id": self.submission_id,
            "department_code": self.department_code,
            "file_name": self.file_name,
            "sheet": self.sheet,
            "row_number": self.row_number,
            "value": as_json(self.value),
            "part": self.part,
        }


def trace(
    connection: psycopg.Connection,
    include: Path,
    figure_id: str,
    as_of: date,
    known_at: datetime | None = None,
    *,
    policy_known_at: date | None = None,
) -> list[Line]:
    """The lines behind a figure. Their values add up to the figure; for a rate, to its numerator and to its denominator.

    For a capped figure they add up to the value before the cap. A lowest or highest value has one line, the first with that value.

    Raises:
        NotFoundError: there is no such figure.
        ConfigurationError: the lines do not add up to the figure, so a mart sums something else than its header says.
    """
    with open_evaluator(connection, include, as_of, known_at, policy_known_at) as evaluator:
        definition = find_definition(evaluator.moment.definitions, figure_id)
        if definition.fault is not None:
            raise ConfigurationError(str(definition.fault)) from definition.fault
        return list(lines_behind(evaluator, definition))


def trace_cell(
    connection: psycopg.Connection,
    include: Path,
    mart_name: str,
    keys: Mapping[str, str],
    known_at: datetime | None = None,
    *,
    columns: Sequence[str] = (),
) -> list[Line]:
    """The lines behind one cell of a mart; `Line.part` is the column that a line adds to.

    Args:
        keys: every key of the mart, as text; the empty text stands for null, too.
        columns: the columns to trace; all columns that have lines unless some are given.

    Raises:
        NotFoundError: the mart has other keys or columns, or there is no such cell.
        ConfigurationError: the lines do not add up to the cell.
    """
    mart = load_sound_sql_files(include / "sql").mart(mart_name)
    if set(keys) != set(mart.keys):
        raise NotFoundError(
            f"{mart.relation} 的键是 {', '.join(mart.keys)} | {mart.relation} has the keys {', '.join(mart.keys)}"
        )
    if unknown := [name for name in columns if name not in mart.sums]:
        there = ", ".join(mart.sums)
        raise NotFoundError(
            f"{mart.relation} 没有可溯源的列 {unknown[0]}:{there} | no lines behind {unknown[0]}; there are: {there}"
        )
    try:
        day = date.fromisoformat(keys[mart.partition_by])
    except ValueError as error:
        raise NotFoundError(f"{mart.partition_by}={keys[mart.partition_by]!r} 不是日期 | is not a date") from error
    if mart.partition_by != "as_of":
        with asof.session_at(connection, None, known_at):
            [(last,)] = connection.execute("SELECT MAX(report_date) FROM asof.part").fetchall()
        day = max(day, last or day)
    # PostgreSQL parses the text of a date key.
    wanted = {key: (value,) if value else ("", None) for key, value in keys.items() if key != "as_of"}
    found: list[Line] = []
    with open_evaluator(connection, include, day, known_at) as evaluator:
        n_cells = 0
        for column in columns or mart.sums:
            term = MartCells(mart.name, column, wanted, "to_date", None, mart.sums[column].aggregate, "", None)
            [(n_cells,)] = connection.execute(
                sql.SQL("SELECT COUNT(*) FROM {} WHERE {}").format(evaluator.table(mart), evaluator.where_cells(term))
            ).fetchall()
            if n_cells:
                found += _cell_lines(evaluator, term, column)
        if not n_cells:
            raise NotFoundError(f"{mart.relation} 没有这一格 {dict(keys)} | there is no such cell")
    return found


def lines_behind(evaluator: Evaluator, definition: Definition) -> Iterator[Line]:
    """The lines behind a figure, by an evaluator that is open already.

    Raises:
        ConfigurationError: the lines do not add up to the figure.
    """
    for part, term in definition.terms.items():
        match term:
            case MartCells():
                yield from _cell_lines(evaluator, term, part)
            case Parameter():
                yield from parameter_lines(evaluator, term, part)
            case DaysUntil():
                yield from parameter_lines(evaluator, term.parameter, part)
            case FigureSum():
                for sign, name in term.signed:
                    for line in lines_behind(evaluator, evaluator.moment.definitions[name]):
                        if line.part != term.part:
                            continue
                        value = sign * line.value if isinstance(line.value, Decimal) else line.value
                        yield replace(line, value=value, part=part)
            case _:
                pass


def _cell_lines(evaluator: Evaluator, term: MartCells, part: str) -> Iterator[Line]:
    mart = evaluator.moment.files.mart(term.mart)
    wanted = evaluator.value(term)
    if wanted is None:
        return
    found: list[Line] = []
    for source in source_rows(evaluator, term, wanted):
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
            """
        ).format(rows=source.query)
        with source.session_at(evaluator.moment.connection):
            rows = evaluator.moment.connection.execute(query).fetchall()
        found += [
            Line(number, department, file, sheet, row, value, part, part_id, source.column)
            for number, department, file, sheet, row, value, part_id in rows
        ]
    if term.aggregate == "sum":
        total = sum((line.value for line in found if isinstance(line.value, Decimal)), Decimal(0))
        if total != wanted:
            raise ConfigurationError(
                f"{mart.relation}.{term.column}: the lines add up to {plain(total)}, the figure is {wanted}. "
                "The mart sums something else than its header says, or its rows have other keys"
            )
    elif term.aggregate != "list":
        found = found[:1]
    yield from found


def parameter_lines(evaluator: Evaluator, term: Parameter, part: str) -> Iterator[Line]:
    """The line of the reference data that a policy parameter stands on."""
    row = evaluator.parameters.row(term)
    if row is None:
        return
    found = evaluator.parameters.value(term)
    if isinstance(found, tuple):
        value: Decimal | str = "/".join(str(day) for day in found)
    else:
        value = found if isinstance(found, Decimal) else str(as_json(found) or "")
    yield Line(None, REFERENCE, PARAMETER_FILE, "", _line_of(evaluator.moment.include, term, row), value, part)


def _line_of(include: Path, term: Parameter, row: ParameterRow) -> int | None:
    """The line of the CSV file that a row of `ref.policy_param` came from; None when the file has changed since."""
    file = include / "reference" / Path(PARAMETER_FILE).name
    if not file.exists():
        return None
    valid_from = row.valid_from.isoformat() if row.valid_from else ""
    wanted = (term.policy_id, term.param, row.size_class or "", valid_from, row.known_from.isoformat())
    with file.open(encoding="utf-8", newline="") as lines:
        records = csv.DictReader(lines)
        for record in records:
            found = tuple(record[name] or "" for name in ("policy_id", "param", "size_class", "valid_from", "known_from"))
            if found == wanted:
                return records.line_num
    return None
