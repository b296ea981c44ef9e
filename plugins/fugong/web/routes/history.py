"""What a department sent before: by day, versions side by side and what differs; and the templates of its reports."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from fugong.contracts.accepted import known_contracts
from fugong.contracts.code_list import load_code_lists
from fugong.contracts.contract import Contract
from fugong.contracts.load import load_contracts
from fugong.core.sanitize import file_stem
from fugong.core.time import SHANGHAI
from fugong.documentation.template import write_template
from fugong.intake import sent
from fugong.intake.sent import SentFile
from fugong.reading.model import SheetCells
from fugong.receipts import receipt
from fugong.receipts.resubmission import own_of
from fugong.receipts.version_differences import TableDifferences, differences
from fugong.receipts.workbook import MAX_FILE_BYTES
from fugong.storage.archive import archived
from fugong.storage.modes import private_folder
from fugong.validation.suite import load_suites
from fugong.web import page, rights
from fugong.web.door import allowed
from fugong.web.routes.department import TONES
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
Department = Annotated[Visitor, Depends(allowed(*rights.DEPARTMENT))]
PER_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Template:
    """A report and its template.

    Attributes:
        used: the version of the contract by which the last file was judged; None where none was sent.
        since: from when the present version holds.
        coming: headers of columns that have to be filled in from a day on, with the day.
    """

    contract: Contract
    used: str | None
    since: date | None
    coming: Sequence[tuple[str, date]]


@router.get("/department/history")
def history(request: Request, visitor: Department, report: str = "", day: str = "", start: int = 0) -> Response:
    """Everything that was sent, the newest first."""
    site: Site = request.app.state.site
    wanted = _day(day)
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        contracts = sent.own_contracts(known_contracts(connection, site.include / "contracts"), visitor.department or "")
        files = sent.history(connection, report or None, wanted, PER_PAGE + 1, max(start, 0))
        several = sent.with_versions(connection, [one.submission_id for one in files])
    return page.render(
        request,
        "history.html.jinja",
        title=("已报", "Sent"),
        files=files[:PER_PAGE],
        has_more=len(files) > PER_PAGE,
        several=several,
        start=max(start, 0),
        per_page=PER_PAGE,
        contracts=contracts,
        names={contract.id: (contract.name, contract.name_en or contract.name) for contract in contracts},
        report=report,
        day=wanted,
        tones=TONES,
    )


@router.get("/department/history/versions")
def versions(
    request: Request, visitor: Department, report: str, day: date, before: int | None = None, after: int | None = None
) -> Response:
    """The versions of one report and day, and what differs between two of them."""
    site: Site = request.app.state.site
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        contracts = known_contracts(connection, site.include / "contracts")
        files = sent.versions_of(connection, report, day)
        if not files:
            raise HTTPException(404, "这一天没有报送 | Nothing was sent for this day")
        whole = [one for one in files if one.repairs is None]
        by_number = {one.submission_id: one for one in files}
        pair = [by_number.get(number or 0) for number in (before, after)]
        if before is None and after is None and len(whole) > 1:
            pair = [*whole[-2:]]
        is_open = {
            one.submission_id: one.is_answered
            and not receipt.is_sealed(receipt.load(connection, contracts, one.submission_id, schema=sent.SCHEMA).document)
            for one in pair
            if one is not None
        }
    contract = contracts.by_id.get(report)
    compared, fault = None, ""
    if contract is not None and pair[0] is not None and pair[1] is not None and pair[0] != pair[1]:
        compared, fault = _compared(site, contract, pair[0], pair[1], is_open)
    return page.render(
        request,
        "versions.html.jinja",
        title=("版本对比", "Versions"),
        files=files,
        contract=contract,
        report=report,
        day=day,
        pair=pair,
        compared=compared,
        fault=fault,
        tones=TONES,
    )


@router.get("/department/templates")
def templates(request: Request, visitor: Department) -> Response:
    """The templates of the reports that the department sends."""
    site: Site = request.app.state.site
    with visitor.reading(site.database, *rights.DEPARTMENT) as connection:
        contracts = sent.own_contracts(known_contracts(connection, site.include / "contracts"), visitor.department or "")
        used = sent.versions_used(connection)
        since = sent.contracts_since(connection)
    found = [Template(one, used.get(one.id), since.get(one.id), _coming(one)) for one in contracts]
    return page.render(request, "templates.html.jinja", title=("模板", "Templates"), templates=found)


@router.get("/department/templates/{report}.xlsx")
def template(request: Request, visitor: Department, report: str) -> Response:
    """One template."""
    site: Site = request.app.state.site
    contracts = load_contracts(site.include / "contracts")
    contract = contracts.by_id.get(report)
    department = visitor.department or ""
    if contract is None or department not in contract.senders:
        raise HTTPException(404, "没有这张报表 | There is no such report")
    code_lists = load_code_lists(site.include / "reference" / "code_list.csv")
    suites = load_suites(site.settings.expectations, contracts.tables)
    with tempfile.TemporaryDirectory(dir=private_folder(site.settings.spool)) as work:
        path = Path(work) / "template.xlsx"
        write_template(contract.of_sender(department), code_lists, suites, path)
        content = path.read_bytes()
    name = f"{contract.report}_{file_stem(contract.name)}_模板.xlsx"
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"})


def _compared(
    site: Site, contract: Contract, before: SentFile, after: SentFile, is_open: dict[int, bool]
) -> tuple[list[TableDifferences] | None, str]:
    """What differs, or why that cannot be said."""
    places = [archived(site.settings, one.sha256 or "-") for one in (before, after)]
    if not all(is_open.values()):
        return None, "含个人信息的原件已封存,不能对比 | A file with personal data is sealed and cannot be compared"
    if any((one.byte_size or 0) > MAX_FILE_BYTES for one in (before, after)):
        return None, "文件太大,不在页面上对比 | The files are too large to be compared on a page"
    if not all(place.is_file() for place in places):
        return None, "原件没有保存或已到期删除,不能对比 | The files are not kept any more"
    sheets: list[Sequence[SheetCells]] = []
    with tempfile.TemporaryDirectory(dir=private_folder(site.settings.spool)) as work:
        for number, (one, place) in enumerate(zip((before, after), places, strict=True)):
            into = Path(work) / str(number)
            into.mkdir()
            reading = site.reader.read(place, one.file_name, into)
            if reading.refused is not None:
                return (
                    None,
                    f"{one.submission_id}: {reading.refused.message_zh} | {one.submission_id}: {reading.refused.message_en}",
                )
            sheets.append(own_of(reading.sheets, one.file_name) or reading.sheets)
        return differences(contract, sheets[0], sheets[1]), ""


def _coming(contract: Contract) -> list[tuple[str, date]]:
    today = datetime.now(SHANGHAI).date()
    return [
        (column.header, column.required_from)
        for table in contract.tables
        for column in table.columns
        if column.required_from is not None and column.required_from > today
    ]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as fault:
        raise HTTPException(422, f"看不懂日期:{text[:20]} | not a date: {text[:20]}") from fault
