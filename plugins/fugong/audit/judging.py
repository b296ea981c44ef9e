"""Judges numbers that match figures: equal, different, or only perhaps that figure.

A number is compared by the precision with which it was written. "Different" is claimed only where subject, scope, unit and period
fit; and in a text most of whose numbers are not ours, nothing is: it is a text of another place or day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from fugong.audit.find_quantities import find_quantities
from fugong.audit.fit import misfit, opposite_bound, other_words, other_year
from fugong.audit.labels import Labels, content
from fugong.audit.matching import SURE, Candidate, Match
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.remarks import CONTRADICTION, SUSPICION, Remark
from fugong.audit.text import read_text
from fugong.audit.words import Words
from fugong.core.bilingual import Bilingual
from fugong.figures.figure import Figure

ENOUGH = 3
"""So many matches tell whether a text is ours."""
SURE_IN_OURS = 0.7
"""In a text of ours a match needs less."""


class Status(StrEnum):
    """The outcome for a number of the text."""

    EQUAL = "equal"
    DIFFERENT = "different"
    MAYBE = "maybe"
    """Words match a figure, but subject, scope or period may be others: neither equal nor different is claimed."""
    NO_VALUE = "no-value"
    NOT_FOUND = "not-found"


class Origin(StrEnum):
    """Whether a text speaks of our district and day, as its numbers say."""

    OURS = "ours"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """The outcome for one match.

    Attributes:
        reason: why it may not be the figure, or what differs besides the value.
    """

    status: Status
    reason: Bilingual | None = None


def judge(
    positions: Positions,
    matches: Sequence[Match],
    candidates: Mapping[str, Candidate],
    known: Mapping[str, Figure],
    as_of: date,
    words: Words,
) -> tuple[list[Verdict], list[Remark]]:
    """Judge every match; the remark says so where the text is not ours."""
    labels = Labels(positions)
    statuses = [status_of(positions.quantities[one.quantity], known[one.figure]) for one in matches]
    telling = [
        status
        for one, status in zip(matches, statuses, strict=True)
        if one.score >= SURE and _is_telling(positions.quantities[one.quantity]) and status is not Status.NO_VALUE
    ]
    n_equal = telling.count(Status.EQUAL)
    origin = origin_of(n_equal, len(telling), words.are_elsewhere(positions.text.plain))
    verdicts = [
        _judge(positions, labels, one, candidates[one.figure], status, as_of, origin, words)
        for one, status in zip(matches, statuses, strict=True)
    ]
    return verdicts, [_of_another(n_equal, len(telling))] if origin is Origin.OTHER and len(telling) >= ENOUGH else []


def origin_of(n_equal: int, n_matches: int, is_elsewhere: bool = False) -> Origin:
    """Tell by its numbers whether a text is ours; one that names other places is not, unless a number is equal."""
    if is_elsewhere and not n_equal:
        return Origin.OTHER
    if n_equal >= ENOUGH and 2 * n_equal >= n_matches:
        return Origin.OURS
    return Origin.OTHER if n_matches >= ENOUGH and 3 * n_equal < n_matches else Origin.UNKNOWN


def _is_telling(quantity: Quantity) -> bool:
    """Whether a number says anything about the origin of its text: 100 % and days are everybody's."""
    return quantity.unit != "日" and not (quantity.unit == "1" and quantity.value == 1)


def _of_another(n_equal: int, n_matches: int) -> Remark:
    message = Bilingual(
        f"文中有 {n_matches} 个数的文字与我方指标相合,只有 {n_equal} 个相等:可能是别处或别日的文稿,所以只记“或许”。",
        f"{n_matches} numbers match figures of ours by their words, and only {n_equal} of them are equal: perhaps a text of another "
        "place or day. Therefore they are only marked as maybe.",
    )
    return Remark("other-text", SUSPICION, 0, (), message)


def _judge(
    positions: Positions,
    labels: Labels,
    one: Match,
    candidate: Candidate,
    status: Status,
    as_of: date,
    origin: Origin,
    words: Words,
) -> Verdict:
    if status is Status.NO_VALUE:
        return Verdict(status)
    if origin is Origin.OTHER:
        return Verdict(Status.MAYBE, Bilingual("文稿不像是我方的", "the text does not look like ours"))
    if reason := opposite_bound(positions, one.quantity, candidate):
        return Verdict(Status.DIFFERENT, reason)
    is_equal = status is Status.EQUAL
    if is_equal and (reason := other_year(positions, one.quantity, as_of)):
        return Verdict(Status.DIFFERENT, reason)  # our value with another year is no coincidence
    if reason := misfit(positions, labels, one.quantity, candidate, as_of, origin is Origin.OURS, words):
        return Verdict(Status.MAYBE, reason)
    if is_equal:
        return Verdict(status)
    if positions.quantities[one.quantity].unit == "日" and origin is not Origin.OURS:
        return Verdict(Status.MAYBE, Bilingual("可能是别的日子", "perhaps another day"))
    if one.score < (SURE_IN_OURS if origin is Origin.OURS else SURE):
        return Verdict(Status.MAYBE, Bilingual("文字只有一部分相合", "only some of its words match"))
    reason = other_words(labels, one.quantity, candidate, words) if origin is Origin.UNKNOWN else None
    return Verdict(Status.MAYBE if reason else status, reason)


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
    if quantity.is_limit and isinstance(value, Decimal) and isinstance(quantity.value, Decimal):
        return Status.EQUAL if value == quantity.value else Status.DIFFERENT  # at least 1 day is not at least 2
    return Status.EQUAL if quantity.may_be(value) or _as_printed(quantity, figure.display) else Status.DIFFERENT


def _as_printed(quantity: Quantity, display: str) -> bool:
    """Whether a number is what our own briefing prints, which rounds down a rate below 100 %."""
    printed = find_quantities(read_text(display).plain, 2000)
    return len(printed) == 1 and (printed[0].value, printed[0].bound) == (quantity.value, quantity.bound)


def repeated(positions: Positions, matches: Sequence[Match], known: Mapping[str, Figure]) -> Iterator[Remark]:
    """Find figures that the text states twice, in the same words, with values that cannot both be right."""
    labels = Labels(positions)
    first_of: dict[tuple[str, str], Match] = {}
    for one in sorted((one for one in matches if one.score >= SURE), key=lambda one: one.quantity):
        later = positions.quantities[one.quantity]
        first = first_of.setdefault((one.figure, content(labels.of(one.quantity))), one)
        earlier = positions.quantities[first.quantity]
        if later.unit == "日" or first is one or _can_be_one(earlier, later):
            continue
        figure = known[one.figure]
        message = Bilingual(
            f"{figure.id} {figure.name_zh}前后不一:{earlier.text} 与 {later.text}。",
            f"{figure.id} ({figure.name}) stands twice with different values: {earlier.text} and {later.text}.",
        )
        yield Remark("told-twice", CONTRADICTION, later.start, (first.quantity, one.quantity), message)


def _can_be_one(one: Quantity, other: Quantity) -> bool:
    if one.number is None or other.number is None:
        return one.value == other.value
    return one.low <= other.high and other.low <= one.high
