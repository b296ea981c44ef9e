"""Opens the log of a warehouse, and seals what was there before it."""

from __future__ import annotations

import psycopg

from fugong import __version__
from fugong.evidence import log
from fugong.evidence.records import RECORDS
from fugong.evidence.settlement import UPGRADE, record_reply, record_rows, record_settlement

BEFORE = (
    "question", "answer", "published", "published_figure", "publication_end", "signing", "adjustment", "adjustment_approval", "adjustment_end",
    "account_change", "chore",
)  # fmt: skip
SCHEMA = "schema"
ALGORITHM = "algorithm"
FOUND = "found"
"""Other records that were there before the log."""


def last_schema_change(connection: psycopg.Connection) -> int:
    """The newest row of `audit.schema_change`; 0 where there is none."""
    [(is_there,)] = connection.execute("SELECT to_regclass('audit.schema_change') IS NOT NULL").fetchall()
    if not is_there:
        return 0
    [(last,)] = connection.execute("SELECT COALESCE(MAX(change_id), 0) FROM audit.schema_change").fetchall()
    return last


def open_log(connection: psycopg.Connection, algorithm: str, last_change: int) -> list[str]:
    """Open the log if it is empty, and log what `init` changed of the shape of the warehouse.

    What is not in the log of an opened one is never sealed here: it would be a way to make a forged record lawful.

    Args:
        algorithm: of entries from now on.
        last_change: the newest row of `audit.schema_change` that is logged.

    Returns:
        a sentence, where something was sealed.
    """
    changed = connection.execute("UPDATE audit.log_head SET algorithm = %s WHERE algorithm <> %s", (algorithm, algorithm))
    sentences: list[str] = []
    if log.head(connection) is None:
        log.append(connection, log.OPENING, "", {"version": __version__})
        last_change = 0
        sentences = _seal(connection)
    elif changed.rowcount:
        log.append(connection, ALGORITHM, algorithm, {})
        sentences = [f"new entries of the log are digested by {algorithm}; those before stay as they are"]
    changes = connection.execute("SELECT change_id FROM audit.schema_change WHERE change_id > %s", (last_change,)).fetchall()
    record_rows(connection, SCHEMA, "", {"schema_change": [number for (number,) in changes]})
    return sentences


def _seal(connection: psycopg.Connection) -> list[str]:
    """Seal every record as it is found."""
    found = connection.execute(
        "SELECT submission_id, settled_at, replied_at IS NOT NULL FROM intake.submission WHERE settled_at IS NOT NULL ORDER BY 1"
    ).fetchall()
    for submission_id, settled_at, is_answered in found:
        record_settlement(connection, submission_id, settled_at, kind=UPGRADE)
        if is_answered:
            record_reply(connection, submission_id)
    n_others = 0
    for name in BEFORE:
        owner = RECORDS[name].key.partition("::")[0]
        rows = connection.execute(f"SELECT DISTINCT {owner} FROM {RECORDS[name].relation} ORDER BY 1".encode()).fetchall()
        record_rows(connection, FOUND, name, {name: [number for (number,) in rows]})
        n_others += len(rows)
    if not found and not n_others:
        return []
    return [f"sealed {len(found):,} submissions and {n_others:,} other records as they were found; the log begins with them"]
