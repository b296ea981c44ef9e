"""Conditions of rules, as trees that are evaluated over many rows at once.

`expectation.satisfied` is what decides about rows. This reading of the same text agrees with it (tests/prove/first_pass.py).
"""

from __future__ import annotations

import ast
import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from typing_extensions import override

from fugong.validation.localisation.amounts import Amount, Rows, Sum, Values


@dataclass(frozen=True)
class Truth:
    """What a condition says, row by row: it holds, or it is unknown (a comparison with a missing boolean)."""

    holds: Values
    unknown: Values | None = None


class Condition(ABC):
    """A condition of a row."""

    @abstractmethod
    def truth(self, rows: Rows) -> Truth:
        """Whether the rows satisfy it."""

    @property
    def inner(self) -> Sequence[Condition]:
        """The conditions that it is made of."""
        return ()

    def comparisons(self) -> Iterator[Comparison]:
        """Every comparison of numbers in it."""
        for one in self.inner:
            yield from one.comparisons()

    def texts(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Every column that is compared with texts, and the texts."""
        for one in self.inner:
            yield from one.texts()


COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@dataclass(frozen=True)
class Comparison(Condition):
    """Two numbers or days compared. A missing number makes it false, except that it is unequal to everything."""

    left: Amount
    right: Amount
    kind: type[ast.cmpop]

    @override
    def truth(self, rows: Rows) -> Truth:
        return Truth(COMPARE[self.kind](self.left.values(rows), self.right.values(rows)))

    @override
    def comparisons(self) -> Iterator[Comparison]:
        yield self

    @property
    def difference(self) -> Amount:
        """Left − right: its zeros are where the comparison changes."""
        return Sum(self.left, self.right, -1.0)


@dataclass(frozen=True)
class IsText(Condition):
    """A text is one of some, or compared with one in the order of characters. A text function may stand between."""

    column: str
    texts_: tuple[str, ...]
    kind: type[ast.cmpop]
    change: Callable[[str], str] | None = None

    @override
    def truth(self, rows: Rows) -> Truth:
        values = rows[self.column]
        if self.change is not None:
            values = np.array([None if one is None else self.change(one) for one in values], dtype=object)
        if self.kind in (ast.Eq, ast.NotEq, ast.In, ast.NotIn):
            hit = np.isin(values.astype(object), np.array(self.texts_, dtype=object)) if len(values) else np.zeros(0, bool)
            return Truth(~hit if self.kind in (ast.NotEq, ast.NotIn) else hit)
        compare = COMPARE[self.kind]
        return Truth(np.array([one is not None and compare(one, self.texts_[0]) for one in values], dtype=bool))

    @override
    def texts(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        if self.change is None:
            yield self.column, self.texts_


@dataclass(frozen=True)
class SameText(Condition):
    """Two columns of texts compared."""

    left: str
    right: str
    kind: type[ast.cmpop]

    @override
    def truth(self, rows: Rows) -> Truth:
        pairs = zip(rows[self.left], rows[self.right], strict=True)
        compare = COMPARE[self.kind]
        if self.kind is ast.NotEq:
            return Truth(np.array([a is None or b is None or a != b for a, b in pairs], dtype=bool))
        return Truth(np.array([a is not None and b is not None and compare(a, b) for a, b in pairs], dtype=bool))


@dataclass(frozen=True)
class MonthOrder(Condition):
    """A column of months (`2020-03`, text) compared with the month of a day."""

    column: str
    day: str
    kind: type[ast.cmpop]

    @override
    def truth(self, rows: Rows) -> Truth:
        compare = COMPARE[self.kind]
        months = (None if np.isnan(day) else str(np.datetime64(int(day), "D"))[:7] for day in rows[self.day])
        pairs = zip(rows[self.column], months, strict=True)
        return Truth(np.array([a is not None and b is not None and compare(a, b) for a, b in pairs], dtype=bool))


@dataclass(frozen=True)
class Matches(Condition):
    """A text matches a regular expression."""

    column: str
    regex: re.Pattern[str]

    @override
    def truth(self, rows: Rows) -> Truth:
        return Truth(np.array([one is None or self.regex.search(one) is not None for one in rows[self.column]], dtype=bool))


@dataclass(frozen=True)
class HasLength(Condition):
    """A text has a number of characters."""

    column: str
    least: float | None
    most: float | None

    @override
    def truth(self, rows: Rows) -> Truth:
        return self.of_lengths(np.array([np.nan if one is None else len(one) for one in rows[self.column]], dtype=float))

    def of_lengths(self, lengths: Values) -> Truth:
        """The same, of the numbers of characters: NaN where a text is missing."""
        holds = np.isnan(lengths)
        least = -np.inf if self.least is None else self.least
        most = np.inf if self.most is None else self.most
        return Truth(holds | ((lengths >= least) & (lengths <= most)))


@dataclass(frozen=True)
class IsTrue(Condition):
    """A boolean compared with true or false. Of a missing one nothing is known."""

    column: str
    wanted: bool

    @override
    def truth(self, rows: Rows) -> Truth:
        values = rows[self.column]
        return Truth(values == float(self.wanted), np.isnan(values))


@dataclass(frozen=True)
class IsMissing(Condition):
    """A cell is empty."""

    column: str

    @override
    def truth(self, rows: Rows) -> Truth:
        values = rows[self.column]
        if values.dtype == object:
            return Truth(np.array([one is None for one in values], dtype=bool))
        return Truth(np.isnan(values))


@dataclass(frozen=True)
class Same(Condition):
    """Two conditions that hold, or do not hold, together."""

    left: Condition
    right: Condition
    kind: type[ast.cmpop]

    @override
    def truth(self, rows: Rows) -> Truth:
        left, right = self.left.truth(rows), self.right.truth(rows)
        unknowns = [one.unknown for one in (left, right) if one.unknown is not None]
        return Truth(COMPARE[self.kind](left.holds, right.holds), np.logical_or.reduce(unknowns) if unknowns else None)

    @property
    @override
    def inner(self) -> Sequence[Condition]:
        return (self.left, self.right)


@dataclass(frozen=True)
class Not(Condition):
    """The opposite."""

    condition: Condition

    @override
    def truth(self, rows: Rows) -> Truth:
        found = self.condition.truth(rows)
        return Truth(~found.holds if found.unknown is None else ~found.holds & ~found.unknown, found.unknown)

    @property
    @override
    def inner(self) -> Sequence[Condition]:
        return (self.condition,)


@dataclass(frozen=True)
class All(Condition):
    """Every one of some conditions."""

    conditions: tuple[Condition, ...]

    @override
    def truth(self, rows: Rows) -> Truth:
        found = [one.truth(rows) for one in self.conditions]
        holds = np.logical_and.reduce([one.holds for one in found])
        unknowns = [one.unknown for one in found if one.unknown is not None]
        if not unknowns:
            return Truth(holds)
        possible = np.logical_and.reduce([one.holds if one.unknown is None else one.holds | one.unknown for one in found])
        return Truth(holds & ~np.logical_or.reduce(unknowns), possible & np.logical_or.reduce(unknowns))

    @property
    @override
    def inner(self) -> Sequence[Condition]:
        return self.conditions


@dataclass(frozen=True)
class Some(Condition):
    """At least one of some conditions."""

    conditions: tuple[Condition, ...]

    @override
    def truth(self, rows: Rows) -> Truth:
        found = [one.truth(rows) for one in self.conditions]
        holds = np.logical_or.reduce([one.holds if one.unknown is None else one.holds & ~one.unknown for one in found])
        unknowns = [one.unknown for one in found if one.unknown is not None]
        return Truth(holds, np.logical_or.reduce(unknowns) & ~holds if unknowns else None)

    @property
    @override
    def inner(self) -> Sequence[Condition]:
        return self.conditions
