"""Writes the cells of a sheet as an Arrow stream."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pa_compute

from fugong.reading.limits import MIB
from fugong.reading.worker.result import Sheet

pc: Any = pa_compute  # its functions are made at import; no checker sees them

BATCH_ROWS = 50_000
BATCH_CELLS = 600_000
HEAD_ROWS = 40
HEAD_CHARACTERS = 2_000
"""A cell longer than this is cut in `head` and `tail`, never in the stream."""
TAIL_ROWS = 20


def blank_to_null(cells: pa.Array) -> pa.Array:
    """Make empty and whitespace-only cells null; all others stay as typed."""
    blank = pc.or_(pc.utf8_is_space(cells), pc.equal(pc.binary_length(cells), 0))
    if not pc.any(blank).as_py():
        return cells
    return pc.if_else(blank, pa.scalar(None, pa.string()), cells)


def _shortened(batch: pa.RecordBatch) -> list[tuple[int, list[str | None]]]:
    """The rows of a batch with their numbers, long cells cut."""
    numbers, *columns = (column.to_pylist() for column in batch.columns)
    return [
        (number, [None if cell is None else cell[:HEAD_CHARACTERS] for cell in cells])
        for number, *cells in zip(numbers, *columns, strict=True)
    ]


class SheetWriter:
    """Writes one sheet as an Arrow stream: `row_number` from 1 without gaps, `c0` … `cN`.

    A blank cell becomes null. With `keeps_blanks` it stays as typed, and only a missing cell is null.
    """

    def __init__(self, path: Path, sheet: Sheet, n_columns: int, *, keeps_blanks: bool = False) -> None:
        self.sheet = sheet
        self._keeps_blanks = keeps_blanks
        sheet.n_columns, sheet.n_rows, sheet.head, sheet.tail = n_columns, 0, [], []
        self.schema = pa.schema([("row_number", pa.int64()), *((f"c{i}", pa.string()) for i in range(n_columns))])
        self.batch_rows = max(1, min(BATCH_ROWS, BATCH_CELLS // max(1, n_columns)))
        self._held: list[pa.RecordBatch] = []
        self._places = pa.array([], pa.int64())
        self._file = pa.OSFile(str(path), "wb")
        self._stream = pa.ipc.new_stream(self._file, self.schema)

    def __enter__(self) -> SheetWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._held:
            self._write(pa.concat_batches(self._held))
        self._stream.close()
        self._file.close()

    def write_columns(self, columns: list[pa.Array], n_rows: int) -> None:
        """Write whole columns; missing columns to the right become null."""
        if not n_rows:
            return
        if not self._keeps_blanks:
            columns = [blank_to_null(column) for column in columns]
        n_missing = self.sheet.n_columns - len(columns)
        if n_missing:
            columns += [pa.nulls(n_rows, pa.string())] * n_missing
        first = self.sheet.n_rows + 1
        if len(self._places) < n_rows:
            self._places = pa.array(range(n_rows), pa.int64())
        numbers = pc.add(self._places.slice(0, n_rows), first)
        self.sheet.n_rows += n_rows
        batch = pa.record_batch([numbers, *columns], schema=self.schema)
        n_held = sum(held.num_rows for held in self._held)
        while n_held + batch.num_rows >= self.batch_rows:
            n_wanted = self.batch_rows - n_held
            self._write(pa.concat_batches([*self._held, batch.slice(0, n_wanted)]))
            self._held, n_held, batch = [], 0, batch.slice(n_wanted)
        if batch.num_rows:
            self._held.append(batch)
        if sum(held.nbytes for held in self._held) > 32 * MIB:  # few rows, but long ones
            self._write(pa.concat_batches(self._held))
            self._held = []

    def _write(self, batch: pa.RecordBatch) -> None:
        self._stream.write_batch(batch)
        if len(self.sheet.head) < HEAD_ROWS:
            self.sheet.head += [cells for _, cells in _shortened(batch.slice(0, HEAD_ROWS - len(self.sheet.head)))]
        last = _shortened(batch.slice(max(0, batch.num_rows - TAIL_ROWS)))
        if not all(any(cells) for _, cells in last):
            filled = functools.reduce(pc.or_, (pc.is_valid(column) for column in batch.columns[1:]))
            places = pc.indices_nonzero(filled)
            last = _shortened(batch.take(places.slice(max(0, len(places) - TAIL_ROWS))))
        self.sheet.tail = [*self.sheet.tail, *last][-TAIL_ROWS:]

    def write_rows(self, rows: list[list[str]]) -> None:
        """Write rows of text; missing cells at the end of a row become null."""
        columns = [pa.array(column, pa.string()) for column in itertools.zip_longest(*rows)]
        self.write_columns(columns, len(rows))


def chunks(rows: Iterable[Any], n: int) -> Iterator[list[Any]]:
    """Yield rows in lists of at most `n`."""
    iterator = iter(rows)
    while some := list(itertools.islice(iterator, n)):
        yield some
