"""The fenced blocks of a recipe: files to write, commands to run, what they print.

- A block with a title is a file, named below the project or below `$FUGONG_HOME`; `(add at the end)` appends to it.
- A block of `sh` holds commands, one a line.
- A block without a language after one of `sh` shows lines that the commands print.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r'^```(\w*)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
APPENDED = " (add at the end)"


@dataclass(frozen=True)
class FileBlock:
    """A file to write."""

    name: str
    text: str
    is_appended: bool

    def write(self, project: Path, home: Path) -> None:
        """Write it below the project, or below the home where the name says so."""
        below_home = self.name.startswith("$FUGONG_HOME/")
        path = home / self.name.removeprefix("$FUGONG_HOME/") if below_home else project / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") if self.is_appended else ""
        path.write_text(before + self.text, encoding="utf-8")


@dataclass(frozen=True)
class CommandBlock:
    """Commands to run, and lines that the last of them prints."""

    commands: tuple[str, ...]
    printed: tuple[str, ...]


def blocks(page: Path) -> Iterator[FileBlock | CommandBlock]:
    """The blocks of a page in their order; those that only show something are left out."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    for place, (language, title, text) in enumerate(found):
        if title:
            yield FileBlock(title.removesuffix(APPENDED), text, title.endswith(APPENDED))
        elif language == "sh":
            after = found[place + 1] if place + 1 < len(found) else ("sh", "", "")
            printed = after[2].splitlines() if after[:2] == ("", "") else []
            yield CommandBlock(tuple(text.splitlines()), tuple(line for line in printed if line.strip()))
