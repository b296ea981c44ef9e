"""Finds parts that are more than their whole: 共 220 家,其中 230 家; 梳理问题 500 个,解决 576 个."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import Labels, Role, content, has_one_noun
from fugong.audit.positions import Positions
from fugong.audit.remarks import bounds, is_alike, value

AMONG = re.compile(r"(?<![一-鿿])其中")
"""At the beginning of a clause; 参与其中 opens no list."""
CONTAINS = re.compile(r"含有|包含|设有|配有|装有")
"""What a part contains is something else than the whole."""
SUBSET = re.compile(
    r"(?:已|已经|现场|当场|其中)?(?:[已累计成功协调帮助]*)(?:解决|化解|整改|销号|答复|复工|开工|开复工|复产|到岗|返岗|落实)[^，。；：\d]{0,6}$"
)
TOTALLED = re.compile(r"累计|历年|总|以来")
GATHERED = re.compile(r"共有|收集|梳理|排查|征集|摸排|问题|诉求|困难|建议|在建|现有|应")


def parts_above_whole(positions: Positions, labels: Labels) -> Iterator[tuple[int, int, bool]]:
    """Yield parts that are more than their whole, and whether the whole is sure: 共220家,其中230家; 梳理问题500个,解决576个."""
    for part, quantity in enumerate(positions.quantities):
        if labels.roles[part] is not Role.LEVEL or not quantity.unit or TOTALLED.search(labels.left(part)):
            continue
        whole = _whole_of(positions, labels, part)
        if whole is None or labels.is_plan(whole) or labels.roles[whole] is not Role.LEVEL:
            continue
        if quantity.unit != positions.quantities[whole].unit or positions.quantities[whole].is_article:
            continue
        if CONTAINS.search(labels.left(part)) or not has_one_noun(labels.right(part), labels.right(whole)):
            continue
        if bounds(quantity)[0] > bounds(positions.quantities[whole])[1] and _is_listed_below(positions, labels, part):
            is_sure = "。" not in positions.text.plain[positions.quantities[whole].end : quantity.start]
            yield part, whole, is_sure


def _is_listed_below(positions: Positions, labels: Labels, part: int) -> bool:
    """Whether a count stands first after 其中, or goes on with a list that begins there; else it may begin another matter."""
    plain = positions.text.plain
    here = positions.text.sentences[positions.sentence(part)].start
    among = _last_among(plain, here, positions.quantities[part].start)
    first = next((one for one in range(part + 1) if positions.quantities[one].start > among), part) if among >= 0 else part
    if first == part:
        return True
    before = plain[positions.quantities[part - 1].end : positions.quantities[part].start]
    measure = content(labels.left(first))[-3:]  # 批发业销售额 is no part of 零售额
    return before.startswith("、") or (len(measure) > 1 and content(labels.left(part)).endswith(measure))


def _last_among(plain: str, start: int, end: int) -> int:
    """Where the last 其中 between two places of a text begins; -1 without one."""
    return max((found.start() for found in AMONG.finditer(plain, start, end)), default=-1)


def _whole_of(positions: Positions, labels: Labels, part: int) -> int | None:
    """The count that a part must not exceed: the last one before 其中, or the one before 已解决 and the like."""
    here = positions.text.sentences[positions.sentence(part)]
    plain, start = positions.text.plain, positions.quantities[part].start
    among = _last_among(plain, here.start, start)
    if among >= 0 and "：" not in plain[among + 3 : start] and "（" not in plain[among:start]:
        before = (one for one in range(part - 1, -1, -1) if positions.quantities[one].end <= among)
        whole = next((one for one in before if labels.roles[one] in {Role.LEVEL, Role.REST}), None)
        others = [one for one in range(part) if among < positions.quantities[one].start and labels.roles[one] is Role.LEVEL]
        is_list = all(is_alike(positions.quantities[one], positions.quantities[part]) for one in others)
        if whole is None or not is_list or not is_alike(positions.quantities[whole], positions.quantities[part]):
            return None
        earlier = [
            one
            for one in range(whole + 1)
            if positions.quantities[one].start >= here.start and is_alike(positions.quantities[one], positions.quantities[part])
        ]
        # the largest count of the sentence: 全区企业1.5万家,建筑业118家,其中1250家规上工业
        is_right_before = re.search(r"；$", plain[positions.quantities[whole].end : among]) is not None  # …26亿元;其中,…
        earlier = earlier or ([whole] if is_right_before else [])
        if not earlier and re.search(r"。$", plain[positions.quantities[whole].end : among]):  # 立案399件。其中:…
            before = positions.sentence(whole)
            earlier = [one for one in range(whole + 1) if positions.sentence(one) == before]
            earlier = [one for one in earlier if is_alike(positions.quantities[one], positions.quantities[part])]
        return max(earlier, key=lambda one: value(positions.quantities[one]), default=None)
    whole = part - 1
    if whole < 0 or positions.quantities[whole].start < here.start:
        return None
    if not is_alike(positions.quantities[whole], positions.quantities[part]) or _restarts(positions, whole, part):
        return None
    is_done = SUBSET.search(labels.clause_left(part)) and GATHERED.search(labels.of(whole))
    return whole if is_done or _is_year_of_total(labels, whole, part) else None


def _restarts(positions: Positions, whole: int, part: int) -> bool:
    return (
        re.search(r"[。；（]", positions.text.plain[positions.quantities[whole].end : positions.quantities[part].start])
        is not None
    )


def _is_year_of_total(labels: Labels, whole: int, part: int) -> bool:
    """总投资 5 亿元,年度计划投资 8 亿元: a year's part of a total."""
    return (
        part - whole == 1
        and labels.left(whole).endswith("总投资")
        and re.search(r"年度?计划(?:完成)?投资$|年度投资计划$", labels.left(part)) is not None
    )
