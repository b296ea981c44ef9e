"""Reads text of unknown origin into cells: guesses encoding and dialect, and keeps the damage of a wrong record to that record.

Never used for a department's file, where a guess could be loaded as a figure.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from fugong.reading.limits import MIB, Limits
from fugong.reading.worker.decoding import Text, decode, open_text
from fugong.reading.worker.dialect import find_dialect
from fugong.reading.worker.records import Records
from fugong.reading.worker.result import FileRefused, Sheet
from fugong.reading.worker.sheet_writer import SheetWriter

SAMPLE_BYTES = 64 * 1024
MAX_CELL_LENGTH = MIB
HELD_CHARACTERS = 16 * MIB
WESTERN = ("cp1252", "latin-1")


def looks_wide(start: bytes) -> str | None:
    """The encoding of UTF-16 without a mark, where every other byte of mostly Latin text is zero; None for anything else."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if 2 * max(even, odd) < len(start) * 0.6 or min(even, odd):
        return None
    return "utf-16-be" if even else "utf-16-le"


def looks_chinese(sample: bytes) -> bool:
    """Whether bytes above ASCII come in pairs whose first byte is that of a common Chinese character in GB2312."""
    pairs, single, at = Counter[bool](), 0, 0
    while at < len(sample):
        if sample[at] < 0x80:
            at += 1
        elif at + 1 < len(sample) and 0xA1 <= sample[at] <= 0xF7 and sample[at + 1] >= 0xA1:
            pairs[sample[at] <= 0xD7] += 1
            at += 2
        else:
            single += 1
            at += 1
    return pairs[True] >= 4 * (pairs[False] + single)


def looks_western(sample: bytes) -> bool:
    """Whether bytes above ASCII stand alone, as accented letters do; other scripts have several in a row."""
    runs = re.findall(rb"[\x80-\xff]+", sample)
    return 2 * sum(map(len, runs)) <= 3 * len(runs)


def open_freely(file: BinaryIO, path: Path, into: Path) -> Text:
    """Find an encoding under which the whole file decodes, including Western ones.

    Raises:
        FileRefused: there is none.
    """
    start = file.read(SAMPLE_BYTES)
    file.seek(0)
    wide = looks_wide(start[:64])
    marked = start.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    refused: FileRefused | None = None
    if not wide:
        try:
            text = open_text(file, path, into)
        except FileRefused as error:
            refused = error
        else:
            if text.encoding != "gb18030" or looks_chinese(start) or not looks_western(start):
                return text
    if refused and (marked or not looks_western(start)):
        raise refused
    copy = into / "text.utf8"
    for encoding in [wide] if wide else WESTERN:
        with copy.open("wb", buffering=MIB) as onto:
            n_quotes, found, _ = decode(file, encoding, 0, onto)
        if found is None:
            return Text(copy, encoding, 0, copy.stat().st_size, n_quotes)
        refused = refused or found
    assert refused
    raise refused


def _lines(text: Text) -> Iterator[str]:
    with text.path.open("rb", buffering=MIB) as raw:
        raw.seek(text.skip)
        yield from io.TextIOWrapper(raw, "utf-8", newline="")


def _sample(text: Text) -> str:
    """The first lines; only complete ones where there is more than one."""
    with text.path.open("rb") as file:
        file.seek(text.skip)
        start = file.read(SAMPLE_BYTES)
        is_whole = not file.read(1)
    sample = start.decode("utf-8", "ignore")
    if is_whole:
        return sample
    end = max(sample.rfind("\n"), sample.rfind("\r"))
    return sample[: end + 1] if end > 0 else sample


def read_freely(text: Text, path: Path, sheet: Sheet, limits: Limits) -> dict[str, Any]:
    """Read a delimited text into a stream; return its dialect and how well that fits."""
    dialect, fit = find_dialect(_sample(text))
    csv.field_size_limit(MAX_CELL_LENGTH)
    n_columns = dialect.n_cells
    while True:
        records = Records(_lines(text), dialect)
        widest = _write(records, path, sheet, n_columns, limits)
        if widest <= n_columns:
            break
        n_columns = widest
    return {**asdict(dialect), "agreement": fit.agreement, "values": fit.values, "n_mended": records.n_mended}


def _write(records: Records, path: Path, sheet: Sheet, n_columns: int, limits: Limits) -> int:
    """Write records of at most `n_columns` cells; return the width of the widest one. Where that is more, all must be written again."""
    if n_columns > limits.columns:
        raise FileRefused("too-large", what="columns", found=n_columns, limit=limits.columns)
    widest, held = n_columns, 0
    with SheetWriter(path, sheet, n_columns, keeps_blanks=True) as writer:
        rows: list[list[str]] = []
        for record in records:
            if len(record) > widest:
                widest = len(record)
                if widest > limits.columns:
                    raise FileRefused("too-large", what="columns", found=widest, limit=limits.columns)
            if widest > n_columns:
                continue  # only measure the width from here on
            rows.append(record)
            held += sum(map(len, record))
            if len(rows) >= writer.batch_rows or held > HELD_CHARACTERS:
                writer.write_rows(rows)
                rows, held = [], 0
        if rows and widest == n_columns:
            writer.write_rows(rows)
    return widest
