"""Rehearses the worst day: restores a new backup into a server of its own, and compares it with the warehouse it was made of.

The very file that was written is restored. A sealed one is opened by an identity that was made for this backup only and is forgotten with it:
the private key of the district is nowhere near.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
from pyrage.x25519 import Identity

from fugong.core.settings import Settings
from fugong.evidence import verify as evidence
from fugong.operations.backups.facts import Facts, differences, read_facts
from fugong.operations.backups.make import Made
from fugong.operations.backups.restore import restore_dump
from fugong.operations.task_result import Result, TaskResult
from fugong.warehouse import roles
from fugong.warehouse.connection import connect_as_loader
from fugong.warehouse.embedded import server

TASK = "rehearsal"
DAYS = 7
"""A backup is restored for trial once in so many days."""
EXAMPLES = 5
ROWS = 2_000_000
"""Rows of reports that are held against the log of the restored warehouse; chosen by chance."""


def is_due(connection: psycopg.Connection) -> bool:
    """Whether no backup was restored for trial, and found good, for a week."""
    [(is_recent,)] = connection.execute(
        "SELECT EXISTS (SELECT FROM audit.chore WHERE chore = %s AND outcome = 'well' AND done_at > now() - make_interval(days => %s))",
        (TASK, DAYS),
    ).fetchall()
    return not is_recent


def rehearse(settings: Settings, made: Made, witness: Identity) -> TaskResult:
    """Restore a backup into a server of its own, compare, and remove the server."""
    began = time.monotonic()
    with _scratch(settings) as scratch:
        restore_dump(made.backup, server.url(scratch.home), [witness], settings.spool)
        with psycopg.connect(server.url(scratch.home)) as owner:
            roles.create(owner)
        with connect_as_loader(scratch) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            found: Facts = read_facts(connection, settings.include, with_figures=True)
            faults = [fault.zh for fault in evidence.verify(connection, None, max_rows=ROWS).faults]
    wrong = [*differences(made.facts, found), *faults]
    name, seconds = made.backup.path.name, time.monotonic() - began
    if wrong:
        shown = ";".join(wrong[:EXAMPLES])
        return TaskResult(
            TASK,
            Result.BAD,
            len(wrong),
            f"备份 {name} 试恢复后与仓库有 {len(wrong)} 处不同:{shown}",
            f"{name}, restored for trial, differs in {len(wrong)} places: {shown}",
        )
    n_rows, n_figures = sum(found.rows.values()), len(found.figures)
    return TaskResult(
        TASK,
        Result.WELL,
        n_figures,
        f"备份 {name} 试恢复:{found.submissions:,} 份报送、{n_rows:,} 行、{n_figures} 个指标与仓库一致,存证首相同({seconds:.0f} 秒)",
        f"{name} was restored for trial: {found.submissions:,} submissions, {n_rows:,} rows and {n_figures} figures are the same, and so is the head of the log ({seconds:.0f} s)",
    )


@contextlib.contextmanager
def _scratch(settings: Settings) -> Iterator[Settings]:
    """Settings of a home with an empty server, which is removed at the end; what a killed run left is removed first."""
    home = settings.scratch
    _remove(settings)
    home.mkdir(mode=0o700, parents=True)
    try:
        server.start(home)
        roles.prepare_server(home)
        yield replace(settings, home=home, warehouse_url=None, owner_url=None, backup_url=None)
    finally:
        _remove(settings)


def _remove(settings: Settings) -> None:
    home = settings.scratch
    if home.exists() and server.exists(home):
        server.remove(home)
    shutil.rmtree(home, ignore_errors=True)
