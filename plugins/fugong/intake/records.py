"""Writes what a load decided: rows of `intake.part` and `intake.submission`, findings, returned rows and shadow findings.

With `collect` (arrivals), `submissions` (replays, dry runs, receipts), `stale_days`, `sent_again`, `questions`,
`answers` and `obligations` (reminders) these are all the writers of `intake.*` in this package; the marts clear `intake.stale_day`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest
from typing import Any, LiteralString, cast

import psycopg
from psycopg.types.json import Jsonb

from fugong.contracts.schedule import due_at, load_calendar
from fugong.core.vocabulary import Mode, State
from fugong.evidence.tombstones import record_cells_cleared
from fugong.findings.finding import MAX_SHOWN_LENGTH, Finding
from fugong.findings.shadow import Example, ShadowKey
from fugong.intake import questions
from fugong.intake.evaluate import Evaluation
from fugong.intake.types import Accept, Counts, Outcome, PartToLoad, RepairedLines, Submission
from fugong.marts import gate
from fugong.privacy.detect import mask
from fugong.receipts.answers import LINE, SHEET
from fugong.receipts.resubmission import Original
from fugong.receipts.returned import code_columns
from fugong.validation.as_typed import quote_as_typed
from fugong.validation.run import TablePart


def take_serial(connection: psycopg.Connection, submission: Submission) -> tuple[datetime, int]:
    """Lock the settling clock until the commit and take the next serial; hold the gate until the commit has returned (`marts.gate`).

    Returns:
        The moment from which the submission counts (for history: of its arrival), and the serial.
    """
    row = connection.execute(
        f"""
        UPDATE intake.settle_clock
        SET settled_serial = settled_serial + 1,
            settled_at = CASE WHEN %(history)s THEN settled_at ELSE GREATEST(settled_at, clock_timestamp()) END
        RETURNING CASE WHEN %(history)s THEN %(received)s ELSE settled_at END, settled_serial, {gate.HOLD}
        """,
        {"history": submission.is_history, "received": submission.received_at},
    ).fetchone()
    assert row is not None  # the clock has one row
    return row[0], int(row[1])


def write_parts(connection: psycopg.Connection, submission: Submission, accepted: Accept) -> None:
    """Write a row of `intake.part` for every part, and the units that it is the first to report for."""
    for part in accepted.parts:
        connection.execute(
            "INSERT INTO intake.reporting_unit VALUES (%s, %s) ON CONFLICT DO NOTHING", (part.table.name, part.unit)
        )
        connection.execute(
            """
            INSERT INTO intake.part (
                part_id, submission_id, department_code, table_name, sheet, unit, report_date, mode, kind, version,
                is_replacement, business_from, business_to, settled_serial, received_at, settled_at, superseded_at,
                superseded_by, repairs_part, columns_present, rows_read, rows_accepted, rows_set_aside, rows_not_data
            ) OVERRIDING SYSTEM VALUE
            VALUES (
                %(part_id)s, %(submission_id)s, %(department_code)s, %(table_name)s, %(sheet)s, %(unit)s, %(report_date)s,
                %(mode)s, %(kind)s, %(version)s, %(is_replacement)s, %(business_from)s, %(business_to)s, %(settled_serial)s,
                %(received_at)s, %(settled_at)s, %(superseded_at)s, %(superseded_by)s, %(repairs_part)s, %(columns_present)s,
                %(rows_read)s, %(rows_accepted)s, %(rows_set_aside)s, %(rows_not_data)s
            )
            """,
            _part_row(part, submission, accepted),
        )


def _part_row(part: PartToLoad, submission: Submission, accepted: Accept) -> dict[str, Any]:
    day = accepted.identified.report_date
    is_flow = part.table.mode == Mode.INCREMENT and bool(part.days)
    counts = Counts(part.accepted, part.set_aside, part.not_data)
    return {
        "part_id": part.part_id,
        "submission_id": submission.submission_id,
        "department_code": submission.department,
        "table_name": part.table.name,
        "sheet": part.sheet,
        "unit": part.unit,
        "report_date": day,
        "mode": part.table.mode,
        "kind": part.kind,
        "version": part.version,
        "is_replacement": part.is_replacement,
        "business_from": min(part.days) if is_flow else day,
        "business_to": max(part.days) if is_flow else day,
        "settled_serial": accepted.settled_serial,
        "received_at": submission.received_at,
        "settled_at": accepted.settled_at,
        "superseded_at": part.superseded_at,
        "superseded_by": part.superseded_by,
        "repairs_part": part.repairs_part,
        "columns_present": list(part.columns_present),
        "rows_read": counts.read,
        "rows_accepted": counts.accepted,
        "rows_set_aside": counts.set_aside,
        "rows_not_data": counts.not_data,
    }


def mark_replaced(connection: psycopg.Connection, accepted: Accept, *, is_withdrawal: bool) -> None:
    """Mark the parts that are replaced, and the submissions of which no part counts any more."""
    for part in accepted.parts:
        if part.replaces:
            connection.execute(
                """
                UPDATE intake.part SET superseded_by = %s, superseded_at = GREATEST(settled_at, %s) WHERE part_id = ANY(%s)
                """,
                (part.part_id, accepted.settled_at, part.replaces),
            )
    replaced = [part_id for part in accepted.parts for part_id in part.replaces]
    if replaced:
        connection.execute(
            """
            UPDATE intake.submission
            SET state = CASE WHEN %(withdrawn)s THEN 'withdrawn' ELSE 'superseded' END
            WHERE submission_id IN (SELECT submission_id FROM intake.part WHERE part_id = ANY(%(replaced)s))
                AND NOT EXISTS (
                    SELECT FROM intake.part
                    WHERE part.submission_id = submission.submission_id AND part.superseded_at IS NULL
                )
            """,
            {"withdrawn": is_withdrawal, "replaced": replaced},
        )


def mark_repaired(
    connection: psycopg.Connection, submission: Submission, original: Original, repaired: Sequence[RepairedLines]
) -> None:
    """Mark the returned rows that a repair repairs, and the original (or a repair of it) as accepted once none is left."""
    connection.execute(
        "UPDATE intake.submission SET repairs = %s WHERE submission_id = %s", (original.submission_id, submission.submission_id)
    )
    for one in repaired:
        connection.execute(
            """
            WITH given AS (SELECT * FROM unnest(%(sheets)s::text[], %(lines)s::bigint[]) AS given (sheet, row_number)),
            returned AS (
                SELECT
                    line.submission_id,
                    line.sheet AS sheet_there,
                    line.row_number AS row_number_there,
                    CASE WHEN sent.repairs IS NULL THEN line.sheet ELSE ours.sheet END AS sheet,
                    CASE WHEN sent.repairs IS NULL THEN line.row_number::text ELSE ours.row_number END AS row_number
                FROM intake.set_aside_row AS line
                INNER JOIN intake.submission AS sent USING (submission_id)
                CROSS JOIN LATERAL (
                    SELECT
                        MIN(pair ->> 1) FILTER (WHERE pair ->> 0 = %(sheet)s) AS sheet,
                        MIN(pair ->> 1) FILTER (WHERE pair ->> 0 = %(line)s) AS row_number
                    FROM jsonb_array_elements(line.cells) AS pair
                ) AS ours
                WHERE (sent.submission_id = %(original)s OR sent.repairs = %(original)s)
                    AND line.table_name = %(table)s AND line.repaired_by IS NULL
            ),
            -- A line number without a sheet names one row only where no other sheet has that line.
            named AS (
                SELECT returned.*, MIN(sheet) OVER same = MAX(sheet) OVER same AS is_of_one_sheet
                FROM returned WINDOW same AS (PARTITION BY row_number)
            )
            UPDATE intake.set_aside_row AS line SET repaired_by = %(by)s
            FROM named INNER JOIN given ON named.row_number = given.row_number::text
            WHERE line.submission_id = named.submission_id AND line.table_name = %(table)s
                AND line.sheet = named.sheet_there AND line.row_number = named.row_number_there
                AND (named.sheet = given.sheet OR named.sheet IS NULL OR (given.sheet IS NULL AND named.is_of_one_sheet))
            """,
            {
                "by": submission.submission_id,
                "table": one.table,
                "original": original.submission_id,
                "sheets": [sheet for sheet, _ in one.lines],
                "lines": [line for _, line in one.lines],
                "sheet": SHEET,
                "line": LINE,
            },
        )
    connection.execute(
        """
        UPDATE intake.submission AS sent SET state = 'accepted'
        WHERE (submission_id = %(original)s OR repairs = %(original)s) AND state = 'partly_accepted'
            AND NOT EXISTS (
                SELECT FROM intake.set_aside_row AS returned
                WHERE returned.submission_id = sent.submission_id AND returned.repaired_by IS NULL
            )
        """,
        {"original": original.submission_id},
    )


def write_submission(
    connection: psycopg.Connection,
    submission: Submission,
    evaluation: Evaluation,
    state: State,
    moment: datetime,
    counts: Counts,
) -> Outcome:
    """Write state and counts of a submission, its findings, and the rows that go back.

    Raises:
        LookupError: another run has loaded the submission meanwhile.
    """
    contract, day = evaluation.contract, evaluation.report_date
    number = submission.submission_id
    written = connection.execute(
        """
        UPDATE intake.submission
        SET report = %(report)s, report_date = %(report_date)s, state = %(state)s, contract_version = %(contract_version)s,
            settled_at = %(settled_at)s, due_at = %(due_at)s, rows_read = %(rows_read)s, rows_accepted = %(rows_accepted)s,
            rows_set_aside = %(rows_set_aside)s, rows_not_data = %(rows_not_data)s, tables = %(tables)s
        WHERE submission_id = %(submission_id)s AND state = 'received'
        """,
        {
            "report": contract.id if contract else None,
            "report_date": day,
            "state": state,
            "contract_version": contract.version if contract else None,
            "settled_at": moment,
            "due_at": due_at(contract.due, day, load_calendar(connection)) if contract and day else None,
            "rows_read": counts.read,
            "rows_accepted": counts.accepted,
            "rows_set_aside": counts.set_aside,
            "rows_not_data": counts.not_data,
            "tables": Jsonb(_masked(evaluation.tables())),
            "submission_id": number,
        },
    )
    if written.rowcount != 1:
        raise LookupError(f"Submission {number} waits no longer: another run has loaded it meanwhile; nothing was loaded twice.")
    quote_as_typed(evaluation.parts, evaluation.findings)
    findings = _storable_findings(evaluation)
    asked = questions.of_findings(evaluation, submission.department, findings)
    came_up = [questions.CameUp(one, day, day) for one in asked if one is not None and day is not None]
    known = questions.register(connection, came_up, moment)
    copy_findings(connection, submission, findings, [None if one is None else known[one.digest] for one in asked])
    if state not in {State.DUPLICATE, State.REJECTED}:
        _copy_shadow_findings(connection, number, evaluation)
    if state in {State.PARTLY_ACCEPTED, State.REJECTED} and evaluation.findings.rows and not evaluation.is_quarantined:
        _copy_returned_rows(connection, number, evaluation)
    return Outcome(
        submission_id=number,
        department=submission.department,
        file_name=submission.file_name,
        report=contract.id if contract else None,
        report_date=day,
        state=state,
        rows_read=counts.read,
        rows_accepted=counts.accepted,
        rows_set_aside=counts.set_aside,
        rows_not_data=counts.not_data,
    )


def clear_returned_cells(connection: psycopg.Connection, days: int) -> int:
    """Delete the raw cells of returned rows that this warehouse has held for so many days. That a row went back, and why, is kept.

    The log keeps their digest.

    Returns:
        How many rows had cells.
    """
    with connection.transaction():
        rows = connection.execute(
            """
            SELECT DISTINCT submission_id
            FROM intake.set_aside_row INNER JOIN intake.submission USING (submission_id)
            WHERE recorded_at < now() - make_interval(days => %s) AND replied_at IS NOT NULL AND cells IS NOT NULL
            """,
            (days,),
        ).fetchall()
        old = [number for (number,) in rows]
        record_cells_cleared(connection, old)
        return connection.execute(
            "UPDATE intake.set_aside_row SET cells = NULL WHERE submission_id = ANY(%s) AND cells IS NOT NULL", (old,)
        ).rowcount


def _storable_findings(evaluation: Evaluation) -> list[Finding]:
    """The findings as they are stored: without personal data; numbers in columns of keys and accounts are no phone and card numbers."""
    tables = evaluation.contract.tables if evaluation.contract else ()
    codes = {name for table in tables for name in code_columns(table)}

    def masked(text: str | None, item: Finding) -> str | None:
        return None if text is None else _storable(mask(text, is_code=item.column_name in codes))

    return [
        replace(
            item,
            sheet=_storable(item.sheet) or "",
            value=masked(item.value, item),
            message_zh=masked(item.message_zh, item) or "",
            message_en=masked(item.message_en, item) or "",
            proposed=masked(item.proposed, item),
        )
        for item in evaluation.findings.all_findings()
    ]


def copy_findings(
    connection: psycopg.Connection,
    submission: Submission,
    findings: Sequence[Finding],
    asked: Sequence[questions.Asked | None] = (),
) -> None:
    """Write findings, without personal data, and the questions that they ask; none where `asked` is empty."""
    _copy_rows(
        connection,
        "COPY intake.finding (submission_id, sheet, row_number, cell, column_name, code, severity, value, message_zh, message_en, n_same,"
        " proposed, is_doubtful, rules, question_id, answer_id) FROM STDIN",
        (
            (
                submission.submission_id,
                item.sheet,
                item.row_number,
                item.cell,
                item.column_name,
                item.code,
                item.severity.value,
                item.value,
                item.message_zh,
                item.message_en,
                item.n_same,
                item.proposed,
                item.is_doubtful,
                list(item.rules) or None,
                one.question_id if one else None,
                one.answer_id if one else None,
            )
            for item, one in zip_longest(findings, asked)
        ),
    )


def _copy_returned_rows(connection: psycopg.Connection, number: int, evaluation: Evaluation) -> None:
    findings = evaluation.findings
    _copy_rows(
        connection,
        "COPY intake.set_aside_row (submission_id, table_name, sheet, row_number, cells, reasons) FROM STDIN",
        (
            (
                number,
                part.table.name,
                _storable(part.interpreted.sheet),
                line,
                _storable(json.dumps(_masked_cells(part, line, cells), ensure_ascii=False)),
                _storable(json.dumps(findings.reasons(part.interpreted.sheet, line), ensure_ascii=False)),
            )
            for part, line, cells in evaluation.returned_rows()
        ),
    )


def _copy_shadow_findings(connection: psycopg.Connection, number: int, evaluation: Evaluation) -> None:
    """What the rules in shadow found; no receipt reads this table."""
    codes = {table.name: code_columns(table) for table in evaluation.contract.tables} if evaluation.contract else {}

    def examples(key: ShadowKey, found: Sequence[Example]) -> str:
        is_code = key.column in codes[key.table]
        masked = [
            one._replace(value=None if one.value is None else mask(one.value[:MAX_SHOWN_LENGTH], is_code=is_code))
            for one in found
        ]
        return json.dumps([one._asdict() for one in masked], ensure_ascii=False)

    _copy_rows(
        connection,
        "COPY intake.shadow_finding (submission_id, table_name, column_name, code, severity, n, n_only_cause, examples, fault) FROM STDIN",
        (
            (
                number,
                *key,
                count.severity.value,
                count.n,
                count.n_only_cause,
                _storable(examples(key, count.examples)),
                count.fault,
            )
            for key, count in evaluation.findings.shadow.counts.items()
        ),
    )


def _masked(value: Any) -> Any:
    """A JSON value whose texts and names hold no personal data: headers and units are quoted as sent."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {mask(name): _masked(one) for name, one in cast(dict[str, Any], value).items()}
    return [_masked(one) for one in cast(list[Any], value)] if isinstance(value, list) else value


def _masked_cells(part: TablePart, line: int, cells: Sequence[Sequence[str | None]]) -> list[list[str | None]]:
    """Cells as typed, without personal data."""
    own = part.interpreted.header_at(line)
    names = {own.sent[at]: column.name for at, column in own.columns.items()}
    codes = code_columns(part.table)
    return [
        [None if header is None else mask(header), None if text is None else mask(text, is_code=names.get(header or "") in codes)]
        for header, text in cells
    ]


def _storable(text: str | None) -> str | None:
    """Text without NUL, which PostgreSQL cannot store."""
    return None if text is None else text.replace("\x00", "�").replace("\\u0000", "�")


def _copy_rows(connection: psycopg.Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor().copy(cast(LiteralString, statement)) as copy:
        for row in rows:
            copy.write_row(row)
