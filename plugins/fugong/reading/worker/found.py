"""What reading one file finds: its sheets, notes, or the fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RESULT = "reading.json"


class Fault(Exception):
    """The file cannot be read, for a reason that its sender can mend. `details` fill the sentences of the code."""

    def __init__(self, code: str, **details: str | int) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details


@dataclass(slots=True)
class Sheet:
    """What is told about a sheet besides its cells."""

    name: str
    n_rows: int = 0
    n_columns: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list[tuple[int, int, int, int]])
    hidden: bool = False
    n_hidden_rows: int = 0
    hidden_rows: list[int] = field(default_factory=list[int])
    hidden_columns: list[int] = field(default_factory=list[int])
    head: list[list[str | None]] = field(default_factory=list[list[str | None]])


@dataclass(slots=True)
class Result:
    """What the child found; `reading.json` holds it.

    Attributes:
        is_free: read without a contract: the dialect of a text is guessed.
        dialect: how such a text was cut, and why.
        inner_name: of the one file in an archive, where that was read.
        is_1904: the workbook counts its days from 1904.
        notes: code and details.
    """

    is_free: bool = False
    kind: str = ""
    encoding: str | None = None
    dialect: dict[str, Any] | None = None
    inner_name: str | None = None
    is_1904: bool = False
    sheets: list[Sheet] = field(default_factory=list[Sheet])
    notes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    fault: str | None = None
    details: dict[str, str | int] = field(default_factory=dict[str, str | int])

    def note(self, code: str, **details: str | int) -> None:
        """Remember something about the file that does not keep it from being read."""
        if (told := {"code": code, **details}) not in self.notes:
            self.notes.append(told)


def stream_path(into: Path, index: int) -> Path:
    """Return where the cells of a sheet lie."""
    return into / f"sheet_{index:03d}.arrows"
