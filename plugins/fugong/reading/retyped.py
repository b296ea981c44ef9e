"""A reading in which some cells hold another text than they were sent with, for questions that begin with "what if"."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from fugong.reading.model import Reading, SheetCells

Place = tuple[str, int, int]
"""Name of a sheet, row from 1, column from 0."""


def retyped(reading: Reading, cells: Mapping[Place, str], work: Path) -> Reading:
    """The reading with these texts in these cells; its working files stand in the folder."""
    named = {sheet for sheet, _, _ in cells}
    sheets = [_sheet(sheet, cells, work) if sheet.name in named else sheet for sheet in reading.sheets]
    return dataclasses.replace(reading, sheets=sheets)


def _sheet(sheet: SheetCells, cells: Mapping[Place, str], work: Path) -> SheetCells:
    mine = {(row, column): text for (name, row, column), text in cells.items() if name == sheet.name}
    path = work / f"retyped-{sheet.index}.arrows"
    schema = next(iter(sheet.batches())).schema
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as stream:
        for batch in sheet.batches():
            stream.write_batch(_batch(batch, mine))
    head = [[mine.get((row, column), text) for column, text in enumerate(line)] for row, line in enumerate(sheet.head, start=1)]
    tail = [(row, [mine.get((row, column), text) for column, text in enumerate(line)]) for row, line in sheet.tail]
    return dataclasses.replace(sheet, path=path, head=head, tail=tail)


def _batch(batch: pa.RecordBatch, cells: Mapping[tuple[int, int], str]) -> pa.RecordBatch:
    first, n = batch.column(0)[0].as_py(), batch.num_rows
    columns = list(batch.columns)
    for (row, column), text in cells.items():
        if 0 <= row - first < n and column + 1 < len(columns):
            values = columns[column + 1].to_pylist()
            values[row - first] = text
            columns[column + 1] = pa.array(values, pa.string())
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)
