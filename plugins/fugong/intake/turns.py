"""The departments in turn: none waits for another's backlog, and none for another's slow file.

A file is read in a child process. While a child is slow, the steps of another department are done; nothing of ours runs twice at once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings
from fugong.intake.collect import Collected, collect
from fugong.intake.quotas import Limit, load_quotas
from fugong.intake.types import Outcome
from fugong.intake.work import Step, Work, departments_with_work, work_on
from fugong.reading.readers import Readers

AT_ONCE = 3
"""So many children may be slow at once: each may take half a gigabyte."""
COLLECT_EVERY_SECONDS = 2.0


@dataclass
class _Turn:
    work: Work
    until: float


class Turns:
    """One run over the inbox: collects again and again, and works on the departments in turn, until nothing is left that may be taken.

    Attributes:
        faults: what our contracts and suites cannot judge, by department.
    """

    def __init__(self, settings: Settings, department: str | None = None, readers: Readers | None = None) -> None:
        """A run over the whole inbox.

        Args:
            department: of this one alone.
            readers: read the files; None: the run has its own.
        """
        self.faults: dict[str, str] = {}
        self._settings = settings
        self._department = department
        self._readers = readers
        self._quotas = load_quotas(settings.include)
        self._slow: dict[str, _Turn] = {}
        self._served: dict[str, float] = {}
        self._done: set[str] = set()
        """They have nothing more that we could do, unless something is collected."""

    def run(self) -> Iterator[Collected | Outcome]:
        """Do it; gives what was collected and what became of it, in the order in which it happens."""
        found, collected_at, has_worked = Collected(), -math.inf, True
        with ExitStack() as ending:
            readers = self._readers or ending.enter_context(Readers())
            readers.start()  # gets ready while files are collected
            ending.callback(self._stop)
            while True:
                if time.monotonic() - collected_at >= COLLECT_EVERY_SECONDS and (has_worked or self._slow):
                    found, has_worked = collect(self._settings, department=self._department), False
                    collected_at = time.monotonic()
                    self._done -= found.senders
                    yield found
                name = self._next()
                if name is not None:
                    self._served[name] = time.monotonic()
                    turn = _Turn(work_on(self._settings, name, readers), time.monotonic() + self._quotas.of(name).seconds_a_turn)
                    for outcome in self._advance(name, turn):
                        has_worked = True
                        yield from (outcome,) if isinstance(outcome, Outcome) else ()
                for slow, turn in list(self._slow.items()):
                    for outcome in self._advance(slow, turn):
                        has_worked = True
                        yield from (outcome,) if isinstance(outcome, Outcome) else ()
                if name is None and not self._slow:
                    may_take_more = any(left.limit is not Limit.FILES_A_DAY for left in found.left.values())
                    is_old = time.monotonic() - collected_at >= COLLECT_EVERY_SECONDS
                    if not has_worked or not (may_take_more or is_old):
                        return
                    collected_at = -math.inf

    def _next(self) -> str | None:
        """The department that has waited longest for its turn; None where none has work, or too many children are slow."""
        if len(self._slow) >= AT_ONCE:
            return None
        names = [self._department] if self._department else departments_with_work(self._settings)
        free = [name for name in names if name not in self._slow and name not in self._done]
        return min(free, key=lambda name: self._served.get(name, -math.inf), default=None)

    def _advance(self, name: str, turn: _Turn) -> Iterator[Outcome | Step]:
        """Go on with a department until its child is slow, its turn is over, or nothing is left."""
        self._slow.pop(name, None)
        try:
            for step in turn.work:
                if step is Step.READING:
                    self._slow[name] = turn
                    return
                yield step
                if time.monotonic() >= turn.until:
                    turn.work.close()
                    return
        except ConfigurationError as error:
            self.faults[name] = str(error)
        self._done.add(name)

    def _stop(self) -> None:
        """Let go of what is in work when the run is interrupted."""
        for turn in self._slow.values():
            turn.work.close()
