"""Judging again under a running Airflow: looked at first, applied when a person says so."""

from __future__ import annotations

import psycopg

from tests.end_to_end.conftest import RunningAirflow
from tests.fixtures.inbox import TAX_HEADER, as_csv, tax_row

FILE = "20200309_R04_TAX_V1.csv"


def test_what_a_mended_rule_changes_is_shown_and_applied_once_confirmed(airflow: RunningAirflow) -> None:
    day = "2020-03-09"
    airflow.drop("TAX", FILE, as_csv(TAX_HEADER, [tax_row(901, day=day), tax_row(902, "约3500", day=day)]))
    number = airflow.receipt("TAX", FILE, within=60)["submission_id"]
    with psycopg.connect(airflow.warehouse_url) as connection:  # as if the rule had not been there then
        connection.execute("DELETE FROM intake.finding WHERE submission_id = %s", (number,))
    run = airflow.trigger("judge_again", rule="unreadable-cell", since="2020-01-01")
    airflow.wait_for(run, confirm="awaiting_input")
    replays = "SELECT count(*), min(state) FROM intake.submission WHERE replays IS NOT NULL"
    assert airflow.rows(replays) == [(0, None)]
    [asked] = airflow.api("GET", f"{run}/hitlDetails")["hitl_details"]
    assert "1 份有变化" in asked["subject"]
    assert FILE in asked["body"]
    airflow.answer(run, "confirm", "执行 | Apply")
    airflow.wait_for(run, apply="success")
    assert airflow.rows(replays) == [(1, "partly_accepted")]
