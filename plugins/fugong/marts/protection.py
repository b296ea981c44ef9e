"""What is decided about the rows that analysts see, and the rows as they see them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fugong.disclosure import rounding
from fugong.disclosure.suppress import Choice
from fugong.disclosure.system import Secret, System
from fugong.marts.firms_behind import Key
from fugong.marts.model import Mart
from fugong.marts.open_cells import Cell, Row, Series, series_of, value_columns
from fugong.marts.reader import Guarded
from fugong.marts.relations import Rate


@dataclass(frozen=True)
class Protection:
    """What is decided about the rows of some days that are protected together.

    Attributes:
        rows: by key, those of totals included.
        series: series that are hidden so that no relation leads to a hidden amount, or because no rounding hides its changes.
        systems: what a reader knows of each day.
        choice: what was hidden at what loss; None where there was nothing to choose.
        told: per day the secrets that publications give away, whatever is hidden here. The systems are without them.
    """

    mart: Mart
    rows: Mapping[Key, Row]
    guarded: Guarded
    series: frozenset[Series]
    systems: Mapping[date, System]
    choice: Choice | None
    told: Mapping[date, tuple[Secret, ...]] = field(default_factory=dict[date, tuple[Secret, ...]])

    def is_hidden(self, key: Key, column: str) -> bool:
        """Whether analysts do not see the value."""
        return (key, column) in self.guarded.primary or series_of(self.mart, key, column) in self.series

    def shown(self, key: Key, column: str) -> Any:
        """The value as analysts see it; None where it is hidden or was never there."""
        if rate := self.mart.rates.get(column):
            # What the mart leaves empty, because nobody reported, does not follow from older values here. Rows of totals have no rate.
            return self._rate(key, column, rate) if self.rows[key].get(column, 0) is not None else None
        value = self.rows[key].get(column)
        if value is None or self.is_hidden(key, column):
            return None
        base = self.guarded.base.get(series_of(self.mart, key, column), 0.0)
        return rounding.nearest_decimal(float(value), base) if base else value

    def _rate(self, key: Key, column: str, rate: Rate) -> Decimal | None:
        above, below = ([self.shown(key, name) for name in names] for names in (rate.above, rate.below))
        factor = 1
        if rate.times:
            factor = self.shown(key, rate.times) if self.rows[key].get(column) is not None else None
        if factor is None or None in above or None in below:
            return None
        total = Decimal(sum(below) or rate.number)
        if not total:
            return None
        found = Decimal(sum(above)) * factor / total
        return min(found, Decimal(1)) if rate.is_capped else found

    def cells(self) -> list[Cell]:
        """The cells with a value, shown or hidden; rates apart."""
        columns = value_columns(self.mart)
        return [(key, column) for key, row in self.rows.items() for column in columns if row.get(column) is not None]

    def hidden_cells(self, system: System) -> NDArray[np.bool_]:
        """Which cells of a day's system are hidden."""
        return np.fromiter((self._is_hidden_cell(name) for name in system.names), dtype=bool, count=len(system.names))

    def _is_hidden_cell(self, name: Hashable) -> bool:
        match name:
            case ("cell", tuple(key), str(column)):
                return self.is_hidden(key, column)
            case _:
                return False
