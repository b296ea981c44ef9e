"""Addresses of cells as spreadsheets write them."""

from __future__ import annotations

from openpyxl.utils import get_column_letter


def cell_address(column: int | None, row_number: int) -> str | None:
    """Such as `F45`; `column` is 0-based."""
    return None if column is None else f"{get_column_letter(column + 1)}{row_number}"


def cell_letters(column: int) -> str:
    """Such as `F`; `column` is 0-based."""
    return str(cell_address(column, 1))[:-1]
