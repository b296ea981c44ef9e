"""Types the rows of a column that are counted in another unit than the column's own, as the contract's `otherUnits` says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column, Table
from fugong.parsing.cells import type_column
from fugong.parsing.header import Header
from fugong.parsing.typed import Typed
from fugong.parsing.units import Doubt

Masks = Mapping[str, np.ndarray]
"""Other unit → which rows of a batch are counted in it."""


def rows_in_other_units(
    table: Table, column: Column, header: Header, batch: pa.RecordBatch, code_lists: Mapping[str, CodeList]
) -> Masks:
    """The rows of a batch whose numbers are in another unit of the column; no entry for a unit without rows."""
    if column.other_units is None or column.other_units.column not in header.index:
        return {}
    told_by = table.by_name[column.other_units.column]
    assert told_by.code_list is not None  # the contract was checked
    codes = type_column(told_by, header.cells_of(batch, told_by), None, code_lists[told_by.code_list]).values
    found: dict[str, np.ndarray] = {}
    for code, unit in column.other_units.units:
        mask = np.asarray(pc.fill_null(pc.equal(codes, code), False))
        if mask.any():
            found[unit] = found[unit] | mask if unit in found else mask
    return found


def doubts_about_rows(
    table: Table,
    header: Header,
    doubts: Sequence[Doubt],
    batches: Callable[[], Iterable[pa.RecordBatch]],
    code_lists: Mapping[str, CodeList],
) -> list[Doubt]:
    """The doubts without those about other units (`Column.in_other_units`) in which no row is counted.

    Args:
        batches: reads the sheet once more, until the first such row is found.
    """
    out: list[Doubt] = []
    for doubt in doubts:
        own = next((column for column in table.columns if doubt.column in column.in_other_units), None)
        if own is None:
            out.append(doubt)
        elif any(
            doubt.column == own.counted_in_other(unit)
            for batch in batches()
            for unit in rows_in_other_units(table, own, header, batch, code_lists)
        ):
            out.append(replace(doubt, column=own))
    return out


def type_with_other_units(
    column: Column, cells: pa.Array, masks: Masks, type_cells: Callable[[Column, pa.Array], Typed]
) -> Typed:
    """Type a block of a column, each row in its own unit.

    Args:
        type_cells: types cells as a column says.
    """
    others = np.logical_or.reduce(list(masks.values()))
    typed = type_cells(column, pc.if_else(pa.array(others), pa.scalar(None, pa.string()), cells))
    for unit, mask in masks.items():
        at = np.flatnonzero(mask)
        own = type_cells(column.counted_in_other(unit), cells.take(pa.array(at)))
        typed.values = pc.replace_with_mask(typed.values, pa.array(mask), own.values)
        typed.unreadable += [replace(item, positions=at[item.positions]) for item in own.unreadable]
        typed.repaired += [replace(item, positions=at[item.positions]) for item in own.repaired]
    return typed
