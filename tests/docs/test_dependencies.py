"""What Fugong stands on: every package of the lock is listed with a licence that fits, and an audit that did not happen never looks like a clean one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tools import dependencies

SBOM: dict[str, Any] = json.loads(dependencies.SBOM.read_text("utf-8"))
LISTED = {(dependencies.canonical(one["name"]), one["version"]): one for one in SBOM["components"]}


def test_every_package_of_the_lock_is_listed_and_no_other() -> None:
    locked = [(pin.name, pin.version) for lock in (dependencies.LOCK, dependencies.LDAP_LOCK) for pin in dependencies.pins(lock)]
    assert len(locked) == len(set(locked)) > 150
    assert set(LISTED) == set(locked), "run make sbom"
    held = {one["name"]: one["value"] for one in SBOM["metadata"]["properties"]}
    assert held[dependencies.LOCK_PROPERTY] == hashlib.sha256(dependencies.LOCK.read_bytes()).hexdigest(), "run make sbom"
    assert (SBOM["bomFormat"], SBOM["specVersion"]) == ("CycloneDX", "1.6")


def test_every_licence_may_be_used_beside_apache_2() -> None:
    expressions = {name: [one["expression"] for one in component["licenses"]] for name, component in LISTED.items()}
    assert [name for name, said in expressions.items() if len(said) != 1 or not dependencies.is_usable(said[0])] == []
    page = dependencies.PAGE.read_text("utf-8")
    assert [
        name
        for (name, version), one in LISTED.items()
        if f"| {one['name']} | {version} | {expressions[name, version][0]} |" not in page
    ] == []


def test_what_is_needed_to_run_is_told_from_what_builds_and_tests() -> None:
    scopes = {name: one["scope"] for (name, _), one in LISTED.items()}
    assert {name: scopes[name] for name in ("apache-airflow", "psycopg", "pandas", "pytest", "ruff", "hypothesis")} == {
        "apache-airflow": "required", "psycopg": "required", "pandas": "required",
        "pytest": "excluded", "ruff": "excluded", "hypothesis": "excluded",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "is_usable"),
    [
        ("MIT", True),
        ("MIT AND PSF-2.0", True),
        ("Artistic-1.0-Perl OR GPL-2.0-or-later", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-only OR SSPL-1.0", False),
        ("", False),
    ],
)
def test_a_licence_fits_by_one_of_its_alternatives(expression: str, is_usable: bool) -> None:
    assert dependencies.is_usable(expression) is is_usable


def answer(*dependencies_: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(dependencies_), "fixes": []})


GOOD = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"], "aliases": ["CVE-1"]}]}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (1)"}


@pytest.mark.parametrize(
    ("out", "err", "code", "outcome", "told"),
    [
        (answer(GOOD), "", 0, "clean", "1 个软件包,没有已知漏洞"),
        (answer(GOOD, BAD), "Found 1 known vulnerability", 1, "vulnerable", "b 2: PYSEC-1 → 3"),
        (answer(SKIPPED, BAD), "", 1, "vulnerable", "KNOWN VULNERABILITIES"),
        (answer(GOOD, SKIPPED), "", 3, "incomplete", "NOT AUDITED IN FULL: 1 packages"),
        (answer(SKIPPED, SKIPPED), "", 3, "unreachable", "NOT AUDITED: the service did not answer"),
        (answer(), "", 3, "unreachable", "NOT AUDITED"),
        ("", "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed", 3, "unreachable", "NOT AUDITED"),
        ("", "HTTPSConnectionPool: Max retries exceeded", 3, "unreachable", "which does not mean that nothing is wrong"),
        ("", "usage: pip-audit [-h]\nerror: unrecognized arguments", 2, "failed", "the tool failed"),
        ("", "", 2, "failed", "it said nothing"),
    ],
)
def test_an_audit_that_did_not_happen_is_no_clean_one(out: str, err: str, code: int, outcome: str, told: str) -> None:
    found, attempt = dependencies.judged(out, err, {"at": "2026-11-29T12:00:00+08:00", "lock_sha256": ""})
    assert (found, attempt["outcome"]) == (code, outcome)
    assert told in dependencies.said(found, attempt)
