"""Figures of the mini district (`mini_district.py`), read from marts and replayed."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import sql

from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.figures import references
from fugong.figures.definition import load_definitions
from fugong.figures.figure import Figure, figures
from fugong.marts import build
from fugong.warehouse.connection import connect
from tests.fixtures.mini_district import FIRMS, SHANGHAI, Mini, rows, settle

Connection = psycopg.Connection[Any]
MARCH_18 = date(2020, 3, 18)
LAST = datetime(2020, 3, 20, 9, tzinfo=SHANGHAI)
VALUES = {
    "T1": Decimal("0.8"),
    "T2": Decimal(2),
    "T3": Decimal("1520.50"),
    "T4": Decimal("1027.50"),
    "T5": Decimal("150.10"),
    "T6": Decimal("0.25"),
    "T7": Decimal(5),
    "T8": Decimal(4),
    "T10": (date(2020, 2, 1), date(2020, 6, 30)),
    "T11": Decimal("1370.40"),
    "T12": Decimal("1027.50"),
    "T13": Decimal("1520.50") / 3,
}


def of(
    connection: Connection, mini: Mini, as_of: date = MARCH_18, known_at: datetime | None = None, **more: Any
) -> dict[str, Figure]:
    return {figure.id: figure for figure in figures(connection, mini.include, as_of, known_at, **more)}


def define(mini: Mini, **entry: Any) -> None:
    file = mini.include / "briefing" / "figures" / "more.yaml"
    figure = entry | {"id": "N1", "name": "New", "name_zh": "新", "unit": "元"} | entry
    file.write_text(yaml.safe_dump([figure], allow_unicode=True, sort_keys=False, default_flow_style=False))


def sentences(figure: Figure) -> str:
    return " ".join(warning.en for warning in figure.warnings)


def test_figures_are_read_from_the_marts(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    found = of(connection, mini)
    assert {name: figure.value for name, figure in found.items()} == VALUES
    assert (found["T1"].numerator, found["T1"].denominator, found["T1"].display) == (4, 5, "80%")
    assert {figure.known_at for figure in found.values()} == {LAST}


def test_the_marts_themselves_are_read_when_they_are_up_to_date(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    connection.execute("UPDATE mart.work_daily SET n_resumed = 1 WHERE dimension = 'total'")
    assert of(connection, mini)["T1"].value == Decimal("0.2")
    assert of(connection, mini, known_at=LAST)["T1"].value == Decimal("0.8")


@pytest.mark.parametrize("as_of", [date(2020, 3, day) for day in (15, 16, 17, 18, 19, 22)])
def test_a_replay_gives_what_the_marts_give(connection: Connection, mini: Mini, as_of: date) -> None:
    build.build(connection, mini.include)
    assert of(connection, mini, as_of) == of(connection, mini, as_of, LAST)


def test_nothing_built_is_replayed(connection: Connection, mini: Mini) -> None:
    assert {name: figure.value for name, figure in of(connection, mini).items()} == VALUES
    assert rows(connection, "SELECT COUNT(*) FROM mart.work_daily") == [(0,)]


def test_a_stale_day_is_replayed(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    settle(connection, "work", "snapshot", "2020-03-18", [(FIRMS[0], "A", True)], "2020-03-21T09:00:00")
    settle(connection, "loan", "increment", "2020-03-17", [("8", FIRMS[0], "new", "2020-03-01", 10)], "2020-03-21T10:00:00")
    found = of(connection, mini)
    assert (found["T1"].value, found["T3"].value, found["T4"].value) == (1, Decimal("1530.50"), Decimal("1037.50"))


def test_the_past_is_as_it_was_known(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    found = of(connection, mini, known_at=datetime(2020, 3, 19, 10, tzinfo=SHANGHAI))
    assert (found["T1"].value, found["T3"].value) == (Decimal("0.6"), Decimal("1500.50"))
    assert found["T1"].known_at == datetime(2020, 3, 19, 10, tzinfo=SHANGHAI)
    before = of(connection, mini, known_at=datetime(2020, 3, 1, tzinfo=SHANGHAI))
    assert (before["T1"].value, before["T1"].display, before["T5"].value) == (None, "无法确定", None)


def test_what_is_reported_later_does_not_count_on_an_earlier_day(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    # Loan 4 of 17 March was reported on the 18th.
    assert of(connection, mini, date(2020, 3, 17))["T3"].value == Decimal("1500.50")


def test_a_decree_counts_from_the_day_it_is_known(connection: Connection, mini: Mini) -> None:
    # P21 is known from 29 February on.
    assert of(connection, mini, date(2020, 2, 28), ids=["T8"])["T8"].value is None
    asked = of(connection, mini, date(2020, 2, 28), ids=["T8"], policy_known_at=date(2020, 7, 1))
    assert asked["T8"].value == 4


def test_coverage_is_a_share_or_an_age(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    found = of(connection, mini)
    assert (found["T1"].coverage, found["T1"].is_coverage_age) == (1, False)
    assert (found["T3"].coverage, found["T3"].is_coverage_age) == (Decimal(2) / 3, False)
    assert (found["T5"].coverage, found["T5"].is_coverage_age) == (2, True)
    assert found["T8"].coverage is None
    assert '1 of 3 due files of "loan" are missing (such as 2020-03-17)' in sentences(found["T3"])
    carried = of(connection, mini, date(2020, 3, 17))["T1"]
    assert (carried.coverage, "carried from 2020-03-16" in sentences(carried)) == (0, True)


def test_a_rule_between_reports_is_told_beside_the_figures_it_touches(connection: Connection, mini: Mini) -> None:
    found = of(connection, mini)
    assert "T9: 1 firms are not back" in sentences(found["T1"])
    assert "T9" not in sentences(found["T2"])
    assert "T9" not in sentences(of(connection, mini, checks=False)["T1"])


def test_a_denominator_that_differs_is_bridged(connection: Connection, mini: Mini) -> None:
    total = {"mart": "work_daily", "column": "n_resumed", "keys": {"dimension": "total"}}
    town = {"mart": "work_daily", "column": "n_listed", "keys": {"dimension": "township", "member": ["A", "B"]}}
    less = {"mart": "work_daily", "column": "n_listed", "keys": {"dimension": "township", "member": "C"}}
    define(mini, numerator=total, denominator=town, cap=0.9, bridge={"figure": "T7", "less": less})
    figure = of(connection, mini, ids=["N1"])["N1"]
    assert (figure.numerator, figure.denominator, figure.value) == (4, 4, Decimal("0.9"))
    assert "The denominator is 4, not 5 (Firms listed): 1 are left out of it." in sentences(figure)
    assert "Computed as 1, capped at 0.9" in sentences(figure)
    define(
        mini,
        numerator=total,
        denominator=town,
        bridge={"figure": "T7", "less": less | {"keys": {"dimension": "township", "member": "D"}}},
    )
    assert '1 more are missing against "Firms listed", unexplained' in sentences(of(connection, mini, ids=["N1"])["N1"])


OPEN = {"parameter": "P26", "param": "epidemic_end_date"}


def test_what_needs_an_open_parameter_is_not_determinable(connection: Connection, mini: Mini) -> None:
    paid = {"mart": "loan_flow", "column": "paid", "keys": {"nature": "new"}}
    for entry in ({"value": OPEN}, {"value": paid, "needs": [OPEN]}, {"value": {"days_until": OPEN}, "display": "count"}):
        define(mini, **entry)
        figure = of(connection, mini, ids=["N1"])["N1"]
        assert (figure.value, figure.display, figure.is_determinable) == (None, "尚不能确定", False)
        assert 'Parameter epidemic_end_date of "Epidemic days not counted as delay" is open.' in sentences(figure)
    # Before the parameter was heard of it is no open one: nothing is known.
    define(mini, value=OPEN)
    unheard = of(connection, mini, date(2020, 2, 28), ids=["N1"])["N1"]
    assert (unheard.display, unheard.is_determinable) == ("", True)


def test_a_figure_made_of_one_that_is_not_determinable_is_not_either(connection: Connection, mini: Mini) -> None:
    first = {"id": "N1", "name": "New", "name_zh": "新", "unit": "元", "value": {"figure": "T3"}, "needs": [OPEN]}
    second = {
        "id": "N2",
        "name": "Newer",
        "name_zh": "更新",
        "unit": "元",
        "numerator": {"figure": "N1"},
        "denominator": {"figure": "T5"},
    }
    (mini.include / "briefing/figures/more.yaml").write_text(yaml.safe_dump([first, second]))
    figure = of(connection, mini, ids=["N2"])["N2"]
    assert (figure.value, figure.is_determinable) == (None, False)


def test_an_open_parameter_may_be_told_beside(connection: Connection, mini: Mini) -> None:
    told = [{"when": {"is_open": OPEN}, "zh": "未定", "en": "The end is open"}]
    define(mini, value={"parameter": "P21", "param": "price_after"}, warnings=told)
    figure = of(connection, mini, ids=["N1"])["N1"]
    assert (figure.value, figure.is_determinable, sentences(figure)) == (4, True, "The end is open")
    connection.execute("UPDATE ref.policy_param SET value = '2020-05-01' WHERE param = 'epidemic_end_date'")
    assert sentences(of(connection, mini, ids=["N1"])["N1"]) == ""


def test_days_until_a_date_are_counted_and_a_pace_is_made_of_them(connection: Connection, mini: Mini) -> None:
    connection.execute("UPDATE ref.policy_param SET value = '2020-04-30' WHERE param = 'epidemic_end_date'")
    define(mini, numerator={"figure": "T5"}, denominator={"days_until": OPEN, "per": 7})
    assert of(connection, mini, ids=["N1"])["N1"].value == Decimal("150.10") / (Decimal(43) / 7)
    on_the_day = of(connection, mini, date(2020, 4, 30), ids=["N1"])["N1"]
    assert (on_the_day.value, "The denominator is 0: there is no ratio." in sentences(on_the_day)) == (None, True)


def test_words_are_left_out_unless_their_rule_holds(connection: Connection, mini: Mini) -> None:
    loans = {"mart": "loan_flow", "column": "n_loans"}
    for least, display in ((4, "多次"), (5, "")):
        rule = {"when": loans, "at_least": least, "zh": "多次", "en": "many"}
        define(mini, value={"text": "多次"}, display="text", rule=rule)
        figure = of(connection, mini, ids=["N1"])["N1"]
        assert (figure.display, figure.value) == (display, display or None)
    assert "Left out of the text: many (at least 5 is wanted, it is 4)." in sentences(figure)


def test_a_number_for_which_there_is_no_word_says_why(connection: Connection, mini: Mini) -> None:
    for least, display in ((4, "多次"), (5, "")):
        define(mini, value={"mart": "loan_flow", "column": "n_loans"}, display={"kind": "words", "words": [[least, "多次"]]})
        figure = of(connection, mini, ids=["N1"])["N1"]
        assert (figure.display, figure.value, figure.is_known) == (display, 4, True)
        assert ("Left out of the text: at least 5 is wanted, it is 4." in sentences(figure)) == (not display)


def test_that_nobody_reported_is_said_once(connection: Connection, mini: Mini) -> None:
    loans = {"mart": "loan_flow", "column": "n_loans"}
    for nature, told in (("none of these", "None of 4 reported for the day."), ("new", "3 of 4 reported for the day.")):
        define(mini, value=loans, coverage={"numerator": loans | {"keys": {"nature": nature}}, "denominator": loans})
        warnings = of(connection, mini, ids=["N1"])["N1"].warnings
        assert [one.en for one in warnings if "reported for the day" in one.en] == [told]


def test_a_part_of_a_rate_can_be_named(connection: Connection, mini: Mini) -> None:
    define(mini, value={"figures": ["T1", "-T13"], "part": "denominator"})
    assert of(connection, mini, ids=["N1"])["N1"].value == 2


def reasons(figure: Figure) -> list[str]:
    return [reason.en for reason in figure.why]


def test_the_day_before_stands_beside_and_the_reasons_why_it_changed(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    for known_at in (None, LAST):  # from the tables, and replayed
        found = of(connection, mini, known_at=known_at)
        before = of(connection, mini, date(2020, 3, 17), known_at)
        assert {name: figure.previous for name, figure in found.items()} == {name: one.value for name, one in before.items()}
        told = {name: reasons(figure) for name, figure in found.items() if figure.why}
        assert told == {
            "T1": [
                "numerator – → 4, denominator – → 5.",
                'Industry and Information Technology Bureau sent "work" of 2020-03-18: 5 rows.',
            ],
            "T2": ['Industry and Information Technology Bureau sent "work" of 2020-03-18: 5 rows.'],
            "T3": ['Finance Office sent "loan" of 2020-03-18: +1 rows.'],
            "T4": ['Finance Office sent "loan" of 2020-03-18: +1 rows.'],
            "T7": ['Industry and Information Technology Bureau sent "work" of 2020-03-18: 5 rows.'],
            "T11": ['Finance Office sent "loan" of 2020-03-18: +1 rows.'],
            "T12": ['Finance Office sent "loan" of 2020-03-18: +1 rows.'],
            "T13": ["numerator 1500.5 → 1520.5, denominator 2 → 3.", 'Finance Office sent "loan" of 2020-03-18: +1 rows.'],
        }


def test_a_correction_is_told_with_its_rows(connection: Connection, mini: Mini) -> None:
    leases = [("L1", "1", "1"), ("L2", "1", "1"), ("L3", "1", "1")]
    settle(connection, "lease", "ledger", "2020-03-18", leases, "2020-03-19T09:00:00", department="GZB")
    connection.execute("UPDATE intake.part SET version = 2 WHERE table_name = 'lease' AND report_date = '2020-03-18'")
    figure = of(connection, mini, ids=["T5"])["T5"]
    assert (figure.previous, figure.value) == (Decimal("150.10"), 3)
    assert reasons(figure) == ['State-owned Assets Office re-sent "lease" of 2020-03-18: +1 rows (3 in all).']
    assert [reason.zh for reason in figure.why] == ["区国有资产管理办公室重报3月18日《租约》:+1 行(共 3 行)。"]


def test_weeks_parameters_and_the_end_of_a_carry_are_reasons(connection: Connection, mini: Mini) -> None:
    assert reasons(of(connection, mini, date(2020, 3, 16), ids=["T12"])["T12"])[0] == "A new week begins."
    assert reasons(of(connection, mini, date(2020, 2, 29), ids=["T8"])["T8"]) == [
        'Parameter price_after of "Water price cut": – → 4.'
    ]
    settle(connection, "work", "snapshot", "2020-03-21", [(FIRMS[5], "A", True)], "2020-03-22T09:00:00", department="SWJ")
    settle(connection, "work", "snapshot", "2020-03-22", [(FIRMS[5], "A", True)], "2020-03-23T09:00:00", department="SWJ")
    gone = of(connection, mini, date(2020, 3, 22), ids=["T7"])["T7"]
    assert (gone.previous, gone.value) == (6, 1)
    assert reasons(gone) == [
        '"work" (Industry and Information Technology Bureau) is carried no longer.',
        'Commerce Bureau sent "work" of 2020-03-22: 1 rows.',
    ]
    assert (gone.coverage, 'No "work" of Industry and Information Technology Bureau is in force.' in sentences(gone)) == (
        Decimal("0.5"),
        True,
    )


def test_what_nobody_sent_for_the_day_is_unknown_although_older_rows_are_carried(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    silent = of(connection, mini, date(2020, 3, 19), ids=["T1", "T2", "T7"])
    for figure in silent.values():
        assert (figure.value, figure.display, figure.numerator, figure.is_known) == (None, "无法确定", None, False)
        assert figure.coverage == 0
        assert reasons(figure) == ['Nobody sent "work" for the day.']
    assert "Carried from days before: 80%." in sentences(silent["T1"])
    assert silent["T7"].previous == 5


def test_flows_of_a_span_without_a_file_are_unknown_and_a_nil_report_is_zero(connection: Connection, mini: Mini) -> None:
    week = of(connection, mini, date(2020, 3, 24), ids=["T3", "T12"])
    assert (week["T3"].value, week["T12"].value, week["T12"].display) == (Decimal("1520.50"), None, "无法确定")
    assert 'No "loan" has come in the week so far.' in sentences(week["T12"])
    settle(connection, "loan", "increment", "2020-03-23", [], "2020-03-24T12:00:00", department="JRB")
    nil = of(connection, mini, date(2020, 3, 24), ids=["T12"])["T12"]
    assert (nil.value, nil.is_known, nil.coverage) == (0, True, Decimal("0.5"))


def test_a_figure_made_of_an_unknown_one_is_unknown(connection: Connection, mini: Mini) -> None:
    before = of(connection, mini, known_at=datetime(2020, 3, 17, 9, 30, tzinfo=SHANGHAI), ids=["T11", "T13"])
    assert {name: (one.value, one.display, one.is_known) for name, one in before.items()} == {
        "T11": (None, "无法确定", False),
        "T13": (None, "无法确定", False),
    }
    assert 'T3 "Loans" is not known.' in sentences(before["T11"])


def test_carried_rows_are_those_that_count(connection: Connection, mini: Mini) -> None:
    found = of(connection, mini, date(2020, 3, 20))
    assert {name: figure.carried_rows for name, figure in found.items() if figure.carried_rows} == {"T1": 5, "T2": 2, "T7": 5}
    assert {figure.carried_rows for figure in of(connection, mini).values()} == {0}


def test_what_an_account_does_not_confirm_is_a_share(connection: Connection, mini: Mini) -> None:
    paid = {"mart": "loan_flow", "column": "paid"}
    share = {"numerator": paid | {"without": {"nature": ["new"]}}, "denominator": paid}
    define(mini, value=paid, unreconciled=share)
    assert of(connection, mini, ids=["N1"])["N1"].unreconciled == Decimal(7) / Decimal("1527.50")
    assert of(connection, mini, ids=["T3"])["T3"].unreconciled is None


def test_a_condition_adds_its_sentence(connection: Connection, mini: Mini) -> None:
    paid = {"mart": "loan_flow", "column": "paid", "keys": {"nature": "new"}}
    renewed = {"when": paid | {"keys": {"nature": "renewal"}}, "above": 0, "zh": "另有 {value}", "en": "Renewals: {value}"}
    define(mini, value=paid, warnings=[renewed])
    assert "Renewals: 7" in sentences(of(connection, mini, ids=["N1"])["N1"])


def test_no_cells_mean_zero_when_the_day_has_others(connection: Connection, mini: Mini) -> None:
    define(mini, value={"mart": "loan_flow", "column": "paid", "keys": {"nature": "none"}})
    assert of(connection, mini, ids=["N1"])["N1"].value == 0
    assert of(connection, mini, date(2020, 1, 1), ids=["N1"])["N1"].value is None


def test_a_nil_report_says_zero(connection: Connection, mini: Mini) -> None:
    settle(connection, "loan", "increment", "2020-02-20", [], "2020-02-21T12:00:00", department="JRB")
    define(mini, value={"mart": "loan_flow", "column": "paid"})
    assert of(connection, mini, date(2020, 2, 20), ids=["N1"])["N1"].value == 0
    assert of(connection, mini, date(2020, 2, 19), ids=["N1"])["N1"].value is None


def test_nothing_is_not_zero_when_the_report_is_missing(connection: Connection, mini: Mini) -> None:
    define(mini, value={"mart": "work_daily", "column": "n_listed", "keys": {"dimension": "township", "member": "none"}})
    assert of(connection, mini, ids=["N1"])["N1"].value == 0
    assert of(connection, mini, date(2020, 3, 25), ids=["N1"])["N1"].value is None


def test_a_list_names_the_largest_first(connection: Connection, mini: Mini) -> None:
    term = {
        "mart": "work_daily",
        "column": "member",
        "keys": {"dimension": "township"},
        "aggregate": "list",
        "order": "n_resumed",
        "limit": 2,
    }
    define(mini, value=term, display={"kind": "list", "more": "等"})
    assert of(connection, mini, ids=["N1"])["N1"].display == "A、B等"


def test_json_has_the_promised_names(connection: Connection, mini: Mini) -> None:
    document = of(connection, mini, ids=["T1"])["T1"].to_json("en")
    assert list(document) == [
        "id", "name", "name_zh", "as_of", "known_at", "value", "unit", "display", "numerator", "denominator", "coverage", "warnings",
        "is_determinable", "is_known", "is_broken", "bridge", "previous", "previous_display", "why", "carried_rows", "unreconciled",
        "interval",
    ]  # fmt: skip
    assert document | {"warnings": []} == {
        "id": "T1",
        "name": "Resumption rate",
        "name_zh": "复工率",
        "as_of": "2020-03-18",
        "known_at": "2020-03-20T09:00:00+08:00",
        "value": 0.8,
        "unit": "1",
        "display": "80%",
        "numerator": 4,
        "denominator": 5,
        "coverage": 1,
        "warnings": [],
        "is_determinable": True,
        "is_known": True,
        "is_broken": False,
        "bridge": None,
        "previous": None,
        "previous_display": "无法确定",
        "why": [
            "numerator – → 4, denominator – → 5.",
            'Industry and Information Technology Bureau sent "work" of 2020-03-18: 5 rows.',
        ],
        "carried_rows": 0,
        "unreconciled": None,
        "interval": None,
    }


def test_an_unknown_figure_lists_near_ones(connection: Connection, mini: Mini) -> None:
    with pytest.raises(LookupError, match=r"No figure 'T14'\. Near ones: .*T13 平均贷款"):
        of(connection, mini, ids=["T14"])
    with pytest.raises(LookupError, match="T3 贷款"):
        of(connection, mini, ids=["贷"])


CELLS = {"mart": "loan_flow", "column": "paid"}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"value": CELLS, "dispaly": {}}, "`0` has no key 'dispaly'. Did you mean 'display'?"),
        ({"value": CELLS | {"colunm": "paid"}}, "`0.value` has no key 'colunm'. Did you mean 'column'?"),
        ({"value": {"marts": "loan_flow"}}, "`0.value` has no key 'marts'. Did you mean 'mart'?"),
        ({"value": {}}, "A term has one of mart, parameter"),
        ({"value": CELLS | {"over": "year"}}, "`0.value.over` should be one of to_date, day, week, month"),
        ({"value": CELLS | {"order": "n_loans"}}, "`0.value` needs the key 'aggregate'"),
        ({"value": CELLS, "numerator": CELLS}, "A figure has either `value`, or"),
        ({"numerator": CELLS}, "`0` needs the key 'denominator'"),
        ({"value": CELLS, "unit": 1}, "`0.unit` should be of type string"),
        ({"value": CELLS, "display": "permille"}, "`0.display` should be one of count, percent"),
        (
            {"value": CELLS, "display": {"kind": "count", "decimal": 1}},
            "`0.display` has no key 'decimal'. Did you mean 'decimals'?",
        ),
        ({"value": CELLS, "of": "家"}, "`0.of` should be of type object"),
        ({"value": CELLS, "phrases": "贷款"}, "`0.phrases` should be of type array"),
        ({"value": CELLS, "rule": {"when": CELLS}}, "`0.rule` needs the key 'at_least'"),
        ({"value": {"days_until": {"parameter": "P26"}}}, "`0.value.days_until` needs the key 'param'"),
        ({"value": CELLS, "band": [2, 1]}, "`band` should be [least, greatest], found [2, 1]"),
        ({"value": CELLS, "id": "T3"}, "the id T3 is defined twice"),
    ],
)
def test_a_malformed_definition_is_ours_and_is_found_by_file_and_line(mini: Mini, entry: dict[str, Any], message: str) -> None:
    define(mini, **entry)
    with pytest.raises(ConfigurationError, match=r"briefing/figures/more\.yaml:[0-9]+: .*" + re.escape(message)):
        load_definitions(mini.include)


@pytest.mark.parametrize(
    ("entry", "line", "message"),
    [
        ({"value": CELLS | {"mart": "loan_flows"}}, 2, "no mart 'loan_flows'. Did you mean 'loan_flow'?"),
        ({"value": CELLS | {"column": "payed"}}, 3, "mart.loan_flow has no column 'payed'. Did you mean 'paid'?"),
        ({"value": CELLS | {"keys": {"bank": 1}}}, 5, "mart.loan_flow has no key 'bank'. There is: business_date, n_loans"),
        ({"value": CELLS | {"column": "nature"}}, 3, "mart.loan_flow.nature has no entry below `sums`"),
        ({"value": CELLS | {"aggregate": "least"}}, 4, "mart.loan_flow.paid is the sum of its rows, not their least"),
        ({"value": CELLS | {"since": "acumulate_from"}}, 4, "no parameter SETTING 'acumulate_from' in ref.policy_param. Did you mean"),
        ({"value": {"parameter": "P21", "param": "price_afer"}}, 3, "no parameter P21 'price_afer' in ref.policy_param. Did you mean 'price_"),
        ({"value": {"figure": "X99"}}, 2, "no figure 'X99'. There is: N1, T1, T10"),
        ({"value": {"figures": ["T1", "T2"]}}, 1, "T1 is a ratio and cannot be part of a sum"),
        ({"value": {"figure": "N1"}}, 1, "figures made of each other: N1 → N1"),
        ({"value": {"mart": "work_daily", "column": "n_listed", "keys": {"member": "A"}}}, 4, "key member: no parameter :dimension"),
        ({"unreconciled": {"numerator": CELLS | {"column": "pays"}, "denominator": CELLS}, "value": CELLS}, 4, "no column 'pays'"),
        ({"needs": [{"parameter": "P26", "param": "end"}], "value": CELLS}, 3, "no parameter P26 'end'"),
        ({"value": {"figure": "T3", "part": "denominator"}}, 3, "T3 is no ratio and has no denominator"),
    ],
)  # fmt: skip
def test_a_definition_that_names_what_does_not_exist_is_ours_and_is_found_by_file_and_line(
    connection: Connection, mini: Mini, entry: dict[str, Any], line: int, message: str
) -> None:
    define(mini, **entry)
    with pytest.raises(ConfigurationError, match=rf"briefing/figures/more\.yaml:{line}: .*" + re.escape(message)):
        references.check_references(connection, mini.include)


def test_a_figure_of_an_earlier_file_may_name_one_that_names_nothing(connection: Connection, mini: Mini) -> None:
    define(mini, value={"figure": "N2"})
    (mini.include / "briefing" / "figures" / "yet_more.yaml").write_text(
        yaml.safe_dump([{"id": "N2", "name": "Newer", "name_zh": "更新", "unit": "元", "value": {"figure": "N3"}}])
    )
    with pytest.raises(ConfigurationError, match=r"figures/yet_more\.yaml:6: no figure 'N3'"):
        references.check_references(connection, mini.include)


def test_good_definitions_are_not_refused(connection: Connection, mini: Mini) -> None:
    references.check_references(connection, mini.include)
    assert load_definitions(mini.include).keys() >= VALUES.keys()


def test_an_empty_warehouse_has_figures_without_values(connection: Connection, mini: Mini) -> None:
    for table in ("report.work", "report.lease", "report.loan", "intake.stale_day", "intake.part CASCADE"):
        connection.execute(sql.SQL("TRUNCATE " + table))  # pyright: ignore[reportArgumentType]
    connection.execute("UPDATE intake.settle_clock SET settled_at = '-infinity'")
    found = of(connection, mini)
    assert {name for name, figure in found.items() if figure.value is not None} == {"T8", "T10"}
    assert found["T1"].known_at is not None


def test_a_figure_of_some_rows_asks_for_the_reports_that_tell_of_them(sample_district: Settings) -> None:
    noon = datetime(2020, 3, 18, 12, tzinfo=SHANGHAI)
    with connect(sample_district) as connection:
        found = {
            one.id: one for one in figures(connection, sample_district.include, MARCH_18, noon, ids=["S002", "S004", "S007"])
        }
    named = {"S002": "规上工业复工复产", "S004": "规上服务业复工", "S007": "建设工程复工"}
    for name, figure in found.items():
        told = " ".join(warning.zh for warning in figure.warnings)
        assert {other: f"《{report}》" in told for other, report in named.items()} == {other: other == name for other in named}
