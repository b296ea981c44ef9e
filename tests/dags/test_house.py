"""Airflow's own house: old logs go, new ones stay; only the command that cleans has the address of Airflow's database."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import fugong_house

DAY = 86_400


def put(path: Path, days: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    os.utime(path, (time.time() - days * DAY, time.time() - days * DAY))


def test_old_logs_go_with_their_folders_and_nothing_else(tmp_path: Path) -> None:
    logs, elsewhere = tmp_path / "logs", tmp_path / "elsewhere"
    put(logs / "dag_id=a" / "run_id=old" / "task_id=t" / "attempt=1.log", 91)
    put(logs / "dag_id=a" / "run_id=new" / "task_id=t" / "attempt=1.log", 89)
    put(logs / "airflow-scheduler.log", 500)  # a part writes there
    put(elsewhere / "precious.log", 500)
    (logs / "link").symlink_to(elsewhere)
    (logs / "dag_id=a" / "run_id=new" / "link.log").symlink_to(elsewhere / "precious.log")
    for folder in ("run_id=old/task_id=t", "run_id=old"):
        os.utime(logs / "dag_id=a" / folder, (0, 0))
    assert fugong_house.clean_logs(logs, 90) == 1
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink())
    assert left == ["elsewhere/precious.log", "logs/airflow-scheduler.log", "logs/dag_id=a/run_id=new/task_id=t/attempt=1.log"]


def test_a_task_that_is_not_given_the_address_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FUGONG_AIRFLOW_DATABASE", raising=False)
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "airflow-db-not-allowed:///")
    with pytest.raises(fugong_house.AirflowNotCleaned, match="FUGONG_AIRFLOW_DATABASE"):
        fugong_house.clean_database(90, 365)


def test_what_the_command_says_of_its_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUGONG_AIRFLOW_DATABASE", "postgresql+psycopg2://airflow:secret-word@127.0.0.1:1/airflow")
    with pytest.raises(fugong_house.AirflowNotCleaned, match=r"(?s)airflow db clean.*refused") as told:
        fugong_house.clean_database(90, 365)
    assert "secret-word" not in str(told.value)
