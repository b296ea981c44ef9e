"""The day and the moment of knowledge that a page is about, as its address says them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

import psycopg
from fastapi import HTTPException

from fugong.core.time import SHANGHAI, day_from, moment_from
from fugong.marts import asof

YEARS = range(1900, 2201)
"""The years of days that pages can be asked for."""


@dataclass(frozen=True)
class Asked:
    """What a page is about.

    Attributes:
        known_at: None for now.
        days: the first and the last day for which anything was reported; None in an empty warehouse.
        latest: when anything was learnt last.
    """

    as_of: date
    known_at: datetime | None
    days: tuple[date, date] | None
    latest: datetime | None

    @property
    def query(self) -> str:
        """The day and the moment, for the addresses of other pages."""
        return urlencode({"as_of": self.as_of.isoformat()} | ({"known_at": typed(self.known_at)} if self.known_at else {}))

    @property
    def before(self) -> date:
        """The day before."""
        return self.as_of - timedelta(1)

    @property
    def after(self) -> date:
        """The day after."""
        return self.as_of + timedelta(1)


def asked(connection: psycopg.Connection, as_of: str, known_at: str) -> Asked:
    """What an address asks for: the last day with reports where it names none.

    Raises:
        HTTPException: 422, it is no day or no moment.
    """
    found = sorted(asof.reported_days(connection))
    days = (found[0], found[-1]) if found else None
    _, latest = asof.latest_load(connection)
    today = datetime.now(SHANGHAI).date()
    day = day_of(as_of) if as_of else (min(days[1], today) if days else today)
    return Asked(day, moment_of(known_at) if known_at else None, days, latest)


def day_of(text: str) -> date:
    """A day as addresses write it.

    Raises:
        HTTPException: 422, it is none, or so far away that nothing can be reckoned with it.
    """
    try:
        day = day_from(text.strip())
    except ValueError:
        raise HTTPException(
            422, f"{text[:40]} 不是日期,请写成 2020-03-18 | {text[:40]} is not a date; write it like 2020-03-18"
        ) from None
    if day.year not in YEARS:
        raise HTTPException(
            422, f"{day} 太远了,请填 {YEARS[0]} 到 {YEARS[-1]} 年之间的日期 | {day} is too far away: {YEARS[0]} to {YEARS[-1]}"
        )
    return day


def moment_of(text: str) -> datetime:
    """A moment as addresses and forms write it; of a day its end.

    Raises:
        HTTPException: 422, it is none.
    """
    try:
        return moment_from(text.strip())
    except ValueError:
        raise HTTPException(
            422,
            f"{text[:40]} 不是时刻,请写成 2020-03-19T10:30 | {text[:40]} is not a moment; write it like 2020-03-19T10:30",
        ) from None


def day_if_given(text: str | None) -> date | None:
    """A day as addresses write it; None where they name none.

    Raises:
        HTTPException: 422, it is none.
    """
    return day_of(text) if text else None


def moment_if_given(text: str | None) -> datetime | None:
    """A moment as addresses write it; None where they name none.

    Raises:
        HTTPException: 422, it is none.
    """
    return moment_of(text) if text else None


def typed(moment: datetime | None) -> str:
    """A moment as a form shows it, in the district's time."""
    if moment is None:
        return ""
    local = moment.astimezone(SHANGHAI).replace(tzinfo=None)
    return local.isoformat(
        timespec="minutes" if not local.second and not local.microsecond else "microseconds" if local.microsecond else "seconds"
    )
