"""Decodes bytes to text by the encoding under which the whole file decodes strictly."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import codecs
import itertools
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

import pyarrow as pa

from fugong.reading.limits import MIB
from fugong.reading.worker.result import FileRefused


@dataclass(slots=True)
class Text:
    """A text file that decodes.

    Attributes:
        path: the file itself where it is UTF-8, else a copy in UTF-8.
        encoding: of the file as sent, as Python names it.
        skip: number of bytes of byte order marks at its start.
        size: bytes of the file at `path`, marks included.
    """

    path: Path
    encoding: str
    skip: int
    size: int
    n_quotes: int


def blocks(file: IO[bytes], size: int = MIB) -> Iterator[bytes]:
    """Yield a file in blocks."""
    while block := file.read(size):
        yield block


def decode(file: BinaryIO, encoding: str, skip: int, onto: BinaryIO | None) -> tuple[int, FileRefused | None, int]:
    """Decode a whole file in blocks; write it as UTF-8 where `onto` is given.

    Returns:
        the number of quotes; the refusal, if the file does not decode; how many Chinese characters came before that place.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    file.seek(skip)
    n_quotes, n_lines, offset = 0, 0, skip
    for block in itertools.chain(blocks(file), [b""]):
        n_pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(encoding, "replace")
            at = offset - n_pending + error.start
            line = n_lines + (before.count("\n") or before.count("\r")) + 1
            n_chinese = sum("一" <= c <= "鿿" for c in before[-10_000:])
            code = "undecodable" if block else "truncated-file"
            return n_quotes, FileRefused(code, offset=at, line=line, encoding=encoding), n_chinese
        if "\0" in text:
            before = text[: text.index("\0")]
            line = n_lines + (before.count("\n") or before.count("\r")) + 1
            at = offset - n_pending + len(before.encode(encoding))
            return n_quotes, FileRefused("undecodable", offset=at, line=line, encoding=encoding), 0
        n_quotes += text.count('"')
        n_lines += text.count("\n") or text.count("\r")
        if onto is not None:
            onto.write(text.encode())
        offset += len(block)
    return n_quotes, None, 0


def _count_quotes(file: BinaryIO, skip: int) -> int | None:
    """Count the quotes of a text that is UTF-8 without NUL; None for any other. `decode` finds where that breaks, at a third of the speed."""
    file.seek(skip)
    n_quotes, rest = 0, b""
    for block in itertools.chain(blocks(file), [b""]):
        text = rest + block
        # The last character may continue in the next block. Four bytes without a first byte are not UTF-8: the check below fails.
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
        if b'"' in text:  # searching is faster than counting
            n_quotes += text.count(b'"')
    return n_quotes


def open_text(file: BinaryIO, path: Path, into: Path) -> Text:
    """Find the encoding under which the whole file decodes strictly. No byte is ever replaced.

    Raises:
        FileRefused: there is none; the place named is that of the likelier encoding.
    """
    start = file.read(64)
    size = os.fstat(file.fileno()).st_size
    marks = len(start) - len(start.removeprefix(codecs.BOM_UTF8))
    # WPS and some export tools write the mark twice; skip all of them.
    while start[marks:].startswith(codecs.BOM_UTF8):
        marks += 3
    wide = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}.get(start[:2])
    n_chinese, refused = 0, None
    if not wide:
        counted = _count_quotes(file, marks)
        if counted is not None:
            return Text(path, "utf-8", marks, size, counted)
        n_quotes, refused, n_chinese = decode(file, "utf-8", marks, None)
        if refused is None:
            return Text(path, "utf-8", marks, size, n_quotes)
        # GB18030 never decodes as Chinese UTF-8 for long: after eight characters the file is UTF-8 with a damaged byte.
        if marks or n_chinese >= 8:
            raise refused
    encoding = wide or "gb18030"
    copy = into / "text.utf8"
    with copy.open("wb", buffering=MIB) as onto:
        n_quotes, other, _ = decode(file, encoding, 2 if wide else 0, onto)
        if other is not None:
            # The encoding that got further is the likelier one.
            raise refused if refused and int(refused.details["offset"]) > int(other.details["offset"]) else other
    return Text(copy, encoding, 0, copy.stat().st_size, n_quotes)
