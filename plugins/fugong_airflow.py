"""What Fugong adds to Airflow: the assets through which its DAGs start each other, the trigger of the inbox, and the retry policy.

An event says that there is work, never which: the DAG that it starts reads the table. So an event may come twice or for
nothing, and a lost event costs time, not data.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin
from airflow.sdk import Asset, AssetWatcher
from airflow.sdk.definitions.retry_policy import RetryDecision, RetryPolicy
from airflow.timetables.trigger import CronTriggerTimetable
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from fugong_pages import PAGES, pages

if TYPE_CHECKING:
    from airflow.sdk import Context
    from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction

log = logging.getLogger(__name__)
os.umask(0o077)  # in every part of Airflow and in its tasks, whoever started them: files are for this account alone


WAIT_FOR_FOLDER = 5.0


@dataclass
class Waiting:
    """A file in the inbox that has not been collected yet.

    Attributes:
        stamp: size and time of change at the last scan.
        ring_at: monotonic time of the next event.
        patience: seconds to the event after that; doubles with every event.
    """

    stamp: tuple[int, int]
    ring_at: float
    patience: float


class InboxTrigger(BaseEventTrigger):
    """Sends an event when a file in the inbox is finished, and repeats it, ever more rarely, until the file is collected.

    The inbox itself is the memory: what is in it is not collected. So a restart, a paused DAG or an event that Airflow has lost
    neither loses nor doubles a file.

    Args:
        settle: seconds for which size and time of change must not change.
        look_every: seconds between scans without a notice from the kernel (network folders send none).
        patience: seconds from the first event to the second; a collect on a busy machine takes less.
        patience_at_most: seconds between later events.
        window: seconds between any two events: files that are finished within it are announced together.
    """

    def __init__(
        self,
        settle: float = 0.5,
        look_every: float = 5.0,
        patience: float = 15.0,
        patience_at_most: float = 300.0,
        window: float = 1.0,
    ) -> None:
        super().__init__()
        self.settle = settle
        self.look_every = look_every
        self.patience = patience
        self.patience_at_most = patience_at_most
        self.window = window

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The name and arguments from which the triggerer builds it."""
        return (
            "fugong_airflow.InboxTrigger",
            {
                "settle": self.settle,
                "look_every": self.look_every,
                "patience": self.patience,
                "patience_at_most": self.patience_at_most,
                "window": self.window,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Send events for the inbox of this installation, for ever."""
        from fugong.core.settings import Settings

        async for n_files in self.rings(Settings.load().inbox):
            yield TriggerEvent({"files": n_files})

    async def rings(self, inbox: Path) -> AsyncGenerator[int, None]:
        """One number per event: how many files it announces."""
        changed = asyncio.Event()
        watch = asyncio.create_task(watch_folder(inbox, changed))
        waiting: dict[Path, Waiting] = {}
        may_ring_at = 0.0
        try:
            while True:
                changed.clear()
                found = await asyncio.to_thread(look_into, inbox)
                now = time.monotonic()
                waiting = {path: old for path, old in waiting.items() if path in found}
                for path, stamp in found.items():
                    known = waiting.get(path)
                    if known is None or known.stamp != stamp:
                        waiting[path] = Waiting(stamp, now + self.settle, self.patience)
                due = [file for file in waiting.values() if file.ring_at <= now] if now >= may_ring_at else []
                for file in due:
                    file.ring_at = now + file.patience
                    file.patience = min(2 * file.patience, self.patience_at_most)
                if due:
                    may_ring_at = now + self.window
                    yield len(due)
                next_ring = max(min((file.ring_at for file in waiting.values()), default=now + self.look_every), may_ring_at)
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), max(0.05, min(next_ring - now, self.look_every)))
        finally:
            watch.cancel()


async def watch_folder(folder: Path, changed: asyncio.Event) -> None:
    """Set `changed` whenever the kernel reports a change below `folder`; where it cannot, the scan every few seconds has to do.

    A folder that is not there is waited for, never made: it may be a mount that is away.
    """
    from watchfiles import awatch

    while not folder.is_dir():
        await asyncio.sleep(WAIT_FOR_FOLDER)
    try:
        async for _ in awatch(folder, debounce=200, step=50, watch_filter=None, recursive=True):
            changed.set()
    except Exception:
        log.warning("%s cannot be watched; it is scanned every few seconds instead", folder, exc_info=True)


def look_into(inbox: Path) -> dict[Path, tuple[int, int]]:
    """The files of all departments, those for a dry run included, with size and time of change in nanoseconds."""
    from fugong.core.settings import TRIAL
    from fugong.intake.collect import is_temporary

    found: dict[Path, tuple[int, int]] = {}
    with suppress(OSError):  # the inbox, a folder or a file may vanish at any moment; the next scan sees what is left
        for department in os.scandir(inbox):
            for folder in (Path(department.path), Path(department.path) / TRIAL):
                with suppress(OSError):
                    if folder.is_symlink():  # a sender's: what lies behind it is nobody's report
                        continue
                    for entry in os.scandir(folder):
                        with suppress(OSError):
                            if not is_temporary(entry.name) and not entry.is_dir(follow_symlinks=False):
                                stat = entry.stat(follow_symlinks=False)
                                found[Path(entry.path)] = (stat.st_size, stat.st_mtime_ns)
    return found


FOLDER_AWAY = frozenset(
    {
        errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.EIO, errno.ENETDOWN, errno.ENETUNREACH, errno.ENODEV, errno.ENOTCONN, errno.ENXIO,
        errno.EREMOTEIO, errno.ESHUTDOWN, errno.ESTALE, errno.ETIMEDOUT,
    }
)  # fmt: skip
"""What the kernel says of a file system that went away, on the network or with its device. Of a folder that is not there `FolderAwayError` says it."""


class OnlyWhenTheDatabaseIsAway(RetryPolicy):
    """Retries when the warehouse, or a folder of the network, could not be reached. Anything else would fail again, so it fails at once."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,  # noqa: ARG002
        max_tries: int,  # noqa: ARG002
        context: Context | None = None,  # noqa: ARG002
    ) -> RetryDecision:
        """Decide by the exception and its causes."""
        causes: list[BaseException] = []
        cause: BaseException | None = exception
        while cause is not None and cause not in causes:
            causes.append(cause)
            cause = cause.__cause__ or cause.__context__
        for cause in causes:
            names = {f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in type(cause).__mro__}
            if names & {"psycopg.OperationalError", "psycopg.InterfaceError", "sqlalchemy.OperationalError"}:
                return RetryDecision.retry(reason=f"数据库暂时连不上 | database away: {type(cause).__name__}")
            if "fugong.FolderAwayError" in names:
                return RetryDecision.retry(reason="文件夹暂时不在 | folder away: missing")
            if isinstance(cause, OSError) and cause.errno in FOLDER_AWAY:
                return RetryDecision.retry(reason=f"文件夹暂时连不上 | folder away: {errno.errorcode[cause.errno]}")
        return RetryDecision.fail(reason="重试无益 | a retry would fail again")


class DaysOfBackfill(CronTriggerTimetable):
    """A clock that starts no run: an event does, where there is a day to work on. It says which days a backfill has."""

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The next day of a backfill, which has an end; the scheduler, which asks without one, gets none."""
        if restriction.latest is None:
            return None
        return super().next_dagrun_info(last_automated_data_interval=last_automated_data_interval, restriction=restriction)


def days_of_backfill(cron: str) -> Any:
    """`DaysOfBackfill`, as the schedule of a DAG takes it: the type of a schedule does not know timetables of plugins."""
    kind: Any = DaysOfBackfill
    return kind(cron, timezone="Asia/Shanghai")


INBOX = Asset(name="inbox", uri="fugong://inbox", watchers=[AssetWatcher(name="inbox_doorbell", trigger=InboxTrigger())])
SETTLED = Asset(name="settled_reports", uri="fugong://settled_reports")
MARTS = Asset(name="marts", uri="fugong://marts")
BRIEFING_DUE = Asset(name="briefing_due", uri="fugong://briefing_due")


class FugongPlugin(AirflowPlugin):
    """Makes Airflow load this module in every process, so that it finds trigger and timetable by their names, and adds the pages."""

    name = "fugong"
    timetables = [DaysOfBackfill]  # noqa: RUF012
    fastapi_apps = [{"app": pages, "url_prefix": PAGES, "name": "复工"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {"name": "复工网页", "href": f"{PAGES}/", "destination": "nav", "url_route": "fugong-pages", "category": "browse"}
    ]
