"""One Airflow for all end-to-end tests: its parts run as `docker-compose.yaml` says, against a PostgreSQL that `docker/postgres/` has set up."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from filelock import FileLock

from fugong.core.settings import Settings
from fugong.warehouse.embedded import server as embedded
from fugong.warehouse.embedded.binaries import binary
from tools import airflow_local

PROJECT = Path(__file__).resolve().parents[2]


WITHOUT_ACCOUNT, OPERATOR = "visitor", "operator"
"""Two users of the pages beside the administrator; their passwords are their names."""


@dataclass
class RunningAirflow:
    """An installation whose Airflow runs."""

    home: Path
    environment: dict[str, str]
    postgres: str
    warehouse_url: str

    @property
    def state(self) -> tuple[int, dict[str, airflow_local.Running]]:
        """The API's port, and what runs."""
        return airflow_local.Home(self.home / "airflow").read()

    def tool(self, *words: str) -> str:
        """`airflow_local.py` as a user calls it."""
        return self._run(sys.executable, str(PROJECT / "tools/airflow_local.py"), *words)

    def up(self) -> str:
        """Start what does not run."""
        return self.tool("up", "--postgres", self.postgres)

    def fugong(self, *words: str) -> Any:
        """`fugong … --json` as a user calls it."""
        return json.loads(self._run(sys.executable, "-m", "fugong", *words, "--json"))

    def run_fugong(self, *words: str) -> str:
        """`fugong …` as a user calls it."""
        return self._run(sys.executable, "-m", "fugong", *words)

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=360)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What the warehouse says."""
        with psycopg.connect(self.warehouse_url) as connection:
            return connection.execute(statement).fetchall()  # pyright: ignore[reportArgumentType, reportCallIssue]

    def request(self, method: str, path: str, body: object = None, *, is_logged_in: bool = True, who: str = "") -> bytes:
        """What the api-server answers, as to a user's browser; to the administrator without `who`."""
        api_port, _ = self.state
        api = f"http://127.0.0.1:{api_port}"
        headers = {"Content-Type": "application/json"}
        if is_logged_in:
            answer = airflow_local.ask(f"{api}/auth/token", body={"username": who, "password": who}) if who else None
            token = answer["access_token"] if answer else airflow_local.log_in(api, airflow_local.Home(self.home / "airflow"))
            headers |= {"Authorization": f"Bearer {token}", "Cookie": f"_token={token}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{api}{quote(path, safe='/?=&')}", data, headers, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return answer.read()

    def api(self, method: str, path: str, body: object = None, *, who: str = "") -> Any:
        """Airflow's REST API."""
        return json.loads(self.request(method, f"/api/v2/{path}", body, who=who))

    def pause(self, dag_id: str, is_paused: bool) -> None:
        """As a click on the page does."""
        assert self.api("PATCH", f"dags/{dag_id}", {"is_paused": is_paused})["is_paused"] is is_paused

    def trigger(self, dag_id: str, **conf: object) -> str:
        """Start a run, as the form on the page does; its path below `dags/`."""
        run = self.api("POST", f"dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})
        return f"dags/{dag_id}/dagRuns/{run['dag_run_id']}"

    def wait_for(self, run: str, **wanted: str) -> None:
        """Wait until tasks of a run are in these states."""
        found: dict[str, str] = {}

        def is_so() -> bool:
            found.update((one["task_id"], one["state"]) for one in self.api("GET", f"{run}/taskInstances")["task_instances"])
            assert "failed" not in found.values(), found
            return {name: found.get(name) for name in wanted} == wanted

        wait_until(is_so, 90, lambda: f"not {wanted}, but {found}")

    def wait_for_question(self, run: str, task: str) -> None:
        """Wait until a task asks, and the scheduler has heard that the process which asked has ended.

        To Airflow an answer that comes before is a fault: it forgets the answer and asks again.
        """
        # A briefing may be signed on the pages, too: its trigger looks for that.
        self.wait_for(run, **{task: "deferred" if task.startswith("sign") else "awaiting_input"})
        tried = self.api("GET", f"{run}/taskInstances/{task}")["try_number"]
        _, dag_id, _, run_id = run.split("/")
        heard = (
            f"Received executor event with state success for task instance TaskInstanceKey(dag_id={dag_id!r}, "
            f"task_id={task!r}, run_id={run_id!r}, try_number={tried},"
        )
        logs = airflow_local.Home(self.home / "airflow").logs

        def is_heard() -> bool:
            return any(heard in log.read_text(encoding="utf-8") for log in logs.glob("airflow-scheduler.log*"))

        wait_until(is_heard, 90, f"the scheduler has not heard that {task} has asked")

    def answer(self, run: str, task: str, choice: str, opinion: str = "") -> None:
        """As a click on the page of required actions does."""
        self.wait_for_question(run, task)
        given = {"chosen_options": [choice], "params_input": {"意见": opinion}}
        self.api("PATCH", f"{run}/taskInstances/{task}/-1/hitlDetails", given)

    def drop(self, department: str, name: str, content: bytes) -> float:
        """A file as a department drops it; the moment it was closed."""
        with (self.home / "inbox" / department / name).open("wb") as file:
            file.write(content)
        return time.monotonic()

    def receipts(self, department: str) -> dict[str, dict[str, Any]]:
        """The receipts of a department by file name, the newest where a file came twice."""
        found = (json.loads(file.read_text()) for file in (self.home / "outbox" / department).glob("*.回执.json"))
        return {one["file_name"]: one for one in sorted(found, key=lambda one: one["submission_id"])}

    def receipt(self, department: str, name: str, *, within: float) -> dict[str, Any]:
        """Wait for the receipt of a file."""
        wait_until(lambda: name in self.receipts(department), within, f"no receipt for {department}/{name}")
        return self.receipts(department)[name]


def sample_files(department: str, pattern: str, *, scale: int = 1) -> dict[str, bytes]:
    """Files of the sample district, by name."""
    from include.samples.fugong_samples import arrived

    deliveries = arrived(as_of=date(2020, 3, 18), seed=1, scale=scale)
    return {one.name: one.content() for one in deliveries if one.department == department and fnmatch(one.name, pattern)}


def wait_until(is_so: Callable[[], bool], within: float, otherwise: str | Callable[[], str]) -> None:
    """Look again and again, until it is so or the time is over."""
    deadline = time.monotonic() + within
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"{otherwise if isinstance(otherwise, str) else otherwise()} after {within:.0f} s")
        time.sleep(0.1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A PostgreSQL as fresh as the container's: its address, and the superuser's password."""
    home = tmp_path_factory.mktemp("postgres")
    try:
        embedded.start(home)
        with psycopg.connect(embedded.superuser_url(home), autocommit=True) as connection:
            host, port, password = connection.info.host, connection.info.port, connection.info.password
        with psycopg.connect(f"postgresql://postgres:{password}@{host}:{port}/postgres", autocommit=True) as connection:
            for statement in ("DATABASE fugong", "DATABASE airflow", "ROLE fugong_owner", "ROLE airflow"):
                connection.execute(f"DROP {statement}")  # pyright: ignore[reportArgumentType, reportCallIssue]
        yield f"{host}:{port}", password
    finally:
        embedded.remove(home)


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory, postgres: tuple[str, str]) -> Iterator[RunningAirflow]:
    """Airflow, started once for all tests."""
    home = tmp_path_factory.mktemp("home")
    address, superuser_password = postgres
    airflow_home = airflow_local.Home(home / "airflow")
    airflow_home.folder.mkdir(mode=0o700)
    secrets = airflow_local.make_secrets(airflow_home.secrets)
    airflow_local.write_secrets(airflow_home.folder / "secrets", secrets)
    set_up(address, superuser_password, airflow_home.folder / "secrets")
    with airflow_home.secrets.open("a") as file:
        file.write(f"AIRFLOW_PEOPLE={','.join(f'{one}:{one}' for one in (WITHOUT_ACCOUNT, OPERATOR))}\n")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    url = f"postgresql://fugong_owner:{secrets['FUGONG_DB_PASSWORD']}@{address}/fugong"
    running = RunningAirflow(
        home=home,
        environment={
            **kept,
            "FUGONG_HOME": str(home),
            "FUGONG_WAREHOUSE": url,
            "PYTHONPATH": str(PROJECT / "plugins"),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        postgres=address,
        warehouse_url=url,
    )
    # Two of them would take each other's ports: all tests that need it are on one worker (tests/conftest.py).
    with FileLock(Path(os.environ["FUGONG_TESTS_SHARED"]) / "airflow.lock", timeout=0):
        try:
            running.run_fugong("init")
            for account, name, roles in (("admin", "本机管理员", ("admin", "signer")), (OPERATOR, "运维", ("operator",))):
                words = [word for role in roles for word in ("--role", role)]
                running.run_fugong("account", "add", account, "--name", name, "--post", "演示", *words)
            print(running.up())
            yield running
        finally:
            with contextlib.suppress(AssertionError):
                running.tool("down")


def set_up(address: str, superuser_password: str, secrets: Path) -> None:
    """What the container does at its first start: the script of `/docker-entrypoint-initdb.d`."""
    host, _, port = address.partition(":")
    programs = binary("psql").parent
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PGHOST": host,
        "PGPORT": port,
        "PGPASSWORD": superuser_password,
        "SECRETS": str(secrets),
    }
    script = PROJECT / "docker/postgres/10_databases.sh"
    subprocess.run([script], env=environment, check=True, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="session")
def settings(airflow: RunningAirflow) -> Settings:
    """The installation's folders."""
    return Settings.load(airflow.environment)
