"""What a suite finds in a block of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd

    from fugong.findings.finding import FindingType

FINDINGS = pa.schema(
    [
        ("row", pa.int64()),
        ("row_number", pa.int64()),
        ("rule", pa.int32()),
        ("code", pa.dictionary(pa.int32(), pa.string())),
        ("severity", pa.dictionary(pa.int32(), pa.string())),
        ("column", pa.dictionary(pa.int32(), pa.string())),
        ("value", pa.string()),
    ]
)
"""One row per failing cell: position in the block, line in the sheet, index into `Suite.rules`, …, the typed value as text."""


@dataclass(frozen=True)
class Checked:
    """The result of a suite for one block.

    Attributes:
        set_aside: one flag per row of the block.
        findings: a table with the schema `FINDINGS`, in the order of rules, then rows.
        shadow: the findings of the rules in shadow, in a table of the same schema.
        broken: rules in shadow that cannot be evaluated, each with the reason.
    """

    set_aside: np.ndarray[Any, np.dtype[np.bool_]]
    findings: pa.Table
    shadow: pa.Table = field(default_factory=FINDINGS.empty_table)
    broken: Mapping[int, str] = field(default_factory=dict[int, str])


def nothing_found(n_rows: int) -> Checked:
    """The result for a block that passes every rule."""
    return Checked(np.zeros(n_rows, dtype=bool), FINDINGS.empty_table())


def together(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables of findings as one."""
    return pa.concat_tables(tables) if tables else FINDINGS.empty_table()


def findings_of(
    frame: pd.DataFrame, column: str, found: FindingType, n: int, rows: np.ndarray[Any, np.dtype[np.int64]]
) -> pa.Table:
    """The findings of rule `n` on rows of a block."""
    values = frame[column].take(rows)
    if values.dtype.kind == "M":
        texts = values.dt.strftime("%Y-%m-%d")
        text = pa.array(texts, type=pa.string(), from_pandas=True)
    else:
        # A missing boolean is pandas' NA, which is neither equal nor unequal to itself.
        there = values.notna().tolist()
        texts = [_text(value) if is_there else None for value, is_there in zip(values.tolist(), there, strict=True)]
        text = pa.array(texts, type=pa.string())

    def same(value: str) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(rows), dtype=np.int32)), pa.array([value]))

    return pa.table(
        [
            pa.array(rows),
            pa.array(frame["row_number"].to_numpy()[rows], type=pa.int64()),
            pa.array(np.full(len(rows), n, dtype=np.int32)),
            same(found.code),
            same(found.severity.value),
            same(column),
            text,
        ],
        schema=FINDINGS,
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)
