"""Tells the short records of a text whose last cells are empty from those that lost a cell, by what the columns may hold.

A record with a cell too few was trimmed at its end, or a cell is missing somewhere and all that follow have moved to the left. Only the types
of the columns can tell one from the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
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
        fits_moved: whether, with cells missing before them, the last ones fit the columns to their right, and no less well.
        moves_values: the same, where a number, a day or a code is among the cells that moved, and not only texts.
        lost_all: the same as `fits_moved`, where all missing cells were lost and none was left out at the end.
    """

    fits: np.ndarray
    fits_moved: np.ndarray
    moves_values: np.ndarray
    lost_all: np.ndarray


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
        at_home = [self._fits(at, batch.column(at + 1)) for at in range(n_cells)]
        fits = np.logical_and.reduce([one.fits for one in at_home])
        # Some cells were lost in the middle, and all others that are missing left out at the end.
        found = [self._fits_without(batch, at_home, n_lost) for n_lost in range(1, self._n_columns - n_cells + 1)]
        fits_moved, moves_values = (np.logical_or.reduce(each) for each in zip(*found, strict=True))
        return ShortRecords(fits, fits_moved, moves_values, found[-1][0])

    def _fits_without(self, batch: pa.RecordBatch, at_home: Sequence[_Fit], n_lost: int) -> tuple[np.ndarray, np.ndarray]:
        """Which records may have lost so many cells that stood side by side somewhere before their last one, and which so that a value moved."""
        as_moved = np.ones(batch.num_rows, dtype=bool)
        has_moved, has_value, fits_moved, moves_values = (np.zeros(batch.num_rows, dtype=bool) for _ in range(4))
        for at in range(len(at_home) - 1, self._header.first_column - 1, -1):
            home, there = at_home[at], self._fits(at + n_lost, batch.column(at + 1), is_moved=True)
            # A day that stands under a header of days was hardly meant for a remark beside it.
            is_likely = home.is_empty | ~home.fits | (there.says >= home.says)
            as_moved &= there.fits & is_likely & ~self._is_at_home(at, at + n_lost, batch.column(at + 1))
            if not as_moved.any():
                break
            has_moved |= ~home.is_empty  # nothing is nothing in any column
            has_value |= ~home.is_empty & (home.says > A_TEXT)
            fits_moved |= as_moved & has_moved
            moves_values |= as_moved & has_value
        return fits_moved, moves_values

    def _is_at_home(self, at: int, there: int, cells: pa.Array) -> np.ndarray:
        """Which cells are like those of their own column in the whole records, and unlike those of the other column."""
        home, other = self._of_whole.get(at), self._of_whole.get(there)
        if home is None or other is None or len(home) < FEWEST_WHOLE:
            return np.zeros(len(cells), dtype=bool)
        values = self._values(at, cells)
        is_at_home = np.asarray(pc.fill_null(pc.is_in(values, home), False)) & np.asarray(values.is_valid())
        if home.type != other.type:  # a column without a contract holds any text: only what it always holds is at home there
            return is_at_home & (at not in self._header.columns) & (len(home.unique()) == 1)
        if len(other) < FEWEST_WHOLE:
            return np.zeros(len(cells), dtype=bool)
        if not pa.types.is_floating(values.type):
            return is_at_home & ~np.asarray(pc.fill_null(pc.is_in(values, other), False))
        is_near_home, is_near_other = (
            _is_near(np.asarray(pc.fill_null(self._values(column, cells), 0.0)), np.asarray(known))
            for column, known in ((at, home), (there, other))
        )
        return is_near_home & ~is_near_other

    def _values(self, at: int, cells: pa.Array) -> pa.Array:
        """Cells of a physical column as numbers, days or texts; as typed where no column of the contract stands there."""
        column = self._header.columns.get(at)
        return pc.utf8_trim_whitespace(cells) if column is None else _bare(self._type_cells(column, cells).values)

    @cached_property
    def _of_whole(self) -> Mapping[int, pa.Array]:
        """Physical column → the values of the whole records, of texts without a list of codes, days, numbers, and columns without a contract."""
        whole = self._whole()
        return {
            at: self._values(at, whole.column(at + 1)).drop_null()
            for at in range(min(self._n_columns, whole.num_columns - 1))
            if (column := self._header.columns.get(at)) is None
            or (column.logical_type in ("number", "integer", "string", "date") and not column.code_list)
        }

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
    """Numbers as floating-point ones, texts and days as they are."""
    return (
        values if pa.types.is_string(values.type) or pa.types.is_date(values.type) else pc.cast(values, pa.float64(), safe=False)
    )


def _is_near(numbers: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which numbers are of the size of those that are known, zeros apart."""
    sizes = np.abs(known[known != 0])
    if not len(sizes):
        return numbers == 0
    return (np.abs(numbers) >= sizes.min() / NEAR) & (np.abs(numbers) <= sizes.max() * NEAR)
