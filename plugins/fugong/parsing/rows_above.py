"""Finds rows of data above the header, where a sheet was sorted together with its header."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column
from fugong.parsing.cells import type_column
from fugong.parsing.header import Grid, Header

SURE_COLUMNS = 3
"""Rows that are right in so many columns of numbers, days and codes are data, even below a header that is not known."""


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
