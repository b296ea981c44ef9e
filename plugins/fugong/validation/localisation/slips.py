"""The slips that people make when they type a value: each names itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from fugong.core.bilingual import Bilingual
from fugong.validation.localisation.amounts import EPOCH, Values

MU = 10_000 / 15
"""Square metres of a mu."""


@dataclass(frozen=True)
class Slip:
    """A way to mistype a number.

    Attributes:
        undo: typed → meant.
    """

    text: Bilingual
    undo: Callable[[Values], Values]


def _times(factor: float, zh: str, en: str) -> Slip:
    return Slip(Bilingual(zh, en), lambda typed: typed * factor)


SCALES = (
    _times(0.1, "多写了一个 0 或小数点右移一位", "ten times too large"),
    _times(10, "少写了一个 0 或小数点左移一位", "ten times too small"),
    _times(0.01, "大了 100 倍", "a hundred times too large"),
    _times(100, "小了 100 倍", "a hundred times too small"),
    _times(0.001, "大了 1,000 倍", "a thousand times too large"),
    _times(1000, "小了 1,000 倍", "a thousand times too small"),
    _times(0.0001, "大了 10,000 倍,万元与元弄混了", "ten thousand times too large: yuan and ten thousand yuan were mixed up"),
    _times(10000, "小了 10,000 倍,元与万元弄混了", "ten thousand times too small: yuan and ten thousand yuan were mixed up"),
    _times(-1, "正负号反了", "its sign is wrong"),
    _times(1 / MU, "平方米填进了以亩计的列", "square metres in a column of mu"),
    _times(MU, "亩填进了以平方米计的列", "mu in a column of square metres"),
)
"""Slips that give one value each. The first ten are tried as candidates of every number."""
SIGN = SCALES[8].text
DIGIT = Bilingual("一位数字写错", "one digit is wrong")
SWAPPED = Bilingual("相邻两位数字写反", "two digits are swapped")
LACKING = Bilingual("少写了一位", "a digit is missing")
TOO_MANY = Bilingual("多写了一位", "a digit too many")
EXCHANGED = Bilingual("两格的数填串了", "the numbers of two cells are exchanged")
YEAR = Bilingual("年份写错", "the year is wrong")
DAY_AND_MONTH = Bilingual("月和日写反", "day and month are swapped")


def slip_between(typed: float, meant: float) -> Bilingual | None:
    """The slip that makes one number of the other; None where there is none."""
    if np.isnan(typed) or np.isnan(meant) or typed == meant:
        return None
    for slip in SCALES:
        if abs(float(slip.undo(np.array([typed]))[0]) - meant) <= 1e-9 * abs(meant):
            return slip.text
    return _slip_of_digits(_digits(typed), _digits(meant))


def _digits(number: float) -> str:
    text = format(Decimal(repr(float(number))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals_of(number: float) -> int:
    """How many decimals a number has."""
    return len(_digits(number).partition(".")[2])


def significant_digits(number: float) -> int:
    """How many digits a number has, without zeros before and after."""
    return len(_digits(abs(number)).replace(".", "").strip("0"))


def _slip_of_digits(typed: str, meant: str) -> Bilingual | None:
    if len(typed) == len(meant):
        differ = [at for at, (one, other) in enumerate(zip(typed, meant, strict=True)) if one != other]
        if len(differ) == 1 and typed[differ[0]].isdigit() and meant[differ[0]].isdigit():
            return DIGIT
        if (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and typed[differ[0]] + typed[differ[1]] == meant[differ[1]] + meant[differ[0]]
        ):
            return SWAPPED
        return None
    longer, shorter, text = (typed, meant, TOO_MANY) if len(typed) > len(meant) else (meant, typed, LACKING)
    if len(longer) == len(shorter) + 1 and any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer))):
        return text
    return None


def meant_days(typed: float, around: date) -> list[tuple[float, Bilingual]]:
    """The days that somebody may have meant who typed another: in the year of the report, or with day and month swapped.

    Args:
        typed: days since 1970.
        around: the report date.
    """
    if np.isnan(typed):
        return []
    day = EPOCH + timedelta(days=int(typed))
    found: list[tuple[date | None, Bilingual]] = [
        *([(_date(around.year, day.month, day.day), YEAR)] if day.year != around.year else []),
        *([(_date(day.year, day.day, day.month), DAY_AND_MONTH)] if day.day != day.month else []),
    ]
    return [(float((one - EPOCH).days), text) for one, text in found if one is not None]


def slip_between_days(typed: float, meant: float) -> Bilingual | None:
    """The slip that makes one day of the other: another year, swapped day and month, one wrong digit."""
    if np.isnan(typed) or np.isnan(meant):
        return None
    one, other = (EPOCH + timedelta(days=int(number)) for number in (typed, meant))
    if (one.month, one.day) == (other.month, other.day):
        return YEAR
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return DAY_AND_MONTH
    return _slip_of_digits(f"{one:%Y%m%d}", f"{other:%Y%m%d}")


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
