"""Finds parts that are more than their whole by their names alone, wherever both stand: 制造业增加值 above 工业增加值.

A part is called as its whole is, with words of a narrower scope before: 股份制企业实现利润总额 of 全省企业实现利润总额.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fugong.audit.labels import EXCEPT, Labels, Role, in_same_words
from fugong.audit.periods import Period, period_of
from fugong.audit.positions import Positions
from fugong.audit.remarks import SUSPICION, Remark, bounds, is_count
from fugong.core.bilingual import Bilingual

MIN_NAME, MIN_MEASURE, MAX_SUBJECT, N_SENTENCES = 3, 4, 14, 12
COPULA = re.compile(r"(?:累计|共|分别)*(?:完成|实现|达到?|有|为|是|约|拥有|共有)+$")
VERBS = re.compile(r"完成|实现|达到|共有")
WIDER = re.compile(
    r"全国|全省|全市|全县|全区|全州|全社会|全部|全行业|全口径|世界|全球|我[国省市县区]|总|合计|累计|社会|各项|各类|所有|历年|上年|去年|同期|本外币|地方|一般|综合|"
    r"计划|目标|预算|超|人均|平均|户均|进出口|外贸|合同|协议|新增|以上|[每万]"
)
"""A subject with these is no narrower one."""
OF_ALL = re.compile(r"^(?:截至|截止|到)?(?:年末|期末|月末|年底)?(?:全[国省市县区州盟旗](?!性)|我[国省市县区州]|全社会|全部)")
"""The name of a whole begins with its area."""
LARGER = re.compile(r"^(?:规上|限上|规模以上)?(?:工业|服务业)?(?:企业|单位|行业)?")
"""Words of a subject that parts share and say in another way."""
NARROW = re.compile(r"其中|园区|开发区|高新区|集团|公司|[镇乡村]|街道|新增")
ALL_KINDS, MAX_BARE = re.compile(r"各级各类(?:学校|学历教育)?|各级各类"), 14
OPENS_ALL = re.compile(r"(?:(?:19|20)\d\d年|年末|目前)?，?(?:全[国省市县区])?(?:现|共)?有?各级各类学校")
RATIO = re.compile(r"率|人均|平均|中位|均|每|指数")


@dataclass(frozen=True)
class Level:
    """A level with its name, without verbs."""

    number: int
    name: str
    period: Period


def _of_all_kinds(positions: Positions, levels: list[Level]) -> Iterator[tuple[Level, Level]]:
    """各级各类学校…,专任教师1672.85万人…义务教育学校…,专任教师973.09万人: the same bare words in the sentence of all and later."""
    for whole in levels:
        at = positions.quantities[whole.number].start
        start = max(positions.text.plain.rfind(sign, 0, at) for sign in "。\n") + 1
        if not OPENS_ALL.match(positions.text.plain, start) or len(whole.name) > MAX_BARE:
            continue
        bare = ALL_KINDS.sub("", whole.name)
        for part in levels:
            apart = positions.sentence(part.number) - positions.sentence(whole.number)
            if part.name == bare and 0 < apart <= 4 * N_SENTENCES and whole.period.may_be(part.period):
                yield whole, part


def parts_by_name(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each part that is more than the whole whose name ends its own."""
    levels = [*_levels(positions, labels)]
    for whole in levels:
        if not _is_whole(positions, whole):
            continue
        full = LARGER.sub("", OF_ALL.sub("", whole.name))
        if len(full) < (MIN_NAME if "全社会" in whole.name else MIN_MEASURE) or RATIO.search(full):
            continue
        measure = full.replace("总", "").removeprefix("社会")
        for part in levels:
            name = part.name.replace("总", "")
            if part.number == whole.number or not name.endswith(measure) or len(name) == len(measure):
                continue
            subject = name[: -len(measure)]
            if "总" in part.name and "总" not in full:
                continue
            if not 2 <= len(subject) <= MAX_SUBJECT or WIDER.search(subject):
                continue
            if not _is_near(positions, whole, part) or not whole.period.may_be(part.period):
                continue
            one, other = positions.quantities[part.number], positions.quantities[whole.number]
            if one.unit == other.unit and one.per == other.per and bounds(one)[0] > bounds(other)[1]:
                yield _remark(positions, part.number, whole.number)
                break
    for whole, part in _of_all_kinds(positions, levels):
        one, other = positions.quantities[part.number], positions.quantities[whole.number]
        if one.unit == other.unit and bounds(one)[0] > bounds(other)[1]:
            yield _remark(positions, part.number, whole.number)


def _remark(positions: Positions, part: int, whole: int) -> Remark:
    one, other = positions.quantities[part], positions.quantities[whole]
    message = Bilingual(
        f"{one.text} 按名称是 {other.text} 的一部分,却比它大。",
        f"{one.text} is a part of {other.text} by its name, and still more.",
    )
    return Remark("parts", SUSPICION, one.start, (part, whole), message)


def _levels(positions: Positions, labels: Labels) -> Iterator[Level]:
    for number, quantity in enumerate(positions.quantities):
        if labels.roles[number] is not Role.LEVEL or not is_count(quantity) or not quantity.unit or labels.is_plan(number):
            continue
        name = VERBS.sub("", _in_full(COPULA.sub("", labels.left(number))))
        if len(name) >= MIN_NAME and quantity.bound == "exact" and not quantity.is_article:
            yield Level(number, name, period_of(positions, number))


def _in_full(label: str) -> str:
    """A label without days and years, but with the names of areas."""
    return in_same_words(EXCEPT.sub("", re.sub(r"(?:19|20)\d\d年|\d{1,2}(?:[-—～至]\d{1,2})?月份?|，", "", label)))


def _is_whole(positions: Positions, level: Level) -> bool:
    """Whether a level is told of a whole area, and nothing before it in its sentence narrows it."""
    start = positions.sentence_starts[positions.sentence(level.number)]
    before = positions.text.plain[start : positions.quantities[level.number].start]
    return OF_ALL.search(level.name) is not None and not NARROW.search(before)


def _is_near(positions: Positions, whole: Level, part: Level) -> bool:
    """Whether a part stands in one of the next sentences; one of 全社会 may stand before its whole, too."""
    apart = positions.sentence(part.number) - positions.sentence(whole.number)
    return 0 < apart <= N_SENTENCES or ("全社会" in whole.name and -N_SENTENCES <= apart < 0)
