"""Writes 待核实, the sheet of doubts that a sender confirms or corrects, and the two columns for answers.

A receipt's workbook has it for the warnings of a file; `核对提示.xlsx` has it for what contradicts other reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import xlsxwriter
from psycopg import sql
from psycopg.rows import dict_row
from xlsxwriter.worksheet import Worksheet

from fugong.contracts.contract import Contract
from fugong.core.sanitize import neutralise, one_line
from fugong.core.typesetting import set_chinese, width
from fugong.core.vocabulary import Lang, ReceiptSheet, Verdict
from fugong.receipts.answers import MAX_REASON, NOTE, NUMBER, VERDICT
from fugong.receipts.styles import MAX_CELL_LENGTH, ROW_HEIGHT, Styles, for_print, safe_text, sentence_of, sheet_name

PLACE, ITEM, VALUE, DOUBT = "在哪里", "项目", "填报值", "请核实"
"""Headers before the two columns for the answer."""
HEADER_ROW = 2
WIDTHS = (8, 26, 24, 18, 58, 12, 42)
MAX_LINES = 12
MAX_QUESTIONS = 5_000
"""Doubts that one sheet lists."""
VERDICT_WIDTH, NOTE_WIDTH = 12, 36
HINT = (
    f"请在“{VERDICT}”里选一项,在“{NOTE}”里写明理由,保存后放回收件夹:整个工作簿,或只把这一张表另存都可以,文件名不限。"
    "一次可以只答几题;值不变的,以后不再询问。"
)
RULES = (
    f"属实:数没有错,写明原因。已改:已另报更正。口径不同:写明按什么口径。待查:先记下,以后再答。说明不超过 {MAX_REASON} 字,"
    "不写手机号、身份证号。“题号”请勿改动。"
)


@dataclass(frozen=True)
class Doubt:
    """One row of the sheet.

    Attributes:
        place: where the value stands; empty for a whole file.
        value: what is in doubt, masked.
        sentence: what there is to verify, masked.
        verdict, reason: what the sender answered before without settling it; None where it answered nothing.
    """

    question_id: int
    place: str
    item: str
    value: str
    sentence: str
    verdict: Verdict | None = None
    reason: str = ""


def doubts_of(
    connection: psycopg.Connection[Any],
    contract: Contract | None,
    submission_id: int,
    *,
    schema: str = "intake",
    lang: Lang = Lang.ZH,
) -> Iterator[Doubt]:
    """The warnings of a submission that were not settled when it was loaded, each question once.

    Args:
        schema: `sent` for the role of a department.
    """
    tables = contract.tables if contract else ()
    columns = {column.name: column for table in tables for column in table.columns}
    codes = {name for table in tables for name in table.own_numbers}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            sql.SQL("""
            WITH asked AS (
                SELECT
                    finding.*,
                    row_number() OVER (PARTITION BY question_id ORDER BY finding_id) AS place,
                    count(*) OVER (PARTITION BY question_id) AS n_places
                FROM {schema}.finding AS finding
                WHERE submission_id = %s AND severity = 'warning' AND question_id IS NOT NULL AND answer_id IS NULL
            )
            SELECT
                asked.question_id, asked.sheet, asked.row_number, asked.cell, asked.column_name, asked.value, asked.message_zh, asked.message_en,
                asked.n_places, question.row_key, pending.verdict, pending.reason, other.value AS value_before, other.verdict AS verdict_before,
                other.reason AS reason_before
            FROM asked
            INNER JOIN {schema}.submission AS sent ON asked.submission_id = sent.submission_id
            INNER JOIN {schema}.question AS question ON asked.question_id = question.question_id
            LEFT JOIN {schema}.answer AS pending ON asked.question_id = pending.question_id
                AND pending.answered_at <= sent.settled_at
                AND (pending.superseded_at IS NULL OR pending.superseded_at > sent.settled_at)
            LEFT JOIN LATERAL (
                SELECT before.value, answer.verdict, answer.reason
                FROM {schema}.question AS before
                INNER JOIN {schema}.answer AS answer ON before.question_id = answer.question_id
                WHERE before.key_digest = question.key_digest AND before.question_id <> question.question_id
                    AND answer.verdict IN ('confirmed', 'definition') AND answer.answered_at <= sent.settled_at
                    AND (answer.superseded_at IS NULL OR answer.superseded_at > sent.settled_at)
                ORDER BY answer.answered_at DESC, answer.answer_id DESC LIMIT 1
            ) AS other ON true
            WHERE asked.place = 1
            ORDER BY asked.finding_id
            LIMIT %s
            """).format(schema=sql.Identifier(schema)),
            (submission_id, MAX_QUESTIONS),
        ).fetchall()
    several = len({row["sheet"] for row in rows if row["sheet"]}) > 1
    for row in rows:
        column = columns.get(row["column_name"] or "")
        is_code = row["column_name"] in codes
        sheet = f"“{one_line(row['sheet'])}”" if several and row["sheet"] else ""
        place = place_of(row, sheet, lang)
        key = row["row_key"] if row["row_number"] is not None and "!" not in row["row_key"] else ""
        sentence = sentence_of(row[f"message_{lang.value}"], is_code=is_code, lang=lang) + changed_since(row, lang)
        yield Doubt(
            row["question_id"],
            "\n".join(filter(None, (place, key))),
            column.header if column else (row["column_name"] or ""),
            row["value"] or "",
            sentence,
            Verdict(row["verdict"]) if row["verdict"] else None,
            row["reason"] or "",
        )


def place_of(row: Mapping[str, Any], sheet: str, lang: Lang) -> str:
    """Where a doubt stands, such as `第 4 行 M4 等 3 处`."""
    n = row["n_places"]
    if lang is Lang.ZH:
        line, more, whole = f"第 {row['row_number']} 行", f"等 {n} 处", "整份文件"
    else:
        line, more, whole = f"line {row['row_number']}", f"and {n - 1} more", "the whole file"
    parts = (sheet, line if row["row_number"] is not None else "", row["cell"], more if n > 1 else "")
    return " ".join(filter(None, parts)) or whole


def changed_since(row: Mapping[str, Any], lang: Lang = Lang.ZH) -> str:
    """What a sender is told whose earlier answer was about another value."""
    if not row["verdict_before"]:
        return ""
    verdict, before, reason = Verdict(row["verdict_before"]), row["value_before"], row["reason_before"]
    if lang is Lang.EN:
        answer = f"{verdict.name_in(lang)}: {reason}" if reason else verdict.name_in(lang)
        return f' Answered before about "{before}" ({answer}); the value has changed: please answer again.'
    return set_chinese(f"以前核实的是“{before}”({said(verdict, reason)});值变了,请重新核实。")


def said(verdict: Verdict, reason: str) -> str:
    """An answer in Chinese, such as `属实:停产检修`."""
    return f"{verdict.zh}:{reason}" if reason else verdict.zh


def write(book: xlsxwriter.Workbook, styles: Styles, heading: str, doubts: Sequence[Doubt], taken: set[str]) -> None:
    """Write the sheet.

    Args:
        heading: its first row, by which it is recognised when it comes back.
        taken: names of sheets in use; the new one is added.
    """
    page = book.add_worksheet(sheet_name(ReceiptSheet.TO_VERIFY, taken))
    page.hide_gridlines(2)
    for at, wanted in enumerate(WIDTHS):
        page.set_column(at, at, wanted)
    page.set_row(0, 28)
    page.write_string(0, 0, heading, styles.of(bold=True, font_size=14, font_color="#1F4E79"))
    page.set_row(1, 40)
    hint = styles.of(font_size=10, font_color="#7F7F7F", text_wrap=True)
    page.merge_range(1, 0, 1, len(WIDTHS) - 1, set_chinese(f"{HINT}\n{RULES}"), hint)
    page.set_row(HEADER_ROW, 26)
    for at, header in enumerate((NUMBER, PLACE, ITEM, VALUE, DOUBT, VERDICT, NOTE)):
        page.write_string(HEADER_ROW, at, header, styles.header(is_ours=at not in {len(WIDTHS) - 2, len(WIDTHS) - 1}))
    plain = styles.of(border=1, border_color="#BFBFBF", text_wrap=True, indent=1, num_format="@")
    value = styles.of(
        border=1, border_color="#BFBFBF", text_wrap=True, indent=1, num_format="@", bg_color="#FCD5B4", font_color="#7F3F00"
    )
    for line, doubt in enumerate(doubts, start=HEADER_ROW + 1):
        cells = (doubt.place, doubt.item, doubt.value, doubt.sentence)
        n_lines = max(
            sum(1 + width(text) // (room - 3) for text in cell.split("\n")) for cell, room in zip(cells, WIDTHS[1:5], strict=True)
        )
        page.set_row(line, ROW_HEIGHT * min(max(n_lines, 1), MAX_LINES) + 2)
        page.write_number(line, 0, doubt.question_id, styles.ours)
        for at, cell in enumerate(cells, start=1):
            page.write_string(line, at, _safe(cell), value if at == 3 and cell else plain)
        write_answer(page, styles, line, len(WIDTHS) - 2, doubt.verdict, doubt.reason)
    ask_in(page, len(WIDTHS) - 2, HEADER_ROW + 1, HEADER_ROW + max(len(doubts), 1))
    page.freeze_panes(HEADER_ROW + 1, 0)
    for_print(page)
    page.repeat_rows(HEADER_ROW)


def _safe(text: str) -> str:
    return safe_text(text, is_code=True)[1] if text else ""


def write_answer(page: Worksheet, styles: Styles, line: int, at: int, verdict: Verdict | None, reason: str) -> None:
    """Write the two cells for the answer, filled in where the sender answered before."""
    note = styles.of(border=1, border_color="#70AD47", bg_color="#FFFFFF", text_wrap=True, num_format="@", indent=1)
    if verdict is None:
        page.write_blank(line, at, None, styles.to_fill_in)
        page.write_blank(line, at + 1, None, note)
    else:
        page.write_string(line, at, verdict.zh, styles.to_fill_in)
        page.write_string(line, at + 1, neutralise(reason)[:MAX_CELL_LENGTH], note)


def ask_in(page: Worksheet, at: int, first: int, last: int) -> None:
    """Give the cells for answers their drop-down and the limit of the text."""
    words = [verdict.zh for verdict in Verdict]
    page.data_validation(
        first,
        at,
        last,
        at,
        {"validate": "list", "source": words, "error_title": VERDICT, "error_message": set_chinese("请选:" + "、".join(words))},
    )
    page.data_validation(
        first,
        at + 1,
        last,
        at + 1,
        {
            "validate": "length",
            "criteria": "<=",
            "value": MAX_REASON,
            "error_title": NOTE,
            "error_message": set_chinese(f"不超过 {MAX_REASON} 字。"),
        },
    )
