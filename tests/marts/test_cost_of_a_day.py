"""What a day costs does not grow with the years before it: of their parts few are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest

from fugong.core.settings import Settings
from fugong.marts import asof
from fugong.warehouse.connection import connect
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


def read(connection: psycopg.Connection[Any], relation: str) -> int:
    """The rows of `intake.part` that are read for the relation's rows of one day."""
    with asof.session_at(connection, [date(2020, 3, 18)]):
        [(found,)] = rows(connection, f"EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM {relation}")
    assert isinstance(found, list)
    found_scans = [plan for plan in every_plan(found[0]["Plan"]) if plan.get("Relation Name") == "part"]
    assert found_scans
    return round(sum((one["Actual Rows"] + one.get("Rows Removed by Filter", 0)) * one["Actual Loops"] for one in found_scans))


@pytest.mark.parametrize("relation", ["asof.part_in_force", "asof.part_holding"])
def test_few_parts_of_many_are_looked_at(old: psycopg.Connection[Any], relation: str) -> None:
    [(n_parts,)] = rows(old, "SELECT COUNT(*) FROM intake.part")
    assert isinstance(n_parts, int)
    assert n_parts > 3 * YEARS
    assert read(old, relation) < 50


def test_rules_of_social_insurance_are_not_worked_out_for_each_day_of_reports(sample_district: Settings) -> None:
    with connect(sample_district) as connection, connection.transaction(force_rollback=True):
        before = worked_out(connection)
        connection.execute(
            """
            INSERT INTO intake.part (submission_id, department_code, table_name, sheet, unit, report_date, mode, business_from,
                business_to, settled_serial, received_at, settled_at)
            SELECT submission_id, department_code, table_name, sheet, unit, report_date - number, mode, report_date - number,
                report_date - number, 0, received_at, settled_at
            FROM (SELECT * FROM intake.part WHERE table_name = 'social_insurance_relief' ORDER BY report_date LIMIT 1) AS first
            CROSS JOIN generate_series(1, %s) AS number
            """,
            (YEARS,),
        )
        assert worked_out(connection) == before > 0


def worked_out(connection: psycopg.Connection[Any]) -> int:
    """How many answers `fact.relief_social` works out before it looks at lines."""
    [(found,)] = rows(connection, "EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM fact.relief_social")
    assert isinstance(found, list)
    [answers] = [plan for plan in every_plan(found[0]["Plan"]) if plan.get("Subplan Name") == "CTE answer"]
    return answers["Actual Rows"]


def every_plan(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from every_plan(below)


def test_a_part_of_a_unit_that_is_not_listed_is_refused(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation), connection.transaction():
        connection.execute("UPDATE intake.part SET unit = 'nobody'")
