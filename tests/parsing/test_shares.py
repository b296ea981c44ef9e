"""Shares: what unsigned numbers mean is decided once for a whole column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pytest

from fugong.contracts.contract import Column
from fugong.parsing.cells import type_column
from fugong.parsing.shares import FRACTION, PER_MILLE, PERCENT, Seen, ShareScale, as_fractions, decide
from tests.parsing.test_cells import SHARE

CAPACITY = replace(SHARE, minimum=0, maximum=1.5)
INTEREST = replace(SHARE, minimum=0.001, maximum=0.36)
AWARD = replace(SHARE, minimum=0.05, maximum=1)


def scale(column: Column, values: Sequence[float], declared: str | None) -> ShareScale:
    seen = Seen()
    for value in values:
        seen.add(column, pa.array([value], pa.float64()))
    return decide(seen, declared)


@pytest.mark.parametrize(
    ("column", "values", "declared", "factor", "code"),
    [
        (CAPACITY, [1, 0.5, 1.2, 85.5, 100], "%", PERCENT, "small-percent"),
        (CAPACITY, [0.9, 95], "%", PERCENT, "small-percent"),
        (CAPACITY, [85, 95], "%", PERCENT, None),
        (CAPACITY, [1, 1, 0.8], "%", PERCENT, "share-scale-doubt"),
        (CAPACITY, [1.2, 0.8], "%", PERCENT, "share-scale"),
        (CAPACITY, [0.85], "%", PERCENT, "share-scale-doubt"),
        (CAPACITY, [1, 1], None, FRACTION, "share-scale-doubt"),
        (CAPACITY, [1, 0.9], None, FRACTION, "share-scale"),
        (INTEREST, [1, 0.85, 3.15], "%", PERCENT, None),
        (INTEREST, [1], "%", PERCENT, None),
        (INTEREST, [0.0435, 0.0315], "%", FRACTION, "share-scale"),
        (INTEREST, [0.16, 0.08], "%", FRACTION, "share-scale"),
        (INTEREST, [3, 1], "%", PERCENT, None),
        (INTEREST, [], "%", PERCENT, None),
        (INTEREST, [4.35, 3.15], None, PERCENT, None),
        (INTEREST, [0.0435, 0.0315], None, FRACTION, None),
        (INTEREST, [0.0435, 3.15], None, None, None),
        (INTEREST, [0.0435, 3.15], "%", PERCENT, None),
        (AWARD, [20, 25, 10, 1], None, PERCENT, None),
        (AWARD, [0.2, 0.25, 0.3, 90], None, FRACTION, None),
        (AWARD, [20, 1], None, PERCENT, "share-scale-doubt"),
        (AWARD, [80, 70, 1], None, None, None),
        (CAPACITY, [0.85, 0.9, 200, 260], None, PERCENT, "share-scale-doubt"),
        (CAPACITY, [0.85, 0.9], None, FRACTION, "share-scale"),
        (CAPACITY, [85, 90], None, PERCENT, None),
        (INTEREST, [43.5], "‰", PER_MILLE, None),
    ],
)
def test_the_scale_is_that_of_the_whole_column(
    column: Column, values: Sequence[float], declared: str | None, factor: Decimal | None, code: str | None
) -> None:
    found = scale(column, values, declared)
    assert (found.factor, found.code) == (factor, code)


def test_where_nobody_may_be_asked_an_open_scale_is_told() -> None:
    seen = Seen()
    seen.add(CAPACITY, pa.array([0.85, 0.9]))
    found = decide(seen, "%", may_ask=False)
    assert (found.factor, found.code, found.after) == (PERCENT, "share-scale", "0.85%")


def test_a_percent_that_may_be_a_fraction_is_told_with_its_reading() -> None:
    rates = replace(SHARE, minimum=0.00003, maximum=0.45)
    found = scale(rates, [3, 0.03], "%")
    assert (found.factor, found.code, found.example, found.after) == (PERCENT, "small-percent", "0.03", "0.03%")


def test_the_reduced_rate_of_march_2020_is_one_percent_beside_three() -> None:
    found = type_column(INTEREST, pa.array(["3", "1"]), None, None, scale_of_shares=scale(INTEREST, [3, 1], "%"))
    assert found.values.to_pylist() == [Decimal("0.03000"), Decimal("0.01000")]


def test_a_cell_with_its_own_sign_stays_what_it_says() -> None:
    percents = ShareScale(PERCENT, is_declared=True)
    found = type_column(CAPACITY, pa.array(["85%", "90", "0.5%", "８５％", "850‰"]), None, None, scale_of_shares=percents)
    assert [str(value.normalize()) for value in found.values.to_pylist()] == ["0.85", "0.9", "0.005", "0.85", "0.85"]


def test_a_number_that_makes_sense_only_in_the_other_scale_goes_back() -> None:
    percents = ShareScale(PERCENT, is_declared=True)
    numbers = pa.array([Decimal("3.15"), Decimal("0.0435")], pa.decimal128(38, 10))
    _, doubtful = as_fractions(INTEREST, numbers, numbers.is_valid().to_numpy(zero_copy_only=False), percents)
    assert [(item.code, item.positions.tolist(), item.details) for item in doubtful] == [
        ("doubtful-share", [1], ({"one": "4.35%", "other": "0.0435%"},))
    ]


def test_where_nothing_is_declared_each_number_may_make_sense_in_one_way_only() -> None:
    found = type_column(INTEREST, pa.array(["0.0435", "3.15"]), None, None)
    assert [str(value) for value in found.values.to_pylist()] == ["0.04350", "0.03150"]


@pytest.mark.parametrize(
    ("column", "cells", "at"),
    [
        (AWARD, ["20", "25", "1"], [2]),
        (AWARD, ["0.2", "0.25", "90"], [2]),
        (AWARD, ["20", "25", "10", "0.03"], [3]),
        (CAPACITY, ["0.85", "0.9", "0.8", "0.7", "0.6", "0.5", "0.95", "0.9", "0.9", "200"], [9]),
        (AWARD, ["80", "0.7", "0.75", "0.01"], [3]),
    ],
)
def test_a_number_that_is_like_no_other_or_makes_no_sense_goes_back(column: Column, cells: list[str], at: list[int]) -> None:
    found = type_column(column, pa.array(cells), None, None, scale_of_shares=scale(column, [float(cell) for cell in cells], None))
    assert [(item.code, item.positions.tolist()) for item in found.unreadable] == [("doubtful-share", at)]


def test_where_nothing_is_declared_a_small_number_among_percents_is_doubtful() -> None:
    found = type_column(CAPACITY, pa.array(["85", "90", "0.9"]), None, None)
    assert [(item.code, item.positions.tolist()) for item in found.unreadable] == [("doubtful-share", [2])]


def test_where_nothing_is_declared_a_number_above_one_among_percents_is_doubtful_if_the_range_allows_it() -> None:
    found = type_column(CAPACITY, pa.array(["85", "90", "1.2"]), None, None)
    assert [(item.code, item.positions.tolist()) for item in found.unreadable] == [("doubtful-share", [2])]
