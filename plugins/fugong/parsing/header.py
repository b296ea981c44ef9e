"""Finding the table in a sheet: the header row or rows that fit a contract, wherever they stand."""

from __future__ import annotations

import difflib
import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fugong.contracts.code_list import fold
from fugong.contracts.contract import UNITS, Column, Table

SEARCHED_ROWS = 30
DEEPEST_HEADER = 3
IGNORED = {"序号", "编号序号", "no", "no.", "行号", "退回原因"}
"""Columns that carry nothing of the report: counters, and what our returned rows add."""
BRACKETS = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
NEAR_ENOUGH = 0.66
"""One character of three may be wrong."""
HINT = re.compile(
    r"^(必填|选填|全称|填.*|请.*|如.*|例.*|格式.*|下拉.*|保留.*位小数|\d+位.*|y{4}.*|年.?月.?日?|是/否|是或否|√.*|单选|多选|数字|文本|日期|整数)$"
)
"""Words in brackets that tell how to fill a column in; no part of its name."""
TAIL_UNIT = re.compile(r"[/_\-]?(?:单位)?(万元|百万元|千元|亿元|元|公顷|平方米|亩|%)$")
ALL_UNITS = {unit for units in UNITS.values() for unit in units} | {"%"}

Grid = Sequence[Sequence[str | None]]
Merged = tuple[int, int, int, int]


@dataclass(frozen=True)
class Header:
    """Where a table begins and which of its columns is which.

    Attributes:
        first_row: first header row, 0-based.
        last_row: last header row, 0-based; data begin below it.
        columns: physical column (0-based) → contract column.
        sent: physical column → header as sent.
        units: contract column name → unit that its header declares.
        missing: contract columns that no header fits.
        extra: physical columns with a header that the contract does not know.
        beside: physical columns left and right of the table where something else stands: a second table, remarks.
        first_column, last_column: what lies between them is the table.
        near_misses: physical column → how sure it is that its misspelt header means the contract column it stands for.
        score: how many contract columns were found.
    """

    first_row: int
    last_row: int
    columns: Mapping[int, Column]
    sent: Mapping[int, str]
    units: Mapping[str, str]
    missing: tuple[Column, ...]
    extra: tuple[int, ...]
    beside: tuple[int, ...]
    first_column: int
    last_column: int
    score: int
    near_misses: Mapping[int, float] = field(default_factory=dict[int, float])

    def near(self, text: str) -> str | None:
        """The header as sent that is written most like `text` among those that fit no column; None if none is near."""
        sent = {fold_header(self.sent[index]): self.sent[index] for index in self.extra}
        found = difflib.get_close_matches(fold_header(text), sent, n=1, cutoff=NEAR_ENOUGH)
        return sent[found[0]] if found else None

    def within(self, row: Sequence[str | None]) -> Sequence[str | None]:
        """The cells of a row that belong to the table."""
        return row[self.first_column : self.last_column + 1]


def fold_header(text: str) -> str:
    """A header without units and hints in brackets, white space, marks of obligation and `其中`."""
    plain = re.sub(r"^其中:?", "", BRACKETS.sub(_keep_unless_unit, unicodedata.normalize("NFKC", text)).strip())
    return re.sub(r"[*:、,。·]", "", fold(plain))


def _keep_unless_unit(match: re.Match[str]) -> str:
    inside = fold(match.group(1))
    return "" if inside in _UNIT_WORDS or HINT.match(inside) or _unit(inside) else match.group(0)


_UNIT_WORDS = {
    "人",
    "个",
    "户",
    "家",
    "立方米",
    "m3",
    "m³",
    "吨",
    "kwh",
    "千瓦时",
    "度",
    "元/立方米",
    "元/千瓦时",
    "万千瓦时",
}


def _unit(text: str) -> str | None:
    """The unit among the words of a bracket, such as `单位:万元,保留两位小数`."""
    for part in re.split(r"[,、;]", fold(text)):
        plain = part.removeprefix("单位:").removeprefix("单位").removeprefix("人民币").strip(":")
        if plain in ALL_UNITS:
            return plain
    return None


def unit_of_header(text: str) -> str | None:
    """The unit of money, area or share that a header declares in brackets."""
    for inside in BRACKETS.findall(unicodedata.normalize("NFKC", text)):
        unit = _unit(inside)
        if unit:
            return unit
    return None


def fill_merged(grid: Grid, merged: Sequence[Merged], rows: int) -> list[list[str | None]]:
    """The first rows of a grid with every merged range filled with its top-left cell."""
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
    """The header in the first rows of a sheet that fits the contract best; None if nothing fits.

    At least half of the mandatory columns and two columns in all have to be there. Names must fit exactly after folding;
    `near_header` says what becomes of a near miss.
    """
    wanted = {fold_header(header): column for column in table.columns for header in column.headers}
    filled = fill_merged(grid, merged, SEARCHED_ROWS + DEEPEST_HEADER)
    best: Header | None = None
    for first in range(min(SEARCHED_ROWS, len(filled))):
        for depth in range(1, DEEPEST_HEADER + 1):
            if first + depth > len(filled):
                break
            found = _read_header(table, wanted, filled, first, depth)
            if found and (best is None or (found.score, -found.last_row) > (best.score, -best.last_row)):
                best = found
    n_required = sum(column.required for column in table.columns)
    if best is None or best.score < max(2, n_required / 2):
        return None
    outside = {
        at
        for row in grid[best.first_row :]
        for at, cell in enumerate(row)
        if cell and not best.first_column <= at <= best.last_column
    }
    return replace(best, beside=tuple(sorted(outside)))


def _read_header(table: Table, wanted: Mapping[str, Column], grid: Grid, first: int, depth: int) -> Header | None:
    rows = _fill_groups([list(row) for row in grid[first : first + depth]])
    # A deeper header must swallow neither the title above nor the first data row: both its ends name columns themselves,
    # or the first names groups of them.
    if depth > 1 and not (_names_a_column(rows[-1], wanted) and (_names_a_column(rows[0], wanted) or _names_groups(rows))):
        return None
    texts = {
        index: cells
        for index in range(max(len(row) for row in rows))
        if (cells := list(dict.fromkeys(cell for row in rows if index < len(row) and (cell := row[index]))))
    }
    fits = {index: found for index, cells in texts.items() if (found := _fit(cells, wanted))}
    kept = _table_among(list(texts), fits)
    columns: dict[int, Column] = {}
    sent: dict[int, str] = {}
    units: dict[str, str] = {}
    taken: set[str] = set()
    for index in kept:
        sent[index] = texts[index][-1]
        if index not in fits or fits[index][0].name in taken:
            continue
        column, header = fits[index]
        taken.add(column.name)
        columns[index] = column
        sent[index] = header
        unit = next((unit for text in reversed(texts[index]) if (unit := unit_of_header(text))), None) or _tail_unit(
            header, wanted
        )
        if unit and column.unit:
            units[column.name] = unit
    if not columns:
        return None
    return Header(
        first_row=first,
        last_row=first + depth - 1,
        columns=columns,
        sent=sent,
        units=units,
        missing=tuple(column for column in table.columns if column.name not in taken),
        extra=tuple(index for index in kept if index not in columns and fold(sent[index]) not in IGNORED),
        beside=(),
        first_column=kept[0],
        last_column=kept[-1],
        score=len(columns),
    )


def _fit(texts: Sequence[str], wanted: Mapping[str, Column]) -> tuple[Column, str] | None:
    """The column that the cells of one header name, and the words that do: group and name together before the name alone."""
    for text in ("".join(texts), texts[-1], *texts[-2::-1]):
        for name in (fold_header(text), TAIL_UNIT.sub("", fold_header(text))):
            if name in wanted:
                return wanted[name], text
    return None


def _tail_unit(text: str, wanted: Mapping[str, Column]) -> str | None:
    """The unit that a header has at its end, without brackets."""
    found = TAIL_UNIT.search(fold_header(text))
    return found.group(1) if found and fold_header(text) not in wanted else None


def _table_among(filled: Sequence[int], fits: Mapping[int, tuple[Column, str]]) -> list[int]:
    """The physical columns of the table, where blank columns part the header into blocks.

    The block that names most columns is the table. Another one belongs to it when it names only columns that are not yet
    there and those are at least half of it; else it is a table of its own, beside ours.
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
        return [fits[index][0].name for index in block if index in fits]

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
    """Header rows with a group's name over all its columns, also where its cells are not merged."""
    for upper, lower in itertools.pairwise(rows):
        for index in range(1, min(len(upper), len(lower))):
            before = upper[index - 1]
            if not upper[index] and lower[index] and before and lower[index - 1] and lower[index - 1] != before:
                upper[index] = before
    return rows


def _names_groups(rows: Sequence[Sequence[str | None]]) -> bool:
    """Whether the first of some header rows names groups of the columns below: two or more, none of them a line of a title."""
    upper, lower = rows[0], rows[1]
    groups = {cell for cell in upper if cell}
    is_over_columns = all(index < len(lower) and lower[index] for index, cell in enumerate(upper) if cell)
    return len(groups) > 1 and is_over_columns and not any(re.search(r"[:\uff1a\d]", cell) for cell in groups)


def _names_a_column(row: Sequence[str | None], wanted: Mapping[str, Column]) -> bool:
    return any(cell and fold_header(cell) in wanted for cell in row)
