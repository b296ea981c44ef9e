"""Marts that are computed on several connections: all of them see one state, and nothing is changed until all is computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fugong.marts import build, compute
from fugong.marts.schema import create_marts
from tests.fixtures.mini_district import FIRMS, Mini, rows, settle
from tests.marts.test_build import ALL_MARTS, STALE, TOTALS, day, snapshot

Connection = psycopg.Connection[Any]
OPEN = "SELECT * FROM open.work_daily ORDER BY as_of, dimension, member"


@pytest.fixture(autouse=True)
def every_build_is_worth_helpers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "LINES_WORTH_HELPERS", -1)
    monkeypatch.setattr(build, "HELPERS", 2)


class Opened:
    """Opens connections to the district and counts them."""

    def __init__(self, mini: Mini) -> None:
        self.mini, self.pids = mini, list[int]()

    @contextmanager
    def __call__(self) -> Iterator[Connection]:
        with self.mini.connect() as connection:
            self.pids.append(connection.info.backend_pid)
            yield connection


def test_several_connections_build_what_one_builds(own: Mini) -> None:
    with own.connect() as connection:
        with connection.transaction(force_rollback=True):
            alone = build.build(connection, own.include)
            before = (
                snapshot(connection),
                rows(connection, OPEN),
                rows(connection, "SELECT * FROM mart.check_row ORDER BY row_key, day"),
            )
        connect = Opened(own)
        together = build.build(connection, own.include, connect=connect)
        assert len(connect.pids) == 2
        assert (together.rows, together.checks, together.days, together.known_at) == (
            alone.rows,
            alone.checks,
            alone.days,
            alone.known_at,
        )
        after = (
            snapshot(connection),
            rows(connection, OPEN),
            rows(connection, "SELECT * FROM mart.check_row ORDER BY row_key, day"),
        )
        assert after == before
        assert sorted(together.marts) == list(ALL_MARTS)


def test_what_is_settled_after_the_build_began_is_left_to_the_next_one(own: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
    with own.connect() as connection, own.connect() as settling:
        build.build(connection, own.include)
        settle(connection, "work", "snapshot", "2020-03-18", [(FIRMS[0], "A", True)], "2020-03-20T10:00:00")
        connection.commit()
        apart = compute.compute_apart

        def meanwhile(*arguments: Any) -> None:  # after the days to build were chosen
            settle(settling, "work", "snapshot", "2020-03-18", [(FIRMS[0], "A", False)], "2020-03-21T09:00:00")
            settling.commit()
            apart(*arguments)

        monkeypatch.setattr(build, "compute_apart", meanwhile)
        build.build(connection, own.include, connect=Opened(own))
        assert rows(connection, TOTALS)[-1] == (day(18), 1, 1)
        connection.commit()
        monkeypatch.setattr(build, "compute_apart", apart)
        build.build(connection, own.include, connect=Opened(own))
        assert rows(connection, TOTALS)[-1] == (day(18), 0, 1)


@pytest.mark.parametrize("victim", ["the helper", "the build"])
def test_a_build_that_is_killed_half_way_has_changed_nothing(own: Mini, victim: str) -> None:
    with own.connect() as connection, own.connect() as watching:
        build.build(connection, own.include)
        settle(connection, "work", "snapshot", "2020-03-18", [(FIRMS[0], "A", True)], "2020-03-21T10:00:00")
        settle(connection, "loan", "increment", "2020-03-18", [("9", FIRMS[0], "new", "2020-03-18", 1)], "2020-03-21T10:00:00")
        connection.commit()
        before = snapshot(watching), rows(watching, STALE), rows(watching, "SELECT * FROM audit.mart_day ORDER BY mart, day")
        assert before[1] != []
        watching.commit()
        connect = Opened(own)

        def kill(mart: str, done: int, total: int) -> None:
            if done < total and connect.pids:
                pid = connect.pids.pop() if victim == "the helper" else connection.info.backend_pid
                watching.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
                watching.commit()

        with pytest.raises(psycopg.OperationalError):
            build.build(connection, own.include, connect=connect, on_progress=kill)
        assert (
            snapshot(watching),
            rows(watching, STALE),
            rows(watching, "SELECT * FROM audit.mart_day ORDER BY mart, day"),
        ) == before
    with own.connect() as again:
        build.build(again, own.include, connect=Opened(own))
        assert rows(again, TOTALS)[-1] == (day(18), 1, 1)
        assert rows(again, "SELECT COUNT(*) FROM intake.stale_day") == [(0,)]


def test_what_analysts_see_waits_for_the_marts_that_speak_of_it(own: Mini) -> None:
    def break_leases(file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        broken = text.replace("SUM(relief) AS", "SUM(relief) / (COUNT(*) - 3) AS  -- work_daily\n")
        assert broken != text
        file.write_text(broken, encoding="utf-8")

    with own.connect() as connection:
        build.build(connection, own.include)
        assert rows(connection, OPEN) != []
        break_leases(own.include / "sql/marts/lease_daily.sql")
        create_marts(connection, own.include)
        assert build.build(connection, own.include).faulty == {}
        work = [("x", "A", True), ("y", "A", True), ("z", "B", False)]
        settle(connection, "work", "snapshot", "2020-03-19", work, "2020-03-21T10:00:00")
        leases = [("L1", "100.10", "0.3"), ("L2", "50", "0.25"), ("L3", "7", "0.1")]
        settle(connection, "lease", "ledger", "2020-03-18", leases, "2020-03-21T10:00:00", department="GZB")
        connection.commit()
        built = build.build(connection, own.include, connect=Opened(own))
        assert {*built.faulty} == {"mart.lease_daily", "open.work_daily"}
        assert built.rows["work_daily"] > 0
        assert rows(connection, OPEN) == []
