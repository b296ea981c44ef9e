"""Text files: encodings (twins of one table), delimiters, quotes, line ends."""

from __future__ import annotations

import csv

from tests.corpus.building import TAX, Case, Line, Sheet, by_csv, by_hand, case, dropped, tax, taxes, text_of

TITLES = [["上街区税费减免退日报表", "", "统计日期:2020年3月18日"]]


def sheet(n: int = 3) -> Sheet:
    return Sheet(TAX, taxes(n), titles=TITLES)


def twin(encoding: str, extension: str = "csv", **how: object) -> Case:
    return dropped(by_csv(sheet(), encoding=encoding, **how), sheet(), extension=extension)


@case("text/utf8.csv", "UTF-8 without a byte order mark.")
def _() -> Case:
    return twin("utf-8")


@case("text/utf8_with_bom.csv", "UTF-8 with a byte order mark, as Excel saves it.")
def _() -> Case:
    return twin("utf-8-sig")


@case("text/utf8_with_two_boms.csv", "Two byte order marks, as some programs write.")
def _() -> Case:
    return dropped(by_hand(b"\xef\xbb\xbf" + text_of(sheet()).encode("utf-8-sig")), sheet(), extension="csv")


@case("text/gb18030.csv", "GB18030, as Excel saves CSV on a Chinese computer.")
def _() -> Case:
    return twin("gb18030")


@case("text/gb18030_with_bom.csv", "GB18030 with its own byte order mark, 84 31 95 33.")
def _() -> Case:
    return dropped(by_hand(("\ufeff" + text_of(sheet())).encode("gb18030")), sheet(), extension="csv")


@case("text/gb18030_four_bytes.csv", "GB18030 with characters of four bytes, which GBK lacks.")
def _() -> Case:
    rows = [tax(1), tax(2).shows("政策文号", "财税〔2020〕13号㼆𠮷")]
    return dropped(by_csv(Sheet(TAX, rows), encoding="gb18030"), Sheet(TAX, rows), extension="csv")


@case("text/utf16_tab.txt", "What Excel calls Unicode text: UTF-16, little end first, tabs.")
def _() -> Case:
    return dropped(by_hand(b"\xff\xfe" + text_of(sheet(), delimiter="\t").encode("utf-16-le")), sheet(), extension="txt")


@case("text/utf16_big_end.csv", "UTF-16, big end first.")
def _() -> Case:
    return dropped(by_hand(b"\xfe\xff" + text_of(sheet()).encode("utf-16-be")), sheet(), extension="csv")


@case("text/tabs.tsv", "Tab-separated UTF-8.")
def _() -> Case:
    return twin("utf-8", "tsv", delimiter="\t")


@case("text/tabs_gb18030.txt", "Tab-separated GB18030.")
def _() -> Case:
    return twin("gb18030", "txt", delimiter="\t")


@case("text/semicolons.csv", "Semicolons between the cells.")
def _() -> Case:
    return twin("utf-8-sig", delimiter=";")


@case("text/bars.txt", "Bars between the cells, as old systems write.")
def _() -> Case:
    return twin("gb18030", "txt", delimiter="|")


@case("text/all_quoted.csv", "Every cell in quotes.")
def _() -> Case:
    return twin("gb18030", quoting=csv.QUOTE_ALL)


@case("text/lf.csv", "Lines end with LF.")
def _() -> Case:
    return twin("utf-8", end="\n")


@case("text/cr.csv", "Lines end with CR, as on old Macs.")
def _() -> Case:
    return twin("utf-8", end="\r")


@case("text/mixed_line_ends.csv", "Lines end with CR LF, some with LF: two files were joined.")
def _() -> Case:
    text = text_of(sheet())
    head, tail = text[: text.index("D00002")], text[text.index("D00002") :]
    return dropped(by_hand((head + tail.replace("\r\n", "\n")).encode()), sheet(), extension="csv")


@case("text/no_end_of_last_line.csv", "The last line has no end.")
def _() -> Case:
    return dropped(by_hand(text_of(sheet()).rstrip("\r\n").encode()), sheet(), extension="csv")


@case("text/blank_lines.csv", "Blank lines between the lines, and many below.")
def _() -> Case:
    rows = [tax(1), Line(), tax(2), Line(), Line(), tax(3), Line(), Line()]
    return dropped(by_csv(Sheet(TAX, rows), encoding="gb18030", pad=False), Sheet(TAX, rows), extension="csv")


@case("text/ragged.csv", "Lines end where their last cell is, the header is longer.")
def _() -> Case:
    return dropped(by_csv(sheet(), pad=False), sheet(), extension="csv")


@case("text/commas_at_the_end.csv", "Twenty more commas on every line.")
def _() -> Case:
    text = "".join(f"{line}{',' * 20}\r\n" for line in text_of(sheet()).splitlines())
    return dropped(by_hand(text.encode("gb18030")), sheet(), extension="csv")


@case("text/line_breaks_in_cells.csv", "Cells with line breaks, in quotes: a line of the table is several of the file.")
def _() -> Case:
    rows = [tax(1).shows("政策文号", "财税〔2020〕13号\n财税〔2020〕14号"), tax(2), tax(3)]
    return dropped(by_csv(Sheet(TAX, rows)), Sheet(TAX, rows), extension="csv")


@case("text/quotes_in_cells.csv", "Quotes inside cells, doubled as they should be.")
def _() -> Case:
    rows = [tax(1).shows("政策文号", '财税"2020"13号,附件'), tax(2)]
    return dropped(by_csv(Sheet(TAX, rows), encoding="gb18030"), Sheet(TAX, rows), extension="csv")


@case("text/inch_signs.csv", "A bare quote inside a cell that is not quoted.")
def _() -> Case:
    rows = [tax(1).shows("政策文号", '财税5"管13号'), tax(2)]
    text = text_of(Sheet(TAX, rows)).replace('"财税5""管13号"', '财税5"管13号')
    return dropped(by_hand(text.encode()), Sheet(TAX, rows), extension="csv")


@case("text/quote_never_closed.csv", "A quote opened at the beginning of a cell is never closed: no cell below it is sure.")
def _() -> Case:
    text = text_of(sheet(5)).replace("财税〔2020〕13号", '"财税〔2020〕13号', 1)
    made = by_hand(text.encode())
    return dropped(made, sheet(5), extension="csv", findings=[("rejected", "unclosed-quote", "", None)], is_readable=False)


@case("text/sep_line.csv", "Excel's line that names the delimiter stands first.")
def _() -> Case:
    titled = Sheet(TAX, taxes(3), titles=[["sep=;"]])
    return dropped(
        by_hand(("sep=;\r\n" + text_of(Sheet(TAX, taxes(3)), delimiter=";")).encode("utf-8-sig")), titled, extension="csv"
    )


@case("text/a_byte_of_no_encoding.csv", "GB18030 with one broken character: its line is named, nothing is guessed.")
def _() -> Case:
    content = text_of(sheet()).encode("gb18030").replace("财税".encode("gb18030"), b"\xb2\xff", 1)
    return dropped(
        by_hand(content), sheet(), extension="csv", findings=[("rejected", "undecodable", "", None)], is_readable=False
    )


@case("text/two_encodings.csv", "Half UTF-8, half GB18030: two files were joined.")
def _() -> Case:
    text = text_of(sheet())
    at = text.index("D00002")
    made = by_hand(text[:at].encode() + text[at:].encode("gb18030"))
    return dropped(made, sheet(), extension="csv", findings=[("rejected", "undecodable", "", None)], is_readable=False)


@case("text/nul.csv", "A zero byte in a cell.")
def _() -> Case:
    content = text_of(sheet()).replace("财税", "财税\0", 1).encode()
    return dropped(
        by_hand(content), sheet(), extension="csv", findings=[("rejected", "undecodable", "", None)], is_readable=False
    )


@case("text/blanks_around_cells.csv", "Blanks before and after every cell, some of them wide.")
def _() -> Case:
    text = "\r\n".join(",".join(f" {cell}\u3000" for cell in line.split(",")) for line in text_of(sheet()).splitlines())
    return dropped(by_hand(text.encode("gb18030")), sheet(), extension="csv")


@case("text/one_line.csv", "A header and one line.")
def _() -> Case:
    return dropped(by_csv(Sheet(TAX, taxes(1))), Sheet(TAX, taxes(1)), extension="csv")
