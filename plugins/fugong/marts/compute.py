"""Computes portions of marts, several at a time on connections that see one state of the warehouse.

Nothing is written to the warehouse here: rows wait in files without a name until somebody writes them.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from queue import SimpleQueue
from typing import IO

import psycopg
from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.marts import kept_firms
from fugong.marts.asof import days_read, session_at
from fugong.marts.execute import copy_out, run
from fugong.marts.firms_behind import FirmsBehind, days_of_facts, facts_behind
from fugong.marts.model import Daily, Mart, SqlFiles
from fugong.marts.portions import Portion
from fugong.marts.replay import select_statement
from fugong.marts.shared_facts import Reads, SharedFacts, shared, shared_always

LOG = logging.getLogger(__name__)
Connect = Callable[[], AbstractContextManager[psycopg.Connection]]
"""Opens one more connection to the same warehouse."""
IN_MEMORY = 8 << 20
"""Bytes of rows that wait in memory; more go to a file."""
WORK_MEM = "64MB"
"""Sorts and hash tables of a city stay in memory."""
CELLS = sql.Identifier("computed_cells")
"""The temporary table of the rows whose firms are counted next."""


@dataclass(frozen=True)
class Computed:
    """Rows of some days of a mart as COPY writes them, or what is wrong with its file.

    Attributes:
        firms: behind the cells of these days, where they are kept by day.
    """

    mart: Daily
    days: Sequence[date]
    rows: IO[bytes] | ConfigurationError
    firms: FirmsBehind | None = None


OnComputed = Callable[[Computed], None]


def compute(
    connection: psycopg.Connection,
    files: SqlFiles,
    portions: Sequence[Portion],
    known_at: datetime | None,
    on_computed: OnComputed,
) -> None:
    """Compute portions one after the other on this connection, as known then."""
    for portion in portions:
        _compute(connection, files, portion, known_at, on_computed)


def compute_apart(
    connection: psycopg.Connection,
    files: SqlFiles,
    portions: Sequence[Portion],
    known_at: datetime | None,
    on_computed: OnComputed,
    connect: Connect,
    n_helpers: int,
) -> None:
    """Compute portions on so many connections of their own, which see what this one sees but for what its transaction has written.

    Args:
        on_computed: called on the thread of the caller while the next days are computed.
    """
    [(snapshot,)] = connection.execute("SELECT pg_export_snapshot()").fetchall()
    with ExitStack() as stack:
        free: SimpleQueue[psycopg.Connection] = SimpleQueue()
        helpers = [stack.enter_context(connect()) for _ in range(n_helpers)]
        for helper in helpers:
            helper.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            stack.enter_context(helper.transaction())
            helper.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
            free.put(helper)

        found: SimpleQueue[Computed | Future[None]] = SimpleQueue()

        def work(portion: Portion) -> None:
            helper = free.get()
            try:
                _compute(helper, files, portion, known_at, found.put)
            finally:
                free.put(helper)

        pool = stack.enter_context(ThreadPoolExecutor(n_helpers, thread_name_prefix="marts"))
        try:
            running = {pool.submit(work, portion) for portion in portions}
            for future in running:
                future.add_done_callback(found.put)
            while running:
                one = found.get()
                if isinstance(one, Computed):
                    on_computed(one)
                else:
                    running.remove(one)
                    one.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for helper in helpers:
                helper.cancel()
            raise


def _compute(
    connection: psycopg.Connection, files: SqlFiles, portion: Portion, known_at: datetime | None, on_computed: OnComputed
) -> None:
    connection.execute("SELECT set_config('work_mem', %s, true)", (WORK_MEM,))
    days: dict[Daily, list[date]] = {}
    for each in portion.rounds:
        for mart, wanted in each.items():
            days.setdefault(mart, []).extend(wanted)
    readers = {mart: _reads(files, mart, of_mart) for mart, of_mart in days.items()}
    ahead = [(mart, wanted) for each in portion.rounds for mart, wanted in each.items()]
    try:
        with shared_always(connection, files, readers, known_at) as always:
            for each in portion.rounds:
                of_round = {mart: _reads(files, mart, wanted) for mart, wanted in each.items()}
                with shared(connection, files, of_round, known_at, always) as facts:
                    for mart, wanted in each.items():
                        on_computed(_computed(connection, files, mart, wanted, known_at, facts))
                        ahead.remove((mart, wanted))
    except ConfigurationError as fault:  # of a fact that they share
        for mart, wanted in ahead:
            on_computed(Computed(mart, wanted, fault))


def _reads(files: SqlFiles, mart: Daily, days: Sequence[date]) -> Reads:
    if counted := _counted(mart):
        return Reads({*days_read(mart, days), *days_of_facts(counted, days)}, facts_behind(files, counted))
    return Reads(days_read(mart, days))


def _counted(mart: Daily) -> Mart | None:
    """The mart, where the firms behind its cells are kept by day."""
    return mart if isinstance(mart, Mart) and kept_firms.is_counted(mart) else None


def _computed(
    connection: psycopg.Connection,
    files: SqlFiles,
    mart: Daily,
    days: Sequence[date],
    known_at: datetime | None,
    facts: SharedFacts,
) -> Computed:
    """The rows of some days of a mart and, where they are kept by day, the firms behind them."""
    began, firms = time.monotonic(), None
    into = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (whoever writes the rows closes it)
    try:
        with connection.transaction():
            select = select_statement(facts.reading(mart), days)
            counted = _counted(mart)
            cells = CELLS if counted and "dimension" in mart.keys else None
            with session_at(connection, days_read(mart, days), known_at):
                if cells:
                    run(connection, mart, sql.SQL("CREATE TEMP TABLE {} AS {}").format(cells, select))
                    select = sql.SQL("SELECT * FROM pg_temp.{}").format(cells)
                n_rows = copy_out(connection, mart, select, into)
            if counted:
                firms = kept_firms.count(connection, files, counted, cells, days, known_at, facts.relation)
            if cells:
                connection.execute(sql.SQL("DROP TABLE pg_temp.{}").format(cells))
    except ConfigurationError as fault:
        into.close()
        return Computed(mart, days, fault)
    LOG.info(
        "%s: %d days, %s … %s, %d rows, %.1f s", mart.relation, len(days), days[0], days[-1], n_rows, time.monotonic() - began
    )
    return Computed(mart, days, into, firms)
