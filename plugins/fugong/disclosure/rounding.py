"""Chooses how coarsely to round values, so that the difference of two of them tells nothing closely."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

STEPS = (1.0, 2.0, 5.0)


def base_of_digits(value: float, digits: int) -> float:
    """The base that leaves so many significant digits of a value; 0 for 0, which is not rounded."""
    return 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1) if value else 0.0


def nearest(value: float, base: float) -> float:
    """The multiple of a base nearest to a value, halves away from zero; the value itself for base 0."""
    return math.copysign(math.floor(abs(value) / base + 0.5) * base, value) if base else value


def coarser(base: float) -> Iterator[float]:
    """A base and the coarser ones after it: 1, 2, 5, 10, 20, …"""
    power = math.floor(math.log10(base) + 1e-9)
    while True:
        for step in STEPS:
            if step * 10.0**power >= base * (1 - 1e-9):
                yield step * 10.0**power
        power += 1


def hides_change(before: float, after: float, base: float, margin: float) -> bool:
    """Whether the difference of two rounded values leaves a margin on both sides of the difference of the true ones."""
    shown, true = nearest(after, base) - nearest(before, base), after - before
    return shown - base <= true - margin and shown + base >= true + margin


def base_for_changes(least: float, greatest: float, changes: Sequence[tuple[float, float, float]]) -> float | None:
    """The finest base that hides every change.

    Args:
        least: the base to begin with.
        greatest: the greatest value of the series: a base above half of it would leave nothing to see.
        changes: value before, value after, margin.

    Returns:
        None where every base that hides the changes leaves nothing to see.
    """
    for base in coarser(least):
        if base > greatest / 2:
            return None
        if all(hides_change(before, after, base, margin) for before, after, margin in changes):
            return base
    return None
