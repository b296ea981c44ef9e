"""Which account sent a file on the pages: a row for each, written before the file is put into the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import psycopg


class What(StrEnum):
    """What somebody sent."""

    FILE = "file"
    ROWS = "rows"
    """Returned rows, mended on the page."""
    ANSWERS = "answers"


@dataclass(frozen=True)
class Sent:
    """Who sent a file; `about` is the submission whose rows or doubts it is about."""

    account: str
    what: What
    about: int | None
    recorded_at: datetime


def note_upload(
    connection: psycopg.Connection,
    account: str,
    department: str,
    file_name: str,
    sha256: str,
    *,
    session_id: int | None,
    what: What = What.FILE,
    about: int | None = None,
) -> int:
    """Record that an account sends a file, and return the number of the record."""
    [(number,)] = connection.execute(
        "INSERT INTO access.upload (account, session_id, department_code, what, about, file_name, sha256)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING upload_id",
        (account, session_id, department, what, about, file_name, sha256),
    ).fetchall()
    return number


def name_upload(connection: psycopg.Connection, number: int, file_name: str) -> None:
    """Record the name under which it lies in the inbox: another file may have had the one that was given."""
    connection.execute("UPDATE access.upload SET file_name = %s WHERE upload_id = %s", (file_name, number))


def sender_of(connection: psycopg.Connection, submission_id: int) -> Sent | None:
    """Who sent a submission on the pages; None where it came by the folder.

    An upload is the first file of these bytes, of this name and department that was collected after it.
    """
    row = connection.execute(
        """
        SELECT upload.account, upload.what, upload.about, upload.recorded_at
        FROM intake.submission AS own
        INNER JOIN access.upload
            ON own.sha256 = upload.sha256 AND own.department_code = upload.department_code AND own.file_name = upload.file_name
            AND upload.recorded_at <= own.recorded_at
        WHERE own.submission_id = %s AND own.replays IS NULL AND NOT EXISTS (
            SELECT FROM intake.submission AS earlier
            WHERE earlier.sha256 = upload.sha256 AND earlier.department_code = upload.department_code
                AND earlier.file_name = upload.file_name AND earlier.submission_id < own.submission_id
                AND earlier.replays IS NULL AND earlier.recorded_at >= upload.recorded_at
        )
        ORDER BY upload.upload_id LIMIT 1
        """,
        (submission_id,),
    ).fetchone()
    return None if row is None else Sent(row[0], What(row[1]), row[2], row[3])
