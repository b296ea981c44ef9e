"""The whole life of a submission: when it arrived, was settled and answered, what it replaced, what mended or replaced it, what it was in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from fugong.access.uploads import Sent, sender_of
from fugong.core.errors import NotFoundError
from fugong.core.vocabulary import Severity, State


@dataclass(frozen=True)
class Part:
    """What the submission brought to one table, and until when it counted."""

    table_name: str
    sheet: str
    unit: str
    report_date: date
    mode: str
    kind: str
    version: int
    rows_read: int
    rows_accepted: int
    rows_set_aside: int
    rows_not_data: int
    settled_at: datetime
    superseded_at: datetime | None
    superseding: int | None


@dataclass(frozen=True)
class Related:
    """Another submission that this one has to do with.

    Attributes:
        how: `repairs` (it mends this one), `repaired` (this one mends it), `replaces`, `replaced`, `replays`, `replayed`, `same` (the same
            bytes of the same department).
    """

    how: str
    submission_id: int
    file_name: str
    state: State
    received_at: datetime


@dataclass(frozen=True)
class FindingCount:
    """How often a rule found something in it."""

    severity: Severity
    code: str
    column_name: str
    n: int


@dataclass(frozen=True)
class Signed:
    """A publication at whose moment of knowledge a part of the submission was in force."""

    publication_id: int
    as_of: date
    known_at: datetime
    signed_at: datetime


@dataclass(frozen=True)
class Life:
    """A submission with all that happened to it.

    Attributes:
        recorded_at: when the row was written; for a file of the past that was loaded later, long after it arrived.
        replied_at: when its receipt was written.
        is_late: whether it arrived after it was due; what was due before the first file of all arrived is not late.
        sender: who sent it on the pages; None where it came by the folder.
    """

    submission_id: int
    department_code: str
    report: str | None
    report_date: date | None
    file_name: str
    sha256: str
    byte_size: int
    state: State
    contract_version: str | None
    received_at: datetime
    recorded_at: datetime
    settled_at: datetime | None
    replied_at: datetime | None
    due_at: datetime | None
    is_late: bool
    is_history: bool
    rows_read: int
    rows_accepted: int
    rows_set_aside: int
    rows_not_data: int
    parts: Sequence[Part]
    related: Sequence[Related]
    findings: Sequence[FindingCount]
    publications: Sequence[Signed]
    sender: Sent | None


RELATED = """
    SELECT 'repairs' AS how, other.* FROM intake.submission AS other WHERE other.repairs = %(id)s
    UNION ALL
    SELECT 'repaired', other.* FROM intake.submission AS own INNER JOIN intake.submission AS other ON own.repairs = other.submission_id
    WHERE own.submission_id = %(id)s
    UNION ALL
    SELECT 'replays', other.* FROM intake.submission AS other WHERE other.replays = %(id)s
    UNION ALL
    SELECT 'replayed', other.* FROM intake.submission AS own INNER JOIN intake.submission AS other ON own.replays = other.submission_id
    WHERE own.submission_id = %(id)s
    UNION ALL
    SELECT 'replaced', other.* FROM intake.submission AS other WHERE other.submission_id IN (
        SELECT older.submission_id FROM intake.part AS newer INNER JOIN intake.part AS older ON older.superseded_by = newer.part_id
        WHERE newer.submission_id = %(id)s AND older.submission_id <> %(id)s
    )
    UNION ALL
    SELECT 'replaces', other.* FROM intake.submission AS other WHERE other.submission_id IN (
        SELECT newer.submission_id FROM intake.part AS older INNER JOIN intake.part AS newer ON older.superseded_by = newer.part_id
        WHERE older.submission_id = %(id)s AND newer.submission_id <> %(id)s
    )
    UNION ALL
    SELECT 'same', other.* FROM intake.submission AS own INNER JOIN intake.submission AS other
        ON own.sha256 = other.sha256 AND own.department_code = other.department_code AND own.submission_id <> other.submission_id
        AND own.replays IS NULL AND other.replays IS NULL
    WHERE own.submission_id = %(id)s
"""


def load_life(connection: psycopg.Connection, submission_id: int) -> Life:
    """The life of a submission.

    Raises:
        NotFoundError: there is no such submission.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            """
            SELECT
                submission_id, department_code, report, report_date, file_name, sha256, byte_size, state, contract_version,
                received_at, recorded_at, settled_at, replied_at, due_at, is_history, rows_read, rows_accepted, rows_set_aside,
                rows_not_data,
                COALESCE(received_at > due_at AND due_at >= (SELECT MIN(received_at) FROM intake.submission), false) AS is_late
            FROM intake.submission WHERE submission_id = %s
            """,
            (submission_id,),
        ).fetchone()
    if row is None:
        raise NotFoundError(f"没有第 {submission_id} 号报送 | there is no submission {submission_id}")
    own: dict[str, Any] = {**row, "state": State(row["state"])}
    return Life(
        **own,
        parts=_parts(connection, submission_id),
        related=_related(connection, submission_id),
        findings=_findings(connection, submission_id),
        publications=_publications(connection, submission_id),
        sender=sender_of(connection, submission_id),
    )


def _parts(connection: psycopg.Connection, submission_id: int) -> list[Part]:
    with connection.cursor(row_factory=class_row(Part)) as cursor:
        return cursor.execute(
            """
            SELECT
                part.table_name, part.sheet, part.unit, part.report_date, part.mode, part.kind, part.version, part.rows_read,
                part.rows_accepted, part.rows_set_aside, part.rows_not_data, part.settled_at, part.superseded_at,
                newer.submission_id AS superseding
            FROM intake.part LEFT JOIN intake.part AS newer ON part.superseded_by = newer.part_id
            WHERE part.submission_id = %s ORDER BY part.part_id
            """,
            (submission_id,),
        ).fetchall()


def _related(connection: psycopg.Connection, submission_id: int) -> list[Related]:
    statement = (
        f"SELECT how, submission_id, file_name, state, received_at FROM ({RELATED}) AS found ORDER BY received_at, submission_id"
    )
    rows: list[tuple[Any, ...]] = connection.execute(statement.encode(), {"id": submission_id}).fetchall()
    return [Related(how, number, name, State(state), at) for how, number, name, state, at in rows]


def _findings(connection: psycopg.Connection, submission_id: int) -> list[FindingCount]:
    rows = connection.execute(
        """
        SELECT severity, code, COALESCE(column_name, ''), SUM(n_same)::bigint FROM intake.finding WHERE submission_id = %s
        GROUP BY 1, 2, 3 ORDER BY array_position(ARRAY['rejected', 'set_aside', 'warning', 'repaired'], severity), 4 DESC, 2, 3
        """,
        (submission_id,),
    ).fetchall()
    return [FindingCount(Severity(severity), code, column, n) for severity, code, column, n in rows]


def _publications(connection: psycopg.Connection, submission_id: int) -> list[Signed]:
    """A part counts for a publication if it was settled by its moment of knowledge, not yet replaced then, and not about a later day."""
    rows = connection.execute(
        """
        SELECT DISTINCT published.publication_id, published.as_of, published.known_at, published.signed_at
        FROM audit.published INNER JOIN intake.part
            ON part.settled_at <= published.known_at AND part.report_date <= published.as_of
            AND (part.superseded_at IS NULL OR part.superseded_at > published.known_at)
        WHERE part.submission_id = %s ORDER BY published.publication_id
        """,
        (submission_id,),
    ).fetchall()
    return [Signed(*row) for row in rows]
