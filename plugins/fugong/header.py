"""Finding the table in a sheet: the header row or rows that fit a contract, wherever they stand."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fugong.code_list import fold
from fugong.contract import UNITS, Column, Table

SEARCHED_ROWS = 30
DEEPEST_HEADER = 3
IGNORED = {"序号", "编号序号", "no", "no.", "行号", "退回原因"}
"""Columns that carry nothing of the report: counters, and what our returned rows add."""
BRACKETS = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
NEAR_ENOUGH = 0.66
"""One character of three may be wrong."""
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
        score: how many contract columns were found.
    """

    first_row: int
    last_row: int
    columns: Mapping[int, Column]
    sent: Mapping[int, str]
    units: Mapping[str, str]
    missing: tuple[Column, ...]
    extra: tuple[int, ...]
    score: int

    def near(self, text: str) -> str | None:
        """The header as sent that is written most like `text` among those that fit no column; None if none is near."""
        sent = {fold_header(self.sent[index]): self.sent[index] for index in self.extra}
        found = difflib.get_close_matches(fold_header(text), sent, n=1, cutoff=NEAR_ENOUGH)
        return sent[found[0]] if found else None


def fold_header(text: str) -> str:
    """A header without units in brackets, white space, marks of obligation and `其中`."""
    plain = re.sub(r"^其中:?", "", BRACKETS.sub(_keep_unless_unit, unicodedata.normalize("NFKC", text)).strip())
    return re.sub(r"[*:、,。·]", "", fold(plain))


def _keep_unless_unit(match: re.Match[str]) -> str:
    return "" if fold(match.group(1)) in _UNIT_WORDS or _unit(match.group(1)) else match.group(0)


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
    "必填",
    "选填",
}


def _unit(text: str) -> str | None:
    plain = fold(text).removeprefix("单位:").removeprefix("单位").strip(":")
    return plain if plain in ALL_UNITS else None


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
    a near miss is proposed to the sender, never taken.
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
    return best


def _read_header(table: Table, wanted: Mapping[str, Column], grid: Grid, first: int, depth: int) -> Header | None:
    rows = grid[first : first + depth]
    columns: dict[int, Column] = {}
    sent: dict[int, str] = {}
    units: dict[str, str] = {}
    extra: list[int] = []
    taken: set[str] = set()
    for index in range(max(len(row) for row in rows)):
        parts = list(dict.fromkeys(row[index] for row in rows if index < len(row) and row[index]))
        texts = [part for part in parts if part]
        if not texts:
            continue
        sent[index] = texts[-1]
        column = next(
            (wanted[name] for text in (texts[-1], "".join(texts), *texts[:-1]) if (name := fold_header(text)) in wanted),
            None,
        )
        if column is None:
            if fold(texts[-1]) not in IGNORED:
                extra.append(index)
        elif column.name not in taken:
            taken.add(column.name)
            columns[index] = column
            unit = next((unit for text in reversed(texts) if (unit := unit_of_header(text))), None)
            if unit:
                units[column.name] = unit
        else:
            extra.append(index)
    # A deeper header must swallow neither the title above nor the first data row: both its ends name columns themselves.
    if depth > 1 and not (_names_a_column(rows[0], wanted) and _names_a_column(rows[-1], wanted)):
        return None
    if not columns:
        return None
    return Header(
        first_row=first,
        last_row=first + depth - 1,
        columns=columns,
        sent=sent,
        units=units,
        missing=tuple(column for column in table.columns if column.name not in taken),
        extra=tuple(extra),
        score=len(columns),
    )


def _names_a_column(row: Sequence[str | None], wanted: Mapping[str, Column]) -> bool:
    return any(cell and fold_header(cell) in wanted for cell in row)
