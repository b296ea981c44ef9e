"""Compares the numbers of a published text with our figures, and with each other.

A number is compared by the precision with which it was written: 2.15亿元 is 214,500,000 to 215,500,000 yuan, 3500余个 is 3,500 to
3,600, and 100% is all of them and nothing less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from fugong.audit.checks import check_text
from fugong.audit.find_quantities import find_quantities
from fugong.audit.judging import Status, Verdict, judge, repeated, status_of
from fugong.audit.matching import Candidate, Match, match, read_phrase
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.remarks import CONTRADICTION, Remark
from fugong.audit.text import RunningText, read_text
from fugong.audit.words import Words, load_words
from fugong.core.bilingual import Bilingual
from fugong.figures.definition import Definition, load_sound_definitions
from fugong.figures.display import as_json, plain
from fugong.figures.figure import Figure, figures

WORDED = ("list", "text", "words")
"""Displays of figures that never appear as a number."""


@dataclass(frozen=True)
class AuditedNumber:
    """A number of the text with the figure that it is.

    Attributes:
        start, end, line: its position in the text as typed; lines count from 1.
        before, after: a few characters around it.
        figure: None where no figure matches.
        score: how certain the match is, from 0 to 1; above 0.8 words, units and position all agree.
        reason: why it may not be the figure (`maybe`), or what differs besides the value.
    """

    text: str
    before: str
    after: str
    start: int
    end: int
    line: int
    status: Status
    quantity: Quantity
    figure: Figure | None = None
    score: float | None = None
    reason: Bilingual | None = None

    def trace(self, as_of: date, known_at: datetime | None) -> str:
        """The command that lists the lines behind the figure; empty where there is no figure."""
        if self.figure is None:
            return ""
        moment = f" --known-at {known_at.isoformat()}" if known_at else ""
        return f"fugong trace {self.figure.id} --as-of {as_of.isoformat()}{moment}"


@dataclass(frozen=True)
class Audit:
    """The result for a whole text.

    Attributes:
        known_at: the moment of knowledge of the figures; None where there are none.
        asked_at: the moment that was asked for; None for now.
        quantities: all quantities of the text, which remarks name by their index.
        numbers: those that are figures or deserve a line, in the order of the text.
    """

    as_of: date
    known_at: datetime | None
    asked_at: datetime | None
    text: RunningText
    quantities: tuple[Quantity, ...]
    numbers: tuple[AuditedNumber, ...]
    remarks: tuple[Remark, ...]

    def count(self, status: Status) -> int:
        """The number of numbers with this outcome."""
        return sum(one.status is status for one in self.numbers)

    def to_json(self, lang: str = "zh") -> dict[str, Any]:
        """The result in the form that `fugong audit --json` prints."""
        return {
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat() if self.known_at else None,
            "counts": {status.value: self.count(status) for status in Status},
            "numbers": [self._number(one, lang) for one in self.numbers],
            "remarks": [
                {
                    "code": remark.code,
                    "verdict": remark.verdict,
                    "line": self.text.line(remark.at),
                    "says": remark.message.zh if lang == "zh" else remark.message.en,
                }
                for remark in self.remarks
            ],
        }

    def _number(self, one: AuditedNumber, lang: str) -> dict[str, Any]:
        figure = one.figure
        return {
            "text": one.text,
            "around": one.before + one.text + one.after,
            "line": one.line,
            "start": one.start,
            "end": one.end,
            "value": as_json(one.quantity.value),
            "unit": one.quantity.unit,
            "bound": one.quantity.bound,
            "status": one.status.value,
            "figure": figure.id if figure else None,
            "name": (figure.name_zh if lang == "zh" else figure.name) if figure else None,
            "our_value": as_json(figure.value) if figure else None,
            "our_display": figure.display if figure else None,
            "score": one.score,
            "reason": (one.reason.zh if lang == "zh" else one.reason.en) if one.reason else None,
            "trace": one.trace(self.as_of, self.asked_at) or None,
        }


def audit(connection: psycopg.Connection, include: Path, typed: str, as_of: date, known_at: datetime | None = None) -> Audit:
    """Compare a text with the figures of a day.

    Raises:
        ConfigurationError: a figure cannot be computed.
    """
    found = figures(connection, include, as_of, known_at, checks=False)
    known = {figure.id: figure for figure in found}
    return compare(typed, load_sound_definitions(include), known, as_of, load_words(include), known_at)


def compare(
    typed: str,
    definitions: Mapping[str, Definition],
    known: Mapping[str, Figure],
    as_of: date,
    words: Words,
    asked_at: datetime | None = None,
) -> Audit:
    """Compare a text with figures. The words of the text decide which figure a number is; values never do."""
    text = read_text(typed)
    quantities = find_quantities(text.plain, as_of.year)
    positions = Positions(text, quantities)
    candidates = {
        name: candidate(definition)
        for name, definition in definitions.items()
        if name in known and definition.display.kind not in WORDED
    }
    matches = match(text, quantities, list(candidates.values()))
    judged, origin = judge(positions, matches, candidates, known, as_of, words)
    numbers = [
        _audited(text, quantities[one.quantity], known[one.figure], one.score, verdict)
        for one, verdict in zip(matches, judged, strict=True)
    ]
    unmatched = set(range(len(quantities))) - {one.quantity for one in matches}
    numbers += [
        _audited(text, quantities[number], None, None, Verdict(Status.NOT_FOUND))
        for number in unmatched
        if not _is_trivial(quantities[number])
    ]
    sure = [one for one, verdict in zip(matches, judged, strict=True) if verdict.status is not Status.MAYBE]
    remarks = [_with_figures(remark, sure, quantities, known) for remark in check_text(text, quantities)]
    remarks += [*repeated(positions, sure, known), *origin]
    return Audit(
        as_of=as_of,
        known_at=next((figure.known_at for figure in known.values()), None),
        asked_at=asked_at,
        text=text,
        quantities=tuple(quantities),
        numbers=tuple(sorted(numbers, key=lambda one: (one.start, one.figure.id if one.figure else ""))),
        remarks=tuple(sorted(remarks, key=lambda remark: remark.at)),
    )


def candidate(definition: Definition) -> Candidate:
    """The names, phrases and unit by which matching finds a figure."""
    phrases = tuple(read_phrase(phrase) for phrase in definition.phrases)
    return Candidate(definition.id, definition.name_zh, definition.unit, phrases, definition.display.kind == "range")


def _audited(
    text: RunningText, quantity: Quantity, figure: Figure | None, score: float | None, verdict: Verdict
) -> AuditedNumber:
    return AuditedNumber(
        text=quantity.text,
        before=text.plain[max(0, quantity.start - 8) : quantity.start].rpartition("\n")[2],
        after=text.plain[quantity.end : quantity.end + 4].partition("\n")[0],
        start=text.place(quantity.start),
        end=text.place(quantity.end - 1) + 1,
        line=text.line(quantity.start),
        status=verdict.status,
        quantity=quantity,
        figure=figure,
        score=score,
        reason=verdict.reason,
    )


def _is_trivial(quantity: Quantity) -> bool:
    """Whether a number that is no figure deserves no line: a day, an article (一家), a bare number."""
    return quantity.unit in {"日", ""} or quantity.is_article


def _with_figures(
    remark: Remark, matches: Sequence[Match], quantities: Sequence[Quantity], known: Mapping[str, Figure]
) -> Remark:
    """Add to a remark what the warehouse holds about its numbers."""
    of_number = {one.quantity: known[one.figure] for one in matches if one.quantity in remark.quantities}
    zh, en = remark.message.zh, remark.message.en
    share = of_number.get(remark.quantities[0]) if remark.quantities else None
    if remark.code == "ratio" and remark.verdict == CONTRADICTION and share and share.denominator is not None:
        counts = f"{plain(share.numerator or Decimal(0))}÷{plain(share.denominator)}"
        zh += f"仓库中 {share.id} {share.name_zh}为 {counts}={share.display}。"
        en += f" In the warehouse {share.id} ({share.name}) is {counts} = {share.display}."
        zh += "".join(warning.zh for warning in share.warnings if "分母" in warning.zh)
        en += "".join(f" {warning.en}" for warning in share.warnings if "denominator" in warning.en)
    if remark.code == "same-digits" and len(of_number) == len(remark.quantities):
        statuses = {status_of(quantities[number], figure) for number, figure in of_number.items()}
        ids = "、".join(figure.id for figure in of_number.values())
        if statuses == {Status.EQUAL} and len({figure.id for figure in of_number.values()}) > 1:
            zh += f"仓库中两数来源不同({ids}),均相符。"
            en += f" In the warehouse they have different sources ({ids}), and both agree."
    return replace(remark, message=Bilingual(zh, en))
