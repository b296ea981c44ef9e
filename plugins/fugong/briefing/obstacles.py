"""What stands in the way of a signature: a day without data, a figure with too little behind it, a headline that jumps.

`briefing.yaml` states the bounds, below `publishing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from fugong.briefing.wording import Bounds, Jump
from fugong.core.bilingual import Bilingual
from fugong.figures.display import percent, plain
from fugong.figures.evaluate import Evaluator
from fugong.figures.figure import Figure
from fugong.marts import asof


class Kind(StrEnum):
    """What an obstacle is about."""

    NO_DATA = "no_data"
    COVERAGE = "coverage"
    JUMP = "jump"


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
        *(found for name in printed for found in _coverage(figures[name], bounds.least_coverage)),
        *(found for name, jump in bounds.jumps.items() for found in _jump(figures[name], jump)),
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


def _coverage(figure: Figure, least: Decimal) -> Iterator[Obstacle]:
    if figure.is_coverage_age or (figure.coverage is None and figure.is_known):
        return
    covered = figure.coverage if figure.is_known and figure.coverage is not None else Decimal(0)
    if covered < least:
        yield Obstacle(
            Kind.COVERAGE,
            figure.id,
            Bilingual(
                f"“{figure.name_zh}”覆盖 {percent(covered)},低于 {percent(least)}",
                f'"{figure.name}" covers {percent(covered)}, less than {percent(least)}',
            ),
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
