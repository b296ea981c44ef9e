"""Marts: what there is, what a column means, rows by keys and days, charts, files. As the role of whoever looks sees them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

import psycopg
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response

from fugong.access.account import Role
from fugong.analysis import browse, export
from fugong.analysis.names_of_codes import names_of_codes
from fugong.briefing.language import language_of
from fugong.contracts.load import load_contracts
from fugong.core.bilingual import Bilingual
from fugong.core.vocabulary import Lang
from fugong.documentation import star_schema
from fugong.figures.definition import load_sound_definitions
from fugong.marts import open_cells, open_table
from fugong.marts.model import Mart, SqlFiles
from fugong.marts.sql_files import load_sound_sql_files
from fugong.web import firm_access, page, rights
from fugong.web.charts import bar_chart, chart_response, line_chart
from fugong.web.door import allowed
from fugong.web.downloads import TYPES, as_file
from fugong.web.moments import day_if_given
from fugong.web.site import Site
from fugong.web.tables import cells, heads
from fugong.web.visitor import Visitor

router = APIRouter()
Reader = Annotated[Visitor, Depends(allowed(*rights.OPEN))]
Offset = Annotated[int, Query(ge=0, le=10**9, description="So many rows before the first")]
ORDER = (Role.TASKFORCE, Role.ANALYST, Role.SIGNER, Role.OPERATOR)
"""Whoever has several roles sees what the first of them sees."""
ROWS_A_PAGE = 100
DAYS_AT_FIRST = 30
OWN = frozenset({"lang", "from", "to", "offset", "limit", "format", "measure", "narrow"})
"""Names in addresses that are no keys."""
SERVED = re.compile(r"\b([A-Z])(\d+)(?:-[A-Z](\d+))?\b")
VARIANT = re.compile(r"\b[A-Z]\d+[A-Z]\b")


@dataclass(frozen=True)
class Sight:
    """What a visitor sees of marts."""

    role: str
    is_open: bool

    def marts(self, files: SqlFiles) -> list[Mart]:
        """The marts that they may read."""
        return [mart for mart in files.marts if mart.is_open or not self.is_open]

    def mart(self, files: SqlFiles, name: str) -> Mart:
        """One of them.

        Raises:
            NotFoundError: there is no such mart.
            HTTPException: 403, it is not open to them.
        """
        mart = files.mart(name)
        if self.is_open and not mart.is_open:
            there = ", ".join(one.name for one in self.marts(files))
            raise HTTPException(403, f"您看不到 {mart.name},可见 {there} | {mart.name} is not open to you. Open: {there}")
        return mart


def sight_of(visitor: Visitor) -> Sight:
    """What a visitor sees of marts: what the command `export` writes for their role."""
    role = next(rights.WAREHOUSE_ROLE[one] for one in ORDER if visitor.may(one))
    return Sight(role, not export.sees_everything(role))


@dataclass(frozen=True)
class Wanted:
    """Which rows of a mart somebody asks for."""

    days: tuple[date | None, date | None]
    keys: Mapping[str, str]

    @property
    def query(self) -> str:
        """The same as part of an address."""
        bounds = {"from": self.days[0], "to": self.days[1]}
        return urlencode({**{name: day.isoformat() for name, day in bounds.items() if day}, **self.keys})


def wanted_of(request: Request) -> Wanted:
    """Which rows an address asks for: `from`, `to`, and members of keys.

    Raises:
        HTTPException: 422, a day is no day, or a member is no text.
    """
    given = request.query_params
    keys = {name: value for name, value in given.items() if name not in OWN and value != ""}
    for name, value in keys.items():
        if not value.isprintable():
            raise HTTPException(422, f"看不懂:{name} | not understood: {name}")
    return Wanted((day_if_given(given.get("from")), day_if_given(given.get("to"))), keys)


@router.get("/marts")
def marts(request: Request, visitor: Reader) -> Response:
    """The marts that the visitor may read."""
    site: Site = request.app.state.site
    files = load_sound_sql_files(site.include / "sql")
    sight = sight_of(visitor)
    with visitor.reading(site.database, *ORDER) as connection:
        held = {mart.name: browse.days_held(connection, mart) for mart in sight.marts(files)}
    lang = page.language_of(request)
    figures = {name: one.name_zh if lang is Lang.ZH else one.name for name, one in load_sound_definitions(site.include).items()}
    return page.render(
        request,
        "marts.html.jinja",
        title=("汇总表", "Marts"),
        marts=[_about(site, files, mart, sight, figures, lang) | {"held": held[mart.name]} for mart in sight.marts(files)],
        is_open=sight.is_open,
    )


@router.get("/marts/picture.svg")
def picture(request: Request, _: Reader) -> Response:
    """Which reports feed which facts, and which facts feed which marts."""
    site: Site = request.app.state.site
    return chart_response(star_schema.svg(site.include).encode())


@router.get("/marts/{mart}")
def mart_page(request: Request, visitor: Reader, mart: str, offset: Offset = 0, measure: str = "") -> Response:
    """A mart: its dictionary, a portion of its rows, a chart."""
    site: Site = request.app.state.site
    lang = page.language_of(request)
    files = load_sound_sql_files(site.include / "sql")
    sight = sight_of(visitor)
    chosen = sight.mart(files, mart)
    _note(request, visitor, sight)
    with visitor.reading(site.database, *ORDER) as connection:
        held = browse.days_held(connection, chosen)
        wanted = wanted_of(request)
        if held and not {"from", "to"} & request.query_params.keys():
            first = held[1] - timedelta(DAYS_AT_FIRST if chosen.partition_by != "period" else 366)
            wanted = Wanted((max(first, held[0]), held[1]), wanted.keys)
        rows = browse.read_rows(
            connection, chosen, wanted.days, wanted.keys, is_open=sight.is_open, offset=offset, limit=ROWS_A_PAGE
        )
        names = browse.names_of_members(connection, chosen, names_of_codes(connection, site.include))
        members = _members(connection, chosen, names, sight, lang)
        charted = _series(connection, chosen, wanted, measure, names, lang, is_open=sight.is_open)
    comments = {column.name: column.comment for column in rows.columns}
    figures = {one: each.name_zh if lang is Lang.ZH else each.name for one, each in load_sound_definitions(site.include).items()}
    return page.render(
        request,
        "mart.html.jinja",
        title=(chosen.title.zh, chosen.title.en),
        about=_about(site, files, chosen, sight, figures, lang),
        held=held,
        heads=heads(rows.columns, lang),
        rows=cells(rows.columns, names.named(rows, chosen), lang),
        offset=rows.offset,
        has_more=rows.has_more,
        rows_a_page=ROWS_A_PAGE,
        wanted=wanted,
        members=members,
        comments=comments,
        charted=charted,
        measures=browse.measures(rows.columns, chosen),
        measure=charted["measure"] if charted else "",
        formats=tuple(TYPES),
        dictionary=_dictionary(chosen, rows.columns, is_open=sight.is_open),
        is_open=sight.is_open,
        hides=sight.is_open and open_table.is_protected(chosen),
    )


@router.get("/marts/{mart}/chart.svg")
def chart(request: Request, visitor: Reader, mart: str, measure: str = "", narrow: bool = False) -> Response:
    """The rows of a mart as a chart: the same as the table beside it."""
    site: Site = request.app.state.site
    sight = sight_of(visitor)
    chosen = sight.mart(load_sound_sql_files(site.include / "sql"), mart)
    _note(request, visitor, sight)
    wanted, lang = wanted_of(request), page.language_of(request)
    with visitor.reading(site.database, *ORDER) as connection:
        names = browse.names_of_members(connection, chosen, names_of_codes(connection, site.include))
        found = _series(connection, chosen, wanted, measure, names, lang, is_open=sight.is_open)
    if found is None:
        raise HTTPException(404)
    series: browse.Series = found["series"]
    title = found["comment"].zh if lang is Lang.ZH else found["measure"].replace("_", " ")
    draw = line_chart if series.is_over_days else bar_chart
    unit = language_of(site.include, lang).unit(found["unit"])
    return chart_response(draw(title, series.labels, series.values, unit, is_narrow=narrow))


@router.get("/marts/{mart}/download")
def download(request: Request, visitor: Reader, mart: str, format: str = "csv") -> Response:  # noqa: A002 (its name in addresses)
    """The rows of a mart as a file."""
    site: Site = request.app.state.site
    sight = sight_of(visitor)
    chosen = sight.mart(load_sound_sql_files(site.include / "sql"), mart)
    _note(request, visitor, sight)
    wanted = wanted_of(request)
    with (
        visitor.reading(site.database, *ORDER) as connection,
        export.open_mart(connection, chosen, wanted.days, is_open=sight.is_open, keys=wanted.keys) as table,
    ):
        return as_file(site, table, format)


def _note(request: Request, visitor: Visitor, sight: Sight) -> None:
    """Record the look of whoever sees marts in full: single firms are in them, if only where one stands alone in a cell."""
    if not sight.is_open:
        firm_access.note(request, visitor)


def _members(
    connection: psycopg.Connection, mart: Mart, names: browse.MemberNames, sight: Sight, lang: Lang
) -> dict[str, dict[str, str] | None]:
    """The members of each key with their names in a language."""
    found = browse.members(connection, mart, names, is_open=sight.is_open)
    return {
        key: None if each is None else {code: " / ".join(one.text_in(lang) for one in called) for code, called in each.items()}
        for key, each in found.items()
    }


def _series(
    connection: psycopg.Connection,
    mart: Mart,
    wanted: Wanted,
    measure: str,
    names: browse.MemberNames,
    lang: Lang,
    *,
    is_open: bool,
) -> dict[str, Any] | None:
    """What the chart of a mart shows; None where it has no numbers."""
    rows = browse.read_rows(connection, mart, wanted.days, wanted.keys, is_open=is_open, limit=browse.MAX_CHARTED)
    if not browse.measures(rows.columns, mart):
        return None
    column = browse.find_measure(rows.columns, mart, measure)
    return {
        "series": browse.as_series(rows, mart, column.name, names, lang),
        "measure": column.name,
        "comment": column.comment,
        "unit": "%" if column.is_fraction else "元" if column.is_yuan else "",
        "is_fraction": column.is_fraction,
        "is_cut": rows.has_more,
    }


def _about(site: Site, files: SqlFiles, mart: Mart, sight: Sight, figures: Mapping[str, str], lang: Lang) -> dict[str, Any]:
    """What a page says of a mart, in words of its head."""
    keys = open_cells.keys_of(mart) if sight.is_open else mart.keys
    read = files.read_by(mart)
    sources = [
        f"{contract.report} {contract.name if lang is Lang.ZH else contract.name_en}"
        for contract in load_contracts(site.include / "contracts")
        if any(f"report.{table.name}" in read for table in contract.tables)
    ]
    columns = open_table.columns(mart) if sight.is_open else mart.columns
    return {
        "name": mart.name,
        "title": mart.title,
        "relation": f"open.{mart.name}" if sight.is_open else mart.relation,
        "description": mart.description,
        "keys": [Bilingual(columns[key].zh, key) for key in keys],
        "by": mart.partition_by,
        "figures": [f"{name} {figures[name]}" for name in figures if name in _served(mart)],
        "sources": sources,
        "is_of_firms": mart.is_of_firms and not sight.is_open,
    }


def _served(mart: Mart) -> set[str]:
    """The ids of figures that a head says it serves, such as `S002, S026-S028`."""
    found: set[str] = set()
    for letter, first, last in SERVED.findall(mart.serves):
        found |= {f"{letter}{number:0{len(first)}}" for number in range(int(first), int(last or first) + 1)} | {
            f"{letter}{first}"
        }
    return found | set(VARIANT.findall(mart.serves))


def _dictionary(mart: Mart, columns: Any, *, is_open: bool) -> list[dict[str, Any]]:
    keys = open_cells.keys_of(mart) if is_open else mart.keys

    def of(name: str) -> str:
        total = mart.sums.get(name)
        return " + ".join(f"{one.fact}.{one.column}" for one in total.contributions) if total else ""

    return [
        {
            "name": one.name,
            "zh": one.comment.zh,
            "en": one.comment.en,
            "kind": one.kind,
            "is_key": one.name in keys,
            "of": of(one.name),
        }
        for one in columns
    ]
