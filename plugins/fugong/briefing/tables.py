"""Tables of the annex that the engine makes itself, from figures, rules and adjustments; those of the district are SELECTs (`annex`).

What the text, a footnote or another table says already is not said again: the annex is short.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from fugong.briefing.adjustment import Adjustment
from fugong.briefing.annex import Table
from fugong.briefing.language import Language
from fugong.briefing.wording import LeftOut
from fugong.core.bilingual import Bilingual
from fugong.core.vocabulary import Lang
from fugong.figures.definition import Definition
from fugong.figures.display import format_value, half_up, percent, plain
from fugong.figures.figure import Figure
from fugong.figures.rules import Broken

WEEK = timedelta(days=7)
MAX_REASONS = 2
"""Reasons why a figure moved; the HTML page has all."""
SIDE_BY_SIDE = {Lang.ZH: 2, Lang.EN: 1}
"""Figures in one row of the overview. English names are too long to stand side by side."""


@dataclass(frozen=True)
class Curve:
    """A figure over time."""

    figure: str
    name: str
    points: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True)
class Chart:
    """Curves on one axis, whose unit is `%`, 万元, 亿元 or empty."""

    title: str
    unit: str
    curves: tuple[Curve, ...]


def own_tables(
    printed: Sequence[str],
    figures: Mapping[str, Figure],
    broken: Mapping[str, Sequence[Broken]],
    adjusted: Sequence[Adjustment],
    left_out: Sequence[LeftOut],
    language: Language,
) -> tuple[Table, ...]:
    """The tables in the order of the annex.

    Args:
        printed: the figures of the text.
        figures: every figure by id.
        broken: the rules and checks that do not hold, by figure.
        left_out: the sentences that are not printed.
    """
    return (
        _contradictions(broken, figures, printed, language),
        _adjusted(adjusted, figures, language),
        _changes(printed, figures, language),
        _omitted(left_out, language),
        _intervals(printed, figures, language),
        _overview(printed, figures, language),
    )


def _table(title: tuple[str, str], heads: Sequence[tuple[str, str]], rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(Bilingual(*title), tuple(Bilingual(*head) for head in heads), tuple(rows), (False,) * len(heads))


def week_by_week(
    charts: Iterable[Chart],
    as_of: date,
    figures: Mapping[str, Figure],
    definitions: Mapping[str, Definition],
    language: Language,
) -> Table:
    """The figures of the charts as they are and as they were a week ago, where both are known."""
    rows: list[tuple[str, ...]] = []
    for curve in (curve for chart in charts for curve in chart.curves):
        definition, values = definitions[curve.figure], dict(curve.points)
        before, now = values.get(as_of - WEEK), values.get(as_of)
        if before is not None and now is not None and figures[curve.figure].is_known:
            shown = [language.display(definition, value, format_value(definition.display, value)) for value in (before, now)]
            rows.append((curve.name, *shown, _moved(definition, now - before, language)))
    return _table(
        ("本周与上周", "This week and last"),
        (("指标", "Figure"), ("一周前", "A week ago"), ("本日", "Day"), ("增减", "Change")),
        rows,
    )


def _moved(definition: Definition, by: Decimal, language: Language) -> str:
    if not by:
        return language.say("持平", "none")
    sign = "+" if by > 0 else "-"
    if definition.display.kind == "percent":
        points = plain(half_up(abs(by) * 100, 1))
        return f"{sign}{points}{language.say('个百分点', ' points')}"
    return f"{sign}{language.display(definition, abs(by), format_value(definition.display, abs(by)))}"


def _contradictions(
    broken: Mapping[str, Sequence[Broken]], figures: Mapping[str, Figure], printed: Collection[str], language: Language
) -> Table:
    """What no footnote says: rules and checks that concern only figures that are not printed."""
    touched: dict[str, list[str]] = {}
    for name, ones in broken.items():
        for one in ones:
            touched.setdefault(language.pick(one.text), []).append(name)
    return _table(
        ("核对中的其他提示", "What else the checks found"),
        (("核对结果", "Finding"), ("涉及指标", "Figures")),
        [
            (text, _named(figures, names, language))
            for text, names in touched.items()
            if not any(name in printed for name in names)
        ],
    )


def _adjusted(adjusted: Sequence[Adjustment], figures: Mapping[str, Figure], language: Language) -> Table:
    return _table(
        ("口径调整", "Manual adjustments"),
        (("指标", "Figure"), ("计算值", "Computed"), ("调整为", "To be read as"), ("理由", "Reason"), ("提出、批准", "By")),
        [
            (
                _name(figures[one.figure], language),
                figures[one.figure].display,
                language.words(one.value_text),
                one.reason,
                language.words(f"{one.proposer}、{one.approver}"),
            )
            for one in adjusted
        ],
    )


def _omitted(left_out: Sequence[LeftOut], language: Language) -> Table:
    reasons = dict.fromkeys(reason for one in left_out for reason in one.reasons)
    return _table(
        ("未写入正文的内容", "Left out of the text"), (("原因", "Reason"),), [(language.pick(reason),) for reason in reasons]
    )


def _intervals(printed: Sequence[str], figures: Mapping[str, Figure], language: Language) -> Table:
    return _table(
        ("没有报齐的指标的区间", "Intervals of figures for which not everything has come"),
        (("指标", "Figure"), ("本日", "Day"), ("区间", "Interval")),
        [
            (_name(one, language), one.display, language.pick(one.interval.text))
            for one in (figures[name] for name in printed)
            if one.interval and one.interval.text
        ],
    )


def _changes(printed: Sequence[str], figures: Mapping[str, Figure], language: Language) -> Table:
    """Numbers that moved. Words, days and lists are in the text."""
    moved = [
        one
        for one in (figures[name] for name in printed)
        if one.why
        and one.previous_display != one.display
        and any(isinstance(value, Decimal) for value in (one.value, one.previous))
    ]
    return _table(
        ("较上日变动的指标", "Figures that moved since the day before"),
        (("指标", "Figure"), ("上日", "Day before"), ("本日", "Day"), ("变动原因", "Why")),
        [
            (
                _name(one, language),
                one.previous_display or "–",
                one.display,
                language.joint.join(language.pick(reason) for reason in one.why[:MAX_REASONS]),
            )
            for one in moved
        ],
    )


def _overview(printed: Sequence[str], figures: Mapping[str, Figure], language: Language) -> Table:
    """What stands behind the numbers of the text that come from reports."""
    cells = [
        (_name(one, language), one.display, coverage_text(one, language))
        for one in (figures[name] for name in sorted(printed))
        if one.coverage is not None
    ]
    beside = SIDE_BY_SIDE[language.lang]
    height = -(-len(cells) // beside)
    heads = (("指标", "Figure"), ("本日", "Day"), ("报送", "Reported"))
    cells += [("",) * len(heads)] * (height * beside - len(cells))
    return _table(
        ("指标的报送情况", "What was reported behind the figures"),
        heads * beside,
        [tuple(text for at in range(beside) for text in cells[at * height + row]) for row in range(height)],
    )


def _name(figure: Figure, language: Language) -> str:
    return language.pick(Bilingual(figure.name_zh, figure.name))


def _named(figures: Mapping[str, Figure], names: Sequence[str], language: Language) -> str:
    return language.comma.join(_name(figures[name], language) for name in names)


def coverage_text(figure: Figure, language: Language) -> str:
    """The coverage of a figure in words: the share of what should have been reported, or the age of a ledger."""
    if figure.coverage is None:
        return ""
    if figure.is_coverage_age:
        days = plain(figure.coverage)
        return language.say(f"{days}天前", f"{days} days old") if figure.coverage else language.say("当日", "of the day")
    return percent(figure.coverage)
