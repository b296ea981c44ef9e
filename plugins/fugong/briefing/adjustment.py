"""Manual adjustments of figures (口径调整): rows with a reason and two persons, which appear beside the figure from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import psycopg

from fugong.core.errors import RefusedError
from fugong.figures.definition import find_definition, load_definitions


@dataclass(frozen=True)
class Adjustment:
    """How people should read one figure of one day, and who decided so."""

    adjustment_id: int
    figure: str
    as_of: date
    value_text: str
    reason: str
    proposer: str
    approver: str
    recorded_at: datetime


def adjust(
    connection: psycopg.Connection,
    include: Path,
    figure: str,
    as_of: date,
    value_text: str,
    *,
    reason: str,
    proposer: str,
    approver: str,
) -> Adjustment:
    """Record an adjustment. It counts for every moment of knowledge from now on and changes no value.

    Raises:
        NotFoundError: there is no such figure.
        RefusedError: an argument is empty, or the proposer approves it, too.
    """
    definition = find_definition(load_definitions(include), figure)
    value_text, reason, proposer, approver = (" ".join(text.split()) for text in (value_text, reason, proposer, approver))
    if not all((value_text, reason, proposer, approver)):
        raise RefusedError("口径调整要写明数值、理由、提出人和批准人 | an adjustment needs a value, a reason and two persons")
    if proposer.casefold() == approver.casefold():
        raise RefusedError("批准人应是提出人以外的人 | who approves must be somebody else than who proposes")
    row = connection.execute(
        """
        INSERT INTO audit.adjustment (figure, as_of, value_text, reason, proposer, approver)
        VALUES (%s, %s, %s, %s, %s, %s)
        RETURNING adjustment_id, recorded_at
        """,
        (definition.id, as_of, value_text, reason, proposer, approver),
    ).fetchone()
    assert row is not None
    return Adjustment(row[0], definition.id, as_of, value_text, reason, proposer, approver, row[1])


def adjustments(connection: psycopg.Connection, as_of: date, known_at: datetime | None = None) -> list[Adjustment]:
    """The adjustments of a day's figures recorded up to a moment (None: all), in the order of recording."""
    rows = connection.execute(
        """
        SELECT adjustment_id, figure, as_of, value_text, reason, proposer, approver, recorded_at
        FROM audit.adjustment
        WHERE as_of = %s AND (%s::timestamptz IS NULL OR recorded_at <= %s)
        ORDER BY recorded_at, adjustment_id
        """,
        (as_of, known_at, known_at),
    ).fetchall()
    return [Adjustment(*row) for row in rows]
