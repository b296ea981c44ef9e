"""The values that a load passes on: the submission, the parts that it brings, the decision about it, and its outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from fugong.contracts.contract import Table
from fugong.core.vocabulary import PartKind, State
from fugong.evidence.rows import PartDigest
from fugong.findings.finding import Finding
from fugong.intake.identify import Identified


@dataclass(frozen=True)
class Submission:
    """The row of `intake.submission` that is being loaded.

    Attributes:
        sha256: of the archived file; None where nothing was kept of it.
        replays: the submission whose file is evaluated again. The parts of this one take the place of exactly its parts.
    """

    submission_id: int
    department: str
    file_name: str
    sha256: str | None
    received_at: datetime
    is_history: bool
    replays: int | None = None


@dataclass(frozen=True)
class Counts:
    """Where the lines of a file ended: every line is in exactly one of the three."""

    accepted: int
    set_aside: int
    not_data: int

    @property
    def read(self) -> int:
        """All lines."""
        return self.accepted + self.set_aside + self.not_data


@dataclass(frozen=True)
class Outcome:
    """What became of one submission."""

    submission_id: int
    department: str
    file_name: str
    report: str | None
    report_date: date | None
    state: State
    rows_read: int
    rows_accepted: int
    rows_set_aside: int
    rows_not_data: int


@dataclass
class PartToLoad:
    """A part about to be loaded: one table of the file, for one unit. `versions.resolve` sets its version and what it replaces.

    Attributes:
        days: the business dates of its rows.
        columns_present: columns of the contract that the file has.
        is_replay: it takes the place of the same part of the submission that is evaluated again, wherever that part stands.
        digest: of its rows, while they are those that were copied; None where none was.
    """

    part_id: int
    table: Table
    sheet: str
    unit: str
    kind: PartKind = PartKind.DATA
    version: int = 1
    is_replacement: bool = False
    accepted: int = 0
    set_aside: int = 0
    not_data: int = 0
    days: set[date] = field(default_factory=set[date])
    replaces: list[int] = field(default_factory=list[int])
    repairs_part: int | None = None
    superseded_by: int | None = None
    superseded_at: datetime | None = None
    is_withdrawn: bool = False
    columns_present: tuple[str, ...] = ()
    is_replay: bool = False
    digest: PartDigest | None = None


ReturnedLine = tuple[str | None, int]
"""Sheet and row number of a returned row; without a sheet, any of the table."""


@dataclass(frozen=True)
class RepairedLines:
    """The lines of a table in the file that was sent first, for which a repair brings good rows.

    Attributes:
        lines: sheet and row number of each; the sheet is None where the repair does not name it.
    """

    table: str
    lines: tuple[ReturnedLine, ...]


@dataclass(frozen=True)
class Accept:
    """The file counts: its rows are copied, its parts are resolved, and the settling clock is held until the commit.

    Attributes:
        settled_at: from when it counts (for history: when it arrived).
        settled_serial: its place in the order of commits.
        repaired: for a repair, the returned lines that it repairs.
    """

    identified: Identified
    parts: Sequence[PartToLoad]
    settled_at: datetime
    settled_serial: int
    repaired: Sequence[RepairedLines] = ()


@dataclass(frozen=True)
class AskBack:
    """The file is rejected with a question; the sender answers it with one word in the file's name, or by sending less."""

    question: Finding


@dataclass(frozen=True)
class Duplicate:
    """The same bytes count already for the same report and date."""


@dataclass(frozen=True)
class Reject:
    """The whole file goes back.

    Attributes:
        reason: a finding that evaluation could not record yet.
    """

    reason: Finding | None = None


Decision = Accept | AskBack | Duplicate | Reject
