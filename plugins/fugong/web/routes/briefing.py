"""The briefing as a page, every number a link; what was published, byte for byte."""

from __future__ import annotations

from mimetypes import guess_type
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from fugong.access.account import Role
from fugong.briefing import publishing
from fugong.briefing.document import Briefing, compose
from fugong.briefing.wording import Citation
from fugong.core.vocabulary import Lang
from fugong.figures.definition import find_definition, load_sound_definitions
from fugong.intake.processor import working_folder
from fugong.lineage import bundle
from fugong.web import firm_access, page, rights
from fugong.web.door import allowed
from fugong.web.moments import Asked, asked, typed
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
Reader = Annotated[Visitor, Depends(allowed(*rights.FIGURES))]
FILE_POLICY = (
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""What departments typed is in a file: it may not act with the session of whoever reads it, and fetches nothing."""
KINDS = {"md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8"}


def briefing_of(site: Site, visitor: Visitor, as_of: str, known_at: str, lang: Lang) -> tuple[Asked, Briefing]:
    """The draft that an address asks for, composed once for all until something changes."""
    with visitor.figures(site.database) as connection:
        wanted = asked(connection, as_of, known_at)
        made = site.computed(
            ("briefing", wanted.as_of, wanted.known_at, lang),
            connection,
            lambda: compose(connection, site.include, wanted.as_of, wanted.known_at, lang=lang, with_sources=False),
        )
    return wanted, made


@router.get("/briefing")
def briefing(request: Request, visitor: Reader, as_of: str = "", known_at: str = "") -> Response:
    """The briefing of a day as it would be now, and what was published of it."""
    site: Site = request.app.state.site
    wanted, found = briefing_of(site, visitor, as_of, known_at, page.language_of(request))
    with visitor.figures(site.database) as connection:
        published = publishing.publications(connection, wanted.as_of)
    return page.render(
        request,
        "briefing.html.jinja",
        title=("简报", "Briefing"),
        asked=wanted,
        typed_moment=typed(wanted.known_at),
        day_number=(wanted.as_of - wanted.days[0]).days if wanted.days else 0,
        n_days=(wanted.days[1] - wanted.days[0]).days if wanted.days else 0,
        briefing=found,
        published=published,
        is_citation=lambda piece: isinstance(piece, Citation),
    )


@router.get("/evidence/{number}/{name}.zip")
def evidence(request: Request, visitor: Reader, number: int, name: str) -> Response:
    """The evidence of a published figure; lines that the visitor may not read are hidden in it."""
    site: Site = request.app.state.site
    if visitor.may(*rights.FIRMS):
        firm_access.note(request, visitor)
    role = "signer" if visitor.may(Role.SIGNER, Role.OPERATOR) else "taskforce" if visitor.may(Role.TASKFORCE) else "analyst"
    with working_folder(site.settings) as folder, visitor.figures(site.database) as connection:
        file = folder / "evidence.zip"
        bundle.write(connection, site.include, name, number, file, role=role)
        content = file.read_bytes()
    found = f'attachment; filename="evidence_{number}_{find_definition(load_sound_definitions(site.include), name).id}.zip"'
    return Response(content, media_type="application/zip", headers={"Content-Disposition": found})


@router.get("/published/{number}.{form}")
def published(request: Request, visitor: Reader, number: int, form: str) -> Response:
    """A published file, as it was signed."""
    site: Site = request.app.state.site
    with visitor.figures(site.database) as connection:
        content = publishing.fetch(connection, number, form)
    suffix = form.rpartition(".")[2]
    return file_response(content, f"briefing_{number}.{suffix}")


def file_response(content: bytes, name: str) -> Response:
    """A briefing as a file: HTML is shown in a sandbox, everything else is downloaded."""
    suffix = name.rpartition(".")[2]
    kind = KINDS.get(suffix) or guess_type(f"x.{suffix}")[0] or "application/octet-stream"
    headers = {"Content-Security-Policy": FILE_POLICY}
    if suffix != "html":
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=kind, headers=headers)
