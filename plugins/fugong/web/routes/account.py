"""A person's own account: who they are here, their password, tokens for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from fugong.access import tokens
from fugong.access.account import Role
from fugong.access.passwords import AT_LEAST, choose
from fugong.core.errors import RefusedError
from fugong.web import page, rights
from fugong.web.door import allowed
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
Anybody = Annotated[Visitor, Depends(allowed(*rights.EVERYBODY))]


@router.get("/account")
def account(request: Request, visitor: Anybody) -> Response:
    """The person's own page."""
    return _page(request, visitor)


@router.post("/account/password")
def password(
    request: Request,
    visitor: Anybody,
    old: Annotated[str, Form(max_length=2048)],
    new: Annotated[str, Form(max_length=2048)],
    again: Annotated[str, Form(max_length=2048)],
) -> Response:
    """Choose another password."""
    site: Site = request.app.state.site
    try:
        if new != again:
            raise RefusedError("两次输入的新口令不一样 | The new password was not repeated exactly")
        with site.database.own() as connection:
            choose(connection, visitor.account.account, old, new)
    except RefusedError as refused:
        return _page(request, visitor, fault=str(refused), status=409)
    site.forget(visitor.account.account)
    return _page(request, visitor, done="口令已更改 | The password is changed", is_ready=True)


@router.post("/account/tokens")
def add_token(request: Request, visitor: Anybody, name: Annotated[str, Form(max_length=80)]) -> Response:
    """Make a token for a program."""
    site: Site = request.app.state.site
    with site.database.own() as connection:
        made = tokens.issue(connection, visitor.account.account, name)
    return _page(request, visitor, token=made)


@router.post("/account/tokens/{number}/end")
def end_token(request: Request, visitor: Anybody, number: int) -> Response:
    """End a token."""
    site: Site = request.app.state.site
    with site.database.own() as connection:
        tokens.end(connection, visitor.account.account, number)
    return _page(request, visitor, done="令牌已作废 | The token is ended")


def _page(
    request: Request,
    visitor: Visitor,
    *,
    fault: str = "",
    done: str = "",
    token: str = "",
    is_ready: bool = False,
    status: int = 200,
) -> Response:
    site: Site = request.app.state.site
    with site.database.own() as connection:
        held = tokens.tokens_of(connection, visitor.account.account)
    return page.render(
        request,
        "account.html.jinja",
        status,
        title=("我的账号", "My account"),
        fault=fault,
        done=done,
        is_ready=is_ready,
        roles=[rights.NAMES[role] for role in rights.NAMES if role in visitor.account.roles],
        token=token,
        tokens=held,
        at_least=AT_LEAST,
        has_password=site.ask is None and site.door.has_login,
        must_choose=site.must_choose_password(visitor),
        is_clerk=visitor.account.roles == frozenset({Role.DEPARTMENT}),
        may_use_interface=visitor.may(*rights.FIGURES, *rights.OPEN, *rights.DEPARTMENT),
    )
