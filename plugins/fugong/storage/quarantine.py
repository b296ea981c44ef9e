"""Seals originals with personal data when their receipt is written, and deletes them after a week.

A sealed file is AES-256-GCM over blocks of a mebibyte. Each block carries its position and whether it is the last one, so that nobody
can change, move or drop any. The key is `FUGONG_QUARANTINE_KEY` (32 bytes in base64), or the file `.key` beside the sealed files.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fugong.core.errors import ConfigurationError
from fugong.core.retention import SEALED_ORIGINAL_DAYS
from fugong.core.settings import Settings
from fugong.storage.archive import archived
from fugong.storage.atomic_file import replacing

KEY_FILE, KEY_BYTES = ".key", 32
MAGIC = b"FGQ1"
BLOCK = 1 << 20
TAG_BYTES = 16
PREFIX_BYTES = 7

SEALED = """
    SELECT DISTINCT submission.sha256
    FROM intake.finding
    INNER JOIN intake.submission ON finding.submission_id = submission.submission_id
    WHERE finding.code = 'personal-data'
        AND submission.sha256 IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM intake.submission AS other
            WHERE other.sha256 = submission.sha256 AND (other.state <> 'rejected' OR other.replied_at IS NULL)
        )
    UNION
    SELECT submission.sha256
    FROM intake.submission
    INNER JOIN intake.finding ON finding.submission_id = submission.submission_id
    WHERE finding.code = 'personal-contact'
        AND submission.sha256 IS NOT NULL
        {since}
        AND NOT EXISTS (
            SELECT FROM intake.submission AS other WHERE other.sha256 = submission.sha256 AND other.replied_at IS NULL
        )
"""
"""The same bytes stay open as long as another submission of them waits for its receipt or, with personal data in a table, was not rejected."""
ALL_SEALED = SEALED.format(since="")
TO_SEAL = SEALED.format(since="AND submission.recorded_at >= now() - interval '1 month'")
"""The runs of a month have sealed what is older; `intake.finding` is never read as a whole."""


def key(settings: Settings) -> bytes:
    """The key of an installation. Where there is none, create its file, readable by the owner alone.

    Raises:
        ConfigurationError: the configured key is not 32 bytes in base64.
    """
    if settings.quarantine_key:
        return _decoded(settings.quarantine_key, "FUGONG_QUARANTINE_KEY")
    path = settings.quarantine / KEY_FILE
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        settings.quarantine.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # never replaces the key of a process that was first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return _decoded(path.read_text(encoding="ascii"), str(path))


def _decoded(text: str, where: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ConfigurationError(f"{where} should be {KEY_BYTES} bytes in base64") from error
    if len(found) != KEY_BYTES:
        raise ConfigurationError(f"{where} should be {KEY_BYTES} bytes in base64, found {len(found)}")
    return found


def sealed(settings: Settings, sha256: str) -> Path:
    """The path of the sealed original with that sha256."""
    return settings.quarantine / sha256


def seal(settings: Settings, original: Path, sha256: str) -> Path:
    """Seal an original and delete it. After a kill in between both files exist, and sealing can be repeated."""
    cipher = AESGCM(key(settings))
    settings.quarantine.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = sealed(settings, sha256)
    prefix = secrets.token_bytes(PREFIX_BYTES)
    with replacing(place) as draft:
        draft.touch(mode=0o600)
        with original.open("rb") as source, draft.open("wb") as target:
            target.write(MAGIC + prefix)
            for nonce, block in _numbered(source, prefix, BLOCK):
                target.write(cipher.encrypt(nonce, block, MAGIC))
    original.unlink()
    return place


def opened(settings: Settings, sha256: str) -> Iterator[bytes]:
    """Decrypt a sealed original, block by block.

    Raises:
        FileNotFoundError: it was never sealed, or is deleted.
        cryptography.exceptions.InvalidTag: somebody changed the file, or it was sealed with another key.
    """
    cipher = AESGCM(key(settings))
    with sealed(settings, sha256).open("rb") as source:
        head = source.read(len(MAGIC) + PREFIX_BYTES)
        for nonce, block in _numbered(source, head.removeprefix(MAGIC), BLOCK + TAG_BYTES):
            yield cipher.decrypt(nonce, block, MAGIC)


def original(settings: Settings, sha256: str | None, into: Path) -> Path | None:
    """The original with that sha256: in the archive or, if it is sealed, decrypted into a working folder; None if it is deleted or never was.

    Args:
        into: a folder that only its owner may enter, and that the caller removes.
    """
    if sha256 is None:
        return None
    if (path := archived(settings, sha256)).is_file():
        return path
    if not sealed(settings, sha256).is_file():
        return None
    copy = into / sha256
    with copy.open("wb") as file:
        file.writelines(opened(settings, sha256))
    return copy


def _numbered(source: BinaryIO, prefix: bytes, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the blocks of a file with their nonces: the prefix of the file, the position, whether it is the last block."""
    block, place = source.read(size), 0
    while True:
        after = source.read(size)
        yield prefix + place.to_bytes(4) + bytes([not after]), block
        if not after:
            return
        block, place = after, place + 1


def holds_personal_data(connection: psycopg.Connection, submission_id: int) -> bool:
    """Whether the original of an answered submission has to be sealed."""
    row = connection.execute(
        "SELECT FROM intake.finding WHERE submission_id = %s AND code IN ('personal-data', 'personal-contact') LIMIT 1",
        (submission_id,),
    ).fetchone()
    return row is not None


def seal_all(connection: psycopg.Connection, settings: Settings) -> list[str]:
    """Seal the archived originals of answered submissions with personal data, including those that a killed run left open.

    Returns:
        their sha256.
    """
    out: list[str] = []
    for (sha256,) in connection.execute(TO_SEAL).fetchall():
        original = archived(settings, str(sha256))
        if original.exists():
            seal(settings, original, str(sha256))
            out.append(str(sha256))
    return out


def delete_old(settings: Settings) -> int:
    """Delete the files that were sealed more than a week ago; return their number."""
    oldest = time.time() - SEALED_ORIGINAL_DAYS * 24 * 3600
    old = [place for place in settings.quarantine.glob("*") if place.name != KEY_FILE and place.stat().st_mtime < oldest]
    for place in old:
        place.unlink()
    return len(old)
