"""Tests claims by arithmetic with intervals: a claim agrees in one of its readings, or an explicit reading is wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from fugong.audit.changes import is_down
from fugong.audit.labels import Labels, content
from fugong.audit.misprints import has_another_digit, has_exchanged, is_misprint, is_off_by_scale, n_digits, place_of
from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED, Quantity
from fugong.audit.remarks import (
    AGREES,
    CONTRADICTION,
    SUSPICION,
    Interval,
    Remark,
    bounds,
    in_unit,
    meet,
    quotient,
    ratio,
    total,
    value,
)
from fugong.audit.statements import Claim, Kind, Reading, Tie
from fugong.audit.wholes import strictly_named
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up, percent, plain

MAX_NAMED_PART = 1000
"""For larger parts no right denominator is named, because too many would be right."""
VERY_FAR = Decimal(100)
MIN_SURE = 3
"""A share of more digits agrees but for one of them by chance in fewer than one case of two hundred."""
"""A part so many times its whole is no part of it: 169 parks have 90,129 firms."""
OPEN = frozenset(["floor", "ceiling"])
NO_BASE = Decimal(10**9)
"""The growth from nothing."""
NEARLY_ALL = Decimal("0.99")
"""A share above it may be cut off instead of rounded: 99.97 % is printed as 99.9 %, because it is not all."""
TURNOVER = re.compile(r"(?:业务|营业|销售)收入")
"""What a margin of profits divides by."""
BALANCE, NEARLY_SAME = re.compile(r"余额|存款|贷款|供应量"), Decimal("0.05")
"""Growths of balances are made of comparable banks, so that they are slightly off."""
SLACK = 2
"""How many units of its last place a claim from rounded numbers may be off before it is a contradiction."""

N_BEFORE = 30
"""Counts before a part that may be its whole."""


def verify(positions: Positions, labels: Labels, claim: Claim) -> Remark | None:
    """Test a claim; None where it neither agrees nor is explicit enough to be doubted."""
    readings = (reading for reading in claim.readings if reading.tie not in {Tie.NAMED, Tie.NEAR})
    agreeing = next((reading for reading in readings if _distance(positions, labels, claim, reading) == 0), None)
    if agreeing is not None:
        return _remark(positions, labels, claim, agreeing, AGREES)
    said = _doubt(positions, labels, claim) or _mended(positions, labels, claim)
    if said is None and claim.kind is Kind.SHARE and (reading := strictly_named(positions, labels, claim)) is not None:
        return _remark(positions, labels, claim, reading, SUSPICION)
    return said


def _doubt(positions: Positions, labels: Labels, claim: Claim) -> Remark | None:
    """A claim that none of its readings makes true, if one of them is tied firmly."""
    tied = next((reading for tie in (Tie.EXPLICIT, Tie.LIKELY) for reading in claim.readings if reading.tie is tie), None)
    distance = None if tied is None else _distance(positions, labels, claim, tied)
    if tied is None or distance is None:
        return None
    quantities = [positions.quantities[one] for one in (claim.number, *tied.terms)]
    if tied.tie is Tie.LIKELY and claim.kind is Kind.SHARE:
        is_sure = n_digits(quantities[0]) > MIN_SURE and is_misprint(quantities[0], quantities[1:])
        return _remark(positions, labels, claim, tied, CONTRADICTION) if is_sure else _of_likely(positions, labels, claim, tied)
    is_scaled = any("万" in one.written_unit or "亿" in one.written_unit for one in quantities[1:])
    if claim.kind is Kind.SHARE and distance > VERY_FAR and not is_scaled:  # 万 may stand for 亿
        return None
    if claim.kind is Kind.SHARE and distance > VERY_FAR and not is_off_by_scale(quantities[0], quantities[1:]):
        return None
    slack = 0 if claim.kind is Kind.SUM or (claim.kind is Kind.CHANGE and quantities[0].unit != "1") else 1
    if claim.kind is Kind.SHARE and (n_digits(quantities[0]) > MIN_SURE or not all(_is_exact(one) for one in quantities[1:])):
        slack = SLACK  # shares of four digits are often made to add up to 100 %
    if (
        claim.kind is Kind.GROWTH
        and BALANCE.search(labels.left(tied.terms[0]))
        and distance <= value(quantities[0]) * NEARLY_SAME
    ):
        return _remark(positions, labels, claim, tied, SUSPICION)
    is_doubtful = tied.tie is Tie.LIKELY or quantities[0].bound in OPEN or distance <= slack * place_of(quantities[0])
    if not is_doubtful and claim.kind is Kind.SHARE and _is_of_another(positions, labels, claim.number, tied.terms[0]):
        return None
    return _remark(positions, labels, claim, tied, SUSPICION if is_doubtful else CONTRADICTION)


def _is_of_another(positions: Positions, labels: Labels, share: int, part: int) -> bool:
    """Whether a share of three and more digits is that of its part in another count before it: what grammar ties may be a part of the same whole.

    甲183.1万台,占总量的48.7%;乙102万台,占总量的比重由21.3%上升至27.1%: both of 376.2万台.
    """
    stated, one = positions.quantities[share], positions.quantities[part]
    if n_digits(stated) < MIN_SURE:
        return False
    for whole in range(max(0, part - N_BEFORE), part):
        other = positions.quantities[whole]
        is_whole = other.unit == one.unit and other.number is not None and value(other) > value(one)
        is_whole = is_whole and labels.share_words(whole + 1).kind != "part"  # it has a share itself
        found = quotient(one, other) if is_whole else None
        if found is not None and meet(found, bounds(stated)):
            return True
    return False


def _of_likely(positions: Positions, labels: Labels, claim: Claim, reading: Reading) -> Remark | None:
    """A share that does not agree with its likely whole: worth a look where a slip of the pen explains it, or rounding."""
    share, part, *wholes = (positions.quantities[one] for one in (claim.number, *reading.terms))
    distance = _distance(positions, labels, claim, reading)
    if share.bound in OPEN or any(part.value == one.value for one in wholes):
        return None
    is_slip = len(wholes) == 1 and (has_exchanged(share, part, wholes[0]) or has_another_digit(share, part, wholes[0], 2))
    is_rounding = distance is not None and distance <= SLACK * place_of(share)
    name = content(labels.share_words(claim.number).whole)
    is_named = len(wholes) == 1 and len(name) > MIN_SURE and name == content(labels.subject(reading.terms[1]))
    is_named = is_named or (
        labels.share_words(claim.number).kind == "named" and TURNOVER.search(labels.left(reading.terms[1])) is not None
    )
    is_said = is_slip or is_rounding or is_named or is_misprint(share, (part, *wholes))
    return _remark(positions, labels, claim, reading, SUSPICION) if is_said else None


def _mended(positions: Positions, labels: Labels, claim: Claim) -> Remark | None:
    """A share that agrees with no whole, but would with one but for a misprint."""
    share = positions.quantities[claim.number]
    if claim.kind is not Kind.SHARE or share.bound != "exact":
        return None
    for reading in claim.readings:
        if reading.tie in {Tie.LIKELY, Tie.NAMED, Tie.NEAR} and len(reading.terms) == 2:
            part, whole = (positions.quantities[one] for one in reading.terms)
            if part.value == whole.value:
                continue  # told twice
            if has_exchanged(share, part, whole) or (reading.tie is not Tie.NEAR and has_another_digit(share, part, whole)):
                return _remark(positions, labels, claim, reading, SUSPICION)
    return None


def _distance(positions: Positions, labels: Labels, claim: Claim, reading: Reading) -> Decimal | None:
    """How far the claim lies from what the reading gives; 0 where they meet, None where a bound leaves it open."""
    computed = _computed(positions, labels, claim, reading.terms)
    if computed is None:
        return None
    stated = positions.quantities[claim.number]
    low, high = bounds(stated)
    if claim.kind is Kind.SHARE and stated.value == 1 and stated.bound == "exact":
        low = high = Decimal(1)  # 100 % means all of them
    elif claim.kind is Kind.SHARE and stated.bound == "exact" and NEARLY_ALL <= value(stated) < 1 and computed[1] < 1:
        high = value(stated) + place_of(stated)
    if (
        claim.kind is Kind.SHARE
        and stated.bound in OPEN
        and value(stated) < 1
        and labels.share_words(claim.number).kind != "plan"
    ):
        high = min(high, Decimal(1))  # more than 99 % of all is at most all
    if claim.kind is Kind.SHARE and all(number.is_finite() for number in computed):
        return max(computed[0] - high, low - computed[1], Decimal(0))
    if not all(number.is_finite() for number in (*computed, low, high)):
        return Decimal(0) if meet(computed, (low, high)) else None
    return max(computed[0] - high, low - computed[1], Decimal(0))


def _is_exact(quantity: Quantity) -> bool:
    low, high = bounds(quantity)
    return low == high


def _computed(positions: Positions, labels: Labels, claim: Claim, terms: Sequence[int]) -> Interval | None:
    """The interval of what the terms of a reading give; None where a bound leaves it open."""
    quantities = [positions.quantities[one] for one in terms]
    match claim.kind:
        case Kind.SHARE | Kind.AVERAGE:
            return ratio(bounds(quantities[0]), total(quantities[1:]))
        case Kind.SUM:
            return total(quantities)
        case Kind.GROWTH:
            return _growth(quantities[0], quantities[1], is_down(labels.left(claim.number)))
        case Kind.CHANGE:
            return _change(quantities[0], quantities[1], positions.quantities[claim.number])


def _growth(level: Quantity, increment: Quantity, down: bool) -> Interval | None:
    (low, high), (least, most) = bounds(level), bounds(increment)
    first, last = (low + least, high + most) if down else (low - most, high - least)
    if not all(one.is_finite() for one in (first, last, least, most)):
        return None
    return (least / last, most / first) if first > 0 else (NO_BASE, NO_BASE)


def _change(first: Quantity, last: Quantity, stated: Quantity) -> Interval:
    if {first.bound, last.bound} != {"exact"}:
        (low, high), (least, most) = bounds(first), bounds(last)
        by_least, by_most = max(least - high, low - most, Decimal(0)), max(most - low, high - least)
        return (by_least / high, by_most / low) if stated.unit == "1" and low > 0 else (by_least, by_most)
    by = abs(value(last) - value(first))
    slack = (Decimal(0) if _is_as_paid(first) else place_of(first) / 2) + (
        Decimal(0) if _is_as_paid(last) else place_of(last) / 2
    )
    low, high = max(by - slack, Decimal(0)), by + slack
    return (low / value(first), high / value(first)) if stated.unit == "1" else (low, high)


def _is_as_paid(quantity: Quantity) -> bool:
    """Whether a number is exact as typed: a price, a count, a whole per cent."""
    return (
        bool(quantity.per)
        or (quantity.written_unit in {"元", "%"} and "." not in quantity.text)
        or _is_exact(quantity)
        or (quantity.unit == "元" and quantity.written_unit == "元")
    )


# Remarks


def _remark(positions: Positions, labels: Labels, claim: Claim, reading: Reading, verdict: str) -> Remark:
    stated = positions.quantities[claim.number]
    terms = [positions.quantities[one] for one in reading.terms]
    if claim.kind is Kind.GROWTH:
        message = _of_growth(stated, terms, verdict, is_down(labels.left(claim.number)))
    else:
        message = MESSAGES[claim.kind](stated, terms, verdict)
    numbers = tuple(dict.fromkeys((claim.number, *reading.terms)))
    return Remark(claim.kind.value, verdict, stated.start, numbers, message)


def _of_share(share: Quantity, terms: Sequence[Quantity], verdict: str) -> Bilingual:
    part, *wholes = terms
    width = share.high - share.low
    decimals = max(1, -width.normalize().adjusted() - 2) if width.is_finite() else 1
    quotient_ = value(part) / sum((value(one) for one in wholes), Decimal(0))
    shown = "+".join(one.text for one in wholes)
    equation = f"{part.text}÷{f'({shown})' if len(wholes) > 1 else shown}={percent(quotient_, decimals, keep=True)}"
    if verdict == AGREES:
        return Bilingual(
            f"{share.text} 与旁边的数相符:{equation}。", f"{share.text} follows from the counts beside it: {equation}."
        )
    place = share.high - share.low
    if verdict == SUSPICION and value(share) < quotient_ < value(share) + place:
        return Bilingual(
            f"{share.text} 是舍去尾数所得,四舍五入不是:{equation}。", f"{share.text} is cut off, not rounded: {equation}."
        )
    if verdict == SUSPICION and abs(quotient_ - value(share)) <= (SLACK + 1) * place:
        return Bilingual(
            f"{share.text} 末位与旁边的数略有出入:{equation}。", f"The last place of {share.text} is slightly off: {equation}."
        )
    if verdict == SUSPICION:
        return Bilingual(
            f"{share.text} 如果是 {part.text} 占 {shown} 的比例,则不符:{equation}。",
            f"If {share.text} is the share of {part.text} in {shown}, it does not agree: {equation}.",
        )
    zh, en = f"{share.text} 与旁边的数不符:{equation}", f"{share.text} does not follow from the counts beside it: {equation}"
    if right := _wholes(part, share):
        zh += f";分母为 {'、'.join(map(str, right))} 时才得 {share.text}"
        en += f"; it would with a denominator of {' or '.join(map(str, right))}"
    return Bilingual(zh + "。", en + ".")


def _wholes(part: Quantity, share: Quantity) -> list[int]:
    """The whole numbers that would be the right denominator; none where they would not help."""
    if part.unit in MEASURED or value(part) > MAX_NAMED_PART or share.low <= 0:
        return []
    first, last = math.floor(value(part) / share.high) + 1, math.floor(value(part) / share.low)
    return list(range(first, last + 1)) if 0 <= last - first < 3 else []


def _of_growth(share: Quantity, terms: Sequence[Quantity], verdict: str, down: bool) -> Bilingual:
    level, increment = terms
    base = value(level) + value(increment) if down else value(level) - value(increment)
    sign = "+" if down else "-"
    rate = percent(value(increment) / base, 2) if base > 0 else "–"
    equation = f"{increment.text}÷({level.text}{sign}{increment.text})={rate}"
    if verdict == AGREES:
        return Bilingual(f"变化 {share.text} 相符:{equation}。", f"The change of {share.text} agrees: {equation}.")
    if verdict == SUSPICION and (base <= 0 or abs(value(increment) / base - value(share)) > (SLACK + 1) * place_of(share)):
        return Bilingual(
            f"变化 {share.text} 如果与 {increment.text} 说的是同一件事,则不符:{equation}。",
            f"If the change of {share.text} is that of {increment.text}, it does not agree: {equation}.",
        )
    if verdict == SUSPICION:
        return Bilingual(
            f"变化 {share.text} 末位略有出入:{equation}。", f"The change of {share.text} is slightly off: {equation}."
        )
    return Bilingual(f"变化 {share.text} 不符:{equation}。", f"The change of {share.text} does not agree: {equation}.")


def _of_sum(whole: Quantity, terms: Sequence[Quantity], verdict: str) -> Bilingual:
    listed = "+".join(part.text for part in terms)
    if verdict == AGREES:
        return Bilingual(f"{whole.text}={listed},相符。", f"{whole.text} = {listed}: the parts add up.")
    added = sum((value(part) for part in terms), Decimal(0))
    sum_, by = in_unit(added, whole), in_unit(abs(added - value(whole)), whole)
    if verdict == SUSPICION:
        return Bilingual(
            f"{listed} 合计 {sum_};如果这就是全部,与 {whole.text} 相差 {by}。",
            f"{listed} add up to {sum_}; if these are all parts of {whole.text}, it is off by {by}.",
        )
    return Bilingual(
        f"{listed} 合计 {sum_},与 {whole.text} 相差 {by}。", f"{listed} add up to {sum_}, not to {whole.text}: off by {by}."
    )


def _of_change(stated: Quantity, terms: Sequence[Quantity], verdict: str) -> Bilingual:
    first, last = terms
    by = abs(value(last) - value(first))
    if stated.unit == "1":
        shown = percent(by / value(first))
    else:
        shown = f"{plain(half_up(by * 100, 2))}个百分点" if stated.unit == "百分点" else in_unit(by, stated)
    if verdict == AGREES:
        return Bilingual(
            f"由 {first.text} 到 {last.text},变化 {shown},与 {stated.text} 相符。",
            f"From {first.text} to {last.text} is a change of {shown}, as stated: {stated.text}.",
        )
    return Bilingual(
        f"由 {first.text} 到 {last.text},变化 {shown},不是 {stated.text}。",
        f"From {first.text} to {last.text} is a change of {shown}, not of {stated.text}.",
    )


def _of_average(average: Quantity, terms: Sequence[Quantity], verdict: str) -> Bilingual:
    sum_, count = terms
    equation = f"{sum_.text}÷{count.text}≈{in_unit(half_up(value(sum_) / value(count), 2), average)}"
    if verdict == AGREES:
        return Bilingual(f"平均 {average.text} 相符:{equation}。", f"An average of {average.text} agrees: {equation}.")
    return Bilingual(f"平均 {average.text} 不符:{equation}。", f"An average of {average.text} does not agree: {equation}.")


MESSAGES: dict[Kind, Callable[[Quantity, Sequence[Quantity], str], Bilingual]] = {
    Kind.SHARE: _of_share, Kind.SUM: _of_sum, Kind.CHANGE: _of_change, Kind.AVERAGE: _of_average,
}  # fmt: skip
