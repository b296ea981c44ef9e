"""Applies retention: deletes what has been kept long enough, and what killed runs left.

Retention counts from the day on which a file came to this warehouse, not from its report date: imported history is kept as long as
anything else.
"""

from __future__ import annotations

from functools import partial

from fugong.access.authentication import forget
from fugong.core.advisory_locks import COLLECT_LOCK
from fugong.core.retention import ARCHIVED_FILE_YEARS, MESSAGE_DAYS, RAW_CELLS_DAYS, SEALED_ORIGINAL_DAYS
from fugong.core.settings import Settings
from fugong.evidence.tombstones import record_archive_deleted, record_sealed, record_sealed_deleted
from fugong.intake.collect import remove_leftovers
from fugong.intake.records import clear_returned_cells
from fugong.messages import outbox
from fugong.operations.task_result import Result, TaskResult, record
from fugong.storage import quarantine
from fugong.storage.archive import archived
from fugong.warehouse.connection import connect_as_loader


def tidy(settings: Settings) -> list[TaskResult]:
    """Delete what is past its retention, and what killed runs left."""
    with connect_as_loader(settings, autocommit=True) as connection:
        # No file arrives while files are deleted: the same bytes may arrive again.
        connection.execute("SELECT pg_advisory_lock(%s)", (COLLECT_LOCK,))
        n_cells = clear_returned_cells(connection, RAW_CELLS_DAYS)
        old = connection.execute(OLD_FILES, {"years": ARCHIVED_FILE_YEARS}).fetchall()
        there = [sha256 for (sha256,) in old if archived(settings, sha256).exists()]
        record_archive_deleted(connection, there)
        for sha256 in there:
            archived(settings, sha256).unlink()
        record_sealed(connection, quarantine.seal_all(connection, settings))
        n_sealed = quarantine.delete_old(connection, settings, partial(record_sealed_deleted, connection))
        n_logins = forget(connection, settings.login_days)
        n_left = remove_leftovers(settings)
        n_messages = outbox.delete_old(connection, MESSAGE_DAYS)
        return record(
            connection,
            [
                *_unknown(quarantine.unknown(connection, settings)),
                _deleted(
                    "raw-cells",
                    n_cells,
                    f"退回满 {RAW_CELLS_DAYS} 天的行,清除原文",
                    f"rows set aside {RAW_CELLS_DAYS} days ago emptied",
                ),
                _deleted(
                    "raw-files",
                    len(there),
                    f"存档满 {ARCHIVED_FILE_YEARS} 年的原件,删除",
                    f"files of {ARCHIVED_FILE_YEARS} years ago deleted",
                ),
                _deleted(
                    "sealed-files",
                    n_sealed,
                    f"封存满 {SEALED_ORIGINAL_DAYS} 天的含个人信息原件,删除",
                    f"originals with personal data, sealed {SEALED_ORIGINAL_DAYS} days ago, deleted",
                ),
                _deleted(
                    "messages", n_messages, f"办结满 {MESSAGE_DAYS} 天的通知,删除", f"messages of {MESSAGE_DAYS} days ago deleted"
                ),
                _deleted(
                    "logins",
                    n_logins,
                    f"满 {settings.login_days} 天的登录记录,删除",
                    f"logins of {settings.login_days} days ago deleted",
                ),
                _deleted("leftovers", n_left, "中断运行留下的临时文件,删除", "working files of killed runs deleted"),
            ],
        )


def _unknown(originals: list[str]) -> list[TaskResult]:
    if not originals:
        return []
    n = len(originals)
    return [
        TaskResult(
            "sealed-files-unknown",
            Result.NOTICE,
            n,
            f"封存的含个人信息原件中有 {n} 个,仓库里没有记录,没有删除,请查明后处理:{originals[0]} …",
            f"{n} sealed originals with personal data are not in the warehouse and were not deleted; find out why, then remove them: {originals[0]} …",
        )
    ]


def _deleted(name: str, n: int, zh: str, en: str) -> TaskResult:
    return TaskResult(name, Result.WELL, n, f"{zh} {n:,} 个", f"{n:,} {en}")


OLD_FILES = """
    SELECT sha256 FROM intake.submission WHERE sha256 IS NOT NULL
    GROUP BY sha256
    HAVING MAX(recorded_at) < now() - make_interval(years => %(years)s) AND bool_and(state <> 'received' AND replied_at IS NOT NULL)
"""
