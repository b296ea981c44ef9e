"""Finds times that the calendar does not have: month 13, 1-18月, 2月28日-27日, a fifth quarter, 25时, 400 days of a year."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.chinese_numerals import parse_chinese_numeral
from fugong.audit.positions import Positions
from fugong.audit.remarks import CONTRADICTION, SUSPICION, Remark
from fugong.core.bilingual import Bilingual

MONTH = re.compile(
    r"(?:(?<=年)(?P<a>1[3-9]|[2-9]\d|0)月|(?<![\d.,第前满—-])(?P<b>1[3-9]|[2-9]\d|0)月(?:份|末|底|(?=\d{1,2}日))|(?<=[截至到])(?P<c>1[3-9]|[2-9]\d|0)月(?=[，底末]))",
    re.ASCII,
)
"""工期18月 counts months; 2011年13月 and 13月末 are none."""
MONTHS = re.compile(
    r"(?<![\d.第])(?P<first>[1-9]|1[0-2])月?[-—～至到]{1,2}(?P<last>1[3-9]|[2-9]\d)月(?!龄|大|期|内)(?=份|[，、：；。]|全|同|我|累|规|实|完|新|进|财|税|社|固|工)",
    re.ASCII,
)
SPAN = re.compile(r"(?:期|时|龄|约|需|用|长|限)[^，。；]{0,4}$")
"""Before a number of months that are no months of a year: 工期6—18月."""
DAYS = re.compile(r"(?<![\d月])(?P<month>\d{1,2})月(?P<first>\d{1,2})日?[-—～至到]{1,2}(?P<last>\d{1,2})日", re.ASCII)
DATES = re.compile(
    r"(?P<month>\d{1,2})月(?P<first>\d{1,2})日（[^（）]{1,8}）[-—～至到]{1,2}(?P<last_month>\d{1,2})月(?P<last>\d{1,2})日",
    re.ASCII,
)
QUARTER = re.compile(
    r"第(?P<a>[五六七八九5-9])季度|(?<![\d一二三四五六七八九十])(?P<b>[五六七八九5-9])季度(?=末|[，、]|全|同|实|完)|前(?P<c>[五六七八九5-9])季度"
)
HOUR = re.compile(r"(?<![\d:：.])(?P<n>2[5-9]|[3-9]\d)时(?=[前后至起止整]|\d{1,2}分)", re.ASCII)
DAYS_OF_YEAR, LEAP = (
    re.compile(r"(?:全年|(?:19|20)\d\d年)，?[^，。；\d]{0,16}(?:优良|达标|良好以上)天数(?:为|达到?|共|有)*(?P<n>\d{3})天"),
    366,
)


def no_such_time(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each of them."""
    plain = positions.text.plain
    for found in MONTH.finditer(plain):
        month = found["a"] or found["b"] or found["c"]
        yield _said("no-such-day", found, f"没有 {month} 月。", f"There is no month {month}.")
    for found in MONTHS.finditer(plain):
        if not SPAN.search(plain[max(0, found.start() - 10) : found.start()]):
            verdict = CONTRADICTION if found["first"] == "1" else SUSPICION
            yield _said("no-such-day", found, f"没有 {found['last']} 月。", f"There is no month {found['last']}.", verdict)
    for found in DAYS.finditer(plain):
        if int(found["first"]) > int(found["last"]):
            yield _said("range-reversed", found, f"{found[0]} 结束早于开始。", f"{found[0]} ends before it begins.")
    for found in DATES.finditer(plain):
        first, last = ((int(found[month]), int(found[day])) for month, day in (("month", "first"), ("last_month", "last")))
        if last < first and last[0] == first[0]:
            yield _said("range-reversed", found, f"{found[0]} 结束早于开始。", f"{found[0]} ends before it begins.")
    for found in QUARTER.finditer(plain):
        quarter = found["a"] or found["b"] or found["c"]
        n = int(quarter) if quarter.isdecimal() else int(parse_chinese_numeral(quarter) or 0)
        yield _said(
            "no-such-day",
            found,
            f"一年没有第 {n} 季度。",
            f"No year has a quarter {n}.",
            SUSPICION if found["c"] else CONTRADICTION,
        )
    for found in HOUR.finditer(plain):
        yield _said("no-such-day", found, f"没有 {found['n']} 时。", f"There is no hour {found['n']}.")
    for found in DAYS_OF_YEAR.finditer(plain):
        if int(found["n"]) > LEAP:
            yield _said("no-such-day", found, f"一年没有 {found['n']} 天。", f"No year has {found['n']} days.")


def _said(code: str, found: re.Match[str], zh: str, en: str, verdict: str = CONTRADICTION) -> Remark:
    return Remark(code, verdict, found.start(), (), Bilingual(zh, en))
