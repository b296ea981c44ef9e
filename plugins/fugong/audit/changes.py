"""Reads changes and averages: 增加 6517 万元,增长 10.61%; 由 4.1 元降至 4 元,降低 0.1 元; 户均 632 万元."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import CHANGE, COMPARED, Labels, Role, common, content, is_within
from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED, Quantity, same_counted
from fugong.audit.remarks import is_alike, is_count, value
from fugong.audit.statements import Claim, Kind, Reading, Tie

DOWN = re.compile(r"减|降|少|低|回落|收窄|缩")
OF_SUBJECT = re.compile(r"完成|实现|收入|支出|总额|余额")
"""Words of the level of a sentence, where other amounts stand beside it."""
YEARLY = re.compile(r"年均|月均|平均|两年|增速|贡献|拉动")
OWN_GROWTH = re.compile(r"^(?:同比)?增速(?:约?为|达到?)?$")
"""The growth of the amount before it."""
OF_MONEY = re.compile(r"投资|产值|收入|支出|金额|总额|利润|税[收额]|资[金本]")
"""Words of a growth that is none of a count."""
OF_POINTS = re.compile(r"进度|序时|平均|水平|全[省国市县区]")
"""A number that is so much higher than these differs from another rate, not from an amount."""
OTHER_PRICES = re.compile(r"可比|不变价|同口径|剔除|扣除|实际增|生产总值|增加值|GDP|收入实际")
"""A growth at other prices does not follow from the amounts beside it."""
SCOPE = re.compile(r"（(?:剔除|扣除|不含)[^（）]*）(?=[^，。；：\d]{0,8}\d)")
"""Before an amount: what it leaves out, and so do the growth and the increment of it. 税收（剔除印花税）共1043亿元."""
BASES = {
    "year": re.compile(r"同比|比?[上去]年同[期月]|[比较]?(?:上年|去年)(?![末底])"),
    "month": re.compile(r"环比|上个?[月周季]|上日|前一?[日天月]|[比较]\d{1,2}月"),
    "beginning": re.compile(r"年初|(?:上年|去年)[末底]"),
    "period": re.compile(r"[上下]半年|前?[一二三四两三]个?季度|(?<![比较\d])\d{1,2}月|全年|[当本单]月|年内|今年"),
}
"""What an increment or a growth is compared with; 上半年增加 tells how much came in these months."""
COMPARED_WITH = re.compile(r"(?:[比较与同][^，。；：]{0,16}?(?:相比|(?:同期|上年|去年|年初|年末|年底)(?:相比)?))")
MIN_NAME, N_SENTENCES = 4, 8
IN_BRACKETS, CLAUSE_END = re.compile(r"（[^（）]*）"), re.compile(r"[，：（）]")
FROM = re.compile(r"[由从][^，。；：、\d]{0,8}$")
UNTIL = re.compile(r"(?:/\w{1,3})?[^，。；、\d]{0,10}(?:至|到|为)")
BY = re.compile(
    r"，?(?![^，。]{0,4}(?:年均|平均))(?:[^，。；：、\d]{0,6}(?=增幅|降幅)|[比较][^，。；：、\d]{0,6}|[共净累计同比均已年可又再各也一次总上下]{0,4})(?:增加|提高|提升|上升|增长|增幅|降低|下降|减少|下调|降幅|缩短|压缩|优惠|少)[^，。；：、\d同环比较]{0,5}"
)
ON_AVERAGE = re.compile(
    r"(?:平均每?(?:个家庭)?(?P<a>[家户人名个项亩])|(?P<b>[家户人名个项亩])均|每(?P<c>[家户人名个项亩])(?!天|日|周|月|年|每))"
    r"(?![^，。；：、\d]{0,8}每[天日周月年])(?P<own>[^，。；：、\d]{0,8})$"
)


def growths(positions: Positions, labels: Labels) -> Iterator[Claim]:
    """Yield a claim for each growth in per cent whose level and increment stand beside it."""
    for number, share in enumerate(positions.quantities):
        if share.unit != "1" or share.value == 0 or share.bound != "exact" or labels.share_words(number).kind != "change":
            continue
        if (compared := COMPARED.search(labels.left(number))) and OF_POINTS.search(compared[0]):
            continue
        if based := _on_base(positions, labels, number):
            yield Claim(Kind.SHARE, number, (based,))
            continue
        readings = tuple(_growth_readings(positions, labels, number))
        if readings:
            yield Claim(Kind.GROWTH, number, readings)


def _on_base(positions: Positions, labels: Labels, number: int) -> Reading | None:
    """比2020年的11183批次增加5458批次,增长48.81%: the increment and the base that the text states."""
    here = positions.sentence(number)
    increment, base = number - 1, number - 2
    if base < 0 or labels.roles[increment] is not Role.CHANGE or labels.roles[base] is not Role.BASE:
        return None
    if positions.sentence(base) != here or not is_alike(positions.quantities[base], positions.quantities[increment]):
        return None
    if YEARLY.search(labels.left(number)):
        return None
    return Reading((increment, base), Tie.EXPLICIT if _is_at_one_price(positions, here) else Tie.POSSIBLE)


def _growth_readings(positions: Positions, labels: Labels, number: int) -> Iterator[Reading]:
    here = positions.sentence(number)
    is_plain = _is_at_one_price(positions, here)
    before = [one for one in range(number - 1, -1, -1) if labels.depths[one] <= labels.depths[number]][:2]
    for increment in (*before[:1], number + 1, *before[1:]):
        if not 0 <= increment < len(positions.quantities) or positions.sentence(increment) != here:
            continue
        if labels.roles[increment] is not Role.CHANGE or _n_clauses(positions, increment, number) > 1:
            continue
        if not is_count(positions.quantities[increment]):
            continue
        is_tied = increment in {*before[:1], number + 1} and is_plain and _is_same_way(labels, increment, number)
        is_tied = (
            is_tied and not YEARLY.search(OWN_GROWTH.sub("", labels.left(number))) and _has_one_base(labels, increment, number)
        )
        levels = list(_levels(positions, labels, min(increment, number), increment))
        main = [one for one in levels if len(levels) == 1 or OF_SUBJECT.search(labels.left(one))]
        for nth, level in enumerate(levels):
            if OF_MONEY.search(labels.left(number)) and positions.quantities[level].unit not in MEASURED:
                continue  # 项目3504个,同比增加925个,完成投资增长20.9%
            is_only = main == [level] and positions.sentence(level) == here and _is_said_of(positions, labels, level, increment)
            tie = Tie.EXPLICIT if is_only else Tie.LIKELY if nth == len(levels) - 1 else Tie.POSSIBLE
            is_same = is_tied and not _has_another_name(labels, level, increment)
            yield Reading((level, increment), tie if is_same else Tie.POSSIBLE)


def _n_clauses(positions: Positions, increment: int, share: int) -> int:
    """How many clauses end between an increment and its share; brackets that give it in another unit end none: 72.3万吨(14.46亿斤)."""
    first, last = sorted((increment, share))
    between = positions.text.plain[positions.quantities[first].end : positions.quantities[last].start]
    return len(CLAUSE_END.findall(IN_BRACKETS.sub("", between)))


def _levels(positions: Positions, labels: Labels, before: int, increment: int) -> Iterator[int]:
    """Yield the levels that an increment may be a part of: those of its sentence, else the last one of the sentence before."""
    here = positions.sentence(increment)
    nothing = [
        one
        for one in range(before)
        if positions.sentence(one) == here and positions.quantities[one].value == 0 and positions.quantities[one].unit != "1"
    ]  # 国家赔偿案件0件,同比下降100%,减少1件
    name = content(CHANGE.sub("", COMPARED_WITH.sub("", labels.left(increment))))
    found = [
        one
        for one in range(before - 1, nothing[-1] if nothing else -1, -1)
        if here - positions.sentence(one) <= 1
        and (labels.roles[one] is Role.LEVEL or (labels.roles[one] is Role.REST and positions.sentence(one) == here))
        and not labels.is_plan(one)
        and labels.depths[one] <= labels.depths[increment]
        and is_alike(positions.quantities[one], positions.quantities[increment])
    ]
    average = next(
        (
            one
            for one in range(before - 1, -1, -1)
            if positions.sentence(one) == here
            and labels.roles[one] in {Role.AVERAGE, Role.LEVEL}
            and is_alike(positions.quantities[one], positions.quantities[increment])
        ),
        None,
    )
    is_more = average is not None and value(positions.quantities[average]) > value(positions.quantities[increment])
    if average is not None and is_more and labels.roles[average] is Role.AVERAGE:
        yield average  # 月均收入4432元,增加360元
        return
    near = [one for one in found if positions.sentence(one) == here]
    before_it = [one for one in found if positions.is_same_matter(positions.sentence(one), here)]
    if not near and len(name) >= MIN_NAME:  # 与2006年底相比,全国机动车保有量增加3156702辆
        named = _named_level(positions, labels, increment, name)
        before_it = [named] if named is not None else before_it
    yield from near or before_it[-1:]


def _named_level(positions: Positions, labels: Labels, increment: int, name: str) -> int | None:
    """The nearest level before an increment that is called by the same name."""
    for one in range(increment - 1, -1, -1):
        if positions.sentence(increment) - positions.sentence(one) > N_SENTENCES:
            return None
        is_level = labels.roles[one] is Role.LEVEL and not labels.is_plan(one)
        if (
            is_level
            and content(labels.left(one)) == name
            and is_alike(positions.quantities[one], positions.quantities[increment])
        ):
            return one
    return None


def _is_said_of(positions: Positions, labels: Labels, level: int, increment: int) -> bool:
    """Whether nothing but shares, other changes and plans stands between a level and its increment."""
    between = range(min(level, increment) + 1, increment)
    return all(
        labels.roles[one] in {Role.OTHER, Role.CHANGE, Role.BASE}
        or labels.is_plan(one)
        or is_alike(positions.quantities[one], positions.quantities[increment])
        for one in between
    )


def _has_another_name(labels: Labels, level: int, increment: int) -> bool:
    """Whether an increment names a subject that its level does not: 项目194个…,高新技术企业净增414家."""
    name = content(CHANGE.sub("", COMPARED_WITH.sub("", labels.left(increment))))
    return len(name) >= MIN_NAME and common(name, content(labels.item(level))) < 2


def _is_at_one_price(positions: Positions, sentence: int) -> bool:
    """Whether nothing says that a growth is at other prices."""
    one = positions.text.sentences[sentence]
    return not OTHER_PRICES.search(SCOPE.sub("", positions.text.plain[one.start : one.end]))


def _is_same_way(labels: Labels, increment: int, share: int) -> bool:
    """Whether the words before both numbers say up, or both say down."""
    return is_down(labels.left(increment)) == is_down(labels.left(share))


def _has_one_base(labels: Labels, increment: int, share: int) -> bool:
    """Whether the words before both numbers name no different bases: 余额同比增长8.8%,上半年增加13.26万亿元."""
    first, last = ({name for name, words in BASES.items() if words.search(labels.left(one))} for one in (increment, share))
    return not first or not last or bool(first & last)


def is_down(label: str) -> bool:
    """Whether the words before a change say that it is a decrease."""
    found = CHANGE.search(label) or COMPARED.search(label)
    return found is not None and DOWN.search(found[0]) is not None


def changes(positions: Positions) -> Iterator[Claim]:
    """Yield a claim for each 由 A 降至 B,降低 C."""
    for number in range(1, len(positions.quantities) - 1):
        first, last, stated = positions.quantities[number - 1 : number + 2]
        if not first.number or last.number is None or stated.number is None or first.unit != last.unit:
            continue
        if not FROM.search(positions.left(number - 1)) or not UNTIL.fullmatch(positions.text.plain, first.end, last.start):
            continue
        is_tied = BY.fullmatch(positions.text.plain, last.end, stated.start) is not None
        fits = stated.unit in ({"百分点", "1"} if last.unit == "1" else {"1", last.unit})
        fits = fits and (stated.unit == "1" or stated.number <= max(first.number, last.number))  # a price falls, fees are saved
        if is_tied and fits:
            yield Claim(Kind.CHANGE, number + 1, (Reading((number - 1, number), Tie.EXPLICIT),))


def differences(positions: Positions, labels: Labels) -> Iterator[Claim]:
    """Yield a claim for each level, base and increment in one sentence: 746389人，与2010年的703428人相比，增加42961人."""
    for number in range(2, len(positions.quantities)):
        if labels.roles[number] is not Role.CHANGE or labels.roles[number - 1] is not Role.BASE:
            continue
        base, here = number - 1, positions.sentence(number)
        before = (one for one in range(base - 1, -1, -1) if labels.roles[one] in {Role.LEVEL, Role.AVERAGE})
        level = next(
            (one for one in before if not labels.is_plan(one)), None
        )  # 为全年预算46908万元的80%,比上年同期35285万元增收…
        if (
            level is None
            or not positions.sentence(level) == positions.sentence(base) == here
            or not is_count(positions.quantities[level])
        ):
            continue
        is_one_kind = all(
            positions.quantities[one].unit == positions.quantities[number].unit
            and (
                not positions.quantities[one].per or labels.roles[one] is Role.AVERAGE
            )  # 平均每户2.90人,比2010年的3.33人减少0.43人
            for one in (level, base)
        )
        if is_one_kind and positions.quantities[number].unit and _is_beside(positions, labels, level, base):
            yield Claim(Kind.CHANGE, number, (Reading((base, level), Tie.EXPLICIT),))


def _is_beside(positions: Positions, labels: Labels, level: int, base: int) -> bool:
    """Whether a base is the next clause after a level, but for a plan and its share."""
    between = range(level + 1, base)
    plain, first = positions.text.plain, positions.quantities[level].end
    aside = re.compile(r"（[^（）\d]*）").match(plain, first)  # 314985人（不包括军人）,与2010年的334020人相比
    first = aside.end() if aside else first
    is_plan = all(labels.is_plan(one) or labels.roles[one] is Role.OTHER for one in between)
    return positions.n_clauses(first, positions.quantities[base].start) <= 1 + (len(between) > 0) and is_plan


def averages(positions: Positions, labels: Labels) -> Iterator[Claim]:
    """Yield a claim for each 户均 C that a total and a count precede."""
    for number, average in enumerate(positions.quantities):
        marker = ON_AVERAGE.search(positions.left(number, 14))
        if not marker or not is_count(average):
            continue
        piece = marker["a"] or marker["b"] or marker["c"]
        here = positions.sentence(number)
        earlier = [one for one in range(number - 1, max(-1, number - 8), -1) if is_count(positions.quantities[one])]
        earlier = [one for one in earlier if positions.is_same_matter(positions.sentence(one), here)]
        totals = [
            one for one in earlier if positions.quantities[one].unit == average.unit and labels.roles[one] is not Role.CHANGE
        ]
        counts = [one for one in earlier if _is_piece(positions.quantities[one], average, piece)]
        pairs = [(total, count) for total in totals for count in counts if value(positions.quantities[total]) > value(average)]
        beside = [pair for pair in pairs if all(positions.sentence(one) == here for one in pair)]
        is_only = len(totals) == len(counts) == len(beside) == 1
        own = content(positions.left(number, 14)[: marker.start()].rpartition("，")[2] + marker["own"])
        is_only = is_only and (len(own) < 2 or all(is_within(own, labels.of(one)) for one in totals))
        if pairs:
            tie = Tie.EXPLICIT if is_only else Tie.LIKELY if len(beside) == 1 and len(own) < 2 else Tie.POSSIBLE
            yield Claim(Kind.AVERAGE, number, tuple(Reading(pair, tie if pair in beside else Tie.POSSIBLE) for pair in pairs))


def _is_piece(count: Quantity, average: Quantity, piece: str) -> bool:
    if count.unit == "个" and piece in {"人", "名"}:
        return False
    return count.unit not in MEASURED | {average.unit, ""} and same_counted(count.unit, piece) >= 0.97
