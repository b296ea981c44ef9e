"""Writes workbooks and CSV files as offices make them, with titles, merged headers, totals and notes. The same content gives the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | Decimal | date | None


@dataclass(frozen=True)
class Column:
    """One column of a form: its header, the header above it if there are two lines, and how its cells look."""

    header: str
    kind: str = "text"  # text | int | number | money | date; short: text in the middle
    group: str = ""
    total: bool = False


@dataclass(frozen=True)
class Form:
    """One sheet: title lines, header, rows, a total line and notes."""

    title: str
    subtitle: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    sheet: str = "Sheet1"
    notes: Sequence[str] = field(default_factory=tuple)
    total_label: str = "合计"
    numbered: bool = True
    date_style: str = ""  # empty: a real date cell; else a strftime pattern, with %-m for months without a zero
    total_on_top: bool = False

    @property
    def header(self) -> list[Column]:
        """The columns with the running number in front."""
        return [Column("序号", "int"), *self.columns] if self.numbered else list(self.columns)

    def lines(self) -> list[list[Cell]]:
        """The rows with the running number in front."""
        return [[i, *row] for i, row in enumerate(self.rows, 1)] if self.numbered else [list(row) for row in self.rows]

    def total_line(self) -> list[Cell] | None:
        """The total line; None where no column has a total, or there are no rows."""
        header = self.header
        if not self.rows or not any(c.total for c in header):
            return None
        lines = self.lines()
        line: list[Cell] = [None] * len(header)
        for i, column in enumerate(header):
            if column.total:
                numbers = [Decimal(str(row[i])) for row in lines if isinstance(row[i], int | float | Decimal)]
                line[i] = sum(numbers, Decimal(0))
        line[0] = self.total_label
        return line


def shown(value: Cell, date_style: str) -> str:
    """A cell as text."""
    if value is None:
        return ""
    if isinstance(value, date):
        return strftime(value, date_style or "%Y-%m-%d")
    if isinstance(value, Decimal):
        return format(value.normalize() if value == value.to_integral() else value, "f")
    return str(value)


def strftime(day: date, pattern: str) -> str:
    """`strftime` in which %-m and %-d work on every system."""
    return day.strftime(pattern.replace("%-m", str(day.month)).replace("%-d", str(day.day)))


def csv_bytes(form: Form, *, encoding: str, delimiter: str = ",") -> bytes:
    """The form as CSV with its title lines; `encoding` is utf-8-sig, utf-8 or gb18030."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    width = len(form.header)
    for text in (form.title, form.subtitle):
        if text:
            writer.writerow([text, *[""] * (width - 1)])
    writer.writerow([c.header for c in form.header])
    for line in form.lines():
        writer.writerow([shown(v, form.date_style) for v in line])
    total = form.total_line()
    if total:
        writer.writerow([shown(v, "") for v in total])
    for note in form.notes:
        writer.writerow([note, *[""] * (width - 1)])
    return out.getvalue().encode(encoding)


def workbook_bytes(forms: Sequence[Form], *, first_sheets: Sequence[Form] = ()) -> bytes:
    """The forms as one .xlsx; `first_sheets` stand before the real ones."""
    out = io.BytesIO()
    # xlsxwriter dates the archive's entries 1980-01-01; with a fixed creation time the bytes depend on the content alone.
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2020, 2, 1, tzinfo=UTC), "author": ""})
    styles = _Styles(book)
    for form in [*first_sheets, *forms]:
        _write_sheet(book, styles, form)
    book.close()
    return out.getvalue()


class _Styles:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        box = {**base, "border": 1}
        self.title = book.add_format({"font_name": "方正小标宋简体", "font_size": 16, "align": "center", "valign": "vcenter"})
        self.subtitle = book.add_format(base)
        self.header = book.add_format({**box, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#EDEDED"})
        self.note = book.add_format({**base, "font_size": 9})
        formats = {
            "text": {},
            "short": {"align": "center"},
            "int": {"num_format": "0", "align": "center"},
            "number": {"num_format": "General"},
            "money": {"num_format": "#,##0.00####"},
        }
        formats["date"] = {"num_format": "yyyy-mm-dd", "align": "center"}
        self.cell = {kind: book.add_format({**box, **extra}) for kind, extra in formats.items()}
        self.total = {kind: book.add_format({**box, **extra, "bold": True}) for kind, extra in formats.items()}


def _width(text: str) -> float:
    return sum(2.0 if ord(c) > 0x2E80 else 1.05 for c in text)


def _widths(form: Form) -> list[float]:
    """The width that each column needs for its first cells and its total; headers may wrap."""
    lines, total = form.lines()[:60], form.total_line()
    widths = []
    for i, column in enumerate(form.header):
        cells = [shown(line[i], form.date_style) for line in lines]
        if total:
            cells.append(shown(total[i], "") + "  ")
        longest = max((_width(text) for text in cells), default=6.0)
        widths.append(min(40.0, max(longest + (4 if column.kind == "money" else 2), min(_width(column.header), 9.0) + 1, 5.0)))
    return widths


def _write_sheet(book: xlsxwriter.Workbook, styles: _Styles, form: Form) -> None:
    sheet = book.add_worksheet(form.sheet)
    header, lines = form.header, form.lines()
    widths = _widths(form)
    header = [replace(c, kind="short") if c.kind == "text" and w < 15 else c for c, w in zip(header, widths, strict=True)]
    last = len(header) - 1
    row = 0
    sheet.set_default_row(16)
    for text, style, height in ((form.title, styles.title, 30), (form.subtitle, styles.subtitle, 18)):
        if text:
            sheet.merge_range(row, 0, row, max(1, last), text, style)
            sheet.set_row(row, height)
            row += 1
    row = _write_header(sheet, styles, header, row)
    total = form.total_line()
    if total and form.total_on_top:
        _write_line(sheet, styles.total, header, total, row, "")
        row += 1
    for line in lines:
        _write_line(sheet, styles.cell, header, line, row, form.date_style)
        row += 1
    if total and not form.total_on_top:
        _write_line(sheet, styles.total, header, total, row, "")
        row += 1
    for note in form.notes:
        sheet.merge_range(row, 0, row, max(1, last), note, styles.note)
        row += 1
    for i, width in enumerate(widths):
        sheet.set_column(i, i, width)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _write_header(sheet: Worksheet, styles: _Styles, header: list[Column], row: int) -> int:
    if not any(c.group for c in header):
        sheet.set_row(row, 32)
        for i, column in enumerate(header):
            sheet.write_string(row, i, column.header, styles.header)
        return row + 1
    i = 0
    while i < len(header):
        group = header[i].group
        end = i
        if not group:
            sheet.merge_range(row, i, row + 1, i, header[i].header, styles.header)
        else:
            while end + 1 < len(header) and header[end + 1].group == group:
                end += 1
            if end > i:
                sheet.merge_range(row, i, row, end, group, styles.header)
            else:
                sheet.write_string(row, i, group, styles.header)
            for j in range(i, end + 1):
                sheet.write_string(row + 1, j, header[j].header, styles.header)
        i = end + 1
    sheet.set_row(row, 18)
    sheet.set_row(row + 1, 32)
    return row + 2


def _write_line(
    sheet: Worksheet, styles: dict[str, Format], header: list[Column], line: Sequence[Cell], row: int, date_style: str
) -> None:
    for i, (column, value) in enumerate(zip(header, line, strict=True)):
        style = styles[column.kind]
        if value is None or value == "":
            sheet.write_blank(row, i, None, style)
        elif isinstance(value, date):
            if date_style:
                sheet.write_string(row, i, strftime(value, date_style), style)
            else:
                sheet.write_datetime(row, i, datetime.combine(value, time()), style)
        elif isinstance(value, int | float | Decimal):
            sheet.write_number(row, i, float(value), style)
        else:
            sheet.write_string(row, i, value, style)
