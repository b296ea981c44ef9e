"""Facts that several marts read are computed once, and say the same as when each mart computes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import sql

from fugong.core.settings import PROJECT, Settings
from fugong.marts.asof import days_read, session_at
from fugong.marts.replay import fact_rows, select_statement
from fugong.marts.shared_facts import Reads, is_constant, reading, shared, shared_always, shared_facts
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse.connection import connect_as_loader

FILES = load_sql_files(PROJECT / "include" / "sql")
SHARED = [fact for fact in FILES.facts if fact.is_shared]
DAYS = (date(2020, 3, 4), date(2020, 3, 5), date(2020, 3, 18))
"""A relapse, a correction, two senders, and the last day."""
Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def loader(sample_district: Settings) -> Iterator[Connection]:
    with connect_as_loader(sample_district) as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.mark.parametrize("fact", [fact for fact in SHARED if "as_of" in fact.columns], ids=lambda fact: fact.name)
def test_the_rows_of_a_day_do_not_depend_on_the_other_days_asked_for(loader: Connection, fact: Any) -> None:
    def rows(*days: date) -> Counter[str]:
        with fact_rows(loader, fact, days, None) as table:
            return Counter(row for (row,) in loader.execute(sql.SQL("SELECT line::text FROM {} AS line").format(table)))

    together, apart = rows(*DAYS), sum((rows(day) for day in DAYS), Counter[str]())
    assert sum(together.values()) > 300
    assert together == apart


@pytest.mark.parametrize("fact", [fact for fact in SHARED if is_constant(fact)], ids=lambda fact: fact.name)
def test_a_fact_without_a_day_has_the_same_rows_whatever_the_days_asked_for(loader: Connection, fact: Any) -> None:
    def rows(days: list[date]) -> Counter[str]:
        with fact_rows(loader, fact, days, None) as table:
            return Counter(row for (row,) in loader.execute(sql.SQL("SELECT line::text FROM {} AS line").format(table)))

    assert sum(rows([DAYS[0]]).values()) > 2
    assert rows([DAYS[0]]) == rows([*DAYS])


def test_marts_say_the_same_of_facts_that_are_computed_once(loader: Connection) -> None:
    marts = [
        mart
        for mart in FILES.daily
        if mart.partition_by == "as_of" and any(fact.relation in FILES.read_by(mart) for fact in SHARED)
    ]
    assert len(marts) > 10
    readers = {mart: Reads(days_read(mart, DAYS)) for mart in marts}

    def rows(mart: Any) -> list[str]:
        with session_at(loader, days_read(mart, DAYS)):
            statement = sql.SQL("SELECT line::text FROM ({}) AS line ORDER BY 1").format(select_statement(mart, DAYS))
            return [row for (row,) in loader.execute(statement)]

    alone = {mart.name: rows(mart) for mart in marts}
    assert sum(map(bool, alone.values())) > 8
    with shared(loader, FILES, readers, None) as facts:
        relief = {"relief_water", "firm_class"}
        assert shared_facts(FILES, readers) == {"enterprise", "insured", "resumption", "resumption_report"} | relief
        reading_marts = [facts.reading(mart) for mart in marts]
        assert all("fact.resumption" not in mart.body for mart in reading_marts)
        assert {mart.name: rows(mart) for mart in reading_marts} == alone


MONTHS = [date(2020, 2, 1), date(2020, 3, 1)]
RELIEF = {f"relief_{name}" for name in ("water", "power", "social", "tax", "gas", "utility")}


def test_marts_of_months_and_flows_say_the_same_of_relief_that_is_computed_once(loader: Connection) -> None:
    names = {"fee_reduction", "fee_reduction_daily", "water_relief_flow", "relief_projection", "X07", "X12", "X25"}
    marts = {mart: MONTHS if mart.partition_by == "period" else list(DAYS) for mart in FILES.daily if mart.name in names}
    readers = {mart: Reads(days_read(mart, days)) for mart, days in marts.items()}

    def rows(mart: Any, days: list[date]) -> list[str]:
        with session_at(loader, days_read(mart, days)):
            statement = sql.SQL("SELECT line::text FROM ({}) AS line ORDER BY 1").format(select_statement(mart, days))
            return [row for (row,) in loader.execute(statement)]

    alone = {mart.name: rows(mart, days) for mart, days in marts.items()}
    assert len(alone) == len(names)
    assert sum(map(bool, alone.values())) > 5
    with shared_always(loader, FILES, readers, None) as always:
        assert always.names >= RELIEF | {"firm_class"}
        found: dict[str, list[str]] = {}
        for mart, days in marts.items():
            with shared(loader, FILES, {mart: readers[mart]}, None, always) as facts:
                found[mart.name] = rows(facts.reading(mart), days)
    assert found == alone


def test_lines_of_all_days_are_computed_once_only_where_the_marts_together_would_read_as_many(loader: Connection) -> None:
    flows = {FILES.mart(name): Reads([DAYS[-1]]) for name in ("fee_reduction_daily", "water_relief_flow")}
    with shared_always(loader, FILES, flows, None) as facts:
        assert facts.names.isdisjoint(RELIEF)
    months = {FILES.mart("fee_reduction"): Reads(days_read(FILES.mart("fee_reduction"), [date(2020, 1, 1), *MONTHS]))}
    with shared_always(loader, FILES, flows | months, None) as facts:
        assert facts.names >= RELIEF


def test_one_mart_computes_for_itself_what_it_reads_once() -> None:
    assert shared_facts(FILES, {FILES.mart("register_daily"): Reads(DAYS)}) == frozenset()
    assert shared_facts(FILES, {FILES.mart("resumption_daily"): Reads(DAYS)}) == {"enterprise", "resumption"}
    assert shared_facts(FILES, {FILES.mart("register_daily"): Reads(DAYS, ["fact.enterprise"])}) == {"enterprise"}


def test_names_are_replaced_where_a_relation_is_read_and_nowhere_else() -> None:
    body = "SELECT fact.a, ' FROM fact.work' -- FROM fact.work\nFROM fact.work AS fact INNER JOIN fact.workers ON true"
    assert reading(body, {"work"}) == body.replace("\nFROM fact.work AS", "\nFROM pg_temp.work AS")


@pytest.mark.parametrize(
    ("given", "is_read_there"),
    [
        ("SELECT a, work.b AS c FROM fact.work WHERE a IS NOT NULL AND a = ANY(:days)", True),
        ("SELECT a FROM fact.other", False),
        ("SELECT DISTINCT a FROM fact.work", False),
        ("SELECT a, SUM(b) FROM fact.work GROUP BY a", False),
        ("SELECT a FROM fact.work GROUP BY a", False),
        ("SELECT work.a FROM fact.work INNER JOIN fact.other ON work.a = other.a", False),
        ("SELECT a FROM fact.work UNION ALL SELECT a FROM fact.work", False),
    ],
)
def test_a_list_that_is_nothing_but_rows_of_a_shared_fact_is_not_copied(given: str, is_read_there: bool) -> None:
    body = reading(f"WITH line AS MATERIALIZED ({given}) SELECT * FROM line", {"work"})
    assert body.startswith("WITH line AS NOT MATERIALIZED (" if is_read_there else "WITH line AS MATERIALIZED (")
