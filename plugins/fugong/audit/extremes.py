"""Checks the least and the greatest of several against each other and against the rule for all: 不低于5000元,其中最低一户4500元."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import Labels
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.remarks import SUSPICION, Remark, value
from fugong.core.bilingual import Bilingual

LEAST = re.compile(r"(?:最低|最少|最小|最短)(?!限|生活|工资|标准|收入|保障)[^，。；：、]{0,12}$")
MOST = re.compile(r"(?:最高|最多|最大|最长)(?!限|标准)[^，。；：、]{0,12}$")
RULE = re.compile(r"每|各|均|都|一律|单[户笔家项]")
"""Before a limit that holds for each."""


def extremes(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each extreme that lies beyond the rule or the other extreme of its sentence."""
    for numbers in positions.by_sentence.values():
        of_sentence = [one for one in numbers if positions.quantities[one].number is not None]
        least = [one for one in of_sentence if _is_extreme(positions, labels, one, LEAST)]
        most = [one for one in of_sentence if _is_extreme(positions, labels, one, MOST)]
        if len(least) == len(most) == 1 and abs(least[0] - most[0]) == 1:
            one, other = (positions.quantities[each] for each in (least[0], most[0]))
            if _is_alike(one, other) and value(one) > value(other):
                yield _remark(
                    other, one, (least[0], most[0]), f"最低 {one.text} 高于最高 {other.text}。", "The least is above the greatest"
                )
        for rule in of_sentence:
            limit = positions.quantities[rule]
            if limit.bound not in {"floor", "ceiling"} or not RULE.search(labels.clause_left(rule)):
                continue
            for number in least if limit.bound == "floor" else most:
                one = positions.quantities[number]
                is_beyond = one.high <= limit.low if limit.bound == "floor" else one.low >= limit.high
                if number > rule and one.bound == "exact" and _is_alike(one, limit) and is_beyond:
                    yield _remark(
                        one, limit, (rule, number), f"{one.text} 超出了规定的界限 {limit.text}。", "An extreme is beyond its rule"
                    )


def _is_extreme(positions: Positions, labels: Labels, number: int, word: re.Pattern[str]) -> bool:
    quantity = positions.quantities[number]
    return (quantity.bound == "exact" or quantity.is_limit) and word.search(labels.clause_left(number)) is not None


def _is_alike(one: Quantity, other: Quantity) -> bool:
    return (one.unit, one.per) == (other.unit, other.per)


def _remark(one: Quantity, other: Quantity, numbers: tuple[int, int], zh: str, en: str) -> Remark:
    return Remark("bound", SUSPICION, one.start, numbers, Bilingual(zh, f"{en}: {one.text}, {other.text}."))
