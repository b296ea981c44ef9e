"""A cell that a sender leaves empty is not zero: the figure says beside its number how many lines do not give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from fugong.core.settings import PROJECT
from fugong.figures.definition import load_definitions
from fugong.figures.display import UNKNOWN
from fugong.figures.figure import Figure, figures
from fugong.figures.term import MartCells
from fugong.operations.build_marts import build_marts
from fugong.warehouse.connection import connect
from include.samples.fugong_samples import arrived
from tests.fixtures.inbox import Inbox

DAY = date(2020, 3, 18)


@dataclass(frozen=True)
class Blank:
    """Cells that a figure sums, and what is said where they are empty.

    Attributes:
        headers: how the headers begin, of the cell that is summed and of those that would tell it.
        counts: of a line, header → text, whether the figure counts it.
        unit: of the typed number, in the figure's.
        is_sum: the figure sums the cells; else it is the least of them.
    """

    department: str
    report: str
    sheet: str
    headers: tuple[str, ...]
    said: str
    counts: Callable[[Mapping[str, Any]], bool] = bool
    unit: Decimal = Decimal(1)
    is_sum: bool = True


def is_offered(line: Mapping[str, Any]) -> bool:
    """Whether the parcel was offered to everybody."""
    return line["供应方式"] in {"拍卖", "挂牌", "招标"} and line["公告日"].date() <= DAY


YI = Decimal(10**8)
FILES = {
    "S016": Blank(
        "CZJ",
        "奖补资金台账",
        "Sheet1",
        ("拨付金额",),
        "{} 笔有拨付日期而未填金额",
        lambda line: bool(line["拨付日期"]),
        is_sum=False,
    ),
    "S032": Blank("RSJ", "招聘用工台账", "岗位", ("意向人数", "签约人数", "到岗人数"), "{} 行未填意向人数"),
    "S034": Blank("ZRZY", "土地供应台账", "计划", ("计划面积",), "计划中有 {} 行未填面积"),
    "S037": Blank(
        "ZRZY",
        "土地供应台账",
        "地块",
        ("竞买保证金", "保证金比例"),
        "{} 宗公开出让的地块未填保证金",
        is_offered,
        is_sum=False,
    ),
    "S040": Blank(
        "CZJ", "奖补资金台账", "Sheet1", ("拨付金额",), "{} 笔有拨付日期而未填金额", lambda line: bool(line["拨付日期"])
    ),
    "S065": Blank("FGW", "重点项目台账", "项目", ("年度计划投资",), "{} 个项目未填年度计划投资", unit=YI),
    "S068": Blank(
        "FGW",
        "重点项目台账",
        "项目",
        ("年度计划投资",),
        "{} 个项目未填年度计划投资",
        lambda line: line["是否列入省市重点"] == "是",
        YI,
    ),
    "S073": Blank(
        "SWJ", "招商签约台账", "Sheet1", ("总投资",), "{} 个项目未填总投资", lambda line: line["协议类型"] == "正式合同", YI
    ),
}


def newest(department: str, report: str) -> tuple[str, bytes]:
    """The sample's last file of a report, up to the day."""
    found = [one for one in arrived(as_of=DAY, seed=1, scale=1) if one.department == department and report in one.name]
    return found[-1].name, found[-1].content()


def blanked(content: bytes, blank: Blank, most: int | None) -> tuple[bytes, int, Decimal]:
    """The file with the cells of a figure's lines empty, the first `most` of them; how many are, and the sum of what is left, as typed."""
    book = openpyxl.load_workbook(BytesIO(content))
    lines = list(book[blank.sheet].iter_rows())
    [header] = [
        line for line in lines if all(any(str(cell.value or "").startswith(one) for cell in line) for one in blank.headers)
    ]
    names = [str(cell.value or "") for cell in header]
    columns = [next(at for at, name in enumerate(names) if name.startswith(one)) for one in blank.headers]
    n, left = 0, Decimal(0)
    for line in lines[lines.index(header) + 1 :]:
        values = dict(zip(names, (cell.value for cell in line), strict=True))
        is_line = isinstance(line[columns[0]].value, int | float) and isinstance(line[0].value, int)
        if not is_line or not blank.counts(values):
            continue
        if most is None or n < most:
            for column in columns:
                line[column].value = None
            n += 1
        else:
            left += Decimal(str(line[columns[0]].value))
    out = BytesIO()
    book.save(out)
    return out.getvalue(), n, left * blank.unit


def evaluated(inbox: Inbox, of_figure: str, most: int | None) -> tuple[Figure, int, Decimal]:
    """A figure of a district whose only file has empty cells."""
    blank = FILES[of_figure]
    name, content = newest(blank.department, blank.report)
    content, n, left = blanked(content, blank, most)
    outcome = inbox.send(blank.department, name, content)
    assert inbox.state(outcome) in {"accepted", "partly_accepted"}
    build_marts(inbox.settings)
    with connect(inbox.settings) as connection:
        [found] = figures(connection, inbox.settings.include, DAY, ids=[of_figure])
        return found, n, left


@pytest.mark.parametrize("of_figure", FILES)
def test_lines_that_do_not_give_an_amount_are_named_beside_the_sum(inbox: Inbox, of_figure: str) -> None:
    found, n, left = evaluated(inbox, of_figure, 2)
    assert n == 2
    assert found.value is not None
    if FILES[of_figure].is_sum:
        assert found.value == left
    said = FILES[of_figure].said
    assert [one.zh for one in found.warnings if said.format(2) in one.zh]
    assert found.interval is not None
    assert not found.interval.is_closed  # not everything has come


@pytest.mark.parametrize("of_figure", FILES)
def test_where_every_line_gives_it_both_ends_are_the_same(inbox: Inbox, of_figure: str) -> None:
    found, n, _ = evaluated(inbox, of_figure, 0)
    assert n == 0
    assert not [one.zh for one in found.warnings if "未填" in one.zh]
    assert found.interval is not None
    assert found.interval.is_closed


@pytest.mark.parametrize("of_figure", FILES)
def test_where_no_line_gives_it_nothing_is_known(inbox: Inbox, of_figure: str) -> None:
    found, n, _ = evaluated(inbox, of_figure, None)
    assert n > 2
    assert found.value is None
    assert found.display == UNKNOWN


def test_no_progress_is_computed_against_a_plan_that_is_not_whole(inbox: Inbox) -> None:
    evaluated(inbox, "S065", 2)
    of_cells = inbox.rows("SELECT n_without_plan > 0, completion IS NULL FROM mart.project_daily WHERE as_of = %s", DAY)
    assert (True, True) in of_cells
    assert (True, False) not in of_cells
    assert (False, False) in of_cells


def test_a_refund_on_notice_that_does_not_give_its_amount_is_named(inbox: Inbox) -> None:
    name, content = newest("RSJ", "稳岗返还台账")
    blank = Blank("RSJ", "稳岗返还台账", "Sheet1", ("核定金额",), "", lambda line: line["状态"] == "公示")
    content, n, _ = blanked(content, blank, None)
    assert n > 0
    inbox.send("RSJ", name, content)
    build_marts(inbox.settings)
    with connect(inbox.settings) as connection:
        [paid, rate] = figures(connection, inbox.settings.include, DAY, ids=["S033", "S016R"])
    assert any(f"{n} 件已公示或拨付而未填核定金额" in one.zh for one in paid.warnings)
    assert any(f"{n} 件已公示或拨付而未填核定金额" in one.zh for one in rate.warnings)


@pytest.mark.parametrize("is_given", [True, False])
def test_arrears_that_no_account_gives_are_not_none(inbox: Inbox, *, is_given: bool) -> None:
    name, content = newest("GSGS", "供水日报(3月17日)")
    of_day = date(2020, 3, 17)
    book = openpyxl.load_workbook(BytesIO(content))
    lines = list(book["Sheet1"].iter_rows())
    [header] = [line for line in lines if any(cell.value == "欠费余额" for cell in line)]
    [at] = [at for at, cell in enumerate(header) if cell.value == "欠费余额"]
    for line in lines[lines.index(header) + 1 :]:
        if isinstance(line[0].value, int):
            balance: Any = line[at]
            balance.value = 0 if is_given else None
    out = BytesIO()
    book.save(out)
    inbox.send("GSGS", name, out.getvalue())
    build_marts(inbox.settings)
    [found] = inbox.rows(
        "SELECT n_accounts > 0, n_in_arrears, arrears, n_unknown = n_accounts FROM mart.utility_protection WHERE as_of = %s AND utility = 'water'",
        of_day,
    )
    assert found == ((True, 0, 0, False) if is_given else (True, None, None, True))
    with connect(inbox.settings) as connection:
        [figure] = figures(connection, inbox.settings.include, of_day, ids=["S044"])
    assert any("没有一户填欠费余额" in one.zh for one in figure.warnings) is not is_given


def test_what_started_projects_do_not_give_is_not_nothing_invested(inbox: Inbox) -> None:
    name, content = newest("FGW", "重点项目台账")
    blank = Blank("FGW", "重点项目台账", "项目", ("当年完成投资",), "", lambda line: line["开复工状态"] == "已复工")
    content, n, _ = blanked(content, blank, 3)
    assert n == 3
    inbox.send("FGW", name, content)
    build_marts(inbox.settings)
    of_cells = inbox.rows("SELECT n_without_invested > 0, completion IS NULL FROM mart.project_daily WHERE as_of = %s", DAY)
    assert (True, True) in of_cells
    assert (True, False) not in of_cells
    assert inbox.rows("SELECT sum(n_without_invested) FROM mart.project_daily WHERE as_of = %s", DAY) == [(3,)]


NOT_IN_THE_NUMBER = {
    ("S033", "n_without_approved"): "it sums what was paid",
    ("S040", "n_without_approved"): "it sums what was paid",
    ("S062", "n_without_owner"): "a problem without an owner counts as one",
}


def test_what_a_figure_says_is_blank_opens_its_interval() -> None:
    left = set()
    for one in load_definitions(PROJECT / "include").values():
        opening = {term.column for term in one.undetermined if isinstance(term, MartCells)}
        said = {condition.when.column for condition in one.conditions if isinstance(condition.when, MartCells)}
        left |= {(one.id, column) for column in said - opening if column.startswith("n_without_") and one.interval}
    assert left == set(NOT_IN_THE_NUMBER)
