"""Finds comparisons with a year that is not earlier: 2018年末…,比2023年末增加2574个."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.positions import Positions
from fugong.audit.remarks import CONTRADICTION, SUSPICION, Remark
from fugong.core.bilingual import Bilingual

YEAR = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)年(?P<part>末|底|年末|年底)?")
COMPARED = re.compile(r"[比较]$")
WITH = re.compile(r"[与同和由、是为]$")
"""Before a year that is not the one that a sentence tells of."""
PAST = re.compile(
    r"(?:同期)?的?(?:\d[\d.,]*[万亿]*[一-鿿]{0,3})?，?(?:相比，?)?[^，。；：\d的]{0,8}?(?:增|减少|下降|上升|提高|提升|降低|扩大|缩小|回落|翻)"
)
AMONG_TWO, RELATED = re.compile(r"[与同]$"), re.compile(r"[^，。；：\d]{0,6}相比")
MONTHS = re.compile(r"\d{1,2}月|[一二三四上下][季半]")
NOW = re.compile(r"今年|本年|目前|当前|现")
AHEAD = re.compile(r"计划|规划|目标|力争|预计|将|预期|要")
"""A plan may be compared with any year."""


def later_bases(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each year that the year of its own sentence is compared with, though it is the same or a later one.

    Where a sentence names no year of its own, that of the sentences before is only likely.
    """
    plain = positions.text.plain
    own: re.Match[str] | None = None
    for sentence in positions.text.sentences:
        begin = sentence.start
        for found in YEAR.finditer(plain, sentence.start, sentence.end):
            is_with = AMONG_TWO.search(plain, max(begin, found.start() - 1), found.start()) and RELATED.match(plain, found.end())
            is_with = is_with and own is not None and own.end() < found.start() - 1  # 2018年与2023年相比
            if not COMPARED.search(plain, max(sentence.start, found.start() - 2), found.start()) and not is_with:
                own = own if WITH.search(plain, max(begin, found.start() - 1), found.start()) else found
                continue
            if (
                own is None
                or not (is_with or PAST.match(plain, found.end()))
                or AHEAD.search(plain, sentence.start, found.start())
            ):
                continue
            is_here = own.start() >= begin
            if not is_here and NOW.search(plain, begin, found.start()):
                continue
            is_same = own["year"] == found["year"] and bool(own["part"]) == bool(found["part"])
            is_same = is_same and not MONTHS.match(plain, found.end())  # 截至2020年6月,较2020年3月增长
            if (is_same and is_here) or own["year"] < found["year"]:
                message = Bilingual(
                    f"{own['year']}年的数与{found['year']}年相比,而基期应当更早。",
                    f"What is of {own['year']} is compared with {found['year']}, which should be an earlier year.",
                )
                yield Remark("base-year", CONTRADICTION if is_here else SUSPICION, found.start(), (), message)
