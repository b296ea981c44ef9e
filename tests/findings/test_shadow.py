"""Rules in shadow change nothing that anybody sees; `tally` counts what they would do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from fugong.contracts.load import load_contracts
from fugong.core.errors import ConfigurationError
from fugong.intake import rule_stats
from fugong.operations import build_marts, setup
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row
from tests.fixtures.rules import ROUND, change_contract, change_suite, own_rules

SENT = as_csv(TAX_HEADER, [*(tax_row(number) for number in range(1, 9)), tax_row(9, "123.45"), tax_row(10, 所属期起="上月")])


@pytest.fixture
def strict(inbox: Inbox, tmp_path: Path) -> Inbox:
    """An installation whose rules the test may change."""
    return own_rules(inbox, tmp_path / "project")


def seen(inbox: Inbox) -> list[Any]:
    """All that anybody is told or can see, but for ids, moments and the head of the log."""
    texts = sorted(path.read_text(encoding="utf-8") for path in inbox.settings.outbox.rglob("*.txt"))
    assert all("存证" in text.splitlines()[-1] for text in texts)
    texts = [text.splitlines()[:-1] for text in texts]
    receipts = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(inbox.settings.outbox.rglob("*.json"))]
    for receipt in receipts:
        receipt.pop("recorded_at")
        receipt.pop("evidence_head")
        for part in receipt["parts"]:
            part.pop("settled_at")
    build_marts.build_marts(inbox.settings)
    return [
        texts,
        receipts,
        inbox.rows("SELECT state, rows_read, rows_accepted, rows_set_aside FROM intake.submission ORDER BY 1"),
        inbox.rows("SELECT doc_id, amt_relief, levy_item FROM asof.tax_relief ORDER BY 1"),
        inbox.rows("SELECT row_number, code, message_zh FROM intake.finding ORDER BY 1, 2"),
        inbox.rows("SELECT * FROM mart.tax_relief_flow ORDER BY 1, 2, 3, 4"),
    ]


def test_a_strict_rule_in_shadow_changes_nothing_and_is_counted(
    inbox: Inbox, empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path: Path
) -> None:
    plain = Inbox.create(empty_warehouse, "without_shadow", tmp_path / "plain", context)
    plain.send("TAX", "R04 3.18.csv", SENT)
    strict = own_rules(inbox, tmp_path / "project")
    change_suite(strict, lambda suite: suite["expectations"].append(ROUND | {"meta": ROUND["meta"] | {"shadow": True}}))
    strict.send("TAX", "R04 3.18.csv", SENT)
    assert seen(strict) == seen(plain)
    assert strict.rows("SELECT table_name, column_name, code, severity, n, n_only_cause FROM intake.shadow_finding") == [
        ("tax_relief", "amt_relief", "not-round", "set_aside", 1, 1)
    ]
    with connect(strict.settings) as connection:
        found = rule_stats.load_rule_stats(connection, strict.context.contracts, strict.context.suites, None)
    (one,) = [rule for rule in found if rule.is_shadow]
    assert (one.report, one.code, one.n_judged, one.n_hit, one.n_rows, one.share) == ("tax_relief", "not-round", 1, 1, 1, 0.1)
    assert one.departments == ("TAX",)
    assert one.example == "R04 3.18.csv J10 123.45"
    (told,) = [rule for rule in found if rule.code == "not-a-date"]
    assert (told.is_shadow, told.severity, told.n_rows, told.example) == (False, "set_aside", 1, "R04 3.18.csv C11 上月")


def test_in_force_the_same_rule_sets_the_row_aside(strict: Inbox) -> None:
    change_suite(strict, lambda suite: suite["expectations"].append(ROUND))
    outcome = strict.send("TAX", "R04 3.18.csv", SENT)
    assert (outcome.rows_accepted, outcome.rows_set_aside) == (8, 2)
    assert strict.rows("SELECT COUNT(*) FROM intake.shadow_finding") == [(0,)]


def test_a_rule_in_shadow_without_a_hit_is_listed(strict: Inbox) -> None:
    change_suite(strict, lambda suite: suite["expectations"].append(ROUND | {"meta": ROUND["meta"] | {"shadow": True}}))
    with connect(strict.settings) as connection:
        (one,) = rule_stats.load_rule_stats(connection, strict.context.contracts, strict.context.suites, None)
    assert (one.code, one.is_shadow, one.n_judged, one.n_hit, one.share) == ("not-round", True, 0, 0, None)


def test_a_rule_in_shadow_that_cannot_be_evaluated_keeps_no_file_waiting(strict: Inbox) -> None:
    broken = {"column_list": ["amt_relief"], "condition": "amt_relief.str.len() > 3"}
    change_suite(
        strict, lambda suite: suite["expectations"].append(ROUND | {"kwargs": broken, "meta": ROUND["meta"] | {"shadow": True}})
    )
    assert strict.send("TAX", "R04 3.18.csv", SENT).rows_accepted == 9
    with connect(strict.settings) as connection:
        (one, *_) = rule_stats.load_rule_stats(connection, strict.context.contracts, strict.context.suites, None)
    assert one.is_shadow
    assert "cannot be evaluated" in (one.fault or "")
    change_suite(strict, lambda suite: suite["expectations"][-1]["meta"].pop("shadow"))
    with pytest.raises(ConfigurationError, match="cannot be evaluated"):
        strict.send("TAX", "R04 3.18 第二批.csv", as_csv(TAX_HEADER, [tax_row(20)]))


def put_in_shadow(name: str, *codes: str, **other: Any) -> Callable[[dict[str, Any]], None]:
    def change(contract: dict[str, Any]) -> None:
        column = next(column for column in contract["schema"][0]["properties"] if column["name"] == name)
        column.setdefault("customProperties", []).append({"property": "shadow", "value": list(codes)})
        column.update(other)

    return change


def test_a_column_mandatory_in_shadow_may_be_empty_or_missing(strict: Inbox) -> None:
    change_contract(strict, put_in_shadow("base_amount", "missing-value"))
    setup.init(strict.settings)
    rows = [
        tax_row(1),
        tax_row(2, **{"计税依据(元)": ""}),
        tax_row(3, **{"计税依据(元)": "一万"}),
        tax_row(4, **{"计税依据(元)": "—"}),
    ]
    outcome = strict.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, rows))
    assert (outcome.state, outcome.rows_accepted) == ("accepted", 4)
    assert strict.codes(outcome) == {"unreadable-optional", "taken-as-empty"}  # as of any optional column
    assert strict.rows("SELECT code, n, n_only_cause, examples->0->>'cell' FROM intake.shadow_finding ORDER BY 1") == [
        ("missing-value", 2, 2, "I3"),
        ("not-a-number", 1, 1, "I4"),
    ]
    at = TAX_HEADER.index("计税依据(元)")
    header, row = list(TAX_HEADER), tax_row(5)
    del header[at], row[at]
    without = strict.send("TAX", "R04 3.19.csv", as_csv(header, [row]))
    assert (without.state, strict.codes(without)) == ("accepted", set())
    assert strict.rows("SELECT code, severity FROM intake.shadow_finding WHERE submission_id = %s", without.submission_id) == [
        ("missing-column", "rejected")
    ]


def test_a_mandatory_column_put_in_shadow_becomes_nullable(strict: Inbox) -> None:
    assert strict.rows(
        "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'report.tax_relief'::regclass AND attname = 'period_from'"
    ) == [(True,)]
    change_contract(strict, put_in_shadow("period_from", "not-a-date", "missing-value"))
    assert "report.tax_relief.period_from may be empty" in setup.init(strict.settings)
    outcome = strict.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, [tax_row(1, 所属期起=""), tax_row(2, 所属期起="上月")]))
    assert (outcome.state, strict.codes(outcome)) == ("accepted", set())
    assert strict.rows("SELECT code, n FROM intake.shadow_finding ORDER BY 1") == [("missing-value", 1), ("not-a-date", 1)]
    assert setup.init(strict.settings) == []


def test_an_unknown_code_in_shadow_is_loaded_as_typed(strict: Inbox) -> None:
    change_contract(strict, put_in_shadow("levy_item", "unknown-code"))
    outcome = strict.send(
        "TAX",
        "R04 3.18.csv",
        as_csv(TAX_HEADER, [tax_row(1, 征收项目="环保税费"), tax_row(2, 所属期起="上月", 征收项目="彩虹税")]),
    )
    assert (outcome.rows_accepted, strict.codes(outcome)) == (1, {"not-a-date"})
    assert strict.rows("SELECT levy_item FROM asof.tax_relief") == [("环保税费",)]
    assert strict.rows("SELECT n, n_only_cause FROM intake.shadow_finding") == [(2, 1)]


@pytest.mark.parametrize(
    ("column", "codes", "there_is"),
    [
        ("doc_id", ["missing-value"], "No rule of this column can"),
        ("levy_item", ["not-a-number"], "missing-value, no-value, unknown-code"),
        ("rate_std", ["missing-value"], "no-value, not-a-number, number-too-large"),
        ("uscc", ["no-such-code"], "uscc-check-digit"),
    ],
)
def test_nonsense_in_shadow_is_our_fault(strict: Inbox, column: str, codes: list[str], there_is: str) -> None:
    path = strict.settings.include / "contracts" / "tax_relief.odcs.yaml"
    contract = yaml.safe_load(path.read_text(encoding="utf-8"))
    put_in_shadow(column, *codes)(contract)
    path.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=f"{column}: {codes[0]} cannot be in shadow here.*{there_is}"):
        load_contracts(strict.settings.include / "contracts")


@pytest.mark.parametrize(
    "change", [{"meta": ROUND["meta"] | {"shadow": "yes"}}, {"meta": ROUND["meta"] | {"shadow": True}, "severity": "info"}]
)
def test_a_suite_that_says_shadow_wrongly_is_our_fault(strict: Inbox, change: dict[str, Any]) -> None:
    with pytest.raises(
        ConfigurationError, match=r"shadow` should be of type boolean|only a rule that is critical or a warning can be in shadow"
    ):
        change_suite(strict, lambda suite: suite["expectations"].append(ROUND | change))
