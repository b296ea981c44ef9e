"""Contracts, code lists and suites fit together, and every rule of a suite can fail.

`meta.good` of a suite is a row that breaks no rule. The smallest change of it that breaks each rule is computed from what localisation
understands of the rule; that Great Expectations finds the same proves both. A rule that cannot fail is an error.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd
import pytest
import yaml

from fugong.contracts.code_list import load_code_lists
from fugong.contracts.contract import Contract, Table
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.core.vocabulary import Severity
from fugong.validation.checked import Checked
from fugong.validation.expectation import satisfied
from fugong.validation.localisation.examine import examine
from fugong.validation.suite import GIVEN, Suite, render

CONTRACTS = load_contracts(PROJECT / "include" / "contracts")
SUITES = PROJECT / "expectations"
CODE_LISTS = load_code_lists(PROJECT / "include" / "reference" / "code_list.csv")

TABLES = sorted(CONTRACTS.tables)
COLUMNS = [(table, column) for table in CONTRACTS.tables.values() for column in table.columns]


def _rules() -> list[tuple[str, int, str]]:
    found = []
    for file in sorted(SUITES.glob("*.json")):
        items = json.loads(file.read_text(encoding="utf-8"))["expectations"]
        found += [
            (file.stem, n, f"{file.stem}: {item['meta']['code']}, {item['meta']['column']}") for n, item in enumerate(items)
        ]
    return found


RULES = _rules()


@lru_cache
def suite(name: str) -> Suite:
    return Suite.load(SUITES / f"{name}.json", CONTRACTS.tables[name].by_name)


@lru_cache
def meta(name: str) -> dict[str, Any]:
    return json.loads((SUITES / f"{name}.json").read_text(encoding="utf-8"))


def frame(table: Table, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as the check receives them: typed by the contract, missing as NA."""
    dtypes = {"string": "str", "integer": "float64", "number": "float64", "date": "datetime64[us]", "boolean": "boolean"}
    columns = {column.name: dtypes[column.logical_type] for column in table.columns} | {
        "report_date": "datetime64[us]",
        "arrival_date": "datetime64[us]",
    }
    typed = {name: pd.Series([row.get(name) for row in rows]).astype(dtype) for name, dtype in columns.items()}
    return pd.DataFrame(typed).assign(row_number=range(5, 5 + len(rows)))


def test_every_contract_is_loaded_and_sent_by_departments_of_the_district():
    files = {file.name.removesuffix(".odcs.yaml") for file in (PROJECT / "include" / "contracts").iterdir()}
    assert {contract.id for contract in CONTRACTS} == files
    assert {"R00", "R01", "R02", "R03", "R04"} < {contract.report for contract in CONTRACTS}
    with (PROJECT / "include" / "reference" / "department.csv").open(encoding="utf-8", newline="") as lines:
        departments = {row["department_code"] for row in csv.DictReader(lines)}
    assert {sender for contract in CONTRACTS for sender in contract.senders} == departments


def test_every_table_has_a_suite_and_every_suite_a_table():
    assert len(TABLES) > 20
    assert sorted(file.stem for file in SUITES.glob("*")) == TABLES


@pytest.mark.parametrize("contract", list(CONTRACTS), ids=lambda contract: contract.report)
def test_a_contract_keeps_to_the_standard(contract: Contract):
    from jsonschema import Draft201909Validator
    from open_data_contract_standard.model import OpenDataContractStandard

    content = yaml.safe_load((PROJECT / "include" / "contracts" / f"{contract.id}.odcs.yaml").read_text(encoding="utf-8"))
    faults = Draft201909Validator(json.loads(OpenDataContractStandard.json_schema())).iter_errors(content)
    assert [f"{list(fault.absolute_path)}: {fault.message}" for fault in faults] == []


def test_every_table_and_column_is_described_in_both_languages():
    described = {f"{table.name}.{column.name}": column.description for table, column in COLUMNS}
    described |= {table.name: table.description for table in CONTRACTS.tables.values()}
    assert len(described) > 200
    halves = {name: text.partition(" | ") for name, text in described.items()}
    assert [name for name, (en, _, zh) in halves.items() if not (en.endswith(".") and zh.endswith("。"))] == []


def test_every_code_list_is_used_and_every_list_used_exists():
    # Units stand behind numbers: English pages show their English.
    assert {column.code_list for _, column in COLUMNS if column.code_list} | {"unit"} == set(CODE_LISTS)
    assert all(column.code_list == "yes_no" for _, column in COLUMNS if column.logical_type == "boolean")


def test_rows_in_another_unit_are_told_by_a_code_that_exists():
    other = [(table, column) for table, column in COLUMNS if column.other_units]
    assert {column.name for _, column in other} == {"base_amount"}
    for table, column in other:
        codes = CODE_LISTS[table.by_name[column.other_units.column].code_list].codes
        assert {code for code, _ in column.other_units.units} <= {code.code for code in codes}


def test_a_doubtful_scale_is_only_told_where_no_figure_uses_the_column():
    told = {column.name for _, column in COLUMNS if column.tells_doubtful_scale}
    assert told == {"rate_std", "rate_act"}
    sql = [
        file.read_text(encoding="utf-8")
        for folder in ("facts", "marts")
        for file in (PROJECT / "include" / "sql" / folder).glob("*.sql")
    ]
    assert len(sql) > 40
    assert [name for name in told if any(name in text for text in sql)] == []


def test_every_code_has_both_names():
    assert [code for codes in CODE_LISTS.values() for code in codes.codes if not (code.name_zh and code.name_en)] == []


@pytest.mark.parametrize(
    ("name", "spelling", "code"),
    [
        ("township", "济源路办", "410106001"), ("township", "峡窝", "410106100"), ("township", "410106005", "410106005"),
        ("yes_no", "√", "true"), ("yes_no", "已复工", "true"), ("yes_no", "否", "false"), ("relief_kind", "缓", "DEFER"),
        ("relief_kind", "减", "REDUCE"), ("insurance", "养老保险", "PEN"), ("size_class", "大型", "L"), ("exempt_code", "X10", "X10"),
        ("scale_code", "规上服务业", "F"), ("levy_item", "城市维护建设税", "城建税"), ("policy_vintage", "2020 新出台", "2020新出台"),
    ],
)  # fmt: skip
def test_a_spelling_stands_for_its_code(name: str, spelling: str, code: str):
    from fugong.contracts.code_list import fold

    assert CODE_LISTS[name].spellings[fold(spelling)] == code


@lru_cache
def smallest(name: str) -> list[Mapping[str, Any]]:
    """For each rule the cells to change in the good row so that it fails; what the suite itself gives as an example comes first."""
    found = examine(suite(name), CONTRACTS.tables[name], CODE_LISTS).smallest
    rules = zip(suite(name).rules, meta(name)["expectations"], strict=True)
    return [item["meta"].get("bad") or found[f"{rule.rule.code} {rule.column}"] for rule, item in rules]


@lru_cache
def judged(name: str) -> Checked:
    """The good row, then for each rule the good row with the cells changed that make it fail, in one block."""
    good = meta(name)["meta"]["good"]
    bad = [good | smallest(name)[n] for n in range(len(meta(name)["expectations"]))]
    return suite(name).check(frame(CONTRACTS.tables[name], [good, *bad]))


@pytest.mark.parametrize("name", TABLES)
def test_the_good_row_is_complete_and_breaks_no_rule(name: str):
    table = CONTRACTS.tables[name]
    good = meta(name)["meta"]["good"]
    assert [column for column in good if column not in table.by_name and column not in GIVEN] == []
    assert [column.name for column in table.columns if column.required and column.name not in good] == []
    for column in table.columns:
        if column.code_list and column.name in good:
            spelling = str(good[column.name]).lower() if column.logical_type == "boolean" else good[column.name]
            assert spelling in [code.code for code in CODE_LISTS[column.code_list].codes], column.name
    assert [finding for finding in judged(name).findings.to_pylist() if finding["row"] == 0] == []
    assert not judged(name).set_aside[0]


@pytest.mark.parametrize(("name", "n"), [rule[:2] for rule in RULES], ids=[rule[2] for rule in RULES])
def test_a_rule_fails_on_its_bad_row_and_says_so(name: str, n: int):
    table, rule, row = CONTRACTS.tables[name], suite(name).rules[n], n + 1
    if not rule.is_reported:
        bad = meta(name)["meta"]["good"] | smallest(name)[n]
        assert not satisfied(frame(table, [bad])[list(rule.columns)], rule.kwargs["condition"], judge_missing=False).iloc[0]
        return
    found = [item for item in judged(name).findings.to_pylist() if item["row"] == row and item["rule"] == n]
    assert [(item["row_number"], item["code"], item["column"]) for item in found] == [(5 + row, rule.rule.code, rule.column)]
    if rule.rule.severity is Severity.SET_ASIDE:
        assert judged(name).set_aside[row]
    zh, en = render(rule, table.by_name[rule.column].header, found[0]["value"], 5 + row)
    assert "{" not in zh + en
    assert zh.endswith("。")
    assert en.endswith(".")


def test_a_warning_alone_sets_nothing_aside():
    told = [(name, n) for name, n, _ in RULES if suite(name).rules[n].rule.severity is Severity.WARNING]
    assert len(told) > 20
    alone = []
    for name, n in told:
        found = [item for item in judged(name).findings.to_pylist() if item["row"] == n + 1]
        if {item["severity"] for item in found} == {"warning"}:
            alone.append((name, n))
            assert not judged(name).set_aside[n + 1]
    assert len(alone) > 20


MEASURES = {
    "tax_relief": ["amt_relief"],
    "social_insurance_relief": ["relief", "wage_base", "due_before"],
    "stabilisation_refund": ["paid", "approved", "prev_year_premium"],
    "water_bill": ["relief_claimed", "bill_before"],
    "power_bill": ["relief_claimed", "bill_before"],
    "industry_resumption": ["output_value"],
    "service_resumption": ["revenue"],
    "land_parcel": ["area_mu", "start_price", "deal_price", "deposit"],
    "land_plan": ["plan_mu"],
    "loan": ["disbursed"],
    "gas_bill": ["relief_claimed", "bill_before"],
    "award": ["recognised_investment", "upper_subsidy", "approved", "paid"],
    "rent_relief": ["monthly_rent", "relief_claimed"],
    "recruitment_post": ["posts", "vacancies", "intents"],
    "supply_lot": ["qty"],
    "supply_line": ["daily_capacity", "output"],
    "project": ["total_investment"],
    "investment_deal": ["total_investment"],
    "service_event": ["qty"],
}


@pytest.mark.parametrize("name", MEASURES)
def test_a_figure_given_ten_thousand_times_too_large_is_set_aside(name: str):
    good = meta(name)["meta"]["good"]
    rows = [good, *(good | {column: good[column] * 10_000} for column in MEASURES[name])]
    checked = suite(name).check(frame(CONTRACTS.tables[name], rows))
    assert checked.set_aside.tolist() == [False] + [True] * len(MEASURES[name])


def test_a_figure_ten_thousand_times_off_is_not_also_told_as_a_small_difference():
    for name, column in [("tax_relief", "amt_relief"), ("water_bill", "relief_claimed"), ("social_insurance_relief", "relief")]:
        good = meta(name)["meta"]["good"]
        rows = [good | {column: good[column] * factor} for factor in (10_000, 1.3, 0.9)]
        found = suite(name).check(frame(CONTRACTS.tables[name], rows)).findings.to_pylist()
        assert "unlike-computed" not in [item["code"] for item in found if item["row"] == 0], name
        assert [item["code"] for item in found if item["row"] == 2] == ["unlike-computed"], name


def test_suites_are_written_as_great_expectations_writes_json():
    for file in sorted(SUITES.glob("*.json")):
        text = file.read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n", file.name
