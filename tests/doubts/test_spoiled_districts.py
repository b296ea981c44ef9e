"""The first calls hold the error in print of a simulated district; `make prove ARGS=doubts` tries a hundred."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.doubts.spoiled_districts import make_district, try_district
from tests.fixtures.databases import copy_database


def test_ten_calls_hold_the_error_in_print(empty_warehouse: tuple[Path, str]) -> None:
    home, template = empty_warehouse
    copy_database(home, "empty", "empty_doubts")  # what is rolled back uses up numbers that other tests count from 1
    with psycopg.connect(template.rpartition("/")[0] + "/empty_doubts") as connection:
        connection.execute("SET TIME ZONE 'Asia/Shanghai'")
        connection.commit()
        tried = try_district(connection, make_district(18))
    assert tried.n_errors >= 4
    assert tried.n_wrong >= 1
    assert tried.held >= 0.9
