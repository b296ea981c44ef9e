"""Checks numbers of days against the days beside them, and years that run backwards: 假期8天(1月28日至2月4日)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from fugong.audit.chinese_numerals import parse_chinese_numeral
from fugong.audit.positions import Positions
from fugong.audit.remarks import CONTRADICTION, Remark
from fugong.core.bilingual import Bilingual

SPAN = re.compile(
    r"(?P<n>\d{1,3}|[一二两三四五六七八九十百]{1,4})[天日]（(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日[至到—～-]{1,2}"
    r"(?:(?P<to_year>\d{4})年)?(?:(?P<to_month>\d{1,2})月)?(?P<to_day>\d{1,2})日）"
)
YEARS = re.compile(r"[自从](?P<first>(?:19|20)\d\d)年[^，。；：\d]{0,16}?[至到](?P<last>(?:19|20)\d\d)年")
ANY_LEAP_YEAR = 2020
SLACK = 1
"""Some count the last day, some do not; and a year that is not named may be a leap year."""


def spans_of_days(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each number of days that is not that of the days in brackets after it, and for each year before which a span ends."""
    for found in SPAN.finditer(positions.text.plain):
        n = int(found["n"]) if found["n"].isdecimal() else int(parse_chinese_numeral(found["n"]) or 0)
        days = _days(found)
        if n and days is not None and abs(n - days) > SLACK:
            message = Bilingual(
                f"说是 {found['n']} 天,括号里的日期是 {days} 天。",
                f"{found['n']} days are said, the dates in brackets are {days}.",
            )
            yield Remark("count", CONTRADICTION, found.start(), (), message)
    for found in YEARS.finditer(positions.text.plain):
        if found["first"] > found["last"]:
            message = Bilingual(
                f"{found['first']}年晚于{found['last']}年,先后颠倒。", f"{found['first']} comes after {found['last']}."
            )
            yield Remark("range-reversed", CONTRADICTION, found.start(), (), message)


def _days(found: re.Match[str]) -> int | None:
    """How many days a span has, both ends counted; None where there are no such days."""
    year = int(found["year"] or ANY_LEAP_YEAR)
    try:
        first = date(year, int(found["month"]), int(found["day"]))
        last = date(int(found["to_year"] or year), int(found["to_month"] or found["month"]), int(found["to_day"]))
        if last < first and not found["to_year"]:
            last = last.replace(year=year + 1)
    except ValueError:
        return None
    return (last - first).days + 1
