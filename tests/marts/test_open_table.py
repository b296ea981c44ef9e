"""What analysts see cannot be turned into what one firm did: attacks on the sample district, over every mart.

What is true is told by the facts: `sums` in a mart's head leads from each of its amounts to the firms behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import sql

from fugong.core.settings import PROJECT, Settings
from fugong.marts import asof, open_cells, open_rows, open_table, protected
from fugong.marts.model import Mart, Rollup
from fugong.marts.open_attack import attack_rows
from fugong.marts.open_rows import protections
from fugong.marts.parameters import with_values
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse.connection import address_of, connect
from fugong.warehouse.migrate import SCHEMAS

FILES = load_sql_files(PROJECT / "include" / "sql")
OPEN = {mart.name: mart for mart in FILES.marts if mart.is_open}
KNOW_FIRMS = {fact.relation for fact in FILES.facts if {"uscc", "entity"} & fact.columns.keys()}
NO_FIRMS = {
    "approval",
    "deal_list",
    "denominator_bridge",
    "investment",
    "land",
    "project_daily",
    "project_list",
    "reporting_compliance",
}
"""Marts that hold no firm's amounts: parcels, projects and deals are published one by one, departments are no firms, and counts of members count."""
ATTACKED = {
    "award_daily",
    "employment_daily",
    "fee_reduction",
    "loan_monthly",
    "relief_projection",
    "rent_relief_daily",
    "resumption_daily",
    "stabilisation_daily",
    "supply",
    "utility_protection",
}
"""Marts in which the sample has a cell of few firms, or a day on which few firms moved."""
TOLD = {"award_daily", "fee_reduction", "stabilisation_daily", "supply"}
"""Marts of which the briefing gives something away by itself: what is pending of one award, a policy with two
firms, a refund paid on one day, the only maker of masks."""
NOBODYS = {"daily_capacity", "output", "stock"}
"""Columns of supplies: lines in production are published."""
DAYS = [date(2020, 2, day) for day in (5, 10, 17, 24, 29)] + [date(2020, 3, day) for day in (6, 13, 18)]
Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class SourceRowsQuery:
    """The firms behind one amount of one cell, from the facts."""

    mart: str
    column: str
    cell: tuple[Any, ...]
    amounts: dict[str, Decimal]

    @property
    def is_safe(self) -> bool:
        return are_many(list(self.amounts.values()))


def are_many(amounts: list[Decimal]) -> bool:
    """At least three firms, none of them with more than four fifths; or nobody."""
    parts = sorted(abs(amount) for amount in amounts if amount)
    return not parts or (len(parts) >= 3 and parts[-1] <= Decimal("0.8") * abs(sum(amounts)))


def amounts_of(mart: Mart) -> list[str]:
    """The columns with amounts of firms: not counts, which say how many firms there are."""
    if mart.public_rollup:
        return list(mart.public_rollup.sums)
    return [
        column
        for column, total in mart.sums.items()
        if not column.startswith("n_")
        and column not in mart.hidden
        and total.aggregate == "sum"
        and all(source.fact in KNOW_FIRMS for source in total.contributions)
    ]


def shown(connection: Connection, mart: Mart) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of the open view of the days, by key."""
    keys = open_cells.keys_of(mart)
    cursor = connection.execute(f"SELECT * FROM open.{mart.name}")  # pyright: ignore[reportArgumentType, reportCallIssue]
    names = [column.name for column in cursor.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    return {
        tuple(row[key] for key in keys): row for row in rows if mart.partition_by == "period" or row[mart.partition_by] in DAYS
    }


def source_rows(connection: Connection, mart: Mart) -> Iterator[SourceRowsQuery]:
    """The firms behind each amount of each cell."""
    if mart.public_rollup:
        yield from _behind_table(connection, mart, mart.public_rollup)
        return
    days = sorted({cell[mart.keys.index(mart.partition_by)] for cell in shown(connection, mart)})
    dimensions = (
        sorted({cell[mart.keys.index("dimension")] for cell in shown(connection, mart)}) if "dimension" in mart.keys else [""]
    )
    for column in amounts_of(mart):
        found: dict[tuple[Any, ...], dict[str, Decimal]] = {}
        for source in mart.sums[column].contributions:
            fact = FILES.fact(source.fact)
            firm = "entity" if "entity" in fact.columns else "uscc"
            for dimension in dimensions:
                keys = ", ".join(
                    with_values(mart.key_expressions.get(key, key), {"dimension": f"'{dimension}'"}) + f" AS {key}"
                    for key in mart.keys
                )
                text = f"SELECT {keys}, {firm}, SUM({source.column}) FROM {fact.relation} GROUP BY {', '.join(map(str, range(1, len(mart.keys) + 2)))}"
                with asof.session_at(connection, asof.days_read(mart, days)):
                    for *cell, who, amount in connection.execute(text):  # pyright: ignore[reportArgumentType, reportCallIssue]
                        firms = found.setdefault(tuple(cell), {})
                        firms[who] = firms.get(who, Decimal(0)) + (amount or 0)
        yield from (SourceRowsQuery(mart.name, column, cell, amounts) for cell, amounts in found.items())


def _behind_table(connection: Connection, mart: Mart, rollup: Rollup) -> Iterator[SourceRowsQuery]:
    keys = ", ".join(rollup.keys)
    for column in rollup.sums:
        found: dict[tuple[Any, ...], dict[str, Decimal]] = {}
        text = f"SELECT {keys}, uscc, SUM({column}) FROM mart.{mart.name} GROUP BY {keys}, uscc"
        for *cell, who, amount in connection.execute(text):  # pyright: ignore[reportArgumentType, reportCallIssue]
            found.setdefault(tuple(cell), {})[who] = amount or Decimal(0)
        yield from (SourceRowsQuery(mart.name, column, cell, amounts) for cell, amounts in found.items())


@pytest.fixture(scope="module")
def owner(sample_district: Settings) -> Iterator[Connection]:
    """The owner, who knows the truth."""
    with connect(sample_district) as connection:
        yield connection


def test_marts_with_amounts_of_firms_are_these() -> None:
    guarded = {name for name, mart in OPEN.items() if amounts_of(mart)}
    assert guarded >= {"fee_reduction", "loan_monthly", "resumption_daily", "stabilisation_daily"}
    assert {name for name, mart in OPEN.items() if not mart.suppression and not mart.is_of_firms} == NO_FIRMS
    assert all(mart.partition_by != "business_date" for mart in OPEN.values())


@pytest.mark.parametrize("name", [name for name, mart in OPEN.items() if name not in NO_FIRMS and amounts_of(mart)])
def test_no_filter_leads_to_the_amount_of_a_firm(owner: Connection, name: str) -> None:
    mart = OPEN[name]
    rows = shown(owner, mart)
    found = [one for one in source_rows(owner, mart) if one.cell in rows]
    leaks = [one for one in found if rows[one.cell][one.column] is not None and not one.is_safe]
    assert [(one.column, one.cell, len(one.amounts)) for one in leaks] == []
    told = [one for one in found if rows[one.cell][one.column] is not None and any(one.amounts.values())]
    assert len(told) > 3  # not everything is hidden


@pytest.mark.parametrize("name", ["fee_reduction", "resumption_daily"])
def test_what_is_shown_does_not_depend_on_where_a_server_puts_rows(owner: Connection, name: str) -> None:
    mart = OPEN[name]
    last_day = max(asof.reported_days(owner))
    months = sorted({row[mart.partition_by].replace(day=1) for row in shown(owner, mart).values()})[-1:]
    with owner.transaction(force_rollback=True):
        made = sql.SQL("CREATE TEMP TABLE elsewhere AS SELECT * FROM {} AS cell ORDER BY md5(cell::text)")
        owner.execute(made.format(sql.Identifier("mart", name)))
        there = list(open_rows.rows(owner, FILES, mart, sql.Identifier("elsewhere"), months, last_day=last_day, is_built=True))
    here = list(open_rows.rows(owner, FILES, mart, sql.Identifier("mart", name), months, last_day=last_day, is_built=True))
    assert len(here) > 10
    assert there == here


@pytest.mark.parametrize("name", [name for name in OPEN if name not in NO_FIRMS])
def test_no_relation_and_no_difference_of_days_leads_near_a_firm(owner: Connection, name: str) -> None:
    # Linear programs over every relation that the head declares: totals, wholes and parts, MATCH and UNCLAIMED, and days subtracted; and over
    # what the figures and tables of the briefing print.
    # The last month alone: `make prove` attacks all of them.
    mart = OPEN[name]
    months = sorted({row[mart.partition_by].replace(day=1) for row in shown(owner, mart).values()})[-1:]
    source = sql.Identifier("mart", name)
    found = list(protections(owner, FILES, mart, source, months, last_day=max(asof.reported_days(owner))))
    assert sum(len(one.rows) for one in found) > 0
    attacked = list(attack_rows(found))
    told = [one for one in attacked if one.is_told]
    near = [one for one in attacked if not one.is_safe and not one.is_told]
    cells = [(one, *cell) for one in found for cell in one.cells()]
    hidden = sum(one.is_hidden(key, column) for one, key, column in cells)
    least = min((one.interval for one in attacked if not one.is_told), default=9.99)
    print(
        f"{name}: {hidden} of {len(cells)} cells hidden; {len(attacked)} attacked, least interval {least:.1%}, {len(near)} below 20 %; "
        f"{len(told)} told by publications alone"
    )
    assert near == []
    assert [one for one in told if "_at_" in one.column] == []  # the ends of rates
    assert bool(attacked) == (name in ATTACKED)
    assert bool(told) == (name in TOLD)
    # `suppress` reaches the optimum, or proves that it is near
    assert all(one.choice is None or one.choice.loss <= 1.3 * one.choice.least_loss + 1e-6 for one in found)
    assert all(one.choice is None or one.choice.n_open == 0 for one in found)


def test_a_part_less_the_whole_does_not_lead_to_a_firm(owner: Connection) -> None:
    pairs = {"resumption_daily": ("on_post", "on_post_resumed"), "loan_monthly": ("disbursed", "disbursed_with_rate")}
    n_compared = 0
    for name, (whole, part) in pairs.items():
        rows = shown(owner, OPEN[name])
        by_column = {
            column: {one.cell: one.amounts for one in source_rows(owner, OPEN[name]) if one.column == column}
            for column in (whole, part)
        }
        for cell, row in rows.items():
            if row[whole] is None or row[part] is None:
                continue
            firms = by_column[whole].get(cell, {})
            n_compared += 1
            assert are_many([amount - by_column[part].get(cell, {}).get(firm, 0) for firm, amount in firms.items()]), (name, cell)
    assert n_compared > 20


def test_every_amount_of_firms_is_shown_roughly(owner: Connection) -> None:
    # Two days, or two states of one day, differ by the one firm that came or went: its amount must be lost in the rounding.
    for name, mart in OPEN.items():
        if name in NO_FIRMS:
            continue
        assert set(mart.rounded) >= {column for column in amounts_of(mart) if column not in NOBODYS}, name
        values = [row[column] for row in shown(owner, mart).values() for column in mart.rounded if row[column]]
        assert bool(values) == bool(mart.rounded)
        assert all(len(Decimal(value).normalize().as_tuple().digits) <= protected.DIGITS[mart.partition_by] for value in values)


def test_a_rate_that_the_mart_leaves_empty_is_empty(owner: Connection) -> None:
    """Services were silent on 16 February: the rows carried from the day before make no rate here either."""
    looked_at: dict[str, int] = {}
    for mart in OPEN.values():
        if mart.public_rollup:
            continue
        for rate in mart.rates:
            keys = sql.SQL(" AND ").join(sql.SQL("open.{n} = mart.{n}").format(n=sql.Identifier(key)) for key in mart.keys)
            statement = sql.SQL(
                "SELECT COUNT(*), COUNT(open.{rate}) FROM open.{name} AS open INNER JOIN mart.{name} AS mart ON {keys} WHERE mart.{rate} IS NULL"
            ).format(rate=sql.Identifier(rate), name=sql.Identifier(mart.name), keys=keys)
            [(n_empty, n_told)] = owner.execute(statement).fetchall()
            assert n_told == 0, (mart.name, rate)
            looked_at[f"{mart.name}.{rate}"] = n_empty
    assert looked_at["resumption_daily.resumption_rate"] > 0
    assert len(looked_at) > 15


def test_nothing_open_names_a_firm(owner: Connection) -> None:
    names = {name for (name,) in owner.execute("SELECT DISTINCT name FROM report.enterprise")}
    assert len(names) > 200
    n_texts = 0
    for name, mart in OPEN.items():
        for row in shown(owner, mart).values():
            for value in row.values():
                if isinstance(value, str):
                    n_texts += 1
                    assert not re.search(r"[0-9A-HJ-NP-RTUWXY]{18}", value), name
                    assert value not in names
    assert n_texts > 1000


def test_the_analyst_reads_open_and_reference_and_nothing_else(sample_district: Settings, owner: Connection) -> None:
    relations = owner.execute(
        """
        SELECT nspname, nspname || '.' || relname FROM pg_class INNER JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = ANY(%s) AND relkind IN ('r', 'v', 'p', 'm')
        """,
        (list(SCHEMAS),),
    ).fetchall()
    assert {schema for schema, _ in relations} == set(SCHEMAS)
    with psycopg.connect(address_of(sample_district, "analyst"), autocommit=True) as session:
        for schema, relation in relations:
            if schema in {"open", "ref"}:
                session.execute(f"SELECT * FROM {relation} LIMIT 1")  # pyright: ignore[reportArgumentType, reportCallIssue]
                continue
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(f"SELECT * FROM {relation} LIMIT 1")  # pyright: ignore[reportArgumentType, reportCallIssue]
        for forbidden in (
            "SET ROLE fugong_owner",
            "SET ROLE fugong_taskforce",
            "CREATE TABLE open.mine (uscc text)",
            "SELECT pg_read_file('PG_VERSION')",
            "COPY (SELECT 1) TO PROGRAM 'true'",
        ):
            with pytest.raises(psycopg.Error):
                session.execute(forbidden)  # pyright: ignore[reportArgumentType, reportCallIssue]
        assert session.execute(
            "SELECT COUNT(*) FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'ref', 'open')"
        ).fetchone() == (0,)


def test_the_columns_of_a_view_are_those_described(owner: Connection) -> None:
    for name, mart in OPEN.items():
        cursor = owner.execute(f"SELECT * FROM open.{name} LIMIT 0")  # pyright: ignore[reportArgumentType, reportCallIssue]
        assert [column.name for column in cursor.description or []] == list(open_table.columns(mart)), name
