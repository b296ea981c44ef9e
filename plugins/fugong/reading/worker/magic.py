"""Tells what a file is from its first bytes."""

from __future__ import annotations

import re
import struct

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
ARCHIVES = {
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"MSCF": "CAB",
}
"""First bytes of archives that are not opened."""
FOREIGN = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"{\\rtf": "RTF",
    b"MIME-Version:": "MHTML",
    b"\x7fELF": "program",
    b"MZ": "program",
}
"""First bytes of files that hold no tables. Those of two letters count only with a zero byte among the first 64."""


DRM = {b"E-SafeNet": "E-SafeNet", b"%TSD-Header-": "TSD"}
"""What programs that encrypt an office's documents (亿赛通 and others) write among the first bytes, and how we call it."""
OLD_BIFF = re.compile(rb"\x09[\x00\x02\x04](?:\x04|\x06)\x00|\x09\x08(?:\x08|\x10)\x00\x00[\x05\x06]")
"""Excel 2 to 4; Excel 5 and later without the OLE2 file around it."""
SYLK = re.compile(rb"ID;P[^\r\n]{0,60}\r?\n[A-Z]{1,2};")
WORKS = re.compile(rb"\x00\x00\x02\x00[\x04-\x06]\x04|\x00\x00\x1a\x00[\x00-\x05]\x10")
DBF_VERSIONS = frozenset(b"\x02\x03\x04\x05\x30\x31\x32\x43\x63\x83\x8b\x8c\xcb\xe5\xf5\xfb")


def is_workbook(start: bytes) -> bool:
    """Whether a file with these first bytes is read as a workbook (an archive or OLE2 file); any other is read as text."""
    return start.startswith((*ZIP_MAGIC, OLE_MAGIC))


def foreign_kind(start: bytes) -> str | None:
    """The kind of a file that certainly holds no table, from its first 64 bytes; None for any other."""
    for magic, kind in FOREIGN.items():
        if start.startswith(magic) and (len(magic) > 2 or b"\0" in start):
            return kind
    return archive_kind(start)


def archive_kind(start: bytes) -> str | None:
    """The kind of an archive that is not opened, from its first 64 bytes; None for any other file."""
    found = next((kind for magic, kind in ARCHIVES.items() if start.startswith(magic)), None)
    return None if found == "bzip2" and b"\0" not in start and start.isascii() else found


def drm_of(start: bytes) -> str | None:
    """The program that has encrypted a file of an office, from its first 64 bytes; None where there is none that we know."""
    return next((name for magic, name in DRM.items() if magic in start[:32]), None) if start[:1] != b"P" else None


def old_table_kind(start: bytes) -> str | None:
    """The kind of a table that only another program opens, from its first 64 bytes; None for any other file."""
    if OLD_BIFF.match(start):
        return "BIFF"
    if SYLK.match(start):
        return "SYLK"
    if WORKS.match(start):
        return "Lotus"
    return "DBF" if _is_dbf(start) else None


def _is_dbf(start: bytes) -> bool:
    """Whether a file begins as dBASE and FoxPro tables do: a version, a day, and sizes of header and record that fit."""
    if len(start) < 32 or start[0] not in DBF_VERSIONS or b"\0" not in start[12:32]:
        return False
    month, day = start[2:4]
    header, record = struct.unpack_from("<2H", start, 8)
    return 1 <= month <= 12 and 1 <= day <= 31 and header >= 65 and header % 32 in (1, 2, 8) and record > 1
