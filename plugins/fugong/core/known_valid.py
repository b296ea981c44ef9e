"""Documents that were found valid before: each is checked against its JSON Schema once, not by every command.

Kept are digests, one a line, in `fugong/` of the account's cache folder (`$XDG_CACHE_HOME`, else `~/.cache`): of the schema's name and the
document's content, in a file named by a digest of all schemas. Whoever could write into it could have a faulty document taken as checked, so
a file that is not the account's alone is not read. The newest of these files are kept. Deleting one costs time, nothing else; without a folder
every document is checked.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

PREFIX = "valid-"
MAX_FILES = 8
"""One for each set of schemas, of a release or a worktree."""
MAX_BYTES = 1 << 20
"""Some 16,000 documents; a file that has grown beyond is begun anew."""


def digest_of(schema: str, content: Any) -> str:
    """The digest of a parsed document, and of the schema that it is to fit."""
    return hashlib.sha256(f"{schema}\0{content!r}".encode()).hexdigest()


class KnownValid:
    """The digests of documents that were found valid, by this process and by those before it."""

    def __init__(self, file: Path | None) -> None:
        """Read the file; None keeps them for this process only."""
        self._file = file
        self._digests = set(_lines(file)) if file is not None else set[str]()

    def __contains__(self, digest: str) -> bool:
        return digest in self._digests

    def add(self, digest: str) -> None:
        """Remember a document. A folder that cannot be written to is no fault: then the next process checks it again."""
        self._digests.add(digest)
        if self._file is None:
            return
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            is_there = self._file.exists()
            if is_there and self._file.stat().st_size > MAX_BYTES:
                self._file.unlink(missing_ok=True)
            if not is_there:
                _tidy(self._file.parent)
            with open(self._file, "a", encoding="ascii", opener=_private) as file:
                file.write(f"{digest}\n")


@cache
def known_valid(schemas: Path) -> KnownValid:
    """What is known of documents that fit the schemas of a folder."""
    digest = hashlib.sha256()
    for file in sorted(schemas.glob("*.json")):
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    folder = cache_folder()
    return KnownValid(None if folder is None else folder / f"{PREFIX}{digest.hexdigest()[:16]}.txt")


def cache_folder() -> Path | None:
    """`fugong` in the cache folder of this account; None for an account without a home."""
    base = os.environ.get("XDG_CACHE_HOME") or ""
    if Path(base).is_absolute():
        return Path(base) / "fugong"
    home = os.environ.get("HOME") or ""
    return Path(home) / ".cache" / "fugong" if Path(home).is_absolute() else None


def _lines(file: Path) -> list[str]:
    """The lines of a file that belongs to this account, and to which nobody else can write."""
    with suppress(OSError), file.open("rb") as opened:
        found = os.fstat(opened.fileno())
        if found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return opened.read().decode("ascii", errors="replace").split()
    return []


def _tidy(folder: Path) -> None:
    """Delete the files of other schemas that were written longest ago, so that a new one has room."""
    found = sorted(folder.glob(f"{PREFIX}*.txt"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in found[MAX_FILES - 1 :]:
        file.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
