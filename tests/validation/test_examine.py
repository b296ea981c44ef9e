"""Rules are examined against each other: contradictions, rules that others imply, and a smallest row that breaks each.

The suites of the district are examined by `make check`; their smallest rows are proved in `tests/contracts`.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fugong.contracts.code_list import load_code_lists
from fugong.contracts.load import load_contracts
from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT
from fugong.validation.localisation.examine import Examination, examine
from fugong.validation.suite import Suite

CONTRACTS = load_contracts(PROJECT / "include" / "contracts")
CODE_LISTS = load_code_lists(PROJECT / "include" / "reference" / "code_list.csv")
LOAN = json.loads((PROJECT / "expectations" / "loan.json").read_text(encoding="utf-8"))
Examined = Callable[..., Examination]


def rule(code: str, condition: str, *columns: str, **meta: Any) -> dict[str, Any]:
    sentences = {
        "message_zh": "“{header}”{value}不对。",
        "message_en": '"{header}" {value}.',
        "advice_zh": "改",
        "advice_en": "mend",
    }
    return {
        "type": "expect_row_to_satisfy",
        "kwargs": {"column_list": list(columns), "condition": condition},
        "severity": "critical",
        "meta": {"code": code, "column": columns[0], **sentences, **meta},
    }


@pytest.fixture
def examined(tmp_path: Path) -> Examined:
    """Examines the suite of loans with rules added."""

    def run(*rules: dict[str, Any]) -> Examination:
        suite = copy.deepcopy(LOAN)
        suite["expectations"] += rules
        path = tmp_path / "loan.json"
        path.write_text(json.dumps(suite, ensure_ascii=False), encoding="utf-8")
        return examine(Suite.load(path), CONTRACTS.tables["loan"], CODE_LISTS)

    return run


def test_a_rule_that_nothing_can_break_is_named(examined: Examined) -> None:
    assert examined(rule("never", "disbursed <= 10 or disbursed > 5", "disbursed")).contradictions == ("never disbursed",)


def test_a_column_that_no_value_passes_is_named(examined: Examined) -> None:
    found = examined(rule("a", "credit_line > 100", "credit_line"), rule("b", "credit_line < 50", "credit_line"))
    assert "credit_line" in found.unfillable


def test_a_rule_that_the_good_row_breaks_is_named(examined: Examined) -> None:
    assert "no-loan disbursed" in examined(rule("no-loan", "disbursed < 0", "disbursed")).broken_at_once


def test_a_rule_that_another_implies_wants_a_reason(examined: Examined) -> None:
    weaker = ("far-more", "disbursed <= contract_amount + 1000", "disbursed", "contract_amount")
    assert examined(rule(*weaker)).redundant == ("far-more disbursed",)
    found = examined(rule(*weaker, overlaps="Its sentence is another one."))
    assert (found.redundant, found.implied["far-more disbursed"]) == ((), ("more-than-contract disbursed",))


def test_a_condition_that_cannot_be_read_is_listed(examined: Examined) -> None:
    assert examined(rule("round", "disbursed % 100 == 0", "disbursed")).unread == {"round disbursed": "disbursed % 100"}


def test_a_smallest_row_breaks_its_rule_in_great_expectations(examined: Examined) -> None:
    found = examined()
    assert found.smallest["more-than-contract disbursed"].keys() <= {"disbursed", "contract_amount"}
    assert len(found.smallest["too-early disbursed_date"]) == 1


def test_a_suite_without_a_good_row_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"meta\.good"):
        examine(Suite("loan", ()), CONTRACTS.tables["loan"], CODE_LISTS)


def test_the_command_ends_with_1_where_something_is_found(tmp_path: Path) -> None:
    for name in ("contracts", "reference"):
        (tmp_path / "include" / name).mkdir(parents=True)
    (tmp_path / "expectations").mkdir()
    own = "include/contracts/loan.odcs.yaml", "include/reference/code_list.csv", "expectations/loan.json"
    for name in own:
        (tmp_path / name).write_bytes((PROJECT / name).read_bytes())
    command = [sys.executable, "-m", "fugong", "rules", "--examine", "--lang", "en"]
    env = os.environ | {"FUGONG_DISTRICT": str(tmp_path), "FUGONG_HOME": str(tmp_path / "home")}
    sound = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (sound.returncode, sound.stderr) == (0, "")
    broken = copy.deepcopy(LOAN)
    broken["expectations"].append(rule("never", "disbursed <= 10 or disbursed > 5", "disbursed"))
    (tmp_path / "expectations" / "loan.json").write_text(json.dumps(broken, ensure_ascii=False), encoding="utf-8")
    found = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "loan  no row breaks it: never disbursed" in found.stdout
