"""The sheets of a file as it was sent, a window of rows at a time: read by the reading child, personal data masked, nothing runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path

import psycopg

from fugong.contracts.accepted import accepted_contracts
from fugong.contracts.contract import Table
from fugong.core.cell_address import column_letters
from fugong.core.settings import Settings
from fugong.intake.processor import working_folder
from fugong.parsing.header import locate
from fugong.privacy.detect import mask
from fugong.reading.model import SheetCells
from fugong.reading.reader import Reader
from fugong.storage.archive import archived

ROWS_BEFORE, ROWS_AFTER = 12, 38
MOST_COLUMNS = 60
SCALES = (Decimal(1), Decimal(10_000), Decimal(100_000_000), Decimal(1) / 100)
"""A value in the warehouse may be so many times what stands in the cell: 元 of 万元 and 亿元, a share of a percentage."""


@dataclass(frozen=True)
class Window:
    """Some rows of a sheet.

    Attributes:
        sheets: the names of all sheets.
        columns: the letters over the columns.
        rows: row number from 1 → the cells as typed.
        aim: the row and the columns (from 0) that were asked for.
        refused: why nothing is shown; empty where something is.
    """

    sheets: tuple[str, ...] = ()
    sheet: str = ""
    n_rows: int = 0
    n_columns: int = 0
    columns: tuple[str, ...] = ()
    rows: Mapping[int, Sequence[str]] = field(default_factory=dict[int, Sequence[str]])
    aim: tuple[int, frozenset[int]] | None = None
    refused: str = ""


@dataclass(frozen=True)
class OfColumn:
    """A column of the contract, or the name of another one, and the tables of contracts that stand on the sheet."""

    name: str
    tables: tuple[Table, ...]

    def place(self, sheet: SheetCells) -> int | None:
        """Where the column stands on a sheet, from 0; None where it has no such column."""
        for table in self.tables:
            if self.name in table.by_name and (header := locate(table, sheet.head, sheet.merged)):
                for at, column in header.columns.items():
                    if column.name == self.name:
                        return at
        return None


NO_COLUMN = OfColumn("", ())


def tables_on(connection: psycopg.Connection, submission: int, sheet: str) -> tuple[Table, ...]:
    """The tables that a submission brought on a sheet."""
    rows = connection.execute(
        "SELECT DISTINCT table_name FROM intake.part WHERE submission_id = %s AND sheet = %s ORDER BY table_name",
        (submission, sheet),
    ).fetchall()
    known = accepted_contracts(connection).tables
    return tuple(known[name] for (name,) in rows if name in known)


def window(
    settings: Settings,
    sha256: str | None,
    file_name: str,
    *,
    sheet: str = "",
    row: int | None = None,
    value: str = "",
    of_column: OfColumn = NO_COLUMN,
) -> Window:
    """The rows around one row of a file, or the first rows of it.

    Args:
        sheet: its name; the sheet with the most rows where no sheet has it.
        value: what the row adds to a figure: cells that say it are part of the aim, where it is not known which one it came from.
        of_column: the column that it came from.
    """
    if sha256 is None or not (path := archived(settings, sha256)).is_file():
        return Window(
            refused="原件不在档案里:含个人信息的已封存,过期的已删除,行里的数字仍在库中 | The original is not in the archive: those with personal "
            "data are sealed, old ones are deleted; what was loaded of it is in the warehouse"
        )
    with working_folder(settings) as work, Reader() as reader:
        return _read(reader, path, file_name, work, sheet, row, value, of_column)


def _read(
    reader: Reader, path: Path, file_name: str, work: Path, sheet: str, row: int | None, value: str, of_column: OfColumn
) -> Window:
    reading = reader.read(path, file_name, work)
    if reading.refused:
        return Window(refused=f"{reading.refused.message_zh} | {reading.refused.message_en}")
    filled = [one for one in reading.sheets if one.n_rows]
    if not filled:
        return Window(refused="这份文件没有内容 | There is nothing in this file")
    found = next((one for one in filled if one.name == sheet), None) or max(filled, key=lambda one: one.n_rows)
    first = max((row or 1) - ROWS_BEFORE, 1)
    rows = _rows(found, first, first + ROWS_BEFORE + ROWS_AFTER)
    n_columns = min(found.n_columns, MOST_COLUMNS)
    aim = None
    if row is not None and row in rows:
        came_from = of_column.place(found)
        says = (at for at, cell in enumerate(rows[row][:n_columns]) if _says(cell, value))
        aim = (row, frozenset(says if came_from is None else {came_from}))
    return Window(
        sheets=tuple(one.name for one in filled),
        sheet=found.name,
        n_rows=found.n_rows,
        n_columns=found.n_columns,
        columns=tuple(column_letters(at) for at in range(n_columns)),
        rows={number: [mask(cell or "") for cell in cells[:n_columns]] for number, cells in rows.items()},
        aim=aim,
    )


def _rows(sheet: SheetCells, first: int, behind: int) -> dict[int, list[str | None]]:
    """The rows from `first` to before `behind`, from 1."""
    found: dict[int, list[str | None]] = {}
    at = 1
    for batch in sheet.batches():
        if at + batch.num_rows > first and at < behind:
            part = batch.slice(max(first - at, 0), min(behind - max(first, at), batch.num_rows))
            columns = [column.to_pylist() for column in part.columns]
            found |= {number: list(cells) for number, *cells in islice(zip(*columns, strict=True), behind - first)}
        at += batch.num_rows
        if at >= behind:
            break
    return found


def _says(cell: str | None, value: str) -> bool:
    """Whether a cell says a value, in its unit or in a greater one."""
    if not cell or not value:
        return False
    if cell.strip() == value.strip():
        return True
    try:
        said, wanted = Decimal(cell.replace(",", "").replace("%", "").strip()), Decimal(value)
    except InvalidOperation:
        return False
    return wanted not in {0, 1} and any(abs(said) * scale == abs(wanted) for scale in SCALES)
