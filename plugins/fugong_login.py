"""Logging in to Airflow with a directory's password (LDAP), through the auth manager of Flask-AppBuilder (FAB).

FAB asks the directory and knows Airflow's permissions. Who a person is, and what they may do, comes from `access.account` alone, at every request:
FAB's own roles, users and pages have no effect here. `fugong.access.authentication` decides about locks and keeps the record.
"""

from __future__ import annotations

import logging
import os
import time
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from threading import Lock
from typing import TYPE_CHECKING, Any

import psycopg
from airflow.api_fastapi.app import get_auth_manager, get_cookie_path
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.configuration import conf
from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager
from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride as Fab
from airflow.providers.fab.www.security import permissions as fab
from airflow.providers.fab.www.views import get_safe_url
from cachetools import TTLCache
from fastapi import HTTPException
from flask import g, make_response, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.views import AuthLDAPView
from flask_wtf.csrf import generate_csrf
from jwt import InvalidTokenError

from fugong.access.account import Account, Role
from fugong.access.authentication import (
    Answer,
    Event,
    LoginRefusedError,
    LoginRules,
    Session,
    log_in,
    log_out,
    person_of_session,
)
from fugong.core.errors import WarehouseError
from fugong_settings import load_settings

if TYPE_CHECKING:
    from flask.wrappers import Response

log = logging.getLogger(__name__)
Permissions = frozenset[tuple[str, str]]
KNOWN_SECONDS = 5
"""So long after a change of an account it may still be used as before."""
RENEWALS = 10
"""A request renews its session once a tenth of the idle time has passed since the last renewal."""
STATUS = {Event.FAILED: 401, Event.LOCKED: 429, Event.REFUSED: 403, Event.UNAVAILABLE: 503}

ANSWERS = {(fab.ACTION_CAN_EDIT, fab.RESOURCE_HITL_DETAIL), (fab.ACTION_CAN_ACCESS_MENU, fab.RESOURCE_HITL_DETAIL)}
VIEWER = {*Fab.VIEWER_PERMISSIONS, (fab.ACTION_CAN_READ, fab.RESOURCE_PLUGIN)}  # the pages are a plugin's
OPERATOR = {*VIEWER, *Fab.USER_PERMISSIONS, *Fab.OP_PERMISSIONS}
OF_PEOPLE = {fab.RESOURCE_ROLE, fab.RESOURCE_PASSWORD, fab.RESOURCE_MY_PASSWORD, fab.RESOURCE_MY_PROFILE}
"""FAB's own list of people, which nobody edits: there is one table of accounts."""
PERMISSIONS: dict[Role, Permissions] = {
    role: frozenset(one for one in held if one[1] not in OF_PEOPLE)
    for role, held in {
        Role.VIEWER: VIEWER,
        Role.SIGNER: VIEWER | ANSWERS,
        Role.OPERATOR: OPERATOR,
        Role.ADMIN: OPERATOR | {*Fab.ADMIN_PERMISSIONS},
    }.items()
}


@dataclass(frozen=True)
class Person(BaseUser):
    """Whoever is logged in.

    Attributes:
        auth_time: when the password was given, in seconds since 1970.
        issued: when this token was.
    """

    account: Account
    session_id: int
    auth_time: int
    issued: int

    @property
    def perms(self) -> Permissions:
        """What they may do, as FAB calls it."""
        return frozenset().union(*(PERMISSIONS[role] for role in self.account.roles if role in PERMISSIONS))

    def get_id(self) -> str:
        """The account: those who are asked to sign are listed by it."""
        return self.account.account

    def get_name(self) -> str:
        """As runs and answers name them."""
        return self.account.account


class DirectoryAuthManager(FabAuthManager):
    """FAB's auth manager; people are `Person`s."""

    def __init__(self) -> None:
        super().__init__()
        self.rules = LoginRules.load(os.environ)
        self.known: TTLCache[tuple[str, int], Account | None] = TTLCache(maxsize=1024, ttl=KNOWN_SECONDS)
        self.lock = Lock()

    def log_in(self, name: str, password: str, address: str | None) -> Person:
        """Log a person in; runs inside FAB's application.

        Raises:
            LoginRefusedError: they are not let in.
        """
        directory = self.security_manager
        assert isinstance(directory, DirectorySecurityManager)
        try:
            session = log_in(load_settings(), self.rules, name, password, directory.ask_directory, address)
        except (psycopg.OperationalError, WarehouseError) as error:
            log.exception("nobody can log in: the warehouse does not answer")
            raise LoginRefusedError(Event.UNAVAILABLE, WAREHOUSE_AWAY) from error
        return _person(session, int(time.time()))

    def create_token(self, headers: dict[str, str], body: dict[str, Any]) -> Any:  # noqa: ARG002
        """Log in a program that gives a name and a password, under the same rules."""
        name, password = body.get("username"), body.get("password")
        if not (isinstance(name, str) and isinstance(password, str) and name and password):
            raise ValueError("请给出 username 和 password | username and password must be given")
        try:
            return self.log_in(name, password, None)
        except LoginRefusedError as refused:
            raise HTTPException(STATUS[refused.event], str(refused)) from refused

    def serialize_user(self, user: Any) -> dict[str, Any]:
        """What a token says."""
        return {"sub": user.account.account, "sid": user.session_id, "auth_time": user.auth_time}

    def deserialize_user(self, token: dict[str, Any]) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The person of a token, as the account is now."""
        name, session_id = str(token["sub"]), int(token["sid"])
        with self.lock:
            is_known, account = (name, session_id) in self.known, self.known.get((name, session_id))
        if not is_known:
            account = person_of_session(load_settings(), name, session_id)
            with self.lock:
                self.known[name, session_id] = account
        if account is None:
            raise ValueError(f"the session {session_id} of {name} has ended")
        return Person(account, session_id, int(token["auth_time"]), int(token["iat"]))

    def generate_jwt(self, user: Any, *, expiration_time_in_seconds: int | None = None) -> str:
        """A token that ends with the idle time, and with the session in any case."""
        wanted = expiration_time_in_seconds or self.rules.idle_seconds
        left = user.auth_time + self.rules.session_seconds - int(time.time())
        return super().generate_jwt(user, expiration_time_in_seconds=max(min(wanted, self.rules.idle_seconds, left), 0))

    def refresh_user(self, *, user: Any) -> Any:
        """The person, where the session is to be renewed: it was used."""
        return user if time.time() - user.issued >= self.rules.idle_seconds / RENEWALS else None

    def revoke_token(self, token: str) -> None:
        """Log out: no token of the session counts any more."""
        super().revoke_token(token)
        try:
            claims = self._get_token_validator().validated_claims(token)
        except InvalidTokenError:  # it has ended already, or is none of ours
            return
        name, session_id = str(claims["sub"]), int(claims["sid"])
        log_out(load_settings(), name, session_id)
        with self.lock:
            self.known.pop((name, session_id), None)

    def is_authorized_dag(self, *, method: Any, user: Any, access_entity: Any = None, details: Any = None) -> bool:
        """As FAB says; but who may answer a question need not be allowed to change the DAG that asks."""
        if access_entity == DagAccessEntity.HITL_DETAIL:
            return self._is_authorized(method=method, resource_type=fab.RESOURCE_HITL_DETAIL, user=user)
        return super().is_authorized_dag(method=method, user=user, access_entity=access_entity, details=details)

    def get_authorized_dag_ids(self, *, user: Any, method: Any = "GET", **given: Any) -> set[str]:
        """All or none: nobody has rights to single DAGs."""
        if not self._is_authorized(method=method, resource_type=fab.RESOURCE_DAG, user=user):
            return set()
        return super().get_authorized_dag_ids(user=user, method=method, **given)


def _person(session: Session, now: int) -> Person:
    return Person(session.account, session.session_id, now, now)


WAREHOUSE_AWAY = "数据库没有应答,现在无法登录;请稍后再试,或告知管理员 | The database does not answer, so nobody can log in; try later, or tell the administrator"
TOO_MANY = "登录太频繁,请一分钟后再试 | Too many logins: try again in a minute"


class DirectorySecurityManager(Fab):
    """FAB's asking of the directory, and of all its pages only that of the login."""

    def register_views(self) -> None:
        """Add our page."""
        self.auth_view = LoginPage()
        self.appbuilder.add_view_no_menu(self.auth_view)
        assert self.auth_view.blueprint is not None
        self.limiter.limit(self.auth_rate_limit, methods=["POST"], error_message=TOO_MANY)(self.auth_view.blueprint)

    def ask_directory(self, name: str, password: str) -> Answer:
        """Whether the directory knows a person by this name and password."""
        g.is_refused = False
        if self.auth_user_ldap(name, password, rotate_session_id=False) is not None:
            return Answer.RIGHT
        return Answer.WRONG if g.is_refused else Answer.AWAY

    def _search_ldap(self, ldap: Any, con: Any, username: str) -> Any:
        dn, attributes = super()._search_ldap(ldap, con, username)
        g.is_refused = dn is None
        return dn, attributes

    @staticmethod
    def _ldap_bind(ldap: Any, con: Any, dn: str, password: str) -> bool:
        is_right = Fab._ldap_bind(ldap, con, dn, password)
        g.is_refused = not is_right
        return is_right


FORM = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>登录 | Log in</title><style>{style}</style>
<h1>复工 | Fugong</h1>
<p>请用单位目录的账号和口令登录。 | Log in with your account and password of the directory.</p>
{told}
<form method="post"><input type="hidden" name="csrf_token" value="{token}">
<p><label>账号 | Account<br><input name="username" required maxlength="64" autocomplete="username" autofocus value="{name}"></label></p>
<p><label>口令 | Password<br><input name="password" type="password" required maxlength="1024" autocomplete="current-password"></label></p>
<p><button>登录 | Log in</button></p></form>
<p>{idle} 分钟不操作自动退出;{hours} 小时后须重新登录。 | You are logged out after {idle} minutes without a request, and after {hours} hours in any case.</p>
</html>"""
STYLE = "body{font:16px/1.8 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
STYLE_DIGEST = b64encode(sha256(STYLE.encode()).digest()).decode()
FORM_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{STYLE_DIGEST}'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Airflow shows pages of ours in a frame of its own, and so the login; nobody else does."""


class LoginPage(AuthLDAPView):
    """The page to log in on, in Chinese and English."""

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Response:
        """Show the form; let in whom the directory and the accounts let in."""
        manager = get_auth_manager()
        assert isinstance(manager, DirectoryAuthManager)
        name, password = request.form.get("username", ""), request.form.get("password", "")
        if request.method == "GET" or not (name and password):
            return _form(manager.rules)
        try:
            person = manager.log_in(name, password, request.remote_addr)
        except LoginRefusedError as refused:
            return _form(manager.rules, name, str(refused), STATUS[refused.event])
        following = request.args.get("next")
        answer = make_response(redirect(get_safe_url(following) if following else get_cookie_path()))
        # As Airflow itself sets it when it renews a session.
        is_secure = request.scheme == "https" or bool(conf.get("api", "ssl_cert", fallback=""))
        answer.set_cookie(
            COOKIE_NAME_JWT_TOKEN,
            manager.generate_jwt(person),
            path=get_cookie_path(),
            secure=is_secure,
            httponly=True,
            samesite="Lax",
        )
        return answer


def _form(rules: LoginRules, name: str = "", told: str = "", status: int = 200) -> Response:
    answer = make_response(
        FORM.format(
            style=STYLE,
            told=f'<p role="alert"><strong>{escape(told)}</strong></p>' if told else "",
            token=escape(generate_csrf()),
            name=escape(name[:64]),
            idle=_printed(rules.idle_seconds / 60),
            hours=_printed(rules.session_seconds / 3600),
        ),
        status,
    )
    answer.headers.update(FORM_HEADERS)
    return answer


def _printed(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
