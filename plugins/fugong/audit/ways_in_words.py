"""Holds what a text says in words of rises and falls against its numbers: 存款增幅继续回落 and 存款…增速较去年同期提高4.98个百分点."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fugong.audit.labels import Labels, Role, content
from fugong.audit.positions import Positions
from fugong.audit.remarks import SUSPICION, Remark
from fugong.core.bilingual import Bilingual

ADVERB = "(?:均|都|也|仍|同比|继续|连续|逐步|持续|显著|小幅|明显|进一步|有所|快速|稳步|平稳|大幅|较快|不断|双双|呈现?|保持|实现|出现|较大|同样|了)*"
UP = "加快|提高|提升|攀升|上升|回升|增长|增加|扩大|多增|上涨|提速"
DOWN = "回落|放缓|下降|减少|降低|收窄|少增|下滑|下跌|减速|减慢"
SAID = re.compile(
    rf"(?:^|(?<=[，。；：、\n和）]))(?P<name>[一-鿿]{{2,18}}?)(?P<speed>增速|增幅)?{ADVERB}(?P<way>{UP}|{DOWN})(?:态势|趋势|势头)?(?=[，。；\n]|的\"|$)"
)
MOVED = re.compile(rf"(?P<way>{UP}|{DOWN}|快|慢|增|减)(?:了|约)?$")
OTHER_BASE = re.compile(
    r"环比|季|月|年初|半年|幅|速|今后|未来|将|要|推动|促进|力争|预计|不|没有|未|防止|避免|因素|原因|影响|受|由于|风险|压力|政策|措施|工作|可能"
)
"""Words of a statement that has another base or is none."""
OF_SPEED = re.compile(r"增速|增幅|增长率")
SPEED_WAYS = frozenset("加快 放缓 提速 减速 减慢".split())
MORE_WAYS = frozenset(["多增", "少增"])
BASE = re.compile(r"增速|增幅|同比|[比较][^，]*|去年|上年|同期")
MEASURE = re.compile(r"(?:面积|产量|收入|支出|存款|贷款|投资|产值|增加值|余额)$")
GENERAL = re.compile(r"^(?:今年|本年|全年|上半年|一季度|目前|当前)?(?:以来)?|(?:总额|总量|余额|规模|数量|总数|面积|产量)$")
MIN_SAME, MIN_NAME, N_SENTENCES = 2, 3, 8


@dataclass(frozen=True)
class Way:
    """What is told to rise or fall, and how: the level, its speed, or how much more it grew than a year before.

    Attributes:
        number: the index of its number; None for words alone.
    """

    name: str
    kind: str
    is_down: bool
    at: int
    number: int | None = None


def ways_in_words(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each number whose words say up where other words of the text say down of the same."""
    told = [*_by_numbers(positions, labels)]
    for said in _by_words(positions):
        named = [one for one in told if one.name == said.name and len(said.name) >= MIN_SAME]
        near = [
            one
            for one in named or told
            if one.kind == said.kind
            and abs(positions.sentence_at(one.at) - positions.sentence_at(said.at)) <= N_SENTENCES
            and (one in named or _is_one(one.name, said.name))
        ]
        if near and all(one.is_down != said.is_down for one in near):
            one = near[0]
            text = positions.text.plain[said.at : said.at + 16].partition("，")[0].partition("。")[0]
            quantity = positions.quantities[one.number or 0]
            message = Bilingual(
                f"“{text}”与 {quantity.text} 的升降方向不一致。",
                f"“{text}” and the words of {quantity.text} say two directions.",
            )
            yield Remark("change", SUSPICION, quantity.start, (one.number or 0,), message)


def _by_words(positions: Positions) -> Iterator[Way]:
    plain = positions.text.plain
    for found in SAID.finditer(plain):
        name = found["name"]
        if OTHER_BASE.search(found[0].replace("增速", "").replace("增幅", "")):
            continue
        kind = _kind(found["way"], found["speed"] is not None)
        is_down = re.fullmatch(DOWN, found["way"]) is not None
        for one in (name, *_listed_before(plain, found.start("name"), name)):
            yield Way(GENERAL.sub("", content(one)), kind, is_down, found.start("name"))


def _listed_before(plain: str, start: int, name: str) -> Iterator[str]:
    """The names before the last one of a list: 薯类面积 of 薯类、谷物面积减少."""
    before = re.search(r"(?:[，。；：\n]|^)((?:[一-鿿]{2,8}、)+)$", plain[max(0, start - 40) : start])
    suffix = MEASURE.search(name)
    for one in before[1].rstrip("、").split("、") if before else ():
        yield one + (suffix[0] if suffix else "")
    first = re.match(r"(?P<first>[一-鿿]{2,10})[和与及](?P<last>[一-鿿]{2,10})$", name)
    if first:
        yield first["first"]
        yield first["last"]


def _kind(way: str, is_speed: bool) -> str:
    if way in MORE_WAYS:
        return "more"
    return "speed" if is_speed or way in SPEED_WAYS else "level"


def _by_numbers(positions: Positions, labels: Labels) -> Iterator[Way]:
    for number, quantity in enumerate(positions.quantities):
        left = labels.left(number)
        found = MOVED.search(left)
        if found is None or quantity.number is None or re.search("环比|年初|上月|季", left):
            continue
        is_speed = quantity.unit == "百分点" and OF_SPEED.search(left) is not None
        is_level = quantity.unit != "百分点"
        if not (is_speed or is_level):
            continue
        name = subject_of(positions, labels, number)
        is_down = re.fullmatch(f"{DOWN}|慢|减", found["way"]) is not None
        kind = "speed" if is_speed else _kind(found["way"], is_speed=False)
        if len(name) >= MIN_NAME and not left.endswith(("-", "—", "负")):
            yield Way(GENERAL.sub("", name), kind, is_down, quantity.start, number)


def subject_of(positions: Positions, labels: Labels, number: int) -> str:
    """The name of the last level before a change in its sentence, or its own."""
    here = positions.sentence(number)
    for one in range(number - 1, -1, -1):
        if positions.sentence(one) != here:
            break
        if labels.roles[one] is Role.LEVEL:
            return content(labels.left(one))
    clauses = labels.item(number).partition("·")[0].split("，")
    named = (re.split(r"(?<![年月日\d])\d+(?:\.\d+)?[%亿万个元]", one)[0] for one in clauses)
    bare = [BASE.sub("", content(re.sub(rf"(?:{UP}|{DOWN}|快|慢)$", "", one))) for one in named]
    return next((one for one in reversed(bare) if len(one) >= MIN_NAME), "")


def _is_one(name: str, other: str) -> bool:
    """Whether two names are the same but for words before or after."""
    short, long = sorted((name, other), key=len)
    return len(short) >= MIN_NAME and (long.endswith(short) or (long.startswith(short) and len(long) <= len(short) + 3))
