"""Evidence from outside a row: what a total line leaves for a cell, and what the same row said the day before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from fugong.core.bilingual import Bilingual
from fugong.parsing.control_totals import ColumnTotal
from fugong.validation.localisation.amounts import Amount, Cell, Constant, Rows, Sum, Values

Key: TypeAlias = tuple[str, ...]
"""The texts of a row's key columns."""
RowsBefore: TypeAlias = Callable[[Sequence[Key]], Mapping[Key, Mapping[str, float]]]
"""Keys → key → column → number or day (since 1970), as the newest report before this day has it."""
NEAR_BEFORE = 0.3
"""How far a number may be from the day before, as a share of it, and still be like it."""


def nothing_before(keys: Sequence[Key]) -> Mapping[Key, Mapping[str, float]]:  # noqa: ARG001
    """A `RowsBefore` that knows of no report before."""
    return {}


@dataclass(frozen=True)
class Evidence:
    """A value that a cell should have for a reason outside its row. It never binds: the other report may be the wrong one.

    Attributes:
        source: for the sender; follows 按.
        is_exact: the value agrees to the last digit or not at all: what a total leaves.
    """

    column: str
    value: float
    source: Bilingual
    is_exact: bool

    @cached_property
    def identity(self) -> Amount:
        """What is zero where the cell has the value."""
        return Sum(Cell(self.column), Constant(self.value), -1.0)

    def is_like(self, value: float) -> bool:
        """Whether a value is near the one of the day before."""
        return not self.is_exact and self.value != 0 and abs(value - self.value) <= NEAR_BEFORE * abs(self.value)


def evidence_of(line: int, here: Rows, totals: Iterable[ColumnTotal], before: Mapping[str, float]) -> tuple[Evidence, ...]:
    """What is known of the cells of a row.

    Args:
        line: its row number in the sheet.
        here: the row, each column an array of one value.
        totals: of the table.
        before: column → its value the day before.
    """
    of_totals = [
        Evidence(total.column.name, _one(here[total.column.name]) + float(total.lacking), source_of(total), is_exact=True)
        for total in totals
        if total.first <= line <= total.last and total.column.name in here and not _is_missing(here[total.column.name])
    ]
    of_before = [
        Evidence(name, value, Bilingual("上一期所报", "the report before"), is_exact=False) for name, value in before.items()
    ]
    return (*of_totals, *of_before)


def source_of(total: ColumnTotal) -> Bilingual:
    """A total line, as the sender finds it."""
    return Bilingual(f"第 {total.row_number} 行的合计", f"the total in line {total.row_number}")


def _one(values: Values) -> float:
    return float(values.tolist()[0])


def _is_missing(values: Values) -> bool:
    value = values.tolist()[0]
    return value is None or value != value
