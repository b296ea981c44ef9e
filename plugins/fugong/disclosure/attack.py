"""Attacks a system: derives the least and the greatest value of every secret, as a reader with a computer would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse import csgraph

from fugong.disclosure import plain
from fugong.disclosure.system import Numbers, Secret, System

COLUMNS_AT_ONCE = 20_000
"""Programs that have nothing to do with each other are solved together; so many unknowns at once."""
TOLERANCE = 1e-9
"""A price below this is none."""
DUST = 1e-8
"""Room below this share of the largest one comes from floating-point numbers; the solver would find no point within it."""


@dataclass(frozen=True)
class Derived:
    """What a reader derives for a secret.

    Attributes:
        reach: how far the interval reaches below and above the true value; both at least 0.
        weights: two rows (below, above) with one element per cell: the reach is at most the sum of the cells' own reaches times these.
    """

    secret: Secret
    reach: tuple[float, float]
    weights: Numbers

    @property
    def is_safe(self) -> bool:
        """Whether the interval reaches as far as it should."""
        return all(reach >= margin * (1 - 1e-3) for reach, margin in zip(self.reach, self.secret.margins, strict=True))


def attack(system: System, hidden: NDArray[np.bool_]) -> list[Derived]:
    """Derive an interval for every secret of a system some of whose cells are hidden."""
    return _attack(system, hidden, system.secrets)


def find_unsafe(system: System, hidden: NDArray[np.bool_]) -> list[Derived]:
    """Derive an interval for every secret that is not plainly safe, and return those that a reader derives too closely.

    A secret is plainly safe where other cells of the same sums can move against it by its margin.
    """
    doubtful = plain.doubtful(system, np.abs(system.bounds(hidden) - system.truth))
    return [one for one in _attack(system, hidden, doubtful) if not one.is_safe]


def _attack(system: System, hidden: NDArray[np.bool_], wanted: Sequence[Secret]) -> list[Derived]:
    reaches = np.abs(system.bounds(hidden) - system.truth)
    is_free = reaches.max(axis=0) > 0
    free = np.flatnonzero(is_free)
    place = np.full(len(system.truth), -1)
    place[free] = np.arange(len(free))
    relations = sparse.csc_array(system.relations)[:, free]
    touched = sparse.csr_array(relations)
    labels = (
        csgraph.connected_components(abs(touched.T) @ abs(touched), directed=False)[1] if len(free) else np.array([], dtype=int)
    )
    members: dict[int, list[Secret]] = {}
    derived: list[Derived] = []
    nothing = np.zeros((2, system.n_relations))
    for secret in wanted:
        if is_free[secret.cell]:
            members.setdefault(int(labels[place[secret.cell]]), []).append(secret)
        else:
            derived.append(_derived(system, secret, reaches, nothing))
    groups: list[_Group] = []
    for label, secrets in members.items():
        inside = labels == label
        rows = np.flatnonzero(np.diff(sparse.csr_array(relations[:, inside]).indptr))
        if len(rows):
            groups.append(_Group(free[inside], rows, secrets, sparse.csr_array(system.relations[rows][:, free[inside]])))
        else:
            derived += (_derived(system, secret, reaches, nothing) for secret in secrets)
    for batch in _batches(groups):
        derived += _solve(system, reaches, batch)
    return derived


@dataclass(frozen=True)
class _Group:
    """Cells that relations join, and secrets among them: two programs per secret, the least and the greatest value."""

    cells: NDArray[np.intp]
    rows: NDArray[np.intp]
    secrets: Sequence[Secret]
    matrix: sparse.csr_array[Any, Any]

    @property
    def n_programs(self) -> int:
        return 2 * len(self.secrets)


def _batches(groups: Iterable[_Group]) -> Iterator[list[_Group]]:
    """The groups in portions that one call of the solver takes, large groups in several."""
    batch: list[_Group] = []
    size = 0
    for group in groups:
        at_once = max(1, COLUMNS_AT_ONCE // (2 * len(group.cells)))
        for start in range(0, len(group.secrets), at_once):
            part = replace(group, secrets=group.secrets[start : start + at_once])
            batch.append(part)
            size += part.n_programs * len(part.cells)
            if size >= COLUMNS_AT_ONCE:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _solve(system: System, reaches: Numbers, batch: Sequence[_Group]) -> Iterator[Derived]:
    """Solve the programs of several secrets as one: deviations from the truth that keep the relations."""
    costs: list[Numbers] = []
    bounds: list[Numbers] = []
    blocks: list[sparse.csr_array[Any, Any]] = []
    for group in batch:
        cost = np.zeros((group.n_programs, len(group.cells)))
        for number, secret in enumerate(group.secrets):
            at = int(np.searchsorted(group.cells, secret.cell))
            cost[2 * number, at], cost[2 * number + 1, at] = 1.0, -1.0
        room = reaches[:, group.cells] / reaches[:, group.cells].max()
        room[room < DUST] = 0.0
        costs.append(cost.ravel())
        bounds.append(np.tile(np.column_stack([-room[0], room[1]]), (group.n_programs, 1)))
        blocks += [group.matrix] * group.n_programs
    matrix = sparse.block_diag(blocks, format="csr")
    found = linprog(
        np.concatenate(costs),
        A_eq=matrix,
        b_eq=np.zeros(sum(group.n_programs * len(group.rows) for group in batch)),
        bounds=np.vstack(bounds),
        method="highs",
        # These programs are small; looking for a smaller equivalent takes longer than solving them.
        options={"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9, "presolve": False},
    )
    if found.status != 0:  # the truth is always a solution, and every cell is bounded
        raise ArithmeticError(f"an attack could not be computed: {found.message}")
    prices = found.eqlin.marginals
    start = 0
    for group in batch:
        n_rows = len(group.rows)
        for secret in group.secrets:
            both = np.zeros((2, system.n_relations))
            both[:, group.rows] = prices[start : start + 2 * n_rows].reshape(2, n_rows)
            start += 2 * n_rows
            yield _derived(system, secret, reaches, both)


def _derived(system: System, secret: Secret, reaches: Numbers, prices: Numbers) -> Derived:
    """Bound both reaches by duality: prices of relations, whatever they are, give a bound; those of the solution give the reach itself."""
    rest = -(system.relations.T @ prices.T).T
    rest[0, secret.cell] += 1.0
    rest[1, secret.cell] -= 1.0
    rest[np.abs(rest) < TOLERANCE] = 0.0
    # A deviation costs where it goes down at a positive price, or up at a negative one.
    reach = np.maximum(rest, 0) @ reaches[0] + np.maximum(-rest, 0) @ reaches[1]
    return Derived(secret, (float(reach[0]), float(reach[1])), rest)
