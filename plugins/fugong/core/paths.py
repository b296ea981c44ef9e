"""How messages write files and lists of names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def where(file: Path) -> str:
    """The name of a file in messages: with its last two folders, which are enough to find it."""
    return "/".join(file.parts[-3:])


def listed(names: Iterable[str]) -> str:
    """Names in alphabetical order, for a message; `nothing` where there is none."""
    return ", ".join(sorted(names)) or "nothing"
