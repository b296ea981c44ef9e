"""Reads report, report date and version from a file's name and its title lines.

The day and month come from nowhere else. Where no year is written, it is the latest one that puts the day on or before the arrival.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from fugong.contracts.code_list import fold
from fugong.contracts.contract import Contract, Contracts

FULL_DATE = re.compile(r"(?<!\d)(20\d{2})\s*[年.\-/_]\s*(\d{1,2})\s*[月.\-/_]\s*(\d{1,2})(?!\d)(?:\s*[日号])?")
COMPACT_DATE = re.compile(r"(?<!\d)(20\d{2})(\d{2})(\d{2})(?!\d)")
MONTH_DAY = re.compile(
    r"(?<![\d年.\-/_])(\d{1,2})\s*月\s*(\d{1,2})(?!\d)\s*[日号]?|(?<![\d.\-/_年Vv])(\d{1,2})\.(\d{1,2})(?!\d|\.\d|%)"
)
OTHER_DATE_LABEL = re.compile(r"(填报|填表|制表|报送|上报|打印|导出|审核|发文)(日期|时间|日)?\s*[::]?\s*$")
VERSION = re.compile(r"(?<![A-Za-z0-9])V\s*(\d{1,3})(?!\d|\.\d)", re.IGNORECASE)
REPORT_NUMBER = re.compile(r"(?<![A-Za-z0-9])R\s*(\d{2})(?!\d)", re.IGNORECASE)

OUR_ENDING = re.compile(r"\.(\d+|试投)\.(?:回执|退回行)(?![^\s.(()\-_ ])")
"""The ending of a file that we wrote: number of the submission, then what the file is."""


def stem(file_name: str) -> str:
    """The sender's part of a file's name, without its suffix. `.12.回执` must not be read as a twelfth day."""
    plain, _ = without_our_ending(file_name)
    base, dot, extension = plain.rpartition(".")
    return base if dot and len(extension) <= 5 and extension.isalnum() and not extension.isdigit() else plain


def without_our_ending(file_name: str) -> tuple[str, int | None]:
    """A name without the ending that we added, and the submission's number in that ending; 0 for the receipt of a dry run."""
    found = OUR_ENDING.search(file_name)
    if found is None:
        return file_name, None
    number = found.group(1)
    return file_name[: found.start()] + file_name[found.end() :], int(number) if number.isdecimal() else 0


@dataclass(frozen=True)
class Marks:
    """What a file name or title declares about its version.

    Attributes:
        version: n of V*n*; None without one. V1 declares nothing.
    """

    version: int | None = None
    is_correction: bool = False
    is_withdrawal: bool = False
    is_confirmed: bool = False

    @property
    def is_replacement(self) -> bool:
        """Whether it declares that the file replaces an earlier one."""
        return self.is_correction or (self.version or 1) > 1


def marks(texts: Iterable[str]) -> Marks:
    """Version and 更正, 作废, 确认 in any of the texts (file name, title lines)."""
    together = unicodedata.normalize("NFKC", "\n".join(texts))
    versions = [int(found) for found in VERSION.findall(together)]
    return Marks(
        version=max(versions) if versions else None,
        is_correction="更正" in together,
        is_withdrawal="作废" in together,
        is_confirmed="确认" in together,
    )


@dataclass(frozen=True)
class Day:
    """A day as written; the year may be missing."""

    year: int | None
    month: int
    day: int
    written: str


def days_in(text: str) -> list[Day]:
    """The days written in a text, in order, without those labelled as the day of filling in or sending."""
    plain = unicodedata.normalize("NFKC", text)
    found: list[tuple[int, Day]] = []
    taken: list[tuple[int, int]] = []
    for pattern in (FULL_DATE, COMPACT_DATE, MONTH_DAY):
        for match in pattern.finditer(plain):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            numbers = [int(group) for group in match.groups() if group]
            year = numbers.pop(0) if len(numbers) == 3 else None
            if pattern is MONTH_DAY and not (1 <= numbers[0] <= 12 and 1 <= numbers[1] <= 31):
                continue
            taken.append(match.span())
            if OTHER_DATE_LABEL.search(plain[max(0, match.start() - 12) : match.start()]):
                continue
            found.append((match.start(), Day(year, numbers[0], numbers[1], match.group().strip())))
    return [day for _, day in sorted(found, key=lambda item: item[0])]


@dataclass(frozen=True)
class ReportDay:
    """The report date, or why there is none.

    Attributes:
        written: the days as written, for the finding.
        problem: None, `no-report-date`, `two-report-dates`, `impossible-date` or `future-date`.
    """

    day: date | None
    written: tuple[str, ...]
    problem: str | None = None


def report_day(name: str, titles: Sequence[str], arrived: date) -> ReportDay:
    """The one day on which file name and title lines agree.

    A day without a year gets the year of a full date with the same month and day, else the latest year that is not after arrival.
    """
    written = [*days_in(name), *(day for title in titles for day in days_in(title))]
    if not written:
        return ReportDay(None, (), "no-report-date")
    texts = tuple(dict.fromkeys(day.written for day in written))
    years = {(day.month, day.day): day.year for day in written if day.year}
    found: set[date] = set()
    for day in written:
        year = day.year or years.get((day.month, day.day)) or _latest_year(day, arrived)
        try:
            found.add(date(year, day.month, day.day))
        except ValueError:
            return ReportDay(None, (day.written,), "impossible-date")
    if len(found) > 1:
        return ReportDay(None, texts, "two-report-dates")
    only = found.pop()
    if only > arrived:
        return ReportDay(None, texts, "future-date")
    return ReportDay(only, texts)


def _latest_year(day: Day, arrived: date) -> int:
    return arrived.year if (day.month, day.day) <= (arrived.month, arrived.day) else arrived.year - 1


def matching_contracts(text: str, contracts: Contracts) -> tuple[Contract, ...]:
    """The reports that a name or title means: by report number, else by the longest matching word of `fileNames`."""
    plain = unicodedata.normalize("NFKC", text)
    numbers = {f"R{number}" for number in REPORT_NUMBER.findall(plain)}
    numbered = tuple(contract for contract in contracts if contract.report in numbers)
    if numbered:
        return numbered
    folded = fold(text)
    scores = {
        contract: max((len(fold(word)) for word in (contract.name, *contract.file_names) if fold(word) in folded), default=0)
        for contract in contracts
    }
    best = max(scores.values(), default=0)
    return tuple(contract for contract, score in scores.items() if best and score == best)
