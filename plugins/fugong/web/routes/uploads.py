"""Sending files: streamed into the inbox as they come, and watched until they are answered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from fugong.access.uploads import What, name_upload, note_upload
from fugong.core.errors import RefusedError
from fugong.core.time import SHANGHAI
from fugong.intake import sent, tried, uploads
from fugong.intake.uploads import Receiving, Uploaded
from fugong.intake.waiting import kept_name
from fugong.web import page, rights
from fugong.web.door import allowed
from fugong.web.routes.department import TONES, state_of
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
BLOCK = 1 << 20
MAX_AT_ONCE = 100
FORM_BYTES = 1 << 20
"""What a form holds besides its files."""


async def within_limits(request: Request) -> None:
    """Refuse a request before it is read that says it is larger than a file may be, or does not say how large it is.

    Raises:
        HTTPException: 413 or 411.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411, "请求没有说明大小 | The request does not say how large it is")
    if int(length) > uploads.max_bytes() + FORM_BYTES:
        raise HTTPException(413, str(uploads.TooLargeUploadError(uploads.max_bytes())))


Sender = Annotated[Visitor, Depends(allowed(*rights.DEPARTMENT))]


@router.post("/department/uploads", dependencies=[Depends(within_limits)])
async def upload(request: Request, visitor: Sender, name: str, trial: bool = False) -> Response:
    """Take one file, the body of the request."""
    site: Site = request.app.state.site
    await run_in_threadpool(require_room, site, visitor)
    put = await _receive(site, visitor, name, _blocks(request.stream()), is_trial=trial)
    return JSONResponse({"ticket": ticket_of(put), "name": put.kept_name}, 201)


@router.post("/department/files", dependencies=[Depends(within_limits)])
async def upload_form(request: Request, visitor: Sender) -> Response:
    """Take the files of a form, where the page has no script."""
    site: Site = request.app.state.site
    form = await request.form()
    files = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    if not files:
        raise HTTPException(422, "没有选文件 | No file was chosen")
    tickets: list[str] = []
    for file in files[:MAX_AT_ONCE]:
        await run_in_threadpool(require_room, site, visitor)
        put = await _receive(site, visitor, file.filename or "", _parts(file), is_trial=bool(form.get("trial")))
        tickets.append(ticket_of(put))
    return RedirectResponse(f"{site.base(request)}/department/uploads?{urlencode({'u': tickets}, doseq=True)}", 303)


@router.get("/department/uploads")
def watch(request: Request, visitor: Sender) -> Response:
    """What has become of uploads: a page that looks again by itself, or JSON for the script."""
    given = request.query_params.getlist("u")[:MAX_AT_ONCE]
    site: Site = request.app.state.site
    found = [_state(request, site, visitor, _read(one)) for one in given]
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"files": found})
    if request.query_params.get("go") and len(found) == 1 and found[0]["is_answered"]:
        return RedirectResponse(found[0]["address"], 303)
    return page.render(
        request,
        "uploads.html.jinja",
        title=("正在处理", "At work"),
        files=found,
        is_done=all(one["is_answered"] for one in found),
    )


async def _receive(site: Site, visitor: Visitor, name: str, blocks: AsyncIterator[bytes], *, is_trial: bool) -> Uploaded:
    async with contextmanager_in_threadpool(receiving(site, visitor, name, is_trial=is_trial)) as coming:
        async for block in blocks:
            await run_in_threadpool(coming.upload.write, block)
    if site.intake is not None:
        site.intake.ring()
    return coming.result


async def _blocks(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    held = bytearray()
    async for piece in stream:
        held += piece
        if len(held) >= BLOCK:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


async def _parts(file: UploadFile) -> AsyncIterator[bytes]:
    while block := await file.read(BLOCK):
        yield block


@contextmanager
def receiving(
    site: Site, visitor: Visitor, name: str, *, is_trial: bool = False, what: What = What.FILE, about: int | None = None
) -> Iterator[Receiving]:
    """Receive a file as `uploads.receiving` does, and record who sent it, before it is put into the inbox. Of a dry run nothing is kept.

    Raises:
        as `uploads.receiving`.
    """
    number, given = None, kept_name(uploads.safe_name(name))
    department, account = visitor.department or "", visitor.account.account
    with uploads.receiving(site.settings, department, name, is_trial=is_trial) as coming:
        yield coming
        if coming.upload.byte_size and not is_trial:
            with site.database.own() as connection:
                number = note_upload(
                    connection, account, department, given, coming.upload.sha256,
                    session_id=visitor.session_id, what=what, about=about,
                )  # fmt: skip
    if number is not None and coming.result.kept_name != given:
        with site.database.own() as connection:
            name_upload(connection, number, coming.result.kept_name)


def require_room(site: Site, visitor: Visitor) -> None:
    """See that the department may send another file.

    Raises:
        HTTPException: 429, it has to wait.
    """
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        try:
            uploads.require_room(connection, site.settings, visitor.department or "", schema=sent.SCHEMA)
        except RefusedError as refused:
            raise HTTPException(429, str(refused)) from refused


def ticket_of(put: Uploaded) -> str:
    """What an address holds of an upload, to watch it."""
    return json.dumps(
        [put.kept_name, put.sha256, put.byte_size, put.at.timestamp(), put.is_trial], ensure_ascii=False, separators=(",", ":")
    )


def _read(ticket: str) -> Uploaded:
    """An upload as the page named it: it only says what to look for among the department's own files."""
    try:
        name, sha256, size, moment, is_trial = json.loads(ticket)
        at = datetime.fromtimestamp(float(moment), SHANGHAI)
        return Uploaded(str(name), str(name), str(sha256), int(size), at, bool(is_trial))
    except (ValueError, TypeError, OverflowError) as fault:
        raise HTTPException(404) from fault


def _state(request: Request, site: Site, visitor: Visitor, put: Uploaded) -> dict[str, Any]:
    lang = page.language_of(request)
    waiting = {
        "name": put.kept_name,
        "state": "received",
        "word": "已收到,正在处理" if lang == "zh" else "received, at work",
        "tone": "none",
        "is_answered": False,
        "is_trial": put.is_trial,
        "address": "",
    }
    if put.is_trial:
        answer = tried.find_answer(site.settings, visitor.department or "", put)
        if answer is None:
            return waiting
        query = urlencode({"name": answer.stem})
        return waiting | {
            "state": answer.state.value,
            "word": answer.state.name_in(lang),
            "tone": TONES[answer.state],
            "is_answered": True,
            "address": f"{site.base(request)}/department/tried?{query}",
        }
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        found = sent.find_upload(connection, put)
    if found is None:
        return waiting
    return waiting | state_of(request, found) | ({} if found.is_answered else {"word": waiting["word"]})
