"""What number formats show of a number, in every kind of workbook."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import xlsxwriter
import xlwt

from fugong.reading.model import Reading
from fugong.reading.worker.cell_places import n_unplaced, placed
from fugong.reading.worker.html_numbers import held_number
from fugong.reading.worker.number_formats import NO_WORDS, NumberFormat, Shown, Words
from tests.fixtures.files import ReadBytes, ods, rows, with_entry, xls, xlsx


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("0000000000", 1011608, Shown("0001011608")),
        ('"D"00000', 123, Shown("D00123")),
        ('"D"#', 123, Shown("D123")),
        ('"D"General', 123, Shown("D123")),
        ('General"万元"', 12.5, Shown("12.5万元")),
        ('0!.0,"万"', 5000, Shown("0.5万")),
        ('0!.0,"万"', 5270, Shown("0.527万", "rounded", decimals=1)),
        ("#,##0,", 5000, Shown(kind="scaled", exponent=3)),
        (";;;", 5000, Shown(kind="hidden")),
        ("0.0%", 0.8523, Shown("85.23%")),
        ("0", 12.5, Shown(kind="rounded")),
        ("#,##0.00_);(#,##0.00)", -12.345, Shown(kind="rounded", decimals=2)),
        ("0.00", 12.5, None),
        ("General", 12.345, None),
        ("@", 12.345, None),
        ("yyyy-mm-dd", 43907.5, None),
        ("# ??/??", 12.345, None),
    ],
)
def test_a_format_shows(code: str, number: float, shown: Shown | None) -> None:
    assert NumberFormat(code).shown(number, f"{number:.15g}") == shown
    assert NumberFormat(code).matters is (shown is not None or code == "0.00")


def test_formats_that_only_round_are_told_from_those_that_show_something_else() -> None:
    assert all(NumberFormat(code).only_rounds for code in ("0", "0.00", "#,##0.00", "[Red]0.0"))
    assert not any(NumberFormat(code).only_rounds for code in ("0%", "00000", '0.0"万"', ";;;", "General"))


KEY, SCALED, PLAIN = '"D"00000', "#,##0,", "0.00"
NUMBERS = (123, 5000, 12.345)


def shown_of(reading: Reading) -> tuple[list[str | None], list[tuple[int, str, int, int]]]:
    """The cells of the last row, and the doubts about it."""
    doubts = [(one.column, one.kind + one.before, one.exponent, one.decimals) for one in reading.sheets[0].format_doubts]
    return rows(reading)[-1], doubts


WANTED = (["D00123", "5000", "12.345"], [(0, "wordsD", 0, 0), (1, "scaled", 3, 0), (2, "rounded", 0, 2)])


def by_xlsxwriter() -> bytes:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["编号", "金额", "余额"])
        for column, (number, code) in enumerate(zip(NUMBERS, (KEY, SCALED, PLAIN), strict=True)):
            sheet.write(1, column, number, book.add_format({"num_format": code}))

    return xlsx(fill)


def by_xlwt() -> bytes:
    def fill(sheet: xlwt.Worksheet) -> None:
        for column, title in enumerate(("编号", "金额", "余额")):
            sheet.write(0, column, title)
        for column, (number, code) in enumerate(zip(NUMBERS, (KEY, SCALED, PLAIN), strict=True)):
            sheet.write(1, column, number, xlwt.easyxf(num_format_str=code))

    return xls(fill)


def in_xml() -> bytes:
    """Styles of a cell with a parent, of a row's neighbour column, and of a cell alone."""
    return (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
        ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles>'
        f"<Style ss:ID='k'><NumberFormat ss:Format='{KEY}'/></Style><Style ss:ID='child' ss:Parent='k'/>"
        f"<Style ss:ID='s'><NumberFormat ss:Format='{SCALED}'/></Style>"
        "<Style ss:ID='f'><NumberFormat ss:Format='Fixed'/></Style></Styles>"
        "<Worksheet ss:Name='S'><Table><Column ss:Index='2' ss:StyleID='s'/><Row><Cell><Data ss:Type='String'>编号</Data></Cell></Row>"
        "<Row><Cell ss:StyleID='child'><Data ss:Type='Number'>123</Data></Cell><Cell><Data ss:Type='Number'>5000</Data></Cell>"
        "<Cell ss:StyleID='f'><Data ss:Type='Number'>12.345</Data></Cell></Row></Table></Worksheet></Workbook>"
    ).encode()


NUMBER_STYLES = (
    '<number:number-style style:name="N1"><number:text>D</number:text><number:number number:decimal-places="0"'
    ' number:min-integer-digits="5"/></number:number-style>'
    '<number:number-style style:name="N2"><number:number number:decimal-places="0" number:min-integer-digits="1"'
    ' number:grouping="true" number:display-factor="1000"/></number:number-style>'
    '<number:number-style style:name="N3"><number:number number:decimal-places="2" number:min-integer-digits="1"/></number:number-style>'
    '<style:style style:name="ce0" style:family="table-cell" style:data-style-name="N1"/>'
    '<style:style style:name="ce1" style:family="table-cell" style:parent-style-name="ce0"/>'
    '<style:style style:name="ce2" style:family="table-cell" style:data-style-name="N2"/>'
    '<style:style style:name="ce3" style:family="table-cell" style:data-style-name="N3"/>'
)


def in_ods() -> bytes:
    """Styles of a cell with a parent, of a column, and of a cell alone."""

    def cell(number: float, style: str = "") -> str:
        return f'<table:table-cell{style} office:value-type="float" office:value="{number}"/>'

    table = (
        '<table:table-column/><table:table-column table:default-cell-style-name="ce2"/><table:table-row>'
        '<table:table-cell office:value-type="string"><text:p>编号</text:p></table:table-cell></table:table-row><table:table-row>'
        + cell(NUMBERS[0], ' table:style-name="ce1"')
        + cell(NUMBERS[1])
        + cell(NUMBERS[2], ' table:style-name="ce3"')
        + "</table:table-row>"
    )
    return ods(table, styles=NUMBER_STYLES)


@pytest.mark.parametrize("make", [by_xlsxwriter, by_xlwt, in_xml, in_ods])
def test_every_kind_of_workbook_is_read_by_its_formats(read: ReadBytes, make: Callable[[], bytes]) -> None:
    assert shown_of(read(make())) == WANTED


@pytest.mark.parametrize("left", ["cells", "cells and rows", "one cell"])
def test_cells_without_a_place_have_it_behind_the_one_before(read: ReadBytes, left: str) -> None:
    def strip(xml: bytes) -> bytes:
        if left == "one cell":
            return xml.replace(b'<c r="B2"', b"<c")
        xml = re.sub(rb'<c r="[A-Z]+\d+"', b"<c", xml)
        return re.sub(rb'<row r="\d+"', b"<row", xml) if left == "cells and rows" else xml

    assert shown_of(read(with_entry(by_xlsxwriter(), "xl/worksheets/sheet1.xml", strip))) == WANTED


def test_places_are_counted_from_the_last_one_that_is_written() -> None:
    xml = b'<row><c s="1"/><c r="D1"/><c/></row><row r="7"><x:c t="s"/></row><row><c r="B8"/></row>'
    assert n_unplaced(xml) == 3
    assert n_unplaced(xml.replace(b"<c ", b"<x:c ").replace(b"<row", b"<x:row")) > 0
    assert b"".join(placed([xml])) == (
        b'<row r="1"><c r="A1" s="1"/><c r="D1"/><c r="E1"/></row><row r="7"><x:c r="A7" t="s"/></row><row r="8"><c r="B8"/></row>'
    )


def test_the_default_format_of_a_workbook_holds_for_cells_without_a_style(read: ReadBytes) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet().write_row(0, 0, ["编号", 12.5])

    book = with_entry(
        xlsx(fill), "xl/styles.xml", lambda xml: re.sub(rb'(<cellXfs[^>]*><xf )numFmtId="0"', rb'\1numFmtId="1"', xml)
    )
    assert shown_of(read(book)) == (["编号", "12.5"], [(1, "rounded", 0, 0)])


@pytest.mark.parametrize(
    ("text", "held", "read", "doubt"),
    [
        ("1,234.6", "1234.5678", "1234.5678", Shown(kind="rounded", decimals=1)),
        ("(7.1)", "-7.126", "-7.126", Shown(kind="rounded", decimals=1)),
        ("0101160802", "101160802", "0101160802", None),
        ("100.0", "100", "100.0", None),
        ("12.3%", "0.12345", "12.345%", Shown(kind="rounded", decimals=1)),
        ("12%", "0.12", "12%", None),
        ("0.5万", "5270", "0.527万", Shown(kind="rounded", decimals=1)),
        ("0.5万元", "5000", "0.5万元", None),
        ("13元", "12.5", "12.5元", Shown(kind="rounded")),
        ("12,346", "12345678", "12345678", Shown(kind="scaled", exponent=3)),
        ("10", "9999", "9999", Shown(kind="scaled", exponent=3)),
        ("", "5000", "5000", Shown(kind="hidden")),
        ("", "0", "", None),
        ("4.10106E+17", "410106012345678000", "4.10106E+17", None),
        ("4.10106E+11", "410106012345", "410106012345", None),
        ("2020-03-02", "43892", "2020-03-02", None),
        ("3月2日", "43892", "3月2日", None),
        ("12:30", "0.520833", "12:30", None),
        ("是", "1", "是", None),
        ("1000", "nonsense", "1000", None),
    ],
)
def test_a_cell_of_a_web_page_is_read_by_the_number_that_it_holds(text: str, held: str, read: str, doubt: Shown | None) -> None:
    for attribute in ("x:num", "sdval"):
        assert held_number(text, {attribute: held})[:2] == (read, doubt)
    assert held_number(text, {"x:num": None, "class": "xl65"}) == (text, None, NO_WORDS)


@pytest.mark.parametrize(
    ("text", "held", "words"),
    [
        ("5,000.00元", "5000", ("", "元", 0)),
        ("0.5万元", "5000", ("", "万元", 4)),
        ("0.5万元", "0.5", ("", "万元", 0)),
        ("13元", "12.5", ("", "元", 0)),
        ("12%", "0.12", NO_WORDS),
        ("0元", "0", NO_WORDS),
        ("¥12.50", "12.5", NO_WORDS),
    ],
)
def test_a_cell_of_a_web_page_keeps_the_words_behind_its_number(text: str, held: str, words: Words) -> None:
    assert held_number(text, {"sdval": held})[2] == words


@pytest.mark.parametrize(
    ("code", "number", "words"),
    [
        ('0.00"元"', 12.5, ("", "元", 0)),
        ('#,##0.00"元"', 0, NO_WORDS),
        ("[$元-804]#,##0.00", 12.5, ("元", "", 0)),
        ("[$¥-804]#,##0.00", 12.5, NO_WORDS),
        ('"人民币"0.00_);\\(0.00\\)', -12.5, NO_WORDS),
        ("[$$-409]#,##0.00", 12.5, ("$", "", 0)),
        ('¥0.00"万元"', 12.5, ("", "万元", 0)),
        ('0!.0,"万"', 5000, ("", "万", 4)),
        ('[>=10000]0!.0,"万";0', 5000, NO_WORDS),
        ('0.00;-0.00"元"', -1, ("", "元", 0)),
        ('@"万元"', 12.5, ("", "万元", 0)),
        ('yyyy"年"m"月"', 43907, NO_WORDS),
        ('0.0"%"', 12.5, NO_WORDS),
        ('0;"负"0', -1, NO_WORDS),
    ],
)
def test_a_format_sets_words_around_a_number(code: str, number: float, words: Words) -> None:
    assert NumberFormat(code).words_around(number) == words


def test_a_web_page_keeps_the_doubts_of_its_tables(read: ReadBytes) -> None:
    row = '<tr><td x:num>{0}</td><td x:num="{1}">{2}</td></tr>'
    page = "<table>{}</table><table>{}</table>".format(row.format(1, "12.345", "12.3"), row.format(2, "5000", "5"))
    found = read(page.encode())
    assert [rows(found, index) for index in range(2)] == [[["1", "12.345"]], [["2", "5000"]]]
    assert [[(one.column, one.kind) for one in sheet.format_doubts] for sheet in found.sheets] == [
        [(1, "rounded")],
        [(1, "scaled")],
    ]
