"""Which cells name a column: the short way says what the ways to read a header say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fugong.contracts.contract import Table
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.parsing.header_text import readings
from fugong.parsing.names_of_columns import NamesOfColumns, names_of_columns
from tests.parsing.test_header import TABLE

TABLES = [*load_contracts(PROJECT / "include" / "contracts").tables.values()]
HEADERS = sorted({header for table in TABLES for column in table.columns for header in column.headers})
AROUND = (
    "",
    " ",
    "1.",
    "①",
    "(万元)",
    "(",
    ")",
    "¹",
    "*",
    "/万元",
    "、",
    "其中:",
    "&nbsp;",
    "Name",
    "\u0301",
    "3",
    "\n必填",
    "公司",
    "二",
)
PIECES = st.one_of(st.sampled_from(HEADERS), st.sampled_from(AROUND), st.text(max_size=4))
TEXTS = st.lists(PIECES, min_size=1, max_size=5).map("".join)


@given(TEXTS, st.sampled_from(TABLES))
@example("１、减免税额（万元）", TABLES[0])
def test_no_cell_that_names_a_column_is_passed_over(text: str, table: Table) -> None:
    names = names_of_columns(table)
    assert names.readings(text) == tuple(reading for reading in readings(text) if reading.name in names.columns)


def test_every_header_of_a_contract_names_its_column() -> None:
    found = {
        (table.name, column.name)
        for table in TABLES
        for column in table.columns
        if names_of_columns(table).readings(column.header)[0].name in names_of_columns(table).columns
    }
    assert found == {(table.name, column.name) for table in TABLES for column in table.columns}


@pytest.mark.parametrize("text", ["郑州某某有限公司", "2020-03-18", ""])
def test_a_cell_without_the_characters_of_a_name_is_not_read_as_a_header(text: str) -> None:
    assert not NamesOfColumns(TABLE).can_name(text)


def test_a_table_under_other_names_has_names_of_its_own() -> None:
    [first, *others] = TABLE.columns
    renamed = replace(TABLE, columns=(replace(first, header="登记号"), *others))
    assert names_of_columns(renamed).readings("登记号")
    assert not names_of_columns(TABLE).readings("登记号")
