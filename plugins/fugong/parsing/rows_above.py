"""Asks about rows above the header, which would be lost: a sheet was sorted together with its header, or holds two tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column, Contract, Table
from fugong.findings.catalogue import finding
from fugong.findings.collector import FindingCollector
from fugong.parsing.cells import type_column
from fugong.parsing.header import Grid, Header, locate
from fugong.parsing.joined_sheets import has_lines_below
from fugong.parsing.locate import Place

SURE_COLUMNS = 3
"""Rows that are right in so many columns of numbers, days and codes are data, even below a header that is not known."""


def report_rows_above(
    contract: Contract, places: Sequence[Place], code_lists: Mapping[str, CodeList], findings: FindingCollector
) -> None:
    """Record the tables with rows of data, or with another table of the report, above their header; each rejects the file."""
    found = {place.table.name for place in places}
    for place in places:
        above = place.sheet.head[: place.header.first_row]
        if any(_has_rows(other, above) for other in contract.tables if other.name not in found):
            line = place.header.first_row + 1
            findings.add(finding("table-below", sheet=place.sheet.name, row_number=line, line=line, value=place.table.title))
        lines = rows_above(place.sheet.head, place.header, code_lists)
        if lines:
            findings.add(
                finding(
                    "rows-above-header",
                    sheet=place.sheet.name,
                    row_number=lines[0],
                    line=place.header.last_row + 1,
                    value="、".join(map(str, lines)),
                )
            )


def _has_rows(table: Table, grid: Grid) -> bool:
    header = locate(table, grid)
    return header is not None and has_lines_below(grid, header)


def rows_above(head: Grid, header: Header, code_lists: Mapping[str, CodeList]) -> list[int]:
    """The lines (1-based) above a header that fill every mandatory column with what it holds. A small table of another kind has none."""
    must = {at: column for at, column in header.columns.items() if column.is_mandatory}
    strict = {at: column for at, column in must.items() if _is_strict(column)}
    full = [
        line for line, row in enumerate(head[: header.first_row], 1) if must and all(at < len(row) and row[at] for at in must)
    ]
    if not full or not strict:
        return []
    is_right = np.ones(len(full), dtype=bool)
    for at, column in strict.items():
        cells = pa.array([head[line - 1][at] for line in full], pa.string())
        typed = type_column(column, cells, None, code_lists[column.code_list] if column.code_list else None)
        for unreadable in typed.unreadable:
            is_right[unreadable.positions] = False
    found = [line for line, right in zip(full, is_right, strict=True) if right]
    has_own_header = bool(found) and full[0] < found[0]
    return [] if has_own_header and len(strict) < SURE_COLUMNS else found


def _is_strict(column: Column) -> bool:
    return column.logical_type != "string" or column.code_list is not None or column.format is not None
