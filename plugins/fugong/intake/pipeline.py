"""From the inbox to settled and answered submissions: what the command line and Airflow both call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.intake import dry_run
from fugong.intake.collect import Arrival, collect_arrival, departments_with_trials, trials_waiting
from fugong.intake.load import Outcome, Submission
from fugong.intake.processor import SubmissionProcessor
from fugong.warehouse.connection import connect

DEPARTMENT_LOCK = 7_236
OnOutcome = Callable[[Outcome], None]


def departments_with_work(settings: Settings) -> list[str]:
    """The departments with submissions that are not settled or not answered, or with files for trial."""
    with connect(settings) as connection:
        rows = connection.execute(
            "SELECT DISTINCT department_code FROM intake.submission WHERE state = 'received' OR replied_at IS NULL ORDER BY 1"
        ).fetchall()
    return sorted({*(str(row[0]) for row in rows), *departments_with_trials(settings)})


def process_department(settings: Settings, department: str, *, on_outcome: OnOutcome | None = None) -> list[Outcome]:
    """Settle and answer everything of a department that waits, trials first; a department is worked on by one run at a time.

    Another run that finds the department taken may leave: after letting go, the holder looks once more. A file on which our
    contract or suite breaks does not keep the others waiting.

    Raises:
        ConfigurationError: after all others are done, for the files that stay unsettled until it is mended.
    """
    out: list[Outcome] = []
    faults: dict[int | Path, ConfigurationError] = {}
    with SubmissionProcessor.open(settings) as desk, connect(settings, autocommit=True) as holder:

        def waiting() -> list[tuple[Submission, str]]:
            return [item for item in desk.open_submissions(department) if item[0].submission_id not in faults]

        def for_trial() -> list[Path]:
            return [file for file in trials_waiting(settings, department) if file not in faults]

        while waiting() or for_trial():
            row = holder.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department)).fetchone()
            if row != (True,):
                break
            try:
                for file in for_trial():
                    try:
                        dry_run.answer(desk, settings, department, file)
                    except ConfigurationError as fault:
                        faults[file] = fault
                for submission, state in waiting():
                    try:
                        outcome = desk.process(submission, state)
                    except ConfigurationError as fault:
                        faults[submission.submission_id] = fault
                        continue
                    if outcome is not None:
                        out.append(outcome)
                        if on_outcome is not None:
                            on_outcome(outcome)
            finally:
                holder.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department))
    if faults:
        raise ConfigurationError("; ".join(map(str, faults.values())))
    return out


@contextmanager
def department_taken(connection: psycopg.Connection, department: str) -> Iterator[None]:
    """Wait until nobody else works on a department, and keep it until the end of the block."""
    connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department))
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department))


def ingest_history(settings: Settings, arrivals: list[Arrival], *, on_outcome: OnOutcome | None = None) -> list[Outcome]:
    """Bring in past files in the order of the manifest, each with the moment it arrived; safe to run again.

    Raises:
        FileNotFoundError: a file is neither in the inbox nor taken before.
    """
    out: list[Outcome] = []
    with SubmissionProcessor.open(settings) as desk, connect(settings, autocommit=True) as connection:
        for arrival in arrivals:
            number = collect_arrival(connection, settings, arrival)
            with department_taken(connection, arrival.department):
                submission, state, is_answered = desk.submission(number)
                if state != "received" and is_answered:
                    continue
                outcome = desk.process(submission, state)
            if outcome is not None:
                out.append(outcome)
                if on_outcome is not None:
                    on_outcome(outcome)
    return out


def check_file(settings: Settings, file: Path, department: str, into: Path | None = None) -> Mapping[str, Any]:
    """The receipt that a file would get if it arrived now; nothing is stored (试投).

    Args:
        into: a folder for the receipt's files, or None.
    """
    with SubmissionProcessor.open(settings) as desk:
        return desk.attempt(file, department, into)
