"""Holds counts of what rose and what fell against the count of all: 在39个行业中,23个增长,14个下降,2个持平; and persons of a household."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fugong.audit.labels import Labels, Role
from fugong.audit.marked import COUNT, SIGNS, marked
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, SUSPICION, Remark, bounds, meet, ratio, value
from fugong.core.bilingual import Bilingual

KIND = r"(?:大类)?(?:行业|产业|门类|产品|品种|指标|市州|市县|地市|县区|区县|城市|省份|市|县|国家|镇办|乡镇|街道|街镇|镇|企业|部门|园区|地区|板块)"
WORDS = rf"[^，。；\n{SIGNS}]"
RISES, FALLS, REST = "增长|增加|上升|上涨|提高|增速", "下降|减少|下跌|负增长|回落", "持平|不变|扭亏|由亏转盈|转盈|净亏损|相同"
ITEM = rf"{COUNT}{WORDS}{{0,16}}?(?:{RISES}|{FALLS}|{REST}){WORDS}{{0,8}}"
ALL = re.compile(rf"(?P<all>{COUNT}){WORDS}{{0,6}}{KIND}(?:中|里面?)?[，：]?(?:有)?(?P<items>{ITEM}(?:[，、；]{ITEM}){{1,5}})")
HOUSEHOLD = re.compile(r"平均每个?(?:家庭)?户(?:的)?(?:家庭)?(?:人口|人数)?(?:约?为|是|有)?$")
N_SENTENCES = 3


def counts_of_ways(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each list of counts that says which way all go, and for each average household."""
    text = marked(positions)
    for found in ALL.finditer(text.text):
        whole, parts = text.all_of(found, "all")[0], text.all_of(found, "items")
        units = {positions.quantities[one].unit for one in (whole, *parts)}
        if len(units) == 1 and re.search(RISES, found["items"]) and re.search(FALLS, found["items"]):
            yield from _judged(positions, whole, parts, re.search(REST, found["items"]) is not None)
    for number, quantity in enumerate(positions.quantities):
        if HOUSEHOLD.search(positions.left(number)) and quantity.unit == "人" and quantity.bound == "exact":
            yield from _household(positions, labels, number)


def _judged(positions: Positions, whole: int, parts: Sequence[int], is_all: bool) -> Iterator[Remark]:
    stated = value(positions.quantities[whole])
    added = sum((value(positions.quantities[one]) for one in parts), Decimal(0))
    if added == stated or (added < stated and not is_all):
        return
    shown = "+".join(positions.quantities[one].text for one in parts)
    message = Bilingual(
        f"{shown} 合计 {added:f},与 {positions.quantities[whole].text} 不符。",
        f"{shown} add up to {added:f}, not to {positions.quantities[whole].text}.",
    )
    yield Remark("parts", SUSPICION, positions.quantities[whole].start, (whole, *parts), message)


def _household(positions: Positions, labels: Labels, average: int) -> Iterator[Remark]:
    """家庭户294617户,家庭户人口703095人,平均每个家庭户2.39人."""
    near = [
        one
        for one in range(average - 1, -1, -1)
        if labels.roles[one] is Role.LEVEL
        and "家庭户" in labels.left(one)
        and positions.sentence(average) - positions.sentence(one) <= N_SENTENCES
    ]
    homes = next((one for one in near if positions.quantities[one].unit == "户"), None)
    persons = next((one for one in near if positions.quantities[one].unit == "人" and "人口" in labels.left(one)), None)
    if homes is None or persons is None:
        return
    found = ratio(bounds(positions.quantities[persons]), bounds(positions.quantities[homes]))
    if found is None:
        return
    stated, by = positions.quantities[average], f"{value(positions.quantities[persons]) / value(positions.quantities[homes]):.2f}"
    agrees = meet(found, bounds(stated))
    message = Bilingual(
        f"平均每户 {stated.text} {'相符' if agrees else '可能不符'}:算得 {by}人。",
        f"{stated.text} a household {'agrees' if agrees else 'may be wrong'}: it is {by}.",
    )
    yield Remark("average", AGREES if agrees else SUSPICION, stated.start, (average, persons, homes), message)
