"""Collects the inbox: archives every finished file and records it as a submission, exactly once.

A file is first moved to our folder at the root of the inbox (a rename, so a sender who writes the same name again starts a new file), then
copied to the archive by its sha256, then recorded; only then is the moved file removed. A run that is killed in between leaves the
file where the next run finds it. A folder, or a file that we may not read, stays where it is and gets one receipt.
"""

from __future__ import annotations

import csv
import hashlib
import logging
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import psycopg

from fugong.core.errors import RefusedError
from fugong.core.sanitize import with_sign
from fugong.core.settings import TRIAL, Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Severity
from fugong.evidence.settlement import record_settlement
from fugong.evidence.tombstones import record_sealed, record_sealed_deleted
from fugong.findings.catalogue import CATALOGUE
from fugong.findings.finding import sentence
from fugong.intake.folders import (
    SenderFolder,
    departments_of,
    is_own_file,
    new_work_folder,
    open_sender_folder,
    remove_work_folder,
    work_folder,
)
from fugong.intake.waiting import Waiting, is_temporary, refusal_of, state_of, waiting_in
from fugong.privacy.detect import mask
from fugong.reading.faults import refusal
from fugong.reading.limits import Limits
from fugong.storage import quarantine
from fugong.storage.archive import TooLargeError, archive
from fugong.warehouse.connection import connect

LOG = logging.getLogger(__name__)
SETTLE_SECONDS = 1.0
"""A file is finished when its size and time stamp have not changed for this long."""
COLLECT_LOCK = 7_236_003
HISTORY = "history-"
"""Begins the names of our folders for files of a manifest: no other run takes those up."""
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


def collect(settings: Settings, *, department: str | None = None, settle_seconds: float = SETTLE_SECONDS) -> Collected:
    """Collect every finished file of the inbox; wait once, at most `settle_seconds`, for files just written.

    Args:
        department: collect only the folder of this department.
    """
    out = Collected()
    if not settings.inbox.is_dir():
        return out
    departments = [department] if department else departments_of(settings)
    with ExitStack() as folders, connect(settings, autocommit=True) as connection:
        connection.execute(
            "SELECT FROM intake.submission LIMIT 1"
        )  # raises before any file is touched if the warehouse is not set up
        connection.execute("SELECT pg_advisory_lock(%s)", (COLLECT_LOCK,))
        remove_leftovers(settings)
        record_sealed(connection, quarantine.seal_all(connection, settings))
        quarantine.delete_old(connection, settings, partial(record_sealed_deleted, connection))
        found: list[Waiting] = []
        for name in departments:
            with _collecting(out, name):
                _take_up_again(connection, settings, name, out)
                folder = folders.enter_context(open_sender_folder(settings, name))
                _answer_in_place(connection, settings, name, folder, out)
                found += waiting_in(name, folder, is_trial=False)
                trial = folders.enter_context(folder.child(TRIAL))
                found += waiting_in(name, trial, is_trial=True)
        now = time.time_ns()
        youngest = max((one.state[1] for one in found), default=0)
        wait = settle_seconds - (now - youngest) / 1e9
        if wait > 0:
            time.sleep(min(wait, settle_seconds))
        for one in found:
            with _collecting(out, one.department):
                _collect_one(connection, settings, one, settle_seconds, out)
    out.departments = sorted(departments)
    return out


def _collect_one(connection: psycopg.Connection, settings: Settings, one: Waiting, settle_seconds: float, out: Collected) -> None:
    """Move a file to our folder, and record it there, unless it is still being written."""
    found = one.folder.state(one.name)
    if found is None:
        return
    after = state_of(found)
    is_young = (time.time_ns() - after[1]) / 1e9 < settle_seconds
    if after != one.state or (is_young and after[1] <= time.time_ns()):
        out.unfinished.append(one.path)
        return
    taken = new_work_folder(settings, one.department, *([TRIAL] if one.is_trial else []))
    try:
        path = one.folder.move_to(one.name, taken)
    except FileNotFoundError:
        taken.rmdir()
        return
    if stat.S_ISDIR(path.lstat().st_mode) or (one.is_trial and not is_own_file(path)):
        # Its sender put something else there just now: it goes back, and is answered in place by the next run.
        one.folder.give_back(path)
        taken.rmdir()
    elif one.is_trial:
        out.dry_runs += 1
    else:
        out.submissions.append(_record(connection, settings, one.department, taken, one.folder))


@contextmanager
def _collecting(out: Collected, department: str) -> Iterator[None]:
    """Log and record an error of the system in one folder; the other folders are collected all the same."""
    try:
        yield
    except OSError as error:
        told = mask(f"{department}: {error.strerror}: {error.filename}")
        if told not in out.errors:
            LOG.error("Inbox of %s", told)
            out.errors.append(told)


def waiting_dry_runs(settings: Settings, department: str) -> list[Path]:
    """The files of a department that were collected for a dry run and have no receipt yet, in the order of their names."""
    return sorted(work_folder(settings, department, TRIAL).glob("*/*"))


def departments_with_dry_runs(settings: Settings) -> list[str]:
    """The departments with files that wait for a dry run."""
    if not settings.inbox.is_dir():
        return []
    return sorted({path.parents[2].name for path in work_folder(settings).glob(f"*/{TRIAL}/*/*")})


def _answer_in_place(
    connection: psycopg.Connection, settings: Settings, department: str, folder: SenderFolder, out: Collected
) -> None:
    """Reject once what we may not move: folders, and files that we may not read. They stay where they are."""
    for name in folder.names():
        found = None if is_temporary(name) else folder.state(name)
        code = None if found is None else refusal_of(folder, name, found)
        if found is None or code is None:
            continue
        arrival_id = f"{code}:{department}:{found.st_ino}:{kept_name(name)}"
        known = connection.execute("SELECT FROM intake.submission WHERE arrival_id = %s", (arrival_id,)).fetchone()
        if known is None:
            out.submissions.append(
                record(
                    connection,
                    settings,
                    folder.path / name,
                    department=department,
                    arrival_id=arrival_id,
                    received_at=datetime.now(SHANGHAI),
                    is_history=False,
                    refused=code,
                )
            )


def remove_leftovers(settings: Settings) -> int:
    """Remove what killed runs left a day ago, drafts in the archive and folders in the spool; return how many."""
    oldest, n_removed = time.time() - LEFTOVER_SECONDS, 0
    for left in (*settings.archive.glob(".*"), *settings.spool.glob("*")):
        with suppress(FileNotFoundError):  # a run that ends just now removes its own
            if left.lstat().st_mtime < oldest:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
                n_removed += 1
    return n_removed


def _take_up_again(connection: psycopg.Connection, settings: Settings, department: str, out: Collected) -> None:
    """Finish what a killed run has moved aside. The caller holds the lock, so no other run does the same."""
    for taken in sorted(work_folder(settings, department).iterdir()):
        if taken.name == TRIAL or taken.name.startswith(HISTORY):
            continue
        if any(taken.iterdir()):
            with open_sender_folder(settings, department) as folder:
                out.submissions.append(_record(connection, settings, department, taken, folder))
        else:
            taken.rmdir()


def _record(connection: psycopg.Connection, settings: Settings, department: str, taken: Path, folder: SenderFolder) -> int:
    """Record the file that was moved aside, and remove it.

    Args:
        folder: gets it back where its sender went on writing.
    """
    path = next(taken.iterdir())
    before = state_of(path.lstat())
    number = record(
        connection,
        settings,
        path,
        department=department,
        arrival_id=taken.name,
        received_at=datetime.now(SHANGHAI),
        is_history=False,
    )
    if state_of(path.lstat()) != before:
        folder.give_back(path)  # to be collected again when it is finished
    remove_work_folder(taken)
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

    Only an ordinary file with one name is opened; anything else is rejected at once.

    Args:
        path: in a folder of ours, unless `refused` is given: then it is not looked at.
        refused: the code of the finding that says why the file cannot be read, if that is known already.

    Returns:
        The id of the submission.
    """
    known = connection.execute("SELECT submission_id FROM intake.submission WHERE arrival_id = %s", (arrival_id,)).fetchone()
    if known is not None:
        return int(known[0])
    if refused is None and not is_own_file(path):
        refused = "not-a-file"
    digest: str | None = None
    size, name = 0, kept_name(path.name)
    said = sentence(CATALOGUE[refused], value=name) if refused is not None else None
    if refused is None:
        limits = Limits.load(os.environ)
        limit = max(limits.text_bytes, limits.workbook_bytes)  # which of them holds is known once its content is looked at
        try:
            digest, size = archive(settings, path, limit=limit)
        except TooLargeError as error:
            found = refusal("too-large", what="bytes", found=error.size, limit=limit)
            refused, size, said = found.code, error.size, (found.message_zh, found.message_en)
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
        if said is not None:
            zh, en = said
            connection.execute(
                """
                INSERT INTO intake.finding (submission_id, code, severity, value, message_zh, message_en)
                SELECT %s, %s, %s, %s, %s, %s
                WHERE NOT EXISTS (SELECT FROM intake.finding WHERE submission_id = %s)
                """,
                (number, refused, Severity.REJECTED, name, zh, en, number),
            )
            record_settlement(connection, number, received_at)
    return number


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
    taken = connection.execute(
        "SELECT submission_id, sha256 FROM intake.submission WHERE arrival_id = %s", (arrival.arrival_id,)
    ).fetchone()
    aside = _aside_for(settings, arrival)
    if taken is not None:
        number, sha256 = taken
        if aside is not None:
            path = next(aside.iterdir())
            if not is_own_file(path) or archive(settings, path)[0] != sha256:
                with open_sender_folder(settings, arrival.department) as folder:
                    folder.give_back(path)
            remove_work_folder(aside)
        return int(number)
    if aside is None:
        raise FileNotFoundError(f"{arrival.file}: not in the inbox ({settings.inbox}) and not collected before")
    number = record(
        connection,
        settings,
        next(aside.iterdir()),
        department=arrival.department,
        arrival_id=arrival.arrival_id,
        received_at=arrival.received_at,
        is_history=True,
    )
    remove_work_folder(aside)
    return number


def _aside_for(settings: Settings, arrival: Arrival) -> Path | None:
    """Our folder with the file of a manifest's line, moved there now or by a run that was killed; None where the inbox has no such file."""
    digest = hashlib.sha256(arrival.arrival_id.encode()).hexdigest()[:32]
    aside = work_folder(settings, arrival.department, HISTORY + digest)
    if not any(aside.iterdir()):
        try:
            with open_sender_folder(settings, arrival.department) as folder:
                folder.move_to(arrival.file.partition("/")[2], aside)
        except FileNotFoundError:
            aside.rmdir()
            return None
    return aside
