"""Chooses how coarsely to round values, so that the difference of two of them tells nothing closely."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

STEPS = (1.0, 2.0, 5.0)


def base_of_digits(value: float, digits: int) -> float:
    """The base that leaves so many significant digits of a value; 0 for 0, which is not rounded."""
    return 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1) if value else 0.0


def nearest(value: float, base: float) -> float:
    """The multiple of a base nearest to a value, halves away from zero; the value itself for base 0."""
    return _multiples(value, base) * base if base else value


def nearest_decimal(value: float, base: float) -> Decimal:
    """The same, without the digits that floating-point numbers add. The base is not 0."""
    return (_multiples(value, base) * Decimal(repr(base))).normalize()


def _multiples(value: float, base: float) -> int:
    return int(math.copysign(math.floor(abs(value) / base + 0.5), value))


def coarser(base: float) -> Iterator[float]:
    """A base and the coarser ones after it: 1, 2, 5, 10, 20 and so on."""
    exponent = math.floor(math.log10(base) + 1e-9)
    while True:
        for step in STEPS:
            if step * 10.0**exponent >= base * (1 - 1e-9):
                yield step * 10.0**exponent
        exponent += 1


@dataclass(frozen=True)
class Change:
    """A change of a series that few firms made.

    Attributes:
        margin: what the difference of the shown values has to leave on both sides of the true one.
        base_before: what the earlier value was rounded to, where that is decided already; None for the base that is sought.
    """

    before: float
    after: float
    margin: float
    base_before: float | None = None

    def is_hidden_by(self, base: float) -> bool:
        """Whether rounding to this base leaves the margin."""
        base_before = base if self.base_before is None else self.base_before
        shown = nearest(self.after, base) - nearest(self.before, base_before)
        true, room = self.after - self.before, (base + base_before) / 2
        return shown - room <= true - self.margin and shown + room >= true + self.margin


def base_for_changes(least: float, greatest: float, changes: Sequence[Change]) -> float | None:
    """The finest base that hides every change.

    Args:
        least: the base to begin with.
        greatest: the greatest value of the series: a base above half of it would leave nothing to see.

    Returns:
        None where every base that hides the changes leaves nothing to see.
    """
    for base in coarser(least):
        if base > greatest / 2:
            return None
        if all(change.is_hidden_by(base) for change in changes):
            return base
    return None
