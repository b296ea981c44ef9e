"""Quotes that nobody escaped: the reading of a line that leaves the fewest of them out of place."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 65_536
MOST_QUOTES = 400
MOST_CELLS = 400


@dataclass(frozen=True, slots=True)
class _Cell:
    """One way to read a cell.

    Attributes:
        start: where its text begins, quote included.
        end: where it ends; a delimiter or nothing follows.
        n_strays: quotes out of place in this cell and all before it.
        before: where the cell before it was begun to be read.
    """

    start: int
    end: int
    is_quoted: bool
    n_strays: int
    before: int


def least_strange(text: str, delimiter: str, quote: str, n_cells: int | None, *, skips_blanks: bool = False) -> list[str] | None:
    """Cut a record so that the fewest quotes are out of place: neither opening nor closing a cell, nor doubled inside one.

    Args:
        n_cells: how many cells there must be; None: as many as come of it.

    Returns:
        None where no reading has so many cells, and for what is too long to be looked at so closely.
    """
    if not quote or len(text) > LONGEST or text.count(quote) > MOST_QUOTES or (n_cells or 0) > MOST_CELLS:
        return None
    runs = [match.span() for match in re.finditer(f"{quote}+", text)]
    # One layer per cell: for every place where the next cell may begin, the best way to come there.
    layers: list[dict[int, _Cell]] = [{0: _Cell(0, -1, is_quoted=False, n_strays=0, before=0)}]
    best: tuple[int, int, _Cell] | None = None
    for n in range(1, (n_cells or text.count(delimiter) + 1) + 1):
        layer: dict[int, _Cell] = {}
        for place, reached in layers[-1].items():
            for cell in _readings(text, delimiter, quote, runs, place, reached.n_strays, skips_blanks=skips_blanks):
                if cell.end < len(text):
                    if cell.end + 1 not in layer or cell.n_strays < layer[cell.end + 1].n_strays:
                        layer[cell.end + 1] = cell
                elif n_cells in (None, n) and (best is None or cell.n_strays < best[0]):
                    best = cell.n_strays, n, cell
        layers.append(layer)
    if best is None:
        return None
    _, n, cell = best
    cells: list[str] = []
    while n:
        inner = text[cell.start + 1 : cell.end - 1].replace(quote * 2, quote)
        cells.append(inner if cell.is_quoted else text[cell.start : cell.end])
        n -= 1
        cell = layers[n][cell.before]
    return cells[::-1]


def _readings(
    text: str, delimiter: str, quote: str, runs: list[tuple[int, int]], place: int, n_strays: int, *, skips_blanks: bool
) -> list[_Cell]:
    """Every way to read the cell that begins at `place`: bare, or quoted up to any quote that could close it."""
    start = place
    while skips_blanks and text.startswith(" ", start):
        start += 1
    end = text.find(delimiter, start)
    end = len(text) if end < 0 else end
    cells = [_Cell(start, end, is_quoted=False, n_strays=n_strays + text.count(quote, start, end), before=place)]
    if not text.startswith(quote, start):
        return cells
    for first, after in runs:
        first = max(first, start + 1)
        if first >= after:
            continue
        # Of a run of quotes at a delimiter the last one closes the cell; the others should come in pairs.
        if after == len(text) or text.startswith(delimiter, after):
            odd = (after - first - 1) % 2
            cells.append(_Cell(start, after, is_quoted=True, n_strays=n_strays + odd, before=place))
        n_strays += (after - first) % 2
    return cells
