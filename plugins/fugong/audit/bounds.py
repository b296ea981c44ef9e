"""Reads bounds and rates of quantities: 不少于 2 天, 3500 条以上, 近 5000 册, 每周两次, 4.1 元/立方米."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from fugong.audit.pattern import UNIT, one_of
from fugong.audit.quantity import CLASSIFIERS, INFINITE, MEASURES, Quantity

BEFORE = {
    "floor": ("不低于", "不少于", "不小于", "至少", "最少", "最低", "超过", "超出", "超", "逾", "突破", "高于", "多于", "大于"),
    "ceiling": ("不超过", "不高于", "不多于", "至多", "最多", "最高", "不足", "不到", "未满", "少于", "低于", "小于"),
    "near": ("将近", "接近", "近"),
    "about": ("大约", "大概", "约为", "约有", "约"),
}
AFTER = {"floor": ("及以上", "以上", "之多"), "ceiling": ("及以下", "以下", "以内", "之内"), "about": ("左右", "上下")}
OTHER_WORDS = re.compile(r"(?:最近|附近|临近|邻近|节约|签约|合约|履约|契约|预约|违约|续约|集约|赶超|反超)$")
BOUND = re.compile("(" + one_of(word for words in BEFORE.values() for word in words) + ")(?:了|达|为|有)?$")
LIMIT = re.compile(r"(?:不低于|不少于|不小于|不超过|不高于|不多于|至少|最少|至多|最多|最低|最高)[^，。；：、！？\d]{0,5}$")
"""Words of rules."""
FAR_BOUND = re.compile(r"(至少|最少|至多|最多|不超过|不少于|不低于|不高于)[^\d，。；：、！？\n]{1,5}$")
"""These may stand some characters before their number, with a verb in between: 最多接受一次."""
BOUND_AFTER = re.compile(r"(?:（含）)?(" + one_of(word for words in AFTER.values() for word in words) + ")")
PIECES = f"(?:{one_of({*MEASURES, *CLASSIFIERS, '周', '月', '方', '度'})})"
PER = re.compile(rf"每(?:一|个)?({PIECES})[^，。；！？\n\d]{{0,8}}$")
SLASH = re.compile(rf"/[百千万]?({UNIT}|周|月|方|度|[人日])")
GOES_ON = re.compile(r"(?:/\w{1,3})?[^，。；！？\d]{0,4}[至到为]")


def with_bound(quantity: Quantity, plain: str) -> Quantity:
    """Add to a quantity the bound and the rate that the words around it give."""
    value = quantity.number
    if value is None:
        return quantity
    left = plain[max(0, quantity.start - 14) : quantity.start]
    slash = SLASH.match(plain, quantity.end)
    per = slash or PER.search(left)
    quantity = replace(quantity, per=per[1]) if per else quantity
    bound = _bound(left, plain, slash.end() if slash else quantity.end)
    if not bound or quantity.bound != "exact":
        return quantity
    step = step_of(value, quantity.high - quantity.low)
    low, high = {
        "floor": (value, INFINITE),
        "ceiling": (-INFINITE, value),
        "near": (value - step, value),
        "about": (value - step / 2, value + step / 2),
    }[bound]
    is_limit = LIMIT.search(left) is not None
    return replace(quantity, low=low, high=high, bound=bound, is_limit=is_limit)


def with_rate_of(quantity: Quantity, previous: Quantity | None, plain: str) -> Quantity:
    """Give a price the rate of the preceding one where the sentence continues from it: 每立方米由 4.1 元降至 4 元."""
    if quantity.per or previous is None or not previous.per or previous.unit != quantity.unit:
        return quantity
    goes_on = GOES_ON.fullmatch(plain, previous.end, quantity.start)
    return replace(quantity, per=previous.per) if goes_on else quantity


def step_of(value: Decimal, place: Decimal) -> Decimal:
    """The value of the last digit that is not zero: 100 in 3500, 0.1 in 2.5."""
    places = int(value / place) if place > 0 else 0
    zeros = len(str(places)) - len(str(places).rstrip("0")) if places else 0
    return place * 10**zeros


def _bound(left: str, plain: str, end: int) -> str:
    found = (None if OTHER_WORDS.search(left) else BOUND.search(left)) or FAR_BOUND.search(left)
    if found:
        return next(name for name, words in BEFORE.items() if found[1] in words)
    after = BOUND_AFTER.match(plain, end)
    return next(name for name, words in AFTER.items() if after[1] in words) if after else ""
