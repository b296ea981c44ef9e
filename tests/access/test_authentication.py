"""Logins: who is let in, who is locked out for how long, and that the record of it is kept."""

from __future__ import annotations

import threading
from datetime import timedelta

import psycopg
import pytest

from fugong.access import authentication
from fugong.access.account import Account, Role
from fugong.access.authentication import Answer, Event, LoginRefusedError, LoginRules, Session, forget, log_in, log_out
from fugong.access.manage import add_account, change_account
from fugong.core.errors import ConfigurationError
from fugong.core.retention import LOGIN_DAYS_AT_LEAST
from fugong.core.settings import Settings
from fugong.operations.retention import tidy
from fugong.warehouse.connection import connect, connect_as_loader
from tests.fixtures.inbox import Inbox

RULES = LoginRules(lock_after=3, lock_seconds=600)
PASSWORDS = {"zhang": "right", "nobody": "right"}


def directory(name: str, password: str) -> Answer:
    """A directory that knows `PASSWORDS`."""
    return Answer.RIGHT if PASSWORDS.get(name) == password else Answer.WRONG


@pytest.fixture
def settings(inbox: Inbox) -> Settings:
    with connect(inbox.settings) as connection:
        add_account(connection, Account("zhang", "张三", "区长", None, frozenset({Role.SIGNER}), is_active=True))
    return inbox.settings


def attempt(settings: Settings, name: str, password: str, rules: LoginRules = RULES) -> Event:
    """What a login is recorded as."""
    try:
        log_in(settings, rules, name, password, directory, "192.0.2.1")
    except LoginRefusedError as refused:
        return refused.event
    return Event.LOGIN


def recorded(settings: Settings) -> list[tuple[str, str]]:
    with connect(settings) as connection:
        return connection.execute("SELECT account, event FROM access.login_event ORDER BY event_id").fetchall()


def let_pass(settings: Settings, **time: float) -> None:
    """As if all that is recorded had happened so much earlier."""
    with connect(settings) as connection:
        connection.execute("UPDATE access.login_event SET recorded_at = recorded_at - %s", (timedelta(**time),))


def test_too_many_wrong_passwords_lock_an_account_also_for_the_right_one_and_only_for_a_while(settings: Settings) -> None:
    assert [attempt(settings, "zhang", "wrong") for _ in range(4)] == [Event.FAILED] * 3 + [Event.LOCKED]
    assert attempt(settings, " Zhang", "right") is Event.LOCKED
    let_pass(settings, seconds=599)
    assert attempt(settings, "zhang", "right") is Event.LOCKED  # an attempt meanwhile makes it no longer
    let_pass(settings, seconds=2)
    assert attempt(settings, "zhang", "right") is Event.LOGIN
    # A login ends the count.
    found = [attempt(settings, "zhang", password) for password in ("wrong", "wrong", "right", "wrong", "right")]
    assert found == [Event.FAILED, Event.FAILED, Event.LOGIN, Event.FAILED, Event.LOGIN]


def test_wrong_passwords_far_apart_do_not_add_up(settings: Settings) -> None:
    for _ in range(4):
        assert attempt(settings, "zhang", "wrong") is Event.FAILED
        let_pass(settings, seconds=301)
    assert attempt(settings, "zhang", "right") is Event.LOGIN


@pytest.mark.attack
def test_many_at_once_try_no_more_passwords_than_one(settings: Settings) -> None:
    asked: list[str] = []
    found: list[Event] = []

    def ask(name: str, password: str) -> Answer:
        asked.append(password)
        return Answer.WRONG

    def guess(number: int) -> None:
        with pytest.raises(LoginRefusedError) as refused:
            log_in(settings, RULES, "zhang", f"guess {number}", ask)
        found.append(refused.value.event)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == RULES.lock_after
    assert sorted(found) == [Event.FAILED] * 3 + [Event.LOCKED] * 5


@pytest.mark.attack
@pytest.mark.parametrize("name", ["", "*", "z*", ")(uid=*", "zhang\x00", "x" * 41, "张三", "pg_x y", "zhang'--"])
def test_a_name_that_no_account_can_have_is_neither_asked_for_nor_kept(settings: Settings, name: str) -> None:
    asked: list[str] = []
    with pytest.raises(LoginRefusedError) as refused:
        log_in(settings, RULES, name, "right", lambda name, _: (asked.append(name), Answer.RIGHT)[1])
    assert (refused.value.event, asked) == (Event.FAILED, [])
    assert recorded(settings) == [("", "failed")]


@pytest.mark.attack
@pytest.mark.parametrize("password", ["", "x" * 1025])
def test_an_empty_or_endless_password_is_not_passed_on(settings: Settings, password: str) -> None:
    # Many a directory takes an empty password for a bind without a name, and says yes.
    with pytest.raises(LoginRefusedError) as refused:
        log_in(settings, RULES, "zhang", password, lambda _name, _password: Answer.RIGHT)
    assert refused.value.event is Event.FAILED


def test_who_is_in_the_directory_needs_an_active_account_with_a_role_of_the_pages(settings: Settings) -> None:
    assert attempt(settings, "nobody", "right") is Event.REFUSED
    with connect(settings) as connection:
        change_account(connection, "zhang", roles={Role.ANALYST})
    assert attempt(settings, "zhang", "right") is Event.REFUSED
    with connect(settings) as connection:
        change_account(connection, "zhang", roles={Role.VIEWER}, is_active=False)
    assert attempt(settings, "zhang", "right") is Event.REFUSED
    assert recorded(settings) == [("nobody", "refused"), ("zhang", "refused"), ("zhang", "refused")]


def test_a_directory_that_is_away_lets_nobody_in_and_locks_nobody(settings: Settings) -> None:
    for _ in range(4):
        with pytest.raises(LoginRefusedError, match=r"目录服务没有应答.* \| The directory does not answer"):
            log_in(settings, RULES, "zhang", "right", lambda _name, _password: Answer.AWAY)
    assert attempt(settings, "zhang", "right") is Event.LOGIN


def test_a_session_ends_with_its_logout_and_with_the_account(settings: Settings) -> None:
    sessions: list[Session] = [log_in(settings, RULES, "zhang", "right", directory) for _ in range(2)]
    log_out(settings, "zhang", sessions[0].session_id)

    def persons() -> list[bool]:
        return [authentication.person_of_session(settings, "zhang", one.session_id) is not None for one in sessions]

    assert persons() == [False, True]
    with connect(settings) as connection:
        change_account(connection, "zhang", is_active=False)
    assert persons() == [False, False]


@pytest.mark.attack
def test_the_flow_adds_to_the_record_and_changes_nothing_of_it(settings: Settings) -> None:
    attempt(settings, "zhang", "wrong")
    for statement in (
        "DELETE FROM access.login_event",
        "UPDATE access.login_event SET event = 'login'",
        "TRUNCATE access.login_event",
        "INSERT INTO access.login_event (event, account, recorded_at) VALUES ('failed', 'zhang', '2020-01-01')",
        "INSERT INTO access.login_event (event, account, recorded_by) VALUES ('unlocked', 'zhang', 'somebody')",
        f"SELECT access.forget_logins({LOGIN_DAYS_AT_LEAST - 1})",
        "SELECT access.forget_logins(NULL)",
        "SELECT access.forget_logins(-1)",
    ):
        with connect_as_loader(settings) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
    assert recorded(settings) == [("zhang", "failed")]


def test_logins_are_kept_as_long_as_the_law_asks_whatever_is_set(settings: Settings) -> None:
    attempt(settings, "zhang", "right")
    let_pass(settings, days=LOGIN_DAYS_AT_LEAST + 1)
    attempt(settings, "zhang", "wrong")
    let_pass(settings, days=LOGIN_DAYS_AT_LEAST - 1)
    attempt(settings, "zhang", "right")
    with connect_as_loader(settings) as connection:
        assert forget(connection, LOGIN_DAYS_AT_LEAST) == 1
    assert recorded(settings) == [("zhang", "failed"), ("zhang", "login")]


def test_the_nightly_chore_forgets_logins_after_the_days_that_are_set(settings: Settings) -> None:
    attempt(settings, "zhang", "right")
    let_pass(settings, days=settings.login_days + 1)
    found = {one.task: one for one in tidy(settings)}
    assert (found["logins"].n, recorded(settings)) == (1, [])


@pytest.mark.parametrize("days", ["179", "0", "-1", "half a year", "1e9", "９９９"])
def test_fewer_days_than_the_law_asks_are_refused_with_a_sentence(days: str) -> None:
    with pytest.raises(ConfigurationError, match=f"FUGONG_LOGIN_DAYS={days}:应为 180 至 .* should be a whole number from 180"):
        Settings.load({"FUGONG_LOGIN_DAYS": days})


@pytest.mark.parametrize(
    ("name", "value"),
    [("FUGONG_LOCK_AFTER", "0"), ("FUGONG_LOCK_AFTER", "11"), ("FUGONG_LOCK_SECONDS", "0"), ("FUGONG_IDLE_SECONDS", "7201"), ("FUGONG_SESSION_SECONDS", "x")],
)  # fmt: skip
def test_a_lock_or_time_out_that_is_none_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        LoginRules.load({name: value})
    assert LoginRules.load({name: ""}) == LoginRules()
