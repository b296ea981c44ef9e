"""Sets aside rows whose number format shows another number or unit than the cell holds, or none; tells of amounts and keys that it rounds.

Rows with a formula that nobody computed go back in the same way.
Words that a format sets around a number belong to the cell: texts, codes and days are read with them, numbers in the unit that they name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import numpy as np
import pyarrow as pa

from fugong.contracts.contract import Column, Table
from fugong.contracts.unit import parse_unit
from fugong.parsing.cell_findings import CellFindings
from fugong.parsing.format_words import DOUBTFUL, FITS, FormatWords, Meaning, is_unit, meaning_of
from fugong.parsing.header import Header
from fugong.parsing.typed import Typed
from fugong.parsing.units import Units
from fugong.reading.model import FormatDoubt

FORMULA = "formula"
ROUNDS = "number-format-rounds"
CODES = {
    "scaled": "number-format-scales",
    "hidden": "number-format-hides",
    "other": "number-format-differs",
    "date": "date-for-key",
    "words": "number-format-unit",
    FORMULA: "formula-not-computed",
}
"""Kind of a doubt for which a row goes back → finding."""
NO_UNIT = "—"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass
class _Rounded:
    """The cells of one column that show fewer digits than matter: the first one, and how many."""

    column: Column
    row_number: int
    text: str
    shown: str
    code: str
    n: int = 0


class FormatDoubts:
    """The cells of one sheet whose number formats leave in doubt what was meant."""

    def __init__(self, doubts: Sequence[FormatDoubt], table: Table, header: Header, findings: CellFindings, units: Units) -> None:
        """Keep those in columns of numbers, keys and references; a text is what it is, with the words around it.

        Args:
            units: of the columns' bare numbers.
        """
        self._table, self._findings, self._units = table, findings, units
        self._doubts: dict[str, list[FormatDoubt]] = {}
        self._words: dict[str, list[FormatDoubt]] = {}
        self._rounded: dict[str, _Rounded] = {}
        for doubt in doubts:
            column = header.columns.get(doubt.column)
            if column is not None and doubt.kind == FORMULA:
                self._doubts.setdefault(column.name, []).append(doubt)
            elif column is not None and doubt.kind == "words":
                self._words.setdefault(column.name, []).append(doubt)
            elif column is None or not (self._is_key(column) or column.logical_type in ("number", "integer")):
                continue
            elif doubt.kind != "date" or _is_free_text(column):
                self._doubts.setdefault(column.name, []).append(doubt)

    def _is_key(self, column: Column) -> bool:
        return column.key_position is not None or column.name in self._table.own_numbers

    def spelled(self, column: Column, cells: pa.Array, row_numbers: pa.Array, in_others: Mapping[str, np.ndarray]) -> pa.Array:
        """The cells of one column of a block with the words that their number formats set around them, where these say how to read them.

        Args:
            in_others: other unit of the column → rows that are counted in it.
        """
        said = [
            (_words(doubt), positions, meaning)
            for doubt in self._words.get(column.name, ())
            for positions, meaning in self._meanings(column, doubt, cells, row_numbers, in_others)
            if not meaning.is_doubtful and (meaning.unit or not _is_number(column))
        ]
        if not said:
            return cells
        texts: list[str] = cells.to_pylist()
        for words, positions, meaning in said:
            for position in positions.tolist():
                text = texts[position]
                if NUMBER.fullmatch(text):  # else the reader has written the words already
                    texts[position] = f"{text}{meaning.unit}" if meaning.unit else words.around(text)
        return pa.array(texts, cells.type)

    def _meanings(
        self, column: Column, doubt: FormatDoubt, cells: pa.Array, row_numbers: pa.Array, in_others: Mapping[str, np.ndarray]
    ) -> Iterator[tuple[np.ndarray, Meaning]]:
        """Positions of cells with words around their numbers, and what these say there."""
        positions = _positions(doubt, cells, row_numbers)
        for unit, mask in in_others.items():
            yield positions[mask[positions]], self._meaning(column.counted_in_other(unit), doubt)
            positions = positions[~mask[positions]]
        if len(positions):
            yield positions, self._meaning(column, doubt)

    def _meaning(self, column: Column, doubt: FormatDoubt) -> Meaning:
        words = _words(doubt)
        if _is_number(column):
            found = meaning_of(words, column, self._units.of[column.name], is_declared=column.name in self._units.declared)
            return found if doubt.is_exact or not found.unit else DOUBTFUL
        if self._is_key(column):
            return DOUBTFUL if is_unit(words) or not doubt.is_exact else FITS
        return FITS

    def refuse(
        self,
        column: Column,
        cells: pa.Array,
        row_numbers: pa.Array,
        typed: Typed,
        aside: np.ndarray,
        in_others: Mapping[str, np.ndarray],
    ) -> bool:
        """Record the cells in doubt of one column of a block and mark their rows; return whether there are any.

        Cells that are shown rounded are kept for `finish`.

        Args:
            in_others: other unit of the column → rows that are counted in it.
        """
        found = False
        for doubt in self._doubts.get(column.name, ()):
            positions = _positions(doubt, cells, row_numbers)
            if doubt.kind == FORMULA:
                positions = _formulas(positions, cells)
            if not len(positions):
                continue
            if doubt.kind == "rounded":
                self._keep_rounded(column, doubt, cells, row_numbers, typed, positions)
                continue
            found = True
            _leave_out(positions, typed, aside)
            for position in positions.tolist():
                text = cells[position].as_py()
                self._findings.add(
                    CODES[doubt.kind], column, row_numbers[position].as_py(), text, shown=_shown(text, doubt), format=doubt.format
                )
        for doubt in self._words.get(column.name, ()):
            for positions, meaning in self._meanings(column, doubt, cells, row_numbers, in_others):
                if not meaning.is_doubtful:
                    continue
                positions = positions[~aside[positions]]
                found = found or len(positions) > 0
                _leave_out(positions, typed, aside)
                for position in positions.tolist():
                    text = cells[position].as_py()
                    shown = _words(doubt).around(text) if NUMBER.fullmatch(text) else text
                    unit = self._units.of.get(column.name) or column.unit or NO_UNIT
                    self._findings.add(
                        CODES["words"], column, row_numbers[position].as_py(), text, shown=shown, unit=unit, format=doubt.format
                    )
        return found

    def _keep_rounded(
        self,
        column: Column,
        doubt: FormatDoubt,
        cells: pa.Array,
        row_numbers: pa.Array,
        typed: Typed,
        positions: np.ndarray,
    ) -> None:
        """Keep the cells whose shown number differs from the loaded one by more than the column's last digit."""
        unit = parse_unit(column.unit) if column.unit else None
        is_number = unit is not None and unit.kind == "money"
        if not is_number and not self._is_key(column):
            return
        for position in positions.tolist():
            text = cells[position].as_py()
            written = NUMBER.match(text)
            if written is None:
                continue
            held = Decimal(written.group())
            shown = held.quantize(Decimal(1).scaleb(-doubt.decimals), ROUND_HALF_UP)
            value = typed.values[position].as_py()
            if value is None or (is_number and abs(value - value / held * shown) <= Decimal(1).scaleb(-(column.scale or 0))):
                continue
            rounded = self._rounded.setdefault(
                column.name,
                _Rounded(column, row_numbers[position].as_py(), text, f"{shown:f}{text[written.end() :]}", doubt.format),
            )
            rounded.n += 1

    def finish(self) -> None:
        """Tell of the columns with cells that are shown rounded, each once, at the first of them."""
        for one in self._rounded.values():
            self._findings.add(ROUNDS, one.column, one.row_number, one.text, shown=one.shown, format=one.code, n=one.n)


def _positions(doubt: FormatDoubt, cells: pa.Array, row_numbers: pa.Array) -> np.ndarray:
    """Where the cells of a block stand in the runs of a doubt."""
    lines = np.asarray(row_numbers) - 1
    runs = np.array(doubt.runs, np.int64)
    at = np.searchsorted(runs[:, 0], lines, "right") - 1
    return np.flatnonzero((at >= 0) & (lines <= runs[np.maximum(at, 0), 1]) & np.asarray(cells.is_valid()))


def _formulas(positions: np.ndarray, cells: pa.Array) -> np.ndarray:
    """Those of some positions whose cell is a formula: runs that were joined hold others, too."""
    return positions[[str(cells[position].as_py()).startswith("=") for position in positions.tolist()]]


def _leave_out(positions: np.ndarray, typed: Typed, aside: np.ndarray) -> None:
    """Mark the rows of some cells, of which nothing else is to be told."""
    aside[positions] = True
    typed.unreadable = [item.without(positions) for item in typed.unreadable]
    typed.repaired = [item.without(positions) for item in typed.repaired]


def _words(doubt: FormatDoubt) -> FormatWords:
    return FormatWords(doubt.before, doubt.behind, doubt.exponent)


def _is_number(column: Column) -> bool:
    return column.logical_type in ("number", "integer") and column.code_list is None


def _is_free_text(column: Column) -> bool:
    return column.logical_type == "string" and not (column.code_list or column.format)


def _shown(text: str, doubt: FormatDoubt) -> str:
    """The number that a cell shows, without the digits that its format cuts."""
    try:
        return format(Decimal(text).scaleb(-doubt.exponent).normalize(), "f")
    except InvalidOperation:
        return ""
