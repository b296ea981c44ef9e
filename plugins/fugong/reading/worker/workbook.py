"""Reads workbooks of every format into cells, by calamine."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from fugong.reading.limits import Limits
from fugong.reading.worker.cell_text import cells_as_text, column_letters, runs_of_columns
from fugong.reading.worker.formula_cells import FormulaCells
from fugong.reading.worker.result import FileRefused, Result, Sheet, stream_path
from fugong.reading.worker.sheet_writer import SheetWriter, chunks
from fugong.reading.worker.styled_cells import DAYS, StyledCells, Styles

REMEMBERED_ROWS = 20_000
"""Receipts show the rows again of shorter sheets only."""


@dataclass(slots=True)
class SheetScan:
    """What the scan of a sheet found before calamine reads it.

    Attributes:
        errors: text of error cells by 0-based row and column; calamine reports them as empty.
        hidden_rows: 0-based, of the first `REMEMBERED_ROWS`.
        hidden_columns: 0-based, including those beyond the last cell.
        formulas: cells with formulas; calamine reports their saved results alone.
    """

    errors: dict[int, dict[int, str]] = field(default_factory=dict[int, dict[int, str]])
    n_hidden_rows: int = 0
    hidden_rows: set[int] = field(default_factory=set[int])
    hidden_columns: set[int] = field(default_factory=set[int])
    formulas: FormulaCells = field(default_factory=FormulaCells)
    has_padded_values: bool = False
    merged: list[tuple[int, int, int, int]] = field(default_factory=list[tuple[int, int, int, int]])
    styled: StyledCells = field(default_factory=StyledCells)

    def hide_rows(self, first: int, n: int = 1) -> None:
        """Note hidden rows."""
        self.n_hidden_rows += n
        self.hidden_rows.update(range(first, min(first + n, REMEMBERED_ROWS)))


ScanOf = Callable[[int, str], SheetScan]
"""Gives the scan of a sheet by its index in the workbook and its name."""


def read_workbook(path: Path, into: Path, result: Result, limits: Limits, scan_of: ScanOf, styles: Styles) -> None:
    """Read every worksheet with calamine.

    Args:
        styles: the number formats that matter, by the styles of `SheetScan.styled`.
    """
    # calamine picks the format by the extension. Without one it tries every format and hides the reason of a failure.
    named = into / f"workbook.{result.kind}"
    named.unlink(missing_ok=True)
    named.symlink_to(path.absolute())
    try:
        book = calamine.CalamineWorkbook.from_path(named)
        sheets = [
            (m, scan_of(i, m.name)) for i, m in enumerate(book.sheets_metadata) if m.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        if len(sheets) > limits.sheets:
            raise FileRefused("too-large", what="sheets", found=len(sheets), limit=limits.sheets)
        for index, (metadata, scan) in enumerate(sheets):
            cells = book.get_sheet_by_name(metadata.name)
            sheet = Sheet(
                metadata.name,
                hidden=metadata.visible != calamine.SheetVisibleEnum.Visible,
                merged=[(*first, *last) for first, last in cells.merged_cell_ranges or []] or scan.merged,
                n_hidden_rows=scan.n_hidden_rows,
            )
            result.sheets.append(sheet)
            if scan.formulas:
                scan.formulas.judge(cells.iter_rows, cells.start[1] if cells.start else 0, scan.errors)
            _write_sheet(cells, stream_path(into, index), sheet, scan, limits, styles, is_free=result.is_free)
            sheet.format_doubts = scan.styled.doubts.found()
            sheet.hidden_rows = sorted(row for row in scan.hidden_rows if row < sheet.n_rows)
            sheet.hidden_columns = sorted(column for column in scan.hidden_columns if column < sheet.n_columns)
            if sheet.hidden:
                result.note("hidden-sheet", sheet=sheet.name)
            if scan.n_hidden_rows:
                result.note("hidden-rows", sheet=sheet.name, n=scan.n_hidden_rows)
            if sheet.hidden_columns:
                result.note("hidden-columns", sheet=sheet.name, columns=runs_of_columns(sheet.hidden_columns))
            if scan.formulas.n_uncomputed:
                result.note_formulas(sheet.name, scan.formulas.n_uncomputed, *scan.formulas.first_uncomputed)
    except calamine.PasswordError as error:
        raise FileRefused("encrypted-workbook") from error
    except calamine.CalamineError as error:
        if "Cell limit exceeded" in str(error):
            raise FileRefused("too-large", what="area", found=_first_number(str(error)), limit=limits.cells) from error
        raise FileRefused("truncated-file") from error
    if not any(sheet.n_rows for sheet in result.sheets):
        raise FileRefused("empty-file")


def _filled_up(rows: Iterable[list[Any]], n_left: int, n_rows: int, n_columns: int) -> Iterator[list[Any]]:
    """The rows of a sheet from its first column on, with the cells that calamine leaves out at its edges since they hold no value."""
    n = 0
    for n, row in enumerate(rows, 1):  # noqa: B007
        yield [""] * n_left + row + [""] * (n_columns - n_left - len(row))
    for _ in range(n, n_rows):
        yield [""] * n_columns


def _leave_formulas(rows: list[list[Any]], first: int, scan: SheetScan, *, is_free: bool) -> None:
    """Write formulas whose result nobody computed in place of what is saved beside them, or nothing where there is no contract.

    Args:
        first: 0-based row of the first of `rows`, which begin with the sheet's first column.
    """
    for row, column, text in scan.formulas.uncomputed(first, first + len(rows)):
        rows[row - first][column] = "" if is_free else text
        scan.styled.doubts.add_formula(row, column, text)


def _first_number(text: str) -> int:
    found = re.search(r"\d+", text)
    return int(found[0]) if found else 0


def _write_sheet(
    cells: calamine.CalamineSheet,
    path: Path,
    sheet: Sheet,
    scan: SheetScan,
    limits: Limits,
    styles: Styles,
    *,
    is_free: bool,
) -> None:
    last_row, last_column = cells.end or (-1, -1)
    rows_of_sheet, n_left = cells.iter_rows(), cells.start[1] if cells.start else 0
    if scan.formulas.n_uncomputed:
        last_row, last_column = max(last_row, scan.formulas.last_row), max(last_column, scan.formulas.last_column)
        rows_of_sheet, n_left = _filled_up(rows_of_sheet, n_left, last_row + 1, last_column + 1), 0
    if last_row < 0:
        SheetWriter(path, sheet, 0).__exit__()
        return
    n_columns = last_column + 1
    if n_columns > limits.columns:
        raise FileRefused(
            "too-large",
            what="far-cell",
            sheet=sheet.name,
            cell=f"{column_letters(last_column)}{last_row + 1}",
            found=n_columns * (last_row + 1),
            limit=limits.cells,
        )
    first = 0
    with SheetWriter(path, sheet, n_columns) as writer:
        for rows in chunks(rows_of_sheet, writer.batch_rows):
            if scan.errors:
                for i, row in enumerate(rows, first):
                    for column, text in scan.errors.get(i, {}).items():
                        if n_left <= column < n_columns:
                            row[column - n_left] = text
            if scan.formulas.n_uncomputed:
                _leave_formulas(rows, first, scan, is_free=is_free)
            if scan.styled:
                scan.styled.show(rows, first, n_left, styles)
            nothing = pa.nulls(len(rows), pa.string())
            columns = [(c, set(map(type, c))) for c in zip(*rows, strict=True)]
            for at, (column, kinds) in enumerate(columns, n_left):
                if not kinds.isdisjoint(DAYS):
                    scan.styled.doubts.add_days(column, kinds, first, at)
            writer.write_columns([nothing] * n_left + [cells_as_text(*column) for column in columns], len(rows))
            first += len(rows)
