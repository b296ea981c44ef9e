"""Finds orders that the numbers of a text do not keep: 最多的是甲市,14.38万户;其次为乙市,15.09万户; 由高到低依次为30.1%、40.5%."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from fugong.audit.marked import COUNT, SHARE, SIGNS, marked
from fugong.audit.positions import Positions
from fugong.audit.remarks import CONTRADICTION, SUSPICION, Remark, bounds
from fugong.core.bilingual import Bilingual

N = rf"[{COUNT}{SHARE}]"
WORDS = rf"[^。；\n{SIGNS}]"
FIRST = re.compile(
    rf"(?:最(?P<much>多|高|大|快|好)|最(?P<little>少|低|小|慢)|(?P<first>居首位?|位居第一|排名第一|居第一位?))(?:的)?{WORDS}{{0,24}}?(?P<a>{N})"
    rf"(?P<between>[^。\n]{{0,40}}?)(?:其次|再次|第二)(?:的)?(?:是|为|，)?{WORDS}{{0,24}}?(?P<b>{N}(?:[、和]{N})*)"
)
DOWN = re.compile(
    rf"(?:由高到低|从高到低|由大到小|从大到小|由多到少|从多到少|由快到慢)[^。；\n]{{0,24}}?(?:分别|依次)?(?:是|为)?[：，]?(?P<list>(?:{WORDS}{{0,16}}?{N}[）]?[、，和；]?){{2,12}})"
)
SORTED = re.compile(
    rf"(?P<end>最快|最多|最高|最大|居前|前[三四五六十两])的?{WORDS}{{0,16}}?(?:分别|依次)(?:是|为)[^。；\n{SIGNS}]{{2,60}}，{WORDS}{{0,16}}?分别{WORDS}{{0,8}}(?P<list>{N}(?:[、和]{N})+)"
)
PLACES = re.compile(
    r"第(?P<before>\d{1,2})[位名](?P<way>前移|上升|提升|晋升|前进|后移|下降|下滑|后退)(?:了)?(?P<by>\d{1,2})[位名个]+，?(?:升至|降至|跌至|居|位居|位列|列|排名|至|到|为)*第(?P<after>\d{1,2})[位名]"
)
FORWARD = frozenset("前移 上升 提升 晋升 前进".split())
FALLS = re.compile(r"降|减|跌|回落")
OTHER_MEASURE = re.compile(r"增长|增速|同比|占|比重|其中")
"""Between two ranked values: a value of another measure."""


def rankings(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each number that stands after a smaller one in a falling order, or above the one that is called the most."""
    text = marked(positions)
    for found in FIRST.finditer(text.text):
        first = text.all_of(found, "a")[0]
        if OTHER_MEASURE.search(found["between"].split("，")[0]) and not found["between"].startswith(("，", "；")):
            continue
        for other in text.all_of(found, "b"):
            yield from _judged(positions, first, other, found["little"] is not None)
    yield from _moved(positions)
    for pattern in (DOWN, SORTED):
        for found in pattern.finditer(text.text):
            listed = text.all_of(found, "list")
            if FALLS.search(found[0]) or "增长" in found["list"]:
                continue
            for one, other in itertools.pairwise(listed):
                yield from _judged(positions, one, other, is_least=False)


def _moved(positions: Positions) -> Iterator[Remark]:
    """由第8位前移2位,升至第6位: the places add up."""
    for found in PLACES.finditer(positions.text.plain):
        before, by, after = (int(found[name]) for name in ("before", "by", "after"))
        made = before - by if found["way"] in FORWARD else before + by
        if made != after:
            message = Bilingual(
                f"第 {before} 位{found['way']} {by} 位是第 {made} 位,不是第 {after} 位。",
                f"{by} places from place {before} is place {made}, not place {after}.",
            )
            yield Remark("change", CONTRADICTION, found.start(), (), message)


def _judged(positions: Positions, first: int, other: int, is_least: bool) -> Iterator[Remark]:
    one, after = positions.quantities[first], positions.quantities[other]
    if one.unit != after.unit or one.per != after.per or {one.bound, after.bound} != {"exact"}:
        return
    (low, high), (least, most) = bounds(one), bounds(after)
    if (most < low) if is_least else (least > high):
        message = Bilingual(
            f"按文中的排序,{after.text} 应不{'小' if is_least else '大'}于 {one.text}。",
            f"By the order that the text tells, {after.text} should be no {'less' if is_least else 'more'} than {one.text}.",
        )
        yield Remark("bound", SUSPICION, after.start, (other, first), message)
