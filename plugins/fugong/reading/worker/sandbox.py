"""Limits a process before it reads untrusted bytes: no network, and only so much memory, time and so many files."""

from __future__ import annotations

import ctypes
import math
import os
import re
import resource
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from fugong.reading.limits import MIB, Limits
from fugong.reading.worker.landlock import PR_SET_NO_NEW_PRIVS, forbid_connections

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def leave_network() -> str | None:
    """Give up the network for this process and its future children.

    Returns:
        `namespace`: the process has a network namespace without interfaces. `landlock`: namespaces are not available (containers),
        so the kernel refuses TCP. None: the kernel offers neither.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.unshare(CLONE_NEWNET) == 0 or libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0:
        return "namespace"
    return "landlock" if forbid_connections() else None


def close_all_but(kept: Collection[int]) -> None:
    """Close every descriptor that this process inherited, except these."""
    with os.scandir("/proc/self/fd") as entries:
        found = [int(entry.name) for entry in entries]
    for descriptor in found:
        if descriptor not in kept:
            with suppress(OSError):  # the one through which the list was read
                os.close(descriptor)


def die_with_parent() -> None:
    """Make the kernel kill this process when the one that forked it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0)


def _own_memory() -> tuple[int, int]:
    """Private writable memory and address space of this process, in bytes."""
    status = Path("/proc/self/status").read_text()
    data, space = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) for name in ("VmData", "VmSize"))  # type: ignore[index]
    return data * 1024, space * 1024


def limit_resources(seconds: float, largest_file: int, limits: Limits) -> None:
    """Set the kernel's limits for this process; it cannot raise them again."""
    data, space = _own_memory()
    # RLIMIT_DATA is the limit that counts; the address space also holds what threads reserve and never touch.
    for kind, most in (
        (resource.RLIMIT_DATA, data + limits.memory),
        (resource.RLIMIT_AS, space + limits.memory + 512 * MIB),
        (resource.RLIMIT_CPU, max(1, math.ceil(2 * seconds))),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, largest_file),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(kind, (most, most))
