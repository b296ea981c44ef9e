"""The step *read*: bytes of a submission → cells as typed, with addresses, by a limited child process.

Nothing here opens the bytes themselves: `reading.worker` does, in a process that may die. Whatever a file does to that process
is its sender's fault and recorded (`ReadingFault`); when the zygote dies it is ours and raises (`ReaderBroken`).
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

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
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from fugong.findings.catalogue import CATALOGUE
from fugong.reading.limits import Limits

if TYPE_CHECKING:
    import pyarrow as pa

LOG = logging.getLogger(__name__)
CHILD = Path(__file__).parent / "worker" / "__main__.py"
PATIENCE = 15.0
"""Seconds beyond a child's own limit before the zygote counts as dead."""


class ReaderBroken(Exception):
    """The zygote has died or does not answer. Ours to mend; never a fault of the file."""


@dataclass(frozen=True, slots=True)
class ReadingFault:
    """Why a file could not be read, and what its sender should do."""

    code: str
    message_zh: str
    message_en: str
    details: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a file that does not keep it from being read: a code of the catalogue, and what its sentences need.

    Attributes:
        sheet: "" where it is about the whole file.
    """

    code: str
    sheet: str
    details: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class SheetCells:
    """One sheet's cells, as typed.

    Attributes:
        index: place among the worksheets read, from 0.
        path: an Arrow IPC stream: `row_number: int64` (1-based, without gaps: record of a text, row of a workbook) and
            `c0` … `cN: string`, null where a cell is empty or only whitespace; batches of 50,000 rows, fewer where rows are wide or long.
        merged: (first_row, first_column, last_row, last_column), 0-based and inclusive; only the first cell has the value.
        hidden_rows: 0-based, of the first 20,000 rows; `n_hidden_rows` counts all.
        head: the first 40 rows; a cell of more than 2,000 characters is cut here, not in the stream.
    """

    name: str
    index: int
    path: Path
    n_rows: int
    n_columns: int
    merged: list[tuple[int, int, int, int]]
    hidden: bool
    n_hidden_rows: int
    hidden_rows: list[int]
    hidden_columns: list[int]
    head: list[list[str | None]]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the cells batch by batch, in the order of the file."""
        import pyarrow as pa

        with pa.OSFile(str(self.path), "rb") as file, pa.ipc.open_stream(file) as stream:
            yield from stream


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file turned out to be.

    Attributes:
        kind: xlsx, xls, ods, html, csv, or "" where the file was refused before that was known.
        encoding: of a text, as Python names it.
        sheets: empty when there is a fault.
        inner_name: of the one file in an archive; kind and sheets are that file's.
        dialect: how a text read freely was cut, and how well that fits (`reading.worker.free_text`).
        network_left_by: how the child was kept from the network (`namespace` or `landlock`); None where the kernel has no means.
        is_1904: day numbers that are not shown as dates count from 1904.
        seconds: the child took, wall time.
        max_rss: bytes of memory of the child, what it shares with the zygote included.
    """

    kind: str
    encoding: str | None
    sheets: list[SheetCells]
    fault: ReadingFault | None
    notes: list[Note] = field(default_factory=list[Note])
    inner_name: str | None = None
    dialect: Mapping[str, Any] | None = None
    seconds: float = 0.0
    max_rss: int = 0
    network_left_by: str | None = None
    is_1904: bool = False


_FOUND_ZH = {
    "HTML": "不含表格的网页",
    "XML": "XML 表格",
    "DTD": "含有 DTD 声明的异常文件",
    "ZIP": "压缩包",
    "RAR": "压缩包 RAR",
    "7z": "压缩包 7z",
    "gzip": "压缩包 gzip",
    "Word": "Word 文档",
    "PowerPoint": "演示文稿",
    "XLSB": "二进制工作簿 .xlsb",
    "OLE2": "其他 Office 文件",
    "PDF": "PDF 文档",
    "PNG": "图片",
    "JPEG": "图片",
    "GIF": "图片",
    "BMP": "图片",
    "RTF": "RTF 文档",
    "MHTML": "单个文件网页",
    "program": "程序",
    "binary": "二进制内容",
}
_WHY = {
    "overlap": ("条目互相重叠", "entries overlap"),
    "link": ("含有符号链接", "it holds a link"),
    "same name": ("条目同名", "two entries have one name"),
    "directory": ("目录与内容不符", "its directory does not fit what it holds"),
    "method": ("压缩方式不支持", "its entries are packed by an unusual method"),
    "UTF-16": ("内部编码异常", "its inner encoding is unusual"),
}
_WHAT = {
    "bytes": ("文件大小", "File size"),
    "inflated": ("解压后的大小", "Inflated size"),
    "entries": ("压缩包内的文件数", "Number of archive entries"),
    "sheets": ("工作表数", "Number of sheets"),
    "rows": ("工作表的行数", "Number of rows"),
    "columns": ("列数", "Number of columns"),
    "area": ("工作表的单元格数", "Number of cells of a sheet"),
    "cell": ("单元格的长度", "Length of a cell"),
    "cells": ("内容", "Content"),
}


def _amount(number: object, what: object) -> str:
    if not isinstance(number, int) or not number:
        return "—"
    return f"{number / (1 << 20):,.0f} MB" if what in ("bytes", "inflated", "cells", "memory") else f"{number:,}"


def fault(code: str, **details: str | int) -> ReadingFault:
    """Make the fault of a code with its sentences, advice included."""
    what = details.get("what")
    if code == "too-large" and what == "far-cell":
        code = "far-cell"
    rule = CATALOGUE[code]
    what_zh, what_en = _WHAT.get(str(what), ("内容", "Content"))
    why_zh, why_en = _WHY.get(str(details.get("why")), ("", ""))
    unit = what if code == "too-large" else "memory"
    values = {
        **details,
        "found_zh": _FOUND_ZH.get(str(details.get("found")), "未知格式")
        if code == "not-a-table"
        else _amount(details.get("found"), unit),
        "found_en": _amount(details.get("found"), unit),
        "limit_zh": _amount(details.get("limit"), unit),
        "limit_en": _amount(details.get("limit"), unit),
        "why_zh": why_zh,
        "why_en": why_en,
        "what_zh": what_zh,
        "what_en": what_en,
    }
    return ReadingFault(
        code,
        rule.zh.format_map(values) + rule.advice_zh,
        f"{rule.en.format_map(values)} {rule.advice_en}".rstrip(),
        details,
    )


def _trail(last_words: str) -> str:
    """Where a child died, by its last words: places and the kind of error, never what it says, which may quote a cell."""
    lines = [line.strip() for line in last_words.splitlines()]
    places = [line for line in lines if line.startswith('File "')]
    kind = re.match(r"[\w.]+(?=:|$)", lines[-1]) if places else None
    return " < ".join([kind[0] if kind else "no Python error", *reversed(places[-5:])])


class Reader:
    """Reads files, each in a child of its own. Starts nothing before the first file; safe to use from several threads.

    ```python
    with Reader() as reader:
        reading = reader.read(path, "R01 3.18.xls", into=folder)
    ```
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits.load(os.environ)
        self._zygote: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._owner = os.getpid()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the zygote; a later `read` starts another."""
        with self._lock:
            self._end()

    def read(self, path: Path, file_name: str, into: Path, *, is_free: bool = False) -> Reading:
        """Read one file; its name decides nothing and is for our own messages.

        Args:
            into: an empty folder for the streams; they live as long as the caller keeps it.
            is_free: without a contract (`fugong read`): encoding and dialect of a text are guessed, which would be wrong for a
                department; its blank cells stay as typed, and only what was never typed is null.

        Raises:
            FileNotFoundError: there is no file at `path`.
            ReaderBroken: the zygote died or did not answer.
        """
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return Reading("", None, [], fault("not-a-file"))
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
        if "refused" in answer:
            if answer["refused"] == errno.ELOOP:
                return Reading("", None, [], fault("not-a-file"))
            raise OSError(answer["refused"], os.strerror(answer["refused"]), str(path))
        used = {name: answer[name] for name in ("seconds", "max_rss", "network_left_by")}
        found = self._death(answer, into, file_name)
        if found:
            return Reading("", None, [], found, **used)
        result: dict[str, Any] = json.loads(result_path.read_bytes())
        found = fault(result["fault"], **result["details"]) if result["fault"] else None
        sheets = [
            SheetCells(
                name=sheet["name"],
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
            )
            for index, sheet in enumerate(result["sheets"])
        ]
        notes = [Note(note.pop("code"), note.pop("sheet", ""), note) for note in result["notes"]]
        told = {name: result[name] for name in ("kind", "encoding", "inner_name", "dialect", "is_1904")}
        return Reading(sheets=sheets, fault=found, notes=notes, **told, **used)

    def _death(self, answer: Mapping[str, Any], into: Path, file_name: str) -> ReadingFault | None:
        """Say why the child died, if it did."""
        if answer["is_late"] or answer["signal"] == signal.SIGXCPU:
            return fault("took-too-long", seconds=round(answer["limit_seconds"]))
        if not answer["signal"] and not answer["exit"]:
            return None
        errors = into / "stderr"
        last_words = errors.read_bytes()[-4000:].decode("utf-8", "replace") if errors.exists() else ""
        # Rust's own words before it aborts; C++ and Python have theirs.
        if any(words in last_words for words in ("memory allocation of", "bad_alloc", "MemoryError", "Out of memory")):
            return fault("too-much-memory", limit=self.limits.memory)
        # A parser that dies of a file, or a fault of ours: the sender is told the one, whoever runs Fugong can tell the other by this.
        LOG.error(
            "Reading %s: the child died (exit %s, signal %s). %s", file_name, answer["exit"], answer["signal"], _trail(last_words)
        )
        return fault("reader-crashed", signal=answer["signal"])

    def _ask(self, request: Mapping[str, Any], seconds: float, file_name: str) -> dict[str, Any]:
        if self._owner != os.getpid():  # we are a fork: the zygote answers to our parent
            self._zygote, self._owner = None, os.getpid()
        zygote = self._zygote or self._start()
        assert zygote.stdin
        assert zygote.stdout
        try:
            zygote.stdin.write(json.dumps(request).encode() + b"\n")
            zygote.stdin.flush()
            ready, _, _ = select.select([zygote.stdout], [], [], seconds)
            line = zygote.stdout.readline() if ready else b""
        except BrokenPipeError:
            line = b""
        except BaseException:
            self._end()  # interrupted: the answer would be taken for the next one's
            raise
        if not line.endswith(b"\n"):
            status = zygote.poll()
            self._end()
            raise ReaderBroken(f"The reader gave no answer on {file_name} (its exit status: {status}).")
        return json.loads(line)

    def _start(self) -> subprocess.Popen[bytes]:
        self._zygote = subprocess.Popen(
            [sys.executable, "-I", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for us to hear
            env={
                "LANG": "C.UTF-8",
                "PATH": os.defpath,
                # One thread where children are forked, and memory that goes back to the system: whatever is larger than what a
                # block of text makes. Mapping those, too, took half of the time (1,000,000 rows: 1.6 s, now 0.6).
                "ARROW_DEFAULT_MEMORY_POOL": "system",
                "JE_ARROW_MALLOC_CONF": "background_thread:false",
                "MALLOC_ARENA_MAX": "2",
                "MALLOC_MMAP_THRESHOLD_": str(4 << 20),
                "MALLOC_TRIM_THRESHOLD_": str(16 << 20),
            },
        )
        return self._zygote

    def _end(self) -> None:
        zygote, self._zygote = self._zygote, None
        if zygote is None:
            return
        zygote.kill()
        zygote.communicate()
