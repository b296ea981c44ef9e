"""From collected files to loaded submissions with receipts: what the command line and Airflow both call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg

from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.core.vocabulary import State
from fugong.intake import dry_run
from fugong.intake.collect import Arrival, collect_arrival, departments_with_dry_runs, waiting_dry_runs
from fugong.intake.processor import SubmissionProcessor
from fugong.intake.submissions import find_submission, open_submissions
from fugong.intake.types import Outcome, Submission
from fugong.storage.outbox import open_answer_folder
from fugong.warehouse.connection import connect

DEPARTMENT_LOCK = 7_236
OnOutcome = Callable[[Outcome], None]


def departments_with_work(settings: Settings) -> list[str]:
    """The departments with submissions that are not loaded or have no receipt, or with files for a dry run."""
    with connect(settings) as connection:
        rows = connection.execute(
            "SELECT DISTINCT department_code FROM intake.submission WHERE state = 'received' OR replied_at IS NULL ORDER BY 1"
        ).fetchall()
    return sorted({*(str(row[0]) for row in rows), *departments_with_dry_runs(settings)})


def process_department(settings: Settings, department: str, *, on_outcome: OnOutcome | None = None) -> list[Outcome]:
    """Process everything of a department that waits, dry runs first. One run at a time works on a department.

    A run that finds the department locked leaves: the run that holds the lock looks for new files after it has released it. A
    file on which our contract or suite breaks does not keep the others waiting.

    Raises:
        ConfigurationError: after all others are done, for the files that stay open until we mend it.
    """
    out: list[Outcome] = []
    errors: dict[int | Path, ConfigurationError] = {}
    with SubmissionProcessor.open(settings) as processor, connect(settings, autocommit=True) as holder:

        def waiting() -> list[tuple[Submission, State]]:
            return [item for item in open_submissions(processor.connection, department) if item[0].submission_id not in errors]

        def for_dry_run() -> list[Path]:
            return [file for file in waiting_dry_runs(settings, department) if file not in errors]

        while waiting() or for_dry_run():
            row = holder.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department)).fetchone()
            if row != (True,):
                break
            try:
                for file in for_dry_run():
                    try:
                        dry_run.answer(processor, settings, department, file)
                    except ConfigurationError as error:
                        errors[file] = error
                for submission, state in waiting():
                    try:
                        outcome = processor.process(submission, state)
                    except ConfigurationError as error:
                        errors[submission.submission_id] = error
                        continue
                    if outcome is not None:
                        out.append(outcome)
                        if on_outcome is not None:
                            on_outcome(outcome)
            finally:
                holder.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department))
    if errors:
        raise ConfigurationError("; ".join(map(str, errors.values())))
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
    """
    out: list[Outcome] = []
    with SubmissionProcessor.open(settings) as processor, connect(settings, autocommit=True) as connection:
        for arrival in arrivals:
            number = collect_arrival(connection, settings, arrival)
            with lock_department(connection, arrival.department):
                submission, state, is_answered = find_submission(connection, number)
                if state is not State.RECEIVED and is_answered:
                    continue
                outcome = processor.process(submission, state)
            if outcome is not None:
                out.append(outcome)
                if on_outcome is not None:
                    on_outcome(outcome)
    return out


def check_file(settings: Settings, file: Path, department: str, into: Path | None = None) -> Mapping[str, Any]:
    """The receipt that a file would get if it arrived now; nothing is stored (试投).

    Args:
        into: a folder for the files of the receipt, or None.
    """
    folder = nullcontext() if into is None else open_answer_folder(into)
    with SubmissionProcessor.open(settings) as processor, folder as answers:
        return processor.dry_run(file, department, answers)
