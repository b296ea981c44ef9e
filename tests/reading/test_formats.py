"""Every format that departments' programs write, told by content alone, alone or packed; and what is hidden in them."""

from __future__ import annotations

import struct
import zipfile

import pytest
import xlsxwriter
import xlwt

from fugong.reading.limits import Limits
from fugong.reading.model import Reading
from fugong.reading.worker.ole import scan_biff
from fugong.reading.worker.result import Result
from tests.fixtures.files import ReadBytes, Rows, code, notes, ods, packed, rows, small_xlsx, with_entry, xls, xlsx

TABLE = "企业名称,金额\n某某厂,12.5\n"
CELLS: Rows = [["企业名称", "金额"], ["某某厂", "12.5"]]
PAGE = "<html><table><tr><td>企业名称</td><td>金额</td></tr><tr><td>某某厂</td><td>12.5</td></tr></table></html>"


def small_xls(sheet: xlwt.Worksheet) -> None:
    for at, cells in enumerate([("企业名称", "金额"), ("某某厂", 12.5)]):
        for column, cell in enumerate(cells):
            sheet.write(at, column, cell)


def ods_row(*cells: str, style: str = "") -> str:
    filled = (f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells)
    return f"<table:table-row{style}>{''.join(filled)}</table:table-row>"


FORMATS: dict[str, tuple[bytes, str]] = {
    "workbook": (xlsx(small_xlsx), "xlsx"),
    "old workbook, or one of WPS": (xls(small_xls), "xls"),
    "OpenDocument": (ods(ods_row("企业名称", "金额") + ods_row("某某厂", "12.5")), "ods"),
    "commas": (TABLE.encode(), "csv"),
    "tabs": (TABLE.replace(",", "\t").encode("gb18030"), "csv"),
    "page": (PAGE.encode("gb18030"), "html"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_told_by_content_alone(read: ReadBytes, name: str) -> None:
    content, kind = FORMATS[name]
    reading = read(content)  # always under the same name, `文件.xls`
    assert (reading.kind, rows(reading), reading.inner_name) == (kind, CELLS, None)


@pytest.mark.parametrize("name", FORMATS)
def test_one_table_in_an_archive_is_read(read: ReadBytes, name: str) -> None:
    content, kind = FORMATS[name]
    reading = read(packed({"3月18日/税费减免退日报.dat": content}))
    assert (reading.kind, rows(reading), reading.inner_name) == (kind, CELLS, "税费减免退日报.dat")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("n", [1, 30_000])
def test_line_ends_are_found_by_themselves(read: ReadBytes, end: str, n: int) -> None:
    found = rows(read(("企业名称,金额\n" + "某某厂,12.5\n" * n).replace("\n", end).encode()))
    assert [row for row in found if row[0]] == [CELLS[0], *[CELLS[1]] * n]


def test_line_ends_may_be_mixed(read: ReadBytes) -> None:
    assert rows(read(b"a,b\r\n1,2\n3,4\r5,6")) == [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]]


@pytest.mark.parametrize("n", [40, 30_000])
def test_a_quote_that_swallows_records_until_the_next_mistake_is_told_with_its_line(read: ReadBytes, n: int) -> None:
    body = [f"{i},x,y" for i in range(n)]
    body[10], body[30] = '10,"x,y', '30,x",y'
    reading = read(("a,b,c\n" + "\n".join(body)).encode())
    assert code(reading) == "unclosed-quote"
    assert reading.refused is not None
    assert reading.refused.details["line"] == 12


def test_a_cell_of_many_lines_swallows_nothing(read: ReadBytes) -> None:
    text = "第一,项\n第二项\n第三项,完\n第四项\n第五项"
    assert rows(read(f'名称,说明,金额\n甲,"{text}",1\n'.encode()))[1] == ["甲", text, "1"]


# --- archives -----------------------------------------------------------------------------------------------------


def test_the_name_in_an_archive_is_read_as_chinese_windows_writes_it(read: ReadBytes) -> None:
    entry = zipfile.ZipInfo("税费".encode("gbk").decode("cp437") + ".csv")
    content = bytearray(packed({entry: TABLE.encode()}))
    # Python marks such a name as UTF-8; Chinese Windows writes GBK and marks nothing.
    raw, marked = "税费.csv".encode("gbk"), entry.filename.encode()
    assert bytes(content).count(marked) == 2
    shorter = bytes(content).replace(marked, raw)
    reading = read(_unmarked(shorter, len(marked) - len(raw)))
    assert (reading.inner_name, rows(reading)) == ("税费.csv", CELLS)


def _unmarked(archive: bytes, n_less: int) -> bytes:
    """An archive of one entry whose names were made shorter: lengths, places and marks set right."""
    out = bytearray(archive)
    directory, end = out.index(b"PK\1\2"), out.index(b"PK\5\6")
    for flags, length in ((6, 26), (directory + 8, directory + 28)):
        out[flags + 1] &= ~8
        struct.pack_into("<H", out, length, struct.unpack_from("<H", out, length)[0] - n_less)
    struct.pack_into("<2I", out, end + 12, end - directory, directory)
    return bytes(out)


def test_several_tables_in_an_archive_are_named(read: ReadBytes) -> None:
    reading = read(packed({"甲.csv": TABLE.encode(), "乙/丙.xlsx": xlsx(small_xlsx), "照片.png": b"\x89PNG\r\n"}))
    assert code(reading) == "several-files"
    assert reading.refused is not None
    assert "2 个文件:甲.csv、乙/丙.xlsx" in reading.refused.message_zh


def test_what_lies_beside_the_table_in_an_archive_is_told_and_what_systems_leave_is_not(read: ReadBytes) -> None:
    beside = {"__MACOSX/._甲.csv": b"x", ".DS_Store": b"x", "Thumbs.db": b"x", "~$甲.xlsx": b"x"}
    assert notes(read(packed({"甲.csv": TABLE.encode(), **beside}))) == []
    reading = read(packed({"甲.csv": TABLE.encode(), "盖章.pdf": b"%PDF-1.7"}))
    assert rows(reading) == CELLS
    assert [(note.code, note.details) for note in reading.notes] == [("others-in-archive", {"n": 1, "names": "盖章.pdf"})]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"甲.zip": packed({"乙.csv": TABLE.encode()})}, "nested-archive"),
        ({"甲.csv": packed({"乙.zip": packed({"丙.csv": TABLE.encode()})})}, "nested-archive"),
        ({"甲.rar": b"Rar!\x1a\x07\x00"}, "nested-archive"),
        ({"盖章.pdf": b"%PDF-1.7"}, "not-a-table"),
        ({}, "not-a-table"),
        ({"甲.csv": b""}, "empty-file"),
        ({"甲.csv": b"a,b\n1,\xff\n"}, "undecodable"),
    ],
)
def test_an_archive_without_one_readable_table_is_refused(read: ReadBytes, entries: dict[str, bytes], expected: str) -> None:
    assert code(read(packed({**entries}))) == expected


@pytest.mark.parametrize(
    "name", ["../甲.csv", "/甲.csv", "a/../../甲.csv", "C:\\甲.csv", "..\\甲.csv", "甲\u202evsc.xls", "甲\n.csv"]
)
def test_a_name_in_an_archive_that_leads_elsewhere_is_refused(read: ReadBytes, name: str) -> None:
    reading = read(packed({name: TABLE.encode()}))
    assert code(reading) == "unsafe-name-in-archive"
    assert reading.refused is not None
    assert reading.refused.message_zh.isprintable()


# --- what is hidden, and what leads elsewhere ---------------------------------------------------------------------


def hidden_columns(reading: Reading) -> tuple[list[int], list[tuple[str, str | int]]]:
    noted = [(note.sheet, note.details["columns"]) for note in reading.notes if note.code == "hidden-columns"]
    return reading.sheets[0].hidden_columns, noted


def test_every_hidden_column_of_a_workbook_is_told(read: ReadBytes) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("日报")
        sheet.write_row(0, 0, list("abcdefgh"))
        sheet.set_column("B:B", 8, None, {"hidden": True})
        sheet.set_column("D:D", 20)
        sheet.set_column("E:G", None, None, {"hidden": True})
        sheet.set_column("J:XFD", None, None, {"hidden": True})  # nothing stands there

    reading = read(xlsx(fill))
    assert rows(reading) == [list("abcdefgh")]
    assert hidden_columns(reading) == ([1, 4, 5, 6], [("日报", "B、E-G")])


def test_every_hidden_column_of_an_old_workbook_is_told(read: ReadBytes) -> None:
    def fill(sheet: xlwt.Worksheet) -> None:
        for column, letter in enumerate("abcde"):
            sheet.write(0, column, letter)
        for column in (1, 3):
            sheet.col(column).hidden = True

    assert hidden_columns(read(xls(fill))) == ([1, 3], [("日报", "B、D")])


def test_hidden_columns_and_rows_of_an_opendocument_sheet_are_told(read: ReadBytes) -> None:
    columns = (
        '<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'
        '<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="16380"/>'
    )
    reading = read(ods(columns + ods_row(*"abcd") + ods_row(*"efgh", style=' table:visibility="filter"')))
    assert hidden_columns(reading) == ([1, 2], [("日报", "B-C")])
    assert (reading.sheets[0].n_hidden_rows, reading.sheets[0].hidden_rows) == (1, [1])
    assert rows(reading) == [list("abcd"), list("efgh")]


def with_entries(content: bytes, entries: dict[str, bytes]) -> bytes:
    for name, text in entries.items():
        content = with_entry(content, name, lambda _, text=text: text, is_new=True)
    return content


@pytest.mark.parametrize(
    ("entries", "noted"),
    [
        ({"xl/vbaProject.bin": b"x"}, ["macros"]),
        ({"xl/macrosheets/sheet1.xml": b"<x/>"}, ["macros"]),
        ({"xl/externalLinks/externalLink1.xml": b"<externalLink><externalBook/></externalLink>"}, ["external-links"]),
        ({"xl/connections.xml": b"<connections/>"}, ["external-links"]),
        (
            {"xl/externalLinks/externalLink1.xml": b'<externalLink><ddeLink ddeService="cmd" ddeTopic="/c x"/></externalLink>'},
            ["dde-links", "external-links"],
        ),
    ],
)
def test_what_leads_out_of_a_workbook_is_told_and_its_values_are_read(
    read: ReadBytes, entries: dict[str, bytes], noted: list[str]
) -> None:
    reading = read(with_entries(xlsx(small_xlsx), entries))
    assert (rows(reading), notes(reading)) == (CELLS, noted)


@pytest.mark.parametrize(
    ("formula", "noted"), [('of:=DDE("cmd";"/c x";"1")', ["dde-links"]), ("of:='file:///x.ods'#$A.A1", ["external-links"])]
)
def test_what_leads_out_of_an_opendocument_sheet_is_told(read: ReadBytes, formula: str, noted: list[str]) -> None:
    cell = f'<table:table-cell table:formula="{formula.replace(chr(34), "&quot;")}" office:value-type="float" office:value="3"/>'
    reading = read(ods(f"<table:table-row>{cell}</table:table-row>"))
    assert (rows(reading), notes(reading)) == ([["3"]], noted)


@pytest.mark.parametrize(
    ("body", "noted"),
    [
        (struct.pack("<HH", 3, 0x0401), []),
        (struct.pack("<HH", 1, 0x3A01), []),
        (struct.pack("<HHB", 1, 5, 0) + b"\1b.xls", ["external-links"]),
        (struct.pack("<HHB", 0, 6, 0) + b"cmd\3/c", ["dde-links"]),
    ],
)
def test_links_of_an_old_workbook_are_told_by_their_record(body: bytes, noted: list[str]) -> None:
    result = Result()
    scan_biff(struct.pack("<HH", 0x01AE, len(body)) + body, result, Limits())
    assert [note["code"] for note in result.notes] == noted


@pytest.mark.parametrize(("flag", "is_1904"), [(0, False), (1, True)])
def test_an_old_workbook_says_from_when_it_counts_its_days(flag: int, is_1904: bool) -> None:
    result = Result()
    scan_biff(struct.pack("<HHH", 0x0022, 2, flag) + bytes(4), result, Limits())
    assert result.is_1904 is is_1904
