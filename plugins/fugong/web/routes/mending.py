"""Mending returned rows and answering doubts on a page: judged as they are typed, sent as the workbook that would be sent back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import psycopg
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.datastructures import FormData

from fugong.access.uploads import What
from fugong.contracts.accepted import known_contracts
from fugong.contracts.contract import Contracts
from fugong.core.errors import NotFoundError
from fugong.core.sanitize import one_line
from fugong.core.typesetting import width
from fugong.core.vocabulary import Lang, Severity, State, Verdict
from fugong.intake import sent
from fugong.intake.mending import Judged, Mended, write_repair
from fugong.intake.prior_submissions import WarehouseSubmissions
from fugong.intake.sent import SentFile
from fugong.receipts import returned
from fugong.receipts.answers import MAX_REASON
from fugong.receipts.resubmission import Original
from fugong.receipts.returned import Returned, ReturnedSheet
from fugong.receipts.text import is_mendable
from fugong.validation.suite import warm_up
from fugong.web import page, rights
from fugong.web.door import allowed
from fugong.web.routes.receipts import TONE_OF, found_receipt
from fugong.web.routes.sending import lacks_reason, send_workbook
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
Department = Annotated[Visitor, Depends(allowed(*rights.DEPARTMENT))]
N_ROWS = 100
"""Rows on one page, over all sheets."""
MAX_JUDGED = 100
MAX_CELL = 32_000
WIDEST = 26
BLOCK = 1 << 20


@dataclass(frozen=True)
class Row:
    """A returned row on the page.

    Attributes:
        cells: what stands there: as returned, or as typed before.
        sent: as returned.
        faults: by slot, from 0, sentences.
        proposed: by slot.
        about_row: sentences about no single cell.
    """

    row: Returned
    key: str
    cells: Sequence[str]
    sent: Sequence[str]
    faults: Mapping[int, Sequence[str]]
    doubtful: frozenset[int]
    proposed: Mapping[int, str]
    about_row: Sequence[str]
    mended_by: SentFile | None
    verdict: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Grid:
    """The returned rows of one sheet on the page."""

    number: int
    sheet: ReturnedSheet
    rows: Sequence[Row]

    @property
    def faulty(self) -> list[int]:
        """The columns with a problem, from 0."""
        return sorted({at for row in self.rows if row.mended_by is None for at in row.faults})

    @property
    def order(self) -> list[int]:
        """The columns from left to right: those with a problem first, so that nobody has to look for them."""
        first = self.faulty
        return [*first, *(at for at in range(len(self.sheet.slots)) if at not in first)]

    @property
    def widths(self) -> list[int]:
        """Characters of a field, by column."""
        return [min(max(6, *(width(row.cells[at]) + 1 for row in self.rows)), WIDEST) for at in range(len(self.sheet.slots))]


class RowToJudge(BaseModel):
    """A row as it is typed."""

    row: int = Field(ge=0)
    cells: list[Annotated[str, Field(max_length=MAX_CELL)]] = Field(max_length=2_000)


class ToJudge(BaseModel):
    """Rows of one sheet as they are typed."""

    sheet: int = Field(ge=0)
    rows: list[RowToJudge] = Field(max_length=MAX_JUDGED)


@router.get("/department/receipts/{submission_id}/rows")
def show_rows(request: Request, visitor: Department, submission_id: int, start: int = 0) -> Response:
    """The returned rows of one file, to be mended."""
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()  # the first cell is typed in a moment
    return _rows_page(request, visitor, submission_id, max(start, 0))


@router.post("/department/receipts/{submission_id}/judge")
def judge(request: Request, visitor: Department, submission_id: int, asked: ToJudge) -> Response:
    """What the rules say of rows as they are typed."""
    site: Site = request.app.state.site
    lang = page.language_of(request)
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        context = site.judge.context(connection)
        file = sent.sent_file(connection, submission_id)
        sheets = returned.sheets_of(
            connection,
            context.contracts,
            context.code_lists,
            submission_id,
            is_repair=file.repairs is not None,
            schema=sent.SCHEMA,
        )
        if asked.sheet >= len(sheets) or not asked.rows:
            raise HTTPException(404)
        sheet = sheets[asked.sheet]
        numbers = [one.row for one in asked.rows]
        rows = {one.row_number: one for one in _returned(connection, submission_id, sheet, only=numbers)}
        original = _original(connection, site, context.contracts, visitor, submission_id)
        if original is None or not all(one.row in rows and len(one.cells) == len(sheet.slots) for one in asked.rows):
            raise HTTPException(404)
        mended = [Mended(rows[one.row], _as_sent(sheet, rows[one.row], one.cells)) for one in asked.rows]
        document = _brief(file, context.contracts)
        judged = site.judge.judge(connection, visitor.department or "", original, document, sheet, mended)
    return JSONResponse({"rows": [{"row": asked.rows[at].row, **_told(one, lang)} for at, one in enumerate(judged)]})


@router.post("/department/receipts/{submission_id}/rows")
async def send_rows(request: Request, visitor: Department, submission_id: int) -> Response:
    """Send what was mended or answered of the returned rows."""
    form = await request.form(max_fields=100_000)
    return await run_in_threadpool(_send_rows, request, visitor, submission_id, form)


def _rows_page(
    request: Request,
    visitor: Visitor,
    submission_id: int,
    start: int,
    *,
    typed: FormData | None = None,
    fault: str = "",
    status: int = 200,
) -> Response:
    site: Site = request.app.state.site
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        contracts = known_contracts(connection, site.include / "contracts")
        file, document = _mendable(connection, contracts, submission_id)
        code_lists = site.judge.context(connection).code_lists
        sheets = returned.sheets_of(
            connection, contracts, code_lists, submission_id, is_repair=file.repairs is not None, schema=sent.SCHEMA
        )
        grids = list(_grids(connection, submission_id, sheets, start, typed, page.language_of(request)))
        total = sum(returned.n_rows(connection, submission_id, one.table_name, one.sheet, schema=sent.SCHEMA) for one in sheets)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"error": fault}, status)
    return page.render(
        request,
        "mending.html.jinja",
        status,
        title=(f"改退回行 {submission_id}", f"Mend returned rows {submission_id}"),
        file=file,
        document=document,
        grids=grids,
        start=start,
        total=total,
        n_rows=N_ROWS,
        fault=fault,
        verdicts=list(Verdict),
        max_reason=MAX_REASON,
    )


def _grids(
    connection: psycopg.Connection,
    submission_id: int,
    sheets: Sequence[ReturnedSheet],
    start: int,
    typed: FormData | None,
    lang: Lang,
) -> Iterator[Grid]:
    left, skip = N_ROWS, start
    menders: dict[int, SentFile] = {}
    for number, sheet in enumerate(sheets):
        n_here = returned.n_rows(connection, submission_id, sheet.table_name, sheet.sheet, schema=sent.SCHEMA)
        rows: list[Row] = []
        for one in _returned(connection, submission_id, sheet, limit=left, offset=min(skip, n_here)) if left > 0 else ():
            if one.repaired_by is not None and one.repaired_by not in menders:
                menders[one.repaired_by] = sent.sent_file(connection, one.repaired_by)
            rows.append(_row(number, sheet, one, menders.get(one.repaired_by or 0), typed, lang))
        skip = max(0, skip - n_here)
        left -= len(rows)
        if rows:
            yield Grid(number, sheet, rows)


def _row(number: int, sheet: ReturnedSheet, one: Returned, mended_by: SentFile | None, typed: FormData | None, lang: Lang) -> Row:
    key = f"{number}.{one.row_number}"
    as_sent = [_shown(one.by_slot.get(slot)) for slot in sheet.slots]
    cells = as_sent if typed is None else [str(typed.get(f"c.{key}.{at}", text)) for at, text in enumerate(as_sent)]
    places = {slot: at for at, slot in enumerate(sheet.slots)}
    return Row(
        one,
        key,
        cells,
        as_sent,
        {places[slot]: sentences for slot, sentences in sheet.faults(one.reasons, lang).items()},
        frozenset(places[slot] for slot in sheet.doubtful(one.reasons)),
        {places[slot]: value for slot, value in sheet.proposals(one.reasons)},
        [sheet.sentence(reason, lang) for reason in one.reasons if not sheet.slots_at(reason)],
        mended_by,
        str((typed or {}).get(f"v.{key}") or (one.answered[0] if one.answered else "")),
        str((typed or {}).get(f"r.{key}") or (one.answered[1] if one.answered else "")),
    )


def _send_rows(request: Request, visitor: Visitor, submission_id: int, form: FormData) -> Response:
    site: Site = request.app.state.site
    start = _number(form.get("start"))
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        context = site.judge.context(connection)
        file, document = _mendable(connection, context.contracts, submission_id)
        sheets = returned.sheets_of(
            connection,
            context.contracts,
            context.code_lists,
            submission_id,
            is_repair=file.repairs is not None,
            schema=sent.SCHEMA,
        )
        mended: list[tuple[ReturnedSheet, list[Mended]]] = []
        taken: list[Returned] = []
        for number, sheet in enumerate(sheets):
            wanted = sorted({_number(name.split(".")[2]) for name in form if name.startswith((f"c.{number}.", f"v.{number}."))})
            rows = [
                (one, found)
                for one in _returned(connection, submission_id, sheet, only=wanted)
                if (found := _mended(number, sheet, one, form)) is not None
            ]
            taken += [one for one, _ in rows if one.repaired_by is not None]
            mended.append((sheet, [found for one, found in rows if one.repaired_by is None]))
        first = sent.sent_file(connection, taken[0].repaired_by or 0) if taken else None
    if first is not None:
        lines = "、".join(str(one.line) for one in taken[:20])
        said = (
            f"第 {lines} 行已由第 {first.submission_id} 号报送({first.file_name})补报,这次没有发送;您填的仍在下面,请核对后再发送其余的行 | "
            f"Rows {lines} were mended meanwhile by submission {first.submission_id} ({first.file_name}). Nothing was sent; what you typed is still "
            "below: check it, then send the other rows"
        )
        return _rows_page(request, visitor, submission_id, start, typed=form, fault=said, status=409)
    every = [one for _, rows in mended for one in rows]
    if not every:
        said = "没有改动,没有发送 | Nothing was changed, so nothing was sent"
        return _rows_page(request, visitor, submission_id, start, typed=form, fault=said, status=422)
    if unclear := next((one for one in every if lacks_reason(one.verdict, one.reason)), None):
        said = f"第 {unclear.row.line} 行:选了核实结果,请写明理由 | Row {unclear.row.line}: please say why"
        return _rows_page(request, visitor, submission_id, start, typed=form, fault=said, status=422)

    def write(path: Path) -> None:
        write_repair(path, site.settings, document, mended)

    return send_workbook(request, site, visitor, file, write, What.ROWS)


def _mended(number: int, sheet: ReturnedSheet, one: Returned, form: FormData) -> Mended | None:
    """A row as the form has it; None where nothing was changed or answered."""
    key = f"{number}.{one.row_number}"
    typed = [str(form.get(f"c.{key}.{at}", _shown(one.by_slot.get(slot))))[:MAX_CELL] for at, slot in enumerate(sheet.slots)]
    if form.get(f"t.{key}"):
        for slot, value in sheet.proposals(one.reasons):
            typed[sheet.slots.index(slot)] = value
    cells = _as_sent(sheet, one, typed)
    verdict = next((word for word in Verdict if word.value == form.get(f"v.{key}")), None)
    reason = one_line(str(form.get(f"r.{key}") or "")).strip()[:MAX_REASON]
    is_answered = verdict is not None and (verdict, reason) != one.answered
    if not is_answered and cells == [one.by_slot.get(slot) for slot in sheet.slots]:
        return None
    return Mended(one, cells, verdict if is_answered else None, reason if is_answered else "")


def _as_sent(sheet: ReturnedSheet, one: Returned, typed: Sequence[str]) -> list[str | None]:
    """The cells as they go into the workbook: one that was not touched is as it was, with its line breaks."""
    before = [one.by_slot.get(slot) for slot in sheet.slots]
    return [was if _shown(was) == text else text or None for was, text in zip(before, typed, strict=True)]


def _shown(text: str | None) -> str:
    """A cell as a field of a form holds it."""
    return one_line(text or "")


def _returned(
    connection: psycopg.Connection,
    submission_id: int,
    sheet: ReturnedSheet,
    *,
    only: Sequence[int] | None = None,
    limit: int = returned.MAX_ROWS,
    offset: int = 0,
) -> list[Returned]:
    found = returned.rows_of(
        connection,
        submission_id,
        sheet.table_name,
        sheet.sheet,
        limit,
        of_several=sheet.of_several,
        schema=sent.SCHEMA,
        only=only,
        offset=offset,
    )
    return list(found)


def _original(
    connection: psycopg.Connection, site: Site, contracts: Contracts, visitor: Visitor, submission_id: int
) -> Original | None:
    prior = WarehouseSubmissions(connection, site.settings, contracts, visitor.department or "", sent.SCHEMA)
    earlier = prior.earlier(submission_id)
    return None if earlier is None else earlier.original


def _mendable(connection: psycopg.Connection, contracts: Contracts, submission_id: int) -> tuple[SentFile, Mapping[str, Any]]:
    file, found = found_receipt(connection, contracts, submission_id)
    if found is None or not is_mendable(found.document):
        raise NotFoundError("这份报送没有可以在这里改的退回行 | This file has no returned rows that can be mended here")
    if found.state_now in {State.SUPERSEDED, State.WITHDRAWN}:
        raise HTTPException(409, "这份报送已被替换或作废,不必再改 | This file was replaced or withdrawn: nothing is to be mended")
    return file, found.document


def _brief(file: SentFile, contracts: Contracts) -> Mapping[str, Any]:
    """What a sheet of ours says of a submission."""
    contract = contracts.by_id.get(file.report or "")
    return {
        "submission_id": file.submission_id,
        "file_name": file.file_name,
        "is_trial": False,
        "report_name": contract.name if contract else None,
        "report_date": file.report_date.isoformat() if file.report_date else None,
    }


def _told(judged: Judged, lang: Lang) -> dict[str, Any]:
    def said(found: Sequence[tuple[Severity, str, str]]) -> list[dict[str, str]]:
        return [{"tone": TONE_OF[severity], "text": zh if lang is Lang.ZH else en} for severity, zh, en in found]

    return {
        "good": judged.is_good,
        "cells": {at: said(found) for at, found in judged.cells.items()},
        "about": said(judged.row),
    }


def _number(text: object) -> int:
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 16 else 0
