"""Tables of several blocks: a later header in another order or with another unit, a unit between rows, pages of a print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tests.corpus.building import (
    INDUSTRY,
    PROJECT,
    TAX,
    Case,
    Line,
    Row,
    Sheet,
    by_csv,
    by_openpyxl,
    by_xlsxwriter,
    case,
    dropped,
    industry,
    tax,
    total,
)

ORDER = list(INDUSTRY.columns)
SWAPPED = [*ORDER[:8], ORDER[9], ORDER[8], *ORDER[10:]]
"""到岗人数 before 正常用工人数."""
TURNED = ["序号", *reversed(ORDER[1:])]
TAXES = list(TAX.columns)
BARE = [header.partition("(")[0] for header in TAXES]
"""Headers without units."""
RELIEF, BASE = BARE.index("减免税额"), BARE.index("计税依据")


def block(numbers: Sequence[int], order: Sequence[str | None], header: Sequence[Any] | None = None) -> list[Row | Line]:
    """A later header, and rows below it."""
    return [Line(header or order), *(industry(number).under(order) for number in numbers)]


def documents(numbers: Sequence[int], factor: int) -> list[Row | Line]:
    """Documents of 125000 and 3800 yuan, written in a unit of `factor` yuan."""
    shown = Decimal(125000) / factor, Decimal(3800) / factor
    return [
        tax(number).shows("计税依据", shown[0], Decimal(125000)).shows("减免税额", shown[1], Decimal(3800)) for number in numbers
    ]


def line(at: int, text: str, **finding: Any) -> Line:
    """A line with one cell."""
    return Line([None] * at + [text], **finding)


def in_yuan(header: str) -> list[str]:
    """Headers whose amounts are in a unit."""
    return [f"{name}({header})" if name in ("计税依据", "减免税额") else name for name in BARE]


@case("blocks/other_order.xlsx", "A second header below a blank line has two columns the other way round.")
def _() -> Case:
    sheet = Sheet(INDUSTRY, [industry(1), industry(2), Line(), *block([3, 4], SWAPPED)])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/turned_round.xlsx", "A second header has the columns from right to left, without a blank line.")
def _() -> Case:
    sheet = Sheet(INDUSTRY, [industry(1), *block([2, 3], TURNED)])
    return dropped(by_xlsxwriter(sheet), sheet)


@case("blocks/other_order.csv", "A text with a second header in another order.")
def _() -> Case:
    sheet = Sheet(INDUSTRY, [industry(1), industry(2), *block([3, 4], SWAPPED)])
    return dropped(by_csv(sheet), sheet, extension="csv")


@case("blocks/back_again.xlsx", "Three blocks: the third has the order of the first.")
def _() -> Case:
    sheet = Sheet(INDUSTRY, [industry(1), *block([2], SWAPPED), *block([3], ORDER), *block([4], SWAPPED)])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/one_column_to_the_right.xlsx", "The second table begins one column further right.")
def _() -> Case:
    order = [None, *ORDER]
    sheet = Sheet(INDUSTRY, [industry(1), Line(), *block([2, 3], order)])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/titles_between.xlsx", "A title stands over the second table, and a signature below the first.")
def _() -> Case:
    between = [Line(), line(0, "填表人\uff1a某某"), line(3, "中心路街道(续)")]
    sheet = Sheet(INDUSTRY, [industry(1), industry(2), *between, *block([3], SWAPPED)], titles=[["工业复工日报"]])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/fault_in_the_second.xlsx", "A cell of the second block is wrong: its own header says which.")
def _() -> Case:
    wrong = industry(3).aside("到岗人数", "八十来个", "not-a-number").under(SWAPPED)
    sheet = Sheet(INDUSTRY, [industry(1), Line(SWAPPED), industry(2).under(SWAPPED), wrong])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/same_firm_in_both.xlsx", "The same firm stands in both blocks.")
def _() -> Case:
    twice = [industry(1).says("set_aside", "duplicate-key", "统一社会信用代码") for _ in range(2)]
    sheet = Sheet(INDUSTRY, [twice[0], industry(2), Line(TURNED), twice[1].under(TURNED)])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/header_on_every_page.xlsx", "A print with the same header on every page.")
def _() -> Case:
    sheet = Sheet(INDUSTRY, [industry(1), industry(2), Line(ORDER), industry(3), Line(ORDER), industry(4)])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/unit_on_every_page.xlsx", "A print with the same unit and header on every page.")
def _() -> Case:
    page = [line(10, "单位\uff1a万元"), Line(BARE)]
    rows = [*documents([1, 2], 10_000), *page, *documents([3], 10_000)]
    sheet = Sheet(TAX, rows, titles=[["上街区税费减免退日报"], [None] * 10 + ["单位\uff1a万元"]], header=[BARE])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/groups_on_every_page.xlsx", "A header of two lines, groups and names, stands on every page.")
def _() -> Case:
    groups = ["企业", None, None, None, "复工", None, None, None, "人数", None, "产值", None, "其他", None]
    sheet = Sheet(INDUSTRY, [industry(1), Line(groups), Line(ORDER), industry(2)], header=[groups, ORDER])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/own_unit_in_the_header.xlsx", "The second header says 万元, the first one 元.")
def _() -> Case:
    rows = [*documents([1], 1), Line(in_yuan("万元")), *documents([2, 3], 10_000)]
    sheet = Sheet(TAX, rows, header=[in_yuan("元")])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/own_unit_above_the_header.xlsx", "A line of units stands over the second table; none over the first.")
def _() -> Case:
    rows = [*documents([1], 1), Line(), line(11, "\uff08单位\uff1a万元\uff09"), Line(BARE), *documents([2, 3], 10_000)]
    sheet = Sheet(TAX, rows, header=[BARE])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/own_unit_below_the_header.xlsx", "The second header has a line of units below it.")
def _() -> Case:
    below = Line([None] * BASE + ["万元", "万元"])
    rows = [*documents([1], 1), Line(BARE), below, *documents([2], 10_000)]
    sheet = Sheet(TAX, rows, header=[BARE])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/unit_of_the_first_holds_on.xlsx", "The title's unit holds for the second header, which is in another order.")
def _() -> Case:
    order = [*TAXES[:9], TAXES[10], TAXES[9], *TAXES[11:]]
    rows = [*documents([1], 10_000), Line([name.partition("(")[0] for name in order])]
    rows += [row.under(order) for row in documents([2, 3], 10_000) if isinstance(row, Row)]
    sheet = Sheet(TAX, rows, titles=[["上街区税费减免退日报"], ["单位\uff1a万元"]], header=[BARE])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/unit_between_rows.xlsx", "The title says 元, a line between two rows 万元: what follows is in it.")
def _() -> Case:
    rows = [*documents([1, 2], 1), line(11, "单位\uff1a万元"), *documents([3, 4], 10_000)]
    sheet = Sheet(TAX, rows, header=[BARE], titles=[["单位\uff1a元"]])
    return dropped(by_openpyxl(sheet), sheet)


@case(
    "blocks/only_unit_between_rows.xlsx",
    "A line 单位：万元 between two rows, and none above: nobody knows what the rows above are in.",
)
def _() -> Case:
    rows = [*documents([1, 2], 1), line(11, "单位\uff1a万元"), *documents([3, 4], 10_000)]
    sheet = Sheet(TAX, rows, header=[BARE])
    return dropped(by_openpyxl(sheet), sheet, findings=[("rejected", "unit-between", "L4", None)])


@case("blocks/units_between_rows.csv", "Two lines of units between rows of a text, the second back to 元.")
def _() -> Case:
    rows = [
        *documents([1], 1), line(0, "金额单位\uff1a万元"), *documents([2], 10_000), line(0, "金额单位\uff1a元"), *documents([3], 1),
    ]  # fmt: skip
    sheet = Sheet(TAX, rows, header=[BARE], titles=[["金额单位\uff1a元"]])
    return dropped(by_csv(sheet), sheet, extension="csv")


@case(
    "blocks/unit_between_rows_against_headers.xlsx",
    "A line 单位：万元 between rows, where the headers say 元: nobody can be sure.",
)
def _() -> Case:
    rows = [*documents([1], 1), line(11, "单位\uff1a万元"), *documents([2], 10_000)]
    sheet = Sheet(TAX, rows, header=[in_yuan("元")])
    told = [("rejected", "two-units", "L3", None)]
    return dropped(by_openpyxl(sheet), sheet, findings=[*told, *told])


@case("blocks/unknown_unit_between_rows.xlsx", "A line between rows declares a unit that nobody knows.")
def _() -> Case:
    rows = [*documents([1], 1), line(11, "单位\uff1a万块元"), *documents([2], 10_000)]
    sheet = Sheet(TAX, rows, header=[BARE])
    return dropped(by_openpyxl(sheet), sheet, findings=[("rejected", "unknown-unit", "L3", None)])


@case("blocks/unit_no_more_declared.xlsx", "The first headers say 万元; the second ones say nothing.")
def _() -> Case:
    rows = [*documents([1], 10_000), Line(BARE), *documents([2], 10_000)]
    sheet = Sheet(TAX, rows, header=[in_yuan("万元")])
    return dropped(by_openpyxl(sheet), sheet, findings=[("rejected", "later-header", "3", None)])


@case("blocks/header_without_a_mandatory_column.xlsx", "The second header lacks the credit code.")
def _() -> Case:
    order = [name for name in ORDER if name != "统一社会信用代码"]
    sheet = Sheet(INDUSTRY, [industry(1), industry(2), *block([3, 4], order)])
    return dropped(by_openpyxl(sheet), sheet, findings=[("rejected", "later-header", "4", None)])


@case("blocks/totals.xlsx", "Each block has its total, and the last line is the total of both.")
def _() -> Case:
    grand = {"正常用工人数": 400, "到岗人数": 330}
    swapped: list[Any] = [None] * len(ORDER)
    swapped[0], swapped[8], swapped[9] = "合计", 167, 200
    last: list[Any] = [None] * len(ORDER)
    last[0], last[8], last[9] = "总计", grand["到岗人数"], grand["正常用工人数"]
    first = total(INDUSTRY, 正常用工人数=200, 到岗人数=163)
    sheet = Sheet(INDUSTRY, [industry(1), industry(2), first, *block([3, 4], SWAPPED), Line(swapped), Line(last)])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/total_of_a_block_is_wrong.xlsx", "The total of the second block is that of no rows.")
def _() -> Case:
    wrong: list[Any] = [None] * len(ORDER)
    wrong[0], wrong[8], wrong[9] = "合计", 168, 200
    found = [("warning", "control-total", 8, "168")]
    sheet = Sheet(INDUSTRY, [industry(1), *block([3, 4], SWAPPED), Line(wrong, found)])
    return dropped(by_openpyxl(sheet), sheet)


@case(
    "blocks/unit_in_a_note_at_the_end.xlsx",
    "The only unit stands in a note below the last of two blocks: it holds for the table.",
)
def _() -> Case:
    rows = [*documents([1], 10_000), Line(BARE), *documents([2], 10_000), line(0, "注\uff1a金额单位\uff1a万元")]
    sheet = Sheet(TAX, rows, header=[BARE])
    return dropped(by_openpyxl(sheet), sheet)


@case("blocks/cell_beside_a_row.xlsx", "A line of data has a number to the right of the table, where nothing stands above.")
def _() -> Case:
    width = len(ORDER)
    sheet = Sheet(INDUSTRY, [industry(1), industry(2), industry(3)], beside={3: (width, [3800])})
    return dropped(by_openpyxl(sheet), sheet, findings=[("warning", "cell-beside-row", "O3", "3800")])


@case(
    "blocks/cells_beside_rows_further_right.xlsx",
    "Two lines have words beyond an empty column; a note below the table has one, too.",
)
def _() -> Case:
    width = len(ORDER)
    beside = {2: (width + 1, ["已核"]), 4: (width + 1, ["已核"])}
    sheet = Sheet(INDUSTRY, [industry(1), industry(2), industry(3)], beside=beside)
    return dropped(by_openpyxl(sheet), sheet, findings=[("warning", "cell-beside-row", "P2", "已核")])


TOWN_CODES = {"济源路街道": "410106001", "中心路街道": "410106002", "矿山街道": "410106005", "峡窝镇": "410106100"}


def of_town(row: Row, name: str) -> Row:
    """A firm that lies in the township after which its sheet is named."""
    found = next((town for town in TOWN_CODES if name.startswith(town)), None)
    return row.shows("所属镇办", found, TOWN_CODES[found]) if found else row


def towns(*names: str, hidden: str = "", far: int = 5, first: int = 1) -> list[Sheet]:
    """A sheet with two firms for each name; the lines of each begin further down."""
    titles = [[["工业复工日报"]] * (far * order) for order in range(len(names))]
    return [
        Sheet(
            INDUSTRY,
            [of_town(industry(first + 10 * order + n), name) for n in range(2)],
            name=name,
            titles=titles[order],
            is_hidden=name == hidden,
        )
        for order, name in enumerate(names)
    ]


@case("blocks/a_sheet_for_each_township.xlsx", "Three sheets, each with the firms of one township: they are one part.")
def _() -> Case:
    sheets = towns("峡窝镇", "矿山街道", "中心路街道")
    return dropped(by_openpyxl(*sheets), *sheets)


@case(
    "blocks/a_sheet_for_each_branch.xlsx",
    "Two sheets of branches; the second has its columns the other way round and a unit of its own.",
)
def _() -> Case:
    first = Sheet(TAX, documents([1, 2], 1), name="第一税务所", header=[in_yuan("元")])
    order = [*TAXES[:9], TAXES[10], TAXES[9], *TAXES[11:]]
    rows = [row.under(order) for row in documents([3, 4], 10_000) if isinstance(row, Row)]
    head = [[name.replace("(元)", "(万元)") for name in order]]
    second = Sheet(TAX, rows, name="第二税务所", titles=[["减免"], [], ["续"]], columns=order, header=head)
    return dropped(by_openpyxl(first, second), first, second)


@case("blocks/townships_and_a_summary.xlsx", "Two townships, and a sheet that may repeat them: asked back.")
def _() -> Case:
    sheets = towns("峡窝镇", "矿山街道", "全区汇总")
    others = [_without_form(sheet) for sheet in sheets[1:]]
    told = ("rejected", "several-sheets", "", "“峡窝镇”、“矿山街道”、“全区汇总”")
    return dropped(by_openpyxl(*sheets), sheets[0], *others, findings=[told])


@case("blocks/township_and_its_copy.xlsx", "A township and a sheet that is called its copy: asked back.")
def _() -> Case:
    sheets = towns("峡窝镇", "峡窝镇 (2)")
    told = ("rejected", "several-sheets", "", "“峡窝镇”、“峡窝镇 (2)”")
    return dropped(by_openpyxl(*sheets), sheets[0], _without_form(sheets[1]), findings=[told])


@case("blocks/hidden_township.xlsx", "Three townships, one of them hidden: asked back.")
def _() -> Case:
    sheets = towns("峡窝镇", "矿山街道", "中心路街道", hidden="中心路街道")
    told = [
        ("rejected", "several-sheets", "", "“峡窝镇”、“矿山街道”、“中心路街道”"),
        ("warning", "hidden-sheet", "", None),
    ]
    return dropped(by_openpyxl(*sheets), sheets[0], *map(_without_form, sheets[1:]), findings=told)


@case(
    "blocks/townships_with_the_same_firm.xlsx",
    "The same firm stands in the sheets of two townships: asked back, each cell named.",
)
def _() -> Case:
    first, second = towns("峡窝镇", "矿山街道")
    twice = industry(2).says("set_aside", "duplicate-key", "统一社会信用代码")
    first.rows = [of_town(industry(1), first.name), of_town(twice, first.name)]
    second.rows = [of_town(twice, second.name), of_town(industry(4), second.name)]
    return dropped(
        by_openpyxl(first, second), first, second, findings=[("rejected", "several-sheets", "", "“峡窝镇”、“矿山街道”")]
    )


def _without_form(sheet: Sheet) -> Sheet:
    """The same cells, as a sheet that is not read."""
    return Sheet(None, [Line(line) for line in sheet.grid()], name=sheet.name, is_hidden=sheet.is_hidden)


@case(
    "blocks/another_table_below.xlsx", "Below the projects stands the table of approvals, with a header of its own: asked back."
)
def _() -> Case:
    cells = dict(zip(PROJECT.columns, ("P1", "示例一期", "省", "新建", "是", Decimal("1.5"), None, "已复工"), strict=True))
    header = ["项目代码", "手续名称", "是否需办", "受理日", "办结日", "状态"]
    below = [Line([]), Line(header), Line(["P1", "施工许可", "是", "2020-03-02", None, "办理中"])]
    sheet = Sheet(PROJECT, [Row(PROJECT, cells, None), *below], name="项目")
    return dropped(by_openpyxl(sheet), sheet, findings=[("rejected", "table-below", "4", "联审联批手续")])


def period(text: str, second: Sequence[Row | Line], at: int, *, is_other: bool = True, **other: Any) -> Case:
    """Two firms, and a second part below a heading in line `at`."""
    sheet = Sheet(INDUSTRY, [industry(1), industry(2), Line(), line(0, text), *second])
    findings = [("rejected", "other-period", str(at), text)] if is_other else []
    return dropped(by_openpyxl(sheet), sheet, findings=findings, **other)


@case("blocks/last_month_below.xlsx", "A block headed 上月 below the same header once more: its rows are not of this day.")
def _() -> Case:
    return period("二、上月情况", [Line(ORDER), industry(3), industry(4)], 5)


@case("blocks/last_month_without_header.xlsx", "去年同期 between rows, without a header.")
def _() -> Case:
    return period("去年同期", [industry(3), industry(4)], 5)


@case("blocks/day_before_below.xlsx", "A block headed with the day before, below another header.")
def _() -> Case:
    return period("3月17日复工情况", block([3], SWAPPED), 5)


@case("blocks/month_so_far_below.xlsx", "A block headed 本月累计 in a report of one day.")
def _() -> Case:
    return period("本月累计", [Line(ORDER), industry(3)], 5)


@case("blocks/this_day_below.xlsx", "Headings that say this day, or a place, are headings.")
def _() -> Case:
    more = [Line(ORDER), industry(3), line(0, "三、中心路街道"), industry(4)]
    return period("二、本日(3月18日)", more, 5, is_other=False)


@case("blocks/last_month_with_days.xlsx", "A block headed 上月 whose rows say their own day: read by that.")
def _() -> Case:
    earlier = tax(3).shows("业务日期", date(2020, 2, 27))
    sheet = Sheet(TAX, [tax(1), Line(), line(0, "上月"), Line(list(TAX.columns)), earlier])
    return dropped(by_openpyxl(sheet), sheet)
