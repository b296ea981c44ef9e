"""An explanation: the least change of cells after which a row breaks no rule."""

from __future__ import annotations

from dataclasses import dataclass

from fugong.core.bilingual import Bilingual
from fugong.validation.localisation.parse_condition import Kind

TIE = 0.5
"""Explanations whose costs differ by less are told side by side."""


@dataclass(frozen=True)
class Change:
    """A cell that may be wrong.

    Attributes:
        proposed: what should stand there: a number, days since 1970, or a text; None where the rules do not say, or where it should be empty.
        is_certain: the other cells leave no other value.
        slip: how somebody may have come to mistype it.
        by: the columns that the proposed value follows from.
        source: what speaks for it outside the row, where no column does.
    """

    column: str
    kind: Kind
    proposed: float | str | None = None
    is_certain: bool = False
    slip: Bilingual | None = None
    by: tuple[str, ...] = ()
    is_to_be_empty: bool = False
    source: Bilingual | None = None


@dataclass(frozen=True)
class Explanation:
    """Cells whose change makes the row break no rule.

    Attributes:
        cost: what so many slips of such kinds weigh; the least one is the likeliest.
    """

    changes: tuple[Change, ...]
    cost: float

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its cells."""
        return tuple(change.column for change in self.changes)


@dataclass(frozen=True)
class Localised:
    """What is known of a row that breaks rules.

    Attributes:
        broken: the rules that it breaks, by their numbers in the suite: hard ones, and identities.
        mended: warnings that hold again once the proposed values stand there.
        explanations: the least ones; several where they tie, none where no change of one or two cells was found.
    """

    broken: tuple[int, ...]
    explanations: tuple[Explanation, ...]
    mended: tuple[int, ...] = ()

    @property
    def is_single(self) -> bool:
        """Whether one explanation stands out."""
        return len(self.explanations) == 1
