"""Uploads: a file that comes over the network is written into its sender's folder as if it had been dropped there.

It is written to a folder of ours on the file system of the inbox, and moved into the sender's folder in one step once it is whole: nothing half
written is ever collected, and nothing that lies there is replaced.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import psycopg

from fugong.core.errors import RefusedError
from fugong.core.sanitize import BIDI, MAX_STEM_BYTES, with_sign
from fugong.core.settings import TRIAL, Settings
from fugong.core.time import SHANGHAI
from fugong.intake.folders import UPLOADS, new_work_folder, open_sender_folder, remove_work_folder
from fugong.intake.quotas import MIB, Quota, load_quotas, loads_of
from fugong.intake.waiting import is_temporary, kept_name, waiting_in
from fugong.reading.limits import Limits

MODE = 0o640
ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")


@dataclass(frozen=True)
class Uploaded:
    """A file that was put into an inbox.

    Attributes:
        name: under which it lies there.
        kept_name: the name by which it is recorded: without personal data.
        at: just before it was put there.
    """

    name: str
    kept_name: str
    sha256: str
    byte_size: int
    at: datetime
    is_trial: bool


def safe_name(given: str) -> str:
    """The name of a file as its sender's program gave it, as a name in a folder of ours: what its words say is kept.

    Raises:
        RefusedError: it is empty, or the name of a working file of some program, which is never collected.
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", given)[-1]).strip()
    name = "".join(character for character in name if character not in BIDI and not "\ud800" <= character <= "\udfff")
    name = "".join(map(with_sign, name))
    found = ENDING.search(name)
    stem, ending = (name[: found.start()], found[0]) if found else (name, "")
    stem = stem.encode()[: 2 * MAX_STEM_BYTES - 20].decode(errors="ignore").rstrip()
    name = stem + ending
    if not stem or name in {".", ".."} or is_temporary(name) or name == TRIAL:
        raise RefusedError(
            f"“{given[:60]}”是临时文件或没有文件名,请上传报表文件本身 | {given[:60]!r} is a working file or has no name: send the report itself"
        )
    return name


def max_bytes() -> int:
    """The largest file that is taken, of any kind; a workbook has a limit of its own, which is known when it is read."""
    limits = Limits.load(os.environ)
    return max(limits.text_bytes, limits.workbook_bytes)


def require_room(connection: psycopg.Connection, settings: Settings, department: str, *, schema: str = "intake") -> None:
    """See that a department may send another file: what lies in its inbox and waits for an answer is within its quota.

    Args:
        schema: where its submissions are read.

    Raises:
        RefusedError: it has to wait for its answers, or for the next day.
    """
    quota = load_quotas(settings.include).of(department)
    load = loads_of(connection, settings, [department], datetime.now(SHANGHAI), schema=schema)[department]
    with open_sender_folder(settings, department) as folder, folder.child(TRIAL) as trial:
        for one in (*waiting_in(department, folder, is_trial=False), *waiting_in(department, trial, is_trial=True)):
            if one.refused is None:
                load.add(one.state[0])
    if (said := _beyond(quota, load.n_today, load.n_waiting, load.bytes_waiting)) is not None:
        raise RefusedError(said)


def _beyond(quota: Quota, n_today: int, n_waiting: int, bytes_waiting: int) -> str | None:
    if n_today >= quota.files_a_day:
        return f"今天已收 {n_today} 份,到了每日限额,请明天再报 | {n_today} files today: the quota of a day is reached, send the rest tomorrow"
    if n_waiting >= quota.files_waiting or bytes_waiting >= quota.megabytes_waiting * MIB:
        return f"还有 {n_waiting} 份没有答复,请等回执后再报 | {n_waiting} files are not answered yet: wait for their receipts"
    return None


class Upload:
    """A file that is still coming."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        """Use `receiving` instead."""
        self._file, self._limit = file, limit
        self._digest, self.byte_size = hashlib.sha256(), 0

    def write(self, block: bytes) -> None:
        """Write its next bytes.

        Raises:
            TooLargeUploadError: it has more than is taken.
        """
        self.byte_size += len(block)
        if self.byte_size > self._limit:
            raise TooLargeUploadError(self._limit)
        self._digest.update(block)
        self._file.write(block)

    @property
    def sha256(self) -> str:
        """Of what was written so far."""
        return self._digest.hexdigest()


class TooLargeUploadError(RefusedError):
    """A file is larger than is taken."""

    def __init__(self, limit: int) -> None:
        """Raised before it is put into the inbox; nothing of it is kept."""
        super().__init__(f"文件超过 {limit // MIB:,} MB,没有收 | The file is larger than {limit // MIB:,} MiB and was not taken")


@dataclass
class Receiving:
    """A file on its way: written to by `upload`; `uploaded` says what it is once the block has ended."""

    upload: Upload
    uploaded: Uploaded | None = None

    @property
    def result(self) -> Uploaded:
        """What was put into the inbox."""
        assert self.uploaded is not None  # the block has ended
        return self.uploaded


@contextmanager
def receiving(settings: Settings, department: str, given_name: str, *, is_trial: bool) -> Iterator[Receiving]:
    """Receive a file. When the block ends, it is put into the inbox of the department; where the block raises, nothing is kept of it.

    Args:
        given_name: as its sender's program gave it.

    Raises:
        RefusedError: its name is none, or it is empty or too large.
        OSError: the department has no folder in the inbox, or something else lies there.
    """
    name = safe_name(given_name)
    folder = new_work_folder(settings, UPLOADS)
    try:
        place = folder / name
        with place.open("xb") as file:
            out = Receiving(Upload(file, max_bytes()))
            yield out
            file.flush()
            os.fsync(file.fileno())
        if not out.upload.byte_size:
            raise RefusedError(f"“{name}”是空文件,没有收 | {name!r} is empty and was not taken")
        place.chmod(MODE)
        with ExitStack() as folders:
            sender = folders.enter_context(open_sender_folder(settings, department))
            into = folders.enter_context(sender.child(TRIAL)) if is_trial else sender
            at = datetime.now(SHANGHAI)
            os.utime(place)  # young, so that no run collects it while it has two names
            put = into.give_back(place)
        out.uploaded = Uploaded(put, kept_name(put), out.upload.sha256, out.upload.byte_size, at, is_trial)
    finally:
        remove_work_folder(folder)
