"""Passwords of the pages where no directory knows them: argon2id hashes, chosen by the person after an initial one."""

from __future__ import annotations

import secrets
from functools import lru_cache

import psycopg
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from fugong.access.account import find_account
from fugong.access.authentication import PASSWORD_CHARACTERS, Answer
from fugong.access.manage import note_password
from fugong.core.errors import RefusedError

AT_LEAST = 10
INITIAL_WORDS = 4
HASHER = PasswordHasher()


@lru_cache
def _nobodys_hash() -> str:
    """A hash that no password has: unknown names take as long as known ones."""
    return HASHER.hash(secrets.token_urlsafe(32))


def verify(connection: psycopg.Connection, account: str, password: str) -> Answer:
    """Whether a password is right; a hash with older parameters is made anew."""
    row = connection.execute("SELECT hash FROM access.page_password WHERE account = %s", (account,)).fetchone()
    try:
        HASHER.verify(row[0] if row else _nobodys_hash(), password)
    except (VerifyMismatchError, InvalidHashError):
        return Answer.WRONG
    if row is None:
        return Answer.WRONG
    if HASHER.check_needs_rehash(row[0]):
        connection.execute("UPDATE access.page_password SET hash = %s WHERE account = %s", (HASHER.hash(password), account))
    return Answer.RIGHT


def is_initial(connection: psycopg.Connection, account: str) -> bool:
    """Whether the person still has the password that an administrator made."""
    return connection.execute("SELECT is_initial FROM access.page_password WHERE account = %s", (account,)).fetchone() == (True,)


def give_initial(connection: psycopg.Connection, account: str) -> str:
    """Give an account a first password for the pages and return it, once. Needs the owner's connection.

    Raises:
        NotFoundError: there is no such account.
        RefusedError: it is disabled.
    """
    if not find_account(connection, account).is_active:
        raise RefusedError(f"账号 {account} 已停用 | the account {account} is disabled")
    password = "-".join(secrets.token_hex(3) for _ in range(INITIAL_WORDS))
    connection.execute(
        "INSERT INTO access.page_password (account, hash, is_initial) VALUES (%(account)s, %(hash)s, true) "
        "ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, is_initial = true, changed_at = clock_timestamp()",
        {"account": account, "hash": HASHER.hash(password)},
    )
    note_password(connection, account)
    return password


def choose(connection: psycopg.Connection, account: str, old: str, new: str) -> None:
    """Let a person choose a password.

    Raises:
        RefusedError: the old one is wrong, or the new one is too short, too long, the old one or the account's name.
    """
    if verify(connection, account, old) is not Answer.RIGHT:
        raise RefusedError("现在的口令不对 | The present password is wrong")
    if not AT_LEAST <= len(new) <= PASSWORD_CHARACTERS:
        raise RefusedError(f"新口令要有 {AT_LEAST} 个字符以上 | A new password has {AT_LEAST} characters or more")
    if new == old or new.strip().lower() == account:
        raise RefusedError("新口令不能与账号或现在的口令相同 | A new password is neither the account nor the present one")
    connection.execute(
        "UPDATE access.page_password SET hash = %s, is_initial = false, changed_at = clock_timestamp() WHERE account = %s",
        (HASHER.hash(new), account),
    )
