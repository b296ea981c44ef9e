"""Finds parts that are more than their whole in another measure, or in a list: 70个,总投资86亿元;其中市级18个,总投资161亿元."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import Labels, Role, content
from fugong.audit.marked import COUNT, SHARE, SIGNS, marked
from fugong.audit.periods import Period, end_together, period_of
from fugong.audit.positions import Positions
from fugong.audit.remarks import CONTRADICTION, SUSPICION, Remark, bounds
from fugong.core.bilingual import Bilingual

AMONG = re.compile(r"(?<![一-鿿])其中")
NAME = rf"[^，。；：（）、\n{SIGNS}]{{2,12}}"
ITEMS = re.compile(
    rf"(?P<whole>{COUNT})(?:，(?:同比|比上年(?:同期)?)?(?:增长|下降)了?{SHARE})?[，。；]其中，(?P<items>{NAME}{COUNT}(?:，(?:同比|比上年(?:同期)?)?(?:增长|下降)了?{SHARE})?(?:；{NAME}{COUNT}(?:，(?:同比|比上年(?:同期)?)?(?:增长|下降)了?{SHARE})?)+)(?=[。\n])"
)
"""A whole, and a list after 其中 whose items are alike: 国内贷款4105亿元,下降21%;利用外资7亿元,下降27%."""
NO_PART = re.compile(r"全[国省市县区]|总|合计|累计|支出|收入")
DIVIDED = re.compile(r"分[^，。；：\d\n]{1,6}看，|按[^，。；：\d\n]{1,8}[看分]，|从[^，。；：\d\n]{1,8}(?:看|来看)，")
ALL_OF = re.compile(r"(?:各项(?P<kind>贷款|存款)(?:余额)?|全社会(?P<noun>用电量|固定资产投资))$")
OF_ALL = {
    "贷款": re.compile(r"贷款(?:余额)?$"),
    "存款": re.compile(r"存款(?:余额)?$"),
    "用电量": re.compile(r"用电量$"),
    "固定资产投资": re.compile(r"固定资产投资$"),
}
NOUNS = re.compile(r"贷款|存款")
ADDED = re.compile(r"新增(?:信贷|贷款|存款)(?:投放|投入)?$")
WIDER = re.compile(r"各项|全国|全省|全部|累计|发放|新增")
MIN_MEASURE = 3


def same_measures(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each part that is more than its whole."""
    yield from _measures_after_among(positions, labels)
    yield from _items(positions, labels)
    yield from _divided(positions, labels)
    yield from _of_all(positions, labels)
    yield from _added(positions, labels)


def _measures_after_among(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """A measure that stands before 其中 and after it in the same words, beside the counts of whole and part."""
    plain = positions.text.plain
    for part, quantity in enumerate(positions.quantities):
        measure = content(labels.left(part))
        if labels.roles[part] is not Role.LEVEL or len(measure) < MIN_MEASURE or not quantity.unit:
            continue
        begin = max(plain.rfind(sign, 0, quantity.start) for sign in "。\n") + 1
        opened = [*AMONG.finditer(plain, begin, quantity.start)]
        first = opened[0].end() if opened else 0
        if len(opened) != 1 or not any(first <= one.start < quantity.start and one.number for one in positions.quantities[:part]):
            continue
        wholes = [
            one
            for one in range(part)
            if begin <= positions.quantities[one].start < first
            and content(labels.left(one)) == measure
            and positions.quantities[one].unit == quantity.unit
            and positions.quantities[one].bound == "exact"
        ]
        if len(wholes) == 1 and bounds(quantity)[0] > bounds(positions.quantities[wholes[0]])[1]:
            yield _remark(positions, part, wholes[0], CONTRADICTION)


def _items(positions: Positions, labels: Labels) -> Iterator[Remark]:
    text = marked(positions)
    for found in ITEMS.finditer(text.text):
        whole = text.all_of(found, "whole")[0]
        for part in text.all_of(found, "items"):
            one, other = positions.quantities[part], positions.quantities[whole]
            is_part = labels.roles[part] is Role.LEVEL and one.unit == other.unit and not NO_PART.search(labels.left(part))
            if is_part and labels.roles[whole] is Role.LEVEL and bounds(one)[0] > bounds(other)[1]:
                yield _remark(positions, part, whole, SUSPICION)


def _divided(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """分期限看,…: the parts of the first amount of the paragraph before, which has their measure."""
    plain, before = positions.text.plain, -1
    start = 0
    for line in plain.split("\n"):
        numbers = [one for one, quantity in enumerate(positions.quantities) if start <= quantity.start < start + len(line)]
        levels = [one for one in numbers if labels.roles[one] is Role.LEVEL]
        if not DIVIDED.match(line):
            before = levels[0] if levels else before if len(line) > 40 else -1
        elif before >= 0:
            measure = content(labels.left(before))[-2:]
            for part in levels:
                one, other = positions.quantities[part], positions.quantities[before]
                is_part = content(labels.left(part)).endswith(measure) and one.unit == other.unit and measure == "余额"
                if (
                    is_part
                    and bounds(one)[0] > bounds(other)[1]
                    and period_of(positions, part).may_be(period_of(positions, before))
                ):
                    yield _remark(positions, part, before, SUSPICION)
        start += len(line) + 1


def _of_all(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """各项贷款余额 are the loans of all kinds."""
    wholes: dict[str, list[int]] = {}
    for one, quantity in enumerate(positions.quantities):
        if labels.roles[one] is not Role.LEVEL or quantity.unit not in {"元", "千瓦时"}:
            continue
        name = content(labels.left(one))
        if found := ALL_OF.search(name):
            wholes.setdefault(found["kind"] or found["noun"], []).append(one)
            continue
        if name in {"余额", "末余额", "月末余额"}:  # 小微贷款增长较快,6月末余额537.74亿元
            nouns = set(NOUNS.findall(positions.text.plain[positions.sentence_starts[positions.sentence(one)] : quantity.start]))
            name = f"{nouns.pop()}余额" if len(nouns) == 1 else name
        for noun, known in wholes.items():
            if OF_ALL[noun].search(name) and not WIDER.search(labels.clause_left(one)):
                fits = end_together if noun in {"贷款", "存款"} else Period.may_be
                known = [each for each in known if fits(period_of(positions, each), period_of(positions, one))]
                if not known:
                    continue
                largest = max(known, key=lambda each: bounds(positions.quantities[each])[1])
                if bounds(quantity)[0] > bounds(positions.quantities[largest])[1]:
                    yield _remark(positions, one, largest, SUSPICION)


def _added(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """贷款余额1996.49亿元,增长12%;上半年新增信贷投放2015亿元: new loans are no more than the balance before them."""
    for one, quantity in enumerate(positions.quantities):
        if not ADDED.search(labels.left(one)) or quantity.unit != "元":
            continue
        here = positions.sentence(one)
        before = (each for each in range(one - 1, -1, -1) if positions.is_same_matter(positions.sentence(each), here))
        level = next((each for each in before if content(labels.left(each)).endswith("余额")), None)
        if (
            level is not None
            and bounds(quantity)[0] > bounds(positions.quantities[level])[1]
            and here - positions.sentence(level) <= 2
        ):
            yield _remark(positions, one, level, SUSPICION)


def _remark(positions: Positions, part: int, whole: int, verdict: str) -> Remark:
    less, more = positions.quantities[whole].text, positions.quantities[part].text
    message = Bilingual(f"部分 {more} 大于前面的整体 {less}。", f"{more}, given as a part, is more than the {less} before it.")
    return Remark("parts", verdict, positions.quantities[part].start, (part, whole), message)
