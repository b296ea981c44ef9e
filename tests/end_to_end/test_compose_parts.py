"""The parts of the compose file, without Docker: started by their commands and environment, they take a file through."""

from __future__ import annotations

import contextlib
import itertools
import re
import subprocess
from pathlib import Path

import psutil
import yaml

from fugong.core.settings import Settings
from tests.end_to_end.conftest import PROJECT, RunningAirflow, sample_files, wait_until
from tools import airflow_local

SERVICES = yaml.safe_load((PROJECT / "docker-compose.yaml").read_text(encoding="utf-8"))["services"]


def test_the_parts_run_as_the_compose_file_says(airflow: RunningAirflow, settings: Settings) -> None:
    api_port, running = airflow.state
    assert set(running) == set(airflow_local.PARTS)
    home = airflow_local.Home(airflow.home / "airflow")
    as_written = airflow_local.plan(settings, home, api_port, airflow.postgres)
    for name, part in running.items():
        assert part.digest == as_written[name].digest
        assert airflow_local.is_alive(part)
        given = as_written[name].environment
        assert set(SERVICES[name]["environment"]) <= set(given)
        # Nothing is left that only a container would understand.
        left = {
            key: value
            for key, value in given.items()
            if re.search(r"postgres:5432|api-server|/opt/|/var/lib/fugong\b|\$\{", value)
        }
        left.pop("PATH", None)
        assert left == {}
    scheduler = psutil.Process(running["airflow-scheduler"].pid)
    assert scheduler.cmdline()[-3:] == [str(Path(scheduler.cmdline()[-3])), *SERVICES["airflow-scheduler"]["command"][1:]]
    environment = scheduler.environ()
    wanted = set(SERVICES["airflow-scheduler"]["environment"]) - {
        "AIRFLOW_ADMIN_PASSWORD",
        "AIRFLOW_PEOPLE",
        "FUGONG_LDAP_READER_PASSWORD",
    }  # taken away at start
    assert {key: environment[key] for key in wanted} == {key: as_written["airflow-scheduler"].environment[key] for key in wanted}


def test_the_health_checks_of_the_compose_file_find_the_parts_well(airflow: RunningAirflow, settings: Settings) -> None:
    api_port, _ = airflow.state
    home = airflow_local.Home(airflow.home / "airflow")
    parts = airflow_local.plan(settings, home, api_port, airflow.postgres)

    here = {"/opt/fugong": str(PROJECT), "127.0.0.1:8090": f"127.0.0.1:{home.web_port()}"}

    def check(name: str, **changed: str) -> int:
        words = SERVICES[name]["healthcheck"]["test"]
        kind, *command = (re.sub("|".join(here), lambda found: here[found[0]], word) for word in words)
        assert kind == "CMD"
        environment = {**parts[name].environment, **changed}
        return subprocess.run(command, env=environment, check=False, capture_output=True, timeout=60).returncode

    assert {name: check(name) for name in airflow_local.PARTS} == dict.fromkeys(airflow_local.PARTS, 0)
    # And they can fail.
    assert check(airflow_local.API_SERVER, AIRFLOW__CORE__EXECUTION_API_SERVER_URL="http://127.0.0.1:9/execution/") != 0


def test_everything_listens_on_this_machine_only(airflow: RunningAirflow) -> None:
    _, running = airflow.state
    listening: set[str] = set()
    for process in itertools.chain.from_iterable(map(airflow_local.processes, running.values())):
        # A task's process may have ended since it was listed: it listens no more.
        with contextlib.suppress(psutil.NoSuchProcess):
            connections = process.net_connections(kind="inet")
            listening |= {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_secrets_are_for_their_owner_only(airflow: RunningAirflow) -> None:
    folder = airflow.home / "airflow"
    modes = {file.name: file.stat().st_mode & 0o777 for file in (folder, folder / ".env", folder / "passwords.json")}
    assert modes == {"airflow": 0o700, ".env": 0o600, "passwords.json": 0o600}


def test_a_dropped_file_is_answered_and_becomes_a_figure(airflow: RunningAirflow) -> None:
    files = sample_files("TAX", "20200318_R04_TAX_V1.csv")
    assert [*files] == ["20200318_R04_TAX_V1.csv"]
    for name, content in files.items():
        airflow.drop("TAX", name, content)
    receipt = airflow.receipt("TAX", *files, within=60)
    assert receipt["state"] == "accepted"
    assert receipt["rows_accepted"] > 0

    def relief() -> object:
        figures = {one["id"]: one for one in airflow.fugong("figures", "--as-of", "2020-03-18")}
        return figures["S041"]["value"]

    wait_until(lambda: bool(relief()), 60, "no figure S041")
