"""`Remark`: what follows from quantities that stand beside each other; and arithmetic with quantities as intervals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from fugong.audit.positions import Positions
from fugong.audit.quantity import DURATIONS, MEASURED, Quantity, same_counted
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up, plain

AGREES, SUSPICION, CONTRADICTION = "agrees", "suspicion", "contradiction"
PERSONS = frozenset("人名位")
Interval = tuple[Decimal, Decimal]
OPEN = frozenset(["floor", "ceiling"])
"""Bounds that leave a number open at one end."""


@dataclass(frozen=True)
class Remark:
    """A conclusion from quantities side by side.

    Attributes:
        code: `ratio`, `growth`, `parts`, `change`, `average`, `same-digits`, `unit-missing`, `unit-differs`, `share-above-one`,
            `range-reversed`, `no-such-day`, `told-twice`, `points`, `bound`, `count` or `base-year`.
        verdict: `agrees`, `suspicion` or `contradiction`.
        at: its position in the plain text.
        quantities: the indexes of the quantities concerned.
    """

    code: str
    verdict: str
    at: int
    quantities: tuple[int, ...]
    message: Bilingual


def value(quantity: Quantity) -> Decimal:
    """The value of a quantity that the caller knows to be a number."""
    assert quantity.number is not None
    return quantity.number


def is_count(quantity: Quantity) -> bool:
    """Whether a quantity counts or measures something; shares, days and durations do not."""
    return quantity.number is not None and quantity.number > 0 and quantity.unit not in {"1", "百分点", "日", *DURATIONS}


def is_alike(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities can be parts of one whole."""
    units = [
        quantity.unit or ("元" if quantity.written_unit else "") for quantity in (one, other)
    ]  # 20亿 without a unit is mostly money
    if not all(units) or not MEASURED.isdisjoint(units):
        return units[0] == units[1] and one.per == other.per
    if "个" in units and not PERSONS.isdisjoint(units):
        return False  # 25个 provinces are no part of 700人
    return same_counted(*units) >= 0.97


def n_clauses(positions: Positions, one: int, other: int) -> int:
    """The number of clauses that end between two quantities."""
    first, last = sorted((positions.quantities[one].start, positions.quantities[other].start))
    return positions.n_clauses(first, last)


def bounds(quantity: Quantity) -> Interval:
    """The interval of a quantity; a count of pieces written in full is exact."""
    is_whole = quantity.unit not in MEASURED | {"1"} and not quantity.written_unit.startswith(("百", "千", "万", "亿"))
    if quantity.bound == "exact" and is_whole and "." not in quantity.text:
        return value(quantity), value(quantity)
    return quantity.low, quantity.high


def meet(one: Interval, other: Interval) -> bool:
    """Whether two intervals have a value in common."""
    return one[0] <= other[1] and other[0] <= one[1]


def quotient(part: Quantity, whole: Quantity) -> Interval | None:
    """The interval of a quotient; None where a bound leaves it open."""
    return ratio(bounds(part), bounds(whole))


def ratio(part: Interval, whole: Interval) -> Interval | None:
    """The interval of a quotient of two intervals; None where it is open."""
    (low, high), (least, most) = part, whole
    if least <= 0 or not all(number.is_finite() for number in (low, high, most)):
        return None
    return low / most, high / least


def total(quantities: Sequence[Quantity]) -> Interval:
    """The interval of a sum."""
    every = [bounds(quantity) for quantity in quantities]
    return sum((low for low, _ in every), Decimal(0)), sum((high for _, high in every), Decimal(0))


def adds_up(positions: Positions, whole: int, parts: Sequence[int]) -> bool:
    """Whether parts add up to a whole, within the precision of both; 5000万元以上 adds up to anything."""
    if any(positions.quantities[one].bound in OPEN for one in (whole, *parts)):
        return False
    return meet(bounds(positions.quantities[whole]), total([positions.quantities[one] for one in parts]))


def in_unit(number: Decimal, like: Quantity) -> str:
    """Write a number with the scale and unit of a quantity."""
    written = re.search(r"\d[\d,.]*", like.text)
    scale = value(like) / Decimal(written[0].replace(",", "").rstrip(".")) if written and like.bound != "range" else Decimal(0)
    return plain(half_up(number / scale, 4)) + like.written_unit if scale else plain(half_up(number, 4)) + like.unit
