"""What a reader derives of hidden cells, and which further cells are hidden for it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fugong.disclosure.attack import attack, find_unsafe
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


def counts(random: np.random.Generator, *, beside: float) -> tuple[System, np.ndarray]:
    """A table of counts of a few firms, every cell a secret and half of all cells hidden; perhaps a great amount that every count belongs to."""
    cells = random.integers(1, 5, (4, 3)).astype(float)
    builder = Builder()
    places = list(itertools.product(range(4), range(3)))
    for place in places:
        builder.add(place, float(cells[place]))
    for row in range(4):
        builder.add((row, "all"), float(cells[row].sum()))
        builder.relate({(row, "all"): -1.0} | {(row, column): 1.0 for column in range(3)})
    for column in range(3):
        builder.add(("all", column), float(cells[:, column].sum()))
        builder.relate({("all", column): -1.0} | {(row, column): 1.0 for row in range(4)})
    if beside:
        builder.add("amount", beside)
        for place in places:
            builder.relate({place: 1.0, "amount": -1.0}, between=(-2 * beside, 0.0))
    for place in places:
        builder.keep_secret(place, 0.2 * float(cells[place]))
    system = builder.build()
    hidden = np.array([isinstance(name, tuple) and "all" not in name and name[0] != "slack" for name in system.names])
    return system, hidden & (random.random(len(hidden)) < 0.6)


@pytest.mark.parametrize("beside", [1e4, 1e8, 1e10])
@pytest.mark.parametrize("seed", range(8))
def test_counts_are_derived_as_closely_beside_a_great_amount(seed: int, beside: float) -> None:
    near, hidden = counts(np.random.default_rng(seed), beside=0.0)
    far, hidden_beside = counts(np.random.default_rng(seed), beside=beside)
    hidden_beside[: len(hidden)] = hidden
    expected = {near.names[one.secret.cell]: one.reach for one in attack(near, hidden)}
    found = {far.names[one.secret.cell]: one.reach for one in attack(far, hidden_beside)}
    assert found.keys() == expected.keys()
    assert len(found) == 12
    for name, reach in found.items():
        assert reach == pytest.approx(expected[name], abs=1e-3)


@pytest.mark.parametrize("beside", [1e12, 1e13, 1e15])
@pytest.mark.parametrize("seed", range(8))
def test_counts_that_are_dust_beside_an_amount_are_not_taken_to_be_safe(seed: int, beside: float) -> None:
    near, hidden = counts(np.random.default_rng(seed), beside=0.0)
    far, hidden_beside = counts(np.random.default_rng(seed), beside=beside)
    hidden_beside[: len(hidden)] = hidden
    unsafe = {near.names[one.secret.cell] for one in attack(near, hidden) if not one.is_safe}
    found = {far.names[one.secret.cell] for one in attack(far, hidden_beside) if not one.is_safe}
    assert found >= unsafe


@pytest.mark.parametrize("seed", range(8))
def test_points_that_were_found_for_other_secrets_decide_as_the_solver_does(seed: int) -> None:
    random = np.random.default_rng(seed)
    system, _ = counts(random, beside=1e8)
    is_count = np.array([isinstance(name, tuple) and "all" not in name and name[0] != "slack" for name in system.names])
    n_unsafe = 0
    for _ in range(5):
        hidden = is_count & (random.random(len(is_count)) < 0.6)
        once = find_unsafe(system, hidden)
        again = find_unsafe(system, hidden)
        solved = {one.secret.cell for one in attack(system, hidden) if not one.is_safe}
        n_unsafe += len(solved)
        assert {one.secret.cell for one in once} == solved
        assert [(one.secret, one.reach) for one in again] == [(one.secret, one.reach) for one in once]
        assert all(np.array_equal(one.weights, other.weights) for one, other in zip(once, again, strict=True))
    assert 0 < n_unsafe < 5 * 12
