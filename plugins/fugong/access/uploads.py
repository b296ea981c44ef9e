"""Which account sent a file on the pages: a row for each, written before the file is put into the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import psycopg

from fugong.core.bilingual import Bilingual


class What(StrEnum):
    """What somebody sent."""

    FILE = "file"
    ROWS = "rows"
    """Returned rows, mended on the page."""
    ANSWERS = "answers"

    @property
    def names(self) -> Bilingual:
        """Its name for people."""
        return NAMES[self]


NAMES = {
    What.FILE: Bilingual("上传文件", "file sent"),
    What.ROWS: Bilingual("改退回行", "rows mended"),
    What.ANSWERS: Bilingual("核实答复", "doubts answered"),
}


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


@dataclass(frozen=True)
class Upload:
    """A file that somebody sent on the pages.

    Attributes:
        submission_id: what became of it; None while it lies in the inbox.
    """

    upload_id: int
    recorded_at: datetime
    account: str
    department_code: str
    what: What
    about: int | None
    file_name: str
    sha256: str
    submission_id: int | None

    def to_json(self) -> dict[str, Any]:
        """As `fugong account uploads --json` prints it."""
        return {**vars(self), "recorded_at": self.recorded_at.isoformat(), "what": self.what.value}


def uploads(connection: psycopg.Connection, account: str | None, department: str | None, at_most: int) -> list[Upload]:
    """The newest files that were sent on the pages, by one account or all, for one department or all, the newest first."""
    rows = connection.execute(
        """
        SELECT
            upload.upload_id, upload.recorded_at, upload.account, upload.department_code, upload.what, upload.about,
            upload.file_name, upload.sha256,
            (
                SELECT MIN(submission.submission_id) FROM intake.submission
                WHERE submission.sha256 = upload.sha256 AND submission.department_code = upload.department_code
                    AND submission.file_name = upload.file_name AND submission.replays IS NULL
                    AND submission.recorded_at >= upload.recorded_at
            ) AS submission_id
        FROM access.upload
        WHERE (%(account)s::text IS NULL OR upload.account = %(account)s)
            AND (%(department)s::text IS NULL OR upload.department_code = %(department)s)
        ORDER BY upload.upload_id DESC LIMIT %(limit)s
        """,
        {"account": account, "department": department, "limit": at_most},
    ).fetchall()
    return [
        Upload(number, at, sender, whose, What(what), about, name, digest, submission)
        for number, at, sender, whose, what, about, name, digest, submission in rows
    ]


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
