"""Finds days and months that lie after the period of their text: 9月末 in a text of 上半年, 比1-12月 in one of 1-11月, 截至5月14日 on 5月5日."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from fugong.audit.periods import NAMED
from fugong.audit.positions import Positions
from fugong.audit.remarks import SUSPICION, Remark
from fugong.core.bilingual import Bilingual

TOLD = re.compile(
    r"(?<![比较于至前])(?:(?:19|20)\d\d年|今年|本年)?(?:(?P<named>前[三两]季度|[一二三四]季度|上半年)|前?(?P<first>1)[-—～至]{1,2}(?P<last>\d{1,2})月)"
)
AT_END = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)年)?(?<![\d\-—～])(?P<month>1[0-2]|[1-9])月(?:末|底)(?!之?前|[^，。；\n]{0,20}(?:要|将|力争|确保|前完成|全面完成|基本完成))"
)
BEFORE = re.compile(r"(?:[比较于与同和由从到前]|(?<!截)至|去年|上年|自|预计|力争|计划|确保|将|要|今年)$")
"""Before the end of a month that is none of the text's own."""
LONGER = re.compile(
    r"(?P<own>1[-—～至]{1,2}(?P<last>\d{1,2})月)(?:份)?[^。\n]{0,80}?[比较](?:今年|本年)?1[-—～至]{1,2}(?P<other>\d{1,2})月"
)
DATELINE = re.compile(r"(?<!\d)(?P<month>1[0-2]|[1-9])月(?P<day>\d{1,2})日(?:电|讯)")
UNTIL = re.compile(r"(?:截至|截止)(?:目前|到)?(?:[^，。；\d]{0,4})(?P<month>1[0-2]|[1-9])月(?P<day>\d{1,2})日(?!前)")
HEAD = 400
"""The period of a text stands within its first characters."""
FEW = 1


def ends_of_periods(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each of them."""
    plain = positions.text.plain
    yield from _after_period(plain)
    for found in LONGER.finditer(plain):
        if int(found["last"]) < int(found["other"]) <= 12 and "年" not in plain[found.end("own") : found.start("other")][-12:]:
            yield _said(found.start("other"), f"{found['other']}月", f"1—{found['last']}月")
    line = DATELINE.search(plain, 0, HEAD)
    for found in UNTIL.finditer(plain) if line is not None else ():
        if line is not None and 0 < _day(found) - _day(line) < 300:
            yield _said(found.start("day"), f"{found['month']}月{found['day']}日", line[0])


def _after_period(plain: str) -> Iterator[Remark]:
    """The end of a month after that of the only period which a text tells, or after all others that it tells."""
    told = {_last(found) for found in TOLD.finditer(plain, 0, HEAD)}
    ends = [found for found in AT_END.finditer(plain) if not BEFORE.search(plain[max(0, found.start() - 2) : found.start()])]
    months = Counter(int(found["month"]) for found in ends)
    years = {found["year"] for found in ends if found["year"]}
    if len(years) > 1 or not ends:
        return
    for found in ends:
        month = int(found["month"])
        others = [one for one in months if one != month]
        is_after_others = months[month] == FEW and others and month > max(others) and months[max(others)] > FEW
        if (len(told) == 1 and month > max(told) and months[month] == FEW) or (is_after_others and not told):
            last = max(told) if len(told) == 1 else max(others)
            yield _said(found.start("month"), f"{month}月{found[0][-1]}", f"{last}月")


def _last(found: re.Match[str]) -> int:
    return NAMED[found["named"]][1] if found["named"] else int(found["last"])


def _day(found: re.Match[str]) -> int:
    return 31 * int(found["month"]) + int(found["day"])


def _said(at: int, later: str, end: str) -> Remark:
    message = Bilingual(f"{later} 晚于文中所说的 {end}。", f"{later} lies after {end}, of which the text tells.")
    return Remark("base-year", SUSPICION, at, (), message)
