"""The same good table in every format that departments send, and what is called a table but is none."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from decimal import Decimal

import openpyxl
import pandas as pd

from tests.corpus.building import (
    TAX,
    Case,
    Formula,
    Made,
    Sheet,
    as_text,
    by_csv,
    by_hand,
    by_html,
    by_libreoffice,
    by_openpyxl,
    by_xlsxwriter,
    by_xlwt,
    case,
    dropped,
    tax,
    taxes,
    total,
)

DAY_TITLE = "填报单位:区税务局  统计日期:2020年3月18日  单位:元"

TITLES = [["上街区税费减免退日报表"], [DAY_TITLE]]


def sheet(n: int = 3, **other: object) -> Sheet:
    return Sheet(TAX, [*taxes(n)], titles=TITLES, **other)


@case("formats/openpyxl.xlsx", "A good workbook, written by openpyxl.")
def _() -> Case:
    return dropped(by_openpyxl(sheet()), sheet())


@case("formats/xlsxwriter.xlsx", "A good workbook, written by xlsxwriter.")
def _() -> Case:
    return dropped(by_xlsxwriter(sheet()), sheet())


@case("formats/inline_strings.xlsx", "Texts stand in the cells, not in the table of shared strings.")
def _() -> Case:
    return dropped(by_xlsxwriter(sheet(), options={"constant_memory": True}), sheet())


@case("formats/libreoffice.xlsx", "A good workbook, saved by LibreOffice.")
def _() -> Case:
    return dropped(by_libreoffice(by_openpyxl(sheet()), "xlsx"), sheet())


@case("formats/libreoffice.xls", "Excel 97, saved by LibreOffice.")
def _() -> Case:
    return dropped(by_libreoffice(by_openpyxl(sheet()), "xls"), sheet(), extension="xls")


@case("formats/libreoffice.ods", "OpenDocument, saved by LibreOffice.")
def _() -> Case:
    return dropped(by_libreoffice(by_openpyxl(sheet()), "ods"), sheet(), extension="ods")


@case("formats/libreoffice.csv", "UTF-8 text, saved by LibreOffice.")
def _() -> Case:
    return dropped(by_libreoffice(by_openpyxl(sheet()), "csv:Text - txt - csv (StarCalc):44,34,76,1"), sheet(), extension="csv")


@case("formats/libreoffice_gb18030.csv", "GB18030 text, saved by LibreOffice.")
def _() -> Case:
    return dropped(by_libreoffice(by_openpyxl(sheet()), "csv:Text - txt - csv (StarCalc):44,34,85,1"), sheet(), extension="csv")


@case("formats/libreoffice_html.xls", "A web page that LibreOffice saved, called .xls.")
def _() -> Case:
    return dropped(by_libreoffice(by_openpyxl(sheet()), "html:HTML (StarCalc)"), sheet(), extension="xls")


@case("formats/xlwt.xls", "Excel 97, written by xlwt.")
def _() -> Case:
    return dropped(by_xlwt(sheet()), sheet(), extension="xls")


@case("formats/wps.et", "The spreadsheet of WPS: Excel 97 under another name.")
def _() -> Case:
    return dropped(by_libreoffice(by_xlsxwriter(sheet()), "xls"), sheet(), extension="et")


def frame() -> pd.DataFrame:
    return pd.DataFrame([row.cells for row in taxes(3)]).drop(columns="序号")


NUMBERLESS = [header for header in TAX.columns if header not in ("序号", "冲销凭证号")]


@case("formats/pandas_index.xlsx", "Written by pandas with its index: a first column without a header.")
def _() -> Case:
    out = io.BytesIO()
    table = frame().map(lambda value: float(value) if isinstance(value, Decimal) else value)
    table.to_excel(out, sheet_name="Sheet1")
    return dropped(Made(out.getvalue, f"pandas {pd.__version__}"), Sheet(TAX, taxes(3), columns=["序号", *NUMBERLESS]))


@case("formats/pandas_index.csv", "Written by pandas with its index: a first column without a header.")
def _() -> Case:
    text = frame().map(as_text).to_csv()
    sheet = Sheet(TAX, taxes(3), columns=["序号", *NUMBERLESS])
    return dropped(Made(lambda: text.encode(), f"pandas {pd.__version__}"), sheet, extension="csv")


@case("formats/pandas_html.xls", "A web page that pandas wrote, called .xls.")
def _() -> Case:
    text = '<meta charset="utf-8">\n' + frame().map(as_text).to_html(index=False)
    return dropped(
        Made(lambda: text.encode(), f"pandas {pd.__version__}"), Sheet(TAX, taxes(3), columns=NUMBERLESS), extension="xls"
    )


@case("formats/html_table_named.xls", "An HTML table in GB2312 with spans, as old systems write for Excel.")
def _() -> Case:
    made = sheet()
    made.merged = ["A1:N1", "A2:N2"]
    return dropped(by_html(made), made, extension="xls")


@case("formats/html_utf8_without_charset.xls", "An HTML table in UTF-8 that names no encoding.")
def _() -> Case:
    made = by_html(sheet(), encoding="utf-8", charset="utf-8")
    text = made.write().replace(b'<meta http-equiv="Content-Type" content="text/html; charset=utf-8">', b"")
    return dropped(by_hand(text), sheet(), extension="xls")


@case("formats/tabs_named.xls", "Tab-separated GB18030 text, called .xls.")
def _() -> Case:
    return dropped(by_csv(sheet(), encoding="gb18030", delimiter="\t"), sheet(), extension="xls")


@case("formats/csv_named.xlsx", "A text, called .xlsx.")
def _() -> Case:
    return dropped(by_csv(sheet()), sheet())


@case("formats/xlsx_named.csv", "A workbook, called .csv.")
def _() -> Case:
    return dropped(by_openpyxl(sheet()), sheet(), extension="csv")


@case("formats/xls_named.xlsx", "An Excel 97 workbook, called .xlsx.")
def _() -> Case:
    return dropped(by_xlwt(sheet()), sheet())


@case("formats/no_extension", "A workbook whose name has no extension.")
def _() -> Case:
    return dropped(by_openpyxl(sheet()), sheet(), file_name="20200318_R04_TAX_V1")


@case("formats/upper_case.XLSX", "A workbook with its extension in capitals.")
def _() -> Case:
    return dropped(by_openpyxl(sheet()), sheet(), extension="XLSX")


def rezipped(made: Made, change: Callable[[dict[str, bytes]], object]) -> Made:
    """The workbook with other entries."""
    with zipfile.ZipFile(io.BytesIO(made.write())) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 3, 19, 9, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return Made(out.getvalue, f"{made.by}, entries changed")


@case("formats/macros.xlsm", "A workbook with macros: they are not run.")
def _() -> Case:
    made = rezipped(by_openpyxl(sheet()), lambda entries: entries.update({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(600)}))
    return dropped(made, sheet(), extension="xlsm", findings=[("warning", "macros", "", None)])


@case("formats/external_links.xlsx", "A cell refers to another workbook; the value saved is taken.")
def _() -> Case:
    rows = [*taxes(2), tax(3).shows("计税依据", Formula("='[1]Sheet1'!A1", Decimal(100000)), Decimal(100000))]
    book = by_xlsxwriter(Sheet(TAX, rows))
    made = rezipped(book, lambda entries: entries.update({"xl/externalLinks/externalLink1.xml": b"<x/>"}))
    return dropped(made, Sheet(TAX, rows), findings=[("warning", "external-links", "", None)])


@case("formats/formulas.xlsx", "Amounts are formulas with their results saved beside them.")
def _() -> Case:
    rows = [
        tax(number).shows("减免税额", Formula(f"=J{number + 1}*0.01", Decimal(1000)), Decimal(1000)) for number in range(1, 4)
    ]
    lines = [*rows, total(TAX, 减免税额=Formula("=SUM(K2:K4)", Decimal(3000)))]
    return dropped(by_xlsxwriter(Sheet(TAX, lines)), Sheet(TAX, lines))


@case("formats/epoch_1904.xlsx", "Dates are counted from 1904, as old Macs do.")
def _() -> Case:
    return dropped(by_xlsxwriter(sheet(), options={"date_1904": True}), sheet())


@case("formats/epoch_1904.xls", "Excel 97 with dates counted from 1904.")
def _() -> Case:
    made = by_libreoffice(by_xlsxwriter(sheet(), options={"date_1904": True}), "xls")
    return dropped(made, sheet(), extension="xls")


@case("formats/formats_as_shown.xlsx", "Numbers and dates in the formats of offices: 1,000.50, 2020年3月17日.")
def _() -> Case:
    def change(book: openpyxl.Workbook) -> None:
        for row in book.worksheets[0].iter_rows(min_row=2):
            row[9].number_format = row[10].number_format = "#,##0.00_);[Red](#,##0.00)"
            row[3].number_format = row[4].number_format = 'yyyy"年"m"月"d"日"'
            row[12].number_format = "m/d/yy"

    return dropped(by_openpyxl(Sheet(TAX, taxes(3)), change=change), Sheet(TAX, taxes(3)))


@case("formats/dde.ods", "A DDE link in OpenDocument: not followed, told.")
def _() -> Case:
    def link(entries: dict[str, bytes]) -> None:
        xml = entries["content.xml"]
        cell = b'<table:table-cell office:value-type="string"'
        formula = b' table:formula="of:=DDE(&quot;cmd&quot;;&quot;/c calc&quot;;&quot;A0&quot;)"'
        entries["content.xml"] = xml.replace(cell, cell[:17] + formula + cell[17:], 1)

    book = by_libreoffice(by_openpyxl(sheet()), "ods")
    made = Made(lambda: rezipped(book, link).write(), f"{book.by}, entries changed")
    return dropped(made, sheet(), extension="ods", findings=[("warning", "dde-links", "", None)])


# --- no table at all -----------------------------------------------------------------------------------------------


def refused(content: bytes | Made, code: str, extension: str, **other: object) -> Case:
    made = content if isinstance(content, Made) else by_hand(content)
    name = f"20200318_R04_TAX_V1.{extension}"
    return Case(made, [], name, findings=[("rejected", code, "", None)], is_readable=False, **other)


@case("refused/empty.csv", "A file without a byte.")
def _() -> Case:
    return refused(b"", "empty-file", "csv")


@case("refused/only_blanks.csv", "A byte order mark and blank lines.")
def _() -> Case:
    return refused(b"\xef\xbb\xbf \r\n\r\n", "empty-file", "csv")


@case("refused/no_cell.xlsx", "A workbook without a cell.")
def _() -> Case:
    return refused(by_openpyxl(Sheet(None, [])), "empty-file", "xlsx")


@case("refused/cut_in_half.xlsx", "A workbook of which half was copied.")
def _() -> Case:
    content = by_openpyxl(sheet(20)).write()
    return refused(content[: len(content) // 2], "truncated-file", "xlsx")


@case("refused/cut_in_half.xls", "An Excel 97 workbook of which half was copied.")
def _() -> Case:
    content = by_xlwt(sheet(40)).write()
    return refused(content[: len(content) // 2], "truncated-file", "xls")


@case("refused/cut_in_half.ods", "An OpenDocument workbook of which half was copied.")
def _() -> Case:
    made = by_libreoffice(by_openpyxl(sheet(20)), "ods")
    return refused(Made(lambda: (content := made.write())[: len(content) // 2], made.by + ", cut"), "truncated-file", "ods")


@case("refused/one_bit_wrong.xlsx", "One bit of the packed sheet is wrong: its checksum does not fit.")
def _() -> Case:
    content = by_openpyxl(sheet(20)).write()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entry = archive.getinfo("xl/worksheets/sheet1.xml")
    at = entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2
    return refused(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :], "truncated-file", "xlsx")


@case("refused/packed_bytes_wrong.xlsx", "The packed bytes of the sheet are wrong from the beginning: they cannot be unpacked.")
def _() -> Case:
    content = by_openpyxl(sheet(20)).write()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entry = archive.getinfo("xl/worksheets/sheet1.xml")
    at = entry.header_offset + 30 + len(entry.filename)
    return refused(content[:at] + b"\xff" * 40 + content[at + 40 :], "truncated-file", "xlsx")


@case("refused/password.xlsx", "A workbook with a password to open it.")
def _() -> Case:
    def entry(name: str, kind: int, child: int, start: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        none = 0xFFFFFFFF
        return (
            text.ljust(64, b"\0")
            + struct.pack("<HBB3I", len(text), kind, 1, none, none, child)
            + bytes(36)
            + struct.pack("<2I", start, 0)
            + bytes(4)
        )

    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<5I", 1, 1, 0, 4096, 0xFFFFFFFE) + struct.pack("<3I", 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126)
    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE) + entry("EncryptedPackage", 2, 0xFFFFFFFF, 0xFFFFFFFE)
    return refused(head + table + folder.ljust(512, b"\0"), "encrypted-workbook", "xlsx")


@case("refused/word.docx", "A letter.")
def _() -> Case:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("word/document.xml", (2020, 3, 19, 9, 0, 0)), b"<x/>")
    return refused(out.getvalue(), "not-a-table", "docx")


@case("refused/pdf_named.xlsx", "A PDF, called .xlsx.")
def _() -> Case:
    return refused(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n", "not-a-table", "xlsx")


@case("refused/picture.png", "A photograph of the table.")
def _() -> Case:
    return refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(40), "not-a-table", "png")


@case("refused/zeros.xls", "A file of zeros: the disk was full.")
def _() -> Case:
    return refused(bytes(5000), "not-a-table", "xls")


@case("refused/not_found.xls", "The error page of a web site, saved as .xls.")
def _() -> Case:
    return refused(b"<html><head><title>404</title></head><body><h1>404 Not Found</h1></body></html>", "not-a-table", "xls")


@case("refused/dtd.xlsx", "A workbook whose XML declares entities.")
def _() -> Case:
    def declare(entries: dict[str, bytes]) -> None:
        xml = entries["xl/workbook.xml"]
        entries["xl/workbook.xml"] = xml.replace(b"<workbook", b'<!DOCTYPE x [<!ENTITY a "b">]><workbook', 1)

    return refused(rezipped(by_openpyxl(sheet()), declare), "not-a-table", "xlsx")


@case("refused/cell_at_the_end.xlsx", "A cell at XFD1048576: the sheet is too large to read.")
def _() -> Case:
    def far(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["XFD1048576"] = "x"

    return refused(by_openpyxl(sheet(), change=far), "far-cell", "xlsx")


@case("refused/many_columns.csv", "Three thousand columns.")
def _() -> Case:
    return refused((",".join(map(str, range(3000))) + "\n").encode() * 2, "too-large", "csv")


@case("refused/flat_opendocument.fods", "OpenDocument as one XML file.")
def _() -> Case:
    return refused(by_libreoffice(by_openpyxl(Sheet(TAX, taxes(1))), "fods"), "not-a-table", "fods")
