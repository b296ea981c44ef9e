"""What was told at a moment of knowledge is told again, whatever is settled, built or decreed later."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from typing import Any

import psycopg

from fugong.figures.figure import figures
from fugong.marts import build
from fugong.operations import setup
from tests.fixtures.mini_district import FIRMS, SHANGHAI, Mini, settle

Connection = psycopg.Connection[Any]
MARCH_18 = date(2020, 3, 18)
MOMENTS = [datetime(2020, 3, day, hour, tzinfo=SHANGHAI) for day, hour in ((1, 0), (17, 11), (19, 10), (20, 9), (25, 0))]


def told(connection: Connection, mini: Mini) -> list[list[dict[str, Any]]]:
    """Everything about every figure, at every moment, on two days."""
    return [
        [figure.to_json() for figure in figures(connection, mini.include, day, moment)]
        for moment in MOMENTS
        for day in (MARCH_18, date(2020, 3, 20))
    ]


def test_the_past_is_the_same_after_later_files_builds_and_parameters(connection: Connection, mini: Mini) -> None:
    before = told(connection, mini)
    build.build(connection, mini.include)
    assert told(connection, mini) == before
    later = "2020-03-26T09:00:00"
    settle(connection, "work", "snapshot", "2020-03-18", [(FIRMS[0], "A", True)], later)
    settle(connection, "lease", "ledger", "2020-03-17", [("L1", "1", "0.1")], later, department="GZB")
    settle(connection, "loan", "increment", "2020-03-17", [("9", FIRMS[0], "new", "2020-03-16", "1")], later, department="JRB")
    file = mini.include / "reference" / "policy_param.csv"
    line = next(line for line in file.read_text(encoding="utf-8").splitlines() if ",price_after,4," in line)
    recorded = line.replace(",price_after,4,", ",price_after,3.9,")
    file.write_text(file.read_text(encoding="utf-8").replace(line, recorded), encoding="utf-8")
    assert setup.load_reference(connection, mini.include / "reference") == ["loaded ref.policy_param"]
    assert told(connection, mini) == before
    build.build(connection, mini.include)
    assert told(connection, mini) == before
    # Now it is known, and the present knows it.
    found = {figure.id: figure for figure in figures(connection, mini.include, MARCH_18)}
    assert (str(found["T8"].value), found["T7"].value, found["T3"].display) == ("3.9", 1, "0.2万元")
    assert found["T8"].known_at is not None
    assert found["T8"].known_at > datetime.now(SHANGHAI) - timedelta(minutes=10)
    assert figures(connection, mini.include, MARCH_18, found["T8"].known_at) == list(found.values())


def test_the_reference_data_loaded_again_unchanged_is_the_same(connection: Connection, mini: Mini) -> None:
    file = mini.include / "reference" / "policy_param.csv"
    head, first, *rest = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([head, *rest, first, ""]), encoding="utf-8")
    query = "SELECT COUNT(*), MAX(counts_from)::text, MIN(counts_to)::text FROM ref.policy_param"
    before = connection.execute(query).fetchone()
    assert setup.load_reference(connection, mini.include / "reference") == ["loaded ref.policy_param"]
    assert connection.execute(query).fetchone() == before
    assert before is not None
    assert before[1:] == ("-infinity", "infinity")


def test_a_parameter_that_only_a_new_release_asks_for_counts_at_all_moments(connection: Connection, mini: Mini) -> None:
    """News about a policy count from their record on: a new policy, and a parameter of a name that others have already."""
    file = mini.include / "reference" / "policy_param.csv"
    head, *_, last = file.read_text(encoding="utf-8").splitlines()
    names = head.split(",")
    at = {name: names.index(name) for name in ("policy_id", "param", "value")}

    def line(policy: str, param: str) -> str:
        [cells] = csv.reader([last])
        for name, value in (("policy_id", policy), ("param", param), ("value", "1")):
            cells[at[name]] = value
        return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)

    added = [("P21", "asked_by_the_release"), ("P77", "of_a_new_policy"), ("P77", "price_after"), ("P22", "price_after")]
    file.write_text(
        "\n".join([*file.read_text(encoding="utf-8").splitlines(), *(line(*one) for one in added), ""]), encoding="utf-8"
    )
    assert setup.load_reference(connection, mini.include / "reference") == ["loaded ref.policy_param"]
    rows = connection.execute(
        "SELECT policy_id, param FROM ref.policy_param WHERE counts_from > '-infinity' ORDER BY policy_id, param"
    ).fetchall()
    assert rows == [("P22", "price_after"), ("P77", "of_a_new_policy"), ("P77", "price_after")]
