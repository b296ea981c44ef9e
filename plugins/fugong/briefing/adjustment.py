"""Manual adjustments of figures (口径调整): one person proposes with a reason, another approves; then they appear beside the figure until revoked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from fugong.core.bilingual import Bilingual
from fugong.core.errors import NotFoundError, RefusedError
from fugong.evidence.settlement import record_rows
from fugong.figures.definition import Definition, find_definition, load_sound_definitions
from fugong.figures.figure import Figure
from fugong.marts import asof

FREE_KINDS = frozenset({"list", "text", "words", "range"})
"""Displays that are words: their adjusted values are, too."""


@dataclass(frozen=True)
class Adjustment:
    """How people should read one figure of one day, and who decided so.

    Attributes:
        approver: "" while nobody has approved it: it does not count yet.
        recorded_at: when it was approved, or proposed while it is not.
        revoked_at: from when it counts no more; None while it counts.
        revoked: who revoked it and why; empty while it counts.
    """

    adjustment_id: int
    figure: str
    as_of: date
    value_text: str
    reason: str
    proposer: str
    approver: str
    recorded_at: datetime
    revoked_at: datetime | None = None
    revoked: str = ""

    @property
    def text(self) -> Bilingual:
        """What is printed beside the figure."""
        return Bilingual(
            f"口径调整:按{self.value_text}掌握。{self.reason}(提出:{self.proposer};批准:{self.approver})",
            f"adjusted: to be read as {self.value_text}. {self.reason} (by {self.proposer} and {self.approver})",
        )

    def to_json(self) -> dict[str, Any]:
        """As `fugong adjustments --json` prints it."""
        return {
            "adjustment_id": self.adjustment_id,
            "figure": self.figure,
            "as_of": self.as_of.isoformat(),
            "value_text": self.value_text,
            "reason": self.reason,
            "proposer": self.proposer,
            "approver": self.approver,
            "recorded_at": self.recorded_at.isoformat(),
            "revoked_at": self.revoked_at.isoformat() if self.revoked_at else None,
            "revoked": self.revoked,
        }


def with_adjustments(figure: Figure, adjusted: Iterable[Adjustment], lang: str) -> dict[str, Any]:
    """A figure as `fugong figure --json` prints it: with the adjustments that stand beside it."""
    own = [one.to_json() for one in adjusted if one.figure == figure.id]
    return figure.to_json(lang) | ({"adjustments": own} if own else {})


def adjust(
    connection: psycopg.Connection,
    include: Path,
    figure: str,
    as_of: date,
    value_text: str,
    *,
    reason: str,
    proposer: str,
    approver: str = "",
    account: str | None = None,
) -> Adjustment:
    """Propose an adjustment. Once approved it counts for every moment of knowledge from then on; it changes no value.

    Args:
        proposer: post and name.
        approver: post and name of another person; "" where somebody is to approve it afterwards (`approve`).
        account: of the proposer.

    Raises:
        NotFoundError: there is no such figure.
        RefusedError: an argument is empty, the proposer approves it, too, no report speaks of the day, or the value is in another unit
            than the figure or outside its usual band.
    """
    definition = find_definition(load_sound_definitions(include), figure)
    value_text, reason, proposer, approver = (" ".join(text.split()) for text in (value_text, reason, proposer, approver))
    if not all((value_text, reason, proposer)):
        raise RefusedError("口径调整要写明数值、理由和提出人 | an adjustment needs a value, a reason and a person")
    if proposer.casefold() == approver.casefold():
        raise RefusedError("批准人应是提出人以外的人 | who approves must be somebody else than who proposes")
    _refuse_day(connection, as_of)
    _refuse_value(definition, value_text, as_of)
    row = connection.execute(
        """
        INSERT INTO audit.adjustment (figure, as_of, value_text, reason, proposer, approver, account)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        RETURNING adjustment_id, recorded_at
        """,
        (definition.id, as_of, value_text, reason, proposer, approver or None, account),
    ).fetchone()
    assert row is not None
    record_rows(connection, "adjustment", definition.id, {"adjustment": [row[0]]}, row[1])
    return Adjustment(row[0], definition.id, as_of, value_text, reason, proposer, approver, row[1])


def approve(connection: psycopg.Connection, adjustment_id: int, *, approver: str, account: str | None = None) -> Adjustment:
    """Approve what somebody else proposed. It counts from now on.

    Args:
        approver: post and name.
        account: of the approver.

    Raises:
        NotFoundError: there is no such adjustment.
        RefusedError: it is approved or revoked, or the approver proposed it.
    """
    found = find_adjustment(connection, adjustment_id)
    if found.approver or found.revoked_at is not None:
        raise RefusedError(
            f"第 {adjustment_id} 号已批准或已撤销 | adjustment {adjustment_id} has been approved or revoked: {found.approver} {found.revoked}"
        )
    if found.proposer.casefold() == approver.casefold():
        raise RefusedError("批准人应是提出人以外的人 | who approves must be somebody else than who proposes")
    connection.execute(
        "INSERT INTO audit.adjustment_approval (adjustment_id, approver, account) VALUES (%s, %s, %s)",
        (adjustment_id, approver, account),
    )
    approved = find_adjustment(connection, adjustment_id)
    record_rows(connection, "adjustment", found.figure, {"adjustment_approval": [adjustment_id]}, approved.recorded_at)
    return approved


def find_adjustment(connection: psycopg.Connection, adjustment_id: int) -> Adjustment:
    """The adjustment of this number.

    Raises:
        NotFoundError: there is none.
    """
    found = next((one for one in every_adjustment(connection) if one.adjustment_id == adjustment_id), None)
    if found is None:
        raise NotFoundError(f"没有第 {adjustment_id} 号口径调整 | no adjustment {adjustment_id}")
    return found


def revoke(
    connection: psycopg.Connection, adjustment_id: int, *, person: str, reason: str, account: str | None = None
) -> Adjustment:
    """Revoke an adjustment. It counts for no moment of knowledge from now on; the row stays.

    Args:
        person: who revokes it, by post and name.
        account: of that person.

    Raises:
        NotFoundError: there is no such adjustment.
        RefusedError: no person or no reason is named, or it has been revoked before.
    """
    person, reason = (" ".join(text.split()) for text in (person, reason))
    if not person or not reason:
        raise RefusedError("撤销要写明经办人和理由 | to revoke needs a person and a reason")
    found = find_adjustment(connection, adjustment_id)
    if found.revoked_at is not None:
        raise RefusedError(f"第 {adjustment_id} 号已撤销:{found.revoked} | adjustment {adjustment_id} was revoked before")
    connection.execute(
        "INSERT INTO audit.adjustment_end (adjustment_id, person, account, reason) VALUES (%s, %s, %s, %s)",
        (adjustment_id, person, account, reason),
    )
    revoked = find_adjustment(connection, adjustment_id)
    record_rows(connection, "adjustment", found.figure, {"adjustment_end": [adjustment_id]}, revoked.revoked_at)
    return revoked


def every_adjustment(connection: psycopg.Connection) -> list[Adjustment]:
    """All adjustments, revoked ones included, in the order of recording."""
    rows = connection.execute(
        """
        SELECT
            one.adjustment_id, one.figure, one.as_of, one.value_text, one.reason, one.proposer,
            COALESCE(one.approver, approval.approver, ''), COALESCE(approval.recorded_at, one.recorded_at),
            ended.recorded_at, COALESCE(ended.reason || '(' || ended.person || ')', '')
        FROM audit.adjustment AS one
        LEFT JOIN audit.adjustment_approval AS approval ON one.adjustment_id = approval.adjustment_id
        LEFT JOIN audit.adjustment_end AS ended ON one.adjustment_id = ended.adjustment_id
        ORDER BY one.recorded_at, one.adjustment_id
        """
    ).fetchall()
    return [Adjustment(*row) for row in rows]


def adjustments(connection: psycopg.Connection, as_of: date, known_at: datetime | None = None) -> list[Adjustment]:
    """The adjustments of a day's figures that count at a moment (None: now), in the order of recording."""
    return [
        one
        for one in every_adjustment(connection)
        if one.as_of == as_of
        and one.approver
        and (known_at is None or one.recorded_at <= known_at)
        and (one.revoked_at is None or (known_at is not None and one.revoked_at > known_at))
    ]


def last_change(connection: psycopg.Connection, as_of: date) -> datetime | None:
    """When an adjustment of the day was last recorded or revoked."""
    moments = [one.revoked_at or one.recorded_at for one in every_adjustment(connection) if one.as_of == as_of and one.approver]
    return max(moments, default=None)


def _refuse_day(connection: psycopg.Connection, as_of: date) -> None:
    """See that the day is one of those that reports speak of."""
    days = asof.reported_days(connection)
    if as_of not in days:
        held = f"{min(days)} – {max(days)}" if days else "–"
        raise RefusedError(f"{as_of} 没有报表,有报表的日子是 {held} | no report speaks of {as_of}, but of {held}")


def _refuse_value(definition: Definition, text: str, as_of: date) -> None:
    """See that a value is one quantity in the figure's unit, within its usual band. Words and lists are free."""
    if definition.display.kind in FREE_KINDS:
        return
    from fugong.audit.find_quantities import find_quantities  # late: its patterns are needed only where somebody adjusts a figure

    found = find_quantities(text, as_of.year)
    unit = "%" if definition.unit == "1" else definition.unit
    if len(found) != 1 or not text.endswith(found[0].text) or found[0].unit != definition.unit.partition("/")[0]:
        raise RefusedError(
            f"{definition.id} 的数值要写一个数和单位({unit}),不是 {text!r} | the value of {definition.id} is one number with its unit "
            f"({unit}), not {text!r}"
        )
    value = found[0].number
    is_part = definition.unit == "1" and definition.interval is not None
    low, high = definition.band or (Decimal(0), definition.cap or (Decimal(1) if is_part else None))
    if value is not None and (value < low or (high is not None and value > high)):
        raise RefusedError(
            f"{definition.id} 通常在 {low} 到 {'…' if high is None else high} 之间,{text} 不在其中 | {definition.id} is usually {low} to "
            f"{'…' if high is None else high}; {text} is not"
        )
