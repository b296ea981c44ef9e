"""What the first pass takes as passed, Great Expectations passes; row by row localisation decides as it does. It is imported only when needed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from fugong.core.vocabulary import Severity
from fugong.findings.finding import FindingType
from fugong.parsing.typed import typed_schema
from fugong.validation import first_pass
from fugong.validation.first_pass import FirstPass
from fugong.validation.localisation import conditions
from fugong.validation.localisation.conditions import Truth
from fugong.validation.localisation.constraints import constraints_of
from fugong.validation.suite import Suite, SuiteRule
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row
from tests.prove.first_pass import DAYS, Judges, Reports

REPORTS = Reports.load()
LOAN = REPORTS.tables["loan"]


def test_every_rule_of_the_project_is_understood() -> None:
    assert {name: one.first.unread for name, one in REPORTS.judges.items() if one.first.unread} == {}
    assert sum(len(one.first.compiled) for one in REPORTS.judges.values()) == sum(
        len(one.suite.rules) for one in REPORTS.judges.values()
    )


@pytest.mark.parametrize("name", sorted(REPORTS.tables))
def test_localisation_reads_every_rule_that_is_reported(name: str) -> None:
    suite = REPORTS.judges[name].suite
    read = constraints_of(suite, REPORTS.tables[name], REPORTS.code_lists)
    assert read.unread == {}
    reported = [n for n, rule in enumerate(suite.rules) if rule.is_reported]
    assert [one.number for one in read.constraints if one.rule.is_reported] == reported


@pytest.mark.parametrize("name", sorted(REPORTS.tables))
def test_what_passes_here_passes_in_great_expectations(name: str) -> None:
    found = REPORTS.compare(name, Random(name), (30,), is_random=False)
    assert found["judged"] == 30 * len(REPORTS.judges[name].suite.rules)
    assert 0 < found["failing"] < found["judged"]
    assert found["left"] < 0.2 * found["judged"]


@pytest.mark.parametrize("name", ["enterprise", "loan", "tax_relief", "service_event", "social_insurance_relief"])
def test_random_rules_that_pass_here_pass_in_great_expectations(name: str) -> None:
    found = REPORTS.compare(name, Random(name), (60,), is_random=True)
    assert 0 < found["failing"] < found["judged"]
    assert found["left"] < 0.2 * found["judged"]


def always_true(self: Any, rows: Any) -> Truth:
    return Truth(np.ones(len(rows["row_number"]), dtype=bool))


@pytest.mark.parametrize(
    ("owner", "attribute", "wrong", "report"),
    [
        (conditions.Comparison, "truth", always_true, "loan"),
        (first_pass.OfDistinct, "truth", always_true, "enterprise"),
        (conditions.IsMissing, "truth", always_true, "tax_relief"),
        (conditions.Not, "truth", always_true, "industry_resumption"),
    ],
)  # fmt: skip
def test_a_wrong_evaluator_is_found(monkeypatch: pytest.MonkeyPatch, owner: Any, attribute: str, wrong: Any, report: str) -> None:
    monkeypatch.setattr(owner, attribute, wrong)
    with pytest.raises(AssertionError, match="is taken as passed"):
        for seed in range(4):
            REPORTS.compare(report, Random(seed), (60,), is_random=seed > 0)


def rule(type_: str, **kwargs: Any) -> SuiteRule:
    columns = tuple(kwargs.get("column_list") or [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs])
    sentence = FindingType("r", Severity.SET_ASIDE, "坏", "bad", "改", "mend")
    return SuiteRule(sentence, columns[0], columns, is_reported=True, is_shadow=False, type=type_, kwargs=kwargs)


def loans(**columns: list[Any]) -> pa.RecordBatch:
    n = len(next(iter(columns.values())))
    schema = typed_schema(LOAN)
    given = {"row_number": list(range(4, 4 + n)), **columns}
    arrays = [pa.array(given.get(name, [None] * n), schema.field(name).type) for name in schema.names]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


@pytest.mark.parametrize(
    "left",
    [
        rule("expect_column_values_to_not_be_null", column="loan_id"),
        rule("expect_column_values_to_be_unique", column="loan_id"),
        rule("expect_compound_columns_to_be_unique", column_list=["loan_id", "uscc"]),
        rule("expect_column_pair_values_a_to_be_greater_than_b", column_A="disbursed", column_B="balance", or_equal=True),
        rule("expect_column_values_to_be_between", column="disbursed", min_value=0, mostly=0.9),
        rule("expect_column_values_to_be_between", column="disbursed", min_value=0, strict_min=True),
        rule("expect_column_values_to_be_between", column="disbursed", min_value=5, max_value=1),
        rule("expect_column_values_to_be_between", column="disbursed", max_value="much"),
        rule("expect_column_values_to_be_between", column="disbursed"),
        rule("expect_column_values_to_be_between", column="disbursed_date", min_value=0),
        rule("expect_column_values_to_be_between", column="uscc", max_value=1),
        rule("expect_column_values_to_be_in_set", column="disbursed_date", value_set=[18000]),
        rule("expect_column_values_to_be_in_set", column="uscc", value_set=["a", 1]),
        rule("expect_column_values_to_be_in_set", column="uscc", value_set=[]),
        rule("expect_column_values_to_match_regex", column="uscc", regex="(?=9)9"),
        rule("expect_column_values_to_match_regex", column="uscc", regex="("),
        rule("expect_row_to_satisfy", column_list=["disbursed"], condition="disbursed >= 0", ignore_row_if="never"),
        rule("expect_row_to_satisfy", column_list=["disbursed"], condition="disbursed.round() >= 0"),
        rule("expect_row_to_satisfy", column_list=["disbursed_date"], condition="disbursed_date > 18000"),
        rule("expect_row_to_satisfy", column_list=["disbursed_date"], condition="disbursed_date in [18000]"),
        rule("expect_row_to_satisfy", column_list=["disbursed_date"], condition="disbursed_date == '2020-03-18'"),
        rule("expect_row_to_satisfy", column_list=["disbursed_date"], condition="'2020-03-18' != disbursed_date"),
        rule("expect_row_to_satisfy", column_list=["disbursed_date"], condition="disbursed_date - report_date <= 0"),
        rule("expect_row_to_satisfy", column_list=["uscc"], condition="uscc in 'abc'"),
        rule("expect_row_to_satisfy", column_list=["disbursed"], condition="1 < 2"),
        rule("expect_row_to_satisfy", column_list=["uscc"], condition="uscc > 1"),
    ],
    ids=lambda one: f"{one.type} {dict(one.kwargs)}",
)  # fmt: skip
def test_what_is_not_understood_is_left_to_great_expectations(left: SuiteRule) -> None:
    known = rule("expect_column_values_to_be_between", column="disbursed", min_value=0)
    found = FirstPass.of(Suite("loan", (known, left)), LOAN)
    assert found.unread.keys() == {1}
    assert found.unproven([loans(disbursed=[1], balance=[0], loan_id=["a"], uscc=["9"])], DAYS) == [1]
    assert found.unproven([loans(disbursed=[-1])], DAYS) == [0, 1]


def test_a_column_of_another_type_than_its_contract_says_is_left_to_great_expectations() -> None:
    odd = replace(
        LOAN,
        columns=tuple(replace(one, logical_type="number") if one.name == "uscc" else one for one in LOAN.columns),
    )
    suite = Suite("loan", (rule("expect_column_values_to_be_between", column="uscc", min_value=0),))
    assert FirstPass.of(suite, odd).unread.keys() == {0}


def test_python_and_re2_both_have_to_match() -> None:
    r"""`\d` of Python holds for １, that of RE2 does not; `$` of Python holds before a line feed."""
    suite = Suite("loan", (rule("expect_column_values_to_match_regex", column="uscc", regex=r"^\d+$"),))
    judges = Judges.of(suite, LOAN)
    assert judges.first.unread == {}
    unsure = ["12", None, "１２", "12\n"]
    assert [bool(judges.first.unproven([loans(uscc=[one])], DAYS)) for one in unsure] == [False, False, True, True]
    for text in unsure:
        judges.compare([[loans(uscc=[text])]])


def test_characters_are_counted_as_python_counts_them() -> None:
    suite = Suite("loan", (rule("expect_column_value_lengths_to_be_between", column="uscc", min_value=2, max_value=3),))
    judges = Judges.of(suite, LOAN)
    assert judges.first.unread == {}
    texts = [
        None,
        "",
        "a",
        "ab",
        "郑州",
        "郑州市上",
        "\U0001f600",
        "\U0001f600\U0001f600",
        "e\u0301",
        "e\u0301e\u0301",
        "\r\n",
        "a\0",
        "\ufeffab ",
    ]
    assert [bool(judges.first.unproven([loans(uscc=[one])], DAYS)) for one in texts] == [
        one is not None and not 2 <= len(one) <= 3 for one in texts
    ]
    judges.compare([[loans(uscc=texts)], *([loans(uscc=[one])] for one in texts)])


def test_no_rows_pass() -> None:
    judges = REPORTS.judges["loan"]
    assert judges.first.unproven([loans(uscc=[])], DAYS) == []
    assert judges.first.unproven([loans(uscc=[None])], DAYS) == []


def test_a_clean_file_imports_no_great_expectations(inbox: Inbox, tmp_path: Path) -> None:
    """By the command, in a process of its own; a row that fails a rule has it imported."""
    program = (
        "import sys\n"
        "from fugong.cli.app import app\n"
        "for file in sys.argv[1:]:\n"
        "    code = app(['check', file, '-d', 'TAX', '--json'], standalone_mode=False)\n"
        "    print('IMPORTED', code, 'great_expectations' in sys.modules, file=sys.stderr)\n"
    )
    settings = inbox.settings
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FUGONG_")} | {
        "FUGONG_HOME": str(settings.home), "FUGONG_DISTRICT": str(settings.district), "FUGONG_WAREHOUSE": str(settings.warehouse_url)}  # fmt: skip
    files: list[str] = []
    for name, amount in (("clean", "100.00"), ("bad", "-100.00")):
        file = tmp_path / name / "20200318_R04_TAX_V1.csv"
        file.parent.mkdir()
        file.write_bytes(as_csv(TAX_HEADER, [tax_row(1), tax_row(2, amount)]))
        files.append(str(file))
    done = subprocess.run(
        [sys.executable, "-c", program, *files], env=environment, check=False, text=True, capture_output=True
    )  # fmt: skip
    assert re.findall(r"IMPORTED (\w+) (\w+)", done.stderr) == [("None", "False"), ("1", "True")], done.stderr
