"""Resolves a new part against the effective parts with the same key (table, unit, report date).

The part replaces, is appended, is a duplicate, repairs, withdraws, or is superseded itself; where that is doubtful, the sender is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import sql

from fugong.contracts.contract import Contract, Table
from fugong.core.vocabulary import Mode, PartKind
from fugong.findings.catalogue import finding
from fugong.intake.copy import NEXT_PART_ID
from fugong.intake.types import AskBack, PartToLoad, Submission
from fugong.parsing.marks import Marks

MIN_KEPT_SHARE = 0.95
"""A replacement that keeps a smaller share of the keys is asked back."""


def withdrawals(
    connection: psycopg.Connection, submission: Submission, contract: Contract, day: date
) -> list[PartToLoad] | AskBack:
    """A withdrawing part for every effective part that the sender has for the report and date."""
    tables = {table.name: table for table in contract.tables}
    rows = connection.execute(
        """
        SELECT DISTINCT table_name, unit FROM intake.part
        WHERE table_name = ANY(%s) AND report_date = %s AND department_code = %s
            AND superseded_at IS NULL AND kind <> 'withdrawal'
        ORDER BY table_name, unit
        """,
        (list(tables), day, submission.department),
    ).fetchall()
    if not rows:
        return AskBack(finding("nothing-to-withdraw", value=day.isoformat(), report=contract.name))
    return [
        PartToLoad(_next_part_id(connection), tables[table_name], "", unit, kind=PartKind.WITHDRAWAL, is_replacement=True)
        for table_name, unit in rows
    ]


def _next_part_id(connection: psycopg.Connection) -> int:
    row = connection.execute(NEXT_PART_ID).fetchone()
    assert row is not None  # a sequence always answers
    return int(row[0])


@dataclass(frozen=True)
class _Peer:
    """A part with the same key that is effective now, or was after the new part's moment (histories are loaded in any order)."""

    part_id: int
    submission_id: int
    kind: str
    version: int
    is_replacement: bool
    received_at: datetime
    settled_at: datetime
    superseded_at: datetime | None

    @property
    def order(self) -> tuple[int, datetime, int]:
        return self.version, self.received_at, self.submission_id


def resolve(
    connection: psycopg.Connection,
    submission: Submission,
    marks: Marks,
    part: PartToLoad,
    parts: Sequence[PartToLoad],
    moment: datetime,
    day: date,
) -> AskBack | None:
    """Set what a part replaces and what replaces it. The declared version decides, then the time of arrival.

    Args:
        marks: what the file declares: version, correction, confirmation.
        parts: all parts of the submission; `part` is one of them.
        moment: from when the submission counts.

    Returns:
        A question, if the part replaces too much or repeats keys with other content.
    """
    if part.is_replay:
        if part.table.mode == Mode.INCREMENT and part.superseded_at is None:
            return _drop_repeated_rows(connection, part, parts)
        return None
    if part.repairs_part is not None:
        among = part.repairs_part if part.table.mode != Mode.INCREMENT else None
        return _drop_repeated_rows(connection, part, parts, among=among)
    peers = [
        _Peer(*row)
        for row in connection.execute(
            """
            SELECT part_id, submission_id, kind, version, is_replacement, received_at, settled_at, superseded_at FROM intake.part
            WHERE table_name = %s AND unit = %s AND report_date = %s AND kind <> 'repair'
                AND (superseded_at IS NULL OR superseded_at > GREATEST(settled_at, %s))
            """,
            (part.table.name, part.unit, day, moment),
        )
    ]
    newest = max((peer for peer in peers if peer.superseded_at is None), key=lambda peer: peer.order, default=None)
    part.is_replacement = part.is_replacement or marks.is_replacement
    if marks.version is not None and marks.version > 1:
        part.version = marks.version
    elif newest is not None and (part.kind == PartKind.WITHDRAWAL or marks.is_correction or newest.kind == PartKind.WITHDRAWAL):
        part.version = newest.version
    own = (part.version, submission.received_at, submission.submission_id)
    adds = part.table.mode == Mode.INCREMENT and not part.is_replacement
    newer = [peer for peer in peers if peer.order > own and (not adds or peer.is_replacement)]
    if newer:
        winner = min(newer, key=lambda peer: (max(peer.settled_at, moment), peer.order))
        part.superseded_by, part.superseded_at = winner.part_id, max(winner.settled_at, moment)
        part.is_withdrawn = winner.kind == PartKind.WITHDRAWAL
        if part.superseded_at == moment:  # it never counts
            return None
    older = [peer for peer in peers if peer.order < own]
    part.replaces = [peer.part_id for peer in older if not adds or peer.kind == PartKind.WITHDRAWAL]
    if part.replaces:
        repairs = connection.execute(
            """
            SELECT part_id FROM intake.part
            WHERE repairs_part = ANY(%s) AND (superseded_at IS NULL OR superseded_at > GREATEST(settled_at, %s))
            """,
            (part.replaces, moment),
        ).fetchall()
        part.replaces += [int(number) for (number,) in repairs]
    if part.kind == PartKind.WITHDRAWAL or newer:
        return None
    question = None if marks.is_confirmed else _guard_replacement(connection, part)
    if question is None and part.table.mode == Mode.INCREMENT:
        question = _drop_repeated_rows(connection, part, parts)
    return question


def join_replayed(
    connection: psycopg.Connection, replays: int, parts: Sequence[PartToLoad], contract: Contract, moment: datetime
) -> list[PartToLoad]:
    """Let every part take the place of the part that the same file brought before; a part that was superseded stays superseded.

    Args:
        replays: the submission whose file is evaluated again.

    Returns:
        Empty parts, which take the place of parts that the file brings no rows for any more.
    """
    before = connection.execute(
        """
        SELECT table_name, unit, part_id, version, is_replacement, superseded_by, sheet FROM intake.part
        WHERE submission_id = %s AND kind = 'data'
        """,
        (replays,),
    ).fetchall()
    new = {(part.table.name, part.unit): part for part in parts}
    gone: list[PartToLoad] = []
    for table_name, unit, part_id, version, is_replacement, superseded_by, sheet in before:
        part = new.get((table_name, unit))
        if part is None:
            part = PartToLoad(_next_part_id(connection), contract.table(table_name), sheet, unit)
            gone.append(part)
        part.is_replay, part.version, part.is_replacement = True, version, is_replacement
        if superseded_by is None:
            part.replaces = [part_id]
        else:
            part.superseded_by, part.superseded_at = superseded_by, moment
    return gone


def _guard_replacement(connection: psycopg.Connection, part: PartToLoad) -> AskBack | None:
    """Ask the sender where a replacement drops too many keys."""
    if not part.replaces:
        return None
    key = sql.SQL(", ").join(map(sql.Identifier, part.table.key))
    row = connection.execute(
        sql.SQL(
            """
            WITH before AS MATERIALIZED (SELECT DISTINCT {key} FROM {table} WHERE part_id = ANY(%s)),
            now AS MATERIALIZED (SELECT DISTINCT {key} FROM {table} WHERE part_id = %s)
            SELECT (SELECT COUNT(*) FROM before), (SELECT COUNT(*) FROM (SELECT * FROM before INTERSECT SELECT * FROM now) AS kept)
            """
        ).format(key=key, table=sql.Identifier("report", part.table.name)),
        (part.replaces, part.part_id),
    ).fetchone()
    assert row is not None  # counts always answer
    before, kept = row
    if kept >= MIN_KEPT_SHARE * before:
        return None
    headers = "、".join(part.table.by_name[name].header for name in part.table.key)
    return AskBack(
        finding("fewer-keys", sheet=part.sheet, kept=kept, before=before, what=headers, what_en=" + ".join(part.table.key))
    )


def _drop_repeated_rows(
    connection: psycopg.Connection, part: PartToLoad, parts: Sequence[PartToLoad], *, among: int | None = None
) -> AskBack | None:
    """Drop rows that are effective already with the same content: they count as not data. Ask about rows with other content.

    Args:
        among: compare with this part and its repairs only.
    """
    table = part.table
    effective = [
        number
        for (number,) in connection.execute(
            """
            SELECT part_id FROM intake.part
            WHERE table_name = %(table)s AND superseded_at IS NULL AND kind <> 'withdrawal' AND rows_accepted > 0
                AND part_id <> ALL(%(not_these)s)
                AND (%(among)s::bigint IS NULL OR %(among)s IN (part_id, repairs_part))
            """,
            {"table": table.name, "not_these": [one.part_id for one in parts] + part.replaces, "among": among},
        )
    ]
    if not effective or part.accepted == 0:
        return None
    given = {"part": part.part_id, "effective": effective}
    [(n_met,)] = connection.execute(
        sql.SQL("{} SELECT COUNT(*) {}").format(_new_rows(table, table.key), _met(table)), given
    ).fetchall()
    if not n_met:
        return None
    report = f"report.{table.name}"
    [(may_delete,)] = connection.execute("SELECT has_table_privilege(%s, 'DELETE')", (report,)).fetchall()
    changed, example, dropped = _compare(connection, table, given, drops=not may_delete)
    if changed:
        return AskBack(finding("changed-rows", sheet=part.sheet, value=changed, example=example))
    if may_delete:
        dropped = connection.execute(
            sql.SQL(
                "{}, met AS MATERIALIZED (SELECT new.sheet, new.row_number {}) "
                "DELETE FROM {} WHERE part_id = %(part)s AND (sheet, row_number) IN (SELECT sheet, row_number FROM met)"
            ).format(_new_rows(table, table.key), _met(table), sql.Identifier("report", table.name)),
            given,
        ).rowcount
    part.accepted -= dropped
    part.not_data += dropped
    if part.digest is not None:
        part.digest.is_whole = False
    if table.business_date:
        left = sql.SQL("SELECT DISTINCT {0} FROM {1} WHERE part_id = %s AND {0} IS NOT NULL").format(
            sql.Identifier(table.business_date), sql.Identifier("report", table.name)
        )
        part.days = {row[0] for row in connection.execute(left, (part.part_id,))}
    return None


def _compare(
    connection: psycopg.Connection, table: Table, given: Mapping[str, Any], *, drops: bool
) -> tuple[int, str | None, int]:
    """Compare the new rows whose key is met with the effective ones.

    Args:
        drops: whether to drop them if all are the same. The loader may delete no rows of reports, but for those by `intake.discard_rows`; in a
            distributed table it may (`warehouse.distribution`).

    Returns:
        How many have other content, the key of one of these, and how many were dropped.
    """
    names = [column.name for column in table.columns]

    def row(alias: str) -> sql.Composed:
        return sql.SQL("ROW({})").format(sql.SQL(", ").join(sql.Identifier(alias, name) for name in names))

    discard = sql.SQL(
        "CASE WHEN COUNT(example) = 0 THEN intake.discard_rows({}::regclass, %(part)s, array_agg(sheet), array_agg(row_number)) END"
    ).format(sql.Literal(f"report.{table.name}"))
    [(changed, example, dropped)] = connection.execute(
        sql.SQL(
            """
            {new},
            met AS (
                SELECT
                    new.sheet, new.row_number,
                    CASE WHEN {new_row} IS DISTINCT FROM {held_row} THEN concat_ws(' ', {key}) END AS example
                {met}
            )
            SELECT COUNT(example), MIN(example), {dropped} FROM met
            """
        ).format(
            new=_new_rows(table, names),
            new_row=row("new"),
            held_row=row("held"),
            key=sql.SQL(", ").join(sql.Identifier("new", name) for name in table.key),
            met=_met(table),
            dropped=discard if drops else sql.SQL("0"),
        ),
        given,
    ).fetchall()
    return changed, example, dropped or 0


def _new_rows(table: Table, names: Iterable[str]) -> sql.Composed:
    """The rows of the new part, with these columns. A cluster joins no two distributed tables but by what distributes them."""
    columns = sql.SQL(", ").join(map(sql.Identifier, ("sheet", "row_number", *names)))
    return sql.SQL("WITH new AS (SELECT {} FROM {} WHERE part_id = %(part)s)").format(
        columns, sql.Identifier("report", table.name)
    )


def _met(table: Table) -> sql.Composed:
    """The effective rows that have the key of a new one, beside it. They are found by the index of the key: `+ 0` keeps that of parts out of it."""
    return sql.SQL(
        "FROM new INNER JOIN {} AS held ON {} WHERE held.part_id <> %(part)s AND held.part_id + 0 = ANY(%(effective)s)"
    ).format(
        sql.Identifier("report", table.name),
        sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier("held", name), sql.Identifier("new", name)) for name in table.key
        ),
    )
