"""A part is read once its COMMIT has returned everywhere, and with all its rows.

What a cluster does between two nodes is done by hand here: the part commits, its rows come later, and somebody holds the gate until then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
import pytest

from fugong.analysis import export
from fugong.core.errors import WarehouseError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.figures.figure import figures
from fugong.intake.records import take_serial
from fugong.intake.types import Submission
from fugong.marts import build, gate
from fugong.marts.sql_files import load_sql_files
from fugong.operations import integrity
from fugong.operations.task_result import Result
from tests.fixtures.mini_district import FIRMS, Mini, rows, settle

Connection = psycopg.Connection[Any]
DAY = date(2020, 3, 18)
LATE = datetime(2020, 3, 20, 10, tzinfo=SHANGHAI)
RESUMED = "SELECT n_resumed, n_listed FROM mart.work_daily WHERE dimension = 'total' AND as_of = '2020-03-18'"
LOCKS = f"SELECT mode FROM pg_locks WHERE locktype = 'advisory' AND objid = {gate.GATE} AND granted"
WAITS = """
    SELECT COUNT(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%FROM pg_locks AS gate%'
"""


@dataclass
class Torn:
    """A correction of 18 March whose part everybody sees, and whose rows have not come."""

    mini: Mini
    committing: Connection
    far: Connection

    def hold(self) -> None:
        self.committing.execute(f"SELECT {gate.HOLD}")

    def arrive(self) -> None:
        """The rows come, and the COMMIT returns."""
        self.far.execute("INSERT INTO report.work SELECT * FROM public.late")
        self.far.commit()
        self.committing.commit()

    def meanwhile(self, read: Callable[[Connection], Any]) -> Any:
        """What a reader finds that begins before the rows have come, and has to wait for them."""
        found: list[Any] = []

        def run() -> None:
            try:
                with self.mini.connect() as reader:
                    found.append(read(reader))
            except BaseException as error:
                found.append(error)

        self.hold()
        thread = threading.Thread(target=run)
        thread.start()
        until = time.monotonic() + 30
        while rows(self.far, WAITS) == [(0,)] and thread.is_alive() and time.monotonic() < until:
            self.far.commit()
            time.sleep(0.01)
        waited = thread.is_alive()
        self.far.commit()
        self.arrive()
        thread.join(60)
        assert waited, found
        [result] = found
        if isinstance(result, BaseException):
            raise result
        return result


@pytest.fixture
def torn(own: Mini) -> Iterator[Torn]:
    with own.connect() as connection, own.connect() as committing, own.connect() as far:
        build.build(connection, own.include)
        connection.commit()
        with connection.transaction():
            settle(
                connection,
                "work",
                "snapshot",
                "2020-03-18",
                [(FIRMS[0], "A", True), (FIRMS[1], "B", True)],
                "2020-03-20T10:00:00",
            )
            connection.execute(
                "CREATE TABLE public.late AS SELECT * FROM report.work WHERE part_id = (SELECT MAX(part_id) FROM intake.part)"
            )
            connection.execute("DELETE FROM report.work USING public.late WHERE work.part_id = late.part_id")
        yield Torn(own, committing, far)


def test_a_build_waits_for_the_rows_of_a_part_that_it_sees(torn: Torn) -> None:
    built = torn.meanwhile(lambda reader: build.build(reader, torn.mini.include))
    assert built.marts == ("work_daily",)
    assert rows(torn.far, RESUMED) == [(2, 2)]
    assert rows(torn.far, "SELECT COUNT(*) FROM intake.stale_day") == [(0,)]


def test_figures_wait_for_them(torn: Torn) -> None:
    found = torn.meanwhile(lambda reader: figures(reader, torn.mini.include, DAY, ids=["T1", "T7"]))
    assert [figure.value for figure in found] == [1, 2]


def test_an_export_as_known_then_waits_for_them(torn: Torn) -> None:
    mart = load_sql_files(torn.mini.include / "sql").mart("work_daily")

    def exported(reader: Connection) -> list[dict[str, Any]]:
        with export.replay_mart(reader, mart, [DAY], (None, None), LATE) as table:
            return [dict(zip([column.name for column in table.columns], row, strict=True)) for row in table.rows]

    [total] = [row for row in torn.meanwhile(exported) if row["dimension"] == "total"]
    assert (total["n_resumed"], total["n_listed"]) == (2, 2)


def test_the_nightly_check_waits_for_them(torn: Torn) -> None:
    settings = Settings(torn.mini.settings.home, torn.mini.settings.district, torn.mini.url)
    results = torn.meanwhile(lambda _: {one.task: one for one in integrity.verify(settings)})
    assert results["parts"].outcome is Result.WELL, results["parts"]


@pytest.mark.parametrize("n_late", [0, 1])
def test_nothing_is_built_or_evaluated_while_rows_lack(torn: Torn, n_late: int) -> None:
    """The gate is open (its holder died), and the rows have not come, or not all."""
    with torn.mini.connect() as connection:
        connection.execute("INSERT INTO report.work SELECT * FROM public.late LIMIT %s", (n_late,))
        connection.commit()
        before = rows(connection, RESUMED), rows(connection, "SELECT * FROM intake.stale_day ORDER BY 1, 2")
        assert before[1]
        with pytest.raises(WarehouseError, match=rf"report\.work \d+ \(2→{n_late}\)"):
            build.build(connection, torn.mini.include)
        with pytest.raises(WarehouseError, match=rf"report\.work \d+ \(2→{n_late}\)"):
            figures(connection, torn.mini.include, DAY)
        connection.rollback()
        assert (rows(connection, RESUMED), rows(connection, "SELECT * FROM intake.stale_day ORDER BY 1, 2")) == before
        connection.execute("INSERT INTO report.work SELECT * FROM public.late OFFSET %s", (n_late,))
        connection.commit()
        build.build(connection, torn.mini.include)
        assert rows(connection, RESUMED) == [(2, 2)]


def test_rows_that_nobody_settled_stop_a_build_too(torn: Torn) -> None:
    with torn.mini.connect() as connection:
        connection.execute("INSERT INTO report.work SELECT * FROM public.late")
        connection.execute("INSERT INTO report.work SELECT part_id, sheet, 99, uscc, township, resumed FROM public.late LIMIT 1")
        with pytest.raises(WarehouseError, match=r"\(2→3\)"):
            build.build(connection, torn.mini.include)


@contextmanager
def settling(mini: Mini) -> Iterator[Connection]:
    """A settlement that has written its part and has not committed."""
    with mini.connect() as connection:
        take_serial(connection, a_submission())
        settle(connection, "work", "snapshot", "2020-03-18", [(FIRMS[0], "A", True)], "2020-03-20T10:00:00")
        yield connection


def a_submission() -> Submission:
    return Submission(1, "GXJ", "a.xlsx", "x", LATE, is_history=False)


def test_nobody_waits_for_a_commit_that_has_not_begun(own: Mini) -> None:
    """On one server a settlement is invisible until it is there with all its rows."""
    with own.connect() as connection:
        build.build(connection, own.include)
        connection.commit()
        with settling(own) as settlement:
            assert rows(connection, LOCKS) == [("ShareLock",)]
            began = time.monotonic()
            assert build.build(connection, own.include).marts == ()
            connection.commit()
            assert [one.value for one in figures(connection, own.include, DAY, ids=["T7"])] == [5]
            connection.commit()
            assert time.monotonic() - began < gate.PATIENCE_SECONDS / 2
            settlement.commit()
        assert build.build(connection, own.include).marts == ("work_daily",)
        assert rows(connection, RESUMED) == [(1, 1)]


def test_two_settlements_hold_the_gate_and_none_waits_for_a_reader(own: Mini) -> None:
    with own.connect() as connection, own.connect() as reader, settling(own) as settlement:
        other = f"SELECT {gate.HOLD}"
        connection.execute("SELECT pg_current_xact_id()")  # it has written something
        connection.execute(other)
        assert rows(reader, LOCKS) == [("ShareLock",)] * 2
        gate.wait_for_commits(reader)
        reader.execute(other)  # itself is no reason to wait
        gate.wait_for_commits(reader)
        settlement.rollback()


def test_a_settlement_that_is_killed_gives_the_gate_back(own: Mini) -> None:
    with own.connect() as connection:
        with pytest.raises(psycopg.errors.AdminShutdown), settling(own) as settlement:
            pid = settlement.info.backend_pid
            assert rows(connection, LOCKS) == [("ShareLock",)]
            connection.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
            settlement.execute("SELECT 1")
        assert rows(connection, LOCKS) == []


def test_who_waits_too_long_says_so(torn: Torn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PATIENCE_SECONDS", 0.1)
    torn.hold()
    with torn.mini.connect() as connection, pytest.raises(WarehouseError, match="has not committed on all nodes"):
        build.build(connection, torn.mini.include)


def test_a_reader_whose_every_snapshot_has_another_settlement_in_it_gives_up_too(
    torn: Torn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "PATIENCE_SECONDS", 0.3)
    of_snapshots = gate._committing  # pyright: ignore[reportPrivateUsage]

    def of_a_busy_cluster(connection: Connection) -> set[str]:
        [(level,)] = connection.execute("SHOW transaction_isolation").fetchall()
        return {"one that has just come"} if level == "repeatable read" else of_snapshots(connection)

    monkeypatch.setattr(gate, "_committing", of_a_busy_cluster)
    with (
        torn.mini.connect() as connection,
        pytest.raises(WarehouseError, match="has not committed on all nodes"),
        gate.one_state(connection),
    ):
        pass
