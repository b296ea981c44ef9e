"""Small things that the local runner must get right; the big ones are in `end_to_end`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tools import airflow_local


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("a ${X} b", "a 1 b"),
        ("${Y:-2}", "2"),
        ("${X:-2}", "1"),
        ("${EMPTY:-2}", "2"),
        ("${X:?is missing}@${X}", "1@1"),
        ("$${X}", "${X}"),
        ("${Y:-a${X}b${EMPTY:-2}c}", "a1b2c"),
        ("${X:-${Y:?is missing}}", "1"),
        ("awk '{printf \"%s\", $$1}'", "awk '{printf \"%s\", $1}'"),
    ],
)
def test_variables_are_filled_in_as_compose_does(text: str, filled: str) -> None:
    assert airflow_local.interpolate(text, {"X": "1", "EMPTY": ""}) == filled


@pytest.mark.parametrize("given", [{}, {"X": ""}])
def test_a_missing_or_empty_secret_is_named(given: dict[str, str]) -> None:
    with pytest.raises(airflow_local.AirflowLocalError, match=r"^X is missing$"):
        airflow_local.interpolate("${X:?is missing}", given)


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    made = airflow_local.make_secrets(file)
    assert airflow_local.make_secrets(file) == made
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(set(made.values())) == len(made) == 10
    assert len(made["AIRFLOW_JWT_SECRET"]) >= 64


def test_the_parts_read_secrets_from_files_that_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    airflow_local.write_secrets(folder, {"AIRFLOW_JWT_SECRET": "old"})
    airflow_local.write_secrets(folder, {"AIRFLOW_JWT_SECRET": "a" * 64, "AIRFLOW_PORT": "1"})
    files = {file.name: file for file in folder.iterdir()}
    assert len(files) == 19
    assert {name: file.read_text() for name, file in files.items() if file.read_text()} == {"airflow_jwt_secret": "a" * 64}
    assert {file.stat().st_mode & 0o777 for file in files.values()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_process_that_only_has_the_number_of_a_part_is_left_alone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True) as process:
        started = psutil.Process(process.pid).create_time()
        assert [one.pid for one in airflow_local.processes(airflow_local.Running(process.pid, started, ""))] == [process.pid]
        airflow_local.stop_parts({"airflow-scheduler": airflow_local.Running(process.pid, started - 3600, "")})
        assert process.poll() is None
        airflow_local.stop_parts({"airflow-scheduler": airflow_local.Running(process.pid, started, "")})
        assert process.wait(10) != 0


def test_what_a_killed_part_leaves_behind_is_still_known() -> None:
    child = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", child], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        part = airflow_local.Running(process.pid, psutil.Process(process.pid).create_time(), "")
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
        process.wait()
        assert not airflow_local.is_alive(part)
        assert len(airflow_local.processes(part)) == 1
        airflow_local.stop_parts({"airflow-scheduler": part})
        assert airflow_local.processes(part) == []
