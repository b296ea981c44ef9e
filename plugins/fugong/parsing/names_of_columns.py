"""The names by which a table knows its columns, and which cells of a sheet are one of them.

Most cells of a sheet are none: whether one can be is settled by its characters, before the ways to read it as a header are tried.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from fugong.contracts.code_list import fold
from fugong.contracts.contract import Column, Table
from fugong.parsing.header_text import Reading, fold_header, readings
from fugong.parsing.unit_text import plain

NO_NAME = re.compile(r"[\d\s.,:/%+\-]+")
"""A number or a date: most cells of a table, and no column is named so."""
MADE_BY_FOLDING = "\u2024"
"""The only character of a folded header that its cell need not have."""
FIRST_JAMO, LAST_JAMO = "\u1160", "\u11ff"
MAX_KEPT_TABLES, MAX_KEPT_CELLS = 256, 8192


class NamesOfColumns:
    """The names of a table's columns.

    Attributes:
        columns: folded name → column.
    """

    def __init__(self, table: Table) -> None:
        """Of the columns that are sent."""
        self.columns: Mapping[str, Column] = {
            fold_header(header): column for column in table.columns for header in column.headers
        }
        self._letters = {frozenset(name) - {MADE_BY_FOLDING} for name in self.columns}

    def readings(self, text: str) -> tuple[Reading, ...]:
        """The ways to read a header that name a column, the plainest first."""
        return _kept_readings(self, text)

    def heads(self, row: Sequence[str | None]) -> bool:
        """Whether a row names a column, and holds fewer numbers than names: the value of a cell may be a column's name, too."""
        n_names = n_numbers = 0
        for cell in row:
            if cell and cell not in self.columns and NO_NAME.fullmatch(cell):
                n_numbers += 1
            elif cell and self.readings(cell):
                n_names += 1
            elif cell and 2 * sum(map(str.isdigit, cell)) >= len(cell):
                n_numbers += 1
        return n_names > n_numbers

    def can_name(self, text: str) -> bool:
        """Whether a text has all characters of a name. `readings` leaves characters out and adds none, but where two could become one."""
        if "&" in text or any(unicodedata.combining(one) or FIRST_JAMO <= one <= LAST_JAMO for one in text):
            return True
        held = frozenset(fold(plain(text)))
        return any(letters <= held for letters in self._letters)


@lru_cache(maxsize=MAX_KEPT_TABLES)
def names_of_columns(table: Table) -> NamesOfColumns:
    """The names of a table's columns, put together once."""
    return NamesOfColumns(table)


@lru_cache(maxsize=MAX_KEPT_CELLS)
def _kept_readings(names: NamesOfColumns, text: str) -> tuple[Reading, ...]:
    if not names.can_name(text):
        return ()
    return tuple(reading for reading in readings(text) if reading.name in names.columns)
