"""What a reader of a table knows: cells between bounds, and sums that hold between them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Numbers = NDArray[np.float64]
ROUNDING = 1e-9
"""What sums of floating-point numbers are wrong by, as a share of their terms."""
UNKNOWN = 10.0
"""A reader who knows nothing of a hidden value assumes at most so many times the greatest value around it."""


@dataclass(frozen=True)
class Secret:
    """A value that readers may not derive closely.

    Attributes:
        cell: the position of its cell.
        margin: a reader's interval has to reach so far to both sides of the true value.
        margin_above: so far above it, where that is not the same.
    """

    cell: int
    margin: float
    margin_above: float | None = None

    @property
    def margins(self) -> tuple[float, float]:
        """How far the interval has to reach below and above."""
        return self.margin, self.margin if self.margin_above is None else self.margin_above


@dataclass(frozen=True)
class System:
    """Cells and the relations between them. Arrays have one element per cell.

    Attributes:
        names: of the cells.
        truth: true values.
        shown: two rows, the least and the greatest value that fit what is shown where the cell is shown; both enclose the truth.
        assumed: the same where the cell is hidden.
        relations: one row per relation, one column per cell. Each row times the true values is zero.
        secrets: what has to be protected.
    """

    names: tuple[Hashable, ...]
    truth: Numbers
    shown: Numbers
    assumed: Numbers
    relations: sparse.csr_array[Any, Any]
    secrets: tuple[Secret, ...]

    @property
    def n_relations(self) -> int:
        """How many relations there are."""
        return len(self.relations.indptr) - 1

    def bounds(self, hidden: NDArray[np.bool_]) -> Numbers:
        """What a reader knows of each cell alone: two rows, least and greatest value."""
        return np.where(hidden, self.assumed, self.shown)

    def with_hidden(self, hidden: NDArray[np.bool_]) -> System:
        """The same system, some cells of which are hidden whatever is decided."""
        return replace(self, shown=np.where(hidden, self.assumed, self.shown))


class Builder:
    """Collects cells, relations and secrets of a system."""

    def __init__(self) -> None:
        """Begin without cells."""
        self._positions: dict[Hashable, int] = {}
        self._truth: list[float] = []
        self._shown: list[tuple[float, float]] = []
        self._is_slack: list[bool] = []
        self._relations: list[dict[int, float]] = []
        self._secrets: dict[int, float] = {}

    def __contains__(self, name: Hashable) -> bool:
        """Whether the system has a cell of that name."""
        return name in self._positions

    def truth(self, name: Hashable) -> float:
        """The true value of a cell."""
        return self._truth[self._positions[name]]

    def add(self, name: Hashable, truth: float, *, rounded_to: float = 0.0) -> None:
        """Add a cell that is shown, rounded to multiples of a base, or hidden."""
        nearest = round(truth / rounded_to) * rounded_to if rounded_to else truth
        low, high = min(nearest - rounded_to / 2, truth), max(nearest + rounded_to / 2, truth)
        self._append(name, truth, (max(low, 0.0) if truth >= 0 else low, high))

    def add_between(self, name: Hashable, truth: float, between: tuple[float, float]) -> None:
        """Add a cell that is known to lie between two values, or hidden."""
        self._append(name, truth, (min(between[0], truth), max(between[1], truth)))

    def add_hidden(self, name: Hashable, truth: float) -> None:
        """Add a cell that is nowhere shown."""
        self._append(name, truth, None)

    def relate(self, terms: Mapping[Any, float], *, between: tuple[float, float] = (0.0, 0.0)) -> None:
        """Add a relation: the sum of factors times cells lies between two values.

        What the true values do not keep is no relation: the two values are moved apart until they keep it.
        """
        row = {self._positions[name]: factor for name, factor in terms.items()}
        sizes = [factor * self._truth[at] for at, factor in row.items()]
        value = sum(sizes)
        if abs(value) <= ROUNDING * sum(map(abs, sizes)):
            value = 0.0
        low, high = min(between[0], value), max(between[1], value)
        if high > low or value:
            slack = ("slack", len(self._relations))
            self._append(slack, value, (low, high))
            self._is_slack[-1] = True
            row[self._positions[slack]] = -1.0
        self._relations.append(row)

    def keep_secret(self, name: Hashable, margin: float) -> None:
        """Ask for a margin to both sides of a cell's value."""
        at = self._positions[name]
        self._secrets[at] = max(margin, self._secrets.get(at, 0.0))

    def build(self) -> System:
        """The system."""
        truth = np.array(self._truth, dtype=float)
        shown = np.array(self._shown, dtype=float).reshape(-1, 2).T
        n = len(truth)
        entries = [(row, at, factor) for row, terms in enumerate(self._relations) for at, factor in terms.items()]
        rows, columns, factors = zip(*entries, strict=True) if entries else ((), (), ())
        relations = sparse.csr_array((np.array(factors, dtype=float), (rows, columns)), shape=(len(self._relations), n))
        # Counts and amounts that no relation joins are of different size.
        _, label = (
            csgraph.connected_components(abs(relations.T) @ abs(relations), directed=False) if n else (0, np.zeros(0, dtype=int))
        )
        sizes = np.zeros(n)
        np.maximum.at(sizes, label, np.abs(truth))
        at_most = UNKNOWN * np.maximum(sizes[label], 1.0)
        unknown = np.vstack([np.where(truth < 0, -at_most, 0.0), at_most])
        shown = np.where(np.isinf(shown), unknown, shown)
        assumed = np.where(np.array(self._is_slack, dtype=bool), shown, unknown)
        return System(
            names=tuple(self._positions),
            truth=truth,
            shown=shown,
            assumed=assumed,
            relations=relations,
            secrets=tuple(Secret(at, margin) for at, margin in self._secrets.items()),
        )

    def _append(self, name: Hashable, truth: float, shown: tuple[float, float] | None) -> None:
        if name in self._positions:
            raise ValueError(f"two cells are named {name!r}")
        self._positions[name] = len(self._truth)
        self._truth.append(truth)
        self._shown.append(shown or (-np.inf, np.inf))
        self._is_slack.append(False)


def where_named(system: System, names: Iterable[Hashable]) -> NDArray[np.bool_]:
    """Which cells bear one of these names."""
    wanted = set(names)
    return np.fromiter((name in wanted for name in system.names), dtype=bool, count=len(system.names))
