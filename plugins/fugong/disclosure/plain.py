"""Finds secrets that are plainly safe, so that no linear program need be solved for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse

from fugong.disclosure.system import Numbers, Secret, System


def doubtful(system: System, reaches: Numbers) -> list[Secret]:
    """The secrets that are not plainly safe.

    A secret is plainly safe where it can move by its margin both ways while other cells of the same sums move against it. A relation with a
    cell of its own (what an inequality leaves, say) follows every move that this cell has room for.

    Args:
        reaches: how far each cell can move below and above its true value: two rows.
    """
    by_cell = sparse.csc_array(system.relations)
    by_relation = sparse.csr_array(system.relations)
    alone = _alone(by_cell, reaches)
    return [secret for secret in system.secrets if not _is_plainly_safe(secret, by_cell, by_relation, alone, reaches)]


def _alone(by_cell: sparse.csc_array, reaches: Numbers) -> dict[int, list[tuple[float, int]]]:
    """Per relation the cells that stand in it alone, and how far each lets the relation move both ways; the farthest first."""
    found: dict[int, list[tuple[float, int]]] = {}
    for cell in np.flatnonzero(np.diff(by_cell.indptr) == 1):
        entry = by_cell.indptr[cell]
        room = float(reaches[:, cell].min()) * abs(float(by_cell.data[entry]))
        found.setdefault(int(by_cell.indices[entry]), []).append((room, int(cell)))
    return {relation: sorted(cells, reverse=True)[:2] for relation, cells in found.items()}


def _is_plainly_safe(
    secret: Secret,
    by_cell: sparse.csc_array,
    by_relation: sparse.csr_array,
    alone: Mapping[int, Sequence[tuple[float, int]]],
    reaches: Numbers,
) -> bool:
    margin = max(secret.margins)
    if float(reaches[:, secret.cell].min()) < margin:
        return False
    tight = _tight(secret.cell, margin, by_cell, alone)
    if not tight:
        return True
    relation = min(tight, key=lambda each: by_relation.indptr[each + 1] - by_relation.indptr[each])
    others = by_relation.indices[by_relation.indptr[relation] : by_relation.indptr[relation + 1]]
    moving = [int(cell) for cell in others if cell != secret.cell and _tight(int(cell), margin, by_cell, alone) == tight]
    return bool(np.all(reaches[:, moving].sum(axis=1) >= margin))


def _tight(
    cell: int, margin: float, by_cell: sparse.csc_array, alone: Mapping[int, Sequence[tuple[float, int]]]
) -> dict[int, float]:
    """The relations of a cell that do not follow its move, with its factors in them."""
    found: dict[int, float] = {}
    for entry in range(by_cell.indptr[cell], by_cell.indptr[cell + 1]):
        relation, factor = int(by_cell.indices[entry]), float(by_cell.data[entry])
        room = max((room for room, other in alone.get(relation, ()) if other != cell), default=0.0)
        if room < margin * abs(factor):
            found[relation] = factor
    return found
