"""A month of relief is computed again whenever a line of it comes or goes, however late."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg

from fugong.marts import build
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row


def late(amount: str) -> bytes:
    """A document posted in March 2020 for a quarter of 2019."""
    cells = {"所属期起": "2019-07-01", "所属期止": "2019-09-30"}
    return as_csv(TAX_HEADER, [tax_row(1, amount, **cells), tax_row(2)])


def relief(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT * FROM mart.fee_reduction ORDER BY policy_id, uscc, period").fetchall()


def test_building_the_stale_days_equals_building_all(inbox: Inbox) -> None:
    include = inbox.settings.include
    assert inbox.settings.warehouse_url is not None
    with psycopg.connect(inbox.settings.warehouse_url, autocommit=True) as connection:
        periods: list[set[date]] = []
        for name, content in (
            ("R04 3.18.csv", late("1000.00")),
            ("R04 3.18 更正.csv", late("2000.00")),
            ("R04 3.18 V3.csv", as_csv(TAX_HEADER, [tax_row(1), tax_row(2)])),
        ):
            assert inbox.send("TAX", name, content).state == "accepted"
            build.build(connection, include)
            built = relief(connection)
            periods.append({row[2] for row in built})
            build.build(
                connection,
                include,
                days=[date(2019, month, 15) for month in range(6, 12)] + [date(2020, 2, 15), date(2020, 3, 18)],
            )
            assert relief(connection) == built
        assert periods == [{date(2019, 7, 1), date(2020, 2, 1)}] * 2 + [{date(2020, 2, 1)}]
