"""Totals whose line has a key: the year's, a firm's. Only their numbers tell them from data."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.corpus.building import (
    INSURANCE,
    LAND_PLAN,
    POSTS,
    Case,
    Form,
    Line,
    Row,
    Sheet,
    by_csv,
    by_openpyxl,
    case,
    code,
    dropped,
    insurance,
)

OTHER_SHEETS = [("warning", "missing-sheet", "", name) for name in ("供应地块", "合同履约节点")]
OTHER_SHEET = [("warning", "missing-sheet", "", "招聘期次")]


def planned(year: int, use: str, area: str, january: str) -> Row:
    """What is planned of one use in a year."""
    cells = {"年度": year, "用途": use, "计划面积(亩)": Decimal(area), "1月": Decimal(january)}
    means: dict[str, str | bool] = {"plan_year": str(year), "use": use, "plan_mu": area, "plan_mu_m01": january}
    return Row(LAND_PLAN, cells, means)


def line_of(form: Form, **cells: Any) -> Line:
    """A line by its headers."""
    return Line([cells.get(header) for header in form.columns])


def plan(*lines: Row | Line) -> Case:
    sheet = Sheet(LAND_PLAN, lines, name="计划")
    return dropped(by_openpyxl(sheet), sheet, findings=OTHER_SHEETS)


def of_year(year: Any, area: Any, january: Any, label: str = "合计") -> Line:
    return Line([year, label, area, january])


def doubtful(row: Row, header: str, label: str) -> Row:
    return row.aside(header, label, "doubtful-total")


TWO_YEARS = [
    planned(2020, "工业", "300", "100"), planned(2020, "住宅", "200", "50"),
    planned(2021, "工业", "400", "80"), planned(2021, "住宅", "100", "20"),
]  # fmt: skip


@case("line_kinds/total_of_each_year_below_it.xlsx", "2020 合计 and 2021 合计 stand below the lines of their years.")
def _() -> Case:
    return plan(*TWO_YEARS[:2], of_year(2020, 500, 150), *TWO_YEARS[2:], of_year(2021, 500, 100))


@case("line_kinds/total_of_each_year_above_it.xlsx", "2020 合计 and 2021 合计 stand above the lines of their years.")
def _() -> Case:
    return plan(of_year(2020, 500, 150), *TWO_YEARS[:2], of_year(2021, 500, 100), *TWO_YEARS[2:])


@case("line_kinds/total_that_adds_up_the_years.xlsx", "TOTAL in the column of codes; a program has added up the years, too.")
def _() -> Case:
    return plan(*TWO_YEARS[:2], of_year(4040, 500, 150, "TOTAL"))


@case("line_kinds/total_without_numbers.xlsx", "The line of the total has a year and its label, and no numbers.")
def _() -> Case:
    return plan(*TWO_YEARS[:2], of_year(2020, None, None, "总计"))


@case(
    "line_kinds/total_of_a_year_that_differs.xlsx", "2020 合计 says 550 where the lines of the year add up to 500: it goes back."
)
def _() -> Case:
    wrong = doubtful(planned(2020, "工业", "550", "150"), "用途", "合计")
    return plan(*TWO_YEARS[:2], wrong)


@case(
    "line_kinds/total_instead_of_the_uses.xlsx",
    "Of 2021 there is only the sum of all uses, which equals that of 2020: it is data.",
)
def _() -> Case:
    only = doubtful(planned(2021, "工业", "500", "150"), "用途", "合计")
    return plan(*TWO_YEARS[:2], only)


def insured(number: int, kind: str, code_of_kind: str, relief: int) -> Row:
    return insurance(number).shows("险种", kind, code_of_kind).shows("减免额", relief)


def relief(*lines: Row | Line) -> Case:
    sheet = Sheet(INSURANCE, lines)
    return dropped(by_csv(sheet), sheet, extension="csv")


@case(
    "line_kinds/total_of_each_firm.csv",
    "险种 says 小计 below the lines of each firm; rates and size of the firm stand on it, too.",
)
def _() -> Case:
    def own(number: int, amount: int) -> Line:
        sums = {"缴费人数": 100, "缴费基数合计(元)": 500000, "减免额(元)": amount}
        beside = {
            "费款所属月": "2020-02",
            "统一社会信用代码": code(4000 + number),
            "险种": "小计",
            "划型": "小型",
            "减免比例": "100%",
        }
        return line_of(INSURANCE, **sums, **beside)

    rows: Sequence[Row | Line] = [
        insured(1, "养老", "PEN", 40000), insured(1, "失业", "UNE", 1750), own(1, 41750),
        insured(2, "养老", "PEN", 40000), insured(2, "失业", "UNE", 1750), own(2, 41750),
    ]  # fmt: skip
    return relief(*rows)


@case(
    "line_kinds/firm_with_all_insurances_in_one_line.csv",
    "One firm reports all insurances together: its line is no total, and goes back.",
)
def _() -> Case:
    return relief(insured(1, "养老", "PEN", 40000), doubtful(insured(2, "养老", "PEN", 40000), "险种", "合计"))


def offered(number: int, post: str, posts: int) -> Row:
    cells = {"期号": "2020-5", "统一社会信用代码": code(number), "岗位名称": post, "岗位数": posts, "需求人数": posts}
    means: dict[str, str | bool] = {
        "issue_no": "2020-5",
        "uscc": code(number),
        "post": post,
        "posts": str(posts),
        "vacancies": str(posts),
    }
    return Row(POSTS, cells, means)


def posts(*lines: Row | Line) -> Case:
    sheet = Sheet(POSTS, lines, name="岗位")
    return dropped(by_openpyxl(sheet), sheet, findings=OTHER_SHEET)


@case("line_kinds/post_called_total.xlsx", "合计 below the posts of a firm is no post.")
def _() -> Case:
    return posts(offered(1, "焊工", 12), offered(1, "钳工", 8), Line(["2020-5", code(1), "合计", 20, 20]), offered(2, "焊工", 3))


@case(
    "line_kinds/post_called_total_that_differs.xlsx",
    "合计 in the column of posts is not the sum of the firm's posts: it goes back.",
)
def _() -> Case:
    return posts(offered(1, "焊工", 12), offered(1, "钳工", 8), doubtful(offered(1, "焊工", 30), "岗位名称", "合计"))
