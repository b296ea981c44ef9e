"""The record of who looked at single firms: one row for each request of such a page, written before it is shown."""

from __future__ import annotations

from fastapi import Request

from fugong.access.looks import note_look
from fugong.web.site import Site
from fugong.web.visitor import Visitor

LONGEST = 500


def note(request: Request, visitor: Visitor) -> None:
    """Note that the visitor asks for this page."""
    site: Site = request.app.state.site
    page = request.url.path.removeprefix(site.base(request)) + (f"?{request.url.query}" if request.url.query else "")
    with site.database.own() as connection:
        note_look(
            connection,
            visitor.account.account,
            page[:LONGEST],
            session_id=visitor.session_id,
            address=request.client.host if request.client else None,
        )
