"""Writes rows for COPY, and digests them by part and block on the way."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from fugong.evidence.rows import BLOCK_LINES, BOOLEAN, DATE, INTEGER, NUMBER, TEXT, PartDigest


class PartDigests:
    """The digests of all parts of a file."""

    def __init__(self, algorithm: str) -> None:
        """By this algorithm."""
        self._algorithm = algorithm
        self.of_part: dict[int, PartDigest] = {}

    def part(self, part_id: int, schema: pa.Schema) -> PartDigest:
        """Of one part; made when its first row comes."""
        if part_id not in self.of_part:
            columns = tuple(f"{column.name}:{_kind(column.type)}" for column in [*schema][3:])
            self.of_part[part_id] = PartDigest(self._algorithm, columns)
        return self.of_part[part_id]


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"{NUMBER}{kind.scale}"
    if pa.types.is_integer(kind):
        return INTEGER
    return {pa.string(): TEXT, pa.date32(): DATE, pa.bool_(): BOOLEAN}[kind]


def write_csv(rows: pa.RecordBatch, digests: PartDigests) -> memoryview:
    """Rows of one sheet as CSV for COPY: nulls are empty, texts are quoted. Rows of one part stand together, and are digested.

    Args:
        rows: part, sheet and line number first.
    """
    if not rows.num_rows:
        return memoryview(b"")
    ids = rows.column(0).to_numpy()
    if ids.min() != ids.max():
        rows = rows.take(pa.array(np.argsort(ids, kind="stable")))
        ids = rows.column(0).to_numpy()
    sheet = rows.column(1)[0].as_py()
    lines = rows.column(2).to_numpy()
    is_first = (np.diff(lines // BLOCK_LINES) != 0) | (np.diff(ids) != 0)
    begins = [0, *(np.flatnonzero(is_first) + 1).tolist(), rows.num_rows]
    sink = pa.BufferOutputStream()
    ends: list[int] = []
    with pa_csv.CSVWriter(sink, rows.schema, write_options=pa_csv.WriteOptions(include_header=False)) as writer:
        for first, after in pairwise(begins):
            writer.write_batch(rows.slice(first, after - first))
            ends.append(sink.tell())
    text = memoryview(sink.getvalue())
    start = 0
    for (first, after), end in zip(pairwise(begins), ends, strict=True):
        digests.part(int(ids[first]), rows.schema).add(sheet, lines[first:after], text[start:end])
        start = end
    return text
