"""The firms behind cells are kept by day: they are those that a count of the whole month finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from fugong.core.settings import PROJECT, Settings
from fugong.core.time import each_day
from fugong.marts import kept_firms
from fugong.marts.asof import session_at
from fugong.marts.firms_behind import FirmsBehind, count_firms, days_of_facts
from fugong.marts.open_cells import keys_of
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse.connection import connect

FILES = load_sql_files(PROJECT / "include" / "sql")
MARCH = date(2020, 3, 1)
DAY = date(2020, 3, 11)
Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def owner(sample_district: Settings) -> Iterator[Connection]:
    with connect(sample_district) as connection, connection.transaction(force_rollback=True):
        yield connection


def of_days(behind: FirmsBehind, mart: Any, days: list[date]) -> dict[Any, Any]:
    """What is kept of these days, with sums as they are printed: their last digits depend on the order of the firms."""
    at = keys_of(mart).index(mart.partition_by)

    def plain(by_column: Any) -> dict[str, tuple[float, ...]]:
        return {name: tuple(round(float(value), 4) for value in vars(parts).values()) for name, parts in by_column.items()}

    return {
        key: (behind.n_firms.get(key), plain(behind.levels.get(key, {})), plain(behind.changes.get(key, {})))
        for key in behind.levels.keys() | behind.changes.keys()
        if key[at] in days
    }


@pytest.mark.parametrize("name", ["resumption_daily", "relief_projection", "award_daily"])
def test_what_is_kept_is_what_a_count_of_the_month_finds(owner: Connection, name: str) -> None:
    mart, days = FILES.mart(name), list(each_day(MARCH, date(2020, 3, 18)))
    with session_at(owner, days_of_facts(mart, days)):
        counted = of_days(count_firms(owner, FILES, mart, sql.Identifier("mart", name), mart.totals, days), mart, days)
    assert any(changes for _, _, changes in counted.values())
    assert of_days(kept_firms.read(owner, mart, MARCH), mart, days) == counted


def test_a_day_that_is_built_is_counted_again_with_the_day_after_it_and_no_other(owner: Connection) -> None:
    mart = FILES.mart("resumption_daily")
    before = kept_firms.read(owner, mart, MARCH)
    owner.execute("UPDATE mart.firms_behind SET n_firms = -1 WHERE mart = %s", (mart.name,))
    kept_firms.refresh(owner, FILES, mart, [DAY], [MARCH])
    at = keys_of(mart).index(mart.partition_by)
    again = {key[at] for key, n_firms in kept_firms.read(owner, mart, MARCH).n_firms.items() if n_firms != -1}
    assert again == {DAY, DAY + timedelta(1)}
    kept_firms.forget(owner, mart, list(each_day(MARCH, date(2020, 3, 31))))
    kept_firms.refresh(owner, FILES, mart, [], [MARCH])
    after = kept_firms.read(owner, mart, MARCH)
    days = list(each_day(MARCH, date(2020, 3, 18)))
    assert of_days(after, mart, days) == of_days(before, mart, days)


def test_firms_are_counted_anew_by_another_head(owner: Connection) -> None:
    mart = FILES.mart("award_daily")
    owner.execute("UPDATE mart.firms_behind SET form = 'older', n_firms = -1 WHERE mart = %s", (mart.name,))
    kept_firms.refresh(owner, FILES, mart, [], [MARCH])
    assert -1 not in kept_firms.read(owner, mart, MARCH).n_firms.values()
    assert owner.execute(
        "SELECT COUNT(*) FROM mart.firms_behind WHERE form = 'older' AND mart = %s", (mart.name,)
    ).fetchone() == (0,)
