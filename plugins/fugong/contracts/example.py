"""Makes example values from a column's contract: for templates, and for comments on bad cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Column, Table
from fugong.contracts.unit import UNITS

EXAMPLE_MARK = "示例\uff1a"
"""The first cell of a template's example row begins with it."""
MARKED = re.compile(r"^(示例|样例|例):")
"""Matches folded text: a line that begins so is the example row of a template, or was written over it."""

EXAMPLE_CODE = "91410106Y00000016N"
"""An invented code that passes both checks and is assigned to nobody."""


def example_of(column: Column, code_list: CodeList | None) -> str:
    """A value that the column accepts as it is; empty where it accepts any text.

    Args:
        code_list: the column's code list, if it has one.
    """
    if code_list is not None:
        return code_list.names_zh[0]
    match column.logical_type:
        case "date":
            return "2020-03-18"
        case "integer":
            return "120"
        case "number":
            return "85.2%" if column.unit == "%" else "1379.88"
        case "boolean":
            return "是"
        case _:
            return {"uscc": EXAMPLE_CODE, "month": "2020-02"}.get(column.format or "", "")


def example_row(table: Table, good: Mapping[str, Any], code_lists: Mapping[str, CodeList]) -> dict[str, str]:
    """The example row of a table's template, as a clerk would type it: column → text, empty for columns without an example.

    Args:
        good: a row that breaks no rule, with stored values (`meta.good` of the suite).
    """
    typed = {column.name: _as_typed(column, good.get(column.name), code_lists) for column in table.columns}
    first = table.columns[0].name
    return typed | {first: EXAMPLE_MARK + typed[first]}


def is_example(line: Mapping[str, str | None], example: Mapping[str, str]) -> bool:
    """Whether a line is the template's unchanged example row. Columns that the file lacks are ignored."""
    return all(fold(line[name] or "") == fold(text) for name, text in example.items() if name in line)


def _as_typed(column: Column, value: Any, code_lists: Mapping[str, CodeList]) -> str:
    if value is None:
        return ""
    if column.code_list:
        stored = str(value).lower() if column.logical_type == "boolean" else str(value)
        return code_lists[column.code_list].name_of(stored)
    if column.logical_type not in {"number", "integer"}:
        return str(value)
    number = Decimal(str(value))
    if column.unit == "%":
        return f"{format((number * 100).normalize(), 'f')}%"
    for units in UNITS.values():
        if column.unit in units and column.default_unit in units:
            number *= units[column.unit] / units[column.default_unit]
    return format(number.normalize(), "f")
