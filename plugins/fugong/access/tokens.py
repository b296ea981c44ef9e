"""Tokens with which programs read the pages' interface in the name of an account. Only their digests are kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import psycopg

from fugong.access.account import Account, find_account
from fugong.core.errors import NotFoundError
from fugong.core.time import SHANGHAI

MARK = "fugong_"
DAYS = 90


@dataclass(frozen=True)
class Token:
    """A token, without its secret."""

    token_id: int
    name: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None

    @property
    def is_live(self) -> bool:
        """Whether it can still be used."""
        return self.ended_at is None and self.expires_at > datetime.now(SHANGHAI)


def issue(connection: psycopg.Connection, account: str, name: str, days: int = DAYS) -> str:
    """Make a token and return it, once."""
    token = MARK + secrets.token_urlsafe(32)
    connection.execute(
        "INSERT INTO access.api_token (account, name, digest, expires_at) VALUES (%s, %s, %s, %s)",
        (account, name[:80], _digest(token), datetime.now(SHANGHAI) + timedelta(days)),
    )
    return token


def tokens_of(connection: psycopg.Connection, account: str) -> list[Token]:
    """The tokens of an account, the newest first."""
    rows = connection.execute(
        "SELECT token_id, name, created_at, expires_at, ended_at FROM access.api_token WHERE account = %s ORDER BY token_id DESC",
        (account,),
    ).fetchall()
    return [Token(*row) for row in rows]


def end(connection: psycopg.Connection, account: str, token_id: int) -> None:
    """End a token of an account.

    Raises:
        NotFoundError: the account has no such token that could still be used.
    """
    found = connection.execute(
        "UPDATE access.api_token SET ended_at = clock_timestamp() WHERE account = %s AND token_id = %s AND ended_at IS NULL "
        "RETURNING token_id",
        (account, token_id),
    ).fetchone()
    if found is None:
        raise NotFoundError(f"没有令牌 {token_id} | no token {token_id}")


def account_of(connection: psycopg.Connection, token: str) -> Account | None:
    """Whose token it is, as the account is now; None where it is unknown, has ended, or the account is disabled."""
    row = connection.execute(
        "SELECT account FROM access.api_token WHERE digest = %s AND ended_at IS NULL AND expires_at > clock_timestamp()",
        (_digest(token),),
    ).fetchone()
    if row is None:
        return None
    person = find_account(connection, row[0])
    return person if person.is_active else None


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
