"""What lies in a sender's folder: which of it is a file to collect, and why the rest is not."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fugong.core.sanitize import with_sign
from fugong.core.settings import TRIAL, Settings
from fugong.intake.folders import SenderFolder, work_folder
from fugong.privacy.detect import mask
from fugong.storage.modes import is_prepared

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
    """A file that lies in a sender's folder, as it was when the run began.

    Attributes:
        state: size, time of change in nanoseconds and number.
        refused: the code of the finding that says why it cannot be collected: it stays where it is, and is answered there.
    """

    department: str
    folder: SenderFolder
    name: str
    state: tuple[int, int, int]
    is_trial: bool
    refused: str | None = None

    @property
    def arrival_id(self) -> str:
        """Of something that is answered in place: the same as long as it lies there."""
        return f"{self.refused}:{self.department}:{self.state[2]}:{kept_name(self.name)}"

    @property
    def path(self) -> Path:
        """For messages."""
        return self.folder.path / self.name


def waiting_in(department: str, folder: SenderFolder, *, is_trial: bool) -> Iterator[Waiting]:
    """What lies in a folder and concerns us. For a dry run only ordinary files with one name: anything else stays where it is, unanswered."""
    for name in folder.names():
        found = None if is_temporary(name) or name == TRIAL else folder.state(name)
        if found is None:
            continue
        refused = refusal_of(folder, name, found)
        if is_trial and (refused is not None or not (stat.S_ISREG(found.st_mode) and found.st_nlink == 1)):
            continue
        yield Waiting(department, folder, name, state_of(found), is_trial, refused)


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


def waiting_dry_runs(settings: Settings, department: str) -> list[Path]:
    """The files of a department that were collected for a dry run and have no receipt yet, in the order of their names."""
    return sorted(work_folder(settings, department, TRIAL).glob("*/*"))


def departments_with_dry_runs(settings: Settings) -> list[str]:
    """The departments with files that wait for a dry run."""
    if not settings.inbox.is_dir() and not is_prepared(settings):
        return []
    return sorted({path.parents[2].name for path in work_folder(settings).glob(f"*/{TRIAL}/*/*")})


def kept_name(name: str) -> str:
    """A file name as it is stored, told and logged: without personal data."""
    return mask(storable(name))


def storable(name: str) -> str:
    """A file name as text that a database can store, what controls something shown as a sign.

    Bytes that are not UTF-8 are decoded as GB18030 or written as escapes.
    """
    raw = os.fsencode(name)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            text = raw.decode("utf-8", "backslashreplace")
    return "".join(map(with_sign, text))
