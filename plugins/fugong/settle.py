"""The one transaction that makes a judged file count: COPY, parts, what is superseded, a serial and the clock.

Rows are copied without a lock, invisible until the end; then the settling clock's row is locked, so that serials are given in
the order of commits, and what the file replaces or repeats is decided against what is then effective.
"""

from __future__ import annotations

import json
import queue
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, LiteralString, cast

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from psycopg.types.json import Jsonb

from fugong.calendar import due_at, load_calendar
from fugong.catalogue import finding
from fugong.contract import Contract, Table
from fugong.interpret import MOST_FAULTY_ROWS, TooManyFaults, cell_address
from fugong.judge import Judgement, TablePart, accepted_blocks, write_csv
from fugong.personal_data import mask
from fugong.returned_rows import LINE, code_columns
from fugong.rule import LONGEST_SHOWN, Finding
from fugong.sent_back import Original
from fugong.shadow import Example, ShadowKey

KEPT_SHARE = 0.95
"""A replacement that keeps a smaller share of the keys is asked back."""
CARRY_DAYS = 3
AHEAD = 1
"""Blocks checked ahead of the COPY: bounds memory while both cores work."""


class AskedBack(Exception):
    """The file is refused with a question that one word in its name answers."""

    def __init__(self, item: Finding) -> None:
        """Keep the finding that asks."""
        super().__init__(item.message_en)
        self.item = item


@dataclass(frozen=True)
class Submission:
    """The row of `intake.submission` being settled.

    Attributes:
        replays: the submission whose file is judged again; what this one brings takes the place of exactly its parts.
    """

    submission_id: int
    department: str
    file_name: str
    sha256: str
    received_at: datetime
    is_history: bool
    replays: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one submission."""

    submission_id: int
    department: str
    file_name: str
    report: str | None
    report_date: date | None
    state: str
    rows_read: int
    rows_accepted: int
    rows_set_aside: int
    rows_not_data: int


@dataclass
class _Part:
    """A part about to be settled: one table of the file, for one unit.

    Attributes:
        days: the business dates of its rows.
        present: columns of the contract that the file has.
        is_replay: it takes the place of the same part of the submission judged again, wherever that stands.
    """

    part_id: int
    table: Table
    sheet: str
    unit: str
    kind: str = "data"
    version: int = 1
    is_replacement: bool = False
    accepted: int = 0
    set_aside: int = 0
    not_data: int = 0
    days: set[date] = field(default_factory=set[date])
    replaces: list[int] = field(default_factory=list[int])
    repairs_part: int | None = None
    superseded_by: int | None = None
    superseded_at: datetime | None = None
    is_withdrawn: bool = False
    present: tuple[str, ...] = ()
    is_replay: bool = False


def settle(connection: psycopg.Connection, submission: Submission, judgement: Judgement) -> Outcome:
    """Settle a judged file in one transaction (two, when what it repeats or replaces is only seen under the lock).

    Args:
        connection: not in autocommit mode, no transaction open.

    Raises:
        ContractFault: our contract or suite is at fault; nothing is settled.
        NotInOnePass: nothing is settled; the file has to be judged with all its lines typed first.
    """
    contract, day = judgement.contract, judgement.report_date
    if judgement.is_rejected or contract is None or day is None:
        return _settle_rejected(connection, submission, judgement)
    may_repeat = judgement.marks.is_withdrawal or submission.replays is not None
    try:
        with connection.transaction():
            if not may_repeat and _has_twin(connection, submission, contract, day):
                return _settle_duplicate(connection, submission, judgement)
            if not judgement.marks.is_withdrawal:
                _say_stale_copy(connection, submission, judgement, contract, day)
            parts = [] if judgement.marks.is_withdrawal else _copy(connection, submission, judgement)
            if not judgement.marks.is_withdrawal and judgement.n_data and not any(part.accepted for part in parts):
                raise TooManyFaults
            moment, serial = _lock(connection, submission)
            if judgement.marks.is_withdrawal:
                parts = _withdrawals(connection, submission, contract, day)
            elif submission.replays is not None:
                parts += _join_replayed(connection, submission.replays, parts, contract, moment)
            elif judgement.original is not None:
                _join_original(connection, judgement.original, parts)
            elif _has_twin(connection, submission, contract, day):
                raise psycopg.Rollback  # another run settled the same bytes meanwhile
            for part in parts:
                _place(connection, submission, judgement, part, parts, moment, day)
            return _write(connection, submission, judgement, parts, moment, serial)
    except AskedBack as asked:
        judgement.faults.findings.append(asked.item)
    except TooManyFaults:
        if len(judgement.faults.rows) > MOST_FAULTY_ROWS:
            judgement.faults.findings.append(finding("too-many-faults", value=MOST_FAULTY_ROWS))
    else:
        with connection.transaction():
            return _settle_duplicate(connection, submission, judgement)
    return _settle_rejected(connection, submission, judgement)


def _has_twin(connection: psycopg.Connection, submission: Submission, contract: Contract, day: date) -> bool:
    """Whether a submission of the same bytes, department, report and date is effective; one that withdraws holds nothing."""
    row = connection.execute(
        """
        SELECT 1 FROM intake.submission
        WHERE sha256 = %s AND department_code = %s AND report = %s AND report_date = %s AND submission_id <> %s
            AND state IN ('accepted', 'partly_accepted')
            AND NOT EXISTS (
                SELECT FROM intake.part WHERE part.submission_id = submission.submission_id AND part.kind = 'withdrawal'
            )
        LIMIT 1
        """,
        (submission.sha256, submission.department, contract.id, day, submission.submission_id),
    ).fetchone()
    return row is not None


def _say_stale_copy(
    connection: psycopg.Connection, submission: Submission, judgement: Judgement, contract: Contract, day: date
) -> None:
    """Tell the sender of the same bytes that were sent for another day: only the name may have been changed."""
    row = connection.execute(
        """
        SELECT report_date FROM intake.submission
        WHERE sha256 = %s AND department_code = %s AND report = %s AND report_date <> %s
            AND state IN ('accepted', 'partly_accepted', 'superseded')
        ORDER BY received_at DESC, submission_id DESC
        LIMIT 1
        """,
        (submission.sha256, submission.department, contract.id, day),
    ).fetchone()
    if row is not None:
        judgement.faults.add(finding("stale-copy", value=row[0]))


def _lock(connection: psycopg.Connection, submission: Submission) -> tuple[datetime, int]:
    """Take the settling clock until the commit.

    Returns:
        The moment of settling (for history: of arrival) and the serial.
    """
    row = connection.execute(
        """
        UPDATE intake.settle_clock
        SET settled_serial = settled_serial + 1,
            settled_at = CASE WHEN %(history)s THEN settled_at ELSE GREATEST(settled_at, clock_timestamp()) END
        RETURNING CASE WHEN %(history)s THEN %(received)s ELSE settled_at END, settled_serial
        """,
        {"history": submission.is_history, "received": submission.received_at},
    ).fetchone()
    assert row is not None  # the clock has one row
    return row[0], int(row[1])


def _copy(connection: psycopg.Connection, submission: Submission, judgement: Judgement) -> list[_Part]:
    """Check every table and COPY what passed; one block is checked while another is copied."""
    out: list[_Part] = []
    for part in judgement.parts:
        table = part.table
        units: dict[str, _Part] = {}
        names = ["part_id", "sheet", "row_number", *(column.name for column in table.columns)]
        statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv)").format(
            sql.Identifier("report", table.name), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        copier = _Copier(connection, statement)
        blocks = accepted_blocks(judgement, part)
        if table.fallback:
            blocks = _with_fallback(copier, judgement, part, blocks)
        try:
            for block in blocks:
                copier.send(_addressed(copier, submission, part, block, units))
        finally:
            copier.close()
        copier.check()
        if not units:
            _unit(copier, part, submission.department, units)
        _count(part, units, submission)
        out += units.values()
    return out


class _Copier:
    """COPY in a thread of its own, one block at a time; an error there is raised here.

    The connection is shared with the thread that prepares the blocks: `execute` waits until it is free.
    """

    def __init__(self, connection: psycopg.Connection, statement: sql.Composed) -> None:
        self._connection = connection
        self._statement = statement
        self._free = threading.Lock()
        self._blocks: queue.Queue[memoryview | None] = queue.Queue(AHEAD)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="copy", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while (block := self._blocks.get()) is not None:
            if self._error is not None:
                continue
            try:
                with self._free, self._connection.cursor() as cursor, cursor.copy(self._statement) as copy:
                    copy.write(block)
            except BaseException as error:  # noqa: BLE001  (raised again in the caller's thread)
                self._error = error

    def execute(self, statement: sql.SQL | sql.Composed, given: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self.check()
        with self._free:
            return self._connection.execute(statement, given).fetchall()

    def send(self, block: pa.RecordBatch) -> None:
        self.check()
        # Written here: while the other thread wrote, the server would wait for its next bytes.
        self._blocks.put(write_csv(block))

    def close(self) -> None:
        self._blocks.put(None)
        self._thread.join()

    def check(self) -> None:
        if self._error is not None:
            raise self._error


NEXT_PART = sql.SQL("SELECT nextval(pg_get_serial_sequence('intake.part', 'part_id'))")


def _unit(copier: _Copier, part: TablePart, unit: str, units: dict[str, _Part]) -> _Part:
    if unit not in units:
        present = tuple(column.name for column in part.interpreted.header.columns.values())
        number = int(copier.execute(NEXT_PART)[0][0])
        units[unit] = _Part(number, part.table, part.interpreted.sheet, unit, present=present)
    return units[unit]


def _addressed(
    copier: _Copier, submission: Submission, part: TablePart, block: pa.RecordBatch, units: dict[str, _Part]
) -> pa.RecordBatch:
    """A block with its part id and sheet in front, as the report table has them."""
    n = block.num_rows
    business = part.table.business_date
    if part.table.unit_column is None:
        one = _unit(copier, part, submission.department, units)
        one.accepted += n
        if business:
            one.days.update(pc.unique(block.column(business)).drop_null().to_pylist())
        ids = pa.array([one.part_id]).take(pa.array([0] * n, pa.int32())) if n else pa.array([], pa.int64())
    else:
        encoded = block.column(part.table.unit_column).dictionary_encode()
        members = [_unit(copier, part, unit, units) for unit in encoded.dictionary.to_pylist()]
        ids = pa.array([member.part_id for member in members], pa.int64()).take(encoded.indices)
        for order, n_rows in Counter(encoded.indices.to_pylist()).items():
            members[order].accepted += n_rows
        if business:
            pairs = pa.table([encoded.indices, block.column(business)], names=["order", "day"]).group_by(["order", "day"])
            for pair in pairs.aggregate([]).drop_null().to_pylist():
                members[pair["order"]].days.add(pair["day"])
    sheet = pa.DictionaryArray.from_arrays(pa.array([0] * n, pa.int32()), pa.array([part.interpreted.sheet])).cast(pa.string())
    return pa.RecordBatch.from_arrays([ids, sheet, *block.columns], names=["part_id", "sheet", *block.schema.names])


def _with_fallback(
    copier: _Copier, judgement: Judgement, part: TablePart, blocks: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Fill an empty credit code with that of the same account in earlier effective rows, and say so."""
    table = part.table
    assert table.fallback is not None  # the caller looked
    name, by = table.fallback["column"], table.fallback["by"]
    at = {column.name: index for index, column in part.interpreted.header.columns.items()}
    earlier = sql.SQL(
        """
        SELECT DISTINCT ON ({by}) {by}, {name} FROM asof.{table}
        WHERE {by} = ANY(%s) AND {name} <> '' ORDER BY {by}, report_date DESC, part_id DESC
        """
    ).format(by=sql.Identifier(by), name=sql.Identifier(name), table=sql.Identifier(table.name))
    for block in blocks:
        empty = pc.equal(block.column(name), "")
        if not pc.any(empty).as_py():
            yield block
            continue
        accounts = pc.unique(block.column(by).filter(empty)).to_pylist()
        known = dict(copier.execute(earlier, (accounts,)))
        values, keys, lines = (block.column(column).to_pylist() for column in (name, by, "row_number"))
        for position, is_empty in enumerate(empty.to_pylist()):
            if is_empty:
                found = known.get(keys[position])
                values[position] = found or ""
                judgement.faults.add(
                    finding(
                        "uscc-from-account" if found else "uscc-unknown",
                        sheet=part.interpreted.sheet,
                        row_number=lines[position],
                        cell=cell_address(at.get(name), lines[position]),
                        column_name=name,
                        header=table.by_name[name].header,
                        value=found,
                    )
                )
        yield block.set_column(block.schema.get_field_index(name), name, pa.array(values, pa.string()))


def _count(part: TablePart, units: Mapping[str, _Part], submission: Submission) -> None:
    """Share the lines that were not loaded out to the parts; those of no known unit go to the first."""
    first = units.get(submission.department) or next(iter(units.values()))
    found = part.interpreted
    first.set_aside += found.n_data - sum(one.accepted for one in units.values())
    first.not_data += found.rows_read - found.n_data


def _withdrawals(connection: psycopg.Connection, submission: Submission, contract: Contract, day: date) -> list[_Part]:
    """A withdrawing part for every part of the sender's that counts for that report and date.

    Raises:
        AskedBack: there is nothing to withdraw.
    """
    tables = {table.name: table for table in contract.tables}
    rows = connection.execute(
        """
        SELECT DISTINCT table_name, unit FROM intake.part
        WHERE table_name = ANY(%s) AND report_date = %s AND department_code = %s
            AND superseded_at IS NULL AND kind <> 'withdrawal'
        ORDER BY table_name, unit
        """,
        (list(tables), day, submission.department),
    ).fetchall()
    if not rows:
        raise AskedBack(finding("nothing-to-withdraw", value=day.isoformat(), report=contract.name))
    out: list[_Part] = []
    for table_name, unit in rows:
        drawn = connection.execute(NEXT_PART).fetchone()
        assert drawn is not None  # a sequence always answers
        out.append(_Part(int(drawn[0]), tables[table_name], "", unit, kind="withdrawal", is_replacement=True))
    return out


@dataclass(frozen=True)
class _Peer:
    """A part of the same key that counts now, or counted after the moment of settling (histories come in any order)."""

    part_id: int
    submission_id: int
    kind: str
    version: int
    is_replacement: bool
    received_at: datetime
    settled_at: datetime
    superseded_at: datetime | None

    @property
    def order(self) -> tuple[int, datetime, int]:
        return self.version, self.received_at, self.submission_id


def _place(
    connection: psycopg.Connection,
    submission: Submission,
    judgement: Judgement,
    part: _Part,
    parts: Sequence[_Part],
    moment: datetime,
    day: date,
) -> None:
    """Decide what a part replaces and what replaces it; newer means declared version, then arrival.

    Raises:
        AskedBack: it replaces too much, or repeats keys with other content.
    """
    if part.is_replay:
        if part.table.mode == "increment" and part.superseded_at is None:
            _compare(connection, part, parts)
        return
    if part.repairs_part is not None:
        _compare(connection, part, parts, among=part.repairs_part if part.table.mode != "increment" else None)
        return
    marks = judgement.marks
    peers = [
        _Peer(*row)
        for row in connection.execute(
            """
            SELECT part_id, submission_id, kind, version, is_replacement, received_at, settled_at, superseded_at FROM intake.part
            WHERE table_name = %s AND unit = %s AND report_date = %s AND kind <> 'repair'
                AND (superseded_at IS NULL OR superseded_at > GREATEST(settled_at, %s))
            """,
            (part.table.name, part.unit, day, moment),
        )
    ]
    newest = max((peer for peer in peers if peer.superseded_at is None), key=lambda peer: peer.order, default=None)
    part.is_replacement = part.is_replacement or marks.is_replacement
    if marks.version is not None and marks.version > 1:
        part.version = marks.version
    elif newest is not None and (part.kind == "withdrawal" or marks.is_correction or newest.kind == "withdrawal"):
        part.version = newest.version
    own = (part.version, submission.received_at, submission.submission_id)
    adds = part.table.mode == "increment" and not part.is_replacement
    newer = [peer for peer in peers if peer.order > own and (not adds or peer.is_replacement)]
    if newer:
        winner = min(newer, key=lambda peer: (max(peer.settled_at, moment), peer.order))
        part.superseded_by, part.superseded_at = winner.part_id, max(winner.settled_at, moment)
        part.is_withdrawn = winner.kind == "withdrawal"
        if part.superseded_at == moment:  # it never counts
            return
    older = [peer for peer in peers if peer.order < own]
    part.replaces = [peer.part_id for peer in older if not adds or peer.kind == "withdrawal"]
    part.replaces += [
        int(row[0])
        for row in connection.execute(
            """
            SELECT part_id FROM intake.part
            WHERE repairs_part = ANY(%s) AND (superseded_at IS NULL OR superseded_at > GREATEST(settled_at, %s))
            """,
            (part.replaces, moment),
        )
    ]
    if part.kind == "withdrawal" or newer:
        return
    _guard_replacement(connection, judgement, part)
    if part.table.mode == "increment":
        _compare(connection, part, parts)


def _join_original(connection: psycopg.Connection, original: Original, parts: Sequence[_Part]) -> None:
    """Tie the parts of a repair to those they mend: of the original, or, where that was rejected whole, of its first repair.

    Raises:
        AskedBack: the original does not count any more.
    """
    rows = connection.execute(
        """
        SELECT part.table_name, part.unit, part.part_id, part.version, part.is_replacement, original.state
        FROM intake.submission AS original
        LEFT JOIN intake.submission AS mended ON original.submission_id IN (mended.submission_id, mended.repairs)
        LEFT JOIN intake.part ON part.submission_id = mended.submission_id AND part.superseded_at IS NULL AND part.kind = 'data'
        WHERE original.submission_id = %s
        ORDER BY part.part_id
        """,
        (original.submission_id,),
    ).fetchall()
    if any(row[5] in {"superseded", "withdrawn"} for row in rows):
        raise AskedBack(finding("repair-too-late", value=original.submission_id))
    bases = {(table_name, unit): (part_id, version, is_new) for table_name, unit, part_id, version, is_new, _ in rows if part_id}
    for part in parts:
        if (base := bases.get((part.table.name, part.unit))) is not None:
            part.kind = "repair"
            part.repairs_part, part.version, part.is_replacement = base


def _join_replayed(
    connection: psycopg.Connection, replays: int, parts: Sequence[_Part], contract: Contract, moment: datetime
) -> list[_Part]:
    """Put every part in the place of the one that the same file brought before; what no longer counts stays so.

    Returns:
        Empty parts, in the place of those that the file brings nothing for any more.
    """
    before = connection.execute(
        """
        SELECT table_name, unit, part_id, version, is_replacement, superseded_by, sheet FROM intake.part
        WHERE submission_id = %s AND kind = 'data'
        """,
        (replays,),
    ).fetchall()
    new = {(part.table.name, part.unit): part for part in parts}
    gone: list[_Part] = []
    for table_name, unit, part_id, version, is_replacement, superseded_by, sheet in before:
        part = new.get((table_name, unit))
        if part is None:
            drawn = connection.execute(NEXT_PART).fetchone()
            assert drawn is not None  # a sequence always answers
            part = _Part(int(drawn[0]), contract.table(table_name), sheet, unit)
            gone.append(part)
        part.is_replay, part.version, part.is_replacement = True, version, is_replacement
        if superseded_by is None:
            part.replaces = [part_id]
        else:
            part.superseded_by, part.superseded_at = superseded_by, moment
    return gone


def _guard_replacement(connection: psycopg.Connection, judgement: Judgement, part: _Part) -> None:
    if not part.replaces or judgement.marks.is_confirmed:
        return
    key = sql.SQL(", ").join(map(sql.Identifier, part.table.key))
    row = connection.execute(
        sql.SQL(
            """
            WITH before AS MATERIALIZED (SELECT DISTINCT {key} FROM {table} WHERE part_id = ANY(%s)),
            now AS MATERIALIZED (SELECT DISTINCT {key} FROM {table} WHERE part_id = %s)
            SELECT (SELECT COUNT(*) FROM before), (SELECT COUNT(*) FROM (SELECT * FROM before INTERSECT SELECT * FROM now) AS kept)
            """
        ).format(key=key, table=sql.Identifier("report", part.table.name)),
        (part.replaces, part.part_id),
    ).fetchone()
    assert row is not None  # counts always answer
    before, kept = row
    if kept < KEPT_SHARE * before:
        headers = "、".join(part.table.by_name[name].header for name in part.table.key)
        raise AskedBack(
            finding("fewer-keys", sheet=part.sheet, kept=kept, before=before, what=headers, what_en=" + ".join(part.table.key))
        )


def _compare(connection: psycopg.Connection, part: _Part, parts: Sequence[_Part], among: int | None = None) -> None:
    """Rows whose key is effective already: the same content is dropped as not data, other content is asked back.

    Args:
        among: look at this part and its repairs only.
    """
    table = part.table
    not_these = [one.part_id for one in parts] + part.replaces
    others = connection.execute(
        """
        SELECT 1 FROM intake.part
        WHERE table_name = %s AND superseded_at IS NULL AND kind <> 'withdrawal' AND rows_accepted > 0 AND part_id <> ALL(%s)
        LIMIT 1
        """,
        (table.name, not_these),
    ).fetchone()
    if others is None or part.accepted == 0:
        return

    def row(alias: str) -> sql.Composed:
        return sql.SQL("ROW({})").format(sql.SQL(", ").join(sql.Identifier(alias, column.name) for column in table.columns))

    repeated = sql.SQL(
        """
        FROM {table} AS new
        INNER JOIN {table} AS held ON {keys}
        INNER JOIN intake.part AS part ON held.part_id = part.part_id
        WHERE new.part_id = %(part)s AND held.part_id <> ALL(%(not_these)s)
            AND part.superseded_at IS NULL AND part.kind <> 'withdrawal'
            AND (%(among)s::bigint IS NULL OR %(among)s IN (part.part_id, part.repairs_part))
        """
    ).format(
        table=sql.Identifier("report", table.name),
        keys=sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier("held", name), sql.Identifier("new", name)) for name in table.key
        ),
    )
    same = sql.SQL("{} IS NOT DISTINCT FROM {}").format(row("new"), row("held"))
    given = {"part": part.part_id, "not_these": not_these, "among": among}
    example = sql.SQL("concat_ws(' ', {})").format(sql.SQL(", ").join(sql.Identifier("new", name) for name in table.key))
    found = connection.execute(
        sql.SQL(
            "SELECT COUNT(*) FILTER (WHERE NOT ({same})), MIN({example}) FILTER (WHERE NOT ({same})), COUNT(*) {rest}"
        ).format(same=same, example=example, rest=repeated),
        given,
    ).fetchone()
    assert found is not None  # counts always answer
    changed, one, n_repeated = found
    if changed:
        raise AskedBack(finding("changed-rows", sheet=part.sheet, value=changed, example=one))
    if n_repeated:
        dropped = connection.execute(
            sql.SQL("DELETE FROM {table} WHERE part_id = %(part)s AND row_number IN (SELECT new.row_number {rest})").format(
                table=sql.Identifier("report", table.name), rest=repeated
            ),
            given,
        ).rowcount
        part.accepted -= dropped
        part.not_data += dropped
        if table.business_date:
            left = sql.SQL("SELECT DISTINCT {0} FROM {1} WHERE part_id = %s AND {0} IS NOT NULL").format(
                sql.Identifier(table.business_date), sql.Identifier("report", table.name)
            )
            part.days = {row[0] for row in connection.execute(left, (part.part_id,))}


def _write(
    connection: psycopg.Connection,
    submission: Submission,
    judgement: Judgement,
    parts: Sequence[_Part],
    moment: datetime,
    serial: int,
) -> Outcome:
    contract, day = judgement.contract, judgement.report_date
    assert contract is not None and day is not None  # settle looked
    last_day = connection.execute("SELECT MAX(report_date) FROM intake.part").fetchone()
    for part in parts:
        is_flow = part.table.mode == "increment" and part.days
        span = (min(part.days), max(part.days)) if is_flow else (day, day)
        connection.execute("INSERT INTO intake.speaker VALUES (%s, %s) ON CONFLICT DO NOTHING", (part.table.name, part.unit))
        connection.execute(
            """
            INSERT INTO intake.part (
                part_id, submission_id, department_code, table_name, sheet, unit, report_date, mode, kind, version,
                is_replacement, business_from, business_to, settled_serial, received_at, settled_at, superseded_at,
                superseded_by, repairs_part, present, rows_read, rows_accepted, rows_set_aside, rows_not_data
            ) OVERRIDING SYSTEM VALUE
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            (
                part.part_id,
                submission.submission_id,
                submission.department,
                part.table.name,
                part.sheet,
                part.unit,
                day,
                part.table.mode,
                part.kind,
                part.version,
                part.is_replacement,
                *span,
                serial,
                submission.received_at,
                moment,
                part.superseded_at,
                part.superseded_by,
                part.repairs_part,
                list(part.present),
                part.accepted + part.set_aside + part.not_data,
                part.accepted,
                part.set_aside,
                part.not_data,
            ),
        )
        if part.replaces:
            connection.execute(
                """
                UPDATE intake.part SET superseded_by = %s, superseded_at = GREATEST(settled_at, %s) WHERE part_id = ANY(%s)
                """,
                (part.part_id, moment, part.replaces),
            )
        _mark_stale(connection, part, day, serial)
    replaced = [part_id for part in parts for part_id in part.replaces]
    if replaced:
        connection.execute(
            """
            UPDATE intake.submission
            SET state = CASE WHEN %(withdrawn)s THEN 'withdrawn' ELSE 'superseded' END
            WHERE submission_id IN (SELECT submission_id FROM intake.part WHERE part_id = ANY(%(replaced)s))
                AND NOT EXISTS (
                    SELECT FROM intake.part
                    WHERE part.submission_id = submission.submission_id AND part.superseded_at IS NULL
                )
            """,
            {"withdrawn": judgement.marks.is_withdrawal, "replaced": replaced},
        )
    if last_day is not None and last_day[0] is not None and day > last_day[0]:
        # A new calendar day: what is carried or held reaches it.
        connection.execute(
            """
            INSERT INTO intake.stale_day (table_name, day, settled_serial)
            SELECT DISTINCT part.table_name, day::date, %(serial)s
            FROM intake.part
            CROSS JOIN generate_series(%(last)s::date + 1, %(day)s::date, INTERVAL '1 day') AS day
            WHERE part.mode IN ('snapshot', 'ledger')
            ON CONFLICT (table_name, day) DO UPDATE SET settled_serial = excluded.settled_serial
            """,
            {"serial": serial, "last": last_day[0], "day": day},
        )
    if judgement.original is not None:
        _mark_repaired(connection, submission, judgement, judgement.original)
    accepted = sum(part.accepted for part in parts)
    set_aside = sum(part.set_aside for part in parts)
    if parts and all(part.superseded_at is not None for part in parts):
        state = "withdrawn" if all(part.is_withdrawn for part in parts) else "superseded"
    else:
        state = "partly_accepted" if set_aside else "accepted"
    return _write_submission(
        connection, submission, judgement, state, moment, accepted, set_aside, sum(part.not_data for part in parts)
    )


def _mark_repaired(connection: psycopg.Connection, submission: Submission, judgement: Judgement, original: Original) -> None:
    """Note which returned rows are mended; when all are, the original counts as accepted, and so does a repair of it.

    Raises:
        AskedBack: a row that was mended before comes with other content.
    """
    connection.execute(
        "UPDATE intake.submission SET repairs = %s WHERE submission_id = %s", (original.submission_id, submission.submission_id)
    )
    for part in judgement.parts:
        table = part.table.name
        lines = _lines_mended(judgement, part)
        loaded = {
            int(row[0])
            for row in connection.execute(
                sql.SQL(
                    "SELECT row_number FROM {} WHERE part_id IN (SELECT part_id FROM intake.part WHERE submission_id = %s)"
                ).format(sql.Identifier("report", table)),
                (submission.submission_id,),
            )
        }
        again = connection.execute(
            """
            SELECT MIN(row_number) FROM intake.set_aside_row
            WHERE submission_id = %s AND table_name = %s AND row_number = ANY(%s) AND repaired_by IS NOT NULL
            """,
            (original.submission_id, table, [line for row_number, line in lines.items() if row_number in loaded]),
        ).fetchone()
        if again is not None and again[0] is not None:
            raise AskedBack(
                finding("mended-before", sheet=part.interpreted.sheet, row_number=again[0], value=original.submission_id)
            )
        connection.execute(
            """
            UPDATE intake.set_aside_row AS returned SET repaired_by = %(by)s
            FROM intake.submission AS sent
            WHERE returned.submission_id = sent.submission_id AND returned.table_name = %(table)s AND returned.repaired_by IS NULL
                AND (
                    (sent.submission_id = %(original)s AND returned.row_number = ANY(%(lines)s))
                    OR (sent.repairs = %(original)s AND EXISTS (
                        SELECT FROM jsonb_array_elements(returned.cells) AS pair
                        WHERE pair ->> 0 = %(header)s AND pair ->> 1 = ANY(%(lines)s::text[])
                    ))
                )
            """,
            {
                "by": submission.submission_id,
                "table": table,
                "original": original.submission_id,
                "lines": sorted(set(lines.values())),
                "header": LINE,
            },
        )
    connection.execute(
        """
        UPDATE intake.submission AS sent SET state = 'accepted'
        WHERE (submission_id = %(original)s OR repairs = %(original)s) AND state = 'partly_accepted'
            AND NOT EXISTS (
                SELECT FROM intake.set_aside_row AS returned
                WHERE returned.submission_id = sent.submission_id AND returned.repaired_by IS NULL
            )
        """,
        {"original": original.submission_id},
    )


def _lines_mended(judgement: Judgement, part: TablePart) -> dict[int, int]:
    """The rows of a repair that are good: line → the line that it has in the file that was sent first."""
    good = set(part.interpreted.row_numbers.tolist()) - judgement.set_aside_lines(part)
    told = (
        (row_number, next((text for header, text in cells if header == LINE), None))
        for row_number, cells in judgement.raw(part, good).items()
    )
    return {row_number: int(text) for row_number, text in told if text is not None and text.isdecimal()}


def _mark_stale(connection: psycopg.Connection, part: _Part, day: date, serial: int) -> None:
    """A snapshot makes D … D+3 stale, a ledger D until its successor, an increment the business dates it touches."""
    table = part.table
    given: dict[str, Any] = {
        "table": table.name,
        "unit": part.unit,
        "day": day,
        "serial": serial,
        "days": sorted(part.days),
        "part": part.part_id,
        "replaced": part.replaces,
    }
    if table.mode == "snapshot":
        days = sql.SQL(
            "SELECT day::date AS day FROM generate_series(%(day)s::date, %(day)s::date + {}, INTERVAL '1 day') AS day"
        ).format(CARRY_DAYS)
    elif table.mode == "ledger":
        days = sql.SQL(
            """
            SELECT day::date AS day FROM generate_series(
                %(day)s::date,
                COALESCE(
                    (SELECT MIN(report_date) - 1 FROM intake.part
                     WHERE table_name = %(table)s AND unit = %(unit)s AND report_date > %(day)s
                         AND superseded_at IS NULL AND kind = 'data'),
                    (SELECT MAX(report_date) FROM intake.part)
                ),
                INTERVAL '1 day'
            ) AS day
            """
        )
    elif table.business_date:
        report, business = sql.Identifier("report", table.name), sql.Identifier(table.business_date)
        days = sql.SQL(
            "SELECT unnest(%(days)s::date[]) AS day UNION SELECT DISTINCT {} FROM {} WHERE part_id = ANY(%(replaced)s)"
        ).format(business, report)
        if table.first_of:
            days = sql.SQL(
                """
                {} UNION SELECT DISTINCT other.{business} FROM {report} AS other
                WHERE other.{member} IN (SELECT {member} FROM {report} WHERE part_id = %(part)s OR part_id = ANY(%(replaced)s))
                """
            ).format(days, business=business, report=report, member=sql.Identifier(table.first_of))
    else:
        days = sql.SQL("SELECT %(day)s::date AS day")
    connection.execute(
        sql.SQL(
            """
            INSERT INTO intake.stale_day (table_name, day, settled_serial)
            SELECT %(table)s, day, %(serial)s FROM ({}) AS days WHERE day IS NOT NULL
            ON CONFLICT (table_name, day) DO UPDATE SET settled_serial = excluded.settled_serial
            """
        ).format(days),
        given,
    )


def _settle_rejected(connection: psycopg.Connection, submission: Submission, judgement: Judgement) -> Outcome:
    judgement.complete()
    with connection.transaction():
        moment, _ = _lock(connection, submission)
        n_data = judgement.n_data
        return _write_submission(connection, submission, judgement, "rejected", moment, 0, n_data, judgement.rows_read - n_data)


def _settle_duplicate(connection: psycopg.Connection, submission: Submission, judgement: Judgement) -> Outcome:
    """Nothing of a duplicate is loaded; its data lines are held already, so they are not data here."""
    judgement.complete()
    moment, _ = _lock(connection, submission)
    judgement.faults.findings.clear()
    judgement.faults.rows.clear()
    return _write_submission(connection, submission, judgement, "duplicate", moment, 0, 0, judgement.rows_read)


def _write_submission(
    connection: psycopg.Connection,
    submission: Submission,
    judgement: Judgement,
    state: str,
    moment: datetime,
    accepted: int,
    set_aside: int,
    not_data: int,
) -> Outcome:
    contract, day = judgement.contract, judgement.report_date
    due = due_at(contract.due, day, load_calendar(connection)) if contract is not None and day is not None else None
    number = submission.submission_id
    written = connection.execute(
        """
        UPDATE intake.submission
        SET report = %s, report_date = %s, state = %s, contract_version = %s, settled_at = %s, due_at = %s,
            rows_read = %s, rows_accepted = %s, rows_set_aside = %s, rows_not_data = %s, tables = %s
        WHERE submission_id = %s AND state = 'received'
        """,
        (
            contract.id if contract else None,
            day,
            state,
            contract.version if contract else None,
            moment,
            due,
            accepted + set_aside + not_data,
            accepted,
            set_aside,
            not_data,
            Jsonb(judgement.tables()),
            number,
        ),
    )
    if written.rowcount != 1:
        raise LookupError(
            f"Submission {number} waits no longer: it was settled by another run meanwhile; nothing was loaded twice."
        )
    _copy_rows(
        connection,
        "COPY intake.finding (submission_id, sheet, row_number, cell, column_name, code, severity, value, message_zh, message_en, n_same)"
        " FROM STDIN",
        (
            (
                number,
                _clean(item.sheet),
                item.row_number,
                item.cell,
                item.column_name,
                item.code,
                item.severity.value,
                _shown(item.value, item, judgement),
                _shown(item.message_zh, item, judgement),
                _shown(item.message_en, item, judgement),
                item.n_same,
            )
            for item in judgement.faults.all_findings()
        ),
    )
    if state not in {"duplicate", "rejected"}:
        _copy_shadow(connection, number, judgement)
    if state in {"partly_accepted", "rejected"} and judgement.faults.rows and not judgement.is_quarantined:
        _copy_rows(
            connection,
            "COPY intake.set_aside_row (submission_id, table_name, sheet, row_number, cells, reasons) FROM STDIN",
            (
                (
                    number,
                    part.table.name,
                    _clean(part.interpreted.sheet),
                    line,
                    _clean(json.dumps(_masked(part, cells), ensure_ascii=False)),
                    _clean(json.dumps(judgement.faults.reasons(part.interpreted.sheet, line), ensure_ascii=False)),
                )
                for part, line, cells in judgement.raw_set_aside()
            ),
        )
    return Outcome(
        submission_id=number,
        department=submission.department,
        file_name=submission.file_name,
        report=contract.id if contract else None,
        report_date=day,
        state=state,
        rows_read=accepted + set_aside + not_data,
        rows_accepted=accepted,
        rows_set_aside=set_aside,
        rows_not_data=not_data,
    )


def _copy_shadow(connection: psycopg.Connection, number: int, judgement: Judgement) -> None:
    """What the rules in shadow found, where no receipt looks."""
    codes = {table.name: code_columns(table) for table in judgement.contract.tables} if judgement.contract else {}

    def examples(key: ShadowKey, found: Sequence[Example]) -> str:
        is_code = key.column in codes[key.table]
        masked = [
            one._replace(value=None if one.value is None else mask(one.value[:LONGEST_SHOWN], is_code=is_code)) for one in found
        ]
        return json.dumps([one._asdict() for one in masked], ensure_ascii=False)

    _copy_rows(
        connection,
        "COPY intake.shadow_finding (submission_id, table_name, column_name, code, severity, n, n_alone, examples, fault) FROM STDIN",
        (
            (number, *key, count.severity.value, count.n, count.n_alone, _clean(examples(key, count.examples)), count.fault)
            for key, count in judgement.faults.shadow.counts.items()
        ),
    )


def _shown(text: str | None, item: Finding, judgement: Judgement) -> str | None:
    """A text of a finding without personal data; numbers of keys and accounts are not taken for phones and cards."""
    if text is None:
        return None
    tables = judgement.contract.tables if judgement.contract else ()
    is_code = any(item.column_name in code_columns(table) for table in tables)
    return _clean(mask(text, is_code=is_code))


def _masked(part: TablePart, cells: Sequence[Sequence[str | None]]) -> list[list[str | None]]:
    """Cells as typed without personal data."""
    names = {part.interpreted.header.sent[at]: column.name for at, column in part.interpreted.header.columns.items()}
    codes = code_columns(part.table)
    return [[header, None if text is None else mask(text, is_code=names.get(header or "") in codes)] for header, text in cells]


def _clean(text: str | None) -> str | None:
    """Text without NUL, which PostgreSQL cannot hold."""
    return None if text is None else text.replace("\x00", "�").replace("\\u0000", "�")


def _copy_rows(connection: psycopg.Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor().copy(cast(LiteralString, statement)) as copy:
        for row in rows:
            copy.write_row(row)
