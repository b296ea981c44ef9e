"""A load makes the days stale on which a snapshot is carried, and the day after them."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from tests.fixtures.inbox import INDUSTRY_HEADER, TAX_HEADER, Inbox, as_csv, industry_row, tax_row

DAY = date(2020, 3, 18)


@pytest.mark.parametrize("carry_days", [None, 0, 5])
def test_a_snapshot_makes_the_days_stale_on_which_it_is_carried_and_the_day_after(inbox: Inbox, carry_days: int | None) -> None:
    assert inbox.settings.warehouse_url is not None
    if carry_days is not None:
        with psycopg.connect(inbox.settings.warehouse_url) as connection:
            connection.execute(
                "CREATE OR REPLACE FUNCTION intake.carry_days() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE "
                f"RETURN {carry_days}".encode()
            )
    [(carried,)] = inbox.rows("SELECT intake.carry_days()")
    assert carried == (3 if carry_days is None else carry_days)
    assert inbox.send("GXJ", "R01 3.18.csv", as_csv(INDUSTRY_HEADER, [industry_row(1)])).state == "accepted"
    expected = [DAY + timedelta(n) for n in range(carried + 1)]
    stale = inbox.rows("SELECT day FROM intake.stale_day WHERE table_name = 'industry_resumption' ORDER BY day")
    # The day after is compared with the last day on which it was in force: who stopped again, whom silent firms had on post.
    assert [day for (day,) in stale] == [*expected, expected[-1] + timedelta(1)]
    with psycopg.connect(inbox.settings.warehouse_url) as connection:
        days = [DAY + timedelta(n) for n in range(-1, 10)]
        connection.execute("SELECT set_config('fugong.days', %s, true)", ("{" + ",".join(map(str, days)) + "}",))
        in_force = connection.execute(
            "SELECT as_of, is_carried FROM asof.part_in_force WHERE table_name = 'industry_resumption' ORDER BY as_of"
        ).fetchall()
    assert in_force == [(day, day != DAY) for day in expected]


def test_the_planner_replaces_the_function_by_its_number(inbox: Inbox) -> None:
    plan = "\n".join(str(line) for (line,) in inbox.rows("EXPLAIN SELECT * FROM asof.part_in_force"))
    assert "carry_days" not in plan
    assert " - 3)" in plan


def test_a_late_snapshot_makes_the_days_stale_until_its_senders_next_one(inbox: Inbox) -> None:
    """Until then it is the list that says whose rows are awaited (`fact.resumption`)."""
    send = lambda day: inbox.send("GXJ", f"R01 {day.month}.{day.day}.csv", as_csv(INDUSTRY_HEADER, [industry_row(1)]))  # noqa: E731
    assert send(DAY).state == "accepted"
    assert inbox.settings.warehouse_url is not None
    for earlier, last in ((DAY - timedelta(9), DAY), (DAY - timedelta(2), DAY + timedelta(2))):
        with psycopg.connect(inbox.settings.warehouse_url) as connection:
            connection.execute("DELETE FROM intake.stale_day")
        assert send(earlier).state == "accepted"
        stale = inbox.rows("SELECT day FROM intake.stale_day WHERE table_name = 'industry_resumption' ORDER BY day")
        assert [day for (day,) in stale] == [earlier + timedelta(n) for n in range((last - earlier).days + 1)]


def test_rows_that_replace_nothing_make_their_days_stale_without_a_look_at_the_others(inbox: Inbox) -> None:
    """Of a table of a million rows PostgreSQL looked through all of them for the parts that nothing replaced."""

    def n_scans() -> int:
        [(table, n)] = inbox.rows("SELECT relname, seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'tax_relief'")
        assert table == "tax_relief"
        return int(n)

    assert inbox.settings.warehouse_url is not None
    with psycopg.connect(inbox.settings.warehouse_url) as connection:  # as of a report whose contract says `size: large`
        connection.execute("DROP INDEX report.tax_relief_part_id")
        connection.execute("CREATE INDEX tax_relief_part_id ON report.tax_relief USING brin (part_id)")
    before = n_scans()
    assert inbox.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, [tax_row(1)])).state == "accepted"
    assert inbox.rows("SELECT day FROM intake.stale_day WHERE table_name = 'tax_relief'") == [(DAY,)]
    assert n_scans() == before
