"""From collected files to loaded submissions with receipts: what the command line and Airflow both call."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg

from fugong.core.advisory_locks import DEPARTMENT_LOCK
from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.core.vocabulary import State
from fugong.intake.collect import Arrival, collect_arrival
from fugong.intake.processor import SubmissionProcessor
from fugong.intake.read_ahead import ToRead, read_ahead, small_file
from fugong.intake.submissions import find_submission
from fugong.intake.types import Outcome, Submission
from fugong.intake.work import Step, departments_with_work, work_on
from fugong.storage.outbox import open_answer_folder
from fugong.warehouse.connection import connect_as_loader

__all__ = ["check_file", "departments_with_work", "ingest_history", "lock_department", "process_department"]

OnOutcome = Callable[[Outcome], None]


def process_department(
    settings: Settings, department: str, *, on_outcome: OnOutcome | None = None, seconds: float | None = None
) -> list[Outcome]:
    """Process what waits of a department, dry runs first. One run at a time works on a department.

    A run that finds the department locked leaves: the run that holds the lock looks for new files after it has released it. A
    file on which our contract or suite breaks does not keep the others waiting.

    Args:
        seconds: begin no further file after so long; what is left stays for the next run. None: go on until nothing waits.

    Raises:
        ConfigurationError: after all others are done, for the files that stay open until we mend it.
    """
    out: list[Outcome] = []
    until = math.inf if seconds is None else time.monotonic() + seconds
    with closing(work_on(settings, department)) as work:
        for step in work:
            if isinstance(step, Outcome):
                out.append(step)
                if on_outcome is not None:
                    on_outcome(step)
            if step is not Step.READING and time.monotonic() >= until:
                break
    return out


@contextmanager
def lock_department(connection: psycopg.Connection, department: str) -> Iterator[None]:
    """Wait until no other run works on a department, and keep it locked until the end of the block."""
    connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department))
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department))


def ingest_history(settings: Settings, arrivals: list[Arrival], *, on_outcome: OnOutcome | None = None) -> list[Outcome]:
    """Load past files in the order of the manifest, each as of the moment it arrived; safe to run again.

    Raises:
        FileNotFoundError: a file is not in the inbox and was not collected before.
        ConfigurationError: after all others are loaded, for departments with a report that cannot be judged; their files stay where they are.
    """
    out: list[Outcome] = []
    waiting: dict[str, ConfigurationError] = {}
    with SubmissionProcessor.open(settings) as processor, connect_as_loader(settings, autocommit=True) as connection:

        def collected() -> Iterator[tuple[Submission, State] | FileNotFoundError]:
            for arrival in arrivals:
                try:
                    processor.context.require_sound(arrival.department)
                except ConfigurationError as error:
                    waiting[arrival.department] = error
                    continue
                try:
                    number = collect_arrival(connection, settings, arrival)
                except FileNotFoundError as error:  # raised once the files before are loaded
                    yield error
                    return
                submission, state, _ = find_submission(connection, number)
                yield submission, state

        def to_read(item: tuple[Submission, State] | FileNotFoundError) -> ToRead | None:
            return None if isinstance(item, FileNotFoundError) else small_file(processor, *item)

        with closing(read_ahead(settings, processor.context.reader, collected(), to_read)) as ahead:
            for item, reading in ahead:
                if isinstance(item, FileNotFoundError):
                    raise item
                submission, _ = item
                with lock_department(connection, submission.department):
                    _, state, is_answered = find_submission(connection, submission.submission_id)
                    if state is not State.RECEIVED and is_answered:
                        continue
                    outcome = processor.process(submission, state, reading.result() if reading is not None else None)
                if outcome is not None:
                    out.append(outcome)
                    if on_outcome is not None:
                        on_outcome(outcome)
    if waiting:
        raise ConfigurationError("\n".join(map(str, waiting.values())))
    return out


def check_file(settings: Settings, file: Path, department: str, into: Path | None = None) -> Mapping[str, Any]:
    """The receipt that a file would get if it arrived now; nothing is stored (试投).

    Args:
        into: a folder for the files of the receipt, or None.

    Raises:
        ConfigurationError: a report of the department cannot be judged until we mend it.
    """
    folder = nullcontext() if into is None else open_answer_folder(into)
    with SubmissionProcessor.open(settings) as processor, folder as answers:
        processor.context.require_sound(department)
        return processor.dry_run(file, department, answers)
