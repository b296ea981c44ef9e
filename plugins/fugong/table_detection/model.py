"""A detected table, and rows that belong to none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from fugong.table_detection.grid import Cells, read_rows
from fugong.table_detection.header import Head


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that belong to no table, and why: blank, title, note or total. Row numbers are 1-based."""

    first_row: int
    last_row: int
    why: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class DetectedTable:
    """One table of a sheet.

    Attributes:
        first_row, last_row: 1-based, header included.
        first_column, last_column: 0-based.
        head: its header, and why that is one.
        n_rows: number of rows below the header, without those left out.
        left_out: rows above, within and below that belong to no table.
    """

    cells: Cells
    first_row: int
    last_row: int
    first_column: int
    last_column: int
    head: Head
    n_rows: int
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])

    @property
    def header(self) -> list[str]:
        """The names of the columns; empty where the table has no header."""
        return self.head.names

    def numbered_rows(self) -> Iterator[tuple[int, list[str | None]]]:
        """Yield row number and cells as typed below the header; a row keeps the length with which it was typed."""
        skipped = {row for left in self.left_out for row in range(left.first_row, left.last_row + 1)}
        begin = self.first_row + self.head.n_rows
        for number, row in read_rows(self.cells, begin, self.last_row, self.first_column, self.last_column):
            if number not in skipped:
                yield number, row

    def rows(self) -> Iterator[list[str | None]]:
        """Yield the rows below the header."""
        return (row for _, row in self.numbered_rows())
