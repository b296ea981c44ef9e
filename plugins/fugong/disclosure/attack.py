"""Attacks a system: derives the least and the greatest value of every secret, as a reader with a computer would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
        return min(self.reach) >= self.secret.margin * (1 - 1e-3)


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
    labels = csgraph.connected_components(abs(touched.T) @ abs(touched), directed=False)[1] if len(free) else np.array([], dtype=int)
    groups: dict[int, list[Secret]] = {}
    derived: list[Derived] = []
    for secret in wanted:
        if is_free[secret.cell]:
            groups.setdefault(int(labels[place[secret.cell]]), []).append(secret)
        else:
            derived.append(_derived(system, secret, reaches, np.zeros((2, system.relations.shape[0]))))
    for label, secrets in groups.items():
        cells = free[labels == label]
        rows = np.flatnonzero(np.diff(sparse.csr_array(relations[:, labels == label]).indptr))
        per_batch = max(1, COLUMNS_AT_ONCE // (2 * len(cells)))
        for start in range(0, len(secrets), per_batch):
            derived += _solve(system, reaches, cells, rows, secrets[start : start + per_batch])
    return derived


def _solve(
    system: System, reaches: Numbers, cells: NDArray[np.intp], rows: NDArray[np.intp], secrets: Sequence[Secret]
) -> Iterator[Derived]:
    """Both programs of several secrets among the same cells, as one: deviations from the truth that keep the relations."""
    n_rows = system.relations.shape[0]
    if not len(rows):
        yield from (_derived(system, secret, reaches, np.zeros((2, n_rows))) for secret in secrets)
        return
    scale = float(reaches[:, cells].max())
    copies = 2 * len(secrets)
    cost = np.zeros((copies, len(cells)))
    for number, secret in enumerate(secrets):
        at = int(np.searchsorted(cells, secret.cell))
        cost[2 * number, at], cost[2 * number + 1, at] = 1.0, -1.0
    matrix = sparse.csr_array(system.relations[rows][:, cells])
    room = reaches[:, cells] / scale
    room[room < DUST] = 0.0
    bounds = np.column_stack([-room[0], room[1]])
    found = linprog(
        cost.ravel(),
        A_eq=sparse.kron(sparse.eye_array(copies), matrix, format="csr"),
        b_eq=np.zeros(copies * len(rows)),
        bounds=np.tile(bounds, (copies, 1)),
        method="highs",
        options={"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9},
    )
    if found.status != 0:  # the truth is always a solution, and every cell is bounded
        raise ArithmeticError(f"an attack could not be computed: {found.message}")
    prices = np.zeros((copies, n_rows))
    prices[:, rows] = found.eqlin.marginals.reshape(copies, len(rows))
    for number, secret in enumerate(secrets):
        yield _derived(system, secret, reaches, prices[2 * number : 2 * number + 2])


def _derived(system: System, secret: Secret, reaches: Numbers, prices: Numbers) -> Derived:
    """Bound both reaches by duality: prices of relations, whatever they are, give a bound; those of the solution give the reach itself."""
    rest = -(system.relations.T @ prices.T).T
    rest[0, secret.cell] += 1.0
    rest[1, secret.cell] -= 1.0
    rest[np.abs(rest) < TOLERANCE] = 0.0
    # A deviation costs where it goes down at a positive price, or up at a negative one.
    reach = np.maximum(rest, 0) @ reaches[0] + np.maximum(-rest, 0) @ reaches[1]
    return Derived(secret, (float(reach[0]), float(reach[1])), rest)
