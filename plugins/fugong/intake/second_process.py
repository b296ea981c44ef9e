"""The second process of a long history: takes every other file, and settles each in its turn. `history.ingest_history` starts it.

It is given its files, then a word whenever the file before its next one is answered, and answers with what became of its own. Rows that
are not known to pass their rules are judged by the first process.
"""

from __future__ import annotations

import signal
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection

from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.intake.history import PASSED_ON
from fugong.intake.in_turns import Item, work_through
from fugong.intake.judge import JudgedElsewhere, ToJudge
from fugong.intake.processor import SubmissionProcessor
from fugong.validation.checked import Checked
from fugong.warehouse.connection import connect_as_loader


class _First:
    """The first process, as the second one sees it: gives files and turns, and judges."""

    def __init__(self, connection: Connection) -> None:
        """Nothing given yet."""
        self._connection = connection
        self._given: deque[Item] = deque()
        self._are_all_given = False

    def items(self) -> Iterator[Item]:
        """The files of this process, as they are given."""
        while self._given or self._receive_item():
            yield self._given.popleft()

    def has_begun(self) -> bool:
        """Whether there is a word that the next file has its turn."""
        return self._are_all_given and self._connection.poll()

    def wait(self) -> None:
        """Wait for that word."""
        while self._receive_item():
            pass
        self._connection.recv()

    def judge(self, asked: ToJudge) -> Checked | ConfigurationError:
        """Ask the first process, which waits for the file that has its turn here."""
        self._connection.send(asked)
        return self._connection.recv()

    def _receive_item(self) -> bool:
        """Receive one more file, unless all are given."""
        if not self._are_all_given:
            item: Item | None = self._connection.recv()
            if item is None:
                self._are_all_given = True
            else:
                self._given.append(item)
        return not self._are_all_given


def main(descriptor: int) -> None:
    """Work until the last file is answered, or the first process has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process: it closes our connection
    with Connection(descriptor) as connection:
        try:
            _work(connection)
        except (EOFError, ConnectionError):  # the first process has ended
            return


def _work(connection: Connection) -> None:
    settings: Settings = connection.recv()
    first = _First(connection)
    try:
        with SubmissionProcessor.open(settings) as processor, connect_as_loader(settings, autocommit=True) as to_lock:
            context = processor.context
            suites = {name: JudgedElsewhere.of(suite, first.judge) for name, suite in context.suites.items()}
            processor.context = replace(context, suites=suites)
            for outcome in work_through(settings, processor, to_lock, first.items(), first):
                connection.send(outcome)
    except PASSED_ON as error:
        connection.send(error)


if __name__ == "__main__":
    main(int(sys.argv[1]))
