"""Where units are declared: in titles, headers, lines of units, notes and names; and declarations that nobody can be sure of."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.corpus.building import (
    INDUSTRY,
    POWER_DAILY,
    TAX,
    Case,
    Line,
    Row,
    Sheet,
    by_csv,
    by_openpyxl,
    case,
    code,
    dropped,
    industry,
    tax,
)

BARE = [header.partition("(")[0] for header in TAX.columns]
"""Headers without units."""
BARE_INDUSTRY = [header.partition("(")[0] for header in INDUSTRY.columns]
TITLE: list[Any] = ["上街区税费减免退日报"]
BASE, RELIEF = BARE.index("计税依据"), BARE.index("减免税额")
LONG_DAY = "20200318_R04_TAX_V1"


def row(number: int, factor: int = 10_000) -> Row:
    """A document whose amounts are 125000 and 3800 yuan, written in a unit of `factor` yuan."""
    shown = (Decimal(125000) / factor, Decimal(3800) / factor)
    return tax(number).shows("计税依据", shown[0], Decimal(125000)).shows("减免税额", shown[1], Decimal(3800))


def rows(factor: int = 10_000) -> list[Row | Line]:
    """Two such documents."""
    return [row(1, factor), row(2, factor)]


def at(column: int, text: str) -> list[Any]:
    """A line with one cell."""
    return [None] * column + [text]


def units(**cells: str) -> list[Any]:
    """A line below the header with cells in the two columns of amounts."""
    line: list[Any] = [None] * len(BARE)
    line[0], line[BASE], line[RELIEF] = cells.get("label"), cells.get("base"), cells.get("relief")
    return line


def titled(path: str, text: str, factor: int, *, says: str | None = None) -> None:
    """A file with one more title cell, which is read."""

    @case(f"units/{path}.xlsx", says or f"A cell above the table says {text}.")
    def _() -> Case:
        sheet = Sheet(TAX, rows(factor), titles=[TITLE, at(10, text)], header=[BARE])
        return dropped(by_openpyxl(sheet), sheet)


def asked(path: str, code: str, place: str, *cells: tuple[int, str], says: str, header: Sequence[Any] = BARE) -> None:
    """A file that goes back: title cells, each in a line of its own."""

    @case(f"units/{path}.xlsx", says)
    def _() -> Case:
        sheet = Sheet(TAX, rows(), titles=[TITLE, *(at(*cell) for cell in cells)], header=[header])
        return dropped(by_openpyxl(sheet), sheet, findings=[("rejected", code, place, None)])


TITLES = {
    "title_counts_and_money": ("单位\uff1a户、万元", 10_000),
    "title_with_a_blank_inside": ("单位:万 元", 10_000),
    "title_rmb_ten_thousand": ("金额单位\uff1a人民币万元", 10_000),
    "title_corner": ("万元", 10_000),
    "title_scale_alone": ("万", 10_000),
    "title_rmb": ("RMB", 1),
    "title_counts_stroke_money": ("单位\uff1a户/万元", 10_000),
    "title_hundred_thousand": ("单位\uff1a十万元", 100_000),
    "title_million": ("单位\uff1a百万元", 1_000_000),
    "title_thousand": ("\uff08单位\uff1a千元\uff09", 1_000),
    "title_hundred_million": ("金额\uff1a亿元", 100_000_000),
    "title_as_a_sentence": ("本表金额以万元为单位,保留两位小数", 10_000),
    "title_unit_among_labels": ("填报单位:区税务局    单位:万元    制表人:某某", 10_000),
    "title_traditional": ("單位\uff1a萬元", 10_000),
    "title_yuan_and_cents": ("单位\uff1a元、角、分", 1),
    "title_currency_and_unit": ("币种:人民币 单位:万元", 10_000),
    "title_of_an_organisation": ("单位\uff1a税务局", 1),
    "title_sender": ("填报单位\uff1a上街区税务局", 1),
    "title_of_areas": ("单位\uff1a亩", 1),
    "title_with_a_price": ("单位\uff1a元、元/立方米", 1),
    "title_with_an_amount": ("其中500万元以上减免\uff1a无", 1),
    "title_in_lenticular_brackets": ("【单位\uff1a万元】", 10_000),
    "title_in_words_to_all": ("各单位请于每日17:00前报送", 1),
    "title_down_to_cents": ("金额单位\uff1a元至角分", 1),
    "title_rmb_and_apostrophe": ("(RMB’万元)", 10_000),
    "title_what_each_unit_is_for": ("计量单位\uff1a金额\uff08万元\uff09、户数\uff08户\uff09", 10_000),
}
for _name, (_text, _factor) in TITLES.items():
    titled(_name, _text, _factor)


@case("units/title_label_and_unit_in_two_cells.xlsx", "单位: in one cell, 万元 in the next.")
def _() -> Case:
    sheet = Sheet(TAX, rows(), titles=[TITLE, [*at(9, "单位\uff1a"), "万元"]], header=[BARE])
    return dropped(by_openpyxl(sheet), sheet)


@case("units/title_far_above.xlsx", "The unit stands above nine lines of instructions.")
def _() -> Case:
    lines = [[f"填表说明{n}\uff1a请按要求填报"] for n in range(1, 10)]
    sheet = Sheet(TAX, rows(), titles=[TITLE, at(10, "单位\uff1a万元"), *lines], header=[BARE])
    return dropped(by_openpyxl(sheet), sheet)


@case("units/title_yuan_over_a_default_of_ten_thousand.xlsx", "The title says 元, where the contract's usual unit is 万元.")
def _() -> Case:
    shown = industry(1).shows("当日产值", 1250, Decimal(1250))
    sheet = Sheet(INDUSTRY, [shown], titles=[["工业复工日报"], at(9, "单位\uff1a家、人、元")], header=[BARE_INDUSTRY])
    return dropped(by_openpyxl(sheet), sheet)


@case("units/nothing_declared_and_a_default_of_ten_thousand.xlsx", "Nothing says a unit: the contract's usual unit counts.")
def _() -> Case:
    shown = industry(1).shows("当日产值", Decimal("12.5"), Decimal(125000))
    sheet = Sheet(INDUSTRY, [shown], titles=[["工业复工日报"]], header=[BARE_INDUSTRY])
    return dropped(by_openpyxl(sheet), sheet)


@case("units/headers_rule_over_the_title.xlsx", "The title says 万元, the headers say 元: they hold, and the title is told.")
def _() -> Case:
    sheet = Sheet(TAX, rows(1), titles=[TITLE, at(10, "单位\uff1a万元")])
    return dropped(by_openpyxl(sheet), sheet, findings=[("warning", "unit-not-used", "K2", "K2“单位\uff1a万元”")])


@case("units/one_header_and_the_title.xlsx", "One header says 元, the title 万元 for the other column.")
def _() -> Case:
    shown = [tax(n).shows("计税依据", 125000).shows("减免税额", Decimal("0.38"), Decimal(3800)) for n in (1, 2)]
    header = [name.replace("计税依据", "计税依据\uff08元\uff09") for name in BARE]
    sheet = Sheet(TAX, shown, titles=[TITLE, at(10, "单位\uff1a万元")], header=[header])
    return dropped(by_openpyxl(sheet), sheet)


LINES = {
    "line_of_units": units(label="单位", base="万元", relief="万元"),
    "line_of_units_in_brackets": units(base="\uff08万元\uff09", relief="\uff08万元\uff09"),
    "line_of_units_with_strokes": [*["—"] * BASE, "万元", "万元", *["—"] * (len(BARE) - RELIEF - 1)],
    "line_of_units_for_the_table": ["单位\uff1a万元"],
}
for _name, _line in LINES.items():

    @case(f"units/{_name}.xlsx", "The line below the header says units; it is no data.")
    def _(line: list[Any] = _line) -> Case:
        sheet = Sheet(TAX, rows(), titles=[TITLE], header=[BARE, line])
        return dropped(by_openpyxl(sheet), sheet)


@case("units/line_of_units_below_numbers_of_columns.xlsx", "Below the header the columns are numbered, then units follow.")
def _() -> Case:
    header = [BARE, [str(number) for number in range(1, len(BARE) + 1)], units(base="万元", relief="万元")]
    sheet = Sheet(TAX, rows(), titles=[TITLE], header=header)
    return dropped(by_openpyxl(sheet), sheet)


@case("units/line_of_units_between_merged_headers.xlsx", "Headers merged over two lines, units in the second line.")
def _() -> Case:
    merged = [f"{chr(65 + n)}2:{chr(65 + n)}3" for n in range(len(BARE)) if n not in (BASE, RELIEF)]
    sheet = Sheet(TAX, rows(), titles=[TITLE], header=[BARE, units(base="万元", relief="万元")], merged=merged)
    return dropped(by_openpyxl(sheet), sheet)


@case("units/line_of_units_that_differ_by_column.csv", "The line of units says 元 for one column and 万元 for the other.")
def _() -> Case:
    shown = [tax(n).shows("计税依据", 125000).shows("减免税额", Decimal("0.38"), Decimal(3800)) for n in (1, 2)]
    sheet = Sheet(TAX, shown, header=[BARE, units(base="元", relief="万元")])
    return dropped(by_csv(sheet), sheet, extension="csv")


HEADER_UNITS = {
    "header_lenticular": "减免税额【万元】", "header_tortoise": "减免税额〔万元〕", "header_angle": "减免税额<万元>", "header_curly": "减免税额{万元}",
    "header_not_closed": "减免税额\uff08万元", "header_stroke": "减免税额/万元", "header_colon": "减免税额\uff1a万元", "header_label": "减免税额\n单位\uff1a万元",
    "header_remark_first": "减免税额(必填\uff0c万元)", "header_as_a_sentence": "减免税额(以万元计)", "header_web": "减免税额&nbsp;(万元)",
    "header_dash": "减免税额—万元", "header_rmb": "减免税额(人民币\uff1a万元)", "header_hint_and_unit": "减免税额(必填)(单位\uff1a万元,保留两位小数)",
}  # fmt: skip
for _name, _text in HEADER_UNITS.items():

    @case(f"units/{_name}.xlsx", "One header names 万元; the other has the contract's unit.")
    def _(text: str = _text) -> Case:
        shown = [tax(n).shows("计税依据", 125000).shows("减免税额", Decimal("0.38"), Decimal(3800)) for n in (1, 2)]
        header = [text if name == "减免税额" else name for name in BARE]
        sheet = Sheet(TAX, shown, titles=[TITLE], header=[header])
        return dropped(by_openpyxl(sheet), sheet)


@case("units/header_million.xlsx", "百万元 is not 万元.")
def _() -> Case:
    header = [name.replace("计税依据", "计税依据\uff08百万元\uff09").replace("减免税额", "减免税额百万元") for name in BARE]
    sheet = Sheet(TAX, rows(1_000_000), header=[header])
    return dropped(by_openpyxl(sheet), sheet)


@case("units/header_ten_thousand_kwh.xlsx", "万千瓦时 over a column that is kept in 千瓦时.")
def _() -> Case:
    means = {"account_no": "A001", "uscc": code(1), "kwh_day": "12500"}
    shown = Row(POWER_DAILY, {"户号": "A001", "统一社会信用代码": code(1), "日用电量(千瓦时)": Decimal("1.25")}, means)
    sheet = Sheet(POWER_DAILY, [shown], name="日电量", header=[["户号", "统一社会信用代码", "日用电量(万千瓦时)"]])
    return dropped(by_openpyxl(sheet), sheet, findings=[("warning", "missing-sheet", "", None)])


@case("units/header_ten_thousand_people.xlsx", "万人 over a column of people.")
def _() -> Case:
    shown = industry(1).shows("正常用工人数", Decimal("0.01"), 100).shows("到岗人数", Decimal("0.0081"), 81)
    header = [name.replace("正常用工人数", "正常用工人数(万人)").replace("到岗人数", "到岗人数(万人)") for name in BARE_INDUSTRY]
    sheet = Sheet(INDUSTRY, [shown], header=[header])
    return dropped(by_openpyxl(sheet), sheet)


@case("units/sheet_name.xlsx", "The sheet's name says 万元.")
def _() -> Case:
    sheet = Sheet(TAX, rows(), name="减免退(万元)", header=[BARE])
    return dropped(by_openpyxl(sheet), sheet)


@case("units/file_name.xlsx", "The file's name says 万元.")
def _() -> Case:
    sheet = Sheet(TAX, rows(), header=[BARE])
    return dropped(by_openpyxl(sheet), sheet, file_name=f"{LONG_DAY}\uff08单位\uff1a万元\uff09.xlsx")


@case("units/file_name_of_firms_above_a_sum.csv", "An amount in the file's name is no unit.")
def _() -> Case:
    sheet = Sheet(TAX, rows(1), header=[BARE])
    return dropped(by_csv(sheet), sheet, file_name=f"{LONG_DAY}(500万元以上).csv")


NOTES = {
    "note_below": "注\uff1a金额单位为万元",
    "note_below_as_a_label": "单位\uff1a万元",
    "note_below_as_a_sentence": "说明\uff1a以上金额以万元计",
}
for _name, _text in NOTES.items():

    @case(f"units/{_name}.xlsx", f"Below the table stands: {_text}.")
    def _(text: str = _text) -> Case:
        sheet = Sheet(TAX, [*rows(), Line([]), Line([text])], titles=[TITLE], header=[BARE])
        return dropped(by_openpyxl(sheet), sheet)


@case("units/note_below_a_long_table.csv", "Below 60 lines and a signature line stands the unit.")
def _() -> Case:
    lines = [row(number) for number in range(1, 61)]
    sheet = Sheet(TAX, [*lines, Line(["填报人\uff1a某某"]), Line(["单位:万元"])], header=[BARE])
    return dropped(by_csv(sheet), sheet, extension="csv")


@case("units/asked_note_and_title_differ.xlsx", "The title says 元, a note below the table 万元.")
def _() -> Case:
    sheet = Sheet(TAX, [*rows(), Line(["注\uff1a金额单位为万元"])], titles=[TITLE, at(10, "单位\uff1a元")], header=[BARE])
    return dropped(by_openpyxl(sheet), sheet, findings=[("rejected", "two-units", "A6", None)])


asked("asked_two_titles", "two-units", "K3", (10, "单位\uff1a元"), (10, "万元"), says="Two title cells name different units.")
asked(
    "asked_unit_in_brackets_behind_another",
    "two-units",
    "K2",
    (10, "单位：元（万元）"),
    says="One title cell names yuan, and 10,000 yuan in brackets.",
)
asked("asked_one_title_with_two", "two-units", "K2", (10, "元/万元"), says="One title cell names two units of money.")
asked("asked_us_dollars", "unknown-unit", "K2", (10, "单位\uff1a美元"), says="The title says US dollars.")
asked("asked_ten_thousand_usd", "unknown-unit", "K2", (10, "单位\uff1a万USD"), says="The title says ten thousands of US dollars.")
asked("asked_unit_that_is_none", "unknown-unit", "K2", (10, "单位\uff1aW"), says="The title says a unit that nobody knows.")
asked("asked_three_zeros", "unknown-unit", "K2", (10, "(RMB'000)"), says="The title says thousands as accountants write them.")
asked("asked_lone_word_like_a_unit", "unknown-unit", "K2", (10, "W元"), says="A corner cell looks like a unit of money.")
asked(
    "asked_header_dollars", "unknown-unit", "K2", says="A header says US dollars.",
    header=[name.replace("减免税额", "减免税额(美元)") for name in BARE],
)  # fmt: skip
asked(
    "asked_header_of_another_kind", "unknown-unit", "K2", says="A header of money says 亩.",
    header=[name.replace("减免税额", "减免税额(亩)") for name in BARE],
)  # fmt: skip


@case("units/asked_header_and_line_differ.xlsx", "A header says 元, the line of units below it 万元.")
def _() -> Case:
    header = [name.replace("减免税额", "减免税额(元)") for name in BARE]
    sheet = Sheet(TAX, rows(), header=[header, units(base="万元", relief="万元")])
    return dropped(by_openpyxl(sheet), sheet, findings=[("rejected", "two-units", "K2", None)])


@case("units/asked_file_name_and_title_differ.xlsx", "The file's name says 万元, the title 元.")
def _() -> Case:
    sheet = Sheet(TAX, rows(1), titles=[TITLE, at(10, "单位\uff1a元")], header=[BARE])
    name = f"{LONG_DAY}\uff08万元\uff09.xlsx"
    return dropped(by_openpyxl(sheet), sheet, file_name=name, findings=[("rejected", "two-units", "K2", None)])


def land(number: int, area: int) -> Row:
    """A document of land use tax: its base is an area in square metres, its relief 3800 yuan, in 万元."""
    shown = row(number).shows("征收项目", "城镇土地使用税", "城镇土地使用税")
    return shown.shows("计税依据", area, Decimal(area))


@case("units/area_under_money.xlsx", "The title says 万元; the base of land use tax is an area, which no unit of money counts.")
def _() -> Case:
    total = Line(["合计", *[None] * (BASE - 1), Decimal("5012.5"), Decimal("0.76")])
    sheet = Sheet(TAX, [row(1), land(2, 5000), total], titles=[TITLE, at(10, "单位\uff1a万元")], header=[BARE])
    return dropped(by_openpyxl(sheet), sheet)


@case("units/area_and_money_in_one_header.xlsx", "The header says 万元 and 平方米: each row has its own.")
def _() -> Case:
    header = [name.replace("计税依据", "计税依据(万元/平方米)").replace("减免税额", "减免税额(万元)") for name in BARE]
    sheet = Sheet(TAX, [row(1), land(2, 5000)], header=[header])
    return dropped(by_openpyxl(sheet), sheet)


REMARKS = {
    "line_of_units_beside_types": ["文本", "文本", "文本", "日期", "日期", *["文本"] * 4, "万元", "万元", "文本", "日期", "文本"],
    "line_of_units_beside_strokes_and_days": ["—", "—", "—", "日期", "日期", *["—"] * 4, "万元", "万元", "—", "日期", "—"],
    "line_of_units_beside_nothing": [*["无"] * BASE, "万元", "万元", "无", "无", "无"],
    "line_of_units_beside_lengths": [
        "数字", "C(20)", "18位", "yyyy-mm-dd", "yyyy-mm-dd", "下拉选择", "下拉选择", "如\uff1a0001109", "字符型", "万元,保留2位小数", "万元", "字符型", "yyyy-mm-dd", "选填",
    ],
}  # fmt: skip
for _name, _line in REMARKS.items():

    @case(f"units/{_name}.xlsx", "The line below the header says units, and how to fill the other columns in.")
    def _(line: list[Any] = _line) -> Case:
        sheet = Sheet(TAX, rows(), titles=[TITLE], header=[BARE, line])
        return dropped(by_openpyxl(sheet), sheet)


@case("units/line_of_units_below_remarks.xlsx", "Below the header stands what must be filled, below that the units.")
def _() -> Case:
    must = ["必填"] * (len(BARE) - 1) + ["选填"]
    sheet = Sheet(TAX, rows(), titles=[TITLE], header=[BARE, must, units(base="万元", relief="万元")])
    return dropped(by_openpyxl(sheet), sheet)


@case("units/asked_thai_baht.xlsx", "The title says a currency of another country without 元.")
def _() -> Case:
    sheet = Sheet(TAX, rows(), titles=[TITLE, at(10, "单位\uff1a泰铢")], header=[BARE])
    return dropped(by_openpyxl(sheet), sheet, findings=[("rejected", "unknown-unit", "K2", None)])


for _name, _text in {"title_code_of_a_department": "单位\uff1aTAX", "title_person": "单位\uff1a张三"}.items():
    titled(_name, _text, 1)


@case("units/units_behind_the_numbers_of_columns.xlsx", "The line that numbers the columns names the units, too.")
def _() -> Case:
    numbers: list[Any] = [str(number) for number in range(1, len(BARE) + 1)]
    numbers[BASE], numbers[RELIEF] = "10\uff08万元\uff09", "11\uff08万元\uff09"
    sheet = Sheet(TAX, rows(), titles=[TITLE], header=[BARE, numbers])
    return dropped(by_openpyxl(sheet), sheet)


@case("units/line_of_units_below_formulas.xlsx", "The columns are numbered, one with how it is computed; below stand the units.")
def _() -> Case:
    numbers = ["栏次", *(str(number) for number in range(1, len(BARE)))]
    numbers[RELIEF] = "10=9×税率"
    sheet = Sheet(TAX, rows(), titles=[TITLE], header=[BARE, numbers, units(base="万元", relief="万元")])
    return dropped(by_openpyxl(sheet), sheet)


@case(
    "units/corner_beside_the_title.xlsx",
    "The line of the title ends in 万元, over a column of text: it is the unit of the table.",
)
def _() -> Case:
    title = [*TITLE, *[None] * (len(BARE) - 2), "万元"]
    sheet = Sheet(TAX, rows(), titles=[title], header=[BARE])
    return dropped(by_openpyxl(sheet), sheet)


@case(
    "units/corner_over_a_column_of_money.csv",
    "Title, sender and 万元 in one line; 万元 stands over a column of money, and rules both.",
)
def _() -> Case:
    order = [*[header for header in TAX.columns if header not in ("计税依据(元)", "冲销凭证号")], "计税依据(元)"]
    title = [*TITLE, None, "区税务局", *[None] * (len(order) - 4), "万元"]
    sheet = Sheet(TAX, rows(), titles=[title], columns=order, header=[[header.partition("(")[0] for header in order]])
    return dropped(by_csv(sheet), sheet, extension="csv")


titled("title_in_quotes", "填表说明：本表金额请以“万元”为单位填报，保留两位小数。", 10_000)
titled("title_of_two_labels", "数量单位：份，金额单位：万元", 10_000)
asked("title_rounded_to", "unknown-unit", "K2", (10, "金额精确到万元"), says="Rounded to 万元, or counted in it: nobody knows.")


@case("units/note_below_the_numbers.csv", "A note between the line of column numbers and the rows declares the unit.")
def _() -> Case:
    numbers = Line([f"（{number}）" for number in range(1, len(BARE) + 1)])
    sheet = Sheet(TAX, [numbers, Line(["注：金额均为万元"]), *rows()], header=[BARE])
    return dropped(by_csv(sheet), sheet, extension="csv")


@case("units/header_on_two_lines.xlsx", "减免税额, and 单位:万元 on the header's second line.")
def _() -> Case:
    header = [f"{name}\n单位:万元" if name in ("计税依据", "减免税额") else name for name in BARE]
    sheet = Sheet(TAX, rows(), header=[header])
    return dropped(by_openpyxl(sheet), sheet)
