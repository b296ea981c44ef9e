"""Takes files in as they arrive: the process beside `fugong serve`, which imports everything while there is nothing to do.

It does what `fugong ingest` does, under the same locks, so both may run, and Airflow, too. Its standard input is the doorbell: a line rings it, the
end of the input ends the process, also where its parent was killed. It looks at the inbox by itself, too, so that a file in a folder needs no bell.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time

from fugong.core.settings import TRIAL, Settings
from fugong.intake.folders import departments_of, open_sender_folder
from fugong.intake.turns import Turns
from fugong.intake.types import Outcome
from fugong.intake.waiting import waiting_in
from fugong.operations.build_marts import build_marts
from fugong.reading.readers import Readers
from fugong.storage.modes import UMASK
from fugong.validation.suite import warm_up

LOG = logging.getLogger(__name__)
LOOK_SECONDS = 2.0
"""A file in a folder waits so long at most until it is seen."""
RUN_SECONDS = 60.0
"""A run begins at least so often: it takes up what another one has left, and the quotas of a new day."""
NICENESS = 5
"""Whoever waits for a page goes before whoever waits for a receipt."""
REST_PER_BUILD, MAX_REST_SECONDS = 5, 30.0
"""After a build the marts rest this many times as long as it took: one file is seen in the figures at once, and fifty in a row make few builds."""
PATIENCE_SECONDS = 20.0
"""The marts wait so long at most for the files that lie there still: a build amid fifty files would be out of date at its end, and slow them."""
GRACE_SECONDS = 20.0
"""So long a file in work may take once the parent has gone. What is stopped then is taken up by the next run."""

Seen = frozenset[tuple[str, str, tuple[int, int, int]]]
"""What lies in the inbox: department, name, state."""


class Bell:
    """The doorbell: standard input, read by a thread, so that its end is noticed while a file is in work."""

    def __init__(self, descriptor: int) -> None:
        self.is_over = False
        self._rung = threading.Event()
        self._descriptor = descriptor
        threading.Thread(target=self._listen, name="bell", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait until it rings, at most so long; whether it rang."""
        rang = self._rung.wait(seconds)
        self._rung.clear()
        return rang

    def _listen(self) -> None:
        while os.read(self._descriptor, 4096):
            self._rung.set()
        self.is_over = True
        self._rung.set()
        time.sleep(GRACE_SECONDS)
        LOG.warning("The server has gone; a file in work is left to the next run")
        os._exit(1)


def seen_in(settings: Settings) -> Seen:
    """What lies in the inbox now."""
    found: set[tuple[str, str, tuple[int, int, int]]] = set()
    for department in departments_of(settings) if settings.inbox.is_dir() else ():
        try:
            with open_sender_folder(settings, department) as folder, folder.child(TRIAL) as trial:
                found |= {(department, one.name, one.state) for one in waiting_in(department, folder, is_trial=False)}
                found |= {(department, f"{TRIAL}/{one.name}", one.state) for one in waiting_in(department, trial, is_trial=True)}
        except OSError as error:
            LOG.debug("%s: %s", department, error)  # a run says so
    return frozenset(found)


class Marts:
    """Builds the marts in a thread of its own, so that no receipt waits for them.

    Attributes:
        fault: what ended the thread; None while it works.
    """

    def __init__(self, settings: Settings) -> None:
        self.fault: BaseException | None = None
        self._settings = settings
        self._wanted = threading.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._work, name="marts", daemon=True)
        self._thread.start()

    def build(self) -> None:
        """Build them soon, what is settled by then included."""
        self._wanted.set()

    def _work(self) -> None:
        try:
            while self._wanted.wait():
                self._wanted.clear()
                began = time.monotonic()
                build_marts(self._settings)
                time.sleep(min(MAX_REST_SECONDS, REST_PER_BUILD * (time.monotonic() - began)))
        except BaseException as fault:
            self.fault = fault
            raise


def run(settings: Settings, bell: Bell, readers: Readers) -> None:
    """Take files in until the bell is over.

    Raises:
        Exception: what ended a run or a build of the marts; whoever has started the process starts it again.
    """
    readers.start()
    is_warm = False
    marts = Marts(settings)
    marts.build()
    told: set[str] = set()
    before: Seen | None = None
    until = time.monotonic()
    while not bell.is_over:
        rang = bell.wait(LOOK_SECONDS)
        if marts.fault is not None:
            raise marts.fault
        if not rang and time.monotonic() < until and seen_in(settings) == before:
            if not is_warm:
                warm_up()  # seconds, for files with rows that fail a rule: while there is nothing to do
                is_warm = True
            continue
        turns = Turns(settings, readers=readers)
        unbuilt_since: float | None = None
        for step in turns.run():
            if isinstance(step, Outcome) and step.rows_accepted and unbuilt_since is None:
                unbuilt_since = time.monotonic()
            if unbuilt_since is not None and time.monotonic() - unbuilt_since > PATIENCE_SECONDS:
                marts.build()
                unbuilt_since = None
            if bell.is_over:
                return
        if unbuilt_since is not None:
            marts.build()
        for fault in set(turns.faults.values()) - told:
            LOG.error("%s", fault)
        told = set(turns.faults.values())
        before, until = seen_in(settings), time.monotonic() + RUN_SECONDS


def main() -> None:
    """Run it. Ctrl-C is the server's to answer, and the end of the input then ends this process."""
    os.umask(UMASK)
    os.nice(NICENESS)
    logging.basicConfig(level=logging.WARNING, format="intake: %(levelname)s %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Readers() as readers:
        run(Settings.load(), Bell(sys.stdin.fileno()), readers)


if __name__ == "__main__":
    main()
