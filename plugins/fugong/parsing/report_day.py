"""Reads the report date from a file's name and its title lines; day and month come from nowhere else.

Where no year is written, it is the latest one that puts the day on or before the arrival. A range of days is no report date. Spellings
that may be a number of something else (`0318`, `3-18`, `17日`) are read from the file's name alone (`loose_days`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fugong.contracts.contract import Due
from fugong.parsing.loose_days import latest_year, loose_days

FULL_DATE = re.compile(r"(?<!\d)(20\d{2})\s*[年.\-/_]\s*(\d{1,2})\s*[月.\-/_]\s*(\d{1,2})(?!\d)(?:\s*[日号])?")
COMPACT_DATE = re.compile(r"(?<!\d)(20\d{2})(\d{2})(\d{2})(?!\d)")
SHORT_YEAR = re.compile(r"(?<!\d)(\d{2})年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]")
NO_AMOUNT = r"(?!\s*(?:[%‰元亿吨度倍次米亩户]|万(?!达)|[十百千][万元]|人(?![社民力])|个(?![体人])|家(?![电政具])|项(?!目)|平方|立方|小时|天|台|套|件|k[wW]))"
"""Behind a number that is no day: a unit."""
MONTH_DAY = re.compile(
    r"(?<![\d年.\-/_])(\d{1,2})\s*月\s*(\d{1,2})(?!\d)\s*[日号]?"
    rf"|(?<![\d.\-/_年Vv])(\d{{1,2}})\.(\d{{1,2}})(?!\d|\.\d){NO_AMOUNT}"
)
OTHER_DATE_LABEL = re.compile(r"(填报|填表|制表|报送|上报|打印|导出|审核|发文)(日期|时间|日)?\s*[::]?\s*$")

ASKED_BY = re.compile(r"(?:请[于在]|[务须应拟定将限]于|务必在?)\s*$")
DEADLINE = re.compile(r"\s*(?:[上下中]午|晚上?)?\s*(?:\d{1,2}\s*[::时点]\s*(?:\d{1,2}\s*分?|半)?)?\s*(?:之|以)?前(?!\d)")
"""What makes a day one until which something is asked: 请于3月19日报送, 3月19日12时前."""

JOINT = r"\s*(?:[.。]?[-—–―~∼〜]|起?[至到]|[和与及、&]|--+|——+)\s*"
"""What stands between the days of a range or of a list of days, after NFKC."""
SECOND_DAY = re.compile(rf"{JOINT}(\d{{1,2}})(?:(?![\d.]|\s*月)\s*([日号])|(?![\d.年月A-Za-z%-]))")
GLUED_DAY = re.compile(r"\s*(\d{1,2})\s*([日号])")
"""A second day right behind the first: 3月17日18日."""
SECOND_DATE = re.compile(
    rf"{JOINT}((?:(?:20)?\d{{2}}\s*[年.\-/]\s*)?(\d{{1,2}})\s*[月.]\s*(\d{{1,2}})(?![\d.])\s*[日号]?|20\d{{6}}(?!\d)|20\d\d-\d{{1,2}}-\d{{1,2}}(?!\d))"
)
BARE_RANGES = (
    re.compile(rf"(?<![\d月.\-])(\d{{1,2}})\s*[日号]?{JOINT}(\d{{1,2}})\s*[日号]"),
    re.compile(r"(?<![A-Za-z\d\-])((?:0[1-9]|1[0-2])[0-3]\d)\s*[-—–~至到]\s*((?:0[1-9]|1[0-2])[0-3]\d)(?![\d\-])"),
)
"""Ranges whose first day is no day by itself: 16—18日, 0316-0318."""

CHINESE_DATE = re.compile(
    r"(?:([〇○零一二三四五六七八九]{4})\s*年\s*)?([一二三四五六七八九十]{1,2})\s*月\s*([一二三四五六七八九十廿卅]{1,3})\s*[日号]"
)
CHINESE_DAY = re.compile(
    "(?<![一二三四五六七八九十廿卅第月])(?:二?十[一二三四五六七八九]|廿[一二三四五六七八九]|[二三]十|三十一)(?=日)"
)
CHINESE_SECOND_DAY = re.compile("(?<=[日号][-—–~至到和与及、])[一二三四五六七八九十廿卅]{1,3}(?=[日号])")
DIGITS = {character: str(n) for n, character in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}


@dataclass(frozen=True)
class Day:
    """A day as written; the year may be missing."""

    year: int | None
    month: int
    day: int
    written: str


def plain_text(text: str) -> str:
    """NFKC, with days in Chinese numerals in digits."""
    plain = CHINESE_DATE.sub(_in_digits, unicodedata.normalize("NFKC", text))
    plain = CHINESE_DAY.sub(lambda found: str(_number(found.group())), plain)
    return CHINESE_SECOND_DAY.sub(lambda found: str(_number(found.group())), plain)


def _in_digits(found: re.Match[str]) -> str:
    year, month, day = found.groups()
    start = "" if year is None else "".join(DIGITS[character] for character in year) + "年"
    return f"{start}{_number(month)}月{_number(day)}日"


def _number(text: str) -> int:
    """A number below forty in Chinese numerals."""
    plain = text.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = plain.partition("十")
    if not ten:
        return int("".join(DIGITS[character] for character in plain))
    return 10 * int(DIGITS.get(tens, "1")) + int(DIGITS.get(ones, "0"))


def days_in(text: str) -> list[Day]:
    """The days written in a text, in order, without those labelled as the day of filling in or sending."""
    return [day for _, day in _spans(plain_text(text))]


def _spans(plain: str) -> list[tuple[tuple[int, int], Day]]:
    found: list[tuple[tuple[int, int], Day]] = []
    taken: list[tuple[int, int]] = []
    for pattern in (FULL_DATE, COMPACT_DATE, SHORT_YEAR, MONTH_DAY):
        for match in pattern.finditer(plain):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            numbers = [int(group) for group in match.groups() if group]
            year = numbers.pop(0) if len(numbers) == 3 else None
            if year is not None and year < 100:
                year += 2000
            if pattern is MONTH_DAY and not (1 <= numbers[0] <= 12 and 1 <= numbers[1] <= 31):
                continue
            taken.append(match.span())
            before = plain[max(0, match.start() - 12) : match.start()]
            if OTHER_DATE_LABEL.search(before) or ASKED_BY.search(before) or DEADLINE.match(plain, match.end()):
                continue
            found.append((match.span(), Day(year, numbers[0], numbers[1], match.group().strip())))
    return sorted(found, key=lambda item: item[0])


@dataclass(frozen=True)
class Range:
    """Several days where one is wanted.

    Attributes:
        first, last: as written.
        end: the last day, if month and day are known.
        rest: the text without the range.
    """

    first: str
    last: str
    end: tuple[int, int] | None = None
    rest: str = ""


def range_in(text: str, *, bare: bool = True) -> Range | None:
    """The first range or list of days that a text names: 3月16-18日, 3.16-3.18, 0316-0318, 16—18日.

    Args:
        bare: whether days without a month count.
    """
    plain = plain_text(text)
    for (start, end), day in _spans(plain):
        if (second := SECOND_DATE.match(plain, end)) is not None:
            last = days_in(second.group(1))
            if last:
                return Range(
                    day.written,
                    second.group(1).strip(),
                    (last[0].month, last[0].day),
                    plain[:start] + " " + plain[second.end() :],
                )
        tail = SECOND_DAY.match(plain, end) or (GLUED_DAY.match(plain, end) if day.written[-1] in "日号" else None)
        if tail is not None:
            number, is_day = int(tail.group(1)), tail.group(2) is not None
            is_copy = "月" not in day.written and "." not in day.written and "-" in tail.group()
            if day.day < number <= 31 and (is_day or not is_copy):
                return Range(
                    day.written,
                    tail.group().strip(" .。-—–―~∼〜起至到和与及、&"),
                    (day.month, number),
                    plain[:start] + " " + plain[tail.end() :],
                )
    for pattern in BARE_RANGES if bare else ():
        for found in pattern.finditer(plain):
            first, last = found.groups()
            if int(first) < int(last) and (len(last) == 4 or int(last) <= 31):
                return Range(first, last)
    return None


@dataclass(frozen=True)
class ReportDay:
    """The report date, or why there is none.

    Attributes:
        written: the days as written, for the finding.
        problem: None, `no-report-date`, `two-report-dates`, `range-of-days`, `impossible-date` or `future-date`.
    """

    day: date | None
    written: tuple[str, ...]
    problem: str | None = None


def report_day(name: str, titles: Sequence[str], arrived: date, due: Due | None = None) -> ReportDay:
    """The one day on which file name and title lines agree.

    Args:
        due: when the report is due, where it is known which one it is.

    A day without a year gets the year of a full date with the same month and day, else the latest year that is not after arrival.
    A range in a title that ends on the day which something else names is the period that the report covers.
    """
    if (several := range_in(name)) is not None:
        return ReportDay(None, (several.first, several.last), "range-of-days")
    ranges = {title: found for title in titles if (found := range_in(title, bare=False)) is not None}
    texts_of = [ranges[title].rest if title in ranges else title for title in titles]
    written = [*days_in(name), *(day for title in texts_of for day in days_in(title))]
    loose = [] if days_in(name) else loose_days(plain_text(name), arrived, due, is_alone=not written)
    if len({found for found, _ in loose}) == 1:
        found, text = loose[0]
        written.insert(0, Day(found.year, found.month, found.day, text))
    named = {(day.month, day.day) for day in written}
    for found in ranges.values():
        if not written or found.end not in named:
            return ReportDay(None, (*(day.written for day in written), found.first, found.last), "range-of-days")
    if not written:
        return ReportDay(None, (), "no-report-date")
    texts = tuple(dict.fromkeys(day.written for day in written))
    years = {(day.month, day.day): day.year for day in written if day.year}
    days: set[date] = set()
    for day in written:
        year = day.year or years.get((day.month, day.day)) or latest_year(day.month, day.day, arrived)
        try:
            days.add(date(year, day.month, day.day))
        except ValueError:
            return ReportDay(None, (day.written,), "impossible-date")
    if len(days) > 1:
        return ReportDay(None, texts, "two-report-dates")
    only = days.pop()
    if only > arrived:
        return ReportDay(None, texts, "future-date")
    return ReportDay(only, texts)
