"""The archive keeps every file ever received by the sha256 of its bytes."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from fugong.core.settings import Settings
from fugong.storage.modes import private_folder

BLOCK = 1 << 20
FLUSHED_BLOCKS = 40
"""A large file is flushed to the disk while it is written, each time so many blocks more."""


def fingerprint(path: Path) -> tuple[str, int]:
    """sha256 in hexadecimal and size in bytes of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()


class TooLargeError(Exception):
    """A file has more bytes than may be archived.

    Attributes:
        size: what it has, at least.
    """

    def __init__(self, size: int) -> None:
        """Raised before anything of the file is kept."""
        super().__init__(f"{size:,} bytes")
        self.size = size


def archive(settings: Settings, path: Path, *, limit: int | None = None) -> tuple[str, int]:
    """Copy a file to `archive/<first two>/<sha256>`.

    Args:
        limit: bytes. A file with more is not copied; one that grows while it is copied is dropped at the limit.

    Returns:
        sha256 in hexadecimal, size in bytes.

    Raises:
        OSError: it is no ordinary file: a link, a pipe, a device.
        TooLargeError: it is larger than the limit.
    """
    draft = private_folder(settings.archive) / f".{uuid.uuid4().hex}"
    source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe would wait for a writer
    try:
        found = os.fstat(source)
        if not stat.S_ISREG(found.st_mode):
            os.close(source)
            raise OSError(errno.EINVAL, "Not an ordinary file", str(path))
        if limit is not None and found.st_size > limit:
            os.close(source)
            raise TooLargeError(found.st_size)
        with os.fdopen(source, "rb") as reading, draft.open("xb") as writing:
            digest, size = _copied(reading, writing, limit)
        place = archived(settings, digest)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        draft.rename(place)
    finally:
        draft.unlink(missing_ok=True)
    return digest, size


def _copied(source: BinaryIO, into: BinaryIO, limit: int | None) -> tuple[str, int]:
    """Copy a file and flush it to the disk. The digest is of the bytes that were written, whoever changes the file meanwhile.

    What was read is digested in a thread while it is written, and in another one a large file is flushed.

    Returns:
        sha256 in hexadecimal, size in bytes.

    Raises:
        TooLargeError: there is more than `limit`.
    """
    digest, size = hashlib.sha256(), 0
    with ThreadPoolExecutor(1, "digest") as digesting, ThreadPoolExecutor(1, "flush") as flushing:
        flushed: list[Future[None]] = []
        while block := source.read(BLOCK):
            digested = digesting.submit(digest.update, block)
            size += len(block)
            if limit is not None and size > limit:
                raise TooLargeError(size)
            into.write(block)
            digested.result()
            if size % (FLUSHED_BLOCKS * BLOCK) == 0:
                into.flush()
                flushed.append(flushing.submit(os.fdatasync, into.fileno()))
        for one in flushed:
            one.result()  # the kernel tells a failure to write once, so it may have told it there
    into.flush()
    os.fsync(into.fileno())
    return digest.hexdigest(), size


def archived(settings: Settings, sha256: str) -> Path:
    """The path of the archived file with that sha256."""
    return settings.archive / sha256[:2] / sha256
