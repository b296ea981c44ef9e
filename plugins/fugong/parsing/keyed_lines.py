"""The lines of a block that have a key: totals and notes have none, and lines that number the columns are left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Table
from fugong.parsing.header import Header
from fugong.parsing.numbering_lines import NumberingLines


def keyed_lines(
    table: Table,
    header: Header,
    batches: Iterable[pa.RecordBatch],
    lines: tuple[int, int],
    code_lists: Mapping[str, CodeList],
) -> Iterator[pa.RecordBatch]:
    """The lines below the header in which every column of the key is filled, but those that number the columns.

    Args:
        batches: `row_number` and text columns `c0`, `c1`, …
        lines: the first line of the block, and the first behind it.
    """
    span = max(lines[0], header.last_row + 2), lines[1]
    keys = [column for column in table.columns if column.name in table.key and column.name in header.index]
    numbering = NumberingLines(table, header, code_lists)
    for batch in batches:
        start, end = np.searchsorted(np.asarray(batch.column("row_number")), span)
        part = batch.slice(int(start), int(end - start))
        has_key = pa.array(np.ones(part.num_rows, dtype=bool))
        for key in keys:
            has_key = pc.and_(has_key, header.cells_of(part, key).is_valid())
        if part.num_rows:
            keyed = part.filter(has_key)
            numbers = numbering.are_those(keyed)
            yield keyed.filter(pa.array(~numbers)) if numbers.any() else keyed
