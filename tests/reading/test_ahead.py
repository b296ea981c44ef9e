"""What an iterator gives is taken ahead, in a thread."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import pytest

from fugong.reading.worker.ahead import MAX_AHEAD, taken_ahead


def threads() -> set[threading.Thread]:
    """Those that run now."""
    return set(threading.enumerate())


def until(n: int, error: BaseException | None = None) -> Iterator[int]:
    """So many numbers, and then perhaps an error."""
    yield from range(n)
    if error is not None:
        raise error


def test_all_comes_in_its_order() -> None:
    with taken_ahead(until(100)) as numbers:
        assert [*numbers] == [*range(100)]


@pytest.mark.parametrize("error", [ValueError("line 7"), MemoryError("no more")])
def test_an_error_comes_after_all_that_came_before_it(error: BaseException) -> None:
    before, found = threads(), list[int]()
    with pytest.raises(type(error)) as raised, taken_ahead(until(7, error)) as numbers:
        for number in numbers:
            time.sleep(0.01)  # the error is known long before
            found.append(number)
    assert found == [*range(7)]
    assert raised.value is error
    assert threads() == before


def test_no_more_is_taken_ahead_than_may_wait() -> None:
    n_given = 0

    def counted() -> Iterator[int]:
        nonlocal n_given
        for number in itertools.count():
            n_given = number + 1
            yield number

    with taken_ahead(counted()) as numbers:
        for taken in itertools.islice(numbers, 20):
            time.sleep(0.01)
            # One is in our hands.
            assert taken < n_given <= taken + 1 + MAX_AHEAD
        assert n_given > 20


def test_the_thread_ends_with_the_block_although_there_is_more() -> None:
    before = threads()
    with pytest.raises(KeyError), taken_ahead(itertools.count()) as numbers:
        assert next(numbers) == 0
        assert len(threads() - before) == 1
        raise KeyError
    assert threads() == before
