"""The account's cache folder for this program (`$XDG_CACHE_HOME`, else `~/.cache`): files that only save time.

Deleting one costs time, nothing else. Whoever could write into one could have faulty content taken as checked, so a file that is not the
account's alone is not read. An account without a home has no folder.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def cache_folder() -> Path | None:
    """`fugong` in the cache folder of this account; None for an account without a home."""
    base = os.environ.get("XDG_CACHE_HOME") or ""
    if Path(base).is_absolute():
        return Path(base) / "fugong"
    home = os.environ.get("HOME") or ""
    return Path(home) / ".cache" / "fugong" if Path(home).is_absolute() else None


def read_own(file: Path) -> bytes:
    """The content of a file that belongs to this account, and to which nobody else can write; nothing of any other."""
    with suppress(OSError), file.open("rb") as opened:
        found = os.fstat(opened.fileno())
        if found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return opened.read()
    return b""


def append_own(file: Path, content: bytes, *, most_bytes: int, most_files: int) -> None:
    """Add to a file of this account alone, at once. A folder that cannot be written to is no fault.

    Args:
        most_bytes: a file that has grown beyond is begun anew.
        most_files: so many files whose names begin alike, up to the first hyphen, are kept: those written last.
    """
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_there = file.exists()
        if is_there and file.stat().st_size > most_bytes:
            file.unlink(missing_ok=True)
        if not is_there:
            _tidy(file, most_files)
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            os.write(number, content)
        finally:
            os.close(number)


def _tidy(file: Path, most_files: int) -> None:
    """Delete the files that were written longest ago, so that a new one has room."""
    alike = f"{file.name.partition('-')[0]}-*{file.suffix}"
    found = sorted(file.parent.glob(alike), key=lambda one: one.stat().st_mtime_ns, reverse=True)
    for one in found[most_files - 1 :]:
        one.unlink(missing_ok=True)
