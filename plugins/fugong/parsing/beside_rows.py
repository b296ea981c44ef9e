"""Tells cells that stand beside the table on a line of data, in a column without a header: their value may belong to the row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.core.cell_address import cell_address
from fugong.parsing.cell_findings import CellFindings
from fugong.parsing.header import Header
from fugong.privacy.detect import mask

CODE = "cell-beside-row"


class CellsBesideRows:
    """Counts such cells of one block, batch after batch: the first of each column is told, with how many there are."""

    def __init__(self, header: Header, findings: CellFindings, *, is_text: bool) -> None:
        """Nothing read yet.

        Args:
            is_text: the records of a text have no cells beside them: those too long go back (`ragged_records`).
        """
        self._header, self._findings, self._is_text = header, findings, is_text
        self._first: dict[int, tuple[int, str]] = {}
        self._n: dict[int, int] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        """Look at the data lines of a batch."""
        header = self._header
        for at in () if self._is_text else range(batch.num_columns - 1):
            if header.first_column <= at <= header.last_column or at in header.beside_headers:
                continue
            cells = batch.column(at + 1)
            if cells.null_count == len(cells):
                continue
            is_told = np.asarray(cells.is_valid())
            if at < header.first_column:  # a column of line numbers without a header
                is_told = is_told & ~np.asarray(pc.fill_null(pc.match_substring_regex(cells, r"^\d+$"), True))
            positions = np.flatnonzero(is_told)
            if len(positions):
                position = int(positions[0])
                self._first.setdefault(at, (batch.column("row_number")[position].as_py(), cells[position].as_py()))
                self._n[at] = self._n.get(at, 0) + len(positions)

    def finish(self) -> None:
        """Record what was found."""
        for at, (line, text) in sorted(self._first.items()):
            n = self._n[at]
            self._findings.add_beside(
                CODE,
                line,
                cell_address(at, line),
                mask(text),
                more=f",这一列这样的格共 {n} 个" if n > 1 else "",
                more_en=f"; {n} such cells in this column" if n > 1 else "",
            )
