"""Whether the quantities of a text agree with each other, whatever they are about.

Only words of structure are looked for (率, 占, 其余, 其中, 合计, 平均, 由 … 至): nothing here knows a figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from fugong.audit.positions import Places
from fugong.audit.quantity import Quantity
from fugong.audit.ratios import GROWTH, RATE, SHARE_OF, averages, changes, ratios
from fugong.audit.remarks import CONTRADICTION, SUSPICION, Remark, is_count
from fugong.audit.sums import parts_above_whole, remainders, sums
from fugong.audit.text import RunningText
from fugong.core.bilingual import Bilingual

MONTH_DAY = re.compile(r"(?<!\d)(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]", re.ASCII)
ENDS_HERE = re.compile(r"[的，。；、：）！？\n]|$")
CONFUSED = ({"家", "家次"}, {"户", "户次"}, {"人", "人次"}, {"名", "人次"}, {"场", "场次"}, {"件", "件次"}, {"个", "家次"})
LEAP_YEAR = 2020


def check_text(text: RunningText, quantities: Sequence[Quantity]) -> list[Remark]:
    """What the quantities of a text say of each other, in the order of the text."""
    places = Places(text, quantities)
    checks = (
        ratios, remainders, parts_above_whole, sums, changes, averages,
        same_digits, missing_units, confused_units, shares_above_one, reversed_ranges, impossible_days,
    )  # fmt: skip
    return sorted((remark for check in checks for remark in check(places)), key=lambda remark: remark.at)


def same_digits(places: Places) -> Iterator[Remark]:
    """218.9 万元 and 218.9 亿元: both may be right, or one has the other's number."""
    by_digits: dict[str, list[int]] = {}
    for number, quantity in enumerate(places.quantities):
        if len(quantity.digits) >= 3 and is_count(quantity):
            by_digits.setdefault(quantity.digits, []).append(number)
    for numbers in by_digits.values():
        first = places.quantities[numbers[0]]
        other = next((one for one in numbers if _has_other_unit(first, places.quantities[one])), None)
        if other is not None:
            again = places.quantities[other]
            says = Bilingual(
                f"{first.text} 与 {again.text} 数字相同而单位不同,可能误用了单位。",
                f"{first.text} and {again.text} have the same digits with different units: one unit may be wrong.",
            )
            yield Remark("same-digits", SUSPICION, again.start, (numbers[0], other), says)


def _has_other_unit(one: Quantity, other: Quantity) -> bool:
    """Another scale, or for four digits and more another unit; 万元 and 元 that come to the same are neither."""
    is_other = one.number != other.number and one.written_unit != other.written_unit
    return is_other and (one.unit == other.unit or len(one.digits) > 3)


def missing_units(places: Places) -> Iterator[Remark]:
    """投资 20 亿的项目: 亿 of what?"""
    for number, quantity in enumerate(places.quantities):
        if (
            quantity.unit
            or not quantity.written_unit.endswith(("万", "亿"))
            or not ENDS_HERE.match(places.text.plain, quantity.end)
        ):
            continue
        same = next((one for one in places.quantities if one.number == quantity.number and one.unit), None)
        zh = f"{quantity.text} 缺单位" + (f",另一处写作 {same.text}" if same else "")
        en = f"{quantity.text} has no unit" + (f"; elsewhere it is {same.text}" if same else "")
        yield Remark("unit-missing", SUSPICION, quantity.start, (number,), Bilingual(zh + "。", en + "."))


def confused_units(places: Places) -> Iterator[Remark]:
    """走访 1132 家次 and 1132 家: times are not firms."""
    for number, quantity in enumerate(places.quantities):
        for other in range(number):
            earlier = places.quantities[other]
            is_same = quantity.number is not None and quantity.number == earlier.number and quantity.number >= 10
            if is_same and {quantity.unit, earlier.unit} in CONFUSED:
                says = Bilingual(
                    f"{earlier.text} 与 {quantity.text} 数相同,计数单位不同(次数不是家数、人数)。",
                    f"{earlier.text} and {quantity.text}: one number counted in two ways (times are not firms or persons).",
                )
                yield Remark("unit-differs", SUSPICION, quantity.start, (other, number), says)
                break


def shares_above_one(places: Places) -> Iterator[Remark]:
    """A rate above 100 %."""
    for number, share in enumerate(places.quantities):
        left = places.left(number)
        is_above = share.unit == "1" and share.number is not None and share.number > 1
        if is_above and (RATE.search(left) or SHARE_OF.search(left)) and not GROWTH.search(left):
            says = Bilingual(f"比率 {share.text} 超过 100%。", f"A rate of {share.text} is above 100 %.")
            yield Remark("share-above-one", SUSPICION, share.start, (number,), says)


def reversed_ranges(places: Places) -> Iterator[Remark]:
    """15—10 万元; 6 月 30 日至 2 月 1 日."""
    for number, last in enumerate(places.quantities):
        if isinstance(last.value, tuple) and last.value[0] > last.value[1]:
            says = Bilingual(f"{last.text} 结束早于开始。", f"{last.text} ends before it begins.")
            yield Remark("range-reversed", CONTRADICTION, last.start, (number,), says)
        if not number or last.number is None:
            continue
        first = places.quantities[number - 1]
        between = places.text.plain[first.end : last.start]
        is_down = first.number is not None and first.number > last.number and first.unit in {"", last.unit}
        if is_down and re.fullmatch(r"[-—～]{1,2}", between):
            told = f"{first.text}{between}{last.text}"
            says = Bilingual(f"范围 {told} 前大后小。", f"The range {told} goes from more to less.")
            yield Remark("range-reversed", CONTRADICTION, first.start, (number - 1, number), says)


def impossible_days(places: Places) -> Iterator[Remark]:
    """2 月 30 日."""
    for found in MONTH_DAY.finditer(places.text.plain):
        try:
            date(int(found[1] or LEAP_YEAR), int(found[2]), int(found[3]))
        except ValueError:
            says = Bilingual(f"没有 {found[0]} 这一天。", f"There is no {found[0]}.")
            yield Remark("no-such-day", CONTRADICTION, found.start(), (), says)
