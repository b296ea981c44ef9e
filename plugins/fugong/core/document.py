"""A parsed document, the lines of what is in it, and how large one may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fugong.core.errors import ConfigurationError

Position = tuple[str | int, ...]
"""The place of something in a document: keys of mappings and indexes of lists, from the top."""

MAX_DEPTH = 50
MAX_NODES = 200_000
"""The deepest and the largest document that is read: several times what a contract needs."""

TOO_DEEP = f"this is nested in itself, or deeper than {MAX_DEPTH} levels"
TOO_LARGE = f"this has more than {MAX_NODES} entries"


@dataclass(frozen=True)
class Document:
    """A parsed document and the line of each of its keys and list items.

    Attributes:
        file: as messages name it.
        content: mappings with text keys, lists and scalars.
        lines: position → line of the file.
    """

    file: str
    content: Any
    lines: Mapping[Position, int]

    def line_of(self, position: Sequence[str | int]) -> int:
        """The line of a position, or of the nearest position around it."""
        at = tuple(position)
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)

    def fault(self, position: Sequence[str | int], sentence: str) -> ConfigurationError:
        """The error to raise for a position: file, line and a sentence."""
        return ConfigurationError(f"{self.file}:{self.line_of(position)}: {sentence}")
