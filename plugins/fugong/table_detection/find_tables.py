"""Finds the tables in a grid without a contract: where each begins and ends, its header, and the rows that belong to none.

For `fugong read` only; a department's file is read by its contract (`parsing.header`).
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from fugong.table_detection.grid import BLANK, SEVERAL, SINGLE, TOTAL, Cells, find_windows, pick_rows, survey
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
from fugong.table_detection.model import DetectedTable, LeftOut

MAX_PIECES = 500
"""Pieces of a sheet that are examined; rows below them join the last one."""
MAX_TEXTS = 5_000
"""Rows left out whose text is reported."""
MAX_CELLS = 1_000_000
"""Cells held at once for decisions; a wide sheet has fewer pieces and texts."""
MAX_SINGLE_ROWS = 50
"""Rows of one run that are reported one by one."""
SHOWN_CHARACTERS = 200
MAX_TITLE_ROWS = 6
"""Rows of a narrow block that may stand above a wider table as its title."""
MAX_NOTE_ROWS = 3
"""Rows of a block that may stand below a wider table as its note, where they do not look like header and values."""


def find_tables(cells: Cells) -> tuple[list[DetectedTable], list[LeftOut]]:
    """Find the tables of a sheet, from left to right where they stand side by side, and the rows left out where there is none."""
    tables: list[DetectedTable] = []
    left_out: list[LeftOut] = []
    for first, last in find_windows(cells):
        found, rest = _Window(cells, first, last).find()
        tables += found
        left_out += rest
    return tables, left_out


@dataclass(slots=True)
class _Draft:
    """A table that grows downwards.

    Attributes:
        first, last: its rows so far, header included, 1-based.
        classes: the class of each column, as `header.column_classes` gives it.
    """

    first: int
    last: int
    head: Head
    classes: list[str]
    left_out: list[LeftOut]


class _Window:
    """The columns `first` … `last` of a sheet, which it splits from top to bottom into tables and rows left out."""

    def __init__(self, cells: Cells, first: int, last: int) -> None:
        self.cells, self.first, self.last = cells, first, last
        self.rows = survey(cells, first, last)
        self.picked: dict[int, Row] = {}
        self.max_rows = MAX_CELLS // (last - first + 1)
        self.max_pieces = max(1, min(MAX_PIECES, self.max_rows // BODY_SAMPLE))

    def find(self) -> tuple[list[DetectedTable], list[LeftOut]]:
        """Find the tables and, where there is none, the rows left out."""
        blocks = self._blocks()
        seams = [seam for begin, end in blocks for seam in self._possible_seams(begin, end)][: self.max_pieces]
        self._load(blocks, seams)
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
        """First and last row of every block, which is a run of rows that are not blank."""
        filled = np.concatenate([[False], self.rows.kind != BLANK, [False]])
        edges = np.flatnonzero(filled[1:] != filled[:-1])
        blocks = [(int(begin) + 1, int(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
        if len(blocks) > self.max_pieces:
            blocks[self.max_pieces - 1 :] = [(blocks[self.max_pieces - 1][0], blocks[-1][1])]
        return blocks

    def _load(self, blocks: list[tuple[int, int]], seams: list[int]) -> None:
        """Load the cells of the rows that decide, and of those that may be reported as left out."""
        numbers = {row for begin, end in blocks for row in _head_of(begin, end)}
        numbers |= {row for seam in seams for row in range(max(1, seam - 3), seam + BODY_SAMPLE)}
        odd = np.flatnonzero((self.rows.kind == SINGLE) | (self.rows.kind == TOTAL))[: min(MAX_TEXTS, self.max_rows)] + 1
        self.picked = pick_rows(self.cells, [*numbers, *odd.tolist()], self.first, self.last)

    def _possible_seams(self, begin: int, end: int) -> list[int]:
        """Rows within a block where another table may begin: they have hardly a digit where most rows have several."""
        digits = self.rows.n_digits[begin - 1 : end]
        few = (self.rows.kind[begin - 1 : end] == SEVERAL) & (digits * 3 <= np.median(digits))
        places = np.flatnonzero(few[1:] & ~few[:-1]) + 1
        return [] if len(places) > max(8, len(few) // 20) or not digits.any() else [begin + int(place) for place in places]

    def _cut(self, begin: int, end: int, seams: list[int]) -> Iterator[tuple[int, int]]:
        """Split a block before every row that is the header of the rows below it and no part of those above."""
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
        """Add a piece to the table above, begin a new table with it, or leave it out.

        Returns:
            the rows left out that wait for the next table.
        """
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
        if end - begin < MAX_TITLE_ROWS and widest <= 2 and self._is_wider_below(end, 2 * widest):
            return [*waiting, *self._left_out(begin, end, "title")]
        head = find_head(rows, self._merged(begin))
        is_named = head.why in ("values-below", "other-delimiter")
        if above and not is_named and len(rows) <= MAX_NOTE_ROWS and 2 * widest <= self._usual_width(above):
            return [*waiting, *self._left_out(begin, end, "note")]
        first = begin + head.n_titles
        titles = self._left_out(begin, first - 1, "title")
        body = rows[head.n_titles + head.n_rows :]
        drafts.append(_Draft(first, first, head, column_classes(body), [*waiting, *titles]))
        self._grow(drafts[-1], first, end)
        return []

    def _grow(self, draft: _Draft, begin: int, end: int) -> None:
        """Add rows to a table, without totals and without the rows at its end that hold hardly a cell."""
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
        """Whether a piece below blank rows continues the table above: it fills the same columns with cells of the same classes."""
        first, below = rows[0], column_classes(rows[1:])
        if widest < 2 or is_header_like(first, below):
            return False
        if draft.last < draft.first + draft.head.n_rows:  # the table has only a header so far
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
        """Report rows as left out, one by one as long as there are few."""
        out: list[LeftOut] = []
        for row in range(begin, min(end, begin + MAX_SINGLE_ROWS - 1) + 1):
            text = " ".join((cell or "").strip() for cell in self.picked.get(row, ()) if is_filled(cell))
            out.append(LeftOut(row, row, why, text[:SHOWN_CHARACTERS]))
        if end >= begin + MAX_SINGLE_ROWS:
            out.append(LeftOut(begin + MAX_SINGLE_ROWS, end, why))
        return out

    def _merged(self, begin: int) -> list[tuple[int, int, int, int]]:
        return [
            (top - begin + 1, left - self.first, bottom - begin + 1, right - self.first)
            for top, left, bottom, right in self.cells.merged
            if begin - 1 <= top < begin - 1 + BODY_SAMPLE and self.first <= left <= self.last
        ]

    def _finished(self, draft: _Draft) -> DetectedTable:
        body = draft.first + draft.head.n_rows
        left, right = self.first, self.last
        if self.cells.name:  # a text keeps its width as typed, empty columns included
            inside = slice(draft.first - 1, draft.last)
            firsts, lasts = self.rows.first[inside], self.rows.last[inside]
            left, right = int(firsts[firsts >= 0].min()), int(lasts.max())
            named = [index + self.first for index, name in enumerate(draft.head.names) if name.strip()]
            left, right = min([left, *named[:1]]), max([right, *named[-1:]])
        left_out = sorted(draft.left_out, key=lambda item: item.first_row)
        n_dropped = sum(item.last_row - item.first_row + 1 for item in left_out if body <= item.first_row <= draft.last)
        names = draft.head.names[left - self.first : right - self.first + 1]
        n_rows = draft.last - body + 1 - n_dropped
        return DetectedTable(self.cells, draft.first, draft.last, left, right, replace(draft.head, names=names), n_rows, left_out)


def _head_of(begin: int, end: int) -> range:
    return range(begin, min(end, begin + BODY_SAMPLE - 1) + 1)


def _is_alike(cell: str | None, name: str) -> bool:
    here = cell_class(cell)
    return here == name or (here in TYPED and name in TYPED) or (not name and here == "words")
