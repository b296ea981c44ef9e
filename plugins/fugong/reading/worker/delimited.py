"""Reads delimited text into cells: finds the delimiter, the rectangular body and unclosed quotes."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import csv
import io
import itertools
import math
import os
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from fugong.reading.limits import MIB, Limits
from fugong.reading.worker.ahead import taken_ahead
from fugong.reading.worker.decoding import Text
from fugong.reading.worker.result import FileRefused, Sheet, widths_path
from fugong.reading.worker.sheet_writer import SheetWriter, pc

BLOCK_BYTES = 3 * MIB // 2
"""Bytes of a text that Arrow parses at once. It reads up to 32 blocks ahead, so this bounds the memory."""
SNIFFED_BYTES = 64 * 1024
SNIFFED_RECORDS = 100
DELIMITERS = ",\t;|"
LINE_END = re.compile(r"\r\n|\n|\r")
MIN_SUSPICIOUS_LINES = 3
"""A cell with at least so many line ends may have swallowed records behind an unclosed quote."""
END_MARK = "\0end"
"""Fed to a parser after the last line: a quote that is still open swallows it. No text holds NUL at this point."""


@dataclass(slots=True)
class Shape:
    """How a delimited text splits into cells, found from its first records.

    Attributes:
        preamble: records above the rectangular body: titles, declarations.
        body: byte offset of the body.
        n_columns: fields in a record of the body; 0 where the first records show no body.
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
    """Return the delimiter that splits most records into the same number of fields; more fields are better."""

    def fit(delimiter: str) -> float:
        counts = _count_fields(lines, delimiter)
        several = Counter(n for n in counts if n > 1)
        return max((share / len(counts) * math.log2(n) for n, share in several.items()), default=0.0)

    return max(DELIMITERS, key=fit)


def find_shape(text: Text) -> Shape:
    """Find delimiter and body from the first 100 records."""
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
        ends.pop()  # may continue beyond the sample
    if len(ends) < 2:
        return Shape(delimiter, [], offset, 0)
    n_columns = len(ends[-1][0])
    first = max((i + 1 for i, (record, _) in enumerate(ends) if len(record) != n_columns), default=0)
    if n_columns == 0 or first > len(ends) - 2:
        return Shape(delimiter, [], offset, 0)
    return Shape(delimiter, [r for r, _ in ends[:first]], ends[first - 1][1] if first else offset, n_columns)


class Widths:
    """Writes how many cells each record of a text has, two bytes a record."""

    def __init__(self, path: Path, sheet: Sheet) -> None:
        self._file = path.open("wb")
        sheet.has_widths = True

    def __enter__(self) -> Widths:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, rows: list[list[str]]) -> None:
        """Add records."""
        array("H", map(len, rows)).tofile(self._file)

    def add_alike(self, n_rows: int, n_cells: int) -> None:
        """Add records that all have `n_cells` cells."""
        self._file.write(array("H", [n_cells]).tobytes() * n_rows)


class Span(io.RawIOBase):
    """The bytes of a file from one offset to another, followed by `after`."""

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
    """Find the byte offset where the rectangular body ends, and the records below it: blank lines, totals, notes.

    Only a text without quotes can be split from its end, because each of its lines is a record.
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


def _is_for_a_closer_look(batch: pa.RecordBatch, limits: Limits) -> bool:
    """Whether a cell is long, or holds so many lines that it may hold records; `read_ragged` decides."""
    for column in batch.columns:
        if (pc.max(pc.binary_length(column)).as_py() or 0) > limits.cell_characters:
            return True
        texts = column.buffers()[2]
        # Searching all bytes at once is much cheaper than searching each cell.
        if (
            texts is not None
            and (b"\n" in (held := texts.to_pybytes()) or b"\r" in held)
            and pc.max(pc.count_substring_regex(column, LINE_END.pattern)).as_py() >= MIN_SUSPICIOUS_LINES
        ):
            return True
    return False


def _has_swallowed(record: list[str], delimiter: str, n_columns: int) -> bool:
    """Whether a cell holds lines that look like records: one stray quote opened it and the next one closed it."""
    for cell in record:
        inner = LINE_END.split(cell)[1:-1]
        if len(inner) < MIN_SUSPICIOUS_LINES - 1:
            continue
        [(n_delimiters, n_alike)] = Counter(line.count(delimiter) for line in inner).most_common(1)
        is_like_a_record = (n_delimiters >= 1 and n_delimiters + 1 == n_columns) or (not n_columns and n_delimiters >= 2)
        # In a table of two columns the lines of a genuine cell may hold the one delimiter, too.
        if is_like_a_record and 2 * n_alike > len(inner) and (n_delimiters > 1 or len(inner) >= 5 * MIN_SUSPICIOUS_LINES):
            return True
    return False


def read_rectangular(text: Text, shape: Shape, path: Path, sheet: Sheet, limits: Limits) -> None:
    """Read a text with a rectangular body by Arrow's reader.

    Raises:
        pa.ArrowInvalid: the body is not rectangular after all; `read_ragged` gives the same cells for any text.
    """
    body_end, tail = _find_tail(text, shape)
    if any(_has_swallowed(record, shape.delimiter, shape.n_columns) for record in (*shape.preamble, *tail)):
        raise pa.ArrowInvalid("a cell may hold records")
    n_columns = max(shape.n_columns, *(len(r) for r in shape.preamble), *(len(r) for r in tail), 1)
    if n_columns > limits.columns:
        raise FileRefused("too-large", what="columns", found=n_columns, limit=limits.columns)
    names = [f"c{i}" for i in range(shape.n_columns)]
    end_mark = b""
    if text.n_quotes:
        end_mark = (END_MARK + shape.delimiter * (shape.n_columns - 1) + "\n").encode()
        with text.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            end_mark = end_mark if file.read(1) in b"\r\n" else b"\n" + end_mark
    with (
        SheetWriter(path, sheet, n_columns) as writer,
        Widths(widths_path(path), sheet) as widths,
        Span(text.path, shape.body, body_end, end_mark) as span,
    ):
        if shape.preamble:
            writer.write_rows(shape.preamble)
            widths.add(shape.preamble)
        reader = pa_csv.open_csv(
            pa.PythonFile(span, mode="r"),
            read_options=pa_csv.ReadOptions(column_names=names, block_size=BLOCK_BYTES),
            parse_options=pa_csv.ParseOptions(
                delimiter=shape.delimiter,
                newlines_in_values=text.n_quotes > 0,
                ignore_empty_lines=False,
            ),
            convert_options=pa_csv.ConvertOptions(
                check_utf8=False,  # `open_text` has decoded all of it
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
        held: pa.RecordBatch | None = None
        with taken_ahead(reader) as batches:
            for batch in batches:
                if _is_for_a_closer_look(batch, limits):
                    raise pa.ArrowInvalid("a cell may hold records")
                if held is not None:
                    writer.write_columns(held.columns, held.num_rows)
                    widths.add_alike(held.num_rows, shape.n_columns)
                held = batch
        if held is not None:
            n_marks = 1 if end_mark else 0
            if n_marks and held.column(0)[-1].as_py() != END_MARK:
                raise pa.ArrowInvalid("a quote is still open at the end")
            n_rows = held.num_rows - n_marks
            writer.write_columns(held.slice(0, n_rows).columns, n_rows)
            widths.add_alike(n_rows, shape.n_columns)
        if tail:
            writer.write_rows(tail)
            widths.add(tail)


def _all_records(
    text: Text, delimiter: str, n_columns: int, on_line: Callable[[int], None], limits: Limits
) -> Iterator[list[str]]:
    def lines() -> Iterator[str]:
        with text.path.open("rb", buffering=MIB) as raw:
            raw.seek(text.skip)
            for line in io.TextIOWrapper(raw, "utf-8", newline=""):
                on_line(len(line))
                yield line
        yield END_MARK

    csv.field_size_limit(limits.cell_characters)
    reader = csv.reader(lines(), delimiter=delimiter, quotechar='"', doublequote=True)
    begun = 1
    try:
        for record in reader:
            if record and END_MARK in record[-1]:
                if record != [END_MARK]:
                    raise FileRefused("unclosed-quote", line=begun)
                return
            if reader.line_num - begun >= MIN_SUSPICIOUS_LINES and _has_swallowed(record, delimiter, n_columns):
                raise FileRefused("unclosed-quote", line=begun)
            yield record
            begun = reader.line_num + 1
    except csv.Error as error:
        if "field larger" not in str(error):
            raise
        if text.n_quotes:
            raise FileRefused("unclosed-quote", line=begun) from error
        raise FileRefused("too-large", what="cell", found=0, limit=limits.cell_characters) from error


def read_ragged(text: Text, shape: Shape, path: Path, sheet: Sheet, limits: Limits, n_columns: int = 1) -> None:
    """Read any delimited text by the csv module, in blocks; read it a second time if a record is wider than the first ones."""
    n_columns = max(n_columns, shape.n_columns)
    pending = 0

    def on_line(n: int) -> None:
        nonlocal pending
        pending += n

    if n_columns > limits.columns:
        raise FileRefused("too-large", what="columns", found=n_columns, limit=limits.columns)
    widest = n_columns
    with SheetWriter(path, sheet, n_columns) as writer, Widths(widths_path(path), sheet) as widths:
        rows: list[list[str]] = []
        for record in _all_records(text, shape.delimiter, shape.n_columns, on_line, limits):
            if len(record) > widest:
                widest = len(record)
                if widest > limits.columns:
                    raise FileRefused("too-large", what="columns", found=widest, limit=limits.columns)
            if widest > n_columns:
                continue  # only measure the width from here on
            rows.append(record)
            if len(rows) >= writer.batch_rows or pending > 32 * MIB:
                writer.write_rows(rows)
                widths.add(rows)
                rows, pending = [], 0
        if widest == n_columns and rows:
            writer.write_rows(rows)
            widths.add(rows)
    if widest > n_columns:
        read_ragged(text, shape, path, sheet, limits, widest)


def read_delimited(text: Text, path: Path, sheet: Sheet, limits: Limits) -> None:
    """Read a delimited text; by Arrow where its body is rectangular, which is faster."""
    shape = find_shape(text)
    if shape.n_columns and text.n_quotes % 2 == 0 and text.size > SNIFFED_BYTES:
        try:
            read_rectangular(text, shape, path, sheet, limits)
            return
        except pa.ArrowInvalid:
            pass
    read_ragged(text, shape, path, sheet, limits)
