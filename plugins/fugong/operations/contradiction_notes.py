"""Notes in outboxes about rows that contradict other reports. Such rows stay loaded.

A sender reads its own values, and that they contradict another report; what that report says it reads only where the check tells it
(`tells`). It answers in the workbook; what it settled is not asked about again while its values stay.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from fugong.core.sanitize import file_stem
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.typesetting import set_chinese
from fugong.core.vocabulary import ReceiptSheet, Verdict
from fugong.evidence import settlement as evidence
from fugong.figures.cross_checks import Contradiction, contradictions
from fugong.intake import questions
from fugong.marts import asof
from fugong.receipts import to_verify
from fugong.receipts.resubmission import CHECKED
from fugong.receipts.styles import Styles, new_book
from fugong.storage import outbox
from fugong.storage.modes import private_folder

NOTE = f"{CHECKED}.txt"
WORKBOOK = f"{CHECKED}.xlsx"
EXAMPLES = 10
"""Rows listed per check; the note counts the others, and the workbook has them."""


def write_notes(connection: psycopg.Connection, settings: Settings) -> None:
    """Write `核对提示.txt` and `.xlsx` into `outbox/<DEPT>` with the contradictions as of the last day reported on that nobody settled.

    Deletes them where there are none. Notes in the warehouse what is asked, and what is not any more.
    """
    days = asof.reported_days(connection)
    as_of = max(days, default=None)
    found = [] if as_of is None else [one for one in contradictions(connection, settings.include, as_of) if one.department_code]
    numbers = _ask(connection, found)
    by_department: defaultdict[str, list[Contradiction]] = defaultdict(list)
    for one in found:
        by_department[one.department_code or ""].append(one)
    to_ask = {name: rows for name, rows in by_department.items() if not all(one.is_settled for one in rows)}
    names = dict(connection.execute("SELECT department_code, name_zh FROM ref.department").fetchall())
    folders = {file_stem(department) for department in to_ask}

    def answer(department: str, folder: outbox.AnswerFolder) -> None:
        assert as_of is not None  # there are rows
        rows = to_ask[department]
        _replace(folder, NOTE, text(rows, as_of).replace("\n", "\r\n").encode("utf-8-sig"))
        doubts = list(_doubts(connection, [one for one in rows if not one.is_settled], numbers))
        if doubts:
            heading = f"{ReceiptSheet.TO_VERIFY} · {CHECKED} · 截至 {as_of} · {names.get(department, department)}"
            _replace(folder, WORKBOOK, _workbook(settings, heading, doubts))

    for name in (NOTE, WORKBOOK):
        settled = [department for department in outbox.departments_with(settings, name) if department not in folders]
        outbox.answer_each(settings, settled, lambda _, folder, name=name: folder.remove(name))
    outbox.answer_each(settings, to_ask, answer)


def _replace(folder: outbox.AnswerFolder, name: str, content: bytes) -> None:
    if folder.read(name) != content:
        folder.write(name, content)


def _ask(connection: psycopg.Connection, found: Sequence[Contradiction]) -> Mapping[str, int]:
    """Record what senders are asked: digest of a question → its number."""
    now = datetime.now(SHANGHAI)
    asked = [one for one in found if one.finding_id is None]
    came_up = [questions.CameUp(one.question, one.first_day, one.last_day) for one in asked]
    with connection.transaction():
        known = questions.register(connection, came_up, now)
        closed = questions.close_others(connection, [one.question for one in asked], now)
        evidence.record_rows(
            connection, evidence.QUESTIONS, "", {"question": [*(one.question_id for one in known.values()), *closed]}
        )
    return {digest: one.question_id for digest, one in known.items()}


def text(rows: Iterable[Contradiction], as_of: date) -> str:
    """The note, for a clerk to read in any editor.

    Args:
        rows: those of one department; rows of one check stand together.
    """
    lines = [
        f"截至 {as_of},以下行与其他报表或以前的报送不一致。已入库的数据没有改动,也没有退回;请核对,有误的请报更正。",
        f"数没有错的,请在“{WORKBOOK}”里选“{Verdict.CONFIRMED.zh}”或“{Verdict.DEFINITION.zh}”并写明理由,放回收件夹;值不变的,以后不再询问。",
        "",
    ]
    every = list(rows)
    for check, group in groupby((one for one in every if not one.is_settled), key=lambda one: one.check):
        same = sorted(group, key=lambda one: (one.first_day, one.key), reverse=True)
        lines.append(f"{check.id} {check.message.zh.format(n_rows=sum(one.n_rows for one in same))}:")
        lines += [f"  {line}" for line in _lines(same[:EXAMPLES])]
        if len(same) > EXAMPLES:
            lines.append(f"  ……另有 {len(same) - EXAMPLES} 处。")
        lines.append("")
    if n_settled := sum(one.is_settled for one in every):
        lines += [f"另有 {n_settled} 处贵单位已核实,不再列出。", ""]
    lines += ["核对无误或更正入库后,本提示自动更新。", ""]
    return "\n".join(lines)


def _lines(rows: Sequence[Contradiction]) -> Iterable[str]:
    for one in rows:
        yield f"{_place(one)}:{one.text_for_sender('zh')}"


def _place(one: Contradiction) -> str:
    place = " ".join(part for part in (one.file_name, one.sheet, one.row_number and f"第 {one.row_number} 行") if part)
    return f"{place}({f'{one.first_day} 起' if one.n_days > 1 else f'{one.first_day}'})"


def _doubts(
    connection: psycopg.Connection, rows: Sequence[Contradiction], numbers: Mapping[str, int]
) -> Iterator[to_verify.Doubt]:
    """The rows of the workbook: a contradiction that a finding told before has the number of that one."""
    of_findings = dict(
        connection.execute(
            "SELECT finding_id, question_id FROM intake.finding WHERE finding_id = ANY(%s) AND question_id IS NOT NULL",
            ([one.finding_id for one in rows if one.finding_id is not None],),
        ).fetchall()
    )
    before = _answers_before(connection, rows)
    for one in rows[: to_verify.MAX_QUESTIONS]:
        number = numbers.get(one.question.digest) if one.finding_id is None else of_findings.get(one.finding_id)
        if number is None:
            continue
        sentence = set_chinese(one.check.message.zh.format(n_rows=1) + "。")
        if changed := before.get(one.question.key_digest):
            sentence += to_verify.changed_since(changed)
        answer = one.answer
        if answer is not None and answer.verdict is Verdict.CORRECTED:
            sentence += set_chinese(f"贵单位答过“{Verdict.CORRECTED.zh}”,但没有看到改动。")
        is_pending = answer is not None and answer.verdict is Verdict.PENDING
        yield to_verify.Doubt(
            number,
            _place(one),
            one.check.id,
            one.text_for_sender("zh"),
            sentence,
            Verdict.PENDING if is_pending else None,
            answer.reason if answer is not None and is_pending else "",
        )


def _answers_before(connection: psycopg.Connection, rows: Sequence[Contradiction]) -> Mapping[str, Mapping[str, Any]]:
    """Digest of a doubt whatever the value → the newest answer about another value."""
    questions_now = [one.question for one in rows]
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            """
            SELECT question.key_digest, question.value AS value_before, answer.verdict AS verdict_before, answer.reason AS reason_before
            FROM intake.question
            INNER JOIN intake.answer ON question.question_id = answer.question_id
            WHERE question.key_digest = ANY(%s) AND question.digest <> ALL(%s)
                AND answer.superseded_at IS NULL AND answer.verdict IN ('confirmed', 'definition')
            ORDER BY answer.answer_id
            """,
            ([one.key_digest for one in questions_now], [one.digest for one in questions_now]),
        ).fetchall()
    return {row["key_digest"]: row for row in found}


def _workbook(settings: Settings, heading: str, doubts: Sequence[to_verify.Doubt]) -> bytes:
    """The workbook; the same bytes for the same doubts."""
    with tempfile.TemporaryDirectory(dir=private_folder(settings.spool)) as work:
        path = Path(work) / WORKBOOK
        book = new_book(path, Path(work), title=CHECKED, subject=heading)
        to_verify.write(book, Styles(book), heading, doubts, set())
        book.close()
        return path.read_bytes()
