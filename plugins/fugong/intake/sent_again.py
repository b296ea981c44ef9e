"""Finds returned rows of earlier files that a later file loads: mended in the sender's own sheet, or sent with the next day's file."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import psycopg
import pyarrow as pa
from psycopg import sql

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Table
from fugong.core.vocabulary import Mode
from fugong.intake.evaluate import Evaluation
from fugong.intake.types import PartToLoad, Submission
from fugong.parsing.cells import type_column
from fugong.parsing.dates import Origin
from fugong.parsing.duplicate_keys import key_texts
from fugong.parsing.header_text import fold_header, readings


class _Returned(NamedTuple):
    """A row that waits to be mended.

    Attributes:
        cells: header as sent → text as typed.
        misspelt: misspelt header → the contract's, as the file was read.
    """

    submission_id: int
    sheet: str
    row_number: int
    cells: Mapping[str, str | None]
    misspelt: Mapping[str, str]


def mark_sent_again(
    connection: psycopg.Connection, submission: Submission, evaluation: Evaluation, parts: Sequence[PartToLoad]
) -> set[int]:
    """Mark the returned rows of the department's earlier files that are loaded now: nothing is left to be mended there.

    A row is the same if its key is, once it is typed as the contract says, or if it stands in the same line of the sheet that came back
    with a receipt. The earlier file counts as accepted once no returned row of it is left.

    Returns:
        the submissions with such rows.
    """
    marked: set[int] = set()
    for table in {part.table.name: part.table for part in parts}.values():
        if table.mode != Mode.INCREMENT:
            continue  # the row of another day is another row
        waiting = _waiting(connection, submission, table)
        if not waiting:
            continue
        ids = [part.part_id for part in parts if part.table.name == table.name]
        code_lists = next((part.code_lists for part in evaluation.parts if part.table.name == table.name), {})
        loaded = _loaded_by_key(connection, table, ids, waiting, code_lists, evaluation.report_date)
        loaded |= _loaded_by_line(connection, table, ids, waiting, evaluation.revises)
        if loaded:
            _mark(connection, submission, table, [waiting[at] for at in sorted(loaded)])
            marked |= {waiting[at].submission_id for at in loaded}
    return marked


def _waiting(connection: psycopg.Connection, submission: Submission, table: Table) -> list[_Returned]:
    rows = connection.execute(
        """
        SELECT returned.submission_id, returned.sheet, returned.row_number, returned.cells, earlier.tables
        FROM intake.set_aside_row AS returned
        INNER JOIN intake.submission AS earlier ON returned.submission_id = earlier.submission_id
        WHERE earlier.department_code = %s AND earlier.submission_id < %s AND earlier.state = 'partly_accepted'
            AND returned.table_name = %s AND returned.repaired_by IS NULL AND returned.cells IS NOT NULL
        """,
        (submission.department, submission.submission_id, table.name),
    )
    return [
        _Returned(
            number, sheet, line, {header: text for header, text in reversed(cells) if header}, _misspelt(tables, table.name)
        )
        for number, sheet, line, cells, tables in rows
    ]


def _misspelt(tables: Sequence[Mapping[str, Any]] | None, name: str) -> dict[str, str]:
    return {
        sent: meant["column"]
        for one in tables or ()
        if one.get("table") == name
        for sent, meant in one.get("near_misses", {}).items()
    }


def _loaded_by_key(
    connection: psycopg.Connection,
    table: Table,
    part_ids: Sequence[int],
    waiting: Sequence[_Returned],
    code_lists: Mapping[str, CodeList],
    report_date: date | None,
) -> set[int]:
    """The places in `waiting` of rows whose key one of the parts has. Keys that differ in capitals only are one."""
    columns: list[pa.Array] = []
    names = {fold_header(header): name for name in table.key for header in table.by_name[name].headers}
    of_row = [_key_cells(row, names) for row in waiting]
    for name in table.key:
        column = table.by_name[name]
        typed = type_column(
            column,
            pa.array([cells.get(name) for cells in of_row], pa.string()),
            None,
            code_lists[column.code_list] if column.code_list else None,
            Origin(report_date),
            is_reference=name in table.own_numbers,
        )
        columns.append(typed.values)
    keys = key_texts(pa.record_batch(columns, names=list(table.key)), table)
    known = [at for at, key in enumerate(keys.to_pylist()) if key is not None]
    texts = {
        f"key_{n}": column.cast(pa.string()).take(pa.array(known, pa.int64())).to_pylist() for n, column in enumerate(columns)
    }
    statement = sql.SQL(
        """
        SELECT DISTINCT given.at
        FROM unnest(%(known)s::bigint[], {arrays}) AS given (at, {texts})
        INNER JOIN {table} AS line ON {same}
        WHERE line.part_id = ANY(%(parts)s)
        """
    ).format(
        arrays=sql.SQL(", ").join(sql.SQL("{}::text[]").format(sql.Placeholder(text)) for text in texts),
        texts=sql.SQL(", ").join(map(sql.Identifier, texts)),
        table=sql.Identifier("report", table.name),
        same=sql.SQL(" AND ").join(
            sql.SQL("upper(line.{}::text) = upper(given.{})").format(sql.Identifier(name), sql.Identifier(text))
            for name, text in zip(table.key, texts, strict=True)
        ),
    )
    return {at for (at,) in connection.execute(statement, {"known": known, "parts": list(part_ids), **texts})}


def _key_cells(row: _Returned, names: Mapping[str, str]) -> dict[str, str | None]:
    """The cells of a row's key: column → text as typed."""
    out: dict[str, str | None] = {}
    for header, text in row.cells.items():
        meant = row.misspelt.get(header, header)
        if found := next((names[one.name] for one in readings(meant) if one.name in names), None):
            out.setdefault(found, text)
    return out


def _loaded_by_line(
    connection: psycopg.Connection, table: Table, part_ids: Sequence[int], waiting: Sequence[_Returned], revises: int | None
) -> set[int]:
    """The places in `waiting` of rows in whose line a row is loaded now, where the file is the sender's own sheet, changed.

    If a clerk has inserted lines, a row that was not mended goes back with this file, so nothing is lost from sight.
    """
    of_line = {row.row_number: at for at, row in enumerate(waiting) if row.submission_id == revises}
    if not of_line:
        return set()
    rows = connection.execute(
        sql.SQL("SELECT row_number, sheet FROM {} WHERE part_id = ANY(%s) AND row_number = ANY(%s)").format(
            sql.Identifier("report", table.name)
        ),
        (list(part_ids), list(of_line)),
    ).fetchall()
    is_one_sheet = len({sheet for _, sheet in rows}) == 1
    return {of_line[line] for line, _ in rows} if is_one_sheet else set()


def _mark(connection: psycopg.Connection, submission: Submission, table: Table, rows: Sequence[_Returned]) -> None:
    connection.execute(
        """
        UPDATE intake.set_aside_row AS returned SET repaired_by = %s
        FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS loaded (submission_id, sheet, row_number)
        WHERE returned.submission_id = loaded.submission_id AND returned.table_name = %s
            AND returned.sheet = loaded.sheet AND returned.row_number = loaded.row_number
        """,
        (
            submission.submission_id,
            [row.submission_id for row in rows],
            [row.sheet for row in rows],
            [row.row_number for row in rows],
            table.name,
        ),
    )
    connection.execute(
        """
        UPDATE intake.submission AS sent SET state = 'accepted'
        WHERE submission_id = ANY(%s) AND state = 'partly_accepted'
            AND NOT EXISTS (
                SELECT FROM intake.set_aside_row AS returned
                WHERE returned.submission_id = sent.submission_id AND returned.repaired_by IS NULL
            )
        """,
        (sorted({row.submission_id for row in rows}),),
    )
