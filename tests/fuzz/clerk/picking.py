"""Choices of a clerk: by Hypothesis, which makes them smaller where a file fails, or by a number, for the same files again."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

T = TypeVar("T")


class Pick:
    """Makes choices; the first of several is the simplest.

    Attributes:
        is_rare: the clerk also writes what few clerks and programs write.
    """

    def __init__(self, integer: Callable[[int, int], int], *, is_rare: bool = True) -> None:
        """Choices by a source of whole numbers from `low` to `high`."""
        self.integer = integer
        self.is_rare = is_rare

    @classmethod
    def drawn(cls, draw: DrawFn) -> Pick:
        """Choices of Hypothesis."""
        return cls(lambda low, high: draw(st.integers(low, high)))

    @classmethod
    def numbered(cls, number: int, *, is_rare: bool = True) -> Pick:
        """The choices that belong to a number."""
        return cls(random.Random(number).randint, is_rare=is_rare)

    def of(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[self.integer(0, len(choices) - 1)]

    def chance(self, one_in: int) -> bool:
        """True once in so many times; False is simpler."""
        return self.integer(0, one_in - 1) == one_in - 1

    def number(self, low: int, high: int, decimals: int) -> Decimal:
        """A decimal number between two whole ones, with at most so many decimals, often fewer."""
        places = self.of([0, decimals, min(decimals, 1)])
        return Decimal(self.integer(low * 10**places, high * 10**places)).scaleb(-places)

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in some order."""
        out = list(items)
        for at in range(len(out) - 1):
            other = self.integer(at, len(out) - 1)
            out[at], out[other] = out[other], out[at]
        return out
