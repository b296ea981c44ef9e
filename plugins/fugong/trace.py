"""Trace: from a figure to the lines of the files it was made of, by the heads of the SQL files alone.

A mart column sums columns of facts (`-- sums`), so the rows behind it are the fact rows with the same keys, the same days and
a contribution that is not zero. They are read from the facts at the figure's moment of knowledge, and their sum is compared
with the figure: a difference is our fault and raises.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from fugong import marts
from fugong.definition import Definition, find_definition, row_condition, row_expression
from fugong.display import as_json, plain
from fugong.figures import Reader, is_one_of, reader
from fugong.rule import ContractFault
from fugong.sql_file import Contribution, Fact, Mart
from fugong.term import Cells, DaysUntil, Others, Parameter

PARAMETER_FILE = "include/reference/policy_param.csv"
RULES = "reference"
"""Stands in the place of a department where the line is one of ours: a policy parameter."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line behind a figure.

    Attributes:
        submission_id: None for a line of the reference data.
        value: what the line adds; for names and days the text itself.
        part: `value`, `numerator` or `denominator`.
    """

    submission_id: int | None
    department_code: str
    file_name: str
    sheet: str
    row_number: int | None
    value: Decimal | str
    part: str

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
    """The lines behind a figure; their values add up to it, of a rate to its numerator and its denominator.

    Of a capped figure they add up to what it was before. Of a lowest or highest value there is one line, the first that has it.

    Raises:
        LookupError: there is no such figure.
        ContractFault: the lines do not add up to the figure: a mart sums something else than its head says.
    """
    with reader(connection, include, as_of, known_at, policy_known_at) as reading:
        definition = find_definition(reading.definitions, figure_id)
        return list(_lines(reading, definition))


def _lines(reading: Reader, definition: Definition) -> Iterator[Line]:
    for part, term in definition.terms.items():
        match term:
            case Cells():
                yield from _cell_lines(reading, term, part)
            case Parameter():
                yield from _parameter_lines(reading, term, part)
            case DaysUntil():
                yield from _parameter_lines(reading, term.parameter, part)
            case Others():
                for sign, name in term.signed:
                    for line in _lines(reading, reading.definitions[name]):
                        if line.part != term.part:
                            continue
                        value = sign * line.value if isinstance(line.value, Decimal) else line.value
                        yield replace(line, value=value, part=part)
            case _:
                pass


def _cell_lines(reading: Reader, term: Cells, part: str) -> Iterator[Line]:
    mart = reading.files.mart(term.mart)
    wanted = reading.value(term)
    if wanted is None:
        return
    found: list[Line] = []
    for source in _contributions(mart, term):
        found += _fact_lines(reading, mart, term, source, part, wanted)
    if term.aggregate == "sum":
        total = sum((line.value for line in found if isinstance(line.value, Decimal)), Decimal(0))
        if total != wanted:
            raise ContractFault(
                f"{mart.relation}.{term.column}: the lines add up to {plain(total)}, the figure is {wanted}. "
                "The mart sums something else than its head says, or its rows have other keys"
            )
    elif term.aggregate != "list":
        found = found[:1]
    yield from found


def _contributions(mart: Mart, term: Cells) -> tuple[Contribution, ...]:
    if term.column in mart.sums:
        return mart.sums[term.column].contributions
    fact = next(iter(mart.sums.values())).contributions[0].fact  # a list of keys: whichever fact the cells are made of
    return (Contribution(fact, term.column),)


def _fact_lines(reading: Reader, mart: Mart, term: Cells, source: Contribution, part: str, wanted: object) -> Iterator[Line]:
    fact = reading.files.fact(source.fact)
    column = sql.Composed([sql.SQL("line."), sql.Identifier(source.column)])
    if expression := row_expression(mart, term, source.column):
        column = _expression(expression)
    conditions, days = _days_of_rows(reading, mart, fact, term)
    for key, expression in row_condition(mart, term).items():
        if expression is None and key not in fact.columns:
            raise ContractFault(
                f"{mart.relation}: {fact.relation} has no column {key!r}; the head needs a line `-- key  {key} = <expression>`"
            )
        of_row = _expression(expression) if expression else sql.Composed([sql.SQL("line."), sql.Identifier(key)])
        conditions.append(is_one_of(of_row, term.keys[key]))
    if term.aggregate == "list":
        value = sql.SQL("{}::text").format(column)
        conditions.append(sql.SQL("{}::text = ANY({})").format(column, sql.Literal(list(cast(tuple[str, ...], wanted)))))
    else:
        is_boolean = _type_of(reading.connection, fact, source.column) == "boolean"
        value = sql.SQL("{}::integer::numeric" if is_boolean else "{}::numeric").format(column)
        conditions.append(
            sql.SQL("{} <> 0").format(value) if term.aggregate == "sum" else sql.SQL("{} = {}").format(value, sql.Literal(wanted))
        )
    # The rows first, then their files: the planner must not begin with the files.
    query = sql.SQL(
        """
        WITH line AS MATERIALIZED (
            SELECT line.part_id, line.sheet, line.row_number, {value} AS value FROM {fact} AS line WHERE {conditions}
        )
        SELECT part.submission_id, submission.department_code, submission.file_name, line.sheet, line.row_number, line.value
        FROM line
        INNER JOIN intake.part AS part ON line.part_id = part.part_id
        INNER JOIN intake.submission AS submission ON part.submission_id = submission.submission_id
        ORDER BY part.report_date, part.submission_id, line.sheet, line.row_number
        """
    ).format(value=value, fact=sql.Identifier("fact", fact.name), conditions=sql.SQL(" AND ").join(conditions))
    with marts.asked_for(reading.connection, days, reading.known_at):
        rows = reading.connection.execute(query).fetchall()
    for submission_id, department_code, file_name, sheet, row_number, found in rows:
        yield Line(submission_id, department_code, file_name, sheet, row_number, found, part)


def _days_of_rows(reading: Reader, mart: Mart, fact: Fact, term: Cells) -> tuple[list[sql.Composable], list[date] | None]:
    """The condition on the days of fact rows, and the days to ask the fact for (None: all)."""
    day = sql.Literal(reading.as_of)
    if mart.stale == "as_of":
        if "as_of" in fact.columns:
            return [sql.SQL("line.as_of = {}").format(day)], [reading.as_of]
        return [sql.SQL("line.business_date <= {0} AND line.report_date <= {0}").format(day)], None
    # Only the days whose cells are not empty: a fact resolves the parts of the days asked for, and reads no others.
    rows = reading.connection.execute(
        sql.SQL("SELECT DISTINCT {stale} FROM {table} WHERE {cells} AND {column} IS NOT NULL").format(
            stale=sql.Identifier(mart.stale),
            table=reading.table(term),
            cells=reading.where_cells(term),
            column=sql.Identifier(term.column),
        )
    ).fetchall()
    days = [row[0] for row in rows]
    expression = mart.key_of_row.get(mart.stale)
    of_row = _expression(expression) if expression else sql.Composed([sql.SQL("line."), sql.Identifier(mart.stale)])
    conditions: list[sql.Composable] = [sql.SQL("{} = ANY({})").format(of_row, sql.Literal(days))]
    if "report_date" in mart.keys:
        conditions.append(sql.SQL("line.report_date <= {}").format(day))
    return conditions, marts.spanned(mart, days)


def _expression(text: str) -> sql.Composed:
    return sql.Composed([sql.SQL(cast(LiteralString, f"({text})"))])


def _type_of(connection: psycopg.Connection, fact: Fact, column: str) -> str:
    row = connection.execute(
        "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = %s",
        (fact.relation, column),
    ).fetchone()
    if row is None:
        raise ContractFault(f"{fact.relation} is not in the warehouse with a column {column!r}: run `fugong init`")
    return row[0]


def _parameter_lines(reading: Reader, term: Parameter, part: str) -> Iterator[Line]:
    row = reading.parameter_row(term)
    if row is None:
        return
    valid_from, size_class, known_from = row[3], row[5], row[6]
    shown = reading.parameter(term)
    if isinstance(shown, tuple):
        value: Decimal | str = "/".join(str(day) for day in shown)
    else:
        value = shown if isinstance(shown, Decimal) else str(as_json(shown) or "")
    yield Line(None, RULES, PARAMETER_FILE, "", _line_of(reading, term, valid_from, size_class, known_from), value, part)


def _line_of(reading: Reader, term: Parameter, valid_from: date | None, size_class: str | None, known_from: date) -> int | None:
    """The line of the CSV file that the row of `ref.policy_param` came from; None when the file has changed since."""
    file = reading.include / "reference" / Path(PARAMETER_FILE).name
    if not file.exists():
        return None
    wanted = (term.policy_id, term.param, size_class or "", valid_from.isoformat() if valid_from else "", known_from.isoformat())
    with file.open(encoding="utf-8", newline="") as lines:
        records = csv.DictReader(lines)
        for record in records:
            found = tuple(record[name] or "" for name in ("policy_id", "param", "size_class", "valid_from", "known_from"))
            if found == wanted:
                return records.line_num
    return None
