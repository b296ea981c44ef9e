"""The example of every column of every contract is a value that the column takes."""

from __future__ import annotations

import pyarrow as pa

from fugong.contracts.code_list import load_code_lists
from fugong.contracts.example import example_of
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.parsing.cells import type_column


def test_every_example_is_read_as_it_is() -> None:
    code_lists = load_code_lists(PROJECT / "include" / "reference" / "code_list.csv")
    contracts = load_contracts(PROJECT / "include" / "contracts")
    seen: set[str] = set()
    for table in contracts.tables.values():
        for column in table.columns:
            code_list = code_lists[column.code_list] if column.code_list else None
            example = example_of(column, code_list)
            if not example:
                assert (column.logical_type, column.format) == ("string", None), f"{table.name}.{column.name}"
                continue
            typed = type_column(column, pa.array([example]), column.default_unit, code_list)
            assert not typed.unreadable, f"{table.name}.{column.name}: {example}"
            assert not typed.repaired, f"{table.name}.{column.name}: {example}"
            assert typed.values[0].as_py() is not None
            seen.add(column.format or column.logical_type)
    assert seen == {"string", "integer", "number", "date", "boolean", "uscc", "month"}
