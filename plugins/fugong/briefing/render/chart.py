"""Draws a chart of figures over time as inline SVG: few lines, no script, the same bytes for the same values."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from html import escape

from fugong.briefing.language import Language
from fugong.briefing.tables import Chart, Curve
from fugong.core.money import UNITS
from fugong.figures.display import half_up, month_day, plain

WIDTH, HEIGHT = 680, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 14, 30
COLOURS = ("#b3261e", "#1f5a96", "#55701c", "#7a4a9c")
DASHES = ("", "7 3", "2 3", "9 3 2 3")
"""Distinguish curves where somebody prints without colours."""
LABEL_HEIGHT = 15.0
N_TICKS = 4
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


def svg(chart: Chart, language: Language) -> str:
    """Draw a chart, with a title for screen readers."""
    days = sorted({day for curve in chart.curves for day, _ in curve.points})
    top = _top(max(_scaled(chart, value) for curve in chart.curves for _, value in curve.points))
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg">',
        f"<title>{escape(chart.title)}</title>",
        *_axes(chart, days, top, language),
    ]
    labels = _apart([_y(_scaled(chart, curve.points[-1][1]), top) for curve in chart.curves])
    for number, (curve, label) in enumerate(zip(chart.curves, labels, strict=True)):
        parts += _curve(chart, curve, days, top, number, label, language)
    return "".join([*parts, "</svg>"])


def _axes(chart: Chart, days: Sequence[date], top: Decimal, language: Language) -> list[str]:
    parts: list[str] = []
    for number in range(N_TICKS + 1):
        value = top * number / N_TICKS
        y = _y(value, top)
        parts.append(f'<line class="rule" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{plain(value)}{_sign(chart)}</text>')
    shown = [day for day in days if day.day == 1 or day in {days[0], days[-1]}]
    for day in shown:
        if day != days[-1] and 0 < (days[-1] - day).days < len(days) // 8:
            continue  # too near the last one
        x = _x(day, days)
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{language.words(month_day(day))}</text>'
        )
    return parts


def _curve(
    chart: Chart, curve: Curve, days: Sequence[date], top: Decimal, number: int, label: float, language: Language
) -> list[str]:
    colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    points = " ".join(f"{_x(day, days):.1f},{_y(_scaled(chart, value), top):.1f}" for day, value in curve.points)
    day, value = curve.points[-1]
    x, y = _x(day, days), _y(_scaled(chart, value), top)
    last = f"{plain(half_up(_scaled(chart, value), 2 if chart.unit in UNITS else 1))}{chart.unit}"
    return [
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>',
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>',
        f'<text x="{x + 8:.1f}" y="{label + 4:.1f}" fill="{colour}">{escape(curve.name)} {language.words(last)}</text>',
    ]


def _scaled(chart: Chart, value: Decimal) -> Decimal:
    return value * 100 if chart.unit == "%" else value / UNITS.get(chart.unit, 1)


def _sign(chart: Chart) -> str:
    return "%" if chart.unit == "%" else ""


def _top(greatest: Decimal) -> Decimal:
    """The end of the axis: a round number at the fourth tick."""
    if greatest <= 0:
        return Decimal(N_TICKS)
    magnitude = Decimal(1).scaleb((greatest / N_TICKS).adjusted())
    return next(step * magnitude * N_TICKS for step in STEPS if step * magnitude * N_TICKS >= greatest)


def _x(day: date, days: Sequence[date]) -> float:
    span = (days[-1] - days[0]).days or 1
    return LEFT + (WIDTH - LEFT - RIGHT) * (day - days[0]).days / span


def _y(value: Decimal, top: Decimal) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * float(value / top)


def _apart(heights: Sequence[float]) -> list[float]:
    """Move the heights of labels down until none covers another; move all up again where the last one does not fit."""
    order = sorted(range(len(heights)), key=lambda at: heights[at])
    placed = list(heights)
    for before, at in itertools.pairwise(order):
        placed[at] = max(placed[at], placed[before] + LABEL_HEIGHT)
    over = max(0.0, max(placed) - (HEIGHT - BOTTOM))
    return [height - over for height in placed]
