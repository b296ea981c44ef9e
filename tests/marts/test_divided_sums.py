"""A sum that another mart divides bounds the parts that the other one hides: it is shown where it leaves enough room for each of them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from fugong.core.settings import PROJECT
from fugong.marts.firms_behind import FirmsBehind, Key, Parts
from fugong.marts.open_cells import MARGIN, Row, bounds, keys_of, tells
from fugong.marts.protected import protect
from fugong.marts.sql_files import load_sql_files

FILES = load_sql_files(PROJECT / "include" / "sql")
RELIEF = FILES.mart("fee_reduction")
MONTH = date(2020, 3, 1)


def parts_of(amounts: list[float]) -> Parts:
    largest, second, *_ = (*sorted(amounts, reverse=True), 0.0, 0.0)
    return Parts(len(amounts), largest, sum(amounts), second)


def test_a_sum_that_is_shown_leaves_room_for_every_part_that_tells_a_firm() -> None:
    random = np.random.default_rng(1)
    n_parts = n_hidden_sums = 0
    for _ in range(2_000):
        amounts = list(10.0 ** random.uniform(0, 2, int(random.integers(3, 12))))
        of_part = random.integers(3, size=len(amounts))
        if bounds(parts_of(amounts)):
            n_hidden_sums += 1
            continue
        for part in range(3):
            inside = [amount for amount, number in zip(amounts, of_part, strict=True) if number == part]
            if tells(parts_of(inside)):
                n_parts += 1
                assert sum(amounts) - sum(inside) >= MARGIN * max(inside) * (1 - 1e-9)
    assert n_parts > 500
    assert n_hidden_sums > 300


@pytest.mark.parametrize(("is_divided", "is_hidden"), [(True, True), (False, False)])
def test_such_a_sum_is_hidden_where_another_mart_divides_it(*, is_divided: bool, is_hidden: bool) -> None:
    # Three firms, and none has four fifths: but the second one knows that the first has at most 80 of 75.
    keys: list[Key] = [(MONTH, "P23", "MATCH"), (MONTH, "P23", "ALL")]
    amounts = {"base_qty": 100.0, "computed": 100.0, "claimed": 100.0}
    rows: dict[Key, Row] = {key: dict(zip(keys_of(RELIEF), key, strict=True)) | amounts | {"n_enterprises": 3} for key in keys}
    levels = {key: {column: parts_of([75.0, 20.0, 5.0]) for column in amounts} for key in keys}
    protection = protect(RELIEF, rows, FirmsBehind(dict.fromkeys(keys, 3), levels), is_divided=is_divided)
    assert [protection.is_hidden(keys[1], column) for column in amounts] == [is_hidden] * 3
    assert protection.is_hidden(keys[0], "claimed") == is_hidden  # the one status would tell the sum


def test_the_marts_whose_sums_others_divide_are_these() -> None:
    assert {mart.name for mart in FILES.marts if FILES.is_divided(mart)} == {"fee_reduction"}
