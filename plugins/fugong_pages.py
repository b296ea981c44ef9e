"""Pages beside Airflow's own, for whoever is logged in to it: drafts that wait for a signature, and what was published."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

BRIEFINGS = "/fugong/briefings"


async def pages(scope: Any, receive: Any, send: Any) -> None:
    """The application, made at the first request: no other process than the api-server pays for it."""
    await application()(scope, receive, send)


@lru_cache
def application() -> FastAPI:
    """The pages as FastAPI serves them."""
    from html import escape
    from mimetypes import guess_type

    from airflow.api_fastapi.core_api.security import AccessView, requires_access_view
    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.responses import HTMLResponse, Response

    from fugong.briefing import publishing
    from fugong.core.settings import Settings
    from fugong.core.time import SHANGHAI
    from fugong.warehouse.connection import connect

    app = FastAPI(title="复工简报", dependencies=[Depends(requires_access_view(AccessView.PLUGINS))], openapi_url=None)

    def page(title: str, lines: list[str]) -> HTMLResponse:
        items = "".join(f"<li>{line}</li>" for line in lines) or "<li>还没有 | nothing yet</li>"
        style = "body{font:16px/1.8 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        return HTMLResponse(
            f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{style}</style><h1>{title}</h1><ul>{items}</ul>"
        )

    def file(content: bytes, name: str) -> Response:
        # What departments typed is in it: it may not act with the session of whoever reads it.
        headers = {"Content-Security-Policy": "sandbox allow-popups"}
        return Response(content, media_type=guess_type(name)[0] or "text/plain; charset=utf-8", headers=headers)

    def link(path: str, text: str) -> str:
        return f'<a href="{BRIEFINGS}/{escape(path)}">{escape(text)}</a>'

    @app.get("/")
    def days() -> HTMLResponse:
        folders = sorted((folder.name for folder in Settings.load().briefings.glob("*-*-*")), reverse=True)
        return page("复工简报", [link(day, day) for day in folders])

    @app.get("/{day}")
    def briefings(day: str) -> HTMLResponse:
        settings = Settings.load()
        with connect(settings) as connection:
            found = [one for one in publishing.publications(connection) if one.as_of.isoformat() == day]
        lines = [
            f"第 {one.publication_id} 号{'(临时)' if one.is_provisional else ''},{escape(one.signer)},{one.signed_at.astimezone(SHANGHAI):%m-%d %H:%M}:"
            + " ".join(link(f"published/{one.publication_id}.{form}", form) for form in one.sha256)
            + (f" <strong>{escape(one.end.text.zh)} | {escape(one.end.text.en)}</strong>" if one.end else "")
            for one in found
        ]
        drafts = sorted(settings.briefings.glob(f"{day}/*草稿*"), reverse=True)
        return page(f"复工简报 {escape(day)}", lines + [link(f"{day}/{draft.name}", draft.name) for draft in drafts])

    @app.get("/published/{number}.{form}")
    def published(number: int, form: str) -> Response:
        with connect(Settings.load()) as connection:
            try:
                return file(publishing.fetch(connection, number, form), f"{number}.{form}")
            except LookupError as error:
                raise HTTPException(404, str(error)) from error

    @app.get("/{day}/{name}")
    def draft(day: str, name: str) -> Response:
        # Looked up among what is there: a name is never a path.
        there = {path.name: path for path in Settings.load().briefings.glob("*/*草稿*") if path.parent.name == day}
        if name not in there:
            raise HTTPException(404, f"{day}/{name}")
        return file(there[name].read_bytes(), name)

    return app
