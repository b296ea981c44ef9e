"""Which figure a quantity of a text is: by the phrases kept with figures, their names and units, and where words stand.

A phrase is words parted by blanks, each with its spellings parted by `|`; a word that begins with `-` must not stand as near
as the others: `规上工业|规模以上工业 复工率|开工率 -返岗`. Nothing here knows a figure by name, and no value has a say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fugong.audit.assignment import assign
from fugong.audit.positions import Places
from fugong.audit.quantity import MEASURED, Quantity, same_counted
from fugong.audit.text import RunningText

MIN_SCORE = 0.6
"""A pair of quantity and figure with a lower score is none."""
SURE = 0.8
"""From here on words, unit and place all agree."""
CLOSE = 0.08
"""A quantity that several subjects share (均) is every figure this close to its best."""
REFUSING = 0.51
"""A refused word that stands only in another sentence or in a heading is no hindrance."""
ARTICLE = 0.8
"""一家 is mostly "a", not "one"."""


@dataclass(frozen=True)
class Word:
    """A word of a phrase, by its spellings."""

    spellings: tuple[str, ...]
    is_refused: bool = False


@dataclass(frozen=True)
class Candidate:
    """A figure as matching sees it.

    Attributes:
        unit: as in the figure's definition.
        is_range: whether it is a range of days.
    """

    id: str
    name_zh: str
    unit: str
    phrases: tuple[tuple[Word, ...], ...] = ()
    is_range: bool = False

    @cached_property
    def pairs(self) -> tuple[Word, ...]:
        """The name in pairs of characters."""
        name = re.sub(r"[（(].*?[)）]", "", self.name_zh)
        return tuple(Word((name[at : at + 2],)) for at in range(len(name) - 1))


@dataclass(frozen=True)
class Match:
    """A quantity, by its number in the text, that is a figure."""

    quantity: int
    figure: str
    score: float


def read_phrase(text: str) -> tuple[Word, ...]:
    """A phrase as kept with a figure.

    >>> read_phrase("规上|规模以上 -工业")
    (Word(spellings=('规上', '规模以上'), is_refused=False), Word(spellings=('工业',), is_refused=True))
    """
    words = (Word(tuple(filter(None, part.removeprefix("-").split("|"))), part.startswith("-")) for part in text.split())
    return tuple(word for word in words if word.spellings)


def match(text: RunningText, quantities: Sequence[Quantity], candidates: Sequence[Candidate]) -> list[Match]:
    """The figures that the quantities of a text are.

    Within a sentence a figure is told once, save where several subjects share a quantity; the pairs of a sentence are those
    whose scores are highest together. Other sentences may tell it again.
    """
    places = Places(text, quantities)
    weights = _weights(candidates)
    found: list[Match] = []
    for numbers in places.by_sentence.values():
        scores = {number: _scores(places, number, candidates, weights) for number in numbers}
        shared = [number for number in numbers if places.is_shared(number) and scores[number]]
        taken: set[int] = set()
        for number in shared:
            best = max(scores[number].values())
            close = [index for index, score in scores[number].items() if score >= best - CLOSE]
            taken.update(close)
            found += [Match(number, candidates[index].id, round(scores[number][index], 3)) for index in close]
        single = [number for number in numbers if number not in shared]
        columns = sorted({index for number in single for index in scores[number]} - taken)
        gains = [[scores[number].get(index, 0.0) - MIN_SCORE + 0.001 for index in columns] for number in single]
        for number, column in zip(single, assign(gains), strict=True):
            if column is not None:
                index = columns[column]
                found.append(Match(number, candidates[index].id, round(scores[number][index], 3)))
    return sorted(found, key=lambda one: (one.quantity, one.figure))


def _weights(candidates: Sequence[Candidate]) -> Mapping[tuple[str, ...], float]:
    """Words that few figures use say more."""
    groups = {word.spellings for one in candidates for phrase in (*one.phrases, one.pairs) for word in phrase}
    spoken = [
        " ".join([one.name_zh, *(spelling for phrase in one.phrases for word in phrase for spelling in word.spellings)])
        for one in candidates
    ]
    n_with = {spelling: sum(spelling in words for words in spoken) for group in groups for spelling in group}
    return {group: math.log(1 + len(candidates) / max(n_with[spelling] for spelling in group)) for group in groups}


def _scores(
    places: Places, number: int, candidates: Sequence[Candidate], weights: Mapping[tuple[str, ...], float]
) -> dict[int, float]:
    found: dict[int, float] = {}
    for index, candidate in enumerate(candidates):
        if likeness := unit_likeness(places.quantities[number], candidate):
            by_name = _mean_nearness(places, number, candidate.pairs, weights)
            by_phrase = max((_phrase_score(places, number, phrase, weights) for phrase in candidate.phrases), default=0.0)
            score = likeness * (max(by_phrase, 0.85 * by_name) + 0.05 * by_name)
            if score >= MIN_SCORE:
                found[index] = score
    return found


def _phrase_score(places: Places, number: int, phrase: Sequence[Word], weights: Mapping[tuple[str, ...], float]) -> float:
    """All words must stand somewhere near; the farthest counts besides the mean, and more words are worth more."""
    wanted = [word for word in phrase if not word.is_refused]
    farthest = min((places.nearness(number, word.spellings) for word in wanted), default=0.0)
    refused = max((places.nearness(number, word.spellings) for word in phrase if word.is_refused), default=0.0)
    # What the subjects that share a quantity are called stands side by side: 复工率、返岗率均为.
    if not farthest or (refused >= max(REFUSING, farthest - 0.15) and not places.is_shared(number)):
        return 0.0
    return 0.6 * _mean_nearness(places, number, wanted, weights) + 0.4 * farthest + 0.04 * (len(wanted) - 1)


def _mean_nearness(places: Places, number: int, words: Sequence[Word], weights: Mapping[tuple[str, ...], float]) -> float:
    total = sum(weights[word.spellings] for word in words)
    return sum(weights[word.spellings] * places.nearness(number, word.spellings) for word in words) / total if total else 0.0


def unit_likeness(quantity: Quantity, candidate: Candidate) -> float:
    """How well the unit written goes with a figure's, from 0 to 1."""
    counted, _, per = candidate.unit.partition("/")
    kinds = {"日", "1", "百分点"} & {counted, quantity.unit}
    if kinds or candidate.is_range:
        return float(counted == quantity.unit and candidate.is_range == isinstance(quantity.value, tuple))
    if counted in MEASURED or quantity.unit in MEASURED:
        if not quantity.unit:
            return 0.9 if quantity.written_unit else 0.7
        if counted != quantity.unit:
            return 0.0
        return 1.0 if per == quantity.per else 0.85 if per else 0.75
    likeness = same_counted(counted, quantity.unit)
    return ARTICLE * likeness if quantity.is_article else likeness
