"""What lies in a sender's folder: which of it is a file to collect, and why the rest is not."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fugong.core.settings import TRIAL
from fugong.intake.folders import SenderFolder

TEMPORARY = re.compile(
    r"^([.~]|~\$)|^(ehthumbs|thumbs)(_vista)?\.db(:encryptable)?$|^desktop\.ini$"
    r"|\.(tmp|temp|part|partial|crdownload|download|downloading|opdownload|filepart|xltd|td|swp|lock|lnk|url)$",
    re.IGNORECASE,
)
"""Working files of spreadsheets and browsers, and what Windows and macOS leave in a folder. They are left alone."""


def is_temporary(name: str) -> bool:
    """Whether a name marks a working file of some program (`~$…`, `.…`, `….tmp`) or one of the system (`Thumbs.db`, `….lnk`)."""
    return bool(TEMPORARY.search(name))


@dataclass(frozen=True)
class Waiting:
    """A file that lies in a sender's folder, as it was when the run began."""

    department: str
    folder: SenderFolder
    name: str
    state: tuple[int, int, int]
    is_trial: bool

    @property
    def path(self) -> Path:
        """For messages."""
        return self.folder.path / self.name


def waiting_in(department: str, folder: SenderFolder, *, is_trial: bool) -> Iterator[Waiting]:
    """The files that lie in a folder. For a dry run only ordinary ones with one name: anything else stays where it is."""
    for name in folder.names():
        found = None if is_temporary(name) or name == TRIAL else folder.state(name)
        if found is None or refusal_of(folder, name, found) is not None:
            continue
        if is_trial and not (stat.S_ISREG(found.st_mode) and found.st_nlink == 1):
            continue
        yield Waiting(department, folder, name, state_of(found), is_trial)


def refusal_of(folder: SenderFolder, name: str, found: os.stat_result) -> str | None:
    """Why something in an inbox cannot be collected: a code of the catalogue."""
    if stat.S_ISDIR(found.st_mode):
        return None if name == TRIAL else "a-folder"
    if stat.S_ISREG(found.st_mode) and not folder.is_readable(name):
        return "no-permission"
    return None


def state_of(found: os.stat_result) -> tuple[int, int, int]:
    """Size, time of change in nanoseconds and number: what differs once a file was written to or replaced."""
    return found.st_size, found.st_mtime_ns, found.st_ino
