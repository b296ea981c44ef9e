"""Chooses which further cells to hide, at least loss.

The method is that of Fischetti and Salazar: an integer program hides cells at least cost; an attack on its proposal yields, for every secret
that a reader derives too closely, an inequality that the proposal breaks; the program is solved again with it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from fugong.disclosure.attack import Derived, find_unsafe
from fugong.disclosure.system import Numbers, System

GAP = 0.05
"""A proposal may lose so much more than the best one, as a share: to prove that none is better takes most of the time (measured 2026-11-29)."""
NODES = 2_000
"""The search for the best proposal ends after so many nodes. A limit in seconds would hide other cells on a slower machine."""
SMALLEST_FACTOR = 1e-6
"""A cell that adds less than this share of what is missing does not count: the solver would have to mend its solutions."""
ROUNDS = 500
"""After so many proposals, what is still missing is hidden cell by cell."""


@dataclass(frozen=True)
class Choice:
    """Which cells to hide.

    Attributes:
        hidden: one element per decision.
        loss: the sum of the weights of what is hidden.
        least_loss: no choice that protects every secret loses less.
        n_open: secrets that could not be protected even with every cell hidden.
    """

    hidden: NDArray[np.bool_]
    loss: float
    least_loss: float
    n_open: int


@dataclass(frozen=True)
class _Cut:
    """A sum over decisions that has to reach a value."""

    factors: Numbers
    needed: float


def suppress(
    systems: Sequence[System], decisions: Sequence[NDArray[np.intp]], weights: Numbers, forced: NDArray[np.bool_]
) -> Choice:
    """Choose the decisions that protect every secret of every system at least loss.

    Args:
        systems: tables that the same decisions hide cells of, such as the days of a month.
        decisions: per system, the decision that hides each cell; -1 for none.
        weights: the loss per decision.
        forced: decisions that are taken already.
    """
    hidden = forced.copy()
    cuts: list[_Cut] = []
    lower = float(weights[forced].sum())
    at = 0
    for round_ in range(ROUNDS + len(weights)):
        found, at, n_open = _first_cuts(systems, decisions, hidden, len(weights), at)
        if not found:
            return Choice(hidden, float(weights[hidden].sum()), min(lower, float(weights[hidden].sum())), n_open)
        cuts += found
        if round_ < ROUNDS:
            hidden, bound = _propose(cuts, weights, forced)
            lower = max(lower, bound)
        else:
            hidden = _add(found, weights, hidden)
    raise ArithmeticError("every round hides another cell, and the cells have not run out")


def _first_cuts(
    systems: Sequence[System], decisions: Sequence[NDArray[np.intp]], hidden: NDArray[np.bool_], n: int, start: int
) -> tuple[list[_Cut], int, int]:
    """The inequalities of the first system that breaks a proposal, its number, and how many secrets no choice protects.

    The days of a month resemble each other: what one of them asks for mends most of the others, so they are attacked one by one.

    Args:
        start: the system to begin with.
    """
    n_open = 0
    for at in (*range(start, len(systems)), *range(start)):
        found, n_missing = _cuts(systems[at], decisions[at], hidden, n)
        if found:
            return found, at, 0
        n_open += n_missing
    return [], start, n_open


def _cuts(system: System, decision: NDArray[np.intp], hidden: NDArray[np.bool_], n: int) -> tuple[list[_Cut], int]:
    """The inequalities of a system that a proposal breaks, and how many secrets no choice protects."""
    found: list[_Cut] = []
    n_open = 0
    is_hidden = (decision >= 0) & hidden[decision]
    for one in find_unsafe(system, is_hidden):
        broken = [side for side in (0, 1) if one.reach[side] < one.secret.margins[side] * (1 - 1e-3)]
        cuts = [cut for side in broken if (cut := _cut(system, decision, one, side, hidden, n))]
        found += cuts
        n_open += len(cuts) < len(broken)
    return found, n_open


def _cut(system: System, decision: NDArray[np.intp], one: Derived, side: int, hidden: NDArray[np.bool_], n: int) -> _Cut | None:
    """What hidden cells add to the reach of a secret; None where nothing more can be hidden that would add to it."""
    prices = one.weights[side]
    down, up = np.maximum(prices, 0), np.maximum(-prices, 0)
    shown = down * np.abs(system.shown[0] - system.truth) + up * np.abs(system.shown[1] - system.truth)
    assumed = down * np.abs(system.assumed[0] - system.truth) + up * np.abs(system.assumed[1] - system.truth)
    missing = one.secret.margins[side] - float(shown.sum())
    factors = np.zeros(n)
    can = decision >= 0
    np.add.at(factors, decision[can], (assumed - shown)[can])
    if missing <= 0 or not np.any(factors[~hidden] > missing * 1e-9):
        return None
    capped = np.minimum(factors / missing, 1.0)
    capped[capped < SMALLEST_FACTOR] = 0.0
    return _Cut(capped, min(1.0, float(capped.sum())))


def _propose(cuts: Sequence[_Cut], weights: Numbers, forced: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], float]:
    """The cheapest decisions that keep all inequalities, and a bound that no such decisions undercut."""
    matrix = sparse.csr_array(np.vstack([cut.factors for cut in cuts]))
    needed = np.array([cut.needed * (1 - 1e-9) for cut in cuts])
    with _without_output():
        found = milp(
            weights,
            integrality=np.ones(len(weights)),
            bounds=Bounds(forced.astype(float), np.ones(len(weights))),  # pyright: ignore[reportArgumentType]
            constraints=LinearConstraint(matrix, lb=needed),  # pyright: ignore[reportArgumentType]
            options={"node_limit": NODES, "mip_rel_gap": GAP},
        )
    if found.x is None:
        return _add(cuts, weights, forced), float(weights[forced].sum())
    return found.x > 0.5, float(found.mip_dual_bound)


@contextmanager
def _without_output() -> Iterator[None]:
    """Keep what HiGHS prints by itself out of our output: version 1.12 writes a line of debugging, whatever its options say."""
    sys.stdout.flush()
    output, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(output, 1)
        os.close(output)
        os.close(nowhere)


def _add(cuts: Sequence[_Cut], weights: Numbers, hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Hide one more cell after the other, the one that gives most for its weight, until every inequality is kept."""
    hidden = hidden.copy()
    for cut in cuts:
        while float(cut.factors[hidden].sum()) < cut.needed * (1 - 1e-9):
            worth = np.where(hidden, -1.0, cut.factors / weights)
            hidden[int(np.argmax(worth))] = True
    return hidden
