"""Takes what an iterator gives in a thread, a few items ahead: Arrow parses a block while the one before is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
MAX_AHEAD = 4
"""Items that wait: of blocks of a text they cost 28 MB, and with more nothing is faster."""


class End:
    """Stands for the end of what is given."""


@contextmanager
def taken_ahead(items: Iterable[T]) -> Iterator[Iterator[T]]:
    """What `items` gives, in its order; the thread has ended when the block ends, also where not all was taken.

    What `items` raises is raised where it is asked for the item that did not come, after all that came before.
    """
    source, end = iter(items), End()
    thread = ThreadPoolExecutor(1, "ahead")

    def given() -> Iterator[T]:
        waiting = deque(thread.submit(next, source, end) for _ in range(MAX_AHEAD))
        while not isinstance(item := waiting.popleft().result(), End):
            waiting.append(thread.submit(next, source, end))
            yield item

    try:
        yield given()
    finally:
        thread.shutdown(cancel_futures=True)
