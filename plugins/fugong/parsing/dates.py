"""Parses dates and months in the spellings that departments use. A spelling that may mean two days is refused."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fugong.core.time import SHANGHAI

CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
DAYTIME = "上午|下午|凌晨|中午|晚上|早上|傍晚|夜里"
TIME = rf"(?:[ t]*(?:{DAYTIME})?\d{{1,2}}[时点](?:\d{{1,2}}分?|半)?|[ t]*(?:{DAYTIME})|[ t]*(?:上午|下午|凌晨|中午|晚上)? ?({CLOCK}) ?(?:[ap]\.?m\.?)?)?"
YEAR_FIRST = re.compile(rf"^(\d{{4}})([年.\-/、, ])(\d{{1,2}})[月.\-/、, ](\d{{1,2}})[日号.]?{TIME}$")
WITH_OFFSET = re.compile(rf"^(\d{{4}}-\d{{2}}-\d{{2}})[ t]({CLOCK}) ?(z|[+-]\d{{2}}:?\d{{2}})$")
WITH_ZONE = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:z|\+08:?00)$")
COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\.0+|[ t]?(?:[01]\d|2[0-3]):?[0-5]\d(?::?[0-5]\d)?)?$")
JAVA = re.compile(r"^([a-z]{3}) (\d{1,2}) \d\d:\d\d:\d\d (?:cst|gmt\+08:00) (\d{4})$")
"""As Java writes a moment: Tue Mar 17 00:00:00 CST 2020."""
MONTH_DAY = re.compile(r"^(\d{1,2})([月.\-/])(\d{1,2})[日号]?$")
SERIAL = re.compile(r"^(\d{5})(?:\.\d+)?$")
SHORT_YEAR = re.compile(rf"^(\d{{2}})年(\d{{1,2}})月(\d{{1,2}})[日号]?{TIME}$")
YEAR_LAST = re.compile(rf"^(\d{{1,2}})[./\-](\d{{1,2}})[./\-](\d{{4}}){TIME}$")
ANY_ORDER = re.compile(r"^(\d{1,2})[./\-](\d{1,2})[./\-](\d{1,2})$|^(\d{2})(\d{2})(\d{2})$|^(\d)(\d)(\d{5})$")
WINDOW = (timedelta(-400), timedelta(31))
"""Around the report date: 20.3.17 is the one of its readings that lies within. With slashes any order is usual, and it is asked."""
NOUGHT = re.compile(r"^(?:0+(?:\.0+)?|0{1,2}:00(?::00)?|0000[年.\-/]0?0[月.\-/]0?0日?)$")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = f"({'|'.join(MONTHS)})[a-z]*"
YEAR_NAME_DAY = re.compile(rf"^(\d{{4}})[- ./]*{_NAME}[-., /]*(\d{{1,2}}){TIME}$")
DAY_MONTH_YEAR = re.compile(rf"^(\d{{1,2}})-(\d{{1,2}})月-(\d{{4}}|\d{{2}}){TIME}$")
"""As databases write a day where the language is Chinese: 17-3月-20."""
DAY_NAME_YEAR = re.compile(rf"^(\d{{1,2}})(?:st|nd|rd|th)?[- ./]*{_NAME}[-., /]*(\d{{4}}|\d{{2}}){TIME}$")
NAME_DAY_YEAR = re.compile(rf"^{_NAME}[-. /]*(\d{{1,2}})(?:st|nd|rd|th)?[-, /]+(\d{{4}}){TIME}$")
NAME_YEAR = re.compile(rf"^{_NAME}[-., /']*(?:(20\d{{2}})|(\d{{2}}))$")
_DAY = r"(?:(?:\d{4}[年.\-/])?\d{1,2}[月./\-]\d{1,2}[日号]?|\d{8})"
SEVERAL_DAYS = re.compile(rf"^{_DAY}(?:\s*(?:至|到|~|-+|—+|–+|―+|、|,|和|及|与|/)\s*(?:{_DAY}|\d{{1,2}}[日号]?))+$")
"""A day, and another one behind it: 3月16-18日, 2020-03-16至2020-03-18, 3月16日、17日."""
LIKE = str.maketrans("曰\\—–−‐", "日/----")
WEEKDAY = re.compile(
    r"\s*(?:[(]?(?:星期|礼拜|周)[一二三四五六日天][)]?|[(][一二三四五六日天][)])\s*$|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[,. ]+"
)
DIGITS = {
    **{
        sign: digit
        for digit, signs in enumerate(("〇○零Ｏ", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
        for sign in signs
    }
}
CHINESE = re.compile(rf"[{''.join(DIGITS)}十拾廿卅]+")
LUNAR = re.compile(r"^[甲乙丙丁戊己庚辛壬癸].年|闰|[正冬腊]月|月(?:初.|廿.?|卅.?)$|农历|阴历")
"""A day of the old calendar by its words: 二月廿四, 正月十五."""
EPOCH = date(1899, 12, 30)
EPOCH_1904 = date(1904, 1, 1)
SERIAL_DATES = (date(2000, 1, 1), date(2049, 12, 31))
"""Day numbers of spreadsheets count as dates only between these two."""


@dataclass(frozen=True)
class Origin:
    """How a day without a year and a day number are completed in one file.

    Attributes:
        report_date: gives the year; None if it is not known.
        is_1904: day numbers count from 1904, as in old Macintosh workbooks.
    """

    report_date: date | None = None
    is_1904: bool = False


NO_ORIGIN = Origin()


@dataclass(frozen=True)
class DateRead:
    """A date, or why there is none.

    Attributes:
        fault: `not-a-date`, `ambiguous-date`, `several-days` or `zero-date`.
        is_repaired: the date was not written out; the receipt shows how it was read.
    """

    day: date | None
    fault: str | None = None
    is_repaired: bool = False


def parse_date(text: str, origin: Origin = NO_ORIGIN) -> DateRead:
    """Parse a date. A day without a year gets the latest year that is not after the report date."""
    plain = WEEKDAY.sub("", unicodedata.normalize("NFKC", text).strip().casefold().removeprefix("公元"))
    if LUNAR.search(plain):
        return DateRead(None, "ambiguous-date")
    plain = in_digits(plain).translate(LIKE)
    plain = re.sub(r"\s*([年月日号.\-/、])\s*(?=\d|$)", r"\1", plain).strip()
    if NOUGHT.match(plain):
        return DateRead(None, "zero-date")
    if found := YEAR_FIRST.match(plain):
        year, separator, month, day, time = found.groups()
        return _of_year(int(year), int(month), int(day), origin=origin, time=time, is_odd=separator in "、, ")
    if found := COMPACT.match(plain):
        return _of_year(
            *(int(part) for part in found.groups()), origin=origin, time=plain[8:].lstrip(" t.") or None, is_odd="." in plain
        )
    if found := WITH_ZONE.match(plain):
        return DateRead(date.fromisoformat(found.group(1)), None, is_repaired=True)
    if found := WITH_OFFSET.match(plain):
        return _at_offset(plain, date.fromisoformat(found.group(1)))
    if found := DAY_NAME_YEAR.match(plain):
        day, name, year, time = found.groups()
        return _of_year(_whole_year(year), MONTHS.index(name) + 1, int(day), origin=origin, time=time, is_odd=True)
    if found := YEAR_NAME_DAY.match(plain):
        year, name, day, time = found.groups()
        return _of_year(int(year), MONTHS.index(name) + 1, int(day), origin=origin, time=time, is_odd=True)
    if found := DAY_MONTH_YEAR.match(plain):
        day, month, year, time = found.groups()
        return _of_year(_whole_year(year), int(month), int(day), origin=origin, time=time, is_odd=True)
    if found := NAME_DAY_YEAR.match(plain):
        name, day, year, time = found.groups()
        return _of_year(int(year), MONTHS.index(name) + 1, int(day), origin=origin, time=time, is_odd=True)
    if found := MONTH_DAY.match(plain):
        return _of_month(int(found.group(1)), found.group(2), found.group(3), origin.report_date)
    if (found := JAVA.match(plain)) and found.group(1) in MONTHS:
        name, day, year = found.groups()
        return _of_year(int(year), MONTHS.index(name) + 1, int(day), origin=origin, time=None, is_odd=True)
    if found := SHORT_YEAR.match(plain):
        year, month, day, time = found.groups()
        return _of_year(_whole_year(year), int(month), int(day), origin=origin, time=time, is_odd=True)
    if found := YEAR_LAST.match(plain):
        one, other, year, time = found.groups()
        month, day = sorted((int(one), int(other)))
        if month != day <= 12:
            return DateRead(None, "ambiguous-date")
        return _of_year(int(year), month, day, origin=origin, time=time, is_odd=True)
    if (found := ANY_ORDER.match(plain)) and "/" not in plain:
        return _in_any_order(*(int(part) for part in found.groups() if part), report_date=origin.report_date)
    if found:
        return DateRead(None, "ambiguous-date")
    if SEVERAL_DAYS.match(plain):
        return DateRead(None, "several-days")
    if found := SERIAL.match(plain):
        day = (EPOCH_1904 if origin.is_1904 else EPOCH) + timedelta(days=int(found.group(1)))
        if SERIAL_DATES[0] <= day <= SERIAL_DATES[1]:
            return DateRead(day, None, is_repaired=True)
    return DateRead(None, "not-a-date")


def in_digits(text: str) -> str:
    """A text with Chinese numerals in digits: 二〇二〇年三月十七日 becomes 2020年3月17日. A text without 年 or 月 stays as it is."""
    return CHINESE.sub(lambda found: _digits(found.group()), text) if "月" in text or "年" in text else text


def _digits(numeral: str) -> str:
    tens, ten, ones = re.sub(
        "[拾廿卅]", lambda found: {"拾": "十", "廿": "二十", "卅": "三十"}[found.group()], numeral
    ).partition("十")
    if not ten:
        return "".join(str(DIGITS[sign]) for sign in numeral)
    if len(tens) > 1 or len(ones) > 1:
        return numeral
    return str((DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0))


def _whole_year(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _in_any_order(one: int, two: int, three: int, *, report_date: date | None) -> DateRead:
    """A day of two digits each, if one of its readings alone lies near the report date."""
    near: set[date] = set()
    for year, month, day in ((one, two, three), (three, one, two), (three, two, one)):
        try:
            found = date(2000 + year, month, day)
        except ValueError:
            continue
        if report_date is not None and WINDOW[0] <= found - report_date <= WINDOW[1]:
            near.add(found)
    if len(near) != 1:
        return DateRead(None, "ambiguous-date")
    return DateRead(near.pop(), None, is_repaired=True)


def _at_offset(text: str, written: date) -> DateRead:
    """A moment with an offset from UTC. It is the day that is written if that is the day in China, too."""
    moment = datetime.fromisoformat(text.upper().replace(" ", "T", 1).replace(" ", ""))
    if moment.astimezone(SHANGHAI).date() != written:
        return DateRead(None, "ambiguous-date")
    return DateRead(written, None, is_repaired=True)


def _of_year(year: int, month: int, day: int, *, origin: Origin, time: str | None, is_odd: bool = False) -> DateRead:
    if year == 1899 or (year == 1900 and month == 1 and day <= 1):
        return DateRead(None, "zero-date")
    try:
        found = date(year, month, day)
    except ValueError:
        return DateRead(None, "not-a-date")
    if origin.is_1904 and found == EPOCH_1904:
        return DateRead(None, "zero-date")
    midnight = time is None or not time.strip("0:.") or time.startswith("12:00")
    return DateRead(found, None, is_repaired=is_odd or not midnight)


def _of_month(month: int, separator: str, day: str, report_date: date | None) -> DateRead:
    # A spreadsheet shows 3.10 as 3.1, so 3.1 may be the tenth.
    if separator == "." and day in ("1", "2", "3"):
        return DateRead(None, "ambiguous-date")
    if separator != "月" and month > 12 and int(day) <= 12:
        return DateRead(None, "ambiguous-date")
    if report_date is None:
        return DateRead(None, "not-a-date")
    year = report_date.year if (month, int(day)) <= (report_date.month, report_date.day) else report_date.year - 1
    try:
        return DateRead(date(year, month, int(day)), None, is_repaired=True)
    except ValueError:
        return DateRead(None, "not-a-date")


MONTH = (
    re.compile(r"^(?P<y>20\d{2})(?P<s>[年.\-/、])(?P<m>\d{1,2})(?:月|月份)?$"),
    re.compile(r"^(?P<y>20\d{2})(?P<m>\d{2})(?:月|月份|01|\.0+)?$"),
    re.compile(r"^(?P<y>20\d{2})(?P<s>[年\-/])(?P<m>\d{1,2})[月\-/]0?1日?(?:t?0{1,2}:00(?::00(?:\.0+)?)?)?z?$"),
    re.compile(r"^(?P<y>\d{2})年(?P<m>\d{1,2})(?:月|月份)?$"),
)


def parse_month(text: str, origin: Origin = NO_ORIGIN) -> str | None:
    """Parse a month to `2020-02`; None if the text is no month, or may mean two."""
    plain = "".join(in_digits(unicodedata.normalize("NFKC", text).casefold()).split())
    if named := NAME_YEAR.match(plain):
        year = _whole_year(named.group(2) or named.group(3))
        if origin.report_date is not None and year > origin.report_date.year + 1:
            return None  # Mar-31 is a day
        return f"{year}-{MONTHS.index(named.group(1)) + 1:02d}"
    found = next((found for pattern in MONTH if (found := pattern.match(plain))), None)
    if found is None:
        return None
    year, separator, month = (part or "" for part in (found["y"], found.groupdict().get("s"), found["m"]))
    year = str(_whole_year(year))
    if not 1 <= int(month) <= 12:
        return None
    # A spreadsheet shows 2020.10 as 2020.1. It means January only if October is still to come.
    if separator == "." and month == "1" and "月" not in plain:
        report_date = origin.report_date
        if report_date is None or (int(year), 10) <= (report_date.year, report_date.month):
            return None
    return f"{year}-{int(month):02d}"
