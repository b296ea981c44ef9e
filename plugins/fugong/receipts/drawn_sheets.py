"""The sender's sheets as a page draws them: bounded, masked like the receipt's workbook, each cell with what was found about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Contract
from fugong.core.cell_address import cell_address
from fugong.core.sanitize import one_line
from fugong.core.vocabulary import Lang
from fugong.reading.model import SheetCells
from fugong.receipts.annotated_sheets import Place, contacts_of, locate_table, marks_of, names
from fugong.receipts.returned import kind_of
from fugong.receipts.styles import Mark, safe_text

MAX_ROWS = 200
"""Rows from the first on; beyond them only rows with a mark, as many again at most."""
MAX_COLUMNS = 80
MAX_TEXT = 200
MAX_SHEETS = 12


@dataclass(frozen=True)
class DrawnCell:
    """A cell.

    Attributes:
        address: such as `F45`.
        mark: what was found about it; None where nothing was.
        rows, columns: how many it covers.
    """

    address: str
    text: str
    is_number: bool
    is_header: bool
    mark: Mark | None = None
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class DrawnRow:
    """A line of a sheet, by its number; `skipped` lines before it are left out."""

    number: int
    cells: Sequence[DrawnCell]
    is_hidden: bool
    skipped: int = 0


@dataclass
class DrawnSheet:
    """A sheet.

    Attributes:
        letters: of the columns drawn.
        n_left_out: lines that are not drawn.
    """

    name: str
    letters: Sequence[str]
    rows: list[DrawnRow] = field(default_factory=list[DrawnRow])
    n_rows: int = 0
    n_columns: int = 0

    @property
    def n_left_out(self) -> int:
        """Lines that are not drawn."""
        return self.n_rows - len(self.rows)


def draw(
    connection: psycopg.Connection[Any],
    contract: Contract | None,
    code_lists: Mapping[str, CodeList],
    submission_id: int,
    sheets: Sequence[SheetCells],
    lang: Lang,
    *,
    schema: str = "intake",
) -> list[DrawnSheet]:
    """Draw the sheets of a submission that are not blank.

    Args:
        schema: `sent` for the role of a department.
    """
    tables = contract.tables if contract else ()
    out: list[DrawnSheet] = []
    for sheet, _ in list(names(sheets))[:MAX_SHEETS]:
        marks = marks_of(connection, submission_id, sheet.name, tables, code_lists, schema=schema, lang=lang)
        contacts = contacts_of(connection, submission_id, sheet.name, schema=schema)
        located = locate_table(tables, sheet)
        kinds = {at: kind_of(located[0], column) for at, column in located[1].columns.items()} if located else {}
        header = range(located[1].first_row, located[1].last_row + 1) if located else range(0)
        n_columns = min(sheet.n_columns, MAX_COLUMNS)
        wanted = set(sorted({row for row, _ in marks if row >= MAX_ROWS})[:MAX_ROWS])
        drawn = DrawnSheet(
            sheet.name, [cell_address(at, 1)[:-1] for at in range(n_columns)], n_rows=sheet.n_rows, n_columns=sheet.n_columns
        )
        spans, covered = _spans(sheet, n_columns)
        hidden = set(sheet.hidden_rows)
        last = -1
        for row, texts in _rows(sheet, wanted):
            cells = [
                _cell(row, at, texts[at], marks, kinds, contacts, spans, is_header=row in header)
                for at in range(n_columns)
                if (row, at) not in covered
            ]
            drawn.rows.append(DrawnRow(row + 1, cells, row in hidden, row - last - 1))
            last = row
        out.append(drawn)
    return out


def _cell(
    row: int,
    at: int,
    raw: str | None,
    marks: Mapping[Place, Mark],
    kinds: Mapping[int, str],
    contacts: frozenset[Place],
    spans: Mapping[Place, tuple[int, int]],
    *,
    is_header: bool,
) -> DrawnCell:
    kind = "text" if (row, at) in contacts or is_header else kinds.get(at, "any")
    text = safe_text(raw, is_code=kind == "code")[0] if raw else ""
    text = one_line(text) if "\n" not in text else text
    rows, columns = spans.get((row, at), (1, 1))
    return DrawnCell(
        cell_address(at, row + 1),
        text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "……",
        kind == "number",
        is_header,
        marks.get((row, at)),
        rows,
        columns,
    )


def _spans(sheet: SheetCells, n_columns: int) -> tuple[dict[Place, tuple[int, int]], set[Place]]:
    """How far merged cells reach, and the cells that they cover, within the lines that are drawn one after the other."""
    spans: dict[Place, tuple[int, int]] = {}
    covered: set[Place] = set()
    for top, left, bottom, right in sheet.merged:
        right = min(right, n_columns - 1)
        if bottom >= min(MAX_ROWS, sheet.n_rows) or left >= n_columns or (bottom == top and right == left):
            continue
        places = {(row, at) for row in range(top, bottom + 1) for at in range(left, right + 1)}
        if not places & (covered | spans.keys()):
            spans[top, left] = (bottom - top + 1, right - left + 1)
            covered |= places - {(top, left)}
    return spans, covered


def _rows(sheet: SheetCells, wanted: set[int]) -> Iterator[tuple[int, Sequence[str | None]]]:
    """The lines that are drawn, from 0, each with its texts."""
    last = max(wanted, default=-1)
    start = 0
    for batch in sheet.batches():
        lines = [row for row in range(start, start + batch.num_rows) if row < MAX_ROWS or row in wanted]
        for row in lines:
            yield row, [column[row - start].as_py() for column in batch.columns[1:]]
        start += batch.num_rows
        if start >= MAX_ROWS and start > last:
            return
