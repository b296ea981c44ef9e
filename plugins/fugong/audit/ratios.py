"""Checks whether shares, changes and averages of a text follow from the numbers beside them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED, Quantity, same_counted
from fugong.audit.remarks import (
    AGREES,
    CONTRADICTION,
    SUSPICION,
    Remark,
    before,
    bounds,
    in_unit,
    is_alike,
    is_count,
    meet,
    n_clauses,
    quotient,
    value,
)
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up, percent, plain

N_SENTENCES = 2
"""A denominator may stand up to so many sentences before."""
MAX_NAMED_PART = 1000
"""For larger parts no right denominator is named, because too many would be right."""
GROWTH = re.compile(
    r"(?:增长|增幅|下降|降幅|提高|提升|上升|增加|减少|降低|下调|上调|同比|环比|回升|回落|补贴|贴息|利率)[^，。；：]{0,6}$"
)
RATE = re.compile(r"(?:率|面|比例|比重|占比|份额)[^，。；：、]{0,8}$")
SHARE_OF = re.compile(r"(?:占[^，。；：]{0,20}|(?:完成|达|达到|为)[^，。；：\d]{2,14}的)$")
ON_AVERAGE = re.compile(
    r"(?:平均每?(?P<a>[家户人名个项亩天日册期份])?|(?P<b>[家户人名个项亩天日])均|每(?P<c>[家户人名个项亩])(?!天|日|周|月))"
    r"[^，。；：、\d]{0,8}$"
)
FROM = re.compile(r"[由从][^，。；：、\d]{0,8}$")
UNTIL = re.compile(r"(?:/\w{1,3})?[^，。；、\d]{0,10}(?:至|到|为)")
CHANGE = re.compile(r"(?:增加|提高|提升|上升|增长|增幅|降低|下降|减少|下调|降幅|缩短|压缩|优惠|少)[^，。；：、\d]{0,5}$")


def ratios(positions: Positions) -> Iterator[Remark]:
    """Check shares against two counts beside them."""
    for number, share in enumerate(positions.quantities):
        left = positions.left(number)
        is_share = share.unit == "1" and share.bound in {"exact", "about"} and share.value != 0
        if not is_share or GROWTH.search(left) or not (SHARE_OF.search(left) or RATE.search(left)):
            continue
        earlier = before(positions, number, N_SENTENCES)
        pairs = [pair for pair in _pairs(positions, earlier) if _is_beside(positions, number, pair)]
        agreeing = [
            pair for pair in [*pairs, *_pairs(positions, _just_after(positions, number))] if _follows(positions, share, pair)
        ]
        if agreeing:
            equation = _equation(positions, share, agreeing[0])
            message = Bilingual(
                f"{share.text} 与旁边的数相符:{equation}。", f"{share.text} follows from the counts beside it: {equation}."
            )
            yield Remark("ratio", AGREES, share.start, (number, *agreeing[0]), message)
        elif pairs and earlier[0] in pairs[0]:  # no other count stands nearer
            yield _differs(positions, number, pairs[0])


def _just_after(positions: Positions, number: int) -> list[int]:
    """The counts in the next two clauses: 办结率 85.2%,54 项中办结 46 项."""
    following = range(number + 1, min(number + 4, len(positions.quantities)))
    return [
        one
        for one in following
        if is_count(positions.quantities[one])
        and positions.sentence(one) == positions.sentence(number)
        and n_clauses(positions, number, one) <= 2
    ]


def _pairs(positions: Positions, counts: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of part and whole: those with the nearest part first, then those whose whole has the most words of the part."""
    pairs = [
        (part, whole)
        for part in counts
        for whole in counts
        if part != whole
        and is_alike(positions.quantities[part], positions.quantities[whole])
        and value(positions.quantities[part]) <= value(positions.quantities[whole])
    ]
    return sorted(pairs, key=lambda pair: (-pair[0], -_same_words(positions, *pair), -pair[1]))


def _is_beside(positions: Positions, number: int, pair: tuple[int, int]) -> bool:
    """Whether a pair stands near enough for a share: the part in the same sentence, for a rate the whole, too."""
    part, whole = pair
    if positions.sentence(part) != positions.sentence(number) or n_clauses(positions, part, number) > 1:
        return False
    if SHARE_OF.search(positions.left(number)):
        return True
    return positions.sentence(whole) == positions.sentence(number) and n_clauses(positions, whole, number) <= 2


def _same_words(positions: Positions, one: int, other: int) -> int:
    return len(_words_beside(positions, one) & _words_beside(positions, other))


def _words_beside(positions: Positions, number: int) -> set[str]:
    quantity, text = positions.quantities[number], positions.text.plain
    left = re.split(r"[，。；：、\d\n]", text[max(0, quantity.start - 10) : quantity.start])[-1]
    right = re.split(r"[，。；：、\d\n]", text[quantity.end : quantity.end + 10])[0]
    return {words[at : at + 2] for words in (left, right) for at in range(len(words) - 1)}


def _follows(positions: Positions, share: Quantity, pair: tuple[int, int]) -> bool:
    found = quotient(*(positions.quantities[one] for one in pair))
    if found is None:
        return False
    if share.value == 1:  # 100 % means all of them
        return found[0] <= 1 <= found[1]
    return found[0] < share.high and share.low <= found[1]


def _equation(positions: Positions, share: Quantity, pair: tuple[int, int]) -> str:
    part, whole = (positions.quantities[one] for one in pair)
    decimals = max(1, -(share.high - share.low).normalize().adjusted() - 2)
    return f"{part.text}÷{whole.text}={percent(value(part) / value(whole), decimals, keep=True)}"


def _differs(positions: Positions, number: int, pair: tuple[int, int]) -> Remark:
    share = positions.quantities[number]
    part, whole = (positions.quantities[one] for one in pair)
    equation, found = _equation(positions, share, pair), quotient(part, whole)
    if found and found[0] < value(share) + (share.high - share.low) and value(share) <= found[1]:
        message = Bilingual(
            f"{share.text} 是舍去尾数所得,四舍五入不是:{equation}。", f"{share.text} is cut off, not rounded: {equation}."
        )
        return Remark("ratio", SUSPICION, share.start, (number, *pair), message)
    zh, en = f"{share.text} 与旁边的数不符:{equation}", f"{share.text} does not follow from the counts beside it: {equation}"
    if wholes := _wholes(part, share):
        zh += f";分母为 {'、'.join(map(str, wholes))} 时才得 {share.text}"
        en += f"; it would with a denominator of {' or '.join(map(str, wholes))}"
    return Remark("ratio", CONTRADICTION, share.start, (number, *pair), Bilingual(zh + "。", en + "."))


def _wholes(part: Quantity, share: Quantity) -> list[int]:
    """The whole numbers that would be the right denominator; none where they would not help."""
    if part.unit in MEASURED or value(part) > MAX_NAMED_PART or share.low <= 0:
        return []
    first, last = math.floor(value(part) / share.high) + 1, math.floor(value(part) / share.low)
    return list(range(first, last + 1)) if 0 <= last - first < 3 else []


def changes(positions: Positions) -> Iterator[Remark]:
    """由 A 降至 B,降低 C: check whether C is the difference."""
    for number in range(1, len(positions.quantities) - 1):
        first, last = positions.quantities[number - 1], positions.quantities[number]
        if not first.number or last.number is None or first.unit != last.unit or not FROM.search(positions.left(number - 1)):
            continue
        if not UNTIL.fullmatch(positions.text.plain, first.end, last.start):
            continue
        for change in range(number + 1, min(number + 3, len(positions.quantities))):
            stated = positions.quantities[change]
            is_near = positions.sentence(change) == positions.sentence(number) and n_clauses(positions, number, change) <= 2
            if is_near and stated.number is not None and CHANGE.search(positions.left(change)):
                actual = _change(value(first), value(last), stated, last.unit)
                if actual is not None:
                    yield _change_remark(first, last, stated, actual, (number - 1, number, change))
                    break


def _change(first: Decimal, last: Decimal, stated: Quantity, unit: str) -> Decimal | None:
    by = abs(last - first)
    if stated.unit == "百分点":
        return by if unit == "1" else None
    if stated.unit == "1":
        return by / first
    return by if stated.unit == unit else None


def _change_remark(first: Quantity, last: Quantity, stated: Quantity, actual: Decimal, numbers: tuple[int, int, int]) -> Remark:
    if stated.unit == "1":
        shown = percent(actual)
    else:
        shown = f"{plain(half_up(actual * 100, 2))}个百分点" if stated.unit == "百分点" else in_unit(actual, stated)
    if meet((actual, actual), bounds(stated)):
        message = Bilingual(
            f"由 {first.text} 到 {last.text},变化 {shown},与 {stated.text} 相符。",
            f"From {first.text} to {last.text} is a change of {shown}, as stated: {stated.text}.",
        )
        return Remark("change", AGREES, stated.start, numbers, message)
    message = Bilingual(
        f"由 {first.text} 到 {last.text},变化 {shown},不是 {stated.text}。",
        f"From {first.text} to {last.text} is a change of {shown}, not of {stated.text}.",
    )
    return Remark("change", CONTRADICTION, stated.start, numbers, message)


def averages(positions: Positions) -> Iterator[Remark]:
    """户均 C: check whether it is the preceding total divided by the preceding count."""
    for number, average in enumerate(positions.quantities):
        marker = ON_AVERAGE.search(positions.left(number, 14))
        if not marker or not is_count(average):
            continue
        piece = marker["a"] or marker["b"] or marker["c"] or ""
        earlier = before(positions, number, 1)
        pairs = [
            (sum_, count)
            for sum_ in earlier
            for count in earlier
            if positions.quantities[sum_].unit == average.unit
            and value(positions.quantities[sum_]) > value(average)
            and _is_piece(positions.quantities[count], average, piece)
        ]
        fitting = [pair for pair in pairs if _is_average(positions, average, pair)]
        near = [pair for pair in pairs if all(positions.sentence(one) == positions.sentence(number) for one in pair)]
        for verdict, pair in [(AGREES, fitting[0])] if fitting else [(CONTRADICTION, near[0])] if near else []:
            yield _average_remark(positions, number, pair, verdict)


def _is_piece(count: Quantity, average: Quantity, piece: str) -> bool:
    if count.unit in MEASURED | {average.unit, ""}:
        return False
    return not piece or same_counted(count.unit, piece) >= 0.97


def _is_average(positions: Positions, average: Quantity, pair: tuple[int, int]) -> bool:
    found = quotient(*(positions.quantities[one] for one in pair))
    return found is not None and meet(found, bounds(average))


def _average_remark(positions: Positions, number: int, pair: tuple[int, int], verdict: str) -> Remark:
    average = positions.quantities[number]
    sum_, count = (positions.quantities[one] for one in pair)
    equation = f"{sum_.text}÷{count.text}≈{in_unit(half_up(value(sum_) / value(count), 2), average)}"
    if verdict == AGREES:
        message = Bilingual(f"平均 {average.text} 相符:{equation}。", f"An average of {average.text} agrees: {equation}.")
    else:
        message = Bilingual(f"平均 {average.text} 不符:{equation}。", f"An average of {average.text} does not agree: {equation}.")
    return Remark("average", verdict, average.start, (number, *pair), message)
