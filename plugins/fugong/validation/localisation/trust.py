"""How much a cell is to be trusted, measured over the rows beside it: a tariff that most rows have is hardly ever the slip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fugong.contracts.contract import Table
from fugong.validation.localisation.amounts import Rows, Values
from fugong.validation.localisation.parse_condition import Kind

MIN_ROWS = 4
"""Rows that are needed to say what most rows have."""
COMMON = 0.5
"""Share of the rows that have one value."""
TRUSTED, PLAIN = 3.0, 1.0
MAX_DECIMALS = 6


@dataclass(frozen=True)
class Trust:
    """What the rows of a block say of their columns.

    Attributes:
        common: column of numbers or days → the value that at least half of the rows have; a code that many have says nothing of one row.
        decimals: column of numbers → the decimals that its values have.
    """

    common: Mapping[str, float]
    decimals: Mapping[str, int]

    def weights(self, column: str, values: Values) -> Values:
        """The weight of a change of each cell."""
        common = self.common.get(column)
        if common is None:
            return np.full(len(values), PLAIN)
        return np.where(values == common, TRUSTED, PLAIN)


def trust_of(rows: Rows, table: Table, kinds: Mapping[str, Kind]) -> Trust:
    """Measure the columns of a block.

    Args:
        rows: all typed rows of the block, good and bad.
    """
    common: dict[str, float] = {}
    decimals: dict[str, int] = {}
    for name, values in rows.items():
        column = table.by_name.get(name)
        if column is None:
            continue
        there = values[[one is not None for one in values]] if values.dtype == object else values[~np.isnan(values)]
        if len(there) >= MIN_ROWS and kinds[name] in (Kind.NUMBER, Kind.DAY):
            different, counts = np.unique(there, return_counts=True)
            most = int(np.argmax(counts))
            if counts[most] >= COMMON * len(there) and different[most]:
                common[name] = float(different[most])
        if kinds[name] is Kind.NUMBER:
            decimals[name] = 0 if column.logical_type == "integer" else _decimals(there, column.scale)
    return Trust(common, decimals)


def _decimals(values: Values, scale: int | None) -> int:
    """The decimals that nine of ten values have at most."""
    most = MAX_DECIMALS if scale is None else scale
    for decimals in range(most):
        if len(values) and np.mean(np.abs(values - np.round(values, decimals)) < 1e-9 * np.maximum(1, np.abs(values))) >= 0.9:
            return decimals
    return most
