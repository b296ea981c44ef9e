"""Text cells → typed rows, by contract: every line below the header ends as a row, set aside, or not data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import MISSING, Column, Table
from fugong.contracts.example import MARKED, is_example
from fugong.core.cell_address import cell_address
from fugong.core.retention import SEALED_ORIGINAL_DAYS
from fugong.core.vocabulary import Severity
from fugong.findings.catalogue import CATALOGUE, finding
from fugong.findings.collector import MAX_FAULTY_ROWS, FindingCollector, NotInOnePass
from fugong.findings.shadow import Example, ShadowKey
from fugong.parsing.cell_anomalies import is_as_above, is_nothing, is_sign, may_be_as_above
from fugong.parsing.cells import Typed, Unreadable, arrow_type, refuse_long, type_column
from fugong.parsing.dates import NO_ORIGIN, Origin
from fugong.parsing.duplicate_keys import KeyHashes
from fugong.parsing.header import Header, Merged, unit_of_header
from fugong.privacy.detect import KINDS, mask
from fugong.privacy.detect_columns import find_in

TOTAL = re.compile(r"^(本页|本表|本日|当日|本月|本年|全区|全部)?(合计|总计|共计|小计|累计)|[^\d](小计|合计|总计)$")
GROUP_TOTAL = re.compile(r"^小计|小计$")
OTHER_TOTAL = re.compile(r"本页|本月|本年|累计|[^全部区表日当]合计$|.总计$")
"""Totals of lines that are not all in the sheet, or of some of them: not compared."""
PART_OF_TOTAL = re.compile(r"^其中[::]?")
HEADING = re.compile(r"^[((]?[一二三四五六七八九十]{1,3}[))、..]")
NOTE = re.compile(
    r"^(注|备注|说明|填表说明|填报说明|填表人|填报人|制表|制表人|审核|审核人|单位负责人|统计负责人|负责人|联系电话|联系人|经办|经办人"
    r"|报送人|复核|复核人|主管领导|分管领导|签字|签章|盖章|报出日期|填报日期|单位[((]?盖章)[))]?[::]?|^note[::]"
)
MAX_TOTAL_FINDINGS = 100
TYPED_AT_ONCE = 2
"""Columns of a block that are typed at the same time: Arrow lets go of the interpreter while it works."""


CodesOf = Callable[[Sequence[str]], Mapping[str, str]]
"""15-digit numbers as typed → credit codes, of those that are known."""


def no_codes(_numbers: Sequence[str]) -> Mapping[str, str]:
    """Where there is no register to ask."""
    return {}


@dataclass
class Interpreted:
    """One table of a file. Its counts and keys are known when its lines are typed: by `complete`, or on the way through `blocks`.

    Attributes:
        rows: Arrow stream file of typed rows: `row_number` and the contract's columns.
        rows_read: lines below the header down to the last line that is not blank.
        units: column → the unit in which its numbers were read.
        keys: the hashes of the keys of `rows`.
        total_lines: the first hundred control totals.
        n_notes: notes, headings and signatures among the lines.
        filled_down: headers of the columns whose merged cells were filled.
        last_line: the last line that is not blank.
    """

    table: Table
    sheet: str
    header: Header
    rows: Path
    units: Mapping[str, str | None]
    keys: KeyHashes
    rows_read: int = 0
    n_data: int = 0
    total_lines: list[int] = field(default_factory=list[int])
    n_notes: int = 0
    filled_down: list[str] = field(default_factory=list[str])
    _typing: Iterator[pa.RecordBatch] | None = field(default=None, repr=False)

    @property
    def is_typed(self) -> bool:
        """Whether all lines are typed, or being typed."""
        return self._typing is None

    def blocks(self) -> Iterator[pa.RecordBatch]:
        """The typed rows.

        Raises:
            TooManyFaults: see `FindingCollector`; only while lines are typed.
        """
        typing, self._typing = self._typing, None
        return _batches(self.rows) if typing is None else typing

    def complete(self) -> None:
        """Type the lines, unless they are typed.

        Raises:
            TooManyFaults: see `FindingCollector`.
        """
        if not self.is_typed:
            for _ in self.blocks():
                pass

    @property
    def row_numbers(self) -> np.ndarray:
        """Of every row in `rows`, in order."""
        return np.concatenate([np.empty(0, np.int64), *(np.asarray(batch.column("row_number")) for batch in _batches(self.rows))])


def typed_schema(table: Table) -> pa.Schema:
    """The Arrow schema of typed rows."""
    return pa.schema(
        [pa.field("row_number", pa.int64()), *(pa.field(column.name, arrow_type(column)) for column in table.columns)]
    )


def interpret(
    table: Table,
    sheet: str,
    header: Header,
    cells: Path,
    merged: Sequence[Merged],
    money_unit: str | None,
    code_lists: Mapping[str, CodeList],
    into: Path,
    faults: FindingCollector,
    codes_of: CodesOf = no_codes,
    *,
    origin: Origin = NO_ORIGIN,
    at_once: bool = True,
    example: Mapping[str, str] | None = None,
) -> Interpreted:
    """Type the lines of one table as its contract says.

    Args:
        cells: Arrow stream file with `row_number` and text columns `c0`, `c1`, …
        money_unit: the unit that the title declares for money.
        into: the Arrow stream file to write.
        codes_of: the credit codes of 15-digit numbers, for the advice.
        origin: completes days without a year.
        at_once: False leaves the lines to be typed when they are asked for.
        example: the example row of the template: left in place it is no data.

    Raises:
        TooManyFaults: see `FindingCollector`.
    """
    work = _Work(table, sheet, header, merged, money_unit, code_lists, faults, codes_of, origin, example or {}, at_once)
    out = Interpreted(table, sheet, header, into, work.units, KeyHashes(into.with_suffix(".keys"), table))
    out._typing = _typed(out, work, cells)  # the two make each other
    if at_once:
        out.complete()
    return out


def _typed(out: Interpreted, work: _Work, cells: Path) -> Iterator[pa.RecordBatch]:
    """Type the lines block by block, keep the rows, and at the end tell the counts."""
    with (
        ThreadPoolExecutor(TYPED_AT_ONCE + 1) as threads,
        pa.OSFile(str(out.rows), "wb") as sink,
        pa.ipc.new_stream(sink, typed_schema(out.table)) as writer,
    ):
        work.threads = threads

        def keep(typed: pa.RecordBatch) -> None:
            writer.write_batch(typed)
            out.keys.add(typed)

        keeping: Future[None] | None = None
        for batch in _batches(cells):
            typed = work.block(batch)
            if keeping is not None:
                keeping.result()
                keeping = None
            if typed is not None and typed.num_rows:
                keeping = threads.submit(keep, typed)
                yield typed
        if keeping is not None:
            keeping.result()
    work.finish()
    out.rows_read = max(0, work.last_line - (out.header.last_row + 1))
    out.n_data = work.n_data
    out.total_lines = [total.row_number for total in work.totals][:MAX_TOTAL_FINDINGS]
    out.n_notes = work.n_notes
    out.filled_down = work.fill_down.headers


def _batches(cells: Path) -> Iterator[pa.RecordBatch]:
    # Not mapped: pages once read would count as this process's memory until the file is closed.
    with pa.OSFile(str(cells), "rb") as source, pa.ipc.open_stream(source) as reader:
        yield from reader


@dataclass
class _Line:
    """A line that may be a note: decided when it is known whether data follow."""

    row_number: int
    text: str


@dataclass
class _Total:
    """A control total, and what the lines above it add up to.

    Attributes:
        until: column → sum of all data lines above.
    """

    row_number: int
    label: str
    said: Mapping[str, str]
    until: dict[str, Decimal] = field(default_factory=dict[str, Decimal])

    @property
    def is_of_group(self) -> bool:
        """Whether it is the total of a group of lines."""
        return GROUP_TOTAL.search(self.label) is not None

    @property
    def is_compared(self) -> bool:
        """Whether the lines that it is the total of are known."""
        return self.is_of_group or not OTHER_TOTAL.search(self.label)


class _FillDown:
    """Cells that speak for those below are written out, as people read them, block after block.

    Vertically merged cells get the text of their first cell; 同上 gets the text above it in columns of texts and codes, but
    never in a key, and not where there is no value above.

    Attributes:
        headers: of the columns in which merged cells are filled.
        filled: column → line → what it said and what it says now, of 同上.
        numbers: merged ranges of numbers: which line they belong to is not known.
    """

    def __init__(self, header: Header, merged: Sequence[Merged]) -> None:
        self._below = header.last_row + 2
        self._merged = [m for m in merged if m[1] == m[3] and m[2] > m[0] > header.last_row and m[1] in header.columns]
        self.numbers = [m for m in self._merged if header.columns[m[1]].logical_type in ("number", "integer")]
        numbers = set(self.numbers)
        self.headers = list(dict.fromkeys(header.columns[m[1]].header for m in self._merged if m not in numbers))
        self._texts: dict[Merged, str | None] = {}
        self._repeating = {at: column for at, column in header.columns.items() if _may_repeat(column)}
        self._above: dict[int, str | None] = {}
        self.filled: dict[str, dict[int, tuple[str, str]]] = {}

    def block(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The lines of a block that lie below the header, filled."""
        if batch.num_rows and batch.column("row_number")[0].as_py() < self._below:
            batch = batch.filter(pc.greater_equal(batch.column("row_number"), self._below))
        if not batch.num_rows:
            return batch
        columns = batch.columns
        self._fill_merged(columns, batch)
        self._fill_as_above(columns, batch)
        return pa.RecordBatch.from_arrays(columns, schema=batch.schema)

    def _fill_merged(self, columns: list[pa.Array], batch: pa.RecordBatch) -> None:
        first = batch.column("row_number")[0].as_py()
        texts: dict[int, list[str | None]] = {}
        reached: dict[int, int] = {}
        for merged in sorted(self._merged):
            top, left, bottom, _ = merged
            start, end = top + 1 - first, bottom + 1 - first
            if end < 0 or start >= batch.num_rows:
                continue
            at = batch.schema.get_field_index(f"c{left}")
            if at not in texts:
                texts[at] = columns[at].to_pylist()
            values = texts[at]
            if start >= 0:
                self._texts[merged] = values[start]
            # No program writes ranges that overlap; thousands of them shall not cost more than one.
            for position in range(max(start + 1, reached.get(at, 0)), min(end, batch.num_rows - 1) + 1):
                values[position] = self._texts.get(merged)
            reached[at] = max(reached.get(at, 0), end + 1)
        for at, values in texts.items():
            columns[at] = pa.array(values, pa.string())

    def _fill_as_above(self, columns: list[pa.Array], batch: pa.RecordBatch) -> None:
        for index, column in self._repeating.items():
            at = batch.schema.get_field_index(f"c{index}")
            if at < 0:
                continue
            if may_be_as_above(columns[at]):
                values: list[str | None] = columns[at].to_pylist()
                above = self._above.get(index)
                filled = self.filled.setdefault(column.name, {})
                for position, text in enumerate(values):
                    if text is not None and is_as_above(text) and not is_nothing(above) and not TOTAL.search(fold(above or "")):
                        filled[batch.column("row_number")[position].as_py()] = (text, str(above))
                        values[position] = above
                    elif text is not None and is_as_above(text):
                        continue
                    above = values[position]
                columns[at] = pa.array(values, pa.string())
            self._above[index] = columns[at][-1].as_py()


def _may_repeat(column: Column) -> bool:
    is_text = column.logical_type == "string" and column.format != "month"
    return column.key_position is None and (is_text or column.code_list is not None)


@dataclass(frozen=True)
class _InShadow:
    """Rows of a block that break a rule in shadow."""

    column: Column
    code: str
    severity: Severity
    positions: np.ndarray
    cells: pa.Array


def _put_in_shadow(column: Column, cells: pa.Array, typed: Typed) -> list[_InShadow]:
    """Take out of `typed` what only rules in shadow object to: text stays as typed, of other types nothing can be stored.

    What would set rows aside were the column mandatory is counted, too; it stays in `typed`, as of any optional column.
    """
    out: list[_InShadow] = []
    is_mandatory = column.is_mandatory or column.is_required_in_shadow
    empty = np.empty(0, np.int64)
    if column.is_required_in_shadow and typed.values.null_count:
        is_empty = np.array(typed.values.is_null())
        for unreadable in typed.unreadable:
            is_empty[unreadable.positions] = False
        empty = np.flatnonzero(is_empty)
    for unreadable in list(typed.unreadable):
        severity = CATALOGUE[unreadable.code].severity
        if severity == Severity.SET_ASIDE and not is_mandatory:
            severity = Severity.WARNING
        if unreadable.code in column.shadow:
            typed.unreadable.remove(unreadable)
            if pa.types.is_string(typed.values.type):
                mask = np.zeros(len(cells), dtype=bool)
                mask[unreadable.positions] = True
                typed.values = pc.if_else(pa.array(mask), pc.utf8_trim_whitespace(cells), typed.values)
        elif not column.is_required_in_shadow or severity != Severity.SET_ASIDE:
            continue
        out.append(_InShadow(column, unreadable.code, severity, unreadable.positions, cells))
    if len(empty):
        out.append(_InShadow(column, MISSING, CATALOGUE[MISSING].severity, empty, cells))
    return out


class _Work:
    """The state that runs through the blocks of one table."""

    threads: ThreadPoolExecutor

    def __init__(
        self,
        table: Table,
        sheet: str,
        header: Header,
        merged: Sequence[Merged],
        money_unit: str | None,
        code_lists: Mapping[str, CodeList],
        faults: FindingCollector,
        codes_of: CodesOf,
        origin: Origin,
        example: Mapping[str, str],
        at_once: bool,
    ) -> None:
        self.codes_of = codes_of
        self.origin = origin
        self.example = example
        self.at_once = at_once
        self.table, self.sheet, self.header, self.faults = table, sheet, header, faults
        self.fill_down = _FillDown(header, merged)
        self.index = {column.name: at for at, column in header.columns.items()}
        self.units = {
            column.name: header.units.get(column.name) or (money_unit if column.unit == "元" else None) or column.default_unit
            for column in table.columns
        }
        self.code_lists = code_lists
        self.last_line = header.last_row + 1
        self.last_data = 0
        self.n_data = 0
        self.single: list[_Line] = []
        self.sums: dict[str, Decimal] = {}
        self.uncounted: set[str] = set()
        self.totals: list[_Total] = []
        self.first_data: int | None = None
        self.n_notes = 0
        self.wide_lines = {
            top for top, left, bottom, right in merged if top == bottom and right - left >= 2 and left <= header.first_column + 1
        }
        self.required = [column for column in table.columns if column.required and column.name in self.index]

    def block(self, batch: pa.RecordBatch) -> pa.RecordBatch | None:
        batch = self.fill_down.block(batch)
        if batch.num_rows == 0:
            return None
        n_totals = len(self.totals)
        is_data = self._classify(batch)
        if is_data is not None:
            batch = batch.filter(pa.array(is_data))
            if batch.num_rows == 0:
                for total in self.totals[n_totals:]:
                    total.until = dict(self.sums)
                return None
        else:
            self.last_line = batch.column("row_number")[-1].as_py()
        self.n_data += batch.num_rows
        self.last_data = batch.column("row_number")[-1].as_py()
        if self.first_data is None:
            self.first_data = batch.column("row_number")[0].as_py()
        return self._type(batch, self.totals[n_totals:])

    def _cells(self, batch: pa.RecordBatch, column: Column) -> pa.Array:
        at = batch.schema.get_field_index(f"c{self.index[column.name]}")
        return batch.column(at) if at >= 0 else pa.nulls(batch.num_rows, pa.string())

    def _classify(self, batch: pa.RecordBatch) -> np.ndarray | None:
        """Which lines are data; None if all are. A line with every mandatory cell filled is data without a second look."""
        in_doubt = np.zeros(batch.num_rows, dtype=bool)
        for column in self.required:
            cells = self._cells(batch, column)
            if cells.null_count:
                in_doubt |= np.asarray(cells.is_null())
        label = batch.column(f"c{self.header.first_column}")
        in_doubt |= np.asarray(
            pc.fill_null(pc.match_substring_regex(label, r"合\s*计|小\s*计|总\s*计|共\s*计|例\s*[:\x{FF1A}]"), False)
        )
        for name in self.table.key[:1]:
            if name in self.index:
                keys = self._cells(batch, self.table.by_name[name])
                repeated = pc.equal(pc.utf8_trim_whitespace(keys), self.header.sent[self.index[name]].strip())
                in_doubt |= np.asarray(pc.fill_null(repeated, False)) | is_sign(keys)
        positions = np.flatnonzero(in_doubt)
        if not len(positions):
            return None
        is_data = np.ones(batch.num_rows, dtype=bool)
        doubtful = batch.take(pa.array(positions)).to_pydict()
        numbers = doubtful.pop("row_number")
        inside = range(self.header.first_column, self.header.last_column + 1)
        lines = [doubtful[name] if at in inside else [None] * len(positions) for at, name in enumerate(doubtful)]
        for order, position in enumerate(positions):
            cells = [line[order] for line in lines]
            is_data[position] = self._is_data(numbers[order], cells)
        sure = np.asarray(batch.column("row_number"))[is_data]
        if len(sure):
            self.last_line = max(self.last_line, int(sure[-1]))
        return is_data

    def _is_data(self, row_number: int, cells: list[str | None]) -> bool:
        filled = [cell for cell in cells if cell]
        if not filled:
            return False
        self.last_line = max(self.last_line, row_number)
        labels = [fold(cell) for cell in self.header.within(cells)[:4] if cell]
        key_at = [self.index[name] for name in self.table.key if name in self.index]
        key = cells[key_at[0]] if key_at and key_at[0] < len(cells) else None
        has_key = bool(key_at) and all(at < len(cells) and not is_nothing(cells[at]) for at in key_at)
        if MARKED.match(fold(filled[0])):
            self._example_line(row_number, cells, filled[0])
            return False
        total = next((label for label in labels if TOTAL.search(label)), None)
        if total is not None and (not has_key or TOTAL.search(fold(key or ""))):
            said = {name: text for name, at in self.index.items() if at < len(cells) and (text := cells[at])}
            self.totals.append(_Total(row_number, total, said))
            return False
        is_part = bool(labels) and PART_OF_TOTAL.match(labels[0]) and (not has_key or PART_OF_TOTAL.match(fold(key or "")))
        if is_part and self.totals and self.totals[-1].row_number == row_number - 1:
            self.totals.append(_Total(row_number, "累计", {}))
            return False
        is_note = bool(labels) and NOTE.match(labels[0]) and (not has_key or NOTE.match(fold(key or "")))
        if is_note and (len(filled) <= 3 or 2 * sum(bool(NOTE.match(fold(cell))) for cell in filled) >= len(filled)):
            self.n_notes += 1
            return False
        if all(fold(self.header.sent.get(at, "")) == fold(cell) for at, cell in enumerate(cells) if cell):
            return False
        if len(filled) == 1 and len(self.header.columns) > 2:
            if row_number - 1 in self.wide_lines or HEADING.match(fold(filled[0])):
                self.n_notes += 1
            else:
                self.single.append(_Line(row_number, filled[0]))
            return False
        return True

    def _example_line(self, row_number: int, cells: list[str | None], first: str) -> None:
        """The template's example row is no data; what was written over it goes back, lest it be lost."""
        line = {name: cells[at] if at < len(cells) else None for name, at in self.index.items()}
        if not self.example or not is_example(line, self.example):
            self.n_data += 1
            self.faults.add(finding("written-over-example", sheet=self.sheet, row_number=row_number, value=first))

    def _type(self, batch: pa.RecordBatch, totals: Sequence[_Total]) -> pa.RecordBatch:
        numbers = batch.column("row_number")
        aside = np.zeros(batch.num_rows, dtype=bool)
        columns: list[pa.Array] = [numbers]
        sent = [column for column in self.table.columns if column.name in self.index]
        each = self.threads.map(lambda column: self._typed(column, batch), sent)
        looks = [(at, self.threads.submit(find_in, batch.column(at + 1), self._kind(at))) for at in range(batch.num_columns - 1)]
        in_shadow: list[_InShadow] = []
        for column in self.table.columns:
            if column.name not in self.index:
                columns.append(self._absent(column, batch.num_rows))
                continue
            cells, typed = next(each)
            self._refuse_merged(column, cells, numbers, typed)
            if column.shadow:
                in_shadow += _put_in_shadow(column, cells, typed)
            if column.name in self.table.indexed and pa.types.is_string(typed.values.type):
                refuse_long(typed)
            must = column.is_mandatory
            for unreadable in typed.unreadable:
                if self._tell(column, cells, numbers, unreadable, must):
                    aside[unreadable.positions] = True
            for repaired in typed.repaired:
                details = [{"after": after} for after in repaired.after]
                self._many(repaired.code, column, cells, numbers, repaired.positions, details)
            self._tell_filled(column, numbers)
            if must and cells.null_count:
                missing = np.flatnonzero(np.asarray(cells.is_null()))
                if self.table.fallback is None or self.table.fallback["column"] != column.name:
                    aside[missing] = True
                    for position in missing:
                        self._one("missing-value", column, int(numbers[int(position)].as_py()), None)
            values = typed.values
            if column.format == "uscc" and values.null_count:
                values = pc.fill_null(values, "")
            if column.logical_type in ("number", "integer") and column.unit != "%":
                so_far = self.sums.get(column.name, Decimal(0))
                for total in totals:
                    n_above = int(np.searchsorted(np.asarray(numbers), total.row_number))
                    total.until[column.name] = so_far + _sum(column, values.slice(0, n_above))
                self.sums[column.name] = so_far + _sum(column, values)
            columns.append(values)
        for at, look in looks:
            self._tell_personal(at, batch, look.result())
        for item in in_shadow:
            self._count_in_shadow(item, numbers, aside)
        typed_rows = pa.RecordBatch.from_arrays(columns, schema=typed_schema(self.table))
        return typed_rows.filter(pa.array(~aside)) if aside.any() else typed_rows

    def _refuse_merged(self, column: Column, cells: pa.Array, numbers: pa.Array, typed: Typed) -> None:
        """A number in a cell merged over several lines belongs to none of them alone."""
        at = self.index[column.name]
        merged = [(m[0] + 1, m[2] + 1) for m in self.fill_down.numbers if m[1] == at]
        if not merged:
            return
        lines, ranges = np.asarray(numbers), np.array(merged, np.int64)
        steps = np.zeros(len(lines) + 1, np.int64)
        np.add.at(steps, np.searchsorted(lines, ranges[:, 0], "left"), 1)
        np.add.at(steps, np.searchsorted(lines, ranges[:, 1], "right"), -1)
        inside = np.cumsum(steps[:-1]) > 0
        positions = np.flatnonzero(inside & np.asarray(cells.is_valid()))
        if len(positions):
            self.uncounted.add(column.name)
            typed.values = pc.if_else(pa.array(inside), pa.scalar(None, typed.values.type), typed.values)
            typed.unreadable = [item.without(positions) for item in typed.unreadable]
            typed.unreadable.append(Unreadable("merged-number", positions))
            typed.repaired = [item.without(positions) for item in typed.repaired]

    def _tell_filled(self, column: Column, numbers: pa.Array) -> None:
        filled = self.fill_down.filled.pop(column.name, {})
        if filled:
            lines = set(numbers.to_pylist())
            for line, (before, after) in filled.items():
                if line in lines:
                    self._one("as-above-filled", column, line, before, after=after)

    def _typed(self, column: Column, batch: pa.RecordBatch) -> tuple[pa.Array, Typed]:
        cells = self._cells(batch, column)
        code_list = self.code_lists[column.code_list] if column.code_list else None
        return cells, type_column(column, cells, self.units[column.name], code_list, self.origin)

    def _kind(self, at: int) -> str:
        """What the cells of a physical column are, for who looks for personal data in them; other columns hold text."""
        column = self.header.columns.get(at)
        if column is None:
            return "text"
        if column.format == "uscc":
            return "uscc"
        if column.name in self.table.own_numbers:
            return "code"
        return "text" if column.logical_type == "string" else "number"

    def _tell_personal(self, at: int, batch: pa.RecordBatch, hits: Sequence[tuple[int, str]]) -> None:
        """Record personal data, masked; one such cell sends the file back.

        Raises:
            NotInOnePass: rows are loaded while they are typed, and none of such a file's shall be.
        """
        if hits and not self.at_once:
            raise NotInOnePass("personal data")
        column = self.header.columns.get(at)
        is_code = self._kind(at) == "code"
        for position, kind in hits:
            row_number = batch.column("row_number")[position].as_py()
            kind_zh, kind_en = KINDS[kind]
            header = self.header.sent.get(at) or (cell_address(at, row_number) or "")
            self.faults.add(
                finding(
                    "personal-data",
                    sheet=self.sheet,
                    row_number=row_number,
                    cell=cell_address(at, row_number),
                    column_name=column.name if column else None,
                    header=mask(header),
                    value=mask(batch.column(at + 1)[position].as_py(), is_code=is_code),
                    kind_zh=kind_zh,
                    kind_en=kind_en,
                    days=SEALED_ORIGINAL_DAYS,
                ),
                header,
            )

    def _absent(self, column: Column, n: int) -> pa.Array:
        return pa.array([""] * n) if column.format == "uscc" else pa.nulls(n, arrow_type(column))

    def _count_in_shadow(self, item: _InShadow, numbers: pa.Array, aside: np.ndarray) -> None:
        lines = ((int(at), int(numbers[int(at)].as_py())) for at in item.positions)
        self.faults.shadow.add(
            ShadowKey(self.table.name, item.column.name, item.code),
            item.severity,
            len(item.positions),
            int((~aside[item.positions]).sum()),
            (
                Example(self.sheet, line, cell_address(self.index[item.column.name], line), item.cells[at].as_py())
                for at, line in lines
            ),
        )

    def _tell(self, column: Column, cells: pa.Array, numbers: pa.Array, unreadable: Unreadable, must: bool) -> bool:
        """Record the unreadable cells; whether their rows go back."""
        sets_aside = must and CATALOGUE[unreadable.code].severity == Severity.SET_ASIDE
        known: Mapping[str, str] = {}
        if unreadable.code == "uscc-old-number":
            known = self.codes_of(pc.unique(cells.take(pa.array(unreadable.positions))).to_pylist())
        code: str = unreadable.code
        details: list[Mapping[str, object]] = list(unreadable.details)
        if code == "uscc-old-number":
            texts = cells.take(pa.array(unreadable.positions)).to_pylist()
            details = [{"known": f" {known[text]}" if text in known else ""} for text in texts]
        if not must and CATALOGUE[code].severity == Severity.SET_ASIDE:
            code, details = "unreadable-optional", []
        self._many(code, column, cells, numbers, unreadable.positions, details)
        return sets_aside

    def _many(
        self,
        code: str,
        column: Column,
        cells: pa.Array,
        numbers: pa.Array,
        positions: np.ndarray,
        details: Sequence[Mapping[str, object]],
    ) -> None:
        """Record the same of many cells; those beyond what is kept are counted, unless their rows go back."""
        room = (
            len(positions) if CATALOGUE[code].severity == Severity.SET_ASIDE else self.faults.room(self.sheet, code, column.name)
        )
        for order, position in enumerate(positions[:room]):
            given = details[order] if details else {}
            self._one(code, column, int(numbers[int(position)].as_py()), cells[int(position)].as_py(), **given)
        self.faults.count(self.sheet, code, column.name, len(positions) - room)

    def _one(self, code: str, column: Column, row_number: int, value: str | None, **details: object) -> None:
        header = self.header.sent.get(self.index[column.name], column.header)
        self.faults.add(
            finding(
                code,
                sheet=self.sheet,
                row_number=row_number,
                cell=cell_address(self.index[column.name], row_number),
                column_name=column.name,
                header=column.header,
                value=None if value is None else mask(value, is_code=column.name in self.table.own_numbers),
                **details,
            ),
            header,
        )

    def finish(self) -> None:
        """Decide the lines with a single filled cell, and compare the control totals."""
        for line in self.single:
            if line.row_number < self.last_data:
                self.n_data += 1
                self.faults.add(finding("stray-line", sheet=self.sheet, row_number=line.row_number, value=mask(line.text)))
        for order, total in enumerate(self.totals):
            expected = self._expected(order)
            for name, text in total.said.items() if total.is_compared else ():
                if name not in expected or name in self.uncounted:
                    continue
                column = self.table.by_name[name]
                typed = type_column(column, pa.array([text], pa.string()), self.units[name], None)
                said = typed.values[0].as_py()
                if said is not None and Decimal(said) != expected[name]:
                    code = "control-subtotal" if total.is_of_group else "control-total"
                    self._one(code, column, total.row_number, text, expected=format(expected[name], "f"))

    def _expected(self, order: int) -> Mapping[str, Decimal]:
        """What a total should say: the sum of all data lines, or of those of its group.

        A group ends at its 小计; where the first 小计 stands above all lines, a group begins with it.
        """
        total = self.totals[order]
        if not total.is_of_group:
            return self.sums
        cuts = [other for other in self.totals if other.is_of_group or other.is_compared]
        at = cuts.index(total)
        groups = [other for other in cuts if other.is_of_group]
        if self.first_data is None or groups[0].row_number < self.first_data:
            until, since = (cuts[at + 1].until if at + 1 < len(cuts) else self.sums), total.until
        else:
            until, since = total.until, (cuts[at - 1].until if at else {})
        return {name: until.get(name, Decimal(0)) - since.get(name, Decimal(0)) for name in self.sums}


def _sum(column: Column, values: pa.Array) -> Decimal:
    return Decimal(pc.sum(pc.cast(values, pa.decimal128(38, column.scale or 0)), min_count=0).as_py())


def duplicated(interpreted: Interpreted) -> np.ndarray:
    """The line numbers whose key occurs more than once in the file; not all where they are more than go back one by one.

    Keys are compared by hash first and exactly only where hashes meet.
    """
    keys = interpreted.keys
    repeated = keys.repeated(2 * MAX_FAULTY_ROWS)  # hashes that meet by chance are never half of them
    return np.array(keys.lines(_batches(interpreted.rows), repeated) if len(repeated) else [], np.int64)


def raw_rows(
    cells: Path, header: Header, merged: Sequence[Merged], units: Mapping[str, str | None], lines: set[int]
) -> dict[int, list[list[str | None]]]:
    """The cells of some lines as typed, merged ones filled: line → [[header as sent, text], …] in file order.

    A header whose unit stood in the title gets it in brackets, so that the lines mean the same on a sheet of their own.
    """
    sent = dict(header.sent)
    for at, column in header.columns.items():
        unit = units.get(column.name)
        if unit and unit != column.unit and unit_of_header(sent[at]) is None:
            sent[at] = f"{sent[at]}({unit})"
    out: dict[int, list[list[str | None]]] = {}
    if not lines:
        return out
    wanted = pa.array(sorted(lines), pa.int64())
    fill_down = _FillDown(header, merged)
    for batch in map(fill_down.block, _batches(cells)):
        part = batch.filter(pc.is_in(batch.column("row_number"), wanted))
        if not part.num_rows:
            continue
        columns = part.to_pydict()
        numbers = columns.pop("row_number")
        for order, number in enumerate(numbers):
            out[number] = [
                [sent.get(at), columns[f"c{at}"][order]]
                for at in range(header.first_column, min(header.last_column + 1, len(columns)))
                if sent.get(at) or columns[f"c{at}"][order]
            ]
    return out
