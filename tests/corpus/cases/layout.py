"""Where the table stands, and what stands around it."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import xlsxwriter
from openpyxl.utils import get_column_letter

from tests.corpus.building import (
    APPROVAL,
    INDUSTRY,
    LOAN,
    POWER_BILL,
    POWER_DAILY,
    PROJECT,
    TAX,
    Case,
    Formula,
    Line,
    Made,
    Row,
    Sheet,
    by_csv,
    by_libreoffice,
    by_openpyxl,
    by_xlsxwriter,
    by_xlwt,
    case,
    code,
    dropped,
    industry,
    loan,
    tax,
    taxes,
    total,
)

DAY_LINE = "填报单位:区税务局        统计日期:2020年3月18日        单位:元"
HEADERS = list(TAX.columns)
OTHERS = [tax(number) for number in (11, 12)]


def both(sheet: Sheet) -> Made:
    return by_libreoffice(by_openpyxl(sheet), "xls")


@case("layout/titles_above.xlsx", "A merged title, sender, day and unit above the table.")
def _() -> Case:
    sheet = Sheet(TAX, taxes(3), titles=[["上街区税费减免退日报表"], [DAY_LINE]], merged=["A1:N1", "A2:N2"])
    return dropped(by_openpyxl(sheet), sheet, file_name="税费减免退日报.xlsx")


@case("layout/titles_far_above.xlsx", "Twenty lines of instructions above the table.")
def _() -> Case:
    titles = [["上街区税费减免退日报表"], [], *([f"填表说明{n}:请按要求填报"] for n in range(1, 18)), [DAY_LINE]]
    sheet = Sheet(TAX, taxes(2), titles=titles)
    return dropped(by_openpyxl(sheet), sheet)


GROUPS = [
    "序号",
    "凭证信息",
    None,
    "所属期",
    None,
    "征收项目",
    "优惠",
    None,
    None,
    "金额",
    None,
    "政策年度",
    "业务日期",
    "冲销凭证号",
]


@case("layout/header_in_two_lines.xlsx", "Two header lines: groups above, columns below, both merged.")
def _() -> Case:
    below = [None, *HEADERS[1:5], None, *HEADERS[6:9], *HEADERS[9:11], None, None, None]
    sheet = Sheet(
        TAX,
        taxes(3),
        titles=[["税费减免退日报表 2020年3月18日"]],
        header=[GROUPS, below],
        merged=["A1:N1", "B2:C2", "D2:E2", "G2:I2", "J2:K2", *(f"{letter}2:{letter}3" for letter in "AFLMN")],
    )
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/header_in_two_lines.xls", "The same in Excel 97, by LibreOffice.")
def _() -> Case:
    below = [None, *HEADERS[1:5], None, *HEADERS[6:9], *HEADERS[9:11], None, None, None]
    sheet = Sheet(
        TAX,
        taxes(3),
        titles=[["税费减免退日报表 2020年3月18日"]],
        header=[GROUPS, below],
        merged=["A1:N1", "B2:C2", "D2:E2", "G2:I2", "J2:K2", *(f"{letter}2:{letter}3" for letter in "AFLMN")],
    )
    return dropped(both(sheet), sheet, extension="xls")


@case("layout/header_in_three_lines.xlsx", "Three header lines; what a column is called stands in the last or the middle one.")
def _() -> Case:
    order = [h for h in INDUSTRY.columns if h not in ("不纳入原因", "当日产值(万元)", "产能恢复率(%)", "备注")]
    top = ["序号", "企业基本情况", None, None, "复工复产情况", None, None, None, None, None]
    middle = [None, "企业名称", "统一社会信用代码", "所属镇办", "复工情况", None, None, "人员情况", None, "未复工原因"]
    bottom = [None, None, None, None, "是否纳入应复工", "是否复工", "复工日期", "正常用工人数", "到岗人数", None]
    merged = ["A1:A3", "B1:D1", "E1:J1", "B2:B3", "C2:C3", "D2:D3", "E2:G2", "H2:I2", "J2:J3"]
    sheet = Sheet(
        INDUSTRY,
        [industry(1), industry(2), industry(3, resumed=False)],
        columns=order,
        header=[top, middle, bottom],
        merged=merged,
    )
    return dropped(by_openpyxl(sheet), sheet)


def with_townships() -> list[Row | Line]:
    """Two townships of three firms each; the name stands in the first cell of a merged range."""
    rows: list[Row | Line] = []
    for number in range(1, 7):
        name, means = ("峡窝镇", "410106100") if number <= 3 else ("矿山街道", "410106005")
        rows.append(industry(number).shows("所属镇办", name if number in (1, 4) else None, means))
    return rows


@case("layout/merged_township.xlsx", "The township is merged over its firms: read as people read it.")
def _() -> Case:
    sheet = Sheet(INDUSTRY, with_townships(), merged=["D2:D4", "D5:D7"])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/merged_township.xls", "The same in Excel 97, by xlwt.")
def _() -> Case:
    sheet = Sheet(INDUSTRY, with_townships(), merged=["D2:D4", "D5:D7"])
    return dropped(by_xlwt(sheet), sheet, extension="xls")


@case("layout/merged_township.ods", "The same in OpenDocument, by LibreOffice.")
def _() -> Case:
    sheet = Sheet(INDUSTRY, with_townships(), merged=["D2:D4", "D5:D7"])
    return dropped(by_libreoffice(by_openpyxl(sheet), "ods"), sheet, extension="ods")


@case("layout/total_row_at_the_end.xlsx", "A total below the table: compared, never data.")
def _() -> Case:
    sheet = Sheet(TAX, [*taxes(3), total(TAX, 减免税额=Decimal("601.5"), 计税依据=300000)])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/total_row_on_top.xlsx", "A total above the rows.")
def _() -> Case:
    sheet = Sheet(TAX, [total(TAX, "总计", 减免税额=Decimal("601.5")), *taxes(3)])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/total_with_blanks.csv", "The total is written 合  计.")
def _() -> Case:
    sheet = Sheet(TAX, [*taxes(3), total(TAX, "合  计", 减免税额=Decimal("601.5"))])
    return dropped(by_csv(sheet, encoding="gb18030"), sheet, extension="csv")


@case("layout/total_by_formula.xlsx", "The total is a formula with its result.")
def _() -> Case:
    sheet = Sheet(TAX, [*taxes(3), total(TAX, 减免税额=Formula("=SUM(K2:K4)", Decimal("601.5")))])
    return dropped(by_xlsxwriter(sheet), sheet)


@case("layout/total_that_differs.xlsx", "The total is not the sum of the rows: told, the rows are taken.")
def _() -> Case:
    line = total(TAX, "合计", [("warning", "control-total", HEADERS.index("减免税额(元)"), "601")], 减免税额=601)
    sheet = Sheet(TAX, [*taxes(3), line])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/subtotals.xlsx", "A subtotal after each township, and a total of all.")
def _() -> Case:
    rows = with_townships()
    sub = [replace(total(INDUSTRY, "小计"), cells=["小计", *[None] * 8, on_post]) for on_post in (246, 255)]
    lines = [*rows[:3], sub[0], *rows[3:], sub[1], total(INDUSTRY, "合计", 到岗人数=501)]
    sheet = Sheet(INDUSTRY, lines, merged=["D2:D4", "D6:D8"])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/subtotal_that_differs.xlsx", "The subtotal of the second township is not the sum of its rows.")
def _() -> Case:
    at = list(INDUSTRY.columns).index("到岗人数")
    sub = [replace(total(INDUSTRY, "小计"), cells=["小计", *[None] * 8, on_post]) for on_post in (246, 250)]
    sub[1] = replace(sub[1], findings=[("warning", "control-subtotal", at, "250")])
    rows = with_townships()
    sheet = Sheet(INDUSTRY, [*rows[:3], sub[0], *rows[3:], sub[1]], merged=["D2:D4", "D6:D8"])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/total_in_the_second_column.xlsx", "The counter goes on; 合计 stands in the next column.")
def _() -> Case:
    cells = [4, "合计", *[None] * 8, Decimal("601.5"), None, None, None]
    sheet = Sheet(TAX, [*taxes(3), Line(cells)])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/blank_lines_between.xlsx", "Blank lines between the rows.")
def _() -> Case:
    sheet = Sheet(TAX, [tax(1), Line(), tax(2), Line(), Line(), tax(3)])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/notes_below.xlsx", "Total, notes and signatures below the table.")
def _() -> Case:
    notes = [
        Line(["注:1.本表由税务局填报。"]),
        Line(["2.金额单位为元。"]),
        Line(),
        Line(["填表人:某某", None, None, "审核人:某某"]),
        Line(["单位负责人(签字):"]),
    ]
    sheet = Sheet(TAX, [*taxes(3), total(TAX, 减免税额=Decimal("601.5")), *notes])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/notes_below.ods", "The same in OpenDocument, by LibreOffice.")
def _() -> Case:
    notes = [Line(["注:1.本表由税务局填报。"]), Line(["2.金额单位为元。"]), Line(["填表人:某某", None, None, "审核人:某某"])]
    sheet = Sheet(TAX, [*taxes(3), total(TAX, 减免税额=Decimal("601.5")), *notes])
    return dropped(by_libreoffice(by_openpyxl(sheet), "ods"), sheet, extension="ods")


@case("layout/header_repeated.xlsx", "The header stands once more after a page break.")
def _() -> Case:
    sheet = Sheet(TAX, [tax(1), tax(2), Line(HEADERS), tax(3)])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/second_table_to_the_right.xlsx", "A small table of other things stands to the right, a column apart.")
def _() -> Case:
    beside = {1: (15, ["税种", "户数"]), 2: (15, ["增值税", 3]), 3: (15, ["房产税", 0])}
    sheet = Sheet(TAX, taxes(3), beside=beside)
    return dropped(by_openpyxl(sheet), sheet, findings=[("warning", "beside-the-table", "P1", "税种、户数")])


@case("layout/table_not_at_a1.xlsx", "The table begins in C4.")
def _() -> Case:
    sheet = Sheet(TAX, taxes(3), titles=[[], [], []], left=2)
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/real_sheet_not_first.xlsx", "Instructions come first, the table on the third sheet, an empty one between.")
def _() -> Case:
    notice = Sheet(None, [Line(["填表说明"]), Line(["一、本表由税务局填报"]), Line(["二、金额单位:元"])], name="填表说明")
    sheet = Sheet(TAX, taxes(3), name="3月18日")
    return dropped(by_openpyxl(notice, Sheet(None, [], name="Sheet2"), sheet), sheet)


@case("layout/real_sheet_not_first.xls", "The same in Excel 97, by xlwt.")
def _() -> Case:
    notice = Sheet(None, [Line(["填表说明"]), Line(["一、本表由税务局填报"])], name="填表说明")
    sheet = Sheet(TAX, taxes(3), name="数据")
    return dropped(by_xlwt(notice, sheet), sheet, extension="xls")


@case("layout/a_sheet_for_each_day.xlsx", "Each day has a sheet; the file is named by the day of the second.")
def _() -> Case:
    before = Sheet(None, [Line(HEADERS), *(Line([row.cells.get(header) for header in HEADERS]) for row in OTHERS)], name="3.17")
    sheet = Sheet(TAX, taxes(3), name="3.18")
    return dropped(by_openpyxl(before, sheet), sheet)


@case("layout/two_sheets_alike.xlsx", "Two sheets look like the report: asked back.")
def _() -> Case:
    second = Sheet(None, [Line(HEADERS), *(Line([row.cells.get(header) for header in HEADERS]) for row in OTHERS)], name="台账")
    sheet = Sheet(TAX, taxes(3), name="明细")
    return dropped(by_openpyxl(sheet, second), sheet, findings=[("rejected", "several-sheets", "", "“明细”、“台账”")])


@case("layout/list_of_codes_beside.xlsx", "A second sheet holds the lists behind the drop-downs.")
def _() -> Case:
    lists = Sheet(None, [Line(["征收项目", "优惠类型"]), Line(["增值税", "减"]), Line(["房产税", "免"])], name="代码")
    sheet = Sheet(TAX, taxes(3))
    return dropped(by_openpyxl(sheet, lists), sheet)


@case("layout/hidden_rows.xlsx", "A filter was left on: hidden rows are data all the same.")
def _() -> Case:
    sheet = Sheet(TAX, taxes(5), hidden_rows=[3, 5])
    return dropped(by_openpyxl(sheet), sheet, findings=[("warning", "hidden-rows", "", None)])


@case("layout/hidden_rows.xls", "The same in Excel 97, by xlwt.")
def _() -> Case:
    sheet = Sheet(TAX, taxes(5), hidden_rows=[3, 5])
    return dropped(by_xlwt(sheet), sheet, extension="xls", findings=[("warning", "hidden-rows", "", None)])


@case("layout/hidden_rows.ods", "The same in OpenDocument, by LibreOffice.")
def _() -> Case:
    sheet = Sheet(TAX, taxes(5), hidden_rows=[3, 5])
    made = by_libreoffice(by_openpyxl(sheet), "ods")
    return dropped(made, sheet, extension="ods", findings=[("warning", "hidden-rows", "", None)])


@case("layout/hidden_columns.xlsx", "Three columns are hidden: read all the same.")
def _() -> Case:
    sheet = Sheet(TAX, taxes(3), hidden_columns=[3, 4, 7])
    return dropped(by_openpyxl(sheet), sheet, findings=[("warning", "hidden-columns", "", None)])


@case("layout/hidden_columns.xls", "The same in Excel 97, by LibreOffice.")
def _() -> Case:
    sheet = Sheet(TAX, taxes(3), hidden_columns=[3, 4, 7])
    return dropped(both(sheet), sheet, extension="xls", findings=[("warning", "hidden-columns", "", None)])


@case("layout/filter_left_on.xlsx", "An automatic filter without hidden rows.")
def _() -> Case:
    def change(book: openpyxl.Workbook) -> None:
        book.worksheets[0].auto_filter.ref = "A1:N4"

    return dropped(by_openpyxl(Sheet(TAX, taxes(3)), change=change), Sheet(TAX, taxes(3)))


@case("layout/hidden_sheet.xlsx", "An old table stands on a hidden sheet.")
def _() -> Case:
    old = Sheet(None, [Line(["事项", "备注"]), Line(["旧表", "勿删"])], name="旧", is_hidden=True)
    sheet = Sheet(TAX, taxes(3))
    return dropped(by_openpyxl(sheet, old), sheet, findings=[("warning", "hidden-sheet", "", None)])


@case("layout/columns_in_another_order.xlsx", "The columns stand backwards.")
def _() -> Case:
    sheet = Sheet(TAX, taxes(3), columns=HEADERS[::-1])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/other_names.xlsx", "Columns under other names that the contract knows.")
def _() -> Case:
    names = {
        "凭证号": "电子税票号", "统一社会信用代码": "纳税人识别号", "所属期起": "税款所属期起", "所属期止": "税款所属期止", "征收项目": "税种",
        "优惠类型": "减免类型", "减免性质代码": "减免性质", "政策文号": "文号", "计税依据(元)": "计税金额", "减免税额(元)": "减免额", "业务日期": "入库日期",
    }  # fmt: skip
    sheet = Sheet(TAX, taxes(3), header=[[names.get(header, header) for header in HEADERS]])
    return dropped(by_openpyxl(sheet), sheet)


@case(
    "layout/header_misspelt.xlsx",
    "统一社会信用代码 has one wrong character of eight, over cells that are credit codes: taken and told.",
)
def _() -> Case:
    sheet = Sheet(TAX, taxes(3), header=[["统一社会信用代马" if header == "统一社会信用代码" else header for header in HEADERS]])
    at = get_column_letter(HEADERS.index("统一社会信用代码") + 1)
    return dropped(by_openpyxl(sheet), sheet, findings=[("repaired", "header-repaired", f"{at}1", "统一社会信用代马")])


@case("layout/breaks_and_blanks_in_headers.xlsx", "Headers with line breaks, blanks, stars and full-width brackets.")
def _() -> Case:
    shown = {
        "凭证号": "凭 证 号", "统一社会信用代码": "统一社会\n信用代码", "所属期起": "所属期\r\n起", "计税依据(元)": "计税依据\n（元）",
        "减免税额(元)": " 减免税额 （元） ", "业务日期": "*业务日期", "征收项目": "征收项目*",
    }  # fmt: skip
    sheet = Sheet(TAX, taxes(3), header=[[shown.get(header, header) for header in HEADERS]])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/a_column_missing.xlsx", "A mandatory column is missing.")
def _() -> Case:
    sheet = Sheet(TAX, taxes(3), columns=[header for header in HEADERS if header != "减免性质代码"])
    return dropped(by_openpyxl(sheet), sheet, findings=[("rejected", "missing-column", "", None)])


@case(
    "layout/the_key_missing.csv",
    "The column of document numbers is missing: lines without one are not said to repeat each other.",
)
def _() -> Case:
    sheet = Sheet(TAX, [*taxes(3), Line(["合计"])], columns=[header for header in HEADERS if header != "凭证号"])
    return dropped(by_csv(sheet), sheet, extension="csv", findings=[("rejected", "missing-column", "", None)])


@case("layout/a_column_more.xlsx", "A column that the contract does not know.")
def _() -> Case:
    form = replace(TAX, columns={**TAX.columns, "经办科室": ""})
    rows = [replace(row, form=form, cells={**row.cells, "经办科室": "一科"}) for row in taxes(3) if isinstance(row, Row)]
    return dropped(by_openpyxl(Sheet(form, rows)), Sheet(form, rows), findings=[("warning", "extra-column", "O1", "经办科室")])


@case("layout/a_column_twice.xlsx", "The key stands there twice, with other values: nobody knows which one is meant.")
def _() -> Case:
    form = replace(TAX, columns={**TAX.columns, "凭证号 ": ""})
    rows = [replace(row, form=form, cells={**row.cells, "凭证号 ": "X"}) for row in taxes(2) if isinstance(row, Row)]
    sheet = Sheet(form, rows, header=[[*HEADERS, "凭证号"]])
    told = [("warning", "extra-column", "O1", "凭证号"), ("rejected", "column-twice", "O1", "B1“凭证号”、O1“凭证号”")]
    return dropped(by_openpyxl(sheet), sheet, findings=told)


@case("layout/nil_report.xlsx", "A header without rows: nothing happened that day.")
def _() -> Case:
    sheet = Sheet(TAX, [], titles=[["上街区税费减免退日报表"], [DAY_LINE]])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/nil_report_in_words.xlsx", "A header, and below it the line 无.")
def _() -> Case:
    sheet = Sheet(TAX, [Line(["无"])], titles=[["上街区税费减免退日报表"], [DAY_LINE]])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/stray_line.xlsx", "A line between the rows has one cell filled: it goes back.")
def _() -> Case:
    stray = Row(TAX, {"凭证号": "见附件"}, None)
    sheet = Sheet(TAX, [tax(1), stray, tax(2)])
    return dropped(by_openpyxl(sheet), sheet, findings=[("set_aside", "stray-line", "3", "见附件")])


@case("layout/duplicate_key.xlsx", "A document stands there twice: both go back.")
def _() -> Case:
    first, again = (
        tax(1).says("set_aside", "duplicate-key", "凭证号"),
        tax(1, amount="5").says("set_aside", "duplicate-key", "凭证号"),
    )
    sheet = Sheet(TAX, [first, tax(2), again])
    return dropped(by_openpyxl(sheet), sheet)


def red_square() -> bytes:
    """A picture, as PNG."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    lines = (b"\0" + b"\xff\0\0" * 40) * 40
    head = struct.pack(">2I5B", 40, 40, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


@case("layout/stamp_and_comments.xlsx", "A picture of the stamp over the table, comments, frozen panes, a print area.")
def _() -> Case:
    def change(book: xlsxwriter.Workbook) -> None:
        sheet = book.worksheets()[0]
        sheet.insert_image("K3", "stamp.png", {"image_data": io.BytesIO(red_square())})
        sheet.write_comment("K2", "已核")
        sheet.freeze_panes(1, 2)
        sheet.print_area("A1:N4")

    return dropped(by_xlsxwriter(Sheet(TAX, taxes(3)), change=change), Sheet(TAX, taxes(3)))


@case("layout/formatted_to_the_end.xlsx", "Borders reach down a thousand lines below the table.")
def _() -> Case:
    def change(book: openpyxl.Workbook) -> None:
        for line in range(5, 1005):
            book.worksheets[0].cell(line, 1).number_format = "0.00"

    return dropped(by_openpyxl(Sheet(TAX, taxes(3)), change=change), Sheet(TAX, taxes(3)))


@case("layout/unit_in_the_title.xlsx", "Amounts are in 万元, as the title says.")
def _() -> Case:
    rows = [
        loan(n)
        .shows("合同金额", 600, Decimal(6000000))
        .shows("放款金额", 500, Decimal(5000000))
        .shows("余额", Decimal("123.4567"), Decimal("1234567"))
        for n in (1, 2)
    ]
    sheet = Sheet(LOAN, rows, titles=[["企业贷款日报 2020年3月18日"], ["单位:万元"]])
    return dropped(by_openpyxl(sheet), sheet)


@case("layout/unit_in_the_header.xlsx", "One column is in 万元, as its header says; the title says 元.")
def _() -> Case:
    rows = [loan(n).shows("放款金额", 500, Decimal(5000000)) for n in (1, 2)]
    header = [{"放款金额": "放款金额(万元)"}.get(header, header) for header in LOAN.columns]
    sheet = Sheet(LOAN, rows, titles=[["企业贷款日报 2020年3月18日"], ["单位:元"]], header=[header])
    return dropped(by_openpyxl(sheet), sheet)


def consumption(n: int) -> Sheet:
    rows = [
        Row(
            POWER_DAILY,
            {"户号": f"00{number}", "统一社会信用代码": code(3000 + number), "日用电量(千瓦时)": 85000 + number},
            {"account_no": f"00{number}", "uscc": code(3000 + number), "kwh_day": str(85000 + number)},
        )
        for number in range(1, n + 1)
    ]
    return Sheet(POWER_DAILY, rows, name="日用电量")


def bills(n: int) -> Sheet:
    rows = [
        Row(
            POWER_BILL,
            {
                "户号": f"00{number}", "账单号": f"B{number}", "统一社会信用代码": code(3000 + number), "用户类别": "大工业",
                "抄表起日": date(2020, 2, 10), "抄表止日": date(2020, 3, 10), "用量": 6000, "原单价": 0.7, "执行单价": 0.65,
                "原应收": 4200, "实收应收": 3900, "减免金额": 300, "是否停供": "否",
            },
            {
                "account_no": f"00{number}", "bill_no": f"B{number}", "uscc": code(3000 + number), "user_class": "大工业",
                "read_from": "2020-02-10", "read_to": "2020-03-10", "quantity": "6000", "price_before": "0.7", "price_after": "0.65",
                "bill_before": "4200", "bill_after": "3900", "relief_claimed": "300", "cut_off": False,
            },
        )
        for number in range(1, n + 1)
    ]  # fmt: skip
    return Sheet(POWER_BILL, rows, name="电费账单")


@case("layout/two_tables_on_two_sheets.xlsx", "A report of two tables, a sheet each.")
def _() -> Case:
    return dropped(by_openpyxl(consumption(3), bills(2)), consumption(3), bills(2))


@case("layout/two_tables_on_two_sheets.ods", "The same in OpenDocument, by LibreOffice, the sheets in the other order.")
def _() -> Case:
    made = by_libreoffice(by_openpyxl(bills(2), consumption(3)), "ods")
    return dropped(made, consumption(3), bills(2), extension="ods")


@case("layout/one_sheet_of_two.xlsx", "Of a report of two tables one sheet is missing: told, the other is taken.")
def _() -> Case:
    return dropped(by_openpyxl(consumption(3)), consumption(3), findings=[("warning", "missing-sheet", "", "电费账单")])


@case("layout/table_of_others.xlsx", "Of a report of two tables each bureau sends one: the other's is told of and left.")
def _() -> Case:
    project = "2020-410106-35-03-000001"
    own = Row(
        PROJECT,
        {
            "项目代码": project, "项目名称": "甲子（示例）项目", "级别": "市", "建设性质": "新开工", "是否列入省市重点": "是",
            "总投资(亿元)": Decimal("3.2"), "年度计划投资": 1, "开复工状态": "未开工",
        },
        {
            "project_code": project, "project_name": "甲子（示例）项目", "level": "市", "phase": "新开工", "is_prov_city": True,
            "total_investment": "320000000", "year_plan": "100000000", "status": "未开工",
        },
    )  # fmt: skip
    other = Row(
        APPROVAL,
        {"项目代码": project, "手续名称": "施工许可证", "是否需办": "是", "受理日": date(2020, 3, 2), "状态": "办理中"},
        {},
    )
    theirs = Sheet(APPROVAL, [other], name="手续")
    mine = Sheet(PROJECT, [own], name="项目")
    return dropped(by_openpyxl(mine, theirs), mine, findings=[("warning", "table-of-others", "", "联审联批手续")])


@case(
    "layout/copy_beside.xlsx",
    "The same table once more beside it, with the same cells in every line: one of the two is read, which is told.",
)
def _() -> Case:
    rows = taxes(3)
    lines = Sheet(TAX, rows).grid()
    beside = {number: (len(TAX.columns) + 1, line) for number, line in enumerate(lines, 1)}
    made = by_openpyxl(Sheet(TAX, rows, beside=beside))
    return dropped(made, Sheet(TAX, rows), findings=[("warning", "beside-the-table", "P1", None)])
