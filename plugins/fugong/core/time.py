"""The district's time zone, days and months."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_from(text: str) -> date:
    """A day as typed, in ISO 8601, of the years that reports can be about: days before and after it exist, too.

    Raises:
        ValueError: it is none.
    """
    day = date.fromisoformat(text)
    if not 1900 <= day.year <= 2199:
        raise ValueError(text)
    return day


def moment_from(text: str) -> datetime:
    """A moment as typed: ISO 8601, Asia/Shanghai where no offset is given; of a day its end.

    Raises:
        ValueError: it is none.
    """
    if len(text) == len("2020-03-18"):
        return datetime.combine(day_from(text), time.max, SHANGHAI)
    day_from(text[: len("2020-03-18")])
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def each_day(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(offset)


def month_of(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def months_around(days: Iterable[date]) -> set[date]:
    """The first days of the months of these days, of the preceding and of the following months."""
    months: set[date] = set()
    for month in {month_of(day) for day in days}:
        months |= {month, month_of(month - timedelta(1)), month_of(month + timedelta(31))}
    return months


def since_midnight(day: date | None) -> datetime:
    """The first moment of a day in the district; without a day, a moment before any other."""
    return datetime.combine(day or date(1, 1, 3), time.min, SHANGHAI)
