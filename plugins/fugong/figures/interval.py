"""Intervals of figures: between which ends the value lies, whatever those who have not reported would have said.

A definition declares how its figure can move (`Definition.interval`); figures made of figures get theirs from them. An interval is closed,
both ends being the value, once everything that was due has come, all of it can be computed and no row of it waits to be mended. Corrections may move it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fugong.core.bilingual import Bilingual
from fugong.figures.definition import Definition, Ends, IntervalKind, Reported
from fugong.figures.display import Display, as_json, format_value, plain
from fugong.figures.evaluate import Evaluator
from fugong.figures.table_coverage import table_coverage
from fugong.figures.term import DaysUntil, FigureSum, MartCells, Parameter, Term
from fugong.marts import printed_ends
from fugong.marts.open_cells import MARGIN

ZERO, ONE = Decimal(0), Decimal(1)
EITHER_WAY = Bilingual("报表未齐,实际可能多也可能少", "not everything has come: it may be more or less")
AT_LEAST = Bilingual("至少 {least}", "at least {least}")
ESTIMATE = Bilingual("{name}为 {least}…{most}", "{name}: {least} … {most}")
NOT_PRINTED = Bilingual(
    "当日 {silent} 个未报;两端会说出其中一家,不列", "{silent} are silent; the ends would tell of one of them and are left out"
)


@dataclass(frozen=True)
class Span:
    """Two ends; `most` is None where there is no upper end."""

    least: Decimal
    most: Decimal | None


@dataclass(frozen=True)
class Interval:
    """The ends of a figure, in its unit, and how they are told.

    Attributes:
        text: what is printed beside the value; empty where the interval is closed or nothing is known.
        estimate: a narrower span, where other reports speak for those that are silent; None where none does.
        printed: the ends as they may be told where they would tell of a firm, coarser ones; None where not even those may.
    """

    span: Span
    text: Bilingual | None = None
    estimate: Span | None = None
    printed: Span | None = None

    @property
    def is_closed(self) -> bool:
        """Whether both ends are the same."""
        return self.span.least == self.span.most

    def to_json(self, lang: str) -> dict[str, Any]:
        """As `fugong figures --json` prints it."""
        return {
            "least": as_json(self.printed.least) if self.printed else None,
            "most": as_json(self.printed.most) if self.printed else None,
            "is_closed": self.is_closed,
            "text": (self.text.zh if lang == "zh" else self.text.en) if self.text else "",
            "estimate": {"least": as_json(self.estimate.least), "most": as_json(self.estimate.most)} if self.estimate else None,
        }


def interval(evaluator: Evaluator, definition: Definition) -> Interval | None:
    """The interval of a figure; None where it is no sum or rate, or where no end is known."""
    if not evaluator.evaluate(definition).is_determinable:
        return None
    if isinstance(definition.interval, Reported):
        return _reported(evaluator, definition, definition.interval)
    span = _span_of(evaluator, definition)
    if span is None:
        return None
    text = None
    if evaluator.evaluate(definition).is_known and span.least != span.most:
        is_number = definition.display.kind not in {"words", "text"}
        is_least = is_number and span.most is None and span.least == evaluator.evaluate(definition).value
        text = _filled(AT_LEAST, least=format_value(definition.display, span.least)) if is_least else EITHER_WAY
    return Interval(span, text, printed=span)


def _reported(evaluator: Evaluator, definition: Definition, told: Reported) -> Interval | None:
    """The ends that the mart computes, from those that have not reported."""
    span = _ends(evaluator, definition, told, told.ends)
    if span is None or span.most is None:
        return None
    if span.least == span.most:
        return Interval(span, printed=span)
    rounded = _printed(evaluator, definition, told, span)
    if not evaluator.evaluate(definition).is_known:
        return Interval(span, printed=rounded)
    silent = plain(evaluator.number(told.silent) or ZERO)
    if rounded is None:
        return Interval(span, _filled(NOT_PRINTED, silent=silent))
    least, most = (format_value(definition.display, end) for end in (rounded.least, rounded.most))
    text = _filled(told.text, least=least, most=most, silent=silent)
    estimate = _ends(evaluator, definition, told, told.estimate) if told.estimate else None
    if estimate is None or estimate == span or told.estimate_name is None:
        return Interval(span, text, printed=rounded)
    ends = [format_value(definition.display, end) for end in (estimate.least, estimate.most)]
    zh, en = (template.format(name=name, least=ends[0], most=ends[1]) for template, name in (
        (ESTIMATE.zh, told.estimate_name.zh), (ESTIMATE.en, told.estimate_name.en)
    ))  # fmt: skip
    return Interval(span, Bilingual(f"{text.zh};{zh}", f"{text.en}; {en}"), estimate, rounded)


def _printed(evaluator: Evaluator, definition: Definition, told: Reported, span: Span) -> Span | None:
    """The ends as they are printed; None where they are not."""
    largest = evaluator.number(told.largest) if told.largest else None
    if largest is None and told.decimals is None:
        return span
    assert span.most is not None
    whole = (evaluator.number(told.denominator) if told.denominator else ONE) or ONE
    margin = float((largest or ZERO) / whole) * MARGIN
    step = step_of_ends(definition.display, told.decimals)
    cap = None if definition.cap is None else float(definition.cap)
    found = printed_ends.printed(float(span.least), float(span.most), margin=margin, step=float(step), cap=cap)
    return Span(*(Decimal(repr(end)).quantize(step) for end in (found.least, found.most))) if found else None


def step_of_ends(display: Display, decimals: int | None) -> Decimal:
    """Of what the printed ends are multiples, in the unit of the figure, where they need not be coarser."""
    is_percent = display.kind == "percent"
    own = display.decimals if display.decimals is not None else int(is_percent)
    return Decimal(1).scaleb(-(own if decimals is None else decimals) - (2 if is_percent else 0))


def _ends(evaluator: Evaluator, definition: Definition, told: Reported, ends: Ends) -> Span | None:
    """Both ends, over the denominator where there is one, and not above the figure's cap."""
    least, most = (evaluator.number(term) for term in (ends.least, ends.most))
    whole = evaluator.number(told.denominator) if told.denominator else ONE
    if least is None or most is None or not whole:
        return None
    least, most = least / whole, most / whole
    return Span(least, most) if definition.cap is None else Span(min(least, definition.cap), min(most, definition.cap))


def _span_of(evaluator: Evaluator, definition: Definition) -> Span | None:
    """The span of a figure's value."""
    if isinstance(definition.interval, Reported):
        return _ends(evaluator, definition, definition.interval, definition.interval.ends)
    evaluated = evaluator.evaluate(definition)
    if definition.interval is not None:
        value = evaluated.value
        if evaluated.is_known and isinstance(value, Decimal):
            return Span(value, value) if is_complete(evaluator, definition) else _open(definition.interval, value)
        return None if evaluated.is_known else _open(definition.interval, ZERO)
    if definition.value is not None:
        return _span(evaluator, definition.value) if isinstance(definition.value, FigureSum) else None
    numerator, denominator = (_span(evaluator, term) for term in (definition.numerator, definition.denominator))
    return _ratio(numerator, denominator) if numerator and denominator else None


def _open(kind: IntervalKind, value: Decimal) -> Span:
    match kind:
        case IntervalKind.AT_LEAST:
            return Span(value, None)
        case IntervalKind.SHARE:
            return Span(ZERO, ONE)
        case IntervalKind.EITHER:
            return Span(ZERO, None)


def _span(evaluator: Evaluator, term: Term | None) -> Span | None:
    """The span of a term that is made of figures; a parameter has one value."""
    match term:
        case FigureSum(part="value"):
            return _sum(evaluator, term)
        case Parameter() | DaysUntil():
            value = evaluator.value(term)
            return Span(value, value) if isinstance(value, Decimal) else None
        case _:
            return None


def _sum(evaluator: Evaluator, term: FigureSum) -> Span | None:
    least, most = ZERO, ZERO
    has_least, has_most = True, True
    for sign, name in term.signed:
        span = _span_of(evaluator, evaluator.moment.definitions[name])
        if span is None:
            return None
        low, high = (span.least, span.most) if sign > 0 else (None if span.most is None else -span.most, -span.least)
        has_least, has_most = has_least and low is not None, has_most and high is not None
        least, most = least + (low or ZERO), most + (high or ZERO)
    return Span(least if has_least else ZERO, most if has_most else None)


def _ratio(numerator: Span, denominator: Span) -> Span:
    """The span of a ratio of amounts that are not negative."""
    least = ZERO if not denominator.most else numerator.least / denominator.most
    return Span(least, None if numerator.most is None or denominator.least <= 0 else numerator.most / denominator.least)


def is_complete(evaluator: Evaluator, definition: Definition) -> bool:
    """Whether everything that was due has come that the figure's cells are made of, can be computed, and no row of it waits to be mended."""
    if any(evaluator.number(term) for term in definition.undetermined):
        return False
    submissions = evaluator.submissions
    cells = [term for term in definition.terms.values() if isinstance(term, MartCells)]
    return all(
        table_coverage(submissions, table, evaluator.since(term), term.over).is_complete
        and not submissions.n_returned.get(table.name)
        for term in cells
        for table in submissions.tables_read(term)
    )


def _filled(text: Bilingual, **words: str) -> Bilingual:
    return Bilingual(text.zh.format(**words), text.en.format(**words))
