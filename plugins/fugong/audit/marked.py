"""The text with one sign in place of each quantity, so that a pattern can say which kinds of numbers stand in which words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fugong.audit.positions import Positions
from fugong.audit.quantity import DURATIONS, Quantity

SHARE, POINTS, COUNT, DAY, OTHER = "％", "‖", "＃", "＠", "＊"
"""Signs that no normalised text holds."""
SIGNS = SHARE + POINTS + COUNT + DAY + OTHER


@dataclass(frozen=True)
class Marked:
    """A text with a sign for each quantity.

    Attributes:
        numbers: position of a sign → index of its quantity.
    """

    text: str
    numbers: dict[int, int]

    def all_of(self, found: re.Match[str], group: str | int = 0) -> list[int]:
        """The quantities inside a group of a match, in order."""
        return [self.numbers[at] for at in range(*found.span(group)) if at in self.numbers]


def marked(positions: Positions) -> Marked:
    """Put a sign in the place of each quantity."""
    plain, text, numbers, end, length = positions.text.plain, list[str](), dict[int, int](), 0, 0
    for number, quantity in enumerate(positions.quantities):
        before = plain[end : quantity.start]
        length += len(before)
        numbers[length] = number
        text += [before, _sign(quantity)]
        length, end = length + 1, quantity.end
    return Marked("".join(text) + plain[end:], numbers)


def _sign(quantity: Quantity) -> str:
    if quantity.number is None:
        return DAY
    if quantity.unit == "1":
        return SHARE
    if quantity.unit == "百分点":
        return POINTS
    return OTHER if quantity.unit in DURATIONS else COUNT
