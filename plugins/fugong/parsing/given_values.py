"""Fills a column with the value that the name of its sheet gives, and compares that value with the cells that are filled."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.parsing.typed import Repaired, Typed


def type_with(value: str, cells: pa.Array, type_cells: Callable[[pa.Array], Typed]) -> Typed:
    """Type the cells of a column, the empty ones as if they held a value.

    Args:
        value: the value as a clerk would type it.
        type_cells: types text cells.

    Returns:
        The typed cells, with findings about those that were filled and those that say something else.
    """
    typed = type_cells(pc.fill_null(cells, value))
    empty = np.asarray(cells.is_null())
    other = pc.fill_null(pc.not_equal(typed.values, type_cells(pa.array([value], pa.string())).values[0]), False)
    for code, found in (("from-sheet-name", empty), ("sheet-name-differs", np.asarray(other))):
        positions = np.flatnonzero(found)
        if len(positions):
            typed.repaired.append(Repaired(code, positions, (value,) * len(positions)))
    return typed
