"""What another reading changes: values and printed forms of figures, and which doubts decide whether a printed form stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
        """By how much the value would be another before it is capped; None where one of the two is no number."""
        now, then = uncapped(self.now), uncapped(self.then)
        return None if now is None or then is None else then - now

    @cached_property
    def share(self) -> float:
        """The change as a share of the larger of the two values, 1 at most; 1 where one of the two is no number.

        Values count as they are before they are capped: of two slips that each lift a rate above 100 %, neither moves what is printed.
        """
        now, then = uncapped(self.now), uncapped(self.then)
        if now is None or then is None:
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


def uncapped(one: Evaluated) -> Decimal | None:
    """The value of a figure before it is capped; None where it is no number."""
    if not isinstance(one.value, Decimal):
        return None
    return one.numerator / one.denominator if one.numerator is not None and one.denominator else one.value


@dataclass(frozen=True)
class Effect:
    """What one reading changes.

    Attributes:
        changes: the figures that would have another value, the largest printed change first.
    """

    changes: tuple[FigureChange, ...]

    def rank(self, decided: Collection[str] = ()) -> tuple[float, float]:
        """The sum of the changes of figures that would be printed otherwise, then of all; the larger, the sooner one calls.

        Args:
            decided: figures whose printed form the reading decides together with others.
        """
        counted = (one.share for one in self.changes if one.is_printed or one.definition.id in decided)
        return sum(counted), sum(one.share for one in self.changes)

    @property
    def printed(self) -> tuple[FigureChange, ...]:
        """The figures that would be printed otherwise."""
        return tuple(one for one in self.changes if one.is_printed)


def effect_of(now: Mapping[str, Evaluated], then: Mapping[str, Evaluated], definitions: Mapping[str, Definition]) -> Effect:
    """The effect of a reading, from the figures now and those that would be others."""
    changes = [FigureChange(definitions[name], now[name], value) for name, value in then.items()]
    changes = [one for one in changes if one.is_printed or one.now.value != one.then.value or one.difference]
    return Effect(tuple(sorted(changes, key=lambda one: (not one.is_printed, -one.share))))


Span = tuple[Decimal, Decimal, int]
"""The farthest changes down and up of a call, and its position."""


def deciding(definition: Definition, now: Evaluated, effects: Sequence[Sequence[FigureChange]]) -> list[int]:
    """Which calls decide a figure's printed form: once they are made, all others together cannot change it, and none can be spared.

    Changes are added up. Of a call with several readings the farthest in either direction counts.

    Args:
        effects: for each call the changes of this figure, one for each of its readings that changes it.

    Returns:
        positions of the calls, the largest change first; none where the printed form stays whatever is answered.
    """
    spans: list[Span] = []
    found: list[int] = []
    for at, changes in enumerate(effects):
        differences = [one.difference for one in changes]
        if any(difference is None for difference in differences):
            if any(one.is_printed for one in changes):
                found.append(at)  # a word, a list or nothing known: it does not add up
            continue
        numbers = [difference for difference in differences if difference is not None]
        if numbers:
            spans.append((min(Decimal(0), *numbers), max(Decimal(0), *numbers), at))
    spans.sort(key=lambda span: max(-span[0], span[1]), reverse=True)
    n = next(n for n in range(len(spans) + 1) if _stays(definition, now, spans[:n], spans[n:]))
    made, left = spans[:n], spans[n:]
    for span in spans[:n]:  # one that only moves the value where it is capped decides nothing
        others = [one for one in made if one is not span]
        if _stays(definition, now, others, [*left, span]):
            made, left = others, [*left, span]
    return found + [at for _, _, at in made]


def _stays(definition: Definition, now: Evaluated, made: Sequence[Span], left: Sequence[Span]) -> bool:
    """Whether what is left cannot change the printed form, be the calls made all in vain, or all to one side."""
    value = uncapped(now)
    if not left or value is None:
        return True
    if not now.display:
        return False  # left out of the text by a rule, which any change may lift
    low, high = (sum((span[side] for span in left), Decimal(0)) for side in (0, 1))
    for base in (value, *(value + sum((span[side] for span in made), Decimal(0)) for side in (0, 1))):
        if len({_printed(definition, end) for end in (base, base + low, base + high)}) > 1:
            return False
    return True


def _printed(definition: Definition, value: Decimal) -> str:
    return format_value(definition.display, value if definition.cap is None else min(value, definition.cap))
