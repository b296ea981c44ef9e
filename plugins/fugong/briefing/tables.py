"""Tables of the annex that the engine makes itself, from figures, rules and adjustments; those of the district are SELECTs (`annex`).

What the text, a footnote or another table says already is not said again: the annex is short.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from fugong.briefing.adjustment import Adjustment
from fugong.briefing.annex import Table
from fugong.briefing.wording import LeftOut
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up, percent, plain
from fugong.figures.figure import Figure
from fugong.figures.rules import Broken

MAX_REASONS = 2
"""Reasons why a figure moved; the HTML page has all."""
SIDE_BY_SIDE = 2
"""Figures in one row of the overview."""


def own_tables(
    printed: Sequence[str],
    figures: Mapping[str, Figure],
    broken: Mapping[str, Sequence[Broken]],
    adjusted: Sequence[Adjustment],
    left_out: Sequence[LeftOut],
) -> tuple[Table, ...]:
    """The tables in the order of the annex.

    Args:
        printed: the figures of the text.
        figures: every figure by id.
        broken: the rules and checks that do not hold, by figure.
        left_out: the sentences that are not printed.
    """
    return (
        _contradictions(broken, figures, printed),
        _adjusted(adjusted, figures),
        _changes(printed, figures),
        _omitted(left_out),
        _intervals(printed, figures),
        _overview(printed, figures),
    )


def _table(title: tuple[str, str], heads: Sequence[tuple[str, str]], rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(Bilingual(*title), tuple(Bilingual(*head) for head in heads), tuple(rows), (False,) * len(heads))


def _contradictions(broken: Mapping[str, Sequence[Broken]], figures: Mapping[str, Figure], printed: Collection[str]) -> Table:
    """What no footnote says: rules and checks that concern only figures that are not printed."""
    touched: dict[str, list[str]] = {}
    for name, ones in broken.items():
        for one in ones:
            touched.setdefault(one.text.zh, []).append(name)
    return _table(
        ("核对中的其他提示", "What else the checks found"),
        (("核对结果", "Finding"), ("涉及指标", "Figures")),
        [
            (text, "、".join(figures[name].name_zh for name in names))
            for text, names in touched.items()
            if not any(name in printed for name in names)
        ],
    )


def _adjusted(adjusted: Sequence[Adjustment], figures: Mapping[str, Figure]) -> Table:
    return _table(
        ("口径调整", "Manual adjustments"),
        (("指标", "Figure"), ("计算值", "Computed"), ("调整为", "To be read as"), ("理由", "Reason"), ("提出、批准", "By")),
        [
            (
                figures[one.figure].name_zh,
                figures[one.figure].display,
                one.value_text,
                one.reason,
                f"{one.proposer}、{one.approver}",
            )
            for one in adjusted
        ],
    )


def _omitted(left_out: Sequence[LeftOut]) -> Table:
    reasons = dict.fromkeys(reason for one in left_out for reason in one.reasons)
    return _table(("未写入正文的内容", "Left out of the text"), (("原因", "Reason"),), [(reason,) for reason in reasons])


def _intervals(printed: Sequence[str], figures: Mapping[str, Figure]) -> Table:
    return _table(
        ("没有报齐的指标的区间", "Intervals of figures for which not everything has come"),
        (("指标", "Figure"), ("本日", "Day"), ("区间", "Interval")),
        [
            (one.name_zh, one.display, one.interval.text.zh)
            for one in (figures[name] for name in printed)
            if one.interval and one.interval.text
        ],
    )


def _changes(printed: Sequence[str], figures: Mapping[str, Figure]) -> Table:
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
            (one.name_zh, one.previous_display or "–", one.display, "".join(reason.zh for reason in one.why[:MAX_REASONS]))
            for one in moved
        ],
    )


def _overview(printed: Sequence[str], figures: Mapping[str, Figure]) -> Table:
    """What stands behind the numbers of the text that come from reports, two figures a row."""
    cells = [
        (one.name_zh, f"{one.display}{_ratio(one)}", coverage_text(one))
        for one in (figures[name] for name in sorted(printed))
        if one.coverage is not None
    ]
    half = -(-len(cells) // SIDE_BY_SIDE)
    left, right = cells[:half], cells[half:]
    heads = (("指标", "Figure"), ("本日", "Day"), ("报送", "Reported"))
    empty = ("",) * len(heads)
    return _table(
        ("指标的报送情况", "What was reported behind the figures"),
        heads * SIDE_BY_SIDE,
        [(*one, *other) for one, other in zip(left, [*right, *[empty] * (half - len(right))], strict=True)],
    )


def _ratio(figure: Figure) -> str:
    if figure.numerator is None or figure.denominator is None:
        return ""
    return f"({plain(half_up(figure.numerator, 2))}/{plain(half_up(figure.denominator, 2))})"


def coverage_text(figure: Figure) -> str:
    """The coverage of a figure in words: the share of what should have been reported, or the age of a ledger."""
    if figure.coverage is None:
        return ""
    if figure.is_coverage_age:
        return f"{plain(figure.coverage)}天前" if figure.coverage else "当日"
    return percent(figure.coverage)
