"""Checks that what is said of all of them holds: 均超过80%,分别达到87.5%和80.8%; 全部复工,复工率100%."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import LINK, Labels, content
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.rates import GENERAL, VERBS
from fugong.audit.remarks import AGREES, CONTRADICTION, Remark, value
from fugong.core.bilingual import Bilingual

EACH = re.compile(r"，(?:其中，?)?分别(?:为|是|达到?|占|完成|实现)*")
ALL_DONE = re.compile(
    r"(?:全部|均已|都已|全都|全面)(?P<verb>(?:顺利|如期|按时)?(?:开复工|复工复产|复工|复产|开工|到岗|返岗|复岗|办结|解决|整改|开业|复业|落实|完成))(?:到位|完毕)?[，、]$"
)
ALL_BEYOND = re.compile(r"，(?:均|都|全部)(?P<way>低于|小于|少于|高于|大于|超过)(?P<name>[^，。；：\d]{2,16}率)(?=[，。；])")
EVERY = re.compile(
    r"(?:均|都|全部|全都|各[一-鿿]{0,6})(?:已)?(?:超过?|达到?|不低于|不少于|高于|大于|在|低于|不足|不超过|不高于|少于|小于)*(?:了)?$"
)
"""Before a bound that holds for all: 均超过95%."""
AMONG, NEXT = re.compile(r"(?:，|；|。)其中[，：]?[^，。；：、\d]{1,14}"), re.compile(r"[，、；和及][^，。；：、\d]{1,14}")
NOT_A_MEMBER = re.compile(r"[比较]|增|降|减|提高|回落|升|平均|占|未")
RATE_OF = re.compile(r"(?:约?为|达到?|是)$")
MIN_RATE = 3
NOT_YET = re.compile(r"力争|确保|将|预计|计划|要求|推动|除|未|不|基本|实现.*目标|争取|如果|若|后|前")
MOVED = re.compile(r"增|降|减|提高|回落|升")


def said_of_all(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each list whose bound does not hold for one of its members, and for each rate of what is done by all."""
    for number, quantity in enumerate(positions.quantities):
        if quantity.bound in {"floor", "ceiling"} and quantity.number is not None and not MOVED.search(labels.left(number)[-6:]):
            yield from _beyond(positions, number)
            yield from _members_beyond(positions, number)
        if quantity.unit == "1" and labels.place_in_list(number)[0] < number:
            yield from _against_another(positions, labels, number)
        if quantity.unit == "1" and quantity.bound == "exact" and labels.share_words(number).kind == "rate":
            yield from _of_all_done(positions, labels, number)


def _beyond(positions: Positions, bound: int) -> Iterator[Remark]:
    """The members of a list right after the bound that all of them keep."""
    limit = positions.quantities[bound]
    for number in range(bound + 1, len(positions.quantities)):
        before, one = positions.quantities[number - 1], positions.quantities[number]
        between = EACH if number == bound + 1 else LINK
        if (
            one.unit != limit.unit
            or one.bound != "exact"
            or not between.fullmatch(positions.text.plain, _end(positions, before), one.start)
        ):
            return
        is_beyond = value(one) < value(limit) if limit.bound == "floor" else value(one) > value(limit)
        if is_beyond:
            zh, en = ("低于", "less") if limit.bound == "floor" else ("高于", "more")
            message = Bilingual(
                f"说各项都在 {limit.text} 之{'上' if limit.bound == 'floor' else '下'},而其中 {one.text} {zh}它。",
                f"All of a list are said to keep to {limit.text}, but {one.text} is {en}.",
            )
            yield Remark("bound", CONTRADICTION, one.start, (bound, number), message)


def _members_beyond(positions: Positions, bound: int) -> Iterator[Remark]:
    """12个镇办均超过95%,其中甲街道96.1%,乙街道93.2%: members that are named after a bound that holds for all."""
    limit, plain = positions.quantities[bound], positions.text.plain
    if not EVERY.search(positions.left(bound)):
        return
    for number in range(bound + 1, len(positions.quantities)):
        before, one = positions.quantities[number - 1], positions.quantities[number]
        between = (AMONG if number == bound + 1 else NEXT).fullmatch(plain, _end(positions, before), one.start)
        if one.unit != limit.unit or one.bound != "exact" or between is None or NOT_A_MEMBER.search(between[0]):
            return
        if value(one) < value(limit) if limit.bound == "floor" else value(one) > value(limit):
            zh, en = ("低于", "less") if limit.bound == "floor" else ("高于", "more")
            message = Bilingual(
                f"说各项都在 {limit.text} 之{'上' if limit.bound == 'floor' else '下'},而其中 {one.text} {zh}它。",
                f"All are said to keep to {limit.text}, but {one.text} is {en}.",
            )
            yield Remark("bound", CONTRADICTION, one.start, (bound, number), message)


def _against_another(positions: Positions, labels: Labels, last: int) -> Iterator[Remark]:
    """不合格率分别为0.4%、0.5%,均低于总体不合格率: the rate of all, told before in the same words."""
    first, n = labels.place_in_list(last)
    said = ALL_BEYOND.match(positions.text.plain, positions.quantities[last].end)
    if said is None or first + n - 1 != last:
        return
    name = content(said["name"])[-MIN_RATE:]
    rates = (one for one in range(first - 1, -1, -1) if positions.quantities[one].unit == "1")
    rate = next(
        (one for one in rates if len(name) == MIN_RATE and RATE_OF.sub("", content(labels.left(one))).endswith(name)), None
    )
    if rate is None:
        return
    limit, is_below = positions.quantities[rate], said["way"] in {"低于", "小于", "少于"}
    for one in range(first, last + 1):
        stated = positions.quantities[one]
        if value(stated) >= value(limit) if is_below else value(stated) <= value(limit):
            zh, en = ("低于", "below") if is_below else ("高于", "above")
            message = Bilingual(
                f"说各项均{zh} {limit.text},而其中 {stated.text} 不是。",
                f"All of a list are said to be {en} {limit.text}, but {stated.text} is not.",
            )
            yield Remark("bound", CONTRADICTION, stated.start, (rate, one), message)


def _end(positions: Positions, quantity: Quantity) -> int:
    """Where a quantity ends, with the words of its bound: 80%以上."""
    found = re.compile(r"及?以[上下内]").match(positions.text.plain, quantity.end)
    return found.end() if found else quantity.end


def _of_all_done(positions: Positions, labels: Labels, share: int) -> Iterator[Remark]:
    """136家企业全部复工,复工率100%."""
    clause, quantity = labels.clause_left(share), positions.quantities[share]
    start = quantity.start - len(clause)
    before = positions.text.plain[positions.text.sentences[positions.sentence(share)].start : start]
    done = ALL_DONE.search(before)
    if done is None or NOT_YET.search(before.rstrip("，")[max(before.rstrip("，").rfind("，"), 0) :]):
        return
    name = re.split(r"率|面(?=[^面]*$)", clause)[0]
    lead = VERBS.sub("", GENERAL.sub("", content(name)))
    if any(one not in before for one in lead) or labels.share_words(share).verb[-2:] not in done["verb"]:
        return
    if quantity.value == 1:
        message = Bilingual(f"{quantity.text} 与“全部”相符。", f"{quantity.text} agrees with “all”.")
        yield Remark("ratio", AGREES, quantity.start, (share,), message)
    elif value(quantity) < 1:
        message = Bilingual(
            f"前面说全部{done['verb']},而比率是 {quantity.text}。", f"All are said to be done, but the rate is {quantity.text}."
        )
        yield Remark("ratio", CONTRADICTION, quantity.start, (share,), message)
