"""Nightly maintenance: retention, integrity, folders, backups.

Each task starts from the present state, so it may be killed and run again. Its result is a row of `audit.chore`.
"""

from __future__ import annotations

from fugong.core.settings import Settings
from fugong.operations.backups.nightly import back_up
from fugong.operations.folders import look_at_folders
from fugong.operations.integrity import verify
from fugong.operations.retention import tidy
from fugong.operations.task_result import TaskResult


def run_all(settings: Settings) -> list[TaskResult]:
    """Run every maintenance task, one after another."""
    return [*tidy(settings), *verify(settings), *look_at_folders(settings), *back_up(settings)]
