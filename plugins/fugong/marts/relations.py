"""Linear relations between columns of a mart's row, as its head declares them, and rates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TERM = re.compile(r"([+-]?)\s*([a-z0-9_]+)")


@dataclass(frozen=True)
class Relation:
    """A sum of columns that is zero, or at most zero.

    Attributes:
        terms: the factor of each column.
        is_equal: whether the sum is zero; else it is at most zero.
        where: values of keys that a row must have for the relation to hold.
        within: the sum may differ from zero by this share of the greatest of its terms.
    """

    terms: Mapping[str, int]
    is_equal: bool
    where: Mapping[str, str]
    within: float

    def applies(self, row: Mapping[str, Any]) -> bool:
        """Whether it holds in a row."""
        return all(str(row[key]) == value for key, value in self.where.items())


@dataclass(frozen=True)
class Rate:
    """A column that is a sum of columns over another one, or over a number; or a column times another one over a number.

    Attributes:
        above: the columns of the numerator.
        below: the columns of the denominator; none where it is a number.
        number: the denominator where it is a number.
        is_capped: whether the rate is at most 1.
        times: the column by which the numerator is multiplied; empty for none. There is a value only where the mart has one.
    """

    above: tuple[str, ...]
    below: tuple[str, ...]
    number: int
    is_capped: bool
    times: str = ""


def parse_relation(given: Mapping[str, Any]) -> Relation:
    """Read one entry of `relations`, checked against the schema."""
    left, sign, right = re.split(r" (<=|=) ", given["holds"])
    terms: dict[str, int] = {}
    for side, direction in ((left, 1), (right, -1)):
        for minus, name in TERM.findall(side):
            if name != "0":
                terms[name] = terms.get(name, 0) + (-direction if minus == "-" else direction)
    return Relation(terms, sign == "=", given.get("where", {}), float(given.get("within", 0.0)))


def parse_rate(text: str) -> Rate:
    """Read one entry of `rates`, checked against the schema."""
    division, _, cap = text.partition(" at most ")
    above, below = (side.split(" + ") for side in division.split(" / "))
    first, _, times = above[0].partition(" * ")
    is_number = below[0].isdigit()
    return Rate((first, *above[1:]), () if is_number else tuple(below), int(below[0]) if is_number else 0, bool(cap), times)
