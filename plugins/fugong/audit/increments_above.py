"""Finds increments that are more than what they were added to, with them included: 余额8.72万亿元,上半年增加83.65万亿元."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import CHANGE, Labels, Role, content, is_within
from fugong.audit.positions import Positions
from fugong.audit.remarks import CONTRADICTION, Remark, bounds, is_count
from fugong.core.bilingual import Bilingual

MAY_BE_NEGATIVE = re.compile(r"利润|顺差|逆差|盈|亏|结余|收益|净|差额|增加值|增量|新增")
"""What was less than nothing may grow by more than it is now."""
ADDED = re.compile(r"(?:净?增加?|增长|新增)(?:了|约|近|达|超过?)?$")
OF_INCREMENTS = re.compile(r"多增|少增|多收|少收|增支|减收|多支|日增|月增")
BRACKETS = re.compile(r"（[^（）]*）")
OF_A_DAY = re.compile(r"(?:日|当日|当天|单日)新?增加?(?P<noun>[^，。；：\d]{2,8})$")
PERIOD = re.compile(
    r"同比|环比|比?较?(?:上年|去年|年初|上月|上季|期初)[同期末底度]*|[上下]半年|全年|前?[一二三四1-4两]个?季度|前?\d{1,2}(?:[-—至到]\d{1,2})?个?月份?|[本当单]月|今年以来|累计|其中|共|比|较|了"
)


def increments_above(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each increment that is more than the level right before it."""
    for number, quantity in enumerate(positions.quantities):
        left = labels.left(number)
        if (
            labels.roles[number] is not Role.CHANGE
            or not is_count(quantity)
            or not ADDED.search(left)
            or OF_INCREMENTS.search(left)
        ):
            continue
        level = _level_before(positions, labels, number)
        if level is None or content(PERIOD.sub("", CHANGE.sub("", left))):
            continue  # it names a subject of its own
        if bounds(quantity)[0] > bounds(positions.quantities[level])[1]:
            less = positions.quantities[level].text
            message = Bilingual(
                f"增加 {quantity.text},比增加后的 {less} 还多。",
                f"An increment of {quantity.text} is more than the {less} that it led to.",
            )
            yield Remark("growth", CONTRADICTION, quantity.start, (number, level), message)


def increments_of_a_day(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each increment of a day that is more than the count of its sentence with the same noun: 复工2794家,日增复工5200家."""
    for number, quantity in enumerate(positions.quantities):
        found = OF_A_DAY.search(labels.left(number))
        if found is None or not is_count(quantity) or not (noun := content(found["noun"])):
            continue
        here = positions.sentence(number)
        levels = (
            one
            for one in range(number - 1, -1, -1)
            if positions.sentence(one) == here
            and labels.roles[one] is Role.LEVEL
            and positions.quantities[one].unit == quantity.unit
            and positions.quantities[one].bound == "exact"
            and is_within(noun, labels.of(one))
        )
        level = next(levels, None)
        if level is not None and bounds(quantity)[0] > bounds(positions.quantities[level])[1]:
            less = positions.quantities[level].text
            message = Bilingual(
                f"一天增加 {quantity.text},比增加后的 {less} 还多。",
                f"{quantity.text} is said to be added in a day, more than the {less} that it led to.",
            )
            yield Remark("growth", CONTRADICTION, quantity.start, (number, level), message)


def _level_before(positions: Positions, labels: Labels, number: int) -> int | None:
    """The level right before an increment, with nothing but shares and points between, in its sentence or the one before a semicolon."""
    for one in range(number - 1, -1, -1):
        if labels.roles[one] in {Role.OTHER, Role.CHANGE, Role.BASE} or labels.depths[one] > labels.depths[number]:
            continue  # 收入12.41亿元,比上年增加1.31亿元;比2013年增加4.44亿元
        apart = positions.sentence(number) - positions.sentence(one)
        between = BRACKETS.sub("", positions.text.plain[positions.quantities[one].end : positions.quantities[number].start])
        is_near = apart <= 1 and not re.search(r"[。\n（]", between)
        is_level = (
            labels.roles[one] in {Role.LEVEL, Role.REST}
            and not labels.is_plan(one)
            and not MAY_BE_NEGATIVE.search(labels.left(one))
        )
        is_one_unit = positions.quantities[one].unit == positions.quantities[number].unit
        return one if is_near and is_level and is_one_unit and positions.quantities[one].bound == "exact" else None
    return None
