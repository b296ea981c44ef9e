"""Loads an evaluated file in one transaction: copies its rows, decides what it does to earlier parts, and makes it count.

Rows are copied before any lock is taken; nobody sees them until the commit. Then the settling clock is locked, so that serials follow
the order of commits, and the file is compared with what is effective at that moment. If the decision is anything but `Accept`, all that
was copied is rolled back, and a second transaction records the refusal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import psycopg

from fugong.contracts.contract import Contract
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import State
from fugong.evidence.settlement import record_settlement
from fugong.findings.catalogue import finding
from fugong.findings.collector import MAX_FAULTY_ROWS, TooManyFaults
from fugong.intake import answers
from fugong.intake.copy import copy_parts
from fugong.intake.evaluate import Evaluation
from fugong.intake.identify import Identified, Refused
from fugong.intake.records import copy_findings, mark_repaired, mark_replaced, take_serial, write_parts, write_submission
from fugong.intake.repairs import join_original, repaired_lines
from fugong.intake.sent_again import mark_sent_again
from fugong.intake.stale_days import mark_stale_days, newest_report_date
from fugong.intake.types import (
    Accept,
    AskBack,
    Counts,
    Decision,
    Duplicate,
    Outcome,
    PartToLoad,
    Reject,
    RepairedLines,
    Submission,
)
from fugong.intake.versions import join_replayed, resolve, withdrawals
from fugong.validation.frame import FileDays


def load_submission(connection: psycopg.Connection, submission: Submission, evaluation: Evaluation) -> Outcome:
    """Load an evaluated file, or record why it is not loaded.

    Args:
        connection: in autocommit mode, or within a transaction that the caller rolls back.

    Raises:
        ConfigurationError: our contract or suite is at fault; nothing is written.
        NotInOnePass: nothing is written; the file has to be evaluated again with all its rows typed first.
    """
    if evaluation.is_of_answers and not evaluation.is_rejected:
        with connection.transaction():
            return _write_answers(connection, submission, evaluation)
    with connection.transaction() as transaction:
        decision = decide(connection, submission, evaluation)
        if isinstance(decision, Accept):
            return _write_accepted(connection, submission, evaluation, decision)
        transaction.force_rollback = True  # of all that was copied
    evaluation.complete()
    with connection.transaction():
        moment, _ = take_serial(connection, submission)
        match decision:
            case Duplicate():
                # Its rows count already, so here they are not data, and they have no findings.
                evaluation.findings.findings.clear()
                evaluation.findings.rows.clear()
                state, counts = State.DUPLICATE, Counts(0, 0, evaluation.rows_read)
            case AskBack(reason) | Reject(reason):
                if reason is not None:
                    evaluation.findings.findings.append(reason)
                n_data = evaluation.n_data
                state, counts = State.REJECTED, Counts(0, n_data, evaluation.rows_read - n_data)
        outcome = write_submission(connection, submission, evaluation, state, moment, counts)
        _record_answers(connection, submission, evaluation, moment)
        record_settlement(connection, submission.submission_id, moment)
        return outcome


def _write_answers(connection: psycopg.Connection, submission: Submission, evaluation: Evaluation) -> Outcome:
    """Record a file that brings answers and no rows: a duplicate where all of them hold already, rejected where none can be taken."""
    moment, _ = take_serial(connection, submission)
    recorded = answers.record(connection, submission, evaluation.answers, evaluation.answered, moment)
    state = State.ACCEPTED
    if not recorded.n_taken and not recorded.refused:
        state = State.DUPLICATE
    elif not recorded.n_taken and not recorded.n_unchanged:
        state = State.REJECTED
        evaluation.findings.findings.append(finding("no-answer-taken", value=len(recorded.refused)))
    evaluation.findings.findings.extend(recorded.refused)
    outcome = write_submission(connection, submission, evaluation, state, moment, Counts(0, 0, 0))
    record_settlement(connection, submission.submission_id, moment)
    return outcome


def _record_answers(connection: psycopg.Connection, submission: Submission, evaluation: Evaluation, moment: datetime) -> None:
    """Record the answers that come with rows, after these: an answer is about what counts then. With personal data nothing is kept."""
    if evaluation.answers and not evaluation.is_quarantined:
        recorded = answers.record(connection, submission, evaluation.answers, evaluation.answered, moment)
        copy_findings(connection, submission, recorded.refused)


def decide(connection: psycopg.Connection, submission: Submission, evaluation: Evaluation) -> Decision:
    """Copy the rows of a file, lock the settling clock, and decide what becomes of it.

    The caller rolls back whatever is not accepted.

    Raises:
        ConfigurationError, NotInOnePass: see `load_submission`.
    """
    identified = evaluation.identified
    if isinstance(identified, Refused) or evaluation.is_rejected:
        return Reject()
    contract, day = identified.contract, identified.report_date
    if identified.marks.is_withdrawal:
        moment, serial = take_serial(connection, submission)
        parts = withdrawals(connection, submission, contract, day)
        if isinstance(parts, AskBack):
            return parts
        return _resolve_all(connection, submission, evaluation, identified, parts, moment, serial)
    may_repeat = submission.replays is not None
    is_twin, other_day = _same_bytes(connection, submission, contract, day)
    if not may_repeat and is_twin:
        return Duplicate()
    if other_day is not None:  # perhaps only the name was changed
        evaluation.findings.add(finding("stale-copy", value=other_day))
    try:
        days = FileDays(day, evaluation.received_at.astimezone(SHANGHAI).date())
        parts = copy_parts(connection, submission, evaluation.parts, days, evaluation.findings)
    except TooManyFaults:
        return Reject(finding("too-many-faults", value=MAX_FAULTY_ROWS))
    if evaluation.n_data and not any(part.accepted for part in parts):
        return Reject()
    moment, serial = take_serial(connection, submission)
    if submission.replays is not None:
        parts += join_replayed(connection, submission.replays, parts, contract, moment)
    elif identified.original is not None:
        if (question := join_original(connection, identified.original, parts)) is not None:
            return question
    elif _same_bytes(connection, submission, contract, day)[0]:
        return Duplicate()  # another run has loaded the same bytes meanwhile
    return _resolve_all(connection, submission, evaluation, identified, parts, moment, serial)


def _resolve_all(
    connection: psycopg.Connection,
    submission: Submission,
    evaluation: Evaluation,
    identified: Identified,
    parts: Sequence[PartToLoad],
    moment: datetime,
    serial: int,
) -> Accept | AskBack:
    """Resolve every part against what is effective; of a repair find the lines that it repairs."""
    for part in parts:
        question = resolve(connection, submission, identified.marks, part, parts, moment, identified.report_date)
        if question is not None:
            return question
    repaired: list[RepairedLines] | AskBack = []
    if identified.original is not None:
        repaired = repaired_lines(connection, identified.original, evaluation.parts, evaluation.findings, parts)
        if isinstance(repaired, AskBack):
            return repaired
    return Accept(identified, parts, moment, serial, repaired)


def _write_accepted(connection: psycopg.Connection, submission: Submission, evaluation: Evaluation, accepted: Accept) -> Outcome:
    """Write the parts, what they replace and which days they make stale, then the counts of the submission."""
    identified, parts = accepted.identified, accepted.parts
    newest = newest_report_date(connection)
    write_parts(connection, submission, accepted)
    mark_replaced(connection, accepted, is_withdrawal=identified.marks.is_withdrawal)
    mark_stale_days(connection, accepted, newest)
    if identified.original is not None:
        mark_repaired(connection, submission, identified.original, accepted.repaired)
    sent_again: set[int] = set()
    if identified.original is None and submission.replays is None and not identified.marks.is_withdrawal:
        sent_again = mark_sent_again(connection, submission, evaluation, parts)
    counts = Counts(
        sum(part.accepted for part in parts), sum(part.set_aside for part in parts), sum(part.not_data for part in parts)
    )
    if parts and all(part.superseded_at is not None for part in parts):
        state = State.WITHDRAWN if all(part.is_withdrawn for part in parts) else State.SUPERSEDED
    else:
        state = State.PARTLY_ACCEPTED if counts.set_aside else State.ACCEPTED
    outcome = write_submission(connection, submission, evaluation, state, accepted.settled_at, counts)
    _record_answers(connection, submission, evaluation, accepted.settled_at)
    record_settlement(
        connection,
        submission.submission_id,
        accepted.settled_at,
        {part.part_id: part.digest.seal() for part in parts if part.digest is not None and part.digest.is_whole},
        replaced=[part_id for part in parts for part_id in part.replaces],
        repaired=None if identified.original is None else identified.original.submission_id,
        sent_again=sent_again,
    )
    return outcome


def _same_bytes(
    connection: psycopg.Connection, submission: Submission, contract: Contract, day: date
) -> tuple[bool, date | None]:
    """Submissions of the same bytes, department and report: whether one for the same day is effective, and the newest other day.

    A withdrawal holds no rows.
    """
    row = connection.execute(
        """
        SELECT
            bool_or(
                report_date = %(day)s AND submission_id <> %(submission)s AND state <> 'superseded'
                AND NOT EXISTS (
                    SELECT FROM intake.part WHERE part.submission_id = submission.submission_id AND part.kind = 'withdrawal'
                )
            ),
            (array_agg(report_date ORDER BY received_at DESC, submission_id DESC) FILTER (WHERE report_date <> %(day)s))[1]
        FROM intake.submission
        WHERE sha256 = %(sha256)s AND department_code = %(department)s AND report = %(report)s
            AND state IN ('accepted', 'partly_accepted', 'superseded')
        """,
        {
            "day": day,
            "submission": submission.submission_id,
            "sha256": submission.sha256,
            "department": submission.department,
            "report": contract.id,
        },
    ).fetchone()
    return (False, None) if row is None else (bool(row[0]), row[1])
