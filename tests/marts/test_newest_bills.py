"""Of each account its newest bill counts, day by day, whatever the order in which bills were read and reported."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from fugong.core.settings import PROJECT, Settings
from fugong.marts.replay import fact_rows
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse.connection import connect

TABLES = {"water": "water_bill", "gas": "gas_bill", "power": "power_bill"}
LAST = date(2020, 3, 18)
DAYS = [LAST - timedelta(n) for n in range(0, 60, 3)]
LASTS = timedelta(92)
Bill = tuple[str, str, date, date, int, int, bool]


@pytest.mark.parametrize("seed", range(3))
def test_the_newest_bill_of_an_account_is_the_one_that_a_search_finds(sample_district: Settings, seed: int) -> None:
    """Bills are dealt out to few accounts and their readings moved, so that they overtake each other and tie."""
    arrears = load_sql_files(PROJECT / "include" / "sql").fact("fact.arrears")
    found: Counter[tuple[date, str, str, int, int]] = Counter()
    drawn = random.Random(seed)
    with connect(sample_district) as connection, connection.transaction(force_rollback=True):
        bills: list[Bill] = []
        for utility, table in TABLES.items():
            rows = connection.execute(
                f"SELECT line.ctid, part.report_date FROM report.{table} AS line "
                f"INNER JOIN asof.part AS part ON line.part_id = part.part_id ORDER BY line.part_id, line.row_number"
            ).fetchall()
            for place, reported in rows:
                account, read = f"A{drawn.randrange(30)}", reported - timedelta(drawn.choice((-3, 0, 0, 1, 2, 5, 40, 91, 95)))
                connection.execute(
                    f"UPDATE report.{table} SET account_no = %s, read_to = %s, read_from = %s, quantity = %s WHERE ctid = %s",
                    (account, read, read - timedelta(30), drawn.choice((-1, 0, 5, 5, 5)), place),
                )
            bills += connection.execute(
                f"SELECT '{utility}', line.account_no, line.read_to, part.report_date, line.part_id, line.row_number, "
                f"line.quantity >= 0 AND line.user_class <> '居民' FROM report.{table} AS line "
                f"INNER JOIN asof.part AS part ON line.part_id = part.part_id WHERE part.business_to >= %s",
                (min(DAYS) - timedelta(91),),
            ).fetchall()
        with fact_rows(connection, arrears, DAYS, None) as lines:
            for row in connection.execute(
                b"SELECT as_of, utility, account_no, part_id, row_number FROM " + lines.as_bytes(connection)
            ):
                found[row] += 1
    wanted = Counter((day, *newest) for day in DAYS for newest in newest_of(bills, day))
    assert sum(wanted.values()) > 300
    assert found == wanted


def newest_of(bills: Sequence[Bill], day: date) -> list[tuple[str, str, int, int]]:
    """Utility, account, part and line of the newest bill of each account that has one on a day."""
    newest: dict[tuple[str, str], tuple[Any, ...]] = {}
    for utility, account, read, reported, part, row, counts in bills:
        if counts and max(read, reported) <= day < read + LASTS:
            newest[utility, account] = max(newest.get((utility, account), ()), (read, reported, part, row))
    return [(*key, bill[2], bill[3]) for key, bill in newest.items()]
