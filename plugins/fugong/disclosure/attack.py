"""Attacks a system: derives the least and the greatest value of every secret, as a reader with a computer would."""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from cachetools import LRUCache, cached
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse import csgraph

from fugong.disclosure.system import Numbers, Secret, System

COLUMNS_AT_ONCE = 20_000
"""Programs that have nothing to do with each other are solved together; so many unknowns at once, or one program."""
REMEMBERED = 16_000_000
"""What was found of groups of cells is remembered in at most so many numbers: most days of a month, and most proposals, leave most groups as they are."""
TOLERANCE = 1e-9
"""A price below this is none."""
SURELY = 1e-7
"""A point shows that a secret is safe where it moves it so much farther than needed: the solver's points are not exact."""
DUST = 1e-12
"""Room below this share of the largest one comes from floating-point numbers; the solver would find no point within it."""
AT_FIRST = 4
"""So many secrets of a group are asked for at first; the points that are found decide most of the others."""


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
    reaches = np.abs(system.bounds(hidden) - system.truth)
    alone, groups = _groups(system, reaches, system.secrets)
    _solve((group, place) for group in groups for place in group.secrets if place not in group.known.prices)
    related = (_derived_in(group, place, system, reaches) for group in groups for place in group.secrets)
    return [*(_derived(system, secret, reaches) for secret in alone), *related]


def find_unsafe(system: System, hidden: NDArray[np.bool_]) -> list[Derived]:
    """Derive the secrets that a reader derives too closely.

    Points that are found for one secret show of most others that they are safe.
    """
    reaches = np.abs(system.bounds(hidden) - system.truth)
    alone, groups = _groups(system, reaches, system.secrets)
    at_once = AT_FIRST
    while undecided := [(group, places) for group in groups if (places := group.undecided())]:
        _solve((group, place) for group, places in undecided for place in places[:at_once])
        at_once *= 2
    found = [_derived(system, secret, reaches) for secret in alone]
    for group in groups:
        for place in group.not_shown_safe():
            # Several prices lead to the same bound, and what is hidden follows from them: those are taken that the group alone leads to.
            if place not in group.known.settled and not _derived_in(group, place, system, reaches).is_safe:
                _solve([(group, place)])
                group.known.settled.add(place)
            found.append(_derived_in(group, place, system, reaches))
    return [one for one in found if not one.is_safe]


@dataclass
class _Known:
    """What was found of a group of cells. A place is that of a cell in the group, lengths are in the group's unit.

    Attributes:
        moves: how far each cell moves below and above its true value in points that keep the relations: two rows.
        prices: by place, those of the relations for the least and the greatest value of the cell: two rows.
        settled: places whose prices were sought without other programs beside them.
        n_numbers: how many numbers there are where every cell has prices.
    """

    moves: Numbers
    n_numbers: int
    prices: dict[int, Numbers] = field(default_factory=dict[int, Numbers])
    settled: set[int] = field(default_factory=set[int])


def _n_numbers(known: _Known) -> int:
    return known.n_numbers


@cached(LRUCache[Any, _Known](REMEMBERED, _n_numbers), lock=threading.Lock())
def _known(digest: bytes, n_cells: int, n_rows: int) -> _Known:
    """What is remembered of the group whose relations and room have this digest."""
    del digest
    return _Known(np.zeros((2, n_cells)), 2 * n_cells * (1 + n_rows))


@dataclass(frozen=True)
class _Group:
    """Cells that relations join.

    Attributes:
        cells: their positions in the system.
        rows: the relations.
        matrix: the relations between these cells.
        room: how far each cell alone can move below and above its true value, in a unit that lies amid them: two rows.
        secrets: by their place among the cells.
        needed: how far each secret has to move to be safe, in the same unit: two rows.
    """

    cells: NDArray[np.intp]
    rows: NDArray[np.intp]
    matrix: sparse.csr_array[Any, Any]
    room: Numbers
    secrets: dict[int, Secret]
    needed: Numbers
    known: _Known

    def not_shown_safe(self) -> list[int]:
        """The secrets that no point moves as far as they should."""
        places = list(self.secrets)
        is_safe = np.all(self.known.moves[:, places] >= self.needed + SURELY, axis=0)
        return [place for place, safe in zip(places, is_safe, strict=True) if not safe]

    def undecided(self) -> list[int]:
        """The secrets of which it is not known whether they are safe."""
        return [place for place in self.not_shown_safe() if place not in self.known.prices]

    def learn(self, place: int, points: Numbers, prices: Numbers) -> None:
        """Remember the solutions for the least and the greatest value of a cell.

        What lies opposite to a point keeps the relations, too, as far as there is room for it.
        """
        known = self.known
        known.prices[place] = prices
        room = np.where(points > 0, self.room[0], self.room[1])
        moved = np.abs(points)
        # No farther than the point itself: what the solver is wrong by would grow.
        share = np.min(room / np.where(moved > 0, moved, 1.0), axis=1, initial=1.0, where=moved > 0, keepdims=True)
        points = np.vstack([points, -points * share])
        known.moves = np.maximum(known.moves, np.vstack([-points.min(axis=0), points.max(axis=0)]))


def _groups(system: System, reaches: Numbers, wanted: Iterable[Secret]) -> tuple[list[Secret], list[_Group]]:
    """The secrets that do not move or that no relation joins to anything, and the groups of cells that hold the others.

    Dust is taken out of the reaches.
    """
    is_free = reaches.max(axis=0) > 0
    relations = sparse.coo_array(system.relations)
    rows, columns = relations.coords
    moves = is_free[columns]
    n, n_rows = len(system.truth), system.n_relations
    joined = sparse.coo_array((np.ones(moves.sum()), (columns[moves], n + rows[moves])), shape=(n + n_rows, n + n_rows))
    labels = csgraph.connected_components(joined, directed=False)[1]
    members: dict[int, list[Secret]] = {}
    alone: list[Secret] = []
    is_joined = np.zeros(n, dtype=bool)
    is_joined[columns[moves]] = True
    for secret in wanted:
        if is_joined[secret.cell]:
            members.setdefault(int(labels[secret.cell]), []).append(secret)
        else:
            alone.append(secret)
    return alone, [_group(system, reaches, np.flatnonzero(labels == label), secrets) for label, secrets in members.items()]


def _group(system: System, reaches: Numbers, joined: NDArray[np.intp], secrets: Sequence[Secret]) -> _Group:
    n = len(system.truth)
    cells, rows = joined[joined < n], joined[joined >= n] - n
    matrix = sparse.csr_array(system.relations[rows][:, cells])
    room = reaches[:, cells]
    room[room < DUST * room.max()] = 0.0
    reaches[:, cells] = room  # what the program leaves out must not be added to what it found
    # Counts of one firm stand beside amounts of a billion: in shares of the largest room the solver would take theirs for none.
    unit = math.sqrt(room.max() * room[room > 0].min())
    room /= unit
    digest = hashlib.sha256()
    for numbers in (room, matrix.data, matrix.indices, matrix.indptr):
        digest.update(numbers.tobytes())
    places = {int(np.searchsorted(cells, secret.cell)): secret for secret in secrets}
    needed = np.array([secret.margins for secret in places.values()]).T / unit
    return _Group(cells, rows, matrix, room, places, needed, _known(digest.digest(), len(cells), len(rows)))


def _solve(programs: Iterable[tuple[_Group, int]]) -> None:
    """Derive the least and the greatest value of cells, many at once."""
    batch: list[tuple[_Group, int]] = []
    size = 0
    for group, place in programs:
        batch.append((group, place))
        size += 2 * len(group.cells)
        if size >= COLUMNS_AT_ONCE:
            _solve_at_once(batch)
            batch, size = [], 0
    if batch:
        _solve_at_once(batch)


def _solve_at_once(batch: Sequence[tuple[_Group, int]]) -> None:
    """Solve several programs as one: deviations from the truth that keep the relations."""
    costs: list[Numbers] = []
    bounds: list[Numbers] = []
    blocks: list[sparse.csr_array[Any, Any]] = []
    for group, place in batch:
        cost = np.zeros((2, len(group.cells)))
        cost[:, place] = 1.0, -1.0
        costs.append(cost.ravel())
        bounds.append(np.tile(np.column_stack([-group.room[0], group.room[1]]), (2, 1)))
        blocks += [group.matrix] * 2
    matrix = sparse.block_diag(blocks, format="csr")
    found = linprog(
        np.concatenate(costs),
        A_eq=matrix,
        b_eq=np.zeros(sum(2 * len(group.rows) for group, _ in batch)),
        bounds=np.vstack(bounds),
        method="highs",
        # These programs are small; looking for a smaller equivalent takes longer than solving them.
        options={"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9, "presolve": False},
    )
    if found.status != 0:  # the truth is always a solution, and every cell is bounded
        raise ArithmeticError(f"an attack could not be computed: {found.message}")
    column = row = 0
    for group, place in batch:
        n_columns, n_rows = 2 * len(group.cells), 2 * len(group.rows)
        points, prices = found.x[column : column + n_columns], found.eqlin.marginals[row : row + n_rows]
        group.learn(place, points.reshape(2, -1), prices.reshape(2, -1))
        column, row = column + n_columns, row + n_rows


def _derived_in(group: _Group, place: int, system: System, reaches: Numbers) -> Derived:
    prices = np.zeros((2, system.n_relations))
    prices[:, group.rows] = group.known.prices[place]
    return _derived(system, group.secrets[place], reaches, prices)


def _derived(system: System, secret: Secret, reaches: Numbers, prices: Numbers | None = None) -> Derived:
    """Bound both reaches by duality: prices of relations, whatever they are, give a bound; those of the solution give the reach itself."""
    rest = np.zeros((2, len(system.truth))) if prices is None else -(system.relations.T @ prices.T).T
    rest[0, secret.cell] += 1.0
    rest[1, secret.cell] -= 1.0
    rest[np.abs(rest) < TOLERANCE] = 0.0
    # A deviation costs where it goes down at a positive price, or up at a negative one.
    reach = np.maximum(rest, 0) @ reaches[0] + np.maximum(-rest, 0) @ reaches[1]
    return Derived(secret, (float(reach[0]), float(reach[1])), rest)
