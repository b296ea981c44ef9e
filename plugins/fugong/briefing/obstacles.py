"""What stands in the way of a signature: a day without data, a figure with too little behind it, a headline that jumps.

And what whoever signs has to know: figures that give a firm away. `briefing.yaml` states the bounds, below `publishing`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from fugong.briefing.wording import Bounds, Jump
from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.figures.display import percent, plain
from fugong.figures.evaluate import Evaluator
from fugong.figures.few_firms import telling_figures
from fugong.figures.figure import Figure
from fugong.marts import asof

LOG = logging.getLogger(__name__)


class Kind(StrEnum):
    """What an obstacle is about: the whole day, a figure without a report behind it, with too few, one that moved far, or one that gives a firm away.

    `FIRM` stands in nobody's way: who signs decides. Only drafts print it.
    """

    NO_DATA = "no_data"
    UNKNOWN = "unknown"
    COVERAGE = "coverage"
    JUMP = "jump"
    FIRM = "firm"


LABELS: Mapping[Kind, Bilingual] = {
    Kind.NO_DATA: Bilingual("没有数据:", ""),
    Kind.UNKNOWN: Bilingual("无法确定:", "Not known: "),
    Kind.COVERAGE: Bilingual("报送不足:", ""),
    Kind.JUMP: Bilingual("变动较大:", ""),
    Kind.FIRM: Bilingual("可推知单家企业:", "May give a firm away: "),
}
"""What stands before the obstacles of a kind. In English the obstacles of the others are sentences."""


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way. `figure` is empty where it is the whole day."""

    kind: Kind
    figure: str
    text: Bilingual


def obstacles(
    evaluator: Evaluator, bounds: Bounds, printed: Iterable[str], figures: Mapping[str, Figure]
) -> tuple[Obstacle, ...]:
    """What stands in the way of signing the briefing of a day.

    Args:
        printed: the figures that the text prints or would print.
    """
    return (
        *_no_data(evaluator),
        *(found for name in printed for found in _coverage(figures[name], bounds)),
        *(found for name, jump in bounds.jumps.items() for found in _jump(figures[name], jump)),
        *_firms(evaluator, printed, figures),
    )


def _no_data(evaluator: Evaluator) -> Iterator[Obstacle]:
    moment = evaluator.moment
    with asof.session_at(moment.connection, None, moment.known_at):
        [(has_data,)] = moment.connection.execute(
            "SELECT EXISTS (SELECT FROM asof.part WHERE report_date = %s)", (moment.as_of,)
        ).fetchall()
    if not has_data:
        day = moment.as_of.isoformat()
        yield Obstacle(Kind.NO_DATA, "", Bilingual(f"{day} 没有任何报表", f"No report about {day} has come"))


def _coverage(figure: Figure, bounds: Bounds) -> Iterator[Obstacle]:
    least, oldest = bounds.least_coverage, bounds.oldest_ledger_days
    if not figure.is_known:
        if least:
            yield Obstacle(Kind.UNKNOWN, figure.id, Bilingual(f"“{figure.name_zh}”", f'"{figure.name}"'))
    elif figure.coverage is None:
        return
    elif figure.is_coverage_age:
        if oldest is not None and figure.coverage > oldest:
            age = plain(figure.coverage)
            yield Obstacle(
                Kind.COVERAGE,
                figure.id,
                Bilingual(
                    f"“{figure.name_zh}”的台账已 {age} 天(至多 {oldest} 天)",
                    f'the ledger of "{figure.name}" is {age} days old, more than {oldest}',
                ),
            )
    elif figure.coverage < least:
        covered, wanted = percent(figure.coverage), percent(least)
        yield Obstacle(
            Kind.COVERAGE,
            figure.id,
            Bilingual(f"“{figure.name_zh}”覆盖 {covered}(应达 {wanted})", f'"{figure.name}" covers {covered} of {wanted} wanted'),
        )


def _jump(figure: Figure, jump: Jump) -> Iterator[Obstacle]:
    now, before = figure.value, figure.previous
    if not isinstance(now, Decimal) or not isinstance(before, Decimal):
        return
    moved = abs(now - before)
    is_beyond = moved > jump.by if jump.is_absolute else moved > jump.by * abs(before)
    if is_beyond:
        bound = plain(jump.by) if jump.is_absolute and figure.unit != "1" else percent(jump.by)
        yield Obstacle(
            Kind.JUMP,
            figure.id,
            Bilingual(
                f"“{figure.name_zh}”由上日的 {figure.previous_display} 变为 {figure.display},超过 {bound}",
                f'"{figure.name}" moved from {figure.previous_display} to {figure.display}, by more than {bound}',
            ),
        )


def _firms(evaluator: Evaluator, printed: Iterable[str], figures: Mapping[str, Figure]) -> Iterator[Obstacle]:
    try:
        told = dict.fromkeys(telling_figures(evaluator, frozenset(printed)))
    except ConfigurationError as fault:  # what is published cannot be read
        LOG.error("%s", fault)
        yield Obstacle(Kind.FIRM, "", Bilingual("没有核对,配置有误", "not checked, the configuration is broken"))
        return
    for one in told:
        name = one.title or Bilingual(figures[one.source].name_zh, figures[one.source].name)
        firms = f"{one.n_firms} firm{'s' * (one.n_firms != 1)}"
        text = (
            Bilingual(f"“{name.zh}”较上日的变动主要来自 {one.n_firms} 家", f'"{name.en}" moved since the day before by {firms}')
            if one.is_change
            else Bilingual(f"“{name.zh}”主要来自 {one.n_firms} 家", f'"{name.en}" comes from {firms}')
        )
        yield Obstacle(Kind.FIRM, "" if one.title else one.source, text)


def in_words(found: Sequence[Obstacle]) -> list[Bilingual]:
    """A sentence for each kind, without a full stop."""
    sentences: list[Bilingual] = []
    for kind, label in LABELS.items():
        texts = [one.text for one in found if one.kind == kind]
        if texts:
            joint = ", " if label.en else "; "
            sentences.append(
                Bilingual(label.zh + "、".join(one.zh for one in texts), label.en + joint.join(one.en for one in texts))
            )
    return sentences
