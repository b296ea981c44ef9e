"""Workbooks as departments spoil them, from bytes to typed rows: layouts and values together."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Severity
from fugong.intake.evaluate import Evaluation, evaluate
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from tests.fixtures.inbox import INDUSTRY_HEADER, TAX_HEADER, as_csv, as_xlsx, code, industry_row, tax_row

Row = Sequence[object]


@pytest.fixture(scope="module")
def context(reader: Reader) -> IntakeContext:
    return IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)


@dataclass
class Found:
    evaluation: Evaluation
    rows: list[dict[str, Any]]

    @property
    def codes(self) -> set[tuple[str | None, str]]:
        """Cell and code of every finding."""
        return {(item.cell, item.code) for item in self.evaluation.findings.findings}

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]


@pytest.fixture
def judged(context: IntakeContext, tmp_path: Path) -> Callable[..., Found]:
    def judged(content: bytes, name: str, department: str) -> Found:
        path, work = tmp_path / "file", tmp_path / "work"
        path.write_bytes(content)
        work.mkdir()
        arrived = datetime(2020, 3, 19, 9, tzinfo=SHANGHAI)
        found = evaluate(context, path, file_name=name, department=department, received_at=arrived, work=work)
        rows: list[dict[str, Any]] = []
        for part in found.parts:
            with pa.OSFile(str(part.interpreted.rows), "rb") as source, pa.ipc.open_stream(source) as reader:
                rows += reader.read_all().to_pylist()
        return Found(found, rows)

    return judged


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_of(book: openpyxl.Workbook) -> Worksheet:
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return sheet


def ugly_industry_report() -> bytes:
    """Everything at once that layouts have: see the test."""
    book = openpyxl.Workbook()
    first = sheet_of(book)
    first.title = "填报说明"
    first["A1"] = "请各单位按时报送。"
    sheet = book.create_sheet("Sheet2")
    lines: list[Row] = [
        ["上街区规上工业企业复工复产日报表"],
        ["填报单位:区工业和信息化局", None, None, None, None, None, "统计日期:2020年3月18日"],
        [],
        [
            "序号",
            "所属\n镇办",
            "企业 名称",
            "统一社会信用代马",
            "复工情况",
            None,
            None,
            "人员情况(人)",
            None,
            "当日产值(亿元)",
            None,
            "镇办",
            "企业数",
        ],
        [None, None, None, None, "是否纳入应复工(是/否)", "是否复工", "复工日期", "应到岗", "到岗", None, None, None, None],
        [None, "合  计", None, None, None, None, None, 300, 270, "0.0023", None, "中心路街道", 2],
        ["一、中心路街道"],
        [
            1,
            "中心路街道",
            "甲\u200b公司(停产)",
            code(1).lower(),
            "是",
            "√",
            "2月10日",
            "100",
            "90人",
            "0.001",
            None,
            "工业路街道",
            "约1",
        ],
        [2, None, "乙公司", code(2), "同上", "同上", 43872, 100, "８０", "100,000元", None, "合计", 3],
        [None, "小 计", None, None, None, None, None, 200, 170, "0.002", None, None, None],
        [],
        ["二、工业路街道"],
        [3, "工业路街道", "丙公司", code(3), "是", "是", "2020年2月11号", 100, 100, 0.0003, None, None, None],
        [None, "小计", None, None, None, None, None, 100, 101, 0.0003, None, None, None],
        ["注:产值为快报数。"],
        ["填表人:", "某某", None, "审核人:", "某某", None, "联系人:", "某某"],
    ]
    for line in lines:
        sheet.append(list(line))
    for merged in (
        "A1:J1",
        "A2:F2",
        "A4:A5",
        "B4:B5",
        "C4:C5",
        "D4:D5",
        "E4:G4",
        "H4:I4",
        "J4:J5",
        "A7:J7",
        "B8:B9",
        "A12:J12",
        "A15:J15",
    ):
        sheet.merge_cells(merged)
    sheet.row_dimensions[13].hidden = True
    return saved(book)


def test_a_workbook_with_every_layout_at_once(judged: Callable[..., Found]) -> None:
    found = judged(ugly_industry_report(), "R01 工业企业.xlsx", "GXJ")
    assert found.evaluation.report_date == date(2020, 3, 18)
    assert found.column("row_number") == [9, 13]
    assert found.column("uscc") == [code(2), code(3)]
    assert found.column("name") == ["乙公司", "丙公司"]
    assert found.column("township_code") == ["410106002", "410106004"]
    assert found.column("resume_date") == [date(2020, 2, 11), date(2020, 2, 11)]
    assert found.column("normal_headcount") == [100, 100]
    assert found.column("on_post") == [80, 100]
    assert found.column("output_value") == [Decimal("100000.00"), Decimal("30000.00")]
    assert found.codes == {
        ("D5", "header-repaired"),
        ("L4", "beside-the-table"),
        (None, "hidden-rows"),
        ("C8", "unseen-characters"),
        ("D8", "uscc-repaired"),
        ("G8", "date-repaired"),
        ("I8", "not-a-number"),
        ("E9", "as-above-filled"),
        ("F9", "as-above-filled"),
        ("G9", "date-repaired"),
        ("I9", "number-repaired"),
        ("J9", "number-repaired"),
        ("I6", "control-total"),
        ("I10", "control-subtotal"),
        ("I14", "control-subtotal"),
    }
    assert (found.evaluation.rows_read, found.evaluation.n_data) == (11, 3)
    [table] = found.evaluation.tables()
    assert table == {
        "table": "industry_resumption",
        "sheet": "Sheet2",
        "header_lines": [4, 5],
        "columns": ["A", "J"],
        "n_columns": 9,
        "n_contract_columns": 15,
        "aliases": {"应到岗": "正常用工人数", "到岗": "到岗人数"},
        "near_misses": {"统一社会信用代马": {"column": "统一社会信用代码", "confidence": 0.88}},
        "units": {"正常用工人数": "人", "到岗人数": "人", "当日产值": "亿元"},
        "units_declared_in": {"正常用工人数": "H4", "到岗人数": "I4", "当日产值": "J4"},
        "total_lines": [6, 10, 14],
        "n_note_lines": 4,
        "filled_down": ["所属镇办"],
        "beside": ["L", "M"],
        "other_sheets": [],
        "from_sheet_name": {},
    }


TITLE = "区税务局税费减免退日报 2020年3月18日"


@pytest.mark.parametrize(
    ("header", "title", "cell", "amount"),
    [
        ("减免税额(元)", TITLE, "1000", "1000.00"),
        ("减免税额(万元)", TITLE, "0.1", "1000.00"),
        ("减免税额(万元)", TITLE, "1000元", "1000.00"),
        ("减免税额", f"{TITLE} 单位:万元", "0.1", "1000.00"),
        ("减免税额", f"{TITLE} 金额单位:亿元", "0.00001", "1000.00"),
        ("减免税额", f"{TITLE}(万元)", "0.1", "1000.00"),
        ("减免税额", TITLE, "0.1万元", "1000.00"),
        ("减免税额", TITLE, "0.00001亿元", "1000.00"),
        ("减免税额(元)", f"{TITLE} 单位:万元", "1000", "1000.00"),
        ("减免税额万元", TITLE, "0.1", "1000.00"),
    ],
)
def test_money_is_in_yuan_wherever_its_unit_stands(
    judged: Callable[..., Found], header: str, title: str, cell: str, amount: str
) -> None:
    headers = [header if name == "减免税额(元)" else name for name in TAX_HEADER]
    headers[8] = "计税依据(元)"
    found = judged(as_xlsx(headers, [tax_row(1, cell)], [title]), "R04.xlsx", "TAX")
    assert found.column("amt_relief") == [Decimal(amount)]
    assert found.column("base_amount") == [Decimal("100000.00")]


@pytest.mark.parametrize(
    ("header", "cell"), [("原单价", 4.1), ("原单价(元)", 4.1), ("原单价(元/立方米)", 4.1), ("原单价", "4.1元")]
)
def test_the_unit_of_a_title_is_that_of_amounts_not_of_prices(judged: Callable[..., Found], header: str, cell: object) -> None:
    headers = "户号 账单号 统一社会信用代码 用户类别 抄表起日 抄表止日 用量 执行单价 原应收 实收应收 减免金额 是否停供".split()
    bill = ["0012345", "B1", code(1), "工商业", "2020-02-10", "2020-03-10", 1000, 4.0, 0.41, 0.4, 0.01, "否"]
    found = judged(as_xlsx([*headers, header], [[*bill, cell]], ["供水账单 2020年3月18日 金额单位:万元"]), "R08.xlsx", "GSGS")
    assert found.column("price_before") == [Decimal("4.1")]
    assert found.column("price_after") == [Decimal("4")]
    assert found.column("bill_before") == [Decimal("4100")]


@pytest.mark.parametrize(
    ("column", "cell", "value", "told"),
    [
        ("减免税额(元)", 1379.88, Decimal("1379.88"), None),
        ("减免税额(元)", "1379.88", Decimal("1379.88"), None),
        ("减免税额(元)", "１，３７９．８８", Decimal("1379.88"), "number-repaired"),
        ("减免税额(元)", "1，379.88", Decimal("1379.88"), "number-repaired"),
        ("减免税额(元)", "—", None, "taken-as-empty"),
        ("减免税额(元)", "/", None, "taken-as-empty"),
        ("减免税额(元)", "暂无", None, "taken-as-empty"),
        ("减免税额(元)", "约3500", None, "unreadable-optional"),
        ("减免税额(元)", "#DIV/0!", None, "unreadable-optional"),
        ("计税依据(元)", "无", None, "no-value"),
        ("计税依据(元)", "3500余", None, "approximate-number"),
        ("计税依据(元)", "同上", None, "as-above"),
        ("计税依据(元)", "#REF!", None, "error-cell"),
        ("计税依据(元)", True, None, "not-a-number"),
        ("征收项目", "同上", "增值税", "as-above-filled"),
        ("业务日期", date(2020, 3, 18), date(2020, 3, 18), None),
        ("业务日期", datetime(2020, 3, 18, 15, 30), date(2020, 3, 18), "date-repaired"),
        ("业务日期", 43908, date(2020, 3, 18), "date-repaired"),
        ("业务日期", "3月18日", date(2020, 3, 18), "date-repaired"),
        ("业务日期", "3.18", date(2020, 3, 18), "date-repaired"),
        ("业务日期", "2020.3.18", date(2020, 3, 18), None),
        ("业务日期", "18/3/2020", date(2020, 3, 18), "date-repaired"),
        ("业务日期", "3/2/2020", None, "ambiguous-date"),
        ("业务日期", 3.1, None, "ambiguous-date"),
        ("业务日期", 0, None, "zero-date"),
        ("业务日期", "2020年2月30日", None, "not-a-date"),
        ("统一社会信用代码", " 9141 0106Y00000016n\n", "91410106Y00000016N", "uscc-repaired"),
        ("统一社会信用代码", "914IOIO6YOOOOOOI6M", None, "uscc-malformed"),
        ("统一社会信用代码", "914IOIO6YOOOOOOI6N", "91410106Y00000016N", "uscc-repaired"),
        ("统一社会信用代码", 914101060000000000, None, "uscc-scientific"),
        ("统一社会信用代码", "M000100Y-4", None, "uscc-organisation-code"),
        ("政策文号", "长" * 1001, None, "text-too-long"),
        ("政策文号", "财税(2020)13号", "财税\uff082020\uff0913号", None),
        ("凭证号", "同上", None, "as-above"),
    ],
)
def test_a_cell_of_a_workbook(
    judged: Callable[..., Found], context: IntakeContext, column: str, cell: object, value: object, told: str | None
) -> None:
    spoilt: list[object] = list(tax_row(2))
    at = TAX_HEADER.index(column)
    spoilt[at] = cell
    found = judged(as_xlsx(TAX_HEADER, [tax_row(1), spoilt]), "20200318_R04.xlsx", "TAX")
    table = context.contracts.find("R04").tables[0]
    name = next(one.name for one in table.columns if column.startswith(one.header))
    codes = {item.code for item in found.evaluation.findings.findings}
    assert codes == ({told} if told else set())
    goes_back = any(item.severity == Severity.SET_ASIDE for item in found.evaluation.findings.findings)
    assert len(found.rows) == (1 if goes_back else 2)
    if not goes_back:
        assert found.column(name)[1] == value


@pytest.mark.parametrize(("cell", "share"), [("85.2", "0.852"), ("0.852", "0.852"), ("85.2%", "0.852"), ("８５．２％", "0.852")])
def test_a_share_in_its_spellings(judged: Callable[..., Found], cell: str, share: str) -> None:
    found = judged(as_csv([*INDUSTRY_HEADER, "产能恢复率"], [[*industry_row(1), cell]]), "20200318_R01.csv", "GXJ")
    assert found.column("capacity_rate") == [Decimal(share)]


def test_a_workbook_that_counts_its_days_from_1904(judged: Callable[..., Found]) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = sheet_of(book)
    sheet.append(list(TAX_HEADER))
    at = TAX_HEADER.index("业务日期")
    for number, day in enumerate((date(2020, 3, 18), 42446, 0), start=1):
        row: list[object] = list(tax_row(number))
        row[at] = day
        sheet.append(row)
    sheet.cell(4, at + 1).number_format = "yyyy-mm-dd"
    found = judged(saved(book), "20200318_R04.xlsx", "TAX")
    assert found.column("post_date") == [date(2020, 3, 18), date(2020, 3, 18)]
    assert found.codes == {("L3", "date-repaired"), ("L4", "zero-date")}


def test_rich_text_booleans_and_formulas_without_values(judged: Callable[..., Found]) -> None:
    book = openpyxl.Workbook()
    sheet = sheet_of(book)
    sheet.append(list(INDUSTRY_HEADER))
    for number in (1, 2):
        sheet.append(list(industry_row(number)))
    sheet["B2"] = CellRichText("甲", TextBlock(InlineFont(b=True), "公司"))
    sheet["E2"], sheet["G2"] = True, True
    sheet["I3"] = "=50+50"
    found = judged(saved(book), "20200318_R01.xlsx", "GXJ")
    assert (found.column("name"), found.column("resumed")) == (["甲公司"], [True])
    assert {("I3", "formula-not-computed"), (None, "formula-without-value")} <= found.codes


def copies(*names: str, titles: Sequence[str] = (), lines: Sequence[int] = ()) -> bytes:
    """A workbook whose sheets are all tax reports."""
    book = openpyxl.Workbook()
    book.remove(sheet_of(book))
    for order, name in enumerate(names):
        sheet = book.create_sheet(name)
        if titles:
            sheet.append([titles[order]])
        sheet.append(list(TAX_HEADER))
        for number in range(lines[order] if lines else 1):
            sheet.append(tax_row(10 * order + number))
    return saved(book)


def test_several_sheets_that_fit_alike_are_asked_back(judged: Callable[..., Found]) -> None:
    found = judged(copies("明细", "一览"), "20200318_R04.xlsx", "TAX")
    assert found.evaluation.is_rejected
    assert found.codes == {(None, "several-sheets")}
    assert "“明细”、“一览”" in found.evaluation.findings.findings[0].message_zh


@pytest.mark.parametrize(
    ("content", "sheet"),
    [
        (copies("3.17", "3.18"), "3.18"),
        (copies("一", "二", titles=["2020年3月17日", "2020年3月18日"]), "二"),
        (copies("空表", "正表", lines=[0, 1]), "正表"),
        (copies("回执", "退回行", "有问题的行", "正表"), "正表"),
    ],
    ids=["named by the day", "titled by the day", "one has no lines", "ours are passed over"],
)
def test_of_several_sheets_the_one_that_is_meant_is_taken(judged: Callable[..., Found], content: bytes, sheet: str) -> None:
    found = judged(content, "20200318_R04.xlsx", "TAX")
    assert found.codes == set()
    assert [table["sheet"] for table in found.evaluation.tables()] == [sheet]


def test_a_hidden_copy_is_passed_over_and_told(judged: Callable[..., Found]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(copies("旧", "新")))
    book["旧"].sheet_state = "hidden"
    book.active = 1
    found = judged(saved(book), "20200318_R04.xlsx", "TAX")
    assert found.codes == {(None, "hidden-sheet")}
    assert [table["sheet"] for table in found.evaluation.tables()] == ["新"]
