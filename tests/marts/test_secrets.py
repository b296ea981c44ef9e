"""What has to be protected: amounts of few firms, and what few firms leave of a whole; not the whole of many firms beside it."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from fugong.core.settings import PROJECT
from fugong.marts.firms_behind import FirmsBehind, Key, Parts
from fugong.marts.open_attack import attack_rows
from fugong.marts.open_cells import keys_of
from fugong.marts.protected import protect
from fugong.marts.sql_files import load_sql_files

RESUMPTION, SUPPLY = map(load_sql_files(PROJECT / "include" / "sql").mart, ("resumption_daily", "supply"))


def test_people_of_all_firms_are_shown_where_all_but_one_have_resumed() -> None:
    key: Key = (date(2020, 3, 18), "industry", "total", "ALL")
    row = dict.fromkeys(RESUMPTION.columns) | dict(zip(keys_of(RESUMPTION), key, strict=True))
    row |= {"n_register": 30, "n_should": 30, "n_exempt": 0, "n_resumed": 29, "n_on_post": 30, "n_with_headcount": 30}
    row |= {"on_post": 3_000, "on_post_resumed": 2_960, "largest_on_post": 300}
    row |= {"normal_headcount": 4_000, "normal_headcount_resumed": 3_900, "largest_headcount": 400}
    levels = {
        "on_post": Parts(30, 300.0, 3_000.0, 250.0),
        "on_post_resumed": Parts(29, 300.0, 2_960.0, 250.0),
        "on_post - on_post_resumed": Parts(1, 40.0, 40.0, 0.0),
        "normal_headcount": Parts(30, 400.0, 4_000.0, 350.0),
        "normal_headcount_resumed": Parts(29, 400.0, 3_900.0, 350.0),
        "normal_headcount - normal_headcount_resumed": Parts(1, 100.0, 100.0, 0.0),
    }
    protection = protect(RESUMPTION, {key: row}, FirmsBehind({key: 30}, {key: levels}))
    hidden = {column for column in levels if column in RESUMPTION.columns and protection.is_hidden(key, column)}
    assert hidden == {"on_post_resumed", "normal_headcount_resumed"}
    attacked = list(attack_rows([protection]))
    assert {one.column for one in attacked} == {
        "left on_post - on_post_resumed",
        "left normal_headcount - normal_headcount_resumed",
    }
    assert all(one.is_safe for one in attacked)


@pytest.mark.parametrize("first", [0.5, 39.27, 4_000.0])
def test_a_great_change_of_one_firm_is_lost_after_a_small_one(first: float) -> None:
    # A series that is rounded for the sake of the small change has to become as coarse as the great one asks for.
    costs = [544_140.82, 544_140.82 + first, 989_047.87]
    keys: list[Key] = [(date(2020, 3, 29 + number), "口罩") for number in range(3)]
    rows = {
        key: dict.fromkeys(SUPPLY.columns)
        | dict(zip(keys_of(SUPPLY), key, strict=True))
        | {"cost": cost, "n_demanding": 5, "n_makers": 5}
        for key, cost in zip(keys, costs, strict=True)
    }
    levels = {key: {"cost": Parts(5, cost / 4, cost, cost / 4)} for key, cost in zip(keys, costs, strict=True)}
    moved = [after - before for before, after in itertools.pairwise(costs)]
    changes = {key: {"cost": Parts(1, change, change, 0.0)} for key, change in zip(keys[1:], moved, strict=True)}
    protection = protect(SUPPLY, rows, FirmsBehind(dict.fromkeys(keys, 5), levels, changes))
    attacked = [one for one in attack_rows([protection]) if one.is_change]
    assert [one.largest for one in attacked] == pytest.approx(moved)
    assert all(one.is_safe for one in attacked)
    assert all(protection.shown(key, "cost") is not None for key in keys)
