"""Finds one number told twice with one digit apart, such as a headline and its text: 2794家 and 2749家."""

from __future__ import annotations

from collections.abc import Iterator

from fugong.audit.labels import Labels, Role, content
from fugong.audit.misprints import is_one_digit_off, n_digits
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.remarks import SUSPICION, Remark, bounds
from fugong.core.bilingual import Bilingual

MIN_DIGITS, MIN_NAME = 4, 4
"""Shorter numbers are one digit apart by chance; shorter names say too little."""


def told_twice(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for the later of two levels with the same words before them, of which one may be a misprint of the other."""
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
            if is_near and period_of(positions, one) == period_of(positions, number):
                message = Bilingual(
                    f"{other.text} 与 {quantity.text} 说法相同,只差一位数字,其中一个可能写错。",
                    f"{other.text} and {quantity.text} are told in the same words, one digit apart: one may be misprinted.",
                )
                yield Remark("told-twice", SUSPICION, quantity.start, (one, number), message)
                break
        earlier.append(number)
