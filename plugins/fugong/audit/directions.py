"""Finds changes that go another way than their words: 由98.6%提升至91.1%."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.changes import is_down
from fugong.audit.labels import Labels, Role
from fugong.audit.positions import Positions
from fugong.audit.remarks import CONTRADICTION, Remark, bounds, n_clauses
from fugong.core.bilingual import Bilingual

FROM = re.compile(r"[由从](?:[^，。；：、\d]|(?:19|20)\d\d年){0,12}$")
UP = "提高|提升|上升|增加|增长|上涨|扩大|上调|增至|升|增|涨"
DOWN = "降低|下降|减少|回落|收窄|缩小|缩短|下调|压缩|压减|缩减|降|减|缩"
MOVES = re.compile(
    rf"(?:/\w{{1,3}})?年?[^，。；：、\d]{{0,6}}?(?:(?P<up>{UP})|{DOWN})了?(?:到|至|为)了?(?:(?:19|20)\d\d年[底末]?的)?[^，。；：、\d]{{0,4}}"
)
NEGATIVE = re.compile(r"[-—－负]$|(?:下降|减少|降低|亏损|负增长)[^，。；：\d]{0,3}$")
"""Before a number that is less the more it is."""
TO = re.compile(r"[到至为]")
RANK = re.compile(r"名次|排名|位次|排位")


def differences_the_other_way(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each 51.19万个,与2021年的50.19万个相比减少1万个: the level is more than its base."""
    for number in range(2, len(positions.quantities)):
        base, level = number - 1, number - 2
        roles = [labels.roles[one] for one in (level, base, number)]
        here = positions.sentence(number)
        if roles != [Role.LEVEL, Role.BASE, Role.CHANGE] or positions.sentence(level) != here or positions.sentence(base) != here:
            continue
        one, other, by = (positions.quantities[each] for each in (level, base, number))
        if not one.unit == other.unit == by.unit or not by.unit or labels.is_plan(level):
            continue
        is_down_said = is_down(labels.left(number))
        is_other_way = bounds(one)[0] > bounds(other)[1] if is_down_said else bounds(one)[1] < bounds(other)[0]
        if is_other_way and n_clauses(positions, level, base) <= 1:
            way = ("减少", "decrease") if is_down_said else ("增加", "increase")
            message = Bilingual(
                f"说是比 {other.text} {way[0]} {by.text},而 {one.text} 正好相反。",
                f"{by.text} is said to be the {way[1]} from {other.text}, but {one.text} lies the other way.",
            )
            yield Remark("change", CONTRADICTION, by.start, (number, level, base), message)


def directions(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each number that is less than the one it is said to rise from, or more than the one it falls from."""
    plain, quantities = positions.text.plain, positions.quantities
    for number in range(1, len(quantities)):
        first, last = quantities[number - 1], quantities[number]
        if first.number is None or last.number is None or first.unit != last.unit or first.per != last.per:
            continue
        if not first.unit and not ("." in first.text and "." in last.text):  # 由9.08年提高至9.91年
            continue
        moves = MOVES.fullmatch(plain, first.end, last.start)
        left = positions.left(number - 1)
        is_age = plain.startswith("岁", first.end) or first.unit == "岁"  # 从70周岁以上扩大到60周岁以上
        if moves is None or not FROM.search(left) or RANK.search(left) or is_age:
            continue
        if NEGATIVE.search(plain[: first.start]) or NEGATIVE.search(TO.split(plain[first.end : last.start])[-1]):
            continue
        (low, high), (least, most) = bounds(first), bounds(last)
        is_other_way = most <= low if moves["up"] else least >= high
        if is_other_way and first.number != last.number:
            way = ("升", "rise") if moves["up"] else ("降", "fall")
            message = Bilingual(
                f"说是由 {first.text} {way[0]}到 {last.text},而两数的大小正好相反。",
                f"It is said to {way[1]} from {first.text} to {last.text}, but these go the other way.",
            )
            yield Remark("change", CONTRADICTION, last.start, (number - 1, number), message)
