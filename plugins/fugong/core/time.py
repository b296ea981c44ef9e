"""The district's time zone, days and months."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


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
