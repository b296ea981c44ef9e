"""The board, and the comparison of two moments."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from fugong.analysis.names_of_codes import names_of_codes, parameter_name
from fugong.briefing.board import Board
from fugong.briefing.language import language_of
from fugong.briefing.tables import Chart
from fugong.core.money import UNITS
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang
from fugong.figures.as_printed import rounded
from fugong.figures.definition import Definition, load_sound_definitions
from fugong.lineage.diff import diff
from fugong.web import charts, page, rights
from fugong.web.door import allowed
from fugong.web.evaluated import computed_board
from fugong.web.moments import Asked, asked, moment_of, typed
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
Reader = Annotated[Visitor, Depends(allowed(*rights.FIGURES))]


def board_of(site: Site, visitor: Visitor, as_of: str, known_at: str, lang: Lang) -> tuple[Asked, Board]:
    """The board that an address asks for."""
    with visitor.figures(site.database) as connection:
        wanted = asked(connection, as_of, known_at)
        return wanted, computed_board(site, connection, wanted, lang)


@router.get("/board")
def board(request: Request, visitor: Reader, as_of: str = "", known_at: str = "") -> Response:
    """The headline figures of a day, trends, places and industries beside each other, who is late."""
    site: Site = request.app.state.site
    wanted, found = board_of(site, visitor, as_of, known_at, page.language_of(request))
    return page.render(
        request,
        "board.html.jinja",
        title=("看板", "Board"),
        asked=wanted,
        board=found,
        typed_moment=typed(wanted.known_at),
        day_number=(wanted.as_of - wanted.days[0]).days if wanted.days else 0,
        n_days=(wanted.days[1] - wanted.days[0]).days if wanted.days else 0,
        charts=[table_of(site, chart) for chart in found.charts],
    )


def table_of(site: Site, chart: Chart) -> dict[str, Any]:
    """A chart as JSON, which is the table beside it, too: days, and the values of each curve as printed, in the unit of the chart."""
    definitions = load_sound_definitions(site.include)
    days = sorted({day for curve in chart.curves for day, _ in curve.points})
    per = Decimal(UNITS.get(chart.unit, 1))
    return {
        "title": chart.title,
        "unit": chart.unit,
        "days": days,
        "curves": [
            {
                "figure": curve.figure,
                "name": curve.name,
                "values": [_printed(definitions[curve.figure], dict(curve.points).get(day), per) for day in days],
            }
            for curve in chart.curves
        ],
    }


def _printed(definition: Definition, value: Decimal | None, per: Decimal) -> Decimal | None:
    found = rounded(definition.display, value)
    return None if found is None else found / per


@router.get("/board/charts/{number}.svg")
def chart(request: Request, visitor: Reader, number: int, as_of: str = "", known_at: str = "", narrow: bool = False) -> Response:
    """A chart of the board."""
    site: Site = request.app.state.site
    _, found = board_of(site, visitor, as_of, known_at, page.language_of(request))
    if not 0 <= number < len(found.charts):
        return page.nothing_here(request)
    table = table_of(site, found.charts[number])
    return charts.chart_response(
        charts.line_chart(
            table["title"],
            [f"{day.month}-{day.day}" for day in table["days"]],
            {curve["name"]: curve["values"] for curve in table["curves"]},
            language_of(site.include, page.language_of(request)).unit(table["unit"]),
            is_narrow=narrow,
        )
    )


@router.get("/board/charts/{number}.json")
def chart_data(request: Request, visitor: Reader, number: int, as_of: str = "", known_at: str = "") -> Response:
    """The values of a chart of the board."""
    site: Site = request.app.state.site
    _, found = board_of(site, visitor, as_of, known_at, page.language_of(request))
    if not 0 <= number < len(found.charts):
        return page.nothing_here(request)
    table = table_of(site, found.charts[number])
    return JSONResponse(
        table
        | {
            "days": [day.isoformat() for day in table["days"]],
            "curves": [curve | {"values": [_as_number(value) for value in curve["values"]]} for curve in table["curves"]],
        }
    )


def _as_number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


@router.get("/compare")
def compare(request: Request, visitor: Reader, as_of: str = "", first: str = "", second: str = "") -> Response:
    """Two moments compared: which figures moved, and through which file."""
    site: Site = request.app.state.site
    with visitor.figures(site.database) as connection:
        wanted = asked(connection, as_of, "")
        moments = _two(wanted, first, second)
        moved = (
            site.computed(
                ("compare", wanted.as_of, moments),
                connection,
                lambda: diff(connection, site.include, wanted.as_of, *moments),
            )
            if moments
            else []
        )
        names = names_of_codes(connection, site.include) if moved else {}
    return page.render(
        request,
        "compare.html.jinja",
        title=("两个时点对比", "Two moments compared"),
        asked=wanted,
        moments=moments,
        first=typed(moments[0]) if moments else "",
        second=typed(moments[1]) if moments else "",
        moved=moved,
        parameter_of=lambda cause: parameter_name(names, cause.policy_id, cause.param),
        shows_files=visitor.may(*rights.FIRMS),
    )


def _two(wanted: Asked, first: str, second: str) -> tuple[datetime, datetime] | None:
    """The two moments that are asked for: the evening of the day, and now, where the address names none."""
    if wanted.latest is None:
        return None
    early = moment_of(first) if first else datetime.combine(wanted.as_of, datetime.max.time(), SHANGHAI)
    late = moment_of(second) if second else max(wanted.latest, early)
    return (early, late) if early <= late else (late, early)
