"""Seals originals with personal data when their receipt is written, and deletes them after a week.

A sealed file is AES-256-GCM over blocks of a mebibyte. Each block carries its position and whether it is the last one, so that nobody
can change, move or drop any. The key is `FUGONG_QUARANTINE_KEY` (32 bytes in base64), or the file `keys/quarantine.key`: never beside what it
seals.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fugong.core.errors import ConfigurationError
from fugong.core.retention import SEALED_ORIGINAL_DAYS
from fugong.core.settings import Settings
from fugong.storage.archive import archived
from fugong.storage.atomic_file import replacing
from fugong.storage.modes import private_folder

KEY_FILE, KEY_BYTES = "quarantine.key", 32
OLD_KEY_FILE = ".key"
"""Where the key lay beside the sealed files, before."""
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

SHA256 = re.compile(r"[0-9a-f]{64}")
OLD = """
    SELECT sha256 FROM intake.submission
    WHERE sha256 = ANY(%(sha256)s)
    GROUP BY sha256
    HAVING bool_and(replied_at IS NOT NULL) AND MAX(replied_at) < now() - make_interval(days => %(days)s)
"""


def key(settings: Settings) -> bytes:
    """The key of an installation. Where there is none, create its file, readable by the owner alone.

    Raises:
        ConfigurationError: the configured key is not 32 bytes in base64.
    """
    if settings.quarantine_key:
        return _decoded(settings.quarantine_key, "FUGONG_QUARANTINE_KEY")
    path = settings.keys / KEY_FILE
    if not path.exists():
        move_old_key(settings)
        _write_key(path, base64.b64encode(secrets.token_bytes(KEY_BYTES)))
    return _decoded(path.read_text(encoding="ascii"), str(path))


def move_old_key(settings: Settings) -> list[str]:
    """Move the key from beside the sealed files, where a version before this one left it.

    Returns:
        A sentence, where there was one.

    Raises:
        ConfigurationError: there is another key already; both stay where they are.
    """
    old, path = settings.quarantine / OLD_KEY_FILE, settings.keys / KEY_FILE
    try:
        held = old.read_bytes()
    except FileNotFoundError:
        return []
    _write_key(path, held)
    if path.read_bytes() != held:
        raise ConfigurationError(
            f"{old} 与 {path} 是两个不同的密钥,封存的原件不知由哪一个打开;请留下对的一个,放在后一处 | "
            f"{old} and {path} are two keys, and either may open the sealed originals: leave the right one in the second place"
        )
    old.unlink(missing_ok=True)
    return [f"{old} → {path}: 密钥不再放在它封存的文件夹里 | the key does not lie in the folder that it seals any more"]


def _write_key(path: Path, content: bytes) -> None:
    """Write a key, unless another process was first."""
    draft = private_folder(path.parent) / f".{secrets.token_hex(8)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # never replaces a key
    except FileExistsError:
        pass
    finally:
        draft.unlink()


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
    private_folder(settings.quarantine)
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


def delete_old(connection: psycopg.Connection, settings: Settings, before: Callable[[list[str]], None] | None = None) -> int:
    """Delete the originals of submissions that were answered more than a week ago: they were sealed then. Return their number.

    What counts is the moment that the warehouse recorded: the file's own time changes when somebody copies or touches it.

    Args:
        before: called with their sha256 before any is deleted.
    """
    there = {place.name: place for place in settings.quarantine.glob("*") if SHA256.fullmatch(place.name)}
    old = connection.execute(OLD, {"sha256": list(there), "days": SEALED_ORIGINAL_DAYS}).fetchall()
    if before is not None:
        before([sha256 for (sha256,) in old])
    for (sha256,) in old:
        there[sha256].unlink(missing_ok=True)
    return len(old)


def unknown(connection: psycopg.Connection, settings: Settings) -> list[str]:
    """The sealed originals that the warehouse knows nothing of, such as one restored from an older dump: nobody knows when they are to go."""
    there = [place.name for place in settings.quarantine.glob("*") if SHA256.fullmatch(place.name)]
    known = connection.execute("SELECT sha256 FROM intake.submission WHERE sha256 = ANY(%s)", (there,)).fetchall()
    return sorted(set(there) - {str(sha256) for (sha256,) in known})
