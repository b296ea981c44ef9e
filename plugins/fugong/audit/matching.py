"""Finds the figure that a quantity of a text is, by the figure's phrases, name and unit and by the position of words.

A phrase is a list of words separated by blanks; `|` separates the spellings of a word. A word that begins with `-` must not stand
as near as the others: `规上工业|规模以上工业 复工率|开工率 -返岗`. This module knows no figure by name and compares no values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fugong.audit.positions import Positions
from fugong.audit.quantity import MEASURED, Quantity, same_counted
from fugong.audit.text import RunningText

MIN_SCORE = 0.6
"""A quantity and a figure with a lower score do not match."""
SURE = 0.8
"""From this score on words, unit and position all agree."""
CLOSE = 0.08
"""A quantity that several subjects share (均) is every figure whose score is this close to the best one."""
REFUSING = 0.51
"""A refused word counts only from this nearness on: not in another sentence or in a heading."""
ARTICLE = 0.8
"""Weight of 一家, which mostly means "a", not "one"."""


@dataclass(frozen=True)
class Word:
    """A word of a phrase with its spellings."""

    spellings: tuple[str, ...]
    is_refused: bool = False


@dataclass(frozen=True)
class Candidate:
    """What matching knows of a figure.

    Attributes:
        unit: as in the figure's definition.
        is_range: whether the figure is a range of days.
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
    """A quantity of the text, by its index, and the figure that it is."""

    quantity: int
    figure: str
    score: float


def read_phrase(text: str) -> tuple[Word, ...]:
    """Parse a phrase as the definition of a figure writes it.

    >>> read_phrase("规上|规模以上 -工业")
    (Word(spellings=('规上', '规模以上'), is_refused=False), Word(spellings=('工业',), is_refused=True))
    """
    words = (Word(tuple(filter(None, part.removeprefix("-").split("|"))), part.startswith("-")) for part in text.split())
    return tuple(word for word in words if word.spellings)


def match(text: RunningText, quantities: Sequence[Quantity], candidates: Sequence[Candidate]) -> list[Match]:
    """Find the figures that the quantities of a text are.

    A sentence states a figure once, except where several subjects share a quantity. Within a sentence the pairs are those whose
    scores add up to the most. Another sentence may state the same figure again.
    """
    positions = Positions(text, quantities)
    weights = _weights(candidates)
    found: list[Match] = []
    for numbers in positions.by_sentence.values():
        scores = {number: _scores(positions, number, candidates, weights) for number in numbers}
        shared = [number for number in numbers if positions.is_shared(number) and scores[number]]
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


def assign(gains: Sequence[Sequence[float]]) -> list[int | None]:
    """Assign rows to columns one to one so that the gains add up to the most; None for a row without a gain above 0.

    >>> assign([[0.9, 0.8], [0.9, 0.1]])
    [1, 0]
    """
    if not gains or not gains[0]:
        return [None] * len(gains)
    from scipy.optimize import linear_sum_assignment  # imported late: no other command needs it

    rows, columns = linear_sum_assignment([[max(gain, 0.0) for gain in row] for row in gains], maximize=True)
    got = dict(zip(map(int, rows), map(int, columns), strict=True))
    return [got[row] if row in got and gains[row][got[row]] > 0 else None for row in range(len(gains))]


def _weights(candidates: Sequence[Candidate]) -> Mapping[tuple[str, ...], float]:
    """Weight every word: a word of few figures weighs more."""
    groups = {word.spellings for one in candidates for phrase in (*one.phrases, one.pairs) for word in phrase}
    spoken = [
        " ".join([one.name_zh, *(spelling for phrase in one.phrases for word in phrase for spelling in word.spellings)])
        for one in candidates
    ]
    n_with = {spelling: sum(spelling in words for words in spoken) for group in groups for spelling in group}
    return {group: math.log(1 + len(candidates) / max(n_with[spelling] for spelling in group)) for group in groups}


def _scores(
    positions: Positions, number: int, candidates: Sequence[Candidate], weights: Mapping[tuple[str, ...], float]
) -> dict[int, float]:
    found: dict[int, float] = {}
    for index, candidate in enumerate(candidates):
        if likeness := unit_likeness(positions.quantities[number], candidate):
            by_name = _mean_nearness(positions, number, candidate.pairs, weights)
            by_phrase = max((_phrase_score(positions, number, phrase, weights) for phrase in candidate.phrases), default=0.0)
            score = likeness * (max(by_phrase, 0.85 * by_name) + 0.05 * by_name)
            if score >= MIN_SCORE:
                found[index] = score
    return found


def _phrase_score(positions: Positions, number: int, phrase: Sequence[Word], weights: Mapping[tuple[str, ...], float]) -> float:
    """Score a phrase: all its words must stand near. The farthest word counts besides the mean, and more words score higher."""
    wanted = [word for word in phrase if not word.is_refused]
    farthest = min((positions.nearness(number, word.spellings) for word in wanted), default=0.0)
    refused = max((positions.nearness(number, word.spellings) for word in phrase if word.is_refused), default=0.0)
    # Subjects that share a quantity stand side by side, each near the words that the other refuses: 复工率、返岗率均为.
    if not farthest or (refused >= max(REFUSING, farthest - 0.15) and not positions.is_shared(number)):
        return 0.0
    return 0.6 * _mean_nearness(positions, number, wanted, weights) + 0.4 * farthest + 0.04 * (len(wanted) - 1)


def _mean_nearness(positions: Positions, number: int, words: Sequence[Word], weights: Mapping[tuple[str, ...], float]) -> float:
    total = sum(weights[word.spellings] for word in words)
    return sum(weights[word.spellings] * positions.nearness(number, word.spellings) for word in words) / total if total else 0.0


def unit_likeness(quantity: Quantity, candidate: Candidate) -> float:
    """How well the written unit fits that of a figure, from 0 to 1."""
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
