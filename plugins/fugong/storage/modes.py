"""Who may read and write what in an installation's home: modes of its folders, set whatever the umask, and mended by `init`.

Every entry point sets the umask 077: what nobody says otherwise about is for our account alone. A department passes through the home, the
inbox and the outbox without seeing who else is there, writes to its inbox and reads its outbox by the group of those folders.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from fugong.core.settings import TRIAL, Settings

PRIVATE = 0o700
PASSAGE = 0o711
"""Others may pass to a folder whose name they know, and not list what there is."""
INBOX = 0o2770
OUTBOX = 0o2750
"""The group of the folder is the group of what is made in it."""
RECEIPT = 0o640
UMASK = 0o077

NOT_OURS = 0o077
NOT_THE_GROUPS = 0o007
NOT_TO_LIST = 0o026
"""The rights that are taken away: all but the owner's; the others'; the others' to list, and everybody else's to write."""


def make_folder(path: Path, mode: int) -> None:
    """Make a folder with this mode, whatever the umask; one that is there stays as it is. Missing parents can be passed."""
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder, wanted in [*((folder, PASSAGE) for folder in reversed(missing)), (path, mode)]:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            folder.chmod(wanted)


def private_folder(path: Path) -> Path:
    """The folder, for our account alone; made where it is missing."""
    if not path.is_dir():
        make_folder(path, PRIVATE)
    return path


def make_folders(settings: Settings, departments: Iterable[str]) -> None:
    """Make the folders of an installation that are missing."""
    for folder in (settings.home, settings.inbox, settings.outbox):
        make_folder(folder, PASSAGE)
    for folder in private_folders(settings):
        make_folder(folder, PRIVATE)
    for department in departments:
        make_folder(settings.inbox / department, INBOX)
        make_folder(settings.outbox / department, OUTBOX)


def is_prepared(settings: Settings) -> bool:
    """Whether `make_folders` has made this home: then a folder that is not there has gone away."""
    return all(folder.is_dir() for folder in (settings.briefings, settings.keys, settings.quarantine))


def private_folders(settings: Settings) -> tuple[Path, ...]:
    """The folders that nobody but our account may enter."""
    return settings.archive, settings.briefings, settings.keys, settings.quarantine, settings.spool


def tighten(settings: Settings) -> list[str]:
    """Take rights away that a version before this one gave, or a copy has brought; rights that an administrator gave to a group stay.

    Returns:
        One sentence per folder that was open.
    """
    warehouse = settings.home / "warehouse"
    changes: list[str] = []
    for folder in private_folders(settings):
        changes += _close(folder, NOT_OURS, with_contents=True)
    for root, contents in ((settings.inbox, (TRIAL,)), (settings.outbox, None)):
        for folder in _folders(root):
            for name in contents or ():
                changes += _close(folder / name, NOT_THE_GROUPS, is_theirs=True)
            changes += _close(folder, NOT_THE_GROUPS, with_contents=contents is None, is_theirs=True)
    for file in (warehouse / "server.json", warehouse / "lock"):
        changes += _close(file, NOT_OURS)
    for folder in (warehouse, settings.inbox, settings.outbox, settings.home):
        changes += _close(folder, NOT_TO_LIST)
    return changes


def _folders(root: Path) -> list[Path]:
    """The folders of departments; links and ours, which begin with a dot, are none."""
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if not path.name.startswith(".") and path.is_dir() and not path.is_symlink())


def _close(path: Path, bits: int, *, with_contents: bool = False, is_theirs: bool = False) -> list[str]:
    """Take rights from a path, and from what lies in it; the path itself last: where it has none of them, nothing is left to do.

    Args:
        is_theirs: a department may have put something else there: a link is not followed.
    """
    try:
        top = os.open(path, os.O_RDONLY | os.O_NONBLOCK | (os.O_DIRECTORY | os.O_NOFOLLOW if is_theirs else 0))
    except OSError as error:
        if is_theirs or isinstance(error, FileNotFoundError):
            return []
        raise
    try:
        found = os.fstat(top)
        if not found.st_mode & bits:
            return []
        if os.geteuid() not in (0, found.st_uid):
            word = {NOT_OURS: "go=", NOT_THE_GROUPS: "o=", NOT_TO_LIST: "g-w,o-rw"}[bits]
            said = (
                f"{path}: 别的账户可以读写,而它属于账户 {found.st_uid};请由该账户或 root 执行 chmod {word} | others may enter it, and it belongs "
                f"to the account {found.st_uid}: let that account or root run chmod {word}"
            )
            return [said]
        n_inside = _close_contents(top, bits) if with_contents else 0
        was, now = stat.S_IMODE(found.st_mode), stat.S_IMODE(found.st_mode) & ~bits
        os.fchmod(top, now)
    finally:
        os.close(top)
    inside_zh, inside_en = (f",连同其中 {n_inside:,} 项", f", and {n_inside:,} inside") if n_inside else ("", "")
    return [f"{path}: 权限 {was:04o} 收紧为 {now:04o}{inside_zh} | mode {was:04o} is {now:04o} now{inside_en}"]


def _close_contents(top: int, bits: int) -> int:
    """Take rights from everything below a folder. Nothing is followed, and nothing with a second name elsewhere is touched."""
    n_closed = 0
    for _, folders, files, here in os.fwalk(".", dir_fd=top, follow_symlinks=False):
        for name in [*folders, *files]:
            try:
                one = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
            except OSError:  # a link, a socket, or gone
                continue
            try:
                found = os.fstat(one)
                is_ours = stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1)
                if is_ours and found.st_mode & bits and os.geteuid() in (0, found.st_uid):
                    os.fchmod(one, stat.S_IMODE(found.st_mode) & ~bits)
                    n_closed += 1
            finally:
                os.close(one)
    return n_closed
