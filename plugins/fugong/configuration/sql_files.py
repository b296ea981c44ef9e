"""Looks through `include/sql`: the heads of facts, marts, checks and questions, and the relations that they read."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

from fugong.analysis.questions import load_questions
from fugong.configuration.fault import Faults
from fugong.contracts.contract import Contracts
from fugong.core.errors import ConfigurationError
from fugong.marts.header import read_check, read_fact, read_mart, read_question
from fugong.marts.model import SqlFile, SqlFiles
from fugong.marts.sql_files import load_sql_files

READERS: dict[str, Callable[[Path], SqlFile]] = {
    "facts": read_fact,
    "marts": read_mart,
    "checks": read_check,
    "questions": read_question,
}


def lint(faults: Faults, include: Path, contracts: Contracts) -> SqlFiles | None:
    """Look through the SQL files.

    Returns:
        Facts, marts and checks; None where one of them cannot be read.
    """
    folder = include / "sql"
    before = len(faults.found)
    files: list[tuple[Path, SqlFile]] = []
    for name, read in READERS.items():
        for file in sorted((folder / name).glob("*.sql")):
            found = faults.attempt(file, read, file)
            if found is not None:
                files.append((file, found))
    for file, found in files:
        _lint_relations(faults, file, found, contracts)
    if any(fault.file.endswith(".sql") for fault in faults.found[before:]):
        return None
    paths = [file for file, _ in files]
    try:
        loaded = load_sql_files(folder)
    except ConfigurationError as error:
        faults.add_errors(paths or [folder], error)
        return None
    try:
        load_questions(include)
    except ConfigurationError as error:
        faults.add_errors([file for file in paths if file.parent.name == "questions"] or [folder], error)
    return loaded


def _lint_relations(faults: Faults, file: Path, found: SqlFile, contracts: Contracts) -> None:
    """Report tables whose names are almost those of a contract.

    Others may be those of a report that is no longer sent: its rows stay, and its contract is gone. Whether a SELECT runs is seen by
    `fugong init`.
    """
    for at, relation in enumerate(found.reads):
        schema, _, name = relation.partition(".")
        if schema != "report" or name in contracts.tables:
            continue
        if near := difflib.get_close_matches(name, list(contracts.tables), n=1):
            faults.add(
                file,
                f"reads {relation}, and no contract has a table {name!r}. Did you mean {near[0]!r}?",
                found.head.line_of(("reads", at)),
            )
