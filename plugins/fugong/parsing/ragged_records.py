"""Sets aside records of a text that have more or fewer cells than their header: their cells stand in the wrong columns.

A delimiter too many or too few moves every cell behind it. The usual causes are a thousands comma without quotes (1,234.5) and a
comma in a name. What programs do on purpose is no fault: a delimiter at the end of every line, empty cells at the end that are
left out in every line, or left out by Excel, which decides this for blocks of 16 lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import fold
from fugong.parsing.cell_findings import CellFindings
from fugong.parsing.header import Header
from fugong.parsing.line_kinds import LABEL_CELLS, TOTAL
from fugong.parsing.short_records import ShortRecordTypes, TypeCells
from fugong.privacy.detect import mask

MORE, FEWER, CUT = "more-cells-than-header", "fewer-cells-than-header", "number-cut-in-two"
EXCEL_BLOCK = 16
"""Excel writes so many lines of a text with equally many cells: as many as the longest of them needs."""
BEFORE_COMMA, AFTER_COMMA = r"^\s*[-+]?\d{1,3}\s*$", r"^\s*\d{3}(\.\d+)?\s*$"
"""What a number becomes when its thousands comma cuts it in two."""
AMOUNT = r"^\s*[-+]?[\d,]*\.?\d+"
BARE_NUMBER = r"^\s*\d{1,15}(\.\d+)?\s*$"
REMARK = re.compile("备注|说明|原因|意见|问题|事项")
MAX_SHOWN = 200
FEWEST_TRIMMED = 2
"""Records that can only have been trimmed make a habit, by which doubtful ones are read."""
MAX_TRIMMED = 1_000
"""Records of one length in a batch that are searched for one that was certainly trimmed."""


class RecordWidths:
    """How many cells each record of a text has, and what that says about its header."""

    def __init__(self, path: Path, header: Header) -> None:
        """Open the widths that the reader wrote; they stay on the disk."""
        self.all = np.memmap(path, np.uint16, "r")
        self._header = header
        self.narrowest = header.last_column + 1
        self.widest = max(int(self.all[header.first_row : header.last_row + 1].max(initial=0)), self.narrowest)

    def of(self, row_numbers: pa.Array) -> np.ndarray:
        """The widths of some records."""
        return np.asarray(self.all[np.asarray(row_numbers) - 1], np.int64)

    def may_be_moved(self, row: int, cells: Sequence[str | None]) -> bool:
        """Whether a record below the header, by its 0-based row, has cells beyond the table because others have moved them there."""
        n = int(self.all[row])
        if row <= self._header.last_row or n <= self.narrowest:
            return False
        last, beyond = (cell or "" for cell in cells[self.narrowest - 1 : self.narrowest + 1])
        is_cut = re.match(BEFORE_COMMA, last) and re.match(AFTER_COMMA, beyond)
        return n > self.widest or bool(is_cut) or not self.is_as_long_as_its_block(row + 1)

    def is_as_long_as_its_block(self, number: int) -> bool:
        """Whether all lines of a line's block, as Excel writes them, have equally many cells."""
        first = (number - 1) // EXCEL_BLOCK * EXCEL_BLOCK
        block = self.all[first : first + EXCEL_BLOCK]
        return bool((block == block[0]).all())

    @cached_property
    def below(self) -> np.ndarray:
        """How many records below the header have 0, 1, 2, … cells."""
        return np.bincount(self.all[self._header.last_row + 1 :], minlength=self.widest + 1)

    @property
    def common_surplus(self) -> int | None:
        """The one width of all records that reach the header's last column, where it is more than that column needs."""
        widths = np.flatnonzero(self.below[self.narrowest :]) + self.narrowest
        return int(widths[0]) if len(widths) == 1 and widths[0] > self.narrowest else None


class RaggedRecords:
    """Sets aside the records of one text whose cells are moved, block after block.

    Attributes:
        moved: their row numbers so far.
    """

    def __init__(self, widths: Path | None, cells: Path, header: Header, findings: CellFindings, type_cells: TypeCells) -> None:
        """Nothing read yet.

        Args:
            widths: of `SheetCells`.
            cells: Arrow stream file with `row_number` and text columns `c0`, `c1`, …
        """
        self._types = ShortRecordTypes(header, type_cells, self._whole_records)
        self._widths = None if widths is None else RecordWidths(widths, header)
        self._cells, self._header, self._findings = cells, header, findings
        self.moved: set[int] = set()

    def without_moved(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, int]:
        """The data lines of a block whose cells are where the header says, and how many others it had. Those are recorded."""
        widths = self._widths
        if widths is None:
            return batch, 0
        batch, n_cut = self._without_cut_numbers(batch)
        found = widths.of(batch.column("row_number"))
        moved = self._is_wider(batch, found, widths) | self._is_shorter(batch, found, widths)
        if not moved.any():
            return batch, n_cut
        for position in np.flatnonzero(moved).tolist():
            n = int(found[position])
            code, expected = (MORE, widths.widest) if n > widths.narrowest else (FEWER, widths.narrowest)
            if code == MORE and n <= widths.widest:
                expected = widths.narrowest
            number = batch.column("row_number")[position].as_py()
            self.moved.add(number)
            self._findings.add_line(code, number, _text(batch, position, n), n=abs(n - expected))
        return batch.filter(pa.array(~moved)), n_cut + int(moved.sum())

    def _without_cut_numbers(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, int]:
        """The lines of a block without those in which a thousands comma has cut a number in two, and how many those were.

        Of such a line the cells behind the number have moved by one, and the last one stands as a bare number where words belong. An empty
        cell that was left out at the end hides it from the count of cells.
        """
        cut: list[int] = []
        for end, is_remark in self._columns_of_words.items():
            for position in np.flatnonzero(_matches(batch.column(end + 1), BARE_NUMBER if is_remark else AFTER_COMMA)).tolist():
                line = [batch.column(at + 1)[position].as_py() or "" for at in range(batch.num_columns - 1)]
                places = [at for at in range(end) if at in self._columns_of_numbers and (is_remark or at == end - 1)]
                at = next((at for at in places if _are_halves(line[at], line[at + 1])), None)
                if at is not None and not any(line[end + 1 :]) and position not in cut:
                    cut.append(position)
                    number = batch.column("row_number")[position].as_py()
                    self.moved.add(number)
                    text = _text(batch, position, len(line))
                    self._findings.add_line(CUT, number, text, before=line[at].strip(), after=line[at + 1].strip())
        if not cut:
            return batch, 0
        stays = np.ones(batch.num_rows, dtype=bool)
        stays[cut] = False
        return batch.filter(pa.array(stays)), len(cut)

    @cached_property
    def _columns_of_numbers(self) -> set[int]:
        return {at for at, column in self._header.columns.items() if column.logical_type in ("number", "integer")}

    @cached_property
    def _columns_of_words(self) -> dict[int, bool]:
        """Physical columns behind a number in which a bare number is out of place: days, codes with a list, and (True) remarks."""
        first = min(self._columns_of_numbers, default=len(self._header.sent))
        own = {at: False for at, column in self._header.columns.items() if column.logical_type == "date" or column.code_list}
        remarks = {
            at: True for at, name in self._header.sent.items() if REMARK.search(name) and at not in self._columns_of_numbers
        }
        return {at: is_remark for at, is_remark in sorted((own | remarks).items()) if at > first}

    def _is_wider(self, batch: pa.RecordBatch, found: np.ndarray, widths: RecordWidths) -> np.ndarray:
        """Records with a cell too many. One that is empty at the end of every record is a habit of a program."""
        is_wide = found > widths.widest
        # The header's own empty cells at the end: text below them is a remark only where all lines around are as long.
        beyond = (found > widths.narrowest) & ~is_wide
        if beyond.any():
            beyond &= _has_text(batch, range(widths.narrowest, widths.widest))
            numbers = np.asarray(batch.column("row_number"))
            for position in np.flatnonzero(beyond).tolist():
                beyond[position] = self._is_cut_alike or not widths.is_as_long_as_its_block(int(numbers[position]))
            is_wide |= beyond
        if is_wide.any() and widths.common_surplus is not None and not self._is_cut_alike:
            is_wide &= _has_text(batch, range(widths.narrowest, batch.num_columns - 1))
        return is_wide

    def _is_shorter(self, batch: pa.RecordBatch, found: np.ndarray, widths: RecordWidths) -> np.ndarray:
        """Records with a cell too few, unless their writer left out only empty cells at the end."""
        is_short = found < widths.narrowest
        if not is_short.any() or self._header_is_cut:
            return is_short
        numbers = np.asarray(batch.column("row_number"))
        unclear: dict[int, list[int]] = {}
        for position in np.flatnonzero(is_short).tolist():
            n = int(found[position])
            if self._is_block_of_excel(int(numbers[position]), widths):
                is_short[position] = False
            elif n > 0:
                unclear.setdefault(n, []).append(position)
        for n, positions in unclear.items():
            types = self._types.judge(batch.take(pa.array(positions)), n)
            n_trimmed = self._n_trimmed if n > self._widest_with_empty_end else 0
            # One line may be trimmed by hand, which tells where a remark belongs, but not an amount.
            doubtful = types.moves_values & (n_trimmed < FEWEST_TRIMMED) if n_trimmed else types.fits_moved
            is_short[positions] = ~types.fits | doubtful
        return is_short

    @cached_property
    def _n_trimmed(self) -> int:
        """How many records can only have been trimmed at their end; 0 where any shows that it lost a cell.

        Totals that end early are such records. Records with text in less than half of the columns say nothing.
        """
        widths = self._widths
        assert widths is not None
        n_trimmed = 0
        for batch in _batches(self._cells):
            is_below = np.asarray(batch.column("row_number")) > self._header.last_row + 1
            found = widths.of(batch.column("row_number"))
            for n in range(max(widths.narrowest // 2, self._widest_with_empty_end) + 1, widths.narrowest):
                positions = np.flatnonzero((found == n) & is_below)
                if not len(positions):
                    continue
                types = self._types.judge(batch.take(pa.array(positions[:MAX_TRIMMED])), n)
                if (types.lost_all & ~types.fits).any():
                    return 0
                n_trimmed += int((types.fits & ~types.lost_all).sum()) + self._n_short_totals(batch, positions, n)
        return n_trimmed

    def _n_short_totals(self, batch: pa.RecordBatch, positions: np.ndarray, n: int) -> int:
        """How many of some records with so many cells are totals that end in an amount, with empty cells kept in their middle."""
        n_totals = 0
        for position in positions.tolist() if n - 1 in self._columns_of_numbers else ():
            line = [batch.column(at + 1)[position].as_py() for at in range(n)]
            has_label = any(cell and TOTAL.search(fold(cell)) for cell in self._header.within(line)[:LABEL_CELLS])
            n_totals += has_label and None in line[1:] and re.match(AMOUNT, line[-1] or "") is not None
        return n_totals

    def _whole_records(self) -> pa.RecordBatch:
        """Some records below the header that have all cells, and text in all mandatory columns: rows, no total and no note."""
        widths = self._widths
        assert widths is not None
        batch = next(iter(_batches(self._cells)))
        is_whole = (widths.of(batch.column("row_number")) >= widths.narrowest) & (
            np.asarray(batch.column("row_number")) > self._header.last_row + 1
        )
        for column in self._header.columns.values():
            if column.is_mandatory:
                is_whole &= np.asarray(self._header.cells_of(batch, column).is_valid())
        return batch.filter(pa.array(is_whole)).slice(0, MAX_TRIMMED)

    def _is_block_of_excel(self, number: int, widths: RecordWidths) -> bool:
        return widths.is_as_long_as_its_block(number) and int(widths.all[number - 1]) in self._full_blocks

    @cached_property
    def _full_blocks(self) -> set[int]:
        """Widths at which some record has text in its last cell: Excel writes a block no wider than its longest record."""
        widths = self._widths
        assert widths is not None
        full: set[int] = set()
        for batch in _batches(self._cells):
            found = widths.of(batch.column("row_number"))
            for n in np.unique(found).tolist():
                if n and n not in full and (np.asarray(batch.column(n).is_valid()) & (found == n)).any():
                    full.add(n)
        return full

    @cached_property
    def _widest_with_empty_end(self) -> int:
        """The widest record that ends in an empty cell: its writer does not leave such cells out. 0 where all are left out."""
        widths = self._widths
        assert widths is not None
        widest = 0
        for batch in _batches(self._cells):
            found = widths.of(batch.column("row_number"))
            for n in np.unique(found).tolist():
                if n > max(widest, 1) and (np.asarray(batch.column(n).is_null()) & (found == n)).any():
                    widest = n
        return widest

    @cached_property
    def _header_is_cut(self) -> bool:
        """Whether a comma in brackets has cut a header in two, such as 金额(元,含税)."""
        names = [re.sub(r"[(\uff08][^()\uff08\uff09]*[)\uff09]", "", name) for name in self._header.sent.values()]
        return any(re.search(r"[(\uff08]", name) for name in names) and any(re.search(r"[)\uff09]", name) for name in names)

    @cached_property
    def _is_cut_alike(self) -> bool:
        """Whether in each record of the common width the same two cells may be one number with a thousands comma."""
        widths = self._widths
        assert widths is not None
        if widths.common_surplus is None:
            return False
        left: set[int] | None = None
        for batch in _batches(self._cells):
            below = np.asarray(batch.column("row_number")) > self._header.last_row + 1
            in_doubt = batch.filter(pa.array(below & (widths.of(batch.column("row_number")) == widths.common_surplus)))
            if not in_doubt.num_rows:
                continue
            columns = in_doubt.columns[1:]
            places = range(len(columns) - 1) if left is None else sorted(left)
            left = {at for at in places if _all_match(columns[at], BEFORE_COMMA) and _all_match(columns[at + 1], AFTER_COMMA)}
            if not left:
                return False
        return bool(left)


def _batches(cells: Path) -> Iterable[pa.RecordBatch]:
    with pa.OSFile(str(cells), "rb") as source, pa.ipc.open_stream(source) as reader:
        yield from reader


def _are_halves(before: str, after: str) -> bool:
    """Whether two cells may be one number that a thousands comma has cut."""
    return re.match(BEFORE_COMMA, before) is not None and re.match(AFTER_COMMA, after) is not None


def _matches(cells: pa.Array, pattern: str) -> np.ndarray:
    return np.asarray(pc.fill_null(pc.match_substring_regex(cells, pattern), False))


def _all_match(cells: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.fill_null(pc.match_substring_regex(cells, pattern), False)).as_py())


def _has_text(batch: pa.RecordBatch, places: Iterable[int]) -> np.ndarray:
    """Which records have text in one of these physical columns."""
    has = np.zeros(batch.num_rows, dtype=bool)
    for at in places:
        has |= np.asarray(batch.column(at + 1).is_valid())
    return has


def _text(batch: pa.RecordBatch, position: int, n_cells: int) -> str:
    """A record as typed, masked."""
    cells = (batch.column(at + 1)[position].as_py() or "" for at in range(min(n_cells, batch.num_columns - 1)))
    return ",".join(mask(cell) for cell in cells)[:MAX_SHOWN]
