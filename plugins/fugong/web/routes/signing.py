"""Drafts that wait for a signature, publications, and adjustments of figures."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from datetime import date
from typing import Annotated

import psycopg
from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from fugong.access.account import Role, person_of
from fugong.briefing import adjustment, ending, publishing, signing
from fugong.briefing.document import compose
from fugong.core.advisory_locks import SIGNING_LOCK
from fugong.core.errors import RefusedError
from fugong.core.settings import Settings
from fugong.lineage.diff import diff
from fugong.web import page, rights
from fugong.web.door import allowed
from fugong.web.moments import day_of
from fugong.web.routes.briefing import file_response
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
Signer = Annotated[Visitor, Depends(allowed(*rights.SIGNERS))]
Proposer = Annotated[Visitor, Depends(allowed(*rights.PROPOSERS))]
Reason = Annotated[str, Form(max_length=500)]
SHOWN = 40


@router.get("/sign")
def overview(request: Request, visitor: Proposer, done: str = "") -> Response:
    """What waits, what was published, and adjustments."""
    site: Site = request.app.state.site
    with visitor.figures(site.database) as connection:
        drafts = signing.waiting(connection)
        published = publishing.publications(connection)
        adjusted = adjustment.every_adjustment(connection)
    return page.render(
        request,
        "sign.html.jinja",
        title=("签发", "Sign"),
        drafts=drafts,
        published=published[:SHOWN],
        n_published=len(published),
        adjusted=adjusted[::-1][:SHOWN],
        may_sign=visitor.may(*rights.SIGNERS),
        may_propose=visitor.session_id is not None,
        done=done if done in DONE else "",
        told_done=DONE.get(done),
    )


DONE = {
    "signed": "已签发 | Signed and published",
    "provisional": "报送不足或变动较大而未写理由,已按临时版发布 | Published as provisional: too little has come, or a jump has no reason",
    "rejected": "已退回,理由已登记 | Rejected; the reason is on record",
    "withdrawn": "已撤回,文件留存并标明 | Withdrawn; its files stay, marked",
    "proposed": "已登记,待另一人批准 | Proposed; it counts once somebody else has approved it",
    "approved": "已批准,从现在起有效 | Approved; it counts from now on",
    "revoked": "已撤销 | Revoked",
}


@router.get("/sign/{day}")
def draft(request: Request, visitor: Proposer, day: str) -> Response:
    """A draft as it will be signed, what is missing, and what changed since the last publication of the day."""
    return _draft_page(request, visitor, day_of(day))


@router.get("/sign/{day}/{name}")
def draft_file(request: Request, visitor: Proposer, day: str, name: str, sha256: str = "") -> Response:
    """A draft as it lies in its folder; with a digest only the one that has it."""
    del visitor
    site: Site = request.app.state.site
    found = {file.name: file for file in signing.draft_files(site.settings, day_of(day))}
    if name not in found:  # a name is never a path
        raise HTTPException(404, f"没有 {day} 的草稿 {name} | no draft {name} of {day}")
    content = found[name].read_bytes()
    if sha256 and sha256 != hashlib.sha256(content).hexdigest():
        raise HTTPException(409, f"{name} 已不是链接所指的文件 | {name} is not the file any more that the link names ({sha256})")
    return file_response(content, name)


def _draft_page(request: Request, visitor: Visitor, day: date, fault: str = "", reason: str = "", status: int = 200) -> Response:
    site: Site = request.app.state.site
    lang = page.language_of(request)
    with visitor.figures(site.database) as connection:
        found = next((one for one in signing.waiting(connection) if one.as_of == day), None)
        if found is None:
            raise HTTPException(404, f"{day} 没有待签发的草稿 | no draft of {day} waits for a signature")
        briefing = site.computed(
            ("draft", day, found.known_at, lang),
            connection,
            lambda: compose(connection, site.include, day, found.known_at, lang=lang, with_sources=False),
        )
        last = next((one for one in publishing.publications(connection, day) if not one.end or one.is_provisional), None)
        moved = (
            site.computed(
                ("compare", day, (last.known_at, found.known_at)),
                connection,
                lambda: diff(connection, site.include, day, last.known_at, found.known_at),
            )
            if last is not None and last.known_at < found.known_at
            else []
        )
    return page.render(
        request,
        "draft.html.jinja",
        status,
        title=("待签发", "Waits for a signature"),
        draft=found,
        briefing=briefing,
        last=last,
        moved=moved,
        files=[(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in signing.draft_files(site.settings, day)],
        may_sign=visitor.may(*rights.SIGNERS) and visitor.session_id is not None,
        fault=fault,
        reason=reason,
    )


@router.post("/sign/{day}")
def decide(
    request: Request,
    visitor: Signer,
    day: str,
    decision: Annotated[str, Form(pattern="^(signed|rejected)$")],
    run: Annotated[str, Form(max_length=300)],
    digest: Annotated[str, Form(max_length=128)],
    reason: Reason = "",
) -> Response:
    """Sign or reject a draft as the person who is logged in: recorded in the warehouse before anybody else is told."""
    site: Site = request.app.state.site
    as_of, reason = day_of(day), reason.strip()
    if decision == signing.Step.REJECTED and not reason:
        return _draft_page(request, visitor, as_of, "退回请写明理由 | Say why you reject it", status=409)
    with visitor.figures(site.database) as connection:
        found = next((one for one in signing.waiting(connection) if one.as_of == as_of), None)
    if found is None or found.run != run or (found.digest or "") != digest:
        raise RefusedError(
            "这份草稿已被签发、退回或重新起草,请回到签发页看现状 | This draft was signed, rejected or drafted again: look at the page of signatures"
        )

    def connect(_: Settings) -> AbstractContextManager[psycopg.Connection]:
        return visitor.writing(site.database, Role.SIGNER, lock=SIGNING_LOCK)

    drafts = [(as_of.isoformat(), found.known_at.isoformat())]
    out = signing.conclude(site.settings, run, drafts, decision, person=visitor.account.account, reason=reason, connect=connect)
    done = "rejected" if not out else "provisional" if out[0].is_provisional else "signed"
    return _to(request, done)


@router.post("/publications/{number}/withdraw")
def withdraw(request: Request, visitor: Signer, number: int, reason: Reason) -> Response:
    """Withdraw a publication; its files stay, marked."""
    site: Site = request.app.state.site
    with visitor.writing(site.database, Role.SIGNER) as connection:
        person = person_of(connection, Role.SIGNER)
        ending.withdraw(connection, number, person=person.printed, account=person.account, reason=reason)
        ending.mark_copies(site.settings, connection, number)
    return _to(request, "withdrawn")


@router.post("/adjustments")
def propose(
    request: Request,
    visitor: Proposer,
    figure: Annotated[str, Form(max_length=20)],
    as_of: Annotated[str, Form(max_length=10)],
    value: Annotated[str, Form(max_length=100)],
    reason: Reason,
) -> Response:
    """Propose that a figure is to be read otherwise."""
    site: Site = request.app.state.site
    with visitor.writing(site.database, Role.SIGNER, Role.OPERATOR, Role.TASKFORCE) as connection:
        person = person_of(connection, Role.OPERATOR, Role.TASKFORCE, Role.SIGNER)
        adjustment.adjust(
            connection,
            site.include,
            figure.strip().upper(),
            day_of(as_of),
            value.strip(),
            reason=reason,
            proposer=person.printed,
            account=person.account,
        )
    return _to(request, "proposed")


@router.post("/adjustments/{number}/approve")
def approve(request: Request, visitor: Signer, number: int) -> Response:
    """Approve what somebody else proposed."""
    site: Site = request.app.state.site
    with visitor.writing(site.database, Role.SIGNER) as connection:
        person = person_of(connection, Role.SIGNER)
        adjustment.approve(connection, number, approver=person.printed, account=person.account)
    return _to(request, "approved")


@router.post("/adjustments/{number}/revoke")
def revoke(request: Request, visitor: Signer, number: int, reason: Reason) -> Response:
    """Revoke an adjustment; the row stays."""
    site: Site = request.app.state.site
    with visitor.writing(site.database, Role.SIGNER) as connection:
        person = person_of(connection, Role.SIGNER)
        adjustment.revoke(connection, number, person=person.printed, account=person.account, reason=reason)
    return _to(request, "revoked")


def _to(request: Request, done: str) -> Response:
    site: Site = request.app.state.site
    return RedirectResponse(f"{site.base(request)}/sign?done={done}", 303)
