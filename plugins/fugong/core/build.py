"""Which program this is: its version, and the commit that it was built from.

A wheel, an image and an unpacked archive have no Git. They carry `fugong/commit.txt`, written when they were made: the commit, its day, and `dirty`
where changes were left uncommitted. In a checkout that file holds a placeholder, and Git is asked.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fugong import __version__

ENGINE = Path(__file__).resolve().parents[1]
WRITTEN = re.compile(r"(?P<commit>[0-9a-f]{40}) (?P<day>\d{4}-\d{2}-\d{2})(?P<dirty> dirty)?")
OF_THE_PROGRAM = ("plugins", "dags", "include", "expectations", "docker", "pyproject.toml", "requirements.lock")
"""Uncommitted changes elsewhere are no other program."""
GIT_SECONDS = 10


@dataclass(frozen=True)
class Build:
    """A program.

    Attributes:
        commit, day: where it comes from; empty where nobody wrote it down and no Git knows.
        is_dirty: whether it holds changes that are in no commit.
    """

    version: str
    commit: str
    day: str
    is_dirty: bool

    def __str__(self) -> str:
        """Two lines: the version alone, as programs read it, and the commit."""
        if not self.commit:
            return f"fugong {self.version}\n提交不明:制作时没有写明,也问不到 Git | commit unknown: none was written down, and no Git says it"
        dirty = ",另有未提交的改动 | with uncommitted changes" if self.is_dirty else ""
        return f"fugong {self.version}\n提交 | commit {self.commit[:12]}, {self.day}{dirty}"


def this_build(engine: Path = ENGINE) -> Build:
    """The program that runs."""
    written = WRITTEN.fullmatch((engine / "commit.txt").read_text("utf-8").strip())
    found = written or WRITTEN.fullmatch(ask_git(engine.parents[1]))
    if found is None:
        return Build(__version__, "", "", False)
    return Build(__version__, found["commit"], found["day"], found["dirty"] is not None)


def ask_git(checkout: Path) -> str:
    """The commit of a checkout in the form of `commit.txt`; "" where the folder is none, or Git does not answer."""
    if not (checkout / ".git").exists():
        return ""
    try:
        commit = _git(checkout, "log", "-1", "--format=%H %cs")
        changes = _git(checkout, "status", "--porcelain", "--", *OF_THE_PROGRAM)
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{commit} dirty" if changes else commit


def _git(checkout: Path, *words: str) -> str:
    command = ["git", "-C", str(checkout), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=GIT_SECONDS).stdout.strip()
