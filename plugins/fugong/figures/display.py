"""Formats figures by the rules of Chinese official texts. Rounds half up, and only here: everything before is exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from fugong.core.errors import ConfigurationError
from fugong.core.money import UNITS

NUMERALS = "〇一二三四五六七八九"

NOT_DETERMINABLE = "尚不能确定"
"""Stands in the place of a figure that needs an open parameter."""
UNKNOWN = "无法确定"
"""Stands in the place of a figure of which nothing was reported."""

BROKEN = "配置有误"
"""Stands in the place of a figure whose definition, or a mart that it is made of, cannot be used."""

Value = Decimal | str | date | tuple[date, date] | tuple[str, ...]
"""The value of a figure: a number, a word, a day, a range of days, or names."""


@dataclass(frozen=True)
class Display:
    """How to format one figure. The schema of definitions lists the kinds.

    Attributes:
        decimals: decimal places: at most so many for a percentage or count, exactly so many for an amount.
        step: `余` counts down to a multiple of it.
        keep: whether a percentage keeps a trailing `.0`.
        more: what follows a list of names.
        words: thresholds and their words, highest first.
    """

    kind: str
    decimals: int | None = None
    step: int = 1
    keep: bool = False
    more: str = ""
    words: tuple[tuple[Decimal, str], ...] = field(default=())


def read_display(given: str | Mapping[str, Any]) -> Display:
    """A display as a definition writes it, checked against the schema: a kind, or a kind with settings."""
    settings: Mapping[str, Any] = {"kind": given} if isinstance(given, str) else given
    words = sorted(((Decimal(str(least)), word) for least, word in settings.get("words", ())), reverse=True)
    return Display(
        kind=settings["kind"],
        decimals=settings.get("decimals"),
        step=settings.get("step", 1),
        keep=settings.get("keep", False),
        more=settings.get("more", ""),
        words=tuple(words),
    )


def format_value(display: Display, value: Value | None) -> str:
    """A value as the briefing prints it; empty where there is none.

    Raises:
        ConfigurationError: the kind of display fits no number, and the value is one.
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return _number(display, value)
    if isinstance(value, date):
        return day(value) if display.kind == "date" else month_day(value)
    if isinstance(value, str):
        return value
    if len(value) == 2 and isinstance(value[0], date) and isinstance(value[1], date):
        return f"{month_day(value[0])}至{month_day(value[1])}"
    return "、".join(str(name) for name in value) + (display.more if value else "")


def _number(display: Display, value: Decimal) -> str:
    match display.kind:
        case "percent":
            return percent(value, 1 if display.decimals is None else display.decimals, keep=display.keep)
        case "余":
            return and_more(value, display.step)
        case "numeral":
            return numeral(value)
        case "words":
            return next((word for least, word in display.words if value >= least), "")
        case "count" | "text":
            return plain(value) if display.decimals is None else plain(half_up(value, display.decimals))
        case unit if unit in UNITS:
            return f"{half_up(value / UNITS[unit], display.decimals or 0):f}{unit}"
        case other:
            raise ConfigurationError(f"display {other!r} cannot show the number {value}")


def half_up(value: Decimal, decimals: int) -> Decimal:
    """The value rounded half away from zero, as official texts round."""
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """A number without exponent and without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(fraction: Decimal, decimals: int = 1, *, keep: bool = False) -> str:
    """A fraction as a percentage; 100 % only where it is exactly 1.

    >>> percent(Decimal(2499) / 2500)
    '99.9%'
    """
    place = Decimal(1).scaleb(-decimals)
    value = half_up(fraction * 100, decimals)
    if value == 100 and fraction != 1:
        value = (fraction * 100).quantize(place, ROUND_FLOOR if fraction < 1 else ROUND_CEILING)
    return f"{value:f}%" if keep else f"{plain(value)}%"


def points(difference: Decimal) -> str:
    """The difference of two fractions in percentage points, signed.

    >>> points(Decimal("0.0125"))
    '+1.25pp'
    """
    rounded = half_up(difference * 100, 2) or Decimal(0)  # a small negative is 0, not -0
    return f"{'+' if rounded > 0 else ''}{plain(rounded)}pp"


def and_more(value: Decimal, step: int) -> str:
    """The value counted down to a multiple of `step`, with 余 for the rest.

    >>> and_more(Decimal(3541), 100), and_more(Decimal(3500), 100)
    ('3500余', '3500')
    """
    floor = int(value // step) * step
    if floor == 0:
        return plain(value)
    return f"{floor}余" if value > floor else str(floor)


def numeral(value: Decimal) -> str:
    """A number below one hundred in Chinese, as it stands before a measure word (两 for 2); others in digits."""
    number = int(value)
    if number != value or not 0 <= number < 100:
        return plain(value)
    if number == 2:
        return "两"
    if number < 10:
        return NUMERALS[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else NUMERALS[tens]) + "十" + (NUMERALS[ones] if ones else "")


def month_day(value: date) -> str:
    """3月18日."""
    return f"{value.month}月{value.day}日"


def day(value: date) -> str:
    """2020年3月18日."""
    return f"{value.year}年{month_day(value)}"


def as_json(value: Value | None) -> int | float | str | Sequence[str] | None:
    """A value for JSON: whole numbers as such, days as ISO 8601, a range of days as two of them."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    return [part.isoformat() if isinstance(part, date) else part for part in value]
