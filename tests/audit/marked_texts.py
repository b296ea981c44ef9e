"""Texts in which every number that is a figure is marked: {2.15亿元|S039}.

Several figures that share a number are parted by blanks, figures that cannot be distinguished by `/`; `!` says that the number
is not the value of the sample district on 18 March 2020.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from fugong.audit.audit import Audit
from fugong.audit.judging import Status

TEXTS = Path(__file__).parent / "texts"
MARK = re.compile(r"\{([^|{}]+)\|([^{}!]+)(!?)\}")


@dataclass(frozen=True)
class Mention:
    """One number of a text that is a figure, of which one of `figures` is meant."""

    text: str
    start: int
    figures: frozenset[str]
    is_right: bool


@dataclass
class Score:
    """How well texts were read.

    Attributes:
        n_mentions: numbers that are figures of the warehouse.
        n_found: of these, how many got the right figure.
        n_status: of these, how many were rightly said to be equal or different.
        n_wrong: numbers that got a wrong figure, or one where there is none.
        faults: what went wrong, for people.
    """

    n_mentions: int = 0
    n_found: int = 0
    n_status: int = 0
    n_wrong: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.n_found / self.n_mentions

    @property
    def precision(self) -> float:
        return self.n_found / (self.n_found + self.n_wrong)

    def __str__(self) -> str:
        return (
            f"{self.n_found} of {self.n_mentions} figures found ({self.recall:.1%}), {self.n_wrong} wrong "
            f"({self.precision:.1%} of matches right), {self.n_status} judged rightly"
        )


def texts(half: str) -> list[Path]:
    """`developed_on` or `held_out`."""
    return sorted((TEXTS / half).glob("*.txt"))


def unmarked(marked: str) -> tuple[str, list[Mention]]:
    """The text as a reader sees it, and its mentions."""
    text, mentions, at = "", [], 0
    for mark in MARK.finditer(marked):
        text += marked[at : mark.start()]
        for figure in mark[2].split():
            mentions.append(Mention(mark[1], len(text), frozenset(figure.split("/")), not mark[3]))
        text += mark[1]
        at = mark.end()
    return text + marked[at:], mentions


def score(files: Collection[Path], audit: Callable[[str], Audit], held: Collection[str]) -> Score:
    """Read texts and count; mentions of figures that the warehouse does not hold are left out."""
    found = Score()
    for file in files:
        text, mentions = unmarked(file.read_text(encoding="utf-8"))
        matched = [one for one in audit(text).numbers if one.figure is not None]
        expected: set[tuple[int, str]] = set()
        for mention in mentions:
            if not mention.figures & set(held):
                continue
            found.n_mentions += 1
            at = range(mention.start, mention.start + len(mention.text))
            hit = next((one for one in matched if one.start in at and one.figure.id in mention.figures), None)
            if hit is None:
                got = [one.figure.id for one in matched if one.start in at]
                found.faults.append(f"{file.name}: {mention.text} is {sorted(mention.figures)}, found {got}")
                continue
            expected.add((hit.start, hit.figure.id))
            found.n_found += 1
            if (hit.status is Status.EQUAL) == mention.is_right:
                found.n_status += 1
            else:
                found.faults.append(f"{file.name}: {mention.text} for {hit.figure.id} {hit.figure.display}: {hit.status}")
        for one in matched:
            if (one.start, one.figure.id) not in expected:
                found.n_wrong += 1
                found.faults.append(f"{file.name}: {one.before}[{one.text}]{one.after} taken for {one.figure.id} ({one.score})")
    return found
