"""Checks differences in percentage points: 增长23.1%,高出规上服务业4.6个百分点; 完成年度计划的97.2%,超过时间进度13.8个百分点."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fugong.audit.labels import Labels, Role, content, in_same_words
from fugong.audit.misprints import is_one_digit_off
from fugong.audit.periods import period_of
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Interval, Remark, bounds, meet, value
from fugong.audit.wholes import GENERIC
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up, plain

THAN = re.compile(
    r"(?:增速|增幅|降幅|比重|占比)?(?:比|较)(?P<a>[^，。；：\d]{2,24}?)(?P<more>高|快|低|慢|多|少)(?:出|了)?$"
    r"|(?P<way>高于|快于|高出|快出|超过|超|领先|低于|慢于|落后于?)(?P<b>[^，。；：\d]{2,24})$"
)
LESS = frozenset(["低", "慢", "少", "低于", "慢于", "落后", "落后于"])
PROGRESS = re.compile(r"(?:时间|序时|时序)进度")
ELSEWHERE = re.compile(
    r"全国|上年|去年|同期|上月|上季|上半年|季度|月|年初|年末|预期|目标|计划|前[\d一二三]|上周|以往|历史|省[内均平]|中部|东部|西部"
)
"""What is compared with these is mostly not of the text."""
SMALLER_AREA = re.compile(r"全[市县区州]|[我本][市县区州]")
ADDED = re.compile(
    r"平均(?:水平|增速|增幅)?|水平|增速|增幅|增长率?|全部|整体|总体|所?有|的|全市|全县|全区|我市|我县|我区|我国|[上下]半年?|前?[一二三四]季度?"
)
DOWN = re.compile(r"下降|减少|降低|回落|负增长|降")
MOVES = re.compile(r"^[，]?(?:相比，?)?(?:上升|提高|提升|增加|下降|降低|减少|回落)了?$")
COMPARED_WITH = re.compile(r"(?:比|较|与|同)[^，。；：%]{0,16}的$")
BRACKETED = re.compile(r"）(高|快|低|慢|多|少)(?:出|了)?")
TWO_NAMES = re.compile(
    r"^(?P<own>[一-鿿]{2,10}?)(?:增加值)?(?:增速|增幅|增长率)(?:(?:比|较)(?P<other>[一-鿿]{2,10}?)(?:的?(?:增速|增幅))?(?P<way>高|快|低|慢)(?:出|了)?"
    r"|(?P<than>高于|快于|低于|慢于)(?P<named>[一-鿿]{2,10}?)(?:的?(?:增速|增幅))?)$"
)
N_NAMED = 8
MONTHS = Decimal(12)
HUNDRED = Decimal(100)
N_BEFORE = 80


def points(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each difference that follows from two rates of the text, or would but for one digit."""
    for number, quantity in enumerate(positions.quantities):
        if quantity.unit != "百分点" or quantity.bound != "exact":
            continue
        if remark := _of_two_rates(positions, labels, number):
            yield remark
            continue
        if remarks := list(_of_bracket(positions, labels, number) or _of_two_names(positions, labels, number)):
            yield from remarks
            continue
        found = THAN.search(labels.left(number))
        rate = _rate_before(positions, labels, number)
        if found is None or rate is None:
            continue
        name, way = found["a"] or found["b"], found["more"] or found["way"]
        if PROGRESS.search(name):
            yield from _of_progress(positions, number, rate, way in LESS)
        elif not ELSEWHERE.search(name) and _is_own_area(positions, labels, name):
            yield from _of_rates(positions, labels, number, rate, name, way in LESS)


def _is_own_area(positions: Positions, labels: Labels, name: str) -> bool:
    """Whether the area in a name is that of the text: 全省 in a text of a province, not in one of a city."""
    if "全省" not in name:
        return True
    plain = positions.text.plain
    is_said = any("全省" in labels.clause_left(one) and role is Role.LEVEL for one, role in enumerate(labels.roles))
    return is_said and SMALLER_AREA.search(plain) is None


def _of_two_rates(positions: Positions, labels: Labels, number: int) -> Remark | None:
    """75.52%,比2018年上半年的70.60%上升4.92个百分点: the rate, the one it is compared with, and the difference."""
    rates = list(range(number - 2, number))
    if rates[0] < 0 or any(positions.quantities[one].unit != "1" or positions.quantities[one].bound != "exact" for one in rates):
        return None
    moves = MOVES.search(labels.left(number))
    is_one = (
        positions.sentence(rates[0]) == positions.sentence(number) and COMPARED_WITH.search(labels.left(rates[1])) is not None
    )
    if (
        moves is None
        or not is_one
        or positions.n_clauses(positions.quantities[rates[1]].end, positions.quantities[number].start) > 1
    ):
        return None
    (low, high), (least, most) = (_signed(positions, labels, one) for one in rates)
    difference = (least - high, most - low) if DOWN.search(moves[0]) else (low - most, high - least)
    stated, own, base = (positions.quantities[one] for one in (number, *rates))
    by = plain(half_up((difference[0] + difference[1]) / 2 * HUNDRED, 2))
    if meet(difference, bounds(stated)):
        message = Bilingual(
            f"{stated.text} 相符:{own.text} 与 {base.text} 相差 {by} 个百分点。",
            f"{stated.text} agrees: {own.text} and {base.text} are {by} points apart.",
        )
        return Remark("points", AGREES, stated.start, (number, *rates), message)
    message = Bilingual(
        f"{stated.text} 不符:{own.text} 与 {base.text} 相差 {by} 个百分点。",
        f"{stated.text} does not agree: {own.text} and {base.text} are {by} points apart.",
    )
    return Remark("points", CONTRADICTION, stated.start, (number, *rates), message)


def _of_bracket(positions: Positions, labels: Labels, number: int) -> list[Remark]:
    """增长31.8%,比全省平均水平(21%)高10.8个百分点: the other rate stands in brackets, ours before it."""
    plain, base = positions.text.plain, number - 1
    if base < 0 or positions.quantities[base].unit != "1" or not labels.depths[base] or labels.depths[number]:
        return []
    way = BRACKETED.fullmatch(plain, positions.quantities[base].end, positions.quantities[number].start)
    if way is None or re.search(r"(?:比|较|于)[^，。；：（\d]{1,16}（$", plain[: positions.quantities[base].start]) is None:
        return []
    own = [
        one
        for one in range(base - 1, -1, -1)
        if positions.quantities[one].unit == "1"
        and not labels.depths[one]
        and positions.sentence(number) - positions.sentence(one) <= 1
    ]
    remarks: list[Remark] = []
    for one in own:
        (low, high), (least, most) = (_signed(positions, labels, each) for each in (one, base))
        sign = -1 if way[1] in LESS else 1
        difference = _ordered(sign * (low - most), sign * (high - least))
        remarks = list(_judged(positions, number, one, difference, positions.quantities[base].text, base))
        if remarks and remarks[0].verdict == AGREES:
            return remarks
    return remarks if len(own) == 1 else []


def _of_two_names(positions: Positions, labels: Labels, number: int) -> list[Remark]:
    """重工业增长13.2%,轻工业增长1.3%,重工业增速比轻工业快11.9个百分点: the rates of both names, shortly before."""
    found = TWO_NAMES.search(labels.left(number))
    if found is None:
        return []
    rates = [
        one
        for one in range(number - 1, max(-1, number - N_NAMED), -1)
        if positions.quantities[one].unit == "1" and positions.sentence(number) - positions.sentence(one) <= 1
    ]
    names = (content(found["own"]), content(found["other"] or found["named"]))
    own, other = (next((one for one in rates if name and name in _last_clauses(labels, one)), None) for name in names)
    if own is None or other is None or own == other:
        return []
    (low, high), (least, most) = (_signed(positions, labels, each) for each in (own, other))
    sign = -1 if (found["way"] or found["than"]) in LESS else 1
    difference = _ordered(sign * (low - most), sign * (high - least))
    return list(_judged(positions, number, own, difference, positions.quantities[other].text, other))


def _last_clauses(labels: Labels, rate: int) -> str:
    """The words of a rate in its clause and, where a level stands right before it, those of the level."""
    level = rate - 1
    is_level = (
        level >= 0 and labels.roles[level] is Role.LEVEL and labels.positions.sentence(level) == labels.positions.sentence(rate)
    )
    return content(labels.left(level) if is_level else labels.left(rate))


def _rate_before(positions: Positions, labels: Labels, number: int) -> int | None:
    """The last rate before a difference in its sentence: all differences of one clause after another are of one rate."""
    for one in range(number - 1, -1, -1):
        quantity = positions.quantities[one]
        if positions.sentence(one) != positions.sentence(number):
            return None
        if quantity.unit == "1":
            is_single = quantity.bound == "exact" and not labels.is_in_list_of_shares(one)
            return one if is_single else None
        if quantity.unit != "百分点" and labels.roles[one].value == "level":
            return None
    return None


def _of_progress(positions: Positions, number: int, rate: int, is_less: bool) -> Iterator[Remark]:
    """A year's plan should be done by n twelfths after n months."""
    period = period_of(positions, rate)
    if period.months is None:
        period = next((one for n in range(rate - 1, -1, -1) if (one := period_of(positions, n)).months is not None), period)
    if period.months is None or period.months[0] != 1 or positions.quantities[rate].value == 0:
        return
    due = Decimal(period.months[1]) / MONTHS
    low, high = bounds(positions.quantities[rate])
    way = -1 if is_less else 1
    yield from _judged(positions, number, rate, _ordered(way * (low - due), way * (high - due)), f"{period.months[1]}÷12", None)


def _of_rates(positions: Positions, labels: Labels, number: int, rate: int, name: str, is_less: bool) -> Iterator[Remark]:
    """A difference from the rate of what is named, which stands before it in the same words."""
    bare = ADDED.sub("", in_same_words(content(name)))
    way = -1 if is_less else 1
    low, high = _signed(positions, labels, rate)
    exact: list[tuple[int, Interval]] = []
    for one in range(rate - 1, max(-1, rate - N_BEFORE), -1):
        other = positions.quantities[one]
        if other.unit != "1" or other.bound != "exact" or labels.is_in_list_of_shares(one):
            continue
        if labels.share_words(one).kind != labels.share_words(rate).kind or not period_of(positions, one).may_be(
            period_of(positions, rate)
        ):
            continue
        least, most = _signed(positions, labels, one)
        difference = _ordered(way * (low - most), way * (high - least))
        subject = ADDED.sub("", in_same_words(content(_subject(labels, one))))
        if len(bare) >= 2 and bare not in subject and _level_name(labels, one) != in_order(bare):
            continue
        if meet(difference, bounds(positions.quantities[number])):
            yield from _judged(positions, number, rate, difference, positions.quantities[one].text, one)
            return
        is_called = len(bare) >= 4 and subject.startswith(bare) and len(subject) <= len(bare) + 3
        if is_called or (bare and _level_name(labels, one) == in_order(bare)):
            exact.append((one, difference))
    if len({positions.quantities[one].value for one, _ in exact}) == 1:
        one, difference = exact[0]
        yield from _judged(positions, number, rate, difference, positions.quantities[one].text, one)


def _level_name(labels: Labels, rate: int) -> str:
    """The name of the level right before a rate, without verbs: 全省完成固定资产投资14944亿元,增长19.9%."""
    level = rate - 1
    is_level = (
        level >= 0 and labels.roles[level] is Role.LEVEL and labels.positions.sentence(level) == labels.positions.sentence(rate)
    )
    return in_order(GENERIC.sub("", ADDED.sub("", content(labels.left(level))))) if is_level else ""


def in_order(name: str) -> str:
    """A name by which headlines are compared: 固定资产投资 is often called 投资."""
    return "投资" if name in {"固定资产投资", "固定投资"} else name


def _subject(labels: Labels, number: int) -> str:
    """The words of an item up to a rate, without those of its growth."""
    return re.sub(r"[，、]?(?:同比|比上年|可比|累计)?(?:增长|增加|上升|下降|减少)+$", "", labels.item(number).partition("·")[0])


def _signed(positions: Positions, labels: Labels, number: int) -> Interval:
    low, high = bounds(positions.quantities[number])
    return (-high, -low) if DOWN.search(labels.left(number)) else (low, high)


def _ordered(one: Decimal, other: Decimal) -> Interval:
    return min(one, other), max(one, other)


def _judged(positions: Positions, number: int, rate: int, difference: Interval, base: str, other: int | None) -> Iterator[Remark]:
    stated, own = positions.quantities[number], positions.quantities[rate]
    if not all(one.is_finite() for one in difference):
        return  # 增长超过55%
    numbers: Sequence[int] = (number, rate) if other is None else (number, rate, other)
    by = plain(half_up((difference[0] + difference[1]) / 2 * HUNDRED, 2))
    if meet(difference, bounds(stated)):
        message = Bilingual(
            f"{stated.text} 相符:{own.text} 与 {base} 相差 {by} 个百分点。",
            f"{stated.text} agrees: {own.text} and {base} are {by} points apart.",
        )
        yield Remark("points", AGREES, stated.start, tuple(numbers), message)
        return
    needed = value(stated) - (difference[0] + difference[1]) / 2
    low, high = bounds(own)
    is_slip = (
        is_one_digit_off(stated, difference, 2)
        or meet((-difference[1], -difference[0]), bounds(stated))
        or any(is_one_digit_off(own, _ordered(low + way * needed, high + way * needed), 2) for way in (1, -1))
    )
    if other is not None and not is_slip:
        least, most = bounds(positions.quantities[other])
        is_slip = any(
            is_one_digit_off(positions.quantities[other], _ordered(least + way * needed, most + way * needed), 2)
            for way in (1, -1)
        )
    if is_slip:
        message = Bilingual(
            f"{stated.text} 可能不符:{own.text} 与 {base} 相差 {by} 个百分点。",
            f"{stated.text} may be wrong: {own.text} and {base} are {by} points apart.",
        )
        yield Remark("points", SUSPICION, stated.start, tuple(numbers), message)
