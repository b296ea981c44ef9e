"""Addresses of cells as spreadsheets write them. Columns count from 0, rows from 1.

>>> cell_address(5, 45), absolute_address(5, 45), parse_cell_address("F45")
('F45', '$F$45', (5, 45))
"""

from __future__ import annotations

import re
from typing import overload

ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def column_letters(column: int) -> str:
    """The letters of a column: 0 → A, 16383 → XFD."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@overload
def cell_address(column: int, row_number: int) -> str: ...


@overload
def cell_address(column: int | None, row_number: int) -> str | None: ...


def cell_address(column: int | None, row_number: int) -> str | None:
    """Such as `F45`; None where there is no column."""
    return None if column is None else f"{column_letters(column)}{row_number}"


def absolute_address(column: int, row_number: int) -> str:
    """Such as `$F$45`, as formulas name a cell that stays the same when they are copied."""
    return f"${column_letters(column)}${row_number}"


def parse_cell_address(address: str) -> tuple[int, int]:
    """The column and the row of an address.

    Raises:
        ValueError: it is no address of one cell.
    """
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError(f"no address of a cell: {address!r}")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return column - 1, int(found[2])
