"""Finds parts that are more than their whole: 共 220 家,其中 230 家; 梳理问题 500 个,解决 576 个."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fugong.audit.labels import Labels, Role, content, has_one_noun
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.remarks import bounds, is_alike, value

AMONG = re.compile(r"(?<![一-鿿])其中")
"""At the beginning of a clause; 参与其中 opens no list."""
CONTAINS = re.compile(r"含有|包含|设有|配有|装有")
"""What a part contains is something else than the whole."""
SUBSET = re.compile(
    r"(?:已|已经|现场|当场|其中)?(?:[已累计成功协调帮助]*)(?:解决|化解|整改|销号|答复|复工|(?<!新)开工|开复工|复产|到岗|返岗|落实)[^，。；：\d]{0,6}$"
)
TOTALLED = re.compile(r"累计|历年|总|以来")
GATHERED = re.compile(r"共有|收集|梳理|排查|征集|摸排|问题|诉求|困难|建议|在建|现有|应")
FOUND = re.compile(r"(?:发现|检出|查出)?不合格(?:样品|产品)?[^，。；：\d]{0,4}$|(?:回收|收回|有效)(?:问卷)?[^，。；：\d]{0,6}$")
TAKEN = re.compile(r"抽检|抽查|检查|检验|监测|发放|回收")
HEADED = re.compile(r"(?:^|[。；\n])(?:在|其中)?(?P<name>[^，。；：\n]{2,28}?)(?<!其)中[，：]")
"""Names the whole of the list that follows: 基层医疗机构中:甲1.7亿人次;乙2.5亿人次."""
DIVIDED = re.compile(
    r"(?:^|[。；\n])(?:[^，。；：\d\n]{0,4}?(?:分[^，。；：\d\n]{1,6}|按[^，。；：\d\n]{1,8}|从[^，。；：\d\n]{1,8})(?:看|分|来看))[，：]"
)
"""Divides the count before it: 分期限看,短期贷款…;中长期贷款…."""
FAR_ABOVE = 100
ROUND = 2
"""What is more than twice a number is no part of it, even where that is only said to be passed: 突破4.27亿元."""
MEASURE = re.compile(r"(?:支出|投资|产值|产量|播种面积|种植面积)$")
MIN_MEASURE, N_SENTENCES = 4, 4
NOT_ONE_AREA = re.compile(r"全国|全省|全市|世界|全球|总|累计|上年|去年|同期")


def parts_above_whole(positions: Positions, labels: Labels) -> Iterator[tuple[int, int, bool]]:
    """Yield parts that are more than their whole, and whether the whole is sure: 共220家,其中230家; 梳理问题500个,解决576个."""
    for part, quantity in enumerate(positions.quantities):
        if labels.roles[part] is not Role.LEVEL or not quantity.unit:
            continue
        whole, is_listed = _whole_of(positions, labels, part), True
        if whole is not None and _goes_on_with_measure(positions, labels, part, whole):
            is_listed = _is_listed_below(positions, labels, part, whole)
        elif whole is None or not _is_listed_below(positions, labels, part, whole):
            whole, is_listed = _of_heading(positions, labels, part), False
        if (
            whole is None
            or (labels.is_plan(whole) and not (is_listed and labels.is_plan(part)))
            or (labels.is_plan(part) and not is_listed)
            or labels.roles[whole] is not Role.LEVEL
        ):
            continue
        totalled = TOTALLED.search(labels.left(part))
        is_total = totalled is not None and totalled[0] not in labels.left(whole)
        if is_total and not (is_listed and part == whole + 2 and labels.roles[whole + 1] is Role.OTHER):
            continue
        if quantity.unit != positions.quantities[whole].unit or positions.quantities[whole].is_article:
            continue
        if CONTAINS.search(labels.left(part)) or not has_one_noun(labels.right(part), labels.right(whole)):
            continue
        if bounds(quantity)[0] > _most(positions.quantities[whole]):
            is_sure = is_listed and "。" not in positions.text.plain[positions.quantities[whole].end : quantity.start]
            yield part, whole, is_sure and not is_total and positions.quantities[whole].bound != "floor"


def _most(quantity: Quantity) -> Decimal:
    """How much a whole may be; one that is only passed (突破) is a little more."""
    return ROUND * value(quantity) if quantity.bound == "floor" else bounds(quantity)[1]


def _is_listed_below(positions: Positions, labels: Labels, part: int, whole: int) -> bool:
    """Whether a count stands first after 其中, or goes on with a list that begins there; else it may begin another matter."""
    plain = positions.text.plain
    here = positions.text.sentences[positions.sentence(part)].start
    among = _last_among(plain, here, positions.quantities[part].start)
    numbers = (one for one in range(part + 1) if positions.quantities[one].start > among and positions.quantities[one].number)
    first = next(numbers, part) if among >= 0 else part
    if first == part or plain.startswith("：", among + 2):
        return True
    before = plain[positions.quantities[part - 1].end : positions.quantities[part].start]
    if before.startswith("、"):
        return True
    measure = content(labels.left(first))[-3:]  # 批发业销售额 is no part of 零售额
    is_far = value(positions.quantities[part]) > FAR_ABOVE * value(positions.quantities[whole])
    return any(
        len(end) > 1 and content(labels.left(part)).endswith(end) for end in ((measure, measure[-2:]) if is_far else (measure,))
    )


def _goes_on_with_measure(positions: Positions, labels: Labels, part: int, whole: int) -> bool:
    """Whether all counts from 其中 to a part have the measure of the whole: 支出18亿元,其中农林水支出3亿元,增长2%,教育支出25亿元."""
    measure = MEASURE.search(content(labels.left(whole)))
    between = [one for one in range(whole + 1, part + 1) if labels.roles[one] is Role.LEVEL]
    is_one = measure is not None and all(content(labels.left(one)).endswith(measure[0]) for one in between)
    return (
        is_one
        and len(between) > 1
        and "。" not in positions.text.plain[positions.quantities[between[0]].start : positions.quantities[part].start]
    )


def _of_heading(positions: Positions, labels: Labels, part: int) -> int | None:
    """The count that words before a list name as its whole (基层医疗机构中:), or that they divide (分期限看,)."""
    plain, start = positions.text.plain, positions.quantities[part].start
    begin = max(plain.rfind(sign, 0, start) for sign in "。\n") + 1
    if among := AMONG.search(plain, begin, start):
        begin = among.end()
    heads = [*HEADED.finditer(plain, max(0, begin - 1), start)]
    if heads and (name := content(heads[-1]["name"])):
        inside = [one for one in range(part) if heads[-1].start() <= positions.quantities[one].start < heads[-1].end()]
        if inside:  # 在2977名代表中,
            return inside[-1] if positions.quantities[inside[-1]].unit == positions.quantities[part].unit else None
        measure = content(labels.left(part))[-2:]
        before = [
            one
            for one in range(part)
            if positions.quantities[one].end <= heads[-1].start() + 1
            and labels.roles[one] is Role.LEVEL
            and positions.quantities[one].unit == positions.quantities[part].unit
            and len(name) >= MIN_MEASURE
            and name in content(labels.left(one))
            and (content(labels.left(one)).endswith(measure) or content(labels.left(one)) == name)
        ]
        return before[-1] if before else None
    divided = [*DIVIDED.finditer(plain, max(0, begin - 1), start)]
    if divided:
        before = [
            one
            for one in range(part)
            if positions.quantities[one].end <= divided[-1].start() + 1
            and positions.text.sentences[positions.sentence(one)].paragraph
            == positions.text.sentences[positions.sentence(part)].paragraph
            and labels.roles[one] is Role.LEVEL
        ]
        whole = before[0] if before else None
        is_same = whole is not None and content(labels.left(whole))[-2:] == content(labels.left(part))[-2:]
        return whole if is_same else None
    return _of_same_measure(positions, labels, part)


def _of_same_measure(positions: Positions, labels: Labels, part: int) -> int | None:
    """The count of the same sentence or the one before whose words are the measure of a part: 实际使用外资6040亿元.…制造业实际使用外资1707亿元."""
    name = content(labels.left(part))
    for one in range(part - 1, -1, -1):
        if positions.sentence(part) - positions.sentence(one) > N_SENTENCES:
            return None
        measure = content(labels.left(one))
        if labels.roles[one] is not Role.LEVEL or positions.quantities[one].unit != positions.quantities[part].unit:
            continue
        if len(measure) >= MIN_MEASURE and name != measure and name.endswith(measure):
            is_one_period = period_of(positions, one).may_be(period_of(positions, part))
            return one if is_one_period and not NOT_ONE_AREA.search(name) else None
    return None


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
        whole = next((one for one in before if labels.roles[one] in {Role.LEVEL, Role.REST, Role.AVERAGE}), None)
        if whole is not None and labels.roles[whole] is Role.AVERAGE:
            return None  # 月人均养老金增加到1432元，其中市区1479元
        others = [one for one in range(part) if among < positions.quantities[one].start and labels.roles[one] is Role.LEVEL]
        is_list = all(is_alike(positions.quantities[one], positions.quantities[part]) for one in others)
        if whole is not None and is_list and not is_alike(positions.quantities[whole], positions.quantities[part]):
            return _alike_before(positions, labels, whole, part)
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
    is_done = is_done or (FOUND.search(labels.left(part)) and TAKEN.search(labels.of(whole)))
    return whole if is_done or _is_year_of_total(labels, whole, part) else None


def _alike_before(positions: Positions, labels: Labels, last: int, part: int) -> int | None:
    """The count shortly before the last one of a sentence that has the noun of a part: 接待游客3.02亿人次,收入3651亿元;其中过夜游客7086万人次."""
    noun = content(labels.left(part))[-2:]
    for one in range(last - 1, -1, -1):
        if (
            positions.sentence(last) - positions.sentence(one) > 1
            or "。" in positions.text.plain[positions.quantities[one].end : positions.quantities[last].start]
        ):
            return None
        is_same = is_alike(positions.quantities[one], positions.quantities[part]) and content(labels.left(one)).endswith(noun)
        if labels.roles[one] is Role.LEVEL and len(noun) > 1 and is_same:
            return one
    return None


def _restarts(positions: Positions, whole: int, part: int) -> bool:
    return (
        re.search(r"[。；（]|^、", positions.text.plain[positions.quantities[whole].end : positions.quantities[part].start])
        is not None
    )


def _is_year_of_total(labels: Labels, whole: int, part: int) -> bool:
    """总投资 5 亿元,年度计划投资 8 亿元: a year's part of a total."""
    return (
        part - whole == 1
        and labels.left(whole).endswith("总投资")
        and re.search(r"年度?计划(?:完成)?投资$|年度投资计划$", labels.left(part)) is not None
    )
