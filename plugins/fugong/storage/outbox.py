"""The folders of the outbox, by descriptor.

A department reads its folder, and in some installations may write there, too: links, pipes and folders can lie under the names of our files.
So the folder is opened without following links, and what we write is written under a random name and renamed, relative to that
descriptor. A rename replaces a link, never what it points to.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from fugong.core.errors import FolderAwayError
from fugong.core.sanitize import file_stem
from fugong.core.settings import Settings
from fugong.storage.modes import OUTBOX, PASSAGE, RECEIPT, is_prepared, make_folder

LOG = logging.getLogger(__name__)
NUMBERED = 1_000


class AnswerFolder:
    """A folder for our answers, in which somebody else may change every name.

    Attributes:
        path: for messages; nothing is opened or written by it.
    """

    def __init__(self, descriptor: int, path: Path, mode: int) -> None:
        """Use `open_outbox` or `open_answer_folder` instead."""
        self._descriptor = descriptor
        self._mode = mode
        self.path = path

    def write(self, name: str, content: bytes) -> Path:
        """Write the content of a file in one step."""
        with self._draft(name) as descriptor, os.fdopen(descriptor, "wb", closefd=False) as draft:
            draft.write(content)
        return self.path / name

    def put(self, name: str, source: Path) -> Path:
        """Copy a file of ours into the folder in one step."""
        with self._draft(name) as descriptor, os.fdopen(descriptor, "wb", closefd=False) as draft, source.open("rb") as file:
            shutil.copyfileobj(file, draft)
        return self.path / name

    def read(self, name: str) -> bytes | None:
        """The content of a file; None where there is no ordinary one."""
        file = self.open(name)
        if file is None:
            return None
        with file:
            return file.read()

    def files(self) -> list[tuple[str, float]]:
        """The ordinary files in it, each with the moment of its last change."""
        found: list[tuple[str, float]] = []
        with os.scandir(self._descriptor) as entries:
            for one in entries:
                with suppress(FileNotFoundError):  # a draft is renamed just now
                    if one.is_file(follow_symlinks=False):
                        found.append((one.name, one.stat(follow_symlinks=False).st_mtime))
        return found

    def open(self, name: str) -> BinaryIO | None:
        """An ordinary file, to read it; None where there is none. The caller closes it."""
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self._descriptor)
        except OSError:
            return None
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return os.fdopen(descriptor, "rb")
        os.close(descriptor)
        return None

    def remove(self, name: str) -> None:
        """Remove a file or a link; a folder that somebody has put there stays."""
        with suppress(FileNotFoundError, IsADirectoryError):
            os.unlink(name, dir_fd=self._descriptor)

    def free_name(self, name: str) -> str:
        """The name, or the first numbered one under which nothing lies."""
        stem, dot, ending = name.rpartition(".")
        stem, ending = (stem, f"{dot}{ending}") if stem else (name, "")
        names = (name, *(f"{stem}({n}){ending}" for n in range(2, NUMBERED)))
        return next(one for one in names if not self._is_there(one))

    @contextmanager
    def child(self, name: str) -> Iterator[AnswerFolder]:
        """A folder in it; made where it is missing.

        Raises:
            OSError: the name is something else than a folder, such as a link.
        """
        with _opened(name, self._descriptor) as descriptor:
            yield AnswerFolder(descriptor, self.path / name, self._mode)

    @contextmanager
    def _draft(self, name: str) -> Iterator[int]:
        """A new file under a random name, which takes the place of `name` when the block ends."""
        draft = f".{uuid.uuid4().hex}.part"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=self._descriptor)
        try:
            yield descriptor
            if self._mode & 0o070:
                _give_to_group(descriptor, os.fstat(self._descriptor).st_gid)
            os.fchmod(descriptor, self._mode)
            os.fsync(descriptor)
            self._replace(draft, name)
        finally:
            os.close(descriptor)
            with suppress(FileNotFoundError):
                os.unlink(draft, dir_fd=self._descriptor)

    def _replace(self, draft: str, name: str) -> None:
        """Rename the draft. A folder under our name is renamed, too: what is in it is not ours to remove."""
        here = self._descriptor
        try:
            os.rename(draft, name, src_dir_fd=here, dst_dir_fd=here)
        except IsADirectoryError:
            os.rename(name, self.free_name(name), src_dir_fd=here, dst_dir_fd=here)
            os.rename(draft, name, src_dir_fd=here, dst_dir_fd=here)

    def _is_there(self, name: str) -> bool:
        try:
            os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True


@contextmanager
def open_outbox(settings: Settings, department: str) -> Iterator[AnswerFolder]:
    """The folder of a department in the outbox; made where it is missing.

    Raises:
        FolderAwayError: the root of the outbox is not there or empty: what we wrote would lie below a mount that comes back.
        OSError: it is no folder, such as a link.
    """
    name = file_stem(department)
    was_made = is_prepared(settings)
    if not was_made:
        make_folder(settings.outbox, PASSAGE)
    try:
        root = os.open(settings.outbox, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError as error:
        raise _away(settings.outbox) from error
    try:
        with os.scandir(root) as entries:
            if was_made and next(entries, None) is None:
                raise _away(settings.outbox)
        with _opened(name, root) as descriptor:
            yield AnswerFolder(descriptor, settings.outbox / name, RECEIPT)
    finally:
        os.close(root)


@contextmanager
def open_answer_folder(path: Path) -> Iterator[AnswerFolder]:
    """A folder that somebody has named for answers; they stay for our account alone."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield AnswerFolder(descriptor, path, 0o600)
    finally:
        os.close(descriptor)


def departments_with(settings: Settings, name: str) -> list[str]:
    """The folders of the outbox in which something has this name."""
    if not settings.outbox.is_dir():
        return []
    with os.scandir(settings.outbox) as entries:
        folders = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    return sorted(folder.name for folder in folders if os.path.lexists(folder / name))


def answer_each(settings: Settings, departments: Iterable[str], answer: Callable[[str, AnswerFolder], None]) -> None:
    """Answer departments one by one. Where a folder cannot be written the log says so, and the others are answered all the same."""
    for department in departments:
        try:
            with open_outbox(settings, department) as folder:
                answer(department, folder)
        except FolderAwayError as error:
            LOG.error("Outbox of %s: %s", department, error)
        except OSError as error:
            LOG.error("Outbox of %s: %s: %s", department, error.strerror, error.filename)


def _away(folder: Path) -> FolderAwayError:
    return FolderAwayError(
        f"{folder}: 发件夹不在了,或者是空的。可能是挂载的文件夹断开了:接回后自动补写回执;如果确实被删除,请运行 fugong init | The outbox "
        "is not there, or empty. A mount may be away: receipts are written when it is back; if it was deleted, run fugong init"
    )


@contextmanager
def _opened(name: str, parent: int) -> Iterator[int]:
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=parent)
        made = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
        try:
            if os.fstat(made).st_uid == os.geteuid():  # else its reader was faster, and has put a folder of their own there
                _give_to_group(made, os.fstat(parent).st_gid)
                os.fchmod(made, OUTBOX)
        finally:
            os.close(made)
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _give_to_group(descriptor: int, group: int) -> None:
    """Let a group read what we have made, where we may: root always, others for the groups that they are in."""
    if os.fstat(descriptor).st_gid != group and (os.geteuid() == 0 or group in os.getgroups()):
        os.fchown(descriptor, -1, group)
