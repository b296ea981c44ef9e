"""The numbers in conditions of rules, as trees that are evaluated over many rows at once and solved for one column.

A column is an array: numbers, days since 1970 and booleans as float64 with NaN where missing, texts as objects with None.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

import numpy as np
from typing_extensions import override

Values = np.ndarray[Any, np.dtype[Any]]
Rows = Mapping[str, Values]
"""Column → its values in many rows."""
EPOCH = date(1970, 1, 1)


class UnreadableCondition(ValueError):
    """A condition has a part that is evaluated by Great Expectations and not understood here."""


@dataclass(frozen=True)
class Line:
    """slope × x + offset, row by row."""

    slope: Values | float
    offset: Values | float


class Amount(ABC):
    """A number, row by row."""

    @abstractmethod
    def values(self, rows: Rows) -> Values:
        """The number in each row; NaN where it is missing."""

    @abstractmethod
    def lines(self, rows: Rows, column: str) -> list[Line]:
        """The straight pieces of this number as a function of one column, the other cells as they are. A piece may hold nowhere."""

    @property
    def parts(self) -> Sequence[Amount]:
        """The numbers that it is made of."""
        return ()

    def kinks(self) -> Iterator[Amount]:
        """The numbers inside `abs()`: an identity says that such a number is about zero."""
        for part in self.parts:
            yield from part.kinks()


@dataclass(frozen=True)
class Cell(Amount):
    """The number in a column."""

    column: str

    @override
    def values(self, rows: Rows) -> Values:
        return rows[self.column]

    @override
    def lines(self, rows: Rows, column: str) -> list[Line]:
        return [Line(1.0, 0.0) if self.column == column else Line(0.0, rows[self.column])]


@dataclass(frozen=True)
class Constant(Amount):
    """A number in the condition."""

    number: float

    @override
    def values(self, rows: Rows) -> Values:
        return np.full(_length(rows), self.number)

    @override
    def lines(self, rows: Rows, column: str) -> list[Line]:
        return [Line(0.0, self.number)]


@dataclass(frozen=True)
class Sum(Amount):
    """left + sign × right."""

    left: Amount
    right: Amount
    sign: float

    @override
    def values(self, rows: Rows) -> Values:
        return self.left.values(rows) + self.sign * self.right.values(rows)

    @override
    def lines(self, rows: Rows, column: str) -> list[Line]:
        pairs = product(self.left.lines(rows, column), self.right.lines(rows, column))
        return [Line(a.slope + self.sign * b.slope, a.offset + self.sign * b.offset) for a, b in pairs]

    @property
    @override
    def parts(self) -> Sequence[Amount]:
        return (self.left, self.right)


@dataclass(frozen=True)
class Product(Amount):
    """left × right. Solved for a column that stands in one of them only."""

    left: Amount
    right: Amount

    @override
    def values(self, rows: Rows) -> Values:
        return self.left.values(rows) * self.right.values(rows)

    @override
    def lines(self, rows: Rows, column: str) -> list[Line]:
        pairs = product(self.left.lines(rows, column), self.right.lines(rows, column))
        return [
            Line(a.slope * b.offset + b.slope * a.offset, a.offset * b.offset)
            for a, b in pairs
            if not np.any(np.asarray(a.slope) * np.asarray(b.slope))
        ]

    @property
    @override
    def parts(self) -> Sequence[Amount]:
        return (self.left, self.right)


@dataclass(frozen=True)
class Absolute(Amount):
    """|inner|."""

    inner: Amount

    @override
    def values(self, rows: Rows) -> Values:
        return np.abs(self.inner.values(rows))

    @override
    def lines(self, rows: Rows, column: str) -> list[Line]:
        inner = self.inner.lines(rows, column)
        return [*inner, *(Line(-one.slope, -one.offset) for one in inner)]

    @property
    @override
    def parts(self) -> Sequence[Amount]:
        return (self.inner,)

    @override
    def kinks(self) -> Iterator[Amount]:
        yield self.inner
        yield from self.inner.kinks()


@dataclass(frozen=True)
class AtLeast(Amount):
    """The greater of a number and a bound: `clip(lower=…)`."""

    inner: Amount
    bound: float

    @override
    def values(self, rows: Rows) -> Values:
        inner = self.inner.values(rows)
        return np.where(np.isnan(inner), np.nan, np.maximum(inner, self.bound))

    @override
    def lines(self, rows: Rows, column: str) -> list[Line]:
        return [*self.inner.lines(rows, column), Line(0.0, self.bound)]

    @property
    @override
    def parts(self) -> Sequence[Amount]:
        return (self.inner,)


def _length(rows: Rows) -> int:
    return len(next(iter(rows.values())))
