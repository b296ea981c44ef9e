"""A file as it was sent, scrolled to a row."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from fugong.intake.submissions import find_submission
from fugong.web import firm_access, page, rights
from fugong.web.door import allowed
from fugong.web.sheets import ROWS_AFTER, ROWS_BEFORE, OfColumn, tables_on, window
from fugong.web.site import Site
from fugong.web.visitor import Visitor

router = APIRouter()
OfFirms = Annotated[Visitor, Depends(allowed(*rights.FIRMS))]


@router.get("/sheet/{submission}")
def sheet(
    request: Request,
    visitor: OfFirms,
    submission: int,
    sheet: str = "",
    row: Annotated[int | None, Query(ge=1, le=10**8)] = None,
    value: Annotated[str, Query(max_length=200)] = "",
    column: Annotated[str, Query(max_length=63)] = "",
) -> Response:
    """The rows around one row of a file, the row and its cell marked: that of a column of the contract, else those that say the value."""
    site: Site = request.app.state.site
    firm_access.note(request, visitor)
    with visitor.figures(site.database) as connection:
        sent, state, _ = find_submission(connection, submission)
        tables = tables_on(connection, submission, sheet) if column else ()
    shown = window(
        site.settings, sent.sha256, sent.file_name, sheet=sheet, row=row, value=value, of_column=OfColumn(column, tables)
    )
    return page.render(
        request,
        "sheet.html.jinja",
        title=("原表", "The sheet as it was sent"),
        sent=sent,
        state=state,
        window=shown,
        row=row,
        step=ROWS_BEFORE + ROWS_AFTER,
    )
