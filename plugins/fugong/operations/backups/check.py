"""Checks that a recent backup exists, and that what lies there is as it was made."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

from fugong.core.errors import RefusedError
from fugong.core.settings import Settings
from fugong.operations.backups import folder as place
from fugong.operations.backups.age import SUFFIX
from fugong.operations.backups.folder import Backup
from fugong.operations.task_result import Result, TaskResult, record
from fugong.storage import quarantine
from fugong.storage.archive import fingerprint
from fugong.warehouse.connection import connect_as_loader
from fugong.warehouse.embedded.binaries import binary

BACKUP_HOURS = 26
"""A dump a day, with two hours for a slow night."""
EXAMPLES = 3


def check_backups(settings: Settings) -> list[TaskResult]:
    """Check that last night's dump of the warehouse exists, can be read to its end, and holds submissions; that archived files have copies.

    Without its identity a sealed dump is compared with the digest that it had when it was made.
    """
    results = [_backup(settings.backups)]
    with connect_as_loader(settings) as connection:
        if settings.backups is not None and (settings.backups / place.ARCHIVE).is_dir():
            sealed = {sha256 for (sha256,) in connection.execute(quarantine.ALL_SEALED).fetchall()}
            results.append(_copies(settings, settings.backups, sealed))
        return record(connection, results)


def _backup(folder: Path | None) -> TaskResult:
    if folder is None:
        return TaskResult(
            "backup",
            Result.NOTICE,
            0,
            "没有设置备份目录(FUGONG_BACKUPS),没有备份",
            "No folder of backups is named (FUGONG_BACKUPS): there are none",
        )
    if not folder.is_dir():
        return TaskResult("backup", Result.BAD, 0, f"没有备份目录 {folder}", f"There is no folder {folder}")
    try:
        backups = place.list_backups(folder)
    except RefusedError as error:
        return TaskResult("backup", Result.BAD, 1, str(error), str(error))
    if not backups:
        return TaskResult("backup", Result.BAD, 0, f"{folder} 里没有备份(*.dump)", f"No dump (*.dump) in {folder}")
    newest = backups[-1]
    age = timedelta(seconds=newest.age_seconds)
    if age > timedelta(hours=BACKUP_HOURS):
        hours = age // timedelta(hours=1)
        return TaskResult(
            "backup",
            Result.BAD,
            1,
            f"最近的备份 {newest.path.name} 已过 {hours} 小时",
            f"{newest.path.name} is {hours} hours old",
        )
    if newest.manifest and fingerprint(newest.path) != (newest.manifest.sha256, newest.manifest.n_bytes):
        return TaskResult(
            "backup",
            Result.BAD,
            1,
            f"备份 {newest.path.name} 与做成时的摘要不符,文件已损坏或被换过",
            f"{newest.path.name} is not as it was made: damaged or replaced",
        )
    megabytes = newest.path.stat().st_size / 1e6
    if newest.is_sealed:
        return _sealed(newest, megabytes)
    if (wrong := _unreadable(newest.path)) is not None:
        return wrong
    return TaskResult(
        "backup",
        Result.WELL,
        1,
        f"备份 {newest.path.name} 可读,{megabytes:,.1f} MB",
        f"{newest.path.name} can be read, {megabytes:,.1f} MB",
    )


def _sealed(newest: Backup, megabytes: float) -> TaskResult:
    """A sealed dump whose bytes are as they were made; that it can be restored is what the rehearsal shows."""
    name = newest.path.name
    if newest.manifest is None:
        return TaskResult(
            "backup",
            Result.BAD,
            1,
            f"加密备份 {name} 没有清单,无法核对",
            f"{name} is sealed and has no manifest: it cannot be checked",
        )
    return TaskResult(
        "backup",
        Result.WELL,
        1,
        f"加密备份 {name} 与做成时一致,{megabytes:,.1f} MB,内有 {newest.manifest.submissions:,} 份报送",
        f"{name} is sealed and as it was made, {megabytes:,.1f} MB, {newest.manifest.submissions:,} submissions",
    )


def _unreadable(dump: Path) -> TaskResult | None:
    restore = binary("pg_restore")
    contents = subprocess.run([restore, "--list", dump], check=False, capture_output=True, text=True)
    # Read the whole dump: its table of contents is at the beginning and does not show that the rest was cut off.
    read = subprocess.run([restore, "--file=/dev/null", dump], check=False, capture_output=True, text=True)
    for done in (contents, read):
        if done.returncode:
            message = (done.stderr.strip().splitlines() or ["?"])[-1]
            return TaskResult(
                "backup", Result.BAD, 1, f"备份 {dump.name} 读不出来:{message}", f"{dump.name} cannot be read: {message}"
            )
    if "TABLE DATA intake submission " not in contents.stdout:
        return TaskResult("backup", Result.BAD, 1, f"备份 {dump.name} 里没有报送", f"{dump.name} holds no submissions")
    return None


def _copies(settings: Settings, folder: Path, sealed: set[str]) -> TaskResult:
    """Every archived file has a copy, and every copy has the digest that its name says."""
    there: set[str] = set()
    wrong: list[str] = []
    for sha256, copy in place.copies(folder):
        there.add(sha256)
        own = copy.name.removesuffix(SUFFIX).rpartition(".")[2] if copy.suffix == SUFFIX else sha256
        if not fingerprint(copy)[0].startswith(own):
            wrong.append(copy.name[:12])
    missing = [file.name[:12] for file in sorted(settings.archive.glob("??/*")) if file.name not in there | sealed]
    if not (wrong or missing):
        return TaskResult(
            "backup-archive",
            Result.WELL,
            len(there),
            f"存档副本逐字节核对 {len(there):,} 个,无误",
            f"{len(there):,} copies of archived files read and compared, all well",
        )
    shown = "、".join([*wrong, *missing][:EXAMPLES])
    return TaskResult(
        "backup-archive",
        Result.BAD,
        len(wrong) + len(missing),
        f"存档副本损坏 {len(wrong)} 个、缺 {len(missing)} 个:{shown}",
        f"{len(wrong)} copies of archived files are damaged, {len(missing)} are missing: {shown}",
    )
