"""Checks contributions to growth: 贡献率为56.2%,拉动增长2.8个百分点 is 56.2 % of a growth of 5.0 %; 三大行业贡献率达56.2%."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fugong.audit.chinese_numerals import parse_chinese_numeral
from fugong.audit.labels import Labels
from fugong.audit.marked import COUNT, POINTS, SHARE, SIGNS, marked
from fugong.audit.misprints import is_one_digit_off
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Remark, bounds, meet, total
from fugong.core.bilingual import Bilingual

PULLED = re.compile(
    rf"贡献率?(?:为|达到?|是|约)*(?P<rate>{SHARE})，(?:[共并]?[^，。；{SIGNS}]{{0,4}})?拉动[^，。；{SIGNS}]{{0,16}}(?P<points>{POINTS})"
)
OF_EACH = re.compile(rf"贡献率?(?:为|达到?|是|约)*(?P<rate>{SHARE})")
OF_ALL = re.compile(
    rf"(?P<n>[两三四五六七八九])[个大][^，。；{SIGNS}]{{1,8}}(?:合计)?贡献率(?:合计)?(?:为|达到?|是|约)*(?P<rate>{SHARE})"
)
EACH_OF_THREE = re.compile(
    rf"第一产业[^。\n]*?贡献率?(?:分别)?(?:为|达到?|是|约)*(?P<a>{SHARE})[^。\n]*?第二产业[^。\n]*?贡献率?(?:为|达到?|是|约)*(?P<b>{SHARE})"
    rf"[^。\n]*?第三产业[^。\n]*?贡献率?(?:为|达到?|是|约)*(?P<c>{SHARE})"
)
LIST_OF_THREE = re.compile(
    rf"(?:[三{COUNT}]次?产业|第?一、?(?:第)?二、?(?:和第|、第|第|、|和)?三(?:次)?产业|三大产业)[^。；\n{SIGNS}]{{0,20}}贡献率分别(?:为|达到?|是)*(?P<a>{SHARE})[、，](?P<b>{SHARE})[、，和](?P<c>{SHARE})"
)
"""第一、第二、第三产业的贡献率分别为…: the three make all of the growth."""
MIN_DIGITS = 2
WHOLE = (Decimal("0.998"), Decimal("1.002"))


def contributions(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each contribution that follows from others, or that no growth of the text explains."""
    text = marked(positions)
    for found in PULLED.finditer(text.text):
        share, points = text.all_of(found, "rate")[0], text.all_of(found, "points")[0]
        yield from _pulled(positions, labels, share, points)
    for found in (*EACH_OF_THREE.finditer(text.text), *LIST_OF_THREE.finditer(text.text)):
        yield from _of_three(positions, [text.all_of(found, name)[0] for name in "abc"])
    for found in OF_ALL.finditer(text.text):
        begin = max(text.text.rfind(sign, 0, found.start()) for sign in "。\n") + 1
        each = [text.numbers[one.start("rate")] for one in OF_EACH.finditer(text.text, begin, found.start())]
        if len(each) == parse_chinese_numeral(found["n"].replace("两", "二")):
            yield from _of_all(positions, text.all_of(found, "rate")[0], each)


def _of_three(positions: Positions, each: list[int]) -> Iterator[Remark]:
    quantities = [positions.quantities[one] for one in each]
    if any(one.bound != "exact" for one in quantities):
        return
    made, shown = total(quantities), "+".join(one.text for one in quantities)
    if not meet(made, WHOLE):
        message = Bilingual(
            f"三次产业的贡献率合计不是 100%:{shown}。", f"The three industries contribute all: {shown} is not 100 %."
        )
        yield Remark("parts", CONTRADICTION, quantities[-1].start, tuple(each), message)


def _pulled(positions: Positions, labels: Labels, share: int, points: int) -> Iterator[Remark]:
    """The growth is what was pulled, divided by the share in it; one of the text's should be it."""
    (low, high), (least, most) = bounds(positions.quantities[share]), bounds(positions.quantities[points])
    growths = [
        one
        for one in range(points)
        if positions.quantities[one].unit == "1"
        and positions.quantities[one].bound == "exact"
        and labels.share_words(one).kind == "change"
        and one != share
    ]
    if low <= 0 or not high.is_finite() or not most.is_finite() or not growths:
        return
    needed = least / high, most / low
    stated, rate = positions.quantities[points], positions.quantities[share]
    growth = next((one for one in reversed(growths) if meet(needed, bounds(positions.quantities[one]))), None)
    if growth is not None:
        other = positions.quantities[growth].text
        message = Bilingual(f"{stated.text} 相符:{other} 的 {rate.text}。", f"{stated.text} agrees: {rate.text} of {other}.")
        yield Remark("points", AGREES, stated.start, (points, share, growth), message)
        return
    last = positions.quantities[growths[0]]
    if any(_is_slip(positions, points, share, one) for one in growths):
        message = Bilingual(
            f"拉动 {stated.text} 与贡献率 {rate.text} 可能不符:文中没有与之相应的增速(如 {last.text})。",
            f"{stated.text} and a contribution of {rate.text} may not agree: no growth of the text (as {last.text}) fits both.",
        )
        yield Remark("points", SUSPICION, stated.start, (points, share), message)


def _is_slip(positions: Positions, points: int, share: int, growth: int) -> bool:
    """Whether other digits of one of the numbers would make them agree."""
    stated, rate, other = (positions.quantities[one] for one in (points, share, growth))
    (low, high), (least, most), (slow, fast) = bounds(stated), bounds(rate), bounds(other)
    if slow <= 0:
        return False
    return is_one_digit_off(stated, (least * slow, most * fast), MIN_DIGITS) or is_one_digit_off(
        rate, (low / fast, min(high / slow, Decimal(1))), MIN_DIGITS
    )


def _of_all(positions: Positions, stated: int, each: list[int]) -> Iterator[Remark]:
    quantities = [positions.quantities[one] for one in each]
    whole, shown = positions.quantities[stated], "+".join(one.text for one in quantities)
    agrees = meet(bounds(whole), total(quantities))
    message = Bilingual(
        f"{whole.text} {'相符' if agrees else '不符'}:{shown}。",
        f"{whole.text} {'agrees' if agrees else 'does not agree'}: {shown}.",
    )
    yield Remark("parts", AGREES if agrees else CONTRADICTION, whole.start, (stated, *each), message)
