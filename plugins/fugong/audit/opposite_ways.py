"""Finds numbers and ranks that go another way than the words beside them: 增收1941万元,下降11.6%; 由第六位跃居第七位."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.changes import is_down
from fugong.audit.chinese_numerals import parse_chinese_numeral
from fugong.audit.labels import CHANGE, Labels, Role, content
from fugong.audit.misprints import n_digits
from fugong.audit.positions import Positions
from fugong.audit.remarks import CONTRADICTION, SUSPICION, Remark, is_alike, is_count, meet, ratio
from fugong.audit.remarks import bounds as bounds_of
from fugong.core.bilingual import Bilingual

COMPARED = re.compile(
    r"同比|环比|[比较与](?:上年|去年|年初|上月|上季|上半年)(?:同期|同月|[末底])?|上年|去年|同期|[末底]|相比|分别|约|了"
)
BASE = re.compile(r"同比|环比|[比较与]|年初|上年|去年")
SURE = 3
"""Numbers of so many digits that agree the other way round tell one change."""
MIXED = re.compile(r"成本|率|降幅|增幅|减亏|增亏|亏")
"""Words of changes whose ways do not tell more and less of one thing."""
N = r"第?(?P<{}>\d{{1,3}}|[一二三四五六七八九十]{{1,3}})(?:位|名)?"
RANKS = re.compile(
    r"[由从](?:[^，。；：\d]{0,12}?)第"
    + N.format("first")
    + r"(?:，)?(?:(?P<up>上升|跃升|跃居|跃至|提升|提高|前移|升|进)|下降|下滑|退居|退至|后移|降|退)[^，。；：\d]{0,6}?第"
    + N.format("last")
)


def opposite_ways(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each increment said to be more beside its rate said to be less, where both are of one size."""
    for share in range(2, len(positions.quantities)):
        increment = share - 1
        rate, by = positions.quantities[share], positions.quantities[increment]
        if rate.unit != "1" or rate.bound != "exact" or labels.roles[increment] is not Role.CHANGE:
            continue
        if not is_count(by) or not CHANGE.search(labels.left(share)):
            continue
        level = next((one for one in range(increment - 1, -1, -1) if labels.roles[one] is not Role.OTHER), None)
        if level is None or labels.roles[level] is not Role.LEVEL or not is_alike(positions.quantities[level], by):
            continue
        whole = positions.quantities[level]
        ways = [is_down(labels.left(one)) for one in (increment, share)]
        is_bare = not any(content(COMPARED.sub("", CHANGE.sub("", labels.left(one)))) for one in (increment, share))
        is_here = positions.sentence(level) == positions.sentence(share) and positions.n_clauses(by.end, rate.start) <= 1
        if ways[0] == ways[1] or not is_bare or not is_here:
            continue
        (low, high), (least, most) = bounds_of(whole), bounds_of(by)
        bases = ((low + least, high + most), (low - most, high - least))
        found = [ratio((least, most), base) for base in bases]
        if any(one is not None and meet(one, bounds_of(rate)) for one in found):
            message = Bilingual(
                f"{by.text} 与 {rate.text} 一个说增、一个说减,而大小相合:有一处方向写反了。",
                f"{by.text} and {rate.text} are of one size, but one is said to be more and the other less.",
            )
            is_sure = n_digits(rate) >= SURE and n_digits(by) >= SURE
            yield Remark("change", CONTRADICTION if is_sure else SUSPICION, rate.start, (share, increment, level), message)
    yield from _bare_pairs(positions, labels)


def _bare_pairs(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each rate and increment side by side that go two ways, whatever stands before: 下降10.85%,增收2798万元."""
    for second in range(1, len(positions.quantities)):
        first = second - 1
        one, other = positions.quantities[first], positions.quantities[second]
        if {one.unit == "1", other.unit == "1"} != {True, False} or {one.bound, other.bound} != {"exact"}:
            continue
        share, increment = (first, second) if one.unit == "1" else (second, first)
        if not is_count(positions.quantities[increment]) or labels.roles[increment] is not Role.CHANGE:
            continue
        lefts = [labels.left(each) for each in (first, second)]
        between = positions.text.plain[one.end : other.start]
        if not between.startswith(("，", "、")) or between.count("，") > 1 or not all(CHANGE.search(left) for left in lefts):
            continue
        is_bare = not content(COMPARED.sub("", CHANGE.sub("", lefts[1]))) and not BASE.search(lefts[1])
        is_bare = is_bare and not MIXED.search(lefts[0] + lefts[1]) and not lefts[1].endswith(("-", "—", "负"))
        if is_bare and is_down(lefts[0]) != is_down(lefts[1]) and not _is_said(positions, labels, first, second):
            by, rate = positions.quantities[increment], positions.quantities[share]
            message = Bilingual(
                f"{by.text} 与 {rate.text} 紧接着说同一变化,却一增一减。",
                f"{by.text} and {rate.text} tell one change side by side, but one is more and the other less.",
            )
            yield Remark("change", SUSPICION, other.start, (share, increment), message)


def _is_said(positions: Positions, labels: Labels, first: int, second: int) -> bool:
    """Whether the level before two changes settles their size, so that they are told by it already."""
    return second - first == 1 and positions.quantities[second].unit == "1" and _has_level(positions, labels, first)


def _has_level(positions: Positions, labels: Labels, increment: int) -> bool:
    level = next((one for one in range(increment - 1, -1, -1) if labels.roles[one] is not Role.OTHER), None)
    return level is not None and labels.roles[level] is Role.LEVEL and positions.sentence(level) == positions.sentence(increment)


def ranks(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each rank that is said to rise and falls: 由全国第六跃居全国第七."""
    for found in RANKS.finditer(positions.text.plain):
        first, last = (
            int(parse_chinese_numeral(found[one]) or 0) if not found[one].isdecimal() else int(found[one])
            for one in ("first", "last")
        )
        if not first or not last or first == last or (last < first) == (found["up"] is not None):
            continue
        message = Bilingual(
            f"第{found['first']}到第{found['last']}与所说的升降相反。",
            f"From rank {first} to rank {last} is the other way than it is said.",
        )
        yield Remark("change", CONTRADICTION, found.start("last"), (), message)
