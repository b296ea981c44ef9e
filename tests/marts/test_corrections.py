"""Copies of open rows from two evenings: what one firm corrected in between does not show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import psycopg
import pytest
from psycopg import sql

from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.disclosure import rounding
from fugong.marts import asof
from fugong.marts.firms_behind import count_corrected
from fugong.marts.open_cells import MARGIN, Seen, keys_of, series_of, tells
from fugong.marts.open_rows import protections
from fugong.marts.protected import DIGITS
from fugong.marts.protection import Protection
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse.connection import connect

FILES = load_sql_files(PROJECT / "include" / "sql")
MART = FILES.mart("resumption_daily")
EVENING = datetime(2020, 3, 16, 20, tzinfo=SHANGHAI)
DAYS = [date(2020, 3, day) for day in range(1, 17)]
Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def owner(sample_district: Settings) -> Iterator[Connection]:
    """The owner, who knows the truth. What is kept is rolled back."""
    with connect(sample_district) as connection, connection.transaction(force_rollback=True):
        yield connection


def told(one: Protection, corrected: dict[Any, Any], days: list[date] = DAYS) -> tuple[int, int]:
    """How many cells few firms corrected, and how many of them tell it by the difference of the two evenings."""
    n_cells = n_told = 0
    mart = one.mart
    at = keys_of(mart).index(mart.partition_by)
    for key, by_column in corrected.items():
        for column, parts in by_column.items():
            if (
                key[at] not in days
                or key not in one.rows
                or column in mart.hidden
                or column not in mart.columns
                or not tells(parts)
            ):
                continue
            n_cells += 1
            after = float(one.rows[key].get(column) or 0)
            before = after - parts.total
            change = rounding.Change(
                before, after, MARGIN * parts.largest, rounding.base_of_digits(before, DIGITS[mart.partition_by])
            )
            base = one.guarded.base.get(series_of(mart, key, column), 0.0)
            n_told += not one.is_hidden(key, column) and not change.is_hidden_by(base)
    return n_cells, n_told


def test_a_correction_by_few_firms_is_lost_in_the_rounding_of_what_is_shown_afterwards(owner: Connection) -> None:
    source, last_day = sql.Identifier("mart", MART.name), max(asof.reported_days(owner))
    (after,) = protections(owner, FILES, MART, source, [DAYS[0]], last_day=last_day, seen=Seen(EVENING, DAYS))
    corrected = after.guarded.behind.corrected
    n_cells, n_told = told(after, corrected)
    assert n_cells > 20
    assert n_told == 0
    # On a later evening, when nothing was corrected, it is shown no more finely.
    (later,) = protections(owner, FILES, MART, source, [DAYS[0]], last_day=last_day)
    assert told(later, corrected) == (n_cells, 0)
    owner.execute("DELETE FROM mart.kept_base")
    (careless,) = protections(owner, FILES, MART, source, [DAYS[0]], last_day=last_day)
    assert told(careless, corrected)[1] > 0


def test_what_firms_corrected_is_the_difference_of_the_two_views(owner: Connection) -> None:
    found = count_corrected(owner, FILES, MART, sql.Identifier("mart", MART.name), (), DAYS, (EVENING, None))
    totals: list[float] = []
    for moment in (EVENING, None):
        with asof.session_at(owner, DAYS, moment):
            [(total,)] = owner.execute(
                "SELECT SUM(on_post) FROM fact.resumption WHERE scope = 'industry' AND as_of = '2020-03-11'"
            ).fetchall()
            totals.append(float(total))
    parts = found[date(2020, 3, 11), "industry", "total", "ALL"]["on_post"]
    assert parts.total == pytest.approx(totals[1] - totals[0])


def test_a_claim_corrected_after_the_month_has_ended_is_lost_in_the_rounding_too(owner: Connection) -> None:
    mart, month = FILES.mart("fee_reduction"), date(2020, 2, 1)
    source, last_day = sql.Identifier("mart", mart.name), max(asof.reported_days(owner))
    owner.execute("CREATE TEMP TABLE seen_before AS SELECT * FROM mart.fee_reduction")
    changed = owner.execute(
        """
        UPDATE seen_before SET claimed = claimed / 2 WHERE (policy_id, uscc, period) = (
            SELECT policy_id, uscc, period FROM mart.fee_reduction
            WHERE policy_id = 'P17' AND status = 'MATCH' AND period = %s ORDER BY claimed DESC LIMIT 1
        )
        """,
        (month,),
    )
    assert changed.rowcount == 1
    seen = Seen(EVENING, [month], sql.Identifier("seen_before"))
    (after,) = protections(owner, FILES, mart, source, [month], last_day=last_day, seen=seen)
    corrected = after.guarded.behind.corrected
    assert told(after, corrected, [month]) == (2, 0)  # the status and the total
    owner.execute("DELETE FROM mart.kept_base")
    (careless,) = protections(owner, FILES, mart, source, [month], last_day=last_day)
    assert told(careless, corrected, [month])[1] > 0
