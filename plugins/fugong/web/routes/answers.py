"""Answering doubts about a file on a page: sent as the sheet 待核实 that would be sent back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import psycopg
from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData

from fugong.access.uploads import What
from fugong.contracts.accepted import known_contracts
from fugong.contracts.contract import Contracts
from fugong.core.errors import NotFoundError
from fugong.core.sanitize import one_line
from fugong.core.vocabulary import Lang, Verdict
from fugong.intake import sent
from fugong.intake.mending import write_answers
from fugong.intake.sent import SentFile
from fugong.receipts.answers import MAX_REASON
from fugong.receipts.to_verify import Doubt, doubts_of
from fugong.web import page, rights
from fugong.web.door import allowed
from fugong.web.routes.receipts import found_receipt
from fugong.web.routes.sending import lacks_reason, send_workbook
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
Department = Annotated[Visitor, Depends(allowed(*rights.DEPARTMENT))]


@router.get("/department/receipts/{submission_id}/answers")
def show_answers(request: Request, visitor: Department, submission_id: int) -> Response:
    """The doubts about one file, to be answered."""
    return _answers_page(request, visitor, submission_id)


@router.post("/department/receipts/{submission_id}/answers")
async def send_answers(request: Request, visitor: Department, submission_id: int) -> Response:
    """Send answers to doubts."""
    form = await request.form(max_fields=100_000)
    return await run_in_threadpool(_send_answers, request, visitor, submission_id, form)


def _answers_page(
    request: Request, visitor: Visitor, submission_id: int, *, typed: FormData | None = None, fault: str = "", status: int = 200
) -> Response:
    site: Site = request.app.state.site
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        contracts = known_contracts(connection, site.include / "contracts")
        file, document, doubts = _doubts(connection, contracts, submission_id, page.language_of(request))
        answered = sent.answered(connection, [one.question_id for one in doubts])
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"error": fault}, status)
    return page.render(
        request,
        "answers.html.jinja",
        status,
        title=(f"核实 {submission_id}", f"Doubts {submission_id}"),
        file=file,
        document=document,
        doubts=doubts,
        answered=answered,
        typed=typed or {},
        fault=fault,
        verdicts=list(Verdict),
        max_reason=MAX_REASON,
    )


def _send_answers(request: Request, visitor: Visitor, submission_id: int, form: FormData) -> Response:
    site: Site = request.app.state.site
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        contracts = known_contracts(connection, site.include / "contracts")
        file, document, doubts = _doubts(connection, contracts, submission_id, page.language_of(request))
    given: list[tuple[Doubt, Verdict, str]] = []
    for doubt in doubts:
        verdict = next((word for word in Verdict if word.value == form.get(f"v.{doubt.question_id}")), None)
        reason = one_line(str(form.get(f"r.{doubt.question_id}") or "")).strip()[:MAX_REASON]
        if verdict is None or (verdict, reason) == (doubt.verdict, doubt.reason):
            continue
        if lacks_reason(verdict, reason):
            said = f"第 {doubt.question_id} 题:请写明理由 | Question {doubt.question_id}: please say why"
            return _answers_page(request, visitor, submission_id, typed=form, fault=said, status=422)
        given.append((doubt, verdict, reason))
    if not given:
        said = "没有填核实结果,没有发送 | No answer was given, so nothing was sent"
        return _answers_page(request, visitor, submission_id, typed=form, fault=said, status=422)

    def write(path: Path) -> None:
        write_answers(path, site.settings, document, given)

    return send_workbook(request, site, visitor, file, write, What.ANSWERS)


def _doubts(
    connection: psycopg.Connection, contracts: Contracts, submission_id: int, lang: Lang
) -> tuple[SentFile, Mapping[str, Any], list[Doubt]]:
    file, found = found_receipt(connection, contracts, submission_id)
    if found is None or not found.document["n_to_verify"]:
        raise NotFoundError("这份报送没有要核实的 | There is nothing to verify in this file")
    contract = contracts.by_id.get(file.report or "")
    return file, found.document, list(doubts_of(connection, contract, submission_id, schema=sent.SCHEMA, lang=lang))
