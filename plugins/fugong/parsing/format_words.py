"""Says what the words of a number format mean for a column: a unit that fits it, a unit of the cell's own, or a contradiction.

`0.00"元"` shows 5000.00元 for 5000. Under a header in 万元 nobody can be sure which of the two units the clerk meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from fugong.contracts.contract import Column
from fugong.contracts.unit import MEASURES, Unit, parse_unit
from fugong.parsing.column_unit import factor_of, has_unit, kind_of, scale_of
from fugong.parsing.unit_text import in_header

SIGN_OF_UNIT = re.compile(
    r"[元圆角分十百千万亿萬億]|[亩畝顷]|[度瓦时]|立方|平方|吨|公斤|[美港欧日]币?|[$€£%‰‱]|(?i:usd|hkd|eur|kwh|m[23])"
)
APPROXIMATE = re.compile("约|近|余|多|左右|上下|以上|以下|以内|不足|大约|估|±|[+＋~～≈]")
AROUND = " \t\u3000()（）[]【】:：,，.。;；*-－"


@dataclass(frozen=True)
class FormatWords:
    """The words around the numbers of some cells.

    Attributes:
        exponent: the digits shown are those of the number held, divided by ten to this power.
    """

    before: str
    behind: str
    exponent: int = 0

    def around(self, text: str) -> str:
        """What the cell shows for a number as text."""
        return f"{self.before}{text}{self.behind}"


@dataclass(frozen=True)
class Meaning:
    """What words say about the numbers of a column.

    Attributes:
        unit: in which the number is, where it is not the column's and nothing else is declared.
        is_doubtful: whether the words contradict what is declared, or cannot be read.
    """

    unit: str = ""
    is_doubtful: bool = False


FITS, DOUBTFUL = Meaning(), Meaning(is_doubtful=True)


def meaning_of(words: FormatWords, column: Column, unit: str | None, *, is_declared: bool) -> Meaning:
    """What the words say about the numbers of a column.

    Args:
        unit: of the column's bare numbers; None for the contract's.
        is_declared: whether the file declares it.
    """
    if not has_unit(column):
        return FITS
    usual = scale_of(column, unit)
    found = FITS
    for text in (words.before, words.behind):
        units = _units(text)
        if units is None:
            return DOUBTFUL
        for one in units:
            factor = _factor(column, one)
            if factor is None:
                return DOUBTFUL
            if factor not in (usual, usual.scaleb(words.exponent)):
                if is_declared or found.unit:
                    return DOUBTFUL
                found = Meaning(unit=one.name)
    return found


def is_unit(words: FormatWords) -> bool:
    """Whether words around a key name a unit, which no key has, or cannot be read."""
    return any(_units(text) != () for text in (words.before, words.behind))


@lru_cache(maxsize=1024)
def _units(text: str) -> tuple[Unit, ...] | None:
    """The units that the words on one side name; None where they name something that cannot be read."""
    plain = text.strip(AROUND)
    if (unit := parse_unit(plain)) is not None:
        return () if unit.kind == "currency" else (unit,)
    declared = in_header(text)
    if declared is not None and declared.is_read:
        return tuple(unit for group in declared.groups for unit in group)
    return None if SIGN_OF_UNIT.search(plain) or APPROXIMATE.search(plain) else ()


def _factor(column: Column, unit: Unit) -> Decimal | None:
    """How much of the column's stored unit one of the unit is; None if the column cannot be converted from it."""
    if unit.kind == "scale" and kind_of(column) in MEASURES:
        return unit.factor
    return factor_of(column, unit)
