"""What moved between two moments of knowledge, and through what."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg

from fugong.lineage import diff
from fugong.lineage.diff import ExemptionCause, Moved, ParameterCause, SubmissionCause
from fugong.marts import asof, build, schema
from fugong.operations import setup
from tests.fixtures.mini_district import FIRMS, SHANGHAI, Mini, settle

Connection = psycopg.Connection[Any]
MARCH_18 = date(2020, 3, 18)
BEFORE, AFTER = (datetime(2020, 3, day, hour, tzinfo=SHANGHAI) for day, hour in ((19, 13), (20, 9)))
LATER = datetime(2020, 3, 27, tzinfo=SHANGHAI)


def moved(connection: Connection, mini: Mini, first: datetime, second: datetime) -> dict[str, Moved]:
    return {one.id: one for one in diff.diff(connection, mini.include, MARCH_18, first, second)}


def causes(one: Moved) -> list[tuple[str, str, int, int, Decimal | None, Decimal | None]]:
    return [
        (cause.file_name, cause.what, cause.n_before, cause.n_after, cause.before, cause.after)
        for cause in one.causes
        if isinstance(cause, SubmissionCause)
    ]


def test_a_correction_moves_exactly_what_it_changes(connection: Connection, mini: Mini) -> None:
    connection.execute("UPDATE intake.part SET version = 2 WHERE settled_at = %s", (AFTER,))
    found = moved(connection, mini, BEFORE, AFTER)
    assert set(found) == {"T1"}  # of five firms in A and C one is back now; T2 is about A
    rate = found["T1"]
    assert (rate.before.display, rate.after.display, rate.before.numerator, rate.after.numerator) == ("60%", "80%", 3, 4)
    assert causes(rate) == [
        ("work0318.xlsx", "superseded", 8, 0, None, None),
        ("work0318.xlsx", "corrected", 0, 9, None, None),
    ]
    first, second = rate.causes
    assert isinstance(first, SubmissionCause)
    assert isinstance(second, SubmissionCause)
    assert (first.by, second.by) == (second.submission_id, None)
    assert moved(connection, mini, AFTER, LATER) == {}


def test_the_last_settlement_is_read_from_marts_that_are_up_to_date(connection: Connection, mini: Mini) -> None:
    replayed = moved(connection, mini, BEFORE, AFTER)
    build.build(connection, mini.include)
    assert moved(connection, mini, BEFORE, AFTER) == replayed
    connection.execute("UPDATE mart.work_daily SET n_resumed = 1 WHERE dimension = 'total'")
    (found,) = (one for one in moved(connection, mini, BEFORE, AFTER).values() if one.id == "T1")
    assert (found.before.value, found.after.value) == (Decimal("0.6"), Decimal("0.2"))
    (later,) = (one for one in moved(connection, mini, BEFORE, LATER).values() if one.id == "T1")
    assert (later.before.value, later.after.value) == (Decimal("0.6"), Decimal("0.8"))


def test_amounts_by_submission_explain_the_whole_change(connection: Connection, mini: Mini) -> None:
    loans = [("7", FIRMS[0], "new", "2020-03-15", "30"), ("8", FIRMS[0], "renewal", "2020-03-15", "3")]
    settle(connection, "loan", "increment", "2020-03-17", loans, "2020-03-26T09:00:00", department="JRB")
    settle(connection, "lease", "ledger", "2020-03-17", [("L1", "10", "0.3")], "2020-03-26T10:00:00", department="GZB")
    build.build(connection, mini.include)
    found = moved(connection, mini, AFTER, LATER)
    assert set(found) == {"T3", "T4", "T5", "T6", "T11", "T13"}  # T12 is about the week from the 16th on
    assert causes(found["T3"]) == [("loan0317.xlsx", "arrived", 0, 1, 0, Decimal("30"))]
    for name in ("T3", "T4", "T5", "T11"):
        change = sum(cause[5] - cause[4] for cause in causes(found[name]) if cause[4] is not None and cause[5] is not None)
        assert change == found[name].after.value - found[name].before.value  # pyright: ignore[reportOperatorIssue]
    assert {cause[1] for cause in causes(found["T5"])} == {"superseded", "arrived"}


def test_what_is_withdrawn_is_said_to_be(connection: Connection, mini: Mini) -> None:
    settle(connection, "lease", "ledger", "2020-03-16", [], "2020-03-26T09:00:00", department="GZB")
    connection.execute("UPDATE intake.part SET kind = 'withdrawal' WHERE settled_at = '2020-03-26 09:00+08'")
    found = moved(connection, mini, AFTER, LATER)
    assert set(found) == {"T5", "T6", "T11"}
    assert causes(found["T5"]) == [("lease0316.xlsx", "withdrawn", 2, 0, Decimal("150.10"), 0)]
    assert found["T5"].to_json()["causes"][0]["what"] == "withdrawn"


def test_a_repair_is_said_to_be_one(connection: Connection, mini: Mini) -> None:
    settle(
        connection,
        "loan",
        "increment",
        "2020-03-16",
        [("6", FIRMS[3], "new", "2020-03-16", 1)],
        "2020-03-26T09:00:00",
        department="JRB",
    )
    connection.execute(
        """
        UPDATE intake.part SET kind = 'repair', repairs_part = (SELECT MIN(part_id) FROM intake.part WHERE table_name = 'loan')
        WHERE settled_at = '2020-03-26 09:00+08'
        """
    )
    assert causes(moved(connection, mini, AFTER, LATER)["T3"]) == [("loan0316.xlsx", "repaired", 0, 1, 0, 1)]


def test_who_is_left_out_of_a_denominator_is_named(connection: Connection, mini: Mini) -> None:
    file = mini.include / "sql/facts/work.sql"
    text = file.read_text(encoding="utf-8").replace(
        "-- columns:",
        "-- excludes: {flag: is_away, entity: uscc}\n-- columns:\n--   uscc: 代码 | Code\n--   is_away: 不纳入 | Left out",
    )
    file.write_text(
        text.replace("part.as_of, line.township", "part.as_of, line.uscc, NOT line.resumed AS is_away, line.township"),
        encoding="utf-8",
    )
    schema.create_facts(connection, mini.include)
    schema.create_marts(connection, mini.include)
    rate = moved(connection, mini, BEFORE, AFTER)["T1"]
    assert [cause for cause in rate.causes if isinstance(cause, ExemptionCause)] == [ExemptionCause("work", FIRMS[4], False)]


def test_a_parameter_taken_over_between_the_moments_is_a_cause(connection: Connection, mini: Mini) -> None:
    file = mini.include / "reference" / "policy_param.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(",price_after,4,", ",price_after,3.9,"), encoding="utf-8")
    setup.load_reference(connection, mini.include / "reference")
    now = asof.latest_load(connection)[1]
    assert now is not None
    found = moved(connection, mini, AFTER, now)
    assert {name: (one.before.value, one.after.value) for name, one in found.items()} == {"T8": (4, Decimal("3.9"))}
    assert found["T8"].causes == (
        ParameterCause("P21", "price_after", "4", False),
        ParameterCause("P21", "price_after", "3.9", True),
    )
