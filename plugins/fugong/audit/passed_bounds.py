"""Finds amounts that do not pass what they are said to pass: 突破500万人次…接待游客489.2万人次; 首次超过100亿元,达到98.6亿元."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import Labels, Role, content
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.remarks import SUSPICION, Remark, is_count, value
from fugong.core.bilingual import Bilingual

AT_ONCE = re.compile(r"，(?:(?:累计|目前|平均|共计?)?(?:达到?|为|是|实现|完成)(?:了)?|实际[一-鿿]{0,4})")
BOUND_AFTER = re.compile(r"^及?以[上下内]")
AHEAD = re.compile(r"力争|目标|预计|预期|计划|确保|将|有望|要|争取|规划|以[上下]|[年月]均|日|单")
PASSED = re.compile(
    r"(?:首次|再次|连续|一举)?(?:突破|超过?|逾|不足|不到|近|接近|将近|未达|(?:控制|保持|稳定)在|不低于|不少于|不超过|不高于)(?:了)?$"
)
BOUNDS = {"floor": False, "ceiling": True, "near": True}
"""Bounds, and whether a number beyond them is greater."""
MIN_NAME, N_SENTENCES = 4, 30


def passed_bounds(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each of them."""
    plain = positions.text.plain
    for bound, limit in enumerate(positions.quantities):
        if limit.bound not in BOUNDS or limit.number is None or AHEAD.search(labels.clause_left(bound)):
            continue
        if not PASSED.search(labels.left(bound)):
            continue
        following = positions.quantities[bound + 1 : bound + 2]
        if following and AT_ONCE.fullmatch(BOUND_AFTER.sub("", plain[limit.end : following[0].start])):
            if _is_beyond(limit, following[0]):
                yield _remark(positions, bound, bound + 1)
            continue
        if not is_count(limit) or labels.roles[bound] is not Role.LEVEL or limit.bound == "near":
            continue
        name = content(PASSED.sub("", labels.left(bound)))
        for one, quantity in enumerate(positions.quantities) if len(name) >= MIN_NAME else ():
            is_told = labels.roles[one] is Role.LEVEL and content(labels.left(one)) == name
            is_one = period_of(positions, one).may_be(period_of(positions, bound))
            is_near = abs(positions.sentence(one) - positions.sentence(bound)) <= N_SENTENCES
            if is_told and is_one and is_near and _is_beyond(limit, quantity) and not AHEAD.search(labels.clause_left(one)):
                yield _remark(positions, bound, one)
                break


def _is_beyond(limit: Quantity, quantity: Quantity) -> bool:
    if quantity.bound != "exact" or quantity.unit != limit.unit or quantity.per != limit.per or quantity.number is None:
        return False
    return quantity.low > value(limit) if BOUNDS[limit.bound] else quantity.high < value(limit)


def _remark(positions: Positions, bound: int, number: int) -> Remark:
    limit, one = positions.quantities[bound], positions.quantities[number]
    zh, en = ("不足", "below") if BOUNDS[limit.bound] else ("超过", "above")
    message = Bilingual(
        f"说是{zh} {limit.text},而 {one.text} 不是。", f"It is said to be {en} {limit.text}, but {one.text} is not."
    )
    return Remark("bound", SUSPICION, one.start, (number, bound), message)
