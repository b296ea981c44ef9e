"""Makes a backup: a dump of one state of the warehouse, sealed while it is written, then copies of what is new in the archive."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

import psycopg
from filelock import FileLock
from pyrage.x25519 import Identity, Recipient

from fugong.core.errors import ConfigurationError, RefusedError, WarehouseError
from fugong.core.settings import Settings
from fugong.evidence.tombstones import archive_deleted
from fugong.operations.backups import folder as place
from fugong.operations.backups.age import SUFFIX, read_recipients, seal
from fugong.operations.backups.facts import Facts, read_facts
from fugong.operations.backups.folder import Backup, Manifest
from fugong.storage import quarantine
from fugong.storage.archive import archived, fingerprint
from fugong.storage.atomic_file import replacing
from fugong.storage.modes import private_folder
from fugong.warehouse.connection import address, address_of, connect_as_loader
from fugong.warehouse.conninfo import without_secrets
from fugong.warehouse.embedded.binaries import binary
from fugong.warehouse.migrate import SCHEMAS
from fugong.warehouse.roles import BACKUP


@dataclass(frozen=True)
class Made:
    """A new backup.

    Attributes:
        facts: what was dumped, with its figures where they were asked for.
        n_copied: how many archived files were copied; the others had a copy.
        n_removed: how many backups and copies went, because they were kept long enough.
    """

    backup: Backup
    facts: Facts
    n_copied: int
    n_removed: int


def backup_folder(settings: Settings) -> Path:
    """The folder of backups.

    Raises:
        ConfigurationError: none is named, or there is none.
    """
    if settings.backups is None:
        raise ConfigurationError("没有设置备份目录(FUGONG_BACKUPS)| No folder of backups is named (FUGONG_BACKUPS)")
    if not settings.backups.is_dir():
        raise ConfigurationError(f"FUGONG_BACKUPS={settings.backups}:没有这个目录 | there is no such folder")
    return settings.backups


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else makes or removes backups in this folder. What a killed run left there is removed.

    Raises:
        RefusedError: somebody else does just now.
    """
    lock = FileLock(folder / place.LOCK, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except TimeoutError:
        raise RefusedError(f"{folder}:正在做另一份备份 | another backup is being made") from None
    try:
        for draft in (*folder.glob(place.DRAFT), *folder.glob(f"{place.ARCHIVE}/??/{place.DRAFT}")):
            draft.unlink()
        for manifest in folder.glob("fugong-*.json"):
            if place.NAME.match(manifest.name) and not [*folder.glob(f"{manifest.stem}.dump*")]:
                manifest.unlink()
        yield
    finally:
        lock.release()


def make_backup(settings: Settings, *, witness: Identity | None = None) -> Made:
    """Make a backup; the dump takes its name when it is complete. Safe to run at any time, and after a kill.

    Args:
        witness: an identity that opens this one, too: whoever made the backup can restore it for trial.

    Raises:
        ConfigurationError: there is no folder, or a public key is none.
        RefusedError: another one is being made.
        WarehouseError: the warehouse could not be dumped.
    """
    folder = backup_folder(settings)
    recipients = read_recipients(settings.backup_key or "")
    with locked(folder):
        began = datetime.now(UTC)
        path = place.new_path(folder, began, is_sealed=bool(recipients))
        with connect_as_loader(settings) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            [(snapshot,)] = connection.execute("SELECT pg_export_snapshot()").fetchall()
            with replacing(path) as draft:
                _dump(settings, snapshot, draft, [*recipients, *([witness.to_public()] if witness and recipients else [])])
                sha256, n_bytes = fingerprint(draft)
                facts = read_facts(connection, settings.include, with_figures=witness is not None)
                manifest = Manifest(
                    file=path.name,
                    sha256=sha256,
                    n_bytes=n_bytes,
                    made_at=began.isoformat(timespec="seconds"),
                    revision=facts.revision,
                    head=facts.head,
                    submissions=facts.submissions,
                    rows=facts.rows,
                    recipients=tuple(str(one) for one in recipients),
                )
                # First: a manifest without its dump is rubbish, a dump without its manifest cannot be checked.
                place.write_manifest(path, manifest)
            connection.rollback()  # what it computed was for this moment only
        with connect_as_loader(settings) as connection:
            n_copied = _copy_archive(connection, settings, folder)
            n_removed = _remove_old(connection, settings, folder)
    return Made(Backup(path, manifest), facts, n_copied, n_removed)


def backup_address(settings: Settings) -> str:
    """The URL for the role that reads the whole warehouse: `FUGONG_WAREHOUSE_BACKUP`, the embedded server's, or the owner's."""
    if settings.backup_url:
        return settings.backup_url
    return address(settings) if settings.warehouse_url else address_of(settings, BACKUP)


def _dump(settings: Settings, snapshot: str, draft: Path, recipients: list[Recipient]) -> None:
    command = [
        binary("pg_dump"),
        "--format=custom",
        "--no-password",
        f"--snapshot={snapshot}",
        *(f"--schema={schema}" for schema in SCHEMAS),
    ]
    with (
        without_secrets(backup_address(settings), private_folder(settings.spool)) as (parameters, environment),
        TemporaryFile() as said,
        subprocess.Popen(
            [*command, f"--dbname={parameters}"], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        ) as dumping,
    ):
        try:
            seal(cast(BinaryIO, dumping.stdout), draft, recipients)
        except BaseException:
            dumping.kill()
            raise
        if dumping.wait():
            said.seek(0)
            words = said.read().decode(errors="replace").strip()
            raise WarehouseError(f"没有导出 | not dumped: {words or dumping.returncode}")


def _copy_archive(connection: psycopg.Connection, settings: Settings, folder: Path) -> int:
    """Copy archived files that have no copy. What holds personal data is sealed elsewhere, is deleted after some days, and is not copied."""
    sealed = {sha256 for (sha256,) in connection.execute(quarantine.ALL_SEALED).fetchall()}
    there = {sha256 for sha256, _ in place.copies(folder)} | sealed
    recipients = read_recipients(settings.backup_key or "")
    n_copied = 0
    for file in sorted(settings.archive.glob("??/*")):
        if file.name in there:
            continue
        into = private_folder(folder / place.ARCHIVE / file.name[:2])
        draft = into / f".{uuid.uuid4().hex}.part"
        try:
            with file.open("rb") as reader:
                seal(reader, draft, recipients)
            # Named by its own digest, a sealed copy shows without an identity that it is as it was made.
            draft.replace(into / (f"{file.name}.{fingerprint(draft)[0][:16]}{SUFFIX}" if recipients else file.name))
        finally:
            draft.unlink(missing_ok=True)
        n_copied += 1
    return n_copied


def _remove_old(connection: psycopg.Connection, settings: Settings, folder: Path) -> int:
    """Remove our backups that were kept long enough, all but the newest, and copies of what was lawfully sealed or deleted."""
    old = [one for one in place.list_backups(folder)[:-1] if one.manifest and one.age_seconds > settings.backup_days * 86_400]
    for one in old:
        one.path.unlink()
        place.manifest_of(one.path).unlink(missing_ok=True)
    gone = {sha256 for (sha256,) in connection.execute(quarantine.ALL_SEALED).fetchall()}
    gone |= archive_deleted(connection)
    left = [path for sha256, path in place.copies(folder) if sha256 in gone and not archived(settings, sha256).exists()]
    for path in left:
        path.unlink()
    return len(old) + len(left)
