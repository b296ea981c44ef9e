"""Measures how near words of a text stand to each of its quantities."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from fugong.audit.quantity import Quantity
from fugong.audit.text import RunningText

CLAUSE_END = "，：（）"
SHARED = re.compile(r"(?:(?<![平户家人])均|都|双双|皆|同步|一并|同(?=[为达是]))[^，。；：、\d]{0,5}$")
EACH = re.compile(r"分别[^，。；：、\d]{0,6}$")
LINK = re.compile(r"[、，和与及以或]{1,2}")
PARTED = re.compile(r"[、和与及]|以及")
HEADING = 0.5
"""The nearness of a word in a heading above."""


@dataclass
class Positions:
    """A text with its quantities, which the methods name by their index.

    Attributes:
        occurrences: caches where a word stands.
        known: caches the nearness of words to a quantity.
    """

    text: RunningText
    quantities: Sequence[Quantity]
    occurrences: dict[str, list[int]] = field(default_factory=dict)
    known: dict[tuple[int, tuple[str, ...]], float] = field(default_factory=dict)

    @cached_property
    def sentence_starts(self) -> list[int]:
        """The positions where sentences begin."""
        return [sentence.start for sentence in self.text.sentences]

    @cached_property
    def clause_ends(self) -> list[int]:
        """The positions of commas, colons and brackets."""
        return [at for at, character in enumerate(self.text.plain) if character in CLAUSE_END]

    @cached_property
    def starts(self) -> list[int]:
        """The positions where quantities begin."""
        return [quantity.start for quantity in self.quantities]

    @cached_property
    def subjects(self) -> dict[int, list[tuple[int, int, float]]]:
        """The subject of each quantity in a list with 分别: spans, and the nearness of words in them."""
        return dict(_subjects(self))

    @cached_property
    def by_sentence(self) -> dict[int, list[int]]:
        """The quantities of each sentence."""
        found: dict[int, list[int]] = {}
        for number in range(len(self.quantities)):
            found.setdefault(self.sentence(number), []).append(number)
        return found

    def sentence(self, number: int) -> int:
        """The index of a quantity's sentence."""
        return self.sentence_at(self.quantities[number].start)

    def sentence_at(self, at: int) -> int:
        """The index of the sentence at a position."""
        return bisect.bisect_right(self.sentence_starts, at) - 1

    def is_same_matter(self, sentence: int, other: int) -> bool:
        """Whether two sentences stand in the same paragraph under the same headings."""
        one, two = self.text.sentences[sentence], self.text.sentences[other]
        return (one.paragraph, one.headings) == (two.paragraph, two.headings)

    def left(self, number: int, n: int = 24) -> str:
        """The text before a quantity in its sentence, at most `n` characters."""
        start = self.quantities[number].start
        return self.text.plain[max(self.sentence_starts[self.sentence(number)], start - n) : start]

    def n_clauses(self, start: int, end: int) -> int:
        """How many clauses end between two positions."""
        return bisect.bisect_left(self.clause_ends, end) - bisect.bisect_left(self.clause_ends, start)

    def is_shared(self, number: int) -> bool:
        """Whether several subjects share a quantity: 均为, 都达到."""
        return SHARED.search(self.left(number, 10)) is not None

    def nearness(self, number: int, spellings: tuple[str, ...]) -> float:
        """The nearness to a quantity of the nearest of some words, from 0 to 1."""
        key = (number, spellings)
        if key not in self.known:
            self.known[key] = max((self._nearness(number, word) for word in spellings), default=0.0)
        return self.known[key]

    def _nearness(self, number: int, word: str) -> float:
        if word not in self.occurrences:
            before = "(?<![全我本])" if word[0] in "省市县区" else ""  # 全市重点项目 are not those of 市重点
            self.occurrences[word] = [found.start() for found in re.finditer(before + re.escape(word), self.text.plain)]
        here = self.sentence(number)
        first, until = self.sentence_starts[max(0, here - 2)], self.text.sentences[here].end
        positions = self.occurrences[word]
        best = HEADING if any(word in heading for heading in self.text.sentences[here].headings) else 0.0
        for at in positions[bisect.bisect_left(positions, first) : bisect.bisect_left(positions, until)]:
            best = max(best, self._from(number, here, at, at + len(word)))
        return best

    def _from(self, number: int, here: int, start: int, end: int) -> float:
        """The nearness of a span to a quantity. The constants were fitted on the texts in `tests/audit/texts/developed_on`."""
        quantity = self.quantities[number]
        for first, last, weight in self.subjects.get(number, ()):
            if first <= start and end <= last:
                return weight
        there = self.sentence_at(start)
        if there != here:
            return (0.5 if self.is_same_matter(there, here) else 0.3) - 0.1 * (here - there - 1)
        if end <= quantity.start:
            n_between = number - bisect.bisect_left(self.starts, end)
            n_clauses = self.n_clauses(end, quantity.start)
            if n_clauses:
                return max(0.3, 0.85 - 0.08 * n_clauses - 0.04 * n_between)
            return max(0.5, 1.0 - 0.01 * (quantity.start - end) - 0.15 * n_between)
        if start < quantity.end:
            return 0.0
        n_between = bisect.bisect_left(self.starts, start) - number - 1
        n_clauses = self.n_clauses(quantity.end, start)
        if quantity.unit == "日":  # a date stands before what happened on it
            return max(0.5, 0.95 - 0.05 * n_clauses - 0.05 * n_between)
        if n_clauses:
            return max(0.2, 0.5 - 0.1 * n_clauses - 0.05 * n_between)
        n_pauses = self.text.plain.count("、", quantity.end, start)
        return max(0.55, 0.97 - 0.015 * (start - quantity.end) - 0.2 * n_between - 0.2 * n_pauses)


def _subjects(positions: Positions) -> Iterator[tuple[int, list[tuple[int, int, float]]]]:
    plain, quantities = positions.text.plain, positions.quantities
    previous: tuple[int, list[tuple[int, int]]] | None = None
    for number, quantity in enumerate(quantities):
        found = EACH.search(plain, max(0, quantity.start - 12), quantity.start)
        if not found:
            continue
        group = list(_group(positions, number))
        sentence = positions.sentence(number)
        start = max(
            positions.sentence_starts[sentence],
            _clause_start(positions, found.start()),
            quantities[number - 1].end if number else 0,
        )
        subjects = list(_split(plain, start, found.start()))
        if len(subjects) == len(group):
            previous = sentence, subjects
            for member, subject in zip(group, subjects, strict=True):
                yield member, [(*subject, 1.0), (start, found.start(), 0.8)]
        elif previous and previous[0] == sentence and len(previous[1]) == len(group):
            # 复工率分别为 A、B,用工恢复率分别为 C、D: the second list has the same subjects
            whole = previous[1][0][0], previous[1][-1][1]
            for member, subject in zip(group, previous[1], strict=True):
                yield member, [(start, found.start(), 1.0), (*subject, 0.9), (*whole, 0.6)]


def _group(positions: Positions, number: int) -> Iterator[int]:
    """Yield the quantities of the list that begins with one."""
    yield number
    for following in range(number + 1, len(positions.quantities)):
        before, after = positions.quantities[following - 1], positions.quantities[following]
        if after.unit != before.unit or not LINK.fullmatch(positions.text.plain, before.end, after.start):
            return
        yield following


def _clause_start(positions: Positions, at: int) -> int:
    before = bisect.bisect_left(positions.clause_ends, at)
    return positions.clause_ends[before - 1] + 1 if before else 0


def _split(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for found in PARTED.finditer(plain, start, end):
        yield at, found.start()
        at = found.end()
    yield at, end
