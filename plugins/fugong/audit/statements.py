"""What a text states about its quantities, as readings that arithmetic can test.

A claim is one quantity that should follow from others. It may be read in several ways: a share of 85.2 % may be of the
54 before it or of the 60 in the sentence before that. Only an explicit reading can be contradicted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tie(StrEnum):
    """How firmly the words of a text tie the quantities of a reading."""

    EXPLICIT = "explicit"
    """Grammar ties them: subject, scope, unit and date are the same. If arithmetic fails, the text contradicts itself."""
    LIKELY = "likely"
    """The natural reading, without proof that the scope is the same. If arithmetic fails, it is worth a look."""
    NAMED = "named"
    """Words suggest it. If arithmetic fails, it is worth a look where one misprint explains why."""
    NEAR = "near"
    """Likewise, but only numbers that changed places, or 万 for 亿, explain enough: a digit would be chance."""
    POSSIBLE = "possible"
    """They stand near enough. The reading can only be confirmed."""


class Kind(StrEnum):
    """What a claim states; the code of its remark."""

    SHARE = "ratio"
    GROWTH = "growth"
    SUM = "parts"
    CHANGE = "change"
    AVERAGE = "average"


@dataclass(frozen=True)
class Reading:
    """One way to read a claim.

    Attributes:
        terms: the indexes of its other quantities: part and whole of a share (several wholes are added up); level and increment of a growth; the parts of a
            sum; first and last of a change; sum and count of an average.
        tie: how firmly the words tie them.
    """

    terms: tuple[int, ...]
    tie: Tie = Tie.POSSIBLE


def less_sure(reading: Reading) -> Reading:
    """The reading without the proof of grammar."""
    return Reading(reading.terms, Tie.LIKELY) if reading.tie is Tie.EXPLICIT else reading


@dataclass(frozen=True)
class Claim:
    """One quantity and the ways to read what it follows from, the likeliest first."""

    kind: Kind
    number: int
    readings: tuple[Reading, ...]
