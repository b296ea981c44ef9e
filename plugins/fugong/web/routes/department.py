"""A department's first page: what is due, what came, what is late, the calendar; and sending files."""

from __future__ import annotations

import calendar as months
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

import psycopg
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from fugong.contracts.accepted import known_contracts
from fugong.core.bilingual import Bilingual
from fugong.core.time import SHANGHAI, month_of
from fugong.core.vocabulary import State
from fugong.intake import sent, uploads
from fugong.intake.obligations import Obligation, is_in_use, owed_between
from fugong.intake.sent import CalendarDay, SentFile
from fugong.web import page, rights
from fugong.web.door import allowed
from fugong.web.moments import day_if_given
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
Department = Annotated[Visitor, Depends(allowed(*rights.DEPARTMENT))]
LATE_DAYS = 31
N_LATEST = 12
N_LISTED = 30
TONES = {
    State.RECEIVED: "none",
    State.ACCEPTED: "good",
    State.PARTLY_ACCEPTED: "ask",
    State.REJECTED: "bad",
    State.DUPLICATE: "none",
    State.SUPERSEDED: "none",
    State.WITHDRAWN: "none",
}
"""How the states of a submission are shown."""


@dataclass(frozen=True)
class Due:
    """A report that is due, as the page shows it."""

    name: Bilingual
    one: Obligation

    @property
    def is_missing(self) -> bool:
        """Whether it has not come."""
        return self.one.received_at is None


@dataclass
class Cell:
    """A day of the month."""

    day: CalendarDay
    came: int = 0
    late: int = 0
    open: int = 0
    coming: int = 0
    due: list[Due] = field(default_factory=list[Due])


@router.get("/department")
def overview(request: Request, visitor: Department, day: str = "") -> Response:
    """What is due on a day, what came, what is late, and the month around it."""
    site: Site = request.app.state.site
    now = datetime.now(SHANGHAI)
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        today, is_past = _day_of(connection, now)
        shown = day_if_given(day.strip()) or today
        contracts = sent.own_contracts(known_contracts(connection, site.include / "contracts"), visitor.department or "")
        names = {contract.id: Bilingual(contract.name, contract.name_en or contract.name) for contract in contracts}
        first = month_of(shown)
        last = first.replace(day=months.monthrange(first.year, first.month)[1])
        owed = owed_between(
            connection,
            contracts,
            visitor.department or "",
            min(first, shown - timedelta(LATE_DAYS)),
            last,
            now,
            schema=sent.SCHEMA,
        )
        due = [Due(names[one.report], one) for one in owed]
        days = sent.calendar_days(connection, first - timedelta(first.weekday()), last + timedelta(6 - last.weekday()))
        midnight = datetime.combine(shown, time.min, SHANGHAI)
        came = sent.received_between(connection, midnight, midnight + timedelta(1), 200)
        latest = sent.latest(connection, N_LATEST)
    on_day = [one for one in due if one.one.due_at.date() == shown]
    late = [
        one for one in due if one.is_missing and one.one.is_late and shown - timedelta(LATE_DAYS) <= one.one.due_at.date() < shown
    ]
    return page.render(
        request,
        "department.html.jinja",
        title=("报送", "Reports"),
        day=shown,
        today=now.date(),
        is_past=is_past and not day.strip(),
        due=[one for one in on_day if one.is_missing],
        arrived=[one for one in on_day if not one.is_missing],
        late=late[:N_LISTED],
        n_late=len(late),
        weeks=_weeks(days, due),
        month=first,
        before=first - timedelta(1),
        after=last + timedelta(1),
        came=came,
        latest=latest,
        tones=TONES,
        names=names,
        max_bytes=uploads.max_bytes(),
    )


def _day_of(connection: psycopg.Connection, now: datetime) -> tuple[date, bool]:
    """Today; where nothing was sent for weeks (a district of the past, for trying out), the day after the last report. And whether it is that."""
    today = now.date()
    if is_in_use(connection, today, schema=sent.SCHEMA):
        return today, False
    days = sent.days_with_files(connection)
    return (days[0][0] + timedelta(1), True) if days else (today, False)


def _weeks(days: Sequence[CalendarDay], due: Sequence[Due]) -> list[list[Cell]]:
    cells = {day.day: Cell(day) for day in days}
    for one in due:
        cell = cells.get(one.one.due_at.date())
        if cell is None:
            continue
        cell.due.append(one)
        if one.one.received_at is not None:
            cell.came += not one.one.is_late
            cell.late += one.one.is_late
        else:
            cell.open += one.one.is_late
            cell.coming += not one.one.is_late
    listed = list(cells.values())
    return [listed[at : at + 7] for at in range(0, len(listed), 7)]


def state_of(request: Request, one: SentFile) -> dict[str, Any]:
    """A submission as the script of the page shows it."""
    site: Site = request.app.state.site
    state, lang = one.shown_state, page.language_of(request)
    return {
        "submission": one.submission_id,
        "name": one.file_name,
        "state": state.value,
        "word": state.name_in(lang),
        "tone": TONES[state],
        "is_answered": one.is_answered,
        "accepted": one.rows_accepted,
        "returned": one.rows_set_aside,
        "address": f"{site.base(request)}/department/receipts/{one.submission_id}",
    }
