"""Sets aside rows whose number format shows another number than the cell holds, or none; tells of amounts and keys that it shows rounded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import numpy as np
import pyarrow as pa

from fugong.contracts.contract import Column, Table
from fugong.contracts.unit import parse_unit
from fugong.parsing.cell_findings import CellFindings
from fugong.parsing.header import Header
from fugong.parsing.typed import Typed
from fugong.reading.model import FormatDoubt

ROUNDS = "number-format-rounds"
CODES = {
    "scaled": "number-format-scales",
    "hidden": "number-format-hides",
    "other": "number-format-differs",
    "date": "date-for-key",
}
"""Kind of a doubt for which a row goes back → finding."""
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

    def __init__(self, doubts: Sequence[FormatDoubt], table: Table, header: Header, findings: CellFindings) -> None:
        """Keep those in columns of numbers, keys and references; a text is what it is."""
        self._table, self._findings = table, findings
        self._doubts: dict[str, list[FormatDoubt]] = {}
        self._rounded: dict[str, _Rounded] = {}
        for doubt in doubts:
            column = header.columns.get(doubt.column)
            if column is None or not (self._is_key(column) or column.logical_type in ("number", "integer")):
                continue
            if doubt.kind != "date" or _is_free_text(column):
                self._doubts.setdefault(column.name, []).append(doubt)

    def _is_key(self, column: Column) -> bool:
        return column.key_position is not None or column.name in self._table.own_numbers

    def refuse(self, column: Column, cells: pa.Array, row_numbers: pa.Array, typed: Typed, aside: np.ndarray) -> bool:
        """Record the cells in doubt of one column of a block and mark their rows; return whether there are any.

        Cells that are shown rounded are kept for `finish`.
        """
        found = False
        for doubt in self._doubts.get(column.name, ()):
            lines = np.asarray(row_numbers) - 1
            runs = np.array(doubt.runs, np.int64)
            at = np.searchsorted(runs[:, 0], lines, "right") - 1
            inside = (at >= 0) & (lines <= runs[np.maximum(at, 0), 1]) & np.asarray(cells.is_valid())
            positions = np.flatnonzero(inside)
            if not len(positions):
                continue
            if doubt.kind == "rounded":
                self._keep_rounded(column, doubt, cells, row_numbers, typed, positions)
                continue
            found = True
            aside[positions] = True
            typed.unreadable = [item.without(positions) for item in typed.unreadable]
            typed.repaired = [item.without(positions) for item in typed.repaired]
            for position in positions.tolist():
                text = cells[position].as_py()
                self._findings.add(
                    CODES[doubt.kind], column, row_numbers[position].as_py(), text, shown=_shown(text, doubt), format=doubt.format
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


def _is_free_text(column: Column) -> bool:
    return column.logical_type == "string" and not (column.code_list or column.format)


def _shown(text: str, doubt: FormatDoubt) -> str:
    """The number that a cell shows, without the digits that its format cuts."""
    try:
        return format(Decimal(text).scaleb(-doubt.exponent).normalize(), "f")
    except InvalidOperation:
        return ""
