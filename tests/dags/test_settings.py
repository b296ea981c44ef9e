"""Where Airflow's tasks find the warehouse: the environment, the connection, the embedded server, in this order."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fugong.core.errors import ConfigurationError
from fugong.warehouse import conninfo
from tests.dags import conftest

assert conftest.HOME


def connection(**given: Any) -> SimpleNamespace:
    parts = {
        "conn_type": "postgres",
        "host": "db.example",
        "login": None,
        "password": None,
        "port": None,
        "schema": "",
        "extra_dejson": {},
    }
    return SimpleNamespace(**parts | given)


def test_the_environment_comes_first_then_the_connection_then_the_embedded_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from fugong_settings import load_settings

    monkeypatch.setenv("FUGONG_HOME", str(tmp_path))
    monkeypatch.setenv(
        "AIRFLOW_CONN_FUGONG_WAREHOUSE", "postgres://loader:p%40ss%2Fword@db.example:6432/fugong?sslmode=verify-full"
    )
    monkeypatch.setenv("FUGONG_WAREHOUSE", "postgresql://one@127.0.0.1/first")
    assert load_settings().warehouse_url == "postgresql://one@127.0.0.1/first"
    for unset in ("", None):
        monkeypatch.setenv("FUGONG_WAREHOUSE", unset) if unset is not None else monkeypatch.delenv("FUGONG_WAREHOUSE")
        assert load_settings().warehouse_url == "postgresql://loader:p%40ss%2Fword@db.example:6432/fugong?sslmode=verify-full"
    monkeypatch.delenv("AIRFLOW_CONN_FUGONG_WAREHOUSE")
    assert load_settings().warehouse_url is None


def test_a_password_of_any_signs_arrives_whole() -> None:
    from fugong_settings import url_of

    password = "a:b@c/d%e?f#g 中&="  # made up
    url = url_of(
        connection(login="loader", password=password, port=5432, schema="fugong", extra_dejson={"sslrootcert": "/a b.pem"})
    )
    conninfo.check(url)
    from psycopg.conninfo import conninfo_to_dict

    assert conninfo_to_dict(url) == {
        "user": "loader", "password": password, "host": "db.example", "port": "5432", "dbname": "fugong", "sslrootcert": "/a b.pem",
    }  # fmt: skip


@pytest.mark.parametrize("given", [{"conn_type": "mysql"}, {"host": ""}, {"conn_type": None}])
def test_a_connection_to_something_else_is_refused(given: dict[str, Any]) -> None:
    from fugong_settings import url_of

    with pytest.raises(ConfigurationError, match="fugong_warehouse") as told:
        url_of(connection(password="secret-word", **given))
    assert "secret-word" not in str(told.value)
