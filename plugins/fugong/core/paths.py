"""How files and names are written in messages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def where(file: Path) -> str:
    """A file as named in messages: its last two folders are enough to find it."""
    return "/".join(file.parts[-3:])


def listed(names: Iterable[str]) -> str:
    """Names in alphabetical order, for a message."""
    return ", ".join(sorted(names)) or "nothing"
