"""The folders of the inbox, by descriptor.

A sender can change every name in its own folder at any moment: put a link where a file was, or a pipe where a folder was. So a sender's
folder is opened without following links, and everything in it is looked at, moved and made relative to that descriptor. What is collected is moved
to `.work/<DEPT>` at the root of the inbox, where no sender can write: there, paths are safe.
"""

from __future__ import annotations

import os
import shutil
import stat
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fugong.core.errors import ConfigurationError, FolderAwayError
from fugong.core.settings import Settings
from fugong.storage.modes import is_prepared

WORK = ".work"
"""Our folder at the root of the inbox: on the same file system as the senders' folders, so that a rename reaches it."""
UPLOADS = ".uploads"
"""Our folder in it for files that are still coming; its name begins with a dot like no department's."""
NUMBERED = 1_000


class SenderFolder:
    """A folder in which somebody else can change every name.

    Attributes:
        path: for messages; nothing is opened, moved or removed by it.
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        """Use `open_sender_folder` or `child` instead."""
        self._descriptor = descriptor
        self.path = path

    def names(self) -> list[str]:
        """What lies in it, in order."""
        with os.scandir(self._descriptor) as entries:
            return sorted(entry.name for entry in entries)

    def state(self, name: str) -> os.stat_result | None:
        """What a name is, not followed; None where there is none."""
        try:
            return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def is_readable(self, name: str) -> bool:
        """Whether we may read a file: the answer decides what its sender is told, nothing is opened by it."""
        return os.access(self.path / name, os.R_OK)

    def move_to(self, name: str, into: Path) -> Path:
        """Move what a name is, unseen and not followed, into a folder of ours.

        Raises:
            FileNotFoundError: it is gone.
        """
        os.rename(name, into / name, src_dir_fd=self._descriptor)
        return into / name

    def give_back(self, path: Path) -> str:
        """Move something of ours into the folder, under its name or the first numbered one that nobody uses; nothing is replaced.

        Returns:
            Its name there.
        """
        stem, dot, ending = path.name.rpartition(".")
        stem, ending = (stem, f"{dot}{ending}") if stem else (path.name, "")
        for name in (path.name, *(f"{stem}({n}){ending}" for n in range(2, NUMBERED))):
            if path.is_dir() and not path.is_symlink():
                if self.state(name) is not None:
                    continue
                os.rename(path, name, dst_dir_fd=self._descriptor)  # over a folder that appears just now only if that is empty
                return name
            try:
                os.link(path, name, dst_dir_fd=self._descriptor, follow_symlinks=False)
            except FileExistsError:
                continue
            path.unlink()
            return name
        raise FileExistsError(f"{self.path.name}: no name is free for {path.name}")

    @contextmanager
    def child(self, name: str) -> Iterator[SenderFolder]:
        """A folder in it. One that is not there is made, with owner, group and mode of this one.

        Raises:
            OSError: the name is something else than a folder, such as a link.
        """
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=self._descriptor)
            self._hand_over(name)
        descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self._descriptor)
        try:
            yield SenderFolder(descriptor, self.path / name)
        finally:
            os.close(descriptor)

    def _hand_over(self, name: str) -> None:
        """Give a folder that we have just made to whom this one belongs."""
        own = os.fstat(self._descriptor)
        made = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self._descriptor)
        try:
            if os.fstat(made).st_uid != os.geteuid():
                return  # its sender was faster and has put a folder of its own there
            os.fchmod(made, stat.S_IMODE(own.st_mode))
            if os.geteuid() == 0:
                os.fchown(made, own.st_uid, own.st_gid)
                os.fchmod(made, stat.S_IMODE(own.st_mode))  # a change of owner takes the bits for groups away
            elif own.st_gid in (os.getegid(), *os.getgroups()):
                os.fchown(made, -1, own.st_gid)
        finally:
            os.close(made)


@contextmanager
def open_sender_folder(settings: Settings, department: str) -> Iterator[SenderFolder]:
    """The folder of a department.

    Raises:
        FolderAwayError: it, or the root of the inbox, is not there.
        OSError: it is no folder, such as a link, or we may not read it.
    """
    root = _open_root(settings.inbox)
    try:
        descriptor = os.open(department, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=root)
    except FileNotFoundError as error:
        raise _away(settings.inbox / department) from error
    finally:
        os.close(root)
    try:
        yield SenderFolder(descriptor, settings.inbox / department)
    finally:
        os.close(descriptor)


def departments_of(settings: Settings) -> list[str]:
    """The names in the inbox that may be folders of departments; ours begin with a dot.

    Raises:
        FolderAwayError: the root of the inbox is not there, and `fugong init` has made it.
    """
    if not is_prepared(settings) and not settings.inbox.is_dir():
        return []
    root = _open_root(settings.inbox)
    try:
        with os.scandir(root) as entries:
            return sorted(entry.name for entry in entries if not entry.name.startswith(".") and not entry.is_file())
    finally:
        os.close(root)


def departments_expected(settings: Settings, known: Collection[str]) -> list[str]:
    """The folders of the inbox, and those that should be there. Of a home that `fugong init` has not made, only what is there.

    Raises:
        FolderAwayError: the inbox is not there, or none of the folders of those who send something is.
    """
    there = departments_of(settings)
    if not is_prepared(settings):
        return there
    refuse_empty_root(settings, known, there)
    return sorted({*there, *known})


def refuse_empty_root(settings: Settings, known: Collection[str], found: Collection[str]) -> None:
    """Refuse an inbox without a folder of any department: where a mount went away, its mount point stays, and is empty.

    Args:
        known: the departments that send something; their folders were made by `fugong init`.
        found: the folders that are there.

    Raises:
        FolderAwayError: none of them is there.
    """
    if known and not set(known) & set(found):
        raise FolderAwayError(
            f"{settings.inbox}: 收件夹的根目录是空的,{len(known)} 个部门的文件夹都不在。可能是挂载的文件夹断开了:接回后自动继续;"
            "如果确实被删除,请运行 fugong init | The root of the inbox is empty: not one of the folders of "
            f"{len(known)} departments is there. A mount may be away: intake goes on when it is back; if they were deleted, run fugong init"
        )


def _open_root(inbox: Path) -> int:
    try:
        return os.open(inbox, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError as error:
        raise _away(inbox) from error


def _away(folder: Path) -> FolderAwayError:
    return FolderAwayError(
        f"{folder}: 收件夹不在了。可能是挂载的文件夹断开了:接回后自动继续;如果确实被删除,请运行 fugong init | This folder of the inbox "
        "is not there. A mount may be away: intake goes on when it is back; if it was deleted, run fugong init"
    )


def work_folder(settings: Settings, *names: str) -> Path:
    """Our folder for what is collected, or one below it; made where it is missing.

    Raises:
        FolderAwayError: the root of the inbox is not there.
        ConfigurationError: somebody else can write there.
    """
    folder = settings.inbox / WORK
    for part in (None, *names):
        folder = folder if part is None else folder / part
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except FileNotFoundError as error:
            raise _away(settings.inbox) from error
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise ConfigurationError(
                f"{folder}: 这里应当是本程序自己的文件夹,现在不是 | This should be a folder of the account that runs Fugong, and is not"
            )
        if stat.S_IMODE(found.st_mode) != 0o700:
            folder.chmod(0o700)
    return folder


def new_work_folder(settings: Settings, *names: str) -> Path:
    """A new folder below `work_folder`, with a name that was never used."""
    folder = work_folder(settings, *names) / uuid.uuid4().hex
    folder.mkdir(mode=0o700)
    return folder


def is_own_file(path: Path) -> bool:
    """Whether a path of ours is an ordinary file with one name.

    A second name may be one of somebody else's file that the sender may not read: our receipt would show its lines.
    """
    found = path.lstat()
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def remove_work_folder(folder: Path) -> None:
    """Remove a folder of ours with what a sender had put there. Links are not followed."""
    shutil.rmtree(folder)


def prove_work_folder(settings: Settings) -> None:
    """Prove that what lies in a department's folder can be moved to ours by a rename, and that no sender can write beside it.

    Raises:
        ConfigurationError: it cannot, or others may write to the root of the inbox.
    """
    mode = settings.inbox.stat().st_mode
    if mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
        raise ConfigurationError(
            f"{settings.inbox}: 别的账户可以在收件夹的根目录写入;请收回(chmod go-w),部门只应写自己的文件夹 | "
            "Others may write to the root of the inbox. Take that back (chmod go-w): departments write to their own folders only"
        )
    ours = new_work_folder(settings)
    try:
        for department in departments_of(settings):
            name = f".{uuid.uuid4().hex}.part"
            with open_sender_folder(settings, department) as folder:
                (ours / name).touch()
                folder.give_back(ours / name)
                try:
                    folder.move_to(name, ours)
                except OSError as error:
                    raise ConfigurationError(
                        f"{folder.path}: 不能改名移入 {settings.inbox / WORK}({error.strerror});部门文件夹和收件夹根目录须在同一文件系统 | "
                        f"What lies there cannot be moved to {settings.inbox / WORK} by a rename ({error.strerror}): it has to be on the "
                        "file system of the inbox's root"
                    ) from error
    finally:
        remove_work_folder(ours)
