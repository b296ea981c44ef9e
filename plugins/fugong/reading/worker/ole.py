"""Reads OLE2 files: old Excel and WPS workbooks; refuses encrypted new ones."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from fugong.reading.limits import Limits
from fugong.reading.worker.formula_cells import saved_by
from fugong.reading.worker.properties import note_binary
from fugong.reading.worker.result import FileRefused, Result
from fugong.reading.worker.styled_cells import MAX_STYLES, Styles, those_that_matter
from fugong.reading.worker.workbook import SheetScan, read_workbook

_END_OF_CHAIN = 0xFFFFFFFA  # from here on: end, free and bookkeeping sectors
_SMALL_SECTOR = 64


class Compound:
    """The root folder of an OLE2 file: just enough to find out what it is and to scan its workbook stream."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        if len(data) < 512:
            raise FileRefused("truncated-file")
        shift, n_fat, directory, self._cutoff = (
            struct.unpack_from("<H", data, 30)[0],
            struct.unpack_from("<I", data, 44)[0],
            struct.unpack_from("<I", data, 48)[0],
            struct.unpack_from("<I", data, 56)[0],
        )
        if shift not in (9, 12):
            raise FileRefused("truncated-file")
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
        folder = self.chain(directory)
        self.entries = self._root_entries(folder)
        self._small_first = struct.unpack_from("<I", data, 60)[0]
        self._small_stream = struct.unpack_from("<I", folder, 116)[0] if folder else _END_OF_CHAIN

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._sector_size
        sector = self._data[start : start + self._sector_size]
        # The last sector of a sound file may be short (some writers do not pad).
        if not sector:
            raise FileRefused("truncated-file")
        return sector.ljust(self._sector_size, b"\0")

    def read(self, name: str) -> bytes | None:
        """Return the bytes of an entry of the root folder; None if there is none."""
        if name not in self.entries:
            return None
        first, size = self.entries[name]
        data = self.chain(first) if size >= self._cutoff else self._small_chain(first)
        if len(data) < size:
            raise FileRefused("truncated-file")
        return data[:size]

    def _small_chain(self, number: int) -> bytes:
        """Return the chain of small sectors that begins with `number`, joined. They lie in a stream and have a table of their own."""
        table = memoryview(self.chain(self._small_first)).cast("I")
        stream = self.chain(self._small_stream)
        sectors: list[bytes] = []
        while number < _END_OF_CHAIN:
            if number >= len(table) or len(sectors) > len(table):
                raise FileRefused("truncated-file")
            sectors.append(stream[number * _SMALL_SECTOR : (number + 1) * _SMALL_SECTOR])
            number = table[number]
        return b"".join(sectors)

    def chain(self, number: int) -> bytes:
        """Return the chain of sectors that begins with `number`, joined."""
        sectors: list[bytes] = []
        while number < _END_OF_CHAIN:
            if number >= len(self._fat) or len(sectors) > len(self._fat):
                raise FileRefused("truncated-file")
            sectors.append(self._sector(number))
            number = self._fat[number]
        return b"".join(sectors)

    @staticmethod
    def _root_entries(directory: bytes) -> dict[str, tuple[int, int]]:
        """Return first sector and size of every entry of the root folder, by name."""
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


BOUND_SHEET, SHEET_BEGINS, FORMULA, ERROR_CELL, ROW, COLUMNS = 0x0085, 0x0809, 0x0006, 0x0205, 0x0208, 0x007D
ENCRYPTED, OTHER_BOOK, COUNTS_DAYS_FROM = 0x002F, 0x01AE, 0x0022
OWN_SHEETS, ADD_IN = 0x0401, 0x3A01
"""These stand in place of the length of a name where the record refers to no other file."""
MACRO_SHEET = 1
FORMAT, CELL_FORMAT = 0x041E, 0x00E0
SEVERAL_NUMBERS = 0x00BD
PACKED_NUMBER = 0x027E
NUMBERS = frozenset((0x0203, PACKED_NUMBER, SEVERAL_NUMBERS, FORMULA))
SHARED_FORMULA = 0x04BC
CONTINUED = 0x003C
TEXTS_BESIDE_CELLS = {
    0x0014: "pages",
    0x0015: "pages",
    0x089C: "pages",  # headers and footers
    0x0018: "names",
    0x0023: "names",
    0x001C: "comments",  # the author; the text is in a box
    0x00EC: "boxes",
    0x01B6: "boxes",
    0x100D: "shapes",  # titles of charts
    0x01B8: "links",
    0x0800: "links",
    0x01BE: "hints",
    0x005C: "properties",  # who saved the file
    0x01AE: "others",
    0x005A: "others",  # other books, and what their cells held
}
PROPERTIES = ("\x05SummaryInformation", "\x05DocumentSummaryInformation")
MIN_TEXT = 11
LONG_FORMULA = 22 + MIN_TEXT
"""Of a shorter formula the text can hold no personal number."""


def scan_biff(stream: bytes, result: Result, limits: Limits) -> tuple[list[SheetScan], Styles]:
    """Scan the records of an old workbook for what calamine does not report: error cells, hidden rows and columns, links, formats.

    Returns:
        The scan of each sheet, and the number formats that matter.
    """
    at, scans, is_biff8 = 0, list[SheetScan](), True
    begins: dict[int, SheetScan] = {}
    scan = SheetScan()
    codes: dict[int, str] = {}
    used: dict[int, int] = {}
    styles: Styles = {}
    unpack = struct.Struct("<HH").unpack_from
    row = column = 0
    end = len(stream) - 4
    place: str | None = None
    while at <= end:
        kind, size = unpack(stream, at)
        body = at + 4
        if body + size > len(stream):
            break
        if not at and size >= 2:
            is_biff8 = unpack(stream, body)[0] >= 0x0600
        if kind == SHEET_BEGINS and at in begins:
            scan = begins[at]
            styles = styles or those_that_matter(used, codes)
        elif kind == BOUND_SHEET and size >= 8:
            begins[struct.unpack_from("<I", stream, body)[0]] = new = SheetScan()
            scans.append(new)
            if stream[body + 5] == MACRO_SHEET:
                result.note("macros")
        elif kind == ERROR_CELL and size >= 8 and stream[body + 7]:
            row, column = unpack(stream, body)
            scan.errors.setdefault(row, {})[column] = BIFF_ERRORS.get(stream[body + 6], "#ERR!")
        elif kind == FORMULA and is_biff8 and size >= 22 and not _is_error(stream, body):
            row, column = unpack(stream, body)
            (length,) = struct.unpack_from("<H", stream, body + 20)
            scan.formulas.add_tokens(row, column, stream[body + 22 : body + 22 + length])
        elif kind == SHARED_FORMULA and size >= 10:
            (length,) = struct.unpack_from("<H", stream, body + 8)
            scan.formulas.share_tokens((row, column), stream[body + 10 : body + 10 + length])
        elif kind == FORMULA and size >= 14 and _is_error(stream, body):
            row, column = unpack(stream, body)
            scan.errors.setdefault(row, {})[column] = BIFF_ERRORS.get(stream[body + 8], "#ERR!")
        elif kind == ROW and size >= 16 and stream[body + 12] & 0x20:
            scan.hide_rows(unpack(stream, body)[0])
        elif kind == COLUMNS and size >= 10:
            first, last, width, _, flags = struct.unpack_from("<5H", stream, body)
            if flags & 1 or not width:
                scan.hidden_columns.update(range(first, min(last + 1, limits.columns)))
        elif kind == OTHER_BOOK and size >= 4:
            n_sheets, n_name = unpack(stream, body)
            if n_name not in (OWN_SHEETS, ADD_IN):
                # A link to a program is stored as its name, byte 3, topic.
                is_dde = n_sheets == 0 and 3 in stream[body + 4 : body + size]
                result.note("dde-links" if is_dde else "external-links")
        elif kind == COUNTS_DAYS_FROM and size >= 2:
            result.is_1904 = bool(stream[body] & 1)
        elif kind == FORMAT and size > 5 and len(codes) < MAX_STYLES:
            codes[unpack(stream, body)[0]] = _code_of(stream[body + 2 : body + size], is_wide=is_biff8)
        elif kind == CELL_FORMAT and size >= 4 and len(used) < MAX_STYLES:
            used[len(used)] = unpack(stream, body)[1]
        elif kind == ENCRYPTED:
            raise FileRefused("encrypted-workbook")
        if kind != CONTINUED:
            place = TEXTS_BESIDE_CELLS.get(kind)
        if place is not None and size >= MIN_TEXT:
            note_binary(result, place, stream[body : body + size])
        elif kind == FORMULA and size >= LONG_FORMULA:
            note_binary(result, "formulas", stream[body + 22 : body + size])
        if styles and kind in NUMBERS and size >= 6:
            row, column, style = struct.unpack_from("<3H", stream, body)
            if kind != SEVERAL_NUMBERS:
                if style in styles and not (styles[style].only_rounds and _is_whole(kind, stream, body)):
                    scan.styled.add(row, column, style)
            else:
                for n in range((size - 6) // 6):
                    style = unpack(stream, body + 4 + 6 * n)[0]
                    if style in styles and not (styles[style].only_rounds and _is_whole(PACKED_NUMBER, stream, body + 6 * n)):
                        scan.styled.add(row, column + n, style)
        at = body + size
    return scans, styles


def _is_error(stream: bytes, body: int) -> bool:
    """Whether the saved result of a formula is an error."""
    return stream[body + 12 : body + 14] == b"\xff\xff" and stream[body + 6] == 2


def _is_whole(kind: int, stream: bytes, body: int) -> bool:
    """Whether a record surely holds a whole number: packed in 30 bits, or a float without decimals."""
    if kind == PACKED_NUMBER:
        return stream[body + 6] & 3 == 2
    return struct.unpack_from("<d", stream, body + 6)[0].is_integer()


def _code_of(body: bytes, *, is_wide: bool) -> str:
    """The code of a number format; before Excel 97 in a code page, of which only ASCII and GBK are known."""
    if not is_wide:
        return body[1 : 1 + body[0]].decode("gbk", "replace")
    n, flags = struct.unpack_from("<HB", body)
    return body[3 : 3 + 2 * n].decode("utf-16-le", "replace") if flags & 1 else body[3 : 3 + n].decode("latin-1")


def read_ole(file: BinaryIO, path: Path, into: Path, result: Result, limits: Limits) -> None:
    """Read an old Excel or WPS workbook; refuse an encrypted new one and any other OLE2 file."""
    compound = Compound(file.read())
    if "EncryptedPackage" in compound.entries:
        raise FileRefused("encrypted-workbook")
    stream = compound.read("Workbook") or compound.read("Book")
    if stream is None:
        kinds = {"WordDocument": "Word", "PowerPoint Document": "PowerPoint"}
        raise FileRefused("not-a-table", found=next((k for n, k in kinds.items() if n in compound.entries), "OLE2"))
    result.kind = "xls"
    if not {"_VBA_PROJECT_CUR", "Macros"}.isdisjoint(compound.entries):
        result.note("macros")
    properties = [compound.read(name) or b"" for name in PROPERTIES]
    for one in properties:
        note_binary(result, "properties", one)
    scans, styles = scan_biff(stream, result, limits)
    for scan in scans:
        scan.formulas.saved_by = saved_by(b"".join(properties).decode("latin-1"))
    del stream
    del compound
    read_workbook(path, into, result, limits, lambda index, _: scans[index] if index < len(scans) else SheetScan(), styles)
