"""A department's receipts: what was taken, what was not and why, the sheet as it was sent, and the files to take away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import psycopg
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from fugong.contracts.accepted import known_contracts
from fugong.contracts.code_list import load_code_lists
from fugong.contracts.contract import Contract, Contracts
from fugong.core.vocabulary import Lang, Severity, State
from fugong.intake import sent, tried
from fugong.intake.sent import SentFile
from fugong.receipts import receipt
from fugong.receipts.drawn_sheets import DrawnSheet, draw
from fugong.receipts.phrases import PHRASES
from fugong.receipts.resubmission import own_of
from fugong.receipts.text import ReceiptText, is_mendable
from fugong.receipts.workbook import MAX_FILE_BYTES
from fugong.storage.archive import archived
from fugong.storage.modes import private_folder
from fugong.storage.outbox import open_outbox
from fugong.web import page, rights
from fugong.web.door import allowed
from fugong.web.routes.department import TONES
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
Department = Annotated[Visitor, Depends(allowed(*rights.DEPARTMENT))]
SETTLED = frozenset((State.ACCEPTED, State.SUPERSEDED, State.WITHDRAWN))
N_LISTED = 100
"""Findings of each code and column that the page lists."""
BLOCK = 1 << 18
KINDS = {
    "txt": "text/plain; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TONE_OF = {Severity.REJECTED: "bad", Severity.SET_ASIDE: "bad", Severity.WARNING: "ask", Severity.REPAIRED: "good"}


@dataclass(frozen=True)
class Problem:
    """A finding, as the page lists it."""

    sentence: str
    sheet: str
    row_number: int | None
    cell: str | None


@dataclass(frozen=True)
class Problems:
    """The findings of one code and column."""

    listed: Sequence[Problem]
    n: int


@dataclass(frozen=True)
class Section:
    """The findings of one severity.

    Attributes:
        is_whole: they are why the whole file was returned.
    """

    heading: str
    tone: str
    groups: Sequence[Problems]
    is_whole: bool


def found_receipt(
    connection: psycopg.Connection, contracts: Contracts, submission_id: int
) -> tuple[SentFile, receipt.Receipt | None]:
    """A file of the department and its receipt; None as long as it is not written.

    Raises:
        NotFoundError: it has sent none of that number.
    """
    file = sent.sent_file(connection, submission_id)
    if not file.is_answered:
        return file, None
    return file, receipt.load(connection, contracts, submission_id, schema=sent.SCHEMA)


@router.get("/department/receipts/{submission_id}")
def show(request: Request, visitor: Department, submission_id: int) -> Response:
    """The receipt of one file."""
    site: Site = request.app.state.site
    lang = page.language_of(request)
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        contracts = known_contracts(connection, site.include / "contracts")
        file, found = found_receipt(connection, contracts, submission_id)
        repairs = sent.repairs_of(connection, submission_id)
        n_to_verify = sent.n_to_verify(connection, submission_id) if found is not None and found.document["n_to_verify"] else 0
    if found is None:
        return page.render(request, "receipt_waiting.html.jinja", title=("正在处理", "At work"), file=file)
    document = found.document
    text = ReceiptText(document, PHRASES[lang])
    state = State(document["state"])
    now = State(found.state_now)
    return page.render(
        request,
        "receipt.html.jinja",
        title=(f"回执 {submission_id}", f"Receipt {submission_id}"),
        file=file,
        document=document,
        state=state,
        tone=TONES[state],
        now=now if now is not state else None,
        now_tone=TONES[now],
        headline=text.headline(),
        origin=text.origin(),
        withdrawn=list(text.withdrawn()),
        reading=document["tables"] or [],
        sections=list(_sections(document, text)),
        verified=list(text.verified()),
        refused=list(text.answers_refused()),
        taken=list(text.answers_taken()),
        steps=list(text.next_steps(is_page=True)),
        repairs=repairs,
        settled=SETTLED,
        is_mendable=is_mendable(document) and document["state"] != State.ACCEPTED and now not in SETTLED,
        n_to_verify=n_to_verify,
        files=receipt.file_names(document),
        has_original=file.sha256 is not None and not receipt.is_sealed(document),
        is_sealed=receipt.is_sealed(document),
        is_drawn=_is_drawn(file, document),
        tones=TONES,
    )


@router.get("/department/receipts/{submission_id}/sheet")
def sheet(request: Request, visitor: Department, submission_id: int) -> Response:
    """The sheets of one file as they were sent, with what was found marked."""
    site: Site = request.app.state.site
    lang = page.language_of(request)
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        contracts = known_contracts(connection, site.include / "contracts")
        file, found = found_receipt(connection, contracts, submission_id)
        if found is None or not _is_drawn(file, found.document):
            raise HTTPException(404, "这份文件不在页面上显示 | This file is not shown on a page")
    drawn = _drawn(site, visitor, contracts.by_id.get(file.report or ""), file, lang)
    return page.render(
        request,
        "receipt_sheet.html.jinja",
        title=(f"原表 {submission_id}", f"Sheet {submission_id}"),
        file=file,
        sheets=drawn,
        tones=TONE_OF,
    )


@router.get("/department/receipts/{submission_id}/original")
def original(request: Request, visitor: Department, submission_id: int) -> Response:
    """The file as it was sent."""
    site: Site = request.app.state.site
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        file, found = found_receipt(connection, known_contracts(connection, site.include / "contracts"), submission_id)
    if found is None or file.sha256 is None or receipt.is_sealed(found.document):
        raise HTTPException(404, "原件不能下载:含个人信息的原件已封存 | The file cannot be had: one with personal data is sealed")
    place = archived(site.settings, file.sha256)
    if not place.is_file():
        raise HTTPException(404, "原件已按保存期限删除 | The file was deleted at the end of its retention")
    return FileResponse(place, media_type="application/octet-stream", filename=file.file_name)


@router.get("/department/receipts/{submission_id}/receipt.{kind}")
def download(request: Request, visitor: Department, submission_id: int, kind: str) -> Response:
    """A file of the receipt, as it lies in the outbox."""
    site: Site = request.app.state.site
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        _, found = found_receipt(connection, known_contracts(connection, site.include / "contracts"), submission_id)
    name = receipt.file_names(found.document).get(kind) if found is not None else None
    if name is None:
        raise HTTPException(404)
    return _from_outbox(site, visitor.department or "", name, kind)


@router.get("/department/tried")
def show_tried(request: Request, visitor: Department, name: str) -> Response:
    """The answer to a dry run."""
    site: Site = request.app.state.site
    answer = next((one for one in tried.answers(site.settings, visitor.department or "") if one.stem == name), None)
    text = tried.read_text(site.settings, visitor.department or "", name) if answer is not None else None
    if answer is None or text is None:
        raise HTTPException(404, "没有这份试投的回执 | There is no such answer")
    return page.render(
        request, "tried.html.jinja", title=("试投", "Tried"), answer=answer, text=text, tone=TONES[answer.state], name=quote(name)
    )


@router.get("/department/tried/workbook")
def tried_workbook(request: Request, visitor: Department, name: str) -> Response:
    """The workbook of the answer to a dry run."""
    site: Site = request.app.state.site
    answer = next((one for one in tried.answers(site.settings, visitor.department or "") if one.stem == name), None)
    if answer is None or answer.workbook is None:
        raise HTTPException(404, "没有这份试投的回执 | There is no such answer")
    return _from_outbox(site, visitor.department or "", answer.workbook, "xlsx", tried=True)


def _sections(document: Mapping[str, Any], text: ReceiptText) -> Iterator[Section]:
    several = len({finding["sheet"] for finding in document["findings"] if finding["sheet"]}) > 1
    for severity in Severity:
        groups: list[Problems] = []
        for count in document["finding_counts"]:
            if count["severity"] != severity:
                continue
            alike = [
                finding
                for finding in document["findings"]
                if (finding["severity"], finding["code"], finding["column_name"])
                == (severity, count["code"], count["column_name"])
            ][:N_LISTED]
            listed = [
                Problem(text.finding(one, with_sheet=several), one["sheet"] or "", one["row_number"], one["cell"])
                for one in alike
            ]
            groups.append(Problems(listed, count["n"]))
        if groups:
            heading = text.section(severity).rstrip(":\uff1a")
            yield Section(heading, TONE_OF[severity], groups, is_whole=severity is Severity.REJECTED)


def _is_drawn(file: SentFile, document: Mapping[str, Any]) -> bool:
    """Whether the sheets of a file are drawn: sealed ones and very large ones are not."""
    return file.sha256 is not None and not receipt.is_sealed(document) and (file.byte_size or 0) <= MAX_FILE_BYTES


def _drawn(site: Site, visitor: Visitor, contract: Contract | None, file: SentFile, lang: Lang) -> list[DrawnSheet]:
    key = (file.submission_id, file.sha256, lang)
    with site.drawn_lock:
        if key in site.drawn:
            return site.drawn[key]
    place = archived(site.settings, file.sha256 or "")
    if not place.is_file():
        raise HTTPException(404, "原件已按保存期限删除 | The file was deleted at the end of its retention")
    code_lists = load_code_lists(site.include / "reference" / "code_list.csv")
    with tempfile.TemporaryDirectory(dir=private_folder(site.settings.spool)) as work:
        reading = site.reader.read(place, file.file_name, Path(work))
        sheets = own_of(reading.sheets, file.file_name) or reading.sheets
        with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
            drawn = draw(connection, contract, code_lists, file.submission_id, sheets, lang, schema=sent.SCHEMA)
    with site.drawn_lock:
        site.drawn[key] = drawn
    return drawn


def _from_outbox(site: Site, department: str, name: str, kind: str, *, tried: bool = False) -> Response:
    from fugong.core.settings import TRIAL

    with open_outbox(site.settings, department) as outbox:
        if tried:
            with outbox.child(TRIAL) as folder:
                file = folder.open(name)
        else:
            file = outbox.open(name)
    if file is None:
        raise HTTPException(404, "回执文件不在发件夹里了 | The file is no longer in the outbox")

    def blocks() -> Iterator[bytes]:
        with file:
            while block := file.read(BLOCK):
                yield block

    return StreamingResponse(
        blocks(), media_type=KINDS[kind], headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )
