"""What is done about backups every night: make one, restore it for trial where that is due, check what lies there."""

from __future__ import annotations

import os

from pyrage.x25519 import Identity

from fugong.core.errors import ConfigurationError, RefusedError, WarehouseError
from fugong.core.settings import Settings
from fugong.operations.backups.check import check_backups
from fugong.operations.backups.make import Made, make_backup
from fugong.operations.backups.rehearse import TASK, is_due, rehearse
from fugong.operations.task_result import Result, TaskResult, record
from fugong.warehouse.connection import connect_as_loader


def back_up(settings: Settings, *, rehearses: bool | None = None) -> list[TaskResult]:
    """Make a backup, restore it for trial, check the folder of backups; nothing but a notice where no folder is named.

    Args:
        rehearses: None restores a backup for trial once a week.
    """
    folder = settings.backups
    if folder is None or not folder.is_dir():
        return check_backups(settings)
    if not os.access(folder, os.W_OK):
        said = TaskResult(
            "backup-made",
            Result.NOTICE,
            0,
            f"{folder} 只能读:不另做备份,只检查别人放入的",
            f"{folder} can be read only: no backup was made, those that others left are checked",
        )
        with connect_as_loader(settings) as connection:
            record(connection, [said])
        return [said, *check_backups(settings)]
    with connect_as_loader(settings) as connection:
        witness = Identity.generate() if (is_due(connection) if rehearses is None else rehearses) else None
    results: list[TaskResult] = []
    try:
        made = make_backup(settings, witness=witness)
        results.append(_made(settings, made))
        if witness is not None:
            results.append(rehearse(settings, made, witness))
    except (ConfigurationError, RefusedError, WarehouseError, OSError) as error:
        # Recorded before the check, which says in its own words what there is.
        task, zh, en = (
            (TASK, "没有试恢复", "not restored for trial") if results else ("backup-made", "没有做成备份", "no backup was made")
        )
        results.append(TaskResult(task, Result.BAD, 1, f"{zh}:{error}", f"{en}: {error}"))
    with connect_as_loader(settings) as connection:
        record(connection, results)
    return [*results, *check_backups(settings)]


def _made(settings: Settings, made: Made) -> TaskResult:
    megabytes = made.backup.path.stat().st_size / 1e6
    sealed_zh, sealed_en = (
        ("已加密", "sealed")
        if made.backup.is_sealed
        else ("没有加密(未设 FUGONG_BACKUP_KEY)", "not sealed (FUGONG_BACKUP_KEY is not set)")
    )
    return TaskResult(
        "backup-made",
        Result.WELL if made.backup.is_sealed else Result.NOTICE,
        1,
        f"{made.backup.path.name} 已做成,{megabytes:,.1f} MB,{sealed_zh};存档新副本 {made.n_copied:,} 个;"
        f"满 {settings.backup_days} 天等原因删除 {made.n_removed:,} 个",
        f"{made.backup.path.name} was made, {megabytes:,.1f} MB, {sealed_en}; {made.n_copied:,} new copies of archived files; "
        f"{made.n_removed:,} removed",
    )
