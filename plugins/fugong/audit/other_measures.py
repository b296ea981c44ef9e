"""Reads what adds up in a second measure: 9087户27595人(甲5户18人、乙4户17人…): where households add up, persons do, too."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fugong.audit.labels import Labels, Role, content
from fugong.audit.misprints import MIN_DIGITS, n_digits
from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED
from fugong.audit.remarks import adds_up, is_alike, is_count, value
from fugong.audit.statements import Claim, Kind, Reading, Tie

MIN_WHOLE = 5
"""A smaller whole is the sum of anything."""
MIN_SURE = Decimal(1000)
OPENS = re.compile(r"其中|中，|：|（")


def other_measures(positions: Positions, labels: Labels, claims: Sequence[Claim]) -> Iterator[Claim]:
    """Where parts add up in one measure, they are all parts; then they add up in each other measure that all of them have."""
    done = {claim.number for claim in claims}
    for claim in claims:
        if not claim.readings:
            continue
        parts = claim.readings[0].terms
        if parts[0] < claim.number or not adds_up(positions, claim.number, parts):
            continue
        if not _is_sure(positions, claim.number, parts[0]):
            continue
        if any(labels.depths[one] != labels.depths[parts[0]] for one in range(parts[0], parts[-1] + 1)):
            continue
        width = min(after - before for before, after in itertools.pairwise(parts))
        if width < 2:
            continue
        for shift in (*range(1, min(width, claim.number + 1)), *range(-1, -width, -1)):  # the same place in each item
            whole, numbers = claim.number - shift, tuple(part - shift for part in parts)
            if numbers[-1] >= len(positions.quantities):
                continue
            is_same = all(_is_same_measure(positions, labels, whole, one) for one in numbers)
            is_same = is_same and all(_is_one_item(positions, *sorted((one, one + shift))) for one in (whole, *numbers))
            if shift < 0:  # 审结597件712人: the second count has no words of its own
                is_same = is_same and all(
                    positions.quantities[one - 1].end == positions.quantities[one].start for one in (whole, *numbers)
                )
            if whole not in done and is_same and numbers[0] > claim.number and _is_large(positions, whole):
                done.add(whole)
                yield Claim(Kind.SUM, whole, (Reading(numbers, Tie.EXPLICIT),))
        of_whole = _measures(positions, labels, claim.number + 1, parts[0])
        of_parts = [_measures(positions, labels, part + 1, part + width) for part in parts]
        for name, whole in of_whole.items():
            others = [measures.get(name) for measures in of_parts]
            if whole in done or not _is_large(positions, whole) or any(one is None for one in others):
                continue
            numbers = tuple(one for one in others if one is not None)
            if all(is_alike(positions.quantities[whole], positions.quantities[one]) for one in numbers):
                done.add(whole)
                yield Claim(Kind.SUM, whole, (Reading(numbers, Tie.EXPLICIT),))


def _is_large(positions: Positions, whole: int) -> bool:
    return is_count(positions.quantities[whole]) and value(positions.quantities[whole]) >= MIN_WHOLE


def _is_sure(positions: Positions, whole: int, first: int) -> bool:
    """Whether parts that add up are no chance: their list is opened by words, or the numbers are long."""
    between = positions.text.plain[positions.quantities[whole].end : positions.quantities[first].start]
    is_long = value(positions.quantities[whole]) >= MIN_SURE and n_digits(positions.quantities[whole]) >= MIN_DIGITS
    return OPENS.search(between) is not None or is_long


def _is_one_item(positions: Positions, first: int, last: int) -> bool:
    return not re.search(
        r"[。；（）\n]", positions.text.plain[positions.quantities[first].end : positions.quantities[last].start]
    )


def _is_same_measure(positions: Positions, labels: Labels, one: int, other: int) -> bool:
    """Whether two counts count the same: one unit, and for amounts the same words before them."""
    first, second = positions.quantities[one], positions.quantities[other]
    if not (labels.roles[one] is labels.roles[other] is Role.LEVEL) or first.unit != second.unit:
        return False
    return first.unit not in MEASURED or _name(labels, one)[-2:] == _name(labels, other)[-2:]


def _name(labels: Labels, number: int) -> str:
    """The words before a count; 交易金额 of the whole is the 交易额 of its parts."""
    return content(labels.left(number)).replace("金额", "额").replace("总额", "额")


def _measures(positions: Positions, labels: Labels, first: int, until: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in range(first, min(until, len(positions.quantities))):
        if positions.sentence(one) != positions.sentence(first):
            break
        if labels.roles[one] is Role.LEVEL and len(_name(labels, one)) >= 2:
            found.setdefault(_name(labels, one), one)
    return found
