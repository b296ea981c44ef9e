"""Passes over the cells of a sheet: what each row is, some rows or a range of them, columns with tables side by side.

A pass over a large sheet holds at most nine bytes a row.
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pa_compute

from fugong.table_detection.header import Row

pc: Any = pa_compute

BLANK, SINGLE, TOTAL, SEVERAL = range(4)
"""Kinds of rows: blank, one cell, a total, several cells."""
TOTAL_WORDS = r"^[\s　]*(?:合[\s　]*计|总[\s　]*计|小[\s　]*计|共[\s　]*计|累[\s　]*计|(?i:(?:grand |sub)?-?totals?|sum))[\s　]*[::]?[\s　]*$"
LOOKED_AT_CHARACTERS = 2_000
"""Length to which a cell is cut for decisions and in a header, never in a row of the result."""


class Cells(Protocol):
    """The part of `reading.model.SheetCells` that detection needs."""

    @property
    def name(self) -> str:
        """The name of the sheet; empty for a text."""
        ...

    @property
    def n_columns(self) -> int:
        """The width of the widest row."""
        ...

    @property
    def merged(self) -> list[tuple[int, int, int, int]]:
        """Merged ranges, 0-based and inclusive."""
        ...

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the cells in batches, from the top."""
        ...


@dataclass(slots=True)
class RowSurvey:
    """Facts about each row of a window of columns, one entry per row.

    Attributes:
        kind: `BLANK`, `SINGLE`, `TOTAL` or `SEVERAL`.
        n_filled, n_digits: number of cells that hold something, and of those with a digit.
        first, last: columns of the first and last cell that holds something; -1 in a blank row.
    """

    kind: np.ndarray
    n_filled: np.ndarray
    n_digits: np.ndarray
    first: np.ndarray
    last: np.ndarray


def _as_bools(column: pa.Array) -> np.ndarray:
    return column.to_numpy(zero_copy_only=False)


def _filled(column: pa.Array) -> np.ndarray:
    if column.null_count == len(column):
        return np.zeros(len(column), dtype=bool)
    blank = pc.or_(pc.utf8_is_space(column), pc.equal(pc.binary_length(column), 0))
    return _as_bools(pc.invert(pc.fill_null(blank, fill_value=True)))


def _matches(column: pa.Array, pattern: str) -> np.ndarray:
    return _as_bools(pc.fill_null(pc.match_substring_regex(column, pattern), fill_value=False))


def survey(cells: Cells, first: int, last: int) -> RowSurvey:
    """Survey every row within the columns `first` … `last`."""
    parts: list[RowSurvey] = []
    for batch in cells.batches():
        n = batch.num_rows
        part = RowSurvey(
            np.full(n, SEVERAL, dtype=np.int8),
            np.zeros(n, dtype=np.int16),
            np.zeros(n, dtype=np.int16),
            np.full(n, -1, dtype=np.int16),
            np.full(n, -1, dtype=np.int16),
        )
        is_total = np.zeros(n, dtype=bool)
        for index in range(first, last + 1):
            column = batch.column(index + 1)
            filled = _filled(column)
            if not filled.any():
                continue
            is_among_first = filled & (part.n_filled < 2)  # a running number may stand before the word
            if is_among_first.any():
                is_total |= is_among_first & _matches(column, TOTAL_WORDS)
            part.first[filled & (part.first < 0)] = index
            part.last[filled] = index
            part.n_filled += filled
            part.n_digits += _matches(column, "[0-9]")
        part.kind[is_total] = TOTAL
        part.kind[part.n_filled == 1] = SINGLE
        part.kind[part.n_filled == 0] = BLANK
        parts.append(part)
    if not parts:
        return RowSurvey(*[np.zeros(0, dtype=np.int16)] * 5)
    names = ("kind", "n_filled", "n_digits", "first", "last")
    return RowSurvey(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _typed(row: Row) -> list[str | None]:
    """Drop the nulls at the end of a row, where nothing was typed."""
    width = len(row)
    while width and row[width - 1] is None:
        width -= 1
    return list(row[:width])


def read_rows(cells: Cells, begin: int, end: int, first: int, last: int) -> Iterator[tuple[int, list[str | None]]]:
    """Yield the rows `begin` … `end` with their numbers."""
    after = 0
    for batch in cells.batches():
        before, after = after, after + batch.num_rows
        if after < begin:
            continue
        if before >= end:
            return
        start = max(0, begin - 1 - before)
        cut = batch.slice(start, min(end, after) - before - start)
        columns = [cut.column(index + 1).to_pylist() for index in range(first, last + 1)]
        for number, row in enumerate(zip(*columns, strict=True), before + start + 1):
            yield number, _typed(row)


def pick_rows(cells: Cells, numbers: Iterable[int], first: int, last: int) -> dict[int, Row]:
    """Return some rows by their numbers."""
    wanted = np.array(sorted(set(numbers)), dtype=np.int64)
    picked: dict[int, Row] = {}
    after = 0
    for batch in cells.batches():
        before, after = after, after + batch.num_rows
        some = wanted[(wanted > before) & (wanted <= after)]
        if len(some):
            taken = batch.take(pa.array(some - before - 1))
            cut = [pc.utf8_slice_codeunits(taken.column(index + 1), 0, LOOKED_AT_CHARACTERS) for index in range(first, last + 1)]
            columns = [column.to_pylist() for column in cut]
            picked |= {int(n): _typed(row) for n, row in zip(some, zip(*columns, strict=True), strict=True)}
    return picked


def find_windows(cells: Cells) -> list[tuple[int, int]]:
    """Find ranges of columns with tables side by side: an empty column lies between them, and their rows overlap without being the same."""
    n = cells.n_columns
    if not n:
        return []
    tops = np.full(n, -1, dtype=np.int64)
    ends = np.full(n, -1, dtype=np.int64)
    before = 0
    for batch in cells.batches():
        filled = np.array([_filled(batch.column(index + 1)) for index in range(n)])
        filled[:, filled.sum(axis=0) < 2] = False  # a title stands in one cell, above any number of tables
        for index in np.flatnonzero(filled.any(axis=1)):
            places = np.flatnonzero(filled[index])
            tops[index] = before + places[0] if tops[index] < 0 else tops[index]
            ends[index] = before + places[-1]
        before += batch.num_rows
    used = np.flatnonzero(tops >= 0)
    if not len(used):
        return [(0, n - 1)]
    first, *others = np.split(used, np.flatnonzero(np.diff(used) > 1) + 1)
    windows = [first]
    for group in others:
        left = windows[-1]
        (top, end), (other_top, other_end) = ((tops[some].min(), ends[some].max()) for some in (left, group))
        is_beside = max(top, other_top) < min(end, other_end) and (top, end) != (other_top, other_end)
        if len(left) > 1 and len(group) > 1 and is_beside:
            windows.append(group)
        else:
            windows[-1] = np.concatenate([left, group])
    bounds = [int(window[0]) for window in windows[1:]]
    return list(zip([0, *bounds], [*(bound - 1 for bound in bounds), n - 1], strict=True))
