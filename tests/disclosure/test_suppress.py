"""What a reader derives of hidden cells, and which further cells are hidden for it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fugong.disclosure.attack import attack
from fugong.disclosure.suppress import suppress
from fugong.disclosure.system import Builder, System

SEEDS = range(3)


def table(cells: np.ndarray, *, secret: tuple[int, int], margin: float, rounded_to: float = 0.0) -> System:
    """A table of amounts with totals of rows, of columns and of all."""
    builder = Builder()
    n_rows, n_columns = cells.shape
    places = list(itertools.product(range(n_rows), range(n_columns)))
    for place in places:
        builder.add(place, float(cells[place]), rounded_to=rounded_to)
    for row in range(n_rows):
        builder.add((row, "all"), float(cells[row].sum()), rounded_to=rounded_to)
        builder.relate({(row, "all"): -1.0} | {(row, column): 1.0 for column in range(n_columns)})
    for column in range(n_columns):
        builder.add(("all", column), float(cells[:, column].sum()), rounded_to=rounded_to)
        builder.relate({("all", column): -1.0} | {(row, column): 1.0 for row in range(n_rows)})
    builder.keep_secret(secret, margin)
    return builder.build()


def hidden_of(system: System, *names: object) -> np.ndarray:
    return np.array([name in names for name in system.names])


def test_a_cell_hidden_alone_is_derived_from_its_total() -> None:
    system = table(np.array([[10.0, 20.0], [30.0, 40.0]]), secret=(0, 0), margin=2.0)
    (found,) = attack(system, hidden_of(system, (0, 0)))
    assert found.reach == pytest.approx((0, 0), abs=1e-6)
    assert not found.is_safe


def test_four_cells_in_a_rectangle_protect_each_other() -> None:
    system = table(np.array([[10.0, 20.0], [30.0, 40.0]]), secret=(0, 0), margin=2.0)
    (found,) = attack(system, hidden_of(system, (0, 0), (0, 1), (1, 0), (1, 1)))
    assert found.reach == pytest.approx((10, 20), rel=1e-6)
    assert found.is_safe


def test_rounding_protects_what_is_smaller_than_its_base() -> None:
    cells = np.array([[3.0, 517.0], [842.0, 1290.0]])
    system = table(cells, secret=(0, 0), margin=0.6, rounded_to=10.0)
    (found,) = attack(system, hidden_of(system, (0, 0)))
    assert found.is_safe


@pytest.mark.parametrize("seed", SEEDS)
def test_no_choice_loses_less(seed: int) -> None:
    random = np.random.default_rng(seed)
    cells = random.integers(5, 100, (3, 3)).astype(float)
    system = table(cells, secret=(int(random.integers(3)), int(random.integers(3))), margin=5.0)
    inner = [at for at, name in enumerate(system.names) if isinstance(name, tuple) and "all" not in name]
    decision = np.full(len(system.names), -1, dtype=np.intp)
    decision[inner] = np.arange(len(inner))
    weights = random.integers(1, 9, len(inner)).astype(float)
    forced = np.array([system.secrets[0].cell == at for at in inner])
    choice = suppress([system], [decision], weights, forced)

    def is_safe(hidden: np.ndarray) -> bool:
        return all(one.is_safe for one in attack(system, (decision >= 0) & hidden[decision]))

    assert is_safe(choice.hidden)
    assert choice.n_open == 0
    every = (np.array(bits) for bits in itertools.product([False, True], repeat=len(inner)))
    best = min(float(weights[hidden].sum()) for hidden in every if np.all(hidden[forced]) and is_safe(hidden))
    assert choice.loss == pytest.approx(best)
    assert choice.least_loss == pytest.approx(best)


def test_what_cannot_be_protected_is_counted() -> None:
    builder = Builder()
    builder.add("whole", 10.0)
    builder.add("part", 10.0)
    builder.relate({"whole": 1.0, "part": -1.0})
    builder.keep_secret("part", 2.0)
    system = builder.build()
    choice = suppress([system], [np.array([-1, 0])], np.ones(1), np.array([True]))
    assert choice.n_open == 1


def test_a_relation_that_the_truth_breaks_is_none() -> None:
    builder = Builder()
    builder.add("whole", 10.0)
    builder.add("part", 7.0)
    builder.relate({"whole": 1.0, "part": -1.0}, between=(0.0, 1.0))
    system = builder.build()
    assert system.relations @ system.truth == pytest.approx(np.zeros(1))
    builder.keep_secret("part", 2.0)
    (found,) = attack(builder.build(), np.array([False, True, False]))
    assert found.reach == pytest.approx((0, 3))
