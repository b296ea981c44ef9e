"""Decides in which unit the numbers of each column were written, from every place where a sheet can declare one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from fugong.contracts.contract import Table
from fugong.parsing.header import Header

UNIT_IN_BRACKETS = re.compile(r"\((亿元|百万元|万元|千元|元)(?:,[^()]*)?\)")
UNIT = re.compile(r"单位\s*[::]?\s*(?:人民币)?\s*(亿元|百万元|万元|千元|元)")


def units_of(table: Table, header: Header, titles: Sequence[str]) -> Mapping[str, str | None]:
    """The unit of each contract column's bare numbers; None where it has none.

    A header's own unit rules its column; the unit of the title lines rules the other columns of money.

    Args:
        titles: the lines above the header.
    """
    money = money_unit(titles)
    return {
        column.name: header.units.get(column.name) or (money if column.unit == "元" else None) or column.default_unit
        for column in table.columns
    }


def money_unit(titles: Iterable[str]) -> str | None:
    """The unit of money that the title lines declare for the sheet; None if they declare none."""
    for title in titles:
        plain = unicodedata.normalize("NFKC", title)
        found = UNIT.search(plain) or UNIT_IN_BRACKETS.search(plain)
        if found:
            return found.group(1)
    return None
