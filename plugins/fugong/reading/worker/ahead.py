"""Takes what an iterator gives in a thread, a few items ahead: Arrow parses a block while the one before is written."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
MAX_AHEAD = 4
"""Items that wait: of blocks of a text they cost 28 MB, and with more nothing is faster."""


@dataclass(frozen=True)
class _End:
    """What ended the iterator; None: it gave all."""

    error: BaseException | None


@contextmanager
def taken_ahead(items: Iterable[T]) -> Iterator[Iterator[T]]:
    """What `items` gives, in its order; the thread has ended when the block ends, also where not all was taken.

    What `items` raises is raised where it is asked for the item that did not come, after all that came before.
    """
    waiting: queue.Queue[T | _End] = queue.Queue(MAX_AHEAD)
    is_over = threading.Event()

    def take() -> None:
        error = None
        try:
            for item in items:
                waiting.put(item)
                if is_over.is_set():
                    return
        except BaseException as raised:  # noqa: BLE001  (raised again in the caller's thread)
            error = raised
        waiting.put(_End(error))

    def given() -> Iterator[T]:
        while not isinstance(item := waiting.get(), _End):
            yield item
        if item.error is not None:
            raise item.error

    thread = threading.Thread(target=take, name="ahead", daemon=True)
    thread.start()
    try:
        yield given()
    finally:
        is_over.set()
        while thread.is_alive():  # it may wait for room
            while not waiting.empty():
                waiting.get()
            thread.join(0.01)
