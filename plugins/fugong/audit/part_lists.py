"""Finds the lists of counts after a whole that may be all of its parts: one sentence, one paragraph, or the items of a numbered list.

A part of a part is no part of the whole: what follows a later 其中 is left out, up to the next semicolon or the full stop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fugong.audit.chinese_numerals import parse_chinese_numeral
from fugong.audit.labels import Labels, Role, content
from fugong.audit.misprints import has_another_scale
from fugong.audit.opposites import are_opposite
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED
from fugong.audit.remarks import is_alike, value

MAX_PARTS, MIN_PARTS = 12, 2
N_SENTENCES, N_PARAGRAPHS = 14, 4
MIN_MEASURE, MAX_MEASURE = 2, 4
AMONG = re.compile(r"其中|(?<=[，；])含|(?<=[一-鿿])中的|在[^，。；：\d]{1,8}中(?=[，有])")
DIVIDED = re.compile(
    r"(?:[^，。；：\d]{2,14}，)?(?:其中，?)?(?:从[^，。；：\d]{1,10}看|分[^，。；：\d]{1,8}看|按[^，。；：\d]{1,10}(?:分类?|划分|看)|具体(?:来)?看|分(?:险种|产业|行业|类型|品种|地区)来?看?)[，：]"
)
"""Words before all parts of a whole: 分期限看,短期…;中长期…."""
SUBJECT = re.compile(r"(?:企业|单位|机构|部门|地区|个人|居民|公司|银行|省级|市级|县级|类|业务)$")
"""An item that names only its subject is measured as its whole."""
ITEM = re.compile(
    r"\s*(?:(?P<nth>[一二三四五六七八九十]{1,2})(?P<is>是)|(?P<opened>[（(]?)(?P<n>\d{1,2}|[一二三四五六七八九十]{1,2})(?P<closed>[)）、.．])(?!\d))"
)
TOTALLED = re.compile(r"共|总|合计|全[市县区省国州]|累计|完成|实现|受理|收到")
NEXT_ITEM = re.compile(r"(?<=[。；\n])[二三四五六七八九十]{1,2}是")
DONE_OF = re.compile(r"(?!、)[^，。；：（）\n\d]{0,30}(?:复工|复产|(?<!新)开工|开业|办结|整改|解决|到岗|返岗)$")
AGE = re.compile(r"\d周?岁")
YOUNGEST = re.compile(r"(?<![—\-至到~～])(?<!\d)(?:\d{1,2}周?岁(?:及|（含）)?以下|0[-—～至到]{1,2}\d{1,2}周?岁)")
OLDEST = re.compile(r"\d周?岁(?:及|（含）)?以上")
SOME_ONLY = re.compile(r"较多|较大|主要|居前|前[一二三四五六七八九十\d]+[名位]|排名|最多|最高|例如|诸如")
"""Words of a list that does not name all parts."""


@dataclass(frozen=True)
class PartList:
    """Counts that may be all parts of a whole.

    Attributes:
        is_opened: whether words say that the whole is parted here (其中, 按…分), or both are measured by the same words.
    """

    parts: tuple[int, ...]
    is_opened: bool = False
    is_measured: bool = False
    """Whether the words before all parts end like those before the whole."""
    is_loose: bool = False
    """Whether nothing says that the list ends with its last part."""
    is_complete: bool = False
    """Whether the words of its parts say that there are no others."""


def part_lists(positions: Positions, labels: Labels, whole: int) -> Iterator[PartList]:
    """Yield the lists after a whole, the nearest first."""
    seen = set[tuple[int, ...]]()
    for found in (
        *_by_age(positions, labels, whole),
        *_by_sentence(positions, labels, whole),
        *_by_item(positions, labels, whole),
    ):
        is_larger = sum(value(positions.quantities[one]) > value(positions.quantities[whole]) for one in found.parts) <= 1
        is_larger = is_larger or has_another_scale(positions, whole, found.parts)
        if MIN_PARTS <= len(found.parts) <= MAX_PARTS and is_larger and found.parts not in seen:
            seen.add(found.parts)
            yield found


def _by_sentence(positions: Positions, labels: Labels, whole: int) -> Iterator[PartList]:
    here = positions.sentence(whole)
    last = min(here + N_SENTENCES, len(positions.text.sentences) - 1)
    headings = positions.text.sentences[here].headings
    gathered: dict[bool, list[int]] = {True: [], False: []}
    first, n_paragraphs, n_groups = here, 0, -1
    while first <= last and positions.text.sentences[first].headings[: len(headings)] == headings:
        until = _full_stop(positions, first, last)
        n_groups += 1
        start = max(positions.text.sentences[first].start, positions.quantities[whole].end)
        end = positions.text.sentences[until].end
        text = positions.text.plain[start:end]
        if "主要" in labels.left(whole):
            text = text.replace("主要", "")  # 全国主要港口…,其中沿海主要港口
        if SOME_ONLY.search(text.partition("：")[0] if "：" in text[:40] else text[:12]):
            return
        for is_short in (True, False):
            items, is_loose = list(_items(positions, labels, whole, start, end, is_short)), False
            is_opened = AMONG.match(text.lstrip("，；")) is not None or DIVIDED.match(text.lstrip("\n")) is not None
            if items and first == here:
                between = positions.text.plain[start : positions.quantities[items[0]].start]
                is_item = "；" in between and not AMONG.search(between)  # the whole is an item of a list itself
                is_loose, is_opened = is_item, is_opened or AMONG.search(between) is not None
            is_of_another = n_groups > 1 and AMONG.match(text.lstrip("，；")) is not None  # 其中 goes on from the sentence before
            is_total = TOTALLED.search(labels.left(whole)) is not None
            is_loose = is_loose or is_of_another
            if items and NEXT_ITEM.search(
                positions.text.plain, positions.quantities[whole].end, positions.quantities[items[0]].start
            ):
                return  # 一是…营业收入2.48亿元。二是…营业收入7.12亿元
            gathered[is_short] += () if is_loose else items
            found = [*_measured(labels, whole, items, is_opened), *_beginnings(positions, whole, items, is_opened)]
            if len(gathered[is_short]) > len(items):
                found += _measured(labels, whole, gathered[is_short], False)
            found = [replace(one, is_loose=True) for one in found] if is_loose else found
            if n_paragraphs and not (is_total or is_opened):
                found = [replace(one, is_loose=one.is_loose or not one.is_measured) for one in found]
            yield from (one for one in found if n_paragraphs < 2 or one.is_measured)
        first = until + 1
        if first <= last and positions.text.sentences[first].paragraph != positions.text.sentences[until].paragraph:
            gathered = {True: [], False: []}
            n_paragraphs += 1
        if n_paragraphs > N_PARAGRAPHS:
            return


def _by_age(positions: Positions, labels: Labels, whole: int) -> Iterator[PartList]:
    """Yield the ages after a whole from the youngest to the oldest: 35岁及以下272万人,36至54岁751万人,55岁及以上266万人."""
    found: list[int] = []
    here = positions.sentence(whole)
    for one in range(whole + 1, len(positions.quantities)):
        if positions.sentence(one) - here > MIN_PARTS or not positions.is_same_matter(positions.sentence(one), here):
            return
        if labels.roles[one] is not Role.LEVEL or not is_alike(positions.quantities[one], positions.quantities[whole]):
            continue
        clause = positions.text.plain[positions.quantities[one - 1].start : positions.quantities[one].start]
        if found and not AGE.search(clause):
            return
        if found or YOUNGEST.search(clause):
            found.append(one)
        if found and OLDEST.search(clause):
            break
    else:
        return
    if len(found) > MIN_PARTS:
        yield PartList(tuple(found), is_opened=True, is_complete=True)


def _full_stop(positions: Positions, first: int, last: int) -> int:
    """The last of the sentences from one on that ends with a full stop or a paragraph: semicolons do not part a list."""
    plain = positions.text.plain
    for one in range(first, last + 1):
        end = positions.text.sentences[one].end
        if plain[end : end + 1] != "；":
            return one
    return last


def _items(positions: Positions, labels: Labels, whole: int, start: int, end: int, is_short: bool) -> Iterator[int]:
    """Yield the counts of a span that are no parts of its other counts.

    Args:
        is_short: whether a 其中 ends with the next semicolon, not only with the span.
    """
    plain, period = positions.text.plain, period_of(positions, whole)
    opened: int | None = None
    first: int | None = None
    last: int | None = None
    for one, quantity in enumerate(positions.quantities):
        if not start <= quantity.start < end:
            continue
        if labels.roles[one] not in {Role.LEVEL, Role.REST} or labels.depths[one] > labels.depths[whole]:
            continue
        if quantity.value == positions.quantities[whole].value:
            continue  # the headline says the whole, too
        if labels.is_made_exact(one):
            continue  # 突破2亿吨,达到20078万吨
        if not is_alike(positions.quantities[whole], quantity) or not period.may_be(period_of(positions, one)):
            continue
        if quantity.unit in MEASURED and labels.is_plan(one) and not labels.is_plan(whole):
            continue
        if opened is not None and is_short and "；" in plain[opened : quantity.start]:
            opened = None
        before = max((at.start() for at in AMONG.finditer(plain, start, quantity.start)), default=None)
        is_later = before is not None and first is not None and positions.quantities[first].start < before
        if is_later and (
            opened is not None or (before is not None and not (is_short and "；" in plain[before : quantity.start]))
        ):
            opened = before
            continue
        first = one if first is None else first
        if last is not None and is_done_of(labels, whole, last, one):
            continue
        last = one
        yield one


def is_done_of(labels: Labels, whole: int, first: int, second: int) -> bool:
    """87户企业复产79户: in one clause, the second is a part of the first, unless the whole is said to be done, too."""
    positions = labels.positions
    between = positions.text.plain[positions.quantities[first].end : positions.quantities[second].start]
    is_one_unit = positions.quantities[first].unit == positions.quantities[second].unit
    return is_one_unit and DONE_OF.fullmatch(between) is not None and not DONE_OF.search(labels.left(whole))


def _beginnings(positions: Positions, whole: int, items: Sequence[int], is_opened: bool) -> Iterator[PartList]:
    """Yield the counts of a list up to its first semicolon, and its first two or three."""
    if len(items) <= MIN_PARTS:
        return
    plain = positions.text.plain
    end = plain.find("；", positions.quantities[items[0]].start)
    before = tuple(one for one in items if positions.quantities[one].start < end)
    if MIN_PARTS <= len(before) < len(items):
        yield PartList(before, is_opened)
    larger = next(
        (nth for nth, one in enumerate(items) if value(positions.quantities[one]) > value(positions.quantities[whole])), 0
    )
    if is_opened and larger >= MIN_PARTS:  # 羊20409只,其中山羊1403只;绵羊19006只;禽188399只
        yield PartList(tuple(items[:larger]), is_opened)
    for n in (MIN_PARTS, MIN_PARTS + 1):
        yield PartList(tuple(items[:n]), is_loose=True)


def _measured(labels: Labels, whole: int, items: Sequence[int], is_opened: bool) -> Iterator[PartList]:
    """Yield a list as it stands, and those of its counts that are measured by the words of the whole or of the first."""
    if len(items) < MIN_PARTS:
        return
    is_mixed = False
    measures = [_measure(labels, whole), _measure(labels, items[0])]
    for measure in measures:
        for n in range(MAX_MEASURE, MIN_MEASURE - 1, -1):
            same = [one for one in items if len(measure) >= n and _measure(labels, one).endswith(measure[-n:])]
            if len(same) >= MIN_PARTS:
                is_measured = measures[0].endswith(measure[-n:])
                is_pair = len(same) == MIN_PARTS and are_opposite(labels.left(same[0]), labels.left(same[1]))
                is_measured = is_measured and (n > MIN_MEASURE or is_pair)
                yield PartList(tuple(same), is_opened or is_measured, is_measured, is_mixed)
                is_mixed = is_mixed or (is_measured and len(same) + 1 < len(items))
                break
    yield PartList(tuple(items), is_opened, is_loose=is_mixed)  # 总投资20亿元…完成投资7.9亿元: two measures


def _measure(labels: Labels, number: int) -> str:
    """The words before a count; 零售总额 of the whole is the 零售额 of its parts."""
    return content(labels.left(number)).replace("总", "")


def _by_item(positions: Positions, labels: Labels, whole: int) -> Iterator[PartList]:
    """Yield the first counts of the items of a numbered list: 来电2423个。1.咨询类1748个…2.建议类239个…."""
    sentences = positions.text.sentences
    here = positions.sentence(whole)
    found: list[int] = []
    style = ""
    for one in range(here + 1, min(here + 5 * N_SENTENCES, len(sentences))):
        sentence = sentences[one]
        if sentence.paragraph == sentences[here].paragraph:
            continue
        item = ITEM.match(positions.text.plain, sentence.start)
        if item is None:
            if found and sentence.paragraph != sentences[one - 1].paragraph:
                break
            continue
        is_next = _place(item) == len(found) + 1 and style in {"", _style(item)}
        numbers = positions.by_sentence.get(one, [])
        first = next((nth for nth in numbers if labels.roles[nth] is Role.LEVEL), None)
        if not is_next or first is None or not is_alike(positions.quantities[first], positions.quantities[whole]):
            break
        style = _style(item)
        found.append(first)
    if found:
        is_measured = len(found) >= MIN_PARTS and all(_has_measure(labels, whole, one) for one in found)
        yield PartList(tuple(found), is_opened=is_measured, is_measured=is_measured)


def _place(item: re.Match[str]) -> int:
    """The number of an item: 2 of 二是 and （2）."""
    text = item["nth"] or item["n"]
    return int(text) if text.isdecimal() else int(parse_chinese_numeral(text) or 0)


def _style(item: re.Match[str]) -> str:
    """How an item is numbered: the items of （一） are no items of （1）."""
    kind = "1" if (item["n"] or "").isdecimal() else "一"
    return kind + (item["is"] or item["opened"] + item["closed"])


def _has_measure(labels: Labels, whole: int, part: int) -> bool:
    """Whether a part names its subject alone, so that it is measured as its whole, or ends with the words of its measure."""
    name = _measure(labels, part)
    return not name or SUBJECT.search(name) is not None or _measure(labels, part).endswith(_measure(labels, whole)[-MIN_MEASURE:])
