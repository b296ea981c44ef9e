"""Records what senders answer about doubts: rows of `intake.answer`.

Only the department that was asked answers, only about a value that still counts, and only once: the same answer again has no effect,
another one supersedes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

from fugong.core.vocabulary import QuestionKind, Verdict
from fugong.findings.catalogue import finding
from fugong.findings.finding import Finding
from fugong.intake.types import Submission
from fugong.privacy.detect import mask
from fugong.receipts.answers import LINE, MAX_REASON, NUMBER, SHEET, GivenAnswer


@dataclass(frozen=True)
class Recorded:
    """What became of the answers in a file.

    Attributes:
        refused: one finding for each answer that was not taken.
    """

    n_taken: int
    n_unchanged: int
    refused: Sequence[Finding]


@dataclass(frozen=True)
class _Open:
    """A question that an answer is about.

    Attributes:
        counts: whether the value in doubt still counts.
    """

    question_id: int
    kind: QuestionKind
    value: str
    first_day: date
    counts: bool


def record(
    connection: psycopg.Connection, submission: Submission, answers: Sequence[GivenAnswer], earlier: int | None, moment: datetime
) -> Recorded:
    """Record the answers of a file that has been loaded otherwise.

    Args:
        earlier: the submission whose returned lines the answers name.
        moment: from when they are known.
    """
    n_taken = n_unchanged = 0
    refused: list[Finding] = []
    for answer in answers:
        wrong = _fault(answer)
        if wrong is None:
            found = _questions(connection, submission.department, answer, earlier)
            misfits = [(one, _misfit(connection, answer, one)) for one in found]
            fitting = [one for one, misfit in misfits if misfit is None]
            if fitting:
                is_new = [_write(connection, submission, one, answer, moment) for one in fitting]
                n_taken += any(is_new)
                n_unchanged += not any(is_new)
                continue
            named = f"{NUMBER} {answer.question_id}" if answer.line is None else f"第 {answer.line[1]} 行"
            wrong = misfits[0][1] if misfits else _finding("answer-of-nobody", answer, value=named)
        assert wrong is not None  # of no question, or of none that it fits
        refused.append(wrong)
    return Recorded(n_taken, n_unchanged, refused)


def _fault(answer: GivenAnswer) -> Finding | None:
    """What is wrong with an answer in itself."""
    if answer.verdict is None:
        return _finding("answer-unclear", answer, value=mask(answer.typed or answer.reason))
    if len(answer.reason) > MAX_REASON:
        return _finding("answer-too-long", answer, value=len(answer.reason), most=MAX_REASON)
    if answer.verdict.needs_reason and not any(character.isalnum() for character in answer.reason):
        return _finding("answer-without-reason", answer, value=answer.verdict.zh)
    return None


def _finding(code: str, answer: GivenAnswer, **details: str | int) -> Finding:
    given: dict[str, Any] = {**details}
    return finding(code, sheet=answer.sheet, row_number=answer.row_number, cell=answer.cell, **given)


def _questions(connection: psycopg.Connection, department: str, answer: GivenAnswer, earlier: int | None) -> list[_Open]:
    """The questions of the department that an answer names: one by its number, or all about a returned line."""
    rows = connection.execute(
        """
        WITH named AS (
            SELECT question_id FROM intake.question WHERE question_id = %(number)s
            UNION
            SELECT finding.question_id
            FROM intake.finding AS finding
            INNER JOIN intake.set_aside_row AS returned
                ON finding.submission_id = returned.submission_id AND finding.sheet = returned.sheet
                AND finding.row_number = returned.row_number
            INNER JOIN intake.submission AS sent ON finding.submission_id = sent.submission_id
            LEFT JOIN LATERAL (
                SELECT
                    MIN(pair ->> 1) FILTER (WHERE pair ->> 0 = %(line_header)s) AS row_number,
                    MIN(pair ->> 1) FILTER (WHERE pair ->> 0 = %(sheet_header)s) AS sheet
                FROM jsonb_array_elements(returned.cells) AS pair
                WHERE sent.repairs IS NOT NULL
            ) AS ours ON true
            WHERE finding.submission_id = %(earlier)s AND finding.severity = 'set_aside'
                AND COALESCE(ours.row_number, finding.row_number::text) = %(line)s::text
                AND (%(sheet)s::text IS NULL OR COALESCE(ours.sheet, finding.sheet) = %(sheet)s)
        )
        SELECT
            question.question_id, question.kind, question.value, question.first_day,
            CASE question.kind
                WHEN 'check' THEN question.closed_at IS NULL
                ELSE EXISTS (
                    SELECT FROM intake.finding AS finding
                    INNER JOIN intake.submission AS sent ON finding.submission_id = sent.submission_id
                    LEFT JOIN intake.set_aside_row AS returned
                        ON finding.submission_id = returned.submission_id AND finding.sheet = returned.sheet
                        AND finding.row_number = returned.row_number
                    WHERE finding.question_id = question.question_id AND CASE finding.severity
                        WHEN 'set_aside' THEN sent.state NOT IN ('superseded', 'withdrawn')
                            AND returned.submission_id IS NOT NULL AND returned.repaired_by IS NULL
                        ELSE sent.state IN ('accepted', 'partly_accepted')
                    END
                )
            END AS counts
        FROM intake.question
        INNER JOIN named ON question.question_id = named.question_id
        WHERE question.department_code = %(department)s
        ORDER BY question.question_id
        """,
        {
            "number": answer.question_id,
            "earlier": None if answer.line is None else earlier,
            "line": None if answer.line is None else answer.line[1],
            "sheet": None if answer.line is None else answer.line[0],
            "department": department,
            "line_header": LINE,
            "sheet_header": SHEET,
        },
    ).fetchall()
    return [_Open(number, QuestionKind(kind), value, day, counts) for number, kind, value, day, counts in rows]


def _misfit(connection: psycopg.Connection, answer: GivenAnswer, question: _Open) -> Finding | None:
    """Why an answer does not fit its question today.

    Whether a contradiction between reports is gone shows only when they are compared again: "corrected" is taken there, and settles nothing.
    """
    if answer.verdict is Verdict.CORRECTED:
        if question.counts and question.kind is QuestionKind.FINDING:
            return _finding("answer-not-mended", answer, value=question.value)
        return None
    if question.counts:
        return None
    row = connection.execute(
        """
        SELECT newer.value FROM intake.question AS older
        INNER JOIN intake.question AS newer ON older.key_digest = newer.key_digest AND older.question_id < newer.question_id
        WHERE older.question_id = %s ORDER BY newer.question_id DESC LIMIT 1
        """,
        (question.question_id,),
    ).fetchone()
    now, now_en = (f",现在是“{row[0]}”", f', and is "{row[0]}" now') if row else ("", "")
    return _finding("answer-stale", answer, value=question.value, now=now, now_en=now_en)


def _write(
    connection: psycopg.Connection, submission: Submission, question: _Open, answer: GivenAnswer, moment: datetime
) -> bool:
    """Write an answer, and end the one before.

    Returns:
        False where the same answer holds already.
    """
    assert answer.verdict is not None  # `_fault` refuses an answer without
    reason = mask(answer.reason)[:MAX_REASON].replace("\x00", "")
    before = connection.execute(
        """
        SELECT answer_id, verdict, reason, holds_from <= %s FROM intake.answer
        WHERE question_id = %s AND superseded_at IS NULL ORDER BY answer_id FOR UPDATE
        """,
        (question.first_day, question.question_id),
    ).fetchall()
    if any((verdict, said) == (answer.verdict.value, reason) and is_early for _, verdict, said, is_early in before):
        return False
    written = connection.execute(
        """
        INSERT INTO intake.answer (question_id, submission_id, verdict, reason, holds_from, answered_at)
        VALUES (%s, %s, %s, %s, %s, %s) RETURNING answer_id
        """,
        (question.question_id, submission.submission_id, answer.verdict.value, reason, question.first_day, moment),
    ).fetchone()
    assert written is not None  # just inserted
    connection.execute(
        "UPDATE intake.answer SET superseded_at = GREATEST(answered_at, %s), superseded_by = %s WHERE answer_id = ANY(%s)",
        (moment, written[0], [one[0] for one in before]),
    )
    return True
