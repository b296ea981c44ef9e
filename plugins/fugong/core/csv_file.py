"""Reads the CSV files of a district (`include/reference`): UTF-8, a header, and rows that may leave out their last cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from fugong.core.errors import ConfigurationError
from fugong.core.paths import where
from fugong.core.schema import nearest, read_text


class Row(Mapping[str, str]):
    """The cells of one row by the names of its columns.

    Attributes:
        line: of the file, on which the row ends.
    """

    def __init__(self, cells: Mapping[str, str], line: int) -> None:
        """`cells`: column → text."""
        self._cells = cells
        self.line = line

    def __getitem__(self, column: str) -> str:
        """The text of a cell; empty where nothing is written."""
        return self._cells[column]

    def __iter__(self) -> Iterator[str]:
        """The names of the columns."""
        return iter(self._cells)

    def __len__(self) -> int:
        """How many columns there are."""
        return len(self._cells)


def read_csv(file: Path, wanted: Sequence[str]) -> tuple[Row, ...]:
    """The rows of a file; lines without any cell are left out.

    Args:
        wanted: columns that it must have.

    Raises:
        ConfigurationError: it cannot be read, lacks a column or has one twice, or a row is longer than the header. The message
            names file and line.
    """
    name = where(file)
    lines = csv.reader(io.StringIO(read_text(file), newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = next(lines, [])
        for column in wanted:
            if column not in header:
                raise ConfigurationError(f"{name}:1: there is no column {column!r}.{nearest(column, header)}")
        if twice := sorted({column for column in header if header.count(column) > 1}):
            raise ConfigurationError(f"{name}:1: the column {twice[0]!r} stands here twice")
        for cells in lines:
            if not cells:
                continue
            if len(cells) > len(header):
                raise ConfigurationError(
                    f"{name}:{lines.line_num}: this row has {len(cells)} cells, the header has {len(header)}. "
                    "A text with a comma needs quotes"
                )
            cells += [""] * (len(header) - len(cells))
            rows.append(Row(dict(zip(header, cells, strict=True)), lines.line_num))
    except csv.Error as error:
        raise ConfigurationError(f"{name}:{lines.line_num}: this is not CSV: {error}") from error
    return tuple(rows)


def with_all_cells(text: str) -> str:
    """A CSV text with a separator for each cell that a row leaves out at its end; nothing else changes."""
    lines = text.splitlines(keepends=True)
    records = csv.reader(lines)
    out: list[str] = []
    n_columns, read_to = 0, 0
    for cells in records:
        record = "".join(lines[read_to : records.line_num])
        n_columns, read_to = n_columns or len(cells), records.line_num
        written = record.rstrip("\r\n")
        lacking = n_columns - len(cells) if cells else 0
        out.append(written + "," * lacking + record[len(written) :])
    return "".join(out)
