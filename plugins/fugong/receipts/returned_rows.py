"""Writes 退回行, the sheet of a receipt's workbook with the rows to mend. Senders send it back, alone or in the workbook.

It holds the columns as sent, the row number before them and the reason after them; faulty cells are yellow, cells of which one is wrong
are orange. Where values are proposed, they stand before the reason, beside a cell to say yes in. The first row names the submission, so
that `resubmission` recognises the sheet also in a workbook of its own or in a text file.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import psycopg
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Contracts
from fugong.core.cell_address import cell_address
from fugong.core.sanitize import neutralise, one_line
from fugong.core.typesetting import set_chinese, width
from fugong.core.vocabulary import ReceiptSheet, Severity
from fugong.receipts.answers import LINE, NOTE, SHEET, VERDICT
from fugong.receipts.proposals import PROPOSED, TAKE, YES, proposal_text
from fugong.receipts.returned import MAX_ROWS, REASON, Returned, ReturnedSheet, rows_of, sheets_of
from fugong.receipts.styles import (
    MAX_CELL_LENGTH,
    MAX_COMMENTS,
    ROW_HEIGHT,
    Styles,
    for_print,
    sheet_name,
    write_cell,
    write_comment,
)
from fugong.receipts.to_verify import NOTE_WIDTH, VERDICT_WIDTH, ask_in, write_answer

HEADER_ROW = 2
REASON_WIDTH = 64
PROPOSAL_WIDTH = 28


def title(what: str, document: Mapping[str, Any], *about: str | None) -> str:
    """The first row of a sheet that we add; `resubmission` looks for it. A dry run has the number 0: there is nothing to repair."""
    number = "0(试投,没有入库)" if document["is_trial"] else document["submission_id"]
    return " · ".join((what, f"报送编号 {number}", *(one_line(text) for text in about if text)))


def write(
    book: xlsxwriter.Workbook,
    styles: Styles,
    connection: psycopg.Connection[Any],
    contracts: Contracts,
    code_lists: Mapping[str, CodeList],
    document: Mapping[str, Any],
    taken: set[str],
    *,
    is_mendable: bool,
) -> int:
    """Write a sheet for every table with returned rows.

    Args:
        document: the receipt.
        taken: names of sheets in use; the new ones are added.
        is_mendable: whether mending these rows is enough; if not, the sheet only shows them.

    Returns:
        How many rows were written.
    """
    submission_id: int = document["submission_id"]
    n_left = MAX_ROWS
    what = ReceiptSheet.RETURNED if is_mendable else ReceiptSheet.FAULTY
    for sheet in sheets_of(connection, contracts, code_lists, submission_id, is_repair=bool(document["repairs"])):
        sheet.has_proposals &= is_mendable
        page = book.add_worksheet(sheet_name(f"{what} {sheet.name or ''}", taken))
        heading = title(what, document, document["report_name"], document["report_date"], sheet.name)
        found = rows_of(connection, submission_id, sheet.table_name, sheet.sheet, n_left, of_several=sheet.of_several)
        with closing(
            found
        ) as rows:  # an error of ours must not leave the connection in the middle of an answer: it would wait for ever
            _write_sheet(page, styles, sheet, heading, rows, is_mendable=is_mendable)
        n_left -= sheet.n_written
    return MAX_ROWS - n_left


def _write_sheet(
    page: Worksheet, styles: Styles, sheet: ReturnedSheet, heading: str, rows: Iterator[Returned], *, is_mendable: bool
) -> None:
    beginning = list(itertools.islice(rows, 1))
    first = 2 if any(row.sheet is not None for row in beginning) else 1
    at_of = {slot: at for at, slot in enumerate(sheet.slots, start=first)}
    taking = len(sheet.slots) + first
    answering = taking + 2 * sheet.has_proposals
    last = answering + 2 * is_mendable
    page.set_row(0, 28)
    page.write_string(0, 0, heading, styles.of(bold=True, font_size=14, font_color="#1F4E79"))
    hint = (
        "请改标黄的单元格(为什么,见批注和最后一列),保存后放回收件夹:整个工作簿,或只把这一张表另存都可以。"
        "请勿改动第一行、表头和“行号”;不需要的行可以整行删除。"
        + ("橙色的几格里有一格填错,请看是哪一格。" if sheet.has_doubts else "")
        + (f"同意“{PROPOSED}”的,在“{TAKE}”里选“{YES}”即可,不用改单元格。" if sheet.has_proposals else "")
        + f"数没有错的,不要改数,在“{VERDICT}”里选一项,在“{NOTE}”里写明理由:该行不入库,记下说明,值不变的以后不再询问。"
        if is_mendable
        else "这些行有问题,列在这里供对照。请在原文件中改好后,把整份文件重新放入收件夹。"
    )
    page.set_row(1, ROW_HEIGHT)
    page.write_string(1, 0, set_chinese(hint), styles.of(font_size=10, font_color="#7F7F7F"))
    page.set_row(HEADER_ROW, 32)
    for at, header in enumerate((LINE, SHEET)[:first]):
        page.write_string(HEADER_ROW, at, header, styles.header(is_ours=True))
    for (header, _), at in at_of.items():
        page.write_string(HEADER_ROW, at, neutralise(one_line(header)), styles.header())
    if sheet.has_proposals:
        page.write_string(HEADER_ROW, taking, PROPOSED, styles.header(is_ours=True))
        page.write_string(HEADER_ROW, taking + 1, TAKE, styles.header(is_ours=True))
    if is_mendable:
        page.write_string(HEADER_ROW, answering, VERDICT, styles.header(is_ours=True))
        page.write_string(HEADER_ROW, answering + 1, NOTE, styles.header(is_ours=True))
    page.write_string(HEADER_ROW, last, REASON if is_mendable else "问题", styles.header(is_ours=True))
    sheet.widths = [width(header) for header, _ in sheet.slots]
    n_comments = 0
    for order, row in enumerate(itertools.chain(beginning, rows), start=1):
        sheet.n_written, line = order, HEADER_ROW + order
        at_fault = sheet.faults(row.reasons)
        doubtful = sheet.doubtful(row.reasons)
        sentences = [sheet.sentence(reason) for reason in row.reasons]
        if len(sentences) > 1:
            sentences = [f"{n}. {sentence}" for n, sentence in enumerate(sentences, start=1)]
        n_lines = sum(1 + width(sentence) // (REASON_WIDTH - 4) for sentence in sentences)
        page.set_row(line, ROW_HEIGHT * min(max(n_lines, 1), 12))
        page.write_number(line, 0, row.line, styles.ours)
        if first > 1:
            page.write_string(line, 1, neutralise(row.sheet or ""), styles.ours)
        sent = row.by_slot
        for slot, at in at_of.items():
            faults = at_fault.get(slot)
            mark = doubtful.get(slot, Severity.SET_ASIDE) if faults else None
            wide = write_cell(page, styles, line, at, sent.get(slot), kind=sheet.kinds[at - first], mark=mark)
            sheet.widths[at - first] = max(sheet.widths[at - first], wide)
            if faults and n_comments < MAX_COMMENTS:
                n_comments += 1
                write_comment(page, line, at, faults)
        if sheet.has_proposals:
            text = proposal_text((one_line(header), value) for (header, _), value in sheet.proposals(row.reasons))
            page.write_string(line, taking, neutralise(text)[:MAX_CELL_LENGTH], styles.proposal if text else styles.ours)
            page.write_blank(line, taking + 1, None, styles.to_fill_in if text else styles.ours)
            n_lines = max(n_lines, text.count("\n") + 1)
            page.set_row(line, ROW_HEIGHT * min(max(n_lines, 1), 12))
        if is_mendable:
            write_answer(page, styles, line, answering, *(row.answered or (None, "")))
        page.write_string(line, last, neutralise("\n".join(sentences)[:MAX_CELL_LENGTH]), styles.reason)
    page.set_column(0, 0, 7)
    if first > 1:
        page.set_column(1, 1, 14)
    for at, wanted in enumerate(sheet.widths, start=first):
        page.set_column(at, at, min(max(wanted + 3, 9), 42))
    if sheet.has_proposals:
        page.set_column(taking, taking, PROPOSAL_WIDTH)
        page.set_column(taking + 1, taking + 1, 10)
        page.data_validation(
            HEADER_ROW + 1, taking + 1, HEADER_ROW + max(sheet.n_written, 1), taking + 1, {"validate": "list", "source": [YES]}
        )
    if is_mendable:
        page.set_column(answering, answering, VERDICT_WIDTH)
        page.set_column(answering + 1, answering + 1, NOTE_WIDTH)
        ask_in(page, answering, HEADER_ROW + 1, HEADER_ROW + max(sheet.n_written, 1))
    page.set_column(last, last, REASON_WIDTH)
    page.freeze_panes(HEADER_ROW + 1, 1)
    page.ignore_errors({"number_stored_as_text": f"A1:{cell_address(last, HEADER_ROW + sheet.n_written + 1)}"})
    for_print(page)
    page.repeat_rows(HEADER_ROW)
