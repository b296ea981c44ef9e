"""Collects the inbox: archives every finished file and records it as a submission, exactly once.

A file is first moved aside within its folder (a rename, so a sender who writes the same name again starts a new file), then
copied to the archive by its sha256, then recorded; only then is the moved file removed. A run that is killed in between leaves the
file where the next run finds it. A folder, or a file that we may not read, stays where it is and gets one receipt.
"""

from __future__ import annotations

import csv
import hashlib
import logging
import os
import re
import shutil
import stat
import time
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg

from fugong.core.errors import RefusedError
from fugong.core.settings import TRIAL, Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Severity
from fugong.findings.catalogue import CATALOGUE
from fugong.findings.finding import sentence
from fugong.privacy.detect import mask
from fugong.storage import quarantine
from fugong.storage.archive import archive
from fugong.warehouse.connection import connect

LOG = logging.getLogger(__name__)
SETTLE_SECONDS = 1.0
"""A file is finished when its size and time stamp have not changed for this long."""
TAKEN = ".taken"
TEMPORARY = re.compile(
    r"^([.~]|~\$)|^(ehthumbs|thumbs)(_vista)?\.db(:encryptable)?$|^desktop\.ini$"
    r"|\.(tmp|temp|part|partial|crdownload|download|downloading|opdownload|filepart|xltd|td|swp|lock|lnk|url)$",
    re.IGNORECASE,
)
"""Working files of spreadsheets and browsers, and what Windows and macOS leave in a folder. They are left alone."""
COLLECT_LOCK = 7_236_003
LEFTOVER_SECONDS = 24 * 3600
"""Working files of killed runs are removed after this long; no run lasts longer."""


@dataclass
class Collected:
    """What one run over the inbox collected.

    Attributes:
        submissions: ids of the new submissions.
        unfinished: files that are still being written; the next run collects them.
        departments: those whose folders were collected.
        errors: what the system refused, by folder; the other folders were collected all the same.
        dry_runs: files collected for a dry run (试投).
    """

    submissions: list[int] = field(default_factory=list[int])
    unfinished: list[Path] = field(default_factory=list[Path])
    departments: list[str] = field(default_factory=list[str])
    errors: list[str] = field(default_factory=list[str])
    dry_runs: int = 0


MANIFEST = "history.csv"
"""The name under which a manifest of past arrivals lies in an inbox."""


@dataclass(frozen=True)
class Arrival:
    """One line of a history manifest."""

    file: str
    received_at: datetime

    @property
    def department(self) -> str:
        """The folder that holds the file."""
        return self.file.split("/")[0]

    @property
    def arrival_id(self) -> str:
        """The same for the same line, so that a manifest can be loaded twice."""
        return f"history:{self.received_at.isoformat()}:{mask(self.file)}"


def is_temporary(name: str) -> bool:
    """Whether a name marks a working file of some program (`~$…`, `.…`, `….tmp`) or one of the system (`Thumbs.db`, `….lnk`)."""
    return bool(TEMPORARY.search(name))


def collect(settings: Settings, *, department: str | None = None, settle_seconds: float = SETTLE_SECONDS) -> Collected:
    """Collect every finished file of the inbox; wait once, at most `settle_seconds`, for files just written.

    Args:
        department: collect only the folder of this department.
    """
    out = Collected()
    if not settings.inbox.is_dir():
        return out
    folders = [settings.inbox / department] if department else sorted(p for p in settings.inbox.iterdir() if p.is_dir())
    with connect(settings, autocommit=True) as connection:
        connection.execute(
            "SELECT FROM intake.submission LIMIT 1"
        )  # raises before any file is touched if the warehouse is not set up
        connection.execute("SELECT pg_advisory_lock(%s)", (COLLECT_LOCK,))
        remove_leftovers(settings)
        quarantine.seal_all(connection, settings)
        quarantine.delete_old(settings)
        seen: dict[Path, tuple[int, int, int] | None] = {}
        for folder in folders:
            with _collecting(out, folder):
                _take_up_again(connection, settings, folder, out)
                _answer_in_place(connection, settings, folder, out)
                (folder / TRIAL).mkdir(exist_ok=True)
                seen |= {path: _state(path) for path in (*_waiting(folder), *_waiting_for_dry_run(folder / TRIAL))}
        now = time.time_ns()
        youngest = max((state[1] for state in seen.values() if state), default=0)
        wait = settle_seconds - (now - youngest) / 1e9
        if wait > 0:
            time.sleep(min(wait, settle_seconds))
        for path, before in seen.items():
            after = _state(path)
            if before is None or after is None:
                continue
            is_young = (time.time_ns() - after[1]) / 1e9 < settle_seconds
            if after != before or (is_young and after[1] <= time.time_ns()):
                out.unfinished.append(path)
                continue
            with _collecting(out, path.parent):
                taken = path.parent / TAKEN / uuid.uuid4().hex
                taken.mkdir(parents=True)
                try:
                    path.rename(taken / path.name)
                except FileNotFoundError:
                    taken.rmdir()
                    continue
                if path.parent.name == TRIAL:
                    out.dry_runs += 1
                else:
                    out.submissions.append(_record(connection, settings, path.parent.name, taken, datetime.now(SHANGHAI)))
    out.departments = sorted({folder.name for folder in folders})
    return out


@contextmanager
def _collecting(out: Collected, folder: Path) -> Iterator[None]:
    """Log and record an error of the system in one folder; the other folders are collected all the same."""
    try:
        yield
    except OSError as error:
        told = mask(f"{folder.name}: {error.strerror}: {error.filename}")
        if told not in out.errors:
            LOG.error("Inbox of %s", told)
            out.errors.append(told)


def _waiting(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if not is_temporary(entry.name) and entry.name != TRIAL and _refusal(entry) is None:
            yield Path(entry.path)


def _waiting_for_dry_run(folder: Path) -> Iterator[Path]:
    """Ordinary files; anything else stays where it is."""
    return (path for path in _waiting(folder) if _is_own_file(path, folder))


def waiting_dry_runs(settings: Settings, department: str) -> list[Path]:
    """The files of a department that were collected for a dry run and have no receipt yet, in the order of their names."""
    return sorted((settings.inbox / department / TRIAL / TAKEN).glob("*/*"))


def departments_with_dry_runs(settings: Settings) -> list[str]:
    """The departments with files that wait for a dry run."""
    return sorted({path.parents[3].name for path in settings.inbox.glob(f"*/{TRIAL}/{TAKEN}/*/*")})


def _refusal(entry: os.DirEntry[str]) -> str | None:
    """Why an entry of an inbox cannot be collected: a code of the catalogue."""
    if entry.is_dir(follow_symlinks=False):
        return None if entry.name == TRIAL else "a-folder"
    if entry.is_file(follow_symlinks=False) and not os.access(entry.path, os.R_OK):
        return "no-permission"
    return None


def _answer_in_place(connection: psycopg.Connection, settings: Settings, folder: Path, out: Collected) -> None:
    """Reject once what we may not move: folders, and files that we may not read. They stay where they are."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name) if folder.is_dir() else ():
        code = None if is_temporary(entry.name) else _refusal(entry)
        if code is None:
            continue
        arrival_id = f"{code}:{folder.name}:{entry.inode()}:{kept_name(entry.name)}"
        known = connection.execute("SELECT FROM intake.submission WHERE arrival_id = %s", (arrival_id,)).fetchone()
        if known is None:
            out.submissions.append(
                record(
                    connection,
                    settings,
                    Path(entry.path),
                    department=folder.name,
                    arrival_id=arrival_id,
                    received_at=datetime.now(SHANGHAI),
                    is_history=False,
                    refused=code,
                )
            )


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def remove_leftovers(settings: Settings) -> int:
    """Remove what killed runs left a day ago, drafts in the archive and folders in the spool; return how many."""
    oldest, n_removed = time.time() - LEFTOVER_SECONDS, 0
    for left in (*settings.archive.glob(".*"), *settings.spool.glob("*")):
        with suppress(FileNotFoundError):  # a run that ends just now removes its own
            if left.lstat().st_mtime < oldest:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
                n_removed += 1
    return n_removed


def _is_own_file(path: Path, folder: Path) -> bool:
    """Whether a path is an ordinary file, and all its hard links are in the folder of the sender.

    A link elsewhere may point to a file of somebody else that the sender may not read: our receipt would show its lines.
    """
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        return False
    if found.st_nlink == 1:
        return True
    names = (name.lstat() for name in (*folder.iterdir(), *(folder / TAKEN).glob("*/*")))
    return sum((name.st_dev, name.st_ino) == (found.st_dev, found.st_ino) for name in names) >= found.st_nlink


def _take_up_again(connection: psycopg.Connection, settings: Settings, folder: Path, out: Collected) -> None:
    """Finish what a killed run has moved aside. The caller holds the lock, so no other run does the same."""
    aside = folder / TAKEN
    for taken in sorted(aside.iterdir()) if aside.is_dir() else ():
        if any(taken.iterdir()):
            out.submissions.append(_record(connection, settings, folder.name, taken, datetime.now(SHANGHAI)))
        else:
            taken.rmdir()


def _record(connection: psycopg.Connection, settings: Settings, department: str, taken: Path, received_at: datetime) -> int:
    path = next(taken.iterdir())
    before = _state(path)
    number = record(
        connection, settings, path, department=department, arrival_id=taken.name, received_at=received_at, is_history=False
    )
    if _state(path) != before:
        # The sender paused and went on writing: the file goes back into the inbox, to be collected when it is finished.
        try:
            os.link(path, taken.parent.parent / path.name, follow_symlinks=False)
        except OSError:  # the name is in use again
            taken.rename(taken.with_name(uuid.uuid4().hex))
    shutil.rmtree(taken, ignore_errors=True)
    return number


def record(
    connection: psycopg.Connection,
    settings: Settings,
    path: Path,
    *,
    department: str,
    arrival_id: str,
    received_at: datetime,
    is_history: bool,
    refused: str | None = None,
) -> int:
    """Archive a file and record its submission; recording the same arrival twice changes nothing.

    Only an ordinary file of the sender is opened; anything else is rejected at once.

    Args:
        refused: the code of the finding that says why the file cannot be read, if that is known already.

    Returns:
        The id of the submission.
    """
    if refused is None and not _is_own_file(path, settings.inbox / department):
        refused = "not-a-file"
    digest, size = archive(settings, path) if refused is None else (hashlib.sha256(b"").hexdigest(), 0)
    name = kept_name(path.name)
    with connection.transaction():
        connection.execute(
            """
            INSERT INTO intake.submission
            (arrival_id, department_code, file_name, sha256, byte_size, received_at, is_history, state, settled_at)
            VALUES (%(arrival)s, %(department)s, %(name)s, %(sha256)s, %(size)s, %(received)s, %(history)s,
                    CASE WHEN %(is_file)s THEN 'received' ELSE 'rejected' END,
                    CASE WHEN %(is_file)s THEN NULL ELSE %(received)s END)
            ON CONFLICT (arrival_id) DO NOTHING
            """,
            {
                "arrival": arrival_id,
                "department": department,
                "name": name,
                "sha256": digest,
                "size": size,
                "received": received_at,
                "history": is_history,
                "is_file": refused is None,
            },
        )
        row = connection.execute("SELECT submission_id FROM intake.submission WHERE arrival_id = %s", (arrival_id,)).fetchone()
        assert row is not None  # just inserted, or there before
        number = int(row[0])
        if refused is not None:
            zh, en = sentence(CATALOGUE[refused], value=name)
            connection.execute(
                """
                INSERT INTO intake.finding (submission_id, code, severity, value, message_zh, message_en)
                SELECT %s, %s, %s, %s, %s, %s
                WHERE NOT EXISTS (SELECT FROM intake.finding WHERE submission_id = %s)
                """,
                (number, refused, Severity.REJECTED, name, zh, en, number),
            )
    return number


def kept_name(name: str) -> str:
    """A file name as it is stored, told and logged: without personal data."""
    return mask(storable(name))


def storable(name: str) -> str:
    """A file name as text that a database can store: bytes that are not UTF-8 are decoded as GB18030 or written as escapes."""
    raw = os.fsencode(name)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            text = raw.decode("utf-8", "backslashreplace")
    return "".join(f"\\x{ord(c):02x}" if unicodedata.category(c) in {"Cc", "Cf"} else c for c in text)


def read_manifest(file: Path) -> list[Arrival]:
    """The lines of a history manifest: CSV, UTF-8, header `file,received_at`.

    Raises:
        RefusedError: a line cannot be read; the message names it.
    """
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if reader.fieldnames != ["file", "received_at"]:
            raise RefusedError(f"{file.name}: the header should be file,received_at, found {','.join(reader.fieldnames or [])}")
        out: list[Arrival] = []
        for row in reader:
            if None in row or None in row.values():
                raise RefusedError(f"{file.name} line {reader.line_num}: there should be two cells, file and received_at")
            try:
                moment = datetime.fromisoformat(row["received_at"])
            except ValueError as error:
                raise RefusedError(
                    f"{file.name} line {reader.line_num}: {row['received_at']!r} is not an ISO 8601 moment"
                ) from error
            path = Path(row["file"])
            if path.is_absolute() or ".." in path.parts or len(path.parts) != 2:
                raise RefusedError(
                    f"{file.name} line {reader.line_num}: {row['file']!r} should be <DEPARTMENT>/<file> below the inbox"
                )
            out.append(Arrival(row["file"], moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)))
    return out


def collect_arrival(connection: psycopg.Connection, settings: Settings, arrival: Arrival) -> int:
    """Collect one file of a history manifest from the inbox, as of the moment it arrived.

    If this line was collected before and the inbox holds a file of the same name with other content, that file stays to be collected.

    Raises:
        FileNotFoundError: the file is not in the inbox and was not collected before.
    """
    path = settings.inbox / arrival.file
    is_there = path.exists() or path.is_symlink()
    taken = connection.execute(
        "SELECT submission_id, sha256 FROM intake.submission WHERE arrival_id = %s", (arrival.arrival_id,)
    ).fetchone()
    if taken is not None:
        number, sha256 = taken
        if is_there and stat.S_ISREG(path.lstat().st_mode) and archive(settings, path)[0] == sha256:
            path.unlink()
        return int(number)
    if not is_there:
        raise FileNotFoundError(f"{arrival.file}: not in the inbox ({settings.inbox}) and not collected before")
    number = record(
        connection,
        settings,
        path,
        department=path.parent.name,
        arrival_id=arrival.arrival_id,
        received_at=arrival.received_at,
        is_history=True,
    )
    path.unlink()
    return number
