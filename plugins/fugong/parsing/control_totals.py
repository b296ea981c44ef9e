"""Control totals: total and subtotal lines of a table, compared with the sums of the rows above them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.contract import Column, Table
from fugong.parsing.cell_anomalies import is_nothing
from fugong.parsing.cells import type_column
from fugong.parsing.column_unit import scale_of

SUBTOTAL = re.compile(r"^小计|小计$|^sub-?total")
PARTIAL_TOTAL = re.compile(r"本页|本月|本年|累计|[^全部区县市镇表日当总]合计$|.总计$")
"""Totals of lines that are not all in the sheet, or of only some of them. They are not compared."""
BARE_NUMBER = re.compile(r"\s*[-+]?[\d,,]*\.?\d+\s*")
"""A number that names no unit."""
NOT_COMPARED = "累计"
"""A label that `PARTIAL_TOTAL` knows, for lines that break down the total above them."""


@dataclass
class TotalLine:
    """One total line.

    Attributes:
        cells: column → text, of the cells that are filled.
        labelled: the column in which the label stands, where the line has a key, too: only its numbers tell whether it is a total.
        group: the first and the last row above or below it that have the rest of its key.
        group_sums: column → sum of these rows.
        sums_above: column → sum of all rows above this line.
    """

    row_number: int
    label: str
    cells: Mapping[str, str]
    labelled: str | None = None
    group: tuple[int, int] | None = None
    group_sums: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    sums_above: dict[str, Decimal] = field(default_factory=dict[str, Decimal])

    @property
    def is_subtotal(self) -> bool:
        """Whether it is the total of a group of rows."""
        return SUBTOTAL.search(self.label) is not None

    @property
    def is_compared(self) -> bool:
        """Whether it is known which rows it is the total of."""
        return self.labelled is None and (self.is_subtotal or not PARTIAL_TOTAL.search(self.label))


@dataclass(frozen=True)
class ColumnTotal:
    """A cell of a total line, and the sum of the rows that it is the total of.

    Attributes:
        code: of the finding where the two differ: `control-total` or `control-subtotal`.
        row_number: of the total line.
        text: the cell as typed.
        stated, expected: what it says and what the rows add up to, both in the column's stored unit.
        first, last: the lines between which the rows stand, both included.
        scale: how much of the stored unit one of the typed number is; None where the cell names a unit of its own.
    """

    code: str
    column: Column
    row_number: int
    text: str
    stated: Decimal
    expected: Decimal
    first: int
    last: int
    scale: Decimal | None = None

    @property
    def expected_as_typed(self) -> str:
        """What the rows add up to, as the sender would type it: in the unit of the column, or with the stored unit where the cell names one."""
        if self.scale is None:
            return format(self.expected, "f") + (self.column.unit or "")
        return format((self.expected / self.scale).normalize(), "f") if self.scale != 1 else format(self.expected, "f")

    @property
    def lacking(self) -> Decimal:
        """What has to be added to the rows so that they agree with the total."""
        return self.stated - self.expected


class ControlTotals:
    """The total lines of one table and the running sums of its rows, block after block.

    Attributes:
        lines: the total lines so far, in order.
    """

    def __init__(self, table: Table, units: Mapping[str, str | None], above: Sequence[ControlTotals] = ()) -> None:
        """No lines yet.

        Args:
            units: those in which the columns were read.
            above: of the blocks above this one, where a table has several. A total may be of them, too.
        """
        self._table, self._units = table, units
        self._above = tuple(above)
        self._all: list[ControlTotals] = [*above, self]
        for other in above:
            other._all.append(self)
        self.lines: list[TotalLine] = []
        self._in_block: list[TotalLine] = []
        self._sums: dict[str, Decimal] = {}
        self._not_summed: set[str] = set()

    def add_line(
        self,
        row_number: int,
        label: str,
        cells: Mapping[str, str],
        labelled: str | None = None,
        group: tuple[int, int] | None = None,
    ) -> None:
        """Keep a total line of the block that is being parsed. `labelled` and `group` as in `TotalLine`."""
        line = TotalLine(row_number, label, cells, labelled, group)
        self.lines.append(line)
        self._in_block.append(line)

    def add_breakdown(self, row_number: int) -> None:
        """Keep a line that breaks down the total above it (其中…). It is not compared."""
        self.add_line(row_number, NOT_COMPARED, {})

    def ends_at(self, row_number: int) -> bool:
        """Whether the last total line so far is this one."""
        return bool(self.lines) and self.lines[-1].row_number == row_number

    def skip_column(self, name: str) -> None:
        """Compare no totals of a column: some of its numbers belong to no single row."""
        self._not_summed.add(name)

    def add_column(self, column: Column, row_numbers: pa.Array, values: pa.Array) -> None:
        """Add the numbers of one column of a block to its sum."""
        so_far = self._sums.get(column.name, Decimal(0))
        for line in self._in_block:
            n_above = int(np.searchsorted(np.asarray(row_numbers), line.row_number))
            line.sums_above[column.name] = so_far + _sum(values.slice(0, n_above))
            if line.group is not None:
                first, last = np.searchsorted(np.asarray(row_numbers), [line.group[0], line.group[1] + 1]).tolist()
                line.group_sums[column.name] = _sum(values.slice(first, last - first))
        self._sums[column.name] = so_far + _sum(values)

    def end_block(self) -> None:
        """Begin the next block."""
        self._in_block = []

    def end_block_without_rows(self) -> None:
        """Begin the next block after one that held total lines, notes and blank lines only."""
        for line in self._in_block:
            line.sums_above = dict(self._sums)
        self.end_block()

    def take_unproven(self) -> list[TotalLine]:
        """Once all blocks are in: take out the lines with a key whose numbers are not the sums of the rows that they may be of."""
        unproven = [line for line in self.lines if line.labelled is not None and not self._is_proven(line)]
        self.lines = [line for line in self.lines if line not in unproven]
        return unproven

    def _is_proven(self, line: TotalLine) -> bool:
        """Whether the numbers of a line are the sums of its group; or of all rows, or of those since the total before or until the next."""
        rest = {name: text for name, text in line.cells.items() if name != line.labelled and not is_nothing(text)}
        if line.group is not None:
            rest = {name: text for name, text in rest.items() if name not in self._table.key}
            possible: list[Mapping[str, Decimal]] = [line.group_sums]
        else:
            possible = [self._sums, *self._sums_beside(line)]
        stated: dict[str, Decimal] = {}
        for name, text in rest.items():
            if name not in self._sums or name in self._not_summed:
                continue
            column = self._table.by_name[name]
            found = self._typed(column, text, self._units[name])
            if found is None:
                return False
            stated[name] = found
        if len(stated) < len(rest) and (line.group is None or not stated):
            return False
        return any(all(sums.get(name) == number for name, number in stated.items()) for sums in possible)

    def _sums_beside(self, line: TotalLine) -> Iterator[Mapping[str, Decimal]]:
        """The sums of the rows between a total line and each other one, and the ends of the table."""
        here = line.sums_above
        for other in self.lines:
            there = other.sums_above
            since, until = (there, here) if other.row_number < line.row_number else (here, there)
            yield {name: number - since.get(name, Decimal(0)) for name, number in until.items()}
        yield here
        yield {name: number - here.get(name, Decimal(0)) for name, number in self._sums.items()}

    def compared(self, first_data: int | None, first: int, last: int) -> Iterator[ColumnTotal]:
        """The cells of total lines that are known to be totals of rows, once all blocks are in.

        Args:
            first_data: row number of the table's first row.
            first, last: the lines of the block.
        """
        for line in self.lines:
            if not line.is_compared:
                continue
            expected, (since, until) = self._expected(line, first_data)
            for name, text in line.cells.items():
                if name not in expected or name in self._not_summed:
                    continue
                column = self._table.by_name[name]
                found = self._typed(column, text, self._units[name])
                if found is None or (found != expected[name] and self._is_of_blocks(line, name, found)):
                    continue
                code = "control-subtotal" if line.is_subtotal else "control-total"
                scale = scale_of(column, self._units[name])
                yield ColumnTotal(
                    code=code,
                    column=column,
                    row_number=line.row_number,
                    text=text,
                    stated=found,
                    expected=expected[name],
                    first=since or first,
                    last=until or last,
                    scale=scale if BARE_NUMBER.fullmatch(text) else None,
                )

    @staticmethod
    def _typed(column: Column, text: str, unit: str | None) -> Decimal | None:
        """A cell in the column's stored unit, a bare number counting in this unit; None if it holds no number."""
        found = type_column(column, pa.array([text], pa.string()), unit, None).values[0].as_py()
        return None if found is None else Decimal(found)

    def _is_of_blocks(self, line: TotalLine, name: str, found: Decimal) -> bool:
        """Whether a number is the total of several blocks: of those down to this one, or of all. True where that cannot be known."""
        if line.is_subtotal or len(self._all) == 1:
            return False
        if any(name in block._not_summed for block in self._all):
            return True
        own = self._sums.get(name, Decimal(0))
        down_to_here = own + sum(block._sums.get(name, Decimal(0)) for block in self._above)
        return found in (down_to_here, sum(block._sums.get(name, Decimal(0)) for block in self._all))

    def _expected(self, line: TotalLine, first_data: int | None) -> tuple[Mapping[str, Decimal], tuple[int | None, int | None]]:
        """The sums that a total line should hold, and the lines between which its rows stand; None for the ends of the block.

        They are of all rows, or of the rows of its group. A group ends at its 小计. Where the first 小计 stands above all rows, a group
        begins with it.
        """
        if not line.is_subtotal:
            return self._sums, (None, None)
        cuts = [other for other in self.lines if other.is_compared]
        at = next(place for place, other in enumerate(cuts) if other is line)
        first_group: TotalLine = next(other for other in cuts if other.is_subtotal)
        before, after = (cuts[at - 1] if at else None), (cuts[at + 1] if at + 1 < len(cuts) else None)
        until: Mapping[str, Decimal]
        since: Mapping[str, Decimal]
        if first_data is None or first_group.row_number < first_data:
            until, since = (after.sums_above if after else self._sums), line.sums_above
            rows = (line.row_number, after.row_number if after else None)
        else:
            until, since = line.sums_above, (before.sums_above if before else {})
            rows = (before.row_number if before else None, line.row_number)
        return {name: until.get(name, Decimal(0)) - since.get(name, Decimal(0)) for name in self._sums}, rows


def _sum(values: pa.Array) -> Decimal:
    found = pc.sum(values, min_count=0).as_py()  # of decimals with 38 digits
    return found if isinstance(found, Decimal) else Decimal(found)


def is_summed(column: Column) -> bool:
    """Whether total lines hold the sum of a column: of amounts and counts, not of shares."""
    return column.logical_type in ("number", "integer") and column.unit != "%"
