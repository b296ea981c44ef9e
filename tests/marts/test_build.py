"""Building marts, replaying them, and who may see them; on a mini district (`mini_district.py`)."""

from __future__ import annotations

import threading
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fugong.core.errors import ConfigurationError, WarehouseOlder
from fugong.core.time import each_day
from fugong.marts import build, staleness
from fugong.marts.schema import create_facts, create_marts
from fugong.operations import setup
from fugong.warehouse import roles
from fugong.warehouse.embedded import server as embedded
from tests.fixtures.mini_district import FIRMS, SHANGHAI, Mini, replayed, rows, settle

Connection = psycopg.Connection[Any]
TOTALS = "SELECT as_of, n_resumed, n_listed FROM mart.work_daily WHERE dimension = 'total' ORDER BY as_of"
STALE = "SELECT * FROM intake.stale_day ORDER BY table_name, day"
FLOWS = "SELECT business_date, nature, paid FROM mart.loan_flow ORDER BY business_date, nature"
ALL_MARTS = ("lease_daily", "loan_flow", "loan_monthly", "work_daily")


def day(number: int, month: int = 3) -> date:
    return date(2020, month, number)


def snapshot(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {mart: sorted(rows(connection, f"SELECT * FROM mart.{mart}"), key=repr) for mart in ALL_MARTS}


def edit(mini: Mini, file: str, old: str, new: str) -> None:
    path = mini.include / "sql" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_build_computes_what_was_settled(connection: Connection, mini: Mini) -> None:
    built = build.build(connection, mini.include)
    assert sorted(built.marts) == list(ALL_MARTS)
    assert rows(connection, TOTALS) == [(day(16), 0, 5), (day(17), 0, 5), (day(18), 4, 5)]
    assert [(when, nature, str(paid)) for when, nature, paid in rows(connection, FLOWS)] == [
        (day(28, 2), "new", "500.00"),
        (day(16), "new", "1000.50"),
        (day(16), "renewal", "7.00"),
        (day(17), "new", "20.00"),
    ]
    assert rows(connection, "SELECT period, SUM(paid)::text FROM mart.loan_monthly GROUP BY period ORDER BY period") == [
        (day(1, 2), "500.00"),
        (day(1), "1027.50"),
    ]
    assert built.rows == {"lease_daily": 3, "loan_flow": 4, "loan_monthly": 4, "work_daily": 12}


def test_a_second_build_has_nothing_to_do_and_changes_nothing(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    before = snapshot(connection)
    again = build.build(connection, mini.include)
    assert (again.marts, again.days, dict(again.rows)) == ((), (), {})
    assert snapshot(connection) == before
    assert rows(connection, "SELECT COUNT(*) FROM intake.stale_day") == [(0,)]


def test_building_every_day_again_changes_nothing(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    before = snapshot(connection)
    days = [when for (when,) in rows(connection, "SELECT DISTINCT day FROM audit.mart_day")]
    assert {day(28, 2), day(16), day(18)} <= set(days)
    assert sorted(build.build(connection, mini.include, days=days).marts) == list(ALL_MARTS)  # pyright: ignore[reportArgumentType]
    assert snapshot(connection) == before


def test_only_the_days_that_a_late_file_touches_are_built(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    settle(connection, "work", "snapshot", "2020-03-17", [(FIRMS[0], "A", True)], "2020-03-21T09:00:00")
    built = build.build(connection, mini.include)
    assert (built.marts, built.days) == (("work_daily",), (day(17), day(18)))
    assert rows(connection, TOTALS) == [(day(16), 0, 5), (day(17), 1, 1), (day(18), 4, 5)]


def test_a_new_calendar_day_brings_every_stock_to_it(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    settle(connection, "loan", "increment", "2020-03-23", [("9", FIRMS[0], "new", "2020-03-22", 1)], "2020-03-24T09:00:00")
    built = build.build(connection, mini.include)
    assert built.days == (day(1, 2), day(1), *(day(number) for number in range(19, 24)), day(1, 4))
    # Carried for three days, then no more; the ledger stays.
    assert [when for when, *_ in rows(connection, TOTALS)] == [day(number) for number in range(16, 22)]
    assert rows(connection, "SELECT MAX(as_of) FROM mart.lease_daily") == [(day(23),)]


def test_days_that_nobody_reports_on_any_more_go(connection: Connection, mini: Mini) -> None:
    extra = settle(connection, "work", "snapshot", "2020-03-20", [(FIRMS[0], "A", True)], "2020-03-21T09:00:00")
    build.build(connection, mini.include)
    assert rows(connection, TOTALS)[-1] == (day(20), 1, 1)
    connection.execute("UPDATE intake.part SET superseded_at = settled_at WHERE submission_id = %s", (extra,))
    build.build(connection, mini.include)
    assert rows(connection, TOTALS)[-1] == (day(18), 4, 5)


def test_what_is_settled_during_a_build_stays_stale(own: Mini) -> None:
    with own.connect() as building, own.connect() as settling:
        build.build(building, own.include)

        def meanwhile(mart: str, done: int, total: int) -> None:
            if mart == "work_daily":
                settle(settling, "work", "snapshot", "2020-03-18", [(FIRMS[0], "A", False)], "2020-03-21T09:00:00")

        settle(building, "work", "snapshot", "2020-03-18", [(FIRMS[0], "A", True)], "2020-03-20T10:00:00")
        built = build.build(building, own.include, on_progress=meanwhile)
        assert (built.marts, built.known_at) == (("work_daily",), datetime(2020, 3, 20, 10, tzinfo=SHANGHAI))
        assert rows(building, TOTALS)[-1] == (day(18), 1, 1)
        assert rows(building, "SELECT DISTINCT table_name FROM intake.stale_day") == [("work",)]
        building.commit()
        build.build(building, own.include)
        assert rows(building, TOTALS)[-1] == (day(18), 0, 1)


def test_two_builds_wait_for_each_other(own: Mini) -> None:
    done: list[str] = []

    def second() -> None:
        with own.connect() as other:
            done.append(",".join(build.build(other, own.include).marts))

    with own.connect() as first, own.connect() as watching:
        with first.transaction():
            build.build(first, own.include)
            thread = threading.Thread(target=second)
            thread.start()
            deadline = time.monotonic() + 20
            waiting = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while rows(watching, waiting) == [(0,)] and time.monotonic() < deadline:
                watching.commit()
            assert rows(watching, waiting) == [(1,)]
            assert done == []
        thread.join(20)
    assert done == [""]


def test_a_mart_that_fails_stays_as_it_was_and_stale(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    edit(mini, "marts/work_daily.sql", "kind.dimension, kind.member;", "kind.dimension, kind.member, row_number;")
    assert create_marts(connection, mini.include) == ["changed mart.work_daily"]
    before = snapshot(connection), rows(connection, STALE)
    faulty = build.build(connection, mini.include).faulty
    assert {name: "two rows have the same keys" in str(fault) for name, fault in faulty.items()} == {"mart.work_daily": True}
    assert (snapshot(connection), rows(connection, STALE)) == before
    assert before[1] != []


def test_files_that_are_ahead_of_the_warehouse_are_not_built(connection: Connection, mini: Mini) -> None:
    edit(mini, "facts/work.sql", "line.resumed AS is_resumed", "NOT line.resumed AS is_resumed")
    built = build.build(connection, mini.include)
    assert {name: "run `fugong init`" in str(fault) for name, fault in built.faulty.items()} == {
        "mart.work_daily": True,
        "check.T9": True,
    }
    assert "work_daily" not in built.marts
    assert "loan_flow" in built.marts


def test_a_change_of_reference_data_makes_the_marts_that_read_it_stale(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    staleness.mark_all_stale(connection, "ref.policy_param")  # fact.loan reads it through ref.param_version
    assert sorted(build.build(connection, mini.include).marts) == ["loan_flow", "loan_monthly"]
    staleness.mark_all_stale(connection, "ref.department")  # nobody reads it
    assert build.build(connection, mini.include).marts == ()


def test_a_changed_select_is_built_again_and_a_changed_comment_is_not(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    edit(mini, "marts/work_daily.sql", "-- serves: T1", "-- serves: T1, T2")
    assert create_marts(connection, mini.include) == []
    edit(mini, "facts/work.sql", "line.resumed AS is_resumed", "NOT line.resumed AS is_resumed")
    assert create_facts(connection, mini.include) == []
    assert create_marts(connection, mini.include) == ["changed mart.work_daily", "changed check.T9"]
    assert build.build(connection, mini.include).marts == ("work_daily",)
    assert rows(connection, TOTALS) == [(day(16), 5, 5), (day(17), 5, 5), (day(18), 1, 5)]


def test_changed_columns_make_the_table_anew(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    edit(mini, "marts/lease_daily.sql", "SELECT as_of, SUM(relief)", "SELECT as_of, COUNT(*) AS n_leases, SUM(relief)")
    edit(mini, "marts/lease_daily.sql", "--   as_of:", "--   n_leases: 租约数 | Leases\n--   as_of:")
    assert create_marts(connection, mini.include) == ["changed mart.lease_daily"]
    assert rows(connection, "SELECT * FROM mart.lease_daily") == []
    assert build.build(connection, mini.include).marts == ("lease_daily",)
    assert rows(connection, "SELECT as_of, n_leases FROM mart.lease_daily ORDER BY as_of")[-1] == (day(18), 2)


def test_a_fact_may_change_its_columns(connection: Connection, mini: Mini) -> None:
    edit(mini, "facts/lease.sql", "SELECT part.as_of, line.lease_id", "SELECT part.as_of, 1 AS one, line.lease_id")
    edit(mini, "facts/lease.sql", "--   as_of:", "--   one: 一 | One\n--   as_of:")
    assert create_facts(connection, mini.include) == ["changed fact.lease"]


def test_a_new_mart_is_a_new_file(own: Mini) -> None:
    text = (own.include / "sql/marts/lease_daily.sql").read_text().replace("lease_daily", "lease_again")
    with own.connect() as connection:
        build.build(connection, own.include)
    (own.include / "sql/marts/lease_again.sql").write_text(text)
    setup.init(own.settings)
    with own.connect() as connection:
        assert build.build(connection, own.include).rows == {"lease_again": 3}


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "marts/lease_daily.sql",
            "-- columns:",
            "-- column:",
            r"marts/lease_daily.sql:9: there is no key 'column'. Did you mean 'columns'",
        ),
        (
            "marts/lease_daily.sql",
            "AS ratio_least",
            "AS ratio_least, 1 AS extra",
            "marts/lease_daily.sql:9: `columns` lacks extra",
        ),
        ("marts/lease_daily.sql", "AS relief", "AS reliefs", "the SELECT has no column relief. It has: as_of, reliefs"),
        ("marts/lease_daily.sql", "MIN(ratio)", "MIN(rate)", 'lease_daily.sql: column "rate" does not exist'),
        ("facts/lease.sql", "--   ratio: 比例 | Ratio\n", "", "lease_daily.sql:8: fact.lease has no column 'ratio'"),
        ("facts/work.sql", "--   sheet: 工作表 | Sheet\n", "", "facts/work.sql:4: `columns` lacks sheet"),
        ("facts/lease.sql", "line.ratio", "line.rates", "lease.sql: column line.rates does not exist"),
    ],
)
def test_a_fault_of_ours_names_file_and_place(
    mini: Mini, connection: Connection, file: str, old: str, new: str, message: str
) -> None:
    edit(mini, file, old, new)
    with pytest.raises(ConfigurationError, match=message):
        create_facts(connection, mini.include)
        create_marts(connection, mini.include)


def test_every_column_has_its_comment(connection: Connection) -> None:
    columns = """
        SELECT nspname, col_description(attrelid, attnum) FROM pg_attribute
        INNER JOIN pg_class ON pg_class.oid = attrelid INNER JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname IN ('fact', 'mart', 'open') AND relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped
    """
    found = rows(connection, columns)
    assert {schema for schema, _ in found} == {"fact", "mart", "open"}
    assert all(comment for _, comment in found)
    assert rows(connection, "SELECT col_description('mart.lease_daily'::regclass, 2)") == [("减免(元) | Relief, yuan",)]


def test_a_ledger_makes_its_month_stale_and_those_of_the_first_month_all_before_it(connection: Connection, mini: Mini) -> None:
    text = (mini.include / "sql/marts/loan_monthly.sql").read_text().replace("loan_monthly", "month_of_lease")
    text = text.replace("-- reads: [fact.loan]", "-- reads: [fact.loan, fact.lease]")
    (mini.include / "sql/marts/month_of_lease.sql").write_text(text)
    settle(connection, "loan", "increment", "2019-06-10", [("a", FIRMS[0], "new", "2019-06-10", 1)], "2020-03-20T10:00:00")
    create_marts(connection, mini.include)
    build.build(connection, mini.include)

    def months(report_date: str, at: str) -> list[date]:
        settle(connection, "lease", "ledger", report_date, [("L1", "1", "1")], at, department="GZB")
        assert build.build(connection, mini.include).rows.keys() == {"lease_daily", "month_of_lease"}
        built = "SELECT day FROM audit.mart_day WHERE mart = 'month_of_lease' AND built_at = (SELECT MAX(built_at) FROM audit.mart_day)"
        return sorted(when for (when,) in rows(connection, built))  # pyright: ignore[reportReturnType]

    assert months("2020-03-18", "2020-03-21T09:00:00")[0] == date(2019, 5, 1)
    assert months("2020-02-16", "2020-03-21T10:00:00")[0] == date(2019, 5, 1)
    assert months("2020-03-18", "2020-03-21T11:00:00") == [day(1, 2), day(1), day(1, 4)]


def test_a_mart_that_reads_days_before_is_stale_with_them(connection: Connection, mini: Mini) -> None:
    text = (mini.include / "sql/marts/work_daily.sql").read_text().replace("work_daily", "work_change")
    text = text.replace("-- partition_by: as_of", "-- partition_by: as_of\n-- lookback_days: [1, 7]")
    (mini.include / "sql/marts/work_change.sql").write_text(text)
    create_marts(connection, mini.include)
    settle(connection, "loan", "increment", "2020-03-23", [("9", FIRMS[0], "new", "2020-03-22", 1)], "2020-03-24T09:00:00")
    build.build(connection, mini.include)
    settle(connection, "work", "snapshot", "2020-03-16", [(FIRMS[0], "A", True)], "2020-03-24T10:00:00")
    build.build(connection, mini.include)
    built = """
        SELECT mart, array_agg(day ORDER BY day) FROM audit.mart_day AS one
        WHERE mart LIKE 'work_%' AND built_at = (SELECT MAX(built_at) FROM audit.mart_day AS other WHERE other.mart = one.mart)
        GROUP BY mart
    """
    assert dict(rows(connection, built)) == {  # pyright: ignore[reportArgumentType]
        "work_daily": [day(number) for number in range(16, 20)],
        "work_change": [day(number) for number in (16, 17, 18, 19, 20, 23)],
    }


def test_a_mart_about_files_follows_rejected_ones_too(connection: Connection, mini: Mini) -> None:
    mart = """
-- writes: mart.file_daily
-- grain: one row per as_of
-- keys: [as_of]
-- partition_by: as_of
-- reads: [intake.submission]
-- columns:
--   as_of: 截至 | Day
--   n_rejected: 退回数 | Rejected files
SELECT report_date AS as_of, COUNT(*) FILTER (WHERE state = 'rejected') AS n_rejected
FROM intake.submission
WHERE report_date = ANY(:days)
GROUP BY report_date
"""
    (mini.include / "sql/marts/file_daily.sql").write_text(mart.lstrip())
    create_marts(connection, mini.include)
    build.build(connection, mini.include)
    assert build.build(connection, mini.include).marts == ()
    connection.execute("UPDATE intake.settle_clock SET settled_serial = settled_serial + 1")
    connection.execute(
        "UPDATE intake.submission SET state = 'rejected', settled_at = now() WHERE report = 'loan' AND report_date = '2020-03-16'"
    )
    assert build.build(connection, mini.include).marts == ("file_daily",)
    assert rows(connection, "SELECT * FROM mart.file_daily ORDER BY as_of") == [(day(16), 1), (day(18), 0)]


# Another moment


def test_the_past_is_replayed_by_the_same_select(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    days = [day(16), day(17), day(18)]

    def total(known_at: datetime | None) -> list[tuple[date, int]]:
        found = replayed(connection, mini.include, "work_daily", days, known_at)
        return [(row["as_of"], int(row["n_resumed"])) for row in found if row["dimension"] == "total"]

    assert total(datetime(2020, 3, 18, 12, tzinfo=SHANGHAI)) == [(day(16), 0), (day(17), 0), (day(18), 0)]
    assert total(datetime(2020, 3, 19, 12, tzinfo=SHANGHAI)) == [(day(16), 0), (day(17), 0), (day(18), 3)]
    assert total(None) == total(datetime(2020, 3, 20, 12, tzinfo=SHANGHAI)) == [(day(16), 0), (day(17), 0), (day(18), 4)]


@pytest.mark.parametrize("mart", ALL_MARTS)
def test_a_replay_of_now_is_the_mart(connection: Connection, mini: Mini, mart: str) -> None:
    build.build(connection, mini.include)
    is_stock = mart in {"work_daily", "lease_daily"}
    days = [day(16), day(17), day(18)] if is_stock else list(each_day(day(1, 2), day(31)))
    found = replayed(connection, mini.include, mart, days, None)
    assert found
    table = rows(connection, f"SELECT * FROM mart.{mart}")
    assert sorted(map(plain, table)) == sorted(plain(tuple(row.values())) for row in found)


def plain(row: tuple[object, ...]) -> list[str]:
    return [str(value).rstrip("0").rstrip(".") if "." in str(value) else str(value) for value in row]


def test_a_session_is_left_as_it_was_found(connection: Connection, mini: Mini) -> None:
    connection.execute("SELECT set_config('fugong.days', '{2020-03-16}', false)")
    build.build(connection, mini.include)
    replayed(connection, mini.include, "work_daily", [day(18)], datetime(2020, 3, 19, 12, tzinfo=SHANGHAI))
    settings = rows(connection, "SELECT current_setting('fugong.days'), current_setting('fugong.known_at')")
    assert settings == [("{2020-03-16}", "")]


# What others see


def test_cells_of_one_or_two_firms_are_hidden_and_one_of_three_with_them(connection: Connection, mini: Mini) -> None:
    # B and C alone would be told together by the total less A: two firms. T2 publishes who is back in A, so the total is hidden there instead.
    build.build(connection, mini.include)
    shown = "SELECT member, n_listed, is_suppressed FROM open.work_daily WHERE as_of = '2020-03-18' ORDER BY dimension, member"
    assert rows(connection, shown) == [("ALL", 5, True), ("A", None, True), ("B", None, True), ("C", None, True)]


def test_what_the_other_days_of_a_month_hide_stays_hidden(connection: Connection, mini: Mini) -> None:
    work = [(firm, township, True) for firm, township in zip(FIRMS, "AAABBBC", strict=True)]
    more = [(f"{FIRMS[0][:-1]}Y", "A", True)]
    settle(connection, "work", "snapshot", "2020-03-18", [*work, *more], "2020-03-21T09:00:00")
    build.build(connection, mini.include)
    shown = "SELECT member, n_listed FROM open.work_daily WHERE as_of = '2020-03-18' ORDER BY dimension, member"
    # C alone needs another cell: A, which the 16th and the 17th hide with B and C.
    assert rows(connection, shown) == [("ALL", 8), ("A", None), ("B", 3), ("C", None)]


def test_a_role_sees_its_schemas_and_no_other(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    relations = rows(
        connection,
        """
        SELECT nspname, format('%I.%I', nspname, relname)
        FROM pg_class INNER JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname IN ('intake', 'report', 'ref', 'asof', 'fact', 'mart', 'open', 'audit', 'access') AND relkind IN ('r', 'v')
        """,
    )
    everything = {"intake", "report", "ref", "asof", "fact", "mart", "open", "audit", "access"}
    assert {schema for schema, _ in relations} == everything
    seen: dict[str, set[object]] = {role: set() for role in roles.ROLES[1:]}
    for role, schemas in seen.items():
        for schema, relation in relations:
            may = connection.execute(
                "SELECT has_schema_privilege(%s, %s, 'USAGE') AND has_table_privilege(%s, %s, 'SELECT')",
                (role, schema, role, relation),
            ).fetchone()
            if may == (True,):
                schemas.add(schema)
    assert seen == {
        "fugong_loader": everything,
        "fugong_analyst": {"open", "ref"},
        "fugong_taskforce": {"open", "ref", "mart", "fact", "asof", "intake"},
        "fugong_auditor": {"open", "ref", "audit", "intake", "access"},
        "fugong_signer": everything,
    }
    assert rows(connection, "SELECT has_table_privilege('fugong_auditor', 'intake.set_aside_row', 'SELECT')") == [(False,)]


def test_roles_log_in_with_their_own_password_and_read_what_they_may(own: Mini, mini_template: tuple[Path, Mini]) -> None:
    with own.connect() as connection:
        build.build(connection, own.include)
    home, _ = mini_template
    database = own.url.rpartition("/")[2]
    may = {"fugong_taskforce": "fact.work", "fugong_loader": "report.work", "fugong_analyst": "open.work_daily"}
    may_not = {
        "fugong_taskforce": "intake.set_aside_row",
        "fugong_loader": "access.supposition",
        "fugong_analyst": "mart.work_daily",
    }
    for role, relation in may.items():
        with psycopg.connect(embedded.url(home, role).rpartition("/")[0] + f"/{database}") as session:
            assert len(rows(session, f"SELECT * FROM {relation}")) > 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(f"SELECT * FROM {may_not[role]}")


def test_without_createrole_the_warehouse_works_and_says_so(mini: Mini, connection: Connection) -> None:
    connection.execute("CREATE ROLE visitor NOLOGIN")
    connection.execute("GRANT visitor TO CURRENT_USER")
    connection.execute("SET LOCAL ROLE visitor")
    told = roles.create(connection)
    assert len(told) == 1
    assert "Ask the administrator for CREATEROLE" in told[0]


# Head words of days


def test_an_increment_reaches_no_further_than_its_mart_reads(connection: Connection, mini: Mini) -> None:
    edit(mini, "marts/lease_daily.sql", "-- reads: [fact.lease]", "-- max_lag_days: 1\n-- reads: [fact.lease, report.loan]")
    create_marts(connection, mini.include)
    build.build(connection, mini.include)

    def built() -> set[date]:
        settle(connection, "loan", "increment", "2020-03-18", [(loan, FIRMS[0], "new", "2020-03-16", 1)], "2020-03-21T09:00:00")
        build.build(connection, mini.include)
        newest = """
            SELECT day FROM audit.mart_day
            WHERE mart = 'lease_daily' AND built_at = (SELECT MAX(built_at) FROM audit.mart_day WHERE mart = 'lease_daily')
        """
        return {when for (when,) in rows(connection, newest)}  # pyright: ignore[reportReturnType]

    loan = "8"
    assert built() == {day(16), day(17)}
    edit(mini, "marts/lease_daily.sql", "-- max_lag_days: 1\n", "")
    create_marts(connection, mini.include)
    build.build(connection, mini.include)
    loan = "9"
    assert built() == {day(16), day(17), day(18)}


def test_a_mart_of_the_newest_day_is_built_with_anything_it_reads(connection: Connection, mini: Mini) -> None:
    edit(mini, "marts/work_daily.sql", "-- partition_by: as_of", "-- partition_by: as_of\n-- keep: latest")
    create_marts(connection, mini.include)
    days = "SELECT DISTINCT as_of FROM mart.work_daily"
    build.build(connection, mini.include)
    assert rows(connection, days) == [(day(18),)]
    connection.execute("UPDATE mart.work_daily SET n_resumed = 99")
    settle(connection, "work", "snapshot", "2020-03-16", [(FIRMS[0], "A", True)], "2020-03-21T09:00:00")
    assert "work_daily" in build.build(connection, mini.include).marts
    assert rows(connection, TOTALS) == [(day(18), 4, 5)]
    settle(connection, "work", "snapshot", "2020-03-19", [(FIRMS[0], "A", True)], "2020-03-21T10:00:00")
    build.build(connection, mini.include)
    assert rows(connection, TOTALS) == [(day(19), 1, 1)]
    past = replayed(connection, mini.include, "work_daily", [day(18)], None)
    assert [row["n_resumed"] for row in past if row["dimension"] == "total"] == [4]


def test_a_build_before_init_says_what_to_run(connection: Connection, mini: Mini) -> None:
    connection.execute("DROP TABLE mart.firms_behind")
    with pytest.raises(WarehouseOlder, match=r"mart\.firms_behind is missing: run `fugong init` first"):
        build.build(connection, mini.include)


def test_a_change_for_all_days_is_one_for_days_on_which_nobody_reported(connection: Connection, mini: Mini) -> None:
    build.build(connection, mini.include)
    connection.execute(
        "INSERT INTO audit.mart_day (mart, day, known_at, built_at) VALUES ('work_daily', '2020-02-29', '-infinity', now())"
    )
    staleness.mark_all_stale(connection, "ref.policy_param")
    stale = connection.execute("SELECT day FROM intake.stale_day WHERE table_name = 'ref.policy_param'").fetchall()
    held = connection.execute("SELECT DISTINCT day FROM audit.mart_day").fetchall()
    assert (date(2020, 2, 29),) in held
    assert set(held) <= set(stale)
