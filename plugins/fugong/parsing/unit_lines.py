"""Recognises a line of units right below a header: it is no data, and rules the columns over which it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fugong.contracts.code_list import fold
from fugong.contracts.contract import Column
from fugong.contracts.unit import fold_unit
from fugong.core.cell_address import cell_address
from fugong.parsing.column_unit import has_unit
from fugong.parsing.unit_text import MEASURED, UNIT_LABEL, Declaration, Mention, plain, read_list

NEUTRAL = re.compile(r"^(?:(?:计量|金额|货币|数量)?单位:?|[-—─–/\\.]*)$")
COLUMN_NUMBER = re.compile(r"^\(?(?:\d{1,3}|[a-z]|[甲乙丙丁戊己庚辛壬癸]|栏次|行次|列次|序号|[-—/])\)?$")
MAX_LENGTH = 30


@dataclass(frozen=True)
class UnitLine:
    """What a line of units declares.

    Attributes:
        of: contract column → declaration.
        loose: cells over no column of numbers; they speak for the whole table.
    """

    of: Mapping[str, Declaration]
    loose: tuple[Mention, ...]


def read_unit_line(row: Sequence[str | None], row_number: int, columns: Mapping[int, Column]) -> UnitLine | None:
    """Read a row as a line of units; None if it is none.

    Every cell names a unit, or nothing. Where a column that must be filled is empty, and no cell has a digit, one unit of measure
    over a column of numbers is enough: a word beside it that is no unit is one that nobody knows.
    """
    filled = {at: cell for at, cell in enumerate(row) if cell and not NEUTRAL.match(fold(plain(cell)))}
    if not filled or any(len(cell) > MAX_LENGTH for cell in filled.values()):
        return None
    read = {at: _units(cell) for at, cell in filled.items()}
    if not any(read.values()):
        return None
    if not all(read.values()) and not (
        _is_surely_no_data(row, columns)
        and any(
            at in columns and has_unit(columns[at]) and any(unit.kind in MEASURED for group in units for unit in group)
            for at, units in read.items()
        )
    ):
        return None
    of: dict[str, Declaration] = {}
    loose: list[Mention] = []
    for at, cell in filled.items():
        place = cell_address(at, row_number)
        if at in columns and has_unit(columns[at]):
            of[columns[at].name] = Declaration(read[at], cell, place)
        elif read[at]:
            loose.append(Mention(cell, place))
    return UnitLine(of, tuple(loose))


def _units(cell: str):
    folded = fold_unit(plain(cell)).strip("()")
    return read_list(folded) or read_list(UNIT_LABEL.sub("", folded))


def _is_surely_no_data(row: Sequence[str | None], columns: Mapping[int, Column]) -> bool:
    is_incomplete = any(column.is_mandatory and not (at < len(row) and row[at]) for at, column in columns.items())
    return is_incomplete and not any(character.isdigit() for cell in row if cell for character in cell)


def is_line_of_numbers(row: Sequence[str | None]) -> bool:
    """Whether a row numbers the columns: 甲 乙 1 2 3."""
    filled = [cell for cell in row if cell]
    return len(filled) > 2 and all(COLUMN_NUMBER.match(fold(plain(cell))) for cell in filled)
