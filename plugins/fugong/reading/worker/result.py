"""The result of reading one file: its sheets and notes, or why it is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fugong.reading.worker.cell_text import column_letters

RESULT = "reading.json"


class FileRefused(Exception):
    """The file cannot be read, for a reason that its sender can mend. `details` fill the sentences of the code."""

    def __init__(self, code: str, **details: str | int) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details


@dataclass(slots=True)
class Sheet:
    """Facts about a sheet besides its cells; the attributes are those of `reading.model.SheetCells`."""

    name: str
    n_rows: int = 0
    n_columns: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list[tuple[int, int, int, int]])
    hidden: bool = False
    n_hidden_rows: int = 0
    hidden_rows: list[int] = field(default_factory=list[int])
    hidden_columns: list[int] = field(default_factory=list[int])
    head: list[list[str | None]] = field(default_factory=list[list[str | None]])
    has_widths: bool = False
    format_doubts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    tail: list[tuple[int, list[str | None]]] = field(default_factory=list[tuple[int, list[str | None]]])


@dataclass(slots=True)
class Result:
    """The content of `reading.json`.

    Attributes:
        is_free: the file is read without a contract, so the dialect of a text is guessed.
        dialect: how such a text was split into cells, and how well that fits.
        inner_name: name of the one file in an archive, where the child read that.
        is_1904: the workbook counts its day numbers from 1904.
        texts: place and text of what stands in a workbook besides its cells and holds a long number.
        notes: code and details of findings that do not keep the file from being read.
        refused: the code of why it is refused; None where it was read.
        details: fill the sentences of that code.
    """

    is_free: bool = False
    kind: str = ""
    encoding: str | None = None
    dialect: dict[str, Any] | None = None
    inner_name: str | None = None
    is_1904: bool = False
    sheets: list[Sheet] = field(default_factory=list[Sheet])
    texts: list[list[str]] = field(default_factory=list[list[str]])
    notes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    refused: str | None = None
    details: dict[str, str | int] = field(default_factory=dict[str, str | int])

    def note(self, code: str, **details: str | int) -> None:
        """Record a finding that does not keep the file from being read; the same one is recorded once."""
        if (note := {"code": code, **details}) not in self.notes:
            self.notes.append(note)

    def note_formulas(self, sheet: str, n: int, row: int, column: int) -> None:
        """Record that formulas of a sheet have no computed result: how many, and the first one's place (0-based)."""
        self.note("formula-without-value", sheet=sheet, n=n, first=f"{column_letters(column)}{row + 1}")


def stream_path(into: Path, index: int) -> Path:
    """Return the path of the Arrow stream of a sheet."""
    return into / f"sheet_{index:03d}.arrows"


def widths_path(stream: Path) -> Path:
    """Return the path of the widths of a text's records, beside the stream of its cells."""
    return stream.with_suffix(".widths")
