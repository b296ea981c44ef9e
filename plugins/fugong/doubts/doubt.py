"""A doubt: a line of a report that may be wrong, and what it would hold if it were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from fugong.core.bilingual import Bilingual

Cell = Decimal | str | date | bool | None
"""What a cell of a report table holds."""


class Kind(StrEnum):
    """Where the other reading of a line comes from."""

    PROPOSAL = "proposal"
    """The rules of the row say what should stand in a cell."""
    CONTRADICTION = "contradiction"
    """Another report says so."""
    RATIO = "ratio"
    """The line before of the same firm or account says so."""


class Change(StrEnum):
    """What becomes of a line if the other reading is true."""

    CELL = "cell"
    ADDED = "added"
    """It was set aside, and would be loaded."""
    ABSENT = "absent"


@dataclass(frozen=True)
class Line:
    """A line of a report table.

    Attributes:
        part_id: the part that holds it, or that would hold it if it were loaded.
    """

    table: str
    part_id: int
    sheet: str
    row_number: int


@dataclass(frozen=True)
class Reading:
    """The other reading of a line.

    Attributes:
        source: `X07`, the code of a finding, or `HB`.
        cells: the cells that change; of a line that would be added all of them.
        why: what speaks for it.
    """

    kind: Kind
    source: str
    change: Change
    cells: Mapping[str, Cell]
    why: Bilingual = field(compare=False)


@dataclass(frozen=True)
class Doubt:
    """One line with one other reading. Lines with several readings have several doubts.

    Attributes:
        column: the cell to ask about; empty where the whole line is in doubt.
    """

    line: Line
    column: str
    reading: Reading
