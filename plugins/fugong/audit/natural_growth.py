"""Checks the natural growth of a population: 出生率8.56‰,死亡率5.91‰,自然增长率2.65‰."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fugong.audit.labels import Labels
from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, CONTRADICTION, Remark, bounds, meet, value
from fugong.core.bilingual import Bilingual
from fugong.figures.display import plain

NAMES = ("出生率", "死亡率", "自然增长率")
N_BETWEEN, N_SENTENCES = 5, 3
PERMILLE = 1000
OF_ANOTHER = re.compile(r"(?:[由从比较于]|同期)(?:上年|去年|前年|(?:19|20)\d\d年)[^，。；：]{0,8}$")
"""Before the rate of another year: 自然增长率由上年的11.23‰上升为14.08‰."""


def natural_growth(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each rate of natural growth beside the rates of births and deaths: it is their difference."""
    for growth, quantity in enumerate(positions.quantities):
        if not quantity.text.endswith("‰") or "自然增长率" not in labels.clause_left(growth):
            continue
        found = [_before(positions, labels, growth, name) for name in NAMES[:2]]
        births, deaths = found
        if births is None or deaths is None or "负增长" in labels.clause_left(growth) or OF_ANOTHER.search(labels.left(growth)):
            continue
        born, dead = positions.quantities[births], positions.quantities[deaths]
        (low, high), (least, most) = bounds(born), bounds(dead)
        by = plain((value(born) - value(dead)) * PERMILLE)
        equation = f"{born.text}-{dead.text}={by}‰"
        stated = bounds(quantity)
        place = stated[1] - stated[0]
        is_equal = meet((low - most, high - least), stated) or (
            value(born) < value(dead) and value(quantity) == value(dead) - value(born)
        )
        if is_equal:
            message = Bilingual(f"{quantity.text} 相符:{equation}。", f"{quantity.text} agrees: {equation}.")
            yield Remark("change", AGREES, quantity.start, (growth, births, deaths), message)
        elif not meet((low - most - place, high - least + place), stated) and value(born) > value(dead):
            message = Bilingual(f"{quantity.text} 不符:{equation}。", f"{quantity.text} does not agree: {equation}.")
            yield Remark("change", CONTRADICTION, quantity.start, (growth, births, deaths), message)


def _before(positions: Positions, labels: Labels, growth: int, name: str) -> int | None:
    """The rate of a name shortly before the rate of natural growth."""
    for one in range(growth - 1, max(-1, growth - N_BETWEEN), -1):
        is_near = positions.sentence(growth) - positions.sentence(one) <= N_SENTENCES
        is_rate = positions.quantities[one].text.endswith("‰") and positions.quantities[one].bound == "exact"
        if is_near and is_rate and name in labels.left(one):
            return one
    return None
