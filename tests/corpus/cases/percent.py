"""Shares: the scale is that of the whole column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from tests.corpus.building import INDUSTRY, Case, Form, Row, Sheet, by_csv, by_openpyxl, case, dropped, industry, insurance, loan

RATE = "产能恢复率(%)"
INTEREST = "年利率"
Told = Sequence[tuple[str, str, str, str | None]]


def renamed(row: Row, old: str, new: str) -> Row:
    """The same line under another header."""

    def under(name: str) -> str:
        return new if name == old else name

    form = Form(
        row.form.report, row.form.table, row.form.department, {under(name): column for name, column in row.form.columns.items()}
    )
    findings = [(severity, code, under(header), value) for severity, code, header, value in row.findings]
    return replace(row, form=form, cells={under(name): cell for name, cell in row.cells.items()}, findings=findings)


def book(*rows: Row, told: Told = (), as_text: bool = False) -> Case:
    """A file with these lines; what is told about a column stands at its header in line 1."""
    sheet = Sheet(rows[0].form, rows)
    findings = [(severity, code, f"{chr(65 + sheet.order.index(header))}1", value) for severity, code, header, value in told]
    if as_text:
        return dropped(by_csv(sheet), sheet, extension="csv", findings=findings)
    return dropped(by_openpyxl(sheet), sheet, findings=findings)


def shares(*values: tuple[object, str], header: str = RATE, told: Told = (), as_text: bool = False) -> Case:
    rows = [renamed(industry(n).shows(RATE, shown, Decimal(means)), RATE, header) for n, (shown, means) in enumerate(values, 1)]
    return book(*rows, told=told, as_text=as_text)


def interest(*values: tuple[object, str | None], header: str = INTEREST, told: Told = ()) -> Case:
    rows = [
        loan(n).aside(INTEREST, shown, "doubtful-share") if means is None else loan(n).shows(INTEREST, shown, Decimal(means))
        for n, (shown, means) in enumerate(values, 1)
    ]
    return book(*(renamed(row, INTEREST, header) for row in rows), told=told)


@case("percent/small_percents.xlsx", "1, 0.5 and 1.2 under a header with %, beside 85.5 and 100.")
def _() -> Case:
    told = [("warning", "small-percent", RATE, "1")]
    return shares((1, "0.01"), (0.5, "0.005"), (1.2, "0.012"), (85.5, "0.855"), (100, "1"), told=told)


@case("percent/rates_of_interest.xlsx", "1, 0.85 and 3.15 under 年利率(%).")
def _() -> Case:
    return interest((1, "0.01"), (0.85, "0.0085"), (3.15, "0.0315"), header="年利率(%)")


@case("percent/one_percent.xlsx", "A rate of 1 alone under 年利率(%): as a fraction it would be 100 %.")
def _() -> Case:
    return interest((1, "0.01"), header="年利率(%)")


@case("percent/fractions_under_percent.xlsx", "0.0435 and 0.0315 under 年利率(%): as percents they make no sense.")
def _() -> Case:
    told = [("warning", "share-scale", "年利率(%)", "0.0435")]
    return interest((0.0435, "0.0435"), (0.0315, "0.0315"), header="年利率(%)", told=told)


@case("percent/one_fraction_among_percents.xlsx", "0.0435 among percents under 年利率(%): goes back.")
def _() -> Case:
    return interest((4.35, "0.0435"), (0.0435, None), (3.15, "0.0315"), header="年利率(%)")


@case("percent/without_sign.xlsx", "Rates of interest as percents; no header says so, the contract's range does.")
def _() -> Case:
    return interest((4.35, "0.0435"), (0.5, "0.005"), (3.15, "0.0315"))


@case("percent/both_kinds_without_sign.xlsx", "0.0435 and 3.15 without a sign: each makes sense in one way only.")
def _() -> Case:
    return interest((0.0435, "0.0435"), (3.15, "0.0315"))


@case(
    "percent/fraction_of_another_size.xlsx",
    "0.0015 among rates of interest without a sign: as a fraction it is like no other rate, as a percent no rate.",
)
def _() -> Case:
    return interest((4.35, "0.0435"), (0.0015, None), (3.15, "0.0315"), (4.05, "0.0405"))


@case(
    "percent/no_share_in_any_reading.xlsx",
    "200 among fractions of recovery: neither 200 nor 2 makes sense, and nobody knows which.",
)
def _() -> Case:
    values = ("0.85", "0.9", "0.95", "0.8", "0.7", "0.75", "0.6", "0.5", "0.99")
    rows = [
        renamed(industry(n).shows(RATE, float(value), Decimal(value)), RATE, "产能恢复率") for n, value in enumerate(values, 1)
    ]
    told = [("warning", "share-scale", "产能恢复率", "0.85")]
    return book(*rows, renamed(industry(10).aside(RATE, 200, "doubtful-share"), RATE, "产能恢复率"), told=told)


@case("percent/too_small_under_percent.csv", "0.03 under 减免比例(%): 0.03 % is no share of a relief, 3 % is none either.")
def _() -> Case:
    rows = [insurance(1).shows("减免比例", "100", Decimal(1)), insurance(2).aside("减免比例", "0.03", "doubtful-share")]
    return book(*(renamed(row, "减免比例", "减免比例(%)") for row in rows), as_text=True)


@case("percent/recovery_without_sign.csv", "Recovery as fractions; no header says so.")
def _() -> Case:
    told = [("warning", "share-scale", "产能恢复率", "0.85")]
    return shares((0.85, "0.85"), (0.9, "0.9"), header="产能恢复率", told=told, as_text=True)


@case("percent/recovery_as_percents_without_sign.csv", "Recovery as percents; no header says so.")
def _() -> Case:
    return shares((85, "0.85"), (100, "1"), header="产能恢复率", as_text=True)


@case("percent/per_mille.xlsx", "A header with ‰.")
def _() -> Case:
    return shares((850, "0.85"), (1000, "1"), header="产能恢复率(‰)")


@case("percent/in_words.xlsx", "A header that says percent in words.")
def _() -> Case:
    told = [("warning", "small-percent", "产能恢复率(百分比)", "0.5")]
    return shares((85, "0.85"), (0.5, "0.005"), header="产能恢复率(百分比)", told=told)


@case("percent/own_signs.csv", "Cells with their own sign among bare ones.")
def _() -> Case:
    return shares(("85%", "0.85"), ("90", "0.9"), ("0.5%", "0.005"), as_text=True)


@case(
    "percent/all_up_to_one.csv", "All numbers under the header with % are up to 1, and make sense both ways: the file goes back."
)
def _() -> Case:
    told = [("rejected", "share-scale-doubt", RATE, "1")]
    return shares((1, "0.01"), (0.5, "0.005"), told=told, as_text=True)


@case("percent/lone_number.csv", "0.85 alone under the header with %: the file goes back.")
def _() -> Case:
    return shares((0.85, "0.85"), told=[("rejected", "share-scale-doubt", RATE, "0.85")], as_text=True)


@case("percent/lone_one_without_sign.csv", "1 alone, and no header says percents: 100 % or 1 %?")
def _() -> Case:
    return shares((1, "1"), header="产能恢复率", told=[("rejected", "share-scale-doubt", "产能恢复率", "1")], as_text=True)


@case(
    "percent/neither_one_nor_the_other.csv",
    "No header says so, half of the numbers are percents and half fractions: the file goes back.",
)
def _() -> Case:
    values = ((0.85, "0.85"), (0.9, "0.9"), (200, "2"), (260, "2.6"))
    told = [("rejected", "share-scale-doubt", "产能恢复率", "0.85")]
    return shares(*values, header="产能恢复率", told=told, as_text=True)


@case("percent/title_of_two_units.csv", "金额单位：千元；比例单位：% above the table: 5 is 5000 yuan, 85.2 and 1 are percents.")
def _() -> Case:
    header = [name.partition("(")[0] for name in INDUSTRY.columns]
    form = replace(INDUSTRY, columns=dict(zip(header, INDUSTRY.columns.values(), strict=True)))
    rows = [
        replace(row, form=form, cells={name.partition("(")[0]: cell for name, cell in row.cells.items()})
        .shows("当日产值", 5, Decimal(5000))
        .shows("产能恢复率", share, Decimal(share) / 100)
        for row, share in ((industry(1), "85.2"), (industry(2), "1"))
    ]
    sheet = Sheet(form, rows, titles=[["金额单位：千元；比例单位：%"]])
    return dropped(by_csv(sheet), sheet, extension="csv", findings=[("warning", "small-percent", "L2", "1")])
