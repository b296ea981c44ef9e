"""Works through submissions in order; files whose turn has not come are evaluated ahead of it.

Evaluating asks nothing of the files before, so it needs no turn. Whatever reads or writes the warehouse does: a file's turn begins once
all files before it are answered, and the department is locked and the submission's state is read in it.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import psycopg

from fugong.core.advisory_locks import DEPARTMENT_LOCK
from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.core.vocabulary import State
from fugong.intake.evaluate import Evaluation
from fugong.intake.prior_submissions import AskedBeforeItsTurn, BeforeItsTurn
from fugong.intake.processor import SubmissionProcessor
from fugong.intake.read_ahead import read_ahead, small_file
from fugong.intake.submissions import find_submission
from fugong.intake.types import Outcome, Submission
from fugong.reading.model import Reading
from fugong.reading.reader import ReaderBroken

Item = tuple[Submission, State]
MAX_FILES_AHEAD = 32
MAX_BYTES_AHEAD = 1 << 20
"""Of all files that are evaluated ahead of their turn, but for the last of them."""


class Turns(Protocol):
    """When the turns of this process's files begin."""

    def has_begun(self) -> bool:
        """Whether that of the next file has begun, or somebody waits for this process. Does not wait."""
        ...

    def wait(self) -> None:
        """Return when that of the next file has begun."""
        ...


@contextmanager
def lock_department(connection: psycopg.Connection, department: str) -> Iterator[None]:
    """Wait until no other run works on a department, and keep it locked until the end of the block."""
    connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department))
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department))


def work_through(
    settings: Settings,
    processor: SubmissionProcessor,
    connection: psycopg.Connection,
    items: Iterable[Item],
    turns: Turns | None = None,
) -> Iterator[Outcome | None]:
    """Process some submissions in order; None for those that were processed before.

    Args:
        turns: while that of the next file has not begun, small files are evaluated. None: it is always this process's turn.
    """
    is_last = False

    def watched() -> Iterator[Item]:
        """The submissions. One is asked for before the one before is handed out: so it is known which is the last."""
        nonlocal is_last
        yield from items
        is_last = True

    with (
        ExitStack() as all_ahead,
        closing(
            read_ahead(
                settings,
                processor.context.reader,
                watched(),
                lambda item: small_file(processor, *item),
                n_kept=1 if turns is None else MAX_FILES_AHEAD,
            )
        ) as readings,
    ):
        ahead: deque[_Ahead] = deque()
        all_ahead.callback(lambda: [one.close() for one in ahead])
        while not is_last or ahead:
            # Not asked for more than there is: then the streams of all readings would go.
            while not is_last and (not ahead or (turns is not None and _has_room(ahead) and not turns.has_begun())):
                for (submission, state), reading in itertools.islice(readings, 1):
                    ahead.append(_Ahead(submission, state, reading))
                    if turns is not None:
                        ahead[-1].evaluate(processor)
            if ahead:
                try:
                    yield _settle(processor, connection, ahead[0], turns)
                finally:
                    ahead.popleft().close()


def _has_room(ahead: Iterable[_Ahead]) -> bool:
    sizes = [one.size for one in ahead]
    return len(sizes) < MAX_FILES_AHEAD and sum(sizes) < MAX_BYTES_AHEAD


@dataclass
class _Ahead:
    """A file whose turn has not begun.

    Attributes:
        evaluation: None where it has to be evaluated in its turn.
        size: bytes of the file, where it is evaluated.
    """

    submission: Submission
    state: State
    reading: Future[Reading] | None
    evaluation: Evaluation | None = None
    size: int = 0
    _held: ExitStack = field(default_factory=ExitStack, repr=False)

    def evaluate(self, processor: SubmissionProcessor) -> None:
        """Evaluate a small file. What goes wrong is met again in its turn, when the files before it are answered."""
        if self.reading is None:
            return
        try:
            reading, file = self.reading.result(), processor.original(self.submission)
            self.size = file.stat().st_size
            self.evaluation = self._held.enter_context(processor.evaluated(self.submission, file, reading, BeforeItsTurn()))
        except (AskedBeforeItsTurn, ConfigurationError, OSError, ReaderBroken):
            self.evaluation = None

    def close(self) -> None:
        """Remove its working data."""
        self._held.close()


def _settle(processor: SubmissionProcessor, connection: psycopg.Connection, one: _Ahead, turns: Turns | None) -> Outcome | None:
    """Do what is left to do for a file, in its turn."""
    if turns is not None:
        turns.wait()
    with lock_department(connection, one.submission.department):
        _, state, is_answered = find_submission(connection, one.submission.submission_id)
        if state is not State.RECEIVED and is_answered:
            return None
        reading = None if one.reading is None else one.reading.result()
        return processor.process(one.submission, state, reading, one.evaluation)
