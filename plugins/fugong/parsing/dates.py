"""Parses dates and months in the spellings that departments use. A spelling that may mean two days is refused."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

TIME = r"(?:[ t]?(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?"
YEAR_FIRST = re.compile(rf"^(\d{{4}})[年.\-/](\d{{1,2}})[月.\-/](\d{{1,2}})[日号]?{TIME}$")
COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
MONTH_DAY = re.compile(r"^(\d{1,2})([月.\-/])(\d{1,2})[日号]?$")
SERIAL = re.compile(r"^(\d{5})(?:\.\d+)?$")
ANY_ORDER = re.compile(r"^\d{1,2}[./\-]\d{1,2}[./\-](?:\d{2}|\d{4})$|^\d{6,7}$|^\d{1,2}年\d{1,2}月\d{1,2}[日号]?$")
NOUGHT = re.compile(r"^(?:0+(?:\.0+)?|0{1,2}:00(?::00)?|0000[年.\-/]0?0[月.\-/]0?0日?)$")
WEEKDAY = re.compile(r"[(]?(?:星期|周)[一二三四五六日天][)]?$")
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
        fault: `not-a-date`, `ambiguous-date` or `zero-date`.
        is_repaired: the date was not written out; the receipt shows how it was read.
    """

    day: date | None
    fault: str | None = None
    is_repaired: bool = False


def parse_date(text: str, origin: Origin = NO_ORIGIN) -> DateRead:
    """Parse a date. A day without a year gets the latest year that is not after the report date."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    plain = re.sub(r"\s*([年月日号.\-/])\s*", r"\1", WEEKDAY.sub("", plain)).strip()
    if NOUGHT.match(plain):
        return DateRead(None, "zero-date")
    if found := YEAR_FIRST.match(plain):
        return _of_year(*(int(part) for part in found.groups()[:3]), origin=origin, time=found.group(4))
    if found := COMPACT.match(plain):
        return _of_year(*(int(part) for part in found.groups()), origin=origin, time=None)
    if found := MONTH_DAY.match(plain):
        return _of_month(int(found.group(1)), found.group(2), found.group(3), origin.report_date)
    if ANY_ORDER.match(plain):
        return DateRead(None, "ambiguous-date")
    if found := SERIAL.match(plain):
        day = (EPOCH_1904 if origin.is_1904 else EPOCH) + timedelta(days=int(found.group(1)))
        if SERIAL_DATES[0] <= day <= SERIAL_DATES[1]:
            return DateRead(day, None, is_repaired=True)
    return DateRead(None, "not-a-date")


def _of_year(year: int, month: int, day: int, *, origin: Origin, time: str | None) -> DateRead:
    if year == 1899 or (year == 1900 and month == 1 and day <= 1):
        return DateRead(None, "zero-date")
    try:
        found = date(year, month, day)
    except ValueError:
        return DateRead(None, "not-a-date")
    if origin.is_1904 and found == EPOCH_1904:
        return DateRead(None, "zero-date")
    return DateRead(found, None, is_repaired=bool(time and time.strip("0:.")))


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


def parse_month(text: str, origin: Origin = NO_ORIGIN) -> str | None:
    """Parse a month to `2020-02`; None if the text is no month, or may mean two."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    found = re.match(r"^(20\d{2})([年.\-/]?)(\d{1,2})月?$", plain) or re.match(r"^(20\d{2})(-)(\d{2})-01(?:00:00:00)?$", plain)
    if not found or not 1 <= int(found.group(3)) <= 12:
        return None
    year, month = int(found.group(1)), int(found.group(3))
    # A spreadsheet shows 2020.10 as 2020.1. It means January only if October is still to come.
    if found.group(2) == "." and found.group(3) == "1" and not plain.endswith("月"):
        report_date = origin.report_date
        if report_date is None or (year, 10) <= (report_date.year, report_date.month):
            return None
    return f"{year}-{month:02d}"
