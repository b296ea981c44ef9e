"""Finds the number that a cell of a web page holds where its text shows it with fewer digits, or divided.

Excel writes the number into `x:num`, LibreOffice into `sdval`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from fugong.reading.worker.cell_text import number_as_text
from fugong.reading.worker.number_formats import UNITS, Shown

HELD_IN = ("x:num", "sdval")
"""Attributes of a cell that hold its number."""
SHOWN = re.compile(r"([-+(]?)[¥￥$]?\s*([-+]?[\d,]*\.?\d+(?:E[-+]?\d+)?)\s*([^\d\s.,:/)-]*)\)?", re.IGNORECASE)
"""Sign, number, and what stands behind it: `%`, or a unit."""


def held_number(text: str, attributes: Mapping[str, str | None]) -> tuple[str, Shown | None]:
    """The text of a cell with the digits of the number that it holds, and what is in doubt of it.

    A text that is no number (a day, a name) stays as it is, and so does one that says no less than the number.
    """
    held = next((_decimal(value) for name in HELD_IN if (value := attributes.get(name))), None)
    if held is None:
        return text, None
    if not text:
        return (_plain(held), Shown(kind="hidden")) if held else (text, None)
    found = SHOWN.fullmatch(text)
    shown = _decimal(found[2].replace(",", "")) if found else None
    if found is None or shown is None:
        return text, None
    behind = found[3]
    if found[1] in ("-", "("):
        shown = -shown
    if "E" in found[2].upper():
        return _plain(held) + behind, None
    decimals = len(found[2].partition(".")[2])
    for exponent in (-2,) if behind == "%" else (0, UNITS.get(behind.removesuffix("元"), 0)):
        value = held.scaleb(-exponent)
        if value == shown:
            return text, None
        if _rounded(value, decimals) == shown:
            return _plain(value) + behind, Shown(kind="rounded", decimals=decimals)
    exponent = held.adjusted() - shown.adjusted() if shown else 0
    divided = next((each for each in (exponent, exponent + 1) if each and _rounded(held.scaleb(-each), decimals) == shown), 0)
    if divided and not behind:
        return _plain(held), Shown(kind="scaled", exponent=divided)
    return text, None


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
