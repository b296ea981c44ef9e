"""Recognises a line of units right below a header: it is no data, and rules the columns over which it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fugong.contracts.code_list import fold
from fugong.contracts.contract import Column
from fugong.contracts.unit import Unit, fold_unit
from fugong.core.cell_address import cell_address
from fugong.parsing.column_numbers import is_line_of_numbers, label_of
from fugong.parsing.column_unit import has_unit, is_about
from fugong.parsing.unit_text import MEASURED, UNIT_LABEL, Declaration, Mention, plain, read_list

NEUTRAL = re.compile(r"^(?:(?:计量|金额|货币|数量)?单位:?|[-—─–/\\.*]*)$")
REMARK = re.compile(
    r"^(?:(?:文本|文字|字符|字符串|数字|数值|整数|整型|小数|浮点|金额|日期|时间|年月|代码|编码|下拉|枚举|布尔)(?:型|类型|格式|框|选择)?"
    r"|(?:string|text|char|varchar|number|numeric|int|integer|decimal|float|double|date|datetime|bool|boolean|c|n|d)(?:\(?\d{1,3}(?:,\d{1,2})?\)?)?"
    r"|必填|选填|非必填|可空|可为空|不可空|必录|选录|主键|无|空|略|同左|同上|无单位|全称|全名|是/否|是或否|(?:填|请|如|例|格式|不超过|最长|长度|限).*|\d+位.*"
    r"|yyyy.*|保留.*位小数)$"
)
"""What stands beside units in a line below the header, and is no data: types, lengths, what must be filled."""
NUMBER_AND_UNIT = re.compile(r"^\(?\d{1,3}\)?\((\D[^()]*)\)$")
"""The number of a column with its unit: 10(万元)."""
MAX_LENGTH = 30
Units = tuple[tuple[Unit, ...], ...]
"""As `unit_text.Declaration.groups`."""


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

    Every cell names a unit, or nothing; or a unit of measure stands over a column of numbers, beside words without digits or remarks.
    Where such words may be data, since nothing that must be filled is empty, the units cannot be read: the sender is asked.
    """
    filled = {at: cell for at, cell in enumerate(row) if cell and not NEUTRAL.match(fold(plain(cell)))}
    if any(NUMBER_AND_UNIT.match(fold(plain(cell))) for cell in filled.values()):
        filled = {at: cell for at, cell in filled.items() if label_of(cell) is None}
    if not filled or any(len(cell) > MAX_LENGTH for cell in filled.values()) or is_line_of_numbers(row):
        return None
    read = {at: _units(cell) for at, cell in filled.items()}
    words = {at: fold(plain(cell)) for at, cell in filled.items() if not read[at]}
    over_numbers = {
        at for at, units in read.items() if units and at in columns and has_unit(columns[at]) and _may_be_of(columns[at], units)
    }
    is_sure = True
    if words:
        others = [word for word in words.values() if not REMARK.match(word)]
        measured = any(unit.kind in MEASURED for at in over_numbers for group in read[at] for unit in group)
        if not measured or any(character.isdigit() for word in others for character in word):
            return None
        is_sure = not others or _is_surely_no_data(row, columns)
    elif not over_numbers and not any(_speaks_for_the_table(cell, read[at]) for at, cell in filled.items()):
        return None
    of: dict[str, Declaration] = {}
    loose: list[Mention] = []
    for at, cell in filled.items():
        place = cell_address(at, row_number)
        if at in columns and has_unit(columns[at]):
            if at not in words or not REMARK.match(words[at]):
                of[columns[at].name] = Declaration(read[at] if is_sure else (), cell, place)
        elif read[at]:
            loose.append(Mention(cell, place))
    return UnitLine(of, tuple(loose))


def _units(cell: str) -> Units:
    folded = NUMBER_AND_UNIT.sub(r"\1", fold_unit(plain(cell))).strip("()")
    return read_list(folded) or read_list(UNIT_LABEL.sub("", folded))


def _may_be_of(column: Column, units: Units) -> bool:
    """Whether a column can have the unit, or one of measure at least: then somebody has to be asked."""
    return any(is_about(column, unit) or unit.kind in MEASURED for group in units for unit in group)


def _speaks_for_the_table(cell: str, units: Units) -> bool:
    """Whether a unit over no column of numbers is meant as one: money, or what follows the word. A lone L may be a size."""
    return "单位" in cell or any(unit.kind in ("money", "foreign") for group in units for unit in group)


def _is_surely_no_data(row: Sequence[str | None], columns: Mapping[int, Column]) -> bool:
    """Whether a cell that must be filled is empty, or holds a stroke or a remark, or a word where the column holds digits."""

    def is_no_value(column: Column, cell: str | None) -> bool:
        if not cell or NEUTRAL.match(fold(plain(cell))) or REMARK.match(fold(plain(cell))):
            return True
        has_digits = column.logical_type in ("date", "number", "integer") or column.format in ("uscc", "month")
        return has_digits and column.code_list is None and not any(character.isdigit() for character in cell)

    must = {at: column for at, column in columns.items() if column.is_mandatory}
    return any(is_no_value(column, row[at] if at < len(row) else None) for at, column in must.items())


def is_line_of_remarks(row: Sequence[str | None], columns: Mapping[int, Column]) -> bool:
    """Whether a row tells under half of the headers or more how to fill the columns in, and nothing else: 文本 日期 数字, 必填 选填."""
    filled = {at: fold(plain(cell)) for at, cell in enumerate(row) if cell}
    words = [word for word in filled.values() if len(word) > 1 and not NEUTRAL.match(word)]
    return (
        2 * len(filled) >= len(columns)
        and len(words) > 1
        and all(NEUTRAL.match(word) or REMARK.match(word) for word in filled.values())
    )
