"""The engineer's page: files and their answers, who is late, what was found, marts, DAGs, nightly checks, messages, the disk; one submission's life."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import psycopg
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from fugong.access.account import Role
from fugong.contracts.accepted import accepted_contracts
from fugong.contracts.code_list import load_code_lists
from fugong.contracts.contract import Contracts
from fugong.core.errors import FolderAwayError
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang
from fugong.intake import backlog, obligations, rule_stats
from fugong.intake.drift import drift
from fugong.messages import outbox
from fugong.messages.event import Event, audience_name
from fugong.operations import activity
from fugong.operations.flows import last_traces
from fugong.operations.submission_life import load_life
from fugong.web import page, rights
from fugong.web.charts import Values, bar_chart, chart_response, line_chart
from fugong.web.door import allowed
from fugong.web.moments import day_if_given
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
Engineer = Annotated[Visitor, Depends(allowed(*rights.TODAY))]
DAYS = 14
MOST_DAYS = 92
MESSAGES_SHOWN = 10


def _days(request: Request, connection: psycopg.Connection) -> tuple[date, date]:
    """The days that the page is about: those up to the one asked for, else up to the last on which a file arrived.

    Raises:
        HTTPException: 422, a parameter is no day or no number of days.
    """
    given = request.query_params.get("days", str(DAYS))
    if not (given.isdecimal() and 1 <= int(given[:6]) <= MOST_DAYS):
        raise HTTPException(422, f"天数应为 1 至 {MOST_DAYS} | days should be from 1 to {MOST_DAYS}")
    last = day_if_given(request.query_params.get("day")) or activity.last_day(connection) or datetime.now(SHANGHAI).date()
    return last - timedelta(int(given) - 1), last


@router.get("/today")
def today(request: Request, visitor: Engineer) -> Response:
    """How the flow does."""
    site: Site = request.app.state.site
    now = datetime.now(SHANGHAI)
    with visitor.reading(site.database, *rights.TODAY) as connection:
        first, last = _days(request, connection)
        contracts = accepted_contracts(connection)
        try:
            backlogs, away = backlog.backlogs(connection, site.settings, now), ""
        except FolderAwayError as fault:
            backlogs, away = [], str(fault)
        counts = activity.counts(connection, last)
        waits = activity.waits(connection, first, last)
        at = now if last >= now.date() else datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=SHANGHAI)
        owed = obligations.missing(connection, contracts, last, at)
        shown: dict[str, Any] = {
            "slowest": activity.slowest(connection, first, last),
            "owed": [one for one in owed if one.is_late],
            "n_ahead": sum(not one.is_late and one.received_at is None for one in owed),
            "by_code": activity.as_table(activity.findings_by_code(connection, first, last), first, last),
            "by_department": activity.as_table(activity.findings_by_department(connection, first, last), first, last),
            "shadow": _shadow(connection, contracts, first),
            "drift": drift(connection, contracts, load_code_lists(site.include / "reference" / "code_list.csv"), first),
            "marts": activity.mart_ages(connection),
            "stale": activity.stale(connection),
            "flows": last_traces(connection),
            "chores": activity.chores(connection),
            "messages": outbox.counts(connection),
            "given_up": _given_up(connection, page.language_of(request)),
            "space": activity.space(connection, site.settings),
        }
    return page.render(
        request,
        "today.html.jinja",
        title=("今日", "Today"),
        first=first,
        last=last,
        is_now=last >= now.date(),
        now=now,
        n_days=(last - first).days + 1,
        away=away,
        backlogs=[one for one in backlogs if one.n_inbox or one.load.n_waiting],
        n_inbox=sum(one.n_inbox for one in backlogs),
        counts=counts,
        waits=waits,
        report_names=_report_names(contracts, page.language_of(request)),
        airflow=site.settings.airflow_url,
        reads_airflow=visitor.may(Role.OPERATOR, Role.ADMIN),
        **shown,
    )


@router.get("/today/chart/{name}.svg")
def chart(request: Request, visitor: Engineer, name: str, narrow: bool = False) -> Response:
    """A chart of the page."""
    site: Site = request.app.state.site
    is_zh = page.language_of(request) is Lang.ZH
    with visitor.reading(site.database, *rights.TODAY) as connection:
        first, last = _days(request, connection)
        if name == "waits":
            hours = {one.hour: one for one in activity.waits(connection, first, last).by_hour}
            span = range(min(hours, default=0), max(hours, default=23) + 1)
            values: Mapping[str, Values] = {
                ("半数以内" if is_zh else "half within"): [hours[hour].p50 if hour in hours else None for hour in span],
                ("95% 以内" if is_zh else "95 % within"): [hours[hour].p95 if hour in hours else None for hour in span],
            }
            title = "从收到到回执,按收到的钟点" if is_zh else "from arrival to receipt, by hour of arrival"
            drawn = bar_chart(title, [str(hour) for hour in span], values, "秒" if is_zh else "s", is_narrow=narrow)
            return chart_response(drawn)
        if name not in {"code", "department"}:
            raise HTTPException(404)
        read = activity.findings_by_code if name == "code" else activity.findings_by_department
        days, by_name, _ = activity.as_table(read(connection, first, last), first, last)
    if name == "department":
        by_name = {page.department_name(site, code, page.language_of(request)): each for code, each in by_name.items()}
    title = "每天查出的问题" if is_zh else "findings a day"
    return chart_response(line_chart(title, [str(day) for day in days], by_name, "处" if is_zh else "", is_narrow=narrow))


@router.get("/today/submissions")
def find(request: Request, visitor: Engineer, number: str = "") -> Response:
    """To the submission of a number."""
    del visitor
    site: Site = request.app.state.site
    if not number.strip().isdecimal():
        raise HTTPException(422, "请填报送号,一个整数 | give the number of a submission")
    raise HTTPException(303, headers={"Location": f"{site.base(request)}/today/submissions/{int(number.strip()[:18])}"})


@router.get("/today/submissions/{submission}")
def life_of(request: Request, visitor: Engineer, submission: int) -> Response:
    """The whole life of a submission."""
    site: Site = request.app.state.site
    with visitor.reading(site.database, *rights.TODAY) as connection:
        life = load_life(connection, submission)
        names = _report_names(accepted_contracts(connection), page.language_of(request))
    return page.render(
        request,
        "submission.html.jinja",
        title=(f"第 {submission} 号报送", f"Submission {submission}"),
        life=life,
        report_name=names.get(life.report or "", life.report or ""),
    )


def _report_names(contracts: Contracts, lang: Lang) -> dict[str, str]:
    return {one.id: one.name if lang is Lang.ZH else one.name_en or one.name for one in contracts}


def _shadow(connection: psycopg.Connection, contracts: Contracts, since: date) -> list[rule_stats.RuleStats]:
    return [one for one in rule_stats.load_rule_stats(connection, contracts, None, since) if one.is_shadow]


def _given_up(connection: psycopg.Connection, lang: Lang) -> list[dict[str, Any]]:
    names = outbox.load_names(connection)
    return [
        {
            "number": one.message_id,
            "at": one.recorded_at,
            "audience": audience_name(one.audience, names, lang),
            "event": Event(one.event).name_in(lang),
            "fault": one.fault or "",
        }
        for one in outbox.messages(connection, ["given_up"], MESSAGES_SHOWN)
    ]
