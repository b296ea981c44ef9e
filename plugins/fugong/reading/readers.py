"""Readers that are lent: a fork server takes longer to start than most files take to be read, so it outlives a department's turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Self

from fugong.reading.reader import Reader


class Readers:
    """Lends readers, as many as are wanted at once; of those that came back the next one is lent.

    ```python
    with Readers() as readers, readers.lent() as reader:
        reading = reader.read(path, "R01 3.18.xls", into=folder)
    ```
    """

    def __init__(self) -> None:
        self._made = ExitStack()
        self._free: list[Reader] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all, those included that are still lent."""
        self._made.close()

    def start(self) -> None:
        """Start a fork server now, so that the first file does not wait for it."""
        with self.lent() as reader:
            reader.start()

    @contextmanager
    def lent(self) -> Iterator[Reader]:
        """A reader for the block. One that was abandoned in it reads again."""
        reader = self._free.pop() if self._free else self._made.enter_context(Reader())
        try:
            yield reader
        finally:
            self._free.append(reader)
