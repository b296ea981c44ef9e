"""The pages inside Airflow: the application of `fugong.web`, mounted below `PAGES`, for whoever is logged in to Airflow.

Who a person is comes from Airflow's auth manager, what they may see from `access.account`. With a directory's login a person has the number of a
login, and may do here what they may do on pages of their own; with the demo login nobody has one, so nobody signs.
"""

from __future__ import annotations

import atexit
import logging
from contextlib import ExitStack
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI, Request

    from fugong.web.site import Site
    from fugong.web.visitor import Visitor

log = logging.getLogger(__name__)
PAGES = "/fugong"
AWAY = "网页现在打不开,原因已记录,请告知管理员 | The pages cannot be opened now; the reason is logged: tell the administrator\n"
DEMO = "演示登录,不可用于生产:没有锁定,不会超时退出 | Demo login, not for production: no lock, no time-out"
_opening = Lock()
_opened: list[FastAPI] = []


async def pages(scope: Any, receive: Any, send: Any) -> None:
    """The application, opened at the first request: no other process than the api-server pays for it."""
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import PlainTextResponse

    from fugong.core.errors import ConfigurationError, WarehouseError

    try:
        app = await run_in_threadpool(application)
    except (ConfigurationError, WarehouseError) as fault:
        log.error("%s", fault)
        await PlainTextResponse(AWAY, 503)(scope, receive, send)
        return
    await app(scope, receive, send)


def application() -> FastAPI:
    """The application of this process.

    Raises:
        ConfigurationError: a setting is wrong, or `FUGONG_WAREHOUSE_WEB` is missing beside a server of your own.
        WarehouseError: the warehouse does not answer, or another version of the program made it.
    """
    from fugong.web.application import create_application, running
    from fugong.web.serve import open_site
    from fugong_settings import load_settings

    with _opening:
        if not _opened:
            site = open_site(load_settings(), door=AirflowDoor())
            open_till_the_end = ExitStack()
            open_till_the_end.enter_context(running(site))
            atexit.register(open_till_the_end.close)
            app = create_application(site)
            app.include_router(old_addresses())
            _opened.append(app)
        return _opened[0]


class AirflowDoor:
    """Whoever is logged in to Airflow, by the cookie of its session; a program by its token, as everywhere."""

    has_login = False

    @property
    def notice(self) -> str:
        """Says on every page that a login is only for trying out."""
        from airflow.configuration import conf

        return DEMO if conf.get("core", "auth_manager").endswith(".SimpleAuthManager") else ""

    def visitor(self, site: Site, request: Request) -> Visitor | None:
        """The account of Airflow's user.

        Raises:
            HTTPException: 403, the user has none.
        """
        from anyio import from_thread
        from fastapi import HTTPException

        from fugong.access.account import Account, find_account
        from fugong.core.errors import NotFoundError
        from fugong.web.door import csrf_of, program, token_of
        from fugong.web.visitor import Visitor

        if (token := token_of(site, request)) is not None:
            return program(site, token)
        user = from_thread.run(_user, request)
        if user is None:
            return None
        if isinstance(account := getattr(user, "account", None), Account):  # `fugong_login.Person`
            return Visitor(account, user.session_id, user.auth_time, csrf_of(site, user.session_id, account.account))
        name = user.get_name()
        try:
            with site.database.own() as connection:
                account = find_account(connection, name)
        except NotFoundError as fault:
            raise HTTPException(
                403,
                f"Airflow 认得 {name},但本系统没有这个账号;请管理员办理:fugong account add | Airflow knows {name}, but there is no such account "
                "here: ask the administrator (fugong account add)",
            ) from fault
        return Visitor(account, None, csrf=csrf_of(site, 0, name))

    def login_address(self, base: str, following: str) -> str:  # noqa: ARG002 (Airflow's, wherever we are)
        """Airflow's own page to log in on."""
        address = f"{_root()}/api/v2/auth/login"
        return f"{address}?{urlencode({'next': following})}" if following else address


async def _user(request: Request) -> Any:
    """Airflow's user; None where nobody is logged in."""
    from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
    from airflow.api_fastapi.core_api.security import resolve_user_from_token
    from fastapi import HTTPException

    try:
        return await resolve_user_from_token(request.cookies.get(COOKIE_NAME_JWT_TOKEN))
    except HTTPException:
        return None


def old_addresses() -> APIRouter:
    """Where briefings were before there were pages for all: questions of Airflow still link there."""
    from fastapi import APIRouter
    from fastapi.responses import RedirectResponse, Response

    router = APIRouter(prefix="/briefings")

    def to(path: str) -> Response:
        return RedirectResponse(f"{_root()}{PAGES}{path}", 308)

    @router.get("/")
    def days() -> Response:
        return to("/briefing")

    @router.get("/{day}")
    def day(day: str) -> Response:
        return to(f"/briefing?{urlencode({'as_of': day})}")

    @router.get("/published/{number}.{form}")
    def published(number: int, form: str) -> Response:
        return to(f"/published/{number}.{quote(form)}")

    @router.get("/{day}/{name}")
    def draft(day: str, name: str, sha256: str = "") -> Response:
        return to(f"/sign/{quote(day, safe='')}/{quote(name, safe='')}" + (f"?{urlencode({'sha256': sha256})}" if sha256 else ""))

    return router


def _root() -> str:
    """The path under which Airflow itself is served; empty at the root of a host."""
    from airflow.api_fastapi.app import API_ROOT_PATH

    return API_ROOT_PATH.rstrip("/")
