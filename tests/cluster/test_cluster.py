"""The sample district on a cluster: every answer is the one that a single server gives, and no read is torn.

The tests build on each other, in their order. They take about a quarter of an hour.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from fugong.analysis import export, formats
from fugong.core.errors import WarehouseError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.doubts.calls import calls
from fugong.figures.figure import figures
from fugong.intake.collect import read_manifest
from fugong.intake.pipeline import ingest_history
from fugong.marts import asof, gate
from fugong.marts.sql_files import load_sql_files
from fugong.operations import integrity, setup
from fugong.operations.build_marts import build_marts
from fugong.operations.task_result import Result
from fugong.warehouse import distribution
from fugong.warehouse.connection import connect, connect_as_loader
from include.samples.fugong_samples import write_district
from tests.cluster.conftest import Cluster

DAYS = (date(2020, 2, 20), date(2020, 3, 16), date(2020, 3, 18))
MOMENTS = (datetime(2020, 3, 1, tzinfo=SHANGHAI), datetime(2020, 3, 18, 12, tzinfo=SHANGHAI), None)
COMPARED = ("report", "asof", "fact", "mart", "open")
NOT_COMPARED = {"mart.kept_base"}
OF_FLOATS = {"mart.firms_behind"}
N_SETTLED = 60


def refusal(cluster: Cluster) -> str:
    with connect(cluster.settings) as connection, pytest.raises(WarehouseError) as refused:
        distribution.distribute(connection)
    return str(refused.value)


def test_everything_that_is_missing_has_a_sentence(cluster: Cluster) -> None:
    setup.init(cluster.settings)
    with connect(cluster.settings) as connection:
        assert not distribution.is_distributed(connection)
    assert "lacks the extension citus" in refusal(cluster)
    cluster.create_extension()
    assert "knows no node" in refusal(cluster)
    cluster.add_nodes()
    cluster.shut_out()
    said = refusal(cluster)
    assert len(said.splitlines()) == len(cluster.workers)
    assert all("fugong_loader" in line for line in said.splitlines())
    cluster.let_in()


def test_tables_with_uscc_are_distributed_and_nothing_else(cluster: Cluster) -> None:
    """The roles were there before the extension: with the first table Citus takes LOGIN from them on the nodes, and that is said."""
    with connect(cluster.settings, autocommit=True) as connection:
        said = distribution.distribute(connection)
        with_uscc = {
            f"report.{name}"
            for (name,) in connection.execute(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = 'report' AND column_name = 'uscc'"
            )
        }
        placed = {f"{schema}.{name}": method for schema, name, method in connection.execute(
            "SELECT nspname, relname, partmethod::text FROM pg_dist_partition"
            " INNER JOIN pg_class ON pg_class.oid = logicalrelid INNER JOIN pg_namespace ON pg_namespace.oid = relnamespace"
        )}  # fmt: skip
        assert len(with_uscc) > 10
        assert said == [f"distributed {name} by uscc" for name in sorted(with_uscc)]
        assert placed == dict.fromkeys(with_uscc, "h")
        with pytest.raises(
            WarehouseError, match="cannot log in: fugong_backup, fugong_loader, fugong_signer, fugong_taskforce"
        ) as refused:
            distribution.refuse_lacking(connection)
        assert len(str(refused.value).splitlines()) == len(cluster.workers)
        cluster.let_in()
        distribution.refuse_lacking(connection)
        assert distribution.distribute(connection) == []


def test_init_distributes_the_table_of_a_new_report(cluster: Cluster) -> None:
    with connect(cluster.settings) as connection:
        connection.execute("CREATE TABLE report.of_tomorrow (part_id bigint NOT NULL, uscc text NOT NULL)")
    assert [one for one in setup.init(cluster.settings) if "of_tomorrow by uscc" in one]
    with connect(cluster.settings) as connection:
        connection.execute("DROP TABLE report.of_tomorrow")


def test_one_statement_to_the_nodes_computes_the_firms_of_resumption(cluster: Cluster) -> None:
    """Every further one would carry rows of firms to the coordinator, and from there to every node (decision 120)."""
    with connect(cluster.settings) as connection:
        plan = "\n".join(line for (line,) in connection.execute("EXPLAIN SELECT * FROM fact.resumption"))
    n_tasks = [int(found) for found in re.findall(r"Task Count: (\d+)", plan)]
    assert len(n_tasks) > 3
    assert len([n for n in n_tasks if n > 1]) == 1


@pytest.fixture(scope="session")
def filled(cluster: Cluster) -> Settings:
    """The sample district, ingested in the order of its history, every mart built."""
    write_district(cluster.settings.inbox)
    ingest_history(cluster.settings, read_manifest(cluster.settings.inbox / "history.csv"))
    assert not build_marts(cluster.settings).faulty
    return cluster.settings


def relations(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every relation, with what its rows hash to."""
    with connect(settings) as connection:
        names = connection.execute(
            "SELECT nspname, relname FROM pg_class INNER JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " WHERE nspname = ANY(%s) AND relkind IN ('r', 'v', 'p') ORDER BY 1, 2",
            (list(COMPARED),),
        ).fetchall()
        for schema, name in names:
            if f"{schema}.{name}" in NOT_COMPARED:
                continue
            with asof.session_at(connection):
                rows = connection.execute(
                    sql.SQL("SELECT ROW(one.*)::text FROM {} AS one").format(sql.Identifier(schema, name))
                ).fetchall()
            text = "\n".join(sorted(row for (row,) in rows))
            if f"{schema}.{name}" in OF_FLOATS:  # the order of the rows is the order of their sums
                text = "\n".join(sorted(re.sub(r"\d+\.\d+", lambda found: f"{float(found[0]):.4f}", text).splitlines()))
            yield f"{schema}.{name}", f"{len(rows)} rows {hashlib.sha256(text.encode()).hexdigest()}"


def test_every_relation_is_the_same(filled: Settings, sample_district: Settings) -> None:
    there, here = dict(relations(filled)), dict(relations(sample_district))
    assert len(here) > 100
    print(f"{len(here)} relations compared")
    assert {name: (rows, there.get(name)) for name, rows in here.items() if there.get(name) != rows} == {}
    assert there.keys() == here.keys()


@pytest.mark.parametrize("known_at", MOMENTS, ids=str)
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_figure_is_the_same(filled: Settings, sample_district: Settings, day: date, known_at: datetime | None) -> None:
    found: list[dict[str, Any]] = []
    for settings in (filled, sample_district):
        with connect_as_loader(settings) as connection:
            found.append({one.id: (one.value, one.display) for one in figures(connection, settings.include, day, known_at)})
    there, here = found
    assert len(here) > 40
    assert {name: (value, there.get(name)) for name, value in here.items() if there.get(name) != value} == {}


def test_parquet_of_a_past_moment_is_the_same_byte_by_byte(filled: Settings, sample_district: Settings, tmp_path: Path) -> None:
    marts = load_sql_files(filled.include / "sql").marts
    written: list[dict[str, str]] = []
    for settings, folder in ((filled, tmp_path / "there"), (sample_district, tmp_path / "here")):
        folder.mkdir()
        with connect_as_loader(settings) as connection:
            for mart in marts:
                days = export.days_to_replay(asof.reported_days(connection), mart, date(2020, 2, 24), date(2020, 3, 1))
                with export.replay_mart(connection, mart, days, (None, None), datetime(2020, 3, 10, tzinfo=SHANGHAI)) as table:
                    formats.write(table, folder / f"{mart.name}.parquet", "parquet")
        written.append({file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()})
    assert len(written[0]) == len(marts) > 20
    assert written[0] == written[1]


def test_the_nightly_check_is_well(filled: Settings) -> None:
    results = {one.task: one for one in integrity.verify(filled)}
    assert {
        name: one.en for name, one in results.items() if one.outcome is Result.BAD and name in {"parts", "marts", "balance"}
    } == {}
    assert results["parts"].n > 500


def test_doubts_say_that_there_are_none_on_a_cluster(filled: Settings) -> None:
    with connect_as_loader(filled) as connection, pytest.raises(WarehouseError, match="distributed over a cluster"):
        calls(connection, filled, DAYS[-1])


def test_no_read_through_the_gate_is_torn(cluster: Cluster) -> None:
    """Parts settle as fast as they can while somebody reads; without the gate some reads count a part without all its rows."""
    stop = threading.Event()
    failed: list[BaseException] = []
    torn = {"through the gate": 0, "without it": 0}
    n_reads = dict(torn)

    def settle() -> None:
        try:
            with connect_as_loader(cluster.settings) as connection:
                for number in range(N_SETTLED):
                    settle_one(connection, number)
        except BaseException as error:
            failed.append(error)
        finally:
            stop.set()

    def read(how: str) -> None:
        try:
            with connect_as_loader(cluster.settings) as connection:
                while not stop.is_set():
                    with closing(gated(connection) if how == "through the gate" else ungated(connection)) as reading:
                        torn[how] += bool(next(reading))
                    n_reads[how] += 1
        except BaseException as error:
            failed.append(error)
            stop.set()

    threads = [threading.Thread(target=settle), *(threading.Thread(target=read, args=(how,)) for how in torn)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    assert failed == []
    print(f"torn reads: {torn} of {n_reads}")
    assert n_reads["through the gate"] > 20
    assert torn["through the gate"] == 0


def gated(connection: psycopg.Connection) -> Iterator[list[gate.Lacking]]:
    with gate.one_state(connection, counts_rows=False):
        yield gate.find_lacking(connection, 0)


def ungated(connection: psycopg.Connection) -> Iterator[list[gate.Lacking]]:
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield gate.find_lacking(connection, 0)


def settle_one(connection: psycopg.Connection, number: int) -> None:
    """A part of 400 rows on every shard, in one transaction that holds the gate."""
    with connection.transaction():
        [(serial, _)] = connection.execute(
            f"UPDATE intake.settle_clock SET settled_serial = settled_serial + 1 RETURNING settled_serial, {gate.HOLD}"
        ).fetchall()
        [(submission,)] = connection.execute(
            """
            INSERT INTO intake.submission (arrival_id, department_code, report, report_date, file_name, sha256, byte_size, state,
                received_at, settled_at, rows_read, rows_accepted)
            VALUES (%s, 'TAX', 'tax_relief', '2030-01-01', 'torn.csv', 'x', 1, 'accepted', '2030-01-02', '2030-01-02', 400, 400)
            RETURNING submission_id
            """,
            (f"torn {number}",),
        ).fetchall()
        connection.execute("INSERT INTO intake.reporting_unit VALUES ('visit', 'TAX') ON CONFLICT DO NOTHING")
        [(part,)] = connection.execute(
            """
            INSERT INTO intake.part (submission_id, department_code, table_name, unit, report_date, mode, settled_serial, received_at,
                settled_at, rows_read, rows_accepted)
            VALUES (%s, 'TAX', 'visit', 'TAX', '2030-01-01', 'increment', %s, '2030-01-02', '2030-01-02', 400, 400) RETURNING part_id
            """,
            (submission, serial),
        ).fetchall()
        connection.execute(FILL, {"part": part})


FILL = """
    INSERT INTO report.visit (part_id, sheet, row_number, visit_id, visit_date, visitor_kind, target_kind, uscc)
    SELECT %(part)s, '', n, format('torn %%s %%s', %(part)s, n), '2030-01-01', 'cadre', 'enterprise', lpad(n::text, 18, '0')
    FROM generate_series(1, 400) AS n
"""
