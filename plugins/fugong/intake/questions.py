"""The doubts that senders can answer: which finding asks what, and the rows of `intake.question`.

The same doubt about the same value of the same row is one question on every day: once its sender has settled it, later files
are not asked about it again.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import psycopg

from fugong.core.question import Question
from fugong.core.vocabulary import QuestionKind, Severity
from fugong.findings.finding import Finding
from fugong.intake.evaluate import Evaluation
from fugong.privacy.detect import mask
from fugong.receipts.answers import NOT_ASKED
from fugong.receipts.resubmission import as_compared
from fugong.validation.run import TablePart

KEY_SEPARATOR = " · "


@dataclass(frozen=True)
class Asked:
    """A question as the warehouse keeps it.

    Attributes:
        answer_id: the answer that settles it for the day asked about; None while it is open.
    """

    question_id: int
    answer_id: int | None


def of_findings(evaluation: Evaluation, department: str, findings: Sequence[Finding]) -> list[Question | None]:
    """What each finding asks its sender; None for one that nobody can answer.

    Args:
        findings: with values as they are stored, personal data masked.
    """
    contract = evaluation.contract
    if contract is None or evaluation.report_date is None or evaluation.is_quarantined:
        return [None] * len(findings)
    parts = {part.interpreted.sheet: part for part in evaluation.parts}
    returned = evaluation.findings.rows
    lines: dict[str, set[int]] = {}
    for item in findings:
        if _is_asked(item, returned) and item.row_number is not None and item.sheet in parts:
            lines.setdefault(item.sheet, set()).add(item.row_number)
    headers = {column.name: column.header for table in contract.tables for column in table.columns}
    keys = {(sheet, line): key for sheet, wanted in lines.items() for line, key in _keys(parts[sheet], wanted).items()}

    def question(item: Finding) -> Question | None:
        if not _is_asked(item, returned):
            return None
        part = parts.get(item.sheet)
        key = "" if item.row_number is None else keys.get((item.sheet, item.row_number), "") or f"{item.sheet}!{item.row_number}"
        return Question(
            department,
            QuestionKind.FINDING,
            part.table.name if part and item.row_number is not None else contract.id,
            item.code,
            item.column_name or "",
            key.replace("\x00", ""),
            (item.value or "").replace("\x00", ""),
            headers.get(item.column_name or "", ""),
        )

    return [question(item) for item in findings]


def _is_asked(item: Finding, returned: Container[tuple[str, int]]) -> bool:
    """Whether its sender can answer a finding. What is warned of in a row that goes back is asked when the row is there."""
    if item.code in NOT_ASKED:
        return False
    if item.severity == Severity.WARNING:
        return item.row_number is None or (item.sheet, item.row_number) not in returned
    return item.severity == Severity.SET_ASIDE and item.row_number is not None


def _keys(part: TablePart, lines: set[int]) -> dict[int, str]:
    """The business key of some lines, without the day; empty where a line has none."""
    table = part.table
    wanted = [name for name in table.key if name != table.business_date]
    out: dict[int, str] = {}
    for line, cells in part.raw(lines).items():
        own = part.interpreted.header_at(line)
        names = {own.sent[at]: column.name for at, column in own.columns.items() if column.name in wanted}
        texts = {names[header]: as_compared(text) for header, text in cells if header in names}
        found = [mask(texts.get(name, ""), is_code=True) for name in wanted]
        out[line] = KEY_SEPARATOR.join(found) if any(found) else ""
    return out


@dataclass(frozen=True)
class CameUp:
    """A question, and the days on which it came up: first and last."""

    question: Question
    first_day: date
    last_day: date


def register(connection: psycopg.Connection, came_up: Iterable[CameUp], moment: datetime) -> Mapping[str, Asked]:
    """Record questions that came up, and find the answers that settle them for their last days.

    Args:
        moment: when they came up.

    Returns:
        Digest of each question → what the warehouse holds.
    """
    wanted = {one.question.digest: one for one in came_up}
    if not wanted:
        return {}
    columns = [
        (
            one.question.department,
            one.question.kind.value,
            one.question.subject,
            one.question.code,
            one.question.column_name,
            one.question.row_key,
            one.question.value,
            one.question.item,
            digest,
            one.question.key_digest,
            one.first_day,
            one.last_day,
        )
        for digest, one in sorted(wanted.items())
    ]
    connection.execute(
        """
        INSERT INTO intake.question AS known (
            department_code, kind, subject, code, column_name, row_key, value, item, digest, key_digest, first_day, last_day, asked_at
        )
        SELECT given.*, %s
        FROM unnest(
            %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::text[], %s::date[], %s::date[]
        ) AS given
        ON CONFLICT (digest) DO UPDATE SET
            first_day = LEAST(known.first_day, excluded.first_day),
            last_day = GREATEST(known.last_day, excluded.last_day),
            closed_at = NULL
        WHERE
            known.first_day > excluded.first_day OR known.last_day < excluded.last_day OR known.closed_at IS NOT NULL
        """,
        (moment, *(list(column) for column in zip(*columns, strict=True))),
    )
    rows = connection.execute(
        """
        SELECT question.digest, question.question_id, answer.answer_id, answer.holds_from
        FROM intake.question
        LEFT JOIN intake.answer ON question.question_id = answer.question_id
            AND answer.superseded_at IS NULL AND answer.verdict IN ('confirmed', 'definition')
        WHERE question.digest = ANY(%s)
        """,
        (list(wanted),),
    ).fetchall()
    return {
        str(digest): Asked(number, answer if holds_from is not None and holds_from <= wanted[digest].last_day else None)
        for digest, number, answer, holds_from in rows
    }


def close_others(connection: psycopg.Connection, checks: Iterable[Question], moment: datetime) -> list[int]:
    """Note which contradictions between reports are gone: all those that are not among these. Returns the questions closed."""
    rows = connection.execute(
        """
        UPDATE intake.question SET closed_at = %s WHERE kind = 'check' AND closed_at IS NULL AND digest <> ALL(%s)
        RETURNING question_id
        """,
        (moment, [one.digest for one in checks]),
    ).fetchall()
    return [number for (number,) in rows]
