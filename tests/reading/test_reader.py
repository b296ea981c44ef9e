"""Reading: what departments send, and what would kill a careless reader."""

from __future__ import annotations

import ctypes
import datetime as dt
import errno
import io
import os
import signal
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fugong.findings.catalogue import CATALOGUE
from fugong.reading.faults import refusal
from fugong.reading.limits import Limits
from fugong.reading.model import Reading, ReadingRefused
from fugong.reading.reader import Reader, ReaderBroken, places_of_death
from fugong.reading.worker import decoding, delimited, magic
from fugong.reading.worker.result import Sheet
from tests.fixtures.files import ReadBytes, Rows, big_xls, code, far, notes, ods, rows, small_xlsx, with_entry, xlsx

# --- text ---------------------------------------------------------------------------------------------------------

TABLE = "企业名称,金额\n郑州市上街区某某厂,12.5\n"
CELLS: Rows = [["企业名称", "金额"], ["郑州市上街区某某厂", "12.5"]]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TABLE.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TABLE.encode(), "utf-8"),
        (b"\xef\xbb\xbf" * 2 + TABLE.encode(), "utf-8"),
        (TABLE.encode("gb18030"), "gb18030"),
        (b"\xff\xfe" + TABLE.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TABLE.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_a_text_is_read_in_every_encoding_in_use(read: ReadBytes, content: bytes, encoding: str) -> None:
    reading = read(content)
    assert rows(reading) == CELLS
    assert (reading.kind, reading.encoding) == ("csv", encoding)


@pytest.mark.parametrize("delimiter", list(",\t;|"))
def test_the_delimiter_is_found_below_a_title(read: ReadBytes, delimiter: str) -> None:
    text = "3月18日复工日报(单位:元)\n\n" + TABLE.replace(",", delimiter) * 3
    assert rows(read(text.encode())) == [["3月18日复工日报(单位:元)", None], [None, None], *CELLS * 3]


def test_quoted_cells_keep_their_line_breaks_quotes_and_delimiters(read: ReadBytes) -> None:
    found = rows(read('a,b\r\n"第一行\n第二行","他说""好"", 然后走了"\r\n'.encode()))
    assert found == [["a", "b"], ["第一行\n第二行", '他说"好", 然后走了']]


def test_blank_cells_are_null_and_short_rows_end_in_nulls(read: ReadBytes) -> None:
    assert rows(read("a,b,c\n , ,x\n1\n\n\u3000,\t,\n".encode())) == [
        ["a", "b", "c"],
        [None, None, "x"],
        ["1", None, None],
        [None, None, None],
        [None, None, None],
    ]


def test_a_row_wider_than_all_before_widens_the_sheet(read: ReadBytes) -> None:
    reading = read(b"a,b\n1,2\n" + b"1,2\n" * 50 + b"1,2,3\n")
    assert reading.sheets[0].n_columns == 3
    assert rows(reading)[-1] == ["1", "2", "3"]


def test_a_long_text_with_titles_and_notes_is_read_whole(read: ReadBytes) -> None:
    body = "".join(f"某某厂{i},{i}.5,备注\n" for i in range(120_000))
    found = rows(read(f"复工日报\n单位:元\n名称,金额,备注\n{body}合计,1\n\n注:以上含停产企业\n".encode("gb18030")))
    assert len(found) == 3 + 120_000 + 3
    assert found[3] == ["某某厂0", "0.5", "备注"]
    assert found[120_002] == ["某某厂119999", "119999.5", "备注"]
    assert found[-3:] == [["合计", "1", None], [None, None, None], ["注:以上含停产企业", None, None]]


def test_a_ragged_row_in_the_middle_of_a_long_text_moves_no_other(read: ReadBytes) -> None:
    lines = [f"{i},x,y" for i in range(30_000)]
    lines[20_000] = "20000,x,y,z"
    lines[25_000] = ""
    found = rows(read("\n".join(lines).encode()))
    assert [row[0] for row in found] == [None if i == 25_000 else str(i) for i in range(30_000)]
    assert found[20_000] == ["20000", "x", "y", "z"]


CELL = st.text(alphabet='ab,"\n\r \t;业　é', max_size=4)


@settings(max_examples=200, deadline=None)
@given(
    table=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=2, max_size=6),
    end=st.sampled_from(["\n", "\r\n", ""]),
    quoted=st.booleans(),
)
def test_the_fast_way_gives_the_same_cells_as_the_slow_one(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], end: str, quoted: bool
) -> None:
    def written(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if quoted else cell

    folder = tmp_path_factory.mktemp("ways")
    content = "\n".join(",".join(map(written, row)) for row in table) + end
    path = folder / "text"
    path.write_bytes(content.encode())
    text = decoding.Text(path, "utf-8", 0, path.stat().st_size, content.count('"'))
    shape = delimited.find_shape(text)
    if not shape.n_columns or content.count('"') % 2:
        return
    limits = Limits()
    try:
        # "too-large" cannot occur; an open quote is the slow way's to tell.
        delimited.read_rectangular(text, shape, folder / "fast", Sheet(""), limits)
    except pa.ArrowInvalid:
        return
    slow = Sheet("")
    delimited.read_ragged(text, shape, folder / "slow", slow, limits)
    fast, slowly = (pa.ipc.open_stream(folder / way).read_all().to_pydict() for way in ("fast", "slow"))
    assert fast == slowly


@pytest.mark.parametrize(
    "content",
    [
        'a,b\n1,2\n"x\ny",3\n',
        'a,b\n1"2,2\n"x""",3\n',
        "标题\na,b\n" + "1,2\n" * 150 + "\n注\n",
        "a,b\r1,2\r3,4\r",
        'a,b\n"",2\n" ",3\n',
        'a,b\n"x"y,2\nz"z",3\n',
        "a\n" + "1\n" * 150 + "\n2\n",
    ],
)
def test_the_two_ways_agree_on_known_oddities(tmp_path: Path, content: str) -> None:
    path = tmp_path / "text"
    path.write_bytes(content.encode())
    text = decoding.Text(path, "utf-8", 0, path.stat().st_size, content.count('"'))
    shape = delimited.find_shape(text)
    assert shape.n_columns
    limits = Limits()
    delimited.read_rectangular(text, shape, tmp_path / "fast", Sheet(""), limits)
    delimited.read_ragged(text, shape, tmp_path / "slow", Sheet(""), limits)
    fast, slow = (pa.ipc.open_stream(tmp_path / way).read_all().to_pydict() for way in ("fast", "slow"))
    assert fast == slow


def test_an_undecodable_byte_is_told_with_its_place(read: ReadBytes) -> None:
    content = (TABLE * 10).encode() + b"\xff\xfe," + TABLE.encode()
    reading = read(content)
    assert code(reading) == "undecodable"
    assert reading.refused is not None
    assert (reading.refused.details["line"], reading.refused.details["offset"]) == (21, len(TABLE.encode()) * 10)
    assert "第 21 行" in reading.refused.message_zh


def test_an_undecodable_byte_far_into_a_file_is_told_with_its_place(read: ReadBytes) -> None:
    good = (TABLE * 40_000).encode("gb18030")
    reading = read(good + b"\xff" + good)
    assert code(reading) == "undecodable"
    assert reading.refused is not None
    assert (reading.refused.details["line"], reading.refused.details["offset"]) == (80_001, len(good))


def test_a_place_is_exact_where_a_character_lies_across_two_blocks(read: ReadBytes) -> None:
    good = b"a" + "企".encode("gb18030") * 600_000
    reading = read(good + b"\xff\xff")
    assert code(reading) == "undecodable"
    assert reading.refused is not None
    assert reading.refused.details["offset"] == len(good)


def test_damaged_utf_8_is_not_taken_for_another_encoding(read: ReadBytes) -> None:
    content = ("企业名称金额" * 4).encode() + b"\xe9\x41,1\n"
    assert content.decode("gb18030")
    reading = read(content)
    assert code(reading) == "undecodable"
    assert reading.refused is not None
    assert reading.refused.details["encoding"] == "utf-8"


def test_a_text_cut_within_a_character_is_truncated(read: ReadBytes) -> None:
    assert code(read((TABLE * 3).encode()[:-7])) == "truncated-file"


@pytest.mark.parametrize("repeat", [1, 30_000])
def test_a_quote_that_is_never_closed_is_told_with_its_line(read: ReadBytes, repeat: int) -> None:
    reading = read(b"a,b\n1,2\n" + b'3,"4\n' + b"5,6\n" * repeat)
    assert code(reading) == "unclosed-quote"
    assert reading.refused is not None
    assert reading.refused.details["line"] == 3


def test_an_open_quote_is_told_although_quotes_are_even_and_columns_fit(read: ReadBytes) -> None:
    reading = read(b"a,b\n" + b"1,2\n" * 30_000 + b'5" pipe,2\n3,"4\n')
    assert code(reading) == "unclosed-quote"
    assert reading.refused is not None
    assert reading.refused.details["line"] == 30_003


def test_a_long_text_keeps_cells_of_several_lines(read: ReadBytes) -> None:
    table: Rows = [["a", "b"], *([str(i), f"第一行\n第二行,{i}"] for i in range(60_000))]
    assert rows(read("".join(f'"{a}","{b}"\r\n' for a, b in table).encode())) == table


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("n_columns", [1, 3])
def test_a_blank_line_in_a_long_text_counts(read: ReadBytes, quote: str, n_columns: int) -> None:
    lines = [",".join([f"{quote}{i}{quote}"] * n_columns) for i in range(60_000)]
    lines[20_000] = ""
    found = rows(read("\n".join(lines).encode()))
    assert [row[0] for row in found] == [None if i == 20_000 else str(i) for i in range(60_000)]


def test_a_quote_within_a_cell_is_a_character(read: ReadBytes) -> None:
    assert rows(read(b'a,b\n5" pipe,2\n')) == [["a", "b"], ['5" pipe', "2"]]


# --- workbooks ----------------------------------------------------------------------------------------------------


VALUES: list[tuple[object, str | None, str | None]] = [
    ("第一行\n第二行", None, "第一行\n第二行"),
    (" 前后有空格 ", None, " 前后有空格 "),
    ("　 ", None, None),
    ("００１", None, "００１"),
    (3, None, "3"),
    (-12.5, None, "-12.5"),
    (1379.88, None, "1379.88"),
    (0.1 + 0.2, None, "0.3"),
    (0.0000001, None, "1E-07"),
    (410106000000123, None, "410106000000123"),
    (914101061234567890, None, "9.14101E+17"),
    (1e15, None, "1E+15"),
    (True, None, "TRUE"),
    (False, None, "FALSE"),
    (43908, "yyyy-mm-dd", "2020-03-18"),
    (43908, 'm"月"d"日"', "2020-03-18"),
    (dt.datetime(2020, 3, 18, 9, 30), "yyyy-mm-dd hh:mm", "2020-03-18 09:30:00"),
    (43908 + 1 / 3, "yyyy-mm-dd hh:mm:ss", "2020-03-18 08:00:00"),
    (0.354166666666667, "hh:mm", "08:30:00"),
    (43908.3541666, "yyyy-mm-dd hh:mm", "2020-03-18 08:30:00"),
    (1.25, "[h]:mm", "30:00:00"),
]


def test_values_of_a_new_workbook_are_written_as_typed(read: ReadBytes) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        for i, (value, number_format, _) in enumerate(VALUES):
            shape = book.add_format({"num_format": number_format}) if number_format else None
            sheet.write(i, 0, value, shape)
            sheet.write(i, 1, "|")

    reading = read(xlsx(fill))
    assert [row[0] for row in rows(reading)] == [text for _, _, text in VALUES]
    assert reading.kind == "xlsx"


def test_values_of_an_old_workbook_are_written_as_typed(read: ReadBytes) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("日报")
    sheet.write_merge(0, 0, 0, 3, "标题")
    for column, value in enumerate([3, 2.5, True, "第一行\n第二行", 914101061234567890.0]):
        sheet.write(1, column, value)
    sheet.write(2, 0, dt.datetime(2020, 3, 18), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    sheet.write(2, 1, "余")
    sheet.row(2).hidden = True
    file = io.BytesIO()
    book.save(file)
    reading = read(file.getvalue())
    assert reading.kind == "xls"
    assert rows(reading) == [
        ["标题", None, None, None, None],
        ["3", "2.5", "TRUE", "第一行\n第二行", "9.14101E+17"],
        ["2020-03-18", "余", None, None, None],
    ]
    assert reading.sheets[0].merged == [(0, 0, 0, 3)]
    assert (notes(reading), reading.sheets[0].n_hidden_rows, reading.sheets[0].hidden_rows) == (["hidden-rows"], 1, [2])


def test_error_cells_of_a_new_workbook_keep_their_text(read: ReadBytes) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write("B3", "x")
        sheet.write_formula("C4", "=1/0", None, "#DIV/0!")  # pyright: ignore[reportArgumentType, reportCallIssue]
        sheet.write_formula("D4", "=A1", None, "#REF!")  # pyright: ignore[reportArgumentType, reportCallIssue]
        sheet.write_formula("C5", "=1+1", None, 2)

    assert rows(read(xlsx(fill))) == [
        [None] * 4,
        [None] * 4,
        [None, "x", None, None],
        [None, None, "#DIV/0!", "#REF!"],
        [None, None, "2", None],
    ]


def test_error_cells_of_an_old_workbook_keep_their_text(read: ReadBytes) -> None:
    book = xlwt.Workbook()
    sheets = [book.add_sheet("一"), book.add_sheet("二")]
    for sheet in sheets:
        sheet.write(0, 0, "x")
    sheets[1].row(1).set_cell_error(1, "#REF!")
    file = io.BytesIO()
    book.save(file)
    reading = read(file.getvalue())
    assert rows(reading, 0) == [["x"]]
    assert rows(reading, 1) == [["x", None], [None, "#REF!"]]


def test_leading_blank_rows_and_columns_keep_addresses(read: ReadBytes) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet().write("C4", "x")

    assert rows(read(xlsx(fill))) == [[None] * 3, [None] * 3, [None] * 3, [None, None, "x"]]


def test_merged_ranges_hidden_rows_and_sheets_are_told(read: ReadBytes) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("日报")
        sheet.merge_range("A1:C1", "标题")
        sheet.merge_range("A2:A4", "某局")
        sheet.write("C4", 1)
        sheet.set_row(2, None, None, {"hidden": True})
        book.add_chartsheet("图")
        book.add_worksheet("说明").hide()

    reading = read(xlsx(fill))
    assert rows(reading) == [["标题", None, None], ["某局", None, None], [None] * 3, [None, None, "1"]]
    assert reading.sheets[0].merged == [(0, 0, 0, 2), (1, 0, 3, 0)]
    assert [(s.name, s.index, s.hidden, s.n_rows) for s in reading.sheets] == [("日报", 0, False, 4), ("说明", 1, True, 0)]
    assert (reading.sheets[0].n_hidden_rows, reading.sheets[0].hidden_rows) == (1, [2])
    assert notes(reading) == ["hidden-rows", "hidden-sheet"]


def test_a_formula_that_was_never_calculated_is_told(read: ReadBytes) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append([1, "=A1*2"])
    file = io.BytesIO()
    book.save(file)
    reading = read(file.getvalue())
    assert rows(reading)[0][0] == "1"
    assert notes(reading) == ["formula-without-value"]


def test_macros_and_links_to_other_files_are_told(read: ReadBytes) -> None:
    content = xlsx(small_xlsx)
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
        archive.writestr("xl/externalLinks/externalLink1.xml", b"<x/>")
    reading = read(file.getvalue())
    assert rows(reading) == [["企业名称", "金额"], ["某某厂", "12.5"]]
    assert notes(reading) == ["macros", "external-links"]


def test_an_opendocument_sheet_is_read(read: ReadBytes) -> None:
    cell = '<table:table-cell office:value-type="{}"{}><text:p>{}</text:p></table:table-cell>'
    line = cell.format("string", "", "名称") + cell.format("float", ' office:value="12.5"', "12.5")
    date = cell.format("date", ' office:date-value="2020-03-18"', "2020/3/18")
    percentage = cell.format("percentage", ' office:value="0.852"', "85.2%")
    reading = read(ods(f"<table:table-row>{line}</table:table-row><table:table-row>{date}{percentage}</table:table-row>"))
    assert reading.kind == "ods"
    assert rows(reading) == [["名称", "12.5"], ["2020-03-18", "0.852"]]


def test_a_web_page_called_xls_is_read_with_its_spans(read: ReadBytes) -> None:
    page = """<html><head><meta charset="gb2312"><style>td {color: red}</style></head><body>
    <table><tr><th colspan=3>复工&nbsp;日报</th></tr>
    <tr><td rowspan="2">某局</td><td>甲<br>乙</td><td>1</td></tr>
    <tr><td>丙</td><td>2 &lt; 3</td></tr><tr><td>合计</td></tr></table><p>注</p><table><tr><td>x</td></tr></table></body></html>"""
    reading = read(page.encode("gb18030"))
    assert (reading.kind, reading.encoding) == ("html", "gb18030")
    assert rows(reading) == [["复工 日报", None, None], ["某局", "甲\n乙", "1"], [None, "丙", "2 < 3"], ["合计", None, None]]
    assert reading.sheets[0].merged == [(0, 0, 0, 2), (1, 0, 2, 0)]
    assert rows(reading, 1) == [["x"]]


# --- refusals -----------------------------------------------------------------------------------------------------


def docx() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return file.getvalue()


def encrypted_xlsx() -> bytes:
    """An OLE2 file whose root folder holds `EncryptedPackage`, as Office writes a workbook with a password."""

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        encoded = name.encode("utf-16-le") + b"\0\0"
        none = 0xFFFFFFFF
        head = encoded.ljust(64, b"\0") + struct.pack("<HBB3I", len(encoded), kind, 1, none, none, child)
        return head + bytes(36) + struct.pack("<2I", start, size) + bytes(4)

    header = magic.OLE_MAGIC + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<5I", 1, 1, 0, 4096, 0xFFFFFFFE) + struct.pack("<3I", 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    fat = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126)
    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("EncryptedPackage", 2, 0xFFFFFFFF, 0xFFFFFFFE, 0)
    return header + fat + folder.ljust(512, b"\0")


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    """One bit of the sheet's packed bytes is wrong; the archive's directory is sound."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entry = archive.getinfo("xl/worksheets/sheet1.xml")
    at = entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2
    return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "empty-file"),
    "only blanks": (lambda: b"\xef\xbb\xbf \r\n\r\n", "empty-file"),
    "only delimiters": (lambda: b",,,\n,,,\n", "empty-file"),
    "a workbook without a cell": (lambda: xlsx(lambda book: book.add_worksheet()), "empty-file"),
    "half an xlsx": (lambda: half(xlsx(small_xlsx)), "truncated-file"),
    "an xlsx with a wrong bit": (lambda: flipped(xlsx(small_xlsx)), "truncated-file"),
    "half an xls": (lambda: half(big_xls()), "truncated-file"),
    "an xls of which the header is left": (lambda: big_xls()[:300], "truncated-file"),
    "an xlsx with a password": (encrypted_xlsx, "encrypted-workbook"),
    "a Word document": (docx, "not-a-table"),
    "a PDF": (lambda: b"%PDF-1.7\n1 0 obj\n", "not-a-table"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not-a-table"),
    "zeros": (lambda: bytes(5000), "not-a-table"),
    "a page without a table": (lambda: b"<html><body>404 Not Found</body></html>", "not-a-table"),
    "XML": (lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "empty-file"),
    "XML with a DTD": (
        lambda: (
            b'<?xml version="1.0"?><!DOCTYPE Workbook [<!ENTITY a "b">]>'
            b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
        ),
        "not-a-table",
    ),
    "XML with a far row": (
        lambda: (
            b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="x"><Worksheet ss:Name="a"><Table>'
            b'<Row><Cell ss:Index="1900"><Data>1</Data></Cell></Row><Row ss:Index="9999999"><Cell><Data>1</Data></Cell></Row>'
            b"</Table></Worksheet></Workbook>"
        ),
        "far-cell",
    ),
    "XML cut off": (lambda: b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet>', "truncated-file"),
    "a workbook with a DTD": (
        lambda: with_entry(
            xlsx(small_xlsx),
            "xl/workbook.xml",
            lambda xml: xml.replace(b"<workbook", b'<!DOCTYPE x [<!ENTITY a "b">]><workbook', 1),
        ),
        "not-a-table",
    ),
    "UTF-16 of an odd number of bytes": (lambda: b"\xff\xfe" + TABLE.encode("utf-16-le") + b"x", "truncated-file"),
    "a zero byte far into a text": (lambda: TABLE.encode() * 50_000 + b"\0", "undecodable"),
    "3,000 columns": (lambda: (",".join(map(str, range(3000))) + "\n").encode() * 3, "too-large"),
    "a cell without end": (lambda: b"a,b\n" + b"x" * 200_000 + b",1\n", "too-large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_refused_with_its_reason(read: ReadBytes, name: str) -> None:
    make, expected = REFUSED[name]
    assert code(read(make())) == expected


@pytest.mark.parametrize("cell", ["XFD1048576", "XFD1", "BB1048576"])
def test_a_cell_far_away_is_named(read: ReadBytes, cell: str) -> None:
    reading = read(far(cell))
    assert code(reading) == "far-cell"
    assert reading.refused is not None
    assert cell in reading.refused.message_zh
    assert "日报" in reading.refused.message_zh
    assert reading.max_rss < 100 << 20


def test_a_dimension_that_lies_does_no_harm(read: ReadBytes) -> None:
    def lie(xml: bytes) -> bytes:
        assert b'<dimension ref="A1:B2"/>' in xml
        return xml.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')

    assert rows(read(with_entry(xlsx(small_xlsx), "xl/worksheets/sheet1.xml", lie))) == [["企业名称", "金额"], ["某某厂", "12.5"]]


def test_a_format_far_away_is_no_content(read: ReadBytes) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write("A1", "x")
        sheet.write_blank("XFD1048576", None, book.add_format({"bold": True}))

    assert rows(read(xlsx(fill))) == [["x"]]


def test_a_cell_repeated_without_end_is_refused(read: ReadBytes) -> None:
    cell = (
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p></table:table-cell>'
    )
    reading = read(ods(f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'))
    assert code(reading) == "too-large"


def test_a_bomb_is_refused_by_its_directory(read: ReadBytes) -> None:
    file = io.BytesIO(xlsx(small_xlsx))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.xml", bytes(100 << 20))
    reading = read(file.getvalue())
    assert code(reading) == "too-large"
    assert reading.refused is not None
    assert reading.refused.details["what"] == "inflated"


def test_a_link_a_pipe_and_a_folder_are_refused_unopened(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text(TABLE)
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    into = tmp_path / "cells"
    into.mkdir()
    for name in ("link.csv", "pipe.csv", "folder.csv"):
        assert code(reader.read(tmp_path / name, name, into)) == "not-a-file"
    with pytest.raises(FileNotFoundError):
        reader.read(tmp_path / "missing.csv", "missing.csv", into)


def test_a_link_is_refused_by_the_kernel_although_it_was_a_file_a_moment_ago(
    read: ReadBytes, reader: Reader, tmp_path: Path
) -> None:
    read(TABLE.encode())
    (tmp_path / "link.csv").symlink_to(tmp_path / "file")
    request = {"path": str(tmp_path / "link.csv"), "into": str(tmp_path / "cells"), "limits": {}}
    assert reader._ask(request, 10.0, "link.csv")["errno"] == errno.ELOOP


# --- death --------------------------------------------------------------------------------------------------------


def test_a_file_that_makes_the_reader_abort_is_refused_and_the_next_one_is_read(read: ReadBytes, reader: Reader) -> None:
    read(TABLE.encode())
    fork_server = reader._fork_server
    assert fork_server is not None
    with Reader(Limits(cells=1 << 60)) as careless:  # so wide a limit lets calamine try
        reading = read(far("BB1048576"), careless)
        assert code(reading) == "too-much-memory"
        assert rows(read(TABLE.encode(), careless)) == CELLS
    assert reader._fork_server is fork_server


def test_a_file_that_takes_too_long_is_killed(read: ReadBytes) -> None:
    with Reader(Limits(seconds=0.0)) as hurried:
        assert code(read(big_xls(), hurried)) == "took-too-long"


def test_a_sheet_made_to_keep_us_busy_is_killed(read: ReadBytes) -> None:
    busy = with_entry(xlsx(small_xlsx), "xl/worksheets/sheet1.xml", lambda xml: xml + b'<c t="e" ' * 500_000)
    with Reader(Limits(seconds=0.5)) as hurried:
        reading = read(busy, hurried)
    assert code(reading) == "took-too-long"
    assert reading.seconds < 5


def test_too_little_memory_is_a_refusal(read: ReadBytes) -> None:
    body = b"".join(b"%d,x,y\n" % i for i in range(300_000))
    with Reader(Limits(memory=1 << 20)) as narrow:
        assert code(read(body, narrow)) in ("too-much-memory", "reader-crashed")


def test_the_death_of_the_fork_server_is_ours_and_the_next_file_is_read(read: ReadBytes) -> None:
    with Reader() as reader:
        rows(read(TABLE.encode(), reader))
        assert reader._fork_server is not None
        os.kill(reader._fork_server.pid, signal.SIGKILL)
        reader._fork_server.wait()
        with pytest.raises(ReaderBroken):
            read(TABLE.encode(), reader)
        assert rows(read(TABLE.encode(), reader)) == CELLS


def test_the_fork_server_forks_from_one_thread(read: ReadBytes, reader: Reader) -> None:
    rows(read(TABLE.encode()))
    assert reader._fork_server is not None
    assert len(list(Path(f"/proc/{reader._fork_server.pid}/task").iterdir())) == 1


def test_reading_leaves_the_network_where_the_kernel_lets_it(read: ReadBytes, reader: Reader) -> None:
    rows(read(TABLE.encode()))
    assert reader._fork_server is not None
    trial = os.fork()
    if trial == 0:
        libc = ctypes.CDLL(None)
        os._exit(libc.unshare(0x40000000) and libc.unshare(0x50000000) and 1)
    is_possible = os.waitstatus_to_exitcode(os.waitpid(trial, 0)[1]) == 0
    has_left = Path(f"/proc/{reader._fork_server.pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    assert has_left == is_possible


def test_nothing_but_the_cells_and_the_result_is_left(read: ReadBytes, tmp_path: Path) -> None:
    for content, left in ((SOUND["xlsx"], set[str]()), (TABLE.encode("gb18030"), {"sheet_000.widths"})):
        read(content)
        assert {path.name for path in (tmp_path / "cells").iterdir()} == {"sheet_000.arrows", "reading.json", "stderr"} | left


HOSTILE = st.one_of(
    st.binary(max_size=300),
    st.tuples(st.sampled_from([b"PK\x03\x04", magic.OLE_MAGIC, b"\xff\xfe", b"<table>", b"\xef\xbb\xbf"]), st.binary()).map(
        b"".join
    ),
    st.text().map(lambda text: text.encode("utf-8", "replace")),
)
MUTATED = st.tuples(st.sampled_from(["xlsx", "xls"]), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=8))
SOUND = {"xlsx": xlsx(small_xlsx), "xls": big_xls()}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=HOSTILE)
def test_arbitrary_bytes_are_read_or_refused_and_never_stop_the_reader(read: ReadBytes, reader: Reader, content: bytes) -> None:
    _answered(read(content), reader)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutation=MUTATED)
def test_damaged_workbooks_are_read_or_refused_and_never_stop_the_reader(
    read: ReadBytes, reader: Reader, mutation: tuple[str, list[tuple[float, int]]]
) -> None:
    kind, changes = mutation
    content = bytearray(SOUND[kind])
    for place, byte in changes:
        content[int(place * len(content))] = byte
    _answered(read(bytes(content)), reader)


def _answered(reading: Reading, reader: Reader) -> None:
    if reading.refused is None:
        assert [rows(reading, i) for i in range(len(reading.sheets))]
    else:
        assert code(reading) in CATALOGUE
    assert reader._fork_server is not None
    assert reader._fork_server.poll() is None


def test_where_a_child_died_is_logged_and_nothing_that_it_read() -> None:
    words = """Traceback (most recent call last):
  File "/opt/one_file.py", line 80, in read_one
    parse(cell)
  File "/opt/cell_text.py", line 12, in parse
    raise ValueError(cell)
ValueError: 110101199003071233
"""
    assert (
        places_of_death(words)
        == 'ValueError < File "/opt/cell_text.py", line 12, in parse < File "/opt/one_file.py", line 80, in read_one'
    )
    assert places_of_death("thread panicked at 110101199003071233") == places_of_death("") == "no Python error"


def test_every_refusal_has_its_sentences() -> None:
    details: dict[str, str | int] = {
        "found": 3,
        "limit": 2,
        "what": "bytes",
        "sheet": "s",
        "cell": "A1",
        "line": 1,
        "offset": 0,
        "encoding": "utf-8",
        "seconds": 30,
    }
    codes = (
        "empty-file truncated-file encrypted-workbook not-a-table undecodable too-large far-cell too-much-memory took-too-long"
        " reader-crashed unclosed-quote not-a-file"
    ).split()
    for code_ in codes:
        refused = refusal(code_, **details)
        assert isinstance(refused, ReadingRefused)
        assert "{" not in refused.message_zh + refused.message_en
