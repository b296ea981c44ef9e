"""The step *read*: turns the bytes of a submission into cells as typed, with addresses, in a limited child process.

This process never opens the bytes itself: `reading.worker` does, in a process that may die. Whatever a file does to that process
is recorded as its sender's (`ReadingRefused`). When the fork server itself dies, the error is ours and raises (`ReaderBroken`).
"""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import select
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Self

from fugong.core.errors import ConfigurationError
from fugong.privacy.detect import mask
from fugong.reading.faults import refusal
from fugong.reading.limits import Limits
from fugong.reading.model import FormatDoubt, Note, Reading, ReadingRefused, SheetCells

LOG = logging.getLogger(__name__)
WORKER = Path(__file__).parent / "worker" / "__main__.py"
PATIENCE = 15.0
"""Seconds that the fork server gets to answer beyond a child's own limit."""


class ReaderBroken(Exception):
    """The fork server has died or does not answer. An error of ours, never of the file."""


def places_of_death(stderr: str) -> str:
    """Where a child died, from what it wrote to standard error: the kind of error and the last five places, innermost first.

    The message of the error is left out, because it may quote a cell.
    """
    lines = [line.strip() for line in stderr.splitlines()]
    places = [line for line in lines if line.startswith('File "')]
    kind = re.match(r"[\w.]+(?=:|$)", lines[-1]) if places else None
    return " < ".join([kind[0] if kind else "no Python error", *reversed(places[-5:])])


@cache
def _tell_once_of_open_files() -> None:
    LOG.warning(
        "这台机器的内核没有 Landlock:读文件的子进程能看到本账户能看到的文件,请用 Linux 5.13 以上的内核并启用它 | This kernel has no "
        "Landlock: a child that reads a file can see whatever our account can. Use Linux 5.13 or later with Landlock enabled"
    )


def _last_line(into: Path) -> str:
    """The last line that a child wrote before it opened its file."""
    return (into / "stderr").read_text("utf-8", "replace").strip().rpartition("\n")[2]


class Reader:
    """Reads files, each in a child process of its own.

    The fork server starts with the first file. Several threads may share one reader.

    ```python
    with Reader() as reader:
        reading = reader.read(path, "R01 3.18.xls", into=folder)
    ```
    """

    def __init__(self, limits: Limits | None = None) -> None:
        try:
            self.limits = limits or Limits.load(os.environ)
        except ValueError as error:  # limits.py imports no error of ours, because the worker imports it
            raise ConfigurationError(str(error)) from error
        self._fork_server: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._is_abandoned = False
        self._owner = os.getpid()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the fork server; the next `read` starts another."""
        with self._lock:
            self._end()

    def start(self) -> None:
        """Start the fork server now, so that the first file does not wait for it."""
        with self._lock:
            self._running()

    def abandon(self) -> None:
        """Stop the fork server and the child in it, also while another thread waits in `read`; that raises `ReaderBroken` there.

        The next `read` starts another.
        """
        fork_server = self._fork_server
        if fork_server is not None:
            self._is_abandoned = True
            fork_server.kill()

    def read(self, path: Path, file_name: str, into: Path, *, is_free: bool = False) -> Reading:
        """Read one file.

        Args:
            file_name: appears in our log only; the content alone decides what the file is.
            into: an empty folder for the streams, which live as long as the caller keeps it.
            is_free: read without a contract (`fugong read`): guess encoding and dialect of a text, keep blank cells as typed, and
                make only missing cells null. Never for a department's file, where a guess could be loaded as a figure.

        Raises:
            FileNotFoundError: there is no file at `path`.
            ReaderBroken: the fork server died or did not answer.
        """
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return Reading("", None, [], refusal("not-a-file"))
        result_path = into / "reading.json"
        result_path.unlink(missing_ok=True)
        request = {
            "path": str(path.absolute()),
            "into": str(into.absolute()),
            "limits": asdict(self.limits),
            "is_free": is_free,
        }
        patience = self.limits.seconds_for(status.st_size, is_workbook=False) + PATIENCE
        with self._lock:
            answer = self._ask(request, patience, file_name)
        if "errno" in answer:
            if answer["errno"] == errno.ELOOP:
                return Reading("", None, [], refusal("not-a-file"))
            raise OSError(answer["errno"], os.strerror(answer["errno"]), str(path))
        used = {name: answer[name] for name in ("seconds", "max_rss", "network_left_by", "files_limited_by")}
        if not answer["is_set_up"]:
            raise ReaderBroken(
                f"The child that was to read {file_name} could not be limited, so it opened nothing: {_last_line(into)}"
            )
        if death := self._explain_death(answer, into, file_name):
            return Reading("", None, [], death, **used)
        result: dict[str, Any] = json.loads(result_path.read_bytes())
        refused = refusal(result["refused"], **result["details"]) if result["refused"] else None
        sheets = [
            SheetCells(
                name=mask(sheet["name"]),
                index=index,
                path=into / f"sheet_{index:03d}.arrows",
                n_rows=sheet["n_rows"],
                n_columns=sheet["n_columns"],
                merged=[tuple(merged) for merged in sheet["merged"]],
                hidden=sheet["hidden"],
                n_hidden_rows=sheet["n_hidden_rows"],
                hidden_rows=sheet["hidden_rows"],
                hidden_columns=sheet["hidden_columns"],
                head=sheet["head"],
                format_doubts=[FormatDoubt(**doubt) for doubt in sheet["format_doubts"]],
                widths=into / f"sheet_{index:03d}.widths" if sheet["has_widths"] else None,
                tail=[(number, cells) for number, cells in sheet["tail"]],
            )
            for index, sheet in enumerate(result["sheets"])
        ]
        notes = [Note(note.pop("code"), mask(note.pop("sheet", "")), note) for note in result["notes"]]
        facts = {name: result[name] for name in ("kind", "encoding", "inner_name", "dialect", "is_1904")}
        facts["inner_name"] = facts["inner_name"] and mask(facts["inner_name"])
        texts = [(place, text) for place, text in result["texts"]]
        return Reading(sheets=sheets, refused=refused, notes=notes, texts=texts, **facts, **used)

    def _explain_death(self, answer: Mapping[str, Any], into: Path, file_name: str) -> ReadingRefused | None:
        """Return why the child died; None where it ended by itself."""
        if answer["is_late"] or answer["signal"] == signal.SIGXCPU:
            return refusal("took-too-long", seconds=round(answer["limit_seconds"]))
        if not answer["signal"] and not answer["exit"]:
            return None
        errors = into / "stderr"
        stderr = errors.read_bytes()[-4000:].decode("utf-8", "replace") if errors.exists() else ""
        # What Rust, C++ and Python write before they give up.
        if any(words in stderr for words in ("memory allocation of", "bad_alloc", "MemoryError", "Out of memory")):
            return refusal("too-much-memory", limit=self.limits.memory)
        # Either the file breaks a parser, or we have a bug. The receipt assumes the former; this line shows the latter.
        LOG.error(
            "Reading %s: the child died (exit %s, signal %s). %s",
            file_name,
            answer["exit"],
            answer["signal"],
            places_of_death(stderr),
        )
        return refusal("reader-crashed", signal=answer["signal"])

    def _ask(self, request: Mapping[str, Any], seconds: float, file_name: str) -> dict[str, Any]:
        fork_server = self._running()
        assert fork_server.stdin
        assert fork_server.stdout
        try:
            fork_server.stdin.write(json.dumps(request).encode() + b"\n")
            fork_server.stdin.flush()
            ready, _, _ = select.select([fork_server.stdout], [], [], seconds)
            line = fork_server.stdout.readline() if ready else b""
        except BrokenPipeError:
            line = b""
        except BaseException:
            self._end()  # interrupted: the next request would get this answer
            raise
        if not line.endswith(b"\n"):
            status = fork_server.poll()
            self._end()
            raise ReaderBroken(f"The reader gave no answer on {file_name} (its exit status: {status}).")
        answer: dict[str, Any] = json.loads(line)
        if answer["files_limited_by"] is None:
            _tell_once_of_open_files()
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # we are a fork: the fork server answers our parent
            self._fork_server, self._owner = None, os.getpid()
        if self._is_abandoned:
            self._end()
        return self._fork_server or self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self._fork_server = subprocess.Popen(
            [sys.executable, "-I", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for us, not for the fork server
            env={
                "LANG": "C.UTF-8",
                "PATH": os.defpath,
                # Keep one thread where children are forked, and return large allocations to the system. Blocks of text stay below
                # the threshold: mapping them, too, took half of the time (1,000,000 rows: 1.6 s, now 0.6).
                "ARROW_DEFAULT_MEMORY_POOL": "system",
                "JE_ARROW_MALLOC_CONF": "background_thread:false",
                "MALLOC_ARENA_MAX": "2",
                "MALLOC_MMAP_THRESHOLD_": str(4 << 20),
                "MALLOC_TRIM_THRESHOLD_": str(16 << 20),
            },
        )
        return self._fork_server

    def _end(self) -> None:
        fork_server, self._fork_server = self._fork_server, None
        self._is_abandoned = False
        if fork_server is None:
            return
        fork_server.kill()
        fork_server.communicate()
