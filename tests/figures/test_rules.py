"""Rules over figures: each kind on the mini district, and where every inconsistency of the domain, I01 to I23, is treated."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import yaml

from fugong.contracts.load import load_contracts
from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT, Settings
from fugong.figures import references
from fugong.figures.cross_checks import check_warnings, contradictions
from fugong.figures.definition import load_definitions
from fugong.figures.display import and_more, percent
from fugong.figures.evaluate import open_evaluator
from fugong.figures.figure import figures
from fugong.figures.rules import load_figure_rules
from fugong.figures.term import MartCells
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse.connection import connect
from tests.fixtures.mini_district import Mini

Connection = psycopg.Connection[Any]
D = date(2020, 3, 18)


def told(connection: Connection, mini: Mini, rule: dict[str, Any], more: Sequence[dict[str, Any]] = ()) -> dict[str, list[str]]:
    """What a rule says beside which figures of the mini district."""
    file = mini.include / "briefing" / "rules.yaml"
    file.write_text(yaml.safe_dump([{"id": "R", "zh": "", "en": "", **rule}], allow_unicode=True), encoding="utf-8")
    added = [{"name": one["id"], "name_zh": one["id"]} | one for one in more]
    (mini.include / "briefing/figures/more.yaml").write_text(yaml.safe_dump(added))
    references.check_references(connection, mini.include)
    found = figures(connection, mini.include, D)
    return {
        figure.id: said
        for figure in found
        if (said := [one.en.removeprefix("R: ") for one in figure.warnings if one.en.startswith("R:")])
    }


def test_an_identity_and_a_floor_are_told_where_they_do_not_hold(connection: Connection, mini: Mini) -> None:
    right = [{"figure": "T3"}, {"figures": ["-T5"]}]
    assert told(connection, mini, {"equal": [{"figure": "T11"}, right], "touches": ["T11"]}) == {}
    words = "{left} {right} {rest}"
    wrong = told(connection, mini, {"equal": [{"figure": "T11"}, {"figure": "T3"}], "touches": ["T11", "T3"], "en": words})
    assert wrong == {name: ["1370.4 1520.5 -150.1"] for name in ("T3", "T11")}
    rows = {"figures": ["T1"], "part": "denominator"}
    assert told(connection, mini, {"at_least": [{"figure": "T7"}, rows], "touches": ["T7"]}) == {}
    assert told(connection, mini, {"at_least": [{"figure": "T2"}, rows], "touches": ["T2"], "en": words}) == {"T2": ["2 5 -3"]}
    # What is not known breaks nothing.
    unknown = {"mart": "work_daily", "column": "n_listed", "keys": {"dimension": "no such"}}
    assert told(connection, mini, {"equal": [unknown, {"figure": "T2"}], "touches": ["T2"], "en": words}) == {"T2": ["0 2 -2"]}


def test_the_same_digits_in_another_unit_are_looked_at(connection: Connection, mini: Mini) -> None:
    more = [
        {"id": "N1", "unit": "元", "display": {"kind": "万元", "decimals": 5}, "value": {"figure": "T3"}},
        {
            "id": "N2",
            "unit": "元",
            "display": {"kind": "元", "decimals": 1},
            "value": {"mart": "lease_daily", "column": "relief"},
        },
        {
            "id": "N3",
            "unit": "元",
            "display": {"kind": "万元", "decimals": 5},
            "value": {"mart": "lease_daily", "column": "relief"},
        },
    ]
    found = told(connection, mini, {"same_digits": 3, "en": "{other} {display} {verdict}"}, more)
    # 1520.5 元 and 0.15205万元 are the same loans; 150.1 元 and 0.01501万元 the same leases. T3 (0.2万元) has too few digits.
    assert found["N2"] == ["N3 0.01501万元 the unit is to be looked at"]
    assert sorted(found["N3"]) == ["N2 150.1元 the unit is to be looked at", "T5 150.1 the unit is to be looked at"]
    connection.execute("UPDATE report.lease SET relief = relief * 1520.5 / 150.1")
    cleared = told(connection, mini, {"same_digits": 3, "en": "{other} {verdict}"}, more)
    assert "N2 they come from different reports" in cleared["N1"]


def test_a_denominator_is_a_figure_is_bridged_or_has_a_name(connection: Connection, mini: Mini) -> None:
    share = {
        "id": "N1", "unit": "1", "display": "percent",
        "numerator": {"mart": "work_daily", "column": "n_resumed", "keys": {"dimension": "township", "member": "A"}},
        "denominator": {"mart": "work_daily", "column": "n_listed", "keys": {"dimension": "township", "member": "A"}},
    }  # fmt: skip
    rule = {"denominators": True, "en": "{denominator}"}
    assert told(connection, mini, rule, [share]) == {"N1": ["3"]}  # T1 divides by T7
    assert told(connection, mini, rule, [share | {"of": {"zh": "甲镇企业", "en": "firms of A"}}]) == {}
    less = {"mart": "work_daily", "column": "n_listed", "keys": {"dimension": "township", "member": ["B", "C"]}}
    assert told(connection, mini, rule, [share | {"bridge": {"figure": "T7", "less": less}}]) == {}
    too_few = less | {"keys": {"dimension": "township", "member": "B"}}
    assert told(connection, mini, rule, [share | {"bridge": {"figure": "T7", "less": too_few}}]) == {"N1": ["3"]}


def test_a_band_and_a_full_rate(connection: Connection, mini: Mini) -> None:
    banded = [
        {"id": "N1", "unit": "元", "value": {"figure": "T3"}, "band": [1, 1520]},
        {"id": "N2", "unit": "元", "value": {"figure": "T3"}, "band": [1, 1521]},
    ]
    assert told(connection, mini, {"band": True, "en": "{value} {least} {most}"}, banded) == {"N1": ["1520.5 1 1520"]}
    listed = {"mart": "work_daily", "column": "n_listed", "keys": {"dimension": "total"}}
    full = [{"id": "N1", "unit": "1", "display": "percent", "numerator": listed, "denominator": listed}]
    assert told(connection, mini, {"full": True, "en": "{numerator}/{denominator}"}, full) == {"N1": ["5/5"]}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"equal": [{"figure": "T1"}], "touches": ["T1"]}, "`0.equal` .*is too short"),
        ({"equal": [{"figure": "T2"}, {"figure": "T3"}]}, "`0` needs the key 'touches'"),
        ({"equals": [{"figure": "T2"}, {"figure": "T3"}]}, "`0` has no key 'equals'. Did you mean 'equal'."),
        ({"band": True, "full": True}, "A rule has exactly one of equal, at_least"),
        ({"equal": [{"figure": "T2"}, {"figure": "T99"}], "touches": ["T2"]}, "no figure 'T99'"),
        ({"equal": [{"figure": "T2"}, {"figure": "T3"}], "touches": ["T99"]}, "no figure 'T99'"),
        (
            {"equal": [{"figure": "T2"}, {"mart": "loan_flow", "column": "payed"}], "touches": ["T2"]},
            "no column 'payed'. Did you mean 'paid'.",
        ),
    ],
)
def test_a_faulty_rule_is_ours(connection: Connection, mini: Mini, rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"briefing/rules\.yaml:[0-9]+: .*{message}"):
        told(connection, mini, rule)


# Where each inconsistency of the domain is treated

INCLUDE = PROJECT / "include"
FILES = load_sql_files(INCLUDE / "sql")
DEFINITIONS = load_definitions(INCLUDE)
RULES = {rule.id: rule for rule in load_figure_rules(INCLUDE)}
CHECKS = {check.id: check for check in FILES.checks}
with (INCLUDE / "reference" / "policy_param.csv").open(encoding="utf-8", newline="") as lines:
    PARAMETERS = list(csv.DictReader(lines))


def check(number: str, *figures_: str) -> bool:
    return set(figures_) <= set(CHECKS[number].touches)


def param(policy_id: str, name: str) -> list[dict[str, str]]:
    return [row for row in PARAMETERS if (row["policy_id"], row["param"]) == (policy_id, name)]


def cells(name: str) -> list[MartCells]:
    return [term for term in DEFINITIONS[name].terms.values() if isinstance(term, MartCells)]


TREATED: dict[str, Callable[[], bool]] = {
    # A bridge from the 20 listed to the denominator, and a rule that no rate divides by something unnamed.
    "I01": lambda: RULES["I01"].kind == "denominators" and getattr(DEFINITIONS["S070"].bridge, "figure", "") == "S066",
    "I02": lambda: check("X05", "S006", "S007", "S069", "S070"),
    "I03": lambda: check("X16", "S026", "S028") and {term.mart for term in cells("S028")} == {"approval"},
    "I04": lambda: check("X06", "S069", "S070"),
    "I05": lambda: set(RULES["I05"].touches) == {"S060", "S061", "S062"} and check("X17", "S060", "S061", "S062"),
    "I06": lambda: RULES["I06"].digits == 3,
    "I07": lambda: DEFINITIONS["S033"].band == (100_000, 50_000_000) and DEFINITIONS["S064"].band is not None,
    "I08": lambda: (
        (RULES["I08"].kind, percent(Decimal(2499) / 2500), percent(Decimal(1))) == ("full", "99.9%", "100%")
        and check("X03", "S002")
    ),
    "I09": lambda: (
        all(
            (f"{value - value % 100}余" if value % 100 else str(value)) == and_more(Decimal(value), 100)
            for value in range(100, 1000)
        )
        and DEFINITIONS["S034"].display.step == 1000
    ),
    "I10": lambda: (
        (DEFINITIONS["S059"].unit, DEFINITIONS["S038"].unit) == ("家次", "家") and cells("S038")[0].column == "n_new_enterprises"
    ),
    "I11": lambda: all(cells(name)[0].since == "accumulate_from" for name in ("S038", "S039", "S041", "S049")),
    "I12": lambda: (
        {"reduced", "refunded", "deferred"} <= FILES.mart("tax_relief_flow").columns.keys()
        and cells("S041")[0].keys == {"is_social": (False,)}
    ),
    "I13": lambda: (
        {"credit_line", "balance"} <= FILES.mart("loan_daily").columns.keys() and cells("S039")[0].column == "disbursed"
    ),
    "I14": lambda: (
        (
            param("P21", "price_after")[0]["valid_from"],
            param("P17", "settlement_ratio")[0]["valid_from"],
            param("P20", "pass_through_share")[0]["valid_from"],
        )
        == ("2020-02-01", "2020-02-01", "2020-02-22")
    ),
    "I15": lambda: "valid_to" in FILES.mart("relief_projection").columns and cells("S049")[0].mart == "water_relief_flow",
    "I16": lambda: check("X12", "S052") and bool(param("P17", "settlement_ratio")[0]["industry_exclude"]),
    "I17": lambda: param("P26", "epidemic_end_date")[0]["value"] == "",
    "I18": lambda: any(
        row["policy_id"] == "P29" and ("base open" in row["source_mark"] or (row["param"], row["value"]) == ("base_kind", ""))
        for row in PARAMETERS
    ),
    "I19": lambda: RULES["I19"].kind == "at_least" and check("X15", "S037"),
    "I20": lambda: "amount_scope" in load_contracts(INCLUDE / "contracts").tables["investment_deal"].by_name,
    "I21": lambda: set(RULES["I21"].touches) == {"S018", "S002", "S004"} and check("X02", "S002", "S004", "S018"),
    # A published text is read without its white space, quotes and widths: tests of fugong audit.
    "I22": lambda: any(file.name == "test_find_quantities.py" for file in (PROJECT / "tests" / "audit").glob("test_*.py")),
    "I23": lambda: DEFINITIONS["S019"].rule is not None and DEFINITIONS["S019"].rule.at_least == 3,
}


@pytest.mark.parametrize("name", sorted(TREATED))
def test_every_inconsistency_of_the_domain_is_treated(name: str) -> None:
    assert TREATED[name]()


def test_they_are_i01_to_i23() -> None:
    assert set(TREATED) == {f"I{number:02}" for number in range(1, 24)}


def test_on_the_sample_district_only_what_is_so_is_told(sample_district: Settings) -> None:
    with connect(sample_district) as connection:
        found = {figure.id: figure for figure in figures(connection, sample_district.include, D)}
    told = {
        (name, warning.zh.partition(":")[0]) for name, one in found.items() for warning in one.warnings if warning.zh[0] == "I"
    }
    assert {name for name, rule in told if rule == "I08"} >= {"S002", "S003", "S004", "S005", "S007", "S008"}
    assert {name for name, rule in told if rule == "I06"} >= {"S033", "S064"}
    assert not {rule for _, rule in told} & {"I01", "I05", "I07", "I19", "I21"}
    # 218.9 万元 and 218.9 亿元 come from different reports.
    assert any("两者来自不同的报表" in warning.zh for warning in found["S033"].warnings)
    # 88.9 % stands with its bridge: 20 listed, 2 of them not yet due.
    assert found["S070"].bridge is not None
    assert "20" in found["S070"].bridge.zh
    assert "18" in found["S070"].bridge.zh


def test_a_warning_counts_what_the_list_of_contradictions_counts(sample_district: Settings) -> None:
    with connect(sample_district) as connection:
        found = contradictions(connection, sample_district.include, D)
        counted: dict[str, int] = {}
        for one in found:
            counted[one.check.id] = counted.get(one.check.id, 0) + one.n_rows
        with open_evaluator(connection, sample_district.include, D) as evaluator:
            definitions = evaluator.moment.definitions.values()
            messages = {check.id: check.message.zh for check in evaluator.moment.files.checks if check.touches != ("report",)}
            told = {
                warning.code: warning.text.zh for broken in check_warnings(evaluator, definitions).values() for warning in broken
            }
    repeated = sorted({one.check.id for one in found if one.n_rows > 1})
    assert repeated, "no contradiction of the sample lasts over two months"
    assert {code: text for code, text in told.items() if code in messages} == {
        code: message.format(n_rows=counted[code]) for code, message in messages.items() if code in told
    }
    assert set(repeated) & set(told)
