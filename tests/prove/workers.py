"""Workers on two hosts of their own, made of network namespaces: one is killed while it loads, and every file is answered once.

Airflow, PostgreSQL and Redis run on a third one, from the commands and the environment of `docker-compose.yaml`. The home is shared, as a folder of the
network would be; the spool is each worker's own. Nothing listens on an address of this machine.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from fugong.core.settings import PROJECT, Settings
from fugong.operations import setup
from fugong.warehouse.connection import address_of, connect_as_loader
from fugong.warehouse.embedded import server as embedded
from include.samples.fugong_samples import arrived
from tests.prove.proof import Proof, Try
from tools import airflow_local

NEEDED = ("ip", "iptables", "unshare", "redis-server")
MAIN, HOSTS = "10.77.0.1", {"fugong-one": "10.77.0.11", "fugong-two": "10.77.0.12"}
REDIS = "REDIS_PASSWORD=of-redis\nAIRFLOW_EXECUTOR=CeleryExecutor\n"
API = f"http://127.0.0.1:{airflow_local.API_PORT}/execution/health"
NAMES = Path("/run/netns")
FILES = 36
CLONE_NEWNET = 0x40000000
ON_A_HOST = """\
hostname "$1" && mount -t tmpfs -o mode=700 tmpfs "$2" && shift 2 && exec "$@"
"""
RUNNING = "SELECT DISTINCT hostname FROM task_instance WHERE task_id = 'process_department' AND state = %s"


def say(*words: str) -> str:
    """What a program says."""
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@contextmanager
def network() -> Iterator[None]:
    """This process in a network of its own, and two hosts that reach what listens on its loopback."""
    gone = [name for name in NEEDED if not shutil.which(name)]
    if os.geteuid() != 0 or gone:
        raise SystemExit(f"network namespaces want root and {', '.join(NEEDED)}; missing: {', '.join(gone) or 'root'}")
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    had_names = NAMES.is_mount()
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    try:
        say("ip", "link", "set", "lo", "up")
        say("ip", "link", "add", "fugong0", "type", "bridge")
        say("ip", "address", "add", f"{MAIN}/24", "dev", "fugong0")
        say("ip", "link", "set", "fugong0", "up")
        for number, (host, address) in enumerate(HOSTS.items()):
            say("ip", "netns", "add", host)
            say("ip", "link", "add", f"fugong-v{number}", "type", "veth", "peer", "name", "eth0", "netns", host)
            say("ip", "link", "set", f"fugong-v{number}", "master", "fugong0", "up")
            say("ip", "-n", host, "address", "add", f"{address}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                say("ip", "-n", host, "link", "set", device, "up")
        Path("/proc/sys/net/ipv4/conf/fugong0/route_localnet").write_text("1")
        say(
            "iptables",
            "-t",
            "nat",
            "-A",
            "PREROUTING",
            "-i",
            "fugong0",
            "-p",
            "tcp",
            "-j",
            "DNAT",
            "--to-destination",
            "127.0.0.1",
        )
        # The server lets in whoever comes from its own machine.
        say("iptables", "-t", "nat", "-A", "INPUT", "-i", "fugong0", "-p", "tcp", "-j", "SNAT", "--to-source", "127.0.0.1")
        yield
    finally:
        for host in HOSTS:
            kill_all(host)
            subprocess.run(["ip", "netns", "delete", host], check=False)
        if NAMES.is_mount() and not had_names:
            say("umount", str(NAMES))  # `ip netns add` has mounted it
        libc.setns(before, CLONE_NEWNET)
        os.close(before)


def kill_all(host: str) -> None:
    """End everything on a host at once, as a cut of its power does."""
    for pid in subprocess.run(["ip", "netns", "pids", host], check=False, capture_output=True, text=True).stdout.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


@dataclass
class Installation:
    """Airflow on the first host, workers on the others."""

    settings: Settings
    work: Path
    parts: dict[str, airflow_local.Part]
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict[str, subprocess.Popen[bytes]])

    def on(self, host: str, *words: str) -> list[str]:
        """A command on a host, with a spool of its own."""
        spool = str(self.settings.home / "spool")
        return ["ip", "netns", "exec", host, "unshare", "--uts", "--mount", "sh", "-c", ON_A_HOST, "sh", host, spool, *words]

    def environment(self, host: str) -> dict[str, str]:
        """What a part is told there."""
        given = {key: value.replace("127.0.0.1", MAIN) for key, value in self.parts[airflow_local.SCHEDULER].environment.items()}
        loader = address_of(self.settings, "loader").replace("127.0.0.1", MAIN)  # no server of its own
        return {**given, "AIRFLOW_HOME": str(self.work / host), "FUGONG_WAREHOUSE": loader}

    def start_worker(self, host: str) -> None:
        """Start a worker, and wait until it answers by way of the queue."""
        folder = self.work / host
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        entrypoint = self.parts[airflow_local.SCHEDULER].command[0]
        with (self.work / f"{host}.log").open("ab") as log:
            self.workers[host] = subprocess.Popen(
                self.on(host, entrypoint, "airflow", "celery", "worker", "--skip-serve-logs"),
                env=self.environment(host), cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        asks = self.on(host, entrypoint, sys.executable, str(PROJECT / "docker/healthy_worker.py"))

        def answers() -> bool:
            return subprocess.run(asks, env=self.environment(host), cwd=folder, capture_output=True, check=False).returncode == 0

        wait_until(answers, 240, f"{host}: the worker does not answer; see {self.work / host}.log")

    def hosts(self, state: str) -> set[str]:
        """The hosts on which tasks that process files are in a state."""
        with psycopg.connect(
            self.parts[airflow_local.SCHEDULER].environment["FUGONG_AIRFLOW_DATABASE"].replace("+psycopg2", "")
        ) as held:
            return {name for (name,) in held.execute(RUNNING, (state,)).fetchall()} & HOSTS.keys()


def wait_until(is_so: Callable[[], bool], within: float, otherwise: str) -> None:
    """Look again and again, until it is so or the time is over."""
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, f"{otherwise} ({within:.0f} s)"
        time.sleep(0.2)


@contextmanager
def open_hosts(seed: int) -> Iterator[Try]:
    """Everything started; each case drops files, and kills another worker."""
    with tempfile.TemporaryDirectory(prefix="fugong-proof-", ignore_cleanup_errors=True) as folder, network():
        work = Path(folder)
        work.chmod(0o755)  # the server may run under another account
        settings = Settings(work / "home", PROJECT, None)
        setup.init(settings)
        home = airflow_local.Home(settings.home / "airflow")
        home.logs.mkdir(mode=0o700, parents=True)
        home.secrets.write_text(REDIS)
        started: dict[str, airflow_local.Running] = {}
        redis = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--requirepass", "of-redis", "--dir", str(work), "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        try:
            installation = Installation(settings, work, parts_of(settings, home))
            airflow_local.run_init(installation.parts[airflow_local.INIT], home)
            for name in airflow_local.PARTS:
                if name != airflow_local.WEB:
                    started[name] = airflow_local.start_part(installation.parts[name], home)
                if name == airflow_local.API_SERVER:
                    wait_until(lambda: airflow_local.ask(API) is not None, 240, "the api-server does not answer")
            for host in HOSTS:
                installation.start_worker(host)

            def try_case(case: int) -> dict[str, Any]:
                return _killed(installation, Random(seed * 10**6 + case))

            yield try_case
        finally:
            for host in HOSTS:
                kill_all(host)
            airflow_local.stop_parts(started)
            redis.terminate()
            redis.wait()
            embedded.remove(settings.home)


def parts_of(settings: Settings, home: airflow_local.Home) -> dict[str, airflow_local.Part]:
    """The parts as the compose file says, with the queue at its address."""
    parts = airflow_local.plan(settings, home, airflow_local.API_PORT, None)
    queue = {"AIRFLOW__CELERY__BROKER_URL": "redis://:of-redis@127.0.0.1:6379/0"}
    return {
        name: replace(
            part, environment={key: value for key, value in part.environment.items() if "BROKER_URL" not in key} | queue
        )
        for name, part in parts.items()
    }


def _killed(installation: Installation, random: Random) -> dict[str, Any]:
    settings = installation.settings
    with connect_as_loader(settings) as connection:
        known = set(connection.execute("SELECT department_code, file_name FROM intake.submission").fetchall())
    deliveries = [one for one in arrived(as_of=date(2020, 3, 18), seed=1, scale=1) if (one.department, one.name) not in known]
    chosen = {(one.department, one.name): one for one in random.sample(deliveries, min(FILES, len(deliveries)))}
    for (department, name), one in chosen.items():
        part = settings.inbox / department / ".part"
        part.write_bytes(one.content())
        part.rename(part.with_name(name))
    began = time.monotonic()
    wait_until(lambda: bool(installation.hosts("running")), 120, "no worker takes anything up")
    time.sleep(random.uniform(0, 2))
    busy = installation.hosts("running")
    assert busy, "everything is done before a worker could be killed"
    host = random.choice(sorted(busy))
    kill_all(host)
    killed = time.monotonic() - began

    def answers() -> Counter[tuple[str, str]]:
        with connect_as_loader(settings) as connection:
            rows = connection.execute(
                "SELECT department_code, file_name FROM intake.submission WHERE replied_at IS NOT NULL"
            ).fetchall()
        return Counter(row for row in rows if row in chosen)

    wait_until(lambda: answers().keys() == chosen.keys(), 400, f"{host} killed: not all files are answered")
    found = answers()
    twice = [name for name, n in found.items() if n > 1]
    assert not twice, f"{host} killed: answered twice: {twice}"
    for department, name in chosen:
        receipts = [*(settings.outbox / department).glob(f"*{Path(name).stem}*.回执.json")]
        assert receipts, f"{host} killed: no receipt of {department}/{name}"
    seconds = time.monotonic() - began
    on = installation.hosts("success") | {host}  # what was killed early has finished nothing
    assert len(on) == len(HOSTS), f"only {on} took part"
    installation.start_worker(host)
    return {"files": len(chosen), "killed": round(killed, 1), "seconds": round(seconds), "host": host}


def summary(found: Sequence[dict[str, Any]]) -> str:
    """Counts over all cases."""
    return (
        f"{sum(one['files'] for one in found)} files on two hosts, {len(found)} workers killed at work; "
        f"all answered once, after {max((one['seconds'] for one in found), default=0)} s at most"
    )


PROOF = Proof(
    name="workers",
    claim="A worker on a host of its own dies with signal 9 while it loads: every file is answered, and once",
    claim_zh="另一台主机上的 worker 在入库中被 kill -9:每份文件都有答复,且只有一次",
    n_cases=4,
    open=open_hosts,
    summary=summary,
)
