"""Tells the lines that number the columns of a table (甲 乙 1 2 3, 栏次 （1） （2）) from lines of data."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Column, Table
from fugong.core.column_bytes import is_plain_ascii
from fugong.parsing.cell_anomalies import is_nothing
from fugong.parsing.column_numbers import LABELS, LONGEST_ASCII_LABEL, MAY_BE_LABEL, MIN_CELLS, NOTHING, labels_of
from fugong.parsing.header import Header

WHITESPACE = b" \t\n\r\x0b\x0c"
COLUMN_LETTERS = ("甲乙丙丁戊己庚辛壬癸", "abcdefghijklmnopqrstuvwxyz")
MAX_OTHER_CELLS = 3
"""More labels than these beside a letter make a line of numbers."""
MAX_MISSED = 2
"""A clerk who numbers the columns by hand leaves out so many numbers at most."""


class NumberingLines:
    """Finds the lines below one header that number its columns."""

    def __init__(self, table: Table, header: Header, code_lists: Mapping[str, CodeList]) -> None:
        self._header, self._code_lists = header, code_lists
        keys = [table.by_name[name] for name in table.key if name in header.index]
        self._key = keys[0] if keys else None
        self._others = [column for column in header.columns.values() if column not in keys][:3]

    def may_be(self, batch: pa.RecordBatch) -> np.ndarray:
        """The lines with a label of a column in the first column of the key, and in another one, too."""
        if self._key is None:
            return np.zeros(batch.num_rows, dtype=bool)
        found = self._has_label(batch, self._key)
        if not found.any() or not self._others:
            return found
        return found & np.logical_or.reduce([self._has_label(batch, column) for column in self._others])

    def are_those(self, batch: pa.RecordBatch) -> np.ndarray:
        """The lines of a batch that number the columns."""
        found = self.may_be(batch)
        places = np.flatnonzero(found)
        if len(places):
            columns = batch.take(pa.array(places)).columns[1:]
            lines = zip(*(cells.to_pylist() for cells in columns), strict=True)
            found[places] = [self.is_one(line) for line in lines]
        return found

    def is_one(self, cells: Sequence[str | None]) -> bool:
        """Whether a line numbers the columns from the first on: 甲 乙 1 2 3, 栏次 （1） （2）, 1 2 3 4.

        Numbers alone are such a line only where one stands in a column that cannot hold it: a date, a credit code, a code of a list.
        """
        labels = labels_of(self._header.within(cells), min(MIN_CELLS, max(2, len(self._header.sent))))
        if labels is None:
            return False
        is_named = labels[0] in LABELS
        labels = [label for label in labels[is_named:] if label not in NOTHING]
        letters = "".join(label for label in labels if not label.isdecimal())
        numbers = [int(label) for label in labels if label.isdecimal()]
        if not any(alphabet.startswith(letters) for alphabet in COLUMN_LETTERS):
            return False
        if numbers and not (numbers[0] in (1, len(letters) + is_named + 1) and _go_on(numbers)):
            return False
        # 甲 alone beside a number fills a table of two columns.
        is_lettered = bool(letters) and (
            len(labels) > MAX_OTHER_CELLS or (len(labels) == 2 and letters[0] == COLUMN_LETTERS[0][0])
        )
        return is_named or is_lettered or self._cannot_be_data(cells)

    def _has_label(self, batch: pa.RecordBatch, column: Column) -> np.ndarray:
        return may_be_labels(self._header.cells_of(batch, column))

    def _cannot_be_data(self, cells: Sequence[str | None]) -> bool:
        """Whether a filled cell stands in a column that cannot hold it."""
        return any(
            (cell := cells[at]) is not None and self._cannot_hold(column, cell)
            for at, column in self._header.columns.items()
            if at < len(cells)
        )

    def _cannot_hold(self, column: Column, cell: str) -> bool:
        if is_nothing(cell):
            return False
        if column.code_list is not None:
            return fold(cell) not in self._code_lists[column.code_list].spellings
        return column.logical_type == "date" or column.format in ("uscc", "month")


def may_be_labels(cells: pa.Array) -> np.ndarray:
    """The cells that match `MAY_BE_LABEL`. Of codes and numbers nearly all are too long, which is many times as fast to see."""
    if not is_plain_ascii(cells, b"=" + WHITESPACE):
        return np.asarray(pc.fill_null(pc.match_substring_regex(cells, MAY_BE_LABEL), False))
    found = np.array(pc.fill_null(pc.less_equal(pc.binary_length(cells), LONGEST_ASCII_LABEL), False))
    places = np.flatnonzero(found)
    if len(places):
        found[places] = np.asarray(pc.match_substring_regex(cells.take(pa.array(places)), MAY_BE_LABEL))
    return found


def _go_on(numbers: Sequence[int]) -> bool:
    """Whether numbers count on, but for a slip: one left out, or one written twice."""
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    return all(0 <= step <= MAX_MISSED for step in steps) and 5 * sum(step != 1 for step in steps) <= len(steps)
