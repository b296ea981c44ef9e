"""One submission at a time: judged, settled and answered on one connection."""

from __future__ import annotations

import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from fugong.contracts.code_list import fold
from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.findings.collector import NotInOnePass
from fugong.intake.collect import storable
from fugong.intake.drift import log_first_seen
from fugong.intake.evaluate import judge
from fugong.intake.load import Outcome, Submission, settle
from fugong.reading.reader import Reader
from fugong.receipts import receipt
from fugong.receipts.resubmission import Original, PriorSubmission
from fugong.receipts.returned_rows import Returned, rows_of, tables_of
from fugong.storage.archive import archived, fingerprint
from fugong.storage.quarantine import seal_all
from fugong.validation.context import IntakeContext
from fugong.validation.suite import warm_up
from fugong.warehouse.connection import connect

OPEN_SUBMISSIONS = """
    SELECT submission_id, department_code, file_name, sha256, received_at, is_history, state
    FROM intake.submission
    WHERE (state = 'received' OR replied_at IS NULL) AND department_code = %s
    ORDER BY received_at, submission_id
"""


class SubmissionProcessor:
    """Judges, settles and answers submissions, one after the other, on one connection and one reading child."""

    def __init__(self, settings: Settings, connection: psycopg.Connection, judges: IntakeContext, names: dict[str, str]) -> None:
        """Use `SubmissionProcessor.open` instead."""
        self._settings = settings
        self.connection = connection
        self.judges = judges
        self._names = names

    @classmethod
    @contextmanager
    def open(cls, settings: Settings) -> Iterator[SubmissionProcessor]:
        """A desk; closing it ends the reading child."""
        threading.Thread(target=warm_up, name="warm-up", daemon=True).start()  # while the first file is read
        with ExitStack() as stack:
            reader = stack.enter_context(Reader())
            connection = stack.enter_context(connect(settings, autocommit=True))
            rows = connection.execute("SELECT department_code, name_zh FROM ref.department").fetchall()
            yield cls(settings, connection, IntakeContext.load(settings, reader), {str(code): str(name) for code, name in rows})

    def open_submissions(self, department: str) -> list[tuple[Submission, str]]:
        """What of a department's is not settled or not answered yet, with its state, in the order of arrival."""
        rows = self.connection.execute(OPEN_SUBMISSIONS, (department,)).fetchall()
        return [(Submission(*row[:6]), str(row[6])) for row in rows]

    def submission(self, submission_id: int) -> tuple[Submission, str, bool]:
        """One submission, its state, and whether it was answered."""
        row = self.connection.execute(
            """
            SELECT submission_id, department_code, file_name, sha256, received_at, is_history, state, replied_at IS NOT NULL
            FROM intake.submission WHERE submission_id = %s
            """,
            (submission_id,),
        ).fetchone()
        if row is None:
            raise LookupError(f"No submission {submission_id}")
        return Submission(*row[:6]), str(row[6]), bool(row[7])

    def process(self, submission: Submission, state: str) -> Outcome | None:
        """Settle a submission if it is not settled, answer it if it is not answered.

        Returns:
            None if it was settled before.
        """
        outcome = self.settle(submission) if state == "received" else None
        if outcome is not None and outcome.report is not None:
            log_first_seen(self.connection, self.judges.contracts, self.judges.code_lists, outcome.submission_id, outcome.report)
        self.reply(submission.submission_id)
        if outcome is None or outcome.state == "rejected":
            seal_all(self.connection, self._settings)
        return outcome

    def settle(self, submission: Submission, file: Path | None = None) -> Outcome:
        """Judge a submission that waits, and settle it.

        Args:
            file: where its bytes are; None: in the archive.
        """
        file = file or archived(self._settings, submission.sha256)
        try:
            return self._judge_and_settle(submission, file, in_one_pass=True)
        except NotInOnePass:
            return self._judge_and_settle(submission, file, in_one_pass=False)

    def _judge_and_settle(self, submission: Submission, file: Path, *, in_one_pass: bool) -> Outcome:
        with working_folder(self._settings) as work:
            evaluation = judge(
                self.judges,
                file,
                file_name=submission.file_name,
                department=submission.department,
                received_at=submission.received_at,
                work=work,
                department_names=self._names,
                earlier_of=lambda number: self._earlier(number, submission.department),
                codes_of=self._codes_of,
                in_one_pass=in_one_pass,
            )
            try:
                return settle(self.connection, submission, evaluation)
            except ConfigurationError as fault:
                raise ConfigurationError(f"{submission.file_name} ({submission.department}): {fault}") from fault

    def _earlier(self, number: int, department: str) -> PriorSubmission | None:
        """A settled submission of the department's, and the one that it mends, if it mends one; judged again, the newest judgement."""
        row = self.connection.execute(
            """
            SELECT
                sent.submission_id,
                (
                    WITH RECURSIVE judged AS (
                        SELECT first.submission_id
                        UNION ALL
                        SELECT again.submission_id
                        FROM judged INNER JOIN intake.submission AS again ON again.replays = judged.submission_id
                    )
                    SELECT MAX(submission_id) FROM judged
                ),
                first.report, first.report_date, first.file_name, first.sha256
            FROM intake.submission AS sent
            INNER JOIN intake.submission AS first ON first.submission_id = COALESCE(sent.repairs, sent.submission_id)
            WHERE sent.submission_id = %s AND sent.department_code = %s AND sent.state <> 'received'
            """,
            (number, department),
        ).fetchone()
        if row is None:
            return None
        sent, first, report, day, file_name, sha256 = row

        def returned() -> Iterator[Returned]:
            for table_name, sheet in tables_of(self.connection, sent):
                yield from rows_of(self.connection, sent, table_name, sheet)

        original = Original(first, report, day) if report is not None and day is not None else None
        return PriorSubmission(sent, original, file_name, archived(self._settings, sha256), returned)

    def _codes_of(self, numbers: Sequence[str]) -> Mapping[str, str]:
        """The credit codes of old 15-digit numbers, where a table that maps them knows exactly one."""
        plain = {number: fold(number) for number in numbers}
        out: dict[str, str] = {}
        for table in self.judges.contracts.tables.values():
            for column in table.columns:
                if column.old_number_of is None:
                    continue
                rows = self.connection.execute(
                    sql.SQL(
                        "SELECT {old}, MIN({code}) FROM {table} WHERE {old} = ANY(%s) AND {code} <> '' "
                        "GROUP BY {old} HAVING MIN({code}) = MAX({code})"
                    ).format(
                        old=sql.Identifier(column.name),
                        code=sql.Identifier(column.old_number_of),
                        table=sql.Identifier("asof", table.name),
                    ),
                    (list(plain.values()),),
                ).fetchall()
                known = dict(rows)
                out |= {number: known[folded] for number, folded in plain.items() if folded in known}
        return out

    def reply(self, submission_id: int) -> list[Path]:
        """Write the receipt and remember that it was written."""
        files = receipt.write(self.connection, self._settings, self.judges, submission_id, names=self._names)
        self.connection.execute(
            "UPDATE intake.submission SET replied_at = clock_timestamp() WHERE submission_id = %s AND replied_at IS NULL",
            (submission_id,),
        )
        return files

    def attempt(self, file: Path, department: str, into: Path | None) -> Mapping[str, Any]:
        """Judge, settle and answer a file as if it had arrived now, and take everything back (试投).

        While the receipt is made no other file can be settled: that takes a second at most.

        Args:
            into: a folder for the receipt's files, or None.

        Returns:
            The receipt.
        """
        with self.connection.transaction(force_rollback=True):
            digest, size = fingerprint(file)
            row = self.connection.execute(
                """
                INSERT INTO intake.submission (arrival_id, department_code, file_name, sha256, byte_size, received_at)
                VALUES (%s, %s, %s, %s, %s, %s) RETURNING submission_id
                """,
                (f"attempt:{uuid.uuid4()}", department, storable(file.name), digest, size, datetime.now(SHANGHAI)),
            ).fetchone()
            assert row is not None  # just inserted
            submission, _, _ = self.submission(int(row[0]))
            self.settle(submission, file)
            if into is not None:
                receipt.write(
                    self.connection,
                    self._settings,
                    self.judges,
                    submission.submission_id,
                    names=self._names,
                    attempt=(file, into),
                )
            return receipt.load(self.connection, self.judges.contracts, submission.submission_id, is_trial=True).document


@contextmanager
def working_folder(settings: Settings) -> Iterator[Path]:
    """A folder for one file's working data, removed at the end whatever happens."""
    settings.spool.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=settings.spool))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
