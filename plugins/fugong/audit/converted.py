"""Checks what is told in two units: 4734千公顷(7101万亩), 115亿元(折合18亿美元)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from statistics import median

from fugong.audit.misprints import n_digits
from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED, MEASURES, ONE, Quantity
from fugong.audit.remarks import CONTRADICTION, SUSPICION, Remark, bounds, meet, ratio, value
from fugong.core.bilingual import Bilingual

OPENS = re.compile(r"(?:/\w{1,3})?(?:人民币)?[（，]?(?:约合|折合|折|合|约|即)?(?:人民币)?")
MIN_DIGITS = 3
MIN_PAIRS = 3
NEAR = Decimal("0.02")
"""So near lie the rates of exchange of one text."""


def converted(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each number that is not the same as the one beside it in another unit."""
    money: list[int] = []
    for number in range(len(positions.quantities) - 1):
        first, second = positions.quantities[number : number + 2]
        between = positions.text.plain[first.end : second.start]
        if not OPENS.fullmatch(between) or first.number is None or second.number is None:
            continue
        is_inside = "（" in between and positions.text.plain[second.end :].lstrip("/公顷亩").startswith("）")
        if {first.unit, second.unit} == {"元", "美元"} and (is_inside or "合" in between):
            money.append(number)
        elif is_inside and first.unit == second.unit and _is_other_measure(first, second):
            yield from _of_measures(number, first, second)
    yield from _of_money(positions, money)


def _is_other_measure(first: Quantity, second: Quantity) -> bool:
    """Whether two numbers of one kind are written in different units: 公顷 and 亩, not 亿元 and 元."""
    if first.unit not in MEASURED:
        return False
    bare = [one.written_unit.lstrip("百千万亿十") for one in (first, second)]
    return bare[0] != bare[1] or first.per != second.per


def _of_measures(number: int, first: Quantity, second: Quantity) -> Iterator[Remark]:
    worth = _worth(second.per) / _worth(first.per) if first.per != second.per else ONE
    low, high = bounds(first)
    if worth == 0 or meet((low * worth, high * worth), bounds(second)):
        return
    place = second.high - second.low
    is_cut_off = meet((low * worth - place, high * worth + place), bounds(second))  # 404.5万吨（80.8亿斤）
    is_sure = min(n_digits(first), n_digits(second)) >= MIN_DIGITS and not is_cut_off
    message = Bilingual(
        f"{first.text} 与括号里的 {second.text} 换算不符。", f"{first.text} is not {second.text}, as the brackets say."
    )
    yield Remark("told-twice", CONTRADICTION if is_sure else SUSPICION, second.start, (number, number + 1), message)


def _worth(per: str) -> Decimal:
    """How much a unit is after 每 or a slash; 0 where it is none of measure."""
    return MEASURES[per][1] if per in MEASURES else Decimal(0)


def _of_money(positions: Positions, pairs: list[int]) -> Iterator[Remark]:
    """The rate of exchange that most amounts of a text have is that of all."""
    if len(pairs) < MIN_PAIRS:
        return
    rates = {
        one: value(positions.quantities[one]) / value(positions.quantities[one + 1])
        for one in pairs
        if value(positions.quantities[one + 1])
    }
    usual = median(rates.values())
    if sum(abs(rate - usual) <= NEAR * usual for rate in rates.values()) < max(MIN_PAIRS - 1, len(rates) // 2 + 1):
        return
    for one in rates:
        found = ratio(bounds(positions.quantities[one]), bounds(positions.quantities[one + 1]))
        if found is None or meet(found, (usual * (1 - NEAR), usual * (1 + NEAR))):
            continue
        first, second = positions.quantities[one].text, positions.quantities[one + 1].text
        message = Bilingual(
            f"{first} 与 {second} 的汇率与文中其他各处不同,其中一个可能写错。",
            f"{first} and {second} have another rate of exchange than the rest of the text: one may be wrong.",
        )
        yield Remark("told-twice", SUSPICION, positions.quantities[one + 1].start, (one, one + 1), message)
