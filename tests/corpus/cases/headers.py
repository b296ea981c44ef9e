"""Headers with unseen characters, numbers, brackets of every kind, remarks; and tables without a header that fits."""

from __future__ import annotations

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
    case,
    dropped,
    industry,
    tax,
)

NAMES = list(INDUSTRY.columns)


def firms() -> list[Row]:
    """Two firms with an output of 125000 yuan."""
    return [industry(number).shows("当日产值", Decimal("12.5"), Decimal(125000)) for number in (1, 2)]


def renamed(**by: str) -> list[Any]:
    """The headers, some written differently."""
    return [by.get(name.partition("(")[0], name) for name in NAMES]


def read(path: str, says: str, header: list[Any]) -> None:
    """A file whose headers are read without a word."""

    @case(f"headers/{path}.xlsx", says)
    def _() -> Case:
        sheet = Sheet(INDUSTRY, firms(), header=[header])
        return dropped(by_openpyxl(sheet), sheet)


read("zero_width", "A zero-width space inside a header.", renamed(当日产值="当日\u200b产值(万元)"))
read(
    "no_break_spaces",
    "Spaces that do not break around a header.",
    renamed(当日产值="\u00a0当日产值\u00a0(万元)", 企业名称="企业\u00a0名称"),
)
read(
    "soft_hyphen",
    "A soft hyphen and a byte order mark in headers.",
    renamed(当日产值="当日\u00ad产值(万元)", 企业名称="\ufeff企业名称"),
)
read(
    "line_breaks",
    "Line breaks inside headers.",
    renamed(当日产值="当日\n产值\n\uff08万元\uff09", 正常用工人数="正常\r\n用工人数"),
)
read("full_width", "Full-width signs in headers.", renamed(产能恢复率="产能恢复率\uff08\uff05\uff09", 企业名称="\uff0a企业名称"))
read("square_brackets", "Units in square brackets.", renamed(当日产值="当日产值\uff3b万元\uff3d", 产能恢复率="产能恢复率[%]"))
read(
    "lenticular_brackets",
    "Units in lenticular and tortoise-shell brackets.",
    renamed(当日产值="当日产值【万元】", 正常用工人数="正常用工人数〔人〕"),
)
read("angle_brackets", "Units in angle brackets.", renamed(当日产值="当日产值《万元》", 正常用工人数="正常用工人数<人>"))
read(
    "brackets_of_two_kinds",
    "A bracket opens wide and closes narrow.",
    renamed(当日产值="当日产值\uff08万元)", 正常用工人数="正常用工人数(人"),
)
read(
    "hints",
    "Hints in brackets.",
    renamed(企业名称="企业名称(全称)", 复工日期="复工日期(格式\uff1a2020-03-18)", 是否复工="是否复工(是/否)", 备注="备注(选填)"),
)
read(
    "marks",
    "Marks of mandatory columns.",
    renamed(企业名称="*企业名称", 统一社会信用代码="★统一社会信用代码", 到岗人数="到岗人数※"),
)
read("quoted", "Headers in quotation marks.", [f"“{name}”" for name in NAMES])
for _path, _number in {
    "numbered_with_a_point": "{}.",
    "numbered_with_a_comma": "{}、",
    "numbered_in_brackets": "\uff08{}\uff09",
    "numbered_without_a_sign": "{}",
    "numbered_with_a_space": "{} ",
}.items():
    read(_path, "The headers are numbered.", [f"{_number.format(at)}{name}" for at, name in enumerate(NAMES, 1)])
read(
    "numbered_in_chinese",
    "The headers are numbered in Chinese.",
    [f"{'一二三四五六七八九十'[at % 10]}、{name}" for at, name in enumerate(NAMES)],
)
read("lettered", "The headers are lettered.", [f"{chr(65 + at)} {name}" for at, name in enumerate(NAMES)])
read("circled_numbers", "The headers have circled numbers.", [f"{chr(0x2460 + at)}{name}" for at, name in enumerate(NAMES)])
read(
    "numbers_behind",
    "The headers have column numbers behind them, in brackets.",
    [f"{name}({at})" for at, name in enumerate(NAMES, 1)],
)


read("in_english_too", "A name once more in English.", renamed(企业名称="企业名称 Enterprise Name"))
read("signs_of_filters", "The signs of filters and sorting behind the headers.", [f"{name}▼" for name in NAMES])
read("must_be_filled_behind", "Behind the headers stands that they must be filled.", [f"{name} *必填" for name in NAMES])
read(
    "codes_explained",
    "A header explains its codes on a second line.",
    renamed(是否复工="是否复工\n1是 0否", 备注="备注\n（选填项）"),
)
read("all_in_brackets", "Every name stands in brackets.", [f"[{name}]" if "(" not in name else name for name in NAMES])


@case("headers/remark_in_brackets.xlsx", "A remark in brackets that does not tell quantities apart: read, and told.")
def _() -> Case:
    header = renamed(到岗人数="到岗人数(以打卡为准)")
    sheet = Sheet(INDUSTRY, firms(), header=[header])
    return dropped(by_openpyxl(sheet), sheet, findings=[("repaired", "header-repaired", "J1", "到岗人数(以打卡为准)")])


@case("headers/remark_that_makes_another_quantity.xlsx", "产值(上年同期) is not 产值: it is not read, and told.")
def _() -> Case:
    rows = [industry(number).shows("当日产值", Decimal("12.5"), None) for number in (1, 2)]
    sheet = Sheet(INDUSTRY, rows, header=[renamed(当日产值="当日产值(上年同期)")])
    return dropped(by_openpyxl(sheet), sheet, findings=[("warning", "extra-column", "K1", "当日产值(上年同期)")])


@case(
    "headers/of_another_report.xlsx",
    "A table of another report of the department under this report's name: its headers are named.",
)
def _() -> Case:
    header = ["镇办", "户数", "产值", "税收"]
    case = dropped(
        by_openpyxl(Sheet(None, [*[industry(1)][:0]], titles=[header, ["某镇", 5, 6, 7]])),
        Sheet(INDUSTRY, []),
        findings=[("rejected", "no-table", "", None)],
    )
    case.is_readable = False
    return case


def twice(path: str, says: str, header: str, *cells: Any, differs: bool) -> None:
    """A file of two firms with a second column of people on post, under one of its names."""

    @case(f"headers/{path}.xlsx", says)
    def _() -> Case:
        beside = {line: (len(NAMES), [cell]) for line, cell in enumerate((header, *cells), 1)}
        sheet = Sheet(INDUSTRY, firms(), beside=beside)
        told: list[tuple[str, str, str, str | None]] = [("warning", "extra-column", "O1", header)]
        if differs:
            told.append(("rejected", "column-twice", "O1", f"J1“到岗人数”、O1“{header}”"))
        return dropped(by_openpyxl(sheet), sheet, findings=told)


twice(
    "twice_and_different", "到岗人数 twice, with other values: nobody knows which one is meant.", "到岗人数", 70, 71, differs=True
)
twice("twice_by_an_alias", "返岗人数 beside 到岗人数, with other values.", "返岗人数", 81, 71, differs=True)
twice("twice_and_half_filled", "到岗人数 twice, the second one only filled for one firm.", "到岗人数", 81, None, differs=True)
twice("twice_and_equal", "到岗人数 twice with the same values: read, and told.", "到岗人数", 81, "82", differs=False)
twice("twice_and_blank", "到岗人数 twice, the second one blank: read, and told.", "到岗人数", None, None, differs=False)


@case(
    "headers/second_page_named_better.csv",
    "On the first page a header has a remark that may mean something else, on the second none: no row above is lost.",
)
def _() -> Case:
    first = industry(1).shows("当日产值", Decimal("12.5"), None)
    second = industry(2).shows("当日产值", Decimal("12.5"), Decimal(125000))
    sheet = Sheet(INDUSTRY, [first, Line(NAMES), second], header=[renamed(当日产值="当日产值(与上年一致)")])
    told = [("warning", "extra-column", "K1", "当日产值(与上年一致)")]
    return dropped(by_csv(sheet), sheet, extension="csv", findings=told)


@case(
    "headers/value_is_a_name_too.csv",
    "Between two headers stands one row with 省市重点, which names another column, too: it is no header, and goes back.",
)
def _() -> Case:
    cells = {
        "项目代码": "2020-410106-01", "项目名称": "示例一期", "级别": "省市重点", "建设性质": "新开工", "是否列入省市重点": "是", "总投资(亿元)": "1.5",
        "年度计划投资": None, "开复工状态": "停工",
    }  # fmt: skip
    names = list(PROJECT.columns)
    remarked = ["建设性质(与总投资一致)" if name == "建设性质" else name for name in names]
    sheet = Sheet(PROJECT, [Row(PROJECT, cells, None), Line(names)], header=[remarked])
    told = [("warning", "extra-column", "D1", "建设性质(与总投资一致)"), ("rejected", "missing-column", "", None)]
    return dropped(by_csv(sheet), sheet, extension="csv", findings=told)


for _name, _remark in (
    ("as_of_the_report_date", "截至3月18日"),
    ("as_of_an_hour", "截至2020年3月18日18时"),
    ("of_the_report_date", "3月18日"),
):

    @case(f"headers/{_name}.xlsx", f"到岗人数({_remark}) is that of the report date: read, and told.")
    def _(remark: str = _remark) -> Case:
        header = f"到岗人数({remark})"
        sheet = Sheet(INDUSTRY, firms(), header=[renamed(到岗人数=header)])
        return dropped(by_openpyxl(sheet), sheet, findings=[("repaired", "header-repaired", "J1", header)])


for _name, _remark in (
    ("as_of_the_day_before", "截至3月17日"),
    ("as_of_the_day_before_in_digits", "截至2020-03-17"),
    ("of_yesterday", "昨日"),
):

    @case(f"headers/{_name}.xlsx", f"到岗人数({_remark}) is another number than that of the report date: the column is missing.")
    def _(remark: str = _remark) -> Case:
        header = f"到岗人数({remark})"
        sheet = Sheet(INDUSTRY, firms(), header=[renamed(到岗人数=header)])
        told = [("warning", "extra-column", "J1", header), ("rejected", "missing-column", "", None)]
        return dropped(by_openpyxl(sheet), sheet, findings=told)


@case("headers/start_and_end_below_a_group.xlsx", "起 and 止 stand below 税款所属期, not merged; all other names stand above.")
def _() -> Case:
    names = list(TAX.columns)
    start = names.index("所属期起")
    upper: list[Any] = [*names[:start], "税款所属期", None, *names[start + 2 :]]
    lower: list[Any] = [None] * start + ["起", "止"]
    sheet = Sheet(TAX, [tax(1), tax(2)], header=[upper, lower])
    return dropped(by_openpyxl(sheet), sheet)


read("footnotes", "Signs of footnotes behind headers.", renamed(到岗人数="到岗人数¹", 正常用工人数="正常用工人数*2"))
read(
    "english_behind_a_stroke", "Names in English behind a stroke.", renamed(企业名称="企业名称 / Enterprise", 备注="备注/Remark")
)


@case("headers/sorted_with_the_rows.csv", "The sheet was sorted together with its header: the rows above it would be lost.")
def _() -> Case:
    names = list(INDUSTRY.columns)
    above = [industry(number).cells.get(name) for number in (1,) for name in names]
    sheet = Sheet(INDUSTRY, [industry(2), industry(3)], titles=[above])
    return dropped(by_csv(sheet), sheet, extension="csv", findings=[("rejected", "rows-above-header", "1", "1")])


@case(
    "headers/remark_below_a_group_with_a_unit.xlsx",
    "金额(万元) over 计税依据 and 减免税额(以票面为准): the unit of the group rules both.",
)
def _() -> Case:
    names = [name.partition("(")[0] for name in TAX.columns]
    at = names.index("减免税额")
    above = [*names[: at - 1], "金额(万元)", None, *names[at + 1 :]]
    below = [None] * (at - 1) + ["计税依据", "减免税额(以票面为准)"] + [None] * (len(names) - at - 1)
    row = tax(1).shows("计税依据", "12.5", Decimal(125000)).shows("减免税额", "0.5", Decimal(5000))
    sheet = Sheet(TAX, [row], header=[above, below], merged=[f"{chr(64 + at)}1:{chr(65 + at)}1"])
    told = [("repaired", "header-repaired", f"{chr(65 + at)}2", "减免税额(以票面为准)")]
    return dropped(by_openpyxl(sheet), sheet, findings=told)
