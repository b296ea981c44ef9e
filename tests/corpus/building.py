"""Files that look like what departments send, and the truth of each, from one description of what every line means."""

from __future__ import annotations

import csv
import html
import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
import xlwt
from openpyxl.utils import get_column_letter, range_boundaries

from include.samples.fugong_samples.district import credit_code
from tests.corpus.truth import Answer, Truth, canonical

SHANGHAI = timezone(timedelta(hours=8))
ARRIVED = datetime(2020, 3, 19, 9, tzinfo=SHANGHAI)
DAY = "2020-03-18"

Cell = str | int | float | Decimal | date | bool | None


@dataclass(frozen=True)
class Formula:
    """A formula with the result saved beside it (None: never calculated)."""

    text: str
    result: Cell = None


@dataclass(frozen=True)
class Form:
    """A report's table as a department lays it out: header → the contract's column; no column: a counter or what is extra."""

    report: str
    table: str
    department: str
    columns: Mapping[str, str]

    def header_of(self, name: str) -> str:
        """A header by its beginning: the unit in brackets may be left out."""
        return next(header for header in self.columns if header == name or header.partition("(")[0] == name)


@dataclass(frozen=True)
class Row:
    """A line of data: what its cells show, and what they mean (None: the line goes back)."""

    form: Form
    cells: Mapping[str, Any]
    means: Mapping[str, str | bool] | None
    findings: Sequence[tuple[str, str, str, str | None]] = ()
    """Severity, code, header ("" for the whole line), value."""
    order: Sequence[str | None] = ()
    """Headers in the order of the line's own block (None: an empty column); those of the sheet if empty."""

    def under(self, order: Sequence[str | None]) -> Row:
        """The same line below a later header."""
        return replace(self, order=order)

    def shows(self, header: str, shown: Any, means: Any = "as shown") -> Row:
        """The same line with another cell. `means` is what the cell says, None for nothing."""
        header = self.form.header_of(header)
        row = replace(self, cells={**self.cells, header: shown})
        name = self.form.columns[header]
        if self.means is None or not name:
            return row
        meaning = {key: value for key, value in self.means.items() if key != name}
        value = shown if means == "as shown" else means
        if value not in (None, ""):
            meaning[name] = canonical(value)
        return replace(row, means=meaning)

    def says(self, severity: str, code: str, header: str, value: str | None = None) -> Row:
        """The same line with something to be said about a cell."""
        header = self.form.header_of(header)
        value = value if value is not None else self._text(header)
        row = replace(self, findings=(*self.findings, (severity, code, header, value)))
        return replace(row, means=None) if severity == "set_aside" else row

    def moved(self, code: str, reads: str) -> Row:
        """The same line as a record whose cells are moved, and what it reads."""
        return replace(self, means=None, findings=(("set_aside", code, "", reads),))

    def _text(self, header: str) -> str | None:
        shown = self.cells[header]
        return None if shown in (None, "") or isinstance(shown, Formula) else as_text(shown)

    def repaired(self, header: str, shown: Any, means: Any, code: str = "number-repaired") -> Row:
        """A cell that was mended, and what it means."""
        return self.shows(header, shown, means).says("repaired", code, header)

    def aside(self, header: str, shown: Any, code: str) -> Row:
        """A cell for which the line goes back."""
        return self.shows(header, shown, None).says("set_aside", code, header)

    def warned(self, header: str, shown: Any, code: str, means: Any = "as shown") -> Row:
        """A cell that is told and taken."""
        return self.shows(header, shown, means).says("warning", code, header)


@dataclass(frozen=True)
class Line:
    """A line that is not data: total, note, blank, or a header once more. Findings: severity, code, column (0-based), value."""

    cells: Sequence[Any] = ()
    findings: Sequence[tuple[str, str, int, str | None]] = ()


@dataclass
class Sheet:
    """One sheet with the table, or (`form` None) with lines that belong to no table."""

    form: Form | None
    rows: Sequence[Row | Line]
    name: str = "Sheet1"
    titles: Sequence[Sequence[Any]] = ()
    columns: Sequence[str] = ()
    """Headers of the form, in the order of the sheet; all of them if empty."""
    header: Sequence[Sequence[Any]] = ()
    """Header lines as shown; one line with the headers if empty."""
    left: int = 0
    merged: Sequence[str] = ()
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    is_hidden: bool = False
    beside: Mapping[int, tuple[int, Sequence[Any]]] = field(default_factory=dict[int, tuple[int, Sequence[Any]]])
    """Line (1-based) → column (0-based) and cells of what stands to the right."""

    @property
    def order(self) -> list[str]:
        """Headers in the order of the sheet."""
        assert self.form
        return list(self.columns or self.form.columns)

    @property
    def first_line(self) -> int:
        """The line of the first row, 1-based."""
        return len(self.titles) + (len(self.header) or 1) + 1 if self.form else 1

    def grid(self) -> list[list[Any]]:
        """The cells, line by line."""
        lines: list[list[Any]] = [list(title) for title in self.titles]
        if self.form:
            lines += [list(line) for line in self.header] or [list(self.order)]
        for row in self.rows:
            own = row.order or self.order if isinstance(row, Row) else ()
            lines.append([row.cells.get(header or "") for header in own] if isinstance(row, Row) else list(row.cells))
        lines = [[None] * self.left + line if line else line for line in lines]
        for number, (column, cells) in self.beside.items():
            while len(lines) < number:
                lines.append([])
            line = lines[number - 1]
            line += [None] * (column - len(line))
            line[column : column + len(cells)] = cells
        return lines


@dataclass
class Made:
    """How the bytes come about, and the program that writes them."""

    write: Callable[[], bytes]
    by: str


@dataclass
class Case:
    """A file and its meaning.

    Attributes:
        findings: of the whole file: severity, code, place, value.
        rejects: nothing of it is loaded; its data lines count as set aside where it could be read.
        is_readable: whether lines can be counted.
    """

    made: Made
    sheets: Sequence[Sheet]
    file_name: str
    department: str = "TAX"
    report: str | None = "R04"
    report_date: str | None = DAY
    findings: Sequence[tuple[str, str, str, str | None]] = ()
    is_readable: bool = True
    received_at: datetime = ARRIVED

    def truth(self, path: str, says: str) -> Truth:
        """What a reader has to answer."""
        found: list[tuple[str, str, str, str | None]] = list(self.findings)
        rows: dict[str, dict[int, Mapping[str, str | bool]]] = {}
        counts = {"read": 0, "accepted": 0, "set_aside": 0, "not_data": 0}
        for sheet in self.sheets if self.is_readable else ():
            if sheet.form is None:
                continue
            last = max((i for i, line in enumerate(sheet.grid(), 1) if any(c not in (None, "") for c in line)), default=0)
            counts["read"] += max(0, last - sheet.first_line + 1)
            for number, row in enumerate(sheet.rows, sheet.first_line):
                if isinstance(row, Line):
                    counts["not_data"] += number <= last
                    found += [
                        (severity, code, f"{get_column_letter(sheet.left + at + 1)}{number}" if at >= 0 else str(number), value)
                        for severity, code, at, value in row.findings
                    ]
                    continue
                counts["accepted" if row.means is not None else "set_aside"] += 1
                if row.means is not None:
                    rows.setdefault(sheet.form.table, {})[number] = row.means
                for severity, code, header, value in row.findings:
                    letters = get_column_letter(sheet.left + list(row.order or sheet.order).index(header) + 1) if header else ""
                    found.append((severity, code, f"{letters}{number}", value))
        severities = {severity for severity, *_ in found}
        outcome = "rejected" if "rejected" in severities else "partly_accepted" if counts["set_aside"] else "accepted"
        if outcome == "rejected":
            counts["set_aside"] += counts["accepted"]
            counts["accepted"], rows = 0, {}
        answer = Answer(outcome, self.report, self.report_date, counts, rows, found)
        return Truth(path, says, self.made.by, self.department, self.file_name, self.received_at, answer)


CASES: dict[str, tuple[str, Callable[[], Case]]] = {}
"""Path → what is odd about it, and how it is made."""


def case(path: str, says: str) -> Callable[[Callable[[], Case]], Callable[[], Case]]:
    """Register a file of the corpus."""

    def register(make: Callable[[], Case]) -> Callable[[], Case]:
        assert path not in CASES, path
        CASES[path] = (says, make)
        return make

    return register


# --- what is reported: invented firms, codes that nobody has ------------------------------------------------------

TAX = Form(
    "R04",
    "tax_relief",
    "TAX",
    {
        "序号": "", "凭证号": "doc_id", "统一社会信用代码": "uscc", "所属期起": "period_from", "所属期止": "period_to", "征收项目": "levy_item",
        "优惠类型": "relief_kind", "减免性质代码": "relief_code", "政策文号": "doc_no", "计税依据(元)": "base_amount", "减免税额(元)": "amt_relief",
        "政策年度": "policy_vintage", "业务日期": "post_date", "冲销凭证号": "reverses_id",
    },
)  # fmt: skip
INDUSTRY = Form(
    "R01",
    "industry_resumption",
    "GXJ",
    {
        "序号": "", "企业名称": "name", "统一社会信用代码": "uscc", "所属镇办": "township_code", "是否纳入应复工": "should_resume",
        "不纳入原因": "exempt_code", "是否复工": "resumed", "复工日期": "resume_date", "正常用工人数": "normal_headcount", "到岗人数": "on_post",
        "当日产值(万元)": "output_value", "产能恢复率(%)": "capacity_rate", "未复工原因": "stop_reason", "备注": "remark",
    },
)  # fmt: skip
LOAN = Form(
    "R12",
    "loan",
    "JRB",
    {
        "序号": "", "放款编号": "loan_id", "统一社会信用代码": "uscc", "银行": "bank_code", "品种": "product", "合同金额": "contract_amount",
        "放款日期": "disbursed_date", "放款金额": "disbursed", "年利率": "annual_rate", "到期日": "maturity_date", "业务性质": "nature",
        "是否贴息": "is_subsidised", "余额": "balance",
    },
)  # fmt: skip
POWER_DAILY = Form(
    "R10", "power_daily", "GDGS", {"户号": "account_no", "统一社会信用代码": "uscc", "日用电量(千瓦时)": "kwh_day"}
)
POWER_BILL = Form(
    "R10",
    "power_bill",
    "GDGS",
    {
        "户号": "account_no", "账单号": "bill_no", "统一社会信用代码": "uscc", "用户类别": "user_class", "抄表起日": "read_from", "抄表止日": "read_to",
        "用量": "quantity", "原单价": "price_before", "执行单价": "price_after", "原应收": "bill_before", "实收应收": "bill_after",
        "减免金额": "relief_claimed", "是否停供": "cut_off",
    },
)  # fmt: skip
PROJECT = Form(
    "R15",
    "project",
    "FGW",
    {
        "项目代码": "project_code", "项目名称": "project_name", "级别": "level", "建设性质": "phase", "是否列入省市重点": "is_prov_city",
        "总投资(亿元)": "total_investment", "年度计划投资": "year_plan", "开复工状态": "status",
    },
)  # fmt: skip
APPROVAL = Form(
    "R15",
    "approval_item",
    "ZWJ",
    {"项目代码": "project_code", "手续名称": "procedure", "是否需办": "is_required", "受理日": "accepted_date", "状态": "status"},
)
LAND_PLAN = Form(
    "R11", "land_plan", "ZRZY", {"年度": "plan_year", "用途": "use", "计划面积(亩)": "plan_mu", "1月": "plan_mu_m01"}
)
POSTS = Form(
    "R07",
    "recruitment_post",
    "RSJ",
    {"期号": "issue_no", "统一社会信用代码": "uscc", "岗位名称": "post", "岗位数": "posts", "需求人数": "vacancies"},
)
INSURANCE = Form(
    "R05",
    "social_insurance_relief",
    "RSJ",
    {
        "费款所属月": "premium_month", "统一社会信用代码": "uscc", "险种": "insurance", "缴费人数": "insured", "缴费基数合计(元)": "wage_base",
        "单位费率": "employer_rate", "划型": "size_class", "减免比例": "relief_share", "减免额(元)": "relief",
    },
)  # fmt: skip


def code(number: int) -> str:
    """A credit code that no firm has."""
    return credit_code("91410106", number)


def tax(number: int, *, amount: str = "1000", **cells: Any) -> Row:
    """A good document; `cells` show (and mean) something else."""
    row = Row(
        TAX,
        {
            "序号": number, "凭证号": f"D{number:05d}", "统一社会信用代码": code(number), "所属期起": date(2020, 2, 1), "所属期止": date(2020, 2, 29),
            "征收项目": "增值税", "优惠类型": "减", "减免性质代码": "0001", "政策文号": "财税〔2020〕13号", "计税依据(元)": Decimal(100000),
            "减免税额(元)": Decimal(amount), "政策年度": "2020新出台", "业务日期": date(2020, 3, 17),
        },
        {
            "doc_id": f"D{number:05d}", "uscc": code(number), "period_from": "2020-02-01", "period_to": "2020-02-29", "levy_item": "增值税",
            "relief_kind": "REDUCE", "relief_code": "0001", "doc_no": "财税〔2020〕13号", "base_amount": "100000",
            "amt_relief": canonical(Decimal(amount)), "policy_vintage": "2020新出台", "post_date": "2020-03-17",
        },
    )  # fmt: skip
    for header, shown in cells.items():
        row = row.shows(header, shown)
    return row


def taxes(n: int, first: int = 1) -> list[Row | Line]:
    """So many good documents."""
    return [tax(number, amount=f"{number}00.5") for number in range(first, first + n)]


def industry(number: int, *, resumed: bool = True) -> Row:
    """A good line of the daily report of industrial firms."""
    on_post = 80 + number if resumed else 0
    cells: dict[str, Any] = {
        "序号": number, "企业名称": f"示例企业{number}有限公司", "统一社会信用代码": code(1000 + number), "所属镇办": "中心路街道", "是否纳入应复工": "是",
        "是否复工": "是" if resumed else "否", "正常用工人数": 100, "到岗人数": on_post,
    }  # fmt: skip
    means: dict[str, str | bool] = {
        "name": f"示例企业{number}有限公司", "uscc": code(1000 + number), "township_code": "410106002", "should_resume": True,
        "resumed": resumed, "normal_headcount": "100", "on_post": str(on_post),
    }  # fmt: skip
    row = Row(INDUSTRY, cells, means)
    if resumed:
        return row.shows("复工日期", date(2020, 2, 10))
    return row.shows("未复工原因", "缺工", "缺工")


def loan(number: int) -> Row:
    """A good disbursement."""
    return Row(
        LOAN,
        {
            "序号": number, "放款编号": f"L{number:04d}", "统一社会信用代码": code(2000 + number), "银行": "示例银行上街支行", "品种": "流动资金",
            "合同金额": Decimal(6000000), "放款日期": date(2020, 3, 17), "放款金额": Decimal(5000000), "年利率": "4.35%",
            "到期日": date(2021, 3, 16), "业务性质": "新增", "是否贴息": "否", "余额": Decimal(5000000),
        },
        {
            "loan_id": f"L{number:04d}", "uscc": code(2000 + number), "bank_code": "示例银行上街支行", "product": "流动资金",
            "contract_amount": "6000000", "disbursed_date": "2020-03-17", "disbursed": "5000000", "annual_rate": "0.0435",
            "maturity_date": "2021-03-16", "nature": "新增", "is_subsidised": False, "balance": "5000000",
        },
    )  # fmt: skip


def insurance(number: int) -> Row:
    """A good line of relief of social insurance."""
    return Row(
        INSURANCE,
        {
            "费款所属月": "2020-02", "统一社会信用代码": code(4000 + number), "险种": "养老", "缴费人数": 50, "缴费基数合计(元)": 250000,
            "单位费率": "16%", "划型": "小型", "减免比例": "100%", "减免额(元)": 40000,
        },
        {
            "premium_month": "2020-02", "uscc": code(4000 + number), "insurance": "PEN", "insured": "50", "wage_base": "250000",
            "employer_rate": "0.16", "size_class": "S", "relief_share": "1", "relief": "40000",
        },
    )  # fmt: skip


def total(form: Form, label: str = "合计", findings: Sequence[tuple[str, str, int, str | None]] = (), **sums: Any) -> Line:
    """A total line: its label in the first column, sums under their headers."""
    order = list(form.columns)
    cells: list[Any] = [None] * len(order)
    cells[0] = label
    for header, value in sums.items():
        cells[order.index(form.header_of(header))] = value
    return Line(cells, findings)


def dropped(made: Made, *sheets: Sheet, **other: Any) -> Case:
    """A case whose report and department are those of its first table; the name is the canonical one unless given."""
    form = next(sheet.form for sheet in sheets if sheet.form)
    extension = other.pop("extension", "xlsx")
    given: dict[str, Any] = {
        "file_name": f"{DAY.replace('-', '')}_{form.report}_{form.department}_V1.{extension}",
        "department": form.department,
        "report": form.report,
    }
    return Case(made, sheets, **(given | other))


def bounds(merged: str) -> tuple[int, int, int, int]:
    """First row, first column, last row, last column of a range such as A1:C2; 1-based."""
    left, top, right, bottom = range_boundaries(merged)
    assert left and top and right and bottom
    return top, left, bottom, right


def covered(merged: Sequence[str]) -> set[tuple[int, int]]:
    """The cells of merged ranges but for the first of each."""
    cells: set[tuple[int, int]] = set()
    for top, left, bottom, right in map(bounds, merged):
        cells |= {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)} - {(top, left)}
    return cells


# --- the programs that write ----------------------------------------------------------------------------------------


def as_text(value: Any) -> str:
    """A cell as a text file shows it."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case date():
            return value.isoformat()
        case Decimal() | int():
            return str(canonical(value))
        case Formula():
            return as_text(value.result)
        case _:
            return str(value)


def by_openpyxl(
    *sheets: Sheet, change: Callable[[openpyxl.Workbook], object] | None = None, form: Mapping[str, str] | None = None
) -> Made:
    """A workbook of openpyxl. `form`: number formats by header."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        made = book.create_sheet(sheet.name)
        for at, line in enumerate(sheet.grid(), 1):
            for column, value in enumerate(line, 1):
                if value is None:
                    continue
                cell = made.cell(at, column)
                cell.value = value.text if isinstance(value, Formula) else float(value) if isinstance(value, Decimal) else value
                if isinstance(value, date):
                    cell.number_format = "yyyy-mm-dd"
                elif isinstance(value, str):
                    cell.data_type = "s"
        for merged in sheet.merged:
            made.merge_cells(merged)
        for row in sheet.hidden_rows:
            made.row_dimensions[row].hidden = True
        for column in sheet.hidden_columns:
            made.column_dimensions[get_column_letter(column + 1)].hidden = True
        if sheet.is_hidden:
            made.sheet_state = "hidden"
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return Made(out.getvalue, f"openpyxl {version('openpyxl')}")


def by_xlsxwriter(
    *sheets: Sheet, change: Callable[[xlsxwriter.Workbook], object] | None = None, options: Mapping[str, Any] | None = None
) -> Made:
    """A workbook of xlsxwriter."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, **(options or {})}
    )
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for sheet in sheets:
        made = book.add_worksheet(sheet.name)
        grid = sheet.grid()
        hidden = covered(sheet.merged)
        for merged in sheet.merged:
            top, left, _, _ = bounds(merged)
            made.merge_range(merged, grid[top - 1][left - 1])
        for at, line in enumerate(grid):
            for column, value in enumerate(line):
                if value is None or (at + 1, column + 1) in hidden:
                    continue
                match value:
                    case Formula():
                        made.write_formula(at, column, value.text, None, "" if value.result is None else as_number(value.result))
                    case bool():
                        made.write_boolean(at, column, value)
                    case date():
                        made.write_datetime(at, column, datetime(value.year, value.month, value.day), day)
                    case int() | float() | Decimal():
                        made.write_number(at, column, float(value))
                    case _:
                        made.write_string(at, column, value)
        for row in sheet.hidden_rows:
            made.set_row(row - 1, None, None, {"hidden": True})
        for column in sheet.hidden_columns:
            made.set_column(column, column, None, None, {"hidden": True})
        if sheet.is_hidden:
            made.hide()
    if change:
        change(book)
    book.close()
    return Made(out.getvalue, f"xlsxwriter {version('xlsxwriter')}")


def as_number(value: Any) -> Any:
    """A number as the programs want it."""
    return float(value) if isinstance(value, Decimal) else value


def by_xlwt(*sheets: Sheet, change: Callable[[xlwt.Workbook], object] | None = None) -> Made:
    """An Excel 97 workbook of xlwt. It refuses to write a cell again unless `change` is given."""
    book = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for sheet in sheets:
        made = book.add_sheet(sheet.name, cell_overwrite_ok=change is not None)
        merged = {(one[0], one[1]): one for one in map(bounds, sheet.merged)}
        hidden = covered(sheet.merged)
        for at, line in enumerate(sheet.grid(), 1):
            for column, value in enumerate(line, 1):
                if (at, column) in merged:
                    top, left, bottom, right = merged[at, column]
                    made.write_merge(top - 1, bottom - 1, left - 1, right - 1, as_number(value))
                elif value is not None and (at, column) not in hidden:
                    if isinstance(value, date):
                        made.write(at - 1, column - 1, value, day)
                    else:
                        made.write(at - 1, column - 1, as_number(value))
        for row in sheet.hidden_rows:
            made.row(row - 1).hidden = True
        for column in sheet.hidden_columns:
            made.col(column).hidden = True
        if sheet.is_hidden:
            made.visibility = 1
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return Made(out.getvalue, f"xlwt {version('xlwt')}")


def by_hand(content: bytes) -> Made:
    """Bytes as they are."""
    return Made(lambda: content, "hand")


def text_of(*sheets: Sheet, delimiter: str = ",", end: str = "\r\n", quoting: Any = csv.QUOTE_MINIMAL, pad: bool = True) -> str:
    """The lines of a sheet as delimited text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    for sheet in sheets:
        grid = sheet.grid()
        width = max(map(len, grid)) if pad else 0
        writer.writerows([*map(as_text, line), *[""] * (width - len(line))] for line in grid)
    return out.getvalue()


def by_csv(*sheets: Sheet, encoding: str = "utf-8-sig", **how: Any) -> Made:
    """Delimited text of Python's csv module."""
    return Made(lambda: text_of(*sheets, **how).encode(encoding), "Python csv")


def by_html(*sheets: Sheet, encoding: str = "gb18030", charset: str = "gb2312") -> Made:
    """A web page with a table, as old systems write for Excel."""

    def lines(sheet: Sheet) -> Iterator[str]:
        spans = {(one[0], one[1]): one for one in map(bounds, sheet.merged)}
        hidden = covered(sheet.merged)
        grid = sheet.grid()
        width = max(map(len, grid))
        for at, line in enumerate(grid, 1):
            cells = ""
            for column in range(1, width + 1):
                if (at, column) in hidden:
                    continue
                span = ""
                if (at, column) in spans:
                    top, left, bottom, right = spans[at, column]
                    span = f' colspan="{right - left + 1}" rowspan="{bottom - top + 1}"'
                value = line[column - 1] if column <= len(line) else None
                cells += f"<td{span}>{html.escape(as_text(value)) or '&nbsp;'}</td>"
            yield f"<tr>{cells}</tr>\n"

    tables = "".join(f"<table border=1>\n{''.join(lines(sheet))}</table>\n" for sheet in sheets)
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"></head><body>\n{tables}</body></html>'
    return Made(lambda: page.encode(encoding), "hand")


@cache
def _libreoffice() -> str:
    """Its version; empty where it is not installed."""
    if shutil.which("soffice") is None:
        return ""
    return subprocess.run(["soffice", "--version"], check=True, capture_output=True, text=True).stdout.split()[1]


def by_libreoffice(made: Made, to: str, extension: str = "xlsx") -> Made:
    """What LibreOffice makes of a file when it is opened and saved as another kind, such as `xls` or `csv:Text…`."""

    def write() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / f"book.{extension}"
            source.write_bytes(made.write())
            out = Path(folder) / "out"
            command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", to, "--outdir"]
            subprocess.run([*command, str(out), str(source)], check=True, capture_output=True, timeout=120)
            [found] = out.iterdir()
            return found.read_bytes()

    return Made(write, f"LibreOffice {_libreoffice()} from {made.by}")
