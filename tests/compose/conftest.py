"""The compose file on a real engine: built, started and asked as a person on the server does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import IO, Any

import pytest

from tests.compose.engine import Engine, missing, running_engine
from tests.compose.images import PROJECT, fetch_wheels, make_base, make_images

COMMIT = f"{'c0' * 20} 2020-03-18"
"""What the image is told that it was built from."""
SCHEDULER = "airflow-scheduler"
ASK = """\
import json, sys, urllib.request
method, url, token, body = json.load(sys.stdin)
headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
data = None if body is None else json.dumps(body).encode()
print(urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=60).read().decode())
"""


@dataclass
class Server:
    """A clone on a server with an engine."""

    engine: Engine
    clone: Path

    def compose(self, *words: str, seconds: float = 120, stdin: bytes | None = None) -> str:
        """`docker compose …` in the clone."""
        return self.engine.docker("compose", *words, folder=self.clone, seconds=seconds, stdin=stdin)

    def up(self) -> None:
        """Start what does not run, and wait until all of it is healthy."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", "480", seconds=600)

    def within(self, service: str, *words: str, stdin: bytes | None = None, seconds: float = 120) -> str:
        """What a program prints in a container."""
        return self.compose("exec", "-T", service, *words, stdin=stdin, seconds=seconds)

    def fugong(self, *words: str) -> Any:
        """`fugong … --json`."""
        return json.loads(self.within(SCHEDULER, "fugong", *words, "--json"))

    def secret(self, name: str) -> str:
        """A secret as its file on the server has it."""
        return (self.clone / "secrets" / name).read_text().strip()

    def container(self, service: str) -> str:
        """The number of a service's container."""
        return self.compose("ps", "--all", "--quiet", service).strip()

    def leader(self, service: str) -> int:
        """The first process of a container, as the engine counts; 0 where it does not run."""
        return int(self.engine.docker("inspect", "--format", "{{.State.Pid}}", self.container(service)))

    def shown_by_processes(self) -> str:
        """Environments and arguments of all that runs in the engine, as root reads them."""
        return self.engine.inside("sh", "-c", "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'")

    def drop(self, department: str, name: str, content: bytes) -> None:
        """A file as a department drops it."""
        folder = f"/var/lib/fugong/inbox/{department}"
        self.within(SCHEDULER, "sh", "-c", f"cat > {folder}/.part && mv {folder}/.part {folder}/{quote(name)}", stdin=content)

    def receipts(self, department: str) -> dict[str, dict[str, Any]]:
        """The receipts of a department by file name."""
        show = f'for one in /var/lib/fugong/outbox/{department}/*.回执.json; do test ! -e "$one" || {{ cat "$one"; printf \'\\f\'; }}; done'
        found = [json.loads(one) for one in self.within("airflow-api-server", "sh", "-c", show).split("\f") if one.strip()]
        return {one["file_name"]: one for one in found}

    def api(self, method: str, path: str, body: object = None) -> Any:
        """What Airflow answers at the port that the server publishes, to its administrator."""
        password = self.secret("airflow_admin_password")
        login = self._ask("POST", "/auth/token", "", {"username": "admin", "password": password})
        return self._ask(method, f"/api/v2/{path}", login["access_token"], body)

    def _ask(self, method: str, path: str, token: str, body: object) -> Any:
        given = json.dumps([method, f"http://127.0.0.1:8080{path}", token, body])
        return json.loads(self.engine.inside("/usr/bin/python3", "-c", ASK, stdin=given))

    def tar(self, service: str, *words: str, **streams: IO[bytes]) -> None:
        """`tar` in a container of a service that does not run."""
        run = ["run", "--rm", "--no-deps", "-T", "--entrypoint", "tar", service, *words]
        environment = self.engine.environment
        done = subprocess.run(
            ["/usr/bin/docker", "compose", *run], cwd=self.clone, env=environment, timeout=120, check=False, **streams
        )
        assert done.returncode == 0

    def rows(self, statement: str, database: str = "fugong") -> list[str]:
        """What the warehouse says to its superuser, a line a row."""
        asked = ["psql", "--username", "postgres", "--dbname", database, "--no-align", "--tuples-only", "--command", statement]
        return self.within("postgres", *asked).splitlines()


def wait_until(is_so: Callable[[], bool], within: float, otherwise: str) -> None:
    """Look again and again, until it is so or the time is over."""
    deadline = time.monotonic() + within
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"{otherwise} after {within:.0f} s")
        time.sleep(1)


def copy_project(clone: Path) -> None:
    """What Git knows, and what it would, with the modes of somebody whose umask is 077."""
    umask = os.umask(0o077)
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, names):
        there = clone / name
        there.parent.mkdir(parents=True, exist_ok=True)
        if (PROJECT / name).is_file():
            shutil.copyfile(PROJECT / name, there)
            there.chmod(0o700 if os.access(PROJECT / name, os.X_OK) else 0o600)
    os.umask(umask)


def machine() -> dict[str, str]:
    """What an engine would change on a machine: its network, its rules, its mounts, its control groups."""

    def say(*words: str) -> str:
        said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        return "\n".join(line for line in said.splitlines() if not line.startswith("#"))

    return {
        "forwarding": Path("/proc/sys/net/ipv4/ip_forward").read_text(),
        "interfaces": say("ip", "-oneline", "link", "show"),
        "rules": say("iptables-save"),
        "mounts": Path("/proc/self/mounts").read_text(),
        "control groups": "\n".join(sorted(str(path) for path in Path("/sys/fs/cgroup").glob("*/fugong-*"))),
    }


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """An engine in namespaces of its own. Without what it needs, CI fails and everybody else is told loudly."""
    if gone := missing():
        said = f"no engine can be started here: {', '.join(gone)} missing. `.ci/docker` installs what Debian has."
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    before = machine()
    # The path of a socket has at most 107 characters: pytest's own folders are too deep.
    with running_engine(Path(tempfile.mkdtemp(prefix="fugong-engine-")) / "e") as started:
        yield started
    started.folder.parent.rmdir()
    assert machine() == before


@pytest.fixture(scope="session")
def server(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A clone, configured, with its image built; nothing runs yet."""
    work = tmp_path_factory.mktemp("server")
    clone = work / "clone"
    copy_project(clone)
    # Whoever works on this tests again and again: what is fetched is kept there.
    kept = os.environ.get("FUGONG_COMPOSE_KEPT")
    base, wheels = (Path(kept) if kept else work) / "base.tar", (Path(kept) if kept else work) / "wheels"
    fetching = threading.Thread(target=fetch_wheels, args=(wheels,))
    if not wheels.exists():
        fetching.start()
    if not base.exists():
        make_base(base)
    if fetching.ident:
        fetching.join()
    shutil.copytree(wheels, clone / "docker/wheels", dirs_exist_ok=True)
    digests = make_images(engine, base, wheels, work)
    text = (clone / ".env.example").read_text()
    for name, digest in digests.items():
        text = text.replace(f"\n{name}=\n", f"\n{name}={digest}\n")
    (clone / ".env").write_text(f"{text}FUGONG_LOGIN=demo\nFUGONG_COMMIT={COMMIT}\n")
    subprocess.run(["sh", "docker/configure.sh"], cwd=clone, env=engine.environment, check=True)
    found = Server(engine, clone)
    found.compose("build", seconds=600)
    try:
        yield found
    finally:
        if os.environ.get("FUGONG_COMPOSE_LOGS"):
            Path(os.environ["FUGONG_COMPOSE_LOGS"]).write_text(found.compose("logs"))
