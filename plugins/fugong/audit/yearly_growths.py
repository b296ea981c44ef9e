"""Checks yearly averages of growth: 增长13.2%,两年平均增长6.4%; 比2013年增加4.44亿元,年平均增长11.71%."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fugong.audit.changes import is_down
from fugong.audit.labels import Labels, Role
from fugong.audit.marked import COUNT, SHARE, SIGNS, Marked, marked
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, SUSPICION, Interval, Remark, bounds, value
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up, plain

OVER_YEARS = re.compile(
    rf"比(?:19|20)\d\d年[^，。；{SHARE}]{{0,14}}?(?:增长|上升|下降)了?(?P<all>{SHARE})，(?:[^，。；{SIGNS}]{{0,6}})?(?P<n>[两二三四五六七八九])年(?:年均|平均|年平均)(?:增长|增速|下降)(?:率|为|达到?|约)*(?P<yearly>{SHARE})"
)
SINCE = re.compile(
    rf"比(?P<base>(?:19|20)\d\d)年(?:[末底]|同期)?(?:增加|增长)了?(?P<all>{SHARE}|{COUNT})，(?:年均|年平均|平均每年)(?:增长|递增)(?:率|为|达到?|约)*(?P<yearly>{SHARE})"
)
TO_BASE = re.compile(
    rf"[比与](?P<base>(?:19|20)\d\d)年[^。；]{{0,40}}?(?:增加|减少){COUNT}，(?P<way>增长|下降)(?P<all>{SHARE})，年(?:平均|均)(?:增长|下降)率?(?:为|是)?(?P<yearly>{SHARE})"
)
CENSUS = 10
"""Years between two censuses, where a text names no year of its own."""
YEAR = re.compile(r"(?<![比较与同\d])(?<!相当于)((?:19|20)\d\d)年(?!平均|均)")
YEARS = "两三四五六七八九"
HUNDRED, ONE = Decimal(100), Decimal(1)
MAX_YEARS = 30
SLACK = Decimal("0.001")
"""Averages are made of growths before they are rounded, and at fixed prices."""


def yearly_growths(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each yearly average beside the growth of all years."""
    text = marked(positions)
    for found in OVER_YEARS.finditer(text.text):
        all_, yearly = text.all_of(found, "all")[0], text.all_of(found, "yearly")[0]
        years = YEARS.index("两" if found["n"] == "二" else found["n"]) + 2
        low, high = _signed(positions, labels, all_)
        yield from _judged(positions, labels, yearly, (1 + low, 1 + high), years, (all_,))
    yield from _from_census(positions, labels, text)
    for found in SINCE.finditer(text.text):
        by, yearly = text.all_of(found, "all")[0], text.all_of(found, "yearly")[0]
        own = _year_of(positions, by)
        if own is None or not 1 < own - int(found["base"]) <= MAX_YEARS:
            continue
        years = own - int(found["base"])
        if positions.quantities[by].unit == "1":
            low, high = bounds(positions.quantities[by])
            yield from _judged(positions, labels, yearly, (1 + low, 1 + high), years, (by,))
            continue
        level = _level_of(positions, labels, by)
        if level is not None:
            (low, high), (least, most) = bounds(positions.quantities[level]), bounds(positions.quantities[by])
            if low > most and high.is_finite() and most.is_finite():
                grown = low / (low - least), high / (high - most)
                yield from _judged(positions, labels, yearly, (min(grown), max(grown)), years, (level, by))


def _from_census(positions: Positions, labels: Labels, text: Marked) -> Iterator[Remark]:
    """与2010年第六次全国人口普查的725482人相比,增加25907人,增长3.57%,年平均增长率为0.35%."""
    for found in TO_BASE.finditer(text.text):
        all_, yearly = text.all_of(found, "all")[0], text.all_of(found, "yearly")[0]
        low, high = _signed(positions, labels, all_)
        if "普查" in found[0]:
            yield from _judged(positions, labels, yearly, (1 + low, 1 + high), CENSUS, (all_,))


def _year_of(positions: Positions, number: int) -> int | None:
    """The year that is named last before a number in its paragraph, and is none that others are compared with."""
    plain, start = positions.text.plain, positions.quantities[number].start
    years = YEAR.findall(plain, plain.rfind("\n", 0, start) + 1, start)
    return int(years[-1]) if years else None


def _level_of(positions: Positions, labels: Labels, increment: int) -> int | None:
    """The amount of its sentence, or of the part before a semicolon, that an increment is part of."""
    for one in range(increment - 1, -1, -1):
        between = positions.text.plain[positions.quantities[one].end : positions.quantities[increment].start]
        if re.search(r"[。\n]", between):
            return None
        if labels.roles[one] is Role.LEVEL:
            return one if positions.quantities[one].unit == positions.quantities[increment].unit else None
    return None


def _signed(positions: Positions, labels: Labels, number: int) -> Interval:
    low, high = bounds(positions.quantities[number])
    return (-high, -low) if is_down(labels.left(number)) else (low, high)


def _judged(
    positions: Positions, labels: Labels, yearly: int, grown: Interval, years: int, of: tuple[int, ...]
) -> Iterator[Remark]:
    """Compare what a yearly growth makes of one over all years with what came out."""
    if any(positions.quantities[one].bound != "exact" for one in (yearly, *of)):
        return
    low, high = _signed(positions, labels, yearly)
    if grown[0] <= 0 or low <= -1:
        return
    stated = positions.quantities[yearly]
    least, most = (one ** (ONE / years) - 1 for one in grown)
    rate = plain(half_up((least + most) / 2 * HUNDRED, 2))
    numbers = (yearly, *of)
    if low - SLACK <= most and least <= high + SLACK:
        message = Bilingual(
            f"{stated.text} 相符:{years} 年平均为 {rate}%。", f"{stated.text} agrees: {rate} % a year over {years} years."
        )
        yield Remark("growth", AGREES, stated.start, numbers, message)
    elif value(stated):
        message = Bilingual(
            f"{stated.text} 可能不符:{years} 年平均为 {rate}%。",
            f"{stated.text} may be wrong: it is {rate} % a year over {years} years.",
        )
        yield Remark("growth", SUSPICION, stated.start, numbers, message)
