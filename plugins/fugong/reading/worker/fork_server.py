"""The fork server: forks one limited child per file and answers how the child ended. `reading.reader.Reader` starts it.

It imports the readers once and stays single-threaded. A child that is killed, crashes or runs out of memory is an answer, too.
The protocol is one line of JSON each way. The child writes `reading.json` and one Arrow stream per sheet into the folder that
the request names.
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import errno
import gc
import json
import os
import select
import signal
import stat
import sys
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from fugong.reading.limits import Limits
from fugong.reading.worker.landlock import libraries, limit_files, version
from fugong.reading.worker.magic import is_workbook
from fugong.reading.worker.one_file import output_limit, read
from fugong.reading.worker.result import RESULT
from fugong.reading.worker.sandbox import close_all_but, die_with_parent, leave_network, limit_resources
from fugong.reading.worker.warm_up import warm_up

SET_UP_FAILED = 70
"""The exit status of a child that could not be limited, and so opened nothing (`EX_SOFTWARE`)."""


def _child(
    descriptor: int, size: int, seconds: float, request: dict[str, Any], limits: Limits, libraries: list[Path] | None
) -> None:
    """Read one file, write `reading.json` and exit; never returns.

    Args:
        libraries: what may be read besides the file; None where the kernel cannot limit that.
    """
    status = SET_UP_FAILED
    try:
        into = Path(request["into"])
        die_with_parent()
        errors = os.open(into / "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDWR)
        for target, source in ((0, nothing), (1, nothing), (2, errors)):
            os.dup2(source, target)
        close_all_but({0, 1, 2, descriptor})
        limit_resources(seconds, output_limit(size, limits), limits)
        if libraries is not None:
            limit_files(descriptor, into, libraries)
        status = 1
        with os.fdopen(descriptor, "rb") as file:
            result = read(file, Path(f"/proc/self/fd/{descriptor}"), into, limits, is_free=request["is_free"])
        draft = into / f"{RESULT}.draft"
        draft.write_text(json.dumps(asdict(result), ensure_ascii=False, separators=(",", ":")), "utf-8")
        draft.rename(into / RESULT)
        status = 0
    except BaseException:  # noqa: BLE001
        # A PanicException of calamine is no Exception. We blame the file until the log shows otherwise.
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _serve(request: dict[str, Any], libraries: list[Path] | None) -> dict[str, Any]:
    """Fork a child for one file, wait for it, and return how it ended."""
    limits = Limits(**request["limits"])
    try:
        descriptor = os.open(request["path"], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return {"errno": error.errno}
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return {"errno": errno.ELOOP}
        seconds = limits.seconds_for(status.st_size, is_workbook=is_workbook(os.pread(descriptor, 8, 0)))
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            _child(descriptor, status.st_size, seconds, request, limits, libraries)
    finally:
        os.close(descriptor)
    is_late = not _wait(pid, seconds)
    if is_late:
        os.kill(pid, signal.SIGKILL)
    _, wait_status, usage = os.wait4(pid, 0)
    _remove_links(Path(request["into"]))
    code = os.waitstatus_to_exitcode(wait_status)
    return {
        "exit": max(code, 0),
        "is_set_up": code != SET_UP_FAILED,
        "signal": max(-code, 0),
        "is_late": is_late,
        "seconds": round(time.monotonic() - began, 4),
        "limit_seconds": seconds,
        "max_rss": usage.ru_maxrss * 1024,
    }


def _remove_links(folder: Path) -> None:
    """Remove links that a child has left: who reads its results must not be led elsewhere."""
    for path in folder.iterdir():
        if path.is_symlink():
            path.unlink()


def _wait(pid: int, seconds: float) -> bool:
    """Wait until the child ends; return False when the time is over or the other end of our pipe is closed."""
    poll = select.poll()
    child = os.pidfd_open(pid)
    try:
        poll.register(child, select.POLLIN)
        poll.register(0, 0)  # reports only that it was closed
        ready = poll.poll(max(0.0, seconds) * 1000)
        return any(descriptor == child for descriptor, _ in ready)
    finally:
        os.close(child)


def main() -> None:
    """Serve requests from standard input until it ends."""
    left_by = leave_network()
    found = libraries() if version() else None
    facts = {"network_left_by": left_by, "files_limited_by": None if found is None else "landlock"}
    # Each thread reads a block ahead, so more threads would only cost memory on a large machine.
    pa.set_io_thread_count(2)
    pa.set_cpu_count(2)
    warm_up(Limits())
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        answer = {**_serve(json.loads(line), found), **facts}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
