"""What reading gives: the cells of each sheet as typed, notes, or why the file is refused."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ReadingRefused:
    """Why a file cannot be read, and how its sender mends it. A finding about the file, never an error of ours.

    Attributes:
        code: of the catalogue of findings.
        details: what the worker found; the sentences are made from them.
    """

    code: str
    message_zh: str
    message_en: str
    details: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """A finding about a file that is read all the same.

    Attributes:
        code: of the catalogue of findings.
        sheet: "" where it is about the whole file.
        details: the values that the sentences of the code need.
    """

    code: str
    sheet: str
    details: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class FormatDoubt:
    """Cells of one column that show another number than they hold, or none at all, or words around it; or formulas without a result.

    Attributes:
        column: 0-based.
        kind: `scaled`, `hidden`, `other` (a format with digits or a sign of its own), `date` (a number that is a day), `rounded`,
            `words`, or `formula`: nobody computed it, and the cell is given as its text.
        exponent: of `scaled` and `words`: what is shown is the number held, divided by ten to this power.
        decimals: of `rounded`: how many are shown.
        before, behind: of `words`: what the format sets around the number, such as a unit.
        is_exact: False where the runs also hold cells that are not in doubt.
        format: the code of the number format; of the first cell with a `formula` its text.
        runs: first and last row of each run of such cells, 0-based and inclusive.
    """

    column: int
    kind: str
    exponent: int
    decimals: int
    format: str
    runs: list[tuple[int, int]]
    before: str = ""
    behind: str = ""
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class SheetCells:
    """One sheet's cells, as typed.

    Attributes:
        index: position among the worksheets read, from 0.
        path: an Arrow IPC stream of `row_number: int64` (from 1, without gaps: the record of a text, the row of a workbook) and
            `c0` … `cN: string`, null where a cell is empty or only whitespace. A batch has 50,000 rows, fewer where rows are wide or long.
        merged: (first_row, first_column, last_row, last_column), 0-based and inclusive; only the first cell has the value.
        hidden_rows: 0-based, within the first 20,000 rows; `n_hidden_rows` counts all.
        head: the first 40 rows; cells are cut at 2,000 characters here, never in the stream.
        format_doubts: cells whose number format leaves in doubt what was meant.
        widths: how many cells each record of a text has, as native uint16; None for any other file.
        tail: the last 20 rows that are not blank, each with its row number; cells are cut likewise.
    """

    name: str
    index: int
    path: Path
    n_rows: int
    n_columns: int
    merged: list[tuple[int, int, int, int]]
    hidden: bool
    n_hidden_rows: int
    hidden_rows: list[int]
    hidden_columns: list[int]
    head: list[list[str | None]]
    format_doubts: list[FormatDoubt] = field(default_factory=list[FormatDoubt])
    widths: Path | None = None
    tail: list[tuple[int, list[str | None]]] = field(default_factory=list[tuple[int, list[str | None]]])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the cells in batches, in the order of the file."""
        import pyarrow as pa

        with pa.OSFile(str(self.path), "rb") as file, pa.ipc.open_stream(file) as stream:
            yield from stream


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of reading one file.

    Attributes:
        kind: xlsx, xls, ods, xml (Excel 2003), html, csv, or "" where the file was refused before its kind was known.
        encoding: of a text, as Python names it.
        sheets: empty when the file is refused.
        refused: why the file cannot be read; None where it was read.
        texts: place and text of what stands in a workbook besides its cells (properties, comments) and holds a long number.
        inner_name: name of the one file in an archive; `kind` and `sheets` describe that file.
        dialect: how a text without a contract was split into cells, and how well that fits (`reading.worker.free_text`).
        network_left_by: how the child gave up the network (`namespace` or `landlock`); None where the kernel offers neither.
        files_limited_by: `landlock` where the child could open nothing but its file and libraries; None where the kernel cannot.
        is_1904: the workbook counts its day numbers from 1904.
        seconds: wall time of the child.
        max_rss: peak memory of the child in bytes, including the pages it shares with the fork server.
    """

    kind: str
    encoding: str | None
    sheets: list[SheetCells]
    refused: ReadingRefused | None
    notes: list[Note] = field(default_factory=list[Note])
    texts: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    inner_name: str | None = None
    dialect: Mapping[str, Any] | None = None
    seconds: float = 0.0
    max_rss: int = 0
    network_left_by: str | None = None
    files_limited_by: str | None = None
    is_1904: bool = False
