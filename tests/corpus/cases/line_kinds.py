"""Lines that are no data: totals under every name, lines that number the columns, prefilled lines."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.corpus.building import INDUSTRY as FORM
from tests.corpus.building import (
    POWER_DAILY,
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
    total,
)


def book(*rows: Row | Line) -> Case:
    sheet = Sheet(FORM, rows)
    return dropped(by_openpyxl(sheet), sheet)


def text(*rows: Row | Line) -> Case:
    sheet = Sheet(FORM, rows)
    return dropped(by_csv(sheet, encoding="utf-8-sig"), sheet, extension="csv")


def summed(label: str) -> Line:
    return total(FORM, label, 正常用工人数=200, 到岗人数=163)


def numbered(*cells: Any) -> Case:
    return book(Line(cells), industry(1), industry(2))


for name, label in (
    ("huizong", "汇总"), ("zongshu", "总数"), ("whole_district", "全区"), ("grand_total", "总合计"), ("english", "Total"),
    ("grand_total_in_english", "Grand Total"), ("sigma", "∑"), ("greek_sigma", "Σ"), ("sum", "SUM"), ("district_total", "全区汇总"),
    ("with_blanks", "汇  总"), ("sum_of_lines", "合计数"),
):  # fmt: skip

    @case(f"line_kinds/total_called_{name}.xlsx", f"The total is called {label}.")
    def _(label: str = label) -> Case:
        return book(industry(1), industry(2), summed(label))


@case("line_kinds/wrong_total_called_huizong.csv", "A total called 汇总 that differs from the rows is told.")
def _() -> Case:
    at = list(FORM.columns).index("到岗人数")
    return text(
        industry(1),
        industry(2),
        total(FORM, "汇总", [("warning", "control-total", at, "200")], 正常用工人数=200, 到岗人数=200),
    )


@case("line_kinds/firm_called_total.csv", "A firm whose name says 汇总 and 合计 is a firm.")
def _() -> Case:
    return text(industry(1).shows("企业名称", "汇总合计信息科技有限公司"), industry(2))


@case("line_kinds/letters_and_numbers.xlsx", "甲 乙 丙 丁 1 2 3 under the header.")
def _() -> Case:
    return numbered(*"甲乙丙丁", *range(1, 11))


@case("line_kinds/numbers_in_brackets.xlsx", "（1） （2） （3） under the header.")
def _() -> Case:
    return numbered(*(f"（{n}）" for n in range(1, 15)))


@case("line_kinds/numbers_in_circles.xlsx", "① ② ③ under the header.")
def _() -> Case:
    return numbered(*"①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭")


@case("line_kinds/column_label.xlsx", "栏次 and numbers.")
def _() -> Case:
    return numbered("栏次", *range(1, 14))


@case("line_kinds/latin_letters.xlsx", "A B C under the header.")
def _() -> Case:
    return numbered(*"ABCDEFGHIJKLMN")


@case("line_kinds/plain_numbers.xlsx", "1 2 3 4 under the header.")
def _() -> Case:
    return numbered(*range(1, 15))


@case("line_kinds/numbers_on_every_page.xlsx", "Header and column numbers again at the top of a page.")
def _() -> Case:
    numbers = Line(["甲", "乙", "丙", "丁", *range(1, 11)])
    header: Sequence[Any] = list(FORM.columns)
    return book(numbers, industry(1), Line(header), numbers, industry(2))


@case("line_kinds/prefilled_lines.xlsx", "Lines with a township, zeros and their number, and nothing else.")
def _() -> Case:
    order = list(FORM.columns)

    def prefilled(number: int) -> list[Any]:
        cells: list[Any] = [None] * len(order)
        for header, value in (("序号", number), ("所属镇办", "峡窝镇"), ("正常用工人数", 0), ("到岗人数", 0)):
            cells[order.index(header)] = value
        return cells

    told = [("warning", "prefilled-lines", -1, "3")]
    return book(industry(1), industry(2), Line(prefilled(3), told), Line(prefilled(4)), Line(prefilled(5)))


for name, cells in (
    ("numbers_with_words", [f"第{number}列" for number in range(1, 15)]),
    ("numbers_in_square_brackets", [f"[{number}]" for number in range(1, 15)]),
    ("chinese_numerals", [*"一二三四五六七八九十", "十一", "十二", "十三", "十四"]),
):

    @case(f"line_kinds/{name}.xlsx", f"{cells[0]} {cells[1]} {cells[2]} under the header.")
    def _(cells: Sequence[str] = cells) -> Case:
        return numbered(*cells)


@case("line_kinds/means_and_shares.xlsx", "Below the rows stand a mean, a share and a number of firms.")
def _() -> Case:
    at = list(FORM.columns).index("到岗人数")
    lines = [Line([None, word, *[None] * (at - 2), figure]) for word, figure in (("平均", 81.5), ("占比", "81.5%"), ("共2家", 2))]
    return book(industry(1), industry(2), *lines)


@case("line_kinds/titles_of_a_new_page.xlsx", "A second page begins with the title, its number and the header once more.")
def _() -> Case:
    header = Line(list(FORM.columns))
    return book(industry(1), Line(["规上工业复工复产日报"]), Line(["第2页 共2页"]), header, industry(2))


@case("line_kinds/prefilled_yes_and_zero.xlsx", "Lines with 是, 0 % and zeros, and no firm.")
def _() -> Case:
    columns = list(FORM.columns)
    filled = {"所属镇办": "峡窝镇", "是否纳入应复工": "是", "正常用工人数": 0, "到岗人数": 0, "当日产值(万元)": 0}
    line = [filled.get(header) for header in columns]
    told = Line(line, [("warning", "prefilled-lines", -1, "2")])
    return book(industry(1), industry(2), told, Line(line))


@case("line_kinds/column_label_in_a_key.xlsx", "栏次 and numbers, where the first column is the key.")
def _() -> Case:
    columns = list(TAX.columns)[1:]
    sheet = Sheet(TAX, [Line(["栏次", *range(1, len(columns))]), tax(1), tax(2)], columns=columns)
    return dropped(by_openpyxl(sheet), sheet)


@case("line_kinds/numbers_beside_shares.csv", "① ② ③ under the header are no shares: 0.85 and 0.9 are fractions.")
def _() -> Case:
    header = [name.partition("(")[0] for name in FORM.columns]
    rows = [industry(n).shows("产能恢复率", shown, Decimal(shown)) for n, shown in enumerate(("0.85", "0.9"), 1)]
    sheet = Sheet(FORM, [Line(list("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭")), *rows], header=[header])
    told = [("warning", "share-scale", "L1", "0.85")]
    return dropped(by_csv(sheet), sheet, extension="csv", findings=told)


for name, cells in (
    ("numbers_with_points", [f"{number}." for number in range(1, 15)]),
    ("numbers_with_a_slip", [1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 11, 12, 13]),
    ("numbers_named_columns", [f"栏{number}" for number in range(1, 15)]),
    ("numbers_called_codes", ["代码", *(f"{number:02d}" for number in range(1, 14))]),
    ("numbers_in_wide_figures", [*"１２３４５６７８９", "１０", "１１", "１２", "１３", "１４"]),
):

    @case(f"line_kinds/{name}.xlsx", f"{cells[0]} {cells[1]} {cells[2]} under the header, as few people write them.")
    def _(cells: Sequence[Any] = cells) -> Case:
        return numbered(*cells)


@case("line_kinds/heading_with_a_colon.csv", "补报： stands alone between the rows: a heading.")
def _() -> Case:
    return text(industry(1), Line(["补报："]), industry(2))


@case("line_kinds/numbers_of_two_columns.csv", "甲 and 1 number the only two columns.")
def _() -> Case:
    header = ("户号", "日用电量(千瓦时)")
    rows = [
        Row(POWER_DAILY, dict(zip(header, (f"000{n}", 345), strict=True)), {"account_no": f"000{n}", "kwh_day": "345"})
        for n in (1, 2)
    ]
    sheet = Sheet(POWER_DAILY, [Line(["甲", 1]), *rows], columns=header)
    return dropped(by_csv(sheet), sheet, extension="csv", findings=[("warning", "missing-sheet", "", "电费账单")])
