"""Attacks what analysts see, as a reader with a computer would: by every relation that the heads of the marts declare, and by subtracting days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from fugong.disclosure.attack import Derived, attack
from fugong.marts.firms_behind import Key
from fugong.marts.open_cells import MARGIN, Cell, keys_of, tells
from fugong.marts.protected import Protection
from fugong.marts.reader import system_of


@dataclass(frozen=True)
class Attacked:
    """What a reader derives for an amount of few firms, or for the change of a stock by which few firms moved.

    Attributes:
        key: of the row; of a change, that of the later day.
        largest: the amount, or the change, of the largest firm behind it.
        reach: how far the derived interval reaches below and above the true value.
    """

    mart: str
    key: Key
    column: str
    is_change: bool
    largest: float
    reach: tuple[float, float]

    @property
    def interval(self) -> float:
        """How far the interval reaches to its nearer side, as a share of the largest firm's amount."""
        return min(self.reach) / self.largest

    @property
    def is_safe(self) -> bool:
        """Whether a reader comes no closer than `MARGIN`. The solver's tolerance apart."""
        return self.interval >= MARGIN * (1 - 1e-3)


def attack_rows(protections: Iterable[Protection]) -> Iterator[Attacked]:
    """Attack the rows of some months: every secret, and every change between two days by which few firms moved.

    Args:
        protections: of one mart, month by month.
    """
    before: dict[Cell, Derived] = {}
    for protection in protections:
        found = _derive(protection)
        for (key, column), one in found.items():
            if one.secret.margin:
                yield Attacked(protection.mart.name, key, column, False, one.secret.margin / MARGIN, one.reach)
        both = before | found
        for (key, column), largest in _telling_changes(protection).items():
            later, earlier = both.get((key, column)), both.get((_day_before(protection, key), column))
            if later and earlier:
                reach = later.reach[0] + earlier.reach[1], later.reach[1] + earlier.reach[0]
                yield Attacked(protection.mart.name, key, column, True, largest, reach)
        before = found


def _derive(protection: Protection) -> dict[Cell, Derived]:
    """Derive every secret, and the values of the days that few firms moved between; of the last day every value."""
    mart = protection.mart
    at = keys_of(mart).index(mart.partition_by)
    asked = dict(protection.guarded.secrets)
    for key, column in _telling_changes(protection):
        for each in (key, _day_before(protection, key)):
            asked.setdefault((each, column), 0.0)
    last = max(protection.systems)
    for key in protection.rows if mart.partition_by == "as_of" else ():
        if key[at] == last:
            for column in mart.rounded:
                asked.setdefault((key, column), 0.0)
    guarded = replace(protection.guarded, secrets=asked)
    found: dict[Cell, Derived] = {}
    for day in protection.systems:
        system = system_of(mart, {key: row for key, row in protection.rows.items() if key[at] == day}, guarded)
        hidden = np.fromiter((_is_hidden(protection, name) for name in system.names), dtype=bool, count=len(system.names))
        for one in attack(system, hidden):
            kind, key, column = system.names[one.secret.cell]  # pyright: ignore[reportGeneralTypeIssues]
            found[key, column if kind == "cell" else f"{kind} {column}"] = one
    return found


def _telling_changes(protection: Protection) -> Mapping[Cell, float]:
    """Changes since the day before by which few firms moved: the change of the largest firm."""
    return {
        (key, column): parts.largest
        for key, by_column in protection.guarded.behind.changes.items()
        if key in protection.rows
        for column, parts in by_column.items()
        if column in protection.mart.columns and tells(parts)
    }


def _day_before(protection: Protection, key: Key) -> Key:
    at = keys_of(protection.mart).index(protection.mart.partition_by)
    day: date = key[at]
    return (*key[:at], day - timedelta(1), *key[at + 1 :])


def _is_hidden(protection: Protection, name: object) -> bool:
    match name:
        case ("cell", tuple(key), str(column)):
            return protection.is_hidden(key, column)
        case _:
            return False
