"""Searches the lines below a header for those that look like a later header or a declaration of units. Every line is tested in Arrow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Table
from fugong.parsing.header import IGNORED, MAX_HEADER_ROWS, Header
from fugong.parsing.header_text import fold_header
from fugong.parsing.numbering_lines import NumberingLines
from fugong.reading.model import SheetCells

MAX_UNIT_CELLS = 4
"""A line that declares a unit fills no more cells than this."""
ROWS_ABOVE, ROWS_BELOW = MAX_HEADER_ROWS, 12
"""Rows around a line that may be a header, to read it with."""
UNIT_SIGN = r"单\s*位|計量|计量|币|[元圆亿万千]|(?i:rmb|cny|usd|hkd)"
UNIT_SIGN_OF_FEW = re.compile(UNIT_SIGN)
PERIOD_SIGN = re.compile(
    r"[上去前往昨下明次历本当今全]\s*[一个]?\s*[年月期周旬季日天]|[上下]\s*半\s*年|同\s*期|年\s*初|累\s*[计積积]|[\d一二三四五六七八九十]\s*[月日号]|\d[./-]\d|20\d\d"
)
"""What a heading of another period may hold (`period_headings`)."""
MAX_HEADINGS = 100
MAX_FEW_CELLS = 1_000
"""Cells that are matched one by one."""
NO_LETTER = r"[^\p{L}]*"


class Event(NamedTuple):
    """A line that looks like a header or like a declaration.

    Attributes:
        around: rows of the sheet by line, from some lines above to some below.
        after_data: the last full line before this one; 0 without one.
    """

    line: int
    is_header: bool
    around: Mapping[int, Sequence[str | None]]
    after_data: int


class Search:
    """Finds the events of a sheet, batch by batch.

    A header may be that of another table of the report, too.

    Attributes:
        last_full: the last line so far that fills half of the table's columns.
        headings: lines of few cells that may say a period, with their cells.
    """

    def __init__(
        self, table: Table, others: Sequence[Table], sheet: SheetCells, header: Header, code_lists: Mapping[str, CodeList]
    ) -> None:
        self._sheet, self._header = sheet, header
        self._numbering = NumberingLines(table, header, code_lists)
        names = {fold_header(name) for column in table.columns for name in column.headers}
        names |= {fold_header(text) for text in header.sent.values()} | IGNORED
        names_of_others = {fold_header(name) for other in others for column in other.columns for name in column.headers}
        beginnings = {_beginning(name) for name in names | names_of_others} - {""}
        self._may_be_ascii = any(name.isascii() for name in (names | names_of_others) - IGNORED)
        self._words = f"^{NO_LETTER}(?:{'|'.join(sorted(beginnings))})"
        # The same for Python's own expressions, which know no \p{L}.
        self._words_of_few = re.compile(self._words.replace(NO_LETTER, r"[\W\d_]*"))
        typed = [at for at, column in sorted(header.columns.items()) if column.logical_type != "string" and not column.code_list]
        keys = [header.index[name] for name in table.key[:1] if name in header.index]
        self._probes = sorted({*keys, *typed[:1], *typed[-1:], *(() if keys or typed else (header.first_column,))})
        self._half = max(2, (len(header.columns) + 1) // 2)
        self._least_words = min([self._half, *(max(3, (len(other.columns) + 1) // 2) for other in others)])
        self.last_full = 0
        self.headings: list[tuple[int, list[str | None]]] = []

    def events(self) -> Iterator[Event]:
        """The events in the order of the sheet."""
        held: pa.RecordBatch | None = None
        pending: list[tuple[int, bool, int]] = []
        for batch in self._sheet.batches():
            pending += self._candidates(batch)
            until = batch.column("row_number")[-1].as_py() - ROWS_BELOW if batch.num_rows else 0
            keep = ROWS_ABOVE + ROWS_BELOW + 1
            rows = batch
            if held is not None and (pending or batch.num_rows < keep):  # else what was held is not read any more, nor copied
                rows = pa.concat_batches([held, batch])
            while pending and pending[0][0] <= until:
                yield self._event(rows, *pending.pop(0))
            held = rows.slice(max(0, rows.num_rows - keep))
        for one in pending:
            assert held is not None
            yield self._event(held, *one)

    def _event(self, rows: pa.RecordBatch, line: int, is_header: bool, after_data: int) -> Event:
        at = line - rows.column("row_number")[0].as_py()
        part = rows.slice(max(0, at - ROWS_ABOVE), ROWS_ABOVE + ROWS_BELOW + 1 - max(0, ROWS_ABOVE - at))
        columns = part.to_pydict()
        numbers = columns.pop("row_number")
        around = {number: [cells[order] for cells in columns.values()] for order, number in enumerate(numbers)}
        below = self._header.last_row + 1
        return Event(line, is_header, {number: row for number, row in around.items() if number > below}, after_data)

    def _candidates(self, batch: pa.RecordBatch) -> list[tuple[int, bool, int]]:
        """The lines of a batch that are looked at closely: line, whether it looks like a header, the last full line before."""
        if not batch.num_rows:
            return []
        inside = [at for at in range(self._header.first_column, self._header.last_column + 1) if at < batch.num_columns - 1]
        numbers = np.asarray(batch.column("row_number"))
        n_filled = np.zeros(batch.num_rows, np.int32)
        for at in inside:
            cells = batch.column(at + 1)
            n_filled += 1 if not cells.null_count else np.asarray(cells.is_valid())
        below = numbers > self._header.last_row + 1
        full = numbers[below & (n_filled >= self._half) & ~self._numbering.are_those(batch)]
        headers = self._headers(batch, below)
        sparse = np.flatnonzero(below & (n_filled > 0) & (n_filled <= MAX_UNIT_CELLS))
        units = [at for at in self._declarations(batch, sparse) if at not in headers]
        self._note_headings(batch, sparse[n_filled[sparse] < self._half])
        found = sorted([*((at, True) for at in headers), *((at, False) for at in units)])
        # A header is no line of data.
        full = full[~np.isin(full, numbers[sorted(headers)])] if headers else full
        out = []
        for at, is_header in found:
            before = int(np.searchsorted(full, numbers[at]))
            out.append((int(numbers[at]), is_header, int(full[before - 1]) if before else self.last_full))
        if len(full):
            self.last_full = int(full[-1])
        return out

    def _headers(self, batch: pa.RecordBatch, below: np.ndarray) -> set[int]:
        hits = np.zeros(batch.num_rows, dtype=bool)
        for at in self._probes:
            if at < batch.num_columns - 1:
                cells = batch.column(at + 1)
                # Of codes and numbers nearly all are ASCII, which is ten times as fast to test.
                maybe = np.asarray(pc.fill_null(pc.invert(pc.string_is_ascii(cells)), False)) | self._may_be_ascii
                places = np.flatnonzero(maybe)
                if len(places):
                    hits[places] |= self._begins_like_header(cells.take(pa.array(places)))
        positions = np.flatnonzero(hits & below)
        if not len(positions):
            return set()
        wanted = pa.array(positions)
        n_words = np.zeros(len(positions), np.int32)
        for cells in batch.columns[1:]:
            n_words += self._begins_like_header(cells.take(wanted))
        return set(positions[n_words >= self._least_words].tolist())

    def _begins_like_header(self, cells: pa.Array) -> np.ndarray:
        return _matches(cells, self._words, self._words_of_few)

    def _declarations(self, batch: pa.RecordBatch, positions: np.ndarray) -> set[int]:
        if not len(positions):
            return set()
        wanted = pa.array(positions)
        hits = np.zeros(len(positions), dtype=bool)
        for cells in batch.columns[1:]:
            some = cells.take(wanted)
            if some.null_count < len(some):
                hits |= _matches(some, UNIT_SIGN, UNIT_SIGN_OF_FEW)
        return set(positions[hits].tolist())

    def _note_headings(self, batch: pa.RecordBatch, positions: np.ndarray) -> None:
        if not len(positions) or len(self.headings) >= MAX_HEADINGS:
            return
        lines = batch.take(pa.array(positions)).to_pydict()
        for number, *cells in zip(*lines.values(), strict=True):
            if any(cell and PERIOD_SIGN.search(cell) for cell in cells):
                self.headings.append((number, cells))


def _matches(cells: pa.Array, pattern: str, of_few: re.Pattern[str]) -> np.ndarray:
    """Which cells match; Arrow compiles its pattern at each call, which costs more than a few cells do."""
    if len(cells) <= MAX_FEW_CELLS:
        return np.array([text is not None and of_few.search(text) is not None for text in cells.to_pylist()], dtype=bool)
    return np.asarray(pc.fill_null(pc.match_substring_regex(cells, pattern), False))


@lru_cache(maxsize=4096)
def _beginning(name: str) -> str:
    """A pattern for the first two letters of a header's name; other characters may stand between them."""
    letters = re.findall(r"[^\W\d_]", name)[:2]
    return NO_LETTER.join(re.escape(letter) for letter in letters) if letters else ""
