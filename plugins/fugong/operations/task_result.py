"""The result of a maintenance task, and what happens to it: a row of `audit.chore`, a line of the log, an error if somebody has to act."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import psycopg

from fugong.core.time import SHANGHAI
from fugong.evidence.settlement import record_rows
from fugong.messages.event import Event
from fugong.messages.outbox import record_message

LOG = logging.getLogger(__name__)


class Result(StrEnum):
    """How a task ended (`audit.chore.outcome`)."""

    WELL = "well"
    NOTICE = "notice"
    """Worth knowing; nothing is lost."""
    BAD = "bad"
    """Somebody has to act."""


@dataclass(frozen=True)
class TaskResult:
    """The result of one maintenance task.

    Attributes:
        task: its name, such as `archive`.
        n: how many things it deleted or checked; if the outcome is bad, how many it found wrong.
    """

    task: str
    outcome: Result
    n: int
    zh: str
    en: str

    def to_json(self) -> dict[str, Any]:
        """As `fugong maintenance --json` prints it."""
        return {"chore" if name == "task" else name: value for name, value in asdict(self).items()}


class MaintenanceError(Exception):
    """Something is missing or was changed. The sentences say what."""


def raise_bad(results: Iterable[TaskResult]) -> dict[str, str]:
    """Return task → what it did or found, if nobody has to act.

    Raises:
        MaintenanceError: somebody has to act; the sentences say why.
    """
    done = [*results]
    bad = [f"{result.task}: {result.zh} | {result.en}" for result in done if result.outcome is Result.BAD]
    if bad:
        raise MaintenanceError("\n".join(bad))
    return {result.task: result.zh for result in done}


def record(connection: psycopg.Connection, results: list[TaskResult]) -> list[TaskResult]:
    """Write the results to `audit.chore` and to the log, and tell the engineers what somebody has to act on."""
    with connection.transaction():
        ids: list[int] = []
        for result in results:
            row = connection.execute(
                "INSERT INTO audit.chore (chore, outcome, n, message_zh, message_en) VALUES (%s, %s, %s, %s, %s) RETURNING chore_id",
                (result.task, result.outcome, result.n, result.zh, result.en),
            ).fetchone()
            assert row is not None  # just inserted
            ids.append(row[0])
            if result.outcome is Result.BAD:
                at = datetime.now(SHANGHAI).isoformat(timespec="minutes")
                record_message(connection, Event.CHECK_FAILED, str(row[0]), {"task": result.task, "at": at})
            level = logging.ERROR if result.outcome is Result.BAD else logging.INFO
            LOG.log(level, "%s: %s | %s", result.task, result.zh, result.en)
        record_rows(connection, "chore", "", {"chore": ids})
    return results
