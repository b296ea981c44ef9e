"""Reads days that a file's name writes as bare numbers: `0318`, `3-18`, `200318`, `17日`, `日报17`.

Such a number may count something else. It is a day only where that day fits the arrival: by the time at which its report was due.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from fugong.contracts.contract import Due
from fugong.contracts.schedule import due_at
from fugong.parsing.file_name import REPORT_NUMBER

NO_NUMBER_OF = r"(?![\d.:\-/_]?\d|\s*[号户家人万元条行个份版次期批点时%::])"
WITH_MONTH = tuple(
    re.compile(rf"{before}{numbers}{NO_NUMBER_OF}")
    for before, numbers in (
        (r"(?<![\dVv.])", r"(?P<y>20\d\d)\s+(?P<m>\d{1,2})\s+(?P<d>\d{1,2})"),
        (r"(?<![\dVv.])", r"(?P<y>20\d\d)[-._ ]?(?P<m>\d\d)[-._ ]?(?P<d>\d\d)"),
        (r"(?<![A-Za-z\d.\-第〔\[])", r"(?P<y>\d\d)[.\-/_](?P<m>\d{1,2})[.\-/_](?P<d>\d{1,2})"),
        (r"(?<![A-Za-z\d.第〔\[])(?<!\d-)", r"(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d)"),
        (r"(?<![A-Za-z\d.第〔\[])(?<!\d[-_])", r"(?P<m>\d\d)(?P<d>\d\d)"),
        (r"(?<![A-Za-z\d.第〔\[])(?<!\d[-_])", r"(?P<m>\d{1,2})[-_](?P<d>\d{1,2})"),
    )
)
"""Days as bare numbers, the surest spelling first."""
DAY_ALONE = re.compile(r"(?<![\d月年.\-/_第])(?P<d>\d{1,2})\s*(?:日(?![内前后起止均游间])|号(?![楼栋院线文车厂路井门馆店库]))")
"""A day without its month: 17日, 17号."""
NUMBER_ALONE = re.compile(
    r"(?<![A-Za-z\d.\-/第〔\[(件])(?<!附表)(?P<d>\d\d)(?=\s*$|[\s_(-]*(?:V\d{1,3}|更正|确认|作废)[)\s]*$)", re.IGNORECASE
)
"""Two digits at the end of a name, which may be a day: 日报17."""
NEAR = 31
"""Days before the arrival within which a number with a year is taken as a day, and any where it is not known which report it is."""
LATE = 7
"""Days after its report was due up to which a day without a year is taken."""
LATE_ALONE = 1
"""The same for digits that nothing calls a day."""


def loose_days(plain: str, arrived: date, due: Due | None, *, is_alone: bool) -> list[tuple[date, str]]:
    """The days that bare numbers of a name may mean, of the surest spelling that has any, each with what is written.

    Args:
        plain: the name, after NFKC.
        due: when the report is due; None where it is not known which one it is.
        is_alone: nothing else names a day, so that digits that nothing calls a day count, too.
    """
    plain = REPORT_NUMBER.sub("|", plain)
    for pattern in WITH_MONTH:
        if found := list(_with_month(pattern, plain, arrived, due)):
            return found
    if due is None:
        return []
    for pattern, late in ((DAY_ALONE, LATE), *(((NUMBER_ALONE, LATE_ALONE),) if is_alone else ())):
        numbers = {int(match["d"]): match.group().strip() for match in pattern.finditer(plain)}
        days = (arrived - timedelta(n) for n in range(NEAR))
        if found := [(day, numbers[day.day]) for day in days if day.day in numbers and _fits(day, arrived, due, late)]:
            return found
    return []


def _with_month(pattern: re.Pattern[str], plain: str, arrived: date, due: Due | None) -> Iterator[tuple[date, str]]:
    for match in pattern.finditer(plain):
        parts = match.groupdict()
        month, day = int(parts["m"]), int(parts["d"])
        year = int(parts["y"]) % 100 + 2000 if parts.get("y") else latest_year(month, day, arrived)
        try:
            meant = date(year, month, day)
        except ValueError:
            continue
        has_year = parts.get("y") is not None
        if 0 <= (arrived - meant).days <= NEAR and (has_year or due is None or _fits(meant, arrived, due, LATE)):
            yield meant, match.group().strip()


def _fits(day: date, arrived: date, due: Due, late: int) -> bool:
    """Whether a report about a day may arrive on a day: when it is due, before, or so many days late."""
    return day <= arrived <= due_at(due, day, {}).date() + timedelta(late)


def latest_year(month: int, day: int, arrived: date) -> int:
    """The year that makes a day the latest one that is not after the arrival."""
    return arrived.year if (month, day) <= (arrived.month, arrived.day) else arrived.year - 1
