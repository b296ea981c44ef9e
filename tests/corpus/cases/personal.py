"""Data on persons, all of it invented: a file with such a cell in its table goes back whole; what only looks like it does not."""

from __future__ import annotations

import openpyxl
from openpyxl.comments import Comment

from tests.corpus.building import TAX, Case, Line, Row, Sheet, by_csv, by_openpyxl, case, code, dropped, industry, tax

ID_NUMBER = "110101199003071233"  # made up; its check digit fits
MOBILE = "13800138000"  # the operator's own
CARD_IN_FOURS = "6222,0212,0000,1234,561"  # made up; its check digit fits
CARD = "6222020000000000000"  # made up; its check digit fits


def told(*rows: Row, at: int, header: str = "备注") -> Case:
    sheet = Sheet(
        rows[0].form, [row.says("rejected", "personal-data", header, None) if n == at else row for n, row in enumerate(rows)]
    )
    sheet.rows = [
        Row(row.form, row.cells, row.means, [(*item[:3], None) for item in row.findings])
        for row in sheet.rows
        if isinstance(row, Row)
    ]
    return dropped(by_csv(sheet, encoding="gb18030"), sheet, extension="csv")


@case("personal/id_number.csv", "An ID number in a remark.")
def _() -> Case:
    return told(industry(1), industry(2).shows("备注", f"联系人身份证{ID_NUMBER}"), at=1)


@case("personal/mobile.csv", "A mobile number in a remark.")
def _() -> Case:
    return told(industry(1), industry(2).shows("备注", f"联系人 {MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}"), at=1)


@case("personal/bank_card.csv", "The number of a bank card in a remark.")
def _() -> Case:
    return told(industry(1), industry(2).shows("备注", f"卡号 {CARD}"), at=1)


@case("personal/id_number_for_a_code.csv", "An ID number where a credit code belongs.")
def _() -> Case:
    row = tax(2).aside("统一社会信用代码", ID_NUMBER, "uscc-check-digit")
    return told(tax(1), row, at=1, header="统一社会信用代码")


@case(
    "personal/phone_of_the_office.xlsx",
    "Who filled in the form, and the telephone, stand above and below the table: told, and nothing of them is kept.",
)
def _() -> Case:
    notes = [Line([f"填表人:某某  联系电话:{MOBILE}"], [("warning", "personal-contact", 0, None)])]
    sheet = Sheet(TAX, [tax(1), tax(2), *notes], titles=[["税费减免退日报"], [f"联系电话:{MOBILE}"]])
    return dropped(by_openpyxl(sheet), sheet, findings=[("warning", "personal-contact", "A2", None)])


@case(
    "personal/what_only_looks_like_it.csv",
    "Document numbers of 11, 16 and 18 digits, credit codes of digits alone: nothing personal.",
)
def _() -> Case:
    sheet = Sheet(
        TAX,
        [
            tax(1).shows("凭证号", "13912345678"),
            tax(2).shows("凭证号", "4101060220031800"),
            tax(3).shows("减免性质代码", "0001011608"),
            tax(4).shows("统一社会信用代码", code(4)),
        ],
    )
    return dropped(by_csv(sheet, encoding="gb18030"), sheet, extension="csv")


SPELLINGS = {
    "id_with_zero_width": ("证件 110101\u200b19900307\u200b1233", "an ID number with zero-width signs"),
    "id_with_soft_hyphens": ("110101\u00ad19900307\u00ad1233", "an ID number with soft hyphens"),
    "id_in_fours": ("1101 0119 9003 0712 33", "an ID number in groups of four"),
    "id_with_dashes": ("110101—19900307—1233", "an ID number with long dashes"),
    "id_with_dots": ("110101.19900307.1233", "an ID number with dots"),
    "id_with_wide_blanks": ("110101\u300019900307\u30001233", "an ID number with ideographic spaces"),
    "id_glued": (f"ID{ID_NUMBER}张某", "an ID number between Latin and Chinese letters"),
    "id_with_letters_o": ("11O1O1199OO3O71233", "an ID number with the letter O for nought"),
    "id_of_15_digits": ("身份证号110101900307123", "a labelled ID number of 15 digits"),
    "mobile_335": ("138 001 38000", "a mobile number in groups of 3, 3, 5"),
    "mobile_443": ("1380-0138-000", "a mobile number in groups of 4, 4, 3"),
    "mobile_0086": (f"0086{MOBILE}", "a mobile number behind 0086"),
    "mobile_86_in_brackets": (f"（86）{MOBILE}", "a mobile number behind 86 in brackets"),
    "mobile_glued": (f"tel{MOBILE}", "a mobile number glued to Latin letters"),
    "mobile_full_width_dashes": ("138－0013－8000", "a mobile number with full-width dashes"),
    "mobile_with_commas": ("138,0013,8000", "a mobile number with commas"),
    "mobile_with_blanks": ("138     0013     8000", "a mobile number with several blanks"),
    "mobile_353": ("138-00138-000", "a mobile number in groups of 3, 5, 3"),
    "mobile_in_chinese": ("一三八〇〇一三八〇〇〇", "a mobile number in Chinese numerals"),
    "mobile_spoken": ("电话幺三八 零零幺三 八零零零", "a mobile number in Chinese numerals as spoken"),
    "mobile_with_letters": ("联系 138OOl38OOO", "a mobile number with the letters O and l"),
    "mobile_wide_with_letters": ("联系 １３８ＯＯl３８OOO", "a mobile number in wide digits with the letters O and l"),
    "mobile_with_circles": ("联系138〇〇l38○○○", "a mobile number with the Chinese zero and circles"),
    "card_with_letters": (f"卡号 {CARD[:6].replace('0', 'O')}{CARD[6:12]}O{CARD[13:]}", "the number of a card with the letter O"),
    "mobile_as_an_amount": ("13 800 138 000", "a mobile number in thousands"),
    "card_with_commas": (CARD_IN_FOURS, "the number of a card with commas"),
    "id_in_chinese": ("一一〇一〇一一九九〇〇三〇七一二三三", "an ID number in Chinese numerals"),
    "card_6_and_13": (f"{CARD[:6]} {CARD[6:]}", "the number of a card in groups of 6 and 13"),
    "card_with_zero_width": (f"{CARD[:6]}\u200b{CARD[6:]}", "the number of a card with a zero-width sign"),
}


def spelt(name: str, text: str, what: str) -> None:
    @case(f"personal/{name}.csv", f"In a remark, {what}.")
    def _() -> Case:
        row = industry(2).shows("备注", text)
        if {"\u200b", "\u00ad", "\uff0d"} & set(text):
            row = row.says("repaired", "unseen-characters", "备注")
        return told(industry(1), row, at=1)


for _name, (_text, _what) in SPELLINGS.items():
    spelt(_name, _text, _what)


@case(
    "personal/telephones_of_the_office.csv",
    "Land-line numbers, ranges of days and document numbers in remarks: nothing personal.",
)
def _() -> Case:
    remarks = [
        "电话0371-67881234",
        "2020-03-18 至 2020-04-18",
        "核准号20200318001234",
        "合计13912345678元",
        "执行GB/T 13800138000",
    ]
    sheet = industry(1).form
    rows = [industry(n).shows("备注", text) for n, text in enumerate(remarks, 1)]
    return dropped(by_csv(Sheet(sheet, rows), encoding="gb18030"), Sheet(sheet, rows), extension="csv")


@case(
    "personal/numerals_in_a_comment.xlsx",
    "A comment holds a mobile number in Chinese numerals: told, and the original is sealed.",
)
def _() -> Case:
    sheet = Sheet(TAX, [tax(1), tax(2)])

    def change(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["B2"].comment = Comment("联系人一三八零零一三八零零零", "某某")

    return dropped(by_openpyxl(sheet, change=change), sheet, findings=[("warning", "personal-contact", "", None)])
