"""Reads increments that add up: 全年累计增加5171亿元。其中,轻工业累计增加147亿元…;重工业累计增加5024亿元."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.changes import is_down
from fugong.audit.labels import Labels, Role, content
from fugong.audit.misprints import is_one_digit_off, looks_misprinted
from fugong.audit.opposites import are_opposite
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.remarks import AGREES, SUSPICION, Interval, Remark, bounds, is_alike, is_count, meet, total
from fugong.audit.statements import Claim, Kind, Reading, Tie
from fugong.core.bilingual import Bilingual

AMONG = re.compile(r"其中")
FROM_YEAR = re.compile(r"同比|比上年|较上年|多增|少增")
MAX_BETWEEN = 12
MIN_VERB = 2
MIN_DIGITS, MAX_NAME = 4, 8


def sums_of_changes(positions: Positions, labels: Labels) -> Iterator[Claim]:
    """Yield a claim for each increment whose parts follow 其中 with the same verb."""
    for whole, quantity in enumerate(positions.quantities):
        if labels.roles[whole] is not Role.CHANGE or not is_count(quantity):
            continue
        parts = _parts(positions, labels, whole)
        if len(parts) < 2:
            continue
        if meet(bounds(quantity), total([positions.quantities[one] for one in parts])):
            yield Claim(Kind.SUM, whole, (Reading(tuple(parts)),))
        elif (len(parts) > 2 or are_opposite(labels.item(parts[0]), labels.item(parts[1]))) and looks_misprinted(
            positions, whole, parts
        ):
            yield Claim(Kind.SUM, whole, (Reading(tuple(parts), Tie.LIKELY),))


def _parts(positions: Positions, labels: Labels, whole: int) -> list[int]:
    """The increments after a whole with its verb and its base, until the sentence of the list ends."""
    plain, verb = positions.text.plain, content(labels.left(whole))[-MIN_VERB:]
    is_since = FROM_YEAR.search(labels.left(whole)) is not None
    opened = AMONG.search(plain, positions.quantities[whole].end, positions.quantities[whole].end + 40)
    if opened is None or len(verb) < MIN_VERB:
        return []
    close = plain.find("。", opened.end())
    close = len(plain) if close < 0 else close
    return [
        one
        for one in range(whole + 1, min(whole + MAX_BETWEEN, len(positions.quantities)))
        if opened.end() <= positions.quantities[one].start < close
        and labels.roles[one] is Role.CHANGE
        and is_alike(positions.quantities[one], positions.quantities[whole])
        and content(labels.left(one)).endswith(verb)
        and (FROM_YEAR.search(labels.left(one)) is not None) in {is_since, False}
        and is_down(labels.left(one)) == is_down(labels.left(whole))
    ]


def signed_changes(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each pair of changes of both parts of a whole: 共增加136247人…城镇人口增加202487人,乡村人口减少66240人."""
    for second in range(1, len(positions.quantities)):
        first = second - 1
        one, other = positions.quantities[first], positions.quantities[second]
        if (
            not labels.roles[first] is labels.roles[second] is Role.CHANGE
            or is_down(labels.left(first)) == is_down(labels.left(second))
            or one.unit != other.unit
            or {one.bound, other.bound} != {"exact"}
            or not is_count(one)
            or not is_count(other)
            or positions.n_clauses(one.end, other.start) > 1
            or not are_opposite(labels.left(first) + "·", labels.left(second) + "·")
        ):
            continue
        low, high = (a + b for a, b in zip(_signed(positions, labels, first), _signed(positions, labels, second), strict=True))
        totals = [
            each
            for each in range(first)
            if labels.roles[each] is Role.CHANGE
            and positions.quantities[each].unit == one.unit
            and positions.quantities[each].bound == "exact"
            and len(content(labels.left(each))) <= MAX_NAME
        ]
        if any(meet(_signed(positions, labels, each), (low, high)) for each in totals):
            shown = f"{one.text} 与 {other.text}"
            yield Remark(
                "parts",
                AGREES,
                other.start,
                (first, second),
                Bilingual(f"{shown} 的增减与总数的增减相符。", f"{one.text} and {other.text} make the change of all."),
            )
            continue
        for each in totals:
            way = -1 if is_down(labels.left(each)) else 1
            stated = positions.quantities[each]
            needed = (low, high) if way > 0 else (-high, -low)
            if any(
                is_one_digit_off(*pair, MIN_DIGITS)
                for pair in ((stated, needed), *_needed(positions, labels, first, second, each))
            ):
                yield Remark(
                    "parts",
                    SUSPICION,
                    other.start,
                    (each, first, second),
                    Bilingual(
                        f"{one.text} 与 {other.text} 的增减合起来可能与 {stated.text} 不符。",
                        f"The changes {one.text} and {other.text} may not make {stated.text} together.",
                    ),
                )
                break


def _signed(positions: Positions, labels: Labels, number: int) -> Interval:
    low, high = bounds(positions.quantities[number])
    return (-high, -low) if is_down(labels.left(number)) else (low, high)


def _needed(positions: Positions, labels: Labels, first: int, second: int, whole: int) -> Iterator[tuple[Quantity, Interval]]:
    """What each of two changes should be by the other and by that of the whole."""
    least, most = _signed(positions, labels, whole)
    for own, other in ((first, second), (second, first)):
        low, high = _signed(positions, labels, other)
        needed = least - high, most - low
        yield positions.quantities[own], (-needed[1], -needed[0]) if is_down(labels.left(own)) else needed
