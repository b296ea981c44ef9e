"""Doubts from contradictions between reports: the check says what the line would hold if the other side is right (`otherwise`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from psycopg import sql

from fugong.core.bilingual import Bilingual
from fugong.doubts.doubt import Cell, Change, Doubt, Kind, Line, Reading
from fugong.figures.cross_checks import Contradiction
from fugong.figures.evaluate import Evaluator
from fugong.marts.model import OtherReading


def contradiction_doubts(
    evaluator: Evaluator, contradictions: Iterable[Contradiction]
) -> Iterator[tuple[Contradiction, Doubt | None]]:
    """Each contradiction with the doubt that it raises; None where it does not say what the line would hold instead."""
    tables = _tables_of_parts(evaluator)
    for one in contradictions:
        table = tables.get(one.part_id) if one.part_id is not None else None
        if one.check.otherwise is None or table is None or one.part_id is None or one.row_number is None:
            yield one, None
            continue
        line = Line(table, one.part_id, one.sheet or "", one.row_number)
        yield one, _doubt(evaluator, one, one.check.otherwise, line)


def _doubt(evaluator: Evaluator, one: Contradiction, otherwise: OtherReading, line: Line) -> Doubt | None:
    why = Bilingual(one.text("zh"), one.text("en"))
    if otherwise.is_absent:
        return Doubt(line, "", Reading(Kind.CONTRADICTION, one.check.id, Change.ABSENT, {}, why))
    table = evaluator.moment.contracts.tables[line.table]
    column = otherwise.column
    if otherwise.column_of:
        header = one.details.get(otherwise.column_of)
        column = next((mine.name for mine in table.columns if mine.header == header), "")
    if column not in table.by_name:
        return None
    value = _value(evaluator, one, otherwise, line, column)
    return (
        None
        if value is None
        else Doubt(line, column, Reading(Kind.CONTRADICTION, one.check.id, Change.CELL, {column: value}, why))
    )


def _value(evaluator: Evaluator, one: Contradiction, otherwise: OtherReading, line: Line, column: str) -> Cell:
    if otherwise.constant is not None:
        return _cell(otherwise.constant)
    if otherwise.opposite_of:
        found = one.details.get(otherwise.opposite_of)
        return None if found is None else not found
    found = _cell(one.details.get(otherwise.value))
    if not otherwise.instead_of or not isinstance(found, Decimal):
        return found
    row = evaluator.moment.connection.execute(
        sql.SQL("SELECT {} FROM {} WHERE part_id = %s AND sheet = %s AND row_number = %s").format(
            sql.Identifier(column), sql.Identifier("report", line.table)
        ),
        (line.part_id, line.sheet, line.row_number),
    ).fetchone()
    contradicted = _cell(one.details.get(otherwise.instead_of))
    if row is None or not isinstance(contradicted, Decimal):
        return None
    return Decimal(row[0] or 0) + found - contradicted


def _cell(value: object) -> Cell:
    """A value of JSON as a cell."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    return value if isinstance(value, bool | str | Decimal) else None


def _tables_of_parts(evaluator: Evaluator) -> dict[int, str]:
    return {part: table for table, parts in evaluator.submissions.effective_parts.items() for part in parts}
