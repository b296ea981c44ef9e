"""Sends a workbook that a page has made, in the same way as an upload."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from fugong.access.uploads import What
from fugong.core.errors import RefusedError
from fugong.core.vocabulary import Verdict
from fugong.intake.sent import SentFile
from fugong.intake.uploads import Uploaded
from fugong.parsing.file_name import without_our_ending
from fugong.storage.modes import private_folder
from fugong.web.routes.uploads import receiving, require_room, ticket_of
from fugong.web.site import Site
from fugong.web.visitor import Visitor

BLOCK = 1 << 20
NAMES = {What.ROWS: "退回行", What.ANSWERS: "待核实"}


def send_workbook(
    request: Request, site: Site, visitor: Visitor, file: SentFile, write: Callable[[Path], None], what: What
) -> Response:
    """Put a workbook of ours into the inbox as if it had been uploaded, and lead to where it is watched."""
    try:
        require_room(site, visitor)
        put = _put(site, visitor, file, write, what)
    except RefusedError as refused:
        raise HTTPException(429, str(refused)) from refused
    if site.intake is not None:
        site.intake.ring()
    query = urlencode({"u": ticket_of(put), "go": 1})
    address = f"{site.base(request)}/department/uploads?{query}"
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"address": address}, 201)
    return RedirectResponse(address, 303)


def _put(site: Site, visitor: Visitor, file: SentFile, write: Callable[[Path], None], what: What) -> Uploaded:
    name = f"{_stem(file.file_name)}.{file.submission_id}.{NAMES[what]}.xlsx"
    with tempfile.TemporaryDirectory(dir=private_folder(site.settings.spool)) as work:
        draft = Path(work) / "draft.xlsx"
        write(draft)
        with (
            receiving(site, visitor, name, what=what, about=file.submission_id) as coming,
            draft.open("rb") as written,
        ):
            while block := written.read(BLOCK):
                coming.upload.write(block)
        return coming.result


def _stem(file_name: str) -> str:
    plain, _ = without_our_ending(file_name)
    return Path(plain).stem


def lacks_reason(verdict: Verdict | None, reason: str) -> bool:
    """Whether an answer has to say why and does not."""
    return verdict is not None and verdict.needs_reason and not reason
