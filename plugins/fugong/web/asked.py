"""Days and moments in addresses, as the commands take them."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import HTTPException

from fugong.core.time import day_from, moment_from


def day_of(text: str | None) -> date | None:
    """A day of an address; None where none is given.

    Raises:
        HTTPException: 422, it is no day.
    """
    try:
        return day_from(text) if text else None
    except ValueError:
        raise HTTPException(422, f"{text!r} 不是日期,请写成 2020-03-18 | {text!r} is no day: write it like 2020-03-18") from None


def moment_of(text: str | None) -> datetime | None:
    """A moment of an address; None where none is given.

    Raises:
        HTTPException: 422, it is no moment.
    """
    try:
        return moment_from(text) if text else None
    except ValueError:
        raise HTTPException(
            422, f"{text!r} 不是时刻,请写成 2020-03-19T10:30 | {text!r} is no moment: write it like 2020-03-19T10:30"
        ) from None
