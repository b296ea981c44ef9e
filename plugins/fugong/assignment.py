"""The best one-to-one assignment of rows to columns."""

from __future__ import annotations

from collections.abc import Sequence


def assign(gains: Sequence[Sequence[float]]) -> list[int | None]:
    """For each row the column it gets, so that the gains add up to the most; None where no gain is above 0.

    The Hungarian method with potentials, row by row, in O(rows² × columns).

    >>> assign([[0.9, 0.8], [0.9, 0.1]])
    [1, 0]
    """
    n_rows = len(gains)
    n_columns = max((len(row) for row in gains), default=0) + n_rows  # so that every row may stay without one
    cost = [[-row[column] if column < len(row) and row[column] > 0 else 0.0 for column in range(n_columns)] for row in gains]
    row_potential, column_potential = [0.0] * (n_rows + 1), [0.0] * (n_columns + 1)
    row_of = [0] * (n_columns + 1)
    for row in range(1, n_rows + 1):
        row_of[0], column = row, 0
        least = [float("inf")] * (n_columns + 1)
        came_from = [0] * (n_columns + 1)
        seen = [False] * (n_columns + 1)
        while row_of[column]:
            seen[column] = True
            here, delta, following = row_of[column], float("inf"), 0
            for other in range(1, n_columns + 1):
                if not seen[other]:
                    reduced = cost[here - 1][other - 1] - row_potential[here] - column_potential[other]
                    if reduced < least[other]:
                        least[other], came_from[other] = reduced, column
                    if least[other] < delta:
                        delta, following = least[other], other
            for other in range(n_columns + 1):
                if seen[other]:
                    row_potential[row_of[other]] += delta
                    column_potential[other] -= delta
                else:
                    least[other] -= delta
            column = following
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    found: list[int | None] = [None] * n_rows
    for column in range(1, n_columns + 1):
        row = row_of[column]
        if row and cost[row - 1][column - 1] < 0:
            found[row - 1] = column - 1
    return found
