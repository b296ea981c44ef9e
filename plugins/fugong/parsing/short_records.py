"""Tells the short records of a text whose last cells are empty from those that lost a cell, by what the columns may hold.

A record with a cell too few was trimmed at its end, or a cell is missing somewhere and all that follow have moved to the left. Only the types
of the columns can tell one from the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.contract import Column
from fugong.parsing.cells import ACCEPTED
from fugong.parsing.header import Header
from fugong.parsing.typed import Typed

TypeCells = Callable[[Column, pa.Array], Typed]
BARE_NUMBER = r"^\s*[-+]?[\d,]*\.?\d+%?\s*$"
WITH_DECIMALS = r"^\s*[-+]?[\d,]*\.\d+%?\s*$|%\s*$"
FEWEST_WHOLE = 3
"""Values that a column needs to say what is like it."""
NEAR = 3
"""A number is like those of a column up to so many times above the largest and below the smallest."""
AMOUNT = r"^\s*[-+]?[\d,]*\.\d*[1-9]\d*\s*(?:%|元|[百千万亿]+元)?\s*$|^\s*[-+]?[\d,.]+\s*[百千万亿]*元整?\s*$"
WORDS = re.compile("名称|备注|说明|原因|意见|问题|事项|内容")
"""Headers below which a bare number is out of place; below other texts it may be a code."""


@dataclass(frozen=True)
class ShortRecords:
    """What the types of the columns say about some records of the same length.

    Attributes:
        fits: whether every cell fits the column in which it stands.
        fits_moved: whether, with a cell missing before them, the last ones fit the columns to their right, and no less well.
        may_be_moved: the same, where no mandatory column would be without a value.
    """

    fits: np.ndarray
    fits_moved: np.ndarray
    may_be_moved: np.ndarray


ANYTHING, A_TEXT, A_NUMBER, ONE_OF_FEW = range(4)
"""How much it says that a cell fits a column: one of codes, days, or marks with check digits says most."""


@dataclass(frozen=True)
class _Fit:
    """Which cells fit a column, which of them hold nothing, and how much it says that a cell fits."""

    fits: np.ndarray
    is_empty: np.ndarray
    says: int


class ShortRecordTypes:
    """Judges short records below one header."""

    def __init__(self, header: Header, type_cells: TypeCells, whole: Callable[[], pa.RecordBatch]) -> None:
        """Judge by the header, and by some records that have all cells, which are read when the first short one asks."""
        self._header, self._type_cells, self._whole = header, type_cells, whole
        self._n_columns = header.last_column + 1

    def judge(self, batch: pa.RecordBatch, n_cells: int) -> ShortRecords:
        """What the types say about the records of a batch (`row_number`, `c0`, `c1`, …) that have so many cells."""
        n_missing = self._n_columns - n_cells
        at_home = [self._fits(at, batch.column(at + 1)) for at in range(n_cells)]
        fits = np.logical_and.reduce([one.fits for one in at_home])
        as_moved, has_moved = np.ones(batch.num_rows, dtype=bool), np.zeros(batch.num_rows, dtype=bool)
        fits_moved, may_be_moved = np.zeros(batch.num_rows, dtype=bool), np.zeros(batch.num_rows, dtype=bool)
        for at in range(n_cells - 1, self._header.first_column - 1, -1):
            home, there = at_home[at], self._fits(at + n_missing, batch.column(at + 1), is_moved=True)
            # A day that stands under a header of days was hardly meant for a remark beside it.
            is_likely = home.is_empty | ~home.fits | (there.says >= home.says)
            as_moved &= there.fits & is_likely & ~self._is_at_home(at, at + n_missing, batch.column(at + 1))
            if not as_moved.any():
                break
            has_moved |= ~home.is_empty  # nothing is nothing in any column
            fits_moved |= as_moved & has_moved
            if not any(self._is_mandatory(gap) for gap in range(at, at + n_missing)):
                may_be_moved |= as_moved & has_moved
        return ShortRecords(fits, fits_moved, may_be_moved)

    def _is_at_home(self, at: int, there: int, cells: pa.Array) -> np.ndarray:
        """Which cells are like those of their own column in the whole records, and unlike those of the other column."""
        home, other = self._of_whole.get(at), self._of_whole.get(there)
        column = self._header.columns.get(at)
        if (
            home is None
            or other is None
            or column is None
            or home.type != other.type
            or min(len(home), len(other)) < FEWEST_WHOLE
        ):
            return np.zeros(len(cells), dtype=bool)
        values = _bare(self._type_cells(column, cells).values)
        if pa.types.is_string(values.type):
            return np.asarray(pc.is_in(values, home)) & ~np.asarray(pc.is_in(values, other)) & np.asarray(values.is_valid())
        numbers = np.asarray(pc.fill_null(values, 0.0))
        return _is_near(numbers, np.asarray(home)) & ~_is_near(numbers, np.asarray(other))

    @cached_property
    def has_whole(self) -> bool:
        """Whether any record has all cells."""
        return self._whole().num_rows > 0

    @cached_property
    def _of_whole(self) -> Mapping[int, pa.Array]:
        """Physical column → the values of the whole records, of texts without a list of codes, and of numbers."""
        whole = self._whole()
        found: dict[int, pa.Array] = {}
        for at, column in self._header.columns.items():
            if column.logical_type in ("number", "integer") or (column.logical_type == "string" and not column.code_list):
                found[at] = _bare(self._type_cells(column, self._header.cells_of(whole, column)).values).drop_null()
        return found

    def _is_mandatory(self, at: int) -> bool:
        column = self._header.columns.get(at)
        return column is not None and column.is_mandatory

    def _fits(self, at: int, cells: pa.Array, *, is_moved: bool = False) -> _Fit:
        """Which cells a physical column may hold. In a text, an amount is out of place; a number may be meant where it stands, but has hardly moved there."""
        column = self._header.columns.get(at)
        if column is None:
            return _Fit(np.ones(len(cells), dtype=bool), np.asarray(cells.is_null()), ANYTHING)
        typed = self._type_cells(column, cells)
        is_empty = np.asarray(typed.values.is_null())
        fits = np.ones(len(cells), dtype=bool)
        for item in typed.unreadable:
            if item.code != ACCEPTED:
                fits[item.positions] = False
        if column.logical_type == "string" and not (column.code_list or column.format):
            says = A_TEXT
            number = BARE_NUMBER if WORDS.search(self._header.sent[at] + column.header) else WITH_DECIMALS if is_moved else AMOUNT
            fits &= ~np.asarray(pc.fill_null(pc.match_substring_regex(cells, number), False))
        else:
            is_number = column.logical_type in ("number", "integer") and not column.code_list
            says = A_NUMBER if is_number else ONE_OF_FEW
        return _Fit(fits & ~is_empty if column.is_mandatory else fits, fits & is_empty, says)


def _bare(values: pa.Array) -> pa.Array:
    """Numbers as floating-point ones, texts as they are."""
    return values if pa.types.is_string(values.type) else pc.cast(values, pa.float64(), safe=False)


def _is_near(numbers: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which numbers are of the size of those that are known, zeros apart."""
    sizes = np.abs(known[known != 0])
    if not len(sizes):
        return numbers == 0
    return (np.abs(numbers) >= sizes.min() / NEAR) & (np.abs(numbers) <= sizes.max() * NEAR)
