"""What one department sent and what became of it, read by its own role through the views of `sent`: nothing of others can be seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import LiteralString

import psycopg
from psycopg.rows import class_row

from fugong.contracts.contract import Contract
from fugong.contracts.schedule import Calendar, is_workday, load_calendar
from fugong.core.errors import NotFoundError
from fugong.core.time import each_day
from fugong.core.vocabulary import State, Verdict
from fugong.intake.uploads import Uploaded

SCHEMA = "sent"
COLUMNS: LiteralString = """
    submission_id, file_name, sha256, byte_size, report, report_date, state, received_at, settled_at, due_at, repairs,
    rows_read, rows_accepted, rows_set_aside, rows_not_data, replied_at IS NOT NULL AND receipt IS NOT NULL AS is_answered
"""
CLOCKS = timedelta(seconds=2)
"""By so much the clock of the warehouse may be behind ours."""


@dataclass(frozen=True)
class SentFile:
    """A submission, as its department sees it.

    Attributes:
        is_answered: its receipt is there.
    """

    submission_id: int
    file_name: str
    sha256: str | None
    byte_size: int | None
    report: str | None
    report_date: date | None
    state: str
    received_at: datetime
    settled_at: datetime | None
    due_at: datetime | None
    repairs: int | None
    rows_read: int
    rows_accepted: int
    rows_set_aside: int
    rows_not_data: int
    is_answered: bool

    @property
    def shown_state(self) -> State:
        """Its state; as long as its receipt is not written, it is only received."""
        return State(self.state) if self.is_answered else State.RECEIVED


def latest(connection: psycopg.Connection, limit: int) -> list[SentFile]:
    """The files that came last, the newest first."""
    return _read(connection, "ORDER BY submission_id DESC LIMIT %s", limit)


def received_between(connection: psycopg.Connection, first: datetime, last: datetime, limit: int) -> list[SentFile]:
    """The files that came from one moment to before another, the newest first."""
    return _read(
        connection, "WHERE received_at >= %s AND received_at < %s ORDER BY received_at DESC, submission_id DESC LIMIT %s",
        first, last, limit,
    )  # fmt: skip


def history(connection: psycopg.Connection, report: str | None, day: date | None, limit: int, offset: int) -> list[SentFile]:
    """The files of a report and day, or of all, the newest first."""
    return _read(
        connection, "WHERE (%s::text IS NULL OR report = %s) AND (%s::date IS NULL OR report_date = %s)"
        " ORDER BY received_at DESC, submission_id DESC LIMIT %s OFFSET %s",
        report, report, day, day, limit, offset,
    )  # fmt: skip


def with_versions(connection: psycopg.Connection, numbers: Sequence[int]) -> set[int]:
    """Those of the files whose report and day were sent more than once, repairs apart."""
    rows = connection.execute(
        """
        SELECT file.submission_id
        FROM sent.submission AS file
        INNER JOIN sent.submission AS other ON file.report = other.report AND file.report_date = other.report_date
        WHERE file.submission_id = ANY(%s) AND other.repairs IS NULL AND other.state <> 'duplicate'
        GROUP BY file.submission_id
        HAVING COUNT(*) > 1
        """,
        (list(numbers),),
    ).fetchall()
    return {number for (number,) in rows}


def versions_used(connection: psycopg.Connection) -> dict[str, str]:
    """Report → the version of its contract by which the last file was judged."""
    rows = connection.execute(
        """
        SELECT DISTINCT ON (report) report, contract_version FROM sent.submission
        WHERE report IS NOT NULL AND contract_version IS NOT NULL
        ORDER BY report, received_at DESC, submission_id DESC
        """
    ).fetchall()
    return {str(report): str(version) for report, version in rows}


def contracts_since(connection: psycopg.Connection) -> dict[str, date]:
    """Report → the day since which its contract is as it is."""
    rows = connection.execute("SELECT id, recorded_at FROM ref.contract").fetchall()
    return {str(name): moment.date() for name, moment in rows}


def versions_of(connection: psycopg.Connection, report: str, day: date) -> list[SentFile]:
    """Everything that was sent for a report and day, in the order of arrival; files that repair others included."""
    return _read(connection, "WHERE report = %s AND report_date = %s ORDER BY received_at, submission_id", report, day)


def repairs_of(connection: psycopg.Connection, submission_id: int) -> list[SentFile]:
    """The files that mended returned rows of a submission."""
    return _read(connection, "WHERE repairs = %s ORDER BY submission_id", submission_id)


def days_with_files(connection: psycopg.Connection) -> list[tuple[date, int]]:
    """The report dates that files were sent for and how many, the newest first."""
    return connection.execute(
        "SELECT report_date, COUNT(*) FROM sent.submission WHERE report_date IS NOT NULL GROUP BY report_date ORDER BY 1 DESC"
    ).fetchall()


def sent_file(connection: psycopg.Connection, submission_id: int) -> SentFile:
    """One of the department's files.

    Raises:
        NotFoundError: there is none of that number, or another department sent it.
    """
    found = _read(connection, "WHERE submission_id = %s", submission_id) if 0 < submission_id < 1 << 31 else []
    if not found:
        raise NotFoundError(f"没有第 {submission_id} 号报送 | There is no submission {submission_id}")
    return found[0]


def find_upload(connection: psycopg.Connection, uploaded: Uploaded) -> SentFile | None:
    """The submission that an upload has become; None while it lies in the inbox."""
    found = _read(
        connection,
        "WHERE (sha256 = %s OR sha256 IS NULL) AND file_name = %s AND received_at >= %s ORDER BY submission_id LIMIT 1",
        uploaded.sha256,
        uploaded.kept_name,
        uploaded.at - CLOCKS,
    )
    return found[0] if found else None


def answered(connection: psycopg.Connection, questions: Sequence[int]) -> dict[int, tuple[Verdict, str]]:
    """Question → verdict and reason that hold now, for those of the questions that were answered."""
    rows = connection.execute(
        "SELECT question_id, verdict, reason FROM sent.answer WHERE question_id = ANY(%s) AND superseded_at IS NULL",
        (list(questions),),
    ).fetchall()
    return {number: (Verdict(verdict), reason or "") for number, verdict, reason in rows}


def n_to_verify(connection: psycopg.Connection, submission_id: int) -> int:
    """How many doubts about a file are not settled now."""
    [(n,)] = connection.execute(
        """
        SELECT COUNT(DISTINCT finding.question_id) FROM sent.finding
        WHERE finding.submission_id = %s AND finding.severity = 'warning' AND finding.question_id IS NOT NULL AND finding.answer_id IS NULL
            AND NOT EXISTS (
                SELECT FROM sent.answer
                WHERE answer.question_id = finding.question_id AND answer.superseded_at IS NULL AND answer.verdict <> 'pending'
            )
        """,
        (submission_id,),
    ).fetchall()
    return n


def own_contracts(contracts: Iterable[Contract], department: str) -> list[Contract]:
    """The reports that a department sends."""
    return [contract for contract in contracts if department in contract.senders]


@dataclass(frozen=True)
class CalendarDay:
    """A day of the calendar.

    Attributes:
        is_shifted: it is a working day at a weekend, or a day off in the week (调休).
    """

    day: date
    is_workday: bool
    is_shifted: bool


def calendar_days(connection: psycopg.Connection, first: date, last: date) -> list[CalendarDay]:
    """The days from the first to the last, as the district's calendar has them."""
    calendar = load_calendar(connection)
    usual: Calendar = {}
    return [
        CalendarDay(day, is_workday(day, calendar), is_workday(day, calendar) is not is_workday(day, usual))
        for day in each_day(first, last)
    ]


def _read(connection: psycopg.Connection, rest: LiteralString, *parameters: object) -> list[SentFile]:
    with connection.cursor(row_factory=class_row(SentFile)) as cursor:
        return cursor.execute("SELECT" + COLUMNS + "FROM sent.submission " + rest, parameters).fetchall()
