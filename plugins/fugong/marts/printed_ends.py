"""The ends that are printed beside a rate, and how coarsely: between them lies what silent firms have, and what was carried for them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fugong.marts.cells import MartCells
from fugong.marts.firms_behind import Key
from fugong.marts.model import Mart
from fugong.marts.open_cells import MARGIN, Row

COARSER = (1, 2, 5, 10, 20, 50)
"""The ends are multiples of their step, or of so many steps."""
COARSEST = 0.5
"""Of a rate: coarser ends say nothing."""
TOLERANCE = 1e-9
"""What floating-point numbers may be wrong by."""


@dataclass(frozen=True)
class PrintedEnds:
    """Both ends of a rate, over one denominator.

    Attributes:
        source: the figure.
        largest: the largest amount of one firm by which the ends differ from each other or from what is printed beside them; None where the
            ends are counts, which are nobody's amount.
        step: of what the ends are multiples where that is coarse enough.
        cap: of the figure; a greater end is printed as this one.
    """

    source: str
    least: MartCells
    most: MartCells
    whole: MartCells
    largest: MartCells | None
    step: float
    cap: float | None


@dataclass(frozen=True)
class Ends:
    """Ends as they are printed, the lower one rounded down and the upper one up."""

    least: float
    most: float
    step: float


def printed(least: float, most: float, *, margin: float, step: float, cap: float | None = None) -> Ends | None:
    """Round both ends so coarsely that each lies at least so far from either side of its step. None where no step is coarse enough.

    A lower end of nothing is what everybody knows where nobody reported. Above the cap nothing is said.

    Args:
        margin: how far, as a share of the denominator as the ends are; 0 where they may be printed as closely as the step.
    """
    for factor in COARSER:
        each = step * factor
        if factor > 1 and each > COARSEST:
            return None
        below = math.floor(least / each + TOLERANCE) * each
        above = math.ceil(most / each - TOLERANCE) * each
        if cap is not None:
            below, above = min(below, cap), min(above, cap)
        room = [most - (above - each)]
        if least > 0:
            room += [least - below, below + each - least]
        if above != cap:
            room.append(above - most)
        if not margin or min(room) >= margin - TOLERANCE:
            return Ends(below, above, each)
    return None


def of_rows(ends: PrintedEnds, mart: Mart, rows: Mapping[Key, Row]) -> Iterator[tuple[Key, Ends]]:
    """The ends that are printed of the rows of one day."""
    if ends.whole.mart != mart.name:
        return
    for key, row in rows.items():
        if not all(row[name] in values for name, values in ends.whole.keys.items()):
            continue
        least, most, whole = (row.get(one.column) for one in (ends.least, ends.most, ends.whole))
        if least is None or most is None or not whole or least == most:
            continue
        largest = float(row.get(ends.largest.column) or 0) if ends.largest else 0.0
        shares = float(least) / float(whole), float(most) / float(whole)
        if found := printed(*shares, margin=MARGIN * largest / float(whole), step=ends.step, cap=ends.cap):
            yield key, found
