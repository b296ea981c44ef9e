"""The questions of analysts, asked of the sample district as the role that each names, and what they come to."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.cells import cell_len
from rich.console import Console

from fugong.analysis import questions
from fugong.cli.ask import print_answer, table_of
from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError, NotFoundError, RefusedError
from fugong.core.settings import PROJECT, Settings
from fugong.core.vocabulary import Lang
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse.connection import connect, connect_as

QUESTIONS = questions.load_questions(PROJECT / "include")
AS_OF = date(2020, 3, 18)
CODE = re.compile(r"[A-Z]+\d*|\d{6,12}")
Rows = list[dict[str, Any]]


def asked(settings: Settings, number: int, as_of: date = AS_OF, **given: str) -> Rows:
    """The answer, as rows by column."""
    question = QUESTIONS[number]
    with connect_as(settings, question.role) as connection:
        answer = questions.ask(connection, settings.include, question, as_of, given=given)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def rows_of(settings: Settings, statement: str) -> list[tuple[Any, ...]]:
    """What the owner counts."""
    with connect(settings) as connection:
        return connection.execute(statement).fetchall()  # pyright: ignore[reportArgumentType, reportCallIssue]


def test_each_question_has_its_role() -> None:
    assert list(QUESTIONS) == list(range(1, 23))
    by_role = {role: [number for number in range(1, 18) if QUESTIONS[number].role == role] for role in ("analyst", "auditor")}
    assert by_role == {"analyst": [1, 2, 5, 8, 11, 13], "auditor": [10]}
    assert {question.role for question in QUESTIONS.values()} == {"analyst", "taskforce", "auditor"}


def test_1_a_rate_that_moved_is_told_by_numerator_and_denominator(sample_district: Settings) -> None:
    told = {row["as_of"]: row for row in asked(sample_district, 1) if row["scope"] == "industry"}
    assert len(told) == 14
    assert told[date(2020, 3, 17)]["rate_change"] > 0 == told[date(2020, 3, 17)]["by_denominator"]
    moved = told[date(2020, 3, 9)]  # an exemption ended: 116 of 115 the day before
    assert (moved["n_should"], moved["by_denominator"] < 0 < moved["by_resumed"]) == (116, True)
    assert all(row["by_resumed"] + row["by_denominator"] == row["rate_change"] for row in told.values())


def test_2_who_is_behind_stands_first_and_small_cells_are_hidden(sample_district: Settings) -> None:
    told = [
        row
        for row in asked(sample_district, 2, date(2020, 2, 20))
        if row["scope"] == "industry" and row["dimension"] == "township"
    ]
    assert [row["behind_total"] for row in told] == sorted(row["behind_total"] for row in told)
    assert told[0]["behind_total"] < 0 < told[-1]["behind_total"]
    assert (
        sum(row["n_should"] for row in told)
        == rows_of(
            sample_district,
            "SELECT n_should FROM mart.resumption_daily WHERE as_of = '2020-02-20' AND scope = 'industry' AND dimension = 'total'",
        )[0][0]
    )
    assert {row["name"] for row in told} >= {"矿山街道", "峡窝镇"}
    assert any(row["is_suppressed"] for row in asked(sample_district, 2))


def test_3_the_most_stalled_come_first_with_their_reason(sample_district: Settings) -> None:
    told = asked(sample_district, 3, date(2020, 3, 4))
    assert 0 < len(told) <= 20
    assert [row["days_idle"] for row in told] == sorted((row["days_idle"] for row in told), reverse=True)
    # The README's relapse: worked until 1 March, then stood still for want of raw material.
    relapsed = [
        (row["days_idle"], row["stop_reason"])
        for row in told
        if row["last_worked"] == date(2020, 3, 1) and row["scope"] == "industry"
    ]
    assert relapsed == [(3, "缺原料")]
    assert asked(sample_district, 3) == []  # on the 18th nobody stands still


def test_4_a_firm_that_reports_work_and_draws_no_electricity_is_found(sample_district: Settings) -> None:
    told = asked(sample_district, 4, date(2020, 2, 27))  # seeded: 25 February to 1 March, at 6 % of its electricity
    idle = [row for row in told if row["is_resumed"]]
    assert any(Decimal("0.04") < row["power_share"] < Decimal("0.08") for row in idle)
    assert all((row["power_share"] < Decimal("0.3")) == row["is_resumed"] for row in told)
    assert asked(sample_district, 4) == []


def test_5_with_the_exempt_counted_the_rate_is_that_of_the_register(sample_district: Settings) -> None:
    told = {row["scope"]: row for row in asked(sample_district, 5)}
    assert told.keys() == {"industry", "service", "site", "trade"}
    assert (told["industry"]["n_exempt"], told["industry"]["resumption_rate"]) == (2, 1)
    assert told["industry"]["rate_all"] == pytest.approx(Decimal(116) / 118)


def test_6_every_seeded_contradiction_of_relief_is_listed(sample_district: Settings) -> None:
    told = asked(sample_district, 6)
    assert {row["status"] for row in told} == {"ELIGIBILITY", "TIMING", "UNCLAIMED", "UNIT", "UNRECONCILED"}
    known = [row for row in told if row["computed"] is not None]
    assert told[: len(known)] == known
    assert {row["status"] for row in told[len(known) :]} <= {"UNCLAIMED", "BASE_UNKNOWN"}
    assert all(row["diff"] == row["claimed"] - row["computed"] for row in known)
    assert [abs(row["diff"]) for row in known] == sorted((abs(row["diff"]) for row in known), reverse=True)


def test_7_who_is_entitled_and_got_nothing(sample_district: Settings) -> None:
    told = asked(sample_district, 7)
    n_by_policy = {policy: sum(row["policy_id"] == policy for row in told) for policy in {row["policy_id"] for row in told}}
    assert n_by_policy["P21"] == 6  # README: water, six firms got nothing
    assert n_by_policy["P17"] <= 5  # electricity: five eligible ones do not claim, one of them in one month alone
    assert n_by_policy["P01"] == 39  # README: social insurance, two firms got nothing, 37 have no line
    assert sum(row["estimated"] is None for row in told) == 37
    assert all(row["estimated"] is None or row["estimated"] > 0 for row in told)


def test_8_what_relief_will_cost_is_never_what_it_has_cost(sample_district: Settings) -> None:
    told = {row["policy_id"]: row for row in asked(sample_district, 8)}
    water = told["P21"]
    assert (water["borne_by"], water["valid_to"]) == ("公用企业", date(2020, 6, 30))
    assert water["by_until"] == water["per_day"] * 104
    assert water["by_extended"] == water["per_day"] * 288
    assert told["P01"]["by_end_of_rule"] is None  # batches have no pace
    assert told["P09"]["by_until"] < told["P09"]["per_day"] * 104  # its rule ends on 31 May
    told = {row["policy_id"]: row for row in asked(sample_district, 8, until="2020-03-28", extended_to="2021-01-31")}
    assert told["P21"]["by_until"] == told["P21"]["per_day"] * 10
    assert told["P21"]["by_extended"] == told["P21"]["per_day"] * 319


def test_9_a_department_that_was_late_and_one_that_corrected(sample_district: Settings) -> None:
    told = {(row["department_code"], row["report"]): row for row in asked(sample_district, 9)}
    assert told["SWJ", "service_resumption"]["n_late"] >= 3  # 24 to 26 February, on the 27th
    assert told["SWJ", "service_resumption"]["worst_lateness_hours"] > 48
    assert told["GXJ", "industry_resumption"]["n_corrected"] == 1  # 5 March
    assert told["TAX", "tax_relief"]["n_corrected_after_due"] <= told["TAX", "tax_relief"]["n_corrected"] == 1


def test_10_files_after_a_publication_are_why_it_would_differ(sample_district: Settings) -> None:
    def answer(connection: psycopg.Connection[Any]) -> Rows:
        found = questions.ask(connection, sample_district.include, QUESTIONS[10], date(2020, 3, 5))
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows]

    with connect(sample_district) as connection, connection.transaction(force_rollback=True):
        assert answer(connection) == []
        connection.execute(
            """
            INSERT INTO audit.published
            (publication_id, format, as_of, known_at, code_version, sha256, content, signer, signed_at, is_provisional, missing)
            VALUES (1, 'md', '2020-03-05', '2020-03-06 12:00+08', '0', '0', '', '值班领导', '2020-03-06 12:00+08', false, '{}')
            """
        )
        told = answer(connection)
        assert {row["signer"] for row in told} == {"值班领导"}
        assert any("更正" in row["file_name"] and row["report"] == "industry_resumption" for row in told)
        assert all(
            row["report_date"] <= date(2020, 3, 5) and row["came_at"] > datetime.fromisoformat("2020-03-06T12:00+08:00")
            for row in told
        )
    with connect_as(sample_district, "auditor") as connection:
        assert questions.ask(connection, sample_district.include, QUESTIONS[10], AS_OF).rows == []


def test_11_open_approvals_are_told_by_who_holds_them(sample_district: Settings) -> None:
    total, *held = asked(sample_district, 11)
    assert (total["n_total"], total["n_done"], total["n_open"], total["days_to_deadline"]) == (54, 46, 8, 43)
    assert sum(row["n_open"] for row in held) == 8
    assert [row["n_open"] for row in held] == sorted((row["n_open"] for row in held), reverse=True)
    assert all(row["is_in_time"] == (row["forecast_date"] <= date(2020, 4, 30)) for row in [total, *held])


def test_12_problems_by_category_add_up_and_the_growing_ones_come_first(sample_district: Settings) -> None:
    told = asked(sample_district, 12)
    assert sum(row["n_total"] for row in told) == 755
    assert sum(row["n_open"] for row in told) == 177
    assert [row["growth"] for row in told] == sorted((row["growth"] for row in told), reverse=True)
    assert all(row["growth"] == row["n_total"] - row["n_14_days_before"] for row in told)
    assert (
        sum(row["n_overdue"] for row in told)
        == rows_of(
            sample_district, "SELECT n_overdue FROM mart.problem_closure WHERE as_of = '2020-03-18' AND dimension = 'total'"
        )[0][0]
    )
    assert any(0 < row["n_repeated"] <= row["n_total"] for row in told)


def test_13_new_money_stands_apart_from_renewals(sample_district: Settings) -> None:
    told = asked(sample_district, 13)
    new = [row for row in told if row["nature"] == "新增"]
    assert [(row["period"], row["disbursed"]) for row in new] == [(date(2020, 2, 1), 75_800_000)]  # March has not ended
    (whole,) = (row for row in told if row["nature"] == "ALL")
    assert new[0]["share"] == pytest.approx(new[0]["disbursed"] / whole["disbursed"])
    assert {row["nature"] for row in told} > {"新增", "续贷"}
    assert all(row["disbursed"] is None for row in told if row["is_suppressed"])
    assert any(row["is_suppressed"] for row in told)


def test_14_firms_are_compared_by_relief_per_head(sample_district: Settings) -> None:
    told = asked(sample_district, 14)
    industry = [row for row in told if row["scope"] == "industry"]
    assert [row["third"] for row in industry if row["third"]] == [1, 2, 3]
    assert sum(row["n_firms"] for row in industry) == 115  # one of the 116 was exempt 28 days before
    assert [row["relief_per_head"] for row in industry] == sorted(row["relief_per_head"] for row in industry)
    assert all(row["gain"] == row["recovery_now"] - row["recovery_before"] > 0 for row in industry)


def test_15_next_weeks_demand_moves_on_as_it_moved(sample_district: Settings) -> None:
    (masks,) = asked(sample_district, 15)
    demand = dict(
        rows_of(
            sample_district, "SELECT as_of, demand FROM mart.supply WHERE item = '口罩' AND as_of IN ('2020-03-11', '2020-03-18')"
        )
    )
    assert masks["demand_next_week"] == 2 * demand[AS_OF] - demand[date(2020, 3, 11)] > masks["demand"]
    assert (masks["daily_capacity"], masks["is_enough"], masks["days_until_empty"]) == (100_000, True, None)


def test_16_carried_rows_and_unreconciled_relief_are_counted(sample_district: Settings) -> None:
    told = {
        (row["what"], row["about"]): row for row in asked(sample_district, 16, date(2020, 2, 16))
    }  # R02 of the 16th never came
    assert told["沿用", "service"]["share"] > Decimal("0.9")
    assert told["沿用", "industry"]["n"] == 0
    told = {(row["what"], row["about"]): row for row in asked(sample_district, 16)}
    truth = rows_of(
        sample_district,
        """
        SELECT COUNT(*), SUM(claimed) FROM mart.fee_reduction
        WHERE policy_id = 'P21' AND status NOT IN ('MATCH', 'NOT_COMPUTABLE') AND period <= '2020-03-18'
        """,
    )
    assert (told["核不上", "P21"]["n"], told["核不上", "P21"]["amount"]) == truth[0]


def test_17_arrears_have_no_month_while_the_end_of_the_epidemic_is_open(sample_district: Settings) -> None:
    told = asked(sample_district, 17)
    assert {row["due_month"] for row in told} == {None}
    assert [row["arrears"] for row in told] == sorted((row["arrears"] for row in told), reverse=True)
    by_utility = dict(rows_of(sample_district, "SELECT utility, arrears FROM mart.utility_protection WHERE as_of = '2020-03-18'"))
    assert {utility: sum(row[utility] or 0 for row in told) for utility in by_utility} == by_utility
    assert len(by_utility) == 3
    assert sum(row["share"] for row in told) == pytest.approx(1)


def test_18_who_fell_back(sample_district: Settings) -> None:
    told = asked(sample_district, 18, date(2020, 3, 4))
    assert ("industry", date(2020, 3, 2), "缺原料", False) in [
        (row["scope"], row["stopped_on"], row["stop_reason"], row["is_back"]) for row in told
    ]
    assert [row["stopped_on"] for row in told] == sorted((row["stopped_on"] for row in told), reverse=True)
    (counted,) = rows_of(
        sample_district,
        "SELECT SUM(n_relapses) FROM mart.resumption_daily WHERE dimension = 'total' AND as_of BETWEEN '2020-02-20' AND '2020-03-04'",
    )
    assert len(told) == counted[0] > 0
    assert all(row["stopped_on"] == date(2020, 3, 4) for row in asked(sample_district, 18, date(2020, 3, 4), days="1"))


def test_19_relief_by_policy_adds_up_to_all_claims(sample_district: Settings) -> None:
    told = asked(sample_district, 19)
    (claimed,) = rows_of(sample_district, "SELECT SUM(claimed) FROM mart.fee_reduction WHERE period <= '2020-03-18'")
    assert sum(row["claimed"] for row in told) == claimed[0]
    assert len({row["benefit_class"] for row in told}) == 3
    assert all(0 <= row["matched_share"] <= 1 for row in told if row["matched_share"] is not None)


def test_20_each_township_has_one_line(sample_district: Settings) -> None:
    told = asked(sample_district, 20, date(2020, 2, 20))
    assert len({row["township_code"] for row in told}) == len(told) == 6
    rates = [row["rate_industry"] for row in told if row["rate_industry"] is not None]
    assert rates == sorted(rates)
    assert min(rates) < max(rates)


def test_21_a_week_of_flows_is_the_sum_of_its_days(sample_district: Settings) -> None:
    told = {(row["what"], row["about"]): row for row in asked(sample_district, 21)}
    (visits,) = rows_of(
        sample_district,
        """
        SELECT
            SUM(n_visits) FILTER (WHERE business_date BETWEEN '2020-03-12' AND '2020-03-18'),
            SUM(n_visits) FILTER (WHERE business_date BETWEEN '2020-03-05' AND '2020-03-11')
        FROM mart.visit_daily WHERE report_date <= '2020-03-18'
        """,
    )
    row = told["走访(家次)", None]
    assert (row["this_week"], row["last_week"], row["change"]) == (*visits, visits[0] - visits[1])
    assert told["已复工数(家)", "industry"]["this_week"] == 116


def test_22_targets_stand_beside_what_was_reached(sample_district: Settings) -> None:
    told = {row["what"]: row for row in asked(sample_district, 22)}
    approvals = told["省市重点新开工项目手续"]
    assert (approvals["target"], approvals["actual"], approvals["is_met"]) == (54, 46, False)
    assert told["本周联审联批会"]["target"] == 2
    assert told["超过一天一次的涉企检查"]["share"] is None
    assert all(row["is_met"] == (row["actual"] >= row["target"]) for row in told.values() if row["share"] is not None)


def test_what_nobody_reported_is_no_zero(sample_district: Settings) -> None:
    """Service events and problems are reported from 10 February on; services are silent on the 16th."""
    targets = {row["place"]: row for row in asked(sample_district, 22, date(2020, 2, 3))}
    assert [(targets[place]["actual"], targets[place]["is_met"]) for place in (1, 2, 3)] == [(None, None)] * 3
    targets = {row["place"]: row for row in asked(sample_district, 22, date(2020, 2, 14))}
    assert (targets[1]["actual"], targets[3]["actual"], targets[3]["is_met"]) == (2, 0, True)
    assert {row["n_open_problems"] for row in asked(sample_district, 3, date(2020, 2, 3))} == {None}
    assert None not in {row["n_open_problems"] for row in asked(sample_district, 3)}
    growing = asked(sample_district, 12, date(2020, 2, 16))
    assert growing
    assert {(row["n_14_days_before"], row["growth"]) for row in growing} == {(None, None)}
    weeks = {(row["place"], row["about"]): row["this_week"] for row in asked(sample_district, 21, date(2020, 2, 16))}
    assert (weeks[1, "service"], weeks[2, "service"]) == (None, None)
    assert weeks[1, "industry"] == 66
    assert {row["rate_service"] for row in asked(sample_district, 20, date(2020, 2, 16))} == {None}


@pytest.mark.parametrize("as_of", [AS_OF, date(2020, 2, 20)])
def test_each_code_in_an_answer_has_a_name(sample_district: Settings, as_of: date) -> None:
    nameless: set[tuple[int, str, Any]] = set()
    for number, question in QUESTIONS.items():
        with connect_as(sample_district, question.role) as connection:
            answer = questions.ask(connection, sample_district.include, question, as_of)
        for row in answer.named:
            for name, value in zip(answer.columns, row, strict=True):
                is_shown_code = isinstance(value, str) and name not in question.secondary and CODE.fullmatch(value)
                if is_shown_code:
                    nameless.add((number, name, value))
    assert nameless == set()


def test_an_answer_without_rows_and_one_with_withheld_values_say_so(
    sample_district: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for number, said in ((4, ("没有符合的行", "No such rows")), (13, ("不公开", "withheld"))):
        question = QUESTIONS[number]
        with connect_as(sample_district, question.role) as connection:
            answer = questions.ask(connection, sample_district.include, question, AS_OF)
        for lang, words in zip((Lang.ZH, Lang.EN), said, strict=True):
            print_answer(question, answer, lang, everything=False)
            out = capsys.readouterr().out
            assert words in out
            assert max(map(cell_len, out.splitlines())) <= 80


def test_months_are_printed_as_months(sample_district: Settings) -> None:
    with connect_as(sample_district, "analyst") as connection:
        answer = questions.ask(connection, sample_district.include, QUESTIONS[13], AS_OF)
    shown, _ = table_of(QUESTIONS[13], answer, Lang.ZH, 80)
    assert set(shown.columns[0].cells) == {"2020-02"}


def test_words_of_headings_are_broken_only_where_there_is_no_room() -> None:
    names = ("worst_lateness_hours", "n_corrected_after_due", "department")
    rows: list[tuple[Any, ...]] = [(Decimal("56.2"), 3, "Human Resources and Social Security Bureau")]
    answer = questions.Answer(
        AS_OF, None, {name: Bilingual("甲", "A") for name in names}, dict.fromkeys(names, "text"), rows, rows
    )
    for screen, is_roomy in ((40, True), (24, False)):
        shown, width = table_of(QUESTIONS[9], answer, Lang.EN, screen, everything=True)
        assert width <= screen
        fits = [(column.width or 0) >= max(map(len, str(column.header).split())) for column in shown.columns]
        assert all(fits) == is_roomy


def test_a_change_of_almost_nothing_is_printed_as_zero() -> None:
    rows: list[tuple[Any, ...]] = [(Decimal("-0.00001"),), (Decimal("-1234.5"),)]
    answer = questions.Answer(AS_OF, None, {"change": Bilingual("增减", "Change")}, {"change": "numeric"}, rows, rows)
    shown, _ = table_of(QUESTIONS[21], answer, Lang.ZH, 80)
    assert [list(column.cells) for column in shown.columns] == [["0", "-1,234.5"]]


def test_an_answer_as_known_at_a_moment_is_that_of_its_day(sample_district: Settings) -> None:
    moment = datetime.fromisoformat("2020-03-19T12:00+08:00")
    with connect(sample_district) as connection, connection.transaction(force_rollback=True):
        for question in QUESTIONS.values():
            now = questions.ask(connection, sample_district.include, question, AS_OF)
            # One of facts, of a stock, of months and of files each. What analysts see of the past is what is still so.
            if question.number in {3, 9, 15, 16}:
                end = datetime.fromisoformat("2100-01-01T00:00+08:00")
                at_end = questions.ask(connection, sample_district.include, question, AS_OF, end)
                assert (question.name, at_end.rows) == (question.name, now.rows)
            for day in (AS_OF, date(2020, 3, 4)):
                earlier = questions.ask(connection, sample_district.include, question, day)
                table, taken = table_of(question, earlier, Lang.ZH, 80)
                screen = Console(width=80, file=StringIO(), record=True)
                screen.print(table)
                widest = max(map(cell_len, screen.export_text().splitlines()))
                assert (question.name, taken <= 80, widest <= 80) == (question.name, True, True)
        before = questions.ask(
            connection, sample_district.include, QUESTIONS[9], date(2020, 3, 5), datetime.fromisoformat("2020-03-05T23:00+08:00")
        )
        after = questions.ask(connection, sample_district.include, QUESTIONS[9], date(2020, 3, 5), moment)
        assert before.rows != after.rows  # GXJ corrected the 5th of March later
        (one, *_) = questions.ask(connection, sample_district.include, QUESTIONS[2], AS_OF, moment).named
        assert isinstance(one[0], Bilingual)


def test_a_parameter_is_a_number_or_a_day_and_one_that_the_question_has(sample_district: Settings) -> None:
    assert len(asked(sample_district, 6, most="3")) == 3
    for number, given in (
        (6, {"most": "1); DROP TABLE x"}),
        (6, {"most": "1.5"}),
        (8, {"until": "2020-02-31"}),
        (8, {"until": "5"}),
    ):
        with pytest.raises(RefusedError, match="should be"):
            asked(sample_district, number, **given)
    for name in ("as_of", "limit"):
        with (
            connect_as(sample_district, "taskforce") as connection,
            pytest.raises(NotFoundError, match=f"question 6 has no parameter {name}. There is: most"),
        ):
            questions.ask(connection, sample_district.include, QUESTIONS[6], AS_OF, given={name: "5"})


@pytest.mark.parametrize("number", sorted(QUESTIONS))
def test_a_question_is_refused_to_a_role_that_may_not_read(sample_district: Settings, number: int) -> None:
    question = QUESTIONS[number]
    if question.role == "analyst":
        assert {one.partition(".")[0] for one in question.reads} <= {"open", "ref"}
        return
    with connect_as(sample_district, "analyst") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        questions.ask(connection, sample_district.include, question, AS_OF)


def test_a_day_that_no_mart_holds_is_not_answered_with_nothing(sample_district: Settings) -> None:
    with pytest.raises(LookupError, match="marts hold 2020-02-01 to 2020-03-18, not 2019-12-31"):
        asked(sample_district, 2, date(2019, 12, 31))


def test_a_question_that_reads_what_its_role_may_not_is_our_fault(tmp_path: Path) -> None:
    for name in ("facts", "marts", "checks", "questions"):
        (tmp_path / "sql" / name).mkdir(parents=True)
    file = tmp_path / "sql" / "questions" / "01_who.sql"
    text = "-- number: 1\n-- question: 问 | Who?\n-- role: analyst\n-- parameters: {as_of: {label: 截至 | The day}}\n-- reads: [mart.loan]\n-- columns: {a: 甲 | A}\nSELECT 1 AS a\n"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=r"analysts may not read mart\.loan"):
        questions.load_questions(tmp_path)
    file.write_text(text.replace("analyst", "intern"))
    with pytest.raises(ConfigurationError, match="no role 'intern'"):
        questions.load_questions(tmp_path)
    file.write_text(text.replace("number: 1", "number: 2"))
    with pytest.raises(ConfigurationError, match="`number` should be the number that the file's name begins with"):
        questions.load_questions(tmp_path)
    file.write_text(text.replace("mart.loan", "open.loan"))
    with pytest.raises(ConfigurationError, match=r"reads open.loan, which no file writes"):
        questions.load_questions(tmp_path)
    assert load_sql_files(tmp_path / "sql").marts == ()


NAMES_OF_THINGS = {"name", "file_name", "dept"}
"""Columns with names of firms and files, and with departments as a list spells them: one is no department of the district."""


def test_english_answers_hold_chinese_in_names_of_things_alone(sample_district: Settings) -> None:
    n_texts = 0
    for question in QUESTIONS.values():
        with connect_as(sample_district, question.role) as connection:
            answers = [questions.ask(connection, sample_district.include, question, day) for day in (AS_OF, date(2020, 2, 27))]
        for answer in answers:
            for row in answer.named:
                for column, value in zip(answer.columns, row, strict=True):
                    text = value.text_in(Lang.EN) if isinstance(value, Bilingual) else value
                    if isinstance(text, str) and column not in NAMES_OF_THINGS:
                        n_texts += 1
                        assert not re.search("[\u4e00-\u9fff]", text), (question.number, column, text)
    assert n_texts > 1000


def test_rates_are_printed_as_figures_print_them_and_their_changes_in_points() -> None:
    columns = {
        "resumption_rate": Bilingual("复工率", "Rate"),
        "recovery_before": Bilingual("当时用工恢复率", "Then"),
        "gain": Bilingual("提高(百分点)", "Gain, percentage points"),
        "n_firms": Bilingual("企业数", "Firms"),
    }
    rows: list[tuple[Any, ...]] = [
        (Decimal("0.6956"), Decimal("0.5"), Decimal("0.0125"), 3),
        (None, Decimal("0.99999"), Decimal("-0.000001"), 1200),
    ]
    answer = questions.Answer(AS_OF, None, columns, dict.fromkeys(columns, "numeric"), rows, rows)
    shown, _ = table_of(QUESTIONS[14], answer, Lang.ZH, 80, everything=True)
    assert [list(column.cells) for column in shown.columns] == [
        ["69.6%", ""],
        ["50%", "99.9%"],
        ["+1.25pp", "0pp"],
        ["3", "1,200"],
    ]
    assert {column.justify for column in shown.columns} == {"right"}
