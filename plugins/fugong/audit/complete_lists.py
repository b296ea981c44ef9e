"""Holds lists that are complete by the names of their items against their whole, wherever the items stand: 铁路…。公路…。水运….

Names are complete because no further item exists (企业, 个体工商户 and 农民专业合作社), or because the same names part another
whole of the text: where premiums of four trades add up, so do payments of the same four.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fugong.audit.labels import Labels, Role, content
from fugong.audit.misprints import has_another_scale, looks_misprinted
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, Remark, adds_up, is_alike, is_count, total, value
from fugong.audit.statements import Claim, Kind, Reading, Tie
from fugong.audit.verify import verify

N_APART, N_BETWEEN, N_SENTENCES, N_BEFORE = 14, 4, 12, 8
"""Quantities and sentences between two items at most; sentences between a whole and its first item."""
MIN_NAME, MIN_MEASURE, MIN_ITEMS = 2, 2, 3
LEAST, MOST, PIPES = Decimal("0.7"), Decimal("1.5"), Decimal("0.03")
"""Items that make less or more of a number have another whole."""
COPULA = re.compile(r"(?:累计|共|新|已)*(?:完成|实现|达到?|有|为|是|约)+$")
AVERAGES = re.compile(r"人均|平均|户均")


@dataclass(frozen=True)
class Names:
    """Names of all items of a list.

    Attributes:
        items: a pattern for each.
        more: patterns of items that some lists have besides.
        of: what the words of the whole or of the items must say, if anything.
    """

    items: tuple[str, ...]
    more: tuple[str, ...] = ()
    of: str = ""
    is_open: bool = False
    """Whether a further item is common, so that only a slip is doubted unless the whole names its items."""
    is_transport: bool = False
    """Whether pipes may carry the rest of what all ways of transport carry."""


KNOWN = (
    Names(
        ("第一产业|一产", "第二产业|二产", "第三产业|三产"),
        ("居民", "城乡居民"),
        "增加值|生产总值|投资|用电|税收|法人|企业|户|从业|就业",
    ),
    Names(("铁路", "公路", "水路|水运"), ("民航|航空|空运", "管道"), "运|周转", is_open=True),
    Names(("企业(?!户)", "个体工商户|个体户", "合作社"), (), "市场主体|经营主体"),
    Names(("产险公司|财险公司", "人身险公司|寿险公司")),
    Names(("产险(?!公司)|财产险(?!公司)", "寿险(?!公司)", "健康险", "意外险|意外伤害险")),
    Names(("夏粮", "秋粮"), ("早稻",)),
    Names(("谷物", "豆类", "薯类"), (), "粮食|面积|产量"),
    Names(("国税", "地税", "财政部门|财政局"), ("海关",)),
    Names(("^采矿业|[^及]采矿业", "制造业", "电力[^，。；]*供应业")),
    Names(("家庭户", "集体户"), (), "人口|户"),
    Names(("男", "女"), (), "人口|男女|人"),
    Names(("城镇", "乡村|农村"), (), "人口|零售额|固定资产投资|就业人员"),
    Names(("汉族", "少数民族"), (), "人口"),
    Names(("税收", "非税"), (), "收入"),
    Names(("(?<!进)出口", "(?<!出)进口"), (), "进出口|外贸"),
    Names(("专利权?.*发明|发明专利", "实用新型", "外观设计"), (), "专利"),
)


def complete_lists(positions: Positions, labels: Labels, found: Sequence[Remark]) -> Iterator[Remark]:
    """Yield a remark for each whole and the items below it that are all there are."""
    seen = {(one.quantities[0], frozenset(one.quantities[1:])) for one in found if one.code == Kind.SUM.value and one.quantities}
    agreed = {whole for whole, _ in seen if any(one.verdict == AGREES and one.quantities[:1] == (whole,) for one in found)}
    for names in (*KNOWN, *_learned(labels, found)):
        for parts in _lists(positions, labels, names):
            whole = _whole_of(positions, labels, names, parts)
            if whole is None or (whole, frozenset(parts)) in seen:
                continue
            remark = verify(positions, labels, Claim(Kind.SUM, whole, (Reading(tuple(parts), Tie.LIKELY),)))
            if remark is not None and (
                remark.verdict == AGREES or (whole not in agreed and _may_be(positions, labels, names, whole, parts))
            ):
                seen.add((whole, frozenset(parts)))
                yield remark


def _learned(labels: Labels, found: Sequence[Remark]) -> Iterator[Names]:
    """Yield the names of each list of the text that adds up."""
    known = set[tuple[str, ...]]()
    for one in found:
        if one.code != Kind.SUM.value or one.verdict != AGREES or len(one.quantities) <= MIN_ITEMS:
            continue
        items = [_bare(labels, part) for part in one.quantities[1:]]
        n = min(_n_common_suffix(items), min(map(len, items)) - 1)
        names = tuple(item[: len(item) - n] for item in items)
        is_telling = all(len(name) >= MIN_NAME for name in names) and len(set(names)) == len(names)
        if is_telling and tuple(sorted(names)) not in known:
            known.add(tuple(sorted(names)))
            yield Names(tuple(re.escape(name) for name in names), is_transport="铁路" in names)


def _n_common_suffix(names: Sequence[str]) -> int:
    n = 0
    while all(len(name) > n for name in names) and len({name[-n - 1] for name in names}) == 1:
        n += 1
    return n


def _bare(labels: Labels, number: int) -> str:
    """The words before a count without verbs: 公路完成 is called 公路."""
    return re.sub("总产量?$", "产量", content(COPULA.sub("", labels.left(number))))


def _lists(positions: Positions, labels: Labels, names: Names) -> Iterator[list[int]]:
    """Yield the counts that have one name each, near to each other, in one measure."""
    items = [re.compile(name) for name in (*names.items, *names.more)]
    named: list[tuple[int, int]] = []
    for number, quantity in enumerate(positions.quantities):
        if (
            labels.roles[number] is not Role.LEVEL
            or not is_count(quantity)
            or quantity.bound != "exact"
            or labels.is_plan(number)
        ):
            continue
        label = _bare(labels, number)
        which = [nth for nth, one in enumerate(items) if one.search(label)]
        if len(which) == 1 and not AVERAGES.search(label):
            named.append((number, which[0]))
    n = len(names.items)
    at = 0
    while at < len(named):
        group, kinds = [named[at][0]], {named[at][1]}
        measure = _measure(labels, named[at][0], items[named[at][1]])
        for number, which in named[at + 1 :]:
            is_near = (
                number - group[-1] <= (N_APART if n >= MIN_ITEMS else N_BETWEEN)
                and positions.sentence(number) - positions.sentence(group[-1]) <= N_SENTENCES
            )
            if not is_near or (which in kinds and len(kinds & set(range(n))) == n):
                break
            is_same = _measure(labels, number, items[which]) == measure or _is_one_list(positions, group[-1], number)
            is_same = is_same and is_alike(positions.quantities[number], positions.quantities[group[0]])
            is_same = is_same and labels.depths[number] == labels.depths[group[0]]
            if which not in kinds and is_same and period_of(positions, number).may_be(period_of(positions, group[0])):
                group.append(number)
                kinds.add(which)
        if set(range(n)) <= kinds:
            yield group
            last = group[-1]
            at = next((nth for nth, (number, _) in enumerate(named) if number > last), len(named))
        else:
            at += 1


def _is_one_list(positions: Positions, last: int, number: int) -> bool:
    """Whether two items stand in one sentence, with nothing but changes of the first between."""
    between = positions.text.plain[positions.quantities[last].end : positions.quantities[number].start]
    return not re.search(r"[。\n（]", between) and number - last <= MIN_ITEMS


def _measure(labels: Labels, number: int, name: re.Pattern[str]) -> str:
    """What an item is measured in: 产量 of 谷物产量, nothing of 公路完成."""
    label = _bare(labels, number)
    found = name.search(label)
    return label[found.end() :] if found else ""


def _whole_of(positions: Positions, labels: Labels, names: Names, parts: Sequence[int]) -> int | None:
    """The count shortly before a list that has its measure and none of its names."""
    first = positions.quantities[parts[0]]
    items = [re.compile(name) for name in names.items]
    item = next(one for one in [*items, *map(re.compile, names.more)] if one.search(_bare(labels, parts[0])))
    measure = _measure(labels, parts[0], item)
    wholes: list[int] = []
    for one in range(parts[0] - 1, -1, -1):
        if positions.sentence(parts[0]) - positions.sentence(one) > N_BEFORE:
            break
        if labels.roles[one] is not Role.LEVEL or labels.is_plan(one) or positions.quantities[one].unit != first.unit:
            continue
        label = _bare(labels, one)
        if label.startswith(("其他", "其余")):
            continue
        n_named = sum(name.search(label) is not None for name in items)
        is_named = len(measure) >= MIN_MEASURE and label.replace("总", "").endswith(measure[-MIN_MEASURE:])
        if not is_named and len(measure) < MIN_MEASURE:
            is_named = re.search(names.of, label) is not None if names.of else one == _last_level(positions, labels, parts[0])
        elif not is_named and not names.of and one == _last_level(positions, labels, parts[0]):
            is_named = len(parts) > MIN_ITEMS or "其中" in positions.text.plain[positions.quantities[one].end : first.start]
        is_said = not names.of or re.search(names.of, positions.left(one, 60) + _bare(labels, parts[0])) is not None
        is_one_period = period_of(positions, one).may_be(period_of(positions, parts[0]))
        is_one = labels.depths[one] == labels.depths[parts[0]] and is_one_period
        if is_named and is_one and is_said and n_named in {0, len(items)}:
            wholes.append(one)
    agreeing = (one for one in wholes if adds_up(positions, one, parts))
    told = [(_n_common_suffix([measure, _bare(labels, one)]), -len(_bare(labels, one)), one) for one in wholes]
    whole = next(agreeing, max(told, default=(0, 0, None))[2])
    return whole if whole is not None else _after(positions, labels, items, measure, parts)


def _after(
    positions: Positions, labels: Labels, items: Sequence[re.Pattern[str]], measure: str, parts: Sequence[int]
) -> int | None:
    """The count right after a list that has its measure: 夏粮产量23亿公斤。秋粮产量115亿公斤。全年粮食总产量138亿公斤."""
    for one in range(parts[-1] + 1, min(parts[-1] + N_BETWEEN, len(positions.quantities))):
        label = _bare(labels, one)
        is_level = labels.roles[one] is Role.LEVEL and positions.quantities[one].unit == positions.quantities[parts[0]].unit
        if is_level and not any(name.search(label) for name in items):
            is_named = len(measure) >= MIN_MEASURE and label.replace("总", "").endswith(measure[-MIN_MEASURE:])
            return one if is_named and positions.sentence(one) - positions.sentence(parts[-1]) <= 1 else None
    return None


def _last_level(positions: Positions, labels: Labels, before: int) -> int | None:
    """The last level before an item that has its unit."""
    unit = positions.quantities[before].unit
    return next(
        (one for one in range(before - 1, -1, -1) if labels.roles[one] is Role.LEVEL and positions.quantities[one].unit == unit),
        None,
    )


def _may_be(positions: Positions, labels: Labels, names: Names, whole: int, parts: Sequence[int]) -> bool:
    """Whether parts are about as much as a whole, or would be but for a slip."""
    is_closed = not names.is_open or all(re.search(one, labels.left(whole)) for one in names.items)
    if has_another_scale(positions, whole, parts) or (
        is_closed and not names.is_transport and looks_misprinted(positions, whole, parts)
    ):
        return True
    low, high = total([positions.quantities[one] for one in parts])
    near = value(positions.quantities[whole])
    larger = [one for one in parts if value(positions.quantities[one]) > near]
    label = _bare(labels, whole)
    n_more = len(label) - _n_common_suffix([label, *(_bare(labels, one) for one in parts)])
    is_above = len(larger) == 1 and n_more <= MIN_NAME < len(label)
    is_other_way = names.is_transport and abs((low + high) / 2 - near) <= near * PIPES
    return is_closed and not is_other_way and (is_above or (low <= near * MOST and high >= near * LEAST))
