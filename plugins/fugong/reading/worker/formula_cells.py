"""The cells of one sheet that hold formulas, and those among them whose saved result nobody computed.

Programs that fill tables write formulas without a result (openpyxl), with 0 beside every one of them (xlsxwriter, Apache POI) or
with nothing (xlwt), or leave the results that a template held. Excel and WPS compute them when somebody opens the file; we do not.
"""

from __future__ import annotations

import datetime as dt
import math
import struct
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any

from fugong.reading.worker.biff_formulas import formula_of
from fugong.reading.worker.formulas import OWN_ROW, ErrorResult, Unknown, Value, compute, moved, own_row_marked

Rows = Callable[[], Iterable[list[Any]]]
"""Gives the rows of a sheet, from its first one."""
Errors = Mapping[int, Mapping[int, str]]
"""Row → column → the error that its cell shows."""
Key = str | bytes | int
"""A formula's text, as tokens of an old workbook, or the number of one that is shared; its own row is marked."""
_Groups = dict[tuple[int, bool, Key], "array[int]"]
"""Column, whether there is a saved result, and the formula → rows."""
OWN_ROW_TOKEN = b"\xff\xfe\xfdrow"
LOOKED_AT = 500
"""So many formulas of a column are computed where the program that saved the file computes; if all are right, the others are, too."""
SEARCHED_GROUPS = 20
MAX_OPERANDS = 2_000_000
"""Cells that formulas may refer to; what lies further down is not known."""
MAX_DEPTH = 100
"""Formulas that a formula refers to, one through the other."""


class SavedBy(Enum):
    """What a file says of the program that saved it."""

    COMPUTING = "a program that computes formulas"
    UNKNOWN = "some program: results that are all nothing were not computed"
    NOT_COMPUTING = "a program that leaves computing to the one that opens the file"


def saved_by(program: str) -> SavedBy:
    """What the name of a program says."""
    known = ("Microsoft", "WPS", "Kingsoft", "LibreOffice", "OpenOffice", "ONLYOFFICE", "Gnumeric", "Yozo", "永中", "金山")
    return SavedBy.COMPUTING if any(name.casefold() in program.casefold() for name in known) else SavedBy.UNKNOWN


class FormulaCells:
    """The formulas of one sheet by column: cells filled down share one text.

    Attributes:
        saved_by: what the file says of the program that saved it.
        n_uncomputed, first_uncomputed: how many of them have no computed result, and row and column of the first.
        last_row, last_column: the furthest of these.
    """

    def __init__(self, program: SavedBy = SavedBy.UNKNOWN) -> None:
        self.saved_by = program
        self.n_uncomputed, self.first_uncomputed = 0, (0, 0)
        self.last_row = self.last_column = 0
        self._rows: _Groups = {}
        self._shared: dict[int, tuple[int, int, str]] = {}
        self._shared_tokens: dict[bytes, bytes] = {}
        self._uncomputed: _Groups = {}
        self._of_column: dict[int, list[tuple[Key, array[int]]] | dict[int, Key]] = {}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def add(self, row: int, column: int, text: str, *, has_result: bool, shared: int | None = None) -> None:
        """Note a formula (without the equals sign), 0-based; those of a column come from top to bottom.

        Args:
            shared: the number of the formula that it shares with other cells; its text stands at the first of them only.
        """
        if shared is not None and text:
            self._shared[shared] = (row, column, text)
        key = (column, has_result, own_row_marked(text, row) if shared is None else shared)
        rows = self._rows.get(key)
        if rows is None:
            rows = self._rows[key] = array("I")
        rows.append(row)

    def add_tokens(self, row: int, column: int, tokens: bytes) -> None:
        """Note a formula of an old workbook, which has a result in any case; as `add`."""
        own = struct.pack("<H", row)
        key = (column, True, tokens if OWN_ROW_TOKEN in tokens else tokens.replace(own, OWN_ROW_TOKEN))
        rows = self._rows.get(key)
        if rows is None:
            rows = self._rows[key] = array("I")
        rows.append(row)

    def share_tokens(self, first: tuple[int, int], tokens: bytes) -> None:
        """Note the formula of an old workbook that several cells share; they name the row and column of the first."""
        self._shared_tokens[struct.pack("<BHH", 1, *first)] = tokens

    def judge(self, rows: Rows, left: int, errors: Errors) -> None:
        """Find those without a computed result.

        Args:
            rows: of the sheet, with the saved results.
            left: 0-based column of their first cell.
            errors: of error cells, by row and column.
        """
        with_result = {key: cells for key, cells in self._rows.items() if key[1]}
        self._uncomputed = {key: cells for key, cells in self._rows.items() if not key[1]}
        if with_result:
            sheet = _Sheet(self, rows(), left, errors)
            if self.saved_by is SavedBy.UNKNOWN:
                sheet.distrusts = sheet.holds_nothing(with_result)
            is_computing = self.saved_by is SavedBy.COMPUTING
            wrong = sheet.wrong(with_result, LOOKED_AT if is_computing else None)
            if wrong and not sheet.distrusts:
                sheet.distrusts = True
                wrong = sheet.wrong(with_result, None)
            self._uncomputed |= wrong
        places = [(cells[0], key[0]) for key, cells in self._uncomputed.items()]
        self.n_uncomputed = sum(map(len, self._uncomputed.values()))
        self.first_uncomputed = min(places, default=(0, 0))
        self.last_row = max((cells[-1] for cells in self._uncomputed.values()), default=0)
        self.last_column = max((column for column, _, _ in self._uncomputed), default=0)

    def uncomputed(self, first: int, end: int) -> list[tuple[int, int, str]]:
        """Row, column and text of those without a computed result, of some rows, from top to bottom."""
        found: list[tuple[int, int, str]] = []
        for (column, _, key), rows in self._uncomputed.items():
            for at in range(bisect_left(rows, first), bisect_left(rows, end)):
                found.append((rows[at], column, f"={self._text(rows[at], column, key)}"))
        return sorted(found)

    def text_at(self, row: int, column: int) -> str | None:
        """The formula of a cell; None where it has none."""
        groups = self._in_columns().get(column, {})
        if isinstance(groups, dict):
            key = groups.get(row)
            return None if key is None else self._text(row, column, key)
        for key, rows in groups:
            at = bisect_left(rows, row)
            if at < len(rows) and rows[at] == row:
                return self._text(row, column, key)
        return None

    def _in_columns(self) -> dict[int, list[tuple[Key, array[int]]] | dict[int, Key]]:
        """The groups of each column; where they are many, each row with its key."""
        if not self._of_column:
            groups: dict[int, list[tuple[Key, array[int]]]] = {}
            for (column, _, key), rows in self._rows.items():
                groups.setdefault(column, []).append((key, rows))
            for column, some in groups.items():
                is_short = len(some) <= SEARCHED_GROUPS
                self._of_column[column] = some if is_short else {row: key for key, rows in some for row in rows}
        return self._of_column

    def _text(self, row: int, column: int, key: Key) -> str:
        if isinstance(key, str):
            return key.replace(OWN_ROW, str(row + 1))
        if isinstance(key, bytes):
            tokens = key.replace(OWN_ROW_TOKEN, struct.pack("<H", row))
            return formula_of(self._shared_tokens.get(tokens, tokens), row, column)
        if key not in self._shared:
            return "…"
        first_row, first_column, text = self._shared[key]
        return moved(text, row - first_row, column - first_column)


class _Sheet:
    """The cells of a sheet that formulas refer to, read as far down as they are asked for.

    Attributes:
        distrusts: results of nothing that cannot be told are taken for not computed.
    """

    def __init__(self, formulas: FormulaCells, rows: Iterable[list[Any]], left: int, errors: Errors) -> None:
        self._formulas, self._rows, self._left, self._errors = formulas, iter(rows), left, errors
        self._read: list[list[Any]] = []
        self._n_cells = 0
        self._computed: dict[tuple[int, int], Value | type[Unknown] | type[ErrorResult]] = {}
        self._open: set[tuple[int, int]] = set()
        self.distrusts = formulas.saved_by is SavedBy.NOT_COMPUTING

    def holds_nothing(self, groups: _Groups) -> bool:
        """Whether all saved results are what programs write that compute none."""
        return all(_is_nothing(self._saved(row, key[0])) for key, rows in groups.items() for row in rows)

    def wrong(self, groups: _Groups, n: int | None) -> _Groups:
        """Those whose result would be another one than is saved; with `distrusts` also those that cannot be told and are nothing.

        Args:
            n: how many of each column are looked at; None for all.
        """
        self._computed.clear()
        found: _Groups = {}
        n_looked_at: Counter[int] = Counter()
        for key, rows in groups.items():
            looked_at = rows if n is None else rows[: max(0, n - n_looked_at[key[0]])]
            n_looked_at[key[0]] += len(looked_at)
            if wrong := [row for row in looked_at if self._is_wrong(row, key[0])]:
                found[key] = array("I", wrong)
        return found

    def _is_wrong(self, row: int, column: int) -> bool:
        saved = self._saved(row, column)
        try:
            return not _agree(saved, self._value(row, column))
        except ErrorResult:
            return True
        except Unknown:
            return self.distrusts and _is_nothing(saved)

    def _saved(self, row: int, column: int) -> Any:
        """What a cell holds as it was saved; an empty text where it is blank or lies too far down."""
        while len(self._read) <= row and self._n_cells < MAX_OPERANDS and (cells := next(self._rows, None)) is not None:
            self._read.append(cells)
            self._n_cells += len(cells)
        at = column - self._left
        return self._read[row][at] if row < len(self._read) and 0 <= at < len(self._read[row]) else ""

    def _cell(self, row: int, column: int) -> Value:
        """What a formula finds in a cell."""
        if column in self._errors.get(row, ()):
            raise ErrorResult
        saved = self._saved(row, column)
        if row >= len(self._read) and self._n_cells >= MAX_OPERANDS:
            raise Unknown
        if self._formulas.text_at(row, column) is None:
            return _value(saved) if saved != "" else None
        try:
            return self._value(row, column)
        except Unknown:
            if self.distrusts and _is_nothing(saved):
                raise
            return _value(saved)

    def _value(self, row: int, column: int) -> Value:
        """The result of the formula in a cell."""
        place = (row, column)
        if place not in self._computed:
            if place in self._open or len(self._open) > MAX_DEPTH:
                raise Unknown  # a circle, or too deep; not kept, for asked from elsewhere it may be known
            self._open.add(place)
            try:
                self._computed[place] = compute(self._formulas.text_at(row, column) or "", row, self._cell)
            except (Unknown, ErrorResult) as error:
                self._computed[place] = type(error)
            finally:
                self._open.remove(place)
        found = self._computed[place]
        if isinstance(found, type):
            raise found
        return found


def _value(saved: Any) -> Value:
    """A saved cell as a formula sees it. Days are not computed with."""
    if isinstance(saved, (float, int, str)):  # a truth is an integer, too
        return saved
    raise Unknown


def _is_nothing(saved: Any) -> bool:
    """Whether a saved result is what programs write that compute none: 0, no text, or the day and time of 0."""
    if isinstance(saved, (dt.datetime, dt.date)):
        return saved.year < 1901
    return saved in (0, "", None) or saved in (dt.time(0), dt.timedelta(0))


def _agree(saved: Any, found: Value) -> bool:
    """Whether a saved result is the computed one. Another day than 0 is believed."""
    if isinstance(saved, (dt.datetime, dt.date, dt.time, dt.timedelta)):
        return not _is_nothing(saved) or not found
    if isinstance(saved, str) or isinstance(found, str):
        return saved == (found if found is not None else 0)
    return math.isclose(float(saved), float(found or 0), rel_tol=1e-6, abs_tol=1e-9)
