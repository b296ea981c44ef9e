"""Loads past files in the order of a manifest, each as of the moment it arrived. Two processes evaluate the files of a long one.

Evaluating takes most of the time and asks nothing of the files before, so a second process evaluates every other file meanwhile
(`second_process`). Whatever reads or writes the warehouse waits for the file's turn, and a file's turn begins once all files before it are
answered: serials, ids and the log come out as with one process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg

import fugong
from fugong.core.advisory_locks import DEPARTMENT_LOCK
from fugong.core.errors import ConfigurationError, WarehouseError
from fugong.core.settings import Settings
from fugong.core.vocabulary import State
from fugong.intake.collect import Arrival, collect_arrival
from fugong.intake.processor import SubmissionProcessor
from fugong.intake.read_ahead import read_ahead, small_file
from fugong.intake.submissions import find_submission
from fugong.intake.types import Outcome, Submission
from fugong.reading.model import Reading
from fugong.warehouse.connection import connect_as_loader

Item = tuple[Submission, State]
OnOutcome = Callable[[Outcome], None]
MIN_FILES_FOR_TWO = 60
"""A second process needs two seconds to start, and a file a twentieth of one."""
PATIENCE = 30.0
"""Seconds for the second process to end by itself: it finishes the file that it has in hand."""


PASSED_ON = (ConfigurationError, WarehouseError, psycopg.OperationalError)
"""What the second process tells the first one, which raises it: the command ends as if it had met it itself."""


class SecondProcessDied(ChildProcessError):
    """The second process has ended before its files were done. What was settled stays; running the history again does the rest."""


class _SettledMeanwhile(Exception):
    """Another run has settled the submission while it was evaluated here."""


@contextmanager
def lock_department(connection: psycopg.Connection, department: str) -> Iterator[None]:
    """Wait until no other run works on a department, and keep it locked until the end of the block."""
    connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department))
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (DEPARTMENT_LOCK, department))


def ingest_history(
    settings: Settings, arrivals: list[Arrival], *, on_outcome: OnOutcome | None = None, processes: int | None = None
) -> list[Outcome]:
    """Load past files in the order of the manifest, each as of the moment it arrived; safe to run again.

    Args:
        processes: that evaluate files, one or two; None: two for a long history, where there are two processors.

    Raises:
        FileNotFoundError: a file is not in the inbox and was not collected before.
        ConfigurationError: after all others are loaded, for departments with a report that cannot be judged; their files stay where they are.
        WarehouseError, psycopg.OperationalError: the database is away, for either process.
        SecondProcessDied: it was killed, or broke on a fault of ours that it has printed.
    """
    out: list[Outcome] = []
    waiting: dict[str, ConfigurationError] = {}

    def collected(processor: SubmissionProcessor, connection: psycopg.Connection) -> Iterator[Item | FileNotFoundError]:
        for arrival in arrivals:
            try:
                processor.context.require_sound(arrival.department)
            except ConfigurationError as error:
                waiting[arrival.department] = error
                continue
            try:
                number = collect_arrival(connection, settings, arrival)
            except FileNotFoundError as error:  # raised once the files before are loaded
                yield error
                return
            submission, state, _ = find_submission(connection, number)
            yield submission, state

    def note(outcome: Outcome | None) -> None:
        if outcome is not None:
            out.append(outcome)
            if on_outcome is not None:
                on_outcome(outcome)

    with ExitStack() as stack:
        second = stack.enter_context(_Second.started(settings)) if (processes or _wanted_for(arrivals)) > 1 else None
        processor = stack.enter_context(SubmissionProcessor.open(settings))
        connection = stack.enter_context(connect_as_loader(settings, autocommit=True))
        items = collected(processor, connection)
        missing: FileNotFoundError | None = None

        def found(some: Iterable[Item | FileNotFoundError]) -> Iterator[Item]:
            nonlocal missing
            for item in some:
                if isinstance(item, FileNotFoundError):
                    missing = item
                    return
                yield item

        if second is None:
            for outcome in work_through(settings, processor, connection, found(items)):
                note(outcome)
        else:
            all_items = [*found(items)]  # in order, before any is settled: so are their numbers
            second.give(all_items[1::2])
            for outcome in work_through(settings, processor, connection, all_items[::2], lambda: second.await_turn(note)):
                note(outcome)
                second.pass_on()
            second.finish(note)
    if missing is not None:
        raise missing
    if waiting:
        raise ConfigurationError("\n".join(map(str, waiting.values())))
    return out


def _wanted_for(arrivals: Sequence[Arrival]) -> int:
    return 2 if len(arrivals) >= MIN_FILES_FOR_TWO and len(os.sched_getaffinity(0)) > 1 else 1


def work_through(
    settings: Settings,
    processor: SubmissionProcessor,
    connection: psycopg.Connection,
    items: Iterable[Item],
    await_turn: Callable[[], None] | None = None,
) -> Iterator[Outcome | None]:
    """Process some submissions in order; None for those that were processed before.

    Args:
        await_turn: returns once all files before this one are answered; small files are evaluated before it is called. None: it is
            always its turn.
    """
    with closing(read_ahead(settings, processor.context.reader, items, lambda item: small_file(processor, *item))) as ahead:
        for (submission, state), reading in ahead:
            with ExitStack() as held:
                turn = _Turn(connection, submission, held, await_turn)
                if await_turn is not None and state is State.RECEIVED and reading is not None:
                    try:
                        outcome = processor.process(submission, state, reading.result(), turn.begin_unsettled)
                    except _SettledMeanwhile:
                        outcome = turn.process(processor, None)
                else:
                    turn.begin()
                    outcome = turn.process(processor, None if reading is None else reading.result())
            yield outcome


class _Turn:
    """The turn of one file: it begins once all files before it are answered, and no other run works on its department."""

    def __init__(
        self, connection: psycopg.Connection, submission: Submission, held: ExitStack, await_turn: Callable[[], None] | None
    ) -> None:
        """Not begun.

        Args:
            held: keeps the department locked until the turn is over.
        """
        self._connection, self._submission, self._held, self._await_turn = connection, submission, held, await_turn
        self._begun: tuple[State, bool] | None = None

    def begin(self) -> tuple[State, bool]:
        """Wait for the turn, if it has not begun; return the state of the submission then, and whether it has its receipt."""
        if self._begun is None:
            if self._await_turn is not None:
                self._await_turn()
            self._held.enter_context(lock_department(self._connection, self._submission.department))
            _, state, is_answered = find_submission(self._connection, self._submission.submission_id)
            self._begun = state, is_answered
        return self._begun

    def begin_unsettled(self) -> None:
        """Wait for the turn.

        Raises:
            _SettledMeanwhile: another run has settled the submission.
        """
        if self.begin()[0] is not State.RECEIVED:
            raise _SettledMeanwhile

    def process(self, processor: SubmissionProcessor, reading: Reading | None) -> Outcome | None:
        """Do what is left to do, in its turn."""
        state, is_answered = self.begin()
        if state is not State.RECEIVED and is_answered:
            return None
        return processor.process(self._submission, state, reading)


class _Second:
    """The second process, as the first one sees it: it takes every other file."""

    def __init__(self, process: subprocess.Popen[bytes], connection: Connection) -> None:
        """Use `started` instead."""
        self._process, self._connection = process, connection
        self._n_left, self._is_first = 0, True

    @classmethod
    @contextmanager
    def started(cls, settings: Settings) -> Iterator[_Second]:
        """A second process with a warehouse connection and a reader of its own; it ends with the block."""
        ours, theirs = Pipe()
        with ours:
            with theirs:
                paths = [str(Path(fugong.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
                process = subprocess.Popen(
                    [sys.executable, "-m", "fugong.intake.second_process", str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                )
            second = cls(process, ours)
            try:
                ours.send(settings)
                yield second
            except ConnectionError as error:
                raise SecondProcessDied(second.obituary) from error
            finally:
                ours.close()  # it ends with the file that it has in hand
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    @property
    def obituary(self) -> str:
        """What to say where it died."""
        return (
            f"补录的第二个进程中断(退出状态 {self._process.poll()}),已入库的都在,重新补录即接着办 | the second process of the history ended "
            f"early (exit status {self._process.poll()}): what was settled stays; run the history again for the rest"
        )

    def give(self, items: Sequence[Item]) -> None:
        """Give it its files."""
        self._n_left = len(items)
        self._connection.send(list(items))

    def await_turn(self, note: Callable[[Outcome | None], None]) -> None:
        """Wait until it has answered the file before ours, and note what became of that."""
        if self._is_first:
            self._is_first = False
            return
        try:
            answer: Outcome | ConfigurationError | WarehouseError | psycopg.OperationalError | None = self._connection.recv()
        except (EOFError, ConnectionError) as error:
            raise SecondProcessDied(self.obituary) from error
        self._n_left -= 1
        if isinstance(answer, PASSED_ON):
            raise answer
        note(answer)

    def pass_on(self) -> None:
        """Tell it that our file is answered: its next one has its turn."""
        if self._n_left:
            self._connection.send(None)

    def finish(self, note: Callable[[Outcome | None], None]) -> None:
        """Wait for its last file, where that is the last of all."""
        if self._n_left:
            self.await_turn(note)
