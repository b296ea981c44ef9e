"""Builds marts and checks: computes the days that are out of date and replaces their rows.

The tables `mart.*` hold what is known now. `replay` runs the same SELECTs for any other moment of knowledge.
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from fugong.contracts.accepted import accepted_contracts
from fugong.core.advisory_locks import BUILD_LOCK
from fugong.core.errors import ConfigurationError
from fugong.marts import gate
from fugong.marts.asof import latest_load, reported_days
from fugong.marts.compute import WORK_MEM, Computed, Connect, compute, compute_apart
from fugong.marts.model import Daily, Mart, SqlFiles
from fugong.marts.open_cells import Seen
from fugong.marts.open_table import is_protected
from fugong.marts.portions import divide, lines_of_days
from fugong.marts.schema import refuse_older, sound_files
from fugong.marts.staleness import (
    find_days_of_files,
    find_first_reports,
    find_reported,
    kept_days,
    ledgers_of_months,
    mark_all_stale,
    out_of_date,
    periods_touched,
    sources,
    views_of_reference,
    within_horizon,
)
from fugong.marts.writing import Writing

LOG = logging.getLogger(__name__)
HELPERS = min(4, len(os.sched_getaffinity(0)))
"""Connections that compute at the same time, one for each core of this machine: the embedded server shares it."""
LINES_WORTH_HELPERS = 200_000
"""Behind the days to build: a second of work or more."""

Progress = Callable[[str, int, int], None]
"""Called with a mart that has been computed, the number of days done, and the number of all days, over all marts."""


@dataclass(frozen=True)
class Built:
    """What a build did.

    Attributes:
        marts: the marts that had days to build.
        days: as_of days, business dates and first days of months, sorted.
        rows: written, per mart.
        checks: rows found, per check that had days to build.
        known_at: the moment of knowledge that the built days hold; None before the first load.
        faulty: what was left out because its file cannot be used, and why; its days stay stale.
    """

    marts: tuple[str, ...]
    days: tuple[date, ...]
    seconds: float
    rows: Mapping[str, int]
    checks: Mapping[str, int]
    known_at: datetime | None
    faulty: Mapping[str, ConfigurationError] = field(default_factory=dict[str, ConfigurationError])


def build(
    connection: psycopg.Connection,
    include: Path,
    *,
    days: Iterable[date] | None = None,
    on_progress: Progress | None = None,
    connect: Connect | None = None,
) -> Built:
    """Build every mart and check: compute the days that are out of date in one transaction, so that readers see all of it or nothing.

    Builds run one after the other. Days that files make stale during a build stay stale for the next one. A mart or check whose file cannot
    be used is left out, as is what analysts see of a mart that cannot be protected without it; all others are built.

    Args:
        days: build these days (for `period` marts their months), stale or not. The list of stale days stays as it is.
        connect: opens connections to the same warehouse, on which marts of many lines are computed at the same time. Not used within a
            transaction of the caller, whose writes they would not see.

    Raises:
        WarehouseError: a part that was loaded since the last build lacks rows; nothing is built.
    """
    # A solver comes with it, which commands that only ask do without. It is loaded while the server works.
    loading = threading.Thread(target=importlib.import_module, args=("fugong.marts.open_rows",), name="open_rows")
    loading.start()
    began = time.monotonic()
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        connect = None  # what this transaction has written nobody else sees
    with connection.transaction():  # of its own, where it may be: other connections plan by what is committed
        refuse_older(connection)
        _refresh_statistics(connection)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s), set_config('work_mem', %s, true)", (BUILD_LOCK, WORK_MEM))
        files = sound_files(connection, include)
        faulty = {name: fault for name, fault in files.faulty.items() if not name.startswith("fact.")}
        modes = {name: table.mode for name, table in accepted_contracts(connection).tables.items()}
        serial, known_at = latest_load(connection)
        gate.enter(connection)  # for all loads up to this one; later ones have a later moment, or leave their days stale
        stale = connection.execute(
            "SELECT table_name, day, settled_serial FROM intake.stale_day WHERE settled_serial <= %s", (serial,)
        ).fetchall()
        by_table: dict[str, set[date]] = {}
        for table_name, day, _ in stale:
            by_table.setdefault(table_name, set()).add(day)
        horizon = reported_days(connection)
        asked = None if days is None else frozenset(days)
        built = _built_days(connection) if asked is None else {}
        views = views_of_reference(connection)
        work: dict[Daily, frozenset[date]] = {}
        months_asked: dict[tuple[str, datetime | None], set[date]] = {}
        for mart in files.daily:
            done = built.get(mart.name, frozenset())
            kept = kept_days(mart, horizon)
            if asked is not None:
                work[mart] = within_horizon(mart, asked, kept)
            else:
                names, is_by_all = sources(files.read_by(mart), views)
                days_of_files = find_days_of_files(connection, mart, serial) if is_by_all else set[date]()
                of_months = ledgers_of_months(files, mart, modes)
                has_months = mart.partition_by == "period" or bool(of_months)
                first_reports = find_first_reports(connection, names & by_table.keys()) if has_months else {}
                reported = find_reported(connection, of_months & names & by_table.keys(), by_table)
                if mart.partition_by == "period":
                    days_of_files |= periods_touched(connection, files, mart, by_table, modes, months_asked)
                work[mart] = out_of_date(
                    mart, names, by_table, modes, kept, done, days_of_files, first_reports, of_months, reported
                )
        held = {
            mart: sorted(kept_days(mart, horizon) & days if mart.partition_by == "as_of" else days) for mart, days in work.items()
        }
        seen = {mart.name: found for mart in files.marts if mart.is_open and (found := _seen(connection, mart, work[mart]))}
        writing = Writing(connection, files, work, held, known_at, max(horizon, default=None), seen, faulty)
        _compute(connection, files, held, known_at, connect, on_progress, writing)
        writing.finish()
        for name, fault in faulty.items():
            LOG.error("%s 没有重算 | is left out: %s", name, fault)
            mark_all_stale(connection, name)
        loading.join()
        writing.show()
        rows = {mart.name: writing.rows[mart.name] for mart in work if mart.name in writing.rows}
        if on_progress:
            n_days = sum(map(len, held.values()))
            on_progress("", n_days, n_days)
        if asked is None:
            connection.execute("UPDATE audit.mart_version SET built_serial = %s, built_at = clock_timestamp()", (serial,))
            # A load during the build writes a newer serial: its days stay stale. So do those of what was left out.
            stale = [row for row in stale if row[0] not in faulty]
            connection.execute(
                """
                DELETE FROM intake.stale_day
                USING unnest(%s::text[], %s::date[], %s::bigint[]) AS cleared (table_name, day, settled_serial)
                WHERE
                    stale_day.table_name = cleared.table_name
                    AND stale_day.day = cleared.day
                    AND stale_day.settled_serial = cleared.settled_serial
                """,
                ([row[0] for row in stale], [row[1] for row in stale], [row[2] for row in stale]),
            )
    ids = {check.id for check in files.checks}
    return Built(
        marts=tuple(name for name in rows if name not in ids),
        days=tuple(sorted(set().union(*work.values()))),
        seconds=time.monotonic() - began,
        rows={name: n_rows for name, n_rows in rows.items() if name not in ids},
        checks={name: n_rows for name, n_rows in rows.items() if name in ids},
        known_at=known_at,
        faulty=faulty,
    )


def _compute(
    connection: psycopg.Connection,
    files: SqlFiles,
    held: Mapping[Daily, Sequence[date]],
    known_at: datetime | None,
    connect: Connect | None,
    on_progress: Progress | None,
    writing: Writing,
) -> None:
    """Compute the days of every mart and write them: on connections of their own where there are many, and somebody opens them."""
    portions = divide(files, held, lines_of_days(connection))
    here: list[Computed] = []
    done, total = 0, sum(map(len, held.values()))

    def count(computed: Computed) -> None:
        nonlocal done
        done += len(computed.days)
        if on_progress:
            on_progress(computed.mart.name, done, total)

    def write(computed: Computed) -> None:
        count(computed)
        writing.add(computed)

    def keep(computed: Computed) -> None:
        count(computed)
        here.append(computed)

    if connect and sum(portion.lines for portion in portions) > LINES_WORTH_HELPERS:
        compute_apart(connection, files, portions, known_at, write, connect, min(HELPERS, len(portions)))
    else:  # a fault that ends a portion would undo what was written meanwhile
        compute(connection, files, portions, known_at, keep)
        for mart in held:
            for one in (each for each in here if each.mart is mart):
                writing.add(one)


def _built_days(connection: psycopg.Connection) -> dict[str, frozenset[date]]:
    rows = connection.execute("SELECT mart, array_agg(day) FROM audit.mart_day GROUP BY mart").fetchall()
    return {mart: frozenset(days) for mart, days in rows}


def _seen(connection: psycopg.Connection, mart: Mart, days: Collection[date]) -> Seen | None:
    """Those days of an open mart that analysts have seen, before they are built again; None where they have seen none of them.

    Of a mart by firm its rows are kept for the length of the transaction.
    """
    [(known_at, again)] = connection.execute(
        "SELECT MAX(known_at) FILTER (WHERE isfinite(known_at)), array_agg(day) FILTER (WHERE day = ANY(%s)) FROM audit.mart_day WHERE mart = %s",
        (list(days), mart.name),
    ).fetchall()
    if not again or known_at is None or not is_protected(mart):
        return None
    if mart.public_rollup is None:
        return Seen(known_at, frozenset(again))
    table = sql.Identifier(f"seen_{mart.name}")
    connection.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(table))
    connection.execute(
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT * FROM {} WHERE {} = ANY({})").format(
            table, sql.Identifier("mart", mart.name), sql.Identifier(mart.partition_by), sql.Literal(again)
        )
    )
    return Seen(known_at, frozenset(again), table)


def _refresh_statistics(connection: psycopg.Connection) -> None:
    """ANALYZE tables that have grown much. Autovacuum comes some time after a load; until then the planner has no statistics."""
    rows = connection.execute(
        """
        SELECT stat.schemaname, stat.relname FROM pg_stat_user_tables AS stat
        INNER JOIN pg_class AS class ON class.oid = stat.relid AND pg_has_role(class.relowner, 'USAGE')
        WHERE
            stat.schemaname IN ('intake', 'report', 'ref')
            AND stat.n_mod_since_analyze > 200 + 0.2 * stat.n_live_tup
        """
    ).fetchall()
    for schema, table in rows:
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, table)))
