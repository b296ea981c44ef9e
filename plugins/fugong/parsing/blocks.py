"""Finds the blocks of one table: where a later header begins another order of columns, or a line of units another unit.

A later line that names half of the columns or more is a header. What follows is read by it, and by its own unit. The same header once
more begins no block. Every line is tested in Arrow; only lines that look like a header or a declaration are looked at closely.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Column, Table
from fugong.parsing.block_events import ROWS_BELOW, Event, Search
from fugong.parsing.cell_anomalies import is_nothing
from fugong.parsing.column_unit import has_unit, in_the_table
from fugong.parsing.header import MAX_HEADER_ROWS, Header, Merged, locate, with_lines_of_units
from fugong.parsing.header_repair import take_fuzzy_matches
from fugong.parsing.line_kinds import TOTAL
from fugong.parsing.unit_report import mentions_in
from fugong.parsing.unit_text import Mention, declarations
from fugong.parsing.units import Doubt, Units, units_of
from fugong.reading.model import SheetCells

MAX_BLOCKS = 60
"""A sheet with more is rejected: no person writes so many tables below each other."""


@dataclass(frozen=True)
class Block:
    """Lines of a table that are read by one header and its units.

    Attributes:
        first_line: the first line (1-based) that may hold data.
        lines: the lines of the later header, or of the declaration, that begins it.
    """

    header: Header
    units: Units
    first_line: int
    lines: tuple[int, ...] = ()


class Misfit(NamedTuple):
    """Why lines below a later header cannot be read.

    Attributes:
        line: of the later header.
        missing: mandatory columns that it does not name.
        undeclared: columns whose unit is declared above, and no more here.
    """

    line: int
    missing: tuple[Column, ...] = ()
    undeclared: tuple[Column, ...] = ()


@dataclass
class Blocks:
    """The blocks of a table after the first one, and what is wrong with them.

    Attributes:
        later: in the order of the sheet.
        left_out: lines of headers and declarations that stand between data; they are no data.
        spoken_for: the cells of those declarations. They say nothing about the first block.
        doubts: about units; each rejects the file.
        misfits: likewise.
        headings: lines of few cells above data that may say a period, with their cells (`period_headings`).
        tables_below: the headers of other tables of the report, with their lines; likewise. All lines from there on are left out.
    """

    later: list[Block] = field(default_factory=list[Block])
    left_out: list[int] = field(default_factory=list[int])
    spoken_for: set[str] = field(default_factory=set[str])
    doubts: list[Doubt] = field(default_factory=list[Doubt])
    misfits: list[Misfit] = field(default_factory=list[Misfit])
    headings: list[tuple[int, list[str | None]]] = field(default_factory=list[tuple[int, list[str | None]]])
    tables_below: list[tuple[int, Table]] = field(default_factory=list[tuple[int, Table]])


def find_blocks(
    table: Table,
    sheet: SheetCells,
    header: Header,
    mentions: Sequence[Mention],
    code_lists: Mapping[str, CodeList],
    days: Collection[tuple[int, int]] = (),
    others: Sequence[Table] = (),
) -> Blocks:
    """Find the later blocks of a table.

    Args:
        days: month and day of the report date, if it is known.
        others: the other tables of the report.
        header: of the first block.
        mentions: of everything that may declare a unit for the first block; a later one without a declaration is read by them.
    """
    return _Finder(table, sheet, header, mentions, code_lists, days, others).find()


class _Finder:
    """Goes through the events of a sheet in order."""

    def __init__(
        self,
        table: Table,
        sheet: SheetCells,
        header: Header,
        mentions: Sequence[Mention],
        code_lists: Mapping[str, CodeList],
        days: Collection[tuple[int, int]],
        others: Sequence[Table],
    ) -> None:
        self._table, self._sheet, self._first, self._code_lists = table, sheet, header, code_lists
        self._mentions, self._days, self._others = mentions, days, others
        self._out = Blocks()
        self._header = header
        self._raw = [_trimmed(row) for row in sheet.head[header.first_row : header.last_row + 1]]
        self._units: Units | None = None
        self._read_until = header.last_row + 1
        self._declared: list[tuple[int, list[Mention]]] = []

    def find(self) -> Blocks:
        search = Search(self._table, self._others, self._sheet, self._first, self._code_lists)
        for event in search.events():
            self._begin_at_declaration(event.after_data)
            if event.line <= self._read_until or len(self._out.later) > MAX_BLOCKS:
                continue
            if event.is_header:
                self._take_header(event)
            elif event.after_data > self._read_until and (found := self._declaration(event)):
                self._declared.append((event.line, found))
        self._begin_at_declaration(search.last_full)
        self._out.headings = [heading for heading in search.headings if heading[0] < search.last_full]
        if len(self._out.later) > MAX_BLOCKS:
            self._out.misfits.append(Misfit(self._out.later[-1].first_line))
        return self._out

    @property
    def _current(self) -> Units:
        if self._units is None:
            self._units = units_of(self._table, self._first, self._base)
        return self._units

    @property
    def _base(self) -> list[Mention]:
        return [one for one in self._mentions if one.place not in self._out.spoken_for]

    def _declaration(self, event: Event) -> list[Mention]:
        """The mentions of a line between data, if it declares a unit for a column of the table and is no data itself."""
        cells = event.around[event.line]
        if any(at < len(cells) and TOTAL.search(fold(cells[at] or "")) for at in range(self._header.first_column + 3)):
            return []
        found = [
            mention
            for mention in self._mentions_in(cells, event.line)
            if any(
                not one.is_read
                or any(has_unit(column) and in_the_table(column, one, self._table) for column in self._table.columns)
                for one in declarations(mention)
            )
        ]
        keys = [at for name in self._table.key if (at := self._header.index.get(name)) is not None]
        texts = {part for mention in found for part in mention.text.split("\u2002")}
        if found and any(at < len(cells) and not is_nothing(cells[at]) and cells[at] not in texts for at in keys):
            return []
        return found

    def _mentions_in(self, cells: Sequence[str | None], line: int) -> list[Mention]:
        senders = self._mentions[0].senders if self._mentions else frozenset[str]()
        return [replace(mention, senders=senders) for mention in mentions_in(cells, line)]

    def _begin_at_declaration(self, last_full: int) -> None:
        """Begin a block at lines of units that data follow without another header."""
        if not self._declared or last_full <= self._declared[-1][0]:
            return
        lines = [line for line, _ in self._declared]
        own = [mention for _, found in self._declared for mention in found]
        self._declared = []
        self._speak(own)
        self._out.left_out += lines
        units = units_of(self._table, self._header, own)
        beside = units_of(self._table, replace(self._header, units={}, loose_units=()), own)
        self._out.doubts += units.doubts or beside.doubts
        for name in beside.declared:
            if name in self._table.by_name and units.of[name] != beside.of[name]:
                told = [one for mention in own for one in declarations(mention)]
                self._out.doubts.append(Doubt("two-units", self._table.by_name[name], (*self._header.units[name], *told)))
        before = self._current
        told = tuple(one for mention in own for one in declarations(mention))
        if any(name not in before.declared and units.of[name] != before.of[name] for name in units.declared):
            # Above the line nothing is declared: nobody knows whether it speaks for those rows, too.
            self._out.doubts.append(Doubt("unit-between", None, told))
        if any(units.of[name] != before.of[name] for name in units.declared):
            units = Units(
                {**before.of, **{name: units.of[name] for name in units.declared}}, {**before.declared, **units.declared}
            )
            self._begin(Block(self._header, units, lines[-1] + 1, tuple(lines)))
        self._read_until = lines[-1]

    def _take_header(self, event: Event) -> None:
        if self._is_repeated(event):
            return
        found = self._locate(event)
        if found is None:
            if (other := self._other_table(event)) is not None:
                self._out.tables_below.append((event.line, other))
                self._read_until = self._sheet.n_rows
                self._out.left_out += range(event.line, self._sheet.tail[-1][0] + 1)
            return
        lines = tuple(range(found.first_row + 1, found.last_row + 2))
        self._read_until = lines[-1]
        self._out.left_out += [*self._titles_above(lines[0], event), *lines]
        is_alike = found.columns == self._header.columns
        if is_alike and not found.units and not found.loose_units and event.after_data <= self._header.last_row + 1:
            return  # the same names in other words, right below the header
        own = [mention for _, some in self._declared for mention in some]
        self._out.left_out += [line for line, _ in self._declared]
        self._declared = []
        self._speak(own)
        before, is_declared = self._current, any(True for mention in own for _ in declarations(mention))
        units = units_of(self._table, found, own if is_declared else self._base)
        self._out.doubts += units.doubts
        self._header, self._raw = found, [_trimmed(event.around[line]) for line in lines]
        if is_alike and units.of == before.of:
            return
        missing = tuple(column for column in found.missing if column.is_mandatory and column.name in self._first.index)
        undeclared = tuple(
            column
            for column in found.columns.values()
            if column.name in before.declared
            and column.name not in units.declared
            and units.of[column.name] != before.of[column.name]
        )
        if missing or undeclared:
            self._out.misfits.append(Misfit(event.line, missing, undeclared))
        self._begin(Block(found, units, lines[-1] + 1, lines))

    def _begin(self, block: Block) -> None:
        self._units = block.units
        self._out.later.append(block)

    def _speak(self, mentions: Iterable[Mention]) -> None:
        self._out.spoken_for.update(mention.place for mention in mentions)
        if not self._out.later:
            self._units = None

    def _is_repeated(self, event: Event) -> bool:
        """Whether the rows of the header in force stand here once more, and no unit is declared above or below them."""
        for start in range(event.line, event.line - len(self._raw), -1):
            lines = range(start, start + len(self._raw))
            if not self._declared and all(
                line in event.around and _trimmed(event.around[line]) == row for line, row in zip(lines, self._raw, strict=True)
            ):
                below = [event.around.get(lines[-1] + n, []) for n in range(1, ROWS_BELOW)]
                if with_lines_of_units(replace(self._header, last_row=-1), below).last_row >= 0:
                    return False
                self._out.left_out += [*self._titles_above(start, event), *lines]
                self._read_until = lines[-1]
                return True
        return False

    def _titles_above(self, line: int, event: Event) -> Iterator[int]:
        """The lines right above a later header that are its titles: one cell, or titles of the sheet once more."""
        titles = {_as_title(cell) for row in self._sheet.head[: self._first.first_row] for cell in row if cell}
        for above in range(line - 1, max(self._read_until, event.after_data), -1):
            cells = {_as_title(cell) for cell in event.around.get(above, ()) if cell}
            if len(cells) > 1 and not cells <= titles:
                return
            if cells:
                yield above

    def _other_table(self, event: Event) -> Table | None:
        """Another table of the report whose header stands at a line that is none of this table."""
        row = [event.around[event.line]]
        found = ((header.score, other) for other in self._others if (header := locate(other, row)) is not None)
        score, other = max(found, key=lambda one: one[0], default=(0, None))
        own = locate(self._table, row)
        return other if score > max(2, 0 if own is None else own.score) else None

    def _locate(self, event: Event) -> Header | None:
        """The header at a line, if it names half of the columns or more."""
        last = max(event.around)
        for first, until in (
            (max(self._read_until + 1, event.after_data + 1, min(event.around)), event.line + MAX_HEADER_ROWS),
            (event.line, event.line + MAX_HEADER_ROWS),
            (event.line, event.line),
        ):
            up = first - 1
            grid = [event.around[line] for line in range(first, min(until, last) + 1)]
            merged: list[Merged] = [
                (top - up, left, bottom - up, right)
                for top, left, bottom, right in self._sheet.merged
                if 0 <= top - up < len(grid)
            ]
            found = locate(self._table, grid, merged)
            if found and 2 * found.score >= self._first.score and found.first_row + up < event.line <= found.last_row + up + 1:
                more = [*grid, *(event.around[line] for line in range(first + len(grid), last + 1))]
                return take_fuzzy_matches(self._table, found, more, self._code_lists, self._days).moved_down(up)
        return None


def _as_title(cell: str) -> str:
    """A title as compared: folded, without what stands in brackets."""
    return re.sub(r"\([^()]*\)", "", fold(cell))


def _trimmed(row: Sequence[str | None]) -> list[str]:
    """The cells of a row without white space; empty ones at the end are left out."""
    cells = ["".join((cell or "").split()) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells
