"""The work of one department, a step at a time: dry runs, loading, receipts. One run at a time works on a department."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from enum import Enum
from pathlib import Path

from fugong.core.advisory_locks import DEPARTMENT_LOCK
from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.core.vocabulary import State
from fugong.intake import dry_run
from fugong.intake.folders import work_folder
from fugong.intake.processor import SubmissionProcessor, working_folder
from fugong.intake.read_ahead import read_ahead, small_file
from fugong.intake.submissions import open_submissions
from fugong.intake.types import Outcome, Submission
from fugong.intake.waiting import departments_with_dry_runs, waiting_dry_runs
from fugong.messages.refused import record_refused
from fugong.reading.model import Reading
from fugong.reading.readers import Readers
from fugong.warehouse.connection import connect_as_loader

LOG = logging.getLogger(__name__)
SLOW_SECONDS = 1.0
"""A child that reads for longer lets others go on meanwhile."""
LOOK_AGAIN_SECONDS = 0.1
GIVEN = ".given"
"""Our folder with a mark for each department that was given to a task which has not begun."""
GIVEN_SECONDS = 30.0
"""A task that has not begun after so long may be lost (its scheduler was killed): the department is given to another one."""


class Step(Enum):
    """What a department's work has come to, besides an outcome."""

    READING = "reading"
    """A child reads a file, and is slow."""
    ANSWERED = "answered"
    """A receipt was written, and nothing loaded."""


Work = Generator[Outcome | Step, None, None]


def departments_with_work(settings: Settings) -> list[str]:
    """The departments with submissions that are not loaded or have no receipt, or with files for a dry run."""
    with connect_as_loader(settings) as connection:
        rows = connection.execute(
            "SELECT DISTINCT department_code FROM intake.submission WHERE state = 'received' OR replied_at IS NULL ORDER BY 1"
        ).fetchall()
    return sorted({*(str(row[0]) for row in rows), *departments_with_dry_runs(settings)})


def departments_at_work(settings: Settings, departments: Collection[str]) -> set[str]:
    """Those of the departments on which some run works now. It looks for new files when it has released the lock."""
    with connect_as_loader(settings) as connection:
        rows = connection.execute(
            """
            SELECT department_code
            FROM unnest(%s::text[]) AS asked (department_code)
            WHERE EXISTS (
                SELECT FROM pg_locks
                WHERE
                    locktype = 'advisory' AND granted AND objsubid = 2 AND classid = %s
                    AND objid::bigint = hashtext(department_code)::bigint & 4294967295
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            )
            """,
            (list(departments), DEPARTMENT_LOCK),
        ).fetchall()
    return {str(row[0]) for row in rows}


def give_out(settings: Settings) -> list[str]:
    """The departments with work that need a task: no run works on them, and no task that was given them is still to begin.

    Many runs may collect before the first task begins. Without this each would bring a task of the same department, and these would take every
    slot, one after the other, only to find the department locked.
    """
    departments = departments_with_work(settings)
    free = set(departments) - departments_at_work(settings, departments)
    return [name for name in departments if name in free and _is_given_now(work_folder(settings, GIVEN) / name)]


def _is_given_now(mark: Path) -> bool:
    """Mark a department as given; False where it is already. The mark of a task that never began stops counting after a while."""
    try:
        mark.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        with suppress(FileNotFoundError):  # its task begins just now
            if time.time() - mark.stat().st_mtime < GIVEN_SECONDS:
                return False
        mark.touch(mode=0o600)
    return True


def begin(settings: Settings, department: str) -> None:
    """A task has begun: whatever is collected from now on needs another one. To be called before the task looks for work."""
    (work_folder(settings, GIVEN) / department).unlink(missing_ok=True)


def work_on(settings: Settings, department: str, readers: Readers | None = None) -> Work:
    """Process everything of a department that waits, a step at a time; ends where another run works on it. See `pipeline.process_department`.

    Args:
        readers: lend it a reader; None: it has its own.

    Raises:
        ConfigurationError: after all others are done, for the files that stay open until we mend it.
    """
    errors: dict[int | Path, ConfigurationError] = {}
    with SubmissionProcessor.open(settings, readers) as processor, connect_as_loader(settings, autocommit=True) as holder:

        def waiting() -> list[tuple[Submission, State]]:
            return [item for item in open_submissions(processor.connection, department) if item[0].submission_id not in errors]

        def for_dry_run() -> list[Path]:
            return [file for file in waiting_dry_runs(settings, department) if file not in errors]

        try:
            processor.context.require_sound(department)
        except ConfigurationError as error:
            record_refused(processor.connection, settings.district, error)
            raise
        while waiting() or for_dry_run():
            row = holder.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department)).fetchone()
            if row != (True,):
                break
            try:
                for file in for_dry_run():
                    try:
                        with working_folder(settings) as work:
                            reading = yield from _read(processor, file, file.name, work)
                            dry_run.answer(processor, settings, department, file, reading)
                    except ConfigurationError as error:
                        errors[file] = error
                        LOG.error("%s", error)  # raised at the end only if the end is reached
                        record_refused(processor.connection, settings.district, error)
                    yield Step.ANSWERED
                with closing(
                    read_ahead(settings, processor.context.reader, waiting(), lambda item: small_file(processor, *item))
                ) as ahead:
                    for (submission, state), begun in ahead:
                        try:
                            with working_folder(settings) as work:
                                reading, began = None, time.monotonic()
                                if begun is not None:
                                    reading = yield from _finished(begun)
                                elif state is State.RECEIVED:
                                    file = processor.original(submission)
                                    reading = yield from _read(processor, file, submission.file_name, work)
                                read = time.monotonic()
                                outcome = processor.process(submission, state, reading)
                            _log(processor, submission, outcome, read - began)
                        except ConfigurationError as error:
                            errors[submission.submission_id] = error
                            LOG.error("%s", error)
                            record_refused(processor.connection, settings.district, error)
                            continue
                        yield outcome or Step.ANSWERED
            finally:
                holder.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department))
    if errors:
        raise ConfigurationError("; ".join(map(str, errors.values())))


def _log(processor: SubmissionProcessor, submission: Submission, outcome: Outcome | None, reading: float) -> None:
    """One line per file: what became of it, and how long each step took. Its name may hold what only its sender may read."""
    if outcome is None:
        LOG.info("#%d %s: receipt written, %.1f s", submission.submission_id, submission.department, processor.took.receipt)
        return
    [(n_findings,)] = processor.connection.execute(
        "SELECT COUNT(*) FROM intake.finding WHERE submission_id = %s", (submission.submission_id,)
    ).fetchall()
    LOG.info(
        "#%d %s %s %s: %s; %d rows read, %d accepted, %d set aside, %d not data; %d findings; reading %.1f s, loading %.1f s, receipt %.1f s",
        outcome.submission_id, outcome.department, outcome.report or "no report", outcome.report_date or "", outcome.state, outcome.rows_read,
        outcome.rows_accepted, outcome.rows_set_aside, outcome.rows_not_data, n_findings, reading, processor.took.loading,
        processor.took.receipt,
    )  # fmt: skip


def _read(processor: SubmissionProcessor, file: Path, file_name: str, into: Path) -> Generator[Step, None, Reading]:
    """Read a file in its child, and let others go on while that is slow."""
    reader = processor.context.reader
    with ThreadPoolExecutor(1, "reading") as thread:  # it only waits for the child
        future = thread.submit(reader.read, file, file_name, into)
        try:
            return (yield from _finished(future))
        finally:
            if not future.done():  # we are interrupted
                reader.abandon()


def _finished(future: Future[Reading]) -> Generator[Step, None, Reading]:
    """Wait for a reading, and let others go on while it is slow."""
    patience = SLOW_SECONDS
    while not wait((future,), patience).done:
        yield Step.READING
        patience = LOOK_AGAIN_SECONDS
    return future.result()
