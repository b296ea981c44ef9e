"""Restores a backup into an empty database, and archived files from their copies."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

import psycopg
from pyrage.x25519 import Identity

from fugong.core.errors import RefusedError, WarehouseError
from fugong.core.settings import Settings
from fugong.operations.backups import folder as place
from fugong.operations.backups.age import open_sealed
from fugong.operations.backups.folder import Backup
from fugong.storage.archive import archived, fingerprint
from fugong.storage.modes import private_folder
from fugong.warehouse import roles
from fugong.warehouse.conninfo import without_secrets
from fugong.warehouse.embedded.binaries import binary
from fugong.warehouse.migrate import SCHEMAS


def restore_dump(backup: Backup, url: str, identities: list[Identity], spool: Path) -> None:
    """Restore a dump, whole or not at all. What `fugong init` makes anew comes with `fugong init`: rights, guards, views.

    Args:
        url: the owner's, of a database without a warehouse.
        spool: for a file with the password.

    Raises:
        RefusedError: the database holds a warehouse; no identity opens the dump; or its bytes are not as they were made.
        WarehouseError: PostgreSQL refused the dump; nothing is left of it.
    """
    if backup.manifest and fingerprint(backup.path)[0] != backup.manifest.sha256:
        raise RefusedError(
            f"{backup.path.name}:与清单的摘要不符,文件已损坏或被换过 | differs from its manifest: damaged or replaced"
        )
    with psycopg.connect(url) as connection:
        held = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", ([*SCHEMAS],)).fetchall()
        if held:
            raise RefusedError(
                f"目标数据库里已有仓库({held[0][0]} …),不覆盖。请指向一个空的数据库 | "
                f"The database holds a warehouse already ({held[0][0]} …) and is not overwritten: name an empty one"
            )
        roles.create_roles(connection)  # views and functions may name them
    command = [
        binary("pg_restore"),
        *("--no-owner", "--no-privileges", "--no-password", "--exit-on-error", "--single-transaction"),
    ]
    with (
        without_secrets(url, private_folder(spool)) as (parameters, environment),
        TemporaryFile() as said,
        subprocess.Popen(
            [*command, f"--dbname={parameters}"], env=environment, stdin=subprocess.PIPE, stdout=said, stderr=said
        ) as restoring,
    ):
        given = cast(BinaryIO, restoring.stdin)
        try:
            # Where it ends early, what it said is the reason; its pipe is only closed.
            with contextlib.suppress(BrokenPipeError):
                open_sealed(backup.path, given, identities)
            with contextlib.suppress(BrokenPipeError):
                given.close()
        except BaseException:
            restoring.kill()
            raise
        if restoring.wait():
            said.seek(0)
            words = said.read().decode(errors="replace").strip()
            raise WarehouseError(f"没有恢复 | not restored: {words or restoring.returncode}")


def restore_archive(
    folder: Path, settings: Settings, identities: list[Identity], on_progress: Callable[[int, int], None] | None = None
) -> tuple[int, list[str]]:
    """Bring archived files back that are missing. Safe to run again.

    Returns:
        how many came back, and the copies whose bytes are not those of their name.

    Raises:
        RefusedError: no identity opens a copy.
    """
    wanted = [(sha256, copy) for sha256, copy in place.copies(folder) if not archived(settings, sha256).exists()]
    wrong: list[str] = []
    private_folder(settings.archive)
    for n, (sha256, copy) in enumerate(wanted, start=1):
        into = archived(settings, sha256)
        into.parent.mkdir(mode=0o700, exist_ok=True)
        draft = into.with_name(f".{sha256}.part")
        try:
            with draft.open("wb") as writer:
                open_sealed(copy, writer, identities)
            if fingerprint(draft)[0] == sha256:
                draft.replace(into)
            else:
                wrong.append(copy.name)
        finally:
            draft.unlink(missing_ok=True)
        if on_progress:
            on_progress(n, len(wanted))
    return len(wanted) - len(wrong), wrong
