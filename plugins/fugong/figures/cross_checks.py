"""What the checks between reports found as of a day: each contradiction once, with the first and the last day it was seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from fugong.figures.display import plain
from fugong.figures.figure import Reader, reader
from fugong.marts import asof, replay
from fugong.marts.header import SEVERITIES
from fugong.marts.model import Check

UNSAID = frozenset({"as_of", "report", "submission_id", "finding_id"})
"""Columns that help a machine and say nothing to a person beside the line itself."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One row that a check found.

    Attributes:
        key: what it is about: the keys of the check.
        first_day: first day on which it was seen, up to the day asked for; of a bill or payment the day from which it is known.
        n_days: days on which it was seen.
        details: what is on either side, by column of the check.
    """

    check: Check
    key: str
    first_day: date
    last_day: date
    n_days: int
    department_code: str | None
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

    def said(self, lang: str) -> str:
        """What is on either side, in words."""
        parts: list[str] = []
        for name, comment in self.check.columns.items():
            value = self.details.get(name)
            if value is not None and value != "" and name not in UNSAID:
                parts.append(f"{comment.zh} {_word(value, lang)}" if lang == "zh" else f"{name} {_word(value, lang)}")
        return ",".join(parts) if lang == "zh" else ", ".join(parts)

    @property
    def place(self) -> str:
        """File, sheet and line, as far as there are any."""
        return " ".join(str(part) for part in (self.file_name, self.sheet, self.row_number) if part not in (None, ""))


def contradictions(
    connection: psycopg.Connection,
    include: Path,
    as_of: date,
    known_at: datetime | None = None,
    *,
    ids: Iterable[str] | None = None,
) -> list[Contradiction]:
    """What contradicts what as of a day, gravest first.

    What is kept is read; for another moment of knowledge, or where it is not up to date, the checks are run for every day up to it.

    Args:
        ids: only these checks.

    Raises:
        ConfigurationError: there is no such check, or one cannot be evaluated.
    """
    found: list[Contradiction] = []
    with reader(connection, include, as_of, known_at) as reading:
        wanted = reading.files.checks if ids is None else [reading.files.check(name) for name in ids]
        for check in wanted:
            if reading.is_fresh(check, reading.as_of):
                found += _read(reading, check, sql.Identifier("mart", "check_row"))
                continue
            with replay.replayed(connection, check, _days(reading, check), reading.known_at) as table:
                found += _read(reading, check, table)
    return sorted(found, key=lambda one: (SEVERITIES.index(one.check.severity), one.check.id, -one.last_day.toordinal(), one.key))


def _days(reading: Reader, check: Check) -> list[date]:
    if check.stale != "as_of":
        return list(reading.days_of_flows(check, [reading.as_of]))
    with asof.session_at(reading.connection, None, reading.known_at):
        rows = reading.connection.execute("SELECT as_of FROM asof.day WHERE as_of <= %s", (reading.as_of,)).fetchall()
    return [row[0] for row in rows]


def _read(reading: Reader, check: Check, table: sql.Identifier) -> list[Contradiction]:
    """Those of a table like `mart.check_row` that are seen as of the day."""
    rows = reading.connection.execute(
        sql.SQL(
            """
            WITH told AS (
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
                told.row_key, told.first_day, told.seen_on, told.n_days, told.department_code,
                part.submission_id, submission.file_name, told.sheet, told.row_number, told.details
            FROM told
            LEFT JOIN intake.part ON told.part_id = part.part_id
            LEFT JOIN intake.submission ON part.submission_id = submission.submission_id
            WHERE told.newest = 1 AND ({is_flow} OR told.seen_on = {as_of})
            """
        ).format(
            table=table,
            id=sql.Literal(check.id),
            as_of=sql.Literal(reading.as_of),
            is_flow=sql.Literal(check.stale != "as_of"),
        )
    ).fetchall()
    return [Contradiction(check, *row) for row in rows]


def _word(value: object, lang: str) -> str:
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][value]
    return plain(Decimal(str(value))) if isinstance(value, int | float) else str(value)
