"""Checks that a recent dump of the warehouse exists and can be read."""

from __future__ import annotations

import subprocess
import time
from datetime import timedelta
from pathlib import Path

from fugong.core.settings import Settings
from fugong.operations.task_result import Result, TaskResult, record
from fugong.warehouse.connection import connect_as_loader
from fugong.warehouse.embedded.binaries import binary

BACKUP_HOURS = 26
"""A dump a day, with two hours for a slow night."""


def check_backups(settings: Settings) -> list[TaskResult]:
    """Check that last night's dump of the warehouse exists, can be read to its end, and holds submissions."""
    with connect_as_loader(settings) as connection:
        return record(connection, [_backup(settings.backups)])


def _backup(folder: Path | None) -> TaskResult:
    if folder is None:
        return TaskResult(
            "backup",
            Result.NOTICE,
            0,
            "没有设置备份目录(FUGONG_BACKUPS),未检查备份",
            "No folder of dumps is named (FUGONG_BACKUPS)",
        )
    dumps = sorted(folder.glob("*.dump"), key=lambda dump: dump.stat().st_mtime)
    if not dumps:
        return TaskResult("backup", Result.BAD, 0, f"{folder} 里没有备份(*.dump)", f"No dump (*.dump) in {folder}")
    newest = dumps[-1]
    age = timedelta(seconds=time.time() - newest.stat().st_mtime)
    if age > timedelta(hours=BACKUP_HOURS):
        hours = age // timedelta(hours=1)
        return TaskResult(
            "backup", Result.BAD, 1, f"最近的备份 {newest.name} 已过 {hours} 小时", f"{newest.name} is {hours} hours old"
        )
    restore = binary("pg_restore")
    contents = subprocess.run([restore, "--list", newest], check=False, capture_output=True, text=True)
    # Read the whole dump: its table of contents is at the beginning and does not show that the rest was cut off.
    read = subprocess.run([restore, "--file=/dev/null", newest], check=False, capture_output=True, text=True)
    for done in (contents, read):
        if done.returncode:
            message = (done.stderr.strip().splitlines() or ["?"])[-1]
            return TaskResult(
                "backup", Result.BAD, 1, f"备份 {newest.name} 读不出来:{message}", f"{newest.name} cannot be read: {message}"
            )
    if "TABLE DATA intake submission " not in contents.stdout:
        return TaskResult("backup", Result.BAD, 1, f"备份 {newest.name} 里没有报送", f"{newest.name} holds no submissions")
    megabytes = newest.stat().st_size / 1e6
    return TaskResult(
        "backup",
        Result.WELL,
        1,
        f"备份 {newest.name} 可读,{megabytes:,.1f} MB",
        f"{newest.name} can be read, {megabytes:,.1f} MB",
    )
