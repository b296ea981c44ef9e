"""What stands in the cells: numbers, dates, codes, flags as people type them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import xlsxwriter

from fugong.core.credit_code import check_character
from tests.corpus.building import (
    TAX,
    Case,
    Formula,
    Line,
    Row,
    Sheet,
    by_csv,
    by_libreoffice,
    by_openpyxl,
    by_xlsxwriter,
    case,
    code,
    dropped,
    industry,
    insurance,
    loan,
    tax,
)


def book(*rows: Row | Line, findings: Sequence[tuple[str, str, str, str | None]] = ()) -> Case:
    sheet = Sheet(next(row.form for row in rows if isinstance(row, Row)), rows)
    return dropped(by_openpyxl(sheet), sheet, findings=findings)


def text(*rows: Row | Line, encoding: str = "gb18030") -> Case:
    sheet = Sheet(next(row.form for row in rows if isinstance(row, Row)), rows)
    return dropped(by_csv(sheet, encoding=encoding), sheet, extension="csv")


# --- numbers ----------------------------------------------------------------------------------------------------------


@case("values/numbers_as_text.xlsx", "Numbers are stored as text.")
def _() -> Case:
    return book(
        *(tax(n).shows("计税依据", "100000", Decimal(100000)).shows("减免税额", "1000.50", Decimal("1000.5")) for n in (1, 2))
    )


@case("values/full_width_digits.csv", "Digits, point and minus are full-width.")
def _() -> Case:
    return text(
        tax(1).repaired("减免税额", "１０００．５", Decimal("1000.5")),
        tax(2).repaired("计税依据", "１２３４５６", Decimal(123456)),
        tax(3),
    )


@case("values/thousands.csv", "Thousands separators, the comma also full-width.")
def _() -> Case:
    return text(
        tax(1).repaired("减免税额", "1,379.88", Decimal("1379.88")),
        tax(2).repaired("减免税额", "1，379.88", Decimal("1379.88")),
        tax(3).repaired("计税依据", "1,234,567", Decimal(1234567)),
    )


@case("values/commas_at_odd_places.csv", "A comma that separates no thousands: not guessed.")
def _() -> Case:
    return text(tax(1), tax(2).aside("计税依据", "12,34", "not-a-number"), tax(3).aside("计税依据", "1,2345", "not-a-number"))


@case("values/unit_in_the_cell.csv", "元 and 万元 mixed in one column, named in the cells.")
def _() -> Case:
    return text(
        tax(1).repaired("计税依据", "16.3万元", Decimal(163000)),
        tax(2).repaired("计税依据", "0.002亿元", Decimal(200000)),
        tax(3).repaired("减免税额", "1000元", Decimal(1000)),
    )


@case("values/currency_signs.csv", "A yuan sign before the number.")
def _() -> Case:
    return text(tax(1).repaired("减免税额", "¥1000.50", Decimal("1000.5")), tax(2).repaired("减免税额", "￥1,000", Decimal(1000)))


@case("values/percent.xlsx", "The header says %: 85.2, 0.852 and 1 are percents, in cells and as text.")
def _() -> Case:
    return book(
        industry(1).shows("产能恢复率(%)", 85.2, Decimal("0.852")),
        industry(2).shows("产能恢复率(%)", 0.85, Decimal("0.0085")),
        industry(3).shows("产能恢复率(%)", "85.2%", Decimal("0.852")),
        industry(4).shows("产能恢复率(%)", 1, Decimal("0.01")),
        industry(5).shows("产能恢复率(%)", 100, Decimal(1)),
        findings=[("warning", "small-percent", "L1", "0.85")],
    )


@case("values/about.csv", "约3500, 3500余, 3500+: no numbers; the rows go back.")
def _() -> Case:
    return text(
        tax(1),
        tax(2).aside("计税依据", "约3500", "approximate-number"),
        tax(3).aside("计税依据", "3500余", "approximate-number"),
        tax(4).aside("计税依据", "3500+", "approximate-number"),
    )


@case("values/scientific_amount.csv", "An amount in scientific notation, as spreadsheets write large numbers.")
def _() -> Case:
    return text(tax(1).shows("计税依据", "1.5E+06", Decimal(1500000)), tax(2))


@case("values/sixteen_digits.xlsx", "An amount that a spreadsheet rounded: 0.1 + 0.2.")
def _() -> Case:
    return book(
        tax(1).shows("减免税额", 0.1 + 0.2, Decimal("0.3")), tax(2).shows("减免税额", 1379.8800000000001, Decimal("1379.88"))
    )


@case("values/half_a_cent.csv", "More decimals than cents: rounded half up.")
def _() -> Case:
    return text(tax(1).shows("减免税额", "1000.005", Decimal("1000.01")), tax(2).shows("减免税额", "999.994", Decimal("999.99")))


@case("values/number_beyond_all_columns.csv", "1E+27 yuan.")
def _() -> Case:
    return text(tax(1), tax(2).aside("计税依据", "1E+27", "number-too-large"))


@case("values/half_a_person.xlsx", "A head count of 80.5: goes back.")
def _() -> Case:
    return book(industry(1), industry(2).aside("到岗人数", 80.5, "not-a-whole-number"))


@case("values/empty_mandatory_cells.xlsx", "Mandatory cells are empty: their rows go back.")
def _() -> Case:
    return book(
        tax(1),
        replace(tax(2), cells={**tax(2).cells, "统一社会信用代码": None}).says("set_aside", "missing-value", "统一社会信用代码"),
        replace(tax(3), cells={**tax(3).cells, "业务日期": None}).says("set_aside", "missing-value", "业务日期"),
    )


@case("values/negative_with_reversal.csv", "A reversed document: negative, and says which.")
def _() -> Case:
    return text(tax(1), tax(2, amount="-1000").shows("冲销凭证号", "D00001"))


@case("values/negative_without_reversal.csv", "A negative amount that reverses nothing: goes back.")
def _() -> Case:
    return text(tax(1), tax(2, amount="-1000").says("set_aside", "negative-without-reversal", "减免税额", "-1000"))


@case("values/signs_for_nothing.csv", "—, /, 无, 暂无 where an amount may be empty: taken as empty, and told.")
def _() -> Case:
    signs = ["—", "-", "/", "无", "暂无", "——"]
    return text(*(industry(n).repaired("当日产值(万元)", sign, None, "taken-as-empty") for n, sign in enumerate(signs, 1)))


@case("values/signs_for_nothing_where_a_number_must_be.csv", "The same in a mandatory column: 0 or unknown is not guessed.")
def _() -> Case:
    return text(tax(1), *(tax(n).aside("计税依据", sign, "no-value") for n, sign in enumerate(["—", "/", "无"], 2)))


@case("values/as_above.csv", "同上 in a column of names: read as in the row above, and told.")
def _() -> Case:
    first = industry(1).shows("所属镇办", "峡窝镇", "410106100")
    return text(
        first,
        industry(2).repaired("所属镇办", "同上", "410106100", "as-above-filled"),
        industry(3).repaired("所属镇办", "同上", "410106100", "as-above-filled"),
    )


@case("values/number_as_above.csv", "同上 in a column of numbers: not guessed.")
def _() -> Case:
    return text(tax(1), tax(2).aside("计税依据", "同上", "as-above"))


@case("values/merged_number.xlsx", "A number merged over two rows: it belongs to neither.")
def _() -> Case:
    rows = [tax(1).says("set_aside", "merged-number", "计税依据")]
    second = replace(tax(2), cells={**tax(2).cells, "计税依据(元)": None})
    rows += [second.says("set_aside", "merged-number", "计税依据", "100000"), tax(3)]
    sheet = Sheet(TAX, rows, merged=["J2:J3"])
    return dropped(by_openpyxl(sheet), sheet)


@case("values/unseen_characters.csv", "Characters that nobody sees: zero width, marks of direction, a byte order mark inside.")
def _() -> Case:
    return text(
        tax(1).repaired("政策文号", "财税\u200b〔2020〕13号", "财税〔2020〕13号", "unseen-characters"),
        tax(2).repaired("凭证号", "\ufeffD00002", "D00002", "unseen-characters"),
        tax(3).repaired("征收项目", "增值税\u202c", "增值税", "unseen-characters"),
        encoding="utf-8-sig",
    )


@case("values/brackets_in_names.csv", "Names with half-width and full-width brackets mean the same.")
def _() -> Case:
    meant = "示例企业（上街）有限公司"
    return text(industry(1).shows("企业名称", "示例企业(上街)有限公司", meant), industry(2).shows("企业名称", meant))


# --- dates ------------------------------------------------------------------------------------------------------------

SPELLINGS = [
    "2020-03-17", "2020-3-17", "2020/3/17", "2020/03/17", "2020.3.17", "2020.03.17", "20200317", "2020年3月17日", "2020年03月17日",
    "2020年3月17号", "２０２０年３月１７日", "2020-03-17 00:00:00", "43907",
]  # fmt: skip


def spelt_day(number: int, shown: str | int) -> Row:
    """17 March 2020; a day number of the spreadsheet is told, as it shows no day."""
    if str(shown) == "43907":
        return tax(number).repaired("业务日期", shown, date(2020, 3, 17), "date-repaired")
    return tax(number).shows("业务日期", shown, date(2020, 3, 17))


@case("values/dates.csv", "Thirteen ways to write 17 March 2020.")
def _() -> Case:
    return text(*(spelt_day(n, spelling) for n, spelling in enumerate(SPELLINGS, 1)))


@case("values/dates.xlsx", "The same in a workbook: texts, a number, a date cell.")
def _() -> Case:
    rows = [spelt_day(n, spelling) for n, spelling in enumerate(SPELLINGS, 1)]
    return book(
        *rows,
        tax(90).shows("业务日期", 20200317, date(2020, 3, 17)),
        spelt_day(91, 43907),
        tax(92),
    )


@case("values/no_such_day.csv", "30 February, month 13, 0 March: refused, never moved.")
def _() -> Case:
    return text(
        tax(1),
        tax(2).aside("业务日期", "2020年2月30日", "not-a-date"),
        tax(3).aside("业务日期", "2020-13-01", "not-a-date"),
        tax(4).aside("业务日期", "2020-03-00", "not-a-date"),
        tax(5).aside("业务日期", "20200231", "not-a-date"),
    )


@case("values/no_date_at_all.csv", "Words where a date belongs.")
def _() -> Case:
    return text(tax(1), tax(2).aside("业务日期", "三月中旬", "not-a-date"), tax(3).aside("业务日期", "待定", "not-a-date"))


@case(
    "values/days_without_year.csv",
    "3月17日 and 3/17: the latest such day up to the report date, and told; 12月31日 is of the year before.",
)
def _() -> Case:
    return text(
        tax(1).repaired("业务日期", "3月17日", date(2020, 3, 17), "date-repaired"),
        tax(2).repaired("业务日期", "3/17", date(2020, 3, 17), "date-repaired"),
        tax(3).repaired("业务日期", "12月31日", date(2019, 12, 31), "date-repaired"),
    )


@case("values/days_that_may_be_two.csv", "03/04/2020, 3.1: which day is meant cannot be told.")
def _() -> Case:
    shown = ["03/04/2020", "3.1", "20/3/17"]
    return text(tax(1), *(tax(n).aside("业务日期", one, "ambiguous-date") for n, one in enumerate(shown, 2)))


@case("values/day_zero.xlsx", "An empty date that a formula made 1900-01-00.")
def _() -> Case:
    return book(tax(1), tax(2).aside("业务日期", 0, "zero-date"))


@case("values/after_the_report_date.csv", "A document of the day after, on which the file arrives: later knowledge, taken.")
def _() -> Case:
    return text(tax(1), tax(2).shows("业务日期", date(2020, 3, 19)))


@case("values/after_arrival.csv", "A document of the day after the file arrived: goes back.")
def _() -> Case:
    return text(tax(1), tax(2).shows("业务日期", date(2020, 3, 20)).says("set_aside", "after-arrival", "业务日期"))


@case("values/months.csv", "A month as 2020-02, 2020年2月, 202002, 2020/2.")
def _() -> Case:
    shown = ["2020-02", "2020年2月", "202002", "2020/2", "2020.02", "２０２０年２月"]
    return text(*(insurance(n).shows("费款所属月", spelling, "2020-02") for n, spelling in enumerate(shown, 1)))


@case("values/no_such_month.csv", "Month 13, a month without its year.")
def _() -> Case:
    return text(
        insurance(1),
        insurance(2).aside("费款所属月", "2020-13", "not-a-month"),
        insurance(3).aside("费款所属月", "二月份", "not-a-month"),
    )


# --- credit codes -----------------------------------------------------------------------------------------------------


def spelt(number: int, shown: str) -> Row:
    return tax(number).repaired("统一社会信用代码", shown, code(number), "uscc-repaired")


@case("values/codes_to_mend.xlsx", "Credit codes in lower case, with blanks, breaks, full-width: one code is meant.")
def _() -> Case:
    right = [code(n) for n in range(5)]
    return book(
        spelt(1, right[1].lower()),
        spelt(2, f"{right[2][:8]} {right[2][8:]}"),
        spelt(3, f"{right[3][:9]}\n{right[3][9:]}"),
        spelt(4, "".join(chr(ord(c) + 0xFEE0) for c in right[4])),
    )


@case("values/codes_with_o_and_i.csv", "O for 0 and I for 1: mended, as both check characters then fit.")
def _() -> Case:
    return text(spelt(1, code(1).replace("0", "O")), spelt(2, code(2).replace("1", "I")), spelt(3, code(3).replace("0", "o", 3)))


@case("values/code_in_scientific_notation.csv", "9.14101E+17: the last digits are lost; goes back.")
def _() -> Case:
    return text(tax(1), tax(2).aside("统一社会信用代码", "9.14101E+17", "uscc-scientific"))


@case("values/code_in_scientific_notation.xlsx", "A code that became a number in the workbook.")
def _() -> Case:
    return book(
        tax(1),
        tax(2)
        .shows("统一社会信用代码", 914101060000000000.0, None)
        .says("set_aside", "uscc-scientific", "统一社会信用代码", "9.14101E+17"),
    )


@case("values/wrong_check_digit.csv", "The last character of a code is wrong; two digits changed places.")
def _() -> Case:
    wrong = code(2)[:-1] + ("7" if code(2)[-1] != "7" else "8")
    swapped = code(312)
    swapped = swapped[:13] + swapped[14] + swapped[13] + swapped[15:]
    return text(
        tax(1),
        tax(2).aside("统一社会信用代码", wrong, "uscc-check-digit"),
        tax(312).aside("统一社会信用代码", swapped, "uscc-check-digit"),
    )


@case("values/no_code.csv", "17 characters, 19 characters, a letter that never occurs, a name: no codes.")
def _() -> Case:
    return text(
        tax(1),
        *(
            tax(n).aside("统一社会信用代码", shown, "uscc-malformed")
            for n, shown in enumerate([code(2)[:-1], code(3) + "0", "Z" + code(4)[1:], "示例企业5有限公司"], 2)
        ),
        tax(6).aside("统一社会信用代码", code(6)[8:17], "uscc-organisation-code"),
    )


@case("values/old_number.csv", "The 15-digit number of before 2015: never a key.")
def _() -> Case:
    return text(tax(1), tax(2).aside("统一社会信用代码", "410106000000013", "uscc-old-number"))


@case("values/inner_check.csv", "The organisation number inside a code has a wrong check character: told, taken.")
def _() -> Case:
    head = code(2)[:16] + ("5" if code(2)[16] != "5" else "6")
    shown = head + check_character(head)
    return text(tax(1), tax(2).warned("统一社会信用代码", shown, "uscc-inner-check"))


@case("values/leading_zeros.csv", "Account and policy numbers that begin with zeros stay texts.")
def _() -> Case:
    return text(tax(1).shows("减免性质代码", "0001011608"), tax(2).shows("凭证号", "000012"))


# --- flags and lists ----------------------------------------------------------------------------------------------------


@case("values/flags.xlsx", "是 as √, ✓, 1, Y, 有, 已复工.")
def _() -> Case:
    return book(
        *(
            industry(n).shows("是否复工", shown, True)
            for n, shown in enumerate(["√", "✓", 1, "1", "Y", "y", "有", "已复工", " 是 "], 1)
        ),
        *(
            industry(n, resumed=False).shows("是否复工", shown, False)
            for n, shown in enumerate(["×", 0, "N", "未复工", "不是"], 20)
        ),
    )


@case("values/not_in_the_list.csv", "Values that the list of the column does not know.")
def _() -> Case:
    return text(
        industry(1),
        industry(2).aside("所属镇办", "东方路街道", "unknown-code"),
        industry(3).aside("是否复工", "部分", "unknown-code"),
    )


@case("values/townships.csv", "A township by its offices and short names.")
def _() -> Case:
    names = ["中心路街道", "中心路街道办事处", "中心路办事处", "中心路办", "中心路", "Z02", "410106002"]
    return text(*(industry(n).shows("所属镇办", name, "410106002") for n, name in enumerate(names, 1)))


@case("values/optional_not_understood.csv", "An optional cell cannot be read: taken as empty, and told.")
def _() -> Case:
    return text(industry(1), industry(2).warned("产能恢复率(%)", "基本恢复", "unreadable-optional", None))


@case("values/two_faults_in_a_row.csv", "In a row that goes back an optional cell is unreadable, too: both are told at once.")
def _() -> Case:
    row = industry(2).aside("到岗人数", "约90", "approximate-number").shows("产能恢复率(%)", "基本恢复", None)
    return text(industry(1), row.says("set_aside", "unreadable-cell", "产能恢复率(%)"))


# --- what programs leave in cells -----------------------------------------------------------------------------------------


@case("values/excel_errors.xlsx", "#REF! and #DIV/0! where numbers belong.")
def _() -> Case:
    rows = [
        tax(1),
        tax(2).aside("计税依据", Formula("=#REF!", "#REF!"), "error-cell"),
        tax(3).aside("计税依据", Formula("=1/0", "#DIV/0!"), "error-cell"),
    ]
    rows = [
        rows[0],
        *(replace(row, findings=[(s, c, h, str(row.cells[h].result)) for s, c, h, _ in row.findings]) for row in rows[1:]),
    ]
    return dropped(by_xlsxwriter(Sheet(TAX, rows)), Sheet(TAX, rows))


@case("values/excel_errors.xls", "Error cells in a small workbook of Excel 97, by LibreOffice.")
def _() -> Case:
    rows = [
        tax(1),
        tax(2).shows("计税依据", Formula("=1/0", "#DIV/0!"), None).says("set_aside", "error-cell", "计税依据", "#DIV/0!"),
    ]
    return dropped(by_libreoffice(by_openpyxl(Sheet(TAX, rows)), "xls"), Sheet(TAX, rows), extension="xls")


@case("values/formulas_never_calculated.xlsx", "Formulas without results, as programs write them: the line goes back.")
def _() -> Case:
    empty = replace(tax(2), cells={**tax(2).cells, "计税依据(元)": Formula("=1+1")}).says(
        "set_aside", "formula-not-computed", "计税依据", "=1+1"
    )
    rows = [tax(1), empty]
    found = [("warning", "formula-without-value", "", None)]
    return dropped(by_openpyxl(Sheet(TAX, rows)), Sheet(TAX, rows), findings=found)


@case("values/formulas_calculated_by_libreoffice.xlsx", "The same after LibreOffice opened and saved it.")
def _() -> Case:
    rows = [tax(1), tax(2).shows("计税依据", Formula("=50000*2"), Decimal(100000))]
    return dropped(by_libreoffice(by_openpyxl(Sheet(TAX, rows)), "xlsx"), Sheet(TAX, rows))


@case("values/booleans.xlsx", "TRUE and FALSE cells as flags.")
def _() -> Case:
    return book(industry(1).shows("是否复工", True, True), industry(2, resumed=False).shows("是否复工", False, False))


@case("values/rich_text.xlsx", "A text of which a part is red.")
def _() -> Case:
    rows = [tax(1), tax(2)]

    def change(made: xlsxwriter.Workbook) -> None:
        made.worksheets()[0].write_rich_string("I2", "财税", made.add_format({"color": "red", "bold": True}), "〔2020〕", "13号")

    return dropped(by_xlsxwriter(Sheet(TAX, rows), change=change), Sheet(TAX, rows))


@case("values/long_text.xlsx", "A remark of 900 characters: kept.")
def _() -> Case:
    return book(industry(1).shows("备注", "情况说明" * 225), industry(2))


@case("values/very_long_text.xlsx", "A remark of 10,000 characters, more than the column holds: taken as empty, and told.")
def _() -> Case:
    row = industry(1).shows("备注", "情况说明" * 2500, None)
    return book(replace(row, findings=[("warning", "unreadable-optional", "备注", None)]), industry(2))


@case("values/key_as_long_as_a_novel.csv", "A document number of 400 characters: goes back.")
def _() -> Case:
    return text(tax(1), tax(2).aside("凭证号", "长" * 400, "text-too-long"))


@case("values/formula_injection.csv", "Texts that a spreadsheet would run: kept as texts.")
def _() -> Case:
    return text(
        tax(1).shows("政策文号", '=HYPERLINK("http://x.invalid")'),
        tax(2).shows("政策文号", "@SUM(A1)"),
        tax(3).shows("政策文号", "+1-1"),
    )


@case("values/amounts_of_the_bank.xlsx", "Amounts of banks: 5,000,000.00 as text, a rate as 0.0435, 4.35 and 4.35%.")
def _() -> Case:
    return book(
        loan(1).repaired("放款金额", "5,000,000.00", Decimal(5000000)),
        loan(2).shows("年利率", 0.0435, Decimal("0.0435")),
        loan(3).shows("年利率", "4.35", Decimal("0.0435")),
        loan(4),
    )


@case("values/raised_and_circled_digits.csv", "1000① and 100² are no numbers: the signs beside them point to notes.")
def _() -> Case:
    return text(tax(1).aside("计税依据", "1000①", "not-a-number"), tax(2).aside("计税依据", "100²", "not-a-number"), tax(3))


@case(
    "values/amounts_that_need_somebody.csv",
    "Amounts that are sums, fractions, words, or have signs in odd places: each row goes back.",
)
def _() -> Case:
    shown = (
        "1.000,50", "1'000.5", "12,34.5", "1000.5.", "l000", "1OOO", "1000-", "壹仟元整", "500+500", "1000/2000", "1000（含税）", "△1000",
    )  # fmt: skip
    rows = [tax(n).aside("计税依据", cell, "not-a-number") for n, cell in enumerate(shown, 1)]
    sheet = Sheet(TAX, [*rows, tax(len(shown) + 1)])
    return dropped(by_csv(sheet), sheet, extension="csv")
