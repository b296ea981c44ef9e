"""Localises the errors of a block of typed rows."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fugong.parsing.control_totals import ColumnTotal
from fugong.validation.localisation.constraints import Constraints, rows_of
from fugong.validation.localisation.evidence import evidence_of
from fugong.validation.localisation.explanation import TIE, Explanation, Localised
from fugong.validation.localisation.parse_condition import Kind
from fugong.validation.localisation.search import Search
from fugong.validation.localisation.trust import trust_of

SECONDS_A_FILE = 60.0
"""Time that one file may take; beyond it rows are told rule by rule."""


@dataclass
class Budget:
    """What the rows of one table may take. Rows beyond it are told rule by rule.

    Attributes:
        seconds: time.
        rows: how many are localised.
    """

    seconds: float = SECONDS_A_FILE
    rows: int = sys.maxsize


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


def _nothing_before(rows: Sequence[int]) -> Mapping[int, Mapping[str, float]]:  # noqa: ARG001
    return {}


def localise(
    frame: Any,
    failing: Mapping[int, Collection[int]],
    constraints: Constraints,
    report_date: date,
    budget: Budget,
    totals: Sequence[ColumnTotal] = (),
    before: Callable[[Sequence[int]], Mapping[int, Mapping[str, float]]] = _nothing_before,
) -> Iterator[LocalisedRow]:
    """Find the wrong cells of every row that breaks a rule over several cells.

    Args:
        frame: typed rows of a block as suites validate them, good and bad.
        failing: position of a row → the numbers of the rules that it breaks.
        budget: is reduced by what is taken; rows are left out once it is used up.
        totals: what the total lines of the table say, as far as known.
        before: positions of rows → position → column → its value the day before.
    """
    binding = _binding(failing, constraints)
    bad = rows_to_localise(failing, constraints)[: budget.rows]
    budget.rows -= len(bad)
    if not bad:
        return
    amounts = [name for name in frame.columns if constraints.kinds.get(name) in (Kind.NUMBER, Kind.DAY)]
    trust = trust_of(rows_of(frame[amounts], constraints.kinds), constraints.table, constraints.kinds)
    search = Search(constraints, trust, report_date)
    rows = rows_of(frame.iloc[bad], constraints.kinds)
    known = before(bad)
    lines = frame["row_number"].iloc[bad].tolist()
    for at, row in enumerate(bad):
        start = time.monotonic()
        if budget.seconds <= 0:
            return
        here = {name: values[at : at + 1] for name, values in rows.items()}
        informed = search.knowing(evidence_of(lines[at], here, totals, known.get(row, {})))
        likely = [*informed.one_cell(here, binding[row]), *informed.exchanges(here)]
        found = _least(likely or informed.two_cells(here, binding[row]))
        mended = informed.mended(here, found[0]) if len(found) == 1 else ()
        budget.seconds -= time.monotonic() - start
        values = {name: value.tolist()[0] for name, value in here.items()}
        yield LocalisedRow(row, Localised(tuple(binding[row]), tuple(found), mended), values)


def rows_to_localise(failing: Mapping[int, Collection[int]], constraints: Constraints) -> list[int]:
    """The positions of the rows that break a rule over several cells."""
    read = constraints.by_number
    binding = _binding(failing, constraints)
    return [row for row, numbers in sorted(binding.items()) if any(len(read[number].columns) > 1 for number in numbers)]


def _binding(failing: Mapping[int, Collection[int]], constraints: Constraints) -> dict[int, list[int]]:
    read = constraints.by_number
    return {row: [number for number in numbers if number in read and read[number].binds] for row, numbers in failing.items()}


def _least(found: Sequence[Explanation]) -> list[Explanation]:
    """The cheapest explanations: one, or those that tie with it."""
    if not found:
        return []
    ordered = sorted(found, key=lambda one: one.cost)
    return [one for one in ordered if one.cost < ordered[0].cost + TIE]
