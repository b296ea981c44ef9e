"""Measures the audit on a folder of texts whose ratios and sums are marked, and on falsifications planted beside the marks.

A mark is `{85.2%|46项/54项}` for a share with its part and whole, `{10%|+200万元/2200万元}` for a growth with its increment and
level, `{755个|=578个+177个}` for a whole with its parts. A planted falsification changes one number beside a mark, or a year, a bound or a number of things that the text lists.
A person plants more in `NAME.planted` beside `NAME.txt`, one a line: `part above its whole: 女性609万人 -> 女性6090万人`.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fugong.audit.checks import check_text
from fugong.audit.find_quantities import find_quantities
from fugong.audit.remarks import AGREES, CONTRADICTION, Remark, bounds, meet, ratio, total
from fugong.audit.text import read_text

MARK = re.compile(r"\{([^|{}]+)\|([^{}]+)\}")
YEAR = 2020
NEXT = {"三": "四", "四": "五", "五": "六", "六": "七"}
BASE_YEAR = re.compile(r"(?<=[比较])(?P<year>(?:19|20)\d\d)年(?:末|底|同期)?[^，。；]{0,6}(?:增|减|下降|上升|提高|多|少)")
KINDS_LISTED = re.compile(r"(?P<n>[三四五六])(?:个方面|大特点|方面特点|大类|个特点|类)[^，。；：]{0,4}[：:。]\s*一是")
EACH_ABOVE = re.compile(r"(?:超过|高于)(?P<bound>\d\d)%[，,]分别(?:达到|为|达)(?P<first>\d\d(?:\.\d+)?)%")
ALL_DONE = re.compile(r"全部复工(?:复产)?[，,]复[工产]率(?:达到|为|达)?(?P<all>100)%")


@dataclass(frozen=True)
class Mark:
    """A number at a position that follows from others."""

    text: str
    at: int
    sign: str
    """`=` of sums, `+` and `-` of growths, empty of shares."""
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """One falsification: positions with the text there and the text instead."""

    kind: str
    places: tuple[tuple[int, str, str], ...]
    is_hidden: bool = False
    """Whether the numbers beside the mark still agree, because rounding hides the change."""

    def applied(self, text: str) -> str:
        for at, old, new in sorted(self.places, reverse=True):
            assert text.startswith(old, at)
            text = text[:at] + new + text[at + len(old) :]
        return text


@dataclass
class Measured:
    """Counts over all texts.

    Attributes:
        contradictions: those stated in the texts as they are, for a person to judge: invented ones or faults in print.
        contradicted, doubted, planted: falsifications by kind: stated as contradictions, only doubted, in all.
        hidden: how many of those that were missed change nothing but what rounding hides.
        faults: what was missed, for people.
    """

    n_texts: int = 0
    n_ratios: int = 0
    n_confirmed: int = 0
    n_sums: int = 0
    n_sums_confirmed: int = 0
    n_doubted: int = 0
    contradictions: list[str] = field(default_factory=list)
    contradicted: Counter[str] = field(default_factory=Counter)
    doubted: Counter[str] = field(default_factory=Counter)
    planted: Counter[str] = field(default_factory=Counter)
    hidden: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = [
            f"  {kind}: {self.contradicted[kind]} contradicted, {self.doubted[kind]} doubted, of {n}"
            for kind, n in sorted(self.planted.items())
        ]
        n_found = self.contradicted.total() + self.doubted.total()
        read = (
            f"{self.n_texts} texts: {self.n_confirmed} of {self.n_ratios} ratios and {self.n_sums_confirmed} of {self.n_sums} sums "
            f"confirmed, {len(self.contradictions)} contradictions stated, {self.n_doubted} numbers doubted"
        )
        planted = (
            f"{self.planted.total()} falsifications planted: {self.contradicted.total()} contradicted, "
            f"{self.doubted.total()} doubted, {self.planted.total() - n_found} missed, {self.hidden} of them hidden by rounding"
        )
        return "\n".join([read, planted, *kinds])


def unmarked(marked: str) -> tuple[str, list[Mark]]:
    """The text as a reader sees it, and its marks."""
    text, marks, at = "", list[Mark](), 0
    for found in MARK.finditer(marked):
        text += marked[at : found.start()]
        sign = found[2][0] if found[2][0] in "=+-" else ""
        terms = tuple(found[2].removeprefix(sign).split("+" if sign == "=" else "/"))
        marks.append(Mark(found[1], len(text), sign, terms))
        text += found[1]
        at = found.end()
    return text + marked[at:], marks


def measure(folder: Path, seed: int = 1) -> Measured:
    """Audit all texts of a folder, then each again with one falsification at a time."""
    rng = random.Random(seed)
    found = Measured()
    for file in sorted(folder.glob("*.txt")):
        text, marks = unmarked(file.read_text(encoding="utf-8"))
        found.n_texts += 1
        agreeing: set[int] = set()
        said = list(_audited(text))
        for remark, start in said:
            if remark.verdict == AGREES:
                agreeing.add(start)
            elif remark.verdict == CONTRADICTION:
                found.contradictions.append(f"{file.name}: {remark.message.zh}")
            else:
                found.n_doubted += 1
        for mark in marks:
            is_confirmed = any(mark.at <= start < mark.at + len(mark.text) for start in agreeing)
            if mark.sign == "=":
                found.n_sums += 1
                found.n_sums_confirmed += is_confirmed
            else:
                found.n_ratios += 1
                found.n_confirmed += is_confirmed
            if not is_confirmed:
                found.faults.append(f"{file.name}: {mark.text} is not confirmed")
        known = {(remark.code, remark.message.zh) for remark, _ in said if remark.verdict != AGREES}
        for change in (*changes(text, marks, rng), *changes_of_words(text), *planted(file, text)):
            _count(found, file.name, text, change, known)
    return found


def _count(found: Measured, name: str, text: str, change: Change, known: set[tuple[str, str]]) -> None:
    found.planted[change.kind] += 1
    fresh = [
        remark
        for remark, _ in _audited(change.applied(text))
        if remark.verdict != AGREES and (remark.code, remark.message.zh) not in known
    ]
    if any(remark.verdict == CONTRADICTION for remark in fresh):
        found.contradicted[change.kind] += 1
    elif fresh:
        found.doubted[change.kind] += 1
    else:
        found.hidden += change.is_hidden
        instead = ", ".join(f"{new} for {old}" for _, old, new in change.places)
        found.faults.append(f"{name}: {change.kind} is missed: {instead}")


def _audited(text: str) -> Iterator[tuple[Remark, int]]:
    read = read_text(text)
    for remark in check_text(read, find_quantities(read.plain, YEAR)):
        yield remark, read.place(remark.at)


def changes(text: str, marks: list[Mark], rng: random.Random) -> Iterator[Change]:
    """Yield falsifications beside marks: a digit, two neighbours turned, part and whole swapped, 万 for 亿."""
    for mark in marks:
        places = _places(text, mark)
        if places is None:
            continue
        of = {"=": "sum", "": "share"}.get(mark.sign, "growth")
        result = _other_digit(mark.text, rng)
        is_hidden = _holds(mark.sign, result, mark.terms)
        yield Change(f"{of}, digit of the result", ((mark.at, mark.text, result),), is_hidden)
        at, term = rng.choice(places) if mark.sign == "=" else places[0]
        other = _other_digit(term, rng)
        terms = tuple(other if one == term else one for one in mark.terms)
        yield Change(f"{of}, digit of a part", ((at, term, other),), _holds(mark.sign, mark.text, terms))
        if (turned := _turned(mark.text)) != mark.text:
            is_hidden = _holds(mark.sign, turned, mark.terms)
            yield Change(f"{of}, neighbours of the result turned", ((mark.at, mark.text, turned),), is_hidden)
        if not mark.sign and places[0][1] != places[1][1]:
            (first, part), (second, whole) = places
            yield Change("share, part and whole swapped", ((first, part, whole), (second, whole, part)))
        at, term = rng.choice(places)
        if "万" in term or "亿" in term:
            other = term.replace("万亿", "亿") if "万亿" in term else term.translate(str.maketrans("万亿", "亿万"))
            yield Change(f"{of}, unit of a part", ((at, term, other),))


def changes_of_words(text: str) -> Iterator[Change]:
    """Yield falsifications of what is said of lists and years: a base year ten years later, 三大特点 for two, a rate of all that is 90 %."""
    for found in BASE_YEAR.finditer(text):
        yield Change("base year", ((found.start("year"), found["year"], str(int(found["year"]) + 10)),))
    for found in KINDS_LISTED.finditer(text):
        yield Change("number of things listed", ((found.start("n"), found["n"], NEXT[found["n"]]),))
    for found in EACH_ABOVE.finditer(text):
        yield Change("bound of a list", ((found.start("first"), found["first"], str(int(found["bound"]) - 9)),))
    for found in ALL_DONE.finditer(text):
        yield Change("rate of all", ((found.start("all"), "100", "90"),))


def planted(file: Path, text: str) -> Iterator[Change]:
    """Yield the falsifications that a person planted in a text, of whatever kind."""
    beside = file.with_suffix(".planted")
    for line in beside.read_text(encoding="utf-8").splitlines() if beside.exists() else ():
        kind, _, change = line.partition(": ")
        old, _, new = change.partition(" -> ")
        if text.count(old) != 1 or old == new:
            raise ValueError(
                f"{beside}: {line!r}: the text should hold {old!r} once, and another text replace it; it holds {text.count(old)}"
            )
        yield Change(f"by hand, {kind}", ((text.index(old), old, new),))


def _turned(text: str) -> str:
    """The text with its first two neighbouring digits that differ in each other's place; a zero never leads."""
    for found in re.finditer(r"(?=(\d)(\.?)(\d))", text):
        if found[1] != found[3] and found[3] != "0":
            return text[: found.start()] + found[3] + found[2] + found[1] + text[found.end(3) :]
    return text


def _holds(sign: str, result: str, terms: tuple[str, ...]) -> bool:
    """Whether a result follows from its terms within the precision of all."""
    stated, *others = (find_quantities(read_text(one).plain, YEAR)[0] for one in (result, *(one.lstrip("+-") for one in terms)))
    if sign == "=":
        return meet(bounds(stated), total(others))
    part, whole = bounds(others[0]), bounds(others[1])
    if sign:
        whole = (whole[0] - part[1], whole[1] - part[0]) if sign == "+" else (whole[0] + part[0], whole[1] + part[1])
    found = ratio(part, whole)
    return found is not None and meet(found, bounds(stated))


def _places(text: str, mark: Mark) -> list[tuple[int, str]] | None:
    """Where the terms of a mark stand: parts of sums after it, others nearest before it."""
    found: list[tuple[int, str]] = []
    after = mark.at + len(mark.text)
    for term in mark.terms:
        places = [place.start() for place in re.finditer(rf"(?<![\d.,]){re.escape(term)}", text)]
        before = [place for place in places if place + len(term) <= mark.at]
        following = [place for place in places if place >= after]
        if mark.sign == "=" or not before:
            if not following:
                return None
            place = following[0]
            after = place + len(term) if mark.sign == "=" else after
        else:
            place = before[-1]
        found.append((place, term))
    return found


def _other_digit(text: str, rng: random.Random) -> str:
    """The text with one digit changed; the last of three and more stays, because rounding hides it."""
    digits = [found.start() for found in re.finditer(r"\d", text)]
    at = rng.choice(digits[:-1] if len(digits) > 2 else digits)
    return text[:at] + rng.choice([digit for digit in "123456789" if digit != text[at]]) + text[at + 1 :]
