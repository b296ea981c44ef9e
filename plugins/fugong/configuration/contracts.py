"""Looks through `include/contracts` and `expectations`: what contracts say about each other, about code lists, senders and suites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from fugong.configuration.fault import Faults
from fugong.configuration.reference import Rows
from fugong.contracts.code_list import CodeList, fold, load_sound_code_lists
from fugong.contracts.contract import Contract, Contracts
from fugong.contracts.load import load_sound_contracts
from fugong.core.errors import ConfigurationError
from fugong.core.schema import nearest
from fugong.core.settings import Settings
from fugong.validation.context import code_list_faults
from fugong.validation.good_row import check_good_row
from fugong.validation.suite import Suite


def lint(faults: Faults, settings: Settings, rows: Rows, *, needs_suites: bool) -> Contracts:
    """Look through contracts and suites.

    Returns:
        The contracts that can be read.
    """
    folder, reference = settings.include / "contracts", settings.include / "reference"
    for file in sorted(folder.glob("*")):
        if file.is_file() and not file.name.startswith(".") and not file.name.endswith(".odcs.yaml"):
            faults.add(file, "a contract is named <id>.odcs.yaml; this file is not read")
    try:
        contracts, broken = load_sound_contracts(folder)
    except ConfigurationError as error:
        faults.add_errors(sorted(folder.glob("*.odcs.yaml")) or [folder], error)
        return Contracts(())
    for one in broken:
        faults.add_error(_file(folder, one.id), one.fault)
    lists = _code_lists(faults, reference)
    departments = {row["department_code"] for row in rows.get("department", ())}
    for contract in contracts:
        file = _file(folder, contract.id)
        for word, sentence in code_list_faults(contract, lists) if lists is not None else ():
            faults.add(file, sentence, _line(file, word))
        for sender in contract.senders if departments else ():
            if sender not in departments:
                faults.add(
                    file, f"senders: department.csv has no {sender!r}.{nearest(sender, sorted(departments))}", _line(file, sender)
                )
    for contract, other, word in _same_names(contracts):
        both = sorted(set(contract.senders) & set(other.senders))
        faults.add(
            _file(folder, contract.id),
            f"fileNames: {word!r} is a name of {other.id}, too, and {', '.join(both)} sends both: no name would tell them apart",
            _line(_file(folder, contract.id), word),
        )
    if needs_suites:
        _lint_suites(faults, settings.expectations, contracts, {one.id for one in broken})
    return contracts


def try_rules(faults: Faults, settings: Settings, contracts: Contracts) -> None:
    """Run every suite on the row that it gives as good: each rule can be evaluated, and none is broken."""
    for table in contracts.tables.values():
        file = settings.expectations / f"{table.name}.json"
        columns = [column.name for column in table.columns]
        try:
            suite = Suite.load(file, columns)
            if not suite.good:
                continue
            checked = check_good_row(suite, table)
        except ConfigurationError as error:
            if file.is_file():
                faults.add_error(file, error)
            continue
        for broken in checked.broken.values():
            faults.add(file, broken)
        for found in (*checked.findings.to_pylist(), *checked.shadow.to_pylist()):
            rule = suite.rules[found["rule"]]
            faults.add(
                file,
                f"rule {found['rule'] + 1} ({rule.rule.code}): the row of `meta.good` breaks it",
                _line(file, rule.rule.code),
            )


def _code_lists(faults: Faults, folder: Path) -> dict[str, CodeList] | None:
    file = folder / "code_list.csv"
    try:
        lists, broken = load_sound_code_lists(file)
    except ConfigurationError as error:
        faults.add_errors([file, *folder.glob("*.csv")], error)
        return None
    for error in broken.values():
        faults.add_errors([file, *folder.glob("*.csv")], error)
    return {**lists, **{name: CodeList(name, (), {}) for name in broken}}


def _same_names(contracts: Contracts) -> Iterator[tuple[Contract, Contract, str]]:
    """Words by which the name of a file means two reports of one department."""
    known: dict[str, list[Contract]] = {}
    for contract in contracts:
        for word in dict.fromkeys((contract.name, *contract.file_names)):
            for other in known.get(fold(word), ()):
                if set(other.senders) & set(contract.senders):
                    yield contract, other, word
            known.setdefault(fold(word), []).append(contract)


def _lint_suites(faults: Faults, folder: Path, contracts: Contracts, broken: set[str]) -> None:
    there = {file.stem: file for file in sorted(folder.glob("*.json"))}
    for file in sorted(folder.glob("*")):
        if file.is_file() and not file.name.startswith(".") and file.suffix != ".json":
            faults.add(file, "a suite is named <table>.json; this file is not read")
    idle = [name for name in there if name not in contracts.tables]
    for name, table in contracts.tables.items():
        if name not in there:
            near = nearest(name, idle) if idle else ""
            faults.add(folder / f"{name}.json", f"the table {name} has no suite: nothing of it could be judged.{near}")
            continue
        faults.attempt(there[name], Suite.load, there[name], [column.name for column in table.columns])
    if not broken:  # else the table may be that of a contract that cannot be read
        for name in idle:
            faults.add(there[name], f"no contract has a table {name!r}.{nearest(name, list(contracts.tables))}")


def _file(folder: Path, contract_id: str) -> Path:
    return folder / f"{contract_id}.odcs.yaml"


def _line(file: Path, word: str) -> int:
    """The first line that holds a word; 0 where none does."""
    lines: Sequence[str] = file.read_text(encoding="utf-8-sig").splitlines()
    return next((n for n, line in enumerate(lines, start=1) if word in line), 0)
