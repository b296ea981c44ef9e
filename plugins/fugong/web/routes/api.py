"""The interface for programs, /api/v1: what the commands print with --json, read only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

import psycopg
from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response
from fastapi.routing import APIRoute

from fugong.access.account import Role
from fugong.analysis import browse
from fugong.analysis.questions import load_sound_questions
from fugong.briefing import publishing
from fugong.briefing.adjustment import adjustments, with_adjustments
from fugong.briefing.language import language_of
from fugong.contracts.accepted import accepted_contracts, known_contracts
from fugong.core.bilingual import Bilingual
from fugong.core.build import this_build
from fugong.core.errors import NotFoundError, RefusedError
from fugong.core.sanitize import as_json
from fugong.core.vocabulary import Lang
from fugong.figures.as_printed import as_printed
from fugong.figures.definition import load_sound_definitions
from fugong.figures.figure import figures
from fugong.intake.submissions import find_submission
from fugong.lineage.lines import portion_of
from fugong.marts import asof
from fugong.marts.sql_files import load_sound_sql_files
from fugong.receipts import receipt
from fugong.web import firm_access, page, rights
from fugong.web.door import allowed
from fugong.web.examples import EXAMPLES
from fugong.web.moments import day_if_given, moment_if_given
from fugong.web.rates import A_MINUTE, Rate
from fugong.web.routes.figures import counted_lines
from fugong.web.routes.marts import ORDER, Offset, sight_of, wanted_of
from fugong.web.routes.questions import answer, parameters_of, roles_for
from fugong.web.routes.receipts import found_receipt
from fugong.web.site import Site, latest_day
from fugong.web.visitor import Visitor

V1 = "/api/v1"
router = APIRouter()
v1 = APIRouter(prefix=V1)
MOST = 5_000
"""Rows or lines in one answer."""
_rate = Rate()

AsOf = Annotated[str, Query(description="The day, such as 2020-03-18; the last one that was reported if left out")]
KnownAt = Annotated[str, Query(description="As known at this moment, such as 2020-03-19T10:30; now if left out")]
Language = Annotated[Lang, Query(description="Of sentences: zh or en")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="So many rows at most")]


SAID = {
    "index": Bilingual("这个账号能读什么", "What this account can ask for"),
    "all_figures": Bilingual("某日的全部指标", "Every figure of a day"),
    "one_figure": Bilingual("一个指标,及其比前一日变化的原因", "One figure, and why it changed since the day before"),
    "lines": Bilingual("指标背后的文件行,每次查看都有记录", "The lines of files behind a figure; every look is recorded"),
    "all_marts": Bilingual("可看的汇总表", "The marts that this account may read"),
    "one_mart": Bilingual("一张汇总表:键、日期、列", "One mart: keys, days, columns"),
    "rows": Bilingual("汇总表的行,任何键都可作条件", "Rows of a mart; any key of it is a parameter"),
    "all_questions": Bilingual("可问的问题", "The questions that this account may ask"),
    "one_question": Bilingual("一问的答案", "The answer to a question"),
    "one_receipt": Bilingual(
        "一份报送的回执:部门看自己的,能看文件行的人看任一份",
        "The receipt of a submission: a department's own; any, for those who read lines of files",
    ),
    "published": Bilingual("已发布的简报", "What was published"),
}
"""What each route answers."""


class Asking:
    """A dependency of a route: whoever asks, who has one of the roles and has not asked too often."""

    def __init__(self, *roles: Role) -> None:
        self.roles = roles
        self._find: Any = allowed(*roles)

    async def __call__(self, request: Request) -> Visitor:
        """The visitor.

        Raises:
            HTTPException: 403, they may not; 429, they asked too often.
        """
        found: Visitor = await self._find(request)
        site: Site = request.app.state.site
        _rate.count(f"{site.settings.home} {found.account.account}")
        return found


Anybody = Annotated[Visitor, Depends(Asking(*rights.EVERYBODY))]
OfFigures = Annotated[Visitor, Depends(Asking(*rights.FIGURES))]
OfFirms = Annotated[Visitor, Depends(Asking(*rights.FIRMS))]
OfMarts = Annotated[Visitor, Depends(Asking(*rights.OPEN))]
OfReceipts = Annotated[Visitor, Depends(Asking(*rights.DEPARTMENT, *rights.FIRMS))]


def told(name: str) -> dict[str, Any]:
    """What the description of the interface says of a route's answer: an example."""
    faults = {
        "401": "No token, or it has ended",
        "403": "Not allowed to this account",
        "404": "Not there; the sentence says what there is",
        "422": "A parameter was not understood",
        "429": f"More than {A_MINUTE} requests a minute; `Retry-After` says when to try again",
    }
    fault = {"application/json": {"example": {"error": "没有指标 S999 | no figure S999"}}}
    return {
        "responses": {
            200: {"description": "OK", "content": {"application/json": {"example": EXAMPLES[name]}}},
            **{int(code): {"description": text, "content": fault} for code, text in faults.items()},
        }
    }


@router.get("/api")
def about(request: Request, visitor: Annotated[Visitor, Depends(allowed(*rights.EVERYBODY))]) -> Response:
    """What programs can read, and how."""
    return page.render(
        request,
        "api.html.jinja",
        title=("接口", "The interface for programs"),
        address=f"{_here(request)}{V1}",
        routes=[one for one in listed() if visitor.may(*one["roles"])],
        a_minute=A_MINUTE,
        sees_figures=visitor.may(*rights.FIGURES),
        sees_marts=visitor.may(*rights.OPEN),
    )


def listed() -> list[dict[str, Any]]:
    """The routes of the interface, with who may ask them."""
    return [
        {
            "path": route.path,
            "said": SAID[route.endpoint.__name__],
            "roles": next(one.call.roles for one in route.dependant.dependencies if isinstance(one.call, Asking)),
        }
        for route in v1.routes
        if isinstance(route, APIRoute) and route.include_in_schema
    ]


@v1.get("", **told("index"))
def index(request: Request, visitor: Anybody) -> Response:
    """What this account can ask for."""
    return _json(
        {
            "version": this_build().version,
            "account": visitor.account.account,
            "roles": sorted(visitor.account.roles),
            "routes": {one["path"]: str(one["said"]) for one in listed() if visitor.may(*one["roles"])},
            "openapi": f"{_here(request)}{V1}/openapi.json",
        }
    )


@v1.get("/openapi.json", include_in_schema=False)
def openapi(request: Request, _: Anybody) -> Response:
    """The description of the interface for programs that write programs (OpenAPI 3.1)."""
    made = get_openapi(
        title="复工 Fugong",
        version=this_build().version,
        description="What the commands print with --json, read only. A token of your account: Authorization: Bearer …",
        routes=v1.routes,
        servers=[{"url": _here(request)}],
    )
    made.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"token": []}]
    return _json(made)


@v1.get("/figures", **told("figures"))
def all_figures(
    request: Request, visitor: OfFigures, as_of: AsOf = "", known_at: KnownAt = "", lang: Language = Lang.ZH
) -> Response:
    """Every figure of a day."""
    return _json(_figures(request, visitor, None, as_of, known_at, lang))


@v1.get("/figures/{figure}", **told("figure"))
def one_figure(
    request: Request,
    visitor: OfFigures,
    figure: Annotated[str, Path(examples=["S041"])],
    as_of: AsOf = "",
    known_at: KnownAt = "",
    lang: Language = Lang.ZH,
) -> Response:
    """One figure of a day, with why it changed since the day before."""
    return _json(_figures(request, visitor, figure, as_of, known_at, lang)[0])


def _figures(
    request: Request, visitor: Visitor, figure: str | None, as_of: str, known_at: str, lang: Lang
) -> list[dict[str, Any]]:
    site: Site = request.app.state.site
    moment = moment_if_given(known_at)
    with visitor.figures(site.database) as connection:
        day = _day(connection, as_of)
        ids = None if figure is None else [figure]
        found = site.computed(
            ("figures", figure, day, moment), connection, lambda: figures(connection, site.include, day, moment, ids=ids)
        )
        adjusted = adjustments(connection, day, moment)
    definitions, language = load_sound_definitions(site.include), language_of(site.include, lang)
    if not visitor.may(*rights.FIRMS):
        found = [as_printed(one, definitions[one.id]) for one in found]
    found = [language.figure(definitions[one.id], one) for one in found]
    return [with_adjustments(one, adjusted, lang) for one in found]


@v1.get("/trace/{figure}", **told("trace"))
def lines(
    request: Request,
    visitor: OfFirms,
    figure: Annotated[str, Path(examples=["S041"])],
    as_of: AsOf = "",
    known_at: KnownAt = "",
    part: Annotated[str, Query(description="value, numerator or denominator; the figure's first one if left out")] = "",
    offset: Offset = 0,
    limit: Limit = 1000,
) -> Response:
    """The lines of files behind a figure. Every look is recorded."""
    site: Site = request.app.state.site
    firm_access.note(request, visitor)
    with visitor.figures(site.database) as connection:
        day = _day(connection, as_of)
        moment = moment_if_given(known_at)
        counted = counted_lines(site, connection, figure, day, moment, part)
        found = portion_of(connection, site.include, figure, day, moment, first=offset, at_most=limit, counted=counted)
    document = {
        "figure": figure,
        "as_of": day.isoformat(),
        "part": found.part,
        "n_lines": found.n_lines,
        "lines": [line.to_json() for line in found.lines],
    }
    query = {"as_of": day.isoformat(), "part": found.part} | ({"known_at": known_at} if known_at else {})
    return _portion(request, document, query, offset, limit, has_more=offset + limit < found.n_lines)


@v1.get("/marts", **told("marts"))
def all_marts(request: Request, visitor: OfMarts) -> Response:
    """The marts that this account may read: keys, days held, columns."""
    site: Site = request.app.state.site
    sight = sight_of(visitor)
    with visitor.reading(site.database, *ORDER) as connection:
        found = [
            _mart(connection, mart, is_open=sight.is_open) for mart in sight.marts(load_sound_sql_files(site.include / "sql"))
        ]
    return _json(found)


@v1.get("/marts/{mart}", **told("mart"))
def one_mart(request: Request, visitor: OfMarts, mart: Annotated[str, Path(examples=["resumption_daily"])]) -> Response:
    """One mart: keys, days held, columns."""
    site: Site = request.app.state.site
    sight = sight_of(visitor)
    found = sight.mart(load_sound_sql_files(site.include / "sql"), mart)
    with visitor.reading(site.database, *ORDER) as connection:
        return _json(_mart(connection, found, is_open=sight.is_open))


@v1.get("/marts/{mart}/rows", **told("rows"))
def rows(
    request: Request,
    visitor: OfMarts,
    mart: Annotated[str, Path(examples=["resumption_daily"])],
    first: Annotated[str, Query(alias="from", description="The first day")] = "",  # noqa: ARG001 (`wanted_of` reads it)
    last: Annotated[str, Query(alias="to", description="The last day")] = "",  # noqa: ARG001
    offset: Offset = 0,
    limit: Limit = 1000,
) -> Response:
    """Rows of a mart. Any key of the mart is a parameter, too: `scope=industry&dimension=township`."""
    site: Site = request.app.state.site
    sight = sight_of(visitor)
    chosen = sight.mart(load_sound_sql_files(site.include / "sql"), mart)
    wanted = wanted_of(request)
    if not sight.is_open:
        firm_access.note(request, visitor)
    with visitor.reading(site.database, *ORDER) as connection:
        found = browse.read_rows(connection, chosen, wanted.days, wanted.keys, is_open=sight.is_open, offset=offset, limit=limit)
    query = {name: value for name, value in request.query_params.items() if name not in {"offset", "limit"}}
    return _portion(request, {"mart": chosen.name, "rows": found.to_json()}, query, offset, limit, has_more=found.has_more)


@v1.get("/questions", **told("questions"))
def all_questions(request: Request, visitor: OfMarts) -> Response:
    """The questions that this account may ask."""
    site: Site = request.app.state.site
    found = [one for one in load_sound_questions(site.include).values() if visitor.may(*roles_for(one))]
    return _json(
        [
            {
                "number": one.number,
                "zh": one.text.zh,
                "en": one.text.en,
                "role": one.role,
                "parameters": [name for name in one.parameters if name != "known_at"],
            }
            for one in found
        ]
    )


@v1.get("/questions/{number}", **told("question"))
def one_question(request: Request, visitor: OfMarts, number: int, as_of: AsOf = "") -> Response:
    """The answer to a question. Its parameters are parameters here, too."""
    _, found = answer(request, visitor, number, day_if_given(as_of), parameters_of(request))
    return _json(found.to_json())


@v1.get("/receipts/{submission}", **told("receipt"))
def one_receipt(request: Request, visitor: OfReceipts, submission: int) -> Response:
    """The receipt of a submission: a department's own; of any to those who read lines of files. Their looks are recorded."""
    site: Site = request.app.state.site
    if visitor.may(*rights.FIRMS):
        firm_access.note(request, visitor)
        with visitor.figures(site.database) as connection:
            _, _, has_receipt = find_submission(connection, submission)
            found = receipt.load(connection, accepted_contracts(connection), submission) if has_receipt else None
    else:
        with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
            _, found = found_receipt(connection, known_contracts(connection, site.include / "contracts"), submission)
    if found is None:
        raise RefusedError(f"第 {submission} 号报送还没有回执 | submission {submission} has no receipt yet")
    return _json(found.document)


@v1.get("/briefings", **told("briefings"))
def published(request: Request, visitor: OfFigures) -> Response:
    """What was published, the newest first, with how it ended."""
    site: Site = request.app.state.site
    with visitor.figures(site.database) as connection:
        return _json([one.to_json() for one in publishing.publications(connection)])


def _here(request: Request) -> str:
    """The address under which the application is asked, also where it is mounted."""
    site: Site = request.app.state.site
    return f"{request.url.scheme}://{request.url.netloc}{site.base(request)}"


def _day(connection: psycopg.Connection, text: str) -> date:
    """The day that an address asks for; the last one without.

    Raises:
        NotFoundError: nothing was reported about it.
        HTTPException: 422, it is none.
    """
    days = asof.reported_days(connection)
    if not days:
        raise NotFoundError("还没有任何一天的报送 | nothing has been reported about any day yet")
    day = day_if_given(text) or latest_day(connection) or max(days)
    if day not in days:
        raise NotFoundError(
            f"没有 {day} 的数,现有 {min(days)} 至 {max(days)} | there is nothing of {day}: there is {min(days)} to {max(days)}"
        )
    return day


def _mart(connection: psycopg.Connection, mart: Any, *, is_open: bool) -> dict[str, Any]:
    held = browse.days_held(connection, mart)
    described = browse.read_rows(connection, mart, (None, None), {}, is_open=is_open, limit=0)
    return {
        "mart": mart.name,
        "by": mart.partition_by,
        "keys": list(browse.keys_to_choose(mart, is_open=is_open)),
        "days": [day.isoformat() for day in held] if held else None,
        "serves": mart.serves,
        "columns": [
            {"name": one.name, "type": one.kind, "zh": one.comment.zh, "en": one.comment.en} for one in described.columns
        ],
    }


def _portion(
    request: Request, document: dict[str, Any], query: dict[str, str], offset: int, limit: int, *, has_more: bool
) -> Response:
    """A portion of rows, with the address of the next in the document and in its head."""
    following = None
    if has_more:
        following = f"{request.url.replace(query='')}?{urlencode({**query, 'offset': offset + limit, 'limit': limit})}"
    response = _json({**document, "offset": offset, "next": following})
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def _json(document: dict[str, Any] | Sequence[Any] | Any) -> Response:
    return Response(as_json(document, indent=None) + "\n", media_type="application/json")
