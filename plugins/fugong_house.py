"""Airflow's own house: old runs and their rows leave its database, old task logs its folder."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.configuration import conf

log = logging.getLogger(__name__)

SECURITY_TABLES = ("log",)
"""Airflow's record of who did what: kept as long as logins are."""
DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
OF_THIS_PART = "FUGONG_AIRFLOW_DATABASE"
BLOCKED = "airflow-db-not-allowed"
"""What Airflow puts in the place of the address for a task."""
DAY_SECONDS = 86_400


class AirflowNotCleaned(Exception):
    """The command `airflow db clean` failed, or cannot be run here. The sentence says why."""


def clean_database(keep_days: int, security_days: int) -> str:
    """Delete rows of Airflow's database: of runs, tasks and events after some days, of its security log later.

    Returns:
        a sentence in both languages.

    Raises:
        AirflowNotCleaned: the command failed, or the address of the database is not given to tasks.
    """
    now = datetime.now(UTC)
    others = [table for table in _tables() if table not in SECURITY_TABLES]
    _clean(others, now - timedelta(days=keep_days))
    _clean(list(SECURITY_TABLES), now - timedelta(days=max(keep_days, security_days)))
    return f"Airflow 的运行记录保留 {keep_days} 天,操作日志 {max(keep_days, security_days)} 天 | runs are kept {keep_days} days, the log of who did what {max(keep_days, security_days)}"


def clean_logs(folder: Path, keep_days: int) -> int:
    """Delete old files below the folders of the log folder, and folders that are empty then; return how many files.

    Files in the log folder itself are the parts' own, which whoever starts them turns over.
    """
    oldest, n_deleted = time.time() - keep_days * DAY_SECONDS, 0
    for top in sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()):
        for here, _, names in os.walk(top, topdown=False):
            for name in names:
                file = Path(here) / name
                if file.lstat().st_mtime < oldest:
                    file.unlink()
                    n_deleted += 1
            if Path(here).lstat().st_mtime < oldest and not any(Path(here).iterdir()):
                Path(here).rmdir()
    return n_deleted


def log_folder() -> Path:
    """Where Airflow writes the logs of tasks."""
    return Path(conf.get_mandatory_value("logging", "base_log_folder"))


def _tables() -> list[str]:
    from airflow.utils.db_cleanup import config_dict

    return sorted(config_dict)


def _clean(tables: list[str], before: datetime) -> None:
    command = [
        *(sys.executable, "-m", "airflow", "db", "clean", "--yes", "--skip-archive", "--error-on-cleanup-failure"),
        *("--clean-before-timestamp", before.isoformat(), "--tables", ",".join(tables)),
    ]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env=_environment(os.environ), stdin=subprocess.DEVNULL
    )
    for line in done.stdout.splitlines():
        log.info("%s", line)
    if done.returncode:
        words = "\n".join([*done.stdout.splitlines(), *done.stderr.splitlines()][-10:])
        raise AirflowNotCleaned(f"airflow db clean:{words}")


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a command that reaches Airflow's database, which tasks themselves may not."""
    found = {name: value for name, value in environ.items() if not name.startswith("_AIRFLOW")}
    if given := environ.get(OF_THIS_PART):
        return found | {DATABASE: given}
    if not environ.get(DATABASE, "").startswith(BLOCKED):
        return found
    if f"{DATABASE}_CMD" not in environ:
        raise AirflowNotCleaned(
            f"任务得不到 Airflow 数据库的地址,没有清理:请设置 {OF_THIS_PART} 或 {DATABASE}_CMD | tasks are not given the address of Airflow's "
            f"database, so it was not cleaned: set {OF_THIS_PART} or {DATABASE}_CMD"
        )
    return {name: value for name, value in found.items() if name != DATABASE}
