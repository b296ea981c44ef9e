"""Values of one cell at which the outcome of a comparison can change, and values between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from fugong.validation.localisation.amounts import Line, Values


def zeros_of(lines: Sequence[Line]) -> Iterator[Values]:
    """Where the pieces are zero; NaN where a piece is level."""
    for line in lines:
        slope, offset = np.broadcast_arrays(np.asarray(line.slope, dtype=float), np.asarray(line.offset, dtype=float))
        if not np.any(slope):
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            zero = np.where(slope == 0, np.nan, -offset / slope)
        yield np.atleast_1d(zero)


def values_between(edges: Sequence[Values], n: int, *, is_whole: bool) -> list[Values]:
    """The edges, a value between each two, and one beyond either end."""
    if not edges:
        return []
    table = np.sort(np.array([np.broadcast_to(edge, n) for edge in edges]), axis=0)
    if np.isnan(table).all():
        return []
    low, high = np.nanmin(table, axis=0), np.nanmax(table, axis=0)
    between = (table[:-1] + table[1:]) / 2
    out = [*table, *between, low - 1 - np.abs(low), high + 1 + np.abs(high)]
    if is_whole:
        return [*(np.floor(one) for one in out), *(np.ceil(one) for one in out)]
    return out


def is_there(values: Values) -> Values:
    """Which cells are filled in."""
    if values.dtype == object:
        return np.array([one is not None for one in values], dtype=bool)
    return ~np.isnan(values)
