"""Two vintages of what analysts see, subtracted from each other and from the present, tell no amount."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from fugong.analysis import export
from fugong.core.settings import PROJECT, Settings
from fugong.marts import asof, open_table
from fugong.marts.model import Mart
from fugong.marts.open_cells import keys_of, value_columns
from fugong.marts.open_then import seen_then
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse.connection import connect
from tests.fixtures.random_districts import try_district
from tests.fixtures.vintages import attack_vintages

MARTS = [mart for mart in load_sql_files(PROJECT / "include" / "sql").marts if mart.is_open and open_table.is_protected(mart)]
QUICK = ("employment_daily", "fee_reduction", "loan_monthly", "stabilisation_daily", "utility_protection")
"""Marts whose random districts are protected within a second."""
MOMENTS = tuple(datetime(2020, 3, day, 15, tzinfo=UTC) for day in (7, 12))
Rows = dict[tuple[Any, ...], dict[str, Any]]


def by_key(mart: Mart, names: list[str], rows: Any) -> Rows:
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return {tuple(row[key] for key in keys_of(mart)): row for row in found}


@pytest.mark.parametrize("mart", [mart for mart in MARTS if mart.name in QUICK], ids=lambda mart: mart.name)
def test_what_one_firm_corrected_between_two_vintages_is_in_neither(mart: Mart) -> None:
    n_blank = 0
    for seed in range(2):
        found = try_district(mart, seed).vintages
        names = list(open_table.columns(mart))
        present = by_key(mart, names, ([row[name] for name in names] for row in found.shown))
        vintages = [by_key(mart, names, seen_then(mart, found.shown, then, found.now)) for then in (found.first, found.second)]
        for vintage in vintages:
            assert vintage
            for key, row in vintage.items():
                for name in (*value_columns(mart), *mart.rates):
                    assert row[name] in (None, present[key][name])
                    n_blank += row[name] is None and present[key][name] is not None
        for key, name in found.corrected:
            if key in vintages[0]:
                assert vintages[0][key][name] is None
        derived = attack_vintages(mart, found)
        assert derived
        assert all(one.is_safe for one in derived)
    assert n_blank > 0


def test_on_the_sample_every_value_of_a_vintage_is_shown_now(sample_district: Settings) -> None:
    n_shown = n_blank = 0
    with connect(sample_district) as connection:
        for mart in MARTS:
            days = export.days_to_replay(asof.reported_days(connection), mart, date(2020, 3, 1), date(2020, 3, 18))
            with export.open_mart(connection, mart, (date(2020, 3, 1), date(2020, 3, 18)), is_open=True) as table:
                names = [column.name for column in table.columns]
                present = by_key(mart, names, table.rows)
            for moment in MOMENTS:
                with export.replay_open_mart(connection, mart, days, (date(2020, 3, 1), date(2020, 3, 18)), moment) as table:
                    vintage = by_key(mart, names, table.rows)
                for key, row in vintage.items():
                    for name in value_columns(mart):
                        assert row[name] in (None, present[key][name]), (mart.name, key, name)
                        n_shown += row[name] is not None
                        n_blank += row[name] is None and present[key][name] is not None
    assert n_shown > 1000
    assert n_blank > 100
