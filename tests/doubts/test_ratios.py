"""Which ratios to the line before stand out."""

from __future__ import annotations

import numpy as np

from fugong.doubts.district import Bounds
from fugong.doubts.ratios import outlying

N = 120

DEFAULT = Bounds()


def firms(seed: int = 1, noise: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """What firms of different sizes had, and have a day later."""
    random = np.random.default_rng(seed)
    before = 10.0 ** random.uniform(2.5, 4.5, N)
    return before, before * random.lognormal(0, noise, N)


def found(now: np.ndarray, before: np.ndarray, bounds: Bounds = DEFAULT) -> set[int]:
    return set(np.flatnonzero(outlying(now, before, bounds)).tolist())


def test_a_slip_of_one_firm_stands_out() -> None:
    before, now = firms()
    assert found(now, before) == set()
    middle = int(np.argsort(before)[N // 2])
    for factor in (10, 0.1, 10_000, 0.0001):
        slipped = now.copy()
        slipped[middle] *= factor
        assert found(slipped, before) == {middle}, factor


def test_a_large_firm_is_held_to_less_than_a_small_one() -> None:
    before, now = firms()
    smallest, largest = int(np.argmin(before)), int(np.argmax(before))
    for factor, outcome in ((1.5, {largest}), (12, {smallest, largest})):
        slipped = now.copy()
        slipped[[smallest, largest]] *= factor
        assert found(slipped, before) == outcome, factor
    slipped = now.copy()
    slipped[[smallest, largest]] *= 1.5
    assert found(slipped, before, Bounds(size_exponent=0, bound=6)) == {smallest, largest}


def test_all_firms_moving_together_is_no_slip() -> None:
    before, now = firms()
    assert found(now * 10, before) == set()


def test_where_hardly_anything_moves_small_changes_do_not_stand_out() -> None:
    before, _ = firms()
    order = np.argsort(before)
    now = before.copy()
    now[order[60]] *= 1.1
    assert found(now, before) == set()
    now[order[60]] *= 10
    assert found(now, before) == {int(order[60])}


def test_the_unit_of_a_column_does_not_matter() -> None:
    before, now = firms()
    now[[3, 50]] *= 10
    assert found(now, before) == found(now * 10_000, before * 10_000) == {3, 50}


def test_slips_in_a_short_list_do_not_hide_each_other() -> None:
    before = np.array([70, 166, 135, 90, 210, 55, 120, 180], dtype=float)
    now = before * np.array([0.1, 1.02, 10, 0.98, 1.01, 1.03, 0.1, 0.99])
    assert found(now, before) == {0, 2, 6}


def test_no_or_few_lines_are_no_error() -> None:
    assert found(np.array([]), np.array([])) == set()
    assert found(np.array([1000.0]), np.array([10.0])) == set()
