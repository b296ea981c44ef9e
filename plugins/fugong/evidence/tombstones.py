"""Entries about what is lawfully no longer there as it was: originals that were sealed or deleted, cells that were cleared.

An entry names the digest of what goes, and is added before it goes: a run that is killed in between leaves something that should be gone,
never a gap that nobody can explain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg

from fugong.evidence import log
from fugong.evidence.records import RECORDS, read, sealed

SEALING = "sealing"
TOMBSTONE = "tombstone"


def record_sealed(connection: psycopg.Connection, sha256: Sequence[str]) -> None:
    """Originals with personal data were encrypted; nothing is added where there are none."""
    _record(connection, SEALING, "sealed", sha256)


def record_sealed_deleted(connection: psycopg.Connection, sha256: Sequence[str]) -> None:
    """Sealed originals are about to be deleted."""
    _record(connection, TOMBSTONE, "sealed", sha256)


def record_archive_deleted(connection: psycopg.Connection, sha256: Sequence[str]) -> None:
    """Archived originals past their retention are about to be deleted."""
    _record(connection, TOMBSTONE, "archive", sha256)


def archive_deleted(connection: psycopg.Connection) -> set[str]:
    """The digests of archived originals that were deleted after their retention."""
    rows = connection.execute(
        "SELECT jsonb_array_elements_text(document::jsonb -> 'archive') FROM audit.log_entry WHERE kind = %s AND subject = 'archive'",
        (TOMBSTONE,),
    ).fetchall()
    return {sha256 for (sha256,) in rows}


def record_cells_cleared(connection: psycopg.Connection, submission_ids: Iterable[int]) -> None:
    """The cells of all rows that went back to the senders of these submissions are about to be cleared."""
    ids = sorted(submission_ids)
    if not ids:
        return
    algorithm = log.algorithm_of(connection)
    cells = {found.key: sealed(found.fixed, algorithm) for found in read(connection, RECORDS["set_aside_cells"], ids)}
    log.append(connection, TOMBSTONE, "cells", {"cells": cells})


def _record(connection: psycopg.Connection, kind: str, what: str, sha256: Sequence[str]) -> None:
    if sha256:
        log.append(connection, kind, what, {what: sorted(sha256)})
