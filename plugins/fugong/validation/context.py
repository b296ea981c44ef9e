"""`IntakeContext`: the contracts, code lists, suites and the reader that every file is evaluated with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fugong.contracts.code_list import CodeList, load_code_lists
from fugong.contracts.contract import Column, Contracts, Table
from fugong.contracts.load import load_contracts
from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.reading.reader import Reader
from fugong.validation.suite import Suite, load_suites


def _check_other_units(table: Table, column: Column, code_lists: Mapping[str, CodeList]) -> None:
    """Refuse other units of codes that no row can have.

    Raises:
        ConfigurationError: a code is not in the list.
    """
    if column.other_units is None:
        return
    name = table.by_name[column.other_units.column].code_list
    there = {code.code for code in code_lists[name].codes} if name else set[str]()
    if unknown := [code for code, _ in column.other_units.units if code not in there]:
        raise ConfigurationError(f"{table.name}.{column.name}: otherUnits: no code {', '.join(unknown)} in the list {name}")


@dataclass
class IntakeContext:
    """What evaluation needs besides the file: contracts, code lists, suites, and the reader with its child process."""

    contracts: Contracts
    code_lists: Mapping[str, CodeList]
    suites: Mapping[str, Suite]
    reader: Reader

    @classmethod
    def load(cls, settings: Settings, reader: Reader) -> IntakeContext:
        """Read contracts, code lists and suites of an installation.

        Raises:
            ConfigurationError: one of them is not valid, or a table has no suite.
        """
        contracts = load_contracts(settings.include / "contracts")
        code_lists = load_code_lists(settings.include / "reference" / "code_list.csv")
        for table in contracts.tables.values():
            lacking = {column.code_list for column in table.columns if column.code_list} - code_lists.keys()
            if lacking:
                raise ConfigurationError(f"{table.name}: no code list {', '.join(sorted(lacking))} in code_list.csv")
            for column in table.columns:
                _check_other_units(table, column, code_lists)
        return cls(contracts, code_lists, load_suites(settings.expectations, contracts.tables), reader)
