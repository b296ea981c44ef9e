"""Localises the errors of a block of typed rows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from fugong.validation.localisation.constraints import Constraints, rows_of
from fugong.validation.localisation.explanation import TIE, Explanation, Localised
from fugong.validation.localisation.search import Search
from fugong.validation.localisation.trust import trust_of

SECONDS_A_FILE = 60.0
"""Time that one file may take; beyond it rows are told rule by rule."""


@dataclass
class Budget:
    """Time that the rows of one file may take. Rows beyond it are told rule by rule."""

    seconds: float = SECONDS_A_FILE


@dataclass(frozen=True)
class LocalisedRow:
    """A row of a block that breaks rules over several cells.

    Attributes:
        at: its position in the block.
        values: column → its value, as rules see it.
    """

    at: int
    localised: Localised
    values: Mapping[str, float | str | None]


def localise(frame: Any, constraints: Constraints, report_date: date, budget: Budget) -> Iterator[LocalisedRow]:
    """Find the wrong cells of every row that breaks a rule over several cells.

    Args:
        frame: typed rows of a block as suites validate them, good and bad.
        budget: is reduced by the time taken; rows are left out once it is used up.
    """
    rows = rows_of(frame, constraints.kinds)
    search = Search(constraints, trust_of(rows, constraints.table, constraints.kinds), report_date)
    fails = {one.number: np.flatnonzero(~one.holds(rows)) for one in search.binding}
    broken: dict[int, list[int]] = {}
    for number, at in fails.items():
        for row in at.tolist():
            broken.setdefault(row, []).append(number)
    for row in sorted(broken):
        if all(len(constraints.by_number[number].columns) == 1 for number in broken[row]):
            continue
        start = time.monotonic()
        if budget.seconds <= 0:
            return
        here = {name: values[row : row + 1] for name, values in rows.items()}
        found = _least(search.one_cell(here, broken[row]) or search.two_cells(here, broken[row]))
        mended = search.mended(here, found[0]) if len(found) == 1 else ()
        budget.seconds -= time.monotonic() - start
        values = {name: value.tolist()[0] for name, value in here.items()}
        yield LocalisedRow(row, Localised(tuple(broken[row]), tuple(found), mended), values)


def _least(found: Sequence[Explanation]) -> list[Explanation]:
    """The cheapest explanations: one, or those that tie with it."""
    if not found:
        return []
    ordered = sorted(found, key=lambda one: one.cost)
    return [one for one in ordered if one.cost < ordered[0].cost + TIE]
