"""Writes a workbook again as calamine expects it, where Excel opens it and calamine does not."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath

from fugong.reading.worker.archive import Archive

COPY = "workbook.copy"
_TARGET = re.compile(rb"""(\sTarget\s*=\s*["'])([^"']*)(["'])""")
_TRIMMED = re.compile(rb"(<(?:\w+:)?v>)\s*([-+0-9.:eETZ]+|#[A-Z0-9/!?]+|true|false)\s*(</(?:\w+:)?v>)")
_CELL_END = re.compile(rb".*</(?:\w+:)?c>", re.DOTALL)


def relations_of(entry: str) -> str:
    """The entry that holds the relations of another one."""
    folder, _, name = entry.rpartition("/")
    return f"{folder}/_rels/{name}.rels".lstrip("/")


def is_plain(archive: Archive, workbook: str) -> bool:
    """Whether entries and relations are written as calamine reads them."""
    if any("\\" in entry.orig_filename for entry in archive.entries.values()):
        return False
    relations = archive.find(relations_of(workbook))
    xml = b"".join(archive.xml(relations)) if relations else b""
    return not any(re.search(rb"\\|(?:^|/)\.{1,2}/|//", target) for _, target, _ in _TARGET.findall(xml))


def write_clean_copy(archive: Archive, workbook: str, sheets: set[str], into: Path) -> Path:
    """Write the XML of a workbook into a file of its own: slashes, relations from the root, no blanks around numbers.

    Args:
        sheets: the entries of the worksheets.
    """
    copy = into / COPY
    relations = archive.find(relations_of(workbook))
    folder = workbook.rpartition("/")[0]
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as onto:
        for name in archive.entries:
            if not name.casefold().endswith((".xml", ".rels")):
                continue
            with onto.open(name, "w", force_zip64=True) as entry:
                if name == relations:
                    xml = b"".join(archive.xml(name))
                    entry.write(_TARGET.sub(lambda found: found[1] + _from_root(found[2], folder) + found[3], xml))
                    continue
                for block in _trimmed(archive.xml(name)) if name in sheets else archive.xml(name):
                    entry.write(block)
    return copy


def _from_root(target: bytes, folder: str) -> bytes:
    text = target.decode("utf-8", "surrogateescape").replace("\\", "/")
    if "://" in text:
        return target
    return ("/" + normpath(text.lstrip("/") if text.startswith("/") else f"{folder}/{text}".lstrip("/"))).encode(
        "utf-8", "surrogateescape"
    )


def _trimmed(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the XML of a sheet without blanks around the values that are no texts."""
    rest = b""
    for block in blocks:
        rest += block
        if whole := _CELL_END.match(rest):
            yield _TRIMMED.sub(rb"\1\2\3", whole[0])
            rest = rest[whole.end() :]
    yield rest
