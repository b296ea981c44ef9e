"""What differs between two versions of a file: rows added, removed and changed, by the keys of their contract, as they were typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fugong.contracts.contract import Contract, Table
from fugong.parsing.header import Header
from fugong.reading.model import SheetCells
from fugong.receipts.annotated_sheets import locate_table
from fugong.receipts.resubmission import as_compared, rows_of
from fugong.receipts.returned import code_columns
from fugong.receipts.styles import safe_text

MAX_ROWS = 20_000
"""Rows of a version that are compared."""
MAX_SHOWN = 100
"""Rows of each kind that are listed."""

Row = Mapping[str, str]
"""Name of the column → text."""


@dataclass(frozen=True)
class Changed:
    """A row of which cells differ: header, before and after of each."""

    key: str
    cells: Sequence[tuple[str, str, str]]


@dataclass
class TableDifferences:
    """What differs in one table. `n_` counts all; the lists are bounded.

    Attributes:
        headers: of the key columns.
        is_cut: a version has more rows than are compared.
    """

    title: str
    headers: Sequence[str]
    n_before: int = 0
    n_after: int = 0
    n_added: int = 0
    n_removed: int = 0
    n_changed: int = 0
    added: list[str] = field(default_factory=list[str])
    removed: list[str] = field(default_factory=list[str])
    changed: list[Changed] = field(default_factory=list[Changed])
    is_cut: bool = False


def differences(contract: Contract, before: Sequence[SheetCells], after: Sequence[SheetCells]) -> list[TableDifferences]:
    """Compare two versions, table by table; a table that neither has is left out."""
    return [
        _compare(table, _rows(table, contract, before), _rows(table, contract, after))
        for table in contract.tables
        if any(_places(table, contract, sheets) for sheets in (before, after))
    ]


def _compare(table: Table, before: Sequence[Row], after: Sequence[Row]) -> TableDifferences:
    out = TableDifferences(table.title, [table.by_name[name].header for name in table.key])
    out.is_cut = len(before) >= MAX_ROWS or len(after) >= MAX_ROWS
    out.n_before, out.n_after = len(before), len(after)
    old, new = _by_key(table, before), _by_key(table, after)
    shown = {column.name: column.header for column in table.columns}
    codes = code_columns(table)
    for key, row in new.items():
        if key not in old:
            out.n_added += 1
            if len(out.added) < MAX_SHOWN:
                out.added.append(_told(table, row, codes))
            continue
        cells = [
            (
                shown[name],
                safe_text(was, is_code=name in codes)[0] if was else "",
                safe_text(now, is_code=name in codes)[0] if now else "",
            )
            for name in shown
            if as_compared(was := old[key].get(name, "")) != as_compared(now := row.get(name, ""))
        ]
        if cells:
            out.n_changed += 1
            if len(out.changed) < MAX_SHOWN:
                out.changed.append(Changed(_told(table, row, codes), cells))
    for key, row in old.items():
        if key not in new:
            out.n_removed += 1
            if len(out.removed) < MAX_SHOWN:
                out.removed.append(_told(table, row, codes))
    return out


def _by_key(table: Table, rows: Sequence[Row]) -> dict[tuple[str, ...], Row]:
    """Rows by key; of rows with the same key the second and later ones get a number."""
    out: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(as_compared(row.get(name)) for name in table.key)
        n = 1
        while (*key, str(n)) in out:
            n += 1
        out[(*key, str(n))] = row
    return out


def _told(table: Table, row: Row, codes: frozenset[str]) -> str:
    texts = (safe_text(row[name], is_code=name in codes)[0] for name in table.key if row.get(name))
    return " · ".join(texts)


def _rows(table: Table, contract: Contract, sheets: Sequence[SheetCells]) -> list[Row]:
    out: list[Row] = []
    for sheet, header in _places(table, contract, sheets):
        for row in _lines(table, sheet, header):
            if len(out) >= MAX_ROWS:
                return out
            out.append(row)
    return out


def _places(table: Table, contract: Contract, sheets: Sequence[SheetCells]) -> list[tuple[SheetCells, Header]]:
    found = ((sheet, locate_table(contract.tables, sheet)) for sheet in sheets)
    return [(sheet, place[1]) for sheet, place in found if place is not None and place[0].name == table.name]


def _lines(table: Table, sheet: SheetCells, header: Header) -> Iterator[Row]:
    """The lines below the header that have a key: totals and notes have none."""
    for at, cells in enumerate(rows_of(sheet)):
        if at <= header.last_row:
            continue
        row = {column.name: cells[place] or "" for place, column in header.columns.items() if place < len(cells)}
        if all(row.get(name) for name in table.key):
            yield row
