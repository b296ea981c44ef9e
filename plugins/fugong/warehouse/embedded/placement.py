"""Where the cluster of a home lies, and which account owns it."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from fugong.core.errors import EmbeddedServerError, UnsupportedMachineError
from fugong.warehouse.embedded import binaries, process, state
from fugong.warehouse.embedded.binaries import Account
from fugong.warehouse.embedded.process import Cluster
from fugong.warehouse.embedded.state import AIRFLOW, OWNER, SUPERUSER, Server

SERVICE_USER = "fugong"


def cluster_folder(folder: Path, server: Server) -> Path:
    """The cluster's folder as an absolute path."""
    return folder / server.cluster  # an absolute path replaces the folder


def cluster_of(folder: Path, server: Server) -> Cluster:
    """The cluster of a server, in a folder that its account can write.

    Raises:
        UnsupportedMachineError: the account cannot reach the folder.
    """
    place = cluster_folder(folder, server)
    if os.geteuid() != 0:
        place.mkdir(mode=0o700, exist_ok=True)
        return Cluster(place)
    owner = place.stat() if place.exists() else None
    account = Account(owner.st_uid, owner.st_gid) if owner and owner.st_uid else _service_account()
    if not _is_usable(place, account):
        raise UnsupportedMachineError(
            f"The account {account.uid} that runs PostgreSQL cannot reach {place}. "
            "Move FUGONG_HOME back to where it was, or set FUGONG_WAREHOUSE to a PostgreSQL server."
        )
    return Cluster(place, account)


def choose_place(folder: Path) -> Server:
    """Decide where a new cluster lies and write it down."""
    passwords = {role: secrets.token_hex(24) for role in (SUPERUSER, OWNER, AIRFLOW)}
    server = Server(port=process.free_port(), cluster="cluster", passwords=passwords)
    if os.geteuid() == 0:
        folder.chmod(0o711)  # ours; under umask 077 nobody but root could pass
        if not _is_usable(folder / "cluster", _service_account()):
            _sweep()
            server = replace(server, cluster=str(binaries.store() / secrets.token_hex(6)))
            state.write(folder, server)  # state first, folder second: a sweep must not mistake it for an orphan
            place = Path(server.cluster)
            place.mkdir(mode=0o700)
            note_of(place).write_text(str(folder))
    state.write(folder, server)
    return server


def _is_usable(place: Path, account: Account) -> bool:
    """Give a folder to an account and test that the account can write there."""
    is_new = not place.exists()
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        os.chown(place, account.uid, account.gid)
    except OSError:  # a read-only or foreign file system
        return False
    if binaries.run(account, "/bin/sh", "-c", 'cd "$1" && : >.try && rm .try', "sh", place).returncode == 0:
        return True
    if is_new:
        place.rmdir()
    return False


def _service_account() -> Account:
    try:
        entry = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
        with contextlib.suppress(FileNotFoundError):  # another process may add it at the same time: only the result counts
            subprocess.run([*command, "--shell", "/usr/sbin/nologin", SERVICE_USER], check=False, capture_output=True, timeout=60)
        try:
            entry = pwd.getpwnam(SERVICE_USER)
        except KeyError:
            raise UnsupportedMachineError(
                f"PostgreSQL refuses to run as root, and a user {SERVICE_USER} could not be added. "
                f"Add it (`useradd --system {SERVICE_USER}`), or run as a normal user, or set FUGONG_WAREHOUSE."
            ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def note_of(place: Path) -> Path:
    """The file that names the home of a cluster in `STORE`."""
    return place.with_suffix(".home")


def _sweep() -> None:
    """Delete clusters whose home lay in a temporary folder and no longer exists: nobody can reach them any more."""
    temporary = {Path(tempfile.gettempdir()).resolve(), Path("/tmp"), Path("/var/tmp")}  # noqa: S108
    for note in binaries.store().glob("*.home"):
        folder, place = Path(note.read_text()), note.with_suffix("")
        if not temporary.isdisjoint(folder.parents) and not (folder / "server.json").exists():
            if place.exists():
                owner = place.stat()
                with contextlib.suppress(EmbeddedServerError):
                    process.stop(Cluster(place, Account(owner.st_uid, owner.st_gid)))
                shutil.rmtree(place, ignore_errors=True)
            note.unlink(missing_ok=True)
