"""How facts are planned, as far as a cluster relies on it: nothing that is asked of a table of reports needs the settings of the session.

The nodes of a cluster do not see `fugong.known_at`: where it got into the condition of such a table, the past would read as the present. Plans of one
server show it, too. They also show which rows wait in a CTE: on a cluster these leave their nodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fugong.core.settings import PROJECT
from fugong.marts.sql_files import load_sql_files
from tests.fixtures.mini_district import rows

FACTS = sorted(fact.relation for fact in load_sql_files(PROJECT / "include" / "sql").facts)
SETTINGS = ("known_at", "current_setting", "fugong.days")


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def asked_of_reports(connection: psycopg.Connection[Any], relation: str) -> list[tuple[str, str]]:
    """Each table of reports that is read, with all its conditions."""
    [(found,)] = rows(connection, f"EXPLAIN (VERBOSE, FORMAT JSON) SELECT * FROM {relation}")
    assert isinstance(found, list)
    return [
        (node["Relation Name"], " ".join(str(text) for key, text in node.items() if key.endswith(("Filter", "Cond"))))
        for node in nodes(found[0]["Plan"])
        if node.get("Schema") == "report"
    ]


@pytest.fixture
def warehouse(empty_warehouse: tuple[Path, str]) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(empty_warehouse[1]) as connection:
        yield connection


def test_no_condition_of_a_report_needs_a_setting(warehouse: psycopg.Connection[Any]) -> None:
    views = [f"asof.{name}" for (name,) in rows(warehouse, "SELECT relname FROM pg_class WHERE relnamespace = 'report'::regnamespace AND relkind = 'r'")]  # fmt: skip
    read: dict[str, list[tuple[str, str]]] = {name: asked_of_reports(warehouse, name) for name in (*views, *FACTS)}
    assert all(read[name] for name in views)
    assert len([name for name in FACTS if read[name]]) > 25
    found = {
        name: condition
        for name, asked in read.items()
        for _, condition in asked
        if any(setting in condition for setting in SETTINGS)
    }
    assert found == {}


def test_a_condition_that_needs_one_is_seen(warehouse: psycopg.Connection[Any]) -> None:
    warehouse.execute(
        "CREATE TEMP VIEW plain AS SELECT line.* FROM report.loan AS line WHERE line.part_id > 0 AND intake.known_at() > '2020-01-01'"
        " AND line.uscc <> current_setting('fugong.known_at', true)"
    )
    [(table, condition)] = asked_of_reports(warehouse, "plain")
    assert table == "loan"
    assert "current_setting" in condition
    warehouse.rollback()


def rows_that_wait(connection: psycopg.Connection[Any], relation: str) -> dict[str, set[str]]:
    """Every CTE that is computed before it is read, with the tables of reports whose rows it holds."""
    [(found,)] = rows(connection, f"EXPLAIN (VERBOSE, FORMAT JSON) SELECT * FROM {relation}")
    assert isinstance(found, list)
    return {
        node["Subplan Name"].removeprefix("CTE "): {
            below["Relation Name"] for below in nodes(node) if below.get("Schema") == "report"
        }
        for node in nodes(found[0]["Plan"])
        if node.get("Subplan Name", "").startswith("CTE ")
    }


def test_no_rows_of_firms_wait_in_the_fact_of_resumption(warehouse: psycopg.Connection[Any]) -> None:
    """On a cluster the rows of such a CTE move to the coordinator, and from there to every node."""
    waiting = rows_that_wait(warehouse, "fact.resumption")
    assert waiting.keys() >= {"part", "setting", "latest_before", "part_before", "list_before", "returned"}
    assert {name: tables for name, tables in waiting.items() if tables} == {}


def test_rows_that_wait_are_seen(warehouse: psycopg.Connection[Any]) -> None:
    warehouse.execute(
        "CREATE TEMP VIEW waiting AS WITH part AS MATERIALIZED (SELECT part_id FROM asof.part),"
        " sent AS MATERIALIZED (SELECT line.uscc FROM report.loan AS line INNER JOIN part ON line.part_id = part.part_id)"
        " SELECT uscc FROM sent"
    )
    assert rows_that_wait(warehouse, "waiting") == {"part": set(), "sent": {"loan"}}
    warehouse.rollback()


def test_each_list_is_read_once_for_a_day_and_once_for_the_days_before(warehouse: psycopg.Connection[Any]) -> None:
    """What does not wait must not be computed twice instead."""
    read = Counter(table for table, _ in asked_of_reports(warehouse, "fact.resumption"))
    assert read == {
        "enterprise": 1,
        "power_daily": 1,
        "industry_resumption": 2,
        "service_resumption": 2,
        "site_resumption": 2,
    }
