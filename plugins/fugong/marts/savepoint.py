"""Savepoints that are set and given up together with other statements: by themselves they cost as much as a short query."""

from __future__ import annotations

import psycopg
from psycopg.pq import TransactionStatus

SET = "SAVEPOINT fugong"
GIVE_UP = "RELEASE SAVEPOINT fugong"
"""Savepoints of this name may stand in each other: each statement means the last one that was set."""


def is_in_transaction(connection: psycopg.Connection) -> bool:
    """Whether a savepoint can be set."""
    return connection.info.transaction_status == TransactionStatus.INTRANS


def go_back(connection: psycopg.Connection) -> None:
    """Undo what was done since the last savepoint and give it up. With a connection that is gone all is undone."""
    if connection.info.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
        connection.execute(f"ROLLBACK TO SAVEPOINT fugong; {GIVE_UP}", prepare=False)
