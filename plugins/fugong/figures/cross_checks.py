"""What the checks between reports found: contradictions as of a day, and the warnings that they put beside figures.

Each contradiction is listed once, with the first and the last day on which it was seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from fugong.core.bilingual import Bilingual
from fugong.core.question import Question
from fugong.core.vocabulary import CheckSeverity
from fugong.figures.answers import FINDING, REPORT, Answer, answers_of_rows, beside, question_about, words
from fugong.figures.definition import Definition
from fugong.figures.evaluate import Evaluator, open_evaluator
from fugong.figures.rules import NOT_CHECKED, Broken
from fugong.marts import check_rows
from fugong.marts.model import Check
from fugong.marts.sql_files import unusable_checks

SEVERITIES = list(CheckSeverity)
"""The most serious first."""


@dataclass(frozen=True)
class Contradiction:
    """One row that a check found.

    Attributes:
        key: values of the check's keys.
        first_day: first day on which the row was seen, up to the day asked for; for a bill or payment the day from which it is known.
        n_days: days on which the row was seen.
        details: what either report says, by column of the check.
        answer: what the sender answered about it.
    """

    check: Check
    key: str
    first_day: date
    last_day: date
    n_days: int
    department_code: str | None
    part_id: int | None
    submission_id: int | None
    file_name: str | None
    sheet: str | None
    row_number: int | None
    details: Mapping[str, Any]
    answer: Answer | None = None

    @cached_property
    def question(self) -> Question:
        """What its sender is asked."""
        return question_about(self.check, self.department_code or "", self.key, self.details)

    @property
    def finding_id(self) -> int | None:
        """The finding that the check repeats; None where it found the contradiction itself."""
        number = self.details.get(FINDING)
        return None if number is None else int(number)

    @property
    def n_rows(self) -> int:
        """How often it counts in the check's message: once for each month of a flow that is still so, once for a state."""
        return self.n_days if self.check.is_flow else 1

    @property
    def is_settled(self) -> bool:
        """Whether its sender answered, so that nobody asks about it again."""
        return self.answer is not None and self.answer.verdict.settles

    def to_json(self) -> dict[str, Any]:
        """As `fugong checks --json` prints it."""
        return {
            "check_id": self.check.id,
            "severity": self.check.severity,
            "key": self.key,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "n_days": self.n_days,
            "department_code": self.department_code,
            "submission_id": self.submission_id,
            "file_name": self.file_name,
            "sheet": self.sheet,
            "row_number": self.row_number,
            "touches": list(self.check.touches),
            "details": dict(self.details),
            "answer": None
            if self.answer is None
            else {
                "verdict": self.answer.verdict,
                "reason": self.answer.reason,
                "answered_at": self.answer.answered_at.isoformat(),
            },
        }

    def text(self, lang: str) -> str:
        """What either report says, in words."""
        return words(self.details, self.check.columns, lang)

    def text_for_sender(self, lang: str) -> str:
        """What the sender of the row may read: its keys, what it said itself, and what the district tells besides."""
        shown = {*self.check.keys, *self.check.said, *self.check.tells}
        return (
            words(self.details, {name: comment for name, comment in self.check.columns.items() if name in shown}, lang)
            or self.key
        )

    @property
    def place(self) -> str:
        """File, sheet and line, as far as they are known."""
        return " ".join(str(part) for part in (self.file_name, self.sheet, self.row_number) if part not in (None, ""))


def contradictions(
    connection: psycopg.Connection,
    include: Path,
    as_of: date,
    known_at: datetime | None = None,
    *,
    ids: Iterable[str] | None = None,
) -> list[Contradiction]:
    """The contradictions as of a day, gravest first.

    Reads `mart.check_row` where it is up to date. For another moment of knowledge, or where it is not, runs the checks for every day
    up to this one.

    Args:
        ids: only these checks.

    Raises:
        ConfigurationError: there is no such check, or one cannot be evaluated.
    """
    with open_evaluator(connection, include, as_of, known_at) as evaluator:
        return contradictions_on(evaluator, ids=ids)


def contradictions_on(evaluator: Evaluator, *, ids: Iterable[str] | None = None) -> list[Contradiction]:
    """The contradictions as of the day of an evaluator, gravest first. Raises as `contradictions`."""
    found: list[Contradiction] = []
    files = evaluator.moment.files
    for check in files.checks if ids is None else [files.check(name) for name in ids]:
        with evaluator.marts.check_rows(check, is_every_day=True) as table:
            found += _read(evaluator, check, table)
    moment = evaluator.moment
    asked = [(one.question, one.finding_id) for one in found]
    answers = answers_of_rows(moment.connection, asked, moment.as_of, moment.known_at)
    found = [replace(one, answer=answer) for one, answer in zip(found, answers, strict=True)]
    return sorted(found, key=lambda one: (SEVERITIES.index(one.check.severity), one.check.id, -one.last_day.toordinal(), one.key))


def _read(evaluator: Evaluator, check: Check, table: sql.Identifier) -> list[Contradiction]:
    """The contradictions in a table like `mart.check_row` that are seen as of the day."""
    rows = evaluator.moment.connection.execute(
        sql.SQL(
            """
            WITH seen AS (
                SELECT
                    row_key, seen_on, department_code, part_id, sheet, row_number, details,
                    MIN(seen_on) OVER item AS first_day,
                    COUNT(*) OVER item AS n_days,
                    row_number() OVER (PARTITION BY row_key ORDER BY seen_on DESC, day DESC) AS newest
                FROM {table}
                WHERE check_id = {id} AND seen_on <= {as_of}
                WINDOW item AS (PARTITION BY row_key)
            )
            SELECT
                seen.row_key, seen.first_day, seen.seen_on, seen.n_days, seen.department_code,
                seen.part_id, part.submission_id, submission.file_name, seen.sheet, seen.row_number, seen.details
            FROM seen
            LEFT JOIN intake.part ON seen.part_id = part.part_id
            LEFT JOIN intake.submission ON part.submission_id = submission.submission_id
            WHERE seen.newest = 1 AND ({is_flow} OR seen.seen_on = {as_of})
            """
        ).format(
            table=table,
            id=sql.Literal(check.id),
            as_of=sql.Literal(evaluator.moment.as_of),
            is_flow=sql.Literal(check.is_flow),
        )
    ).fetchall()
    return [Contradiction(check, *row) for row in rows]


def check_warnings(evaluator: Evaluator, definitions: Iterable[Definition]) -> dict[str, tuple[Broken, ...]]:
    """The checks that rows break as of the day, by figure."""
    found: dict[str, tuple[Broken, ...]] = {}
    wanted = list(definitions)
    for check_id, touches in unusable_checks(evaluator.moment.files).items():
        for definition in wanted:
            if definition.id in touches or REPORT in touches:
                found[definition.id] = (*found.get(definition.id, ()), Broken(check_id, NOT_CHECKED))
    for check in evaluator.moment.files.checks:
        is_by_report = check.touches == (REPORT,)
        touched = [definition for definition in wanted if is_by_report or definition.id in check.touches]
        rows = _rows(evaluator, check) if touched else ()
        for definition in touched if rows else ():
            tables = {table.name for table in evaluator.submissions.tables_behind(definition)} if is_by_report else set[str]()
            answers = [answer for names, answer in rows if not is_by_report or not tables.isdisjoint(names.split())]
            if answers:
                zh, en = (text.format(n_rows=len(answers)) for text in (check.message.zh, check.message.en))
                found[definition.id] = (*found.get(definition.id, ()), Broken(check.id, beside(Bilingual(zh, en), answers)))
    return found


def _rows(evaluator: Evaluator, check: Check) -> Sequence[tuple[str, Answer | None]]:
    """For each row that breaks a check as of the day: the report tables that it names in the column `report`, and its sender's answer."""
    moment = evaluator.moment
    with evaluator.marts.check_rows(check) as table:
        rows = moment.connection.execute(
            sql.SQL("SELECT department_code, row_key, details FROM {} WHERE {}").format(
                table, check_rows.seen(check, moment.as_of)
            )
        ).fetchall()
    asked = [(question_about(check, department or "", key, details), details.get(FINDING)) for department, key, details in rows]
    answers = answers_of_rows(moment.connection, asked, moment.as_of, moment.known_at)
    return [(details.get(REPORT) or "", answer) for (_, _, details), answer in zip(rows, answers, strict=True)]
