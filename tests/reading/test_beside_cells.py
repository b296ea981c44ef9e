"""What a workbook holds besides its cells is handed on where it may hold a personal number, whatever the format."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from fugong.privacy.detect import find
from fugong.reading.model import Reading
from tests.fixtures.files import ReadBytes, packed, small_xlsx, xlsx

FOLDER = Path(__file__).parent / "beside_cells"
"""`made` opened and saved as .xls and .ods by LibreOffice 7.4."""
PLACES = {
    1: {"properties"}, 2: {"properties"}, 3: {"properties"}, 4: {"comments", "boxes"}, 5: {"pages"}, 6: {"links"}, 7: {"hints"},
    8: {"names"}, 9: {"formulas"}, 10: {"shapes", "boxes"}, 11: {"shapes"},
}  # fmt: skip
"""Last digits of the number that stands there → the places, one of which it is found in."""


def made(book: xlsxwriter.Workbook) -> None:
    """A workbook with a telephone number in every place but its cells."""
    book.set_properties({"author": "张三13800138001", "keywords": "电话13800138002"})
    book.set_custom_property("联系人", "13800138003")
    sheet = book.add_worksheet("日报")
    sheet.write_row(0, 0, ["企业名称", "金额"])
    sheet.write_row(1, 0, ["某某厂", 12.5])
    sheet.write_comment("A2", "问张三 13800138004")
    sheet.set_footer("&L电话 13800138005")
    sheet.write_url("C2", "mailto:13800138006@example.com", string="邮件")
    hint = {"validate": "decimal", "criteria": ">", "value": 0, "input_title": "提示", "input_message": "不懂问13800138007"}
    sheet.data_validation("B2", hint)
    book.define_name("contact", '="13800138008"')
    sheet.write_formula("D2", '=IF(A2="","","有")&LEFT("13800138009",0)', None, "有")
    sheet.insert_textbox("F2", "制表 13800138010")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=日报!$B$2:$B$2"})
    chart.set_title({"name": "问13800138011"})
    sheet.insert_chart("F8", chart)


def found(reading: Reading) -> dict[int, set[str]]:
    """Last two digits of each number → the places where it was found."""
    assert reading.refused is None
    out: dict[int, set[str]] = {}
    for place, text in reading.texts:
        for hit in find(text):
            out.setdefault(int(text[hit.end - 2 : hit.end]), set()).add(place)
    return out


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_number_is_found_in_every_place(read: ReadBytes, kind: str) -> None:
    reading = read(xlsx(made) if kind == "xlsx" else (FOLDER / f"texts.{kind}").read_bytes())
    assert reading.kind == kind
    places = found(reading)
    assert places.keys() == PLACES.keys()
    assert {number: where for number, where in places.items() if not where & PLACES[number]} == {}


def test_the_xml_of_excel_2003_is_searched_too(read: ReadBytes) -> None:
    content = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
        ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        '<DocumentProperties xmlns="urn:schemas-microsoft-com:office:office"><Author>张三13800138001</Author></DocumentProperties>'
        '<Names><NamedRange ss:Name="contact" ss:RefersTo="=&quot;13800138008&quot;"/></Names>'
        '<Worksheet ss:Name="日报"><Table><Row><Cell><Data ss:Type="String">企业名称</Data></Cell>'
        '<Cell ss:HRef="tel:13800138006"><Data ss:Type="String">金额</Data></Cell></Row><Row><Cell><Data ss:Type="String">某某厂</Data>'
        '<Comment ss:Author="李四"><ss:Data>问<B>138</B>00138004</ss:Data></Comment></Cell>'
        '<Cell ss:Formula="=LEN(&quot;13800138009&quot;)"><Data ss:Type="Number">11</Data></Cell></Row></Table>'
        '<x:WorksheetOptions><x:PageSetup><x:Footer x:Data="&amp;L13800138005"/></x:PageSetup></x:WorksheetOptions>'
        "<x:DataValidation><x:Range>R2C2</x:Range><x:InputMessage>问13800138007</x:InputMessage></x:DataValidation>"
        "</Worksheet></Workbook>"
    )
    assert found(read(content.encode())) == {number: {sorted(PLACES[number])[-1]} for number in (1, 4, 5, 6, 7, 8, 9)}


def test_a_web_page_is_searched_outside_its_tables(read: ReadBytes) -> None:
    content = (
        "<html><head><!--[if gte mso 9]><xml><o:Author>张三13800138001</o:Author></xml><![endif]--><title>13800138002</title></head>"
        '<body><p>填报人 13800138003</p><table><tr><td>企业名称</td><td><a href="tel:13800138006">金额</a></td></tr>'
        "<tr><td>某某厂</td><td>12.5</td></tr></table></body></html>"
    )
    assert found(read(content.encode())) == {number: {"others"} for number in (1, 2, 3, 6)}


def test_names_in_an_archive_are_searched_with_their_folders(read: ReadBytes) -> None:
    content = packed({"张三13800138001/日报.xlsx": xlsx(small_xlsx), "张三13800138001/说明13800138002.pdf": b"%PDF-1.4"})
    assert found(read(content)) == {1: {"file"}, 2: {"file"}}


def test_what_a_workbook_keeps_of_other_tables_is_searched(read: ReadBytes) -> None:
    kept = xlsx(small_xlsx)
    with_cache = packed(
        {**_entries(kept), "xl/pivotCache/pivotCacheRecords1.xml": '<x><r><s v="问13800138001"/></r></x>'.encode()}
    )
    assert found(read(with_cache)) == {1: {"others"}}
    with_rels = packed({**_entries(kept), "xl/worksheets/_rels/sheet1.xml.rels": b'<x><y Target="tel:13800138006"/></x>'})
    assert found(read(with_rels)) == {6: {"links"}}


def _entries(content: bytes) -> dict[str | zipfile.ZipInfo, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_workbook_without_long_numbers_hands_nothing_on(read: ReadBytes) -> None:
    assert found(read(xlsx(small_xlsx))) == {}
