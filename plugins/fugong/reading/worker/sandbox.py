"""Limits a process before it reads untrusted bytes: no network, and only so much memory, time and so many files."""

from __future__ import annotations

import ctypes
import math
import os
import re
import resource
import struct
from pathlib import Path

from fugong.reading.limits import MIB, Limits

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF = 444, 446  # the same on every architecture
LANDLOCK_VERSION = 1
LANDLOCK_NETWORK_SINCE, LANDLOCK_SCOPES_SINCE = 4, 6
BIND_AND_CONNECT, ABSTRACT_SOCKETS = 3, 1


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
    return "landlock" if forbid_connections(libc) else None


def forbid_connections(libc: ctypes.CDLL) -> bool:
    """Forbid TCP and abstract sockets by Landlock, where the kernel has it (from 6.7); this needs no privilege."""
    version = libc.syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), LANDLOCK_VERSION)
    if version < LANDLOCK_NETWORK_SINCE:
        return False
    rules = struct.pack("QQ", 0, BIND_AND_CONNECT)
    if version >= LANDLOCK_SCOPES_SINCE:
        rules += struct.pack("Q", ABSTRACT_SOCKETS)
    ruleset = libc.syscall(LANDLOCK_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0)
    if ruleset < 0:
        return False
    try:
        return libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


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
