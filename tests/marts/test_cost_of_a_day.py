"""What a day costs does not grow with the years before it: of their parts few are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest

from fugong.marts import asof
from tests.fixtures.mini_district import rows

YEARS = 3000
"""Days before the first of the mini district."""


@pytest.fixture
def old(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """The mini district with a part a day, for each of its parts' units, in the years before."""
    connection.execute(
        """
        INSERT INTO intake.part (submission_id, department_code, table_name, sheet, unit, report_date, mode, business_from,
            business_to, settled_serial, received_at, settled_at)
        SELECT submission_id, department_code, table_name, sheet, unit, report_date - number, mode, report_date - number,
            report_date - number, 0, received_at, settled_at
        FROM (SELECT DISTINCT ON (table_name, unit) * FROM intake.part ORDER BY table_name, unit, report_date) AS first
        CROSS JOIN generate_series(1, %s) AS number
        """,
        (YEARS,),
    )
    connection.execute("ANALYZE intake.part")
    return connection


def scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if plan.get("Relation Name") == "part":
        yield plan
    for below in plan.get("Plans", ()):
        yield from scans(below)


def read(connection: psycopg.Connection[Any], relation: str) -> int:
    """The rows of `intake.part` that are read for the relation's rows of one day."""
    with asof.session_at(connection, [date(2020, 3, 18)]):
        [(found,)] = rows(connection, f"EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM {relation}")
    assert isinstance(found, list)
    found_scans = list(scans(found[0]["Plan"]))
    assert found_scans
    return round(sum((one["Actual Rows"] + one.get("Rows Removed by Filter", 0)) * one["Actual Loops"] for one in found_scans))


@pytest.mark.parametrize("relation", ["asof.part_in_force", "asof.part_holding"])
def test_few_parts_of_many_are_looked_at(old: psycopg.Connection[Any], relation: str) -> None:
    [(n_parts,)] = rows(old, "SELECT COUNT(*) FROM intake.part")
    assert isinstance(n_parts, int)
    assert n_parts > 3 * YEARS
    assert read(old, relation) < 50


def test_a_part_of_a_unit_that_is_not_listed_is_refused(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation), connection.transaction():
        connection.execute("UPDATE intake.part SET unit = 'nobody'")
