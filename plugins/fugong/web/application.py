"""The application: routes, headers of every answer, and what people see when something is not there."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import psycopg
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from fugong.core.errors import ConfigurationError, NotFoundError, RefusedError, WarehouseError
from fugong.web import page, routes
from fugong.web.door import LoginNeededError, set_session
from fugong.web.evaluated import Warmer
from fugong.web.site import Site

LOG = logging.getLogger(__name__)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
TITLES = {
    400: ("请求不对", "Something is wrong with the request"),
    401: ("请先登录", "Log in first"),
    403: ("不能打开", "Not allowed"),
    404: ("没有这一页", "Not here"),
    405: ("不能这样请求", "Not possible this way"),
    409: ("情况已变化", "It has changed meanwhile"),
    411: ("请求不对", "Something is wrong with the request"),
    413: ("文件太大", "Too large"),
    422: ("填写有误", "Something was not understood"),
    429: ("请求太多", "Too many requests"),
    500: ("系统出错", "Something is wrong on our side"),
    503: ("暂时不能用", "Not available now"),
}


@contextmanager
def running(site: Site) -> Iterator[None]:
    """Connections, and what works beside requests: from before the first request until after the last."""
    site.database.open()
    warmer = Warmer(site)
    warmer.start()
    try:
        yield
    finally:
        warmer.end()
        if site.intake is not None:
            site.intake.end()
        site.reader.close()
        site.database.close()


def create_application(site: Site) -> FastAPI:
    """The application of a site."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        with running(site):
            yield

    app = FastAPI(title="复工 Fugong", docs_url=None, redoc_url=None, openapi_url=None, lifespan=life)
    app.state.site = site
    app.mount("/static", StaticFiles(directory=page.STATIC), name="static")
    for router in routes.ROUTERS:
        app.include_router(router)
    app.middleware("http")(_with_headers)
    _tell_faults(app)
    return app


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    site: Site = request.app.state.site
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", POLICY.format(ancestors="'self'" if site.is_framed else "'none'"))
    if request.url.path.startswith(f"{site.base(request)}/static/"):
        response.headers.setdefault("Cache-Control", "public, max-age=3600")
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    if renewed := getattr(request.state, "renewed", None):
        set_session(request, response, renewed)
    return response


def _tell_faults(app: FastAPI) -> None:
    @app.exception_handler(LoginNeededError)
    async def log_in(request: Request, fault: LoginNeededError) -> Response:
        if _is_for_programs(request):
            return JSONResponse({"error": page.typeset(str(fault.detail))}, 401, headers={"WWW-Authenticate": "Bearer"})
        site: Site = request.app.state.site
        return RedirectResponse(site.door.login_address(site.base(request), fault.following), 303)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, fault: HTTPException) -> Response:
        if fault.status_code in {301, 302, 303, 307}:
            return RedirectResponse((fault.headers or {})["Location"], fault.status_code)
        response = _told(request, fault.status_code, str(fault.detail))
        response.headers.update(fault.headers or {})
        return response

    @app.exception_handler(404)
    async def nowhere(request: Request, fault: HTTPException) -> Response:
        return _told(request, 404, "" if fault.detail == "Not Found" else str(fault.detail))

    @app.exception_handler(405)
    async def otherwise(request: Request, _: HTTPException) -> Response:
        return _told(request, 405, "")

    @app.exception_handler(RequestValidationError)
    async def not_understood(request: Request, fault: RequestValidationError) -> Response:
        places = ", ".join(dict.fromkeys(str(error["loc"][-1]) for error in fault.errors()))
        return _told(request, 422, f"看不懂:{places} | not understood: {places}")

    @app.exception_handler(NotFoundError)
    async def not_found(request: Request, fault: NotFoundError) -> Response:
        return _told(request, 404, str(fault))

    @app.exception_handler(RefusedError)
    async def not_allowed(request: Request, fault: RefusedError) -> Response:
        return _told(request, 409, str(fault))

    @app.exception_handler(ConfigurationError)
    async def misconfigured(request: Request, fault: ConfigurationError) -> Response:
        LOG.error("%s: %s", request.url.path, fault)
        return _told(
            request, 503, "系统配置有误,已记录,请告知管理员 | The configuration is faulty; it is logged: tell the administrator"
        )

    @app.exception_handler(WarehouseError)
    @app.exception_handler(psycopg.OperationalError)
    async def away(request: Request, fault: Exception) -> Response:
        LOG.error("%s: %s", request.url.path, fault)
        return _told(request, 503, "数据库没有应答,请稍后再试 | The database does not answer: try later")

    @app.exception_handler(psycopg.errors.InsufficientPrivilege)
    async def guarded(request: Request, fault: psycopg.errors.InsufficientPrivilege) -> Response:
        LOG.error("%s: %s", request.url.path, fault.diag.message_primary)
        return _told(request, 403, "数据库不允许这个账号这样做 | The warehouse does not allow that to this account")

    @app.exception_handler(500)
    async def broken(request: Request, fault: Exception) -> Response:
        LOG.error("%s %s", request.method, request.url.path, exc_info=fault)
        return _told(request, 500, "错误已记录,请告知管理员 | It is logged: tell the administrator")


def _is_for_programs(request: Request) -> bool:
    site: Site = request.app.state.site
    return request.url.path.startswith(f"{site.base(request)}/api/") or "application/json" in request.headers.get("accept", "")


def _told(request: Request, status: int, sentence: str) -> Response:
    if _is_for_programs(request):
        return JSONResponse({"error": page.typeset(sentence or " | ".join(TITLES.get(status, TITLES[500])))}, status)
    return page.render(request, "fault.html.jinja", status, title=TITLES.get(status, TITLES[500]), code=status, sentence=sentence)
