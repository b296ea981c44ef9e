"""Workbooks that Excel opens although few programs write them so, and tables of other programs."""

from __future__ import annotations

import html
import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from tests.corpus.building import TAX, Case, Formula, Made, Sheet, as_text, by_hand, by_xlsxwriter, case, dropped, tax, taxes

Entries = dict[str, bytes]
SHEET = Sheet(TAX, taxes(3))
FIRST = "xl/worksheets/sheet1.xml"


def packed_again(change: Callable[[Entries], Entries], sheet: Sheet = SHEET, made: Made | None = None) -> Made:
    """A workbook whose entries are changed."""
    with zipfile.ZipFile(io.BytesIO((made or by_xlsxwriter(sheet)).write())) as archive:
        entries = {name: archive.read(name) for name in archive.namelist() if not name.startswith("docProps/")}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in change(entries).items():
            entry = zipfile.ZipInfo("x", (2020, 3, 19, 9, 0, 0))
            entry.filename = name
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return by_hand(out.getvalue())


def with_sheet(change: Callable[[str], str], sheet: Sheet = SHEET, made: Made | None = None) -> Made:
    """A workbook whose first sheet is written otherwise."""
    return packed_again(lambda entries: {**entries, FIRST: change(entries[FIRST].decode()).encode()}, sheet, made)


def everywhere(before: bytes, after: bytes) -> Callable[[Entries], Entries]:
    """Change names and contents of all entries."""
    return lambda entries: {
        name.replace(before.decode(), after.decode()): data.replace(before, after) for name, data in entries.items()
    }


def in_contents(before: bytes, after: bytes) -> Callable[[Entries], Entries]:
    """Change the contents of all entries."""
    return lambda entries: {name: data.replace(before, after) for name, data in entries.items()}


def other_program(content: bytes, code: str, extension: str) -> Case:
    findings = [("rejected", code, "", None)]
    return Case(by_hand(content), [], f"20200318_R04_TAX_V1.{extension}", findings=findings, is_readable=False)


@case("containers/backslashes.xlsx", "Backslashes between the folders of the archive, as some .NET libraries write.")
def _() -> Case:
    return dropped(packed_again(lambda entries: {name.replace("/", "\\"): data for name, data in entries.items()}), SHEET)


@case("containers/backslashes_in_relations.xlsx", "Backslashes in the relations, too.")
def _() -> Case:
    change = everywhere(b"worksheets/sheet", b"worksheets\\sheet")
    return dropped(packed_again(change), SHEET)


@case("containers/workbook_elsewhere.xlsx", "The workbook stands in another folder; the archive's relations name it.")
def _() -> Case:
    return dropped(packed_again(everywhere(b"xl/", b"content/book/")), SHEET)


@case("containers/sheet_elsewhere.xlsx", "The sheets stand in a folder of another name.")
def _() -> Case:
    return dropped(packed_again(everywhere(b"worksheets/", b"pages/")), SHEET)


@case("containers/absolute_targets.xlsx", "Relations from the root of the archive.")
def _() -> Case:
    return dropped(packed_again(in_contents(b'Target="worksheets', b'Target="/xl/worksheets')), SHEET)


@case("containers/dots_in_targets.xlsx", "Relations that begin with ./ or go up and down again.")
def _() -> Case:
    return dropped(packed_again(in_contents(b'Target="worksheets', b'Target="./../xl/worksheets')), SHEET)


@case("containers/capitals.xlsx", "Names of entries in capitals where their relations write them small.")
def _() -> Case:
    return dropped(
        packed_again(
            lambda entries: {name.replace("worksheets/sheet", "Worksheets/Sheet"): data for name, data in entries.items()}
        ),
        SHEET,
    )


@case("containers/blanks_in_values.xlsx", "Blanks and line breaks around numbers and numbers of shared texts.")
def _() -> Case:
    return dropped(with_sheet(lambda xml: re.sub("<v>([^<]*)</v>", "<v>\n      \\1 \n</v>", xml)), SHEET)


@case("containers/lines_of_xml.xlsx", "The XML of the sheet written with line breaks between its elements.")
def _() -> Case:
    return dropped(with_sheet(lambda xml: xml.replace("><", ">\n  <")), SHEET)


@case("containers/no_places.xlsx", "Cells and rows that do not say where they stand.")
def _() -> Case:
    plain = Sheet(TAX, taxes(3), columns=[header for header in TAX.columns if header != "冲销凭证号"])
    change = lambda xml: re.sub(r'<row r="\d+"', "<row", re.sub(r'<c r="[A-Z]+\d+"', "<c", xml))  # noqa: E731
    return dropped(with_sheet(change, plain), plain)


@case("containers/prefixed.xlsx", "Elements of the sheet with the prefix x.")
def _() -> Case:
    change = lambda xml: re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", xml).replace(" xmlns=", " xmlns:x=")  # noqa: E731
    return dropped(with_sheet(change), SHEET)


@case("containers/strict.xlsx", "Strict OOXML: other namespaces and kinds of relations.")
def _() -> Case:
    def change(entries: Entries) -> Entries:
        names = {
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        }
        for before, after in names.items():
            entries = {name: data.replace(before, after) for name, data in entries.items()}
        return entries

    return dropped(packed_again(change), SHEET)


@case("containers/rich_and_phonetic.xlsx", "A text in several runs, with its pronunciation beside it.")
def _() -> Case:
    rich = '<is><r><t>财税</t></r><r><t xml:space="preserve">〔2020〕13号</t></r><rPh sb="0" eb="2"><t>caishui</t></rPh></is>'
    change = lambda xml: re.sub(r'<c r="I2"([^>]*?) t="s">.*?</c>', rf'<c r="I2"\1 t="inlineStr">{rich}</c>', xml)  # noqa: E731
    return dropped(with_sheet(change), SHEET)


@case(
    "containers/shared_formula_without_value.xlsx",
    "A formula shared with the cell above, never calculated: told, and the line goes back.",
)
def _() -> Case:
    bad = tax(2).shows("减免税额", Formula("=K2*0.01"), None).says("set_aside", "formula-not-computed", "减免税额", "=…")
    sheet = Sheet(TAX, [tax(1), bad, tax(3)])
    change = lambda xml: re.sub(r'(<c r="K3"[^>]*>).*?</c>', r'\1<f t="shared" si="0"/></c>', xml)  # noqa: E731
    made = with_sheet(change, Sheet(TAX, [tax(1), tax(2), tax(3)]))
    return dropped(made, sheet, findings=[("warning", "formula-without-value", "", None)])


@case("containers/esafenet.xlsx", "A workbook that document protection (E-SafeNet) has encrypted.")
def _() -> Case:
    noise = bytes((n * n * 31 + n * 7) % 256 for n in range(600))
    return other_program(b"b\x14#e?\x00\x13\x01E-SafeNet\x00LOCK\x00" + noise, "drm-encrypted", "xlsx")


@case("containers/tsd.xlsx", "A workbook that another document protection has encrypted.")
def _() -> Case:
    noise = bytes((n * n * 17 + n * 5) % 256 for n in range(600))
    return other_program(b"%TSD-Header-###%\x01\x00\x00\x00" + noise, "drm-encrypted", "xlsx")


@case("containers/dbase.dbf", "A table of dBASE or FoxPro.")
def _() -> Case:
    field = b"DOC_ID".ljust(11, b"\0") + b"C" + bytes(4) + bytes([10, 0]) + bytes(14)
    head = struct.pack("<4BIHH", 3, 120, 3, 18, 1, 65, 11) + bytes(20)
    return other_program(head + field + b"\r D00001    \x1a", "table-of-another-program", "dbf")


@case("containers/excel_4.xls", "A sheet of Excel 4.")
def _() -> Case:
    return other_program(b"\x09\x04\x06\x00\x00\x00\x10\x00\x00\x00\x0a\x00\x00\x00", "table-of-another-program", "xls")


@case("containers/excel_2.xls", "A sheet of Excel 2.")
def _() -> Case:
    return other_program(b"\x09\x00\x04\x00\x02\x00\x10\x00\x0a\x00\x00\x00", "table-of-another-program", "xls")


@case("containers/sylk.slk", "A symbolic link table.")
def _() -> Case:
    return other_program(b'ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K"D00001"\r\nE\r\n', "table-of-another-program", "slk")


@case("containers/lotus.wk1", "A sheet of Lotus 1-2-3.")
def _() -> Case:
    return other_program(
        b"\x00\x00\x02\x00\x06\x04\x06\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00",
        "table-of-another-program",
        "wk1",
    )


@case("containers/numbers.numbers", "A table of Apple Numbers.")
def _() -> Case:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("Index/Document.iwa", (2020, 3, 19, 9, 0, 0)), b"\x00\x01\x02")
    return other_program(out.getvalue(), "table-of-another-program", "numbers")


@case("containers/binary.xlsb", "A binary workbook.")
def _() -> Case:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("xl/workbook.bin", (2020, 3, 19, 9, 0, 0)), b"\x83\x01\x00")
    return other_program(out.getvalue(), "table-of-another-program", "xlsb")


@case("containers/begins_with_id.csv", "A text whose first header is ID;P…: no symbolic link table.")
def _() -> Case:
    lines = "ID;PROD;V\r\n1;2;3\r\n"
    return Case(
        by_hand(lines.encode()), [], "20200318_R04_TAX_V1.csv", findings=[("rejected", "no-table", "", None)], is_readable=False
    )


def spreadsheet_xml(sheet: Sheet, attributes: Mapping[tuple[int, int], str] | None = None, encoding: str = "utf-8") -> Made:
    """The XML of Excel 2003; `attributes` of cells by line and column, 1-based."""
    lines = ""
    for at, line in enumerate(sheet.grid(), 1):
        cells, is_behind_gap = "", False
        for column, value in enumerate(line, 1):
            if value is None:
                is_behind_gap = True
                continue
            attributes_of = (attributes or {}).get((at, column), "")
            if isinstance(value, Formula):
                value = value.result
            kind, text = "String", html.escape(as_text(value))
            if isinstance(value, date):
                kind, text = "DateTime", f"{value.isoformat()}T00:00:00.000"
            elif isinstance(value, int | float | Decimal):
                kind = "Number"
            index = f' ss:Index="{column}"' if is_behind_gap else ""
            is_behind_gap = False
            data = "" if value is None else f'<Data ss:Type="{kind}">{text}</Data>'
            cells += f"<Cell{index}{attributes_of}>{data}</Cell>"
        lines += f'<Row ss:Index="{at}">{cells}</Row>\n' if cells else ""
    styles = '<Styles><Style ss:ID="s1"><NumberFormat ss:Format="0000"/></Style><Style ss:ID="s2"><NumberFormat ss:Format="#,##0,"/></Style></Styles>'
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">\n'
        f'{styles}<Worksheet ss:Name="Sheet1"><Table>\n{lines}</Table></Worksheet></Workbook>\n'
    )
    return by_hand(text.encode(encoding))


TITLED = Sheet(TAX, taxes(3), titles=[["上街区税费减免退日报表"], [], ["统计日期:2020年3月18日  单位:元"]])


@case(
    "containers/excel_2003.xls", "The XML of Excel 2003, as many systems export it: numbers, days, gaps between rows and cells."
)
def _() -> Case:
    return dropped(spreadsheet_xml(TITLED), TITLED, extension="xls")


@case("containers/excel_2003_gb18030.xls", "The XML of Excel 2003 in GB18030, with a title over several columns.")
def _() -> Case:
    made = spreadsheet_xml(TITLED, {(1, 1): ' ss:MergeAcross="13"'}, "gb18030")
    return dropped(made, TITLED, extension="xls")


@case("containers/excel_2003_formats.xls", "The XML of Excel 2003: a padded code, and an amount that its format divides.")
def _() -> Case:
    plain = tax(1).shows("减免性质代码", 1)
    row = tax(1).says("set_aside", "number-format-scales", "减免税额", "1000")
    made = spreadsheet_xml(
        Sheet(TAX, [plain, plain]), {(2, 8): ' ss:StyleID="s1"', (3, 8): ' ss:StyleID="s1"', (2, 11): ' ss:StyleID="s2"'}
    )
    return dropped(made, Sheet(TAX, [row, tax(1)]), extension="xls")
