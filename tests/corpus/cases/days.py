"""Days of names and titles: ranges, bare numbers, Chinese numerals, days of cells."""

from __future__ import annotations

from tests.corpus.building import INDUSTRY, TAX, Case, Sheet, by_csv, by_openpyxl, case, dropped, industry, taxes


def named(file_name: str, *titles: str, several: str = "") -> Case:
    """A file of 2020-03-18, or one that names several days."""
    sheet = Sheet(TAX, taxes(2), titles=[[title] for title in titles])
    if not several:
        return dropped(by_csv(sheet), sheet, file_name=file_name)
    return dropped(
        by_csv(sheet), sheet, file_name=file_name, report_date=None, findings=[("rejected", "range-of-days", "", several)]
    )


@case("days/range_of_a_month.xlsx", "工业复工2020年3月16-18日: which day is meant is asked.")
def _() -> Case:
    sheet = Sheet(INDUSTRY, [industry(1)])
    findings = [("rejected", "range-of-days", "", "2020年3月16、18日")]
    return dropped(by_openpyxl(sheet), sheet, file_name="工业复工2020年3月16-18日.xlsx", report_date=None, findings=findings)


@case("days/range_with_dots.csv", "税费3.16-3.18.")
def _() -> Case:
    return named("税费减免退日报3.16-3.18.csv", several="3.16、3.18")


@case("days/range_in_compact_days.csv", "20200316-20200318.")
def _() -> Case:
    return named("20200316-20200318_R04.csv", several="20200316、20200318")


@case("days/range_without_month.csv", "16—18日, and the title names the month.")
def _() -> Case:
    return named("税费减免退日报16—18日.csv", "2020年3月", several="16、18")


@case("days/range_in_four_digits.csv", "0316-0318.")
def _() -> Case:
    return named("税费减免退日报0316-0318.csv", several="0316、0318")


@case("days/range_in_the_title.csv", "The title says 3月16日至18日 and the name no day.")
def _() -> Case:
    return named("税费减免退日报.csv", "统计日期:3月16日至18日", several="3月16日、18日")


@case("days/two_days_listed.csv", "3月17日和18日.")
def _() -> Case:
    return named("税费减免退日报3月17日和18日.csv", several="3月17日、18日")


@case("days/period_until_the_day.csv", "The title tells the period up to the day that the name gives.")
def _() -> Case:
    return named("20200318_R04_TAX_V1.csv", "统计时段:2020年2月10日至3月18日")


@case("days/four_digits.csv", "税费0318: no other day is named, and it is the day before the file came.")
def _() -> Case:
    return named("税费减免退日报0318.csv")


@case("days/six_digits.csv", "税费200318.")
def _() -> Case:
    return named("税费减免退日报200318.csv")


@case("days/short_year.csv", "税费20.3.18.")
def _() -> Case:
    return named("税费减免退日报20.3.18.csv")


@case("days/with_a_hyphen.csv", "财税〔2020〕13号 税费3-18: the number of the document is no day.")
def _() -> Case:
    return named("财税〔2020〕13号税费减免退日报3-18.csv")


@case("days/chinese_numerals.csv", "The title says 二〇二〇年三月十八日.")
def _() -> Case:
    return named("税费减免退日报.csv", "二〇二〇年三月十八日")


@case("days/week_of_a_month.csv", "3月第2周 is no day.")
def _() -> Case:
    sheet = Sheet(TAX, taxes(2))
    findings = [("rejected", "no-report-date", "", None)]
    return dropped(by_csv(sheet), sheet, file_name="税费减免退日报3月第2周.csv", report_date=None, findings=findings)


@case("days/bare_day_that_is_due.csv", "税费减免退日报18日: the day whose report is due.")
def _() -> Case:
    return named("税费减免退日报18日.csv")


@case("days/digits_that_are_due.csv", "税费减免退日报18.")
def _() -> Case:
    return named("税费减免退日报18.csv")


@case("days/bare_day_long_past.csv", "税费减免退日报20日 came on the 19th: nobody owes the 20th of the month before.")
def _() -> Case:
    name = "税费减免退日报20日.csv"
    sheet = Sheet(TAX, taxes(2))
    findings = [("rejected", "no-report-date", "", name)]
    return dropped(by_csv(sheet), sheet, file_name=name, report_date=None, findings=findings)


@case("days/deadline_in_the_title.csv", "请于3月19日12时前报送 is no report date.")
def _() -> Case:
    return named("20200318_R04_TAX_V1.csv", "税费减免退日报", "请于3月19日12时前报送")


@case("days/two_days_in_a_row.csv", "3月17日18日.")
def _() -> Case:
    return named("税费减免退日报3月17日18日.csv", several="3月17日、18日")


@case("days/from_one_day_on.csv", "3月16日起至18日.")
def _() -> Case:
    return named("税费减免退日报3月16日起至18日.csv", several="3月16日、18日")
