"""Records of a text with more or fewer cells than the header, and what programs leave out or add on purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from tests.corpus.building import (
    INDUSTRY,
    POWER_DAILY,
    TAX,
    Case,
    Line,
    Row,
    Sheet,
    by_hand,
    case,
    code,
    dropped,
    industry,
    tax,
    text_of,
)

MORE, FEWER = "more-cells-than-header", "fewer-cells-than-header"
NO_BILLS = [("warning", "missing-sheet", "", "电费账单")]


def used(number: int, kwh: str) -> Row:
    """The power that one account used in a day."""
    account, uscc = f"{number:04d}", code(number)
    cells = {"户号": account, "统一社会信用代码": uscc, "日用电量(千瓦时)": Decimal(kwh)}
    return Row(POWER_DAILY, cells, {"account_no": account, "uscc": uscc, "kwh_day": kwh})


def power(rows: Sequence[Row | Line], change: Callable[[str], str], end: str = "\r\n", delimiter: str = ",") -> Case:
    """The daily power report as a text, changed by hand."""
    sheet = Sheet(POWER_DAILY, rows)
    text = change(text_of(sheet, end=end, delimiter=delimiter))
    return dropped(by_hand(text.encode("gb18030")), sheet, extension="csv", findings=NO_BILLS)


def moved(number: int, kwh: str, reads: str, code_of_fault: str = MORE) -> Row:
    """A line whose cells are moved."""
    return used(number, kwh).moved(code_of_fault, f"{number:04d},{code(number)},{reads}")


@case("ragged/thousands_in_the_last_column.csv", "1,234.5 and 12,345 without quotes in the last column: both lines go back.")
def _() -> Case:
    rows = [used(1, "345.5"), moved(2, "1234.5", "1,234.5"), moved(3, "12345", "12,345")]
    return power(rows, lambda text: text.replace("1234.5", "1,234.5").replace("12345", "12,345"))


@case("ragged/thousands_among_empty_cells.csv", "1,250 and 1,100 without quotes: the two cells too many at the end are empty.")
def _() -> Case:
    line = industry(2).shows("正常用工人数", 1250).shows("到岗人数", 1100)
    text = text_of(Sheet(INDUSTRY, [industry(1), line])).replace("1250,1100", "1,250,1,100")
    reads = text.splitlines()[-1]
    sheet = Sheet(INDUSTRY, [industry(1), line.moved(MORE, reads)])
    return dropped(by_hand(text.encode("gb18030")), sheet, extension="csv")


@case(
    "ragged/thousands_in_every_line.csv",
    "Every line has a thousands comma, and the header ends in a delimiter: all lines are as long.",
)
def _() -> Case:
    rows = [moved(1, "1234", "1,234"), moved(2, "2345", "2,345")]
    return power(rows, lambda text: text.replace("1234", "1,234").replace("2345", "2,345").replace("(千瓦时)", "(千瓦时),"))


@case(
    "ragged/thousands_in_every_line_and_a_delimiter_at_the_end.csv", "Every line has a thousands comma and ends in a delimiter."
)
def _() -> Case:
    rows = [moved(n, f"{n}234", f"{n},234,") for n in (1, 2, 3)]

    def change(text: str) -> str:
        for n in (1, 2, 3):
            text = text.replace(f"{n}234\r\n", f"{n},234,\r\n")
        return text

    return power(rows, change)


@case("ragged/comma_in_a_name.csv", "An English comma in the name of a firm moves everything behind it.")
def _() -> Case:
    line = industry(2).shows("企业名称", "示例(上街),有限公司")
    text = text_of(Sheet(INDUSTRY, [industry(1), line, industry(3)])).replace('"', "")
    sheet = Sheet(INDUSTRY, [industry(1), line.moved(MORE, text.splitlines()[2]), industry(3)])
    return dropped(by_hand(text.encode("utf-8-sig")), sheet, extension="csv")


@case("ragged/decimal_comma.csv", "345,5 for 345.5: a decimal comma cuts a number as well.")
def _() -> Case:
    rows = [moved(1, "345.5", "345,5"), used(2, "346")]
    return power(rows, lambda text: text.replace("345.5", "345,5"))


@case(
    "ragged/missing_delimiter.csv",
    "A delimiter is missing between two numbers; the cells at the end are written although they are empty.",
)
def _() -> Case:
    lines = [industry(1), industry(2), industry(3)]
    text = text_of(Sheet(INDUSTRY, lines)).replace("100,82", "100 82")
    sheet = Sheet(INDUSTRY, [lines[0], industry(2).moved(FEWER, text.splitlines()[2]), lines[2]])
    return dropped(by_hand(text.encode("utf-8-sig")), sheet, extension="csv")


@case("ragged/delimiter_at_the_end_of_data.csv", "Every line of data ends in a delimiter, the header does not: nothing is moved.")
def _() -> Case:
    rows = [used(1, "345.5"), used(2, "1100"), used(3, "120")]
    return power(rows, lambda text: text.replace("\r\n", ",\r\n").replace("(千瓦时),", "(千瓦时)"))


@case("ragged/delimiter_at_the_end_of_the_header.csv", "The header alone ends in a delimiter: nothing is moved.")
def _() -> Case:
    return power([used(1, "345.5"), used(2, "1100")], lambda text: text.replace("(千瓦时)", "(千瓦时),"))


@case("ragged/delimiter_at_the_end_of_every_line.csv", "Every line ends in a delimiter, the header, too.")
def _() -> Case:
    return power([used(1, "345.5"), used(2, "1100")], lambda text: text.replace("\r\n", ",\r\n"))


@case("ragged/empty_ends_left_out.csv", "The writer leaves out empty cells at the end of every line.")
def _() -> Case:
    rows = [industry(1), industry(2).shows("备注", "夜班"), industry(3, resumed=False)]
    text = "".join(line.rstrip(",") + "\r\n" for line in text_of(Sheet(INDUSTRY, rows)).splitlines())
    return dropped(by_hand(text.encode("utf-8-sig")), Sheet(INDUSTRY, rows), extension="csv")


@case("ragged/blocks_of_excel.csv", "Excel writes blocks of 16 lines as wide as the longest of them: lines 17 to 32 are shorter.")
def _() -> Case:
    rows = [industry(n).shows("备注", "夜班") if n == 3 else industry(n) for n in range(1, 23)]
    lines = text_of(Sheet(INDUSTRY, rows)).splitlines()
    text = "".join((line.rstrip(",") if at >= 16 else line) + "\r\n" for at, line in enumerate(lines))
    return dropped(by_hand(text.encode("gb18030")), Sheet(INDUSTRY, rows), extension="csv")


@case("ragged/thousands_in_quotes.csv", "Thousands commas in quotes: cells as they should be.")
def _() -> Case:
    rows = [used(1, "345.5"), used(2, "1234.5").repaired("日用电量", "1,234.5", Decimal("1234.5"))]
    return power(rows, lambda text: text)


@case("ragged/tabs.csv", "Tabs: a thousands comma moves nothing.")
def _() -> Case:
    rows = [used(1, "345.5"), used(2, "1234.5").repaired("日用电量", "1,234.5", Decimal("1234.5"))]
    return power(rows, lambda text: text, delimiter="\t")


@case("ragged/tab_too_many.txt", "Tabs: one too many within a line moves what follows.")
def _() -> Case:
    line = industry(2).shows("正常用工人数", 100)
    text = text_of(Sheet(INDUSTRY, [industry(1), line, industry(3)]), delimiter="\t").replace("\t100\t82", "\t\t100\t82")
    reads = text.splitlines()[2].replace("\t", ",")
    sheet = Sheet(INDUSTRY, [industry(1), line.moved(MORE, reads), industry(3)])
    return dropped(by_hand(text.encode("utf-8-sig")), sheet, extension="txt")


@case("ragged/several_lines_in_a_record.csv", "Records over several lines, with delimiters within quotes.")
def _() -> Case:
    rows = [tax(1), tax(2).shows("政策文号", "财税〔2020〕13号,\n8号"), tax(3)]
    return dropped(by_hand(text_of(Sheet(TAX, rows)).encode("utf-8-sig")), Sheet(TAX, rows), extension="csv")


@case("ragged/total_and_note_shorter.csv", "A total and a note that are shorter than the table are neither data nor moved.")
def _() -> Case:
    rows = [used(1, "345.5"), used(2, "1100"), Line(["合计", None, Decimal("1445.5")]), Line(["注:停产户不在内"])]
    return power(rows, lambda text: text.replace("不在内,,", "不在内"))


@case(
    "ragged/comma_behind_which_a_cell_was_left_out.csv",
    "1,234 without quotes, and the empty remark left out: as many cells as the header has.",
)
def _() -> Case:
    columns = [*list(INDUSTRY.columns)[:10], "当日产值(万元)", "备注"]
    cut = industry(2).shows("当日产值", "1").shows("备注", "234")
    rows = [industry(1).shows("当日产值", 100, 1000000).shows("备注", "停一条线"), cut]
    reads = text_of(Sheet(INDUSTRY, rows, columns=columns)).splitlines()[2]
    sheet = Sheet(INDUSTRY, [rows[0], cut.moved("number-cut-in-two", reads)], columns=columns)
    return dropped(by_hand(text_of(sheet).encode("utf-8-sig")), sheet, extension="csv")


def supplied(rows: Sequence[Row | Line], change: Callable[[str], str]) -> Case:
    """The daily report of industrial firms as a text, changed by hand."""
    sheet = Sheet(INDUSTRY, rows)
    return dropped(by_hand(change(text_of(sheet)).encode("gb18030")), sheet, extension="csv")


@case(
    "ragged/only_line_one_cell_short.csv",
    "The only line lacks a cell, and its last one may be the reason or the remark: it goes back.",
)
def _() -> Case:
    line = industry(1, resumed=False)
    text = text_of(Sheet(INDUSTRY, [line])).replace("缺工,", "等料")
    reads = text.splitlines()[-1]
    return supplied([line.moved(FEWER, reads)], lambda text: text.replace("缺工,", "等料"))


@case(
    "ragged/only_line_cut_at_its_end.csv", "The only line lacks its last two cells; the share before them fits no other column."
)
def _() -> Case:
    line = industry(1).shows("产能恢复率(%)", "85.2%", Decimal("0.852"))
    return supplied([line], lambda text: text.replace("85.2%,,", "85.2%"))


@case(
    "ragged/two_lines_cut_at_their_ends.csv",
    "Two lines of three lack their last cells, and hold what their columns do: their writer leaves such cells out.",
)
def _() -> Case:
    lines = [industry(number, resumed=False) for number in (1, 2)]
    lines.append(industry(3).shows("备注", "夜班"))
    return supplied(lines, lambda text: text.replace("缺工,", "缺工"))


@case(
    "ragged/a_lost_cell_moves_a_number.csv",
    "Of three lines one lacks a cell in the middle: its numbers stand under days and persons.",
)
def _() -> Case:
    lines = [industry(number).shows("备注", "夜班") for number in (1, 2, 3)]
    text = text_of(Sheet(INDUSTRY, lines)).replace("2020-02-10,100,82", "2020-02-10,82")
    reads = text.splitlines()[2]
    return supplied(
        [lines[0], lines[1].moved(FEWER, reads), lines[2]], lambda text: text.replace("2020-02-10,100,82", "2020-02-10,82")
    )


@case(
    "ragged/same_as_above_below_a_lost_cell.csv",
    "同上 stands below a line whose cells have moved: what is above it belongs to another column, so both lines go back.",
)
def _() -> Case:
    lines = [industry(number).shows("备注", "夜班") for number in (1, 2, 3)]
    below = lines[2].aside("所属镇办", "同上", "as-above")

    def change(text: str) -> str:
        return text.replace(f",{code(1002)}", "")

    reads = change(text_of(Sheet(INDUSTRY, [*lines[:2], below]))).splitlines()[2]
    return supplied([lines[0], lines[1].moved(FEWER, reads), below], change)


@case(
    "ragged/total_that_ends_early.csv",
    "The total ends with its last amount, so its writer leaves out empty cells at the end: the line without a remark is read.",
)
def _() -> Case:
    lines = [industry(number, resumed=False).shows("备注", "夜班") for number in (1, 2)]
    lines.append(industry(3, resumed=False))
    total = Line(["合计", *[None] * 7, 300, 0])

    def change(text: str) -> str:
        return "".join(line.rstrip(",") + "\r\n" for line in text.splitlines())

    return supplied([*lines, total], change)


@case(
    "ragged/line_with_another_delimiter.csv",
    "The last line has semicolons instead of commas: one cell, which is no note but a line of data that goes back.",
)
def _() -> Case:
    lines = [industry(number).shows("备注", "夜班") for number in (1, 2)]
    own = text_of(Sheet(INDUSTRY, lines)).splitlines()[2]
    other = own.replace(",", ";")
    return supplied([lines[0], lines[1].moved(FEWER, other)], lambda text: text.replace(own, other))
