"""The step *read*: bytes of a submission → cells as typed, with addresses, by a limited child process.

Nothing here opens the bytes themselves: `reading_child` does, in a process that may die. Whatever a file does to that process
is its sender's fault and recorded (`ReadingFault`); when the zygote dies it is ours and raises (`ReaderBroken`).
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import errno
import json
import os
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

from fugong.rule import Rule, Severity

if TYPE_CHECKING:
    import pyarrow as pa

CHILD = Path(__file__).with_name("reading_child.py")
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
class SheetCells:
    """One sheet's cells, as typed.

    Attributes:
        index: place among the worksheets read, from 0.
        path: an Arrow IPC stream: `row_number: int64` (1-based, without gaps: record of a text, row of a workbook) and
            `c0` … `cN: string`, null where a cell is empty or only whitespace; batches of 50,000 rows, fewer where rows are wide or long.
        merged: (first_row, first_column, last_row, last_column), 0-based and inclusive; only the first cell has the value.
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
        notes: codes of `RULES` that do not keep a file from being read: macros, hidden-rows, …
        seconds: the child took, wall time.
        max_rss: bytes of memory of the child, what it shares with the zygote included.
    """

    kind: str
    encoding: str | None
    sheets: list[SheetCells]
    fault: ReadingFault | None
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    max_rss: int = 0


def _rejected(code: str, zh: str, en: str, advice_zh: str, advice_en: str) -> Rule:
    return Rule(code, Severity.REJECTED, zh, en, advice_zh, advice_en)


def _told(code: str, zh: str, en: str, advice_zh: str = "", advice_en: str = "") -> Rule:
    return Rule(code, Severity.WARNING, zh, en, advice_zh, advice_en)


RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        _rejected(
            "empty-file",
            "文件是空的,没有任何内容。",
            "The file is empty.",
            "请检查是否选错文件或保存中断;当日无业务请保留表头报送(零报告)。",
            "Check that it is the right file and was saved; with nothing to report, send the table with its header only.",
        ),
        _rejected(
            "truncated-file",
            "文件不完整或已损坏,可能没有保存完或复制中断。",
            "The file is incomplete or damaged; saving or copying may have been interrupted.",
            "请在 Excel 或 WPS 中打开原文件,确认内容完整,另存后重新报送。",
            "Open the original in Excel or WPS, check that nothing is missing, save it again and resend it.",
        ),
        _rejected(
            "encrypted-workbook",
            "工作簿设有打开密码,无法读取。",
            "The workbook is protected by a password and cannot be read.",
            "请去掉打开密码(文件→信息→保护工作簿)后重新报送,不要另行发送密码。",
            "Remove the password (File, Info, Protect Workbook) and resend it; do not send us the password.",
        ),
        _rejected(
            "not-a-table",
            "文件内容不是表格({found_zh})。",
            "The file is not a table ({found}).",
            "请将表格另存为 .xlsx 或 .csv 后报送;只改扩展名没有用。",
            "Save the table as .xlsx or .csv and send that; changing the extension alone does not help.",
        ),
        _rejected(
            "undecodable",
            "第 {line} 行(第 {offset} 字节处)的文字无法按 {encoding} 识别,文件可能混用了编码或已损坏。",
            "Line {line} (byte {offset}) is not valid {encoding}; the file mixes encodings or is damaged.",
            "请用 Excel 或 WPS 打开核对该行,另存为 .xlsx 或“CSV UTF-8”后重新报送。",
            'Check that line in Excel or WPS, save as .xlsx or "CSV UTF-8" and resend it.',
        ),
        _rejected(
            "too-large",
            "{what_zh}超过上限:{found_zh},最多 {limit_zh}。",
            "{what_en} beyond the limit: {found_en}, at most {limit_en}.",
            "请只报送当日数据,删除无关的行、列和工作表,或拆成几个文件报送。",
            "Send that day's data only, delete rows, columns and sheets that do not belong, or split the file.",
        ),
        _rejected(
            "far-cell",
            "工作表“{sheet}”的单元格 {cell} 有内容,离表格太远,整张表因此大到无法读取。",
            'Cell {cell} of sheet "{sheet}" holds something, so far from the table that the sheet is too large to read.',
            "请按 Ctrl+End 找到该单元格,删除它所在的整行和整列,保存后重新报送。",
            "Press Ctrl+End to find it, delete its whole row and column, save and resend.",
        ),
        _rejected(
            "too-much-memory",
            "文件展开后所需内存超过上限({limit_zh})。",
            "Opened, the file needs more memory than allowed ({limit_en}).",
            "请删除无关的格式、工作表和空白区域,或另存为“CSV UTF-8”后重新报送。",
            'Delete formats, sheets and blank areas that do not belong, or save as "CSV UTF-8", and resend it.',
        ),
        _rejected(
            "took-too-long",
            "文件读取超过 {seconds} 秒仍未完成。",
            "Reading the file took more than {seconds} seconds.",
            "请删除无关的工作表和格式,或拆成几个文件,或另存为“CSV UTF-8”后重新报送。",
            'Delete sheets and formats that do not belong, split the file, or save as "CSV UTF-8", and resend it.',
        ),
        _rejected(
            "reader-crashed",
            "文件内部结构异常,读取程序无法打开。",
            "The file's inner structure is unsound; the reader could not open it.",
            "请在 Excel 或 WPS 中打开,复制到新工作簿,另存为 .xlsx 后重新报送。",
            "Open it in Excel or WPS, copy the table into a new workbook, save as .xlsx and resend it.",
        ),
        _rejected(
            "unclosed-quote",
            "文本第 {line} 行起的双引号没有成对,其后的内容无法分列。",
            "A double quote opened on line {line} of the text is never closed; what follows cannot be cut into columns.",
            "请补上或删去该行多余的双引号,或另存为 .xlsx 后重新报送。",
            "Close or delete the odd quote on that line, or save as .xlsx, and resend it.",
        ),
        _rejected(
            "not-a-file",
            "收到的不是普通文件(可能是快捷方式或链接)。",
            "This is not an ordinary file (perhaps a shortcut or link).",
            "请直接放入文件本身。",
            "Drop the file itself.",
        ),
        _told(
            "macros",
            "工作簿含有宏;宏没有运行。",
            "The workbook has macros; they were not run.",
            "请另存为不带宏的 .xlsx。",
            "Save it as .xlsx, without macros.",
        ),
        _told(
            "external-links",
            "工作簿引用了其他文件;取的是保存时的值。",
            "The workbook refers to other files; the values saved in it were taken.",
            "请将引用粘贴为数值后报送。",
            "Paste such references as values.",
        ),
        _told(
            "hidden-rows",
            "工作表含有隐藏行;隐藏行同样作为数据读取。",
            "A sheet has hidden rows; they were read as data.",
            "请取消筛选和隐藏;不应报送的行请删除。",
            "Clear filters, unhide; delete rows that should not be reported.",
        ),
        _told("hidden-sheet", "工作簿含有隐藏的工作表。", "The workbook has hidden sheets."),
        _told(
            "formula-without-value",
            "有公式没有保存计算结果,按空白读取。",
            "Some formulas have no saved result and were read as blank.",
            "请用 Excel 或 WPS 打开、重新计算并保存后报送,或粘贴为数值。",
            "Open it in Excel or WPS, recalculate and save, or paste as values.",
        ),
    )
}
"""Everything reading can say about a file, for the catalogue of findings."""

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
_WHAT = {
    "bytes": ("文件大小", "File size"),
    "inflated": ("解压后的大小", "Inflated size"),
    "entries": ("压缩包内的文件数", "Number of archive entries"),
    "sheets": ("工作表数", "Number of sheets"),
    "columns": ("列数", "Number of columns"),
    "area": ("工作表的单元格数", "Number of cells of a sheet"),
    "cell": ("单元格的长度", "Length of a cell"),
    "cells": ("内容", "Content"),
}


def _amount(number: object, what: object) -> str:
    if not isinstance(number, int):
        return "—"
    return f"{number / (1 << 20):,.0f} MB" if what in ("bytes", "inflated", "cells", "memory") else f"{number:,}"


def fault(code: str, **details: str | int) -> ReadingFault:
    """Make the fault of a code with its sentences, advice included."""
    what = details.get("what")
    if code == "too-large" and what == "far-cell":
        code = "far-cell"
    rule = RULES[code]
    what_zh, what_en = _WHAT.get(str(what), ("内容", "Content"))
    unit = what if code == "too-large" else "memory"
    values = {
        **details,
        "found_zh": _FOUND_ZH.get(str(details.get("found")), "未知格式")
        if code == "not-a-table"
        else _amount(details.get("found"), unit),
        "found_en": _amount(details.get("found"), unit),
        "limit_zh": _amount(details.get("limit"), unit),
        "limit_en": _amount(details.get("limit"), unit),
        "what_zh": what_zh,
        "what_en": what_en,
    }
    return ReadingFault(
        code,
        rule.zh.format_map(values) + rule.advice_zh,
        f"{rule.en.format_map(values)} {rule.advice_en}".rstrip(),
        details,
    )


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Limits of one reading that an installation may change; `reading_child.Limits` says what each is, and the rest."""

    memory: int = 512 << 20
    seconds: float = 30.0
    text_bytes: int = 2048 << 20
    workbook_bytes: int = 100 << 20
    cells: int = 20_000_000


class Reader:
    """Reads files, each in a child of its own. Starts nothing before the first file; safe to use from several threads.

    ```python
    with Reader() as reader:
        reading = reader.read(path, "R01 3.18.xls", into=folder)
    ```
    """

    def __init__(self, limits: ReadingLimits | None = None) -> None:
        self.limits = limits or ReadingLimits()
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

    def read(self, path: Path, file_name: str, into: Path) -> Reading:
        """Read one file; its name decides nothing and is for our own messages.

        Args:
            into: an empty folder for the streams; they live as long as the caller keeps it.

        Raises:
            FileNotFoundError: there is no file at `path`.
            ReaderBroken: the zygote died or did not answer.
        """
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return Reading("", None, [], fault("not-a-file"))
        result_path = into / "reading.json"
        result_path.unlink(missing_ok=True)
        request = {"path": str(path.absolute()), "into": str(into.absolute()), "limits": asdict(self.limits)}
        with self._lock:
            answer = self._ask(request, self.limits.seconds + status.st_size / (4 << 20) + PATIENCE, file_name)
        if "refused" in answer:
            if answer["refused"] == errno.ELOOP:
                return Reading("", None, [], fault("not-a-file"))
            raise OSError(answer["refused"], os.strerror(answer["refused"]), str(path))
        seconds, max_rss = answer["seconds"], answer["max_rss"]
        found = self._death(answer, into)
        if found:
            return Reading("", None, [], found, [], seconds, max_rss)
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
                head=sheet["head"],
            )
            for index, sheet in enumerate(result["sheets"])
        ]
        return Reading(result["kind"], result["encoding"], sheets, found, result["notes"], seconds, max_rss)

    def _death(self, answer: Mapping[str, Any], into: Path) -> ReadingFault | None:
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
