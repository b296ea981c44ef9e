"""What another reading changes: values and printed forms of figures, and which doubts decide whether a printed form stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from fugong.figures.definition import Definition
from fugong.figures.display import as_json, format_value
from fugong.figures.evaluate import Evaluated


@dataclass(frozen=True)
class FigureChange:
    """A figure now, and as it would be."""

    definition: Definition
    now: Evaluated
    then: Evaluated

    @property
    def is_printed(self) -> bool:
        """Whether another text would be printed."""
        return self.now.display != self.then.display

    @property
    def difference(self) -> Decimal | None:
        """By how much the value would be another; None where one of the two is no number."""
        now, then = self.now.value, self.then.value
        return then - now if isinstance(now, Decimal) and isinstance(then, Decimal) else None

    @cached_property
    def share(self) -> float:
        """The change as a share of the larger of the two values, 1 at most; 1 where one of the two is no number."""
        now, then = self.now.value, self.then.value
        if not isinstance(now, Decimal) or not isinstance(then, Decimal):
            return 1.0 if self.now.value != self.then.value else 0.0
        largest = max(abs(now), abs(then))
        return min(float(abs(then - now) / largest), 1.0) if largest else 0.0

    def to_json(self) -> dict[str, Any]:
        """As `fugong doubts --json` prints it."""
        return {
            "figure": self.definition.id,
            "name": self.definition.name,
            "name_zh": self.definition.name_zh,
            "display": self.now.display,
            "display_if": self.then.display,
            "value": as_json(self.now.value),
            "value_if": as_json(self.then.value),
        }


@dataclass(frozen=True)
class Effect:
    """What one reading changes.

    Attributes:
        changes: the figures that would have another value, the largest printed change first.
    """

    changes: tuple[FigureChange, ...]

    @cached_property
    def rank(self) -> tuple[float, float]:
        """The sum of the changes of figures that would be printed otherwise, then of all; the larger, the sooner one calls."""
        return sum(one.share for one in self.changes if one.is_printed), sum(one.share for one in self.changes)

    @property
    def printed(self) -> tuple[FigureChange, ...]:
        """The figures that would be printed otherwise."""
        return tuple(one for one in self.changes if one.is_printed)


def effect_of(now: Mapping[str, Evaluated], then: Mapping[str, Evaluated], definitions: Mapping[str, Definition]) -> Effect:
    """The effect of a reading, from the figures now and those that would be others."""
    changes = [FigureChange(definitions[name], now[name], value) for name, value in then.items()]
    changes = [one for one in changes if one.is_printed or one.now.value != one.then.value]
    return Effect(tuple(sorted(changes, key=lambda one: (not one.is_printed, -one.share))))


def deciding(definition: Definition, now: Evaluated, effects: Sequence[Sequence[FigureChange]]) -> list[int]:
    """Which calls decide whether a figure's printed form stays: after them, all others together cannot change it, and none can be spared.

    Changes are added up. Of a call with several readings the farthest in either direction counts.

    Args:
        effects: for each call the changes of this figure, one for each of its readings that changes it.

    Returns:
        positions of the calls, the largest change first; none where the printed form stays whatever is answered.
    """
    spans: list[tuple[Decimal, Decimal, int]] = []
    asked: list[int] = []
    for at, changes in enumerate(effects):
        differences = [one.difference for one in changes]
        if any(difference is None for difference in differences):
            if any(one.is_printed for one in changes):
                asked.append(at)  # a word, a list or nothing known: it does not add up
            continue
        numbers = [difference for difference in differences if difference is not None]
        if numbers:
            spans.append((min(Decimal(0), *numbers), max(Decimal(0), *numbers), at))
    spans.sort(key=lambda span: max(-span[0], span[1]), reverse=True)
    n = next(n for n in range(len(spans) + 1) if _stays(definition, now, spans[n:]))
    left, chosen = spans[n:], spans[:n]
    for span in chosen:  # one that moves the value where it is capped decides nothing
        if _stays(definition, now, [*left, span]):
            left = [*left, span]
        else:
            asked.append(span[2])
    return asked


def _stays(definition: Definition, now: Evaluated, left: Sequence[tuple[Decimal, Decimal, int]]) -> bool:
    """Whether the printed form stays at both ends of what is left."""
    if not left or not isinstance(now.value, Decimal):
        return True
    if not now.display:
        return False  # left out of the text by a rule, which any change may lift
    ends = (now.value + sum(low for low, _, _ in left), now.value + sum(high for _, high, _ in left))
    capped = (end if definition.cap is None else min(end, definition.cap) for end in ends)
    return all(format_value(definition.display, end) == now.display for end in capped)
