"""Looks at single firms: who asked for which page, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg


@dataclass(frozen=True)
class Look:
    """A request of a page that shows single firms; `session_id` is None for a program."""

    access_id: int
    recorded_at: datetime
    account: str
    session_id: int | None
    page: str
    address: str | None

    def to_json(self) -> dict[str, Any]:
        """As `fugong account looks --json` prints it."""
        return {
            "recorded_at": self.recorded_at.isoformat(),
            "account": self.account,
            "session_id": self.session_id,
            "page": self.page,
            "address": self.address,
        }


def note_look(connection: psycopg.Connection, account: str, page: str, *, session_id: int | None, address: str | None) -> None:
    """Record a look."""
    connection.execute(
        "INSERT INTO access.firm_access (account, session_id, page, address) VALUES (%s, %s, %s, %s)",
        (account, session_id, page, address),
    )


def looks(connection: psycopg.Connection, account: str | None, at_most: int) -> list[Look]:
    """The newest looks, of one account or of all, the newest first."""
    rows = connection.execute(
        "SELECT access_id, recorded_at, account, session_id, page, address FROM access.firm_access "
        "WHERE %(account)s::text IS NULL OR account = %(account)s ORDER BY access_id DESC LIMIT %(limit)s",
        {"account": account, "limit": at_most},
    ).fetchall()
    return [Look(*row) for row in rows]
