"""Checks differences in points from a rate that stands right before them: 0.53%,比上个十年的0.57%下降0.04个百分点."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fugong.audit.labels import Labels
from fugong.audit.marked import COUNT, POINTS, SHARE, SIGNS, marked
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Interval, Remark, bounds, meet
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up, plain

WORDS = rf"[^，。；：（）\n{SIGNS}]"
FALLS = r"下降|降低|回落|减少|收窄|低|慢|少"
WAY = rf"(?P<way>提高|提升|上升|增加|加快|扩大|高|快|多|{FALLS})(?:了|出)?"
MOVED = re.compile(
    rf"(?P<own>{SHARE})，(?:{WORDS}{{2,10}}，)?[比较]{WORDS}{{2,18}}?(?:（(?P<sign>[-—]?)(?P<a>{SHARE})）|(?P<b>{SHARE}))(?:{WORDS}{{0,2}})?{WAY}(?P<by>{POINTS})"
)
"""The rate before is compared with one of another time, in brackets or bare."""
ABOVE = re.compile(
    rf"(?P<own>{SHARE})，(?:[^，。；{SIGNS}]{{0,10}}，)?{WORDS}{{0,4}}(?P<way>高于|高出|快于|快出|超|低于|慢于){WORDS}{{2,14}}（(?P<sign>[-—]?)(?P<a>{SHARE})）{WORDS}{{0,6}}(?P<by>{POINTS})"
)
ABOVE_TWO = re.compile(
    rf"(?:[，、]|^)分别(?P<way>高于|高出|快于|快出|低于|慢于){WORDS}{{1,8}}（(?P<a>{SHARE})）[、和]{WORDS}{{1,8}}（(?P<b>{SHARE})）{WORDS}{{0,6}}(?P<c>{POINTS})[、和](?P<d>{POINTS})"
)
OTHER_WAY = re.compile(
    rf"(?P<own>{SHARE})，(?:增[速幅])?(?P<way>高于|快于|低于|慢于){WORDS}{{1,12}}?(?:（(?P<a>{SHARE})）|(?P<b>{SHARE})的?)(?:平均|的?增[速幅]|水平)"
)
"""Which of two rates is the higher one: 增长10.86%,高于上年全年7.09%的增速水平."""
RISEN = re.compile(
    rf"(?P<own>{SHARE})，[比较与](?:[^。；\n{SHARE}{POINTS}{COUNT}，])+?(?:，)?(?:提高|提升|上升|增长|增加)(?:了)?(?P<by>{POINTS}(?:[、和]{POINTS})*)"
)
RATES = frozenset(["part", "rate", "plan"])
CANCEL = re.compile(
    rf"(?P<names>[^。；\n]{{4,40}})(?:比重|占比)分别(?P<a>上升|提高|下降|降低|回落)(?P<x>{POINTS})[、，](?P<b>上升|提高|下降|降低|回落)(?P<y>{POINTS})(?:[、，和]{{1,2}})(?P<c>上升|提高|下降|降低|回落)(?P<z>{POINTS})"
)
ONE_AND_TWO = re.compile(
    rf"第[一二三]产业[^。；\n{SIGNS}]{{0,16}}(?:比重|占比)(?P<a>上升|提高|下降|降低|回落)(?P<x>{POINTS})[，；]第[一二三](?:产业)?[、和]第?[一二三]产业"
    rf"[^。；\n{SIGNS}]{{0,16}}(?:比重|占比)?分别(?P<b>上升|提高|下降|降低|回落)(?P<y>{POINTS}[、和]{POINTS})"
)
ALL_AGES = re.compile(r"^[^。]*?(?:0|＊|＃)[-—至]?.*、.*、[^、]*以上")
ALL_INDUSTRIES = re.compile(r"第一(?:产业)?、(?:第)?二(?:产业)?、(?:第)?三")
LESS = re.compile(FALLS)
HUNDRED, ROUNDING = Decimal(100), Decimal("0.0003")


def points_beside(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each difference that the two rates before it settle."""
    text = marked(positions)
    for pattern in (MOVED, ABOVE):
        for found in pattern.finditer(text.text):
            own, base, by = text.all_of(found)[0], text.all_of(found)[-2], text.all_of(found, "by")[0]
            if len(text.all_of(found)) == 3:
                is_less = LESS.search(found["way"]) is not None
                yield from _judged(
                    positions,
                    by,
                    _signed(positions, labels, own),
                    _of(positions, base, bool(found["sign"])),
                    is_less,
                    (own, base),
                )
    for found in ABOVE_TWO.finditer(text.text):
        bases, stated = (text.all_of(found)[:2], text.all_of(found)[2:])
        before = [one for one in range(bases[0]) if positions.sentence(one) == positions.sentence(bases[0])]
        own = next((one for one in before if positions.quantities[one].unit == "1" and labels.share_words(one).kind), None)
        if own is not None and not any(labels.depths[one] for one in (own,)):
            for base, by in zip(bases, stated, strict=True):
                is_less = LESS.search(found["way"]) is not None
                yield from _judged(
                    positions, by, _signed(positions, labels, own), _of(positions, base, False), is_less, (own, base)
                )
    for found in OTHER_WAY.finditer(text.text):
        numbers = text.all_of(found)
        if len(numbers) == 2:
            yield from _other_way(positions, labels, numbers[0], numbers[1], LESS.search(found["way"]) is not None)
    for found in RISEN.finditer(text.text):
        own = text.all_of(found, "own")[0]
        yield from _more_than_all(positions, labels, own, text.all_of(found, "by"))
    yield from _industries(positions)
    for found in CANCEL.finditer(text.text):
        if ALL_INDUSTRIES.search(found["names"]) or ALL_AGES.search(found["names"]):
            yield from _cancel(positions, text.all_of(found)[-3:], [found[one] for one in "abc"])


def _industries(positions: Positions) -> Iterator[Remark]:
    """第一产业占生产总值的比重上升3.82个百分点，第二、第三产业…分别回落2.16和1.66个百分点: they cancel out."""
    text = marked(positions)
    for found in ONE_AND_TWO.finditer(text.text):
        yield from _cancel(positions, [*text.all_of(found, "x"), *text.all_of(found, "y")], [found["a"], found["b"], found["b"]])


def _signed(positions: Positions, labels: Labels, number: int) -> Interval:
    low, high = bounds(positions.quantities[number])
    is_down = labels.share_words(number).kind == "change" and LESS.search(labels.left(number)[-4:]) is not None
    return (-high, -low) if is_down or labels.left(number).endswith(("-", "—")) else (low, high)


def _of(positions: Positions, number: int, is_negative: bool) -> Interval:
    low, high = bounds(positions.quantities[number])
    return (-high, -low) if is_negative else (low, high)


def _judged(
    positions: Positions, number: int, own: Interval, base: Interval, is_less: bool, rates: Sequence[int]
) -> Iterator[Remark]:
    stated = positions.quantities[number]
    if any(positions.quantities[one].bound != "exact" for one in (number, *rates)):
        return
    low, high = own[0] - base[1], own[1] - base[0]
    difference = (-high, -low) if is_less else (low, high)
    names = [positions.quantities[one].text for one in rates]
    by = plain(half_up((difference[0] + difference[1]) / 2 * HUNDRED, 2))
    agrees = meet(difference, bounds(stated))
    message = Bilingual(
        f"{stated.text} {'相符' if agrees else '不符'}:{names[0]} 与 {names[1]} 相差 {by} 个百分点。",
        f"{stated.text} {'agrees' if agrees else 'does not agree'}: {names[0]} and {names[1]} are {by} points apart.",
    )
    yield Remark("points", AGREES if agrees else CONTRADICTION, stated.start, (number, *rates), message)


def _other_way(positions: Positions, labels: Labels, own: int, base: int, is_less: bool) -> Iterator[Remark]:
    (low, high), (least, most) = _signed(positions, labels, own), bounds(positions.quantities[base])
    if high < 0:
        return  # 下降5%,高于全省…: of two falls the higher one is less
    if (low > most) if is_less else (high < least):
        one, other = positions.quantities[own].text, positions.quantities[base].text
        message = Bilingual(
            f"说是 {one} {'低' if is_less else '高'}于 {other},两数的大小正好相反。",
            f"{one} is said to be {'below' if is_less else 'above'} {other}, but these go the other way.",
        )
        yield Remark("points", CONTRADICTION, positions.quantities[own].start, (own, base), message)


def _more_than_all(positions: Positions, labels: Labels, own: int, rises: Sequence[int]) -> Iterator[Remark]:
    """A share of 99 % cannot have risen by 173 points."""
    if labels.share_words(own).kind not in RATES:
        return
    for one in rises:
        if bounds(positions.quantities[one])[0] > bounds(positions.quantities[own])[1]:
            less, more = positions.quantities[own].text, positions.quantities[one].text
            message = Bilingual(
                f"说是提高了 {more},比提高后的 {less} 还多。",
                f"It is said to have risen by {more}, more than the {less} that it is now.",
            )
            yield Remark("points", CONTRADICTION, positions.quantities[one].start, (one, own), message)


def _cancel(positions: Positions, numbers: Sequence[int], ways: Sequence[str]) -> Iterator[Remark]:
    """The shares of all parts change by nothing together."""
    signed = [
        -(positions.quantities[one].number or 0) if LESS.search(way) else positions.quantities[one].number or 0
        for one, way in zip(numbers, ways, strict=True)
    ]
    if abs(sum(signed)) > ROUNDING:
        shown = "、".join(positions.quantities[one].text for one in numbers)
        message = Bilingual(
            f"各部分比重的升降({shown})应当相抵。", f"The changes of the shares of all parts ({shown}) should cancel out."
        )
        yield Remark("points", SUSPICION, positions.quantities[numbers[-1]].start, tuple(numbers), message)
