"""The door: who asks, by the cookie of a session or a program's token; and whether a request comes from a page of ours."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import quote, urlencode

from fastapi import HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from itsdangerous import BadSignature, URLSafeSerializer

from fugong.access.account import Role
from fugong.access.tokens import account_of
from fugong.web.site import Site
from fugong.web.visitor import Visitor

COOKIE = "fugong_session"
RENEWALS = 10
"""A request renews its session once a tenth of the idle time has passed since the last renewal."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class LoginNeededError(HTTPException):
    """Nobody is logged in: pages lead to the login, programs get 401."""

    def __init__(self, following: str) -> None:
        super().__init__(401, "请先登录 | Log in first")
        self.following = following


def token_of(site: Site, request: Request) -> str | None:
    """The token that a program brings; None elsewhere than in the interface for programs."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    is_of_a_program = kind.lower() == "bearer" and request.url.path.removeprefix(site.base(request)).startswith("/api/")
    return token if is_of_a_program else None


def program(site: Site, token: str) -> Visitor | None:
    """A program in the name of its account; None where the token is none, or has ended."""
    with site.database.own() as connection:
        account = account_of(connection, token)
    return Visitor(account, None) if account else None


class CookieDoor:
    """The application's own login."""

    has_login = True
    notice = ""

    def visitor(self, site: Site, request: Request) -> Visitor | None:
        """The person of the cookie, if the session is alive; of a token, if it is of the interface for programs."""
        if (token := token_of(site, request)) is not None:
            return program(site, token)
        found = read_cookie(site, request)
        if found is None:
            return None
        name, session_id, logged_in, issued = found
        now = time.time()
        if now - issued > site.rules.idle_seconds or now - logged_in > site.rules.session_seconds:
            return None
        account = site.account_of_session(name, session_id)
        if account is None:
            return None
        if now - issued >= site.rules.idle_seconds / RENEWALS:
            request.state.renewed = cookie_value(site, name, session_id, logged_in)
        return Visitor(account, session_id, logged_in, csrf_of(site, session_id, name))

    def login_address(self, base: str, following: str) -> str:
        """The application's own page."""
        return f"{base}/login" + (f"?{urlencode({'next': following})}" if following else "")


def log_in_first(request: Request) -> LoginNeededError:
    """What nobody known is told: the way to the login, and back."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return LoginNeededError(path if request.method in SAFE else "")


def _serializer(site: Site) -> URLSafeSerializer:
    return URLSafeSerializer(site.secret, salt="fugong session", signer_kwargs={"digest_method": sha256})


def cookie_value(site: Site, account: str, session_id: int, logged_in: int) -> str:
    """A cookie for a session, as of now."""
    return _serializer(site).dumps([account, session_id, logged_in, int(time.time())])


def read_cookie(site: Site, request: Request) -> tuple[str, int, int, int] | None:
    """Account, session, time of the login and time of issue of a request's cookie; None where there is none of ours."""
    try:
        account, session_id, logged_in, issued = _serializer(site).loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError):
        return None
    return str(account), int(session_id), int(logged_in), int(issued)


def csrf_of(site: Site, session_id: int, account: str) -> str:
    """What a form of a session must bring."""
    return hmac.new(site.secret.encode(), f"csrf {session_id} {account}".encode(), sha256).hexdigest()


async def check_form(request: Request, visitor: Visitor) -> None:
    """See that what changes something comes from a page of ours. A program has no page, and changes nothing.

    Raises:
        HTTPException: 403, it comes from elsewhere or its page is of another session.
    """
    if request.method in SAFE:
        return
    given = request.headers.get("x-csrf-token") or ""
    if not given and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        form = await request.form()
        given = str(form.get("csrf") or "")
    if not visitor.csrf or not hmac.compare_digest(given.encode(), visitor.csrf.encode()):
        raise HTTPException(403, "页面已过期,请重新打开后再提交 | This page is of another session: open it again, then send it")


def allowed(*roles: Role) -> Callable[[Request], object]:
    """A dependency of a route: the visitor, who has one of the roles.

    Raises:
        LoginNeededError: nobody is logged in.
        HTTPException: 403, they may not.
    """

    async def visitor(request: Request) -> Visitor:
        site: Site = request.app.state.site
        found = await run_in_threadpool(site.door.visitor, site, request)
        if found is None:
            raise log_in_first(request)
        request.state.visitor = found
        if not found.may(*roles):
            raise HTTPException(403, "您的账号看不到这一页 | Your account cannot see this page")
        await check_form(request, found)
        if site.must_choose_password(found) and not request.url.path.endswith(("/account", "/account/password", "/logout")):
            raise HTTPException(303, headers={"Location": f"{site.base(request)}/account"})
        return found

    visitor.roles = roles  # pyright: ignore[reportFunctionMemberAccess] (a test walks every route with every role)
    return visitor


def same_site_path(path: str) -> str:
    """A path on this server to go on to; the first page for anything else."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path and path.isprintable()
    return quote(path, safe="/?&=%:+,-._~") if is_ours else ""


def set_session(request: Request, response: Response, value: str) -> None:
    """Put the cookie of a session on an answer."""
    site: Site = request.app.state.site
    response.set_cookie(
        COOKIE,
        value,
        max_age=site.rules.session_seconds,
        path=site.base(request) or "/",
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",
    )
