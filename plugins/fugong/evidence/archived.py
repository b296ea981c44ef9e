"""Holds the archived originals against the digests of their submissions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg
from cryptography.exceptions import InvalidTag

from fugong.core.retention import ARCHIVED_FILE_YEARS, RAW_CELLS_DAYS, SEALED_ORIGINAL_DAYS
from fugong.core.settings import Settings
from fugong.evidence.claims import Claims
from fugong.evidence.fault import Fault
from fugong.storage import quarantine
from fugong.storage.archive import archived, fingerprint

ORIGINALS = """
    SELECT
        sha256, MAX(submission_id), MAX(file_name), MIN(recorded_at), MAX(recorded_at), MAX(byte_size),
        bool_or(EXISTS (
            SELECT FROM intake.finding
            WHERE finding.submission_id = submission.submission_id AND code IN ('personal-data', 'personal-contact')
        ))
    FROM intake.submission WHERE sha256 IS NOT NULL AND settled_at IS NOT NULL GROUP BY sha256 ORDER BY 2
"""


def archive_faults(
    connection: psycopg.Connection, settings: Settings, claims: Claims, tell: Callable[[str, int, int], None]
) -> tuple[list[Fault], int]:
    """Compare every original with its digest; one that is gone needs a lawful tombstone. Returns the faults, and how many there are."""
    faults: list[Fault] = []
    rows = connection.execute(ORIGINALS).fetchall()
    for n, (sha256, number, name, first, last, size, is_personal) in enumerate(rows, start=1):
        found = _state(settings, sha256)
        if found == "changed":
            faults.append(_fault(number, name, "存档原件被改动", "was changed in the archive"))
        elif found == "gone" and size and not _is_lawful(sha256, first, last, is_personal, claims):
            faults.append(_fault(number, name, "存档原件不见了", "is gone from the archive, and no tombstone says why"))
        tell("archive", n, len(rows))
    return faults, len(rows)


def _state(settings: Settings, sha256: str) -> str:
    """`there`, `changed` or `gone`; a sealed original is decrypted."""
    try:
        return "there" if fingerprint(archived(settings, sha256))[0] == sha256 else "changed"
    except (FileNotFoundError, NotADirectoryError):
        pass
    if not quarantine.sealed(settings, sha256).is_file():
        return "gone"
    digest = hashlib.sha256()
    try:
        for block in quarantine.opened(settings, sha256):
            digest.update(block)
    except (FileNotFoundError, NotADirectoryError):
        return "gone"
    except (InvalidTag, ValueError):
        return "changed"
    return "there" if digest.hexdigest() == sha256 else "changed"


def _is_lawful(sha256: str, first: datetime, last: datetime, is_personal: bool, claims: Claims) -> bool:
    """Whether a tombstone says that the original was deleted, after its retention."""
    by_age, by_seal = (claims.deleted.get((what, sha256)) for what in ("archive", "sealed"))
    if by_age is not None and by_age >= last + timedelta(days=365 * ARCHIVED_FILE_YEARS):
        return True
    return by_seal is not None and is_personal and by_seal >= first + timedelta(days=SEALED_ORIGINAL_DAYS)


def cleared_too_early(connection: psycopg.Connection, claims: Claims) -> list[Fault]:
    """Cells that were cleared before their retention."""
    rows = connection.execute(
        "SELECT submission_id::text, recorded_at FROM intake.submission WHERE submission_id::text = ANY(%s)", ([*claims.cleared],)
    ).fetchall()
    return [
        Fault(
            "set_aside_cells", key, f"第 {key} 号报送的退回行原文清除得太早", f"cells of submission {key} were cleared too early"
        )
        for key, recorded_at in rows
        if claims.cleared[key] < recorded_at + timedelta(days=RAW_CELLS_DAYS)
    ]


def _fault(number: int, name: str, zh: str, en: str) -> Fault:
    return Fault(
        "archive", str(number), f"第 {number} 号报送“{name}”的{zh}", f"the original of submission {number} ({name}) {en}"
    )
