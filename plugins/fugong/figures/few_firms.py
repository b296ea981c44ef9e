"""Finds printed figures that give a firm away: by what they say, or by how they moved since the day before."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial

from fugong.core.bilingual import Bilingual
from fugong.figures.evaluate import Evaluator
from fugong.figures.source_rows import Member, amounts_of_firms
from fugong.marts.cells import MartCells
from fugong.marts.code_names import names_of
from fugong.marts.firms_behind import Parts
from fugong.marts.open_cells import MARGIN, tells
from fugong.marts.published import Precision, Published, load_published


@dataclass(frozen=True)
class Telling:
    """A figure behind which few firms stand, or whose change since the day before is that of few.

    Attributes:
        source: the figure's id; of a table its folder and name.
        title: of a table, with the row; None for a figure.
        n_firms: the firms behind it; more than two where one of them has the greater part.
    """

    source: str
    title: Bilingual | None
    is_change: bool
    n_firms: int


def telling_figures(evaluator: Evaluator, printed: Collection[str]) -> Iterator[Telling]:
    """The printed sums from which a reader comes nearer to a firm's amount than `MARGIN`, as precisely as they are printed.

    Rates are left out: they are amounts of nobody. Their ends are printed so coarsely that they tell of none (`marts.printed_ends`).

    Args:
        printed: ids of figures. The tables of the briefing are always printed.
    """
    names_of_key = cache(partial(_names_of_key, evaluator))
    for one in load_published(evaluator.moment.files.folder.parent):
        if not isinstance(one, Published) or one.below or not (one.source in printed or one.title):
            continue
        if one.source in printed and evaluator.moment.definitions[one.source].fault is not None:
            continue  # it has no value
        if any(f"mart.{cells.mart}" in evaluator.moment.files.faulty for _, cells in one.above):
            continue  # the table is not printed
        if not all(_is_of_firms(evaluator, cells) for _, cells in one.above):
            continue
        now, before = (_amounts(day, one) for day in (evaluator, evaluator.yesterday))
        for member, firms in sorted(now.items(), key=str):
            words = "、".join(names_of_key(key).get(str(each), str(each)) for key, each in zip(one.by, member, strict=True))
            title = Bilingual(f"{one.title.zh}:{words}", f"{one.title.en}: {words}") if one.title and words else one.title
            if told := _telling(firms, before.get(member, {}), one.precision):
                yield Telling(one.source, title, *told)


def _names_of_key(evaluator: Evaluator, key: str) -> Mapping[str, str]:
    """What the members of a key are called, by the first mart that knows names for the key."""
    places = next((mart.names[key] for mart in evaluator.moment.files.marts if key in mart.names), ())
    return names_of(evaluator.moment.connection, places)


def _telling(now: Mapping[str, Decimal], before: Mapping[str, Decimal], precision: Precision) -> tuple[bool, int] | None:
    """Whether it is the change, not the value, that tells, and how many firms stand behind it; None where neither does."""
    level = _parts(now.values())
    if _is_told(level, [(1, level.total, precision)]):
        return False, level.n_firms
    change = _parts(now.get(who, Decimal(0)) - before.get(who, Decimal(0)) for who in now.keys() | before.keys())
    values = [(1, level.total, precision), (-1, math.fsum(map(float, before.values())), precision)]
    return (True, change.n_firms) if _is_told(change, values) else None


def _is_of_firms(evaluator: Evaluator, cells: MartCells) -> bool:
    """Whether cells hold amounts of firms. Counts are nobody's amount; what analysts see unprotected is published one by one."""
    mart = evaluator.moment.files.mart(cells.mart)
    return not cells.column.startswith("n_") and not (mart.is_open and not mart.suppression and not mart.public_rollup)


def _amounts(day: Evaluator, one: Published) -> Mapping[Member, Mapping[str, Decimal]]:
    found: dict[Member, dict[str, Decimal]] = {}
    for sign, cells in one.above:
        for member, amounts in amounts_of_firms(day, cells, one.by).items():
            firms = found.setdefault(member, {})
            for who, amount in amounts.items():
                firms[who] = firms.get(who, Decimal(0)) + sign * amount
    return found


def _parts(amounts: Iterable[Decimal]) -> Parts:
    there = [float(amount) for amount in amounts if amount]
    largest, second, *_ = (*sorted(map(abs, there), reverse=True), 0.0, 0.0)
    return Parts(len(there), largest, math.fsum(there), second)


def _is_told(parts: Parts, signed: Sequence[tuple[int, float, Precision]]) -> bool:
    """Whether few firms stand behind a difference of printed values, each with its precision, and these tell it closely."""
    below = above = 0.0
    for sign, value, precision in signed:
        low, high = precision.interval(value)
        down, up = value - low, high - value
        below, above = (below + down, above + up) if sign > 0 else (below + up, above + down)
    return tells(parts) and min(below, above) < MARGIN * parts.largest
