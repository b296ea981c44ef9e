"""Processes one submission at a time on one connection: evaluates it, loads it, and writes its receipt."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import State
from fugong.evidence.tombstones import record_sealed
from fugong.findings.collector import NotInOnePass
from fugong.intake.collect import kept_name
from fugong.intake.drift import log_first_seen
from fugong.intake.evaluate import Evaluation, evaluate
from fugong.intake.load import load_submission
from fugong.intake.prior_submissions import PriorSubmissions, WarehouseSubmissions
from fugong.intake.submissions import add_dry_run, fix_receipt, note_receipt_written
from fugong.intake.types import Outcome, Submission
from fugong.reading.model import Reading
from fugong.reading.reader import Reader
from fugong.reading.readers import Readers
from fugong.receipts import receipt
from fugong.storage.archive import archived, fingerprint
from fugong.storage.modes import private_folder
from fugong.storage.outbox import AnswerFolder
from fugong.storage.quarantine import holds_personal_data, seal_all
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import connect_as_loader


@dataclass(frozen=True)
class Took:
    """Seconds that the steps of one submission took, its reading apart."""

    loading: float
    receipt: float


class SubmissionProcessor:
    """Evaluates, loads and answers submissions, one after the other, on one connection and with one reader.

    Attributes:
        took: what the last one took.
    """

    def __init__(
        self, settings: Settings, connection: psycopg.Connection, context: IntakeContext, department_names: Mapping[str, str]
    ) -> None:
        """Use `SubmissionProcessor.open` instead."""
        self._settings = settings
        self.connection = connection
        self.context = context
        self._names = department_names
        self.took = Took(0.0, 0.0)

    @classmethod
    @contextmanager
    def open(cls, settings: Settings, readers: Readers | None = None) -> Iterator[SubmissionProcessor]:
        """A processor with its own connection, which is closed at the end of the block.

        Args:
            readers: lend it a reader; None: it has its own.
        """
        with ExitStack() as stack:
            reader = stack.enter_context(Reader() if readers is None else readers.lent())
            reader.start()  # its fork server gets ready while the warehouse is asked
            connection = stack.enter_context(connect_as_loader(settings, autocommit=True))
            rows = connection.execute("SELECT department_code, name_zh FROM ref.department").fetchall()
            context = IntakeContext.load_sound(settings, reader, connection)
            yield cls(settings, connection, context, {str(code): str(name) for code, name in rows})

    def process(
        self, submission: Submission, state: State, reading: Reading | None = None, evaluation: Evaluation | None = None
    ) -> Outcome | None:
        """Load a submission if it is not loaded, and write its receipt if it has none.

        Args:
            reading: of its file, where it was read before.
            evaluation: of its file, where it was evaluated before (`evaluated`).

        Returns:
            None if it was loaded before.
        """
        began = time.monotonic()
        outcome = self.load(submission, reading=reading, evaluation=evaluation) if state is State.RECEIVED else None
        loaded = time.monotonic()
        if outcome is not None and outcome.report is not None:
            contracts, code_lists = self.context.contracts, self.context.code_lists
            log_first_seen(self.connection, contracts, code_lists, outcome.submission_id, outcome.report)
        self.write_receipt(submission.submission_id)
        self.took = Took(loaded - began, time.monotonic() - loaded)
        if (
            outcome is None
            or outcome.state in {State.REJECTED, State.DUPLICATE}
            or holds_personal_data(self.connection, submission.submission_id)
        ):
            record_sealed(self.connection, seal_all(self.connection, self._settings))
        return outcome

    def load(
        self,
        submission: Submission,
        file: Path | None = None,
        reading: Reading | None = None,
        evaluation: Evaluation | None = None,
    ) -> Outcome:
        """Evaluate and load a submission; a file that cannot be loaded in one pass is evaluated a second time, with all rows typed first.

        Args:
            file: where its bytes are; None: in the archive.
            reading: what was read of it before; None: it is read now.
            evaluation: as of `process`.

        Raises:
            ConfigurationError: our contract or suite is at fault; the submission stays open.
            ValueError: nothing was kept of its file; such a submission is settled from the start.
        """
        prior = WarehouseSubmissions(self.connection, self._settings, self.context.contracts, submission.department)
        file = file or self.original(submission)
        try:
            if evaluation is not None:
                return self._load(submission, evaluation)
            with self.evaluated(submission, file, reading, prior) as evaluation:
                return self._load(submission, evaluation)
        except NotInOnePass:  # raised inside COPY, where only an exception can stop the rows
            with self.evaluated(submission, file, reading, prior, in_one_pass=False) as evaluation:
                return self._load(submission, evaluation)

    def original(self, submission: Submission) -> Path:
        """Where the bytes of a submission are kept.

        Raises:
            ValueError: nothing was kept.
        """
        if submission.sha256 is None:
            raise ValueError(f"submission {submission.submission_id} was recorded without its file")
        return archived(self._settings, submission.sha256)

    @contextmanager
    def evaluated(
        self, submission: Submission, file: Path, reading: Reading | None, prior: PriorSubmissions, *, in_one_pass: bool = True
    ) -> Iterator[Evaluation]:
        """The evaluation of a submission's file; its working data last until the end of the block.

        Raises:
            ConfigurationError: our contract is at fault.
        """
        with working_folder(self._settings) as work:
            yield evaluate(
                self.context,
                file,
                file_name=submission.file_name,
                department=submission.department,
                received_at=submission.received_at,
                work=work,
                department_names=self._names,
                prior=prior,
                in_one_pass=in_one_pass,
                reading=reading,
            )

    def _load(self, submission: Submission, evaluation: Evaluation) -> Outcome:
        try:
            return load_submission(self.connection, submission, evaluation)
        except ConfigurationError as error:
            raise ConfigurationError(f"{submission.file_name} ({submission.department}): {error}") from error

    def write_receipt(self, submission_id: int) -> list[Path]:
        """Write the receipt of a loaded submission into the outbox.

        What the receipt says is stored before its files are written, so that a run that takes over says the same.
        """
        answer = receipt.load(self.connection, self.context.contracts, submission_id)
        fix_receipt(self.connection, submission_id, answer.moment)
        files = receipt.write(self.connection, self._settings, self.context, answer, names=self._names)
        note_receipt_written(self.connection, submission_id)
        return files

    def dry_run(
        self, file: Path, department: str, into: AnswerFolder | None, reading: Reading | None = None
    ) -> Mapping[str, Any]:
        """Evaluate, load and answer a file as if it had arrived now, and roll everything back (试投).

        No other file can be loaded while the receipt is written: that takes a second at most.

        Args:
            into: a folder for the files of the receipt, or None.
            reading: of the file, where it was read before.

        Returns:
            The receipt.
        """
        with self.connection.transaction(force_rollback=True):
            digest, size = fingerprint(file)
            submission = add_dry_run(self.connection, department, kept_name(file.name), digest, size, datetime.now(SHANGHAI))
            self.load(submission, file, reading)
            answer = receipt.load(self.connection, self.context.contracts, submission.submission_id, is_trial=True)
            if into is not None:
                receipt.write(self.connection, self._settings, self.context, answer, names=self._names, attempt=(file, into))
            return answer.document


@contextmanager
def working_folder(settings: Settings) -> Iterator[Path]:
    """A folder for one file's working data, removed at the end whatever happens."""
    work = Path(tempfile.mkdtemp(dir=private_folder(settings.spool)))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
