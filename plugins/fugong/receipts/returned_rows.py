"""Writes 退回行, the sheet of a receipt's workbook with the rows to mend. Senders send it back, alone or in the workbook.

It holds the columns as sent, the row number before them and the reason after them; faulty cells are yellow, cells of which one is wrong
are orange. Where values are proposed, they stand before the reason, beside a cell to say yes in. The first row names the submission, so
that `resubmission` recognises the sheet also in a workbook of its own or in a text file.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import psycopg
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Column, Contracts, Table
from fugong.contracts.example import example_of
from fugong.core.cell_address import cell_address
from fugong.core.sanitize import neutralise, one_line
from fugong.core.typesetting import set_chinese, width
from fugong.core.vocabulary import ReceiptSheet, Severity, Verdict
from fugong.parsing.header_text import fold_header
from fugong.receipts.answers import LINE, NOTE, SHEET, VERDICT
from fugong.receipts.proposals import PROPOSED, TAKE, YES, proposal_text
from fugong.receipts.styles import (
    DOUBTFUL,
    MAX_CELL_LENGTH,
    MAX_COMMENTS,
    ROW_HEIGHT,
    Styles,
    for_print,
    sentence_of,
    sheet_name,
    write_cell,
    write_comment,
)
from fugong.receipts.to_verify import NOTE_WIDTH, VERDICT_WIDTH, ask_in, write_answer

REASON = "退回原因"
OURS = frozenset((LINE, SHEET, REASON, PROPOSED, TAKE, VERDICT, NOTE))
"""Headers that we add."""
HEADER_ROW = 2
MAX_ROWS = 100_000
"""Rows that one workbook lists."""
REASON_WIDTH = 64
PROPOSAL_WIDTH = 28

Pairs = Sequence[tuple[str | None, str | None]]
"""Header and text of each cell."""
Slot = tuple[str, int]
"""A header as sent, and its number among the columns with the same header, from 1."""


@dataclass(frozen=True)
class Returned:
    """One returned row.

    Attributes:
        line: its row number in the original file, also for a row of a repair.
        sheet: its sheet there; None where it is the only one.
        answered: verdict and reason of its sender, who settled every reason before; None where one is open.
        cells: header and text, in the order of the file.
    """

    line: int
    cells: Pairs
    reasons: Sequence[Mapping[str, Any]]
    sheet: str | None = None
    answered: tuple[Verdict, str] | None = None

    @property
    def by_slot(self) -> dict[Slot, str | None]:
        """Slot → text."""
        return dict(zip(slots_of(header for header, _ in self.cells), (text for _, text in self.cells), strict=True))


@dataclass
class _Sheet:
    """One sheet while it is written.

    Attributes:
        slots: its columns from left to right.
        kinds: per slot `number`, `code` (not masked) or `text`.
        codes: columns that are not masked.
        has_proposals: whether values are proposed for any of its rows.
        has_doubts: whether some rows have cells of which one is wrong.
        widths: per slot, in characters.
    """

    table: Table | None
    code_lists: Mapping[str, CodeList]
    slots: list[Slot]
    kinds: list[str]
    codes: frozenset[str]
    has_proposals: bool = False
    has_doubts: bool = False
    widths: list[int] = field(default_factory=list[int])
    n_written: int = 0


def title(what: str, document: Mapping[str, Any], *about: str | None) -> str:
    """The first row of a sheet that we add; `resubmission` looks for it. A dry run has the number 0: there is nothing to repair."""
    number = "0(试投,没有入库)" if document["is_trial"] else document["submission_id"]
    return " · ".join((what, f"报送编号 {number}", *(one_line(text) for text in about if text)))


def code_columns(table: Table) -> frozenset[str]:
    """Columns with numbers of the sender's own, which are never masked: keys, accounts, indexed references."""
    return table.own_numbers


def has_cells(connection: psycopg.Connection[Any], submission_id: int) -> bool:
    """Whether the warehouse still keeps the cells of a submission's returned rows."""
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM intake.set_aside_row WHERE submission_id = %s AND cells IS NOT NULL)", (submission_id,)
    ).fetchone()
    return found == (True,)


def tables_of(connection: psycopg.Connection[Any], submission_id: int) -> list[tuple[str, str]]:
    """Table and sheet of each group of a submission's returned rows."""
    return connection.execute(
        """
        SELECT table_name, sheet FROM intake.set_aside_row WHERE submission_id = %s AND cells IS NOT NULL
        GROUP BY table_name, sheet ORDER BY sheet, table_name
        """,
        (submission_id,),
    ).fetchall()


def are_of_several(groups: Sequence[tuple[str, str]], table_name: str) -> bool:
    """Whether returned rows of a table stand on several sheets.

    Args:
        groups: table and sheet of each group (`tables_of`).
    """
    return sum(name == table_name for name, _ in groups) > 1


def rows_of(
    connection: psycopg.Connection[Any],
    submission_id: int,
    table_name: str,
    sheet: str,
    limit: int = MAX_ROWS,
    *,
    of_several: bool = False,
) -> Generator[Returned]:
    """A submission's returned rows of one table and sheet.

    Args:
        of_several: whether rows of other sheets of the table are returned as well.
    """
    with connection.cursor() as cursor:
        for row_number, cells, reasons, is_repair, verdict, said in cursor.stream(
            """
            WITH settled AS (
                SELECT row_number, MAX(answer_id) AS answer_id FROM intake.finding
                WHERE submission_id = %s AND sheet = %s AND severity = 'set_aside' AND row_number IS NOT NULL
                GROUP BY row_number HAVING COUNT(*) = COUNT(answer_id)
            )
            SELECT line.row_number, line.cells, line.reasons, sent.repairs IS NOT NULL, answer.verdict, answer.reason
            FROM intake.set_aside_row AS line
            INNER JOIN intake.submission AS sent ON line.submission_id = sent.submission_id
            LEFT JOIN settled ON line.row_number = settled.row_number
            LEFT JOIN intake.answer AS answer ON settled.answer_id = answer.answer_id
            WHERE line.submission_id = %s AND line.table_name = %s AND line.sheet = %s AND line.cells IS NOT NULL
            ORDER BY line.row_number LIMIT %s
            """,
            (submission_id, sheet, submission_id, table_name, sheet, limit),
        ):
            known = {header: text for header, text in cells if header in OURS} if is_repair else {}
            line = known.get(LINE)
            ours = OURS if is_repair else frozenset[str]()
            yield Returned(
                line=int(line) if line and line.isdecimal() else row_number,
                cells=[(header, text) for header, text in cells if header not in ours],
                reasons=reasons,
                sheet=known.get(SHEET) if is_repair else (sheet if of_several else None),
                answered=(Verdict(verdict), said) if verdict else None,
            )


def slots_of(headers: Iterable[str | None]) -> Iterator[Slot]:
    """The slot of each header, in order."""
    seen: dict[str, int] = {}
    for header in headers:
        text = header or ""
        seen[text] = seen.get(text, 0) + 1
        yield text, seen[text]


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
    groups = tables_of(connection, submission_id)
    what = ReceiptSheet.RETURNED if is_mendable else ReceiptSheet.FAULTY
    for table_name, sent_sheet in groups:
        table = contracts.tables.get(table_name)
        slots = _slots(connection, submission_id, table_name, sent_sheet, OURS if document["repairs"] else frozenset())
        sheet = _Sheet(
            table=table,
            code_lists=code_lists,
            slots=slots,
            kinds=[_kind(table, header) for header, _ in slots],
            codes=code_columns(table) if table else frozenset(),
            has_proposals=is_mendable and _has(connection, submission_id, table_name, sent_sheet, "proposed"),
            has_doubts=_has(connection, submission_id, table_name, sent_sheet, "is_doubtful"),
        )
        named = sent_sheet.removeprefix(ReceiptSheet.RETURNED).strip() if document["repairs"] else sent_sheet
        of_several = (named or (table.title if table else table_name)) if len(groups) > 1 else None
        page = book.add_worksheet(sheet_name(f"{what} {of_several or ''}", taken))
        heading = title(what, document, document["report_name"], document["report_date"], of_several)
        found = rows_of(connection, submission_id, table_name, sent_sheet, n_left, of_several=are_of_several(groups, table_name))
        with closing(
            found
        ) as rows:  # an error of ours must not leave the connection in the middle of an answer: it would wait for ever
            _write_sheet(page, styles, sheet, heading, rows, is_mendable=is_mendable)
        n_left -= sheet.n_written
    return MAX_ROWS - n_left


def _slots(
    connection: psycopg.Connection[Any], submission_id: int, table_name: str, sheet: str, ours: frozenset[str]
) -> list[Slot]:
    found = connection.execute(
        """
        SELECT headers, min(row_number) FROM (
            SELECT row_number, (SELECT jsonb_agg(pair -> 0 ORDER BY place)
                FROM jsonb_array_elements(cells) WITH ORDINALITY AS listed (pair, place)) AS headers
            FROM intake.set_aside_row
            WHERE submission_id = %s AND table_name = %s AND sheet = %s AND cells IS NOT NULL
        ) AS line
        GROUP BY headers ORDER BY 2
        """,
        (submission_id, table_name, sheet),
    ).fetchall()
    slots: dict[Slot, None] = {}
    for headers, _ in found:
        slots |= dict.fromkeys(slots_of(header for header in headers or [] if header not in ours))
    return list(slots)


def _has(connection: psycopg.Connection[Any], submission_id: int, table_name: str, sheet: str, what: str) -> bool:
    """Whether a reason of some returned row has a key."""
    found = connection.execute(
        """
        SELECT EXISTS (
            SELECT FROM intake.set_aside_row
            WHERE submission_id = %s AND table_name = %s AND sheet = %s AND cells IS NOT NULL
                AND jsonb_path_exists(reasons, '$[*].keyvalue() ? (@.key == $what)', jsonb_build_object('what', %s::text))
        )
        """,
        (submission_id, table_name, sheet, what),
    ).fetchone()
    return found == (True,)


def column_of(table: Table | None, header: str) -> Column | None:
    """The contract column that a header as sent means."""
    folded = fold_header(header)
    columns = table.columns if table else ()
    return next((column for column in columns if folded in {fold_header(name) for name in column.headers}), None)


def _kind(table: Table | None, header: str) -> str:
    column = column_of(table, header)
    return kind_of(table, column) if table and column else "text"


def kind_of(table: Table, column: Column) -> str:
    """How cells of a column are written: `number`, `code` or `text`."""
    if column.name in code_columns(table):
        return "code"
    return "number" if column.logical_type in {"number", "integer"} else "text"


def _write_sheet(
    page: Worksheet, styles: Styles, sheet: _Sheet, heading: str, rows: Iterator[Returned], *, is_mendable: bool
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
        at_fault = _faults(sheet, row.reasons)
        doubtful = _doubtful(sheet, row.reasons)
        sentences = [_sentence(reason, sheet) for reason in row.reasons]
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
            text = proposal_text(_proposals(sheet, row.reasons))
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


def _faults(sheet: _Sheet, reasons: Sequence[Mapping[str, Any]]) -> dict[Slot, list[str]]:
    """Faulty slot → the sentences of its findings, and an example. A reason for the whole line or a missing column has no slot."""
    found: dict[Slot, list[str]] = {}
    for reason in reasons:
        for slot in _slots_of(sheet, reason):
            found.setdefault(slot, []).append(_sentence(reason, sheet))
    for slot, sentences in found.items():
        column = column_of(sheet.table, slot[0])
        if column is not None and (example := example_line(column, sheet.code_lists, sentences)):
            sentences.append(example)
    return found


def _doubtful(sheet: _Sheet, reasons: Sequence[Mapping[str, Any]]) -> dict[Slot, str]:
    """The slots that may be wrong and may be right, each with its mark; those that are wrong for another reason are none."""
    doubted = {slot for reason in reasons if reason.get("is_doubtful") for slot in _slots_of(sheet, reason)}
    wrong = {slot for reason in reasons if not reason.get("is_doubtful") for slot in _slots_of(sheet, reason)}
    return dict.fromkeys(doubted - wrong, DOUBTFUL)


def _proposals(sheet: _Sheet, reasons: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Header as sent and proposed value of the cells of a row. Of cells that are only doubted nothing can be taken at once."""
    for reason in reasons:
        proposed = reason.get("proposed")
        if proposed is None or reason.get("is_doubtful"):
            continue
        for slot in _slots_of(sheet, reason)[:1]:
            yield one_line(slot[0]), str(proposed)


def example_line(column: Column, code_lists: Mapping[str, CodeList], sentences: Sequence[str]) -> str | None:
    """An example of what the column accepts, unless the sentences give one."""
    example = example_of(column, code_lists.get(column.code_list or ""))
    if not example or any("例如" in sentence or "只能填" in sentence for sentence in sentences):
        return None
    return set_chinese(f"正确的写法,例如:{example}")


def _slots_of(sheet: _Sheet, reason: Mapping[str, Any]) -> list[Slot]:
    header, name = reason.get("header"), reason.get("column")
    if header is not None and (header, 1) in sheet.slots:
        return [(header, 1)]
    column = sheet.table.by_name.get(name) if sheet.table and name else None
    wanted = {fold_header(text) for text in column.headers} if column else set[str]()
    # A key of several columns is named by all their headers at once.
    wanted |= {fold_header(text) for text in re.split(r"[、,+]|和", header or "") if fold(text)}
    return [slot for slot in sheet.slots if slot[1] == 1 and fold_header(slot[0]) in wanted]


def _sentence(reason: Mapping[str, Any], sheet: _Sheet) -> str:
    return sentence_of(str(reason["message_zh"]), is_code=reason.get("column") in sheet.codes)
