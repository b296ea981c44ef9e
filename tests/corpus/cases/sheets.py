"""Several sheets under one table: parts with a column less, without their header, only numbered, with rows to mend."""

from __future__ import annotations

from decimal import Decimal

from tests.corpus.building import (
    INDUSTRY,
    PROJECT,
    TAX,
    Case,
    Line,
    Row,
    Sheet,
    by_openpyxl,
    by_xlsxwriter,
    by_xlwt,
    case,
    dropped,
    industry,
    tax,
)
from tests.corpus.cases.blocks import ORDER, TOWN_CODES, of_town, towns

NO_TOWNSHIP = [header for header in ORDER if header != "所属镇办"]
NO_REMARK = ORDER[:-1]


def numbered(*names: str) -> list[Sheet]:
    """A sheet with two documents for each name; the lines of each begin further down."""
    return [
        Sheet(TAX, [tax(10 * order + 1), tax(10 * order + 2)], name=name, titles=[["税费减免"]] * (5 * order))
        for order, name in enumerate(names)
    ]


@case("sheets/township_from_the_name.xlsx", "No sheet has the column 所属镇办; each is named after a township.")
def _() -> Case:
    sheets = towns("峡窝镇", "2.矿山街道", "济源路办事处")
    codes = ("410106100", "410106005", "410106001")
    told = []
    for sheet, code, name in zip(sheets, codes, ("峡窝镇", "矿山街道", "济源路街道"), strict=True):
        sheet.columns = NO_TOWNSHIP
        sheet.rows = [row.shows("所属镇办", None, code) for row in sheet.rows if not isinstance(row, Line)]
        told.append(("repaired", "from-sheet-name", "", None))
        assert TOWN_CODES[name] == code
    return dropped(by_openpyxl(*sheets), *sheets, findings=told)


@case("sheets/a_column_less.xlsx", "The second of three townships lacks the last column: all three are one part.")
def _() -> Case:
    sheets = towns("峡窝镇", "矿山街道", "中心路街道")
    sheets[1].columns = NO_REMARK
    return dropped(by_xlsxwriter(*sheets), *sheets)


@case("sheets/without_its_header.xlsx", "The sheet of one township has lost its header: the file goes back.")
def _() -> Case:
    sheets = towns("峡窝镇", "矿山街道", "中心路街道")
    bare = Sheet(None, [Line(line) for line in sheets[1].grid()[6:]], name="矿山街道")
    told = [("rejected", "sheet-without-header", "", "“矿山街道”")]
    return dropped(by_openpyxl(sheets[0], bare, sheets[2]), sheets[0], sheets[2], findings=told)


@case("sheets/numbered.xlsx", "Sheet1 to Sheet3 hold different documents: they are one part.")
def _() -> Case:
    sheets = numbered("Sheet1", "Sheet2", "Sheet3")
    return dropped(by_openpyxl(*sheets), *sheets)


@case("sheets/numbered_in_chinese.xls", "甲, 乙 and 丙 hold different documents: they are one part.")
def _() -> Case:
    sheets = numbered("甲", "乙", "丙")
    return dropped(by_xlwt(*sheets), *sheets, extension="xls")


@case("sheets/numbered_and_overlapping.xlsx", "Sheet1 and Sheet2 have a document in common: asked back.")
def _() -> Case:
    first, second = numbered("Sheet1", "Sheet2")
    twice = tax(2).says("set_aside", "duplicate-key", "凭证号")
    first.rows, second.rows = [tax(1), twice], [twice, tax(4)]
    return dropped(by_openpyxl(first, second), first, second, findings=[("rejected", "several-sheets", "", "“Sheet1”、“Sheet2”")])


@case(
    "sheets/faults_in_two_sheets.xlsx", "A row of each of two townships has to be mended: both come back, the others are taken."
)
def _() -> Case:
    sheets = towns("峡窝镇", "矿山街道")
    for sheet, number in zip(sheets, (5, 25), strict=True):
        sheet.rows = [*sheet.rows, of_town(industry(number), sheet.name).aside("到岗人数", "约90", "approximate-number")]
    return dropped(by_openpyxl(*sheets), *sheets)


@case(
    "sheets/another_township_in_a_cell.xlsx",
    "A firm on the sheet 峡窝镇 is said to lie in 矿山街道: the cell holds, and is told.",
)
def _() -> Case:
    [sheet] = towns("峡窝镇")
    sheet.rows = [*sheet.rows, industry(7).warned("所属镇办", "矿山街道", "sheet-name-differs", "410106005")]
    return dropped(by_openpyxl(sheet), sheet)


@case("sheets/an_empty_township.xlsx", "One township has only its header, and the others a column less: what they hold is read.")
def _() -> Case:
    empty = Sheet(INDUSTRY, [], name="峡窝镇")
    sheets = towns("矿山街道", "中心路街道")
    for sheet in sheets:
        sheet.columns = NO_REMARK
    return dropped(by_openpyxl(empty, *sheets), *sheets)


for _name, _says in (("Sheet2", "told"), ("修改", "asked back")):

    @case(
        f"sheets/copy_called_{'two' if _name == 'Sheet2' else 'modified'}.xlsx",
        f"Beside the sheet 项目 stands the same table with another value, on a sheet called {_name}: {_says}.",
    )
    def _(name: str = _name) -> Case:
        means: dict[str, str | bool] = {
            "project_code": "P1", "project_name": "示例一期", "level": "省", "phase": "新开工", "is_prov_city": True,
            "total_investment": "150000000", "status": "停工",
        }  # fmt: skip
        cells = dict(zip(PROJECT.columns, ("P1", "示例一期", "省", "新建", "是", Decimal("1.5"), None, "停工"), strict=True))
        ours = Sheet(PROJECT, [Row(PROJECT, cells, means)], name="项目")
        other = Sheet(
            None, [Line(list(PROJECT.columns)), Line(["P1", "示例一期", "省", "新建", "是", 7, None, "停工"])], name=name
        )
        code = "sheet-not-taken" if name == "Sheet2" else "several-sheets"
        shown = f"“{name}”" if name == "Sheet2" else f"“项目”、“{name}”"
        severity = "warning" if name == "Sheet2" else "rejected"
        return dropped(by_openpyxl(ours, other), ours, findings=[(severity, code, "", shown)])
