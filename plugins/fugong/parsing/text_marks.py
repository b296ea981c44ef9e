"""Texts as spreadsheets and programs leave them: marks of text before a code, digits eaten by a number, `.0` behind a code.

`'D1`, `="D1"` and `D1` are the same code. A code that became a number of more than 15 digits has lost the last ones; nothing gives them
back. Digits that arrive as text are text, however many.
"""

from __future__ import annotations

import re

MARKS = "'`´‘’＇“”＂"
"""What people and programs put before digits to keep them a text."""
QUOTATION_MARKS = MARKS + '"\u201c\u201d\uff02'
"""What may stand around a whole code."""
QUOTED = re.compile(r'^=(?:T\()?"((?:[^"]|"")*)"\)?$|^"((?:[^"]|"")*)"$', re.IGNORECASE)
HAN = re.compile("[\u3400-\u9fff]")
LOST = re.compile(
    r"^[+-]?(?:\d(?:[.,]\d+)?(?:e\+|[×x*]10\^?)\d{1,3}|\d[.,]\d{3,}e\d{1,3}|\d[.,]\d+e(?:1[5-9]|[2-9]\d|\d{3})"
    r"|\d{16,}\.0+)$",
    re.IGNORECASE,
)
"""Numbers as spreadsheets and programs write them: Excel in narrow columns and from 12 digits on, Java from 8 on."""
DECIMAL_ZERO = re.compile(r"^(\d{1,15})\.0+$")
"""A code that a program read as a number and wrote again."""
MIN_DIGITS = 4
"""Fewer digits before `.0` may be a version, where the column is not known to hold codes."""
THOUSANDS = re.compile(r"^[1-9]\d{0,2}(?:,\d{3})+$")
"""A code in a cell of numbers, as a spreadsheet saves it as text."""
ZERO = re.compile(r"^0+(?:\.0+)?$")
ODD = rf"^[{MARKS}=\x22“＂]|^[1-9]\d{{0,2}}(,\d{{3}})+$|^\d+\.0+$|^[+-]?\d[.,\d ]*\s*([eE]\s*\+|[eE]\s*\d|[×x*]\s*10\^)"
"""Texts worth a closer look, as RE2 writes it."""


def is_lost(text: str) -> bool:
    """Whether digits of a code were lost when it became a number."""
    return LOST.match("".join(text.split())) is not None


def _is_quoted(text: str) -> bool:
    """Whether a text has more than the one mark that it begins with."""
    return sum(text.count(sign) for sign in (*MARKS, '"')) > 1


def _is_wrapped(text: str) -> bool:
    """Whether a text stands whole between two quotation marks, with none inside."""
    inside = text[1:-1]
    return bool(inside) and text[0] in QUOTATION_MARKS and text[-1] in QUOTATION_MARKS and not set(inside) & set(QUOTATION_MARKS)


def unmarked(text: str, *, is_code: bool = False, keeps_quotations: bool = True) -> str:
    """A text without the marks that say that it is one.

    Args:
        is_code: the column holds codes: `.0` behind any number of digits is no part of them, nor are quotation marks around all of it.
        keeps_quotations: a quotation in Chinese keeps its quotation marks.
    """
    if is_code and _is_wrapped(text):
        text = text[1:-1].strip()
    is_quotation = keeps_quotations and HAN.search(text) is not None and _is_quoted(text)
    found = QUOTED.match(text)
    if found and (text.startswith("=") or not is_quotation):
        text = next(group for group in found.groups() if group is not None).replace('""', '"').strip()
    if text[:1] in MARKS and text.strip(MARKS).strip() and not is_quotation:
        text = text.strip(MARKS).strip()
    if is_code and THOUSANDS.match(text):
        text = text.replace(",", "")
    zero = DECIMAL_ZERO.match(text)
    return zero.group(1) if zero and (is_code or len(zero.group(1)) >= MIN_DIGITS) else text
