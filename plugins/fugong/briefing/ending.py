"""How publications end: withdrawn by a person with a reason, or superseded by another one of the day.

One publication of a day is in force at most: the last one that was signed, or the last provisional one where none was.

The documents stay as they were published; rows of `audit.publication_end` mark them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import psycopg

from fugong.core.bilingual import Bilingual
from fugong.core.errors import NotFoundError, RefusedError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.evidence.settlement import record_rows

MARK = "_已撤回"
"""Ends the names of copies of what was withdrawn."""


class EndKind(StrEnum):
    """How a publication ends."""

    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class End:
    """How a publication ended.

    Attributes:
        successor_id: the publication that supersedes it; None of one that was withdrawn.
        person: who withdrew it, or signed its successor.
    """

    kind: EndKind
    successor_id: int | None
    person: str
    reason: str
    recorded_at: datetime

    @property
    def text(self) -> Bilingual:
        """How the publication is marked."""
        if self.kind is EndKind.SUPERSEDED:
            return Bilingual(f"以第 {self.successor_id} 号为准", f"number {self.successor_id} is in force instead")
        on = f"{self.recorded_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        return Bilingual(f"已撤回:{self.reason}({self.person},{on})", f"withdrawn: {self.reason} ({self.person}, {on})")

    def to_json(self) -> dict[str, Any]:
        """As `fugong published --json` prints it."""
        return {
            "kind": self.kind,
            "successor_id": self.successor_id,
            "person": self.person,
            "reason": self.reason,
            "recorded_at": self.recorded_at.isoformat(),
        }


def ends(connection: psycopg.Connection) -> dict[int, End]:
    """How publications ended, by publication. A withdrawal counts for more than a successor."""
    rows = connection.execute(
        """
        SELECT DISTINCT ON (publication_id) publication_id, kind, successor_id, person, reason, recorded_at
        FROM audit.publication_end
        ORDER BY publication_id, kind DESC
        """
    ).fetchall()
    return {number: End(EndKind(kind), *row) for number, kind, *row in rows}


def withdraw(connection: psycopg.Connection, publication_id: int, *, person: str, reason: str, account: str | None = None) -> End:
    """Withdraw a publication. Its files stay and are marked from now on.

    Args:
        person: who withdraws it, by post and name.
        account: of that person.

    Raises:
        NotFoundError: there is no such publication.
        RefusedError: no person or no reason is named, or it has been withdrawn before.
    """
    person, reason = (" ".join(text.split()) for text in (person, reason))
    if not person or not reason:
        raise RefusedError("撤回要写明经办人和理由 | a withdrawal needs a person and a reason")
    if connection.execute("SELECT FROM audit.published WHERE publication_id = %s", (publication_id,)).fetchone() is None:
        raise NotFoundError(f"没有编号 {publication_id} 的发布 | nothing was published as number {publication_id}")
    row = connection.execute(
        """
        INSERT INTO audit.publication_end (publication_id, kind, person, account, reason) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT DO NOTHING
        RETURNING kind, successor_id, person, reason, recorded_at
        """,
        (publication_id, EndKind.WITHDRAWN, person, account, reason),
    ).fetchone()
    if row is None:
        raise RefusedError(f"编号 {publication_id} 已经撤回 | number {publication_id} has been withdrawn before")
    record_rows(connection, "withdrawal", str(publication_id), {"publication_end": [publication_id]})
    return End(EndKind(row[0]), *row[1:])


def supersede(connection: psycopg.Connection, as_of: date, number: int, *, person: str, is_provisional: bool) -> list[int]:
    """Leave one publication of a day in force: this one, or the signed one that was there, where this one is provisional.

    Returns:
        the publications that are superseded now.
    """
    signed = connection.execute(
        """
        SELECT MAX(publication_id)
        FROM audit.published AS earlier
        WHERE
            as_of = %s
            AND publication_id <> %s
            AND NOT is_provisional
            AND NOT EXISTS (SELECT FROM audit.publication_end AS ended WHERE ended.publication_id = earlier.publication_id)
        """,
        (as_of, number),
    ).fetchone()
    in_force = signed[0] if is_provisional and signed and signed[0] else number
    rows = connection.execute(
        """
        INSERT INTO audit.publication_end (publication_id, kind, successor_id, person, reason)
        SELECT DISTINCT publication_id, %(kind)s, %(in_force)s::bigint, %(person)s, ''
        FROM audit.published AS other
        WHERE
            as_of = %(as_of)s
            AND publication_id <> %(in_force)s
            AND NOT EXISTS (SELECT FROM audit.publication_end AS ended WHERE ended.publication_id = other.publication_id)
        RETURNING publication_id
        """,
        {"kind": EndKind.SUPERSEDED, "in_force": in_force, "person": person, "as_of": as_of},
    ).fetchall()
    return [superseded for (superseded,) in rows]


def mark_copies(settings: Settings, connection: psycopg.Connection, publication_id: int) -> None:
    """Mark the copies of a withdrawn publication in the folder of the day by their names."""
    [(day,)] = connection.execute(
        "SELECT DISTINCT as_of FROM audit.published WHERE publication_id = %s", (publication_id,)
    ).fetchall()
    for file in sorted((settings.briefings / day.isoformat()).glob(f"*_第{publication_id}号*")):
        if not file.stem.endswith(MARK):
            file.rename(file.with_stem(f"{file.stem}{MARK}"))
