"""Folds the ways to spell a number: what nobody sees is dropped; digits, dashes, dots and blanks of every kind become those of ASCII."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

SEPARATORS = " \t\r\n._/\\-"
"""What may stand between the digits of one number, folded."""
OTHER_SIGNS = ",;:|+*~()\u3001"
"""What may also stand between the parts of an ID number, whose check digit tells it from a list of numbers."""
ENCLOSED = re.compile("[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793]")
DASHES = frozenset("\u2043\u2212\u30fc\u02d7")
DOTS = frozenset("\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65\u3002\uff61\ufe52\u2024")
SUPERSCRIPTS = frozenset("\u00b2\u00b3\u00b9")
"""Square and cubic metres: no digits of a number."""
DIGIT_LIKE = re.compile(r"[\d\u2070-\u2089\u2460-\u24ff\u2776-\u2793]")
_OTHER_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ZEROS = "Oo\u041e\u043e\u039f\u03bf\u3007\u25cb\u25ef"
ONES = "Il\u0399\u0406\u04c0"
_LIKE_DIGITS = str.maketrans(ZEROS + ONES + "|", "0" * len(ZEROS) + "1" * len(ONES) + "1")
"""What looks like 0 or 1, folded: letters of Latin, Greek and Cyrillic, the Chinese zero, circles, and a bar."""


def fold(text: str) -> tuple[str, range | list[int]]:
    """Fold a text.

    Returns:
        the folded text, and of each of its characters the position in `text`.
    """
    if text.isascii() and not _OTHER_CONTROLS.search(text):
        return text, range(len(text))
    out: list[str] = []
    positions: list[int] = []
    for position, character in enumerate(text):
        folded = _folded(character)
        if ENCLOSED.match(character) and not ENCLOSED.search(
            text[max(0, position - 1) : position] + text[position + 1 : position + 2]
        ):
            folded = " "  # the number of an item in a list
        if folded:
            out.append(folded)
            positions.append(position)
    return "".join(out), positions


_NUMERALS = {
    sign: str(digit)
    for digit, signs in enumerate(("〇零○", "一幺壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for sign in signs
}
_NUMERAL = f"[{''.join(_NUMERALS)}]"
NUMERALS = rf"{_NUMERAL}(?:[ \t\-－—–·.、]{{0,3}}{_NUMERAL}){{10}}"
"""Eleven Chinese numerals in a row, as Python and Arrow write it: nobody counts so."""
_RUN_OF_NUMERALS = re.compile(rf"{NUMERALS}(?:[ \t\-－—–·.、]{{0,3}}{_NUMERAL})*")


_LIKE = rf"[0-9{ZEROS}{ONES}]"
_SEP = "[ -]"
MISTYPED_MOBILE = (
    rf"[1{ONES}|][3-9]{_LIKE}(?:{_SEP}?{_LIKE}{{4}}{_SEP}?{_LIKE}{{4}}|{_SEP}{_LIKE}{{3}}{_SEP}{_LIKE}{{5}}"
    rf"|{_LIKE}{_SEP}{_LIKE}{{4}}{_SEP}{_LIKE}{{3}}|{_LIKE}{_SEP}{_LIKE}{{3}}{_SEP}{_LIKE}{{4}})"
)
"""A mobile number, folded, with letters for 0 and 1. A bar is only its first sign: further right it parts numbers."""
SHOWN_MOBILE = r"1\.[3-9][0-9]{6,9}[Ee]\+?10"
"""A mobile number as a spreadsheet shows it."""


def read_numerals_as_digits(text: str) -> str:
    """The text with Chinese numerals as digits where eleven or more of them stand in a row; every character stays in its place."""
    return _RUN_OF_NUMERALS.sub(lambda run: "".join(_NUMERALS.get(sign, sign) for sign in run.group()), text)


def read_letters_as_digits(folded: str) -> str:
    """The text with what looks like 0 or 1 as these digits; every character stays in its place."""
    return folded.translate(_LIKE_DIGITS)


@lru_cache(maxsize=20_000)
def _folded(character: str) -> str:
    """One character folded; empty where nobody sees it."""
    if character in "\t\r\n":
        return character
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Mn", "Me"} or character == "\u2800":
        return ""
    if category == "Pd" or character in DASHES:
        return "-"
    if character in SUPERSCRIPTS:
        return character
    if category[0] == "Z":
        return " "
    if character in DOTS:
        return "."
    if category == "Nd":
        return str(unicodedata.digit(character))
    half = unicodedata.normalize("NFKC", character)
    return half if len(half) == 1 else character
