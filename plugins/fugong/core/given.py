"""Parameters that somebody gives a run: known names, days within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from fugong.core.errors import RefusedError
from fugong.core.time import SHANGHAI, each_day

FIRST_DAY = date(2000, 1, 1)
"""No report is about an earlier day."""
MAX_DAYS = 366


def known_keys(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The parameters, None for those that are not given.

    Raises:
        RefusedError: one has a name that nothing is known by.
    """
    if unknown := sorted(given.keys() - set(names)):
        raise RefusedError(
            f"没有参数 {'、'.join(unknown)};有:{'、'.join(names)} | no parameter {', '.join(unknown)}; there is: {', '.join(names)}"
        )
    return {name: given.get(name) for name in names}


def bounded_day(text: str) -> date:
    """A day that a report can be about: not before 2000, not after today.

    Raises:
        RefusedError: it is no day, or none of these.
    """
    today = datetime.now(SHANGHAI).date()
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError):
        raise RefusedError(f"{text!r} 不是日期,请写成 2020-03-18 | {text!r} is no date; write it like 2020-03-18") from None
    if not FIRST_DAY <= day <= today:
        raise RefusedError(f"{day} 不在 {FIRST_DAY} 到 {today} 之间 | {day} is not between {FIRST_DAY} and {today}")
    return day


def bounded_days(first: str | None, last: str | None) -> list[date]:
    """Every day from one to the other, both included, at most a year; of one alone that day, of none nothing.

    Raises:
        RefusedError: they are more than a year apart, the wrong way round, or out of bounds.
    """
    ends = [bounded_day(text) for text in (first or last, last or first) if text]
    if not ends:
        return []
    if ends[1] < ends[0]:
        raise RefusedError(f"{ends[0]} 在 {ends[1]} 之后 | {ends[0]} comes after {ends[1]}")
    if ends[1] - ends[0] >= timedelta(MAX_DAYS):
        raise RefusedError(f"一次最多 {MAX_DAYS} 天 | at most {MAX_DAYS} days at once: {ends[0]} … {ends[1]}")
    return [*each_day(*ends)]
