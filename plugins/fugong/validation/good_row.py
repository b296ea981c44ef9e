"""Runs a suite on the row that it gives as good (`meta.good`): whether its rules can be evaluated at all, and let pass what is right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from fugong.contracts.contract import Table
from fugong.core.errors import ConfigurationError
from fugong.parsing.typed import typed_schema
from fugong.validation.checked import Checked
from fugong.validation.frame import FileDays, frame_of
from fugong.validation.suite import Suite

SOME_DAY = date(2020, 3, 18)
"""Stands for report and arrival date where the row names none."""


def check_good_row(suite: Suite, table: Table) -> Checked:
    """What the rules find in the good row; nothing where they are sound.

    Raises:
        ConfigurationError: a rule cannot be evaluated, or the row holds what its column cannot.
    """
    good = suite.good
    given = {name: _day(suite, name, good.get(name)) or SOME_DAY for name in ("report_date", "arrival_date")}
    row = {column.name: good.get(column.name) for column in table.columns}
    return suite.check(frame_of([_block(suite, table, row)], suite, FileDays(**given)))


def _block(suite: Suite, table: Table, row: Mapping[str, Any]) -> pa.RecordBatch:
    schema = typed_schema(table)
    arrays = [pa.array([1], schema.field("row_number").type)]
    for column in table.columns:
        kind, value = schema.field(column.name).type, row[column.name]
        try:
            if value is not None and pa.types.is_date(kind):
                value = date.fromisoformat(value)
            elif value is not None and pa.types.is_decimal(kind):
                value = Decimal(str(value))
            arrays.append(pa.array([value], kind))
        except (ValueError, TypeError, InvalidOperation) as error:
            raise ConfigurationError(
                f"{suite.name}: meta.good: {column.name} is {row[column.name]!r}, and a {column.logical_type} cannot be that"
            ) from error
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _day(suite: Suite, name: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ConfigurationError(f"{suite.name}: meta.good: {name} is {text!r}, and no day") from error
