"""A figure's own page, the lines behind it, and the figures that a line counts in."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlencode

import psycopg
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from fugong.briefing.adjustment import adjustments
from fugong.briefing.language import language_of
from fugong.briefing.publishing import publications
from fugong.core.time import each_day
from fugong.core.vocabulary import Lang
from fugong.figures.as_printed import as_printed, rounded
from fugong.figures.cross_checks import check_warnings
from fugong.figures.definition import Definition, find_definition, load_sound_definitions
from fugong.figures.evaluate import Evaluator, open_evaluator
from fugong.figures.figure import describe
from fugong.figures.rules import broken_rules
from fugong.figures.series import series
from fugong.figures.term import MartCells
from fugong.lineage.impact import impact
from fugong.lineage.lines import PORTION, Counted, cells_of, count_lines, parts_of, portion_of
from fugong.lineage.revisions import revisions
from fugong.web import charts, firm_access, page, rights
from fugong.web.door import allowed
from fugong.web.moments import asked, typed
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
Reader = Annotated[Visitor, Depends(allowed(*rights.FIGURES))]
OfFirms = Annotated[Visitor, Depends(allowed(*rights.FIRMS))]
DAYS_BACK = 45


@router.get("/figures/{name}")
def figure(request: Request, visitor: Reader, name: str, as_of: str = "", known_at: str = "") -> Response:
    """Value, counts, interval, why it changed, what contradicts it, and the way down."""
    site: Site = request.app.state.site
    with visitor.figures(site.database) as connection:
        wanted = asked(connection, as_of, known_at)

        def make() -> dict[str, Any]:
            with open_evaluator(connection, site.include, wanted.as_of, wanted.known_at) as evaluator:
                definition = find_definition(evaluator.moment.definitions, name)
                trend = _trend(evaluator, definition)
                broken = broken_rules(evaluator).get(definition.id, ())  # what checks found has a place of its own
                found = describe(evaluator, definition, broken, is_coded=False)
                return {
                    "figure": found,
                    "definition": definition,
                    "trend": trend,
                    "cells": (cells := cells_of(evaluator, definition)),
                    "columns": {
                        (one.mart, one.column): evaluator.moment.files.mart(one.mart).columns[one.column].zh for one in cells
                    },
                    "parts": parts_of(definition),
                    "checks": check_warnings(evaluator, [definition]).get(definition.id, ()),
                    "published": [one for one in publications(connection, wanted.as_of) if one.end is None],
                    "adjusted": [
                        one for one in adjustments(connection, wanted.as_of, wanted.known_at) if one.figure == definition.id
                    ],
                }

        shown = site.computed(("figure", name.upper(), wanted.as_of, wanted.known_at), connection, make)
    if not visitor.may(*rights.FIRMS):
        shown = shown | {"figure": as_printed(shown["figure"], shown["definition"])}
    language = language_of(site.include, page.language_of(request))
    shown = shown | {"figure": language.figure(shown["definition"], shown["figure"])}
    return page.render(
        request,
        "figure.html.jinja",
        title=(shown["figure"].name_zh, shown["figure"].name),
        asked=wanted,
        typed_moment=typed(wanted.known_at),
        day_number=(wanted.as_of - wanted.days[0]).days if wanted.days else 0,
        n_days=(wanted.days[1] - wanted.days[0]).days if wanted.days else 0,
        shows_lines=visitor.may(*rights.FIRMS),
        **shown,
    )


def _trend(evaluator: Evaluator, definition: Definition) -> list[tuple[date, Decimal | None]]:
    """The values of the last weeks as they are printed, where the figure is a sum that can be followed over time."""
    terms = definition.terms.values()
    if not terms or not all(isinstance(term, MartCells) and term.aggregate == "sum" and term.over == "to_date" for term in terms):
        return []
    last = evaluator.moment.as_of
    days = [*each_day(date.fromordinal(last.toordinal() - DAYS_BACK), last)]
    values = (rounded(definition.display, value) for value in series(evaluator, definition, days))
    return [*zip(days, values, strict=True)]


@router.get("/figures/{name}/trend.svg")
def trend(request: Request, visitor: Reader, name: str, as_of: str = "", known_at: str = "", narrow: bool = False) -> Response:
    """The figure over the last weeks, as a chart."""
    site: Site = request.app.state.site
    with visitor.figures(site.database) as connection:
        wanted = asked(connection, as_of, known_at)

        def make() -> tuple[Definition, list[tuple[date, Decimal | None]]]:
            with open_evaluator(connection, site.include, wanted.as_of, wanted.known_at) as evaluator:
                definition = find_definition(evaluator.moment.definitions, name)
                return definition, _trend(evaluator, definition)

        definition, points = site.computed(("trend", name.upper(), wanted.as_of, wanted.known_at), connection, make)
    if not points:
        return page.nothing_here(request)
    lang = page.language_of(request)
    title = definition.name_zh if lang is Lang.ZH else definition.name
    is_share = definition.display.kind.startswith("percent")
    unit = "%" if is_share else language_of(site.include, lang).unit(definition.unit)
    return charts.chart_response(
        charts.line_chart(
            title,
            [f"{day.month}-{day.day}" for day, _ in points],
            {title: [value for _, value in points]},
            unit,
            is_narrow=narrow,
        )
    )


@router.get("/figures/{name}/revisions")
def revised(request: Request, visitor: Reader, name: str, as_of: str = "") -> Response:
    """How the figure of a day moved after its reports were due."""
    site: Site = request.app.state.site
    with visitor.figures(site.database) as connection:
        wanted = asked(connection, as_of, "")
        record = site.computed(
            ("revisions", name.upper(), wanted.as_of),
            connection,
            lambda: revisions(connection, site.include, (wanted.as_of, wanted.as_of), ids=[name]),
        )
    (found,) = record.figures
    return page.render(
        request,
        "revisions.html.jinja",
        title=("修订记录", "Revisions"),
        asked=wanted,
        definition=found.definition,
        row=found.rows[0] if found.rows else None,
        steps=found.steps,
        shows_lines=visitor.may(*rights.FIRMS),
    )


@router.get("/figures/{name}/lines")
def lines(
    request: Request,
    visitor: OfFirms,
    name: str,
    as_of: str = "",
    known_at: str = "",
    part: str = "",
    first: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """The lines behind a figure, fifty at a time."""
    site: Site = request.app.state.site
    firm_access.note(request, visitor)
    with visitor.figures(site.database) as connection:
        wanted = asked(connection, as_of, known_at)
        counted = counted_lines(site, connection, name, wanted.as_of, wanted.known_at, part)
        found = site.computed(
            ("lines", name.upper(), wanted.as_of, wanted.known_at, part, first),
            connection,
            lambda: portion_of(connection, site.include, name, wanted.as_of, wanted.known_at, first=first, counted=counted),
        )
    definition = find_definition(load_sound_definitions(site.include), name)
    if page.wants_json(request):
        return JSONResponse(
            {
                "figure": definition.id,
                "part": found.part,
                "n_lines": found.n_lines,
                "lines": [line.to_json() for line in found.lines],
            }
        )
    return page.render(
        request,
        "lines.html.jinja",
        title=("来源行", "Lines behind it"),
        asked=wanted,
        definition=definition,
        parts=parts_of(definition),
        portion=found,
        size=PORTION,
        address=lambda **changed: (
            f"{site.base(request)}/figures/{definition.id}/lines?{wanted.query}&"
            + urlencode({"part": found.part, "first": first} | changed)
        ),
    )


def counted_lines(
    site: Site, connection: psycopg.Connection, name: str, as_of: date, known_at: datetime | None, part: str
) -> Counted:
    """The lines behind a part of a figure, counted once for all portions."""
    return site.computed(
        ("counted", name.upper(), as_of, known_at, part),
        connection,
        lambda: count_lines(connection, site.include, name, as_of, known_at, part=part),
    )


@router.get("/impact/{submission}")
def counts_in(request: Request, visitor: OfFirms, submission: int, row: int | None = None) -> Response:
    """The figures and the cells of marts that a file, or a line of it, counts in."""
    site: Site = request.app.state.site
    firm_access.note(request, visitor)
    with visitor.figures(site.database) as connection:
        found = impact(connection, site.include, submission, row_number=row)
    return page.render(
        request,
        "impact.html.jinja",
        title=("计入哪些数字", "What it counts in"),
        submission=submission,
        row=row,
        impact=found,
    )
