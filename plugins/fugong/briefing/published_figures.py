"""Keeps the figures of a publication, and enters it in the log with the parts behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import psycopg

from fugong.briefing.document import Briefing
from fugong.evidence.publication import record
from fugong.figures.display import Value, plain
from fugong.marts import asof


def record_publication(connection: psycopg.Connection, number: int, briefing: Briefing, superseded: Sequence[int]) -> None:
    """Keep the figures of a publication, printed or not, and add its entry to the log.

    Args:
        superseded: the publications that it supersedes.
    """
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO audit.published_figure (
                publication_id, figure, as_of, known_at, value, unit, display, numerator, denominator, coverage, is_printed
            )
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (
                    number,
                    name,
                    briefing.as_of,
                    briefing.known_at,
                    text_of(one.figure.value),
                    one.figure.unit,
                    one.figure.display,
                    text_of(one.figure.numerator),
                    text_of(one.figure.denominator),
                    text_of(one.figure.coverage),
                    one.is_printed,
                )
                for name, one in sorted(briefing.figures.items())
            ],
        )
    with asof.session_at(connection, None, briefing.known_at):
        rows = connection.execute(
            "SELECT part_id FROM asof.part WHERE report_date <= %s ORDER BY 1", (briefing.as_of,)
        ).fetchall()
    record(connection, number, [part_id for (part_id,) in rows], superseded)


def text_of(value: Value | None) -> str | None:
    """A value as it is kept: numbers without exponent, days as ISO 8601."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return "/".join(str(part) for part in value)
