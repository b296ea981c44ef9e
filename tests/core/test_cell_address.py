"""Addresses of cells are those that two spreadsheet libraries write; the worker's own letters are the same."""

from __future__ import annotations

import openpyxl.utils as openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import utility as xlsxwriter

from fugong.core.cell_address import absolute_address, cell_address, column_letters, parse_cell_address
from fugong.reading.worker.cell_text import column_letters as letters_of_the_worker
from fugong.reading.worker.cell_text import column_number

MAX_COLUMN, MAX_ROW = 16_383, 1_048_576
columns, rows = st.integers(0, MAX_COLUMN), st.integers(1, MAX_ROW)


def test_every_column_has_the_letters_that_other_libraries_give_it() -> None:
    ours = [column_letters(column) for column in range(MAX_COLUMN + 1)]
    assert (ours[0], ours[25], ours[26], ours[-1]) == ("A", "Z", "AA", "XFD")
    assert ours == [openpyxl.get_column_letter(column + 1) for column in range(MAX_COLUMN + 1)]
    assert ours == [letters_of_the_worker(column) for column in range(MAX_COLUMN + 1)]
    assert [column_number(letters.encode()) for letters in ours] == list(range(MAX_COLUMN + 1))


@given(columns, rows)
def test_an_address_is_written_as_other_libraries_write_it_and_read_back(column: int, row: int) -> None:
    address = cell_address(column, row)
    assert address == xlsxwriter.xl_rowcol_to_cell(row - 1, column)
    assert absolute_address(column, row) == xlsxwriter.xl_rowcol_to_cell(row - 1, column, row_abs=True, col_abs=True)
    assert parse_cell_address(address) == (column, row)


def test_without_a_column_there_is_no_address() -> None:
    assert cell_address(None, 45) is None


@pytest.mark.parametrize("text", ["", "F", "45", "f45", "F0", "F45:G46", "$F$45", "ABCD1", "F45 "])
def test_what_is_no_address_of_one_cell_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no address of a cell"):
        parse_cell_address(text)
