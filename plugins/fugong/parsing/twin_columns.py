"""Asks about a column whose header a table has twice: where the values differ, nobody knows which one is meant."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column, Table
from fugong.core.cell_address import cell_address
from fugong.findings.catalogue import finding
from fugong.findings.collector import FindingCollector
from fugong.parsing.cells import type_column
from fugong.parsing.dates import Origin
from fugong.parsing.header import Header
from fugong.parsing.keyed_lines import keyed_lines
from fugong.parsing.typed import Typed
from fugong.parsing.units import Units, unit_alone
from fugong.privacy.detect import mask
from fugong.reading.model import SheetCells

MAX_SHOWN = 60
"""Characters of a header that a sentence shows."""


def report_twins(
    table: Table,
    sheet: SheetCells,
    blocks: Sequence[tuple[Header, Units, int]],
    code_lists: Mapping[str, CodeList],
    origin: Origin,
    findings: FindingCollector,
) -> None:
    """Record the columns that stand twice with different values; each rejects the file. A second one without any value is none.

    Args:
        blocks: header, units and first line of every block, in order. The sheet is read once more for each that has twins.
    """
    ends = [*(first for _, _, first in blocks[1:]), sys.maxsize]
    for (header, units, first), following in zip(blocks, ends, strict=True):
        for name, others in header.twins.items():
            compared = _Compared(table.by_name[name], header, units, code_lists, origin)
            lines = keyed_lines(table, header, sheet.batches(), (first, following), code_lists)
            for batch, other in itertools.product(lines, others):
                compared.add(batch, other)
            for other, line in compared.differs_at().items():
                own = header.index[name]
                findings.add(
                    finding(
                        "column-twice",
                        sheet=sheet.name,
                        cell=cell_address(other, header.last_row + 1),
                        column_name=name,
                        header=table.by_name[name].header,
                        value="、".join(_shown(header, at) for at in sorted((own, other))),
                        line=line,
                    )
                )


class _Compared:
    """A column and its twins, compared batch by batch."""

    def __init__(self, column: Column, header: Header, units: Units, code_lists: Mapping[str, CodeList], origin: Origin) -> None:
        self._column, self._header, self._unit = column, header, units.of[column.name]
        self._codes = code_lists[column.code_list] if column.code_list else None
        self._origin = origin
        self._first: dict[int, int] = {}
        self._filled: set[int] = set()

    def add(self, batch: pa.RecordBatch, other: int) -> None:
        """Compare the lines of a batch."""
        ours = _trimmed(self._header.cells_of(batch, self._column))
        at = batch.schema.get_field_index(f"c{other}")
        theirs = _trimmed(batch.column(at)) if at >= 0 else pa.nulls(batch.num_rows, pa.string())
        if theirs.null_count < len(theirs):
            self._filled.add(other)
        unit = unit_alone(self._column, self._header.sent[other])
        their_unit = self._unit if unit == self._column.default_unit else unit
        is_same_text = pc.fill_null(pc.equal(ours, theirs), False) if their_unit == self._unit else pa.array([False] * len(ours))
        places = np.flatnonzero(~np.asarray(pc.or_(is_same_text, pc.and_(ours.is_null(), theirs.is_null()))))
        if not len(places) or other in self._first:
            return
        left = self._typed(ours.take(pa.array(places)), self._unit)
        right = self._typed(theirs.take(pa.array(places)), their_unit)
        is_same = np.asarray(pc.fill_null(pc.equal(left.values, right.values), False))
        if not is_same.all():
            self._first[other] = batch.column("row_number")[int(places[np.argmin(is_same)])].as_py()

    def differs_at(self) -> dict[int, int]:
        """Twin → the first line in which its value differs."""
        return {other: line for other, line in self._first.items() if other in self._filled}

    def _typed(self, cells: pa.Array, unit: str | None) -> Typed:
        return type_column(self._column, cells, unit, self._codes, self._origin)


def _trimmed(cells: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(cells)


def _shown(header: Header, at: int) -> str:
    text = " ".join(header.sent[at].split())
    return f"{cell_address(at, header.last_row + 1)}“{mask(text)[:MAX_SHOWN]}”"
