"""Logging in and out."""

from __future__ import annotations

import time
from typing import Annotated

import psycopg
from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from fugong.access.account import Role
from fugong.access.authentication import Answer, Event, LoginRefusedError, log_in, log_out
from fugong.access.passwords import verify
from fugong.core.errors import WarehouseError
from fugong.web import page
from fugong.web.door import COOKIE, check_form, cookie_value, log_in_first, same_site_path, set_session
from fugong.web.navigation import first_page
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
STATUS = {Event.FAILED: 401, Event.LOCKED: 429, Event.REFUSED: 403, Event.UNAVAILABLE: 503}
AWAY = "数据库没有应答,现在无法登录;请稍后再试,或告知管理员 | The database does not answer, so nobody can log in; try later, or tell the administrator"


@router.get("/")
def first(request: Request) -> Response:
    """To the first page of whoever is logged in."""
    site: Site = request.app.state.site
    visitor = site.door.visitor(site, request)
    if visitor is None:
        raise log_in_first(request)
    return RedirectResponse(f"{site.base(request)}{first_page(visitor)}", 303)


@router.get("/login")
def form(request: Request, next: str = "") -> Response:  # noqa: A002 (its name in addresses)
    """The form to log in with."""
    site: Site = request.app.state.site
    if not site.door.has_login:
        return RedirectResponse(site.door.login_address(site.base(request), same_site_path(next)), 303)
    return _form(request, following=next)


@router.post("/login")
def let_in(
    request: Request,
    account: Annotated[str, Form(max_length=64)] = "",
    password: Annotated[str, Form(max_length=2048)] = "",
    next: Annotated[str, Form(max_length=2048)] = "",  # noqa: A002
) -> Response:
    """Let a person in, and lead them to where they wanted to go."""
    site: Site = request.app.state.site
    if not site.door.has_login:
        raise HTTPException(404)
    _refuse_other_sites(request)

    def ask(name: str, given: str) -> Answer:
        if site.ask is not None:
            return site.ask(name, given)
        with site.database.own() as connection:
            return verify(connection, name, given)

    try:
        session = log_in(
            site.settings,
            site.rules,
            account,
            password,
            ask,
            request.client.host if request.client else None,
            roles=tuple(Role),
            connect=site.connect,
        )
    except LoginRefusedError as refused:
        return _form(request, str(refused), STATUS[refused.event], account, next)
    except (psycopg.OperationalError, WarehouseError):
        return _form(request, AWAY, 503, account, next)
    name = session.account.account
    site.forget(name)
    following = same_site_path(next) or site.base(request) + first_page(Visitor(session.account, session.session_id))
    response = RedirectResponse(following, 303)
    set_session(request, response, cookie_value(site, name, session.session_id, int(time.time())))
    return response


@router.post("/logout")
async def let_out(request: Request) -> Response:
    """End the session, on every server."""
    site: Site = request.app.state.site
    visitor = await run_in_threadpool(site.door.visitor, site, request)
    if visitor is not None and visitor.session_id is not None and site.door.has_login:
        await check_form(request, visitor)
        log_out(site.settings, visitor.account.account, visitor.session_id, connect=site.connect)
        site.forget(visitor.account.account)
    response = RedirectResponse(f"{site.base(request)}/login", 303)
    response.delete_cookie(COOKIE, path=site.base(request) or "/")
    return response


def _refuse_other_sites(request: Request) -> None:
    """A form of another site must not log anybody in as somebody else."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise HTTPException(403, "请在本系统的登录页登录 | Log in on this system's own page")


def _form(request: Request, told: str = "", status: int = 200, account: str = "", following: str = "") -> Response:
    site: Site = request.app.state.site
    return page.render(
        request,
        "login.html.jinja",
        status,
        title=("登录", "Log in"),
        sentence=told,
        account=account[:64],
        following=same_site_path(following),
        idle_minutes=max(site.rules.idle_seconds // 60, 1),
        knows_passwords=site.ask is None,
    )
