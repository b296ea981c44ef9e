"""What the checks between reports found: contradictions as of a day, and the warnings that they put beside figures.

Each contradiction is listed once, with the first and the last day on which it was seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from fugong.core.bilingual import Bilingual
from fugong.core.vocabulary import CheckSeverity
from fugong.figures.definition import Definition
from fugong.figures.display import plain
from fugong.figures.evaluate import Evaluator, open_evaluator
from fugong.figures.rules import Broken
from fugong.marts import check_rows
from fugong.marts.model import Check

SEVERITIES = list(CheckSeverity)
"""The most serious first."""
REPORT = "report"
"""A check that touches this column warns beside the figures of the report tables that its rows name in it."""
TECHNICAL = frozenset({"as_of", REPORT, "submission_id", "finding_id"})
"""Columns that identify a row and are left out of its text."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One row that a check found.

    Attributes:
        key: values of the check's keys.
        first_day: first day on which the row was seen, up to the day asked for; for a bill or payment the day from which it is known.
        n_days: days on which the row was seen.
        details: what either report says, by column of the check.
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
        }

    def text(self, lang: str) -> str:
        """What either report says, in words."""
        parts: list[str] = []
        for name, comment in self.check.columns.items():
            value = self.details.get(name)
            if value is not None and value != "" and name not in TECHNICAL:
                parts.append(f"{comment.zh} {_word(value, lang)}" if lang == "zh" else f"{name} {_word(value, lang)}")
        return ",".join(parts) if lang == "zh" else ", ".join(parts)

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
            is_flow=sql.Literal(check.partition_by != "as_of"),
        )
    ).fetchall()
    return [Contradiction(check, *row) for row in rows]


def check_warnings(evaluator: Evaluator, definitions: Iterable[Definition]) -> dict[str, tuple[Broken, ...]]:
    """The checks that rows break as of the day, by figure."""
    found: dict[str, tuple[Broken, ...]] = {}
    wanted = list(definitions)
    for check in evaluator.moment.files.checks:
        is_by_report = check.touches == (REPORT,)
        touched = [definition for definition in wanted if is_by_report or definition.id in check.touches]
        reports = _reports_of_rows(evaluator, check) if touched else ()
        for definition in touched if reports else ():
            tables = {table.name for table in evaluator.submissions.tables_behind(definition)} if is_by_report else set[str]()
            n_rows = sum(not is_by_report or not tables.isdisjoint(names.split()) for names in reports)
            if n_rows:
                zh, en = check.message.zh.format(n_rows=n_rows), check.message.en.format(n_rows=n_rows)
                found[definition.id] = (*found.get(definition.id, ()), Broken(check.id, Bilingual(zh, en)))
    return found


def _reports_of_rows(evaluator: Evaluator, check: Check) -> Sequence[str]:
    """For each row that breaks a check as of the day: the report tables that it names in the column `report`; else the empty text."""
    moment = evaluator.moment
    with evaluator.marts.check_rows(check) as table:
        rows = moment.connection.execute(
            sql.SQL("SELECT COALESCE(details ->> {}, '') FROM {} WHERE {}").format(
                sql.Literal(REPORT), table, check_rows.seen(check, moment.as_of)
            )
        ).fetchall()
    return [row[0] for row in rows]


def _word(value: object, lang: str) -> str:
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][value]
    return plain(Decimal(str(value))) if isinstance(value, int | float) else str(value)
