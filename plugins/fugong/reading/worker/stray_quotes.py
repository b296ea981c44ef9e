"""Finds the way to read a line with unescaped quotes that leaves the fewest of them out of place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

MAX_LENGTH = 65_536
MAX_QUOTES = 1_600
MAX_CELLS = 400
MAX_STRAYS = 8
"""A quoted cell with more stray quotes than this is none."""


class _Cell(NamedTuple):
    """One way to read a cell: where it begins and ends (quotes included), and the number of quotes out of place in it."""

    start: int
    end: int
    is_quoted: bool
    n_strays: int


class _Step(NamedTuple):
    """The best way to reach the end of a cell: quotes out of place so far, where the cell begins, and how it is read."""

    n_strays: int
    place: int
    cell: _Cell


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    delimiter: str
    quote: str
    skips_blanks: bool

    def readings(self, place: int, runs: list[tuple[int, int]]) -> list[_Cell]:
        """Every way to read the cell that begins at `place`: bare, or quoted up to any quote that could close it."""
        text, quote, start = self.text, self.quote, place
        while self.skips_blanks and text.startswith(" ", start):
            start += 1
        end = text.find(self.delimiter, start)
        end = len(text) if end < 0 else end
        cells = [_Cell(start, end, is_quoted=False, n_strays=text.count(quote, start, end))]
        if not text.startswith(quote, start):
            return cells
        n_strays = 0
        for first, after in runs:
            first = max(first, start + 1)
            if first >= after:
                continue
            # In a run of quotes at a delimiter the last one closes the cell; the others should come in pairs.
            if after == len(text) or text.startswith(self.delimiter, after):
                cells.append(_Cell(start, after, is_quoted=True, n_strays=n_strays + (after - first - 1) % 2))
            n_strays += (after - first) % 2
            if n_strays > MAX_STRAYS:
                break
        return cells

    def text_of(self, cell: _Cell) -> str:
        """The text of a cell."""
        if cell.is_quoted:
            return self.text[cell.start + 1 : cell.end - 1].replace(self.quote * 2, self.quote)
        return self.text[cell.start : cell.end]


def least_strange(text: str, delimiter: str, quote: str, n_cells: int | None, *, skips_blanks: bool = False) -> list[str] | None:
    """Split a record so that the fewest quotes are out of place: neither opening nor closing a cell, nor doubled inside one.

    Args:
        n_cells: the number of cells that the record must have; None for any.

    Returns:
        None where no way to read it has so many cells, and for a record that is too long to try them all.
    """
    most = n_cells or text.count(delimiter) + 1
    if not quote or len(text) > MAX_LENGTH or text.count(quote) > MAX_QUOTES or most > MAX_CELLS:
        return None
    line = _Line(text, delimiter, quote, skips_blanks)
    runs = [match.span() for match in re.finditer(f"{quote}+", text)]
    readings: dict[int, list[_Cell]] = {}
    # One layer per cell: maps the place where the next cell begins to the best step that ends before it.
    layers: list[dict[int, _Step]] = []
    reached = {0: 0}
    best: tuple[int, int, _Step] | None = None
    for n in range(1, most + 1):
        layer: dict[int, _Step] = {}
        for place, so_far in reached.items():
            if place not in readings:
                readings[place] = line.readings(place, runs)
            for cell in readings[place]:
                step = _Step(so_far + cell.n_strays, place, cell)
                if cell.end == len(text):
                    if n_cells in (None, n) and (best is None or step.n_strays < best[0]):
                        best = step.n_strays, n, step
                elif cell.end + 1 not in layer or step.n_strays < layer[cell.end + 1].n_strays:
                    layer[cell.end + 1] = step
        layers.append(layer)
        reached = {place: step.n_strays for place, step in layer.items()}
    if best is None:
        return None
    _, n, step = best
    cells = [line.text_of(step.cell)]
    for layer in reversed(layers[: n - 1]):
        step = layer[step.place]
        cells.append(line.text_of(step.cell))
    return cells[::-1]
