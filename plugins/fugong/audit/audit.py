"""Compares the numbers of a published text with our figures, and with each other.

A number is compared by the precision with which it was written: 2.15亿元 is 214,500,000 to 215,500,000 yuan, 3500余个 is 3,500 to
3,600, and 100% is all of them and nothing less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg

from fugong.audit.checks import check_text
from fugong.audit.find_quantities import find_quantities
from fugong.audit.matching import SURE, Candidate, Match, match, read_phrase
from fugong.audit.quantity import Quantity
from fugong.audit.remarks import CONTRADICTION, Remark
from fugong.audit.text import RunningText, read_text
from fugong.core.bilingual import Bilingual
from fugong.figures.definition import Definition, load_definitions
from fugong.figures.display import as_json, plain
from fugong.figures.figure import Figure, figures

WORDED = ("list", "text", "words")
"""Displays of figures that never appear as a number."""


class Status(StrEnum):
    """The outcome for a number of the text."""

    EQUAL = "equal"
    DIFFERENT = "different"
    NO_VALUE = "no-value"
    NOT_FOUND = "not-found"


@dataclass(frozen=True)
class AuditedNumber:
    """A number of the text with the figure that it is.

    Attributes:
        start, end, line: its position in the text as typed; lines count from 1.
        before, after: a few characters around it.
        figure: None where no figure matches.
        score: how certain the match is, from 0 to 1; above 0.8 words, units and position all agree.
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
        numbers: in the order of the text.
    """

    as_of: date
    known_at: datetime | None
    asked_at: datetime | None
    text: RunningText
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
            "trace": one.trace(self.as_of, self.asked_at) or None,
        }


def audit(connection: psycopg.Connection, include: Path, typed: str, as_of: date, known_at: datetime | None = None) -> Audit:
    """Compare a text with the figures of a day.

    Raises:
        ConfigurationError: a figure cannot be computed.
    """
    found = figures(connection, include, as_of, known_at, checks=False)
    return compare(typed, load_definitions(include), {figure.id: figure for figure in found}, as_of, known_at)


def compare(
    typed: str, definitions: Mapping[str, Definition], known: Mapping[str, Figure], as_of: date, asked_at: datetime | None = None
) -> Audit:
    """Compare a text with figures. The words of the text decide which figure a number is; values never do."""
    text = read_text(typed)
    quantities = find_quantities(text.plain, as_of.year)
    matches = match(
        text,
        quantities,
        [
            candidate(definition)
            for name, definition in definitions.items()
            if name in known and definition.display.kind not in WORDED
        ],
    )
    numbers = [_audited(text, quantities[one.quantity], known[one.figure], one.score) for one in matches]
    unmatched = set(range(len(quantities))) - {one.quantity for one in matches}
    numbers += [_audited(text, quantities[number], None, None) for number in unmatched if not _is_trivial(quantities[number])]
    remarks = [_with_figures(remark, matches, quantities, known) for remark in check_text(text, quantities)]
    remarks += _repeated(quantities, matches, known)
    return Audit(
        as_of=as_of,
        known_at=next((figure.known_at for figure in known.values()), None),
        asked_at=asked_at,
        text=text,
        numbers=tuple(sorted(numbers, key=lambda one: (one.start, one.figure.id if one.figure else ""))),
        remarks=tuple(sorted(remarks, key=lambda remark: remark.at)),
    )


def candidate(definition: Definition) -> Candidate:
    """The names, phrases and unit by which matching finds a figure."""
    phrases = tuple(read_phrase(phrase) for phrase in definition.phrases)
    return Candidate(definition.id, definition.name_zh, definition.unit, phrases, definition.display.kind == "range")


def status_of(quantity: Quantity, figure: Figure) -> Status:
    """Whether a number agrees with the value of a figure."""
    value = figure.value
    if isinstance(value, tuple):
        first, last = (value[0], value[-1]) if len(value) == 2 else ("", "")
        value = (first, last) if isinstance(first, date) and isinstance(last, date) else None
    if value is None or isinstance(value, str):
        return Status.NO_VALUE
    if quantity.unit == "1" and quantity.value == 1 and quantity.bound == "exact":
        return (
            Status.EQUAL if value == 1 else Status.DIFFERENT
        )  # the briefing prints 100 % only for all of them: 99.96 % is not all
    return Status.EQUAL if quantity.may_be(value) or _as_printed(quantity, figure.display) else Status.DIFFERENT


def _as_printed(quantity: Quantity, display: str) -> bool:
    """Whether a number is what our own briefing prints, which rounds down a rate below 100 %."""
    printed = find_quantities(read_text(display).plain, 2000)
    return len(printed) == 1 and (printed[0].value, printed[0].bound) == (quantity.value, quantity.bound)


def _audited(text: RunningText, quantity: Quantity, figure: Figure | None, score: float | None) -> AuditedNumber:
    return AuditedNumber(
        text=quantity.text,
        before=text.plain[max(0, quantity.start - 8) : quantity.start].rpartition("\n")[2],
        after=text.plain[quantity.end : quantity.end + 4].partition("\n")[0],
        start=text.place(quantity.start),
        end=text.place(quantity.end - 1) + 1,
        line=text.line(quantity.start),
        status=Status.NOT_FOUND if figure is None else status_of(quantity, figure),
        quantity=quantity,
        figure=figure,
        score=score,
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


def _repeated(quantities: Sequence[Quantity], matches: Sequence[Match], known: Mapping[str, Figure]) -> list[Remark]:
    """Find figures that the text states twice with values that cannot both be right."""
    found: list[Remark] = []
    first_of: dict[str, Match] = {}
    for one in sorted((one for one in matches if one.score >= SURE), key=lambda one: one.quantity):
        first = first_of.setdefault(one.figure, one)
        earlier, later = quantities[first.quantity], quantities[one.quantity]
        if first is one or _can_be_one(earlier, later):
            continue
        figure = known[one.figure]
        message = Bilingual(
            f"{figure.id} {figure.name_zh}前后不一:{earlier.text} 与 {later.text}。",
            f"{figure.id} ({figure.name}) stands twice with different values: {earlier.text} and {later.text}.",
        )
        found.append(Remark("told-twice", CONTRADICTION, later.start, (first.quantity, one.quantity), message))
    return found


def _can_be_one(one: Quantity, other: Quantity) -> bool:
    if one.number is None or other.number is None:
        return one.value == other.value
    return one.low <= other.high and other.low <= one.high
