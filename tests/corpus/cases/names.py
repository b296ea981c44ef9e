"""What the file's name and title say: report, day, version; and whose inbox it lies in."""

from __future__ import annotations

from datetime import date, datetime

from tests.corpus.building import (
    INDUSTRY,
    SHANGHAI,
    TAX,
    Case,
    Sheet,
    by_csv,
    by_hand,
    by_openpyxl,
    case,
    dropped,
    industry,
    tax,
    taxes,
)


def named(file_name: str, *titles: str, **other: object) -> Case:
    sheet = Sheet(TAX, taxes(2), titles=[[title] for title in titles])
    return dropped(by_csv(sheet), sheet, file_name=file_name, **other)


@case("names/day_in_the_title.csv", "The day stands in the title only.")
def _() -> Case:
    return named("税费减免退日报.csv", "统计日期:2020年3月18日")


@case("names/day_without_year.csv", "The name says 3月18日: the latest such day before the file came.")
def _() -> Case:
    return named("税费减免退日报(3月18日).csv")


@case("names/final_version_2.csv", "R04 3.18最终版(2): number and day are read, the rest says nothing.")
def _() -> Case:
    return named("R04 3.18最终版(2).csv")


@case("names/second_version_in_words.csv", "第2版 behind the day is V2.")
def _() -> Case:
    return named("税费减免退日报3月18日第2版.csv")


@case("names/revised_without_a_number.csv", "修订版 is no number: the file is taken as any other, and the sender told.")
def _() -> Case:
    return named("20200318_R04_TAX_修订版.csv", findings=[("warning", "version-not-read", "", "修订版")])


@case("names/number_at_the_end.csv", "_2 may be a version, a part or a copy: told.")
def _() -> Case:
    return named("20200318_R04_TAX_2.csv", findings=[("warning", "version-not-read", "", "_2")])


@case("names/last_december.csv", "12月30日 in a file that came in January: of the year before.")
def _() -> Case:
    rows = [tax(1).shows("业务日期", date(2019, 12, 30))]
    sheet = Sheet(TAX, rows)
    return dropped(
        by_csv(sheet),
        sheet,
        file_name="税费减免退日报12月30日.csv",
        report_date="2019-12-30",
        received_at=datetime(2020, 1, 2, 9, tzinfo=SHANGHAI),
    )


@case("names/day_of_filling_in.csv", "The title also says when the form was filled in: that is not the day.")
def _() -> Case:
    return named("税费减免退日报.csv", "统计日期:2020年3月18日  填报日期:2020年3月19日")


@case("names/two_days.csv", "Name and title give different days: asked back.")
def _() -> Case:
    return named(
        "20200318_R04_TAX_V1.csv",
        "统计日期:2020年3月17日",
        report_date=None,
        findings=[("rejected", "two-report-dates", "", None)],
    )


@case("names/no_day.csv", "Neither name nor title gives a day.")
def _() -> Case:
    return named("R04 税费减免退日报.csv", report_date=None, findings=[("rejected", "no-report-date", "", None)])


@case("names/no_such_day.csv", "The name says 30 February.")
def _() -> Case:
    return named("20200230_R04_TAX_V1.csv", report_date=None, findings=[("rejected", "impossible-date", "", None)])


@case("names/future_day.csv", "The name says a day after the file came.")
def _() -> Case:
    return named("20210318_R04_TAX_V1.csv", report_date=None, findings=[("rejected", "future-date", "", None)])


@case("names/another_department.csv", "The report of the industry bureau in the inbox of the tax bureau.")
def _() -> Case:
    sheet = Sheet(INDUSTRY, [industry(1), industry(2)])
    return dropped(by_csv(sheet), sheet, department="TAX", extension="csv", findings=[("rejected", "wrong-department", "", None)])


@case("names/report_found_by_its_columns.csv", "The name says nothing of the report; only one of the sender's has these columns.")
def _() -> Case:
    return named("3月18日.csv")


@case("names/unknown_report.csv", "An invitation to a meeting.")
def _() -> Case:
    return Case(
        by_hand("事项,地点\r\n开会,二楼\r\n".encode("gb18030")),
        [],
        "会议通知20200318.csv",
        report=None,
        findings=[("rejected", "unknown-report", "", None)],
    )


@case("names/two_reports.csv", "The name speaks of two reports of the sender, and the table is of neither.")
def _() -> Case:
    return Case(
        by_hand("事项,金额\r\n补贴,1\r\n".encode("gb18030")),
        [],
        "R05、R06合并20200318.csv",
        department="RSJ",
        report=None,
        findings=[("rejected", "ambiguous-report", "", None)],
    )


@case("names/no_table.xlsx", "The right name, the wrong content.")
def _() -> Case:
    sheet = Sheet(TAX, [], header=[["事项", "地点", "时间"]])
    case = dropped(by_openpyxl(sheet), sheet, findings=[("rejected", "no-table", "", None)])
    case.sheets = []
    return case


@case("names/correction.csv", "The name says 更正.")
def _() -> Case:
    return named("税费减免退日报(3月18日)更正.csv")
