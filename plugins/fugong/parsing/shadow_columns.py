"""Columns with rules in shadow: what only such rules object to is counted and stays out of the findings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.contract import MISSING, Column, Table
from fugong.core.cell_address import cell_address
from fugong.core.vocabulary import Severity
from fugong.findings.catalogue import CATALOGUE
from fugong.findings.shadow import Example, Shadow, ShadowKey
from fugong.parsing.header import Header
from fugong.parsing.typed import Typed


@dataclass(frozen=True)
class ShadowRows:
    """Rows of a block that break a rule in shadow.

    Attributes:
        severity: what the rule would do in force.
        positions: row positions in the block.
        cells: the column as typed.
    """

    column: Column
    code: str
    severity: Severity
    positions: np.ndarray
    cells: pa.Array


def take_shadow_rows(column: Column, cells: pa.Array, typed: Typed) -> list[ShadowRows]:
    """Move what only rules in shadow object to out of `typed`: text stays as typed, other types become null.

    Cells that would set rows aside if the column were mandatory are counted, too; they stay in `typed`, as for any optional
    column.
    """
    out: list[ShadowRows] = []
    is_mandatory = column.is_mandatory or column.is_required_in_shadow
    empty = np.empty(0, np.int64)
    if column.is_required_in_shadow and typed.values.null_count:
        is_empty = np.array(typed.values.is_null())
        for unreadable in typed.unreadable:
            is_empty[unreadable.positions] = False
        empty = np.flatnonzero(is_empty)
    for unreadable in list(typed.unreadable):
        severity = CATALOGUE[unreadable.code].severity
        if severity is Severity.SET_ASIDE and not is_mandatory:
            severity = Severity.WARNING
        if unreadable.code in column.shadow:
            typed.unreadable.remove(unreadable)
            if pa.types.is_string(typed.values.type):
                mask = np.zeros(len(cells), dtype=bool)
                mask[unreadable.positions] = True
                typed.values = pc.if_else(pa.array(mask), pc.utf8_trim_whitespace(cells), typed.values)
        elif not column.is_required_in_shadow or severity is not Severity.SET_ASIDE:
            continue
        out.append(ShadowRows(column, unreadable.code, severity, unreadable.positions, cells))
    if len(empty):
        out.append(ShadowRows(column, MISSING, CATALOGUE[MISSING].severity, empty, cells))
    return out


def count_shadow_rows(
    found: ShadowRows, shadow: Shadow, table: Table, sheet: str, header: Header, row_numbers: pa.Array, aside: np.ndarray
) -> None:
    """Count the rows of one rule in shadow.

    Args:
        shadow: counts them.
        aside: mask of the block's rows that rules in force set aside.
    """
    at = header.index[found.column.name]
    lines = ((int(position), int(row_numbers[int(position)].as_py())) for position in found.positions)
    shadow.add(
        ShadowKey(table.name, found.column.name, found.code),
        found.severity,
        len(found.positions),
        int((~aside[found.positions]).sum()),
        (Example(sheet, line, cell_address(at, line), found.cells[position].as_py()) for position, line in lines),
    )
