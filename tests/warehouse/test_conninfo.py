"""Passwords of the warehouse: not in arguments, not in environments of programs, not in messages, not in logs, not where settings are printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from fugong.core.errors import ConfigurationError, RefusedError, WarehouseOlder
from fugong.core.settings import PROJECT, Settings
from fugong.warehouse import connection, conninfo
from fugong.warehouse.embedded import placement, server, state
from tests.fixtures.mini_district import Mini

pytestmark = pytest.mark.attack

SECRET = "s3cr:t\\pass'wörd"
IN_URL = "s3cr%3At%5Cpass%27w%C3%B6rd"


def test_psql_shows_no_password_to_ps(mini_template: tuple[Path, Mini]) -> None:
    home, _ = mini_template
    passwords = set(state.existing(home)[1].passwords.values())
    looked = r"\! cat /proc/$PPID/cmdline /proc/$PPID/environ; echo; ls -l $(tr '\0' '\n' < /proc/$PPID/cmdline | sed -n 's/.*passfile=\([^ ]*\).*/\1/p')"
    # The caller's PGPASSWORD would come before the file.
    environ = {**os.environ, "FUGONG_HOME": str(home), "FUGONG_DISTRICT": str(PROJECT), "PGPASSWORD": "another"}
    environ.pop("FUGONG_WAREHOUSE", None)
    done = subprocess.run(
        [sys.executable, "-m", "fugong", "warehouse", "psql", "-X", "-c", looked, "-c", "SELECT 'as ' || current_user"],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "as fugong_owner" in done.stdout
    assert "--dbname=" in done.stdout and "-rw------- 1" in done.stdout  # what ps would show, and the file with the password
    assert not [password for password in passwords if password in done.stdout + done.stderr]
    assert list((home / "spool").iterdir()) == []


def test_every_character_of_a_password_arrives(mini_template: tuple[Path, Mini], tmp_path: Path) -> None:
    home, mini = mini_template
    with psycopg.connect(server.superuser_url(home), autocommit=True) as superuser:
        superuser.execute(sql.SQL("CREATE ROLE odd LOGIN PASSWORD {}").format(sql.Literal(SECRET)))
        superuser.execute("GRANT CONNECT ON DATABASE mini TO odd")
        url = mini.url.replace(mini.url.split("@")[0], f"postgresql://odd:{IN_URL}")
        with conninfo.without_secrets(url, tmp_path) as (parameters, environment):
            assert SECRET not in parameters + str(environment)
            with psycopg.connect(parameters) as opened:
                assert opened.info.user == "odd"
        superuser.execute("REVOKE CONNECT ON DATABASE mini FROM odd")
        superuser.execute("DROP ROLE odd")
    assert list(tmp_path.iterdir()) == []


def test_without_a_password_that_of_the_user_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "theirs")
    monkeypatch.setenv("FUGONG_WAREHOUSE", "postgresql://owner:secret@host/db")
    with conninfo.without_secrets("postgresql://analyst@host/db?sslmode=require", tmp_path) as (parameters, environment):
        assert conninfo_to_dict(parameters) == {"user": "analyst", "host": "host", "dbname": "db", "sslmode": "require"}
        assert environment["PGPASSWORD"] == "theirs"
        assert "FUGONG_WAREHOUSE" not in environment


def test_another_secret_than_a_password_is_not_passed_on(tmp_path: Path) -> None:
    with (
        pytest.raises(RefusedError, match="sslpassword"),
        conninfo.without_secrets(f"postgresql://u@h/d?sslpassword={IN_URL}", tmp_path),
    ):
        pass


@pytest.mark.parametrize(
    "url",
    [
        "postgres//owner:s3cret@host/db",
        "owner:s3cret@host/db",
        "postgresql://owner:s3cret@host:port/db",
        "postgresql://owner:p@s3cret@host/db",
        "postgresql://owner:p/s3cret@host/db",
        "postgresql://owner:s3cret/1@host/db",
        "postgresql://owner:s3cret%@host/db",
        "postgresql://owner@host/db?pasword=s3cret",
        "password='s3cret",
    ],
)
def test_a_url_that_cannot_be_used_is_not_shown(url: str, tmp_path: Path) -> None:
    settings = Settings(tmp_path, PROJECT, url)
    for use in (lambda: connection.address(settings), lambda: connection.address_of(settings, "analyst")):
        with pytest.raises(ConfigurationError, match="FUGONG_WAREHOUSE is not the URL") as found:
            use()
        shown, error = "", found.value
        while error is not None:
            shown += repr(error)
            error = error.__cause__ or error.__context__
        assert "s3cret" not in shown


def test_settings_and_state_are_printed_without_secrets(tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path, "postgresql://owner:s3cret@host/db", "s3cret")
    held = state.Server(5432, "cluster", {"postgres": "s3cret"})
    for shown in (repr(settings), str(settings), f"{held}", repr(held)):
        assert "s3cret" not in shown
        assert "(" in shown


def test_a_password_is_not_in_the_servers_log_either(mini_template: tuple[Path, Mini], monkeypatch: pytest.MonkeyPatch) -> None:
    home, _ = mini_template
    monkeypatch.setattr(server.secrets, "token_hex", lambda _: "made-for-nobody")
    with pytest.raises(WarehouseOlder):
        server.url(home, "fugong_nobody")
    folder, there = state.existing(home)
    said = (placement.cluster_folder(folder, there) / "postgres.log").read_text()
    assert "ALTER ROLE" in said and "SCRAM-SHA-256$" in said
    assert "made-for-nobody" not in said
