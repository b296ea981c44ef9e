"""Number formats that show another number, text or unit than the cell holds, and those that change nothing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import xlwt

from tests.corpus.building import (
    INDUSTRY,
    TAX,
    Case,
    Form,
    Line,
    Made,
    Row,
    Sheet,
    by_hand,
    by_libreoffice,
    by_openpyxl,
    case,
    dropped,
    industry,
    tax,
    taxes,
    total,
)


def formatted(sheet: Sheet, formats: Mapping[str, str], held: Mapping[str, float] | None = None) -> Made:
    """A workbook with these number formats by header; `held`: the number in each line of a column."""

    def change(book: openpyxl.Workbook) -> None:
        made = book.worksheets[0]
        assert sheet.form
        for header, code in formats.items():
            column = sheet.order.index(sheet.form.header_of(header)) + 1
            for line in range(sheet.first_line, sheet.first_line + len(sheet.rows)):
                cell = made.cell(line, column, held[header]) if held and header in held else made.cell(line, column)
                cell.number_format = code

    return by_openpyxl(sheet, change=change)


def in_unit(rows: Sequence[Row | Line], unit: str, form: Form = TAX) -> Sheet:
    """A sheet whose headers of money name a unit."""
    return Sheet(form, rows, header=[[header.replace("(元)", f"({unit})") for header in form.columns]])


@case("number_formats/ten_thousands_by_format.xlsx", '0!.0,"万" shows 0.5万 for 5000 under a header in 万元: it is 5000 yuan.')
def _() -> Case:
    row = told(
        tax(1).repaired("计税依据", "16.6667万", Decimal("166667")).repaired("减免税额", "0.5万", Decimal("5000")), "计税依据"
    )
    code = '0!.0,"万"'
    made = formatted(in_unit([tax(1)], "万元"), {"计税依据": code, "减免税额": code}, {"计税依据": 166667, "减免税额": 5000})
    return dropped(made, in_unit([row], "万元"))


@case(
    "number_formats/ten_thousands_where_large.xlsx", '[>=10000]0!.0,"万";0 shows large numbers in 万 and small ones as they are.'
)
def _() -> Case:
    rows = [tax(1).repaired("计税依据", "10万", Decimal(100000)), tax(2).shows("计税依据", Decimal(9999))]
    made = formatted(Sheet(TAX, [tax(1), rows[1]]), {"计税依据": '[>=10000]0!.0,"万";0'})
    return dropped(made, Sheet(TAX, rows))


@case(
    "number_formats/literal_unit.xlsx",
    '0.0"万元" shows 0.1万元 for 0.1 under a header in yuan: nobody knows which of the two is meant.',
)
def _() -> Case:
    row = tax(1).aside("减免税额", "0.1万元", "number-format-unit")
    return dropped(formatted(Sheet(TAX, [tax(1)]), {"减免税额": '0.0"万元"'}, {"减免税额": 0.1}), Sheet(TAX, [row]))


@case("number_formats/literal_unit_alone.xlsx", '0.0"万元" shows 0.1万元 for 0.1 under a header without a unit: it is 1000 yuan.')
def _() -> Case:
    rows = [tax(1).repaired("减免税额", "0.1万元", Decimal(1000)).repaired("计税依据", "10万元", Decimal(100000))]
    made = formatted(without_units([tax(1)]), {"减免税额": '0.0"万元"', "计税依据": '0"万元"'}, {"减免税额": 0.1, "计税依据": 10})
    return dropped(made, without_units(rows))


def without_units(rows: Sequence[Row | Line], form: Form = TAX, **other: Any) -> Sheet:
    """A sheet whose headers name no unit."""
    return Sheet(form, rows, header=[[header.partition("(")[0] for header in form.columns]], **other)


def told(row: Row, *headers: str) -> Row:
    """A row with amounts that are shown rounded."""
    for header in headers:
        row = row.says("warning", "number-format-rounds", header)
    return row


@case(
    "number_formats/rounded.xlsx",
    "0 shows 13 for 12.5 under a header in 万元: what is held is taken, and told once; 0.0 cuts nothing.",
)
def _() -> Case:
    rows = [tax(1, amount="125000"), tax(2, amount="135000")]
    held = {"计税依据": 12.5, "减免税额": 0.5}
    sent = [row.shows("计税依据", "12.5", Decimal(125000)).shows("减免税额", "0.5", Decimal(5000)) for row in rows]
    sent[0] = told(sent[0], "计税依据")
    return dropped(formatted(in_unit(rows, "万元"), {"计税依据": "0", "减免税额": "0.0"}, held), in_unit(sent, "万元"))


def scaled(code: str) -> Case:
    """The first amount has a format that scales it."""
    row = tax(1).says("set_aside", "number-format-scales", "减免税额", "1000")
    made = by_openpyxl(Sheet(TAX, [tax(1), tax(2)]), change=lambda book: _first_amount(book, code))
    return dropped(made, Sheet(TAX, [row, tax(2)]))


def _first_amount(book: openpyxl.Workbook, code: str) -> None:
    book.worksheets[0].cell(2, 11).number_format = code


@case("number_formats/thousands_without_unit.xlsx", "#,##0.0, shows 1.0 for 1000 and names no unit: the line goes back.")
def _() -> Case:
    return scaled("#,##0.0,")


@case("number_formats/scaled_by_a_point.xlsx", "0!.0000 shows 0.1000 for 1000 and names no unit.")
def _() -> Case:
    return scaled("0!.0000")


@case("number_formats/unit_that_does_not_fit.xlsx", '0.0,"万元" divides by 1,000 and says 万元.')
def _() -> Case:
    return scaled('0.0,"万元"')


@case("number_formats/hidden.xlsx", ";;; hides a number that the cell holds.")
def _() -> Case:
    row = tax(1).says("set_aside", "number-format-hides", "减免税额", "1000")
    made = by_openpyxl(Sheet(TAX, [tax(1), tax(2)]), change=lambda book: _first_amount(book, ";;;"))
    return dropped(made, Sheet(TAX, [row, tax(2)]))


@case("number_formats/padded_code.xlsx", "0000000000 shows leading zeros of a code that is a number.")
def _() -> Case:
    row = tax(1).shows("减免性质代码", "0001011608")
    return dropped(formatted(Sheet(TAX, [tax(1)]), {"减免性质代码": "0000000000"}, {"减免性质代码": 1011608}), Sheet(TAX, [row]))


@case("number_formats/padded_key_with_letter.xlsx", '"D"00000 shows D00007 for 7.')
def _() -> Case:
    row = tax(7)
    return dropped(formatted(Sheet(TAX, [row]), {"凭证号": '"D"00000'}, {"凭证号": 7}), Sheet(TAX, [row]))


@case("number_formats/days_by_zeros.xlsx", "0000-00-00 shows 2020-03-17 for 20200317.")
def _() -> Case:
    return dropped(formatted(Sheet(TAX, [tax(1)]), {"业务日期": "0000-00-00"}, {"业务日期": 20200317}), Sheet(TAX, [tax(1)]))


@case("number_formats/percent.xlsx", "0.0% shows 85.2% for 0.852 under a header with %.")
def _() -> Case:
    row = industry(1).shows("产能恢复率(%)", "85.2%", Decimal("0.852"))
    return dropped(
        formatted(Sheet(INDUSTRY, [industry(1)]), {"产能恢复率(%)": "0.0%"}, {"产能恢复率(%)": 0.852}), Sheet(INDUSTRY, [row])
    )


@case("number_formats/percent_of_one_per_cent.xlsx", "0.0% shows 0.8% for 0.008 under a header with %.")
def _() -> Case:
    row = industry(1).shows("产能恢复率(%)", "0.8%", Decimal("0.008"))
    return dropped(
        formatted(Sheet(INDUSTRY, [industry(1)]), {"产能恢复率(%)": "0.0%"}, {"产能恢复率(%)": 0.008}), Sheet(INDUSTRY, [row])
    )


@case("number_formats/dates.xlsx", "Formats of days in Chinese, short ones, and one for another calendar.")
def _() -> Case:
    codes = ['[$-804]yyyy"年"m"月"d"日";@', "m/d", '[DBNum1][$-804]yyyy"年"m"月"d"日"']
    rows = taxes(3)

    def change(book: openpyxl.Workbook) -> None:
        for line, code in enumerate(codes, 2):
            book.worksheets[0].cell(line, 13).number_format = code

    return dropped(by_openpyxl(Sheet(TAX, rows), change=change), Sheet(TAX, rows))


HARMLESS = [
    "General", "0", "0.00", "#,##0.00", "¥#,##0.00", "[$¥-804]#,##0.00;[Red]\\-[$¥-804]#,##0.00",
    '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', '#,##0.00"元"', "0_ ", "0.00_);[Red]\\(0.00\\)", "[Red][<0]0.00;0.00", "0;-0;;@",
    "0,000.0", "[Blue]#,##0", '"人民币"#,##0.00', "0.00E+00", "# ??/??",
]  # fmt: skip


@case(
    "number_formats/harmless.xlsx", "Currencies, accounting, colours, conditions, fractions: at most they round, which is told."
)
def _() -> Case:
    rows = [tax(number, amount="1000.25") for number in range(1, len(HARMLESS) + 1)]
    rows[1] = told(rows[1], "减免税额")

    def change(book: openpyxl.Workbook) -> None:
        for line, code in enumerate(HARMLESS, 2):
            for column in (10, 11):
                book.worksheets[0].cell(line, column).number_format = code

    return dropped(by_openpyxl(Sheet(TAX, rows), change=change), Sheet(TAX, rows))


@case("number_formats/persons.xlsx", '0"人" shows the unit of a count.')
def _() -> Case:
    rows = [industry(1), industry(2)]
    return dropped(formatted(Sheet(INDUSTRY, rows), {"正常用工人数": '0"人"', "到岗人数": '#,##0"人"'}), Sheet(INDUSTRY, rows))


def by_xlwt_formatted(row: Row, formats: Mapping[int, tuple[float, str]]) -> Made:
    """An Excel 97 workbook: numbers and formats by column of the one line."""
    book = xlwt.Workbook()
    made = book.add_sheet("Sheet1")
    grid = Sheet(TAX, [row]).grid()
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for at, line in enumerate(grid):
        for column, value in enumerate(line):
            if at and column in formats:
                made.write(at, column, formats[column][0], xlwt.easyxf(num_format_str=formats[column][1]))
            elif hasattr(value, "isoformat"):
                made.write(at, column, value, day)
            elif value is not None:
                made.write(at, column, float(value) if isinstance(value, Decimal) else value)
    out = io.BytesIO()
    book.save(out)
    return by_hand(out.getvalue())


@case("number_formats/excel_97.xls", "Excel 97: a padded code, an amount in 万 by its format.")
def _() -> Case:
    row = tax(1).shows("减免性质代码", "0001011608").repaired("减免税额", "0.5万", Decimal(5000))
    made = by_xlwt_formatted(tax(1), {7: (1011608, "0000000000"), 10: (5000, '0!.0,"万"')})
    return dropped(made, Sheet(TAX, [row]), extension="xls")


@case("number_formats/excel_97_scaled.xls", "Excel 97: an amount that its format divides by 1,000.")
def _() -> Case:
    row = tax(1).says("set_aside", "number-format-scales", "减免税额", "5000.5")
    made = by_xlwt_formatted(tax(1), {10: (5000.5, "#,##0,")})
    return dropped(made, Sheet(TAX, [row]), extension="xls")


@case("number_formats/scaled_total.xlsx", "A total line whose format divides is compared as the number it holds.")
def _() -> Case:
    rows = [*taxes(2), total(TAX, 减免税额=301)]

    def change(book: openpyxl.Workbook) -> None:
        book.worksheets[0].cell(4, 11).number_format = "#,##0,"

    return dropped(by_openpyxl(Sheet(TAX, rows), change=change), Sheet(TAX, rows))


def of_all_kinds() -> tuple[Made, Sheet]:
    """A key of letters and zeros, an amount with its unit, and one that is rounded."""
    row = tax(1).shows("凭证号", "D00123").repaired("计税依据", "12.5万元", Decimal(125000))
    row = told(row.shows("减免税额", "0.376", Decimal(3760)), "减免税额")
    formats = {"凭证号": '"D"00000', "计税依据": '0.0"万元"', "减免税额": "0.00"}
    made = formatted(in_unit([tax(1)], "万元"), formats, {"凭证号": 123, "计税依据": 12.5, "减免税额": 0.376})
    return made, in_unit([row], "万元")


@case("number_formats/libreoffice.ods", "Formats of an OpenDocument workbook: letters and zeros, a unit, two decimals of three.")
def _() -> Case:
    made, sheet = of_all_kinds()
    return dropped(by_libreoffice(made, "ods"), sheet, extension="ods")


@case("number_formats/libreoffice.xls", "The same as Excel 97.")
def _() -> Case:
    made, sheet = of_all_kinds()
    return dropped(by_libreoffice(made, "xls"), sheet, extension="xls")


@case("number_formats/without_places.xlsx", "The same from a writer that names no places of cells.")
def _() -> Case:
    made, sheet = of_all_kinds()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made.write())) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            xml = old.read(entry)
            new.writestr(entry, re.sub(rb' r="[A-Z]+\d+"', b"", xml) if "sheet1" in entry.filename else xml)
    return dropped(by_hand(out.getvalue()), sheet)


@case("number_formats/general_with_unit.xlsx", 'General"万元" shows 12.5万元 for 12.5 under a header without a unit.')
def _() -> Case:
    row = tax(1).repaired("计税依据", "12.5万元", Decimal(125000))
    made = formatted(without_units([tax(1)]), {"计税依据": 'General"万元"'}, {"计税依据": 12.5})
    return dropped(made, without_units([row]))


@case("number_formats/zeros_of_the_format.xlsx", '0"0000" shows 120000 for 12: nobody knows which of the two is meant.')
def _() -> Case:
    row = tax(1).aside("计税依据", 12, "number-format-differs")
    return dropped(formatted(Sheet(TAX, [tax(1)]), {"计税依据": '0"0000"'}, {"计税依据": 12}), Sheet(TAX, [row]))


@case("number_formats/sign_left_out.xlsx", "0;0 shows 1000 for -1000, in no colour: nobody knows which of the two is meant.")
def _() -> Case:
    row = tax(1).aside("减免税额", -1000, "number-format-differs")
    return dropped(formatted(Sheet(TAX, [tax(1)]), {"减免税额": "0;0"}, {"减免税额": -1000}), Sheet(TAX, [row]))


@case("number_formats/sign_set_before.xlsx", '"-"0 shows -1000 for 1000: nobody knows which of the two is meant.')
def _() -> Case:
    row = tax(1).aside("减免税额", 1000, "number-format-differs")
    return dropped(formatted(Sheet(TAX, [tax(1)]), {"减免税额": '"-"0'}, {"减免税额": 1000}), Sheet(TAX, [row]))


@case(
    "number_formats/scaled_behind_a_blank.xlsx", "_(* #,##0,_) shows 12 for 12345: a blank as wide as a bracket hides no comma."
)
def _() -> Case:
    row = tax(1).aside("计税依据", 12345, "number-format-scales")
    return dropped(formatted(Sheet(TAX, [tax(1)]), {"计税依据": "_(* #,##0,_)"}, {"计税依据": 12345}), Sheet(TAX, [row]))


@case("number_formats/zeros_before_a_blank.xlsx", "00000000_ pads a key, and ends in a blank as wide as a character.")
def _() -> Case:
    row = tax(1).shows("凭证号", "00012345")
    return dropped(formatted(Sheet(TAX, [tax(1)]), {"凭证号": "00000000_ "}, {"凭证号": 12345}), Sheet(TAX, [row]))


@case(
    "number_formats/negative_in_red.xlsx",
    "#,##0.00;[Red]#,##0.00 shows negative amounts in red: a refund of premiums is told from others.",
)
def _() -> Case:
    row = tax(1).shows("计税依据", 100000)
    return dropped(
        formatted(Sheet(TAX, [tax(1)]), {"计税依据": "#,##0.00;[Red]#,##0.00"}, {"计税依据": 100000}), Sheet(TAX, [row])
    )


CONTRADICTING = [
    '0.00"元"', '#,##0.00"元";[Red]\\-#,##0.00"元"', "#,##0.00[$元-804]", '"元"0.00', "[$$-409]#,##0.00", "[$USD] 0.00", '"约"0.0', '0.0"千元"', '0.0"亩"',
    '0.0"万元/户"',
]  # fmt: skip


def contradicted() -> tuple[Made, Sheet]:
    """Documents under a header in 万元; the format of each amount names another unit, an estimate, or money of another country."""
    rows = [tax(number, amount="125000") for number in range(1, len(CONTRADICTING) + 1)]
    sent: list[Row | Line] = [
        row.shows("计税依据", 100000, Decimal(10**9)).aside("减免税额", Decimal("12.5"), "number-format-unit") for row in rows
    ]
    sent[7] = rows[7].shows("计税依据", 100000, Decimal(10**9)).aside("减免税额", "12.5千元", "number-format-unit")
    fits = tax(90, amount="125000").shows("减免税额", "12.5", Decimal(125000)).shows("计税依据", 100000, Decimal(10**9))

    def change(book: openpyxl.Workbook) -> None:
        for line, code in enumerate([*CONTRADICTING, "0.00"], 2):
            book.worksheets[0].cell(line, 11, 12.5).number_format = code

    return by_openpyxl(in_unit([*rows, tax(90)], "万元"), change=change), in_unit([*sent, fits], "万元")


@case(
    "number_formats/units_that_contradict.xlsx",
    '0.00"元" shows 12.50元 under a header in 万元, and the like: the line goes back.',
)
def _() -> Case:
    return dropped(*contradicted())


@case("number_formats/units_that_contradict.ods", "The same as an OpenDocument workbook.")
def _() -> Case:
    made, sheet = contradicted()
    return dropped(by_libreoffice(made, "ods"), sheet, extension="ods")


@case("number_formats/units_that_contradict.xls", "The same as Excel 97.")
def _() -> Case:
    made, sheet = contradicted()
    return dropped(by_libreoffice(made, "xls"), sheet, extension="xls")


@case("number_formats/yuan_under_a_title_in_ten_thousands.xlsx", '单位：万元 above the table, 0.00"元" in all amounts but a 0.')
def _() -> Case:
    rows = [tax(1), tax(2), tax(3)]
    held = {"减免税额": 0.5, "计税依据": 50}
    codes = {"减免税额": '0.00"元"'}
    sent: list[Row | Line] = []
    for row in rows:
        row = row.shows("计税依据", 50, Decimal(500000))
        sent.append(row.aside("减免税额", Decimal("0.5"), "number-format-unit"))
    sent[2] = tax(3).shows("计税依据", 50, Decimal(500000)).shows("减免税额", 0, Decimal(0))
    sheet = without_units(rows, titles=[["单位：万元"]])

    def change(book: openpyxl.Workbook) -> None:
        made = book.worksheets[0]
        for line in range(3, 6):
            made.cell(line, 10, held["计税依据"])
            made.cell(line, 11, held["减免税额"] if line < 5 else 0).number_format = codes["减免税额"]

    return dropped(by_openpyxl(sheet, change=change), without_units(sent, titles=[["单位：万元"]]))


RENMINBI = ['"¥"0.00', "[$¥-804]#,##0.00", '[$￥-804]#,##0.00;[$￥-804]\\-#,##0.00', '"人民币"0.00', '[$RMB] 0.00', '0.00"万元"', '¥0.00"万"']  # fmt: skip


@case(
    "number_formats/renminbi_under_ten_thousands.xlsx",
    "¥, RMB and 人民币 name no scale: 12.5 under 万元 is 125000 yuan; so is 12.5万元.",
)
def _() -> Case:
    rows = [tax(number, amount="125000") for number in range(1, len(RENMINBI) + 1)]
    sent = [row.shows("减免税额", "12.5", Decimal(125000)).shows("计税依据", 100000, Decimal(10**9)) for row in rows]
    sent[-2] = sent[-2].repaired("减免税额", "12.5万元", Decimal(125000))
    sent[-1] = sent[-1].repaired("减免税额", "12.5万", Decimal(125000))

    def change(book: openpyxl.Workbook) -> None:
        for line, code in enumerate(RENMINBI, 2):
            book.worksheets[0].cell(line, 11, 12.5).number_format = code

    return dropped(by_openpyxl(in_unit(rows, "万元"), change=change), in_unit(sent, "万元"))


@case(
    "number_formats/yuan_where_nothing_is_declared.xlsx",
    '0.00"元" in a column that the contract counts in 万元, and no unit elsewhere.',
)
def _() -> Case:
    row = industry(1).repaired("当日产值", "5000元", Decimal(5000))
    made = formatted(without_units([industry(1)], INDUSTRY), {"当日产值(万元)": '0.00"元"'}, {"当日产值(万元)": 5000})
    return dropped(made, without_units([row], INDUSTRY))


@case("number_formats/households_for_persons.xlsx", '0"户" in a column of persons, 0"人" and 0"名" beside it.')
def _() -> Case:
    rows = [industry(1), industry(2)]
    sent = [row.aside("到岗人数", row.cells["到岗人数"], "number-format-unit") for row in rows]
    return dropped(formatted(Sheet(INDUSTRY, rows), {"正常用工人数": '0"名"', "到岗人数": '0"户"'}), Sheet(INDUSTRY, sent))


@case("number_formats/percent_as_a_word.xlsx", '0.0"%" shows 0.9% for 0.9, and 0"‰" shows 9‰ for 9, under a header with %.')
def _() -> Case:
    rows = [industry(1), industry(2), industry(3)]
    sent = [
        rows[0].shows("产能恢复率(%)", "0.9%", Decimal("0.009")),
        rows[1].repaired("产能恢复率(%)", "9‰", Decimal("0.009")),
        rows[2].shows("产能恢复率(%)", "85.2%", Decimal("0.852")),
    ]

    def change(book: openpyxl.Workbook) -> None:
        for line, (number, code) in enumerate(((0.9, '0.0"%"'), (9, '0"‰"'), (85.2, "0.0\\%")), 2):
            book.worksheets[0].cell(line, 12, number).number_format = code

    return dropped(by_openpyxl(Sheet(INDUSTRY, rows), change=change), Sheet(INDUSTRY, sent))


@case("number_formats/words_of_a_key.xlsx", '"豫税"0 shows 豫税7 for 7, "3月"0"日" shows 3月17日 for 17: both are meant.')
def _() -> Case:
    row = tax(7).shows("凭证号", "豫税7").repaired("业务日期", "3月17日", date(2020, 3, 17), "date-repaired")
    held = {"凭证号": 7, "业务日期": 17}
    made = formatted(Sheet(TAX, [tax(7)]), {"凭证号": '"豫税"0', "业务日期": '"3月"0"日"'}, held)
    return dropped(made, Sheet(TAX, [row]))


@case("number_formats/unit_of_a_key.xlsx", '0"元" shows 7元 for a document number.')
def _() -> Case:
    row = tax(7).aside("凭证号", "7", "number-format-unit")
    return dropped(formatted(Sheet(TAX, [tax(7)]), {"凭证号": '0"元"'}, {"凭证号": 7}), Sheet(TAX, [row]))


@case("number_formats/words_of_a_remark.xlsx", '0"台机器" shows 3台机器 for 3 in a remark.')
def _() -> Case:
    row = industry(1).shows("备注", "3台机器")
    return dropped(formatted(Sheet(INDUSTRY, [industry(1)]), {"备注": '0"台机器"'}, {"备注": 3}), Sheet(INDUSTRY, [row]))


@case(
    "number_formats/hidden_and_unsigned.ods", 'OpenDocument: "" hides a number, 0;0 its sign; 0;-0 and 0.00;[Red]0.00 do neither.'
)
def _() -> Case:
    codes = ['""', "0;0", "0;-0", "0.00;[Red]0.00", '0.00;;"-"']
    rows = [tax(number) for number in range(1, len(codes) + 1)]
    sent = [
        tax(1).aside("减免税额", 1000, "number-format-hides"),
        tax(2).aside("减免税额", -1000, "number-format-differs"),
        tax(3).shows("减免税额", 0, Decimal(0)),
        *rows[3:],
    ]

    def change(book: openpyxl.Workbook) -> None:
        for line, (code, amount) in enumerate(zip(codes, (1000, -1000, 0, 1000, 1000), strict=True), 2):
            book.worksheets[0].cell(line, 11, amount).number_format = code

    return dropped(by_libreoffice(by_openpyxl(Sheet(TAX, rows), change=change), "ods"), Sheet(TAX, sent), extension="ods")
