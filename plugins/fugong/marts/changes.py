"""Changes of stocks from day to day by which few firms moved: what a reader derives of them by subtracting two days."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from fugong.disclosure import plain
from fugong.disclosure.attack import Derived, attack
from fugong.disclosure.system import Secret
from fugong.marts.differences import differences
from fugong.marts.firms_behind import FirmsBehind, Key
from fugong.marts.model import Mart
from fugong.marts.open_cells import MARGIN, Cell, Row, keys_of, tells
from fugong.marts.protection import Protection
from fugong.marts.reader import cells_in


@dataclass(frozen=True)
class DerivedChange:
    """What a reader derives of a change.

    Attributes:
        cell: the row of the later day, and the column.
        largest: the change of the largest firm behind it.
        reach: how far the derived interval reaches below and above the true change. Where one of the days is hidden, the value of the other
            one bounds the change as it bounds every firm in it, and many firms stand behind that value: the farther side counts for both.
        is_told: whether publications alone lead as near.
    """

    cell: Cell
    largest: float
    reach: tuple[float, float]
    is_told: bool = False

    @property
    def is_safe(self) -> bool:
        """Whether a reader comes no closer than `MARGIN`. The solver's tolerance apart."""
        return min(self.reach) >= MARGIN * self.largest * (1 - 1e-3)


def telling_changes(mart: Mart, rows: Mapping[Key, Row], behind: FirmsBehind) -> Mapping[Cell, float]:
    """Changes since the day before by which few firms moved: the change of the largest firm.

    What lies between the printed ends of a rate is among them.
    """
    between_ends = {name for name, pair in differences(mart).items() if not set(pair).isdisjoint(mart.hidden)}
    return {
        (key, column): parts.largest
        for key, by_column in behind.changes.items()
        if key in rows
        for column, parts in by_column.items()
        if (column in mart.columns or column in between_ends) and tells(parts)
    }


def day_before(mart: Mart, key: Key) -> Key:
    """The key of the same row on the day before."""
    at = keys_of(mart).index(mart.partition_by)
    day: date = key[at]
    return (*key[:at], day - timedelta(1), *key[at + 1 :])


def derive_changes(protection: Protection, before: Protection | None, *, is_thorough: bool) -> Iterator[DerivedChange]:
    """Derive the changes of a month by which few firms moved.

    Args:
        before: the month before.
        is_thorough: derive every change, also those that are plainly safe.
    """
    moved = telling_changes(protection.mart, protection.rows, protection.guarded.behind)
    pairs = {cell: (day_before(protection.mart, cell[0]), cell[1]) for cell in moved}
    pairs = {
        cell: earlier
        for cell, earlier in pairs.items()
        if earlier[0] in protection.rows or (before and earlier[0] in before.rows)
    }
    if not is_thorough:
        margins: dict[Cell, float] = {}
        for cell, earlier in pairs.items():
            for each in (cell, earlier):
                margins[each] = max(margins.get(each, 0.0), MARGIN * moved[cell] / 2)
        doubtful = {*_doubtful(protection, margins), *(_doubtful(before, margins) if before else ())}
        pairs = {cell: earlier for cell, earlier in pairs.items() if doubtful & {cell, earlier}}
    reaches = _reaches(protection, before, pairs)
    changes = [DerivedChange(cell, moved[cell], reach) for cell, reach in reaches.items()]
    near = {change.cell: pairs[change.cell] for change in changes if not change.is_safe}
    told = _reaches(protection, before, near, by_publications=True) if near else {}
    for change in changes:
        is_told = change.cell in told and not replace(change, reach=told[change.cell]).is_safe
        yield replace(change, is_told=is_told)


def _reaches(
    protection: Protection, before: Protection | None, pairs: Mapping[Cell, Cell], *, by_publications: bool = False
) -> dict[Cell, tuple[float, float]]:
    """How far a reader's intervals of some changes reach.

    Args:
        pairs: cells with those of the day before.
        by_publications: derive them from what is published alone, as if nothing were open.
    """
    cells = {*pairs, *pairs.values()}
    derived = (derive(before, cells, by_publications=by_publications) if before else {}) | derive(
        protection, cells, by_publications=by_publications
    )
    found: dict[Cell, tuple[float, float]] = {}
    for cell, earlier in pairs.items():
        if cell not in derived or earlier not in derived:
            continue
        later_reach, earlier_reach = derived[cell].reach, derived[earlier].reach
        found[cell] = later_reach[0] + earlier_reach[1], later_reach[1] + earlier_reach[0]
        of_earlier = protection if earlier[0] in protection.rows else before
        if of_earlier and protection.is_hidden(*cell) != of_earlier.is_hidden(*earlier):
            found[cell] = max(found[cell]), max(found[cell])
    return found


def derive(protection: Protection, cells: Collection[Cell], *, by_publications: bool = False) -> dict[Cell, Derived]:
    """Derive cells as a reader would, or as one would who has the publications alone."""
    at = keys_of(protection.mart).index(protection.mart.partition_by)
    by_day: dict[date, set[Cell]] = {}
    for cell in cells:
        by_day.setdefault(cell[0][at], set()).add(cell)
    found: dict[Cell, Derived] = {}
    for day, wanted in by_day.items():
        if (system := protection.systems.get(day)) is None:
            continue
        places = {name: place for place, name in enumerate(system.names)}
        named = {places[kind, *cell]: cell for cell in wanted for kind in ("cell", "unseen", "left") if (kind, *cell) in places}
        asked = replace(system, secrets=tuple(Secret(place, 0.0) for place in named))
        hidden = cells_in(system) if by_publications else protection.hidden_cells(system)
        for one in attack(asked, hidden):
            found[named[one.secret.cell]] = one
    return found


def _doubtful(protection: Protection, margins: Mapping[Cell, float]) -> Iterator[Cell]:
    """Cells that a reader may derive closer than their margins."""
    for system in protection.systems.values():
        places = {place: name[1:] for place, name in enumerate(system.names) if isinstance(name, tuple) and name[0] == "cell"}
        secrets = tuple(Secret(place, margins[cell]) for place, cell in places.items() if cell in margins)
        asked = replace(system, secrets=secrets)
        reaches = np.abs(system.bounds(protection.hidden_cells(system)) - system.truth)
        yield from (places[secret.cell] for secret in plain.doubtful(asked, reaches))
