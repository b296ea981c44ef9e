"""Checks a level against the level of another time that the text gives: growths, multiples, differences, and how a rate moved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fugong.audit.chinese_numerals import parse_chinese_numeral
from fugong.audit.labels import Labels
from fugong.audit.marked import COUNT, POINTS, SHARE, SIGNS, Marked, marked
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Interval, Remark, bounds, in_unit, meet, ratio
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up, plain

WORDS = rf"[^，。；：（）\n{SIGNS}]"
EARLIER = r"(?:上年同期|去年同期|上年末|去年末|上年|去年|上月末|上月同期|上月|上周|上季度|上期|前一日|前一天|年初|同期|前年)"
WAY = r"(?P<way>增长|增加|上升|上涨|提高|提升|加快|扩大|下降|减少|降低|回落|放缓|收窄)(?:了|约|近)?"
DOWN = frozenset("下降 减少 降低 回落 放缓 收窄".split())
GROWN = re.compile(
    rf"(?P<now>{COUNT})[，（](?:而)?{EARLIER}{WORDS}{{0,3}}(?:为|是|有|仅为){WORDS}{{0,2}}(?P<then>{COUNT})）?，"
    rf"(?:同比|环比|[比较]{EARLIER})?(?:名义|净)?{WAY}(?P<by>{SHARE}|{COUNT})"
)
"""24.6亿元,去年同期为22.1亿元,同比增长11.3%."""
GROWN_FIRST = re.compile(
    rf"(?P<now>{COUNT})，(?:同比|环比|[比较]{EARLIER})(?:名义|净)?{WAY}(?P<by>{SHARE})[，（]{EARLIER}{WORDS}{{0,3}}(?:为|是|有|仅为){WORDS}{{0,2}}(?P<then>{COUNT})"
)
"""47件,同比上升38.2%,上年为34件."""
COUNTED_ON = re.compile(
    rf"[比较]{EARLIER}{WORDS}{{0,3}}{WAY}(?P<by>{COUNT})，{EARLIER}{WORDS}{{0,3}}(?:为|是|有)(?P<then>{COUNT})，(?:目前|现在|现|本月|本周|今年)?(?:共有|共|达到?|为|有)*(?P<now>{COUNT})"
)
"""较上月增加123家,上月为1081家,目前共1204家."""
INCREASED = re.compile(
    rf"(?P<now>{COUNT})，[比较]{EARLIER}{WORDS}{{0,3}}{WAY}(?P<by>{COUNT})[，（]{EARLIER}{WORDS}{{0,3}}(?:为|是|有)(?P<then>{COUNT})"
)
"""1204家,较年初增加123家,年初为1081家."""
MOVED = re.compile(
    rf"(?P<now>{SHARE})，(?:增速|增幅|降幅|涨幅|跌幅)?[比较]{EARLIER}{WORDS}{{0,4}}{WAY}(?P<by>{POINTS})[，（]{EARLIER}{WORDS}{{0,3}}(?:为|是|仅为|下降|增长|上涨|下跌)(?P<then>{SHARE})"
)
"""6.8%,比上年提高1.2个百分点,上年为5.6%."""
TIMES = re.compile(rf"(?P<now>{COUNT})，(?:约?是|约?为|相当于|达到?){WORDS}{{0,12}}?(?P<then>{COUNT})的(?P<by>{COUNT})")
"""36.4亿元,是年初12.1亿元的3倍."""
DOUBLED = re.compile(
    rf"[由从]{WORDS}{{0,14}}(?P<then>{COUNT}){WORDS}{{0,8}}?(?:增加|增长|提高|上升|扩大|发展|增|升)[到至为]了?{WORDS}{{0,8}}(?P<now>{COUNT})，"
    rf"(?:实现)?(?:(?:增长|增加)了?(?P<by>{COUNT})|翻了?(?P<n>[一两二三])番)(?P<more>多|以上)?"
)
"""由12.1亿元增加到24.6亿元,翻了一番."""
HALVED = re.compile(
    rf"[由从]{WORDS}{{0,14}}(?P<then>{COUNT}|＊){WORDS}{{0,8}}?(?:压缩|缩短|减少|下降|降低|压减|精简|降)[到至为]了?{WORDS}{{0,8}}(?P<now>{COUNT}|＊)(?:以内)?，"
    rf"(?:压缩|缩短|减少|下降|降低|压减|精简)了?(?:近|约)?(?P<half>一半|50%|{SHARE})"
)
"""由20个工作日压缩至10个工作日,压缩了一半."""
REAL = re.compile(r"可比|口径|不变价|实际|扣除|增加值|生产总值|产值|剔除|价格因素")
"""Growths of these are not those of the amounts beside them."""
MULTIPLE, LEAST, MOST = "倍", Decimal("0.9"), Decimal("1.3")
NEAR_HALF = (Decimal("0.4"), Decimal("0.6"))


def earlier_levels(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each of them."""
    text = marked(positions)
    for found in (*GROWN.finditer(text.text), *GROWN_FIRST.finditer(text.text)):
        yield from _grown(positions, labels, text, found)
    for found in (*COUNTED_ON.finditer(text.text), *INCREASED.finditer(text.text)):
        now, then, by = _three(text, found)
        if _are_alike(positions, now, then, by):
            yield _sum(positions, now, then, by, is_down=found["way"] in DOWN)
    for found in MOVED.finditer(text.text):
        now, then, by = _three(text, found)
        yield _points(positions, now, then, by, is_down=found["way"] in DOWN)
    for found in TIMES.finditer(text.text):
        now, then, by = _three(text, found)
        if positions.quantities[by].unit == MULTIPLE and _are_alike(positions, now, then):
            yield from _of_ratio(positions, (by, now, then), bounds(positions.quantities[by]), CONTRADICTION)
    for found in DOUBLED.finditer(text.text):
        yield from _doubled(positions, text, found)
    for found in HALVED.finditer(text.text):
        yield from _halved(positions, text, found)


def _three(text: Marked, found: re.Match[str]) -> tuple[int, int, int]:
    now, then, by = (text.all_of(found, name)[0] for name in ("now", "then", "by"))
    return now, then, by


def _are_alike(positions: Positions, *numbers: int) -> bool:
    quantities = [positions.quantities[one] for one in numbers]
    is_one_unit = len({(one.unit, one.per) for one in quantities}) == 1
    return is_one_unit and all(one.bound == "exact" and one.number is not None and one.number > 0 for one in quantities)


def _grown(positions: Positions, labels: Labels, text: Marked, found: re.Match[str]) -> Iterator[Remark]:
    now, then, by = _three(text, found)
    is_down = found["way"] in DOWN
    if not _are_alike(positions, now, then) or positions.quantities[by].bound != "exact":
        return
    if found["by"] == COUNT:
        if _are_alike(positions, now, by):
            yield _sum(positions, now, then, by, is_down=is_down)
        return
    growth = bounds(positions.quantities[by])
    needed = (1 - growth[1], 1 - growth[0]) if is_down else (1 + growth[0], 1 + growth[1])
    is_real = REAL.search(labels.clause_left(now) + labels.clause_left(by)) is not None
    yield from _of_ratio(positions, (by, now, then), needed, None if is_real else CONTRADICTION)


def _of_ratio(positions: Positions, numbers: tuple[int, int, int], needed: Interval, verdict: str | None) -> Iterator[Remark]:
    """The quotient of the second and the third number lies in an interval that the first one asks for."""
    by, now, then = (positions.quantities[one] for one in numbers)
    found = ratio(bounds(now), bounds(then))
    if found is None:
        return
    shown = f"{now.text}/{then.text}={plain(half_up((found[0] + found[1]) / 2, 4))}"
    place = needed[1] - needed[0]
    if meet(found, (needed[0] - place, needed[1] + place)):
        if meet(found, needed):
            yield _said("growth", AGREES, positions, numbers, f"{by.text} 相符:{shown}。", f"{by.text} agrees: {shown}.")
    elif verdict is not None:
        yield _said("growth", verdict, positions, numbers, f"{by.text} 不符:{shown}。", f"{by.text} does not agree: {shown}.")


def _sum(positions: Positions, now: int, then: int, by: int, *, is_down: bool) -> Remark:
    level, base, change = (positions.quantities[one] for one in (now, then, by))
    (low, high), (least, most) = bounds(base), bounds(change)
    made = (low - most, high - least) if is_down else (low + least, high + most)
    shown = f"{base.text}{'-' if is_down else '+'}{change.text}={in_unit((made[0] + made[1]) / 2, level)}"
    if meet(made, bounds(level)):
        return _said(
            "change", AGREES, positions, (by, now, then), f"{level.text} 相符:{shown}。", f"{level.text} agrees: {shown}."
        )
    return _said(
        "change",
        CONTRADICTION,
        positions,
        (by, now, then),
        f"{level.text} 不符:{shown}。",
        f"{level.text} does not agree: {shown}.",
    )


def _points(positions: Positions, now: int, then: int, by: int, *, is_down: bool) -> Remark:
    level, base, change = (positions.quantities[one] for one in (now, then, by))
    (low, high), (least, most) = bounds(base), bounds(change)
    made = (low - most, high - least) if is_down else (low + least, high + most)
    shown = f"{base.text}{'-' if is_down else '+'}{change.text}"
    if meet(made, bounds(level)):
        return _said(
            "points", AGREES, positions, (by, now, then), f"{level.text} 相符:{shown}。", f"{level.text} agrees: {shown}."
        )
    return _said(
        "points",
        CONTRADICTION,
        positions,
        (by, now, then),
        f"{level.text} 不符:{shown}。",
        f"{level.text} does not agree: {shown}.",
    )


def _doubled(positions: Positions, text: Marked, found: re.Match[str]) -> Iterator[Remark]:
    now, then = (text.all_of(found, name)[0] for name in ("now", "then"))
    if not _are_alike(positions, now, then):
        return
    if found["n"]:
        times = Decimal(2) ** int(parse_chinese_numeral(found["n"].replace("两", "二")) or 0)
        most = Decimal("Infinity") if found["more"] else times * MOST
        yield from _loosely(positions, now, then, (times * LEAST, most), f"翻{found['n']}番", f"{plain(times)} times")
    elif positions.quantities[by := text.all_of(found, "by")[0]].unit == MULTIPLE:
        low, high = bounds(positions.quantities[by])
        needed = (1 + low, Decimal("Infinity") if found["more"] else 1 + high)
        if needed[1].is_finite():
            yield from _of_ratio(positions, (by, now, then), needed, SUSPICION)


def _halved(positions: Positions, text: Marked, found: re.Match[str]) -> Iterator[Remark]:
    now, then = (text.all_of(found, name)[0] for name in ("now", "then"))
    if not _are_alike(positions, now, then):
        return
    if found["half"] == SHARE:
        by = text.all_of(found, "half")[0]
        low, high = bounds(positions.quantities[by])
        yield from _of_ratio(positions, (by, now, then), (1 - high, 1 - low), CONTRADICTION)
    else:
        yield from _loosely(positions, now, then, NEAR_HALF, found["half"], "half")


def _loosely(positions: Positions, now: int, then: int, needed: Interval, zh: str, en: str) -> Iterator[Remark]:
    level, base = positions.quantities[now], positions.quantities[then]
    found = ratio(bounds(level), bounds(base))
    if found is None or (found[0] <= needed[1] and needed[0] <= found[1]):
        return
    shown = f"{level.text}/{base.text}={plain(half_up((found[0] + found[1]) / 2, 2))}"
    yield _said("change", SUSPICION, positions, (now, then), f"说是{zh},而 {shown}。", f"It is said to be {en}, but {shown}.")


def _said(code: str, verdict: str, positions: Positions, numbers: tuple[int, ...], zh: str, en: str) -> Remark:
    first: Quantity = positions.quantities[numbers[0]]
    return Remark(code, verdict, first.start, numbers, Bilingual(zh, en))
