"""`IntakeContext`: the contracts, code lists, suites and the reader that every file is evaluated with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg

from fugong.contracts.accepted import accepted_contract, accepted_texts
from fugong.contracts.code_list import CodeList, load_code_lists, load_sound_code_lists
from fugong.contracts.contract import Contract, Contracts, Table
from fugong.contracts.load import FaultyReport, load_contracts, load_sound_contracts
from fugong.core.errors import ConfigurationError
from fugong.core.schema import nearest
from fugong.core.settings import Settings
from fugong.reading.reader import Reader
from fugong.validation.first_pass import FirstPass
from fugong.validation.suite import Suite, load_suites


@dataclass
class IntakeContext:
    """What evaluation needs besides the file: contracts, code lists, suites, and the reader with its child process.

    Attributes:
        faulty: reports that are left out, because their configuration cannot be used. What their senders send waits.
    """

    contracts: Contracts
    code_lists: Mapping[str, CodeList]
    suites: Mapping[str, Suite]
    reader: Reader
    faulty: Sequence[FaultyReport] = field(default=())
    _first_passes: dict[str, FirstPass] = field(default_factory=dict[str, FirstPass], init=False, repr=False)

    @classmethod
    def load(cls, settings: Settings, reader: Reader) -> IntakeContext:
        """Read contracts, code lists and suites of an installation.

        Raises:
            ConfigurationError: one of them is not valid, or a table has no suite.
        """
        contracts = load_contracts(settings.include / "contracts")
        code_lists = load_code_lists(settings.include / "reference" / "code_list.csv")
        for contract in contracts:
            check_code_lists(contract, code_lists)
        return cls(contracts, code_lists, load_suites(settings.expectations, contracts.tables), reader)

    @classmethod
    def load_sound(cls, settings: Settings, reader: Reader, connection: psycopg.Connection) -> IntakeContext:
        """Read what is valid, and say what is wrong with the rest: contract, code lists, suites, or tables that the warehouse does not have.

        Raises:
            ConfigurationError: no contract can be read, or no code list.
        """
        texts = accepted_texts(connection)
        accepted = {name: accepted_contract(name, text) for name, text in texts.items()}
        contracts, broken = load_sound_contracts(settings.include / "contracts", texts)
        code_lists, broken_lists = load_sound_code_lists(settings.include / "reference" / "code_list.csv")
        faults = {one.id: one.fault for one in broken}
        senders = {one.id: one.senders for one in broken}
        suites: dict[str, Suite] = {}
        for contract in contracts:
            try:
                _check_accepted(contract, accepted.get(contract.id))
                check_code_lists(contract, code_lists, broken_lists)
                suites |= load_suites(settings.expectations, {table.name: table for table in contract.tables})
            except ConfigurationError as error:
                faults[contract.id], senders[contract.id] = error, contract.senders
        there = {contract.id for contract in contracts} | faults.keys()
        for name in accepted.keys() - there:
            faults[name] = ConfigurationError(
                f"{name}.odcs.yaml: the contract is gone since the last `fugong init`. Put it back, or run `fugong init`"
            )
        faulty = [
            FaultyReport(name, tuple(dict.fromkeys((*senders.get(name, ()), *_senders(accepted.get(name))))), fault)
            for name, fault in sorted(faults.items())
        ]
        sound = Contracts(tuple(contract for contract in contracts if contract.id not in faults))
        return cls(sound, code_lists, suites, reader, faulty)

    def first_pass(self, table: Table) -> FirstPass:
        """The first pass of a table's suite, compiled once."""
        if table.name not in self._first_passes:
            self._first_passes[table.name] = FirstPass.of(self.suites[table.name], table)
        return self._first_passes[table.name]

    def require_sound(self, department: str) -> None:
        """See that every report that a department sends can be judged: without all of them a file might be taken for another report.

        Raises:
            ConfigurationError: one cannot. The message names each, with file and line.
        """
        mine = [one for one in self.faulty if department in one.senders]
        if mine:
            reports = "、".join(one.id for one in mine)
            raise ConfigurationError(
                f"{department}: 报表 {reports} 的配置有误,该部门的文件先留着,改好后自动接着办 | its files wait until the configuration is "
                f"mended: {'; '.join(str(one.fault) for one in mine)}"
            )


def check_code_lists(
    contract: Contract, code_lists: Mapping[str, CodeList], broken: Mapping[str, ConfigurationError] | None = None
) -> None:
    """See that every code list that a contract names is there, and has the codes that it names.

    Args:
        broken: lists that are there, and not valid.

    Raises:
        ConfigurationError: one is not.
    """
    for table in contract.tables:
        for column in table.columns:
            if column.code_list and broken and column.code_list in broken:
                raise broken[column.code_list]
    for _, sentence in code_list_faults(contract, code_lists):
        raise ConfigurationError(f"{contract.id}.odcs.yaml: {sentence}")


def code_list_faults(contract: Contract, code_lists: Mapping[str, CodeList]) -> Iterator[tuple[str, str]]:
    """Code lists and codes that a contract names and that are not there: the word, and the sentence about it."""
    for table in contract.tables:
        for column in table.columns:
            if column.code_list and column.code_list not in code_lists:
                near = nearest(column.code_list, list(code_lists))
                yield column.code_list, f"{table.name}.{column.name}: no code list {column.code_list} in code_list.csv.{near}"
            if column.other_units is None:
                continue
            name = table.by_name[column.other_units.column].code_list
            there = {code.code for code in code_lists[name].codes} if name and name in code_lists else set[str]()
            for code, _ in column.other_units.units:
                if code not in there:
                    near = nearest(code, sorted(there))
                    yield code, f"{table.name}.{column.name}: otherUnits: no code {code} in the list {name}.{near}"


def _check_accepted(contract: Contract, accepted: Contract | None) -> None:
    """See that the warehouse has the tables of a contract as the contract says."""
    if accepted is None:
        raise ConfigurationError(f"{contract.id}.odcs.yaml: the contract is new since the last `fugong init`. Run it")
    if _shape(contract) != _shape(accepted):
        raise ConfigurationError(f"{contract.id}.odcs.yaml: its tables changed since the last `fugong init`. Run it")


def _shape(contract: Contract) -> dict[str, object]:
    return {
        table.name: (
            table.mode,
            table.is_large,
            {(column.name, column.physical_type, column.key_position) for column in table.all_columns},
        )
        for table in contract.tables
    }


def _senders(contract: Contract | None) -> tuple[str, ...]:
    return contract.senders if contract else ()
