"""A login reaches what its role is for, and nothing else: every statement of `escalations` is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from fugong.access.account import Account, Role
from fugong.access.logins import CONNECTIONS
from fugong.access.manage import add_account, change_account, set_password
from fugong.core.errors import RefusedError
from fugong.operations import setup
from fugong.validation.context import IntakeContext
from fugong.warehouse import roles
from fugong.warehouse.connection import connect, connect_as_loader
from fugong.warehouse.embedded import server as embedded
from tests.access.escalations import AUDITOR, LOADER, READERS, SIGNER, TASKFORCE
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row

pytestmark = pytest.mark.attack
REFUSED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.FeatureNotSupported,  # an extension that the server does not have
    psycopg.errors.UndefinedFile,
    psycopg.errors.ReadOnlySqlTransaction,
)
PEOPLE = (
    Account("zhang", "张三", "区长", None, frozenset({Role.SIGNER}), is_active=True),
    Account("li", "李四", "副区长", None, frozenset({Role.SIGNER}), is_active=True),
    Account("wu", "吴六", "科员", None, frozenset({Role.ANALYST}), is_active=True),
    Account("zhou", "周七", "专班", None, frozenset({Role.TASKFORCE}), is_active=True),
    Account("shen", "沈八", "审计", None, frozenset({Role.AUDITOR}), is_active=True),
)


@pytest.fixture(scope="module")
def district(empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    """An installation on a server whose administrator has done their part, with a settled, a partly returned and a rejected file."""
    home, _ = empty_warehouse
    district = Inbox.create(empty_warehouse, "escalations", tmp_path_factory.mktemp("escalations"), context)
    with psycopg.connect(embedded.superuser_url(home).rpartition("/")[0] + "/escalations", autocommit=True) as superuser:
        superuser.execute((roles.SQL / "server" / "10_server.sql").read_bytes())
    assert setup.init(district.settings) == []
    district.send("TAX", "20200318_R04_TAX_V1.csv", as_csv(TAX_HEADER, [tax_row(1), tax_row(2, "约三千")]))
    district.send("TAX", "20200317_R04_TAX_V1.csv", b"\x00\x01")
    with connect(district.settings) as connection:
        for person in PEOPLE:
            add_account(connection, person)
    return district


@pytest.fixture(scope="module")
def logins(district: Inbox, empty_warehouse: tuple[Path, str]) -> dict[str, str]:
    """The address that each person logs in with, and the shared ones of the server."""
    home, _ = empty_warehouse
    with connect(district.settings) as connection:
        found = {person.account: set_password(connection, person.account) for person in PEOPLE}
    shared = {role: embedded.url(home, role).rpartition("/")[0] + "/escalations" for role in ("fugong_analyst", "fugong_loader")}
    return found | shared


@pytest.fixture(scope="module")
def settled(district: Inbox) -> dict[str, object]:
    """What the statements name."""
    [(part, submission)] = district.rows("SELECT part_id, submission_id FROM intake.part")
    return {"part": part, "submission": submission, "table": "tax_relief", "database": "escalations"}


def not_refused(address: str, of_loader: str, settled: Mapping[str, object], statements: Sequence[str]) -> list[str]:
    """Run statements, each in a session of its own that is rolled back, and return those that were not refused."""
    out: list[str] = []
    for statement in statements:
        with psycopg.connect(of_loader) as other, psycopg.connect(address, autocommit=True) as session:
            session.execute("SET default_transaction_read_only = off")
            text = statement.format(**settled, backend=other.info.backend_pid)
            commands, commits, _ = text.partition("; COMMIT")
            try:
                if commits or not text.startswith(("INSERT", "UPDATE", "DELETE", "SELECT", "LOCK", "WITH")):
                    session.execute(commands)  # pyright: ignore[reportArgumentType, reportCallIssue]
                else:
                    with session.transaction(force_rollback=True):
                        session.execute(text)  # pyright: ignore[reportArgumentType, reportCallIssue]
            except REFUSED:
                continue
            out.append(text)
    return out


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("login", ["fugong_analyst", "wu"])
def test_an_analyst_reaches_nothing_else(logins: Mapping[str, str], settled: Mapping[str, object], login: str, name: str) -> None:
    assert not_refused(logins[login], logins["fugong_loader"], settled, READERS[name]) == []


@pytest.mark.parametrize("name", AUDITOR)
def test_an_auditor_reaches_nothing_else(logins: Mapping[str, str], settled: Mapping[str, object], name: str) -> None:
    assert not_refused(logins["shen"], logins["fugong_loader"], settled, AUDITOR[name]) == []


@pytest.mark.parametrize("name", TASKFORCE)
def test_the_task_force_reads_firms_and_changes_nothing(
    logins: Mapping[str, str], settled: Mapping[str, object], name: str
) -> None:
    assert not_refused(logins["zhou"], logins["fugong_loader"], settled, TASKFORCE[name]) == []


@pytest.mark.parametrize("name", LOADER)
def test_the_flow_itself_cannot_forge(logins: Mapping[str, str], settled: Mapping[str, object], name: str) -> None:
    assert not_refused(logins["fugong_loader"], logins["fugong_loader"], settled, LOADER[name]) == []


@pytest.mark.parametrize("name", SIGNER)
def test_a_signer_signs_in_no_other_name(logins: Mapping[str, str], settled: Mapping[str, object], name: str) -> None:
    assert not_refused(logins["zhang"], logins["fugong_loader"], settled, SIGNER[name]) == []


@pytest.mark.parametrize("database", ["airflow", "postgres", "template1"])
def test_a_login_of_the_warehouse_reaches_no_other_database(logins: Mapping[str, str], database: str) -> None:
    for login in ("wu", "zhou", "shen", "zhang", "fugong_analyst"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(logins[login].rpartition("/")[0] + f"/{database}")


def test_readers_have_limits(logins: Mapping[str, str]) -> None:
    for login in ("wu", "zhou", "shen", "fugong_analyst"):
        with psycopg.connect(logins[login]) as session:
            found = session.execute(
                "SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'),"
                " current_setting('temp_file_limit'), current_setting('default_transaction_read_only')"
            ).fetchone()
        assert found == ("15min", "10min", "2GB", "on"), login
    with ExitStack() as sessions, pytest.raises(psycopg.OperationalError, match="too many connections"):
        for _ in range(CONNECTIONS + 1):
            sessions.enter_context(psycopg.connect(logins["wu"]))


def test_what_a_role_is_for_is_allowed(logins: Mapping[str, str], settled: Mapping[str, object]) -> None:
    """The refusals above come from rights, not from logins that do not work."""
    allowed = {
        "wu": "SELECT * FROM ref.department",
        "fugong_analyst": "SELECT * FROM open.mart_day",
        "zhou": "SELECT * FROM fact.tax_relief",
        "shen": "SELECT * FROM audit.signing",
        "zhang": "SELECT * FROM report.tax_relief",
        "fugong_loader": "SELECT * FROM report.tax_relief",
    }
    for login, statement in allowed.items():
        with psycopg.connect(logins[login]) as session:
            session.execute(statement)  # pyright: ignore[reportArgumentType, reportCallIssue]


def test_a_disabled_account_logs_in_no_more(district: Inbox, logins: Mapping[str, str]) -> None:
    with connect(district.settings) as connection:
        add_account(connection, Account("qian", "钱九", "科员", None, frozenset({Role.ANALYST}), is_active=True))
        address = set_password(connection, "qian")
    psycopg.connect(address).close()
    with connect(district.settings) as connection:
        change_account(connection, "qian", is_active=False)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)
    with connect(district.settings) as connection, pytest.raises(RefusedError, match="disabled"):
        set_password(connection, "qian")
    changes = district.rows("SELECT change, changed_by FROM access.account_change WHERE account = 'qian' ORDER BY change_id")
    assert changes == [("added", "fugong_owner"), ("password", "fugong_owner"), ("disabled", "fugong_owner")]


def test_a_password_that_somebody_changed_on_a_shared_login_is_set_back(
    logins: Mapping[str, str], empty_warehouse: tuple[Path, str]
) -> None:
    with psycopg.connect(logins["fugong_analyst"], autocommit=True) as session:
        session.execute("SET default_transaction_read_only = off")
        session.execute("ALTER ROLE fugong_analyst PASSWORD 'mine'")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(logins["fugong_analyst"])
    assert embedded.url(empty_warehouse[0], "fugong_analyst").rpartition("/")[0] == logins["fugong_analyst"].rpartition("/")[0]
    psycopg.connect(logins["fugong_analyst"]).close()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pg_me", "cannot be an account"),
        ("fugong_me", "cannot be an account"),
        ("Zhang", "cannot be an account"),
        ("a; DROP", "cannot be an account"),
        ("postgres", "is taken"),
        ("airflow", "is taken"),
        ("zhang", "is taken"),
    ],
)
def test_an_account_takes_no_name_that_means_something_else(district: Inbox, name: str, said: str) -> None:
    with connect(district.settings) as connection, pytest.raises(RefusedError, match=said):
        add_account(connection, Account(name, "甲", "科员", None, frozenset({Role.ANALYST}), is_active=True))


def test_the_flow_gives_up_the_rights_of_the_owner(district: Inbox) -> None:
    with connect_as_loader(district.settings) as connection:
        assert connection.execute("SELECT session_user, current_user").fetchone() == ("fugong_owner", "fugong_loader")


def test_after_all_this_the_next_file_is_answered(district: Inbox) -> None:
    answered = district.send("TAX", "20200316_R04_TAX_V1.csv", as_csv(TAX_HEADER, [tax_row(3, day="2020-03-16")]))
    assert answered.state == "accepted"
