"""Reads changes and averages: 增加 6517 万元,增长 10.61%; 由 4.1 元降至 4 元,降低 0.1 元; 户均 632 万元."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import CHANGE, COMPARED, Labels, Role
from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED, Quantity, same_counted
from fugong.audit.remarks import is_alike, is_count, n_clauses, value
from fugong.audit.statements import Claim, Kind, Reading, Tie

DOWN = re.compile(r"减|降|少|低|回落|收窄|缩")
YEARLY = re.compile(r"年均|月均|平均|两年|增速|贡献|拉动")
OTHER_PRICES = re.compile(r"可比|不变价|同口径|剔除|扣除")
FROM = re.compile(r"[由从][^，。；：、\d]{0,8}$")
UNTIL = re.compile(r"(?:/\w{1,3})?[^，。；、\d]{0,10}(?:至|到|为)")
BY = re.compile(
    r"，?(?![^，。]{0,4}(?:年均|平均))[^，。；：、\d]{0,6}(?:增加|提高|提升|上升|增长|增幅|降低|下降|减少|下调|降幅|缩短|压缩|优惠|少)[^，。；：、\d同环比较]{0,5}"
)
ON_AVERAGE = re.compile(
    r"(?:平均每?(?P<a>[家户人名个项亩])|(?P<b>[家户人名个项亩])均|每(?P<c>[家户人名个项亩])(?!天|日|周|月|年))[^，。；：、\d]{0,8}$"
)


def growths(positions: Positions, labels: Labels) -> Iterator[Claim]:
    """Yield a claim for each growth in per cent whose level and increment stand beside it."""
    for number, share in enumerate(positions.quantities):
        if share.unit != "1" or share.value == 0 or share.bound != "exact" or labels.share_words(number).kind != "change":
            continue
        if based := _on_base(positions, labels, number):
            yield Claim(Kind.SHARE, number, (based,))
            continue
        readings = tuple(_growth_readings(positions, labels, number))
        if readings:
            yield Claim(Kind.GROWTH, number, readings)


def _on_base(positions: Positions, labels: Labels, number: int) -> Reading | None:
    """比2020年的11183批次增加5458批次,增长48.81%: the increment and the base that the text states."""
    here = positions.sentence(number)
    increment, base = number - 1, number - 2
    if base < 0 or labels.roles[increment] is not Role.CHANGE or labels.roles[base] is not Role.BASE:
        return None
    if positions.sentence(base) != here or not is_alike(positions.quantities[base], positions.quantities[increment]):
        return None
    return None if YEARLY.search(labels.left(number)) else Reading((increment, base), Tie.EXPLICIT)


def _growth_readings(positions: Positions, labels: Labels, number: int) -> Iterator[Reading]:
    here = positions.sentence(number)
    sentence = positions.text.sentences[here]
    is_plain = not OTHER_PRICES.search(positions.text.plain[sentence.start : sentence.end])
    for increment in (number - 1, number + 1, number - 2):
        if not 0 <= increment < len(positions.quantities) or positions.sentence(increment) != here:
            continue
        if labels.roles[increment] is not Role.CHANGE or n_clauses(positions, increment, number) > 1:
            continue
        earlier = range(min(increment, number) - 1, -1, -1)
        level = next((one for one in earlier if labels.roles[one] is Role.LEVEL and not labels.is_plan(one)), None)
        if level is None or positions.sentence(level) != here:
            continue
        if not is_alike(positions.quantities[level], positions.quantities[increment]):
            continue
        between = range(level + 1, min(increment, number))
        is_tied = abs(number - increment) == 1 and all(
            labels.roles[one] in {Role.OTHER, Role.CHANGE, Role.BASE} or labels.is_plan(one) for one in between
        )
        is_tied = is_tied and _is_same_way(labels, increment, number) and not YEARLY.search(labels.left(number))
        yield Reading((level, increment), Tie.EXPLICIT if is_tied and is_plain else Tie.POSSIBLE)


def _is_same_way(labels: Labels, increment: int, share: int) -> bool:
    """Whether the words before both numbers say up, or both say down."""
    return is_down(labels.left(increment)) == is_down(labels.left(share))


def is_down(label: str) -> bool:
    """Whether the words before a change say that it is a decrease."""
    found = CHANGE.search(label) or COMPARED.search(label)
    return found is not None and DOWN.search(found[0]) is not None


def changes(positions: Positions) -> Iterator[Claim]:
    """Yield a claim for each 由 A 降至 B,降低 C."""
    for number in range(1, len(positions.quantities) - 1):
        first, last, stated = positions.quantities[number - 1 : number + 2]
        if not first.number or last.number is None or stated.number is None or first.unit != last.unit:
            continue
        if not FROM.search(positions.left(number - 1)) or not UNTIL.fullmatch(positions.text.plain, first.end, last.start):
            continue
        is_tied = BY.fullmatch(positions.text.plain, last.end, stated.start) is not None
        fits = stated.unit in ({"百分点", "1"} if last.unit == "1" else {"1", last.unit})
        fits = fits and (stated.unit == "1" or stated.number <= max(first.number, last.number))  # a price falls, fees are saved
        if is_tied and fits:
            yield Claim(Kind.CHANGE, number + 1, (Reading((number - 1, number), Tie.EXPLICIT),))


def averages(positions: Positions, labels: Labels) -> Iterator[Claim]:
    """Yield a claim for each 户均 C that a total and a count precede."""
    for number, average in enumerate(positions.quantities):
        marker = ON_AVERAGE.search(positions.left(number, 14))
        if not marker or not is_count(average):
            continue
        piece = marker["a"] or marker["b"] or marker["c"]
        here = positions.sentence(number)
        earlier = [one for one in range(number - 1, max(-1, number - 8), -1) if is_count(positions.quantities[one])]
        earlier = [one for one in earlier if positions.is_same_matter(positions.sentence(one), here)]
        totals = [
            one for one in earlier if positions.quantities[one].unit == average.unit and labels.roles[one] is not Role.CHANGE
        ]
        counts = [one for one in earlier if _is_piece(positions.quantities[one], average, piece)]
        pairs = [(total, count) for total in totals for count in counts if value(positions.quantities[total]) > value(average)]
        is_only = len(totals) == len(counts) == 1 and all(positions.sentence(one) == here for one in (*totals, *counts))
        if pairs:
            yield Claim(Kind.AVERAGE, number, tuple(Reading(pair, Tie.EXPLICIT if is_only else Tie.POSSIBLE) for pair in pairs))


def _is_piece(count: Quantity, average: Quantity, piece: str) -> bool:
    return count.unit not in MEASURED | {average.unit, ""} and same_counted(count.unit, piece) >= 0.97
