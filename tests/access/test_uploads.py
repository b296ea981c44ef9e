"""Who sent which file on the pages, as an administrator lists it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg

from fugong.access.uploads import What, note_upload, uploads

Connection = psycopg.Connection[Any]


def test_uploads_are_listed_with_what_became_of_them(connection: Connection) -> None:
    [(number, department, name, digest)] = connection.execute(
        "SELECT submission_id, department_code, file_name, COALESCE(sha256, 'x') FROM intake.submission ORDER BY submission_id LIMIT 1"
    ).fetchall()
    connection.execute("UPDATE intake.submission SET sha256 = %s, recorded_at = now() + interval '1 day'", (digest,))
    note_upload(connection, "li.si", department, name, digest, session_id=1)
    note_upload(connection, "wang.wu", "TAX", "mended.xlsx", "y", session_id=None, what=What.ROWS, about=number)
    newest, first = uploads(connection, None, None, 10)
    assert (newest.account, newest.what, newest.about, newest.submission_id) == ("wang.wu", What.ROWS, number, None)
    assert (first.account, first.what.names.zh, first.submission_id) == ("li.si", "上传文件", number)
    assert datetime.fromisoformat(str(first.to_json()["recorded_at"])) == first.recorded_at
    assert [one.account for one in uploads(connection, "li.si", None, 10)] == ["li.si"]
    assert [one.account for one in uploads(connection, None, "TAX", 10)] == ["wang.wu"]
    assert [one.account for one in uploads(connection, None, None, 1)] == ["wang.wu"]
