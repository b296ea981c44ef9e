"""Data on persons, all of it invented: a file with such a cell in its table goes back whole; what only looks like it does not."""

from __future__ import annotations

from tests.corpus.building import TAX, Case, Line, Row, Sheet, by_csv, by_openpyxl, case, code, dropped, industry, tax

ID_NUMBER = "110101199003071233"  # made up; its check digit fits
MOBILE = "13800138000"  # the operator's own
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
    "Who filled in the form, and the telephone, stand above and below the table: nothing of them is kept.",
)
def _() -> Case:
    notes = [Line([f"填表人:某某  联系电话:{MOBILE}"])]
    sheet = Sheet(TAX, [tax(1), tax(2), *notes], titles=[["税费减免退日报"], [f"联系电话:{MOBILE}"]])
    return dropped(by_openpyxl(sheet), sheet)


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
