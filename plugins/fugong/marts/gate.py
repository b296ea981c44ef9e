"""The gate between settlements and those who read: a part is read once its COMMIT has returned, and with all its rows.

One server shows all of a COMMIT or nothing. On a cluster the part lies on one node and its rows on others, which commit a moment later: who
reads in between counts a part without all its rows. So a settlement holds the gate until its COMMIT has returned everywhere, and who
reads waits for those whose part it sees already. Nobody waits for a settlement that it does not see, and no settlement waits for a reader.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

from fugong.core.advisory_locks import GATE
from fugong.core.errors import WarehouseError

PATIENCE_SECONDS = 60.0
LOOK_AGAIN_SECONDS = 0.02
N_SHOWN = 3

HOLD: LiteralString = f"pg_advisory_xact_lock_shared({GATE})"
"""An expression that holds the gate until the transaction has ended."""

# A transaction number is shown without its epoch: both sides of a comparison are taken modulo 2^32.
COMMITTING: LiteralString = f"""
    WITH snapshot AS (SELECT pg_current_snapshot() AS seen),
    running AS (
        SELECT held.virtualtransaction, held.transactionid::text::bigint AS number
        FROM pg_locks AS held
        WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock' AND held.granted
    )
    SELECT gate.virtualtransaction
    FROM pg_locks AS gate
    CROSS JOIN snapshot
    WHERE
        gate.locktype = 'advisory' AND gate.classid = 0 AND gate.objid = {GATE} AND gate.objsubid = 1 AND gate.granted
        AND gate.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND gate.pid <> pg_backend_pid()
        AND NOT EXISTS (
            SELECT FROM running
            WHERE
                running.virtualtransaction = gate.virtualtransaction
                AND (
                    running.number IN (SELECT xip::text::bigint % 4294967296 FROM pg_snapshot_xip(seen) AS xip)
                    OR (running.number - pg_snapshot_xmax(seen)::text::bigint % 4294967296 + 4294967296) % 4294967296 < 2147483648
                )
        )
"""
"""Who holds the gate although this snapshot does not have it among the running transactions: it has committed here, perhaps not everywhere."""

UNVERIFIED: LiteralString = """
    SELECT part.table_name, part.part_id, part.rows_accepted
    FROM intake.part
    WHERE part.settled_serial > %(since)s
    ORDER BY part.table_name, part.part_id
"""


@dataclass(frozen=True)
class Lacking:
    """A part that has other rows than were accepted."""

    table: str
    part_id: int
    accepted: int
    held: int


@contextmanager
def one_state(connection: psycopg.Connection, *, counts_rows: bool = True) -> Iterator[None]:
    """A transaction that reads one state of the warehouse, in which every part has its rows. In a transaction of the caller, within that one.

    Args:
        counts_rows: whether to count the rows of new parts, too.

    Raises:
        WarehouseError: see `enter`.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    is_idle = connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE and not connection.autocommit
    with ExitStack() as stack:
        stack.enter_context(connection.transaction())
        while is_idle:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            if not _committing(connection):
                break
            # What comes meanwhile may lie outside this snapshot: another one is taken.
            stack.close()
            _refuse_after(until)
            with connection.transaction():
                _wait_for_commits(connection, until)
            stack.enter_context(connection.transaction())
        if not is_idle:
            wait_for_commits(connection)
        if counts_rows:
            verify_new_parts(connection)
        yield


def enter(connection: psycopg.Connection) -> None:
    """Wait for the settlements that are visible, and count the rows that they brought.

    Raises:
        WarehouseError: a settlement does not end, or a part that was loaded since the last build has other rows than were accepted.
    """
    wait_for_commits(connection)
    verify_new_parts(connection)


def wait_for_commits(connection: psycopg.Connection) -> None:
    """Wait until every settlement that this connection sees has returned from its COMMIT.

    What a transaction has read before the call is complete for its statements after the call.

    Raises:
        WarehouseError: one does not return within `PATIENCE_SECONDS`.
    """
    _wait_for_commits(connection, time.monotonic() + PATIENCE_SECONDS)


def _wait_for_commits(connection: psycopg.Connection, until: float) -> None:
    waited_for = _committing(connection)
    while waited_for:
        _refuse_after(until)
        time.sleep(LOOK_AGAIN_SECONDS)
        waited_for &= _committing(connection)


def _refuse_after(until: float) -> None:
    if time.monotonic() > until:
        raise WarehouseError(
            f"有报送已入库 {PATIENCE_SECONDS:.0f} 秒,仍未在所有节点提交;请看各节点是否在线,然后重试。 | "
            f"A settlement has not committed on all nodes for {PATIENCE_SECONDS:.0f} s. See whether every node runs, then try again."
        )


def _committing(connection: psycopg.Connection) -> set[str]:
    return {holder for (holder,) in connection.execute(COMMITTING)}


def verify_new_parts(connection: psycopg.Connection) -> None:
    """Count the rows of every part that was settled since all marts were built last.

    Raises:
        WarehouseError: a part has other rows than were accepted. On a cluster they come when a node that was away is back.
    """
    [(since, latest)] = connection.execute(
        """
        SELECT (SELECT COALESCE(MIN(COALESCE(built_serial, 0)), 0) FROM audit.mart_version), settled_serial
        FROM intake.settle_clock
        """
    ).fetchall()
    lacking = find_lacking(connection, since) if latest > since else []
    if not lacking:
        return
    shown = "、".join(f"report.{one.table} {one.part_id} ({one.accepted}→{one.held})" for one in lacking[:N_SHOWN])
    more = " …" if len(lacking) > N_SHOWN else ""
    raise WarehouseError(
        f"{len(lacking)} 个部分的明细行数与入库行数不一致:{shown}{more}。什么也没有算;集群请等各节点恢复后重试,否则运行 fugong maintenance。 | "
        f"{len(lacking)} parts have other rows than were accepted: {shown}{more}. Nothing was computed. On a cluster try again when all "
        "nodes are back; else run `fugong maintenance`."
    )


def find_lacking(connection: psycopg.Connection, since: int) -> list[Lacking]:
    """The parts settled after a serial that have other rows than were accepted."""
    by_table: dict[str, dict[int, int]] = {}
    for table, part_id, accepted in connection.execute(UNVERIFIED, {"since": since}):
        by_table.setdefault(table, {})[part_id] = accepted
    found: list[Lacking] = []
    for table, parts in by_table.items():
        held = dict(
            connection.execute(
                sql.SQL("SELECT part_id, COUNT(*) FROM {} WHERE part_id = ANY(%s) GROUP BY part_id").format(
                    sql.Identifier("report", table)
                ),
                (list(parts),),
            ).fetchall()
        )
        found += [
            Lacking(table, part_id, accepted, held.get(part_id, 0))
            for part_id, accepted in parts.items()
            if held.get(part_id, 0) != accepted
        ]
    return found
