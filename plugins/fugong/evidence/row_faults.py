"""Holds the rows of reports against the seals of their parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby

import psycopg
from psycopg import sql

from fugong.evidence import merkle
from fugong.evidence.claims import Claims, Rows
from fugong.evidence.fault import Fault
from fugong.evidence.rows import Block, digest_of, names_now, read_blocks, renames

ROWS_AT_ONCE = 50_000
"""Rows of parts that are read by one statement: bounds memory."""


@dataclass
class RowFaults:
    """What comparing rows found."""

    faults: list[Fault] = field(default_factory=list[Fault])
    n_rows: int = 0
    n_blocks: int = 0
    is_whole: bool = True


def row_faults(
    connection: psycopg.Connection, claims: Claims, max_rows: int | None, tell: Callable[[str, int, int], None]
) -> RowFaults:
    """Compare the rows of parts with what was said of them.

    Args:
        max_rows: stop choosing parts beyond so many rows; None for all.
    """
    out = RowFaults()
    kept, roots = _kept(connection)
    for part_id in sorted(roots.keys() ^ claims.rows.keys()):
        out.faults.append(
            Fault("rows", str(part_id), f"部分 {part_id} 的块摘要被增删", f"digests of part {part_id} were added or deleted")
        )
    out.faults += _strange_rows(connection, claims)
    chosen = _chosen(connection, claims, max_rows)
    out.is_whole = len(chosen) == len(claims.rows)
    n_all, changes = sum(rows.n for said in chosen.values() for rows in said), renames(connection)
    by_shape: dict[tuple[str, tuple[str, ...], tuple[tuple[str, str], ...], str], list[tuple[int, Rows]]] = defaultdict(list)
    for part_id, said in chosen.items():
        for rows in said:
            now = names_now(rows.columns, changes.get(rows.table, ()), rows.recorded_at)
            by_shape[rows.table, rows.columns, tuple(now.items()), rows.algorithm].append((part_id, rows))
    for (table, columns, now, algorithm), parts in by_shape.items():
        for some in _in_pieces(parts):
            try:
                blocks = list(read_blocks(connection, table, columns, [part_id for part_id, _ in some], dict(now)))
            except LookupError as error:
                out.faults.append(Fault("rows", table, f"缺列 {error.args[0]}", f"the column {error.args[0]} is missing"))
                continue
            found: dict[int, list[Block]] = {}
            counts: dict[int, int] = defaultdict(int)
            for part_id, those in groupby(blocks, key=lambda block: block.part_id):
                mine = list(those)
                found[part_id] = [digest_of(block, algorithm) for block in mine]
                counts[part_id] = sum(block.n_rows for block in mine)
            for part_id, rows in some:
                of_part = kept[part_id] if roots.get(part_id) == rows.root else None
                out.faults += _compare(part_id, rows, of_part, found.get(part_id, []), counts[part_id])
                out.n_blocks += 1
            out.n_rows += sum(counts.values())
            tell("rows", min(out.n_rows, n_all), n_all)
    return out


def _kept(connection: psycopg.Connection) -> tuple[dict[int, tuple[Block, ...] | None], dict[int, bytes]]:
    """The digests of the blocks of every part, None where they fit no part; and the roots."""
    blocks: dict[int, tuple[Block, ...] | None] = {}
    roots: dict[int, bytes] = {}
    for part_id, root, *row in connection.execute(
        "SELECT part_id, root, sheets, blocks, digests FROM audit.sealed_part"
    ).fetchall():
        roots[part_id] = bytes(root)
        is_even = len({len(one) for one in row}) == 1
        blocks[part_id] = (
            tuple(Block(sheet, number, bytes(leaf or b"")) for sheet, number, leaf in zip(*row, strict=True)) if is_even else None
        )
    return blocks, roots


def _compare(part_id: int, rows: Rows, kept: tuple[Block, ...] | None, found: list[Block], n_found: int) -> Iterator[Fault]:
    """Compare the rows of one part with its seal."""
    is_kept = kept is not None and merkle.root([block.digest for block in kept], rows.algorithm) == rows.root
    if not is_kept:
        yield Fault("rows", str(part_id), f"部分 {part_id} 的块摘要被改动", f"the digests of part {part_id} were changed")
    if merkle.root([block.digest for block in found], rows.algorithm) == rows.root:
        if is_kept and found != [*(kept or ())]:
            yield Fault("rows", str(part_id), f"部分 {part_id} 的块摘要被改动", f"the digests of part {part_id} were changed")
        if n_found != rows.n:
            yield Fault("rows", str(part_id), f"部分 {part_id} 的行数被改动", f"part {part_id} counts other rows than it has")
        return
    where = f"report.{rows.table}"
    counted = "" if n_found == rows.n else f"(原有 {rows.n} 行,现有 {n_found} 行)"
    counted_en = "" if n_found == rows.n else f" ({rows.n} rows before, {n_found} now)"
    known, now = ({(block.sheet, block.number): block for block in blocks} for blocks in (kept or (), found))
    places = [at for at in {**known, **now} if known.get(at) != now.get(at)] if is_kept else []
    if not places:
        yield Fault(
            "rows",
            str(part_id),
            f"{where} 部分 {part_id} 的行被改动{counted}",
            f"{where}: rows of part {part_id} were changed{counted_en}",
        )
    for sheet, number in places:
        first, last = Block(sheet, number, b"").lines
        named = f"“{sheet}”" if sheet else ""
        yield Fault(
            "rows",
            f"{part_id} {sheet} {max(first, 1)}-{last}",
            f"{where} 部分 {part_id} {named}第 {max(first, 1)}–{last} 行之间被改动{counted}",
            f"{where}: between lines {max(first, 1)} and {last} of part {part_id}{f' ({sheet})' if sheet else ''} rows were changed{counted_en}",
        )


def _strange_rows(connection: psycopg.Connection, claims: Claims) -> Iterator[Fault]:
    """Rows of parts that the log does not know."""
    tables = connection.execute(
        """
        SELECT relname FROM pg_class INNER JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = 'report'::regnamespace AND relkind IN ('r', 'p') AND attname = 'part_id' ORDER BY 1
        """
    )
    of_table: dict[str, list[int]] = defaultdict(list)
    for part_id, said in claims.rows.items():
        of_table[said[0].table].append(part_id)
    for (table,) in tables.fetchall():
        strange = connection.execute(
            sql.SQL(
                "SELECT part_id, COUNT(*) FROM {} WHERE part_id IS NULL OR part_id <> ALL(%s) GROUP BY part_id ORDER BY 1"
            ).format(sql.Identifier("report", table)),
            (of_table[table],),
        )
        for part_id, n in strange.fetchall():
            yield Fault(
                "rows",
                str(part_id),
                f"report.{table} 有 {n} 行属于日志里没有的部分 {part_id}",
                f"report.{table} has {n} rows of part {part_id}, which the log does not know",
            )


def _chosen(connection: psycopg.Connection, claims: Claims, max_rows: int | None) -> dict[int, list[Rows]]:
    """All parts, or some by chance; which, changes with the day."""
    if max_rows is None or sum(rows.n for said in claims.rows.values() for rows in said) <= max_rows:
        return claims.rows
    [(today,)] = connection.execute("SELECT current_date::text").fetchall()
    out: dict[int, list[Rows]] = {}
    left = max_rows
    for part_id in sorted(claims.rows, key=lambda number: blake2b(f"{today} {number}".encode()).digest()):
        n = sum(rows.n for rows in claims.rows[part_id])
        if n <= left:
            out[part_id] = claims.rows[part_id]
            left -= n
    return out


def _in_pieces(parts: Iterable[tuple[int, Rows]]) -> Iterator[list[tuple[int, Rows]]]:
    some: list[tuple[int, Rows]] = []
    n = 0
    for part_id, rows in sorted(parts, key=lambda one: one[0]):
        some.append((part_id, rows))
        n += rows.n
        if n >= ROWS_AT_ONCE:
            yield some
            some, n = [], 0
    if some:
        yield some
