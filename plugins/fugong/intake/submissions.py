"""Rows of `intake.submission`: those that are open, those that a replay or a dry run adds, and what their receipts fixed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from fugong.core.errors import NotFoundError
from fugong.core.vocabulary import State
from fugong.evidence.settlement import record_reply
from fugong.intake.types import Submission
from fugong.messages.event import Event
from fugong.messages.outbox import record_message


def open_submissions(connection: psycopg.Connection, department: str) -> list[tuple[Submission, State]]:
    """The submissions of a department that are not loaded or have no receipt yet, with their states, in the order of arrival."""
    rows = connection.execute(
        """
        SELECT submission_id, department_code, file_name, sha256, received_at, is_history, state
        FROM intake.submission
        WHERE (state = 'received' OR replied_at IS NULL) AND department_code = %s
        ORDER BY received_at, submission_id
        """,
        (department,),
    ).fetchall()
    return [(Submission(*row[:6]), State(row[6])) for row in rows]


def find_submission(connection: psycopg.Connection, submission_id: int) -> tuple[Submission, State, bool]:
    """One submission, its state, and whether it has its receipt.

    Raises:
        NotFoundError: there is no such submission.
    """
    row = connection.execute(
        """
        SELECT submission_id, department_code, file_name, sha256, received_at, is_history, state, replied_at IS NOT NULL
        FROM intake.submission WHERE submission_id = %s
        """,
        (submission_id,),
    ).fetchone()
    if row is None:
        raise NotFoundError(f"没有第 {submission_id} 号报送。 | There is no submission {submission_id}.")
    return Submission(*row[:6]), State(row[6]), bool(row[7])


def add_replay(connection: psycopg.Connection, old: Submission) -> Submission:
    """Add a submission of the same file, whose parts take the place of those of the old one."""
    row = connection.execute(
        """
        INSERT INTO intake.submission
        (arrival_id, department_code, file_name, sha256, byte_size, received_at, state, replays)
        SELECT 'replay:' || submission_id, department_code, file_name, sha256, byte_size, received_at, 'received', submission_id
        FROM intake.submission WHERE submission_id = %s
        RETURNING submission_id
        """,
        (old.submission_id,),
    ).fetchone()
    assert row is not None  # it was found a moment ago; no submission is ever deleted
    return Submission(
        int(row[0]), old.department, old.file_name, old.sha256, old.received_at, is_history=False, replays=old.submission_id
    )


def add_dry_run(
    connection: psycopg.Connection, department: str, file_name: str, sha256: str, byte_size: int, received_at: datetime
) -> Submission:
    """Add a submission of a file that is only tried; the caller rolls it back."""
    row = connection.execute(
        """
        INSERT INTO intake.submission (arrival_id, department_code, file_name, sha256, byte_size, received_at)
        VALUES (%s, %s, %s, %s, %s, %s) RETURNING submission_id
        """,
        (f"dry-run:{uuid.uuid4()}", department, file_name, sha256, byte_size, received_at),
    ).fetchone()
    assert row is not None  # just inserted
    return Submission(int(row[0]), department, file_name, sha256, received_at, is_history=False)


def fix_receipt(connection: psycopg.Connection, submission_id: int, moment: Mapping[str, Any]) -> None:
    """Store what a receipt says at its moment, before its files are written; every later receipt says the same."""
    connection.execute(
        "UPDATE intake.submission SET receipt = %s WHERE submission_id = %s AND receipt IS NULL", (Jsonb(moment), submission_id)
    )


def note_receipt_written(connection: psycopg.Connection, submission_id: int) -> None:
    """Note that the files of a receipt are written; the log takes note, and who wants to know is told, unless the file is history."""
    with connection.transaction():
        noted = connection.execute(
            """
            UPDATE intake.submission SET replied_at = clock_timestamp() WHERE submission_id = %s AND replied_at IS NULL
            RETURNING department_code, report, report_date, state, received_at, is_history
            """,
            (submission_id,),
        ).fetchone()
        if noted is None:
            return
        record_reply(connection, submission_id)
        department, report, report_date, state, received_at, is_history = noted
        if not is_history:
            facts: dict[str, str | int] = {
                "submission": submission_id,
                "department": department,
                "report": report or "",
                "report_date": report_date.isoformat() if report_date else "",
                "state": state,
                "received_at": received_at.isoformat(timespec="minutes"),
            }
            record_message(connection, Event.RECEIPT_OUT, str(submission_id), facts, department=department)
