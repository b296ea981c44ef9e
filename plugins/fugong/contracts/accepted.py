"""The contracts as `fugong init` accepted them (`ref.contract`): what the tables of this warehouse were made by.

Whoever reads the warehouse goes by these: a contract that somebody is just editing changes neither figures nor reminders.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import psycopg

from fugong.contracts.contract import Contract, Contracts
from fugong.contracts.load import load_sound_contracts, read_contract
from fugong.core.schema import read_text


def accept_contracts(connection: psycopg.Connection, folder: Path, contracts: Contracts) -> None:
    """Keep the text of every contract; those that are gone from the folder are gone here, too. Unchanged rows stay."""
    texts = {contract.id: read_text(folder / f"{contract.id}.odcs.yaml") for contract in contracts}
    connection.execute("DELETE FROM ref.contract WHERE id <> ALL(%s)", (list(texts),))
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO ref.contract AS held (id, content) VALUES (%s, %s)
            ON CONFLICT (id) DO UPDATE SET content = excluded.content, recorded_at = clock_timestamp()
            WHERE held.content <> excluded.content
            """,
            list(texts.items()),
        )


def accepted_texts(connection: psycopg.Connection) -> Mapping[str, str]:
    """Contract id → its text."""
    return dict(connection.execute("SELECT id, content FROM ref.contract ORDER BY id").fetchall())


def accepted_contracts(connection: psycopg.Connection) -> Contracts:
    """The accepted contracts, by report number.

    Raises:
        ConfigurationError: this program no longer understands one: `fugong init` has to be run.
    """
    return _parsed(tuple(accepted_texts(connection).items()))


@lru_cache(maxsize=8)
def _parsed(texts: tuple[tuple[str, str], ...]) -> Contracts:
    contracts = [accepted_contract(name, text) for name, text in texts]
    return Contracts(tuple(sorted(contracts, key=lambda contract: contract.report)))


def known_contracts(connection: psycopg.Connection, folder: Path) -> Contracts:
    """The contracts of a folder; in place of one that cannot be read, as it was accepted. What is owed goes by these.

    Raises:
        ConfigurationError: there is no contract, or none that is valid.
    """
    texts = accepted_texts(connection)
    sound, faulty = load_sound_contracts(folder, texts)
    kept = [accepted_contract(one.id, texts[one.id]) for one in faulty if one.id in texts]
    return Contracts(tuple(sorted((*sound, *kept), key=lambda contract: contract.report)))


def accepted_contract(name: str, text: str) -> Contract:
    """One accepted contract; faults name it as it stands in `include/contracts`."""
    return read_contract(f"{name}.odcs.yaml", text)
