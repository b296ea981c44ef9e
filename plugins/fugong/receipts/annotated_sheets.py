"""Writes the sender's own sheets into a receipt's workbook: every cell stands where it was sent, faulty cells are marked.

The sheets are written anew from the text of the archived file, so formulas, macros, links and pictures are not in them
(docs/decisions/0032).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import xlsxwriter
from psycopg import sql
from xlsxwriter.worksheet import Worksheet

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Contract, Table
from fugong.core.cell_address import ADDRESS, cell_address, parse_cell_address
from fugong.core.sanitize import neutralise, one_line
from fugong.core.typesetting import width
from fugong.core.vocabulary import Lang, ReceiptSheet, Severity
from fugong.parsing.header import Header, locate
from fugong.privacy.detect import mask
from fugong.reading.model import SheetCells
from fugong.receipts.returned import code_columns, example_line, kind_of
from fugong.receipts.styles import (
    BLUE,
    MAX_COMMENTS,
    ROW_HEIGHT,
    Mark,
    Styles,
    for_print,
    sentence_of,
    sheet_name,
    write_cell,
    write_comment,
)

MAX_ROWS = 20_000
MAX_CELLS = 200_000
"""Beyond either limit the sheets are left out: the sender has the file, and the returned rows are listed in any case."""
MAX_WIDTH = 42

Place = tuple[int, int]
"""Row and column, 0-based."""


@dataclass
class _Page:
    """One sheet while it is written.

    Attributes:
        table, header: what was located in the sheet, if anything.
        covered: cells of merged ranges.
        contacts: cells outside the rows of the table with a telephone number, which is masked.
        widths: column → characters.
    """

    cells: SheetCells
    table: Table | None
    header: Header | None
    marks: Mapping[Place, Mark]
    covered: set[Place] = field(default_factory=set[Place])
    contacts: frozenset[Place] = frozenset()
    widths: dict[int, int] = field(default_factory=dict[int, int])


def is_small(sheets: Sequence[SheetCells]) -> bool:
    """Whether the sheets of a file are small enough to be written."""
    return (
        sum(sheet.n_rows for sheet in sheets) <= MAX_ROWS and sum(sheet.n_rows * sheet.n_columns for sheet in sheets) <= MAX_CELLS
    )


def names(sheets: Sequence[SheetCells]) -> Iterator[tuple[SheetCells, str]]:
    """The sheets that are not blank, each with its name in the workbook. The name does not depend on other sheets of ours."""
    taken = {sheet.value for sheet in ReceiptSheet}
    for sheet in sheets:
        if not is_blank(sheet):
            yield sheet, sheet_name(sheet.name or "原表", taken)


def is_blank(sheet: SheetCells) -> bool:
    """Whether a sheet has no filled cell."""
    return not sheet.n_rows or (sheet.n_rows <= len(sheet.head) and not any(cell for row in sheet.head for cell in row))


def write(
    book: xlsxwriter.Workbook,
    styles: Styles,
    connection: psycopg.Connection[Any],
    contract: Contract | None,
    code_lists: Mapping[str, CodeList],
    submission_id: int,
    sheets: Sequence[SheetCells],
) -> None:
    """Write the sheets of a submission's file and mark the cells with findings."""
    tables = contract.tables if contract else ()
    named = list(names(sheets))
    for sheet, name in named:
        located = locate_table(tables, sheet)
        marks = marks_of(connection, submission_id, sheet.name, tables, code_lists)
        page = _Page(sheet, located[0] if located else None, located[1] if located else None, marks)
        page.contacts = contacts_of(connection, submission_id, sheet.name)
        _write_sheet(book.add_worksheet(name), styles, page)


def locate_table(tables: Sequence[Table], sheet: SheetCells) -> tuple[Table, Header] | None:
    """The table that a sheet matches best, and its header; None where it matches none."""
    found = [(table, header) for table in tables if (header := locate(table, sheet.head, sheet.merged))]
    return max(found, key=lambda one: one[1].score, default=None)


def marks_of(
    connection: psycopg.Connection[Any],
    submission_id: int,
    sheet: str,
    tables: Sequence[Table],
    code_lists: Mapping[str, CodeList],
    *,
    schema: str = "intake",
    lang: Lang = Lang.ZH,
) -> dict[Place, Mark]:
    """The marks of a sheet's cells: from the findings, of which a limited number is kept, and from the reasons of returned rows.

    Args:
        schema: `sent` for the role of a department.
    """
    columns = {column.name: column for table in tables for column in table.columns}
    codes = {name for table in tables for name in code_columns(table)}
    out: dict[Place, Mark] = {}
    letters: dict[str, int] = {}

    def add(place: Place, severity: Severity, message: str, name: str | None, *, is_doubtful: bool) -> None:
        mark = out.setdefault(place, Mark(severity))
        mark.add(severity, sentence_of(message, is_code=name in codes, lang=lang), is_doubtful=is_doubtful)

    said = f"message_{lang.value}"
    for row_number, cell, name, severity, message, is_doubtful in connection.execute(
        sql.SQL("""
        SELECT row_number, cell, column_name, severity, {said}, is_doubtful FROM {schema}.finding
        WHERE submission_id = %s AND sheet = %s AND (cell IS NOT NULL OR row_number IS NOT NULL) ORDER BY finding_id
        """).format(schema=sql.Identifier(schema), said=sql.Identifier(said)),
        (submission_id, sheet),
    ).fetchall():
        if cell and ADDRESS.fullmatch(cell):
            column, row = parse_cell_address(cell)
            place = (row - 1, column)
            if name:
                letters[name] = column
        else:
            place = (row_number - 1, 0)
        add(place, Severity(severity), message, name, is_doubtful=is_doubtful)
    for row_number, reasons in connection.execute(
        sql.SQL(
            "SELECT row_number, reasons FROM {schema}.set_aside_row WHERE submission_id = %s AND sheet = %s ORDER BY row_number"
        ).format(schema=sql.Identifier(schema)),
        (submission_id, sheet),
    ).fetchall():
        for reason in reasons:
            at = letters.get(reason["column"] or "")
            if at is not None:
                is_doubtful = bool(reason.get("is_doubtful"))
                add((row_number - 1, at), Severity.SET_ASIDE, reason[said], reason["column"], is_doubtful=is_doubtful)
    by_letter = {at: columns[name] for name, at in letters.items() if name in columns}
    for (_, at), mark in out.items():
        if at in by_letter and mark.severity is Severity.SET_ASIDE:
            example = example_line(by_letter[at], code_lists, mark.sentences, lang)
            if example:
                mark.sentences.append(example)
    return out


def contacts_of(
    connection: psycopg.Connection[Any], submission_id: int, sheet: str, *, schema: str = "intake"
) -> frozenset[Place]:
    """The cells outside the rows of a table that hold a telephone number, also where the column below or above holds keys."""
    found = connection.execute(
        sql.SQL(
            "SELECT cell FROM {schema}.finding"
            " WHERE submission_id = %s AND sheet = %s AND code = 'personal-contact' AND cell IS NOT NULL"
        ).format(schema=sql.Identifier(schema)),
        (submission_id, sheet),
    )
    return frozenset((row - 1, column) for column, row in (parse_cell_address(str(cell)) for (cell,) in found))


def _write_sheet(page: Worksheet, styles: Styles, sheet: _Page) -> None:
    _merge(page, sheet)
    header = sheet.header
    kinds = {at: kind_of(sheet.table, column) for at, column in header.columns.items()} if header and sheet.table else {}
    n_comments = 0
    hidden = set(sheet.cells.hidden_rows)
    for row, texts in enumerate(_rows(sheet.cells)):
        is_header = header is not None and header.first_row <= row <= header.last_row
        is_table = header is not None and row > header.last_row and any(texts)
        is_title = not is_header and not is_table and (header is None or row < header.first_row)
        n_lines = max((text.count("\n") for text in texts if text), default=0) + 1
        is_first = is_title and row == next((at for at, head in enumerate(sheet.cells.head) if any(head)), 0)
        page.set_row(row, 30 if is_first else min(ROW_HEIGHT * max(n_lines, 2 if is_header else 1), 120))
        for at, text in enumerate(texts):
            mark = sheet.marks.get((row, at))
            if text and not is_title:
                sheet.widths[at] = max(sheet.widths.get(at, 0), 0 if (row, at) in sheet.covered else width(text))
            if not text and mark is None and not is_table and (row, at) not in sheet.covered:
                continue
            if is_header:
                page.write_string(
                    row, at, neutralise(mask(one_line(text or ""))), styles.header(mark=mark.severity if mark else None)
                )
            elif is_title and mark is None and text:
                _write_title(page, styles, row, at, text, is_first=is_first, is_wide=(row, at) in sheet.covered)
            else:
                write_cell(
                    page,
                    styles,
                    row,
                    at,
                    text,
                    kind="text" if (row, at) in sheet.contacts else "any" if is_title else kinds.get(at, "any"),
                    mark=mark.look if mark else None,
                    is_framed=not is_title,
                    is_hidden=row in hidden,
                )
            if mark and n_comments < MAX_COMMENTS:
                n_comments += 1
                write_comment(page, row, at, mark.sentences)
    for at in range(sheet.cells.n_columns):
        page.set_column(at, at, min(max(sheet.widths.get(at, 0) + 3, 9), MAX_WIDTH))
    if header is not None:
        page.freeze_panes(header.last_row + 1, 0)
        page.repeat_rows(header.first_row, header.last_row)
    if sheet.cells.n_rows and sheet.cells.n_columns:
        page.ignore_errors({"number_stored_as_text": f"A1:{cell_address(sheet.cells.n_columns - 1, sheet.cells.n_rows)}"})
    if any(mark.severity is Severity.SET_ASIDE for mark in sheet.marks.values()):
        page.set_tab_color("#FFC000")
    for_print(page)


def _write_title(page: Worksheet, styles: Styles, row: int, at: int, text: str, *, is_first: bool, is_wide: bool) -> None:
    look: dict[str, object] = {"bold": True, "font_size": 16, "font_color": BLUE} if is_first else {"font_color": "#404040"}
    if is_wide:
        look |= {"align": "center"}
    write_cell(page, styles, row, at, text, kind="text", look=styles.of(num_format="@", **look))


def _merge(page: Worksheet, sheet: _Page) -> None:
    """Merge the ranges as sent. Overlapping ranges are left out: spreadsheets would call the workbook damaged."""
    n_left = MAX_CELLS
    for top, left, bottom, right in sheet.cells.merged:
        bottom, right = min(bottom, sheet.cells.n_rows - 1), min(right, sheet.cells.n_columns - 1)
        n_left -= max(0, bottom - top + 1) * max(0, right - left + 1) + 1
        if n_left < 0:
            break
        places = {(row, at) for row in range(top, bottom + 1) for at in range(left, right + 1)}
        if len(places) > 1 and not places & sheet.covered:
            sheet.covered |= places
            # `merge_range` writes cells of all rows at once, which a workbook written row by row cannot do.
            page.merge.append([top, left, bottom, right])


def _rows(sheet: SheetCells) -> Iterator[list[str | None]]:
    for batch in sheet.batches():
        columns = [column.to_pylist() for column in batch.columns[1:]]
        yield from (list(cells) for cells in zip(*columns, strict=True))
