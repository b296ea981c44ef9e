"""Formulas as programs leave them: never computed, computed, computed before the cells changed that they refer to."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import xlsxwriter
import xlwt

from tests.corpus.building import (
    INDUSTRY,
    TAX,
    Case,
    Formula,
    Line,
    Made,
    Row,
    Sheet,
    by_libreoffice,
    by_openpyxl,
    by_xlsxwriter,
    by_xlwt,
    case,
    dropped,
    industry,
    tax,
    total,
)
from tests.corpus.cases.containers import spreadsheet_xml

TOLD = ("warning", "formula-without-value", "", None)
"""The sheet is told once how many formulas were never computed."""


def never(row: Row, header: str, text: str, saved: str | int | None = 0, reads: str | None = None) -> Row:
    """A line that goes back for a formula that was never computed."""
    return row.shows(header, Formula(text, saved), None).says("set_aside", "formula-not-computed", header, reads or text)


def computed(row: Row, header: str, text: str, value: int | Decimal, saved: float | Decimal | None = None) -> Row:
    """A line with a computed formula."""
    row = row.shows(header, value)
    return Row(row.form, {**row.cells, row.form.header_of(header): Formula(text, value if saved is None else saved)}, row.means)


def told(made: Callable[..., Made], *rows: Row | Line, **other: object) -> Case:
    """A sheet of the tax report with formulas that were never computed."""
    sheet = Sheet(TAX, rows)
    return dropped(made(sheet), sheet, findings=[TOLD], **other)


@case("formulas/product_saved_as_zero.xlsx", "xlsxwriter writes 0 beside every formula; the product of the cells is 1000.")
def _() -> Case:
    return told(by_xlsxwriter, tax(1), never(tax(2), "减免税额", "=J3*0.01"), never(tax(3), "减免税额", "=J4*1%"))


@case("formulas/zero_that_is_true.xlsx", "xlsxwriter wrote 0, and the formulas give 0: read.")
def _() -> Case:
    rows = [
        computed(industry(1, resumed=False), "到岗人数", "=I2-100", 0),
        computed(industry(2, resumed=False), "到岗人数", "=ROUND(MIN(I3,0)/7,0)", 0),
        computed(industry(3, resumed=False), "到岗人数", '=IF(G4="是",I4,0)', 0),
        industry(4),
    ]
    return dropped(by_xlsxwriter(Sheet(INDUSTRY, rows)), Sheet(INDUSTRY, rows), department="GXJ")


@case(
    "formulas/lookup_saved_as_zero.xlsx",
    "xlsxwriter wrote 0 beside a lookup, which cannot be computed here: the file says that nobody computed it.",
)
def _() -> Case:
    return told(by_xlsxwriter, tax(1), never(tax(2), "减免税额", "=VLOOKUP(B3,Sheet2!A:B,2,0)"))


@case("formulas/of_a_formula.xlsx", "A formula over another one, both of openpyxl, which saves no result.")
def _() -> Case:
    row = never(tax(2), "计税依据", "=50000*2", None)
    return told(by_openpyxl, tax(1), never(row, "减免税额", "=J3*0.01", None))


@case("formulas/texts_and_days.xlsx", "Formulas of texts and days without a result: no line is taken with what they do not say.")
def _() -> Case:
    return told(
        by_openpyxl,
        tax(1),
        never(tax(2), "政策文号", '="财税〔2020〕"&"13号"', None),
        never(tax(3), "业务日期", "=DATE(2020,3,17)", None),
    )


@case(
    "formulas/nothing_but_formulas.xlsx", "Every cell of a line is a formula that was never computed: the line is no blank one."
)
def _() -> Case:
    row = tax(2)
    for at, header in enumerate(row.cells):
        letter = "ABCDEFGHIJKLM"[at]
        row = row.shows(header, Formula(f"=Sheet2!{letter}3"), None)
        if TAX.columns[header]:
            row = row.says("set_aside", "formula-not-computed", header, f"=Sheet2!{letter}3")
    return told(by_openpyxl, tax(1), row, tax(3))


@case("formulas/sum_in_the_total.xlsx", "The total is a formula that nobody computed: told, not compared; the lines are whole.")
def _() -> Case:
    return told(by_xlsxwriter, tax(1), tax(2), total(TAX, 减免税额=Formula("=SUM(K2:K3)", 0)))


@case(
    "formulas/template_filled.xlsx",
    "A template's results stayed when a program filled in other numbers: 500 is saved, 1000 is what the formula gives.",
)
def _() -> Case:
    return told(by_xlsxwriter, tax(1), never(tax(2), "减免税额", "=J3*0.01", 500))


@case("formulas/results_by_the_program.xlsx", "xlsxwriter was given the results, and they are right.")
def _() -> Case:
    rows = [computed(tax(1), "减免税额", "=J2*0.01", 1000), computed(tax(2), "减免税额", "=ROUND(J3/3,2)", Decimal("33333.33"))]
    return dropped(by_xlsxwriter(Sheet(TAX, rows)), Sheet(TAX, rows))


@case("formulas/error_saved_as_zero.xlsx", "0 is saved beside a division by zero.")
def _() -> Case:
    return told(by_xlsxwriter, tax(1), never(tax(2), "减免税额", "=J3/0"))


@case("formulas/array.xlsx", "A formula over an area, of which xlsxwriter saves zeros: in the first cell and in those below.")
def _() -> Case:
    rows = [tax(1), *(never(tax(n), "减免税额", "=J2:J4*0.01", 0, "={J3:J4*0.01}") for n in (2, 3))]
    bare = [tax(1), tax(2), tax(3)]

    def change(book: xlsxwriter.Workbook) -> None:
        book.worksheets()[0].write_array_formula("K3:K4", "{=J3:J4*0.01}")

    return dropped(by_xlsxwriter(Sheet(TAX, bare), change=change), Sheet(TAX, rows), findings=[TOLD])


@case("formulas/recalculated.ods", "LibreOffice computed openpyxl's formulas when it opened them: read.")
def _() -> Case:
    rows = [computed(tax(1), "减免税额", "=J2*0.01", 1000), computed(tax(2), "减免税额", "=SUM(J2:J3)*0", 0)]
    return dropped(by_libreoffice(by_openpyxl(Sheet(TAX, rows)), "ods"), Sheet(TAX, rows), extension="ods")


@case("formulas/recalculated.xls", "The same as an old workbook, whose formulas are stored as tokens.")
def _() -> Case:
    rows = [computed(tax(n), "减免税额", f'=IF(J{n + 1}>0,ROUND(J{n + 1}*0.01,2),"")', 1000) for n in (1, 2, 3)]
    return dropped(by_libreoffice(by_openpyxl(Sheet(TAX, rows)), "xls"), Sheet(TAX, rows), extension="xls")


@case("formulas/kept_zero.ods", "LibreOffice keeps the zeros of xlsxwriter when it saves its workbook as another kind.")
def _() -> Case:
    rows = [tax(1), never(tax(2), "减免税额", "=J3*0.01")]
    return dropped(by_libreoffice(by_xlsxwriter(Sheet(TAX, rows)), "ods"), Sheet(TAX, rows), extension="ods", findings=[TOLD])


@case("formulas/kept_zero.xls", "The same as an old workbook; lines share one formula.")
def _() -> Case:
    rows = [tax(1), *(never(tax(n), "减免税额", f"=J{n + 1}*0.01") for n in (2, 3, 4))]
    return dropped(by_libreoffice(by_xlsxwriter(Sheet(TAX, rows)), "xls"), Sheet(TAX, rows), extension="xls", findings=[TOLD])


@case("formulas/xlwt.xls", "xlwt saves an empty text beside every formula.")
def _() -> Case:
    sent = [tax(1), tax(2)]
    rows = [tax(1), never(tax(2), "减免税额", "=J3*(1-99%)")]

    def change(book: xlwt.Workbook) -> None:
        sheet = book.get_sheet(0)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        sheet.write(2, 10, xlwt.Formula("J3*(1-99%)"))  # pyright: ignore[reportUnknownMemberType]

    return dropped(by_xlwt(Sheet(TAX, sent), change=change), Sheet(TAX, rows), extension="xls", findings=[TOLD])


@case(
    "formulas/excel_2003.xls",
    "The XML of Excel 2003, whose formulas count rows and columns from their own cell; 0 and nothing are saved.",
)
def _() -> Case:
    rows = [
        tax(1),
        never(tax(2), "减免税额", "=RC[-1]*0.01", 0, "=J3*0.01"),
        never(tax(3), "减免税额", "=RC[-1]*0.01", None, "=J4*0.01"),
        computed(tax(4), "减免税额", "=R5C10/100", 1000),
    ]
    formulas = {(line, 11): f' ss:Formula="{rows[line - 2].cells["减免税额(元)"].text}"' for line in (3, 4, 5)}
    return dropped(spreadsheet_xml(Sheet(TAX, rows), formulas), Sheet(TAX, rows), extension="xls", findings=[TOLD])
