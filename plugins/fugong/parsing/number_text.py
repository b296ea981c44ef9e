"""Parses one number that was not typed plainly: separators, full-width digits, units and signs in the cell."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from fugong.contracts.code_list import fold
from fugong.contracts.unit import MEASURES, parse_unit

NUMBER_IN_TEXT = re.compile(
    r"^([+-]?)(\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(\.\d*)?(e[+-]?\d{1,2})?(%|‰|元整?|千元|万元?|百万元?|亿元?|k?m\^?[23]|[^\d.,%‰+\-]{1,6})?$"
)
"""Folded: sign, digits with or without thousands separators, decimals, exponent, unit."""
NO_DIGIT = re.compile("(?<![mM米])[²³]|[¹⁰-₎①-⓿❶-➓¼-¾⅐-↉㈠-㉇㉈-㉏㉑-㉟㊀-㊉㊱-㊿]")
"""Circled and raised digits, and fractions, which NFKC would make digits of the number: 1000①."""
SIGNS = {"%": Decimal("0.01"), "‰": Decimal("0.001")}
MINUS = str.maketrans("\u2212\u2012\u2013\ufe63", "----")


def parse_number(text: str, unit: str | None) -> tuple[Decimal | None, bool, bool]:
    """Parse a number that was not typed plainly: full-width digits, thousands separators, a unit or percent sign in the cell.

    Args:
        text: as typed.
        unit: the column's unit; a unit of money in the cell is converted to it.

    Returns:
        The number, whether the sender should see that it was normalised, and whether the cell named its own unit.
    """
    if NO_DIGIT.search(text):
        return None, False, False
    plain = "".join(unicodedata.normalize("NFKC", text).translate(MINUS).split()).casefold()
    plain = plain.removeprefix("'").removeprefix("人民币").replace("¥", "")
    found = NUMBER_IN_TEXT.match(plain)
    if not found:
        return None, False, False
    sign, whole, fraction, exponent, suffix = found.groups()
    number = Decimal(sign + whole.replace(",", "") + (fraction or "") + (exponent or ""))
    if suffix in SIGNS:
        return (number * SIGNS[suffix] if unit == "%" else None), plain != text.casefold() or suffix == "‰", False
    if suffix:
        factor = _factor(suffix, unit)
        return (None, False, False) if factor is None else (number * factor, True, True)
    is_noise = plain == text.casefold() and "," not in text and sign != "+"
    return number, not is_noise, False


def _factor(suffix: str, unit: str | None) -> Decimal | None:
    """The factor from the cell's own unit to the column's; None if the units are of different kinds."""
    if unit is None:
        return None
    named, stored = parse_unit(suffix.removesuffix("整")), parse_unit(unit)
    if named is not None and named.kind == "scale" and stored is not None and stored.kind in MEASURES:
        return named.factor / stored.factor if stored.kind == "money" else named.factor
    if named is None or stored is None or named.per is not None or named.kind != stored.kind or stored.kind not in MEASURES:
        return Decimal(1) if fold(suffix) == fold(unit) else None
    return named.factor / stored.factor
