"""Parses numbers written in Chinese characters."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
TENS = {"十": 10, "百": 100, "千": 1000}
MYRIADS = (("亿", 10**8), ("万", 10**4))
BELOW_MYRIAD = re.compile(
    r"(?:(?P<千>[一二两三四五六七八九])千)?(?:零|〇)?(?:(?P<百>[一二两三四五六七八九])百)?(?:零|〇)?"
    r"(?:(?P<十>[一二两三四五六七八九]?)十)?(?:零|〇)?(?P<一>[一二两三四五六七八九])?"
)


def parse_chinese_numeral(text: str) -> Decimal | None:
    """The number that Chinese characters spell, or None.

    >>> parse_chinese_numeral("一千一百三十二"), parse_chinese_numeral("二点一五亿"), parse_chinese_numeral("十四五")
    (Decimal('1132'), Decimal('215000000.00'), None)
    """
    whole, point, decimals = text.partition("点")
    scale = 1
    if point:
        digits = decimals.rstrip("万亿千百")
        scale = _scale(decimals[len(digits) :])
        if not digits or not scale or any(character not in DIGITS for character in digits):
            return None
        fraction = Decimal("0." + "".join(str(DIGITS[character]) for character in digits))
    else:
        fraction = Decimal(0)
    number = _whole(whole)
    return None if number is None else (number + fraction) * scale


def _scale(text: str) -> int:
    scale = 1
    for character in text:
        scale *= {"亿": 10**8, "万": 10**4}.get(character) or TENS[character]
    return scale


def _whole(text: str) -> int | None:
    for character, size in MYRIADS:
        if character in text:
            left, _, right = text.rpartition(character) if character == "亿" else text.partition(character)
            many, rest = _whole(left), _whole(_completed(right, size)) if right else 0
            return None if many is None or rest is None or rest >= size or not many else many * size + rest
    found = BELOW_MYRIAD.fullmatch(text)
    if found is None or not text:
        return 0 if text in {"零", "〇"} else _digit_by_digit(text)
    parts = found.groupdict()
    total = sum(DIGITS[parts[name]] * TENS[name] for name in "千百" if parts[name])
    if parts["十"] is not None:
        total += (DIGITS[parts["十"]] if parts["十"] else 1) * 10
    if parts["一"]:
        total += DIGITS[parts["一"]] * _size_of_last(text)
    return total


def _size_of_last(text: str) -> int:
    """一百二 is 120, 一百零二 is 102; 十二 is 12."""
    before = text[-2] if len(text) > 1 else ""
    return TENS[before] // 10 if before in TENS else 1


def _completed(text: str, size: int) -> str:
    """三万五 is 35000."""
    return text + {10**4: "千", 10**8: "千万"}[size] if len(text) == 1 and text in DIGITS and DIGITS[text] else text


def _digit_by_digit(text: str) -> int | None:
    """二〇二〇 is 2020. Fewer than four digits in a row are no number: 一二 may mean "one or two"."""
    if len(text) >= 4 and all(character in DIGITS for character in text):
        return int("".join(str(DIGITS[character]) for character in text))
    return None
