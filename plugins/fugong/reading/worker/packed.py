"""Reads the one table that lies in an archive."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from fugong.reading.worker.archive import Archive, name_of
from fugong.reading.worker.magic import ARCHIVES, foreign_kind
from fugong.reading.worker.properties import note_text
from fugong.reading.worker.result import FileRefused, Result

JUNK = re.compile(r"(?:^|/)(?:__MACOSX/|\.|~\$|thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
"""Files that file managers and spreadsheets leave beside the ones that the sender packed."""
UNSAFE_NAME = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SHOWN_NAMES = 5
MAX_NAME_LENGTH = 80


def read_packed(archive: Archive, into: Path, result: Result, read_inner: Callable[[Path], None]) -> None:
    """Read the one table that an archive holds. No file is ever written under a name from the archive.

    Args:
        read_inner: reads the unpacked file.
    """
    names = {name: name_of(entry) for name, entry in archive.entries.items()}
    for shown in names.values():
        if UNSAFE_NAME.search(shown):
            raise FileRefused("unsafe-name-in-archive", name=_printable(shown))
        note_text(result, "file", shown)
    meant = {name: shown for name, shown in names.items() if not JUNK.search(shown)}
    kinds = {name: foreign_kind(archive.start(name, 64)) for name in meant}
    tables = [name for name, kind in kinds.items() if kind is None]
    if not tables:
        if any(kind in ARCHIVES.values() for kind in kinds.values()):
            raise FileRefused("nested-archive")
        raise FileRefused("not-a-table", found="ZIP")
    if len(tables) > 1:
        raise FileRefused("several-files", n=len(tables), names=_listed([meant[name] for name in tables]))
    others = [meant[name] for name in kinds if name not in tables]
    if others:
        result.note("others-in-archive", n=len(others), names=_listed(others))
    result.inner_name = meant[tables[0]].replace("\\", "/").rpartition("/")[2]
    inner = into / "inner"
    with inner.open("wb") as file:
        for block in archive.inflate(tables[0]):
            file.write(block)
    try:
        read_inner(inner)
    finally:
        inner.unlink()


def _listed(names: list[str]) -> str:
    return "、".join(map(_printable, names[:SHOWN_NAMES])) + ("……" if len(names) > SHOWN_NAMES else "")


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in name)[:MAX_NAME_LENGTH]
