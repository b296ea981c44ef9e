"""Facts and marts on a real PostgreSQL: each folder of `sql/` is a sentence, its given rows and what a mart then holds.

`given.yaml`: parts (`table`, `date`, `department`, `rows` with only the columns that matter) and, where needed, policy parameters.
`expect.yaml`: questions (`mart`, `days`, perhaps `known_at`, `policy_known_at`, `where`) and the rows that answer them, all of them.
Every SELECT is run twice, and once more for its days one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from fugong.contracts.contract import Contracts
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT, Settings
from fugong.marts.sql_files import load_sql_files
from fugong.operations import setup
from fugong.warehouse.embedded import server as embedded
from tests.fixtures.given_parts import give
from tests.fixtures.mini_district import replayed

FOLDERS = Path(__file__).parent / "sql"
SENTENCES = (
    "a_bill_of_a_high_energy_industry_gets_no_relief",
    "a_class_comes_from_the_register_and_never_from_the_claimant",
    "a_correction_counts_from_the_moment_it_is_known",
    "a_deferral_is_no_relief",
    "a_firm_counts_as_borrower_once_and_from_the_day_it_is_known",
    "a_firm_is_told_by_all_that_speaks_of_it",
    "a_firm_is_told_by_the_newest_month_it_is_insured_in",
    "a_firm_that_stops_again_is_told_on_that_day",
    "a_firm_without_a_row_stays_in_the_denominator",
    "a_framework_agreement_is_no_contract",
    "a_lease_without_months_or_with_an_unlisted_tenant_has_no_known_base",
    "a_ledger_tells_what_was_paid_up_to_the_day",
    "a_problem_is_in_one_state_and_may_be_opened_again",
    "a_project_not_yet_due_leaves_the_denominator_until_its_planned_start",
    "a_rate_is_compared_with_the_day_and_the_week_before",
    "a_reading_across_the_first_day_of_the_rule_is_prorated",
    "a_repair_adds_its_rows",
    "a_returned_line_of_the_list_of_sites_stays_in_the_denominator",
    "a_reversal_takes_the_borrower_out_again",
    "a_rule_counts_from_the_day_it_is_known",
    "a_rule_decreed_in_june_does_not_change_march",
    "a_second_agreement_on_rent_does_not_stack",
    "a_second_inspection_is_in_excess_and_a_day_in_the_field_counts_once",
    "a_sender_is_scored_by_time_completeness_and_first_try",
    "a_silent_day_is_carried_for_three_days",
    "a_silent_firm_may_have_as_many_people_as_the_day_before",
    "a_version_of_a_rule_is_taken_back_when_another_is_known",
    "an_account_in_arrears_is_told_by_its_newest_bill",
    "an_open_base_computes_nothing_until_it_is_known",
    "another_member_makes_another_version_of_the_scope",
    "approvals_of_new_starts_count_and_lacking_papers_is_not_done",
    "awards_approved_are_not_paid",
    "claims_are_reconciled_firm_by_firm_and_month_by_month",
    "energy_above_the_threshold_counts_as_resumed",
    "firms_at_four_fifths_of_their_output_are_at_full_capacity",
    "gas_and_rent_are_reconciled",
    "history_is_not_judged_late",
    "land_planned_supplied_and_offered_stay_apart",
    "loans_of_a_month_are_told_in_all_by_product_and_by_bank",
    "masks_made_are_compared_with_people_on_post",
    "membership_begins_and_ends_with_its_dates",
    "more_people_than_the_baseline_are_capped_and_marked",
    "nothing_is_owed_before_its_contract_asks_for_it",
    "nothing_is_to_come_once_the_rule_has_ended",
    "of_two_senders_the_first_ranked_counts",
    "only_exemptions_other_than_x10_leave_the_denominator",
    "posts_are_not_people_and_who_agreed_has_not_signed",
    "refunds_are_judged_by_the_rule_of_the_day_of_payment",
    "rent_to_come_is_apart_from_rent_let_off",
    "reports_owed_received_and_late",
    "sites_are_those_of_the_list_in_force",
    "social_insurance_is_computed_by_size_and_month",
    "tax_documents_find_their_policy",
    "the_classes_of_users_are_those_of_the_parameters",
    "the_days_of_a_policy_are_those_of_its_parameters",
    "the_denominator_moves_by_what_is_told",
    "the_national_rent_rule_is_for_services_and_extra_subsidies_for_key_suppliers",
    "a_first_sender_silent_for_weeks_is_still_awaited",
    "the_row_of_a_second_sender_closes_nothing_while_the_first_is_awaited",
    "visits_are_counted_not_firms",
    "what_is_dated_after_the_report_counts_from_its_own_day",
    "what_is_to_come_is_projected_from_the_last_fourteen_days",
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("marts")
    url = embedded.start(home / "server")
    settings = Settings(home=home, district=PROJECT, warehouse_url=url)
    setup.init(settings)
    yield settings
    embedded.remove(home / "server")


@pytest.fixture
def connection(settings: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(settings.warehouse_url or "") as connection:
        connection.execute("SET TIME ZONE 'Asia/Shanghai'")
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return load_contracts(PROJECT / "include" / "contracts")


def test_the_folders_are_these() -> None:
    assert sorted(folder.name for folder in FOLDERS.iterdir()) == sorted(SENTENCES)


def test_every_mart_has_a_folder() -> None:
    asked = {question["mart"] for name in SENTENCES for question in load(name, "expect")}
    assert asked == {mart.name for mart in load_sql_files(PROJECT / "include" / "sql").marts}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_folder(sentence: str, connection: psycopg.Connection, contracts: Contracts) -> None:
    give(connection, contracts, load(sentence, "given"))
    questions = load(sentence, "expect")
    assert questions
    for question in questions:
        first = ask(connection, question, question["days"])
        again = ask(connection, question, question["days"])
        one_by_one = [row for day in question["days"] for row in ask(connection, question, [day])]
        assert first == again
        assert ordered(one_by_one) == ordered(first)
        expected = [{name: comparable(value) for name, value in row.items()} for row in question["rows"]]
        columns = list(expected[0]) if expected else []
        found = [{name: comparable(row[name]) for name in columns} for row in first]
        assert ordered(found) == ordered(expected)


def load(sentence: str, name: str) -> Any:
    return yaml.safe_load((FOLDERS / sentence / f"{name}.yaml").read_text(encoding="utf-8"))


def ask(connection: psycopg.Connection, question: dict[str, Any], days: list[date]) -> list[dict[str, Any]]:
    known_at = question.get("known_at")
    connection.execute("SELECT set_config('fugong.policy_known_at', %s, true)", (str(question.get("policy_known_at", "")),))
    moment = datetime.fromisoformat(known_at) if known_at else None
    rows = replayed(connection, PROJECT / "include", question["mart"], days, moment)
    connection.execute("SELECT set_config('fugong.policy_known_at', '', true)")
    where = question.get("where", {})
    return [row for row in rows if all(row[name] == value for name, value in where.items())]


def comparable(value: Any) -> Any:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return f"{Decimal(str(value)):.8f}"
    return str(value) if isinstance(value, (date, datetime)) else value


def ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [(name, str(value)) for name, value in row.items()])
