"""Attacks what analysts see, as a reader with a computer would: by every relation that the heads of the marts declare, and by subtracting days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from fugong.disclosure.attack import attack
from fugong.marts.changes import derive_changes
from fugong.marts.firms_behind import Key
from fugong.marts.open_cells import MARGIN
from fugong.marts.protection import Protection
from fugong.marts.reader import cells_in, members_of


@dataclass(frozen=True)
class Attacked:
    """What a reader derives for an amount of few firms, or for the change of a stock by which few firms moved.

    Attributes:
        key: of the row; of a change, that of the later day.
        column: of what is left of a whole, or of the hidden members of a sum together, their name.
        largest: the amount, or the change, of the largest firm behind it.
        reach: how far the derived interval reaches below and above the true value.
        is_told: whether publications alone lead as near: what is open adds nothing.
    """

    mart: str
    key: Key
    column: str
    is_change: bool
    largest: float
    reach: tuple[float, float]
    is_told: bool = False

    @property
    def interval(self) -> float:
        """How far the interval reaches to its nearer side, as a share of the largest firm's amount."""
        return min(self.reach) / self.largest

    @property
    def is_safe(self) -> bool:
        """Whether a reader comes no closer than `MARGIN`. The solver's tolerance apart."""
        return self.interval >= MARGIN * (1 - 1e-3)


def attack_rows(protections: Iterable[Protection]) -> Iterator[Attacked]:
    """Attack the rows of some months: every secret, and every change between two days by which few firms moved.

    Args:
        protections: of one mart, month by month.
    """
    before: Protection | None = None
    for protection in protections:
        name = protection.mart.name
        for day, system in protection.systems.items():
            told_by_publications = {secret.cell: secret for secret in protection.told.get(day, ())}
            others = (secret for secret in system.secrets if secret.cell not in told_by_publications)
            asked = replace(system, secrets=(*others, *told_by_publications.values()))
            derived = attack(asked, protection.hidden_cells(system))
            near = replace(asked, secrets=tuple(one.secret for one in derived if not one.is_safe))
            told = {one.secret for one in attack(near, cells_in(system)) if not one.is_safe}
            told |= {secret for secret in told_by_publications.values() if members_of(system, secret.cell)}
            for one in derived:
                kind, key, column = system.names[one.secret.cell]  # pyright: ignore[reportGeneralTypeIssues]
                what = column if kind == "cell" else f"{kind} {column}"
                yield Attacked(name, key, what, False, one.secret.margin / MARGIN, one.reach, one.secret in told)
        if protection.mart.partition_by == "as_of":
            for change in derive_changes(protection, before, is_thorough=True):
                yield Attacked(name, *change.cell, True, change.largest, change.reach, change.is_told)
        before = protection
