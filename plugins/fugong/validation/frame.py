"""Typed rows as the rules of a suite see them: numbers as float64, days as such, whatever the warehouse keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.validation.suite import Suite


@dataclass(frozen=True)
class FileDays:
    """The days of a file that rules compare with: what it is about, and when it arrived in Shanghai."""

    report_date: date
    arrival_date: date


def frame_of(blocks: Sequence[pa.RecordBatch], suite: Suite, days: FileDays) -> Any:
    """Typed rows as a pandas frame for Great Expectations: numbers as float64, dates as datetime64, the rest as pandas converts it."""
    rows = pa.Table.from_batches(blocks)
    given = {"report_date": days.report_date, "arrival_date": days.arrival_date}
    wanted = [name for name in suite.columns if name not in given]
    columns: dict[str, pa.ChunkedArray] = {}
    for name in dict.fromkeys([*wanted, "row_number"]):
        values = rows.column(name)
        if is_number(values.type) and name != "row_number":
            values = pc.cast(values, pa.float64())
        elif pa.types.is_date(values.type):
            values = pc.cast(values, pa.timestamp("s"))
        columns[name] = values
    frame = pa.table(columns).to_pandas(types_mapper=_BOOLEANS.get)
    for name in given.keys() & set(suite.columns):
        frame[name] = np.datetime64(given[name], "s")
    return frame


def is_number(kind: pa.DataType) -> bool:
    """Whether rules see the values of a type as numbers."""
    return pa.types.is_decimal(kind) or pa.types.is_integer(kind)


class _LazyBooleans:
    """Maps booleans to pandas' nullable booleans, and imports pandas only when it is needed."""

    def get(self, kind: pa.DataType) -> Any:
        if pa.types.is_boolean(kind):
            import pandas as pd

            return pd.BooleanDtype()
        return None


_BOOLEANS = _LazyBooleans()
