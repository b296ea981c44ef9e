"""Matches the header rows of a sheet to a contract's columns, wherever they stand."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pyarrow as pa

from fugong.contracts.contract import Column, Table
from fugong.core.cell_address import cell_address, parse_cell_address
from fugong.parsing.column_numbers import is_line_of_numbers
from fugong.parsing.column_unit import has_unit, in_its_header, is_about
from fugong.parsing.header_text import fold_header, is_numbered, readings
from fugong.parsing.names_of_columns import NO_NAME, NamesOfColumns, names_of_columns
from fugong.parsing.unit_lines import is_line_of_remarks, read_unit_line
from fugong.parsing.unit_text import Declaration, Mention, in_header, is_lone_unit, read_list

MAX_SEARCHED_ROWS = 30
MAX_HEADER_ROWS = 3
IGNORED = {
    "序号",
    "编号序号",
    "no",
    "no.",
    "行号",
    "行次",
    "所在工作表",
    "退回原因",
    "建议值",
    "采纳建议",
    "核实结果",
    "核实说明",
}
"""Headers of columns that hold no report data: counters, and the columns that our returned rows add."""
MIN_SIMILARITY = 0.66
"""Below it a header is not proposed for a missing column: one character of three may be wrong."""
Grid = Sequence[Sequence[str | None]]
"""Cells as typed, row by row."""
Merged = tuple[int, int, int, int]
"""A merged range: top, left, bottom, right, 0-based and inclusive."""


@dataclass(frozen=True)
class Header:
    """Where a table begins, and which physical column is which contract column.

    Attributes:
        first_row: first header row, 0-based.
        last_row: last header row, 0-based; data begin below it.
        columns: physical column (0-based) → contract column.
        sent: physical column → header as sent.
        units: contract column name → what its header and the line of units below it declare.
        missing: contract columns without a header.
        extra: physical columns with a header that the contract does not know.
        twins: contract column name → further physical columns whose header names it; they are among `extra`.
        beside: physical columns left and right of the table that hold something else: a second table, remarks.
        beside_headers: those of them with text in the header's rows.
        first_column, last_column: the first and the last physical column of the table.
        fuzzy_matches: physical column with a misspelt header → how sure it is that the header means its contract column (0–1).
        score: how many contract columns have a header.
        loose_units: cells of a line of units that stand over no column of numbers: they speak for the whole table.
        group_units: physical column without a contract column → what the group above its name declares.
    """

    first_row: int
    last_row: int
    columns: Mapping[int, Column]
    sent: Mapping[int, str]
    units: Mapping[str, tuple[Declaration, ...]]
    missing: tuple[Column, ...]
    extra: tuple[int, ...]
    beside: tuple[int, ...]
    first_column: int
    last_column: int
    score: int
    fuzzy_matches: Mapping[int, float] = field(default_factory=dict[int, float])
    loose_units: tuple[Mention, ...] = ()
    group_units: Mapping[int, tuple[Declaration, ...]] = field(default_factory=dict[int, tuple[Declaration, ...]])
    beside_headers: frozenset[int] = frozenset()
    twins: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Name of a contract column → physical column."""
        return {column.name: at for at, column in self.columns.items()}

    def cells_of(self, batch: pa.RecordBatch, column: Column) -> pa.Array:
        """The cells of a contract column in a batch of `c0`, `c1`, …; null where the batch is narrower than the header."""
        at = batch.schema.get_field_index(f"c{self.index[column.name]}")
        return batch.column(at) if at >= 0 else pa.nulls(batch.num_rows, pa.string())

    def similar(self, text: str) -> str | None:
        """The header as sent that resembles `text` most, among those that match no column; None if none is similar."""
        sent = {fold_header(self.sent[index]): self.sent[index] for index in self.extra}
        found = difflib.get_close_matches(fold_header(text), sent, n=1, cutoff=MIN_SIMILARITY)
        return sent[found[0]] if found else None

    def moved_down(self, n: int) -> Header:
        """The same header, found in rows that begin `n` rows below the top of the sheet."""

        def place(one: str) -> str:
            column, row = parse_cell_address(one)
            return cell_address(column, row + n)

        return replace(
            self,
            first_row=self.first_row + n,
            last_row=self.last_row + n,
            units={name: tuple(one.at(place(one.place)) for one in declared) for name, declared in self.units.items()},
            group_units={at: tuple(one.at(place(one.place)) for one in declared) for at, declared in self.group_units.items()},
            loose_units=tuple(replace(one, place=place(one.place)) for one in self.loose_units),
        )

    def without_missing(self, names: Collection[str]) -> Header:
        """The same header; these columns are not missed, because something else gives their values."""
        missing = tuple(column for column in self.missing if column.name not in names)
        return self if len(missing) == len(self.missing) else replace(self, missing=missing)

    def within(self, row: Sequence[str | None]) -> Sequence[str | None]:
        """The cells of a row that belong to the table."""
        return row[self.first_column : self.last_column + 1]


def fill_merged(grid: Grid, merged: Sequence[Merged], rows: int) -> list[list[str | None]]:
    """The first rows of a grid, every merged range filled with its top-left cell."""
    filled = [list(row) for row in grid[:rows]]
    for top, left, bottom, right in merged:
        if top >= rows or top >= len(filled) or left >= len(filled[top]):
            continue
        value = filled[top][left]
        for row in filled[top : min(bottom, rows - 1) + 1]:
            for index in range(left, min(right, len(row) - 1) + 1):
                row[index] = value
    return filled


def locate(table: Table, grid: Grid, merged: Sequence[Merged] = ()) -> Header | None:
    """Find the header in the first rows of a sheet that matches the contract best; None if there is none.

    At least half of the mandatory columns, and two columns in all, must have a header. Names must be equal after folding;
    `header_repair` decides about misspelt ones.
    """
    wanted = names_of_columns(table)
    filled = fill_merged(grid, merged, MAX_SEARCHED_ROWS + MAX_HEADER_ROWS)
    names = [wanted.heads(row) for row in filled]
    joins = [at > 0 and (names[at - 1] or names[at]) and _joins(filled[at - 1], filled[at], wanted) for at in range(len(filled))]
    found: list[Header] = []
    for first in range(min(MAX_SEARCHED_ROWS, len(filled))):
        for depth in range(1, MAX_HEADER_ROWS + 1):
            if first + depth > len(filled):
                break
            # A header of several rows must include neither the title above nor the first data row: its last row names columns,
            # itself or together with the row above (起 and 止 under 税款所属期).
            last = first + depth - 1
            if not (names[last] or (depth > 1 and joins[last])):
                continue
            header = _read_header(table, wanted, filled, first, depth, has_names=names[first] or (depth > 1 and joins[first + 1]))
            if header is not None:
                found.append(header)
    least = max(2, sum(column.required for column in table.columns) / 2)
    best = _first_of_equals([header for header in found if header.score >= least], filled, names)
    if best is None:
        return None
    outside = {
        at
        for row in grid[best.first_row :]
        for at, cell in enumerate(row)
        if cell and not best.first_column <= at <= best.last_column
    }
    headed = frozenset(
        at for row in grid[best.first_row : best.last_row + 1] for at, cell in enumerate(row) if cell and at in outside
    )
    best = replace(_with_filled_twins(best, grid), beside=tuple(sorted(outside)), beside_headers=headed)
    return with_lines_of_units(best, grid)


def _first_of_equals(found: Sequence[Header], grid: Grid, names: Sequence[bool]) -> Header | None:
    """The header that names the most columns; or one above it that names half as many, where lines of data stand between them.

    The header of a second page may be written better than that of the first: no line above it may be lost.
    """
    best = max(found, key=lambda header: (header.score, -header.last_row), default=None)
    if best is None:
        return None
    above = [
        header
        for header in found
        if 2 * header.score >= best.score
        and any(not names[row] and _is_full(header, grid[row]) for row in range(header.last_row + 1, best.first_row))
    ]
    return _first_of_equals(above, grid, names) or best


def _is_full(header: Header, row: Sequence[str | None]) -> bool:
    """Whether a row fills half of a header's columns, and is no line of units or numbers."""
    n_filled = sum(at < len(row) and bool(row[at]) for at in header.columns)
    return 2 * n_filled >= len(header.columns) and not is_line_of_numbers(row) and read_unit_line(row, 1, header.columns) is None


def _with_filled_twins(header: Header, grid: Grid) -> Header:
    """The header with the first column that holds anything, where several have the header of one contract column."""

    def is_filled(at: int) -> bool:
        return any(at < len(row) and row[at] for row in grid[header.last_row + 1 :])

    columns, twins = dict(header.columns), dict(header.twins)
    for name, others in header.twins.items():
        first = header.index[name]
        filled = next((at for at in others if is_filled(at)), None)
        if filled is not None and not is_filled(first):
            columns[filled] = columns.pop(first)
            twins[name] = tuple(sorted({first, *others} - {filled}))
    if columns == header.columns:
        return header
    extra = {*header.extra, *(at for others in twins.values() for at in others)} - columns.keys()
    return replace(header, columns=dict(sorted(columns.items())), twins=twins, extra=tuple(sorted(extra)))


def with_lines_of_units(header: Header, grid: Grid) -> Header:
    """The header with the lines of units, and of remarks on how to fill the columns in, below it or below the numbers of columns."""
    below = header.last_row + 1
    while below < len(grid):
        own = [cell if header.first_column <= at <= header.last_column else None for at, cell in enumerate(grid[below])]
        line = read_unit_line(own, below + 1, header.columns)
        if line is not None:
            units = {**header.units, **{name: (*header.units.get(name, ()), one) for name, one in line.of.items()}}
            header = replace(header, last_row=below, units=units, loose_units=(*header.loose_units, *line.loose))
        elif is_line_of_remarks(own, header.columns):
            header = replace(header, last_row=below)
        elif not is_line_of_numbers(own):
            break
        below += 1
    return header


def _read_header(table: Table, wanted: NamesOfColumns, grid: Grid, first: int, depth: int, *, has_names: bool) -> Header | None:
    """Read some rows whose last one names columns as a header; its first row names columns (`has_names`) or groups of them."""
    rows = _fill_groups([list(row) for row in grid[first : first + depth]])
    if not (has_names or _names_groups(rows)):
        return None
    if depth > MAX_HEADER_ROWS - 1 and _repeats(rows):
        return None
    texts = {
        index: cells
        for index in range(max(len(row) for row in rows))
        if (cells := list(dict.fromkeys(cell for row in rows if index < len(row) and (cell := row[index]))))
    }
    numbered = sum(is_numbered(cells[-1]) for cells in texts.values())
    are_numbered = numbered > 1 and 2 * numbered >= len(texts)
    fits = {index: found for index, cells in texts.items() if (found := _fit(cells, wanted, are_numbered=are_numbered))}
    kept = _table_among(list(texts), fits)
    retired = {fold_header(name) for column in table.retired for name in column.headers}
    columns: dict[int, Column] = {}
    sent: dict[int, str] = {}
    units: dict[str, tuple[Declaration, ...]] = {}
    group_units: dict[int, tuple[Declaration, ...]] = {}
    taken: set[str] = set()
    twins: dict[str, tuple[int, ...]] = {}
    for index in kept:
        sent[index] = texts[index][-1]
        if index not in fits:
            if (above := next(_declared_above(texts[index]), None)) is not None:
                row = next((at for at in range(depth) if index < len(rows[at]) and rows[at][index] == above.text), depth - 1)
                group_units[index] = (above.at(cell_address(index, first + row + 1)),)
            continue
        if (name := fits[index].column.name) in taken:
            twins[name] = (*twins.get(name, ()), index)
            sent[index] = fits[index].text
            continue
        fit = fits[index]
        taken.add(fit.column.name)
        columns[index] = fit.column
        sent[index] = fit.text
        declared = _declared(fit, texts[index])
        if declared is not None:
            row = next((at for at in range(depth) if index < len(rows[at]) and rows[at][index] == declared.text), depth - 1)
            units[fit.column.name] = (declared.at(cell_address(index, first + row + 1)),)
    if not columns:
        return None
    return Header(
        first_row=first,
        last_row=first + depth - 1,
        columns=columns,
        sent=sent,
        units=units,
        group_units=group_units,
        missing=tuple(column for column in table.columns if column.name not in taken),
        extra=tuple(
            index
            for index in kept
            if index not in columns
            and not any(reading.name in IGNORED or reading.name in retired for reading in readings(sent[index]))
        ),
        beside=(),
        first_column=kept[0],
        last_column=kept[-1],
        score=len(columns),
        twins=twins,
    )


@dataclass(frozen=True)
class _Fit:
    """The column that a header names, the text that names it, and the unit at the end of that text."""

    column: Column
    text: str
    tail: Declaration | None


def _fit(texts: Sequence[str], wanted: NamesOfColumns, *, are_numbered: bool) -> _Fit | None:
    """The column that the cells of one header name: group and name together before the name alone."""
    for text in ("".join(texts), texts[-1], *texts[-2::-1]):
        for reading in wanted.readings(text):
            if are_numbered or not reading.is_numbered:
                return _Fit(wanted.columns[reading.name], text, reading.declared)
    return None


def _declared(fit: _Fit, texts: Sequence[str]) -> Declaration | None:
    """The unit that a column's header declares: the name itself, else the group above it if that unit can be the column's."""
    if not has_unit(fit.column):
        return None
    own = in_header(texts[-1]) or fit.tail or (in_header(fit.text) if fit.text in texts else None)
    if own is not None:
        return replace(own, text=fit.text)
    return next((above for above in _declared_above(texts) if may_concern(fit.column, above)), None)


def _declared_above(texts: Sequence[str]) -> Iterator[Declaration]:
    """What the groups above a name declare, the nearest first."""
    for text in reversed(texts[:-1]):
        above = in_header(text) or (Declaration(units, text) if (units := read_list(text)) else None)
        if above is not None:
            yield above


def may_concern(column: Column, above: Declaration) -> bool:
    """Whether the unit of a group can be a column's, or cannot be read."""
    return not above.is_read or any(is_about(column, unit) for unit in in_its_header(column, above))


def _table_among(filled: Sequence[int], fits: Mapping[int, _Fit]) -> list[int]:
    """The physical columns of the table, where blank columns divide the header into blocks.

    The block that names the most contract columns is the table. Another block belongs to it if it names only columns that the
    table does not have yet, and these are at least half of the block. Otherwise it is another table beside this one.
    """
    blocks: list[list[int]] = []
    for index in filled:
        if blocks and index == blocks[-1][-1] + 1:
            blocks[-1].append(index)
        else:
            blocks.append([index])
    if not blocks:
        return []

    def names(block: Sequence[int]) -> list[str]:
        return [fits[index].column.name for index in block if index in fits]

    table = max(blocks, key=lambda block: len(set(names(block))))
    kept, taken = list(table), set(names(table))
    for block in blocks:
        found = names(block)
        is_ours = bool(found) and not taken.intersection(found) and 2 * len(found) >= len(block)
        if block is not table and (is_ours or (len(block) == 1 and not found)):
            kept += block
            taken.update(found)
    return sorted(kept)


def _fill_groups(rows: list[list[str | None]]) -> list[list[str | None]]:
    """Header rows with the name of each group written over all its columns, also where the cells are not merged."""
    for upper, lower in itertools.pairwise(rows):
        for index in range(1, min(len(upper), len(lower))):
            before = upper[index - 1]
            if not upper[index] and lower[index] and before and lower[index - 1] and lower[index - 1] != before:
                upper[index] = before
    return rows


def _names_groups(rows: Sequence[Sequence[str | None]]) -> bool:
    """Whether the first header row names groups of the columns below: two or more, none of them a line of a title.

    A title and a unit at the end of its line (a corner cell 万元) are no two groups.
    """
    upper, lower = rows[0], rows[1]
    groups = {cell for cell in upper if cell}
    groups = {cell for cell in groups if not is_lone_unit(cell)} or groups
    is_over_columns = all(index < len(lower) and lower[index] for index, cell in enumerate(upper) if cell)
    return len(groups) > 1 and is_over_columns and not any(re.search(r"[:\uff1a\d]", cell) for cell in groups)


def _repeats(rows: Sequence[Sequence[str | None]]) -> bool:
    """Whether the last row is the first once more, with something else between: a line of data between two headers."""
    upper, between, lower = rows[0], rows[1], rows[-1]
    n_same = sum(
        one is not None and one == other and one != middle for one, middle, other in zip(upper, between, lower, strict=False)
    )
    return 2 * n_same > sum(cell is not None for cell in upper)


def _joins(upper: Sequence[str | None], lower: Sequence[str | None], wanted: NamesOfColumns) -> bool:
    """Whether a row of words names a column together with the groups above it, and not alone."""
    if any(cell and NO_NAME.fullmatch(cell) for cell in lower):
        return False
    groups, names = _fill_groups([list(upper), list(lower)])
    return any(
        group and name and group != name and not _is_named(name, wanted) and _is_named(group + name, wanted)
        for group, name in zip(groups, names, strict=False)
    )


def _is_named(text: str, wanted: NamesOfColumns) -> bool:
    return any(not reading.is_numbered for reading in wanted.readings(text))
