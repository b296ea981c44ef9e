"""Landlock: what a process gives up by itself, without privilege, for good (Linux 5.13 and later). Raw system calls, because libc has none."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
ASK_FOR_VERSION = 1
PATH_BENEATH = 1
PR_SET_NO_NEW_PRIVS = 38

NETWORK_SINCE, SCOPES_SINCE = 4, 6
BIND_AND_CONNECT = 3
ABSTRACT_SOCKETS, SIGNALS = 1, 2

WRITE_FILE, READ_FILE, READ_DIR, REMOVE_FILE, MAKE_FILE, MAKE_LINK, TRUNCATE = (1 << bit for bit in (1, 2, 3, 5, 8, 12, 14))
READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_FILE | MAKE_FILE | MAKE_LINK | TRUNCATE
RIGHTS_OF_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights on files each version knows, from the lowest bit on; later ones know at least those of version 5."""

SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """The version of Landlock that the kernel offers; 0 where it has none, or refuses to say (some containers)."""
    return max(0, _libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_FOR_VERSION))


def forbid_connections() -> bool:
    """Give up TCP and abstract sockets; return False where the kernel cannot (before 6.7)."""
    known = version()
    if known < NETWORK_SINCE:
        return False
    _restrict(_create(0, BIND_AND_CONNECT, ABSTRACT_SOCKETS if known >= SCOPES_SINCE else 0), {})
    return True


def libraries() -> list[Path]:
    """Where Python, the packages of the worker and the libraries of the system lie."""
    own = Path(__file__).resolve().parents[1]
    places = [own, Path(sys.base_prefix, "lib"), *map(Path, SYSTEM_LIBRARIES)]
    places += [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return sorted({place.resolve() for place in places if place.exists()})


def limit_files(file: int, folder: Path, read_only: list[Path]) -> None:
    """Give up every file but one, by its descriptor, what lies in one folder, and libraries; running programs; signals to others.

    Files that are open stay open. To be called before the process has a second thread, where `version()` is not 0.

    Raises:
        OSError: the kernel refuses.
    """
    known = version()
    rights = (1 << RIGHTS_OF_VERSION.get(known, RIGHTS_OF_VERSION[5])) - 1
    rules: dict[int, int] = {file: READ_FILE}
    try:
        for path in read_only:
            rules[_opened(path)] = READ if path.is_dir() else READ_FILE
        rules[_opened(folder)] = WRITE & rights
        _restrict(_create(rights, 0, ABSTRACT_SOCKETS | SIGNALS if known >= SCOPES_SINCE else 0), rules)
    finally:
        for descriptor in rules.keys() - {file}:
            os.close(descriptor)


def _opened(path: Path) -> int:
    return os.open(path, os.O_PATH | os.O_CLOEXEC)


def _create(files: int, network: int, scopes: int) -> int:
    """A ruleset that gives up these rights. A kernel takes no longer a structure than it knows, so zeros at the end are left out."""
    given = [files, network, scopes]
    while not given[-1]:
        given.pop()
    rules = struct.pack(f"={len(given)}Q", *given)
    return _checked(_libc.syscall(CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0))


def _restrict(ruleset: int, rules: Mapping[int, int]) -> None:
    """Hold this process to a ruleset, but for rights on files and folders by descriptor; close the ruleset."""
    try:
        for descriptor, allowed in rules.items():
            _checked(_libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", allowed, descriptor), 0))
        _checked(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _checked(_libc.syscall(RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
