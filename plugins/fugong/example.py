"""An example of a right value, from what the contract says of a column: for templates and for comments on bad cells."""

from __future__ import annotations

from fugong.code_list import CodeList
from fugong.contract import Column

EXAMPLE_CODE = "91410106Y00000016N"
"""Synthetic: valid in both checks, given to nobody."""


def example_of(column: Column, code_list: CodeList | None) -> str:
    """A value that the column would take as it is; empty where any text will do.

    Args:
        code_list: the column's, if it has one.
    """
    if code_list is not None:
        return code_list.names_zh[0]
    match column.logical_type:
        case "date":
            return "2020-03-18"
        case "integer":
            return "120"
        case "number":
            return "85.2" if column.unit == "%" else "1379.88"
        case "boolean":
            return "是"
        case _:
            return {"uscc": EXAMPLE_CODE, "month": "2020-02"}.get(column.format or "", "")
