"""Days and months in cells: every unambiguous spelling is read, several days are asked back."""

from __future__ import annotations

from datetime import date

from tests.corpus.building import Case, Row, Sheet, by_csv, by_openpyxl, case, dropped, industry, insurance, tax

DAY = "2020-03-17"


def book(*rows: Row) -> Case:
    sheet = Sheet(rows[0].form, rows)
    return dropped(by_openpyxl(sheet), sheet)


def text(*rows: Row) -> Case:
    sheet = Sheet(rows[0].form, rows)
    return dropped(by_csv(sheet, encoding="utf-8-sig"), sheet, extension="csv")


@case("dates/names_of_months.csv", "Days with the English name of the month.")
def _() -> Case:
    spellings = ("17-MAR-20", "17-Mar-2020", "Mar 17, 2020", "17 March 2020")
    return text(*(tax(n).repaired("业务日期", cell, DAY, "date-repaired") for n, cell in enumerate(spellings, 1)))


@case("dates/separators.csv", "Days with blanks, dots and Chinese commas between their parts.")
def _() -> Case:
    return text(
        tax(1).repaired("业务日期", "2020 03 17", DAY, "date-repaired"),
        tax(2).repaired("业务日期", "2020、3、17", DAY, "date-repaired"),
        tax(3).shows("业务日期", "2020. 3. 17", DAY),
        tax(4).shows("业务日期", "2020年03月17", DAY),
    )


@case("dates/from_programs.csv", "Days as programs write them.")
def _() -> Case:
    return text(
        tax(1).repaired("业务日期", "20200317.0", DAY, "date-repaired"),
        tax(2).repaired("业务日期", "2020-03-17T00:00:00Z", DAY, "date-repaired"),
        tax(3).repaired("业务日期", "2020-03-17T09:00:00+08:00", DAY, "date-repaired"),
        tax(4).aside("业务日期", "2020-03-16T16:00:00Z", "ambiguous-date"),
    )


@case("dates/midnight.xlsx", "Midnight in Chinese and English behind the day.")
def _() -> Case:
    return book(
        tax(1).shows("业务日期", "2020-03-17 上午 12:00:00", DAY),
        tax(2).shows("业务日期", "2020/3/17 12:00:00 AM", DAY),
        tax(3).shows("业务日期", "2020/3/17 0:00", DAY),
    )


@case("dates/chinese_numerals.xlsx", "Days in Chinese numerals, also those of banknotes.")
def _() -> Case:
    return book(
        tax(1).shows("业务日期", "二〇二〇年三月十七日", DAY),
        tax(2).shows("业务日期", "二○二○年三月十七日", DAY),
        tax(3).shows("业务日期", "贰零贰零年叁月拾柒日", DAY),
        tax(4).shows("业务日期", "2020年3月17日（周二）", DAY),
    )


@case("dates/ranges.csv", "Several days where one is wanted: the rows go back.")
def _() -> Case:
    spellings = ("3月16-18日", "3.16-3.18", "2020-03-16至2020-03-18", "2020年3月16日~18日", "20200316-20200318", "3月16日、17日")
    return text(*(tax(n).aside("业务日期", cell, "several-days") for n, cell in enumerate(spellings, 1)), tax(7))


@case("dates/months.csv", "Months in every spelling that means one.")
def _() -> Case:
    spellings = ("2020年2月份", "2020/02/01", "202002.0", "2020-02-01 00:00:00", "二〇二〇年二月", "Feb-20")
    return text(*(insurance(n).shows("费款所属月", cell, "2020-02") for n, cell in enumerate(spellings, 1)))


@case("dates/number_shown_as_a_day.xlsx", "A head count in a cell with a format of days: told as both.")
def _() -> Case:
    return book(industry(1), industry(2).aside("到岗人数", date(2000, 3, 21), "date-for-number"))


@case("dates/old_calendar.csv", "二月廿四 is a day of the old calendar; 三月十七日 and 三月十七 are of ours.")
def _() -> Case:
    return text(
        tax(1).aside("业务日期", "二月廿四", "ambiguous-date"),
        tax(2).aside("业务日期", "农历二月初三", "ambiguous-date"),
        tax(3).repaired("业务日期", "三月十七日", DAY, "date-repaired"),
        tax(4).repaired("业务日期", "三月十七", DAY, "date-repaired"),
    )


@case(
    "dates/orders_of_the_parts.csv",
    "Days whose parts have one order in which they lie near the report date, and days that have two.",
)
def _() -> Case:
    read = ("17/3/2020", "3/17/2020", "17.03.2020 0:00", "20.3.17", "200317", "20年3月17日")
    rows = [tax(n).repaired("业务日期", cell, DAY, "date-repaired") for n, cell in enumerate(read, 1)]
    asked = ("4/3/2020", "20.3.19", "03-04-05")
    return text(*rows, *(tax(n).aside("业务日期", cell, "ambiguous-date") for n, cell in enumerate(asked, 7)))


@case("dates/of_java_and_clerks.csv", "Days as programs in Java write them, with long dashes, times of day, 曰 for 日.")
def _() -> Case:
    spellings = ("Tue Mar 17 00:00:00 CST 2020", "2020-03-17+08:00", "20200317090500")
    rows = [tax(n).repaired("业务日期", cell, DAY, "date-repaired") for n, cell in enumerate(spellings, 1)]
    shown = ("2020—3—17", "2020年3月17曰", "公元2020年3月17日", "2020-03-17（二）")
    return text(*rows, *(tax(n).shows("业务日期", cell, DAY) for n, cell in enumerate(shown, 4)))


@case("dates/months_with_short_years.csv", "20年2月 is a month; 20202 may be any.")
def _() -> Case:
    return text(insurance(1).shows("费款所属月", "20年2月", "2020-02"), insurance(2).aside("费款所属月", "20202", "not-a-month"))


@case(
    "dates/days_that_need_somebody.csv",
    "Days without a month, of another calendar, with slips, and yesterday: each row goes back.",
)
def _() -> Case:
    spellings = ("17日", "昨日", "2020--03--17", "2O20-03-17", "民国109年3月17日")
    return text(*(tax(n).aside("业务日期", cell, "not-a-date") for n, cell in enumerate(spellings, 1)), tax(6))


@case(
    "dates/days_with_more_beside_them.csv",
    "Days with a full stop, the hour in words, the day of the week in brackets, circles for zeros.",
)
def _() -> Case:
    spellings = ("2020.3.17.", "2020年3月17日下午3点", "2020-03-17(二)", "二○二○年三月十七日")
    return text(*(tax(n).shows("业务日期", cell, DAY) for n, cell in enumerate(spellings, 1)))
