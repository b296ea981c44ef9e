"""Sets aside rows whose number format shows another number than the cell holds, or none."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import numpy as np
import pyarrow as pa

from fugong.contracts.contract import Column
from fugong.parsing.cell_findings import CellFindings
from fugong.parsing.header import Header
from fugong.parsing.typed import Typed
from fugong.reading.model import FormatDoubt

SCALES, HIDES = "number-format-scales", "number-format-hides"


class FormatDoubts:
    """The cells of one sheet whose number formats leave in doubt what was meant."""

    def __init__(self, doubts: Sequence[FormatDoubt], header: Header, findings: CellFindings) -> None:
        """Keep those in columns of numbers and keys; a text is what it is."""
        self._findings = findings
        self._doubts: dict[str, list[FormatDoubt]] = {}
        for doubt in doubts:
            column = header.columns.get(doubt.column)
            if column is not None and (column.key_position is not None or column.logical_type in ("number", "integer")):
                self._doubts.setdefault(column.name, []).append(doubt)

    def refuse(self, column: Column, cells: pa.Array, row_numbers: pa.Array, typed: Typed, aside: np.ndarray) -> bool:
        """Record the cells in doubt of one column of a block and mark their rows; return whether there are any."""
        found = False
        for doubt in self._doubts.get(column.name, ()):
            lines = np.asarray(row_numbers) - 1
            runs = np.array(doubt.runs, np.int64)
            at = np.searchsorted(runs[:, 0], lines, "right") - 1
            inside = (at >= 0) & (lines <= runs[np.maximum(at, 0), 1]) & np.asarray(cells.is_valid())
            positions = np.flatnonzero(inside)
            if not len(positions):
                continue
            found = True
            aside[positions] = True
            typed.unreadable = [item.without(positions) for item in typed.unreadable]
            typed.repaired = [item.without(positions) for item in typed.repaired]
            for position in positions.tolist():
                text = cells[position].as_py()
                code = SCALES if doubt.kind == "scaled" else HIDES
                self._findings.add(
                    code, column, row_numbers[position].as_py(), text, shown=_shown(text, doubt), format=doubt.format
                )
        return found


def _shown(text: str, doubt: FormatDoubt) -> str:
    """The number that a cell shows, without the digits that its format cuts."""
    try:
        return format(Decimal(text).scaleb(-doubt.exponent).normalize(), "f")
    except InvalidOperation:
        return ""
