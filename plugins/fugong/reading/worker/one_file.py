"""Reads one file into cells. Its content alone decides what it is, never its name."""

from __future__ import annotations

import codecs
import errno
import os
import re
from pathlib import Path
from typing import BinaryIO

from fugong.reading.limits import MIB, Limits
from fugong.reading.worker.archive import Archive
from fugong.reading.worker.clean_copy import COPY
from fugong.reading.worker.decoding import open_text
from fugong.reading.worker.delimited import read_delimited
from fugong.reading.worker.free_text import looks_wide, open_freely, read_freely
from fugong.reading.worker.html_tables import read_html
from fugong.reading.worker.magic import OLE_MAGIC, archive_kind, drm_of, foreign_kind, is_workbook, old_table_kind
from fugong.reading.worker.ods import is_ods, read_ods
from fugong.reading.worker.ole import read_ole
from fugong.reading.worker.packed import read_packed
from fugong.reading.worker.parquet import is_parquet, read_parquet
from fugong.reading.worker.result import FileRefused, Result, Sheet, stream_path
from fugong.reading.worker.sheet_writer import HEAD_ROWS
from fugong.reading.worker.spreadsheet_xml import read_spreadsheet_xml
from fugong.reading.worker.xlsx import find_workbook, read_xlsx

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a"))


def read(file: BinaryIO, path: Path, into: Path, limits: Limits, *, is_free: bool = False) -> Result:
    """Read one file into `into`.

    Args:
        is_free: read without a contract, so that encoding and dialect of a text are guessed.
    """
    result = Result(is_free=is_free)
    try:
        _read(file, path, into, result, limits)
    except FileRefused as refused:
        result.refused, result.details = refused.code, refused.details
    except MemoryError:
        result.refused, result.details = "too-much-memory", {"limit": limits.memory}
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        result.refused, result.details = "too-large", {"what": "cells", "found": "", "limit": output_limit(0, limits)}
    finally:
        for left_over in (into / "text.utf8", into / f"workbook.{result.kind}", into / COPY):
            left_over.unlink(missing_ok=True)
    if result.refused:
        result.sheets = []
    return result


def _read(file: BinaryIO, path: Path, into: Path, result: Result, limits: Limits) -> None:
    size = os.fstat(file.fileno()).st_size
    start = file.read(64)
    file.seek(0)
    if not start:
        raise FileRefused("empty-file")
    if program := drm_of(start):
        raise FileRefused("drm-encrypted", program=program)
    if kind := old_table_kind(start):
        raise FileRefused("table-of-another-program", found=kind)
    if kind := archive_kind(start):
        raise FileRefused("archive-of-another-program", kind=kind)
    if kind := foreign_kind(start):
        raise FileRefused("not-a-table", found=kind)
    if is_parquet(start):
        read_parquet(file, start, size, into, result, limits)
        return
    if not is_workbook(start):
        _read_text(file, path, size, start, into, result, limits)
        return
    if size > limits.workbook_bytes:
        raise FileRefused("too-large", what="bytes", found=size, limit=limits.workbook_bytes)
    if start.startswith(OLE_MAGIC):
        read_ole(file, path, into, result, limits)
        return
    archive = Archive(file, size, limits)
    if workbook := find_workbook(archive):
        read_xlsx(archive, workbook, path, into, result, limits)
    elif archive.find("xl/workbook.bin"):
        raise FileRefused("table-of-another-program", found="XLSB")
    elif any(name.endswith(".iwa") for name in archive.entries) or archive.find("Index.zip"):
        raise FileRefused("table-of-another-program", found="iWork")
    elif is_ods(archive):
        read_ods(archive, path, into, result, limits)
    elif kind := _document_kind(archive):
        raise FileRefused("not-a-table", found=kind)
    elif result.inner_name is not None:
        raise FileRefused("nested-archive")
    else:
        read_packed(archive, into, result, lambda inner: _read_inner(inner, into, result, limits))


def _read_inner(path: Path, into: Path, result: Result, limits: Limits) -> None:
    with path.open("rb") as file:
        _read(file, path, into, result, limits)


def _document_kind(archive: Archive) -> str | None:
    """The kind of a document in an archive that is neither a workbook nor a set of packed files; None where unknown."""
    if any(name.startswith("word/") for name in archive.entries):
        return "Word"
    if any(name.startswith("ppt/") for name in archive.entries):
        return "PowerPoint"
    if "mimetype" in archive.entries and "META-INF/manifest.xml" in archive.entries:
        return "OLE2"
    return None


def _read_text(file: BinaryIO, path: Path, size: int, start: bytes, into: Path, result: Result, limits: Limits) -> None:
    if size > limits.text_bytes:
        raise FileRefused("too-large", what="bytes", found=size, limit=limits.text_bytes)
    is_wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or (result.is_free and looks_wide(start) is not None)
    if not is_wide and b"\0" in start:
        raise FileRefused("not-a-table", found="binary")
    text = open_freely(file, path, into) if result.is_free else open_text(file, path, into)
    result.encoding = text.encoding
    with text.path.open("rb") as decoded:
        decoded.seek(text.skip)
        head = decoded.read(4096)
    if not head.strip():
        raise FileRefused("empty-file")
    if len(head.translate(None, _CONTROLS)) < 0.9 * len(head):
        raise FileRefused("not-a-table", found="binary")
    head = head.lstrip().lower()
    if head.startswith(b"<") and b"urn:schemas-microsoft-com:office:spreadsheet" in head and b"<html" not in head:
        result.kind = "xml"
        read_spreadsheet_xml(text, into, result, limits)
    elif head.startswith(b"<") and re.search(rb"<(?:!doctype )?html|<table|<head|<meta|<style", head):
        result.kind = "html"
        read_html(text, into, result, limits)
    else:
        result.kind = "csv"
        sheet = Sheet("")
        result.sheets.append(sheet)
        if result.is_free:
            result.dialect = read_freely(text, stream_path(into, 0), sheet, limits)
        else:
            read_delimited(text, stream_path(into, 0), sheet, limits)
    if not any(cell for sheet in result.sheets for row in sheet.head for cell in row) and all(
        sheet.n_rows <= HEAD_ROWS for sheet in result.sheets
    ):
        raise FileRefused("empty-file")


def output_limit(size: int, limits: Limits) -> int:
    """The largest file in bytes that a child may write: enough for the cells of the largest workbook, or eight times a text."""
    return max(2 * limits.inflated_bytes, 64 * MIB + 8 * size)
