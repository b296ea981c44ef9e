"""One table of a file once its lines are parsed: the typed rows in their working file, and what is known of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from fugong.contracts.contract import Table
from fugong.parsing.blocks import Block
from fugong.parsing.control_totals import ColumnTotal
from fugong.parsing.duplicate_keys import KeyHashes
from fugong.parsing.header import Header


@dataclass
class Interpreted:
    """One table of a file. Counts and keys are complete once its lines are typed: by `complete`, or by iterating `blocks`.

    Attributes:
        rows: Arrow stream file of typed rows: `row_number` and the contract's columns.
        rows_read: lines below the header down to the last line that is not blank.
        n_data: data lines, those set aside included.
        header: of the first block.
        units: column → the unit in which its numbers were read; of the first block.
        keys: the hashes of the keys of `rows`.
        later: the blocks below the first one.
        total_lines: row numbers of the first `MAX_TOTAL_LINES` total lines.
        n_notes: notes, headings and signatures among the lines.
        filled_down: headers of the columns whose merged cells were filled.
        totals: what the total lines say of the rows; at most `MAX_TOTALS`. Known once all lines are typed.
    """

    table: Table
    sheet: str
    header: Header
    rows: Path
    units: Mapping[str, str | None]
    keys: KeyHashes
    later: Sequence[Block] = ()
    rows_read: int = 0
    n_data: int = 0
    total_lines: list[int] = field(default_factory=list[int])
    n_notes: int = 0
    filled_down: list[str] = field(default_factory=list[str])
    totals: list[ColumnTotal] = field(default_factory=list[ColumnTotal])
    _typing: Iterator[pa.RecordBatch] | None = field(default=None, repr=False)

    def header_at(self, row_number: int) -> Header:
        """The header by which a line was read."""
        return self.read_by(row_number)[0]

    def read_by(self, row_number: int) -> tuple[Header, Mapping[str, str | None]]:
        """The header by which a line was read, and the units of its numbers."""
        at = bisect_right(self.later, row_number, key=lambda block: block.first_line)
        return (self.later[at - 1].header, self.later[at - 1].units.of) if at else (self.header, self.units)

    @property
    def is_typed(self) -> bool:
        """Whether all lines are typed, or being typed."""
        return self._typing is None

    def blocks(self) -> Iterator[pa.RecordBatch]:
        """The typed rows, block by block. The first call types the lines, later ones read `rows`.

        Raises:
            TooManyFaults: see `FindingCollector`; only while lines are typed.
        """
        typing, self._typing = self._typing, None
        return read_batches(self.rows) if typing is None else typing

    def complete(self) -> None:
        """Type the lines now, unless they are typed.

        Raises:
            TooManyFaults: see `FindingCollector`.
        """
        if not self.is_typed:
            for _ in self.blocks():
                pass

    @property
    def row_numbers(self) -> np.ndarray:
        """The row number of every row in `rows`, in order."""
        numbers = (np.asarray(batch.column("row_number")) for batch in read_batches(self.rows))
        return np.concatenate([np.empty(0, np.int64), *numbers])


def read_batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The batches of an Arrow stream file."""
    # Not mapped: pages once read would count as this process's memory until the file is closed.
    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_stream(source) as reader:
        yield from reader
