"""Loads past files in the order of a manifest, each as of the moment it arrived. Two processes share the files of a long one.

Evaluating takes most of the time and asks nothing of the files before, so a second process takes every other file (`second_process`), and
each evaluates its files ahead of their turns (`in_turns`). Serials, ids and the log come out as with one process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg

import fugong
from fugong.core.errors import ConfigurationError, WarehouseError
from fugong.core.settings import Settings
from fugong.intake.collect import Arrival, collect_arrival
from fugong.intake.in_turns import Item, work_through
from fugong.intake.judge import ToJudge, judged
from fugong.intake.processor import SubmissionProcessor
from fugong.intake.submissions import find_submission
from fugong.intake.types import Outcome
from fugong.validation.suite import Suite
from fugong.warehouse.connection import connect_as_loader

OnOutcome = Callable[[Outcome], None]
MIN_FILES_FOR_TWO = 60
"""A second process needs two seconds to start, and a file a twentieth of one."""
PATIENCE = 30.0
"""Seconds for the second process to end by itself: it finishes the file that it has in hand."""


PASSED_ON = (ConfigurationError, WarehouseError, psycopg.OperationalError)
"""What the second process tells the first one, which raises it: the command ends as if it had met it itself."""


class SecondProcessDied(ChildProcessError):
    """The second process has ended before its files were done. What was settled stays; running the history again does the rest."""


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
            own: list[Item] = []
            for number, item in enumerate(found(items)):  # in order, before any is settled: so are their numbers
                if number % 2:
                    second.give(item)
                else:
                    own.append(item)
            second.give(None)
            turns = second.turns(processor.context.suites, note)
            for outcome in work_through(settings, processor, connection, own, turns):
                note(outcome)
                turns.pass_on()
            turns.finish()
    if missing is not None:
        raise missing
    if waiting:
        raise ConfigurationError("\n".join(map(str, waiting.values())))
    return out


def _wanted_for(arrivals: Sequence[Arrival]) -> int:
    return 2 if len(arrivals) >= MIN_FILES_FOR_TWO and len(os.sched_getaffinity(0)) > 1 else 1


class _Second:
    """The second process, as the first one sees it: it takes every other file."""

    def __init__(self, process: subprocess.Popen[bytes], connection: Connection) -> None:
        """Use `started` instead."""
        self._process, self._connection = process, connection
        self._n_given = 0

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
                raise second.died() from error
            finally:
                ours.close()  # it ends with the file that it has in hand
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def died(self) -> SecondProcessDied:
        """What to raise where it died."""
        return SecondProcessDied(
            f"补录的第二个进程中断(退出状态 {self._process.poll()}),已入库的都在,重新补录即接着办 | the second process of the history ended "
            f"early (exit status {self._process.poll()}): what was settled stays; run the history again for the rest"
        )

    def give(self, item: Item | None) -> None:
        """Give it a file, or None after its last one."""
        self._n_given += item is not None
        self._connection.send(item)

    def turns(self, suites: Mapping[str, Suite], note: Callable[[Outcome | None], None]) -> _TurnsOfFirst:
        """The turns of the first process. All files are given."""
        return _TurnsOfFirst(self, self._connection, self._n_given, suites, note)


@dataclass
class _TurnsOfFirst:
    """The turns of the first process: each begins once the second one has answered its file before. The first one's judge is that of both.

    Attributes:
        n_left: files that the second process has not answered yet.
        note: what became of a file of the second process is told to it, in order.
    """

    second: _Second
    connection: Connection
    n_left: int
    suites: Mapping[str, Suite]
    note: Callable[[Outcome | None], None]
    _is_ours: bool = True

    def has_begun(self) -> bool:
        """Whether the second process has answered its file, or waits for our judge."""
        return self._is_ours or self.connection.poll()

    def wait(self) -> None:
        """Wait until the second process has answered the file before ours, judge for it meanwhile, and note what became of that.

        Raises:
            ConfigurationError, WarehouseError, psycopg.OperationalError: what the second process met.
            SecondProcessDied: it did.
        """
        while not self._is_ours:
            try:
                answer: ToJudge | Outcome | ConfigurationError | WarehouseError | psycopg.OperationalError | None
                answer = self.connection.recv()
            except (EOFError, ConnectionError) as error:
                raise self.second.died() from error
            if isinstance(answer, ToJudge):
                self.connection.send(judged(self.suites, answer))
                continue
            self.n_left -= 1
            self._is_ours = True
            if isinstance(answer, PASSED_ON):
                raise answer
            self.note(answer)

    def pass_on(self) -> None:
        """Tell the second process that our file is answered: its next one has its turn."""
        if self.n_left:
            self._is_ours = False
            self.connection.send(None)

    def finish(self) -> None:
        """Wait for the second process's last file, where that is the last of all."""
        self.wait()
