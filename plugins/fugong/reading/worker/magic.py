"""Tells what a file is from its first bytes."""

from __future__ import annotations

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
FOREIGN = {
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
"""First bytes of files that hold no tables. Those of two letters count only with a zero byte among the first 64."""


def is_workbook(start: bytes) -> bool:
    """Whether a file with these first bytes is read as a workbook (an archive or OLE2 file); any other is read as text."""
    return start.startswith((*ZIP_MAGIC, OLE_MAGIC))


def foreign_kind(start: bytes) -> str | None:
    """The kind of a file that certainly holds no table, from its first 64 bytes; None for any other."""
    for magic, kind in FOREIGN.items():
        if start.startswith(magic) and (len(magic) > 2 or b"\0" in start):
            return kind
    return None
