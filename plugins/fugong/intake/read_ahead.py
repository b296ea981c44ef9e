"""Reads the next file in its child while the last one is judged: a machine with two cores works on both."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from fugong.core.settings import Settings
from fugong.core.vocabulary import State
from fugong.intake.processor import SubmissionProcessor, working_folder
from fugong.intake.types import Submission
from fugong.reading.model import Reading
from fugong.reading.reader import Reader

T = TypeVar("T")
ToRead = tuple[Path, str]
"""A file, and its name for our log."""
MAX_BYTES_AHEAD = 8 << 20
"""A larger file is read when its turn has come: two large files at once would take too much memory."""


def small_file(processor: SubmissionProcessor, submission: Submission, state: State) -> ToRead | None:
    """The file of a submission that is still to be loaded, if it is small enough to be read ahead."""
    if state is not State.RECEIVED or submission.sha256 is None:
        return None
    file = processor.original(submission)
    return (file, submission.file_name) if file.exists() and file.stat().st_size <= MAX_BYTES_AHEAD else None


def read_ahead(
    settings: Settings, reader: Reader, items: Iterable[T], file_of: Callable[[T], ToRead | None], *, n_kept: int = 1
) -> Generator[tuple[T, Future[Reading] | None], None, None]:
    """The items in order, each with the reading of its file; that of the next has begun when an item is handed out.

    To be closed: then a reading that has begun is given up.

    Args:
        file_of: None where an item has no file to be read ahead.
        n_kept: readings whose streams last: those of the last item handed out go when so many more are asked for.
    """
    remaining = iter(items)
    with ExitStack() as folders, ThreadPoolExecutor(1, "reading-ahead") as thread:  # no folder goes before its reading has ended

        def begin() -> tuple[T, Future[Reading] | None, ExitStack] | None:
            for item in remaining:
                own = folders.enter_context(ExitStack())
                wanted = file_of(item)
                if wanted is None:
                    return item, None, own
                return item, thread.submit(reader.read, *wanted, own.enter_context(working_folder(settings))), own
            return None

        begun: list[Future[Reading]] = []
        kept: deque[ExitStack] = deque()
        upcoming = begin()
        try:
            while upcoming is not None:
                item, reading, own = upcoming
                upcoming = begin()
                begun = [one for one in (reading, upcoming and upcoming[1]) if one is not None]
                yield item, reading
                if reading is not None:
                    wait((reading,))
                kept.append(own)
                if len(kept) >= n_kept:
                    kept.popleft().close()
        finally:
            unfinished = [one for one in begun if not one.cancel() and not one.done()]
            if unfinished:  # whoever asked has ended early
                reader.abandon()
