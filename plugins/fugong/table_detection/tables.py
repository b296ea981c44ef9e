"""The tables in a grid of which nothing is known: where each begins and ends, its header, and what belongs to none.

For `fugong read` only; a department's file is read by its contract (`header.locate`). A sheet is looked at in passes over its
stream, so that of a large one no more than nine bytes a row are held: what each row is, then the cells of the rows that decide.
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pa_compute

from fugong.table_detection.header import (
    BODY_SAMPLE,
    TYPED,
    Head,
    Row,
    cell_class,
    column_classes,
    find_head,
    is_filled,
    is_header_like,
    n_filled,
)

pc: Any = pa_compute

BLANK, SINGLE, TOTAL, SEVERAL = range(4)
"""Kinds of rows: empty, one cell, a total, several cells."""
TOTAL_WORDS = r"^[\s　]*(?:合[\s　]*计|总[\s　]*计|小[\s　]*计|共[\s　]*计|累[\s　]*计|(?i:(?:grand |sub)?-?totals?|sum))[\s　]*[::]?[\s　]*$"
MAX_PIECES = 500
"""Pieces of a sheet that are looked at; what lies below them goes with the last one."""
MAX_TEXTS = 5_000
"""Rows left out whose text is told."""
MAX_CELLS = 1_000_000
"""Cells held at once to decide by; of wide sheets that is fewer pieces and texts."""
LOOKED_AT_CHARACTERS = 2_000
"""A cell is cut there to decide by, and as a name in a header; never as a cell of a row."""
MAX_SINGLE_ROWS = 50
"""Rows of one run that are told one by one."""
SHOWN_CHARACTERS = 200
DEEPEST_TITLE = 6
"""Rows of a narrow block that may stand above a wider table as its title."""
DEEPEST_NOTE = 3
"""Rows of a block that may stand below a wider table as its note, where they do not look like header and values."""


class Cells(Protocol):
    """A sheet as `reading.SheetCells` has it."""

    @property
    def name(self) -> str:
        """Empty for a text."""
        ...

    @property
    def n_columns(self) -> int:
        """Of the widest row."""
        ...

    @property
    def merged(self) -> list[tuple[int, int, int, int]]:
        """Ranges, 0-based and inclusive."""
        ...

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the cells from the top."""
        ...


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that belong to no table, and why: blank, title, note, total. Numbers are 1-based."""

    first_row: int
    last_row: int
    why: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class FreeTable:
    """One table of a sheet.

    Attributes:
        first_row, last_row: 1-based, header included.
        first_column, last_column: 0-based.
        head: its header, and why it was taken for one.
        n_rows: below the header, without those left out.
        left_out: above, within and below.
    """

    cells: Cells
    first_row: int
    last_row: int
    first_column: int
    last_column: int
    head: Head
    n_rows: int
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])

    @property
    def header(self) -> list[str]:
        """Names of the columns; empty where the table has none."""
        return self.head.names

    def numbered_rows(self) -> Iterator[tuple[int, list[str | None]]]:
        """Yield row number and cells below the header, as typed: a row that was typed shorter or longer stays so."""
        skipped = {row for left in self.left_out for row in range(left.first_row, left.last_row + 1)}
        begin = self.first_row + self.head.n_rows
        for number, row in _rows(self.cells, begin, self.last_row, self.first_column, self.last_column):
            if number not in skipped:
                yield number, row

    def rows(self) -> Iterator[list[str | None]]:
        """Yield the rows below the header."""
        return (row for _, row in self.numbered_rows())


def find_tables(cells: Cells) -> tuple[list[FreeTable], list[LeftOut]]:
    """Find the tables of a sheet (side by side: from left to right), and what is left out where there is none."""
    tables: list[FreeTable] = []
    left_out: list[LeftOut] = []
    for first, last in _windows(cells):
        found, rest = _Window(cells, first, last).find()
        tables += found
        left_out += rest
    return tables, left_out


# --- passes over the stream ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Rows:
    """What each row of a window of columns is: one entry per row."""

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


def _survey(cells: Cells, first: int, last: int) -> _Rows:
    """Tell what every row is within the columns `first` … `last`."""
    parts: list[_Rows] = []
    for batch in cells.batches():
        n = batch.num_rows
        part = _Rows(
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
        return _Rows(*[np.zeros(0, dtype=np.int16)] * 5)
    names = ("kind", "n_filled", "n_digits", "first", "last")
    return _Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _typed(row: Row) -> list[str | None]:
    """Cut the nulls at the end of a row: nothing was typed there."""
    width = len(row)
    while width and row[width - 1] is None:
        width -= 1
    return list(row[:width])


def _rows(cells: Cells, begin: int, end: int, first: int, last: int) -> Iterator[tuple[int, list[str | None]]]:
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


def _pick(cells: Cells, numbers: Iterable[int], first: int, last: int) -> dict[int, Row]:
    """Take some rows, by their numbers."""
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


def _windows(cells: Cells) -> list[tuple[int, int]]:
    """Ranges of columns that hold tables side by side: an empty column between, and rows that overlap and are not the same."""
    n = cells.n_columns
    if not n:
        return []
    tops = np.full(n, -1, dtype=np.int64)
    ends = np.full(n, -1, dtype=np.int64)
    before = 0
    for batch in cells.batches():
        filled = np.array([_filled(batch.column(index + 1)) for index in range(n)])
        filled[:, filled.sum(axis=0) < 2] = False  # a title stands in one cell, above whatever there is
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


# --- one window of columns ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A table as it grows downwards; `classes` are those of its columns."""

    first: int
    last: int
    head: Head
    classes: list[str]
    left_out: list[LeftOut]


class _Window:
    """The columns `first` … `last` of a sheet, cut from top to bottom into tables and the rest."""

    def __init__(self, cells: Cells, first: int, last: int) -> None:
        self.cells, self.first, self.last = cells, first, last
        self.rows = _survey(cells, first, last)
        self.picked: dict[int, Row] = {}
        self.most_rows = MAX_CELLS // (last - first + 1)
        self.most_pieces = max(1, min(MAX_PIECES, self.most_rows // BODY_SAMPLE))

    def find(self) -> tuple[list[FreeTable], list[LeftOut]]:
        """Find tables and, where there is none, what is left out."""
        blocks = self._blocks()
        seams = [seam for begin, end in blocks for seam in self._possible_seams(begin, end)][: self.most_pieces]
        self._look_at(blocks, seams)
        pieces = [piece for begin, end in blocks for piece in self._cut(begin, end, seams)]
        drafts: list[_Draft] = []
        waiting: list[LeftOut] = []
        for begin, end in pieces:
            waiting = self._take(begin, end, drafts, waiting)
        if drafts:
            drafts[-1].left_out += [replace(left, why="note") if left.why == "title" else left for left in waiting]
            waiting = []
        return [self._finished(draft) for draft in drafts], waiting

    def _blocks(self) -> list[tuple[int, int]]:
        """First and last row of every run of rows that are not blank."""
        filled = np.concatenate([[False], self.rows.kind != BLANK, [False]])
        edges = np.flatnonzero(filled[1:] != filled[:-1])
        blocks = [(int(begin) + 1, int(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
        if len(blocks) > self.most_pieces:
            blocks[self.most_pieces - 1 :] = [(blocks[self.most_pieces - 1][0], blocks[-1][1])]
        return blocks

    def _look_at(self, blocks: list[tuple[int, int]], seams: list[int]) -> None:
        """Take the cells of the rows that decide, and of those that may be told as left out."""
        numbers = {row for begin, end in blocks for row in _head_of(begin, end)}
        numbers |= {row for seam in seams for row in range(max(1, seam - 3), seam + BODY_SAMPLE)}
        odd = np.flatnonzero((self.rows.kind == SINGLE) | (self.rows.kind == TOTAL))[: min(MAX_TEXTS, self.most_rows)] + 1
        self.picked = _pick(self.cells, [*numbers, *odd.tolist()], self.first, self.last)

    def _possible_seams(self, begin: int, end: int) -> list[int]:
        """Rows within a block where another table may begin: hardly a cell with a digit, where most rows have more."""
        digits = self.rows.n_digits[begin - 1 : end]
        few = (self.rows.kind[begin - 1 : end] == SEVERAL) & (digits * 3 <= np.median(digits))
        places = np.flatnonzero(few[1:] & ~few[:-1]) + 1
        return [] if len(places) > max(8, len(few) // 20) or not digits.any() else [begin + int(place) for place in places]

    def _cut(self, begin: int, end: int, seams: list[int]) -> Iterator[tuple[int, int]]:
        """Cut a block where a row is the header of what stands below it and no part of what stands above."""
        cuts = [begin]
        for seam in seams:
            if begin < seam < end and self._is_seam(cuts[-1], seam):
                cuts.append(seam)
        for here, there in pairwise([*cuts, end + 1]):
            yield here, there - 1

    def _is_seam(self, begin: int, seam: int) -> bool:
        above = [self.picked[row] for row in _head_of(begin, seam - 1) if row in self.picked]
        row, below = self.picked.get(seam), self.picked.get(seam + 1)
        if row is None or below is None or len(above) < 2:
            return False
        classes = column_classes(above[1:])
        words = [cell_class(cell) == "words" for cell, name in zip(row, classes, strict=False) if name in TYPED]
        return (
            len(words) >= 2
            and sum(words) * 5 >= len(words) * 4
            and is_header_like(row, classes)
            and is_header_like(row, column_classes([below]))
        )

    def _take(self, begin: int, end: int, drafts: list[_Draft], waiting: list[LeftOut]) -> list[LeftOut]:
        """Add a piece to the table above it, begin a new one with it, or leave it out; return what waits for the next one."""
        widest = int(self.rows.n_filled[begin - 1 : end].max())
        waiting = [*waiting, *self._blank_above(begin)]
        rows = [self.picked[row] for row in _head_of(begin, end)]
        above = drafts[-1] if drafts and all(left.why == "blank" for left in waiting) else None
        if above and waiting and self._belongs(above, rows, widest):
            above.left_out += waiting
            self._grow(above, begin, end)
            return []
        if widest < 2 and (self.rows.n_filled > 1).any():
            return [*waiting, *self._left_out(begin, end, "title" if self._is_wider_below(end, 2) else "note")]
        if end - begin < DEEPEST_TITLE and widest <= 2 and self._is_wider_below(end, 2 * widest):
            return [*waiting, *self._left_out(begin, end, "title")]
        head = find_head(rows, self._merged(begin))
        is_named = head.why in ("values-below", "other-delimiter")
        if above and not is_named and len(rows) <= DEEPEST_NOTE and 2 * widest <= self._usual_width(above):
            return [*waiting, *self._left_out(begin, end, "note")]
        first = begin + head.n_titles
        titles = self._left_out(begin, first - 1, "title")
        body = rows[head.n_titles + head.n_rows :]
        drafts.append(_Draft(first, first, head, column_classes(body), [*waiting, *titles]))
        self._grow(drafts[-1], first, end)
        return []

    def _grow(self, draft: _Draft, begin: int, end: int) -> None:
        """Add rows to a table: totals are left out, and so are the rows at its end that hold hardly a cell."""
        kind = self.rows.kind[begin - 1 : end]
        counts = self.rows.n_filled[begin - 1 : end]
        full = np.flatnonzero((counts >= max(2, np.median(counts) / 3)) | (kind == TOTAL))
        is_wide = max(sum(map(bool, draft.head.names)), sum(map(bool, draft.classes))) > 2
        last = begin + int(full[-1]) if len(full) and is_wide else end
        for place in np.flatnonzero(kind[: last - begin + 1] == TOTAL):
            row = begin + int(place)
            if row >= draft.first + draft.head.n_rows:
                draft.left_out += self._left_out(row, row, "total")
        draft.last = last
        draft.left_out += self._left_out(last + 1, end, "note")

    def _belongs(self, draft: _Draft, rows: list[Row], widest: int) -> bool:
        """Whether a piece below blank rows goes on with the table above: cells where that has columns, of the same look."""
        first, below = rows[0], column_classes(rows[1:])
        if widest < 2 or is_header_like(first, below):
            return False
        if draft.last < draft.first + draft.head.n_rows:  # a header, and nothing below it so far
            return n_filled(first) * 2 >= len([name for name in draft.head.names if name])
        if is_header_like(first, draft.classes):
            return False
        alike = [
            _is_alike(cell, name) for row in rows[:5] for cell, name in zip(row, draft.classes, strict=False) if is_filled(cell)
        ]
        return sum(alike) * 10 >= len(alike) * 7 and n_filled(first) * 2 >= self._usual_width(draft)

    def _usual_width(self, draft: _Draft) -> float:
        return float(np.median(self.rows.n_filled[draft.first - 1 : draft.last]))

    def _is_wider_below(self, row: int, least: int) -> bool:
        return bool((self.rows.n_filled[row : row + BODY_SAMPLE] >= least).any())

    def _blank_above(self, begin: int) -> list[LeftOut]:
        row = begin
        while row > 1 and self.rows.kind[row - 2] == BLANK:
            row -= 1
        return [LeftOut(row, begin - 1, "blank")] if row < begin else []

    def _left_out(self, begin: int, end: int, why: str) -> list[LeftOut]:
        """Tell rows as left out, one by one as long as there are few."""
        told: list[LeftOut] = []
        for row in range(begin, min(end, begin + MAX_SINGLE_ROWS - 1) + 1):
            text = " ".join((cell or "").strip() for cell in self.picked.get(row, ()) if is_filled(cell))
            told.append(LeftOut(row, row, why, text[:SHOWN_CHARACTERS]))
        if end >= begin + MAX_SINGLE_ROWS:
            told.append(LeftOut(begin + MAX_SINGLE_ROWS, end, why))
        return told

    def _merged(self, begin: int) -> list[tuple[int, int, int, int]]:
        return [
            (top - begin + 1, left - self.first, bottom - begin + 1, right - self.first)
            for top, left, bottom, right in self.cells.merged
            if begin - 1 <= top < begin - 1 + BODY_SAMPLE and self.first <= left <= self.last
        ]

    def _finished(self, draft: _Draft) -> FreeTable:
        body = draft.first + draft.head.n_rows
        left, right = self.first, self.last
        if self.cells.name:  # a text is as wide as it was typed, empty columns included
            inside = slice(draft.first - 1, draft.last)
            firsts, lasts = self.rows.first[inside], self.rows.last[inside]
            left, right = int(firsts[firsts >= 0].min()), int(lasts.max())
            named = [index + self.first for index, name in enumerate(draft.head.names) if name.strip()]
            left, right = min([left, *named[:1]]), max([right, *named[-1:]])
        left_out = sorted(draft.left_out, key=lambda item: item.first_row)
        n_dropped = sum(item.last_row - item.first_row + 1 for item in left_out if body <= item.first_row <= draft.last)
        names = draft.head.names[left - self.first : right - self.first + 1]
        n_rows = draft.last - body + 1 - n_dropped
        return FreeTable(self.cells, draft.first, draft.last, left, right, replace(draft.head, names=names), n_rows, left_out)


def _head_of(begin: int, end: int) -> range:
    return range(begin, min(end, begin + BODY_SAMPLE - 1) + 1)


def _is_alike(cell: str | None, name: str) -> bool:
    here = cell_class(cell)
    return here == name or (here in TYPED and name in TYPED) or (not name and here == "words")
