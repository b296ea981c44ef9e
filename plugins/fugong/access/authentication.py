"""Logins to the pages: who may, who is locked out after wrong passwords, and the record of each.

Whether a password is right is asked of a directory, which the caller hands in; here it is decided what follows from the answer. All that
must outlive a restart, and must hold on several servers at once, is a row of `access.login_event`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import psycopg

from fugong.access.account import AIRFLOW_ROLES, Account, Role, find_account
from fugong.access.manage import NAME
from fugong.core.errors import NotFoundError, RefusedError
from fugong.core.settings import Settings, number_of
from fugong.core.time import SHANGHAI
from fugong.warehouse.connection import connect_as_loader

PASSWORD_CHARACTERS = 1024
"""No password is longer; what is longer is not passed on."""


class Event(StrEnum):
    """What is recorded."""

    LOGIN = "login"
    FAILED = "failed"
    """The directory does not know the name, or the password is wrong. These lead to a lock."""
    LOCKED = "locked"
    """Refused because of a lock, whatever the password: it makes the lock no longer."""
    REFUSED = "refused"
    """The password is right; there is no account, it is disabled, or none of its roles is one of Airflow's."""
    UNAVAILABLE = "unavailable"
    LOGOUT = "logout"
    UNLOCKED = "unlocked"


class Answer(StrEnum):
    """What a directory says of a name and a password."""

    RIGHT = "right"
    WRONG = "wrong"
    AWAY = "away"
    """It could not be asked."""


Ask = Callable[[str, str], Answer]
Connect = Callable[[Settings], AbstractContextManager[psycopg.Connection]]


@dataclass(frozen=True)
class LoginRules:
    """What a district may set about logins.

    Attributes:
        lock_after: wrong passwords until an account is locked.
        lock_seconds: how long, from the last wrong one. Wrong ones further apart than this do not add up.
        idle_seconds: a session ends after this long without a request.
        session_seconds: and after this long in any case.
    """

    lock_after: int = 5
    lock_seconds: int = 1800
    idle_seconds: int = 1800
    session_seconds: int = 36_000

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> LoginRules:
        """Read `FUGONG_LOCK_AFTER`, `FUGONG_LOCK_SECONDS`, `FUGONG_IDLE_SECONDS` and `FUGONG_SESSION_SECONDS`.

        Raises:
            ConfigurationError: one of them is no number, or out of bounds.
        """
        return cls(
            lock_after=number_of(environ, "FUGONG_LOCK_AFTER", cls.lock_after, 1, 10),
            lock_seconds=number_of(environ, "FUGONG_LOCK_SECONDS", cls.lock_seconds, 1, 86_400),
            idle_seconds=number_of(environ, "FUGONG_IDLE_SECONDS", cls.idle_seconds, 1, 7_200),
            session_seconds=number_of(environ, "FUGONG_SESSION_SECONDS", cls.session_seconds, 1, 86_400),
        )


@dataclass(frozen=True)
class Session:
    """A person who is logged in; the number is that of the login."""

    account: Account
    session_id: int


class LoginRefusedError(RefusedError):
    """A login is refused: `event` is what was recorded, the sentence is for the person."""

    def __init__(self, event: Event, sentence: str) -> None:
        super().__init__(sentence)
        self.event = event


WRONG = "账号或口令不对 | Wrong account or password"
AWAY = "目录服务没有应答,现在无法登录;请稍后再试,或告知管理员 | The directory does not answer, so nobody can log in; try later, or tell the administrator"


def log_in(
    settings: Settings,
    rules: LoginRules,
    name: str,
    password: str,
    ask: Ask,
    address: str | None = None,
    *,
    roles: Collection[Role] = tuple(AIRFLOW_ROLES),
    connect: Connect = connect_as_loader,
) -> Session:
    """Log a person in.

    Args:
        name: as typed; accounts are written in small letters, directories do not mind.
        ask: asks the directory. Never called for a name that no account can have, or while the account is locked.
        address: where the request came from.
        roles: one of which the account must have.
        connect: connects as the process that lets people in.

    Raises:
        LoginRefusedError: the person is not let in.
    """
    account = name.strip().lower()
    if not NAME.fullmatch(account):
        account = ""  # not kept: people type passwords into the wrong field
    # Raised outside, or it would roll back what was recorded.
    with connect(settings) as connection:
        found = _decide(connection, rules, account, password, ask, address, roles)
    if isinstance(found, LoginRefusedError):
        raise found
    return found


def _decide(
    connection: psycopg.Connection,
    rules: LoginRules,
    account: str,
    password: str,
    ask: Ask,
    address: str | None,
    wanted: Collection[Role],
) -> Session | LoginRefusedError:
    def refused(event: Event, sentence: str) -> LoginRefusedError:
        record(connection, event, account, address=address)
        return LoginRefusedError(event, sentence)

    if not account or not 0 < len(password) <= PASSWORD_CHARACTERS:
        return refused(Event.FAILED, WRONG)
    # One after the other, or many at once could try more passwords than allowed.
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('fugong login ' || %s, 0))", (account,))
    if until := locked_until(connection, account, rules):
        return refused(Event.LOCKED, _locked(until))
    match ask(account, password):
        case Answer.AWAY:
            return refused(Event.UNAVAILABLE, AWAY)
        case Answer.WRONG:
            wrong = refused(Event.FAILED, WRONG)
            until = locked_until(connection, account, rules)
            return LoginRefusedError(wrong.event, _locked(until)) if until else wrong
        case Answer.RIGHT:
            pass
    try:
        person = find_account(connection, account)
    except NotFoundError:
        return refused(
            Event.REFUSED,
            f"{account} 在目录里,但在本系统没有账号;请管理员办理:fugong account add | "
            f"{account} is in the directory but has no account here: ask the administrator (fugong account add)",
        )
    if not person.is_active:
        return refused(Event.REFUSED, f"账号 {account} 已停用 | The account {account} is disabled")
    if not person.may(*wanted):
        roles = ", ".join(wanted)
        return refused(
            Event.REFUSED, f"账号 {account} 没有页面的角色({roles}) | The account {account} has none of the roles {roles}"
        )
    return Session(person, record(connection, Event.LOGIN, account, address=address))


def _locked(until: datetime) -> str:
    at = f"{until.astimezone(SHANGHAI):%H:%M:%S}"
    return (
        f"口令多次不对,账号锁定到 {at};此前口令正确也不能登录。急用请管理员解锁:fugong account unlock | "
        f"Too many wrong passwords: locked until {at}, also for the right one. An administrator can unlock it: fugong account unlock"
    )


LOCK = """
    WITH wrong AS (
        SELECT recorded_at FROM access.login_event
        WHERE account = %(account)s AND event = 'failed' AND event_id > COALESCE(
            (SELECT MAX(event_id) FROM access.login_event WHERE account = %(account)s AND event IN ('login', 'unlocked')), 0
        )
        ORDER BY event_id DESC LIMIT %(after)s
    )
    SELECT MAX(recorded_at) + make_interval(secs => %(seconds)s) FROM wrong
    HAVING COUNT(*) = %(after)s
        AND MAX(recorded_at) - MIN(recorded_at) <= make_interval(secs => %(seconds)s)
        AND MAX(recorded_at) + make_interval(secs => %(seconds)s) > clock_timestamp()
"""


def locked_until(connection: psycopg.Connection, account: str, rules: LoginRules) -> datetime | None:
    """Until when an account is locked; None where it is not."""
    row = connection.execute(LOCK, {"account": account, "after": rules.lock_after, "seconds": rules.lock_seconds}).fetchone()
    return row[0] if row else None


def record(
    connection: psycopg.Connection, event: Event, account: str, *, session_id: int | None = None, address: str | None = None
) -> int:
    """Record an event, and return its number."""
    row = connection.execute(
        "INSERT INTO access.login_event (event, account, session_id, address) VALUES (%s, %s, %s, %s) RETURNING event_id",
        (event, account, session_id, address),
    ).fetchone()
    assert row is not None
    return row[0]


def person_of_session(
    settings: Settings,
    account: str,
    session_id: int,
    *,
    roles: Collection[Role] = tuple(AIRFLOW_ROLES),
    connect: Connect = connect_as_loader,
) -> Account | None:
    """Whose session it is, as the account is now; None where it was logged out, or the account may no more."""
    with connect(settings) as connection:
        ended = connection.execute(
            "SELECT FROM access.login_event WHERE account = %s AND event = 'logout' AND session_id = %s", (account, session_id)
        ).fetchone()
        if ended is not None:
            return None
        try:
            person = find_account(connection, account)
        except NotFoundError:
            return None
    return person if person.may(*roles) else None


def log_out(settings: Settings, account: str, session_id: int, *, connect: Connect = connect_as_loader) -> None:
    """End a session, on every server."""
    with connect(settings) as connection:
        record(connection, Event.LOGOUT, account, session_id=session_id)


def forget(connection: psycopg.Connection, days: int) -> int:
    """Delete events of so many days ago; the warehouse refuses less than `LOGIN_DAYS_AT_LEAST`."""
    row = connection.execute("SELECT access.forget_logins(%s)", (days,)).fetchone()
    assert row is not None
    return row[0]


@dataclass(frozen=True)
class Recorded:
    """An event, as it was recorded."""

    event_id: int
    recorded_at: datetime
    event: Event
    account: str
    session_id: int | None
    address: str | None
    recorded_by: str


def events(connection: psycopg.Connection, account: str | None, at_most: int) -> list[Recorded]:
    """The newest events, of one account or of all, the newest first."""
    rows = connection.execute(
        "SELECT event_id, recorded_at, event, account, session_id, address, recorded_by FROM access.login_event "
        "WHERE %(account)s::text IS NULL OR account = %(account)s ORDER BY event_id DESC LIMIT %(limit)s",
        {"account": account, "limit": at_most},
    ).fetchall()
    return [Recorded(row[0], row[1], Event(row[2]), *row[3:]) for row in rows]
