"""`server.json`: port, place and passwords of the server of a home; and the lock under which they change."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Generator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fugong.core.errors import EmbeddedServerError, WarehouseMissing
from fugong.storage.atomic_file import replacing

DATABASE = "fugong"
OWNER = "fugong_owner"
AIRFLOW = "airflow"
SUPERUSER = "postgres"
START_SECONDS = 600
"""Crash recovery after a big load takes minutes on a slow disk; giving up early would leave the server half started."""


@dataclass(frozen=True, slots=True)
class Server:
    """The contents of `server.json`.

    Attributes:
        port: on 127.0.0.1.
        cluster: relative to `<home>/warehouse` (the home may be moved), or absolute below `binaries.STORE`.
        passwords: by role.
        has_databases: whether roles and databases have been created.
    """

    port: int
    cluster: str
    passwords: dict[str, str] = field(repr=False)
    has_databases: bool = False

    def url(self, role: str, database: str, scheme: str = "postgresql") -> str:
        """The URL of a database for a role, password included."""
        return f"{scheme}://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"


def folder_of(home: Path) -> Path:
    """The server's folder within a home."""
    return home.resolve() / "warehouse"


def existing(home: Path) -> tuple[Path, Server]:
    """The folder of a home's server and its state.

    Raises:
        WarehouseMissing: this home has no server yet.
    """
    folder = folder_of(home)
    if (server := read(folder)) is None:
        raise missing(home)
    return folder, server


def missing(home: Path) -> WarehouseMissing:
    """The error for a home without a server."""
    return WarehouseMissing(
        f"{home}: 这里还没有仓库。请先运行 fugong init,或设置 FUGONG_WAREHOUSE。 | "
        "No warehouse here yet: run `fugong init` first, or set FUGONG_WAREHOUSE."
    )


def read(folder: Path) -> Server | None:
    """The state in this folder, None if there is no server.

    Raises:
        EmbeddedServerError: it belongs to another user.
    """
    try:
        return Server(**json.loads((folder / "server.json").read_text()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as fault:
        raise EmbeddedServerError(
            f"{folder / 'server.json'} belongs to another user. Run as that user, or choose another FUGONG_HOME."
        ) from fault


def write(folder: Path, server: Server) -> None:
    """Replace the file in one step: readers see the old state or the new one, never a mixture."""
    with replacing(folder / "server.json") as draft:
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(server), indent=2) + "\n")
        if os.geteuid() == 0:  # root helping out in another user's home must not lock that user out
            os.chown(draft, folder.stat().st_uid, folder.stat().st_gid)


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """Hold the lock of a folder: one process at a time starts, stops or copies.

    Raises:
        EmbeddedServerError: another process holds it for `START_SECONDS`, or the folder belongs to another user.
    """
    from filelock import FileLock, Timeout  # late: where the server runs already, nobody waits for it

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
