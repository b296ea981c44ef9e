"""What is being settled: a submission, the parts that it brings, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from fugong.contracts.contract import Table
from fugong.findings.finding import Finding


class AskedBack(Exception):
    """The file is refused with a question that one word in its name answers."""

    def __init__(self, item: Finding) -> None:
        """Keep the finding that asks."""
        super().__init__(item.message_en)
        self.item = item


@dataclass(frozen=True)
class Submission:
    """The row of `intake.submission` being settled.

    Attributes:
        replays: the submission whose file is judged again; what this one brings takes the place of exactly its parts.
    """

    submission_id: int
    department: str
    file_name: str
    sha256: str
    received_at: datetime
    is_history: bool
    replays: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one submission."""

    submission_id: int
    department: str
    file_name: str
    report: str | None
    report_date: date | None
    state: str
    rows_read: int
    rows_accepted: int
    rows_set_aside: int
    rows_not_data: int


@dataclass
class PartToLoad:
    """A part about to be settled: one table of the file, for one unit.

    Attributes:
        days: the business dates of its rows.
        present: columns of the contract that the file has.
        is_replay: it takes the place of the same part of the submission judged again, wherever that stands.
    """

    part_id: int
    table: Table
    sheet: str
    unit: str
    kind: str = "data"
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
    present: tuple[str, ...] = ()
    is_replay: bool = False
