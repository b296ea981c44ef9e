"""Checks lists whose items stand in lines of their own below a heading: 主要税收收入项目情况如下:…, and units unlike those of their neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fugong.audit.labels import Labels, Role, common, content
from fugong.audit.misprints import looks_misprinted, n_digits
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, SUSPICION, Remark, adds_up, bounds, value
from fugong.core.bilingual import Bilingual

HEADING = re.compile(r"(?P<name>[^，。；：\n\d]{2,20})(?:情况|构成|明细)?如下：\n")
MIN_PARTS, MIN_SHARED = 2, 2
N_BEFORE = 8
MYRIAD = 10_000
SAME_SIZE, MIN_TAIL, MIN_DIGITS = 30, 5, 4
NEAR = 12


def lists_below(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each whole that the items below it make, or seem to miss by a slip, and for each item that is more than it."""
    plain = positions.text.plain
    for found in HEADING.finditer(plain):
        parts = list(_items(positions, labels, found.end()))
        if len(parts) < MIN_PARTS:
            continue
        unit = positions.quantities[parts[0]].unit
        wholes = [
            one
            for one in range(parts[0] - 1, max(-1, parts[0] - 1 - N_BEFORE), -1)
            if labels.roles[one] is Role.LEVEL
            and positions.quantities[one].unit == unit
            and common(content(labels.left(one)), found["name"]) >= MIN_SHARED
        ]
        whole = next((one for one in wholes if adds_up(positions, one, parts)), None)
        if whole is not None:
            yield _said(positions, whole, parts, AGREES)
            continue
        whole = next((one for one in wholes if len(parts) > MIN_PARTS and looks_misprinted(positions, one, parts)), None)
        if whole is not None:
            yield _said(positions, whole, parts, SUSPICION)
        largest = max((positions.quantities[one] for one in wholes), key=lambda one: bounds(one)[1], default=None)
        for one in parts if largest is not None else ():
            if largest is not None and bounds(positions.quantities[one])[0] > bounds(largest)[1]:
                more = positions.quantities[one].text
                message = Bilingual(
                    f"部分 {more} 大于前面的整体 {largest.text}。",
                    f"{more}, given as a part, is more than the {largest.text} before it.",
                )
                yield Remark("parts", SUSPICION, positions.quantities[one].start, (one,), message)


def _items(positions: Positions, labels: Labels, start: int) -> Iterator[int]:
    """The first amount of each line, until a line holds another kind of thing."""
    plain, unit = positions.text.plain, ""
    for line in plain[start:].split("\n"):
        numbers = [one for one, quantity in enumerate(positions.quantities) if start <= quantity.start < start + len(line)]
        levels = [one for one in numbers if labels.roles[one] is Role.LEVEL]
        if len(levels) != 1 or positions.quantities[levels[0]].unit != (unit or positions.quantities[levels[0]].unit):
            return
        unit = positions.quantities[levels[0]].unit
        yield levels[0]
        start += len(line) + 1


def other_scales(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each amount like 5889.7万元 that a neighbour of the same name has as so many 亿元."""
    money = [
        one
        for one, quantity in enumerate(positions.quantities)
        if quantity.unit == "元" and quantity.bound == "exact" and labels.roles[one] is Role.LEVEL
    ]
    for number in money:
        quantity = positions.quantities[number]
        if quantity.written_unit != "万元" or "." not in quantity.text or n_digits(quantity) < MIN_DIGITS:
            continue
        name = content(labels.left(number))
        for other in money:
            near = positions.quantities[other]
            tail = content(labels.left(other))[-MIN_TAIL:]
            if (
                near.written_unit == "亿元"
                and abs(other - number) <= NEAR
                and len(tail) == MIN_TAIL
                and name.endswith(tail)
                and value(near) / SAME_SIZE < value(quantity) * MYRIAD < value(near) * SAME_SIZE
            ):
                message = Bilingual(
                    f"{quantity.text} 与 {near.text} 说的是同类数,单位可能误用。",
                    f"{quantity.text} and {near.text} measure the like: one unit may be wrong.",
                )
                yield Remark("same-digits", SUSPICION, quantity.start, (number, other), message)
                break


def _said(positions: Positions, whole: int, parts: Sequence[int], verdict: str) -> Remark:
    stated, shown = positions.quantities[whole].text, "+".join(positions.quantities[one].text for one in parts)
    agrees = verdict == AGREES
    message = Bilingual(
        f"{stated} {'等于' if agrees else '可能不等于'}下面各项之和:{shown}。",
        f"{stated} {'is' if agrees else 'may not be'} the sum of the items below it: {shown}.",
    )
    return Remark("parts", verdict, positions.quantities[whole].start, (whole, *parts), message)
