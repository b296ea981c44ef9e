"""The second process of a long history: evaluates every other file, and settles each in its turn. `history.ingest_history` starts it.

It is given its files at once, then a word whenever the file before its next one is answered, and answers with what became of its own.
"""

from __future__ import annotations

import signal
import sys
from multiprocessing.connection import Connection

from fugong.core.settings import Settings
from fugong.intake.history import PASSED_ON, Item, work_through
from fugong.intake.processor import SubmissionProcessor
from fugong.warehouse.connection import connect_as_loader


def main(descriptor: int) -> None:
    """Work until the last file is answered, or the first process has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process: it closes our connection
    with Connection(descriptor) as first:
        try:
            _work(first)
        except (EOFError, ConnectionError):  # the first process has ended
            return


def _work(first: Connection) -> None:
    settings: Settings = first.recv()
    try:
        with SubmissionProcessor.open(settings) as processor, connect_as_loader(settings, autocommit=True) as connection:
            processor.context.reader.start()
            items: list[Item] = first.recv()
            for outcome in work_through(settings, processor, connection, items, first.recv):
                first.send(outcome)
    except PASSED_ON as error:
        first.send(error)


if __name__ == "__main__":
    main(int(sys.argv[1]))
