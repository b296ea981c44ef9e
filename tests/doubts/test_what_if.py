"""What would be printed is what a second file with the cell changed gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from fugong.core.bilingual import Bilingual
from fugong.doubts.doubt import Change, Kind, Line, Reading
from fugong.doubts.what_if import WhatIf
from fugong.figures.evaluate import Evaluated, open_evaluator
from fugong.marts import build
from tests.fixtures.mini_district import Mini, settle

Connection = psycopg.Connection[Any]
AS_OF = date(2020, 3, 18)
MODES = {"work": "snapshot", "lease": "ledger", "loan": "increment"}


@dataclass(frozen=True)
class Cell:
    """A cell to change, the number of its row among those of the largest part of its table, and its new value."""

    table: str
    row: int
    column: str
    value: Any


CELLS = (
    Cell("work", 0, "resumed", False),
    Cell("work", 1, "township", "A"),
    Cell("work", 2, "resumed", True),
    Cell("lease", 0, "relief", Decimal("123456.78")),
    Cell("lease", 0, "ratio", Decimal("0.0123")),
    Cell("loan", 0, "paid", Decimal("99999.99")),
    Cell("loan", 1, "nature", "new"),
    Cell("loan", 0, "paid_date", date(2020, 3, 2)),
    Cell("loan", 1, "paid_date", date(2020, 2, 10)),
)


def reading(change: Change, **cells: Any) -> Reading:
    return Reading(Kind.PROPOSAL, "test", change, cells, Bilingual("", ""))


def largest_part(connection: Connection, table: str) -> int:
    """The effective part of a table with the most rows, the newest of equal ones."""
    query = "SELECT part_id FROM intake.part WHERE table_name = %s AND superseded_at IS NULL ORDER BY rows_accepted DESC, part_id DESC LIMIT 1"
    [(part,)] = connection.execute(query, (table,)).fetchall()
    return part


def rows_of(connection: Connection, table: str, part: int) -> list[tuple[Any, ...]]:
    return connection.execute(f"SELECT * FROM report.{table} WHERE part_id = %s ORDER BY row_number".encode(), (part,)).fetchall()


def line_of(connection: Connection, table: str, row: int) -> Line:
    part = largest_part(connection, table)
    return Line(table, part, *rows_of(connection, table, part)[row][1:3])


def figures(connection: Connection, mini: Mini) -> dict[str, Evaluated]:
    with open_evaluator(connection, mini.include, AS_OF) as evaluator:
        return {one.id: evaluator.evaluate(one) for one in evaluator.moment.definitions.values()}


def what_if(connection: Connection, mini: Mini, line: Line, change: Reading) -> dict[str, Evaluated]:
    """All figures as they would be."""
    with open_evaluator(connection, mini.include, AS_OF) as evaluator:
        asked = WhatIf(evaluator)
        return asked.now | asked.figures([(line, change)])


def send_again(connection: Connection, cell: Cell) -> None:
    """Settle the part once more with the cell changed, in place of the one before."""
    part = largest_part(connection, cell.table)
    names = [one.name for one in connection.execute(f"SELECT * FROM report.{cell.table} LIMIT 0".encode()).description or ()]
    rows = [list(row[3:]) for row in rows_of(connection, cell.table, part)]
    rows[cell.row][names.index(cell.column) - 3] = cell.value
    [(day, department)] = connection.execute("SELECT report_date, unit FROM intake.part WHERE part_id = %s", (part,)).fetchall()
    if MODES[cell.table] == "increment":
        dates = "SELECT 'loan', paid_date, 99 FROM report.loan WHERE part_id = %s ON CONFLICT DO NOTHING"
        connection.execute(f"INSERT INTO intake.stale_day (table_name, day, settled_serial) {dates}".encode(), (part,))
    settle(connection, cell.table, MODES[cell.table], day.isoformat(), rows, "2020-04-02 09:00", department=department)
    connection.execute("UPDATE intake.part SET superseded_at = '2020-04-02 09:00+08' WHERE part_id = %s", (part,))


@pytest.fixture
def built(connection: Connection, mini: Mini) -> Iterator[Connection]:
    build.build(connection, mini.include)
    yield connection


@pytest.mark.parametrize("is_built", [True, False])
def test_the_change_told_is_that_of_a_second_file(connection: Connection, mini: Mini, is_built: bool) -> None:
    if is_built:
        build.build(connection, mini.include)
    before = figures(connection, mini)
    moved: set[str] = set()
    for cell in CELLS:
        told = what_if(
            connection, mini, line_of(connection, cell.table, cell.row), reading(Change.CELL, **{cell.column: cell.value})
        )
        with connection.transaction(force_rollback=True):
            send_again(connection, cell)
            build.build(connection, mini.include)
            assert told == figures(connection, mini), cell
        moved |= {name for name, value in told.items() if value != before[name]}
    assert moved == {"T1", "T2", "T3", "T4", "T5", "T6", "T11", "T12", "T13"}


def test_a_line_can_be_added_or_gone(built: Connection, mini: Mini) -> None:
    line = line_of(built, "work", 0)
    other = Line("work", line.part_id, line.sheet, 99)
    gone = what_if(built, mini, line, reading(Change.ABSENT))
    added = what_if(built, mini, other, reading(Change.ADDED, uscc="91", township="A", resumed=True))
    assert [one["T7"].value for one in (figures(built, mini), gone, added)] == [5, 4, 6]


def test_nothing_is_left_behind(built: Connection, mini: Mini) -> None:
    line = line_of(built, "loan", 0)
    before = (rows_of(built, "loan", line.part_id), figures(built, mini))
    what_if(built, mini, line, reading(Change.CELL, paid=Decimal(1)))
    with pytest.raises(psycopg.errors.NotNullViolation):
        what_if(built, mini, line, reading(Change.CELL, paid_date=None))
    assert (rows_of(built, "loan", line.part_id), figures(built, mini)) == before
    [(n_left,)] = built.execute("SELECT COUNT(*) FROM pg_class WHERE relpersistence = 't'").fetchall()
    assert n_left == 0


def test_a_line_that_is_not_there_is_an_error(built: Connection, mini: Mini) -> None:
    with pytest.raises(LookupError, match=r"report\.work has 0 lines of part 0"):
        what_if(built, mini, Line("work", 0, "表", 4), reading(Change.CELL, resumed=True))
