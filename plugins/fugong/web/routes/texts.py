"""The auditor's page: a text comes back with each number marked, and why. Nothing of a text is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import Response
from fastapi.routing import APIRoute

from fugong.audit.audit import Audit, compare
from fugong.audit.day_of_text import day_of_text
from fugong.audit.document_apart import read_document_apart
from fugong.audit.documents import Document
from fugong.audit.page import content_of, write_page
from fugong.audit.words import load_words
from fugong.core.errors import RefusedError
from fugong.core.sanitize import as_json, file_stem
from fugong.figures.definition import load_sound_definitions
from fugong.figures.figure import Figure, figures
from fugong.marts import asof
from fugong.storage.modes import private_folder
from fugong.web import page, rights
from fugong.web.door import allowed
from fugong.web.moments import day_if_given
from fugong.web.site import Site
from fugong.web.visitor import Visitor

MOST_BYTES = 16 << 20
MOST_CHARACTERS = 100_000


class BoundedRoute(APIRoute):
    """Refuses what is too large before any of it is read."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The handler, behind a look at the size that the request says it has."""
        handler = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            if request.method == "POST":
                size = request.headers.get("content-length", "")
                if not size.isdecimal():
                    raise HTTPException(411, "请求没有说明大小 | the request does not say its size")
                if int(size[:18]) > MOST_BYTES:
                    raise HTTPException(413, f"最大 {MOST_BYTES >> 20} MB | {MOST_BYTES >> 20} MB at most")
            return await handler(request)

        return bounded


router = APIRouter(route_class=BoundedRoute)
Reader = Annotated[Visitor, Depends(allowed(*rights.TEXTS))]


@dataclass(frozen=True)
class Checked:
    """A text that was compared with the figures of a day."""

    name: str
    document: Document
    found: Audit
    is_day_of_text: bool


@router.get("/texts")
def form(request: Request, visitor: Reader) -> Response:
    """The form."""
    return _page(request, visitor)


@router.post("/texts")
def check(
    request: Request,
    visitor: Reader,
    text: Annotated[str, Form()] = "",
    as_of: Annotated[str, Form(max_length=10)] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Compare a text, typed or uploaded."""
    site: Site = request.app.state.site
    try:
        if file is not None and file.filename:
            name, document = file.filename, _read(site, file)
        else:
            name, document = "文稿", Document(text.replace("\r\n", "\n"))
        checked = _check(site, visitor, name, document, day_if_given(as_of))
    except RefusedError as refused:
        return _page(request, visitor, text=text, as_of=as_of, fault=str(refused), status=409)
    return _page(request, visitor, text=document.text, as_of=checked.found.as_of.isoformat(), checked=checked)


@router.post("/texts/download")
def download(
    request: Request,
    visitor: Reader,
    text: Annotated[str, Form()],
    as_of: Annotated[str, Form(max_length=10)],
    form: Annotated[str, Form(max_length=8)],
    name: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """The result as a file: one HTML page that needs nothing else, or JSON."""
    site: Site = request.app.state.site
    lang = page.language_of(request)
    checked = _check(site, visitor, name or "文稿", Document(text.replace("\r\n", "\n")), day_if_given(as_of))
    if form == "json":
        content, kind = as_json(checked.found.to_json(lang)).encode() + b"\n", "application/json"
    elif form == "html":
        content, kind = write_page(checked.found, checked.name, lang), "text/html; charset=utf-8"
    else:
        raise HTTPException(422, "格式是 json 或 html | the format is json or html")
    return Response(content, media_type=kind, headers=_as_attachment(f"{file_stem(checked.name)}.{form}"))


def _as_attachment(name: str) -> dict[str, str]:
    from urllib.parse import quote

    return {
        "Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
    }


def _read(site: Site, upload: UploadFile) -> Document:
    """The text of an uploaded document, read in a process of its own."""
    with tempfile.TemporaryDirectory(dir=private_folder(site.settings.spool), prefix="text-") as folder:
        file = Path(folder) / (file_stem(upload.filename or "") or "text")
        with file.open("wb") as writer:
            while block := upload.file.read(1 << 20):
                writer.write(block)
        return read_document_apart(file)


def _check(site: Site, visitor: Visitor, name: str, document: Document, day: date | None) -> Checked:
    """Compare a text with the figures of a day: the one asked for, else the text's own, else the last.

    Raises:
        RefusedError: there is no text, it is too long, or nothing was reported yet.
    """
    typed = document.text
    if not typed.strip():
        raise RefusedError("请粘贴文稿,或选一个文件 | paste a text, or choose a file")
    if len(typed) > MOST_CHARACTERS:
        raise RefusedError(
            f"文稿 {len(typed):,} 字,最多 {MOST_CHARACTERS:,} 字,请分开核对 | the text has {len(typed):,} characters, "
            f"{MOST_CHARACTERS:,} at most: check it in parts"
        )
    with visitor.figures(site.database) as connection:
        days = asof.reported_days(connection)
        if not days:
            raise RefusedError("还没有任何一天的报送,无数可核 | nothing has been reported yet: there is nothing to compare with")
        own = day_of_text(typed, days)
        as_of = day or own or max(days)
        if as_of not in days:
            raise RefusedError(
                f"没有 {as_of} 的数,现有 {min(days)} 至 {max(days)} | there are no figures of {as_of}: there are {min(days)} to {max(days)}"
            )
        known: dict[str, Figure] = site.computed(
            ("figures for texts", as_of),
            connection,
            lambda: {one.id: one for one in figures(connection, site.include, as_of, checks=False)},
        )
    found = compare(typed, load_sound_definitions(site.include), known, as_of, load_words(site.include))
    return Checked(name, document, found, day is None and own is not None)


def _page(
    request: Request,
    visitor: Visitor,
    *,
    text: str = "",
    as_of: str = "",
    fault: str = "",
    checked: Checked | None = None,
    status: int = 200,
) -> Response:
    site: Site = request.app.state.site
    lang = page.language_of(request)
    with visitor.figures(site.database) as connection:
        days = asof.reported_days(connection)
    return page.render(
        request,
        "texts.html.jinja",
        status,
        title=("文稿核数", "Check a text"),
        text=text,
        as_of=as_of,
        fault=fault,
        checked=checked,
        held=(min(days), max(days)) if days else None,
        most=MOST_CHARACTERS,
        **(content_of(checked.found, lang, checked.document.warnings) if checked else {}),
    )
