"""Tells whether numbers that do not agree would agree but for one misprint: one digit, 万 for 亿, or two numbers that changed places."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED, Quantity
from fugong.audit.remarks import Interval, bounds, meet, ratio, total, value

MIN_DIGITS = 3
"""Shorter numbers have a misprint that fits for almost any other number."""
MYRIAD, SMALL = Decimal(10**4), Decimal("0.02")


def is_off_by_scale(share: Quantity, terms: Sequence[Quantity]) -> bool:
    """Whether a share is that of its terms but for 万 instead of 亿."""
    part, *wholes = terms
    computed, place = value(part) / sum((value(one) for one in wholes), Decimal(0)), place_of(share)
    return any(abs(computed * scale - value(share)) <= max(place, value(share) / 50) for scale in (MYRIAD, 1 / MYRIAD))


def is_misprint(share: Quantity, terms: Sequence[Quantity]) -> bool:
    """Whether a share of three and more digits is that of its terms but for one digit, or for 万 instead of 亿.

    A share that has another whole than the one that is read agrees with it so far by chance in one case of forty.
    """
    part, *wholes = terms
    computed, place = value(part) / sum((value(one) for one in wholes), Decimal(0)), place_of(share)
    if place <= 0 or n_digits(share) < MIN_DIGITS:
        return False
    if is_off_by_scale(share, terms):
        return True
    one, other = (str(int((number / place).quantize(Decimal(1)))) for number in (value(share), computed))
    return len(one) == len(other) and _is_one_misprint(one, other)


def _is_one_misprint(one: str, other: str) -> bool:
    """Whether one digit is another, or two neighbours changed places: 85.2 and 82.5."""
    apart = [at for at, (left, right) in enumerate(zip(one, other, strict=True)) if left != right]
    if len(apart) == 2:
        first, last = apart
        return last - first == 1 and one[first : last + 1] == other[first : last + 1][::-1]
    return len(apart) == 1


def has_exchanged(share: Quantity, part: Quantity, whole: Quantity) -> bool:
    """Whether a share that does not agree would, if part and whole changed places or one had 万 instead of 亿."""
    stated, many, all_ = bounds(share), bounds(part), bounds(whole)
    found, exchanged = ratio(many, all_), ratio(all_, many)
    if found is None or exchanged is None or not _are_finite(stated, many, all_) or n_digits(share) < 2:
        return False
    if value(part) > value(whole) and meet(exchanged, stated) and all(map(_is_precise, (many, all_))):
        return True
    return any(meet((found[0] * by, found[1] * by), stated) for by in (MYRIAD, 1 / MYRIAD))


def _is_precise(interval: Interval) -> bool:
    """Whether an interval says more than the first digit: 5万套 may be 4.5 or 5.4."""
    low, high = interval
    return high - low <= low / 10


def has_another_digit(share: Quantity, part: Quantity, whole: Quantity, n_least: int = MIN_DIGITS) -> bool:
    """Whether a share that does not agree would, if one digit of it, of its part or of its whole were another."""
    stated, many, all_ = bounds(share), bounds(part), bounds(whole)
    found = ratio(many, all_)
    if found is None or not _are_finite(stated, many, all_) or stated[0] <= 0 or n_digits(share) < n_least:
        return False
    needed_part = stated[0] * all_[0], stated[1] * all_[1]
    needed_whole = many[0] / stated[1], many[1] / stated[0]
    return any(
        is_one_digit_off(one, needed, n_least) for one, needed in ((share, found), (part, needed_part), (whole, needed_whole))
    )


def are_digits_exchanged(one: Quantity, other: Quantity) -> bool:
    """Whether two numbers differ in two neighbouring digits that changed places: 3.56亿元 and 3.65亿元."""
    first, second = _typed(one), _typed(other)
    if one.written_unit != other.written_unit or len(first) != len(second) or n_digits(one) < MIN_DIGITS:
        return False
    apart = [at for at, (left, right) in enumerate(zip(first, second, strict=True)) if left != right]
    return len(apart) == 2 and sorted(first) == sorted(second) and set(first[apart[0] + 1 : apart[1]]) <= {"."}


def _are_finite(*intervals: Interval) -> bool:
    return all(one.is_finite() for both in intervals for one in both)


def is_one_digit_off(quantity: Quantity, needed: Interval, n_least: int = MIN_DIGITS) -> bool:
    """Whether another digit at one place brings a number of enough digits into an interval."""
    low, high = bounds(quantity)
    slack = (high - low) / 2
    return n_digits(quantity) >= n_least and any(
        needed[0] - slack <= one <= needed[1] + slack for one in _with_another_digit(quantity)
    )


def _with_another_digit(quantity: Quantity) -> Iterator[Decimal]:
    """Yield the values that a number has with one digit changed, or with two neighbours in each other's place."""
    scale, written = scale_of(quantity), _typed(quantity)
    if not scale or not written:
        return
    for at, character in enumerate(written):
        if character != ".":
            first = 1 if at == 0 and len(written) > 1 and written[1] != "." else 0
            for digit in "0123456789"[first:]:
                if digit != character:
                    yield Decimal(written[:at] + digit + written[at + 1 :]) * scale
    if "." in written and len(written) > MIN_DIGITS:
        yield from (Decimal(written) * scale * by for by in (10, Decimal("0.1")))  # 24813.4 for 2481.34
    places = [at for at, character in enumerate(written) if character != "."]
    for one, other in itertools.pairwise(places):  # 1397 for 1379
        turned = list(written)
        turned[one], turned[other] = written[other], written[one]
        if turned != list(written) and turned[0] != "0":
            yield Decimal("".join(turned)) * scale


def _typed(quantity: Quantity) -> str:
    """The first number of a text as typed, without commas."""
    found = re.search(r"\d[\d,.]*", quantity.text)
    return found[0].replace(",", "").rstrip(".") if found else ""


def n_digits(quantity: Quantity) -> int:
    """How many digits a number has that tell something: three in 60.0 and 0.652, one in 5000."""
    written = _typed(quantity)
    return len(written.replace(".", "").lstrip("0")) if "." in written else len(written.strip("0"))


def scale_of(quantity: Quantity) -> Decimal:
    """How much one is of a number as typed: 10,000 of 3.5万; 0 where it is not typed in digits."""
    typed = _typed(quantity)
    return value(quantity) / Decimal(typed) if typed and quantity.bound != "range" and Decimal(typed) else Decimal(0)


def place_of(quantity: Quantity) -> Decimal:
    """One unit in the last place of a number as typed."""
    return quantity.high - quantity.low if quantity.bound in {"exact", "about"} else Decimal(0)


def looks_misprinted(positions: Positions, whole: int, parts: Sequence[int], n_least: int = 0) -> bool:
    """Whether parts would add up if one digit or one unit (万 for 亿) of one number were another."""
    n_digits = n_least or MIN_DIGITS + (len(parts) > 2)
    return has_another_scale(positions, whole, parts) or any(
        most > 0 and is_one_digit_off(one, (least, most), n_digits) for one, (least, most) in _needed(positions, whole, parts)
    )


def has_another_scale(positions: Positions, whole: int, parts: Sequence[int]) -> bool:
    """Whether parts would about add up if one number had 万 instead of 亿, or the other way."""
    return any(least > 0 and _is_off_by_scale(one, (least, most)) for one, (least, most) in _needed(positions, whole, parts))


def chance_of_misprint(positions: Positions, whole: int, parts: Sequence[int], n_least: int = MIN_DIGITS) -> Decimal:
    """About how often numbers that have nothing to do with each other would add up but for one digit."""
    chance = Decimal(0)
    for one, (least, most) in _needed(positions, whole, parts):
        if n_digits(one) >= n_least:
            chance += 9 * n_digits(one) * max(most - least, scale_of(one) * _last_place(one)) / value(one)
    return chance


def _last_place(quantity: Quantity) -> Decimal:
    """The worth of the last digit as typed: 0.01 in 3.25万."""
    return Decimal(1).scaleb(-len(_typed(quantity).partition(".")[2]))


def _needed(positions: Positions, whole: int, parts: Sequence[int]) -> Iterator[tuple[Quantity, Interval]]:
    """Yield each number of a sum, and the interval in which it should lie by the others."""
    quantities = [positions.quantities[one] for one in parts]
    stated = positions.quantities[whole]
    if not _are_finite(bounds(stated), *map(bounds, quantities)):
        return
    low, high = total(quantities)
    yield stated, (low, high)
    for one in quantities:
        least, most = bounds(one)
        yield one, (bounds(stated)[0] - (high - most), bounds(stated)[1] - (low - least))  # the others at their most and least


def _is_off_by_scale(quantity: Quantity, needed: Interval) -> bool:
    """Whether a number would be about as much as is needed if 万 were 亿, or the other way."""
    if n_digits(quantity) < MIN_DIGITS - (quantity.unit in MEASURED):
        return False  # 5家 and 9家 are nearly 14万家
    low, high = needed[0] * (1 - SMALL), needed[1] * (1 + SMALL)
    return any(low <= value(quantity) * by <= high for by in (MYRIAD, 1 / MYRIAD))
