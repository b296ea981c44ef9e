"""Tells of which months a count is, as far as its paragraph says so: 1-4月份, 上半年, 6月份."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fugong.audit.positions import Positions

NAMED = {
    "一季度": (1, 3), "二季度": (4, 6), "三季度": (7, 9), "四季度": (10, 12), "上半年": (1, 6), "下半年": (7, 12), "前三季度": (1, 9),
    "前两季度": (1, 6),
}  # fmt: skip
HAN = "一二三四五六七八九十"
PERIOD = re.compile(
    r"(?P<compared>(?:比|较|与|同|于|是)[^，。；：\d]{0,4})?"
    r"(?:(?P<year>(?:19|20)\d\d)年)?"
    r"(?:前?(?P<first>\d{1,2})[-—～至到]{1,2}(?P<last>\d{1,2})月"
    r"|前(?P<until>\d{1,2}(?=个?月)|[一二三四五六七八九十]{1,2}(?=个月))个?月"
    r"|(?P<named>前[三两]季度|[一二三四]季度|[上下]半年)(?!末)"
    r"|(?P<month>\d{1,2})月(?!\d|[初中上下底末])"
    r"|(?<=年)(?P<whole>全年|年末|年底|末|底)?)"
)


@dataclass(frozen=True)
class Period:
    """The year and the months of a count; None where nothing is said."""

    year: int | None = None
    months: tuple[int, int] | None = None

    def may_be(self, other: Period) -> bool:
        """Whether two counts may be of one period."""
        years, months = (self.year, other.year), (self.months, other.months)
        return (None in years or years[0] == years[1]) and (None in months or months[0] == months[1])


def end_together(one: Period, other: Period) -> bool:
    """Whether balances of two periods may be of one day: the end of June is that of 上半年 and of 二季度."""
    is_one_year = None in (one.year, other.year) or one.year == other.year
    return is_one_year and (one.months is None or other.months is None or one.months[1] == other.months[1])


def period_of(positions: Positions, number: int) -> Period:
    """The period that is named last before a count in its paragraph; one that others are compared with is none."""
    plain, start = positions.text.plain, positions.quantities[number].start
    begin = plain.rfind("\n", 0, start) + 1
    year, months = None, None
    for one in _periods(plain[begin:start]):
        year, months = one.year or year, one.months or months
    return Period(year, months)


def _periods(text: str) -> Iterator[Period]:
    compared = -1
    for found in PERIOD.finditer(text):
        if found["compared"] or text[compared : found.start()] in {"、", "和", "与"}:
            compared = found.end()  # 分别比前6月、前3月提高2.3、24.2个百分点
            continue
        months = None
        if found["first"]:
            months = int(found["first"]), int(found["last"])
        elif found["until"]:
            months = 1, int(found["until"]) if found["until"].isdecimal() else _small(found["until"])
        elif found["named"]:
            months = NAMED[found["named"]]
        elif found["month"]:
            months = int(found["month"]), int(found["month"])
        yield Period(int(found["year"]) if found["year"] else None, months)


def _small(text: str) -> int:
    """一 to 十二."""
    return HAN.index(text) + 1 if len(text) == 1 else 10 + HAN.index(text[-1]) + 1
