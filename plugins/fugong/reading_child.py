"""Reading, the part that touches a department's bytes: run as a program of its own, with limits; imports nothing of Fugong.

`main` is the zygote. It imports what reading needs once, stays single-threaded, and forks one child per file. A child may be
killed, crash or run out of memory: that is an answer, too. `reading.Reader` is the other end of the pipe.

The protocol is one JSON line each way. The child leaves `reading.json` and one Arrow stream per sheet in the folder it is given.
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import codecs
import csv
import ctypes
import datetime as dt
import errno
import gc
import io
import itertools
import json
import math
import os
import re
import resource
import select
import signal
import stat
import struct
import sys
import time
import traceback
import zipfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, Any, BinaryIO
from xml.etree import ElementTree

if __name__ == "__main__":
    # NumPy brings OpenBLAS and its threads; pyarrow does without, and a process that forks should have one thread.
    sys.modules["numpy"] = None  # type: ignore[assignment]

import pyarrow as pa
import pyarrow.compute as pa_compute
import pyarrow.csv as pa_csv
import python_calamine as calamine

pc: Any = pa_compute  # its functions are made at import; no checker sees them

MIB = 1 << 20
BATCH_ROWS = 50_000
BATCH_CELLS = 600_000
BLOCK_BYTES = 3 * MIB // 2
"""Of a text, parsed at once. Arrow reads up to 32 blocks ahead, so this bounds the memory."""
HEAD_ROWS = 40
HEAD_CHARACTERS = 2_000
"""A cell longer than this is cut in `head`, never in the stream."""
SNIFFED_BYTES = 64 * 1024
SNIFFED_RECORDS = 100
DELIMITERS = ",\t;|"
RESULT = "reading.json"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use; more than that is a fault of the file.

    Attributes:
        memory: bytes of private memory beyond what the zygote has.
        seconds: wall time for a workbook, and for a text file before its size is counted.
        text_bytes_per_second: a text file gets a further second for so many bytes.
        workbook_bytes: largest workbook, as sent.
        text_bytes: largest text file, as sent; an HTML table gets a sixteenth.
        inflated_bytes: largest sum of a workbook's archive entries, inflated.
        inflation: largest ratio of inflated to packed, judged above 64 MiB inflated.
        cells: largest area from A1 to a sheet's last cell.
        columns: widest sheet.
        sheets: most sheets in one workbook.
    """

    memory: int = 512 * MIB
    seconds: float = 30.0
    text_bytes_per_second: int = 4 * MIB
    workbook_bytes: int = 100 * MIB
    text_bytes: int = 2048 * MIB
    inflated_bytes: int = 1024 * MIB
    inflation: int = 250
    entries: int = 5_000
    cells: int = 20_000_000
    columns: int = 2_000
    sheets: int = 256

    def seconds_for(self, size: int, *, is_workbook: bool) -> float:
        """Wall time for a file of `size` bytes."""
        return self.seconds if is_workbook else self.seconds + size / self.text_bytes_per_second


class Fault(Exception):
    """The file cannot be read, for a reason that its sender can mend. `details` fill the sentences of the code."""

    def __init__(self, code: str, **details: str | int) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details


@dataclass(slots=True)
class Sheet:
    """What is told about a sheet besides its cells."""

    name: str
    n_rows: int = 0
    n_columns: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    n_hidden_rows: int = 0
    head: list[list[str | None]] = field(default_factory=list)


@dataclass(slots=True)
class Result:
    """What the child found; `reading.json` holds it."""

    kind: str = ""
    encoding: str | None = None
    sheets: list[Sheet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fault: str | None = None
    details: dict[str, str | int] = field(default_factory=dict)

    def note(self, code: str) -> None:
        """Remember something about the file that does not keep it from being read."""
        if code not in self.notes:
            self.notes.append(code)


# --- cells → Arrow ------------------------------------------------------------------------------------------------


def blank_to_null(cells: pa.Array) -> pa.Array:
    """Make empty and whitespace-only cells null; everything else stays as typed."""
    blank = pc.or_(pc.utf8_is_space(cells), pc.equal(pc.binary_length(cells), 0))
    if not pc.any(blank).as_py():
        return cells
    return pc.if_else(blank, pa.scalar(None, pa.string()), cells)


class SheetWriter:
    """Writes one sheet as an Arrow stream: `row_number` from 1 without gaps, `c0` … `cN`."""

    def __init__(self, path: Path, sheet: Sheet, n_columns: int) -> None:
        self.sheet = sheet
        sheet.n_columns, sheet.n_rows, sheet.head = n_columns, 0, []
        self.schema = pa.schema([("row_number", pa.int64()), *((f"c{i}", pa.string()) for i in range(n_columns))])
        self.batch_rows = max(1, min(BATCH_ROWS, BATCH_CELLS // max(1, n_columns)))
        self._held: list[pa.RecordBatch] = []
        self._places = pa.array([], pa.int64())
        self._file = pa.OSFile(str(path), "wb")
        self._stream = pa.ipc.new_stream(self._file, self.schema)

    def __enter__(self) -> SheetWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._held:
            self._write(pa.concat_batches(self._held))
        self._stream.close()
        self._file.close()

    def write_columns(self, columns: list[pa.Array], n_rows: int) -> None:
        """Write whole columns; those to the right that are not given are null."""
        if not n_rows:
            return
        columns = [blank_to_null(column) for column in columns]
        n_missing = self.sheet.n_columns - len(columns)
        if n_missing:
            columns += [pa.nulls(n_rows, pa.string())] * n_missing
        first = self.sheet.n_rows + 1
        if len(self._places) < n_rows:
            self._places = pa.array(range(n_rows), pa.int64())
        numbers = pc.add(self._places.slice(0, n_rows), first)
        self.sheet.n_rows += n_rows
        batch = pa.record_batch([numbers, *columns], schema=self.schema)
        n_held = sum(held.num_rows for held in self._held)
        while n_held + batch.num_rows >= self.batch_rows:
            n_wanted = self.batch_rows - n_held
            self._write(pa.concat_batches([*self._held, batch.slice(0, n_wanted)]))
            self._held, n_held, batch = [], 0, batch.slice(n_wanted)
        if batch.num_rows:
            self._held.append(batch)
        if sum(held.nbytes for held in self._held) > 32 * MIB:  # few rows, but long ones
            self._write(pa.concat_batches(self._held))
            self._held = []

    def _write(self, batch: pa.RecordBatch) -> None:
        self._stream.write_batch(batch)
        if len(self.sheet.head) < HEAD_ROWS:
            top = batch.slice(0, HEAD_ROWS - len(self.sheet.head)).columns[1:]
            rows = zip(*(column.to_pylist() for column in top), strict=True)
            self.sheet.head += [[None if v is None else v[:HEAD_CHARACTERS] for v in row] for row in rows]

    def write_rows(self, rows: list[list[str]]) -> None:
        """Write rows of text; a short row ends in nulls."""
        columns = [pa.array(column, pa.string()) for column in itertools.zip_longest(*rows)]
        self.write_columns(columns, len(rows))


# --- text ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Text:
    """A text file that decodes: where its UTF-8 is, and what was counted on the way.

    Attributes:
        path: the file itself, or its transcription.
        skip: bytes of byte order marks.
        size: of the file at `path`, marks included.
    """

    path: Path
    encoding: str
    skip: int
    size: int
    n_quotes: int


def _blocks(file: IO[bytes], size: int = MIB) -> Iterator[bytes]:
    while block := file.read(size):
        yield block


def _decode(file: BinaryIO, encoding: str, skip: int, onto: BinaryIO | None) -> tuple[int, Fault | None, int]:
    """Decode a whole file block by block, writing it as UTF-8 where `onto` is given.

    Returns:
        the number of quotes; the fault, if it does not decode; how many Chinese characters were read before the fault.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    file.seek(skip)
    n_quotes, n_lines, offset = 0, 0, skip
    for block in itertools.chain(_blocks(file), [b""]):
        n_pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(encoding, "replace")
            at = offset - n_pending + error.start
            line = n_lines + (before.count("\n") or before.count("\r")) + 1
            n_chinese = sum("一" <= c <= "鿿" for c in before[-10_000:])
            code = "undecodable" if block else "truncated-file"
            return n_quotes, Fault(code, offset=at, line=line, encoding=encoding), n_chinese
        if "\0" in text:
            before = text[: text.index("\0")]
            line = n_lines + (before.count("\n") or before.count("\r")) + 1
            at = offset - n_pending + len(before.encode(encoding))
            return n_quotes, Fault("undecodable", offset=at, line=line, encoding=encoding), 0
        n_quotes += text.count('"')
        n_lines += text.count("\n") or text.count("\r")
        if onto is not None:
            onto.write(text.encode())
        offset += len(block)
    return n_quotes, None, 0


def _count_quotes(file: BinaryIO, skip: int) -> int | None:
    """The quotes of a text that is UTF-8 without NUL; None for any other: `_decode` finds where it breaks, at a third of the speed."""
    file.seek(skip)
    n_quotes, rest = 0, b""
    for block in itertools.chain(_blocks(file), [b""]):
        text = rest + block
        # The last character may go on in the next block. No first byte of one among four: not UTF-8, as is told below.
        last = range(len(text) - 1, max(-1, len(text) - 5), -1) if block else ()
        cut = next((at for at in last if text[at] & 0xC0 != 0x80), len(text))
        text, rest = text[:cut], text[cut:]
        if b"\0" in text:
            return None
        try:
            pa.Array.from_buffers(
                pa.string(), 1, [None, pa.py_buffer(struct.pack("2i", 0, len(text))), pa.py_buffer(text)]
            ).validate(full=True)
        except pa.ArrowInvalid:
            return None
        if b'"' in text:  # looks at many bytes at once, counting at one
            n_quotes += text.count(b'"')
    return n_quotes


def open_text(file: BinaryIO, path: Path, into: Path) -> Text:
    """Find the encoding under which the whole file decodes strictly; never replaces a byte."""
    start = file.read(64)
    size = os.fstat(file.fileno()).st_size
    marks = len(start) - len(start.removeprefix(codecs.BOM_UTF8))
    # WPS and some export tools write the mark twice; every one of them is skipped.
    while start[marks:].startswith(codecs.BOM_UTF8):
        marks += 3
    wide = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}.get(start[:2])
    n_chinese, fault = 0, None
    if not wide:
        counted = _count_quotes(file, marks)
        if counted is not None:
            return Text(path, "utf-8", marks, size, counted)
        n_quotes, fault, n_chinese = _decode(file, "utf-8", marks, None)
        if fault is None:
            return Text(path, "utf-8", marks, size, n_quotes)
        # GB18030 text does not pass for Chinese UTF-8 for long: eight characters read rightly settle it.
        if marks or n_chinese >= 8:
            raise fault
    encoding = wide or "gb18030"
    copy = into / "text.utf8"
    with copy.open("wb", buffering=MIB) as onto:
        n_quotes, other, _ = _decode(file, encoding, 2 if wide else 0, onto)
        if other is not None:
            # The encoding that got further is the likelier one.
            raise fault if fault and int(fault.details["offset"]) > int(other.details["offset"]) else other
    return Text(copy, encoding, 0, copy.stat().st_size, n_quotes)


END_MARK = "\0end"
"""Fed to a parser after the last line (no text holds NUL here): a quote still open swallows it."""


@dataclass(slots=True)
class Shape:
    """How a delimited text is cut, guessed from its first records.

    Attributes:
        preamble: records above the rectangular body: titles, declarations.
        body: byte offset where the body begins.
        n_columns: fields in a record of the body; 0 where the head gives no body.
    """

    delimiter: str
    preamble: list[list[str]]
    body: int
    n_columns: int


def _records(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, quotechar='"', doublequote=True)


def _sniffed(text: Text) -> tuple[list[str], bool]:
    """Return the first lines with their ends, and whether they are the whole text."""
    with text.path.open("rb") as file:
        file.seek(text.skip)
        start = file.read(SNIFFED_BYTES)
        is_whole = not file.read(1)
    lines = list(io.TextIOWrapper(io.BytesIO(start), "utf-8", errors="ignore", newline=""))
    if not is_whole and len(lines) > 1:
        lines.pop()
    return lines, is_whole


def _count_fields(lines: list[str], delimiter: str) -> list[int]:
    return [len(record) for record in itertools.islice(_records(iter(lines), delimiter), SNIFFED_RECORDS) if record]


def find_delimiter(lines: list[str]) -> str:
    """Return the delimiter that cuts most records into the same number of fields, the more the better."""

    def fit(delimiter: str) -> float:
        counts = _count_fields(lines, delimiter)
        several = Counter(n for n in counts if n > 1)
        return max((share / len(counts) * math.log2(n) for n, share in several.items()), default=0.0)

    return max(DELIMITERS, key=fit)


def find_shape(text: Text) -> Shape:
    """Guess delimiter and body from the first 100 records."""
    lines, is_whole = _sniffed(text)
    delimiter = find_delimiter(lines)
    offset = text.skip
    taken = 0

    def feed() -> Iterator[str]:
        nonlocal taken
        for line in lines:
            taken += len(line.encode())
            yield line

    ends: list[tuple[list[str], int]] = []
    for record in itertools.islice(_records(feed(), delimiter), SNIFFED_RECORDS):
        ends.append((record, offset + taken))
    if not is_whole and ends and len(ends) < SNIFFED_RECORDS:
        ends.pop()  # may go on beyond what was looked at
    if len(ends) < 2:
        return Shape(delimiter, [], offset, 0)
    n_columns = len(ends[-1][0])
    first = max((i + 1 for i, (record, _) in enumerate(ends) if len(record) != n_columns), default=0)
    if n_columns == 0 or first > len(ends) - 2:
        return Shape(delimiter, [], offset, 0)
    return Shape(delimiter, [r for r, _ in ends[:first]], ends[first - 1][1] if first else offset, n_columns)


class Span(io.RawIOBase):
    """The bytes of a file from one offset to another, and `after` them."""

    def __init__(self, path: Path, start: int, end: int, after: bytes) -> None:
        self._file = path.open("rb", buffering=0)
        self._file.seek(start)
        self._left = end - start
        self._after = after

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Read up to `size` bytes, none beyond the end of the span."""
        block = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        if not block:
            block, self._after = self._after, b""
        return block

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def _find_tail(text: Text, shape: Shape) -> tuple[int, list[list[str]]]:
    """Where the rectangular body ends, and the records below it: blank lines, totals, notes.

    Only a text without quotes can be cut from its end: there a line is a record.
    """
    if text.n_quotes:
        return text.size, []
    start = max(shape.body, text.size - SNIFFED_BYTES)
    with text.path.open("rb") as file:
        file.seek(start)
        end = file.read()
    if start > shape.body:
        cut = end.find(b"\n") + 1
        if not cut:
            return text.size, []
        start, end = start + cut, end[cut:]
    lines = list(io.TextIOWrapper(io.BytesIO(end), "utf-8", newline=""))
    records = list(_records(iter(lines), shape.delimiter))
    odd = [i for i, record in enumerate(records) if len(record) != shape.n_columns]
    if not odd:
        return text.size, []
    return start + sum(len(line.encode()) for line in lines[: odd[0]]), records[odd[0] :]


def read_rectangular(text: Text, shape: Shape, path: Path, sheet: Sheet, limits: Limits) -> None:
    """Read a text whose body is rectangular, by Arrow's reader.

    Raises:
        pa.ArrowInvalid: the body is not rectangular after all; `read_ragged` gives the same cells for any text.
    """
    body_end, tail = _find_tail(text, shape)
    n_columns = max(shape.n_columns, *(len(r) for r in shape.preamble), *(len(r) for r in tail), 1)
    if n_columns > limits.columns:
        raise Fault("too-large", what="columns", found=n_columns, limit=limits.columns)
    names = [f"c{i}" for i in range(shape.n_columns)]
    end_mark = b""
    if text.n_quotes:
        end_mark = (END_MARK + shape.delimiter * (shape.n_columns - 1) + "\n").encode()
        with text.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            end_mark = end_mark if file.read(1) in b"\r\n" else b"\n" + end_mark
    with SheetWriter(path, sheet, n_columns) as writer, Span(text.path, shape.body, body_end, end_mark) as span:
        if shape.preamble:
            writer.write_rows(shape.preamble)
        reader = pa_csv.open_csv(
            pa.PythonFile(span, mode="r"),
            read_options=pa_csv.ReadOptions(column_names=names, block_size=BLOCK_BYTES),
            parse_options=pa_csv.ParseOptions(
                delimiter=shape.delimiter,
                newlines_in_values=text.n_quotes > 0,
                ignore_empty_lines=False,
            ),
            convert_options=pa_csv.ConvertOptions(
                check_utf8=False,  # all of it has been decoded before
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
        held: pa.RecordBatch | None = None
        for batch in reader:
            if held is not None:
                writer.write_columns(held.columns, held.num_rows)
            held = batch
        if held is not None:
            n_marks = 1 if end_mark else 0
            if n_marks and held.column(0)[-1].as_py() != END_MARK:
                raise pa.ArrowInvalid("a quote is still open at the end")
            n_rows = held.num_rows - n_marks
            writer.write_columns(held.slice(0, n_rows).columns, n_rows)
        if tail:
            writer.write_rows(tail)


def _all_records(text: Text, delimiter: str, on_line: Callable[[int], None]) -> Iterator[list[str]]:
    def lines() -> Iterator[str]:
        with text.path.open("rb", buffering=MIB) as raw:
            raw.seek(text.skip)
            for line in io.TextIOWrapper(raw, "utf-8", newline=""):
                on_line(len(line))
                yield line
        yield END_MARK

    reader = csv.reader(lines(), delimiter=delimiter, quotechar='"', doublequote=True)
    begun = 1
    try:
        for record in reader:
            if record and END_MARK in record[-1]:
                if record != [END_MARK]:
                    raise Fault("unclosed-quote", line=begun)
                return
            yield record
            begun = reader.line_num + 1
    except csv.Error as error:
        if "field larger" not in str(error):
            raise
        if text.n_quotes:
            raise Fault("unclosed-quote", line=begun) from error
        raise Fault("too-large", what="cell", found=begun, limit=csv.field_size_limit()) from error


def read_ragged(text: Text, delimiter: str, path: Path, sheet: Sheet, limits: Limits, n_columns: int = 1) -> None:
    """Read any delimited text by the csv module, in blocks; a second time if a record is wider than the first ones."""
    pending = 0

    def on_line(n: int) -> None:
        nonlocal pending
        pending += n

    if n_columns > limits.columns:
        raise Fault("too-large", what="columns", found=n_columns, limit=limits.columns)
    widest = n_columns
    with SheetWriter(path, sheet, n_columns) as writer:
        rows: list[list[str]] = []
        for record in _all_records(text, delimiter, on_line):
            if len(record) > widest:
                widest = len(record)
                if widest > limits.columns:
                    raise Fault("too-large", what="columns", found=widest, limit=limits.columns)
            if widest > n_columns:
                continue  # only counts from here on
            rows.append(record)
            if len(rows) >= writer.batch_rows or pending > 32 * MIB:
                writer.write_rows(rows)
                rows, pending = [], 0
        if widest == n_columns and rows:
            writer.write_rows(rows)
    if widest > n_columns:
        read_ragged(text, delimiter, path, sheet, limits, widest)


def read_delimited(text: Text, path: Path, sheet: Sheet, limits: Limits) -> None:
    """Read a delimited text, the fast way where its body is rectangular."""
    shape = find_shape(text)
    if shape.n_columns and text.n_quotes % 2 == 0 and text.size > SNIFFED_BYTES:
        try:
            read_rectangular(text, shape, path, sheet, limits)
            return
        except pa.ArrowInvalid:
            pass
    read_ragged(text, shape.delimiter, path, sheet, limits, max(1, shape.n_columns))


# --- HTML ---------------------------------------------------------------------------------------------------------


class HtmlTables(HTMLParser):
    """Collects the tables of a page: rows of text and merged ranges. A table within a cell is text of that cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[list[list[str]], list[tuple[int, int, int, int]]]] = []
        self._depth = 0
        self._skip = 0
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._held: dict[int, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, row or cell."""
        if tag in ("style", "script"):
            self._skip += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append(([], []))
                self._held = {}
        elif self._depth == 1 and tag == "tr":
            self._end_cell()
            self.tables[-1][0].append([])
            self._held = {column: left - 1 for column, left in self._held.items() if left > 1}
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
            if not self.tables[-1][0]:
                self.tables[-1][0].append([])
            self._cell = []
            spans = dict(attrs)
            self._span = (_small(spans.get("rowspan"), 65_534), _small(spans.get("colspan"), 1_000))
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a table or cell."""
        if tag in ("style", "script"):
            self._skip = max(0, self._skip - 1)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_cell()
            self._depth -= 1
        elif self._depth == 1 and tag in ("td", "th", "tr"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        """Add text to the cell."""
        if self._cell is not None and not self._skip:
            self._cell.append(re.sub(r"[ \t\r\n]+", " ", data))

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        rows, merged = self.tables[-1]
        row = rows[-1]
        while len(row) in self._held:
            row.append("")
        first, (n_down, n_across) = len(row), self._span
        text = "".join(self._cell).replace("\xa0", " ")
        row += [re.sub(r" *\n *", "\n", text).strip(), *[""] * (n_across - 1)]
        if n_down > 1:
            # The row that holds the cell counts one off when the next `tr` begins.
            self._held.update(dict.fromkeys(range(first, first + n_across), n_down))
        if n_down > 1 or n_across > 1:
            merged.append((len(rows) - 1, first, len(rows) + n_down - 2, first + n_across - 1))
        self._cell = None


def _small(number: str | None, most: int) -> int:
    return min(max(int(number), 1), most) if number and number.isdecimal() and len(number) < 6 else 1


def read_html(text: Text, into: Path, result: Result, limits: Limits) -> None:
    """Read the tables of a page, one sheet each (system exports call such a page `.xls`)."""
    if text.size > limits.text_bytes // 16:
        raise Fault("too-large", what="bytes", found=text.size, limit=limits.text_bytes // 16)
    parser = HtmlTables()
    with text.path.open(encoding="utf-8", newline="") as file:
        file.seek(text.skip)
        while block := file.read(MIB):
            parser.feed(block)
        parser.close()
    if not parser.tables:
        raise Fault("not-a-table", found="HTML")
    if len(parser.tables) > limits.sheets:
        raise Fault("too-large", what="sheets", found=len(parser.tables), limit=limits.sheets)
    for index, (rows, merged) in enumerate(parser.tables):
        sheet = Sheet(f"table {index + 1}", merged=merged)
        result.sheets.append(sheet)
        n_columns = max(map(len, rows), default=0)
        if n_columns > limits.columns:
            raise Fault("too-large", what="columns", found=n_columns, limit=limits.columns)
        with SheetWriter(stream_path(into, index), sheet, n_columns) as writer:
            for some in _chunks(rows, writer.batch_rows):
                writer.write_rows(some)


# --- workbooks ----------------------------------------------------------------------------------------------------


def _scientific(number: float) -> str:
    """Write a number as Excel shows it from 16 digits on, so that a credit code it has eaten can be told."""
    mantissa, exponent = f"{number:.5E}".split("E")
    return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"


def number_as_text(number: float) -> str:
    """Write a number with at most 15 digits, as Excel does: `3`, `1379.88`, `0.3` (not 0.30000000000000004), `9.14101E+17`."""
    if not math.isfinite(number):
        return "#NUM!"
    if abs(number) >= 1e15:
        return _scientific(number)
    if number == int(number):
        return str(int(number))
    return format(number, ".15g").upper()


def _datetime_as_text(moment: dt.datetime) -> str:
    # A serial number has no exact minutes; calamine keeps milliseconds, Excel shows the nearest second.
    moment = (moment + dt.timedelta(milliseconds=500)).replace(microsecond=0)
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment.time() != dt.time() else moment.strftime("%Y-%m-%d")


def _time_as_text(time_of_day: dt.time) -> str:
    seconds = time_of_day.hour * 3600 + time_of_day.minute * 60 + time_of_day.second
    return _duration_as_text(dt.timedelta(seconds=seconds, microseconds=time_of_day.microsecond))


def _duration_as_text(duration: dt.timedelta) -> str:
    seconds = round(duration.total_seconds())
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


AS_TEXT: dict[type, Callable[[Any], str]] = {
    str: lambda v: v,
    float: number_as_text,
    int: number_as_text,
    bool: lambda v: "TRUE" if v else "FALSE",
    dt.date: dt.date.isoformat,
    dt.datetime: _datetime_as_text,
    dt.time: _time_as_text,
    dt.timedelta: _duration_as_text,
}


def cells_as_text(column: Iterable[object]) -> pa.Array:
    """Write a column of a workbook as text."""
    column = list(column)
    if set(map(type, column)) != {str}:
        column = [AS_TEXT[type(v)](v) for v in column]
    return pa.array(column, pa.string())


def _chunks(rows: Iterable[Any], n: int) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while some := list(itertools.islice(iterator, n)):
        yield some


def column_letters(column: int) -> str:
    """Return the letters of a 0-based column: 0 → A, 16383 → XFD."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: bytes) -> int:
    """Return the 0-based column of its letters."""
    n = 0
    for letter in letters.upper():
        n = n * 26 + letter - 64
    return n - 1


@dataclass(slots=True)
class SheetScan:
    """What a look at a sheet's XML told before the reader proper may see it.

    Attributes:
        errors: text of error cells by 0-based row and column; calamine gives them as empty.
    """

    errors: dict[int, dict[int, str]] = field(default_factory=dict[int, dict[int, str]])
    n_hidden_rows: int = 0
    has_unknown_formula: bool = False


ScanOf = Callable[[int, str], SheetScan]
"""The scan of a sheet, by its place in the workbook or its name."""

_WIDE = re.compile(rb"""r=["']([A-Za-z]{2,3})[0-9]""")
_DEEP = re.compile(rb"""r=["'][A-Za-z]{1,3}([0-9]{6,7})""")
_FILLED = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*\s)?r\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["'](?:[^>]*[^>/])?>""")
_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*hidden=["'](?:1|true)""")
_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?=(?:[^>]*\s)?r=["']([A-Za-z]{1,3})([0-9]{1,7}))(?=[^>]*\bt=["']e)[^>]*>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]{1,40})<""",
    re.DOTALL,
)
_UNKNOWN_FORMULA = re.compile(rb"</f>(?:<v\s*/>|<v></v>)?</c>")


def _xml_chunks(archive: zipfile.ZipFile, name: str, limits: Limits) -> Iterator[bytes]:
    """Inflate an XML entry in chunks that end before a cell begins, and refuse DTDs on the way."""
    rest, n_bytes = b"", 0
    with archive.open(name) as file:
        for block in _blocks(file):
            n_bytes += len(block)
            if n_bytes > limits.inflated_bytes:
                raise Fault("too-large", what="inflated", found=n_bytes, limit=limits.inflated_bytes)
            if n_bytes == len(block) and b"<!DOCTYPE" in block[:4096]:
                raise Fault("not-a-table", found="DTD")
            block = rest + block
            cut = max(block.rfind(b"<c "), block.rfind(b":c "), len(block) - 65_536)
            cut = max(block.rfind(b"<", 0, cut + 1), 0)
            rest, block = block[cut:], block[:cut]
            yield block
    yield rest


def scan_sheet(archive: zipfile.ZipFile, entry: str, sheet_name: str, limits: Limits) -> SheetScan:
    """Look at a sheet's XML before calamine does: it allocates the whole area up to the last cell, even 512 GiB of it."""
    scan = SheetScan()
    wide: set[bytes] = set()
    deep: set[bytes] = set()
    for xml in _xml_chunks(archive, entry, limits):
        wide.update(_WIDE.findall(xml))
        deep.update(_DEEP.findall(xml))
        if b"hidden=" in xml:
            scan.n_hidden_rows += len(_HIDDEN_ROW.findall(xml))
        if b't="e' in xml or b"t='e" in xml:
            for column, row, text in _ERROR_CELL.findall(xml):
                scan.errors.setdefault(int(row) - 1, {})[column_number(column)] = text.decode("utf-8", "replace")
        if not scan.has_unknown_formula and b"</f>" in xml:
            scan.has_unknown_formula = _UNKNOWN_FORMULA.search(xml) is not None
    n_columns = max(map(column_number, wide), default=25) + 1
    n_rows = max(map(int, deep), default=99_999)
    if n_columns * n_rows > limits.cells or n_columns > limits.columns:
        _refuse_far_cell(archive, entry, sheet_name, limits)
    return scan


def _refuse_far_cell(archive: zipfile.ZipFile, entry: str, sheet_name: str, limits: Limits) -> None:
    """Look again, exactly: only cells that hold something count. Name the far one that makes the area too large."""
    widest, deepest, at_widest, at_deepest = 0, 0, "", ""
    for xml in _xml_chunks(archive, entry, limits):
        for match in _FILLED.finditer(xml):
            column, row = column_number(match[1]) + 1, int(match[2])
            if column > widest:
                widest, at_widest = column, f"{match[1].decode()}{row}"
            if row > deepest:
                deepest, at_deepest = row, f"{match[1].decode()}{row}"
    if widest > limits.columns:
        raise Fault("too-large", what="far-cell", sheet=sheet_name, cell=at_widest, found=widest * deepest, limit=limits.cells)
    if widest * deepest > limits.cells:
        # The odd one out is the one further beyond what a table may need: columns run out before rows.
        cell = at_widest if widest > 702 else at_deepest
        raise Fault("too-large", what="far-cell", sheet=sheet_name, cell=cell, found=widest * deepest, limit=limits.cells)


def _check_archive(archive: zipfile.ZipFile, size: int, limits: Limits) -> set[str]:
    """Check an archive by its directory: number of entries, inflated size, ratio, overlap, encryption."""
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise Fault("too-large", what="entries", found=len(entries), limit=limits.entries)
    inflated = sum(entry.file_size for entry in entries)
    if inflated > limits.inflated_bytes or (inflated > 64 * MIB and inflated > limits.inflation * size):
        raise Fault("too-large", what="inflated", found=inflated, limit=min(limits.inflated_bytes, limits.inflation * size))
    places = sorted((entry.header_offset, entry.compress_size) for entry in entries)
    if any(here + packed > there for (here, packed), (there, _) in itertools.pairwise(places)):
        raise Fault("not-a-table", found="ZIP")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Fault("encrypted-workbook")
    return {entry.filename for entry in entries}


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _sheet_entries(archive: zipfile.ZipFile, names: set[str], limits: Limits) -> dict[str, str]:
    """Return the archive entry of each sheet by the sheet's name."""

    def tree(name: str) -> ElementTree.Element:
        xml = b"".join(_xml_chunks(archive, name, limits))
        try:
            return ElementTree.fromstring(xml)  # noqa: S314 (a DTD has been refused above, limits hold)
        except ElementTree.ParseError as error:
            raise Fault("truncated-file") from error

    targets: dict[str, str] = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for relation in tree("xl/_rels/workbook.xml.rels"):
            target = relation.get("Target", "")
            targets[relation.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"
    entries: dict[str, str] = {}
    for element in tree("xl/workbook.xml").iter():
        if _local(element.tag) == "sheet":
            relation_id = next((v for k, v in element.attrib.items() if _local(k) == "id"), "")
            entry = targets.get(relation_id, "")
            if entry in names and "worksheets/" in entry:
                entries[element.get("name", "")] = entry
    return entries


def read_zip(file: BinaryIO, path: Path, size: int, into: Path, result: Result, limits: Limits) -> None:
    """Read an archive: an Excel or OpenDocument workbook, or nothing for us."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = _check_archive(archive, size, limits)
            if "xl/workbook.xml" in names:
                result.kind = "xlsx"
                if "xl/vbaProject.bin" in names:
                    result.note("macros")
                if any(name.startswith("xl/externalLinks/") for name in names):
                    result.note("external-links")
                scans = {
                    sheet: scan_sheet(archive, entry, sheet, limits)
                    for sheet, entry in _sheet_entries(archive, names, limits).items()
                }
                for name in ("xl/sharedStrings.xml", "xl/styles.xml"):
                    if name in names:
                        deque(_xml_chunks(archive, name, limits), maxlen=0)
            elif "xl/workbook.bin" in names:
                raise Fault("not-a-table", found="XLSB")
            elif "content.xml" in names and b"spreadsheet" in (archive.read("mimetype")[:200] if "mimetype" in names else b""):
                result.kind = "ods"
                if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
                    raise Fault("encrypted-workbook")
                deque(_xml_chunks(archive, "content.xml", limits), maxlen=0)
                scans = {}
            else:
                raise Fault("not-a-table", found=_archive_kind(names))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, struct.error) as error:
        raise Fault("truncated-file") from error
    except (UnicodeDecodeError, ValueError, OSError, KeyError) as error:
        raise Fault("truncated-file") from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise Fault("truncated-file") from error
        raise
    read_workbook(path, into, result, limits, lambda _, name: scans.get(name, SheetScan()))


def _archive_kind(names: set[str]) -> str:
    if any(name.startswith("word/") for name in names):
        return "Word"
    if any(name.startswith("ppt/") for name in names):
        return "PowerPoint"
    return "ZIP"


def read_workbook(path: Path, into: Path, result: Result, limits: Limits, scan_of: ScanOf) -> None:
    """Read every worksheet with calamine."""
    # calamine goes by the extension; without one it tries every format and keeps the reason of a failure to itself.
    named = into / f"workbook.{result.kind}"
    named.unlink(missing_ok=True)
    named.symlink_to(path.absolute())
    try:
        book = calamine.CalamineWorkbook.from_path(named)
        sheets = [
            (m, scan_of(i, m.name)) for i, m in enumerate(book.sheets_metadata) if m.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        if len(sheets) > limits.sheets:
            raise Fault("too-large", what="sheets", found=len(sheets), limit=limits.sheets)
        for index, (metadata, scan) in enumerate(sheets):
            cells = book.get_sheet_by_name(metadata.name)
            sheet = Sheet(
                metadata.name,
                hidden=metadata.visible != calamine.SheetVisibleEnum.Visible,
                merged=[(*first, *last) for first, last in cells.merged_cell_ranges or []],
                n_hidden_rows=scan.n_hidden_rows,
            )
            result.sheets.append(sheet)
            _write_sheet(cells, stream_path(into, index), sheet, scan, limits)
            if sheet.hidden:
                result.note("hidden-sheet")
            if scan.n_hidden_rows:
                result.note("hidden-rows")
            if scan.has_unknown_formula:
                result.note("formula-without-value")
    except calamine.PasswordError as error:
        raise Fault("encrypted-workbook") from error
    except calamine.CalamineError as error:
        if "Cell limit exceeded" in str(error):
            raise Fault("too-large", what="area", found=_first_number(str(error)), limit=limits.cells) from error
        raise Fault("truncated-file") from error
    if not any(sheet.n_rows for sheet in result.sheets):
        raise Fault("empty-file")


def _first_number(text: str) -> int:
    found = re.search(r"\d+", text)
    return int(found[0]) if found else 0


def _write_sheet(cells: calamine.CalamineSheet, path: Path, sheet: Sheet, scan: SheetScan, limits: Limits) -> None:
    if cells.start is None or cells.end is None:
        SheetWriter(path, sheet, 0).__exit__()
        return
    n_left = cells.start[1]
    n_columns = cells.end[1] + 1
    if n_columns > limits.columns:
        raise Fault(
            "too-large",
            what="far-cell",
            sheet=sheet.name,
            cell=f"{column_letters(cells.end[1])}{cells.end[0] + 1}",
            found=n_columns * (cells.end[0] + 1),
            limit=limits.cells,
        )
    first = 0
    with SheetWriter(path, sheet, n_columns) as writer:
        for rows in _chunks(cells.iter_rows(), writer.batch_rows):
            if scan.errors:
                for i, row in enumerate(rows, first):
                    for column, text in scan.errors.get(i, {}).items():
                        if n_left <= column < n_columns:
                            row[column - n_left] = text
            nothing = pa.nulls(len(rows), pa.string())
            writer.write_columns([nothing] * n_left + [cells_as_text(c) for c in zip(*rows, strict=True)], len(rows))
            first += len(rows)


# --- old binary workbooks -----------------------------------------------------------------------------------------

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END_OF_CHAIN = 0xFFFFFFFA  # this and above: end, free and bookkeeping sectors


class Compound:
    """The root folder of an OLE2 file: just enough to tell what it is and to look through its workbook stream."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        if len(data) < 512:
            raise Fault("truncated-file")
        shift, n_fat, directory, self.cutoff = (
            struct.unpack_from("<H", data, 30)[0],
            struct.unpack_from("<I", data, 44)[0],
            struct.unpack_from("<I", data, 48)[0],
            struct.unpack_from("<I", data, 56)[0],
        )
        if shift not in (9, 12):
            raise Fault("truncated-file")
        self._sector_size = 1 << shift
        tables = list(struct.unpack_from("<109I", data, 76))
        more, n_more = struct.unpack_from("<2I", data, 68)
        for _ in range(min(n_more, 10_000)):
            if more >= _END_OF_CHAIN:
                break
            *part, more = struct.unpack(f"<{self._sector_size // 4}I", self._sector(more))
            tables += part
        fat = b"".join(self._sector(n) for n in tables[:n_fat] if n < _END_OF_CHAIN)
        self._fat = memoryview(fat).cast("I")
        self.entries = self._root_entries(self.chain(directory))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._sector_size
        sector = self._data[start : start + self._sector_size]
        # The last sector of a sound file may be short (some writers do not pad).
        if not sector:
            raise Fault("truncated-file")
        return sector.ljust(self._sector_size, b"\0")

    def chain(self, number: int) -> bytes:
        """Return the sectors that begin with `number`, joined."""
        sectors: list[bytes] = []
        while number < _END_OF_CHAIN:
            if number >= len(self._fat) or len(sectors) > len(self._fat):
                raise Fault("truncated-file")
            sectors.append(self._sector(number))
            number = self._fat[number]
        return b"".join(sectors)

    @staticmethod
    def _root_entries(directory: bytes) -> dict[str, tuple[int, int]]:
        """Return first sector and size of everything in the root folder, by name."""
        entries: dict[str, tuple[int, int]] = {}
        seen: set[int] = set()
        waiting = [struct.unpack_from("<I", directory, 76)[0]] if directory else []
        while waiting:
            number = waiting.pop()
            at = number * 128
            if number in seen or at + 128 > len(directory):
                continue
            seen.add(number)
            n_name = struct.unpack_from("<H", directory, at + 64)[0]
            name = directory[at : at + max(0, min(n_name, 64) - 2)].decode("utf-16-le", "replace")
            left, right = struct.unpack_from("<2I", directory, at + 68)
            entries[name] = struct.unpack_from("<2I", directory, at + 116)
            waiting += [left, right]
        return entries


BIFF_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def scan_biff(stream: bytes) -> list[SheetScan]:
    """Look through the records of an old workbook for what calamine does not tell: error cells and hidden rows."""
    at, scans = 0, list[SheetScan]()
    begins: dict[int, SheetScan] = {}
    scan = SheetScan()
    unpack = struct.Struct("<HH").unpack_from
    end = len(stream) - 4
    while at <= end:
        kind, size = unpack(stream, at)
        body = at + 4
        if kind == 0x0809 and at in begins:
            scan = begins[at]
        elif kind == 0x0085 and size >= 8:
            begins[struct.unpack_from("<I", stream, body)[0]] = new = SheetScan()
            scans.append(new)
        elif kind == 0x0205 and size >= 8 and body + 8 <= len(stream) and stream[body + 7]:
            row, column = unpack(stream, body)
            scan.errors.setdefault(row, {})[column] = BIFF_ERRORS.get(stream[body + 6], "#ERR!")
        elif kind == 0x0006 and size >= 14 and stream[body + 12 : body + 14] == b"\xff\xff" and stream[body + 6] == 2:
            row, column = unpack(stream, body)
            scan.errors.setdefault(row, {})[column] = BIFF_ERRORS.get(stream[body + 8], "#ERR!")
        elif kind == 0x0208 and size >= 16 and body + 16 <= len(stream) and stream[body + 12] & 0x20:
            scan.n_hidden_rows += 1
        at = body + size
    return scans


def read_ole(file: BinaryIO, path: Path, into: Path, result: Result, limits: Limits) -> None:
    """Read an OLE2 file: an old Excel or WPS workbook, an encrypted new one, or nothing for us."""
    compound = Compound(file.read())
    if "EncryptedPackage" in compound.entries:
        raise Fault("encrypted-workbook")
    stream = compound.entries.get("Workbook") or compound.entries.get("Book")
    if stream is None:
        kinds = {"WordDocument": "Word", "PowerPoint Document": "PowerPoint"}
        raise Fault("not-a-table", found=next((k for n, k in kinds.items() if n in compound.entries), "OLE2"))
    result.kind = "xls"
    if "_VBA_PROJECT_CUR" in compound.entries:
        result.note("macros")
    first, size = stream
    scans: list[SheetScan] = []
    if size >= compound.cutoff:
        data = compound.chain(first)
        if len(data) < size:
            raise Fault("truncated-file")
        scans = scan_biff(data[:size])
        del data
    del compound
    read_workbook(path, into, result, limits, lambda index, _: scans[index] if index < len(scans) else SheetScan())


# --- one file -----------------------------------------------------------------------------------------------------

MAGIC = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"{\\rtf": "RTF",
    b"MIME-Version:": "MHTML",
    b"\x7fELF": "program",
    b"MZ": "program",
}
"""What files that are no tables begin with. Two-letter beginnings count only with a zero byte among the first 64."""


def stream_path(into: Path, index: int) -> Path:
    """Return where the cells of a sheet lie."""
    return into / f"sheet_{index:03d}.arrows"


def is_workbook(start: bytes) -> bool:
    """Whether a file that begins so is read as a workbook (an archive or OLE2 file), or else as text."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06", OLE_MAGIC))


def read(file: BinaryIO, path: Path, into: Path, limits: Limits) -> Result:
    """Read one file into `into`; what it is, is told by its content alone."""
    result = Result()
    try:
        _read(file, path, into, result, limits)
    except Fault as fault:
        result.fault, result.details = fault.code, fault.details
    except MemoryError:
        result.fault, result.details = "too-much-memory", {"limit": limits.memory}
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        result.fault, result.details = "too-large", {"what": "cells", "found": "", "limit": _output_limit(0, limits)}
    finally:
        for left_over in (into / "text.utf8", into / f"workbook.{result.kind}"):
            left_over.unlink(missing_ok=True)
    if result.fault:
        result.sheets = []
    return result


def _read(file: BinaryIO, path: Path, into: Path, result: Result, limits: Limits) -> None:
    size = os.fstat(file.fileno()).st_size
    start = file.read(64)
    file.seek(0)
    if not start:
        raise Fault("empty-file")
    if is_workbook(start):
        if size > limits.workbook_bytes:
            raise Fault("too-large", what="bytes", found=size, limit=limits.workbook_bytes)
        if start.startswith(OLE_MAGIC):
            read_ole(file, path, into, result, limits)
        else:
            read_zip(file, path, size, into, result, limits)
        return
    for magic, kind in MAGIC.items():
        if start.startswith(magic) and (len(magic) > 2 or b"\0" in start):
            raise Fault("not-a-table", found=kind)
    if size > limits.text_bytes:
        raise Fault("too-large", what="bytes", found=size, limit=limits.text_bytes)
    if not start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" in start:
        raise Fault("not-a-table", found="binary")
    text = open_text(file, path, into)
    result.encoding = text.encoding
    with text.path.open("rb") as decoded:
        decoded.seek(text.skip)
        head = decoded.read(4096)
    if not head.strip():
        raise Fault("empty-file")
    if len(head.translate(None, _CONTROLS)) < 0.9 * len(head):
        raise Fault("not-a-table", found="binary")
    head = head.lstrip().lower()
    if head.startswith(b"<") and b"urn:schemas-microsoft-com:office:spreadsheet" in head and b"<html" not in head:
        raise Fault("not-a-table", found="XML")
    if head.startswith(b"<") and re.search(rb"<(?:!doctype )?html|<table|<head|<meta|<style", head):
        result.kind = "html"
        read_html(text, into, result, limits)
    else:
        result.kind = "csv"
        sheet = Sheet("")
        result.sheets.append(sheet)
        read_delimited(text, stream_path(into, 0), sheet, limits)
    if not any(cell for sheet in result.sheets for row in sheet.head for cell in row) and all(
        sheet.n_rows <= HEAD_ROWS for sheet in result.sheets
    ):
        raise Fault("empty-file")


_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a"))


# --- zygote -------------------------------------------------------------------------------------------------------

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


def _output_limit(size: int, limits: Limits) -> int:
    """Largest file a child may write: the cells of the largest workbook, or several times a text."""
    return max(2 * limits.inflated_bytes, 64 * MIB + 8 * size)


def _leave_the_network() -> bool:
    """Move into a network namespace without interfaces, where the kernel lets us."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0


def _own_memory() -> tuple[int, int]:
    """Return this process's private writable memory and its address space, in bytes."""
    status = Path("/proc/self/status").read_text()
    data, space = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) for name in ("VmData", "VmSize"))  # type: ignore[index]
    return data * 1024, space * 1024


def _limit_child(size: int, seconds: float, limits: Limits) -> None:
    data, space = _own_memory()
    # RLIMIT_DATA is the limit proper; the address space also holds what threads reserve and never touch.
    for kind, most in (
        (resource.RLIMIT_DATA, data + limits.memory),
        (resource.RLIMIT_AS, space + limits.memory + 512 * MIB),
        (resource.RLIMIT_CPU, max(1, math.ceil(2 * seconds))),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_FSIZE, _output_limit(size, limits)),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(kind, (most, most))


def _child(descriptor: int, size: int, seconds: float, request: dict[str, Any], limits: Limits) -> None:
    """Read one file and leave `reading.json`. Never returns."""
    status = 1
    try:
        into = Path(request["into"])
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        errors = os.open(into / "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDWR)
        for target, source in ((0, nothing), (1, nothing), (2, errors)):
            os.dup2(source, target)
        _limit_child(size, seconds, limits)
        with os.fdopen(descriptor, "rb") as file:
            result = read(file, Path(f"/proc/self/fd/{descriptor}"), into, limits)
        draft = into / f"{RESULT}.draft"
        draft.write_text(json.dumps(asdict(result), ensure_ascii=False, separators=(",", ":")), "utf-8")
        draft.rename(into / RESULT)
        status = 0
    except BaseException:  # noqa: BLE001
        # A PanicException of calamine is no Exception. The file is at fault until the opposite is shown.
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _serve(request: dict[str, Any]) -> dict[str, Any]:
    """Fork a child for one file, wait for it, and say how it went."""
    limits = Limits(**request["limits"])
    try:
        descriptor = os.open(request["path"], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return {"refused": error.errno}
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return {"refused": errno.ELOOP}
        seconds = limits.seconds_for(status.st_size, is_workbook=is_workbook(os.pread(descriptor, 8, 0)))
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            _child(descriptor, status.st_size, seconds, request, limits)
    finally:
        os.close(descriptor)
    is_late = not _wait(pid, seconds)
    if is_late:
        os.kill(pid, signal.SIGKILL)
    _, wait_status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(wait_status)
    return {
        "exit": max(code, 0),
        "signal": max(-code, 0),
        "is_late": is_late,
        "seconds": round(time.monotonic() - began, 4),
        "limit_seconds": seconds,
        "max_rss": usage.ru_maxrss * 1024,
    }


def _wait(pid: int, seconds: float) -> bool:
    """Wait until the child ends; False when the time is over or the other end of our pipe has gone."""
    poll = select.poll()
    child = os.pidfd_open(pid)
    try:
        poll.register(child, select.POLLIN)
        poll.register(0, 0)  # only its end is of interest
        ready = poll.poll(max(0.0, seconds) * 1000)
        return any(descriptor == child for descriptor, _ in ready)
    finally:
        os.close(child)


def main() -> None:
    """Serve requests from standard input until it ends."""
    _leave_the_network()
    # On a large machine more threads would only mean more memory: each reads a block ahead.
    pa.set_io_thread_count(2)
    pa.set_cpu_count(2)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        answer = _serve(json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
