"""Pages beside Airflow's own, for whoever is logged in to it: drafts that wait for a signature, and what was published."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import FastAPI

BRIEFINGS = "/fugong/briefings"
DEMO = "演示登录,不可用于生产:没有锁定,不会超时退出 | Demo login, not for production: no lock, no time-out"
STYLE = "body{font:16px/1.8 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}code{font-size:.8em;color:#666}"
FRAMED = "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
"""Airflow shows our pages in a frame of its own; nobody else does."""
LIST_POLICY = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; {FRAMED}"
FILE_POLICY = f"sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:; {FRAMED}"
"""What departments typed is in a file: it may not act with the session of whoever reads it, and fetches nothing."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": LIST_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Of every answer, errors too."""


async def pages(scope: Any, receive: Any, send: Any) -> None:
    """The application, made at the first request: no other process than the api-server pays for it."""
    await application()(scope, receive, send)


@lru_cache
def application() -> FastAPI:
    """The pages as FastAPI serves them."""
    from html import escape
    from mimetypes import guess_type
    from urllib.parse import quote

    from airflow.api_fastapi.core_api.security import AccessView, requires_access_view
    from airflow.configuration import conf
    from fastapi import Depends, FastAPI, HTTPException, Request
    from fastapi.responses import HTMLResponse, Response

    from fugong.briefing import publishing
    from fugong.core.sanitize import page as plain
    from fugong.core.settings import Settings
    from fugong.core.time import SHANGHAI
    from fugong.warehouse.connection import connect_as_loader
    from fugong_settings import load_settings

    app = FastAPI(title="复工简报", dependencies=[Depends(requires_access_view(AccessView.PLUGINS))], openapi_url=None)

    @app.middleware("http")
    async def with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        answer = await call_next(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    def shown(text: str) -> str:
        return escape(plain(text))

    warning = f"<p><strong>{DEMO}</strong></p>" if conf.get("core", "auth_manager").endswith(".SimpleAuthManager") else ""

    def page(title: str, lines: list[str]) -> HTMLResponse:
        items = "".join(f"<li>{line}</li>" for line in lines) or "<li>还没有 | nothing yet</li>"
        return HTMLResponse(
            f"<!doctype html><meta charset=utf-8><title>{shown(title)}</title><style>{STYLE}</style><h1>{shown(title)}</h1>{warning}<ul>{items}</ul>"
        )

    def file(content: bytes, name: str, digest: str) -> Response:
        if digest and digest != sha256(content).hexdigest():
            raise HTTPException(
                409, f"{name}: 已不是链接所指的文件 | not the file any more that the link names (sha256 {digest})"
            )
        kind = {"md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8"}.get(name.rpartition(".")[2])
        return Response(
            content,
            media_type=kind or guess_type(name)[0] or "text/plain; charset=utf-8",
            headers={"Content-Security-Policy": FILE_POLICY},
        )

    def link(path: str, text: str, digest: str = "") -> str:
        if not digest:
            return f'<a href="{BRIEFINGS}/{escape(quote(path))}">{shown(text)}</a>'
        return f'<a href="{BRIEFINGS}/{escape(quote(path))}?sha256={digest}">{shown(text)}</a> <code title="sha256 {digest}">{digest[:12]}</code>'

    @app.get("/")
    def days() -> HTMLResponse:
        folders = sorted((folder.name for folder in Settings.load().briefings.glob("*-*-*")), reverse=True)
        return page("复工简报", [link(day, day) for day in folders])

    @app.get("/{day}")
    def briefings(day: str) -> HTMLResponse:
        settings = load_settings()
        with connect_as_loader(settings) as connection:
            found = [one for one in publishing.publications(connection) if one.as_of.isoformat() == day]
        lines = [
            f"第 {one.publication_id} 号{'(临时)' if one.is_provisional else ''},{shown(one.signer)},{one.signed_at.astimezone(SHANGHAI):%m-%d %H:%M}:"
            + " ".join(link(f"published/{one.publication_id}.{form}", form, digest) for form, digest in one.sha256.items())
            + (f" <strong>{shown(one.end.text.zh)} | {shown(one.end.text.en)}</strong>" if one.end else "")
            for one in found
        ]
        drafts = sorted(settings.briefings.glob(f"{day}/*草稿*"), reverse=True)
        lines += [link(f"{day}/{draft.name}", draft.name, sha256(draft.read_bytes()).hexdigest()) for draft in drafts]
        return page(f"复工简报 {day}", lines)

    @app.get("/published/{number}.{form}")
    def published(number: int, form: str, sha256: str = "") -> Response:
        with connect_as_loader(load_settings()) as connection:
            try:
                return file(publishing.fetch(connection, number, form), f"{number}.{form}", sha256)
            except LookupError as error:
                raise HTTPException(404, str(error)) from error

    @app.get("/{day}/{name}")
    def draft(day: str, name: str, sha256: str = "") -> Response:
        # Looked up among what is there: a name is never a path.
        there = {path.name: path for path in Settings.load().briefings.glob("*/*草稿*") if path.parent.name == day}
        if name not in there:
            raise HTTPException(404, f"{day}/{name}")
        return file(there[name].read_bytes(), name, sha256)

    return app
