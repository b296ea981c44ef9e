"""Finds the number that a cell of a web page holds where its text shows it with fewer digits, or divided.

Excel writes the number into `x:num`, LibreOffice into `sdval`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from fugong.reading.worker.cell_text import number_as_text
from fugong.reading.worker.number_formats import NO_WORDS, SHARE_SIGNS, UNITS, Shown, Words

HELD_IN = ("x:num", "sdval")
"""Attributes of a cell that hold its number."""
SHOWN = re.compile(r"([-+(]?)[¥￥$]?\s*([-+]?[\d,]*\.?\d+(?:E[-+]?\d+)?)\s*([^\d\s.,:/)-]*)\)?", re.IGNORECASE)
"""Sign, number, and what stands behind it: `%`, or a unit."""


def held_number(text: str, attributes: Mapping[str, str | None]) -> tuple[str, Shown | None, Words]:
    """The text of a cell with the digits of the number that it holds, what is in doubt of it, and the words behind the number.

    A text that is no number (a day, a name) stays as it is, and so does one that says no less than the number.
    """
    held = next((_decimal(value) for name in HELD_IN if (value := attributes.get(name))), None)
    if held is None:
        return text, None, NO_WORDS
    if not text:
        return (_plain(held), Shown(kind="hidden"), NO_WORDS) if held else (text, None, NO_WORDS)
    found = SHOWN.fullmatch(text)
    shown = _decimal(found[2].replace(",", "")) if found else None
    if found is None or shown is None:
        return text, None, NO_WORDS
    behind = found[3]
    if found[1] in ("-", "("):
        shown = -shown
    if "E" in found[2].upper():
        return _plain(held) + behind, None, ("", behind, 0) if _is_word(behind) and held else NO_WORDS
    decimals = len(found[2].partition(".")[2])
    for exponent in (-2,) if behind == "%" else (0, UNITS.get(behind.removesuffix("元"), 0)):
        value = held.scaleb(-exponent)
        words = ("", behind, exponent) if _is_word(behind) and held else NO_WORDS
        if value == shown:
            return text, None, words
        if _rounded(value, decimals) == shown:
            return _plain(value) + behind, Shown(kind="rounded", decimals=decimals), words
    exponent = held.adjusted() - shown.adjusted() if shown else 0
    divided = next((each for each in (exponent, exponent + 1) if each and _rounded(held.scaleb(-each), decimals) == shown), 0)
    if divided and not behind:
        return _plain(held), Shown(kind="scaled", exponent=divided), NO_WORDS
    return text, None, NO_WORDS


def _is_word(behind: str) -> bool:
    return bool(behind) and behind not in SHARE_SIGNS


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < 30 else None


def _rounded(number: Decimal, decimals: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _plain(number: Decimal) -> str:
    return number_as_text(float(number)) if abs(number.adjusted()) >= 15 else f"{number.normalize():f}"
