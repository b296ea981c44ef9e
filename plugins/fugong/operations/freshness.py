"""Digests that tell by which rules a table was filled: contract and suite of a report, SQL of a mart."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fugong.contracts.contract import Contract
from fugong.core.settings import Settings


def digest_of_report(settings: Settings, contract: Contract) -> str:
    """The first 16 hexadecimal digits of the SHA-256 over contract and suites, as they are now."""
    suites = [settings.expectations / f"{table.name}.json" for table in contract.tables]
    return _digest([settings.include / "contracts" / f"{contract.id}.odcs.yaml", *suites])


def digest_of_mart(settings: Settings, mart: str) -> str:
    """The same over the SQL file of a mart."""
    return _digest([settings.include / "sql" / "marts" / f"{mart}.sql"])


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
