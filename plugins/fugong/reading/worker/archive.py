"""Checks ZIP archives before a reader of workbooks opens them.

Sizes are counted while entries are inflated and compared with the directory, which is never trusted.
"""

from __future__ import annotations

import codecs
import itertools
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from fugong.reading.limits import MIB, Limits
from fugong.reading.worker.result import FileRefused

LOCAL_HEADER = struct.Struct("<4s5H3I2H")
END_RECORD = struct.Struct("<4s4H2IH")
END_MAGIC = b"PK\5\6"
DIRECTORY_LINE = 46
"""Smallest number of bytes of an entry in the directory."""
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
IS_ENCRYPTED, IS_UTF_8 = 1, 0x800
PACKED_BLOCK = 256 * 1024


def _raw_name(entry: zipfile.ZipInfo) -> bytes:
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & IS_UTF_8 else "cp437")


def name_of(entry: zipfile.ZipInfo) -> str:
    """The name of an entry. Chinese Windows writes it in GBK without marking it so."""
    raw = _raw_name(entry)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", "backslashreplace")


def unsound(why: str) -> FileRefused:
    """The refusal of an archive that no ordinary program writes."""
    return FileRefused("unsound-archive", why=why)


class Archive:
    """An archive whose directory passed the checks.

    Attributes:
        entries: by name, with slashes between folders; the folders themselves are left out.
    """

    def __init__(self, file: BinaryIO, size: int, limits: Limits) -> None:
        self._file, self._size, self._limits = file, size, limits
        self._sizes: dict[str, int] = {}
        self._refuse_long_directory(size)
        try:
            with zipfile.ZipFile(file) as directory:
                found = directory.infolist()
        except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, struct.error) as error:
            raise FileRefused("truncated-file") from error
        except (ValueError, OSError, KeyError) as error:  # damaged fields of the directory
            raise FileRefused("truncated-file") from error
        if len(found) > limits.entries:
            raise FileRefused("too-large", what="entries", found=len(found), limit=limits.entries)
        inflated = sum(entry.file_size for entry in found)
        self._refuse_large(inflated, size)
        places = sorted((entry.header_offset, entry.compress_size) for entry in found)
        if places and places[0][0] < 0:
            raise unsound("directory")
        if any(here + packed > there for (here, packed), (there, _) in itertools.pairwise(places)):
            raise unsound("overlap")
        if any(entry.flag_bits & IS_ENCRYPTED for entry in found):
            raise FileRefused("encrypted-workbook")
        if any(stat.S_ISLNK(entry.external_attr >> 16) for entry in found):
            raise unsound("link")
        # Some .NET libraries write backslashes between folders; Office takes them for slashes.
        named = {entry.filename.replace("\\", "/"): entry for entry in found}
        if len({name.casefold() for name in named}) < len(found):
            raise unsound("same name")
        self.entries = {name: entry for name, entry in named.items() if not name.endswith("/")}
        self._by_folded = {name.casefold(): name for name in self.entries}

    def find(self, name: str) -> str | None:
        """The name of an entry as the directory spells it; None where there is none. Case does not count, as in Office."""
        return self._by_folded.get(name.casefold())

    def _refuse_long_directory(self, size: int) -> None:
        """Refuse a long directory before `zipfile` parses it, which makes an object of each entry."""
        start = max(0, size - 65_535 - END_RECORD.size)
        self._file.seek(start)
        end = self._file.read()
        at = end.rfind(END_MAGIC)
        if at < 0 or at + END_RECORD.size > len(end):
            raise FileRefused("truncated-file")
        n_entries, length = END_RECORD.unpack_from(end, at)[4:6]
        most = self._limits.entries
        if n_entries != 0xFFFF and (n_entries > most or length > most * (DIRECTORY_LINE + 2 * 65_535)):
            raise FileRefused("too-large", what="entries", found=max(n_entries, length // DIRECTORY_LINE), limit=most)

    def _refuse_large(self, inflated: int, packed: int) -> None:
        limits = self._limits
        if inflated > limits.inflated_bytes:
            raise FileRefused("too-large", what="inflated", found=inflated, limit=limits.inflated_bytes)
        if inflated > limits.inflation_free_bytes and inflated > limits.inflation * packed:
            most = max(limits.inflation_free_bytes, limits.inflation * packed)
            raise FileRefused("too-large", what="inflated", found=inflated, limit=most)

    def _start_of_data(self, entry: zipfile.ZipInfo) -> int:
        self._file.seek(entry.header_offset)
        header = self._file.read(LOCAL_HEADER.size)
        if len(header) < LOCAL_HEADER.size:
            raise FileRefused("truncated-file")
        magic, _, flags, method, _, _, _, _, _, n_name, n_extra = LOCAL_HEADER.unpack(header)
        if magic != b"PK\3\4":
            raise FileRefused("truncated-file")
        name = self._file.read(n_name)
        if flags & IS_ENCRYPTED:
            raise FileRefused("encrypted-workbook")
        if method != entry.compress_type or name != _raw_name(entry):
            raise unsound("directory")
        if method not in (STORED, DEFLATED):
            raise unsound("method")
        return entry.header_offset + LOCAL_HEADER.size + n_name + n_extra

    def _packed(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        at, left = self._start_of_data(entry), entry.compress_size
        while left:
            self._file.seek(at)  # entries may be inflated in turn
            block = self._file.read(min(left, PACKED_BLOCK))
            if not block:
                raise FileRefused("truncated-file")
            at, left = at + len(block), left - len(block)
            yield block

    def inflate(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of an entry in blocks, checking size, ratio and check sum against what is really inflated."""
        entry = self.entries[name]
        n_packed = n_inflated = check = 0
        inflater = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == DEFLATED else None
        for packed in self._packed(entry):
            n_packed += len(packed)
            for block in _inflated(inflater, packed) if inflater else (packed,):
                n_inflated += len(block)
                check = zlib.crc32(block, check)
                self._refuse_large(n_inflated, n_packed)
                if n_inflated > entry.file_size:
                    raise unsound("directory")
                yield block
        if inflater and not inflater.eof:
            raise FileRefused("truncated-file")
        if n_inflated != entry.file_size:
            raise unsound("directory")
        if check != entry.CRC:
            raise FileRefused("truncated-file")
        self._sizes[name] = n_inflated
        self._refuse_large(sum(self._sizes.values()), self._size)

    def start(self, name: str, n: int) -> bytes:
        """Return the first `n` bytes of an entry."""
        start = b""
        for block in self.inflate(name):
            start += block
            if len(start) >= n:
                break
        return start[:n]

    def xml(self, name: str) -> Iterator[bytes]:
        """Yield an XML entry in chunks that end before a cell begins; refuse DTDs and endless texts on the way."""
        rest, is_first = b"", True
        for block in self.inflate(name):
            if is_first and (block.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)) or b"\0" in block[:4]):
                raise unsound("UTF-16")  # the search for DTDs below would miss them
            is_first = False
            block = rest + block
            # The text of a cell would read `&lt;!DOCTYPE`. A single byte is found ten times as fast as a word.
            if b"!" in block and (b"<!DOCTYPE" in block or b"<!ENTITY" in block):
                raise FileRefused("not-a-table", found="DTD")
            cut = max(block.rfind(b"<c "), block.rfind(b":c "), len(block) - 65_536)
            cut = max(block.rfind(b"<", 0, cut + 1), 0)
            rest, block = block[cut:], block[:cut]
            if len(rest) > 4 * self._limits.cell_characters + MIB:
                raise FileRefused("too-large", what="cell", found=len(rest), limit=self._limits.cell_characters)
            yield block
        yield rest


def _inflated(inflater: Any, packed: bytes) -> Iterator[bytes]:
    """Inflate a block of packed bytes, a mebibyte at a time."""
    while not inflater.eof:
        try:
            block = inflater.decompress(packed, MIB)
        except zlib.error as error:
            raise FileRefused("truncated-file") from error
        packed = inflater.unconsumed_tail
        if block:
            yield block
        if not packed and len(block) < MIB:
            return
