"""What SQL files of tables declare that people read: those of the briefing, and answers to questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fugong.core.bilingual import Bilingual
from fugong.marts.cells import MartCells
from fugong.marts.model import SqlFile


@dataclass(frozen=True)
class Publishes:
    """Sums of cells that a table of the briefing prints: one for each value of the keys `by`, rounded to multiples of `step`.

    Attributes:
        over: the column over which the sum is printed as a share; empty where the sum itself is printed.
        fewest: a share over fewer than these is left out, and so is one more of the same column of the table, so that nobody can subtract.
            The last key of `by` makes the table's rows, the others its columns.
    """

    cells: MartCells
    by: tuple[str, ...]
    step: float
    over: str = ""
    fewest: int = 0


@dataclass(frozen=True, eq=False)
class Annex(SqlFile):
    """A table of the briefing's annex or of its page one: its SELECT yields the rows to print for the day `:as_of`.

    Attributes:
        draft_label: stands before the texts of its column `draft` on page one of a draft; None where it has no such column.
        edition: the edition that alone has the table; empty for every edition.
        publishes: which sums of cells its rows print.
    """

    title: Bilingual
    draft_label: Bilingual | None
    edition: str = ""
    publishes: tuple[Publishes, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """What the person who asks may choose.

    Attributes:
        default: an SQL expression; None for the last day that the marts hold.
    """

    default: str | None
    label: Bilingual


@dataclass(frozen=True, eq=False)
class Question(SqlFile):
    """A question that analysts ask, and the SELECT that answers it.

    Attributes:
        role: the role that runs it, without `fugong_`.
        window_days: it reads the facts and marts of the day asked about and of so many days before it; or the parameter that says how many.
        codes: columns that hold codes, and the lists that name them.
        secondary: columns left out of a table on the screen.
    """

    number: int
    text: Bilingual
    role: str
    window_days: int | str
    parameters: Mapping[str, Parameter]
    codes: Mapping[str, tuple[str, ...]]
    secondary: tuple[str, ...]
