"""The one transaction that makes a judged file count: COPY, parts, what is superseded, a serial and the clock.

Rows are copied without a lock, invisible until the end; then the settling clock's row is locked, so that serials are given in
the order of commits, and what the file replaces or repeats is decided against what is then effective.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from fugong.contracts.contract import Contract
from fugong.contracts.schedule import due_at, load_calendar
from fugong.findings.catalogue import finding
from fugong.findings.collector import MAX_FAULTY_ROWS, TooManyFaults
from fugong.findings.finding import MAX_SHOWN_LENGTH, Finding
from fugong.findings.shadow import Example, ShadowKey
from fugong.intake.copy import copy_parts
from fugong.intake.evaluate import Evaluation, TablePart
from fugong.intake.types import AskedBack, Outcome, PartToLoad, Submission
from fugong.intake.versions import join_original, join_replayed, place, withdrawals
from fugong.privacy.detect import mask
from fugong.receipts.resubmission import Original
from fugong.receipts.returned_rows import LINE, code_columns

CARRY_DAYS = 3


def settle(connection: psycopg.Connection, submission: Submission, evaluation: Evaluation) -> Outcome:
    """Settle a judged file in one transaction (two, when what it repeats or replaces is only seen under the lock).

    Args:
        connection: not in autocommit mode, no transaction open.

    Raises:
        ConfigurationError: our contract or suite is at fault; nothing is settled.
        NotInOnePass: nothing is settled; the file has to be judged with all its lines typed first.
    """
    contract, day = evaluation.contract, evaluation.report_date
    if evaluation.is_rejected or contract is None or day is None:
        return _settle_rejected(connection, submission, evaluation)
    may_repeat = evaluation.marks.is_withdrawal or submission.replays is not None
    try:
        with connection.transaction():
            if not may_repeat and _has_twin(connection, submission, contract, day):
                return _settle_duplicate(connection, submission, evaluation)
            if not evaluation.marks.is_withdrawal:
                _say_stale_copy(connection, submission, evaluation, contract, day)
            parts = [] if evaluation.marks.is_withdrawal else copy_parts(connection, submission, evaluation)
            if not evaluation.marks.is_withdrawal and evaluation.n_data and not any(part.accepted for part in parts):
                raise TooManyFaults
            moment, serial = _lock(connection, submission)
            if evaluation.marks.is_withdrawal:
                parts = withdrawals(connection, submission, contract, day)
            elif submission.replays is not None:
                parts += join_replayed(connection, submission.replays, parts, contract, moment)
            elif evaluation.original is not None:
                join_original(connection, evaluation.original, parts)
            elif _has_twin(connection, submission, contract, day):
                raise psycopg.Rollback  # another run settled the same bytes meanwhile
            for part in parts:
                place(connection, submission, evaluation, part, parts, moment, day)
            return _write(connection, submission, evaluation, parts, moment, serial)
    except AskedBack as asked:
        evaluation.faults.findings.append(asked.item)
    except TooManyFaults:
        if len(evaluation.faults.rows) > MAX_FAULTY_ROWS:
            evaluation.faults.findings.append(finding("too-many-faults", value=MAX_FAULTY_ROWS))
    else:
        with connection.transaction():
            return _settle_duplicate(connection, submission, evaluation)
    return _settle_rejected(connection, submission, evaluation)


def _has_twin(connection: psycopg.Connection, submission: Submission, contract: Contract, day: date) -> bool:
    """Whether a submission of the same bytes, department, report and date is effective; one that withdraws holds nothing."""
    row = connection.execute(
        """
        SELECT 1 FROM intake.submission
        WHERE sha256 = %s AND department_code = %s AND report = %s AND report_date = %s AND submission_id <> %s
            AND state IN ('accepted', 'partly_accepted')
            AND NOT EXISTS (
                SELECT FROM intake.part WHERE part.submission_id = submission.submission_id AND part.kind = 'withdrawal'
            )
        LIMIT 1
        """,
        (submission.sha256, submission.department, contract.id, day, submission.submission_id),
    ).fetchone()
    return row is not None


def _say_stale_copy(
    connection: psycopg.Connection, submission: Submission, evaluation: Evaluation, contract: Contract, day: date
) -> None:
    """Tell the sender of the same bytes that were sent for another day: only the name may have been changed."""
    row = connection.execute(
        """
        SELECT report_date FROM intake.submission
        WHERE sha256 = %s AND department_code = %s AND report = %s AND report_date <> %s
            AND state IN ('accepted', 'partly_accepted', 'superseded')
        ORDER BY received_at DESC, submission_id DESC
        LIMIT 1
        """,
        (submission.sha256, submission.department, contract.id, day),
    ).fetchone()
    if row is not None:
        evaluation.faults.add(finding("stale-copy", value=row[0]))


def _lock(connection: psycopg.Connection, submission: Submission) -> tuple[datetime, int]:
    """Take the settling clock until the commit.

    Returns:
        The moment of settling (for history: of arrival) and the serial.
    """
    row = connection.execute(
        """
        UPDATE intake.settle_clock
        SET settled_serial = settled_serial + 1,
            settled_at = CASE WHEN %(history)s THEN settled_at ELSE GREATEST(settled_at, clock_timestamp()) END
        RETURNING CASE WHEN %(history)s THEN %(received)s ELSE settled_at END, settled_serial
        """,
        {"history": submission.is_history, "received": submission.received_at},
    ).fetchone()
    assert row is not None  # the clock has one row
    return row[0], int(row[1])


def _write(
    connection: psycopg.Connection,
    submission: Submission,
    evaluation: Evaluation,
    parts: Sequence[PartToLoad],
    moment: datetime,
    serial: int,
) -> Outcome:
    contract, day = evaluation.contract, evaluation.report_date
    assert contract is not None and day is not None  # settle looked
    last_day = connection.execute("SELECT MAX(report_date) FROM intake.part").fetchone()
    for part in parts:
        is_flow = part.table.mode == "increment" and part.days
        span = (min(part.days), max(part.days)) if is_flow else (day, day)
        connection.execute("INSERT INTO intake.speaker VALUES (%s, %s) ON CONFLICT DO NOTHING", (part.table.name, part.unit))
        connection.execute(
            """
            INSERT INTO intake.part (
                part_id, submission_id, department_code, table_name, sheet, unit, report_date, mode, kind, version,
                is_replacement, business_from, business_to, settled_serial, received_at, settled_at, superseded_at,
                superseded_by, repairs_part, present, rows_read, rows_accepted, rows_set_aside, rows_not_data
            ) OVERRIDING SYSTEM VALUE
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            (
                part.part_id,
                submission.submission_id,
                submission.department,
                part.table.name,
                part.sheet,
                part.unit,
                day,
                part.table.mode,
                part.kind,
                part.version,
                part.is_replacement,
                *span,
                serial,
                submission.received_at,
                moment,
                part.superseded_at,
                part.superseded_by,
                part.repairs_part,
                list(part.present),
                part.accepted + part.set_aside + part.not_data,
                part.accepted,
                part.set_aside,
                part.not_data,
            ),
        )
        if part.replaces:
            connection.execute(
                """
                UPDATE intake.part SET superseded_by = %s, superseded_at = GREATEST(settled_at, %s) WHERE part_id = ANY(%s)
                """,
                (part.part_id, moment, part.replaces),
            )
        _mark_stale(connection, part, day, serial)
    replaced = [part_id for part in parts for part_id in part.replaces]
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
            {"withdrawn": evaluation.marks.is_withdrawal, "replaced": replaced},
        )
    if last_day is not None and last_day[0] is not None and day > last_day[0]:
        # A new calendar day: what is carried or held reaches it.
        connection.execute(
            """
            INSERT INTO intake.stale_day (table_name, day, settled_serial)
            SELECT DISTINCT part.table_name, day::date, %(serial)s
            FROM intake.part
            CROSS JOIN generate_series(%(last)s::date + 1, %(day)s::date, INTERVAL '1 day') AS day
            WHERE part.mode IN ('snapshot', 'ledger')
            ON CONFLICT (table_name, day) DO UPDATE SET settled_serial = excluded.settled_serial
            """,
            {"serial": serial, "last": last_day[0], "day": day},
        )
    if evaluation.original is not None:
        _mark_repaired(connection, submission, evaluation, evaluation.original)
    accepted = sum(part.accepted for part in parts)
    set_aside = sum(part.set_aside for part in parts)
    if parts and all(part.superseded_at is not None for part in parts):
        state = "withdrawn" if all(part.is_withdrawn for part in parts) else "superseded"
    else:
        state = "partly_accepted" if set_aside else "accepted"
    return _write_submission(
        connection, submission, evaluation, state, moment, accepted, set_aside, sum(part.not_data for part in parts)
    )


def _mark_repaired(connection: psycopg.Connection, submission: Submission, evaluation: Evaluation, original: Original) -> None:
    """Note which returned rows are mended; when all are, the original counts as accepted, and so does a repair of it.

    Raises:
        AskedBack: a row that was mended before comes with other content.
    """
    connection.execute(
        "UPDATE intake.submission SET repairs = %s WHERE submission_id = %s", (original.submission_id, submission.submission_id)
    )
    for part in evaluation.parts:
        table = part.table.name
        lines = _lines_mended(evaluation, part)
        loaded = {
            int(row[0])
            for row in connection.execute(
                sql.SQL(
                    "SELECT row_number FROM {} WHERE part_id IN (SELECT part_id FROM intake.part WHERE submission_id = %s)"
                ).format(sql.Identifier("report", table)),
                (submission.submission_id,),
            )
        }
        again = connection.execute(
            """
            SELECT MIN(row_number) FROM intake.set_aside_row
            WHERE submission_id = %s AND table_name = %s AND row_number = ANY(%s) AND repaired_by IS NOT NULL
            """,
            (original.submission_id, table, [line for row_number, line in lines.items() if row_number in loaded]),
        ).fetchone()
        if again is not None and again[0] is not None:
            raise AskedBack(
                finding("mended-before", sheet=part.interpreted.sheet, row_number=again[0], value=original.submission_id)
            )
        connection.execute(
            """
            UPDATE intake.set_aside_row AS returned SET repaired_by = %(by)s
            FROM intake.submission AS sent
            WHERE returned.submission_id = sent.submission_id AND returned.table_name = %(table)s AND returned.repaired_by IS NULL
                AND (
                    (sent.submission_id = %(original)s AND returned.row_number = ANY(%(lines)s))
                    OR (sent.repairs = %(original)s AND EXISTS (
                        SELECT FROM jsonb_array_elements(returned.cells) AS pair
                        WHERE pair ->> 0 = %(header)s AND pair ->> 1 = ANY(%(lines)s::text[])
                    ))
                )
            """,
            {
                "by": submission.submission_id,
                "table": table,
                "original": original.submission_id,
                "lines": sorted(set(lines.values())),
                "header": LINE,
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


def _lines_mended(evaluation: Evaluation, part: TablePart) -> dict[int, int]:
    """The rows of a repair that are good: line → the line that it has in the file that was sent first."""
    good = set(part.interpreted.row_numbers.tolist()) - evaluation.set_aside_lines(part)
    told = (
        (row_number, next((text for header, text in cells if header == LINE), None))
        for row_number, cells in evaluation.raw(part, good).items()
    )
    return {row_number: int(text) for row_number, text in told if text is not None and text.isdecimal()}


def _mark_stale(connection: psycopg.Connection, part: PartToLoad, day: date, serial: int) -> None:
    """A snapshot makes D … D+3 stale, a ledger D until its successor, an increment the business dates it touches."""
    table = part.table
    given: dict[str, Any] = {
        "table": table.name,
        "unit": part.unit,
        "day": day,
        "serial": serial,
        "days": sorted(part.days),
        "part": part.part_id,
        "replaced": part.replaces,
    }
    if table.mode == "snapshot":
        days = sql.SQL(
            "SELECT day::date AS day FROM generate_series(%(day)s::date, %(day)s::date + {}, INTERVAL '1 day') AS day"
        ).format(CARRY_DAYS)
    elif table.mode == "ledger":
        days = sql.SQL(
            """
            SELECT day::date AS day FROM generate_series(
                %(day)s::date,
                COALESCE(
                    (SELECT MIN(report_date) - 1 FROM intake.part
                     WHERE table_name = %(table)s AND unit = %(unit)s AND report_date > %(day)s
                         AND superseded_at IS NULL AND kind = 'data'),
                    (SELECT MAX(report_date) FROM intake.part)
                ),
                INTERVAL '1 day'
            ) AS day
            """
        )
    elif table.business_date:
        report, business = sql.Identifier("report", table.name), sql.Identifier(table.business_date)
        days = sql.SQL(
            "SELECT unnest(%(days)s::date[]) AS day UNION SELECT DISTINCT {} FROM {} WHERE part_id = ANY(%(replaced)s)"
        ).format(business, report)
        if table.first_of:
            days = sql.SQL(
                """
                {} UNION SELECT DISTINCT other.{business} FROM {report} AS other
                WHERE other.{member} IN (SELECT {member} FROM {report} WHERE part_id = %(part)s OR part_id = ANY(%(replaced)s))
                """
            ).format(days, business=business, report=report, member=sql.Identifier(table.first_of))
    else:
        days = sql.SQL("SELECT %(day)s::date AS day")
    connection.execute(
        sql.SQL(
            """
            INSERT INTO intake.stale_day (table_name, day, settled_serial)
            SELECT %(table)s, day, %(serial)s FROM ({}) AS days WHERE day IS NOT NULL
            ON CONFLICT (table_name, day) DO UPDATE SET settled_serial = excluded.settled_serial
            """
        ).format(days),
        given,
    )


def _settle_rejected(connection: psycopg.Connection, submission: Submission, evaluation: Evaluation) -> Outcome:
    evaluation.complete()
    with connection.transaction():
        moment, _ = _lock(connection, submission)
        n_data = evaluation.n_data
        return _write_submission(connection, submission, evaluation, "rejected", moment, 0, n_data, evaluation.rows_read - n_data)


def _settle_duplicate(connection: psycopg.Connection, submission: Submission, evaluation: Evaluation) -> Outcome:
    """Nothing of a duplicate is loaded; its data lines are held already, so they are not data here."""
    evaluation.complete()
    moment, _ = _lock(connection, submission)
    evaluation.faults.findings.clear()
    evaluation.faults.rows.clear()
    return _write_submission(connection, submission, evaluation, "duplicate", moment, 0, 0, evaluation.rows_read)


def _write_submission(
    connection: psycopg.Connection,
    submission: Submission,
    evaluation: Evaluation,
    state: str,
    moment: datetime,
    accepted: int,
    set_aside: int,
    not_data: int,
) -> Outcome:
    contract, day = evaluation.contract, evaluation.report_date
    due = due_at(contract.due, day, load_calendar(connection)) if contract is not None and day is not None else None
    number = submission.submission_id
    written = connection.execute(
        """
        UPDATE intake.submission
        SET report = %s, report_date = %s, state = %s, contract_version = %s, settled_at = %s, due_at = %s,
            rows_read = %s, rows_accepted = %s, rows_set_aside = %s, rows_not_data = %s, tables = %s
        WHERE submission_id = %s AND state = 'received'
        """,
        (
            contract.id if contract else None,
            day,
            state,
            contract.version if contract else None,
            moment,
            due,
            accepted + set_aside + not_data,
            accepted,
            set_aside,
            not_data,
            Jsonb(evaluation.tables()),
            number,
        ),
    )
    if written.rowcount != 1:
        raise LookupError(
            f"Submission {number} waits no longer: it was settled by another run meanwhile; nothing was loaded twice."
        )
    _copy_rows(
        connection,
        "COPY intake.finding (submission_id, sheet, row_number, cell, column_name, code, severity, value, message_zh, message_en, n_same)"
        " FROM STDIN",
        (
            (
                number,
                _clean(item.sheet),
                item.row_number,
                item.cell,
                item.column_name,
                item.code,
                item.severity.value,
                _shown(item.value, item, evaluation),
                _shown(item.message_zh, item, evaluation),
                _shown(item.message_en, item, evaluation),
                item.n_same,
            )
            for item in evaluation.faults.all_findings()
        ),
    )
    if state not in {"duplicate", "rejected"}:
        _copy_shadow(connection, number, evaluation)
    if state in {"partly_accepted", "rejected"} and evaluation.faults.rows and not evaluation.is_quarantined:
        _copy_rows(
            connection,
            "COPY intake.set_aside_row (submission_id, table_name, sheet, row_number, cells, reasons) FROM STDIN",
            (
                (
                    number,
                    part.table.name,
                    _clean(part.interpreted.sheet),
                    line,
                    _clean(json.dumps(_masked(part, cells), ensure_ascii=False)),
                    _clean(json.dumps(evaluation.faults.reasons(part.interpreted.sheet, line), ensure_ascii=False)),
                )
                for part, line, cells in evaluation.raw_set_aside()
            ),
        )
    return Outcome(
        submission_id=number,
        department=submission.department,
        file_name=submission.file_name,
        report=contract.id if contract else None,
        report_date=day,
        state=state,
        rows_read=accepted + set_aside + not_data,
        rows_accepted=accepted,
        rows_set_aside=set_aside,
        rows_not_data=not_data,
    )


def _copy_shadow(connection: psycopg.Connection, number: int, evaluation: Evaluation) -> None:
    """What the rules in shadow found, where no receipt looks."""
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
        "COPY intake.shadow_finding (submission_id, table_name, column_name, code, severity, n, n_alone, examples, fault) FROM STDIN",
        (
            (number, *key, count.severity.value, count.n, count.n_alone, _clean(examples(key, count.examples)), count.fault)
            for key, count in evaluation.faults.shadow.counts.items()
        ),
    )


def _shown(text: str | None, item: Finding, evaluation: Evaluation) -> str | None:
    """A text of a finding without personal data; numbers of keys and accounts are not taken for phones and cards."""
    if text is None:
        return None
    tables = evaluation.contract.tables if evaluation.contract else ()
    is_code = any(item.column_name in code_columns(table) for table in tables)
    return _clean(mask(text, is_code=is_code))


def _masked(part: TablePart, cells: Sequence[Sequence[str | None]]) -> list[list[str | None]]:
    """Cells as typed without personal data."""
    names = {part.interpreted.header.sent[at]: column.name for at, column in part.interpreted.header.columns.items()}
    codes = code_columns(part.table)
    return [[header, None if text is None else mask(text, is_code=names.get(header or "") in codes)] for header, text in cells]


def _clean(text: str | None) -> str | None:
    """Text without NUL, which PostgreSQL cannot hold."""
    return None if text is None else text.replace("\x00", "�").replace("\\u0000", "�")


def _copy_rows(connection: psycopg.Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor().copy(cast(LiteralString, statement)) as copy:
        for row in rows:
            copy.write_row(row)
