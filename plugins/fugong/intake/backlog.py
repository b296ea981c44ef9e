"""What waits, by department: in its inbox, and with us; beside its quota."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import psycopg

from fugong.core.settings import TRIAL, Settings
from fugong.intake.folders import SenderFolder, departments_of, open_sender_folder
from fugong.intake.quotas import Load, Quota, load_quotas, loads_of
from fugong.intake.waiting import waiting_in


@dataclass(frozen=True)
class Backlog:
    """One department.

    Attributes:
        name_zh: its code where the district does not know it.
        n_inbox: files in its inbox that no run has collected.
        oldest_at: when the oldest of them was changed last.
    """

    department: str
    name_zh: str
    n_inbox: int
    oldest_at: datetime | None
    load: Load
    quota: Quota

    def to_json(self) -> dict[str, Any]:
        """Every number under its own name."""
        return {
            "department_code": self.department,
            "files_in_inbox": self.n_inbox,
            "oldest_at": self.oldest_at.isoformat() if self.oldest_at else None,
            "files_waiting": self.load.n_waiting,
            "bytes_waiting": self.load.bytes_waiting,
            "files_today": self.load.n_today,
            "quota": asdict(self.quota),
        }


def backlogs(connection: psycopg.Connection, settings: Settings, now: datetime) -> list[Backlog]:
    """Every department with an inbox, the longest backlog first."""
    departments = departments_of(settings)
    quotas = load_quotas(settings.include)
    names = dict(connection.execute("SELECT department_code, name_zh FROM ref.department").fetchall())
    loads = loads_of(connection, settings, departments, now)
    out: list[Backlog] = []
    for name in departments:
        changed = list(_moments(settings, name))
        oldest = datetime.fromtimestamp(min(changed) / 1e9, now.tzinfo) if changed else None
        out.append(Backlog(name, names.get(name, name), len(changed), oldest, loads[name], quotas.of(name)))
    return sorted(out, key=lambda one: (-one.n_inbox - one.load.n_waiting, one.department))


def _moments(settings: Settings, department: str) -> Iterator[int]:
    """When each file that lies in a department's inbox was changed, in nanoseconds; nothing where the inbox cannot be used."""
    with suppress(OSError), open_sender_folder(settings, department) as folder:
        yield from _changes(department, folder, is_trial=False)
        if folder.state(TRIAL) is not None:
            with folder.child(TRIAL) as trial:
                yield from _changes(department, trial, is_trial=True)


def _changes(department: str, folder: SenderFolder, *, is_trial: bool) -> Iterator[int]:
    return (one.state[1] for one in waiting_in(department, folder, is_trial=is_trial) if one.refused is None)
