"""Entries of the log about submissions: what one brought, and what it changed of earlier records.

An entry says of records what their digests are (`made`), and of records that it changes what they are now (`moved`). `verify` holds every
record against everything that was ever said of it, and refuses a change that no settlement can bring.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg

from fugong.evidence import log
from fugong.evidence.records import OF_SUBMISSION, RECORDS, moved, read, sealed
from fugong.evidence.rows import Seal, columns_of, read_seal

SETTLEMENT = "settlement"
UPGRADE = "upgrade"
"""What was settled before there was a log, sealed as it was found."""
REPLY = "reply"
QUESTIONS = "questions"
BROUGHT = """
    WITH own_answer AS (SELECT answer_id FROM intake.answer WHERE submission_id = %(submission)s)

    SELECT
        (SELECT algorithm FROM audit.log_head),
        ARRAY(SELECT part_id FROM intake.part WHERE submission_id = %(submission)s),
        ARRAY(SELECT answer_id FROM own_answer),
        ARRAY(SELECT answer_id FROM intake.answer WHERE superseded_by IN (SELECT answer_id FROM own_answer)),
        ARRAY(SELECT DISTINCT question_id FROM intake.finding WHERE submission_id = %(submission)s AND question_id IS NOT NULL),
        EXISTS (SELECT FROM intake.finding WHERE submission_id = %(submission)s),
        EXISTS (SELECT FROM intake.shadow_finding WHERE submission_id = %(submission)s),
        EXISTS (SELECT FROM intake.set_aside_row WHERE submission_id = %(submission)s),
        EXISTS (SELECT FROM intake.set_aside_row WHERE submission_id = %(submission)s AND cells IS NOT NULL)
"""
"""What a submission brought, and which of `OF_SUBMISSION` it has: most have none of them, and need not be asked for each."""


def record_settlement(
    connection: psycopg.Connection,
    submission_id: int,
    moment: datetime,
    seals: Mapping[int, Seal] | None = None,
    *,
    replaced: Sequence[int] = (),
    repaired: int | None = None,
    sent_again: Iterable[int] = (),
    kind: str = SETTLEMENT,
) -> log.Head:
    """Add the entry of a submission that was settled in this transaction, with what it changed of earlier records.

    Args:
        moment: from when it counts.
        seals: of its parts; a part that is not named is read from its table.
        replaced: parts that it supersedes.
        repaired: the submission whose returned rows it repairs.
        sent_again: submissions whose returned rows came again.
    """
    [(algorithm, parts, answers, ended, questions, *has)] = connection.execute(BROUGHT, {"submission": submission_id}).fetchall()
    document = Document(algorithm)
    document.make(connection, "submission", [submission_id])
    document.make(connection, "part", parts)
    for name, is_there in zip(OF_SUBMISSION, has, strict=True):
        document.make(connection, name, [submission_id] if is_there else ())
    document.make(connection, "answer", answers)
    document.move(connection, "answer", ended)
    document.make(connection, "question", questions)
    document.move(connection, "part", set(replaced) - set(parts))
    others = {*sent_again}
    if repaired is not None:
        others |= {
            *_ids(connection, "SELECT submission_id FROM intake.submission WHERE %s IN (submission_id, repairs)", repaired)
        }
    document.move(connection, "set_aside_row", others - {submission_id})
    if replaced:
        others |= {*_ids(connection, "SELECT DISTINCT submission_id FROM intake.part WHERE part_id = ANY(%s)", list(replaced))}
    document.move(connection, "submission", others - {submission_id})
    document.add_rows(connection, seals or {})
    return log.append(connection, kind, str(submission_id), document.content, moment)


def record_reply(connection: psycopg.Connection, submission_id: int) -> None:
    """Add the entry of a receipt that is written."""
    document = Document(log.algorithm_of(connection))
    document.make(connection, "reply", [submission_id])
    log.append(connection, REPLY, str(submission_id), document.content)


def record_rows(
    connection: psycopg.Connection,
    kind: str,
    subject: str,
    made: Mapping[str, Sequence[int]],
    counts_from: datetime | None = None,
) -> None:
    """Add the entry of rows that are only ever inserted.

    Args:
        made: kind of record → ids; nothing is added where there are none.
    """
    document = Document(log.algorithm_of(connection))
    for name, ids in made.items():
        document.make(connection, name, ids)
    if document.made:
        log.append(connection, kind, subject, document.content, counts_from)


class Document:
    """The document of an entry while it is put together."""

    def __init__(self, algorithm: str) -> None:
        """Of an entry with digests by this algorithm."""
        self.algorithm = algorithm
        self.columns: dict[str, str] = {}
        self.made: dict[str, dict[str, str]] = {}
        self.moved: dict[str, dict[str, Any]] = {}
        self.rows: dict[str, dict[str, Any]] = {}
        self.more: dict[str, Any] = {}

    @property
    def content(self) -> dict[str, Any]:
        """The document."""
        parts = {"columns": self.columns, "made": self.made, "moved": self.moved, "rows": self.rows}
        return {name: value for name, value in parts.items() if value} | self.more

    def make(self, connection: psycopg.Connection, name: str, ids: Iterable[int]) -> list[str]:
        """Say of records what they are; return their keys."""
        record, wanted = RECORDS[name], sorted(ids)
        if not wanted:
            return []
        keys: list[str] = []
        for found in read(connection, record, wanted):
            keys.append(found.key)
            self.columns[name] = " ".join(record.fixed)
            self.made.setdefault(name, {})[found.key] = sealed(found.fixed, self.algorithm)
            if record.moving:
                self._move(name, found.key, found.moving)
        return keys

    def move(self, connection: psycopg.Connection, name: str, ids: Iterable[int]) -> None:
        """Say of records what their moving columns are now."""
        record, wanted = RECORDS[name], sorted(ids)
        if wanted:
            for found in read(connection, record, wanted, ()):
                self._move(name, found.key, found.moving)

    def _move(self, name: str, key: str, rows: list[list[str | None]]) -> None:
        record = RECORDS[name]
        self.columns[f"{name} moving"] = " ".join(record.moving)
        self.moved.setdefault(name, {})[key] = moved(record, rows, self.algorithm)

    def add_rows(self, connection: psycopg.Connection, seals: Mapping[int, Seal]) -> None:
        """Say of the rows of the parts that are made what they are, and keep the digests of their blocks."""
        made = list(map(int, self.made.get("part", ())))
        if not made:
            return
        known = connection.execute("SELECT part_id, table_name, rows_accepted FROM intake.part WHERE part_id = ANY(%s)", (made,))
        tables = {part_id: (table, n) for part_id, table, n in known}
        for part_id in made:
            table, n = tables[part_id]
            seal = seals.get(part_id) or _read_part(connection, table, part_id, self.algorithm)
            self.rows[str(part_id)] = {"table": table, "columns": " ".join(seal.columns), "n": n, "root": seal.root.hex()}
            connection.execute(
                "INSERT INTO audit.sealed_part (part_id, root, sheets, blocks, digests) VALUES (%s, %s, %s, %s, %s)",
                (
                    part_id,
                    seal.root,
                    [block.sheet for block in seal.blocks],
                    [block.number for block in seal.blocks],
                    [block.digest for block in seal.blocks],
                ),
            )


def _read_part(connection: psycopg.Connection, table: str, part_id: int, algorithm: str) -> Seal:
    return read_seal(connection, table, columns_of(connection, table), part_id, algorithm)


def _ids(connection: psycopg.Connection, query: str, given: object) -> list[int]:
    return [int(number) for (number,) in connection.execute(query.encode(), (given,)).fetchall()]
