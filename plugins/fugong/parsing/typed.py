"""What typing a block of one column gives: values, the cells that cannot be read, the cells that were normalised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.contract import Column, Table


@dataclass(frozen=True)
class Unreadable:
    """Cells of one column that break one rule.

    Attributes:
        code: of the catalogue.
        positions: row positions in the block.
        details: per position, what the sentence names besides header and value.
    """

    code: str
    positions: np.ndarray
    details: tuple[Mapping[str, object], ...] = ()

    def without(self, positions: np.ndarray) -> Unreadable:
        """The same without the cells at these positions."""
        keep = ~np.isin(self.positions, positions)
        details = tuple(details for details, kept in zip(self.details, keep, strict=False) if kept)
        return Unreadable(self.code, self.positions[keep], details)


@dataclass(frozen=True)
class Repaired:
    """Cells of one column whose value was normalised.

    Attributes:
        code: of the catalogue.
        positions: row positions in the block.
        after: per position, the normalised value; empty for cells that were taken as empty.
    """

    code: str
    positions: np.ndarray
    after: tuple[str, ...] = ()

    def without(self, positions: np.ndarray) -> Repaired:
        """The same without the cells at these positions."""
        keep = ~np.isin(self.positions, positions)
        after = tuple(after for after, kept in zip(self.after, keep, strict=False) if kept)
        return Repaired(self.code, self.positions[keep], after)


@dataclass
class Typed:
    """A typed column of a block. Unreadable cells are null."""

    values: pa.Array
    unreadable: list[Unreadable] = field(default_factory=list[Unreadable])
    repaired: list[Repaired] = field(default_factory=list[Repaired])


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a contract column."""
    if column.precision is not None:
        return pa.decimal128(column.precision, column.scale or 0)
    return {
        "text": pa.string(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "date": pa.date32(),
        "boolean": pa.bool_(),
    }[column.physical_type]


def positions_of(mask: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """The positions where a mask of Arrow is true; null counts as false."""
    return np.flatnonzero(np.asarray(pc.fill_null(mask, False)))


def mask_of(positions: np.ndarray, n: int) -> np.ndarray:
    """A mask of `n` cells that is true at these positions."""
    mask = np.zeros(n, dtype=bool)
    mask[positions] = True
    return mask


def without(values: pa.Array, positions: np.ndarray) -> pa.Array:
    """The values, null at these positions."""
    return pc.if_else(pa.array(mask_of(positions, len(values))), pa.scalar(None, values.type), values)


def typed_schema(table: Table) -> pa.Schema:
    """The Arrow schema of typed rows."""
    return pa.schema(
        [pa.field("row_number", pa.int64()), *(pa.field(column.name, arrow_type(column)) for column in table.columns)]
    )
