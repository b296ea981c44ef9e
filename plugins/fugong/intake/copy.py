"""Bulk-loads accepted rows with COPY while the next block is validated. Rows become visible only at commit.

`copy_parts` pulls `validation.run.accepted_blocks`, which records findings while COPY runs in a thread. The findings of the evaluation
are therefore complete only when `copy_parts` has returned.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from fugong.contracts.contract import Table
from fugong.core.cell_address import cell_address
from fugong.evidence.copied import PartDigests, write_csv
from fugong.evidence.log import algorithm_of
from fugong.findings.catalogue import finding
from fugong.findings.collector import FindingCollector
from fugong.intake.types import PartToLoad, Submission
from fugong.validation.frame import FileDays
from fugong.validation.localisation.evidence import Key
from fugong.validation.run import TablePart, accepted_blocks, refuse_common_keys_of_one_pass

MAX_BLOCKS_AHEAD = 1
"""Blocks that are validated ahead of the COPY: bounds memory while both cores work."""
N_DAYS_BEFORE = 45
"""How old the report before may be whose values are evidence: those of a monthly report still are."""
NEXT_PART_ID = sql.SQL("SELECT nextval(pg_get_serial_sequence('intake.part', 'part_id'))")


def copy_parts(
    connection: psycopg.Connection,
    submission: Submission,
    parts: Sequence[TablePart],
    days: FileDays,
    findings: FindingCollector,
) -> list[PartToLoad]:
    """Validate every table and copy the rows that pass; one block is validated while another is copied.

    Args:
        findings: receives what validation finds.

    Raises:
        TooManyFaults, NotInOnePass: validation stops the COPY (see `accepted_blocks`); the caller rolls back.
    """
    by_table: dict[str, dict[str, PartToLoad]] = {}
    digests = PartDigests(algorithm_of(connection))
    for part in parts:
        table = part.table
        units = by_table.setdefault(table.name, {})
        names = ["part_id", "sheet", "row_number", *(column.name for column in table.columns)]
        statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv)").format(
            sql.Identifier("report", table.name), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        copier = _Copier(connection, statement)
        blocks = accepted_blocks(part, days, findings, partial(_rows_before, copier, submission, table, days))
        if (fallback := table.fallback) is not None:
            blocks = _with_fallback(copier, part, fallback["column"], fallback["by"], blocks, findings)
        try:
            for block in blocks:
                # Written in this thread: in the other one the server would wait for it.
                copier.send(write_csv(_addressed(copier, submission, part, block, units), digests))
        finally:
            copier.close()
        copier.check()
        if not units:
            _unit(copier, part, submission.department, units)
    for name, units in by_table.items():
        sheets = [part for part in parts if part.table.name == name]
        refuse_common_keys_of_one_pass(sheets)
        _count(sheets, units, submission)
        for one in units.values():
            one.columns_present = _columns_present(sheets)
            one.digest = digests.of_part.get(one.part_id)
    return [one for units in by_table.values() for one in units.values()]


class _Copier:
    """Copies one block at a time in a thread; `check` raises in the caller's thread what went wrong there.

    Both threads share the connection: `execute` waits until no block is being copied.
    """

    def __init__(self, connection: psycopg.Connection, statement: sql.Composed) -> None:
        self._connection = connection
        self._statement = statement
        self._free = threading.Lock()
        self._blocks: queue.Queue[memoryview | None] = queue.Queue(MAX_BLOCKS_AHEAD)
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

    def send(self, text: memoryview) -> None:
        self.check()
        self._blocks.put(text)

    def close(self) -> None:
        self._blocks.put(None)
        self._thread.join()

    def check(self) -> None:
        if self._error is not None:
            raise self._error


def _unit(copier: _Copier, part: TablePart, unit: str, units: dict[str, PartToLoad]) -> PartToLoad:
    """The part to load of a unit; made when its first row is copied."""
    if unit not in units:
        number = int(copier.execute(NEXT_PART_ID)[0][0])
        units[unit] = PartToLoad(number, part.table, part.interpreted.sheet, unit)
    return units[unit]


def _addressed(
    copier: _Copier, submission: Submission, part: TablePart, block: pa.RecordBatch, units: dict[str, PartToLoad]
) -> pa.RecordBatch:
    """A block with part id and sheet as first columns, as the report table has them; counts its rows to the parts."""
    n = block.num_rows
    business = part.table.business_date
    if part.table.unit_column is None:
        one = _unit(copier, part, submission.department, units)
        one.accepted += n
        if business:
            one.days.update(pc.unique(block.column(business)).drop_null().to_pylist())
        ids = pa.repeat(pa.scalar(one.part_id, pa.int64()), n)
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
    sheet = pa.repeat(pa.scalar(part.interpreted.sheet, pa.string()), n)
    return pa.RecordBatch.from_arrays([ids, sheet, *block.columns], names=["part_id", "sheet", *block.schema.names])


def _with_fallback(
    copier: _Copier,
    part: TablePart,
    name: str,
    by: str,
    blocks: Iterable[pa.RecordBatch],
    findings: FindingCollector,
) -> Iterator[pa.RecordBatch]:
    """Fill an empty cell with the value of the same account in earlier effective rows, and record it.

    Args:
        name: the column to fill.
        by: the column that names the account.
    """
    table = part.table
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
                findings.add(
                    finding(
                        "uscc-from-account" if found else "uscc-unknown",
                        sheet=part.interpreted.sheet,
                        row_number=lines[position],
                        cell=cell_address(part.interpreted.header_at(lines[position]).index.get(name), lines[position]),
                        column_name=name,
                        header=table.by_name[name].header,
                        value=found,
                    )
                )
        yield block.set_column(block.schema.get_field_index(name), name, pa.array(values, pa.string()))


def _rows_before(
    copier: _Copier, submission: Submission, table: Table, days: FileDays, keys: Sequence[Key]
) -> dict[Key, Mapping[str, float]]:
    """A `RowsBefore`: the numbers and days of the same rows in the sender's newest report before, of the last `N_DAYS_BEFORE` days."""
    known = [column for column in table.columns if column.logical_type in ("number", "integer", "date") and not column.shadow]
    known = [column for column in known if column.name not in table.key]
    if not keys or not known:
        return {}
    values = [
        sql.SQL("{} - DATE '1970-01-01'" if column.logical_type == "date" else "{}").format(sql.Identifier(column.name))
        for column in known
    ]
    texts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in table.key)
    found = copier.execute(
        sql.SQL(
            """
            SELECT DISTINCT ON ({texts}) {texts}, {values} FROM asof.{table}
            WHERE {first} = ANY(%s) AND department_code = %s AND report_date < %s AND report_date >= %s
            ORDER BY {texts}, report_date DESC, part_id DESC
            """
        ).format(
            texts=texts,
            values=sql.SQL(", ").join(values),
            table=sql.Identifier(table.name),
            first=sql.SQL("{}" if table.by_name[table.key[0]].logical_type == "string" else "{}::text").format(
                sql.Identifier(table.key[0])
            ),
        ),
        (
            [key[0] for key in keys],
            submission.department,
            days.report_date,
            days.report_date - timedelta(days=N_DAYS_BEFORE),
        ),
    )
    n = len(table.key)
    out = {
        tuple(row[:n]): {column.name: float(value) for column, value in zip(known, row[n:], strict=True) if value is not None}
        for row in found
    }
    return {key: out[key] for key in keys if key in out}


def _columns_present(sheets: Sequence[TablePart]) -> tuple[str, ...]:
    """The columns that a sheet of the table has, or whose values its name gives."""
    headers = [header for sheet in sheets for header in sheet.headers]
    named = [name for sheet in sheets for name in sheet.place.given]
    return tuple(dict.fromkeys([*(column.name for header in headers for column in header.columns.values()), *named]))


def _count(sheets: Sequence[TablePart], units: Mapping[str, PartToLoad], submission: Submission) -> None:
    """Count the lines that were not loaded to the part of the sender, or else to the first part: their unit may be unknown."""
    first = units.get(submission.department) or next(iter(units.values()))
    n_data = sum(sheet.interpreted.n_data for sheet in sheets)
    first.set_aside += n_data - sum(one.accepted for one in units.values())
    first.not_data += sum(sheet.interpreted.rows_read for sheet in sheets) - n_data
