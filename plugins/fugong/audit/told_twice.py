"""Finds one number told twice with one digit apart, such as a headline and its text: 2794家 and 2749家."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import Labels, Role, content, in_same_words
from fugong.audit.misprints import is_one_digit_off, n_digits
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.remarks import SUSPICION, Remark, bounds
from fugong.core.bilingual import Bilingual

MIN_DIGITS, MIN_NAME = 4, 4
OF_THINGS, NOUN = 3, re.compile(r"[一-鿿]{4,}")
"""Shorter numbers are one digit apart by chance; shorter names say too little."""


def told_twice(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for the later of two levels with the same words before them, of which one may be a misprint of the other."""
    yield from _counts_of_things(positions, labels)
    seen: dict[tuple[str, str], list[int]] = {}
    for number, quantity in enumerate(positions.quantities):
        name = content(labels.left(number))
        is_told = quantity.bound == "exact" and labels.roles[number] is Role.LEVEL and n_digits(quantity) >= MIN_DIGITS
        if not is_told or len(name) < MIN_NAME or not quantity.unit or labels.depths[number]:
            continue
        earlier = seen.setdefault((name, quantity.unit), [])
        if any(positions.quantities[one].value == quantity.value for one in earlier):
            continue
        for one in earlier:
            other = positions.quantities[one]
            is_near = is_one_digit_off(quantity, bounds(other), MIN_DIGITS) and other.written_unit == quantity.written_unit
            if is_near and period_of(positions, one).may_be(period_of(positions, number)):
                message = Bilingual(
                    f"{other.text} 与 {quantity.text} 说法相同,只差一位数字,其中一个可能写错。",
                    f"{other.text} and {quantity.text} are told in the same words, one digit apart: one may be misprinted.",
                )
                yield Remark("told-twice", SUSPICION, quantity.start, (one, number), message)
                break
        earlier.append(number)


def _counts_of_things(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """519家重点企业… and 591家重点企业门店…: the later one opens its clause and only names again what was counted."""
    counted: list[tuple[int, str, str]] = []
    for number, quantity in enumerate(positions.quantities):
        is_whole = quantity.bound == "exact" and "." not in quantity.text and n_digits(quantity) >= OF_THINGS
        if labels.roles[number] is not Role.LEVEL or not is_whole or quantity.written_unit != quantity.unit:
            continue
        noun = NOUN.match(labels.right(number))
        is_again = noun is not None and not content(labels.left(number))
        same = [
            one
            for one, unit, words in counted
            if is_again and noun is not None and unit == quantity.unit and in_same_words(noun[0])[:MIN_NAME] in words
        ]
        if same and not any(positions.quantities[one].value == quantity.value for one in same):
            other = positions.quantities[same[-1]]
            if is_one_digit_off(quantity, bounds(other), OF_THINGS):
                message = Bilingual(
                    f"{other.text} 与 {quantity.text} 说法相同,只差一位数字,其中一个可能写错。",
                    f"{other.text} and {quantity.text} are told in the same words, one digit apart: one may be misprinted.",
                )
                yield Remark("told-twice", SUSPICION, quantity.start, (same[-1], number), message)
        counted.append((number, quantity.unit, in_same_words(noun[0]) if noun else content(labels.left(number))))
