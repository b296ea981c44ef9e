"""Two locks: what runs on a server, and what development adds to it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[2]


def read_lock(name: str) -> dict[str, list[str]]:
    """The hashes of each pin of a lock: `{"pandas==3.1.1 ; marker": [hash, …]}`."""
    pins: dict[str, list[str]] = {}
    hashes: list[str] = []
    for line in (PROJECT / name).read_text(encoding="utf-8").splitlines():
        if line.strip().startswith("--hash="):
            hashes.append(line.strip().removesuffix(" \\"))
        elif line and not line.startswith(("#", " ")):
            hashes = pins.setdefault(line.removesuffix(" \\"), [])
    return pins


PROJECT_FILE: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
DEVELOPMENT = read_lock("requirements.lock")
PRODUCTION = read_lock("requirements-production.lock")


def group(name: str) -> Iterator[Requirement]:
    for line in PROJECT_FILE["dependency-groups"][name]:
        if isinstance(line, str):
            yield Requirement(line)


def names(requirements: Iterator[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def locked(lock: dict[str, list[str]]) -> set[str]:
    return {canonicalize_name(Requirement(pin).name) for pin in lock}


def test_what_runs_on_a_server_is_locked_to_what_was_tested() -> None:
    assert {pin: hashes for pin, hashes in DEVELOPMENT.items() if pin in PRODUCTION} == PRODUCTION
    assert [pin for pin, hashes in PRODUCTION.items() if not hashes] == []


def test_the_server_has_what_the_project_asks_for_and_no_development_tool() -> None:
    wanted = names(Requirement(line) for line in PROJECT_FILE["project"]["dependencies"]) | names(group("build"))
    tools = names(group("dev"))
    assert {"pandas", "apache-airflow", "hatchling"} <= wanted
    assert {"pytest", "pyright", "ruff"} <= tools
    assert wanted - locked(PRODUCTION) == set()
    assert tools & locked(PRODUCTION) == set()
    assert tools - locked(DEVELOPMENT) == set()
