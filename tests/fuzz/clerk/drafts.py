"""A file before it is saved: sheets, blocks and lines, each with its meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from openpyxl.utils import get_column_letter

from fugong.contracts.contract import Contract, Table
from tests.fuzz.clerk.containers import Container, Page
from tests.fuzz.clerk.spellings import Cell, Hand

COUNTER = "#"
"""Stands for the counter of lines (序号) among the columns of a block."""
Means = Mapping[str, str | bool]


@dataclass
class Line:
    """A line below a header. `means` is None where it is no data; `cells` are by column, or one after the other."""

    cells: dict[str, Cell] | list[Cell]
    means: Means | None = None


@dataclass
class Block:
    """A header and the lines below it.

    Attributes:
        order: columns from left to right; `COUNTER`, or a text that is no column, for what belongs to none; empty for a blank column.
        texts: the header of each.
        group: name of a group and how many columns it covers, from which on; None for a header of one line.
        is_tall: names outside the group reach over both lines of the header.
        above: lines between the block before and this header.
        merged_down: columns whose equal neighbours are one merged cell.
        unit_line: declared unit by column, in a line of its own below the header.
    """

    order: list[str]
    texts: dict[str, str]
    hands: dict[str, Hand]
    lines: list[Line]
    group: tuple[str, int, int] | None = None
    is_tall: bool = False
    above: list[list[Cell]] = field(default_factory=list[list[Cell]])
    unit_line: dict[str, str] = field(default_factory=dict[str, str])
    merged_down: set[str] = field(default_factory=set[str])

    def header(self) -> list[list[Cell]]:
        """The lines of the header."""
        names: list[Cell] = [self.texts.get(name) for name in self.order]
        lines: list[list[Cell]] = [names]
        if self.group:
            title, first, n = self.group
            lines.insert(0, [title if at == first else None for at in range(first + n)])
            if self.is_tall:
                outside = [at for at in range(len(names)) if not first <= at < first + n]
                lines[0] += [None] * (len(names) - len(lines[0]))
                for at in outside:
                    lines[0][at], lines[1][at] = names[at], None
        if self.unit_line:
            lines.append([self.unit_line.get(name) for name in self.order])
        return lines

    def as_lists(self, line: Line) -> list[Cell]:
        """The cells of a line from left to right."""
        return [line.cells.get(name) for name in self.order] if isinstance(line.cells, dict) else line.cells


@dataclass
class SheetDraft:
    """A sheet with a table."""

    table: Table
    name: str
    titles: list[list[Cell]]
    blocks: list[Block]
    tail: list[list[Cell]]
    left: int = 0
    can_merge: bool = True

    def page(self) -> tuple[Page, dict[int, Means]]:
        """The sheet as it is saved, and what each line of data means."""
        grid: list[list[Cell]] = list(self.titles)
        means: dict[int, Means] = {}
        merged: list[str] = []

        def merge(top: int, left: int, bottom: int, right: int) -> None:
            if self.can_merge and (top, left) != (bottom, right):
                first, last = (get_column_letter(at + self.left + 1) for at in (left, right))
                merged.append(f"{first}{top}:{last}{bottom}")

        for block in self.blocks:
            grid += block.above
            first_line = len(grid) + 1
            grid += block.header()
            if block.group:
                _, first, n = block.group
                merge(first_line, first, first_line, first + n - 1)
                for at in range(len(block.order)) if block.is_tall else ():
                    if not first <= at < first + n:
                        merge(first_line, at, first_line + 1, at)
            for line in block.lines:
                grid.append(block.as_lists(line))
                if line.means is not None:
                    means[len(grid)] = line.means
            for name in block.merged_down:
                at = block.order.index(name)
                for top, bottom in _runs(means, name, first_line, len(grid)):
                    merge(top, at, bottom, at)
        grid += self.tail
        return Page(self.name, [[*[None] * self.left, *line] if line else line for line in grid], merged), means


def _runs(means: Mapping[int, Means], name: str, first: int, last: int) -> list[tuple[int, int]]:
    """First and last line of neighbours that mean the same in a column."""
    runs: list[tuple[int, int]] = []
    for line in range(first, last + 1):
        value = means.get(line, {}).get(name)
        if value is None:
            continue
        if runs and runs[-1][1] == line - 1 and means[line - 1].get(name) == value:
            runs[-1] = (runs[-1][0], line)
        else:
            runs.append((line, line))
    return runs


@dataclass
class Draft:
    """A file before it is saved.

    Attributes:
        other_pages: sheets without a table, in front.
        trap: what the clerk stepped into; empty without one.
        may_go_back: a person could not be sure either.
        must_go_back: the file has no reading as a whole.
        is_ragged: the lines of a text keep the number of cells that they have.
        change: what happens to the bytes last.
    """

    contract: Contract
    department: str
    stem: str
    container: Container
    sheets: list[SheetDraft]
    other_pages: list[Page] = field(default_factory=list[Page])
    trap: str = ""
    may_go_back: bool = False
    must_go_back: bool = False
    is_ragged: bool = False
    change: Callable[[bytes], bytes] = bytes

    @property
    def file_name(self) -> str:
        """As it is dropped."""
        return f"{self.stem}.{self.container.extension}"


def save(made: Draft) -> tuple[bytes, list[tuple[Table, str, dict[int, Means]]]]:
    """The bytes, and by table and sheet what each line of data means."""
    pages, means = zip(*(one.page() for one in made.sheets), strict=True)
    names = count(2)
    used: set[str] = set()
    for page in pages:
        while page.name.casefold() in used:
            page.name = f"{page.name}{next(names)}"
        page.name = page.name[:31]
        page.is_ragged = made.is_ragged
        used.add(page.name.casefold())
    by_page = [(sheet.table, page.name, lines) for sheet, page, lines in zip(made.sheets, pages, means, strict=True)]
    return made.change(made.container.write([*made.other_pages, *pages])), by_page
