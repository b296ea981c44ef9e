"""Looks at the folders of departments: files that nobody took, receipts that nobody fetched, folders that we cannot write."""

from __future__ import annotations

import os
import stat
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from fugong.contracts.accepted import accepted_contracts
from fugong.core.settings import TRIAL, Settings
from fugong.intake.collect import is_temporary
from fugong.operations.task_result import Result, TaskResult, record
from fugong.storage.modes import private_folders
from fugong.warehouse.connection import connect_as_loader

INBOX_DAYS = 1
OUTBOX_DAYS = 30
DAY_SECONDS = 86_400


def look_at_folders(settings: Settings) -> list[TaskResult]:
    """Count what lies too long in inboxes and outboxes, and find folders that we cannot read or write."""
    with connect_as_loader(settings) as connection:
        departments = sorted({sender for contract in accepted_contracts(connection) for sender in contract.senders})
    results = [_closed(settings, departments), _inbox(settings, departments), _outbox(settings, departments)]
    with connect_as_loader(settings) as connection:
        return record(connection, results)


def _closed(settings: Settings, departments: list[str]) -> TaskResult:
    folders = [
        *private_folders(settings),
        *(root / department for root in (settings.inbox, settings.outbox) for department in departments),
    ]
    closed = [str(folder) for folder in folders if not is_usable(folder)]
    if not closed:
        return TaskResult(
            "folders",
            Result.WELL,
            len(folders),
            f"{len(folders)} 个文件夹均可读写",
            f"{len(folders)} folders can be read and written",
        )
    shown = "、".join(closed[:3])
    account = f"{os.geteuid()}:{os.getegid()}"
    return TaskResult(
        "folders",
        Result.BAD,
        len(closed),
        f"{len(closed)} 个文件夹不存在或不能读写:{shown}。其中的文件收不上来,回执也送不出去;请运行 fugong init,或 chown {account}",
        f"{len(closed)} folders are missing or cannot be read and written: {shown}. No file is taken there and no receipt arrives: run "
        f"fugong init, or chown {account}",
    )


def is_usable(folder: Path) -> bool:
    """Whether it is a folder, no link, in which we may do everything."""
    try:
        is_folder = stat.S_ISDIR(folder.lstat().st_mode)
    except OSError:
        return False
    return is_folder and os.access(folder, os.R_OK | os.W_OK | os.X_OK)


def _inbox(settings: Settings, departments: list[str]) -> TaskResult:
    waiting = Counter(
        department
        for department in departments
        for folder in (settings.inbox / department, settings.inbox / department / TRIAL)
        for name, age in _files(folder)
        if age > INBOX_DAYS * DAY_SECONDS and not is_temporary(name)
    )
    if not waiting:
        return TaskResult("inbox-old", Result.WELL, 0, "收件夹里没有放了一天以上的文件", "no file has lain in an inbox for a day")
    shown = "、".join(f"{department} {n}" for department, n in sorted(waiting.items()))
    n = waiting.total()
    return TaskResult(
        "inbox-old",
        Result.BAD,
        n,
        f"收件夹里有 {n} 个文件放了一天以上没有收走:{shown}。收报入库停了,或该部门的配置有误(fugong waiting)",
        f"{n} files have lain in an inbox for more than a day: {shown}. Intake is stopped, or a report of theirs is misconfigured (fugong waiting)",
    )


def _outbox(settings: Settings, departments: list[str]) -> TaskResult:
    """Receipts are not opened by us, so what counts is whether the department took or deleted them."""
    unread = Counter(
        department
        for department in departments
        for _, age in _files(settings.outbox / department)
        if age > OUTBOX_DAYS * DAY_SECONDS
    )
    if not unread:
        return TaskResult(
            "outbox-old",
            Result.WELL,
            0,
            f"发件夹里没有放了 {OUTBOX_DAYS} 天以上的文件",
            f"no outbox holds anything of {OUTBOX_DAYS} days ago",
        )
    shown = "、".join(f"{department} {n}" for department, n in sorted(unread.items()))
    n = unread.total()
    return TaskResult(
        "outbox-old",
        Result.NOTICE,
        n,
        f"发件夹里有 {n} 个文件放了 {OUTBOX_DAYS} 天以上没有取走:{shown}。该部门也许没有看到回执,请打电话问",
        f"{n} files have lain in an outbox for more than {OUTBOX_DAYS} days: {shown}. Perhaps nobody there reads the receipts: phone them",
    )


def _files(folder: Path) -> Iterator[tuple[str, float]]:
    """Names and ages in seconds of the files of a folder; of nothing where it cannot be read, which `folders` says."""
    try:
        entries = [*os.scandir(folder)]
    except OSError:
        return
    now = time.time()
    for entry in entries:
        try:
            found = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # taken just now
            continue
        if stat.S_ISREG(found.st_mode) and not entry.name.startswith("."):
            yield entry.name, now - found.st_mtime
