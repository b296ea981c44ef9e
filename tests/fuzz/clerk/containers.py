"""The programs in which a clerk saves the sheets."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import openpyxl
import xlsxwriter
import xlwt
from openpyxl.utils import range_boundaries

from tests.fuzz.clerk.picking import Pick
from tests.fuzz.clerk.spellings import Cell, Shown, plain


@dataclass
class Page:
    """A sheet as it is saved. `merged` holds ranges such as A1:C1. A text whose page is ragged is not filled up with empty cells."""

    name: str
    grid: list[list[Cell]]
    merged: list[str] = field(default_factory=list[str])
    is_ragged: bool = False


@dataclass(frozen=True)
class Container:
    """A kind of file, and how it is written."""

    name: str
    extension: str
    is_text: bool
    write: Callable[[Sequence[Page]], bytes]


def as_text(cell: Cell) -> str:
    """A cell as a text file holds it."""
    match cell:
        case None:
            return ""
        case Shown():
            raise AssertionError("a text file has no number formats")
        case date():
            return cell.isoformat()
        case bool() | str():
            return str(cell)
        case _:
            return plain(cell)


def _covered(page: Page) -> set[tuple[int, int]]:
    """Cells under a merged range, but for its first; 1-based row and column."""
    out: set[tuple[int, int]] = set()
    for merged in page.merged:
        left, top, right, bottom = _bounds(merged)
        out |= {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)} - {(top, left)}
    return out


def _bounds(merged: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = range_boundaries(merged)
    assert left and top and right and bottom
    return left, top, right, bottom


def _typed(cell: Cell) -> tuple[str | float | datetime | None, str | None]:
    """What a workbook's cell holds, and its number format."""
    match cell:
        case Shown(value=value, format=name):
            return _typed(value)[0], name
        case bool() | None | str():
            return cell, None
        case date():
            return datetime.combine(cell, time()), "yyyy-mm-dd"
        case _:
            return float(cell), None


def by_openpyxl(pages: Sequence[Page]) -> bytes:
    """A workbook of openpyxl."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for page in pages:
        sheet = book.create_sheet(page.name)
        hidden = _covered(page)
        for at, line in enumerate(page.grid, 1):
            for column, cell in enumerate(line, 1):
                value, name = _typed(cell)
                if value is None or (at, column) in hidden:
                    continue
                made = sheet.cell(at, column)
                made.value = value
                if name:
                    made.number_format = name
                if isinstance(value, str):
                    made.data_type = "s"
        for merged in page.merged:
            sheet.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_xlsxwriter(pages: Sequence[Page]) -> bytes:
    """A workbook of xlsxwriter."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    formats: dict[str | None, Any] = {None: None}
    for page in pages:
        sheet = book.add_worksheet(page.name)
        hidden = _covered(page)
        for merged in page.merged:
            left, top, right, bottom = _bounds(merged)
            sheet.merge_range(top - 1, left - 1, bottom - 1, right - 1, _typed(page.grid[top - 1][left - 1])[0] or "")
        firsts = {_bounds(merged)[:2] for merged in page.merged}
        for at, line in enumerate(page.grid):
            for column, cell in enumerate(line):
                value, name = _typed(cell)
                if value is None or (at + 1, column + 1) in hidden or (column + 1, at + 1) in firsts:
                    continue
                if name not in formats:
                    formats[name] = book.add_format({"num_format": name})
                match value:
                    case str():
                        sheet.write_string(at, column, value, formats[name])
                    case datetime():
                        sheet.write_datetime(at, column, value, formats[name])
                    case _:
                        sheet.write_number(at, column, value, formats[name])
    book.close()
    return out.getvalue()


def by_xlwt(pages: Sequence[Page]) -> bytes:
    """A workbook of Excel 97."""
    book = xlwt.Workbook(encoding="utf-8")
    styles: dict[str | None, xlwt.XFStyle] = {None: xlwt.XFStyle()}
    for page in pages:
        sheet = book.add_sheet(page.name)
        hidden = _covered(page)
        firsts = {_bounds(merged)[:2]: _bounds(merged) for merged in page.merged}
        for at, line in enumerate(page.grid):
            for column, cell in enumerate(line):
                value, name = _typed(cell)
                if (column + 1, at + 1) in firsts:
                    left, top, right, bottom = firsts[column + 1, at + 1]
                    sheet.write_merge(top - 1, bottom - 1, left - 1, right - 1, value)
                    continue
                if value is None or (at + 1, column + 1) in hidden:
                    continue
                if name is not None and name not in styles:
                    styles[name] = xlwt.XFStyle()
                    styles[name].num_format_str = name
                sheet.write(at, column, value, styles[name])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text_writer(
    encoding: str, delimiter: str = ",", end: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL
) -> Callable[[Sequence[Page]], bytes]:
    """A writer of delimited text; a file holds one sheet."""

    def write(pages: Sequence[Page]) -> bytes:
        [page] = pages
        width = 0 if page.is_ragged else max(len(line) for line in page.grid)
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)  # pyright: ignore[reportArgumentType]
        writer.writerows([*map(as_text, line), *[""] * (width - len(line))] for line in page.grid)
        return out.getvalue().encode(encoding, "replace")

    return write


def by_html(pages: Sequence[Page]) -> bytes:
    """A web page that old systems call .xls."""
    [page] = pages
    width = max(len(line) for line in page.grid)
    rows = "".join(
        "<tr>"
        + "".join(f"<td>{html.escape(as_text(cell)) or '&nbsp;'}</td>" for cell in [*line, *[None] * (width - len(line))])
        + "</tr>\n"
        for line in page.grid
    )
    return f'<html><head><meta charset="utf-8"></head><body><table border=1>\n{rows}</table></body></html>'.encode()


WORKBOOKS = [
    Container("openpyxl", "xlsx", False, by_openpyxl),
    Container("xlsxwriter", "xlsx", False, by_xlsxwriter),
    Container("xlwt", "xls", False, by_xlwt),
]
TEXTS = [
    Container("csv utf-8 with mark", "csv", True, text_writer("utf-8-sig")),
    Container("csv utf-8", "csv", True, text_writer("utf-8", end="\n")),
    Container("csv gb18030", "csv", True, text_writer("gb18030", quoting=csv.QUOTE_ALL)),
    Container("csv utf-16", "txt", True, text_writer("utf-16", "\t")),
    Container("csv semicolons", "csv", True, text_writer("utf-8", ";")),
    Container("html", "xls", True, by_html),
]


def container(pick: Pick, *, is_text: bool | None = None) -> Container:
    """Any of them; of a file with several sheets a workbook."""
    if is_text is None:
        is_text = pick.chance(3)
    return pick.of(TEXTS if is_text else WORKBOOKS)


WRITERS: Mapping[str, Container] = {one.name: one for one in (*WORKBOOKS, *TEXTS)}
