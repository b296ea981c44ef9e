"""The log: entries that are only ever added, and the head that commits to all of them.

The leaf of an entry is its canonical JSON; the head at n is the root of the tree of the first n entries (RFC 6962), written `n:hex`.
The lock of the log is the last one that a transaction takes, so that it closes no circle with the locks of settlements or signatures.
Each day's last head is an entry of its own, added before the first entry of the next day: the days chain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from fugong.core.errors import RefusedError
from fugong.core.time import SHANGHAI
from fugong.evidence import merkle
from fugong.evidence.digest import canonical, leaf_hash

DAY = "day"
OPENING = "opening"
FETCHED = 500


@dataclass(frozen=True)
class Head:
    """What the log was at some size."""

    size: int
    root: bytes

    def __str__(self) -> str:
        """`n:hex`."""
        return f"{self.size}:{self.root.hex()}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read a head as printed.

        Raises:
            RefusedError: it is none.
        """
        found = re.fullmatch(r"\s*([1-9][0-9]{0,17})\s*[::]\s*([0-9a-fA-F]{64})\s*", text)
        if found is None:
            raise RefusedError(
                f"{text!r} 不是存证首。它由条数、冒号和 64 位十六进制数组成,如 128:ab12…,见回执末行 | {text!r} is no head. A head "
                "is a number of entries, a colon and 64 hexadecimal digits, as the last line of a receipt has it"
            )
        return cls(int(found[1]), bytes.fromhex(found[2]))


@dataclass(frozen=True)
class Entry:
    """One entry of the log.

    Attributes:
        subject: what it is about, such as the number of a submission.
        counts_from: the moment of knowledge from which it counts; None for what changes no figure.
        document: canonical JSON.
        leaf: as stored; `leaf_hash(algorithm, body)` if nobody changed it.
        head: root of the tree up to this entry, as stored.
    """

    number: int
    kind: str
    subject: str
    counts_from: datetime | None
    recorded_at: datetime
    algorithm: str
    document: str
    leaf: bytes
    head: bytes

    @property
    def body(self) -> str:
        """The text of which the leaf is the hash."""
        return canonical(
            {
                "number": self.number,
                "kind": self.kind,
                "subject": self.subject,
                "counts_from": None if self.counts_from is None else moment_text(self.counts_from),
                "recorded_at": moment_text(self.recorded_at),
                "algorithm": self.algorithm,
                "document": self.document,
            }
        )


def moment_text(moment: datetime) -> str:
    """A moment in UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def day_of(moment: datetime) -> date:
    """The day of the district to which a moment belongs."""
    return moment.astimezone(SHANGHAI).date()


def algorithm_of(connection: psycopg.Connection) -> str:
    """The algorithm of new entries."""
    [(algorithm,)] = connection.execute("SELECT algorithm FROM audit.log_head").fetchall()
    return algorithm


def append(
    connection: psycopg.Connection, kind: str, subject: str, document: Mapping[str, Any], counts_from: datetime | None = None
) -> Head:
    """Add an entry in the transaction of what it records, and lock the log until its end.

    Returns:
        the head that contains it.
    """
    with nullcontext() if connection.info.transaction_status is TransactionStatus.INTRANS else connection.transaction():
        # The clock is read under the lock, for which this may have waited; it never goes back.
        [(size, frontier, algorithm, day, now)] = connection.execute(
            """
            WITH head AS MATERIALIZED (
                SELECT size, frontier, algorithm, day, recorded_at FROM audit.log_head FOR UPDATE
            )

            SELECT size, frontier, algorithm, day, GREATEST(clock_timestamp(), recorded_at) FROM head
            """
        ).fetchall()
        today = day_of(now)
        nodes = [bytes(node) for node in frontier]
        entries: list[Entry] = []

        def add(kind: str, subject: str, document: Mapping[str, Any], counts_from: datetime | None) -> None:
            number = size + len(entries) + 1
            entry = Entry(number, kind, subject, counts_from, now, algorithm, canonical(document), b"", b"")
            leaf = leaf_hash(algorithm, entry.body.encode())
            merkle.grow(nodes, number - 1, leaf, algorithm)
            entries.append(
                Entry(*(getattr(entry, name) for name in COLUMNS[:7]), leaf=leaf, head=merkle.root_of(nodes, algorithm))
            )

        if day is not None and day < today:
            add(DAY, day.isoformat(), _day(connection, day, size), None)
        add(kind, subject, document, counts_from)
        for entry in entries[:-1]:
            connection.execute(INSERT, [getattr(entry, name) for name in COLUMNS])
        connection.execute(
            f"WITH added AS ({INSERT}) UPDATE audit.log_head SET size = %s, frontier = %s, day = %s, recorded_at = %s",
            (*(getattr(entries[-1], name) for name in COLUMNS), size + len(entries), nodes, today, now),
        )
    return Head(entries[-1].number, entries[-1].head)


COLUMNS = ("number", "kind", "subject", "counts_from", "recorded_at", "algorithm", "document", "leaf", "head")
INSERT = """
    INSERT INTO audit.log_entry (entry_number, kind, subject, counts_from, recorded_at, algorithm, document, leaf, head)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def _day(connection: psycopg.Connection, day: date, size: int) -> dict[str, Any]:
    """The document of a day's entry: the last head of the day, and that of the day before."""
    [(last,)] = connection.execute("SELECT head FROM audit.log_entry WHERE entry_number = %s", (size,)).fetchall()
    before = connection.execute(
        "SELECT document::jsonb ->> 'head' FROM audit.log_entry WHERE kind = %s ORDER BY entry_number DESC LIMIT 1", (DAY,)
    ).fetchone()
    return {"day": day.isoformat(), "head": str(Head(size, bytes(last))), "previous": before[0] if before else None}


def head(connection: psycopg.Connection) -> tuple[Head, date] | None:
    """The newest head and its day; None for a log without entries."""
    row = connection.execute(
        "SELECT entry_number, head, recorded_at FROM audit.log_entry ORDER BY entry_number DESC LIMIT 1"
    ).fetchone()
    return None if row is None else (Head(row[0], bytes(row[1])), day_of(row[2]))


def head_as_of(connection: psycopg.Connection, known_at: datetime) -> Head | None:
    """The head that contains everything that was known at a moment, and nothing after it that changes a figure.

    It stays the same whatever is logged later, except where history is loaded for moments before.
    """
    row = connection.execute(
        "SELECT entry_number, head FROM audit.log_entry WHERE counts_from <= %s ORDER BY entry_number DESC LIMIT 1", (known_at,)
    ).fetchone()
    return None if row is None else Head(row[0], bytes(row[1]))


def entries(connection: psycopg.Connection, first: int = 1) -> Iterator[Entry]:
    """The entries from a number on, some hundred at a time."""
    while True:
        rows = connection.execute(
            """
            SELECT entry_number, kind, subject, counts_from, recorded_at, algorithm, document, leaf, head FROM audit.log_entry
            WHERE entry_number >= %s ORDER BY entry_number LIMIT %s
            """,
            (first, FETCHED),
        ).fetchall()
        for row in rows:
            yield Entry(*row)
        if len(rows) < FETCHED:
            return
        first = rows[-1][0] + 1
