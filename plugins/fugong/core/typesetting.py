"""Sets Chinese sentences: full-width punctuation between Chinese words; measures how wide a text is on paper."""

from __future__ import annotations

import re
import unicodedata

QUOTED = re.compile(r"“[^”]*”")
STAND_IN = "\ue000"
HAN = STAND_IN + "\u3400-\u9fff\uff10-\uff5a\u201c\u201d\u3001\u3002\u300a\u300b\uff08\uff09\uff0c\uff1a\uff1b\u2026"
BRACKETED = re.compile(rf"\(([^()]*[{HAN}][^()]*)\)")
AFTER_HAN = re.compile(rf"(?<=[{HAN}])[,:;?!]|[,:;?!](?=[{HAN}])")
FULL = str.maketrans(",:;?!", "\uff0c\uff1a\uff1b\uff1f\uff01")


def set_chinese(text: str) -> str:
    """Make half-width commas, colons and brackets of a Chinese sentence full-width, except within “quotes”."""
    quoted = QUOTED.findall(text)
    plain = BRACKETED.sub("\uff08\\1\uff09", QUOTED.sub(STAND_IN, text.replace(STAND_IN, "")))
    plain = AFTER_HAN.sub(lambda found: found.group().translate(FULL), plain)
    pieces = plain.split(STAND_IN)
    return "".join(piece + quote for piece, quote in zip(pieces, [*quoted, ""], strict=True))


def width(text: str) -> int:
    """The number of columns that a text takes on paper: Chinese characters count double, and the longest line decides."""
    if text.isascii() and "\n" not in text:
        return len(text)
    return max(
        sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in line) for line in text.split("\n")
    )
