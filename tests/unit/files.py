"""Files as bytes, made here, and what reading them gave."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Callable

import openpyxl
import xlsxwriter
import xlwt

from fugong.reading import Reading

Rows = list[list[str | None]]
ReadBytes = Callable[..., Reading]


def rows(reading: Reading, index: int = 0) -> Rows:
    """The cells of one sheet; checks on the way that row numbers have no gaps and `head` is the top of them."""
    assert reading.fault is None, reading.fault
    sheet = reading.sheets[index]
    batches = list(sheet.batches())
    numbers = [n for batch in batches for n in batch.column("row_number").to_pylist()]
    assert numbers == list(range(1, sheet.n_rows + 1))
    if sheet.n_columns <= 12:
        assert [batch.num_rows for batch in batches] == [50_000] * (sheet.n_rows // 50_000) + [sheet.n_rows % 50_000] * (
            sheet.n_rows % 50_000 > 0
        )
    found = [list(row) for b in batches for row in zip(*(c.to_pylist() for c in b.columns[1:]), strict=True)]
    assert all(len(row) == sheet.n_columns for row in found)
    assert sheet.head == found[:40]
    return found


def notes(reading: Reading) -> list[str]:
    return [note.code for note in reading.notes]


def code(reading: Reading) -> str:
    assert reading.fault is not None
    assert reading.sheets == []
    assert reading.fault.message_zh.endswith("。")
    assert reading.fault.message_en.endswith(".")
    assert "{" not in reading.fault.message_zh + reading.fault.message_en
    return reading.fault.code


def xlsx(fill: Callable[[xlsxwriter.Workbook], object]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        fill(book)
    return file.getvalue()


def with_entry(content: bytes, name: str, change: Callable[[bytes], bytes], *, is_new: bool = False) -> bytes:
    """Return the archive with one entry changed, or one more."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        assert (name in old.namelist()) != is_new
        if is_new:
            new.writestr(name, change(b""))
        for entry in old.namelist():
            new.writestr(entry, change(old.read(entry)) if entry == name else old.read(entry))
    return changed.getvalue()


def small_xlsx(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("日报")
    sheet.write_row(0, 0, ["企业名称", "金额"])
    sheet.write_row(1, 0, ["某某厂", 12.5])


def ods(table_rows: str) -> bytes:
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="日报">{table_rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<x/>")
    return file.getvalue()


def big_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("日报")
    for i in range(500):
        sheet.write(i, 0, f"某某厂{i}")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def far(cell: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "日报"
    sheet["A1"] = "x"
    sheet[cell] = 1
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def packed(entries: dict[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A ZIP archive of these files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def xls(fill: Callable[[xlwt.Worksheet], object]) -> bytes:
    """An old workbook of one sheet."""
    book = xlwt.Workbook()
    fill(book.add_sheet("日报"))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
BEFORE = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
AFTER = b"</sheetData></worksheet>"
BEFORE_STRINGS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
DICE = random.Random(4)
LONG_TEXT = bytes(DICE.choice(b"abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(20_000))
"""So long that Excel would hold it, and so random that an archive of many is a fiftieth of it: no ratio gives it away."""


def bomb(name: str, before: bytes, block: bytes, n: int, after: bytes, **lies: int) -> bytes:
    """A small workbook of which one entry holds a block many times; made without ever holding it inflated.

    Args:
        lies: fields of the entry that archive and directory give wrongly.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    data = first + again * n + packer.compress(after) + packer.flush()
    check = zlib.crc32(before)
    for _ in range(n):
        check = zlib.crc32(block, check)
    info = zipfile.ZipInfo(name)
    info.compress_type, info.compress_size = zipfile.ZIP_DEFLATED, len(data)
    info.file_size, info.CRC = len(before) + n * len(block) + len(after), zlib.crc32(after, check)
    for field, value in lies.items():
        setattr(info, field, value)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(small_xlsx))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for other in old.namelist():
            if other != name:
                new.writestr(other, old.read(other))
        info.header_offset = out.tell()
        out.write(info.FileHeader(zip64=False) + data)
        new.filelist.append(info)
        new.NameToInfo[name] = info
        new.start_dir = out.tell()
    return out.getvalue()
