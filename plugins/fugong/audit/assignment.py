"""The best one-to-one assignment of rows to columns."""

from __future__ import annotations

from collections.abc import Sequence


def assign(gains: Sequence[Sequence[float]]) -> list[int | None]:
    """For each row the column it gets, so that the gains add up to the most; None where no gain is above 0.

    >>> assign([[0.9, 0.8], [0.9, 0.1]])
    [1, 0]
    """
    if not gains or not gains[0]:
        return [None] * len(gains)
    from scipy.optimize import linear_sum_assignment  # late: other commands need none of it

    rows, columns = linear_sum_assignment([[max(gain, 0.0) for gain in row] for row in gains], maximize=True)
    got = dict(zip(map(int, rows), map(int, columns), strict=True))
    return [got[row] if row in got and gains[row][got[row]] > 0 else None for row in range(len(gains))]
