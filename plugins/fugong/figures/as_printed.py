"""Figures for readers who see no firm: every number as closely as the briefing prints it, and no closer.

Exact sums of two days, or of one day before and after a file, would be subtracted: what is left is the file of one firm.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from fugong.core.money import UNITS
from fugong.figures.definition import Definition
from fugong.figures.display import Display, Value, half_up
from fugong.figures.figure import Figure
from fugong.figures.interval import Span
from fugong.figures.term import MartCells

SHARE_DECIMALS = 3


def as_printed(figure: Figure, definition: Definition) -> Figure:
    """The figure without what the briefing does not print of it. Counts of firms stay: they are nobody's amount."""
    if is_of_counts(definition):
        return figure
    display, interval = definition.display, figure.interval
    if interval is not None and interval.printed == interval.span:
        least, most = (rounded(display, end) for end in (interval.span.least, interval.span.most))
        interval = replace(interval, printed=None if least is None else Span(least, most))
    return replace(
        figure,
        value=_shown(display, figure.value),
        previous=_shown(display, figure.previous),
        numerator=None,
        denominator=None,
        unreconciled=None if figure.unreconciled is None else half_up(figure.unreconciled, SHARE_DECIMALS),
        interval=interval,
    )


def is_of_counts(definition: Definition) -> bool:
    """Whether a figure is made of counts alone, such as a rate of firms."""
    terms = definition.terms.values()
    return bool(terms) and all(isinstance(term, MartCells) and term.column.startswith("n_") for term in terms)


def _shown(display: Display, value: Value | None) -> Value | None:
    return rounded(display, value) if isinstance(value, Decimal) else value


def rounded(display: Display, value: Decimal | None) -> Decimal | None:
    """A number as closely as it is printed; None where words stand for it."""
    if value is None:
        return None
    match display.kind:
        case "percent":
            decimals = (1 if display.decimals is None else display.decimals) + 2
            found = half_up(value, decimals)
            if found == 1 and value != 1:  # 100 % is printed for exactly one alone
                found = value.quantize(Decimal(1).scaleb(-decimals), ROUND_FLOOR if value < 1 else ROUND_CEILING)
            return found
        case "余":
            return Decimal(int(value // display.step) * display.step) or value
        case "words":
            return None
        case "count" | "text" if display.decimals is not None:
            return half_up(value, display.decimals)
        case unit if unit in UNITS:
            return half_up(value / UNITS[unit], display.decimals or 0) * UNITS[unit]
        case _:
            return value
