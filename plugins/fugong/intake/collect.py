"""Collects the inbox: archives every finished file and records it as a submission, exactly once.

A file is first moved to our folder at the root of the inbox (a rename, so a sender who writes the same name again starts a new file), then
copied to the archive by its sha256, then recorded; only then is the moved file removed. A run that is killed in between leaves the
file where the next run finds it. A folder, or a file that we may not read, stays where it is and gets one receipt.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import psycopg

from fugong.core.advisory_locks import COLLECT_LOCK
from fugong.core.errors import FolderAwayError
from fugong.core.settings import TRIAL, Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Severity
from fugong.evidence.settlement import record_settlement
from fugong.evidence.tombstones import record_sealed, record_sealed_deleted
from fugong.findings.catalogue import CATALOGUE
from fugong.findings.finding import sentence
from fugong.intake.folders import (
    UPLOADS,
    WORK,
    SenderFolder,
    departments_expected,
    is_own_file,
    new_work_folder,
    open_sender_folder,
    remove_work_folder,
    work_folder,
)
from fugong.intake.manifest import MANIFEST, Arrival, read_manifest
from fugong.intake.quota_notes import tell
from fugong.intake.quotas import Left, Turn, load_quotas, loads_of, note_tried
from fugong.intake.waiting import (
    Waiting,
    departments_with_dry_runs,
    is_temporary,
    kept_name,
    state_of,
    storable,
    waiting_dry_runs,
    waiting_in,
)
from fugong.privacy.detect import mask
from fugong.reading.faults import refusal
from fugong.reading.limits import Limits
from fugong.storage import quarantine
from fugong.storage.archive import TooLargeError, archive
from fugong.warehouse.connection import connect_as_loader as connect

__all__ = [
    "MANIFEST",
    "Arrival",
    "Collected",
    "collect",
    "collect_arrival",
    "departments_with_dry_runs",
    "is_temporary",
    "kept_name",
    "read_manifest",
    "record",
    "remove_leftovers",
    "storable",
    "waiting_dry_runs",
]

LOG = logging.getLogger(__name__)
SETTLE_SECONDS = 1.0
"""A file is finished when its size and time stamp have not changed for this long."""
COLLECT_SECONDS = 5.0
"""A run that has collected for so long leaves the rest to the next one, so that what is collected is worked on."""
HISTORY = "history-"
"""Begins the names of our folders for files of a manifest: no other run takes those up."""
OF_ARRIVAL = "SELECT submission_id FROM intake.submission WHERE arrival_id = %s"
LEFTOVER_SECONDS = 24 * 3600
"""Working files of killed runs are removed after this long; no run lasts longer."""


@dataclass
class Collected:
    """What one run over the inbox collected.

    Attributes:
        submissions: ids of the new submissions.
        unfinished: files that are still being written; the next run collects them.
        departments: those whose folders were collected.
        senders: those of which something was collected.
        errors: what the system refused, by folder; the other folders were collected all the same.
        dry_runs: files collected for a dry run (试投).
        left: by department, the files that its quota or its turn keeps in the inbox.
    """

    submissions: list[int] = field(default_factory=list[int])
    unfinished: list[Path] = field(default_factory=list[Path])
    departments: list[str] = field(default_factory=list[str])
    senders: set[str] = field(default_factory=set[str])
    errors: list[str] = field(default_factory=list[str])
    dry_runs: int = 0
    left: dict[str, Left] = field(default_factory=dict[str, Left])


def collect(settings: Settings, *, department: str | None = None, settle_seconds: float = SETTLE_SECONDS) -> Collected:
    """Collect the finished files of the inbox; wait once, at most `settle_seconds`, for files just written.

    Each department gets its turn: its oldest files, as far as its quota goes, a file of each department after the other. What is left stays in
    the inbox for the next runs.

    Args:
        department: collect only the folder of this department.

    Raises:
        ConfigurationError: `include/quotas.yaml` says something that cannot be meant; nothing is collected.
        FolderAwayError: the inbox is not there, or none of the folders of those who send something is.
    """
    out = Collected()
    quotas = load_quotas(settings.include)
    with ExitStack() as folders, connect(settings, autocommit=True) as connection:
        connection.execute(
            "SELECT FROM intake.submission LIMIT 1"
        )  # raises before any file is touched if the warehouse is not set up
        departments = [department] if department else _departments(connection, settings)
        if not departments and not settings.inbox.is_dir():
            return out
        connection.execute("SELECT pg_advisory_lock(%s)", (COLLECT_LOCK,))
        remove_leftovers(settings)
        record_sealed(connection, quarantine.seal_all(connection, settings))
        quarantine.delete_old(connection, settings, partial(record_sealed_deleted, connection))
        found: dict[str, list[Waiting]] = {}
        for name in departments:
            with _collecting(out, name):
                _take_up_again(connection, settings, name, out)
                folder = folders.enter_context(open_sender_folder(settings, name))
                found[name] = [*waiting_in(name, folder, is_trial=False)]
                trial = folders.enter_context(folder.child(TRIAL))
                found[name] += waiting_in(name, trial, is_trial=True)
        youngest = max((one.state[1] for files in found.values() for one in files), default=0)
        wait = settle_seconds - (time.time_ns() - youngest) / 1e9
        if wait > 0:
            time.sleep(min(wait, settle_seconds))
        now = datetime.now(SHANGHAI)
        loads = loads_of(connection, settings, list(found), now)
        turns = {
            name: Turn(quotas.of(name), loads[name], sorted(_unanswered(connection, files), key=_order))
            for name, files in found.items()
        }
        is_over = _collect_in_turn(connection, settings, turns, settle_seconds, out)
        for name, turn in turns.items():
            left = turn.left(is_over=is_over)
            if left is not None:
                out.left[name] = left
            with _collecting(out, name):
                tell(settings, name, left, now)
    out.departments = sorted(departments)
    return out


def _departments(connection: psycopg.Connection, settings: Settings) -> list[str]:
    """The folders of the inbox, and those that should be there: a folder that is away is told as one that cannot be read."""
    known = [str(row[0]) for row in connection.execute("SELECT DISTINCT department_code FROM ref.report_due").fetchall()]
    return departments_expected(settings, known)


def _collect_in_turn(
    connection: psycopg.Connection, settings: Settings, turns: Mapping[str, Turn], settle_seconds: float, out: Collected
) -> bool:
    """Collect a file of each department after the other, until nothing is left for this run.

    Returns:
        Whether the run has lasted so long that the rest is left to the next one. Every department had a file of it collected.
    """
    until = time.monotonic() + COLLECT_SECONDS
    waiting = dict(turns)
    while waiting:
        for name, turn in turns.items():
            one = turn.take() if name in waiting else None
            if one is None:
                waiting.pop(name, None)
                continue
            with _collecting(out, name):
                if _collect_one(connection, settings, one, settle_seconds, out):
                    turn.count(one)
                    out.senders.add(name)
        if time.monotonic() > until:
            return bool(waiting)
    return False


def _order(one: Waiting) -> tuple[bool, int, str]:
    """What is only answered comes first, by name; then files, the oldest first."""
    return one.refused is None, 0 if one.refused else one.state[1], one.name


def _unanswered(connection: psycopg.Connection, lying: Sequence[Waiting]) -> list[Waiting]:
    """Without what stays where it is and has been answered there: folders, and files that we may not read."""
    in_place = [one.arrival_id for one in lying if one.refused is not None]
    known = set[str]()
    if in_place:
        rows = connection.execute("SELECT arrival_id FROM intake.submission WHERE arrival_id = ANY(%s)", (in_place,)).fetchall()
        known = {str(row[0]) for row in rows}
    return [one for one in lying if one.refused is None or one.arrival_id not in known]


def _collect_one(connection: psycopg.Connection, settings: Settings, one: Waiting, settle_seconds: float, out: Collected) -> bool:
    """Move a file to our folder, and record it there; or reject it where it lies, if we may not move it.

    Returns:
        False where it is still being written, or is gone.
    """
    if one.refused is not None:
        place, now = one.folder.path / one.name, datetime.now(SHANGHAI)
        out.submissions.append(
            record(
                connection,
                settings,
                place,
                department=one.department,
                arrival_id=one.arrival_id,
                received_at=now,
                is_history=False,
                refused=one.refused,
            )
        )
        return True
    found = one.folder.state(one.name)
    if found is None:
        return False
    after = state_of(found)
    is_young = (time.time_ns() - after[1]) / 1e9 < settle_seconds
    if after != one.state or (is_young and after[1] <= time.time_ns()):
        out.unfinished.append(one.path)
        return False
    taken = new_work_folder(settings, one.department, *([TRIAL] if one.is_trial else []))
    try:
        path = one.folder.move_to(one.name, taken)
    except FileNotFoundError:
        taken.rmdir()
        return False
    if stat.S_ISDIR(path.lstat().st_mode) or (one.is_trial and not is_own_file(path)):
        # Its sender put something else there just now: it goes back, and is answered in place by the next run.
        one.folder.give_back(path)
        taken.rmdir()
        return False
    if one.is_trial:
        out.dry_runs += 1
        note_tried(settings, one.department, datetime.now(SHANGHAI), 1)
    else:
        out.submissions.append(_record(connection, settings, one.department, taken, one.folder))
    return True


@contextmanager
def _collecting(out: Collected, department: str) -> Iterator[None]:
    """Log and record an error of the system in one folder; the other folders are collected all the same."""
    try:
        yield
    except OSError as error:
        said = str(error) if isinstance(error, FolderAwayError) else f"{error.strerror}: {error.filename}"
        told = mask(f"{department}: {said}")
        if told not in out.errors:
            LOG.error("Inbox of %s", told)
            out.errors.append(told)


def remove_leftovers(settings: Settings) -> int:
    """Remove what killed runs left a day ago: drafts in the archive, folders in the spool, uploads that broke off; return how many."""
    oldest, n_removed = time.time() - LEFTOVER_SECONDS, 0
    uploads = settings.inbox / WORK / UPLOADS
    for left in (*settings.archive.glob(".*"), *settings.spool.glob("*"), *uploads.glob("*")):
        if left == settings.scratch:  # a server may run in it
            continue
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
            out.senders.add(department)
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
    known = connection.execute(OF_ARRIVAL, (arrival_id,)).fetchone()
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
        added = connection.execute(
            """
            INSERT INTO intake.submission
            (arrival_id, department_code, file_name, sha256, byte_size, received_at, is_history, state, settled_at)
            VALUES (%(arrival)s, %(department)s, %(name)s, %(sha256)s, %(size)s, %(received)s, %(history)s,
                    CASE WHEN %(is_file)s THEN 'received' ELSE 'rejected' END,
                    CASE WHEN %(is_file)s THEN NULL ELSE %(received)s END)
            ON CONFLICT (arrival_id) DO NOTHING RETURNING submission_id
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
        ).fetchall()
        [(number,)] = added or connection.execute(OF_ARRIVAL, (arrival_id,)).fetchall()  # another run was faster
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
