"""The skeleton of a district: it fits together, its rules can fail, and it names nothing of the sample district."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fugong.briefing.wording import load_template
from fugong.cli.new import SKELETON, lay_district
from fugong.contracts.code_list import load_code_lists
from fugong.contracts.load import load_contracts
from fugong.core.errors import RefusedError
from fugong.core.schema import SCHEMAS
from fugong.core.settings import PROJECT
from fugong.core.vocabulary import Lang
from fugong.figures.definition import load_definitions
from fugong.marts.sql_files import load_sql_files
from fugong.validation.localisation.examine import examine
from fugong.validation.suite import Suite
from tests.contracts.test_contracts import frame

LAID = {
    ".gitignore",
    "README.md",
    "README.zh-CN.md",
    "expectations/opening.json",
    "include/briefing/briefing.yaml",
    "include/briefing/figures/10_opening.yaml",
    "include/contracts/opening.odcs.yaml",
    "include/reference/calendar.csv",
    "include/reference/code_list.csv",
    "include/reference/department.csv",
    "include/samples/EXAMPLE/E01_20250106.csv",
    "include/sql/facts/opening.sql",
    "include/sql/marts/opening_daily.sql",
}


@pytest.fixture
def district(tmp_path: Path) -> Path:
    lay_district(tmp_path / "ours")
    return tmp_path / "ours"


def test_a_new_district_is_the_skeleton_and_what_its_editors_complete_by(district: Path) -> None:
    schemas = {f"schemas/{path.name}" for path in SCHEMAS.iterdir()}
    assert {"schemas/contract.schema.json", "schemas/suite.schema.json"} <= schemas
    assert {path.relative_to(district).as_posix() for path in district.rglob("*") if path.is_file()} == LAID | schemas
    contract = district / "include/contracts/opening.odcs.yaml"
    first = contract.read_text(encoding="utf-8").partition("\n")[0]
    assert (contract.parent / first.partition("$schema=")[2]).resolve() == district / "schemas/contract.schema.json"
    with pytest.raises(RefusedError):
        lay_district(district)


def test_its_files_fit_together(district: Path) -> None:
    include = district / "include"
    contracts = load_contracts(include / "contracts")
    [table] = contracts.tables.values()
    lists = load_code_lists(include / "reference/code_list.csv")
    assert {column.code_list for column in table.columns if column.code_list} == set(lists)
    with (include / "reference/department.csv").open(encoding="utf-8", newline="") as file:
        departments = {row["department_code"] for row in csv.DictReader(file)}
    assert {sender for contract in contracts for sender in contract.senders} == departments
    files = load_sql_files(include / "sql")
    assert ([fact.name for fact in files.facts], [mart.name for mart in files.marts]) == (["opening"], ["opening_daily"])
    assert list(load_definitions(include)) == ["E001", "E900"]


def test_every_rule_of_its_suite_can_fail(district: Path) -> None:
    table = load_contracts(district / "include/contracts").tables["opening"]
    path = district / "expectations/opening.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    good = content["meta"]["good"]
    suite = Suite.load(path, table.by_name)
    smallest = examine(suite, table, load_code_lists(district / "include/reference/code_list.csv")).smallest
    bad = [good | smallest[f"{rule.rule.code} {rule.column}"] for rule in suite.rules]
    found = suite.check(frame(table, [good, *bad])).findings.to_pylist()
    assert {(one["row"] - 1, one["rule"]) for one in found if one["rule"] == one["row"] - 1} == {(n, n) for n in range(len(bad))}
    assert {one["row"] for one in found} == set(range(1, len(bad) + 1))


def test_it_names_nothing_of_the_sample_district() -> None:
    contracts = load_contracts(PROJECT / "include" / "contracts")
    names = {name for contract in contracts for name in (contract.id, contract.report, *contract.senders)} | set(contracts.tables)
    names |= set(load_definitions(PROJECT / "include")) | {
        mart.name for mart in load_sql_files(PROJECT / "include" / "sql").marts
    }
    assert len(names) > 100
    words = {
        word
        for path in SKELETON.rglob("*")
        if path.is_file()
        for word in re.findall(r"[A-Za-z0-9_]+", path.read_text(encoding="utf-8") + path.name)
    }
    assert {"opening", "E01", "EXAMPLE"} <= words
    assert words & names == set()


def test_its_sql_is_written_as_ours(district: Path) -> None:
    command = [sys.executable, "-m", "sqlfluff", "lint", "--config", str(PROJECT / ".sqlfluff"), str(district / "include/sql")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_briefing_has_english(district: Path) -> None:
    template = load_template(district / "include")
    template.refuse_untranslated(Lang.EN)
    assert all(sentence.en for sentence in template.sentences)
