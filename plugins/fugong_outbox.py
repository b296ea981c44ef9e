"""What Airflow adds to messages: the trigger that wakes the sender, the callback of tasks that fail, the notifier of questions to signers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, AssetWatcher, BaseNotifier
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)
AWAY_SECONDS = 60.0
"""So long the warehouse may be away before the engineers are told: a restart takes less."""
TOLD_ELSEWHERE = frozenset({"MaintenanceError"})
"""Errors of which the engineers are told where they are found (operations.task_result)."""


class OutboxTrigger(BaseEventTrigger):
    """Sends an event when a message is due: looks into the outbox, and rings again, ever more rarely, while the same messages are due.

    Args:
        look_every: seconds between two looks.
        pause: seconds between an event and the next one that newer messages bring.
        patience: seconds from an event to the next one about the same messages; doubles with every event.
        patience_at_most: seconds between later events.
    """

    def __init__(
        self, look_every: float = 0.5, pause: float = 2.0, patience: float = 15.0, patience_at_most: float = 300.0
    ) -> None:
        super().__init__()
        self.look_every = look_every
        self.pause = pause
        self.patience = patience
        self.patience_at_most = patience_at_most

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The name and arguments from which the triggerer builds it."""
        names = ("look_every", "pause", "patience", "patience_at_most")
        return ("fugong_outbox.OutboxTrigger", {name: getattr(self, name) for name in names})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Send events for the outbox of this installation, for ever."""
        outbox = Outbox()
        try:
            async for n_due in self.rings(outbox.look):
                yield TriggerEvent({"messages": n_due})
        finally:
            outbox.close()

    async def rings(self, look: Callable[[], tuple[int, int]]) -> AsyncGenerator[int, None]:
        """One number per event: how many messages are due. `look` says how many there are, and the number of the newest."""
        newest_told, rung_at, patience = 0, -self.pause, self.patience
        while True:
            n_due, newest = await asyncio.to_thread(look)
            now = time.monotonic()
            if n_due and newest > newest_told and now >= rung_at + self.pause:
                newest_told, rung_at, patience = newest, now, self.patience
                yield n_due
            elif n_due and now >= rung_at + patience:
                rung_at, patience = now, min(2 * patience, self.patience_at_most)
                yield n_due
            await asyncio.sleep(self.look_every)


class Outbox:
    """Looks into the outbox on one connection; while the warehouse is away nothing is due, and the engineers are told that it is."""

    def __init__(self, away_seconds: float = AWAY_SECONDS, pause: float = 5.0) -> None:
        """`pause`: seconds between two tries to reach a warehouse that is away."""
        self._stack = ExitStack()
        self._connection: Any = None
        self._away_seconds, self._pause = away_seconds, pause
        self._away_since: float | None = None

    def look(self) -> tuple[int, int]:
        """How many messages are due, and the number of the newest."""
        import psycopg

        from fugong.core.errors import WarehouseError
        from fugong.messages.outbox import next_due
        from fugong.warehouse.connection import connect_as_loader
        from fugong_settings import load_settings

        try:
            if self._connection is None:
                self._connection = self._stack.enter_context(connect_as_loader(load_settings(), autocommit=True))
            due = next_due(self._connection)
        except (WarehouseError, psycopg.OperationalError, psycopg.InterfaceError) as error:
            log.warning("outbox: %s", type(error).__name__)
            self.close()
            now = time.monotonic()
            self._away_since = self._away_since or now
            if now - self._away_since >= self._away_seconds:
                tell_warehouse_away()
            time.sleep(self._pause)  # in a thread of its own
            return 0, 0
        self._away_since = None
        return due

    def close(self) -> None:
        """Close the connection."""
        self._connection = None
        self._stack.close()


MESSAGES = Asset(name="messages", uri="fugong://messages", watchers=[AssetWatcher(name="outbox", trigger=OutboxTrigger())])


def tell_warehouse_away() -> None:
    """Tell the engineers that the warehouse is away, once in half an hour, whichever part finds it first."""
    from fugong.core.errors import ConfigurationError
    from fugong.messages import direct
    from fugong_settings import load_settings

    try:
        direct.tell_warehouse_away(load_settings())
    except (ConfigurationError, OSError) as error:
        log.warning("没有通知 | nobody is told: %s", error)


def tell_task_failed(context: Context) -> None:
    """Tell the engineers that a task failed; the `on_failure_callback` of every task. What the error says stays in its log: it may quote a cell.

    While the warehouse is away, and the outbox with it, they are told that.
    """
    import psycopg

    from fugong.core.errors import ConfigurationError, WarehouseError
    from fugong.messages.event import Event, page_of_task
    from fugong.messages.outbox import record_message
    from fugong.messages.refused import record_refused
    from fugong.warehouse.connection import connect_as_loader
    from fugong_settings import load_settings

    error = context.get("exception")
    ti: Any = context.get("ti")
    if type(error).__name__ in TOLD_ELSEWHERE:
        return
    settings = load_settings()
    facts = {
        "dag": ti.dag_id,
        "task": ti.task_id,
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "link": page_of_task(ti.dag_id, ti.run_id, ti.task_id, -1 if ti.map_index is None else ti.map_index),
    }
    key = f"{ti.dag_id} {ti.run_id} {ti.task_id} {ti.map_index} {ti.try_number}"
    try:
        with connect_as_loader(settings) as connection:
            if isinstance(error, ConfigurationError):
                record_refused(connection, settings.district, error)
            else:
                record_message(connection, Event.TASK_FAILED, key, facts)
    except (WarehouseError, psycopg.OperationalError) as away:
        log.warning("outbox: %s", type(away).__name__)
        tell_warehouse_away()


class TellSigners(BaseNotifier):
    """Tells the signers that a draft waits for them, once the question is there; of a question that comes again, that an answer was lost."""

    def notify(self, context: Context) -> None:
        """Write it into the outbox."""
        from fugong.messages.event import Event, page_of_task
        from fugong.messages.outbox import record_message
        from fugong.warehouse.connection import connect_as_loader
        from fugong_settings import load_settings

        task: Any = context.get("task")
        ti: Any = context.get("ti")
        days = [day for day, _ in task.request["drafts"]]
        facts = {
            "from": min(days),
            "to": max(days),
            "sign_by": task.request["sign_by"],
            "link": page_of_task(ti.dag_id, ti.run_id, ti.task_id, -1, asks=True),
        }
        # Airflow asks again in another try: after a lost answer, or where the first try could not ask to its end.
        event = Event.DRAFT_WAITS if ti.try_number == 1 else Event.SIGNATURE_LOST
        with connect_as_loader(load_settings()) as connection:
            record_message(connection, event, f"{ti.dag_id} {ti.run_id} {ti.task_id} {ti.try_number}", facts)
