"""What a page on quality is made of: nine dimensions, measures, and what nobody measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fugong.core.bilingual import Bilingual
from fugong.figures.display import as_json, percent, plain

NOTHING = Bilingual("", "")
SMALL = Decimal("0.001")
"""A smaller share is printed with more decimals."""


@dataclass(frozen=True)
class Measure:
    """One thing that is measured.

    Attributes:
        number: None where there was nothing to measure; `note` then says why.
        of: the whole of which `number` is a part, never zero; None for a number by itself.
        unit: what is counted.
        note: what the number is made of, or why there is none.
    """

    name: Bilingual
    number: Decimal | None
    of: Decimal | None = None
    unit: Bilingual = NOTHING
    note: Bilingual = NOTHING

    @property
    def value(self) -> Bilingual:
        """The number as the page prints it."""
        if self.number is None:
            return Bilingual("没有可量的", "nothing to measure")
        if self.of is not None:
            decimals = 1 if not self.number or self.number / self.of >= SMALL else 3
            text = f"{plain(self.number)} / {plain(self.of)} ({percent(self.number / self.of, decimals)})"
            return Bilingual(text, text)
        text = plain(round(self.number, 2))
        return Bilingual(f"{text}{self.unit.zh}", f"{text} {self.unit.en}".strip())

    def to_json(self) -> dict[str, Any]:
        """As `fugong quality --json` prints it."""
        return {
            "name_zh": self.name.zh,
            "name_en": self.name.en,
            "number": as_json(self.number),
            "of": as_json(self.of),
            "unit_zh": self.unit.zh,
            "unit_en": self.unit.en,
            "note_zh": self.note.zh,
            "note_en": self.note.en,
        }


def count(name: Bilingual, number: Decimal | int | None, note: Bilingual = NOTHING, *, unit: Bilingual = NOTHING) -> Measure:
    """A number by itself."""
    return Measure(name, None if number is None else Decimal(number), None, unit, note)


def share(name: Bilingual, number: int, of: int, note: Bilingual = NOTHING) -> Measure:
    """A part of a whole; nothing to measure where the whole is empty."""
    return Measure(name, Decimal(number), Decimal(of), NOTHING, note) if of else Measure(name, None, None, note=note)


@dataclass(frozen=True)
class Table:
    """A small table below the measures: heads, and rows in both languages."""

    title: Bilingual
    heads: Sequence[Bilingual]
    rows: Sequence[Sequence[Bilingual | str]]


@dataclass(frozen=True)
class Dimension:
    """One of the nine dimensions.

    Attributes:
        asks: the question that it asks of the district's statistics.
        unmeasured: what belongs to it and is not measured here.
    """

    id: str
    name: Bilingual
    asks: Bilingual
    measures: Sequence[Measure]
    unmeasured: Sequence[Bilingual]
    tables: Sequence[Table] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """As `fugong quality --json` prints it."""
        return {
            "id": self.id,
            "name_zh": self.name.zh,
            "name_en": self.name.en,
            "measures": [one.to_json() for one in self.measures],
            "unmeasured_zh": [one.zh for one in self.unmeasured],
            "unmeasured_en": [one.en for one in self.unmeasured],
        }


@dataclass(frozen=True)
class Page:
    """The page of a month.

    Attributes:
        first, last: the days of the month that were reported on.
        known_at: the moment of knowledge.
    """

    month: date
    first: date
    last: date
    known_at: datetime
    dimensions: tuple[Dimension, ...]

    def to_json(self) -> dict[str, Any]:
        """As `fugong quality --json` prints it."""
        return {
            "month": f"{self.month:%Y-%m}",
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "known_at": self.known_at.isoformat(),
            "dimensions": [one.to_json() for one in self.dimensions],
        }


@dataclass(frozen=True)
class Span:
    """The days that a page is about, and the moment of knowledge."""

    first: date
    last: date
    known_at: datetime

    @property
    def names(self) -> dict[str, object]:
        """For the placeholders of queries."""
        return {"first": self.first, "last": self.last, "known_at": self.known_at}
