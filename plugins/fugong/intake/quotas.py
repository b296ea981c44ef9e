"""What one department may send in a day, have waiting, and take of one run. Loads `include/quotas.yaml`; the defaults have their one home here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import psycopg
from psycopg import sql

from fugong.core.csv_file import read_csv
from fugong.core.paths import listed, where
from fugong.core.schema import parse_yaml, read_text, validate
from fugong.core.settings import Settings
from fugong.core.time import since_midnight
from fugong.intake.folders import WORK, work_folder
from fugong.intake.waiting import Waiting, departments_with_dry_runs, waiting_dry_runs
from fugong.storage.atomic_file import replace_file

MIB = 1 << 20
TRIED = ".tried"
"""Our folder with the numbers of files tried today, which the warehouse does not hold; its name begins with a dot like no department's."""


@dataclass(frozen=True)
class Quota:
    """What one department may cost.

    Attributes:
        files_waiting: files that we hold and have not answered.
        megabytes_waiting: their size, in units of 1,048,576 bytes. A single file larger than that is taken when nothing else waits.
        files_a_day: files collected in a day of the district, tried ones included.
        files_a_turn: files collected by one run over the inbox.
        seconds_a_turn: a department that has been worked on for so long lets the others go first; a file in work is finished.
    """

    files_waiting: int = 500
    megabytes_waiting: int = 4096
    files_a_day: int = 2000
    files_a_turn: int = 100
    seconds_a_turn: int = 5

    @property
    def seconds_a_task(self) -> int:
        """How long one task of Airflow works on the department: a task costs seconds to start, so it has several turns at once."""
        return 4 * self.seconds_a_turn


class Limit(StrEnum):
    """What keeps files in the inbox: a quota, or that the others have their turn first."""

    FILES_WAITING = "files_waiting"
    MEGABYTES_WAITING = "megabytes_waiting"
    FILES_A_DAY = "files_a_day"
    TURN = "turn"

    @property
    def is_quota(self) -> bool:
        """Whether the department has to do something, or to wait for the next day. A turn comes again by itself."""
        return self is not Limit.TURN


@dataclass(frozen=True)
class Quotas:
    """The quotas of a district."""

    every: Quota = Quota()
    departments: Mapping[str, Quota] = field(default_factory=dict[str, Quota])

    def of(self, department: str) -> Quota:
        """The quota of a department."""
        return self.departments.get(department, self.every)


def load_quotas(include: Path) -> Quotas:
    """Read `include/quotas.yaml`; without the file the defaults hold.

    Raises:
        ConfigurationError: it does not fit its schema, or names a department that is not in `reference/department.csv`. The message names file
            and line. Nothing is replaced by a default.
    """
    file = include / "quotas.yaml"
    if not file.exists():
        return Quotas()
    document = parse_yaml(read_text(file), where(file))
    validate(document, "quotas")
    content = document.content or {}
    every = replace(Quota(), **content.get("every_department", {}))
    given: Mapping[str, Mapping[str, int]] = content.get("departments", {})
    known = {row["department_code"] for row in read_csv(include / "reference" / "department.csv", ["department_code"])}
    for code in given:
        if code not in known:
            raise document.fault(("departments", code), f"no department {code!r}. There is: {listed(known)}")
    return Quotas(every, {code: replace(every, **quota) for code, quota in given.items()})


@dataclass
class Load:
    """What a department has with us: files that wait for their answer, their bytes, and files collected today."""

    n_waiting: int = 0
    bytes_waiting: int = 0
    n_today: int = 0

    def add(self, size: int) -> None:
        """Count one more file."""
        self.n_waiting += 1
        self.bytes_waiting += size
        self.n_today += 1


@dataclass(frozen=True)
class Left:
    """Files that stayed in an inbox, and why."""

    n_files: int
    limit: Limit
    load: Load
    quota: Quota


class Turn:
    """One department's files during one run over the inbox, oldest first, as far as its quota goes.

    Attributes:
        load: grows with every file that is collected.
    """

    def __init__(self, quota: Quota, load: Load, files: Iterable[Waiting]) -> None:
        self.load = load
        self._quota = quota
        self._files = deque(files)
        self._n_collected = 0

    def take(self) -> Waiting | None:
        """The next file; None where there is none, or the quota keeps it in the inbox."""
        return self._files.popleft() if self._files and self._limit() is None else None

    def count(self, one: Waiting) -> None:
        """Count a file that was collected."""
        self.load.add(one.state[0])
        self._n_collected += 1

    def left(self, *, is_over: bool) -> Left | None:
        """What stays in the inbox. `is_over`: the run ends before every department has had its turn."""
        if not self._files:
            return None
        limit = self._limit() or (Limit.TURN if is_over else None)
        return None if limit is None else Left(len(self._files), limit, self.load, self._quota)

    def _limit(self) -> Limit | None:
        """What keeps the next file in the inbox."""
        quota, load = self._quota, self.load
        if load.n_today >= quota.files_a_day:
            return Limit.FILES_A_DAY
        if load.n_waiting >= quota.files_waiting:
            return Limit.FILES_WAITING
        if load.n_waiting and load.bytes_waiting + self._files[0].state[0] > quota.megabytes_waiting * MIB:
            return Limit.MEGABYTES_WAITING
        return Limit.TURN if self._n_collected >= quota.files_a_turn else None


def loads_of(
    connection: psycopg.Connection, settings: Settings, departments: Sequence[str], now: datetime, *, schema: str = "intake"
) -> dict[str, Load]:
    """What each department has with us at a moment. Files of a manifest and replays are no files of today.

    Args:
        schema: `sent` for the role of a department, which reads nothing of others.
    """
    rows = connection.execute(
        sql.SQL("""
        SELECT
            department_code,
            COUNT(*) FILTER (WHERE state = 'received' OR replied_at IS NULL),
            COALESCE(SUM(byte_size) FILTER (WHERE state = 'received' OR replied_at IS NULL), 0)::bigint,
            COUNT(*) FILTER (WHERE received_at >= %(midnight)s AND NOT is_history AND replays IS NULL)
        FROM {schema}.submission
        WHERE
            department_code = ANY(%(departments)s)
            AND (state = 'received' OR replied_at IS NULL OR received_at >= %(midnight)s)
        GROUP BY department_code
        """).format(schema=sql.Identifier(schema)),
        {"departments": list(departments), "midnight": since_midnight(now.date())},
    ).fetchall()
    loads = {str(code): Load(*counts) for code, *counts in rows}
    with_tries = departments_with_dry_runs(settings)
    for department in departments:
        load = loads.setdefault(department, Load())
        tries = waiting_dry_runs(settings, department) if department in with_tries else []
        sizes = [file.lstat().st_size for file in tries]
        load.n_waiting += len(sizes)
        load.bytes_waiting += sum(sizes)
        load.n_today += tried_on(settings, department, now)
    return loads


def tried_on(settings: Settings, department: str, now: datetime) -> int:
    """How many files of a department were collected for a dry run on the day of a moment."""
    file = settings.inbox / WORK / TRIED / department
    day, _, number = file.read_text(encoding="ascii").partition(" ") if file.exists() else ("", "", "")
    return int(number) if day == now.date().isoformat() else 0


def note_tried(settings: Settings, department: str, now: datetime, number: int) -> None:
    """Note how many more were collected for a dry run. The caller holds the lock of collecting."""
    if number:
        total = tried_on(settings, department, now) + number
        replace_file(work_folder(settings, TRIED) / department, f"{now.date()} {total}".encode("ascii"))
