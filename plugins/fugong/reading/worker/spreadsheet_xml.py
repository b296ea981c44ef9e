"""Reads the XML of Excel 2003 ("SpreadsheetML"), which many systems export as `.xls`. No entity and no DTD is ever followed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from fugong.reading.limits import MIB, Limits
from fugong.reading.worker.biff_formulas import UNKNOWN
from fugong.reading.worker.cell_text import column_letters, number_as_text, runs_of_columns
from fugong.reading.worker.decoding import Text
from fugong.reading.worker.formula_cells import MAX_OPERANDS, FormulaCells
from fugong.reading.worker.number_formats import NO_WORDS, NumberFormat
from fugong.reading.worker.properties import note_text
from fugong.reading.worker.result import FileRefused, Result, Sheet, stream_path
from fugong.reading.worker.sheet_writer import SheetWriter
from fugong.reading.worker.styled_cells import MAX_STYLES, Doubts
from fugong.reading.worker.workbook import REMEMBERED_ROWS

NAMED_FORMATS = {
    "Percent": "0.00%",
    "Fixed": "0.00",
    "Standard": "#,##0.00",
    **dict.fromkeys(("Currency", "Euro Currency"), "#,##0.00"),
    **dict.fromkeys(("Yes/No", "True/False", "On/Off"), "General"),
}
"""Formats that the XML calls by name; the others show days."""
DEFAULT = "Default"
"""The style of what names none."""
PLACES = {
    "Comment": "comments",
    "DocumentProperties": "properties",
    "CustomDocumentProperties": "properties",
    "DataValidation": "hints",
}
"""Elements with texts that are no cells."""
ATTRIBUTES = {
    "Formula": "formulas", "HRef": "links", "HRefScreenTip": "links", "RefersTo": "names", "Name": "names",
    "Data": "pages", "Author": "comments",
}  # fmt: skip
_REFERENCE = re.compile(r"""("(?:[^"]|"")*"|'[^']*')|(?<![\w.])R(\[-?\d{1,7}\]|\d{0,7})C(\[-?\d{1,5}\]|\d{0,5})(?![\w.(])""")
"""A text in a formula, or a reference to a cell by row and column."""
ZERO_DAY = "1899-12-31T"

OnRow = Callable[[int, int, dict[int, Any]], None]
"""Takes the number of a sheet, the 0-based row, and its filled cells by 0-based column."""


@dataclass(slots=True)
class _Extent:
    """How far a sheet reaches."""

    n_rows: int = 0
    n_columns: int = 0


class _Walk:
    """One walk through the file: yields each row that has text, and notes what else the sheets are on the way."""

    def __init__(self, result: Result, limits: Limits, on_row: OnRow, *, is_typed: bool = False) -> None:
        """Nothing read yet.

        Args:
            is_typed: give cells as calamine does, with numbers, instead of texts as they are shown.
        """
        self.sheets: list[Sheet] = []
        self.doubts: list[Doubts] = []
        self.formulas: list[FormulaCells] = []
        self.errors: list[dict[int, dict[int, str]]] = []
        self._result, self._limits, self._on_row, self._is_typed = result, limits, on_row, is_typed
        self._formats: dict[str, NumberFormat] = {}
        self._style = self._table_style = self._row_style = self._cell_style = ""
        self._column_styles: dict[int, str] = {}
        self._row = self._next_row = self._column = self._next_column = self._next_width = 0
        self._cells: dict[int, Any] = {}
        self._formula = ""
        self._type: str | None = None
        self._text: list[str] = []
        self._length = self._n_comments = 0
        self._has_data = False
        self._beside: list[str] = []
        self._beside_depth = 0

    def walk(self, text: Text) -> None:
        """Go through the file."""
        parser = expat.ParserCreate("utf-8")  # the text has been decoded, whatever its own declaration says
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self._begin, self._end, self._add
        parser.StartDoctypeDeclHandler = _refuse_dtd
        parser.buffer_text = True
        try:
            with text.path.open("rb") as file:
                file.seek(text.skip)
                while block := file.read(MIB):
                    parser.Parse(block)
                parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise FileRefused("truncated-file") from error

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        given = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        for key in ATTRIBUTES.keys() & given.keys():
            note_text(self._result, ATTRIBUTES[key], given[key])
        self._beside_depth += name in PLACES
        if name == "Comment":
            self._n_comments += 1
        elif name == "Style":
            self._style = given.get("ID", "")
            if parent := self._formats.get(given.get("Parent", DEFAULT)):
                self._formats[self._style] = parent
        elif name == "NumberFormat" and len(self._formats) < MAX_STYLES:
            code = given.get("Format", "")
            self._formats[self._style] = NumberFormat(NAMED_FORMATS.get(code, code))
        elif name == "Worksheet":
            self._begin_sheet(given)
        elif name == "Table" and self.sheets:
            self._table_style = given.get("StyleID", DEFAULT)
        elif name == "Column" and self.sheets:
            self._begin_column(given)
        elif name == "Row" and self.sheets:
            self._row = max(_whole(given.get("Index"), self._next_row + 1) - 1, self._next_row)
            n = 1 + _whole(given.get("Span"), 0)
            self._next_row, self._next_column, self._cells = self._row + n, 0, {}
            self._row_style = given.get("StyleID", "")
            if given.get("Hidden") == "1":
                sheet = self.sheets[-1]
                sheet.n_hidden_rows += n
                sheet.hidden_rows += range(self._row, min(self._row + n, REMEMBERED_ROWS))
        elif name == "Cell" and self.sheets:
            self._begin_cell(given)
        elif name == "Data" and not self._n_comments and self.sheets:
            self._type, self._text, self._length = given.get("Type", "String"), [], 0

    def _begin_sheet(self, given: dict[str, str]) -> None:
        if len(self.sheets) == self._limits.sheets:
            raise FileRefused("too-large", what="sheets", found=len(self.sheets) + 1, limit=self._limits.sheets)
        self.sheets.append(Sheet(given.get("Name", "")))
        self.doubts.append(Doubts())
        self.formulas.append(FormulaCells())
        self.errors.append({})
        self._next_row = self._next_width = 0
        self._table_style, self._column_styles = DEFAULT, {}

    def _begin_column(self, given: dict[str, str]) -> None:
        first = max(_whole(given.get("Index"), self._next_width + 1) - 1, 0)
        self._next_width = first + 1 + _whole(given.get("Span"), 0)
        if given.get("Hidden") == "1":
            self.sheets[-1].hidden_columns += range(first, min(self._next_width, self._limits.columns))
        if style := given.get("StyleID"):
            self._column_styles |= dict.fromkeys(range(first, min(self._next_width, self._limits.columns)), style)

    def _begin_cell(self, given: dict[str, str]) -> None:
        self._column = max(_whole(given.get("Index"), self._next_column + 1) - 1, self._next_column)
        across, down = _whole(given.get("MergeAcross"), 0), _whole(given.get("MergeDown"), 0)
        self._next_column = self._column + 1 + across
        if across or down:
            self.sheets[-1].merged.append((self._row, self._column, self._row + down, self._column + across))
        own = given.get("StyleID") or self._row_style
        self._cell_style = own or self._column_styles.get(self._column, self._table_style)
        self._formula, self._has_data = given.get("Formula", ""), False

    def _add(self, characters: str) -> None:
        if self._type is not None:
            self._length += len(characters)
            if self._length > self._limits.cell_characters:
                raise FileRefused("too-large", what="cell", found=self._length, limit=self._limits.cell_characters)
            self._text.append(characters)
        elif self._beside_depth:
            self._beside.append(characters)

    def _end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if self._beside_depth:
            self._end_beside(name)
        if name == "Comment":
            self._n_comments -= 1
        elif name == "Data" and self._type is not None:
            kind, text = self._type, "".join(self._text)
            self._type, self._has_data = None, kind == "String" or bool(text.strip())
            if kind == "Error":
                self.errors[-1].setdefault(self._row, {})[self._column] = text
            if text.strip():
                self._set(_typed(kind, text) if self._is_typed else self._shown(kind, text))
        elif name == "Cell" and self.sheets and self._formula:
            if self._column not in self.errors[-1].get(self._row, ()):
                formula = formula_of(self._formula, self._row, self._column)
                self.formulas[-1].add(self._row, self._column, formula, has_result=self._has_data)
            if not self._has_data:
                self._set(UNKNOWN)
            self._formula = ""
        elif name == "Row" and self.sheets and self._cells:
            self._on_row(len(self.sheets) - 1, self._row, self._cells)
            self._cells = {}

    def _set(self, shown: object) -> None:
        if self._column >= self._limits.columns:
            self._refuse_far()
        self._cells[self._column] = shown

    def _end_beside(self, name: str) -> None:
        """End an element among texts that are no cells; the pieces of one formatted text are joined."""
        if name in PLACES:
            self._beside_depth -= 1
            note_text(self._result, PLACES[name], "".join(self._beside))
            self._beside = []
        elif name not in ("B", "I", "U", "S", "Font", "Sub", "Sup", "Span"):
            self._beside.append("\n")

    def _shown(self, kind: str, text: str) -> str:
        """A value as a workbook's cell is read."""
        if kind == "Number":
            return self._number(text.strip())
        if kind == "DateTime":
            day, _, time = text.strip().partition("T")
            time = time.partition(".")[0]
            if text.strip().startswith(ZERO_DAY):
                return time
            return day if time in ("", "00:00:00") else f"{day} {time}"
        if kind == "Boolean":
            return "TRUE" if text.strip() == "1" else "FALSE"
        return text

    def _number(self, text: str) -> str:
        try:
            number = float(text)
        except ValueError:
            return text
        plain = number_as_text(number)
        number_format = self._formats.get(self._cell_style)
        if number_format is None or not number_format.matters:
            return plain
        words = number_format.words_around(number)
        if words != NO_WORDS:
            self.doubts[-1].add_words(self._row, self._column, words, number_format.code)
        shown = number_format.shown(number, plain)
        if shown is None:
            return plain
        if shown.kind:
            self.doubts[-1].add(self._row, self._column, shown, number_format.code)
        return plain if shown.text is None else shown.text

    def _refuse_far(self) -> None:
        raise FileRefused(
            "too-large",
            what="far-cell",
            sheet=self.sheets[-1].name,
            cell=f"{column_letters(self._column)}{self._row + 1}",
            found=(self._column + 1) * (self._row + 1),
            limit=self._limits.cells,
        )


def _typed(kind: str, text: str) -> Any:
    """A value as calamine gives it; a day that is none, or an error, as nothing that can be computed with."""
    if kind not in ("Number", "DateTime", "Boolean"):
        return text
    try:
        return dt.datetime.fromisoformat(text.strip()) if kind == "DateTime" else float(text)
    except ValueError:
        return text


def formula_of(written: str, row: int, column: int) -> str:
    """A formula without its equals sign, its references written as letters and numbers."""

    def place(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        down, across = found[2], found[3]
        at = row + int(down[1:-1]) if down.startswith("[") else int(down) - 1 if down else row
        of = column + int(across[1:-1]) if across.startswith("[") else int(across) - 1 if across else column
        fixed = ("" if across.startswith("[") or not across else "$", "" if down.startswith("[") or not down else "$")
        return f"{fixed[0]}{column_letters(of)}{fixed[1]}{at + 1}" if at >= 0 and of >= 0 else "#REF!"

    return _REFERENCE.sub(place, written.removeprefix("="))


def _refuse_dtd(*_: object) -> None:
    raise FileRefused("not-a-table", found="DTD")


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else otherwise


def read_spreadsheet_xml(text: Text, into: Path, result: Result, limits: Limits) -> None:
    """Read every worksheet, in two walks: the first one measures them."""
    if text.size > limits.text_bytes // 16:
        raise FileRefused("too-large", what="bytes", found=text.size, limit=limits.text_bytes // 16)
    extents: dict[int, _Extent] = {}

    def measure(sheet: int, row: int, cells: dict[int, Any]) -> None:
        extent = extents.setdefault(sheet, _Extent())
        extent.n_rows, extent.n_columns = row + 1, max(extent.n_columns, max(cells) + 1)
        if extent.n_rows * extent.n_columns > limits.cells:
            name, cell = first.sheets[sheet].name, f"{column_letters(max(cells))}{row + 1}"
            found = extent.n_rows * extent.n_columns
            raise FileRefused("too-large", what="far-cell", sheet=name, cell=cell, found=found, limit=limits.cells)

    first = _Walk(result, limits, measure)
    first.walk(text)
    if not extents:
        raise FileRefused("empty-file")
    if any(first.formulas):
        _judge_formulas(text, first, limits)
    writers: list[SheetWriter] = []
    held: list[list[str]] = []

    def flush(writer: SheetWriter) -> None:
        if held:
            sheet, start = len(writers) - 1, writer.sheet.n_rows
            for row, column, formula in first.formulas[sheet].uncomputed(start, start + len(held)):
                held[row - start][column] = "" if result.is_free else formula
                first.doubts[sheet].add_formula(row, column, formula)
            writer.write_rows(held)
            held.clear()

    def write(sheet: int, row: int, cells: dict[int, Any]) -> None:
        while len(writers) <= sheet:
            if writers:
                flush(writers[-1])
                writers[-1].__exit__()
            index = len(writers)
            writers.append(SheetWriter(stream_path(into, index), first.sheets[index], extents.get(index, _Extent()).n_columns))
        writer, width = writers[sheet], extents[sheet].n_columns
        while writer.sheet.n_rows + len(held) < row:
            held.append([""] * width)
            if len(held) >= writer.batch_rows:
                flush(writer)
        held.append([cells.get(column, "") for column in range(width)])
        if len(held) >= writer.batch_rows:
            flush(writer)

    _Walk(Result(), limits, write).walk(text)
    flush(writers[-1])
    writers[-1].__exit__()
    for index in range(len(writers), len(first.sheets)):
        SheetWriter(stream_path(into, index), first.sheets[index], 0).__exit__()
    for sheet, doubts, formulas in zip(first.sheets, first.doubts, first.formulas, strict=True):
        if formulas.n_uncomputed:
            result.note_formulas(sheet.name, formulas.n_uncomputed, *formulas.first_uncomputed)
        sheet.format_doubts = doubts.found()
        sheet.hidden_rows = [row for row in sheet.hidden_rows if row < sheet.n_rows]
        sheet.hidden_columns = [column for column in sheet.hidden_columns if column < sheet.n_columns]
        if sheet.n_hidden_rows:
            result.note("hidden-rows", sheet=sheet.name, n=sheet.n_hidden_rows)
        if sheet.hidden_columns:
            result.note("hidden-columns", sheet=sheet.name, columns=runs_of_columns(sheet.hidden_columns))
    result.sheets += first.sheets


def _judge_formulas(text: Text, first: _Walk, limits: Limits) -> None:
    """Find the formulas without a computed result, in a walk of its own that keeps what they may refer to."""
    kept: dict[int, list[list[Any]]] = {sheet: [] for sheet, formulas in enumerate(first.formulas) if formulas}
    n_cells = 0

    def keep(sheet: int, row: int, cells: dict[int, Any]) -> None:
        nonlocal n_cells
        if sheet in kept and n_cells < MAX_OPERANDS:
            kept[sheet] += [[] for _ in range(row - len(kept[sheet]))]
            kept[sheet].append([cells.get(column, "") for column in range(max(cells) + 1)])
            n_cells += max(cells) + 1

    _Walk(Result(), limits, keep, is_typed=True).walk(text)
    for sheet, rows in kept.items():
        first.formulas[sheet].judge(lambda rows=rows: rows, 0, first.errors[sheet])
