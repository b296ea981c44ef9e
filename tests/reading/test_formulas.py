"""Formulas that are computed to find those that nobody computed before us."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

import openpyxl
import pytest
import xlsxwriter

from fugong.reading.model import Reading
from fugong.reading.worker.biff_formulas import UNKNOWN, formula_of
from fugong.reading.worker.formulas import ErrorResult, Unknown, Value, compute, moved
from fugong.reading.worker.ods import formula_of as ods_formula
from fugong.reading.worker.spreadsheet_xml import formula_of as xml_formula

CELLS: Mapping[tuple[int, int], Value] = {
    (0, 0): "户数", (1, 0): 100.0, (2, 0): 50.0, (3, 0): "30", (4, 0): None, (1, 1): 0.3, (2, 1): 0.1, (3, 1): 0.2, (4, 1): True,
}  # fmt: skip
"""A1 to B5."""


def computed(text: str, row: int = 5) -> Value:
    return compute(text, row, lambda at, column: CELLS.get((at, column)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A2*0.01", 1), ("A2*1%", 1), ("$A$2-A3", 50), ("-A2^2", 10_000), ("2^3^2", 64), ("A2/A3+1", 3), ("1-2-3", -4), ("B2-B3-B4", 0),
        ("SUM(A1:A5)", 150), ("SUM(A2:A3,B2)", 150.3), ("AVERAGE(A2:A3)", 75), ("MAX(A1:A5)-MIN(A2,A3)", 50), ("ROUND(2.675,2)", 2.68),
        ("ROUND(-2.5,0)", -3), ("ROUND(1234,-2)", 1200), ("INT(-1.5)", -2), ("ABS(-A2)", 100), ("A5", None), ("A5+1", 1), ("B5+1", 2),
        ('IF(A2>A3,"多","少")', "多"), ('IF(A5="","空",A5)', "空"), ("IF(A5=0,1,2)", 1), ('IF(A1="户数",1,2)', 1), ('"财税"&A1', "财税户数"),
        ("IF(AND(A2>0,NOT(A3=0)),A2*2,1/0)", 200), ("IFERROR(A2/A5,7)", 7), (' SUM( A2 : A3 ) ', 150), ("A2<>A3", True), ("(A2+A3)*2", 300),
    ],
)  # fmt: skip
def test_a_simple_formula_is_computed(text: str, expected: Value) -> None:
    found = computed(text)
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


@pytest.mark.parametrize("text", ["A2/A5", "1/0", "AVERAGE(A4:A5)", "SUM(A2)/(A2-100)", "0^-1"])
def test_an_error_is_a_result(text: str) -> None:
    with pytest.raises(ErrorResult):
        computed(text)


@pytest.mark.parametrize(
    "text",
    [
        "A4*2", "A1+1", "Sheet2!A2", "VLOOKUP(A2,A:B,2)", "合计*2", "税额", "{A2:A3*2}", "A2:A3*2", "TODAY()", "SUM(A2:A3", "A2 A3", "",
        "…", "TEXT(A2,\"0\")", "[@金额]*2", "A2&1", '"a"<"b"', "1.2.3", "SUM(Sheet2!A2:A3)", "A1048577:", "SUM(,)", "ROUND(A2)",
    ],
)  # fmt: skip
def test_what_is_not_surely_understood_is_not_computed(text: str) -> None:
    with pytest.raises(Unknown):
        computed(text)


def test_digits_that_look_like_the_own_row_are_no_reference_to_it() -> None:
    assert [computed("A3*5+3", row) for row in (2, 4, 9)] == [253, 253, 253]
    assert [computed(f"A{row + 1}*1", row) for row in (1, 2)] == [100, 50]
    assert computed("A2*0.2+2", 1) == 22


def test_a_formula_moves_as_a_spreadsheet_copies_it() -> None:
    assert moved('IF($A2>B$3,"A2",SUM(A2:B9))*LOG10(A2)', 3, 1) == 'IF($A5>C$3,"A2",SUM(B5:C12))*LOG10(B5)'
    assert moved("A2+'A2 表'!B7", 1, 0) == "A3+'A2 表'!B8"
    assert moved("A2", -2, 0) == "#REF!"


def test_formulas_of_other_formats_read_as_those_of_excel() -> None:
    assert ods_formula('of:=IF([.A2]>0;SUM([.$A$2:.B9]);"a;[.A2]")') == 'IF(A2>0,SUM($A$2:B9),"a;[.A2]")'
    assert ods_formula("of:=[$Sheet2.A2]*2") == "[$Sheet2.A2]*2"
    assert xml_formula('=IF(RC[-1]>R2C1,SUM(R[-2]C:R[-1]C),"R1C1")', 4, 2) == 'IF(B5>$A$2,SUM(C3:C4),"R1C1")'
    assert formula_of(b"\x44\x02\x00\x00\xc0\x1e\x05\x00\x03\x1f\x00\x00\x00\x00\x00\x00\xe0\x3f\x05") == "(A3+5)*0.5"
    assert formula_of(b"\x4c\xff\xff\xff\xc0", 3, 1) == "A3"  # a distance of a shared formula
    assert formula_of(b"\x39\x00\x00\x00\x00\x00\x00") == formula_of(b"\x03") == formula_of(b"\x44\x02") == UNKNOWN


ReadBytes = Callable[[bytes], Reading]


def workbook(*cells: str, program: str = "", order: bool = False, on_load: bool = False) -> bytes:
    """A workbook with 100 in A1, 50 in A2, and cells of B as XML (`f` is their formula)."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.add_worksheet("T").write_column(0, 0, [100, 50])
    book.close()
    changed = io.BytesIO()
    with zipfile.ZipFile(out) as made, zipfile.ZipFile(changed, "w") as archive:
        for name in made.namelist():
            xml = made.read(name).decode()
            if name.endswith("sheet1.xml"):
                for row, cell in enumerate(cells, 1):
                    xml = xml.replace(f'<row r="{row}" spans="1:1">', f'<row r="{row}">', 1)
                    at = xml.index("</row>", xml.index(f'<row r="{row}">'))
                    xml = xml[:at] + cell.replace("<c", f'<c r="B{row}"', 1) + xml[at:]
            if name == "xl/workbook.xml" and not on_load:
                xml = xml.replace(' fullCalcOnLoad="1"', "")
            if name == "docProps/app.xml":
                xml = xml.replace("Microsoft Excel", program or "Microsoft Excel")
            archive.writestr(name, xml)
        if order:
            archive.writestr("xl/calcChain.xml", "<calcChain/>")
    return changed.getvalue()


LOOKUP = "<c><f>VLOOKUP(A1,D:E,2)</f><v>0</v></c>"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (workbook("<c><f>A1*2</f><v>200</v></c>", LOOKUP, order=True), ["200", "0"]),
        (workbook("<c><f>A1*2</f><v>200</v></c>", LOOKUP), ["200", "0"]),
        (workbook(LOOKUP, LOOKUP), ["=VLOOKUP(A1,D:E,2)"] * 2),
        (workbook(LOOKUP, LOOKUP, order=True), ["0", "0"]),
        (workbook(LOOKUP, LOOKUP, program="WPS 表格"), ["0", "0"]),
        (workbook("<c><f>A1*2</f><v>200</v></c>", LOOKUP, on_load=True), ["200", "=VLOOKUP(A1,D:E,2)"]),
        (workbook("<c><f>A1*2</f><v>0</v></c>", LOOKUP, order=True), ["=A1*2", "=VLOOKUP(A1,D:E,2)"]),
        (workbook("<c><f>A1*2</f><v>201</v></c>", "<c><f>B1*2</f><v>400</v></c>", order=True), ["=A1*2", "400"]),
        (workbook('<c t="str"><f>IF(A1&gt;0,"","a")</f><v></v></c>', "<c><f>A1*2</f><v/></c>"), [None, "=A1*2"]),
        (workbook('<c t="e"><f>A1/0</f><v>#DIV/0!</v></c>', "<c><f>IFERROR(B1,0)</f><v>0</v></c>", order=True), ["#DIV/0!", "0"]),
        (workbook("<c><f>B2</f><v>0</v></c>", "<c><f>B1</f><v>0</v></c>", order=True), ["0", "0"]),
        (workbook('<c><f t="shared" ref="B1:B2" si="0">A1*1</f><v>100</v></c>', '<c><f t="shared" si="0"/><v>0</v></c>', order=True), ["100", "=A2*1"]),
    ],
    ids=[
        "Excel", "some program whose results are no zeros", "zeros alone, by some program", "zeros alone, by Excel", "by WPS", "left to Excel",
        "one that is wrong lets the others be distrusted", "stale", "an empty text is a result", "an error beside", "in a circle", "shared",
    ],
)  # fmt: skip
def test_what_is_taken_of_a_formula(read: ReadBytes, content: bytes, expected: list[str | None]) -> None:
    reading = read(content)
    assert [row[1] for row in reading.sheets[0].head] == expected
    n = sum(str(cell).startswith("=") for cell in expected)
    assert [dict(note.details)["n"] for note in reading.notes] == ([n] if n else [])


def test_formulas_at_the_edges_of_a_sheet_are_not_lost(read: ReadBytes) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["C4"], sheet["B2"] = "=1+1", "=B2+1", 5
    out = io.BytesIO()
    book.save(out)
    found = read(out.getvalue()).sheets[0]
    assert found.head == [["=1+1", None, None], [None, "5", None], [None] * 3, [None, None, "=B2+1"]]
    assert [(one.column, one.kind, one.runs) for one in found.format_doubts] == [
        (0, "formula", [[0, 0]]),
        (2, "formula", [[3, 3]]),
    ]
