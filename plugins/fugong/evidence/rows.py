"""The canonical text of loaded rows, and its digests: per part a Merkle tree over blocks of lines.

The text is what COPY sends: one line a row, part, sheet and line number first, texts in quotes, decimals with the scale they had when
they were loaded. A block holds the rows of a sheet whose line numbers have the same quotient by `BLOCK_LINES`. The text can be computed
from `report.<table>` at any time, also after columns were added, renamed or widened: a seal keeps names and kinds of its columns.
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from fugong.evidence import merkle

if TYPE_CHECKING:
    import numpy as np

BLOCK_LINES = 512
TEXT, INTEGER, DATE, BOOLEAN, NUMBER = "text", "integer", "date", "boolean", "numeric"
"""Kinds of columns; `numeric` is followed by its scale."""


@dataclass(frozen=True)
class Block:
    """A block of a part.

    Attributes:
        sheet: the sheet of its rows.
        number: the quotient of their line numbers.
        digest: the leaf of the tree.
    """

    sheet: str
    number: int
    digest: bytes

    @property
    def lines(self) -> tuple[int, int]:
        """First and last line that belong to the block."""
        return self.number * BLOCK_LINES, (self.number + 1) * BLOCK_LINES - 1


@dataclass(frozen=True)
class Seal:
    """The digests of the rows of one part.

    Attributes:
        columns: `name:kind` of each, without the three of the origin.
    """

    columns: tuple[str, ...]
    blocks: tuple[Block, ...]
    algorithm: str

    @property
    def root(self) -> bytes:
        """The root of the part; of a part without rows the digest of nothing."""
        return merkle.root([block.digest for block in self.blocks], self.algorithm)


@dataclass
class PartDigest:
    """Digests the rows of a part while they are copied.

    Attributes:
        is_whole: False where the table holds other rows than were added, or in another order; it is read back then.
    """

    algorithm: str
    columns: tuple[str, ...]
    is_whole: bool = True
    _open: dict[tuple[str, int], hashlib._Hash] = field(default_factory=dict)  # pyright: ignore[reportPrivateUsage]
    _last: dict[str, int] = field(default_factory=dict)

    def add(self, sheet: str, lines: np.ndarray, text: memoryview) -> None:
        """Add rows of one block, in the order of their lines."""
        if int(lines[0]) <= self._last.get(sheet, -1) or bool((lines[1:] <= lines[:-1]).any()):
            self.is_whole = False
        self._last[sheet] = int(lines[-1])
        at = (sheet, int(lines[0]) // BLOCK_LINES)
        if at not in self._open:
            self._open[at] = hashlib.new(self.algorithm, b"\x00")
        self._open[at].update(text)

    def seal(self) -> Seal:
        """The seal of all rows added."""
        places = sorted(self._open, key=lambda at: (at[0].encode(), at[1]))
        return Seal(self.columns, tuple(Block(*at, self._open[at].digest()) for at in places), self.algorithm)


@dataclass(frozen=True)
class BlockText:
    """The canonical text of a block, computed from the table."""

    part_id: int
    sheet: str
    number: int
    text: str
    n_rows: int


def read_blocks(
    connection: psycopg.Connection,
    table: str,
    columns: Sequence[str],
    part_ids: Sequence[int],
    renamed: Mapping[str, str],
    *,
    only: Sequence[tuple[str, int]] | None = None,
) -> Iterator[BlockText]:
    """Compute the canonical text of parts with these columns, block by block in the order of the tree.

    Args:
        renamed: names of columns at settlement → names now.
        only: sheets and numbers of the blocks that are wanted; None for all.
    """
    there, may_hold_empty = _columns_now(connection, table)
    cells = [_origin("part_id"), _quoted("sheet"), _origin("row_number")]
    for column in columns:
        name, _, kind = column.rpartition(":")
        now = renamed.get(name, name)
        if now not in there:
            raise LookupError(f"report.{table}.{now}")
        cells.append(_cell(now, kind, there[now]))
    known = {renamed.get(name, name) for name in (column.rpartition(":")[0] for column in columns)}
    unsaid = [
        sql.SQL("{}::text IS DISTINCT FROM ''" if name in may_hold_empty else "{} IS NOT NULL").format(sql.Identifier(name))
        for name in there
        if name not in known and name not in {"part_id", "sheet", "row_number"}
    ]
    line = sql.SQL(" || ',' || ").join(cells)
    if unsaid:
        line += sql.SQL(" || CASE WHEN {} THEN '!' ELSE '' END").format(sql.SQL(" OR ").join(unsaid))
    wanted = sql.SQL("")
    given: list[object] = [list(part_ids)]
    if only is not None:
        wanted = sql.SQL("AND (sheet, row_number / {}) IN (SELECT * FROM unnest(%s::text[], %s::bigint[]))").format(
            sql.Literal(BLOCK_LINES)
        )
        given += [[sheet for sheet, _ in only], [number for _, number in only]]
    query = sql.SQL(
        """
        SELECT part_id, sheet, row_number / {size}, string_agg({line} || E'\\n', '' ORDER BY row_number, ctid), COUNT(*)
        FROM {table} WHERE part_id = ANY(%s) {wanted}
        GROUP BY part_id, sheet, row_number / {size} ORDER BY part_id, sheet COLLATE "C", 3
        """
    ).format(size=sql.Literal(BLOCK_LINES), line=line, table=sql.Identifier("report", table), wanted=wanted)
    with connection.cursor() as cursor:
        for row in cursor.execute(query, given):
            yield BlockText(*row)


def _columns_now(connection: psycopg.Connection, table: str) -> tuple[dict[str, str], set[str]]:
    """The columns of a report table with their types, and those that hold the empty text in rows that were there before them."""
    rows = connection.execute(
        """
        SELECT
            attname, format_type(atttypid, atttypmod),
            attnotnull OR EXISTS (
                SELECT FROM audit.schema_change
                WHERE relation = %(relation)s AND column_name = attname AND change = 'loosened'
            )
        FROM pg_attribute WHERE attrelid = to_regclass(%(relation)s) AND attnum > 0 AND NOT attisdropped
        """,
        {"relation": f"report.{table}"},
    ).fetchall()
    return {name: kind for name, kind, _ in rows}, {name for name, _, may_hold_empty in rows if may_hold_empty}


def digest_of(block: BlockText, algorithm: str) -> Block:
    """The leaf of a block's text."""
    return Block(block.sheet, block.number, hashlib.new(algorithm, b"\x00" + block.text.encode()).digest())


def read_seal(
    connection: psycopg.Connection,
    table: str,
    columns: Sequence[str],
    part_id: int,
    algorithm: str,
    renamed: Mapping[str, str] | None = None,
) -> Seal:
    """The seal of a part, computed from its table."""
    blocks = read_blocks(connection, table, columns, [part_id], renamed or {})
    return Seal(tuple(columns), tuple(digest_of(block, algorithm) for block in blocks), algorithm)


def renames(connection: psycopg.Connection) -> Mapping[str, list[tuple[datetime, str, str]]]:
    """Report table → moment, name before and name after of each renaming, in order."""
    out: dict[str, list[tuple[datetime, str, str]]] = {}
    for table, moment, before, after in connection.execute(
        """
        SELECT substr(relation, 8), changed_at, value_before, value_after FROM audit.schema_change
        WHERE change = 'renamed' AND starts_with(relation, 'report.') ORDER BY change_id
        """
    ):
        out.setdefault(table, []).append((moment, before, after))
    return out


def names_now(columns: Sequence[str], changes: Sequence[tuple[datetime, str, str]], since: datetime) -> dict[str, str]:
    """Names of columns at a moment → their names now."""
    out: dict[str, str] = {}
    for column in columns:
        first = name = column.rpartition(":")[0]
        for moment, before, after in changes:
            if moment > since and name == before:
                name = after
        out[first] = name
    return out


def columns_of(connection: psycopg.Connection, table: str) -> tuple[str, ...]:
    """The columns of a report table as a seal names them, with the types that they have now."""
    rows = connection.execute(
        """
        SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('part_id', 'sheet', 'row_number')
        ORDER BY attnum
        """,
        (f"report.{table}",),
    ).fetchall()
    return tuple(f"{name}:{_kind(kind)}" for name, kind in rows)


def _kind(kind: str) -> str:
    if kind.startswith("numeric("):
        return f"{NUMBER}{kind.rstrip(')').partition(',')[2] or 0}"
    return {"text": TEXT, "integer": INTEGER, "bigint": INTEGER, "date": DATE, "boolean": BOOLEAN}[kind]


def _origin(name: str) -> sql.Composed:
    return sql.SQL("{}::text").format(sql.Identifier(name))


def _quoted(name: str) -> sql.Composed:
    return sql.SQL("""COALESCE('"' || replace({}, '"', '""') || '"', '')""").format(sql.Identifier(name))


def _cell(name: str, kind: str, now: str) -> sql.Composed:
    """The text of a cell, from the column as it is now; a value that cannot have been loaded gets another text."""
    column = sql.Identifier(name)
    if kind == TEXT:
        return _quoted(name)
    if not kind.startswith(NUMBER):
        return sql.SQL("COALESCE({}::text, '')").format(column)
    scale = sql.Literal(int(kind.removeprefix(NUMBER)))
    if now == "text":  # of a number that was widened first there are more zeros
        return sql.SQL(
            """
            COALESCE(CASE WHEN {c} ~ '^-?[0-9]+([.][0-9]+)?$' THEN
                CASE WHEN {c} ~ ('^' || replace(round({c}::numeric, {s})::text, '.', '[.]') || '[.]?0*$')
                    THEN round({c}::numeric, {s})::text ELSE {c} END
            ELSE {c} END, '')
            """
        ).format(c=column, s=scale)
    return sql.SQL("COALESCE(CASE WHEN {c} = round({c}, {s}) THEN round({c}, {s}) ELSE {c} END::text, '')").format(
        c=column, s=scale
    )
