"""What a piece of work costs: wall time, processor time of all its processes, and memory."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeVar

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

Name = TypeVar("Name")


@dataclass(frozen=True)
class Cost:
    """Seconds of one run.

    Attributes:
        wall: elapsed.
        client: processor time of this process and its children.
        server: processor time of the warehouse's processes.
    """

    wall: float
    client: float
    server: float

    @property
    def cpu(self) -> float:
        """Processor time on both sides."""
        return self.client + self.server


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(median(cost.wall for cost in costs), median(cost.client for cost in costs), median(cost.server for cost in costs))


def _times(pid: int, *, with_children: bool) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended, before its file was opened or after
        return 0.0
    return sum(map(int, fields[11:15] if with_children else fields[11:13])) / TICK


def children(pid: int) -> list[int]:
    """The processes started by a process that still run."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, task.read_text().split())
        except (FileNotFoundError, ProcessLookupError):  # it has ended, before its file was opened or after
            continue
    return found


def server_seconds(postmaster: int) -> float:
    """Processor time of a server since it started: it gathers that of backends that have ended."""
    return _times(postmaster, with_children=True) + sum(_times(pid, with_children=False) for pid in children(postmaster))


def client_seconds() -> float:
    """Processor time of this process and of the children it has waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def timed(work: Callable[[], object], postmaster: int | None = None) -> Cost:
    """Run it once."""
    server = server_seconds(postmaster) if postmaster else 0.0
    client, began = client_seconds(), time.perf_counter()
    work()
    wall = time.perf_counter() - began
    time.sleep(0.1)  # the server counts a backend that has ended a moment later
    return Cost(wall, client_seconds() - client, (server_seconds(postmaster) - server) if postmaster else 0.0)


def in_turn(
    works: dict[Name, Callable[[], Callable[[], object]]], rounds: int, postmaster: int | None = None
) -> dict[Name, list[Cost]]:
    """Run several pieces of work in turn, A B A B …, so that a busy minute of the machine meets all of them.

    Args:
        works: each prepares a run and returns what is to be timed.
    """
    costs: dict[Name, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, prepare in works.items():
            costs[name].append(timed(prepare(), postmaster))
    return costs


def family(pid: int) -> list[int]:
    """A process and everything below it."""
    out = [pid]
    for child in children(pid):
        out += family(child)
    return out


def _memory(pid: int) -> int:
    """Proportional set size in bytes: memory that a child shares with its parent is counted once between them."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass
    return 0


@dataclass
class Peak:
    """The most memory seen; `parts` is that of each process at that moment."""

    bytes: int = 0
    parts: list[int] = field(default_factory=list[int])
    own: dict[int, int] = field(default_factory=dict[int, int])


@contextmanager
def peak_memory(pid: int, every: float = 0.02) -> Iterator[Peak]:
    """Watch a process and all below it, the sampler's own process excepted if it is another."""
    peak, done = Peak(), threading.Event()

    def watch() -> None:
        while not done.wait(every):
            parts = {one: _memory(one) for one in family(pid)}
            for one, size in parts.items():
                peak.own[one] = max(peak.own.get(one, 0), size)
            if sum(parts.values()) > peak.bytes:
                peak.bytes, peak.parts = sum(parts.values()), sorted(parts.values(), reverse=True)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()
