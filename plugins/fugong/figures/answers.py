"""What senders answered about contradictions between reports, as known at a moment."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg

from fugong.core.bilingual import Bilingual
from fugong.core.question import Question
from fugong.core.sanitize import without_markup
from fugong.core.vocabulary import QuestionKind, Verdict
from fugong.figures.display import plain
from fugong.marts.model import Check
from fugong.privacy.detect import mask

REPORT, FINDING = "report", "finding_id"
"""A check that touches the column `report` warns beside the figures of the report tables that its rows name in it. A check that repeats
findings names them in `finding_id`."""
TECHNICAL = frozenset({"as_of", REPORT, "submission_id", FINDING})
"""Columns that identify a row and are left out of its text."""
N_SHOWN = 2
"""Different answers that a warning quotes."""


@dataclass(frozen=True)
class Answer:
    """The newest answer to a question.

    Attributes:
        holds_from: the first day for which it holds.
    """

    verdict: Verdict
    reason: str
    answered_at: datetime
    holds_from: date

    @property
    def text(self) -> Bilingual:
        """Such as `属实:停产检修`."""
        if not self.reason:
            return Bilingual(self.verdict.zh, self.verdict.en)
        return Bilingual(f"{self.verdict.zh}:{self.reason}", f"{self.verdict.en}: {self.reason}")


def words(details: Mapping[str, Any], columns: Mapping[str, Bilingual], lang: str) -> str:
    """Some columns of a row of a check, in words; empty ones are left out."""
    parts: list[str] = []
    for name, comment in columns.items():
        value = details.get(name)
        if value is not None and value != "" and name not in TECHNICAL:
            parts.append(
                f"{comment.zh} {_word(value, lang)}" if lang == "zh" else f"{name.replace('_', ' ')} {_word(value, lang)}"
            )
    return ",".join(parts) if lang == "zh" else ", ".join(parts)


def question_about(check: Check, department: str, key: str, details: Mapping[str, Any]) -> Question:
    """What the sender of a row is asked.

    The value is what the sender said. Where the check does not tell which columns that are, any change makes another value.
    """
    if check.said:
        said = words(details, {name: check.columns[name] for name in check.said}, "zh")
    else:
        said = hashlib.sha256(json.dumps(details, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()[:12]
    item = check.message.zh.format(n_rows=1)
    return Question(department, QuestionKind.CHECK, "", check.id, "", mask(key, is_code=True), mask(said, is_code=True), item)


def _word(value: object, lang: str) -> str:
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][value]
    return plain(Decimal(str(value))) if isinstance(value, int | float) else str(value)


def _are_there_any(connection: psycopg.Connection) -> bool:
    """Whether anybody ever answered anything: where nobody did, nothing has to be looked up."""
    return connection.execute("SELECT EXISTS (SELECT FROM intake.answer)").fetchone() == (True,)


def answers_of_rows(
    connection: psycopg.Connection, rows: Sequence[tuple[Question, int | None]], as_of: date, known_at: datetime
) -> list[Answer | None]:
    """The answer to each row of checks at a moment of knowledge, as it holds for a day.

    Args:
        rows: what its sender is asked, and the finding that it repeats.
    """
    if not rows or not _are_there_any(connection):
        return [None] * len(rows)
    to_rows = _answers_to(connection, [question.digest for question, number in rows if number is None], known_at)
    to_findings = _answers_to_findings(connection, [number for _, number in rows if number is not None], known_at)
    found = [to_rows.get(question.digest) if number is None else to_findings.get(number) for question, number in rows]
    return [one if one is not None and one.holds_from <= as_of else None for one in found]


def _answers_to(connection: psycopg.Connection, digests: Sequence[str], known_at: datetime) -> Mapping[str, Answer]:
    """Digest of a question → its answer at a moment of knowledge, for those that are answered."""
    rows = connection.execute(
        """
        SELECT question.digest, answer.verdict, answer.reason, answer.answered_at, answer.holds_from
        FROM intake.question
        INNER JOIN intake.answer ON question.question_id = answer.question_id
        WHERE question.digest = ANY(%s) AND answer.answered_at <= %s
            AND (answer.superseded_at IS NULL OR answer.superseded_at > %s)
        ORDER BY answer.answer_id
        """,
        (digests, known_at, known_at),
    ).fetchall()
    return {str(digest): Answer(Verdict(verdict), *more) for digest, verdict, *more in rows}


def _answers_to_findings(connection: psycopg.Connection, findings: Sequence[int], known_at: datetime) -> Mapping[int, Answer]:
    """Number of a finding → the answer to its question at a moment of knowledge: some checks repeat findings."""
    rows = connection.execute(
        """
        SELECT finding.finding_id, answer.verdict, answer.reason, answer.answered_at, answer.holds_from
        FROM intake.finding
        INNER JOIN intake.answer ON finding.question_id = answer.question_id
        WHERE finding.finding_id = ANY(%s) AND answer.answered_at <= %s
            AND (answer.superseded_at IS NULL OR answer.superseded_at > %s)
        ORDER BY answer.answer_id
        """,
        (findings, known_at, known_at),
    ).fetchall()
    return {int(number): Answer(Verdict(verdict), *more) for number, verdict, *more in rows}


def beside(message: Bilingual, answers: Sequence[Answer | None]) -> Bilingual:
    """A warning with what senders answered about its rows; unchanged where they settled none.

    Args:
        answers: one for each row.
    """
    settled = Counter(answer.text for answer in answers if answer is not None and answer.verdict.settles)
    n = settled.total()
    if not n:
        return message
    zh = "、".join(without_markup(text.zh) for text, _ in settled.most_common(N_SHOWN)) + ("等" if len(settled) > N_SHOWN else "")
    en = "; ".join(without_markup(text.en) for text, _ in settled.most_common(N_SHOWN)) + (
        " and others" if len(settled) > N_SHOWN else ""
    )
    of_all = n == len(answers)
    return Bilingual(
        f"{message.zh}({'' if of_all else f'其中 {n} 处'}已核实{zh})",
        f"{message.en} ({'' if of_all else f'{n} of them '}verified: {en})",
    )


@dataclass(frozen=True)
class Listed:
    """An answer and its question, as people look them up.

    Attributes:
        submission_id: the file that brought it.
        last_day: the last day on which the doubt came up.
    """

    question_id: int
    department_code: str
    kind: QuestionKind
    subject: str
    code: str
    column_name: str
    row_key: str
    value: str
    answer: Answer
    submission_id: int
    last_day: date

    def to_json(self) -> dict[str, Any]:
        """As `fugong answers --json` prints it."""
        return {
            "question_id": self.question_id,
            "department_code": self.department_code,
            "kind": self.kind,
            "subject": self.subject,
            "code": self.code,
            "column_name": self.column_name,
            "row_key": self.row_key,
            "value": self.value,
            "verdict": self.answer.verdict,
            "reason": self.answer.reason,
            "answered_at": self.answer.answered_at.isoformat(),
            "submission_id": self.submission_id,
            "holds_from": self.answer.holds_from.isoformat(),
            "last_day": self.last_day.isoformat(),
        }


def list_answers(
    connection: psycopg.Connection, *, as_of: date | None = None, known_at: datetime | None = None, department: str | None = None
) -> list[Listed]:
    """The newest answer to each question, the latest first.

    Args:
        as_of: only doubts that came up on that day, or before and after it.
        known_at: as known at that moment; now if left out.
        department: only of this one.
    """
    rows = connection.execute(
        """
        SELECT
            question.question_id, question.department_code, question.kind, question.subject, question.code, question.column_name,
            question.row_key, question.value, answer.submission_id, question.last_day,
            answer.verdict, answer.reason, answer.answered_at, answer.holds_from
        FROM intake.answer
        INNER JOIN intake.question ON answer.question_id = question.question_id
        WHERE answer.answered_at <= COALESCE(%(known_at)s::timestamptz, 'infinity')
            AND (answer.superseded_at IS NULL OR answer.superseded_at > COALESCE(%(known_at)s::timestamptz, 'infinity'))
            AND (%(as_of)s::date IS NULL OR %(as_of)s::date BETWEEN answer.holds_from AND question.last_day)
            AND (%(department)s::text IS NULL OR question.department_code = %(department)s::text)
        ORDER BY answer.answered_at DESC, answer.answer_id DESC
        """,
        {"known_at": known_at, "as_of": as_of, "department": department},
    ).fetchall()
    return [
        Listed(number, sender, QuestionKind(kind), subject, code, column, key, value, Answer(Verdict(verdict), *said), sent, last)
        for number, sender, kind, subject, code, column, key, value, sent, last, verdict, *said in rows
    ]
