"""Parses the lines of one table as its contract says: text cells become typed rows, block by block.

Every line below the header becomes a row, is set aside with its reasons, or is not data (`line_kinds`).
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column, Table
from fugong.core.at_once import AtOnce
from fugong.findings.collector import FindingCollector, NotInOnePass
from fugong.parsing.beside_rows import CellsBesideRows
from fugong.parsing.blocks import Blocks
from fugong.parsing.cell_findings import CellFindings, CodesOf
from fugong.parsing.cells import refuse_long, type_column
from fugong.parsing.control_totals import ControlTotals, is_summed
from fugong.parsing.dates import NO_ORIGIN, Origin
from fugong.parsing.duplicate_keys import KeyHashes
from fugong.parsing.fill_down import FillDown, as_typed
from fugong.parsing.given_values import type_with
from fugong.parsing.header import Header, Merged
from fugong.parsing.interpreted import Interpreted, read_batches
from fugong.parsing.line_kinds import LineClassifier
from fugong.parsing.number_formats import FormatDoubts
from fugong.parsing.other_units import Masks, rows_in_other_units, type_with_other_units
from fugong.parsing.ragged_records import RaggedRecords
from fugong.parsing.shadow_columns import ShadowRows, count_shadow_rows, take_shadow_rows
from fugong.parsing.shares import ShareScale, scales_of
from fugong.parsing.typed import Typed, Unreadable, arrow_type, typed_schema
from fugong.parsing.units import Units
from fugong.privacy.detect_columns import find_in
from fugong.reading.model import FormatDoubt

MAX_TOTAL_LINES = 100
MAX_TOTALS = 1_000
ONE_BLOCK = Blocks()
NOTHING_GIVEN: Mapping[str, str] = {}
N_TYPING_THREADS = 2
"""Columns of a block that are typed at the same time: Arrow releases the interpreter lock while it works."""
MIN_ROWS_FOR_THREADS = 2_000
"""In a smaller block the threads cost more than they save."""


def no_codes(_numbers: Sequence[str]) -> Mapping[str, str]:
    """A `CodesOf` that knows no credit code."""
    return {}


def interpret(
    table: Table,
    sheet: str,
    header: Header,
    cells: Path,
    merged: Sequence[Merged],
    units: Units,
    code_lists: Mapping[str, CodeList],
    into: Path,
    faults: FindingCollector,
    codes_of: CodesOf = no_codes,
    *,
    origin: Origin = NO_ORIGIN,
    at_once: bool = True,
    example: Mapping[str, str] | None = None,
    widths: Path | None = None,
    format_doubts: Sequence[FormatDoubt] = (),
    blocks: Blocks = ONE_BLOCK,
    given: Mapping[str, str] = NOTHING_GIVEN,
) -> Interpreted:
    """Type the lines of one table as its contract says.

    Args:
        cells: Arrow stream file with `row_number` and text columns `c0`, `c1`, …
        units: of the columns' bare numbers (`units.units_of`).
        into: the Arrow stream file to write.
        faults: collects the findings.
        codes_of: finds the credit codes of 15-digit numbers, for the advice.
        origin: completes days without a year.
        at_once: False defers typing until the blocks are consumed.
        example: the example row of the template; where a sender left it, it is not data.
        widths: how many cells each record of a text has (`SheetCells.widths`).
        format_doubts: cells whose number formats leave in doubt what was meant (`SheetCells.format_doubts`).
        blocks: the later blocks of the table (`blocks.find_blocks`); `header` and `units` are of the first one.
        given: column → the value that the sheet's name gives, where column or cell is left out.

    Raises:
        TooManyFaults: see `FindingCollector`.
    """
    out = Interpreted(table, sheet, header, into, units.of, KeyHashes(into.with_suffix(".keys"), table), tuple(blocks.later))
    out.rows_read = max([0, *(line - header.last_row - 1 for line in blocks.left_out)])
    parsers: list[_BlockParser] = []
    all_totals: list[ControlTotals] = []
    starts = [1, *(block.first_line for block in blocks.later), sys.maxsize]
    own = [(header, units), *((block.header, block.units) for block in blocks.later)]
    spans = [(*one, lines) for one, lines in zip(own, itertools.pairwise(starts), strict=True)]
    all_shares = scales_of(table, spans, lambda: read_batches(cells), code_lists)
    for (header_of, units_of, (first, following)), shares in zip(spans, all_shares, strict=True):
        findings = CellFindings(table, sheet, header_of, faults, codes_of)
        for name, scale in shares.items():
            if scale.code is not None:
                findings.add_column(scale.code, table.by_name[name], scale.example, after=scale.after)
        totals = ControlTotals(table, units_of.of, all_totals)
        all_totals.append(totals)
        inside = [one for one in merged if first <= one[0] + 1 < following]
        type_cells = _ColumnTyper(code_lists, units_of.of, origin, shares, table.own_numbers)
        parsers.append(
            _BlockParser(
                out,
                header_of,
                FillDown(header_of, inside, code_lists),
                LineClassifier(table, header_of, inside, example or {}, totals, findings, code_lists),
                totals,
                findings,
                type_cells,
                RaggedRecords(widths, cells, header_of, findings, type_cells),
                FormatDoubts(format_doubts, table, header_of, findings, units_of),
                CellsBesideRows(header_of, findings, is_text=widths is not None),
                given,
                (first, following - 1),
                may_reject=at_once,
            )
        )
    out._typing = _parse(out, parsers, starts, pa.array(sorted(blocks.left_out), pa.int64()), cells)
    if at_once:
        out.complete()
    return out


@dataclass(frozen=True)
class _ColumnTyper:
    """Types columns of one table."""

    code_lists: Mapping[str, CodeList]
    units: Mapping[str, str | None]
    origin: Origin
    shares: Mapping[str, ShareScale]
    own_numbers: frozenset[str]

    def __call__(self, column: Column, cells: pa.Array) -> Typed:
        return type_column(
            column,
            cells,
            self.units[column.name],
            self.code_lists[column.code_list] if column.code_list else None,
            self.origin,
            scale_of_shares=self.shares.get(column.name),
            is_reference=column.name in self.own_numbers,
        )


def _parse(
    out: Interpreted, parsers: Sequence[_BlockParser], starts: Sequence[int], left_out: pa.Array, cells: Path
) -> Iterator[pa.RecordBatch]:
    """Type the lines batch by batch, write the rows to `out.rows`, and complete the counts at the end.

    Args:
        starts: the first line of each parser's block, and one beyond the last.
        left_out: lines that are no data, whatever they hold.
    """
    with (
        ThreadPoolExecutor(N_TYPING_THREADS + 1) as threads,
        pa.OSFile(str(out.rows), "wb") as sink,
        pa.ipc.new_stream(sink, typed_schema(out.table)) as writer,
    ):

        def keep(typed: pa.RecordBatch) -> None:
            writer.write_batch(typed)
            out.keys.add(typed)

        keeping: Future[None] | None = None
        at = 0
        for batch in read_batches(cells):
            while batch.num_rows:
                first = batch.column("row_number")[0].as_py()
                while starts[at + 1] <= first:
                    at += 1
                block = batch.slice(0, starts[at + 1] - first)
                workers = threads if block.num_rows >= MIN_ROWS_FOR_THREADS else AtOnce()
                typed = parsers[at].parse(block, left_out, workers)
                batch = batch.slice(starts[at + 1] - first)
                if keeping is not None:
                    keeping.result()
                    keeping = None
                if typed is not None and typed.num_rows:
                    keeping = workers.submit(keep, typed)
                    yield typed
        if keeping is not None:
            keeping.result()
    for parser in parsers:
        parser.finish()


class _BlockParser:
    """Takes the batches of one block through all steps: fill down, classify lines, type columns, record findings."""

    def __init__(
        self,
        out: Interpreted,
        header: Header,
        fill_down: FillDown,
        lines: LineClassifier,
        totals: ControlTotals,
        findings: CellFindings,
        type_cells: _ColumnTyper,
        ragged: RaggedRecords,
        formats: FormatDoubts,
        beside: CellsBesideRows,
        given: Mapping[str, str],
        lines_of_block: tuple[int, int],
        *,
        may_reject: bool,
    ) -> None:
        """Nothing read yet.

        Args:
            out: of the whole table.
            lines_of_block: its first and its last line.
            may_reject: False if rows are loaded while they are parsed, so that the file cannot be rejected any more.
        """
        self._out, self._header = out, header
        self._fill_down, self._lines, self._totals, self._findings = fill_down, lines, totals, findings
        self._type_cells, self._ragged, self._formats, self._may_reject = type_cells, ragged, formats, may_reject
        self._beside, self._given = beside, given
        self._lines_of_block = lines_of_block
        self._schema = typed_schema(out.table)
        self._sent = [column for column in out.table.columns if column.name in header.index]

    def finish(self) -> None:
        """Report what only the whole table shows, and complete the counts. The lines of all blocks are in."""
        out = self._out
        self._lines.finish()
        self._beside.finish()
        self._formats.finish()
        for found in self._totals.compared(self._lines.first_data, *self._lines_of_block):
            if found.lacking:
                self._findings.add(found.code, found.column, found.row_number, found.text, expected=found.expected_as_typed)
            if len(out.totals) < MAX_TOTALS:
                out.totals.append(found)
        out.rows_read = max(out.rows_read, self._lines.last_line - (out.header.last_row + 1))
        out.n_data += self._lines.n_data
        room = MAX_TOTAL_LINES - len(out.total_lines)
        out.total_lines += [line.row_number for line in self._totals.lines[:room]]
        out.n_notes += self._lines.n_notes
        out.filled_down = list(dict.fromkeys([*out.filled_down, *self._fill_down.headers]))

    def parse(self, batch: pa.RecordBatch, left_out: pa.Array, threads: Executor) -> pa.RecordBatch | None:
        """The typed rows of the block's next lines; None if they hold none."""
        whole = self._fill_down.block(batch)
        batch = whole.filter(pc.invert(pc.is_in(whole.column("row_number"), left_out))) if len(left_out) else whole
        batch = self._lines.data_of(batch)
        if batch.num_rows < whole.num_rows:
            is_data = pc.is_in(whole.column("row_number"), batch.column("row_number"))
            if self._findings.add_personal_outside(whole.filter(pc.invert(is_data))) and not self._may_reject:
                raise NotInOnePass("personal data")
        if not batch.num_rows:
            self._totals.end_block_without_rows()
            return None
        self._beside.add(batch)
        typed = self._type_block(batch, threads)
        self._totals.end_block()
        return typed

    def _type_block(self, batch: pa.RecordBatch, threads: Executor) -> pa.RecordBatch:
        table, header = self._out.table, self._header
        whole = batch
        batch, n_moved = self._ragged.without_moved(batch)
        for column in filter(is_summed, self._sent if n_moved else ()):
            self._totals.skip_column(column.name)
        numbers = batch.column("row_number")
        aside = np.zeros(batch.num_rows, dtype=bool)
        columns: list[pa.Array] = [numbers]
        in_others = {column.name: self._in_other_units(column, batch) for column in self._sent}
        for name in (name for name, masks in in_others.items() if masks):
            self._totals.skip_column(name)  # a sum over several units means nothing
        each = threads.map(lambda column: self._type_column(column, batch, in_others[column.name]), self._sent)
        searches = [
            (at, threads.submit(find_in, whole.column(at + 1), self._findings.kind_of_cells(at)))
            for at in range(whole.num_columns - 1)
        ]
        in_shadow: list[ShadowRows] = []
        for column in table.columns:
            if column.name not in header.index:
                columns.append(self._absent(column, batch.num_rows))
                continue
            cells, typed = next(each)
            self._refuse_merged_numbers(column, cells, numbers, typed)
            if self._formats.refuse(column, cells, numbers, typed, aside, in_others[column.name]):
                self._totals.skip_column(column.name)
            if column.shadow:
                in_shadow += take_shadow_rows(column, cells, typed)
            if column.name in table.indexed and pa.types.is_string(typed.values.type):
                refuse_long(typed)
            self._record(column, cells, numbers, typed, aside)
            values = typed.values
            if column.format == "uscc" and values.null_count:
                values = pc.fill_null(values, "")
            if is_summed(column):
                self._totals.add_column(column, numbers, values)
            columns.append(values)
        for at, search in searches:
            self._record_personal(at, whole, search.result())
        for found in in_shadow:
            count_shadow_rows(found, self._findings.collector.shadow, table, self._out.sheet, header, numbers, aside)
        rows = pa.RecordBatch.from_arrays(columns, schema=self._schema)
        return rows.filter(pa.array(~aside)) if aside.any() else rows

    def _in_other_units(self, column: Column, batch: pa.RecordBatch) -> Masks:
        return rows_in_other_units(self._out.table, column, self._header, batch, self._type_cells.code_lists)

    def _type_column(self, column: Column, batch: pa.RecordBatch, in_others: Masks) -> tuple[pa.Array, Typed]:
        cells = self._header.cells_of(batch, column)
        cells = self._formats.spelled(column, cells, batch.column("row_number"), in_others)
        if in_others:
            return cells, type_with_other_units(column, cells, in_others, self._type_cells)
        if (value := self._given.get(column.name)) is None:
            return cells, self._type_cells(column, cells)
        return pc.fill_null(cells, value), type_with(value, cells, partial(self._type_cells, column))

    def _absent(self, column: Column, n_rows: int) -> pa.Array:
        """The values of a column that the file does not have."""
        if (value := self._given.get(column.name)) is not None:
            return self._type_cells(column, pa.array([value] * n_rows, pa.string())).values
        return pa.array([""] * n_rows) if column.format == "uscc" else pa.nulls(n_rows, arrow_type(column))

    def _record(self, column: Column, cells: pa.Array, numbers: pa.Array, typed: Typed, aside: np.ndarray) -> None:
        """Record the findings of one column of a block, and mark the rows that they set aside."""
        filled: dict[int, tuple[str, str]] = {}
        below_moved: list[int] = []
        for line, before, after, source in self._fill_down.take_filled(column, numbers):
            filled[line] = (before, after)
            if source in self._ragged.moved:  # what stands above belongs to another column
                below_moved.append(pc.index(numbers, line).as_py())
                self._findings.add("as-above", column, line, before)
            else:
                self._findings.add("as-above-filled", column, line, before, after=after)
        aside[below_moved] = True
        shown = as_typed(column, cells, numbers, filled) if filled else cells
        without = np.array(below_moved, np.int64)
        for unreadable in typed.unreadable:
            if self._findings.add_unreadable(column, shown, numbers, unreadable.without(without) if below_moved else unreadable):
                aside[unreadable.positions] = True
        for repaired in typed.repaired:
            self._findings.add_repaired(column, shown, numbers, repaired.without(without) if below_moved else repaired)
        fallback = self._out.table.fallback
        if column.is_mandatory and cells.null_count and (fallback is None or fallback["column"] != column.name):
            missing = np.flatnonzero(np.asarray(cells.is_null()))
            aside[missing] = True
            self._findings.add_missing(column, numbers, missing)

    def _refuse_merged_numbers(self, column: Column, cells: pa.Array, numbers: pa.Array, typed: Typed) -> None:
        """Refuse numbers in cells merged over several lines: they belong to none of them alone."""
        at = self._header.index[column.name]
        merged = [(m[0] + 1, m[2] + 1) for m in self._fill_down.merged_numbers if m[1] == at]
        if not merged:
            return
        lines, ranges = np.asarray(numbers), np.array(merged, np.int64)
        steps = np.zeros(len(lines) + 1, np.int64)
        np.add.at(steps, np.searchsorted(lines, ranges[:, 0], "left"), 1)
        np.add.at(steps, np.searchsorted(lines, ranges[:, 1], "right"), -1)
        inside = np.cumsum(steps[:-1]) > 0
        positions = np.flatnonzero(inside & np.asarray(cells.is_valid()))
        if len(positions):
            self._totals.skip_column(column.name)
            typed.values = pc.if_else(pa.array(inside), pa.scalar(None, typed.values.type), typed.values)
            typed.unreadable = [item.without(positions) for item in typed.unreadable]
            typed.unreadable.append(Unreadable("merged-number", positions))
            typed.repaired = [item.without(positions) for item in typed.repaired]

    def _record_personal(self, at: int, batch: pa.RecordBatch, hits: Sequence[tuple[int, str]]) -> None:
        """Record personal data.

        Raises:
            NotInOnePass: rows are loaded while they are parsed, but no row of such a file may be loaded.
        """
        if hits and not self._may_reject:
            raise NotInOnePass("personal data")
        self._findings.add_personal(at, batch, hits)
