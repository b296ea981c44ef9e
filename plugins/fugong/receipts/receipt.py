"""The receipt: our answer to a submission, built from the tables alone, so that it can be written again at any time.

A receipt shows the state at the time of the answer. What changes later (the state, who replaced whom) is noted in
`intake.submission.receipt` by intake before the first `write`, and read from there ever after.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from fugong.contracts.contract import Contracts
from fugong.core.errors import NotFoundError
from fugong.core.sanitize import file_stem
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import State
from fugong.evidence import log
from fugong.parsing.file_name import without_our_ending
from fugong.privacy.detect import mask
from fugong.receipts import returned
from fugong.receipts.answers import REFUSED
from fugong.receipts.text import N_EXAMPLES, text
from fugong.storage import quarantine
from fugong.storage.archive import archived
from fugong.storage.modes import private_folder
from fugong.storage.outbox import AnswerFolder, open_outbox

if TYPE_CHECKING:
    from fugong.validation.context import IntakeContext

MAX_LISTED_FINDINGS = 20_000
"""Findings in the .json. Beyond it, only the first three of each code and column are listed; `finding_counts` counts all."""
INTERNAL_COLUMNS = {"arrival_id", "receipt", "replied_at"}
"""Columns of `intake.submission` that the .json leaves out. Two of them change when the receipt is written."""


class NotYetSettledError(Exception):
    """Raised when a receipt is requested before the submission is settled. A fault of ours: the steps run in order."""


@dataclass(frozen=True)
class Receipt:
    """A receipt, and the state of its submission today.

    Attributes:
        document: what the .json holds.
        state_now: the state today; `document["state"]` is the state at the time of the receipt.
    """

    document: Mapping[str, Any]
    state_now: str

    @property
    def moment(self) -> dict[str, Any]:
        """What `intake.submission.receipt` fixes of the document, so that every later receipt says the same."""
        return {name: self.document[name] for name in MOMENT}


def write(
    connection: psycopg.Connection[Any],
    settings: Settings,
    context: IntakeContext,
    receipt: Receipt,
    *,
    names: Mapping[str, str],
    attempt: tuple[Path, AnswerFolder] | None = None,
) -> list[Path]:
    """Write the receipt of a settled submission into its sender's outbox; the same files when repeated.

    The caller stores `receipt.moment` before, and notes afterwards that the files are written.

    Args:
        names: of the departments.
        attempt: of a file that was only tried: the file, and the folder for its receipt.

    Returns:
        The files: .json, .txt and, where there are cells to point at, the workbook.

    Raises:
        NotFoundError: there is no such submission.
        NotYetSettledError: it has not been settled.
    """
    from fugong.receipts import workbook

    document = receipt.document
    submission_id = document["submission_id"]
    if document["state"] == State.RECEIVED:
        raise NotYetSettledError(f"Submission {submission_id} has not been settled; there is nothing to answer yet.")
    name = f"{_stem(document['file_name'])}{_ending(document)}"
    workbooks: list[Path] = []
    # Raw cells and sealed originals are deleted after their retention; a workbook written before that stays as it is.
    has_cells = not document["n_returned"] or returned.has_cells(connection, submission_id)
    into = nullcontext(attempt[1]) if attempt else open_outbox(settings, document["department_code"])
    with tempfile.TemporaryDirectory(dir=private_folder(settings.spool)) as work, into as folder:
        sha256: str | None = document["sha256"]
        file = attempt[0] if attempt else quarantine.original(settings, sha256, Path(work))
        if document["workbook"] and has_cells and (file is not None or (sha256 is not None and not is_sealed(document))):
            draft = Path(work) / "receipt.xlsx"
            place = file or archived(settings, sha256 or "")
            workbook.write(connection, settings, context, document, place, draft, names=names)
            workbooks.append(folder.put(document["workbook"], draft))
        # Notepad before Windows 10 (2018) shows a text with bare line feeds as one line.
        said = folder.write(f"{name}.txt", text(document).replace("\n", "\r\n").encode())
        listed = folder.write(f"{name}.json", (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode())
    return [listed, said, *workbooks]


def _stem(file_name: str) -> str:
    """The sender's part of a file name, also where we appended an ending of ours."""
    return file_stem(without_our_ending(file_name)[0])


def file_names(document: Mapping[str, Any]) -> dict[str, str]:
    """What the files of a receipt are called in the outbox: `txt`, `json` and, where there is one, `xlsx`."""
    name = f"{_stem(document['file_name'])}{_ending(document)}"
    found = {"txt": f"{name}.txt", "json": f"{name}.json"}
    return found | ({"xlsx": document["workbook"]} if document["workbook"] else {})


def is_sealed(document: Mapping[str, Any]) -> bool:
    """Whether the original of an answered submission is sealed, or deleted since: it holds personal data."""
    return any(count["code"] in {"personal-data", "personal-contact"} for count in document["finding_counts"])


def _ending(document: Mapping[str, Any]) -> str:
    return f".{'试投' if document['is_trial'] else document['submission_id']}.回执"


def load(
    connection: psycopg.Connection[Any],
    contracts: Contracts,
    submission_id: int,
    *,
    is_trial: bool = False,
    schema: str = "intake",
) -> Receipt:
    """Build the receipt of a submission from the tables.

    Args:
        is_trial: the submission is a dry run; nothing of it is kept.
        schema: `sent` for the role of a department, which reads nothing of others.

    Raises:
        NotFoundError: there is no such submission.
    """
    rows = _rows(connection, schema)
    found = rows("SELECT * FROM {schema}.submission WHERE submission_id = %s", submission_id)
    if not found:
        raise NotFoundError(f"没有第 {submission_id} 号报送。 | There is no submission {submission_id}.")
    submission = found[0]
    contract = next((contract for contract in contracts if submission["report"] in {contract.id, contract.report}), None)
    moment: dict[str, Any] = submission["receipt"] or {}
    if moment:
        moment = {"evidence_head": None} | moment  # a receipt that was written before there were heads
    if not set(MOMENT) <= set(moment):  # not answered yet, or by a version that noted fewer facts
        moment = _moment(rows, submission) | {"evidence_head": None if is_trial else _head(connection)} | moment
    parts = rows(
        """
        SELECT
            part_id, table_name, sheet, unit, report_date, mode, kind, version, is_replacement, settled_at,
            rows_read, rows_accepted, rows_set_aside, rows_not_data
        FROM {schema}.part WHERE submission_id = %s ORDER BY part_id
        """,
        submission_id,
    )
    [has] = rows(
        """
        SELECT
            EXISTS (SELECT FROM {schema}.finding WHERE submission_id = %s) AS findings,
            EXISTS (SELECT FROM {schema}.answer WHERE submission_id = %s) AS answers
        """,
        submission_id,
        submission_id,
    )
    of_findings, of_answers = (rows if is_there else _none for is_there in (has["findings"], has["answers"]))
    findings = of_findings(
        """
        SELECT sheet, row_number, cell, column_name, code, severity, value, message_zh, message_en, n_same, proposed, is_doubtful
        FROM (
            SELECT
                finding.*,
                row_number() OVER (ORDER BY finding_id) AS place,
                row_number() OVER (
                    PARTITION BY severity, code, column_name ORDER BY finding_id
                ) AS place_in_group
            FROM {schema}.finding AS finding WHERE submission_id = %s AND NOT (severity = 'warning' AND answer_id IS NOT NULL)
        ) AS numbered
        WHERE place <= %s OR place_in_group <= %s
        ORDER BY place
        """,
        submission_id,
        MAX_LISTED_FINDINGS,
        N_EXAMPLES,
    )
    counts = of_findings(
        """
        SELECT severity, code, column_name, sum(n_same)::bigint AS n
        FROM {schema}.finding WHERE submission_id = %s AND NOT (severity = 'warning' AND answer_id IS NOT NULL)
        GROUP BY severity, code, column_name ORDER BY min(finding_id)
        """,
        submission_id,
    )
    verified = of_findings(
        """
        SELECT
            finding.sheet, finding.row_number, finding.cell, finding.column_name, finding.code, finding.severity, finding.value,
            finding.message_zh, finding.message_en, finding.n_same, answer.verdict, answer.reason
        FROM {schema}.finding INNER JOIN {schema}.answer ON finding.answer_id = answer.answer_id
        WHERE finding.submission_id = %s
        ORDER BY finding.finding_id LIMIT %s
        """,
        submission_id,
        MAX_LISTED_FINDINGS,
    )
    answers = of_answers(
        """
        SELECT
            answer.question_id, question.subject, question.code, question.column_name, question.item, question.row_key, question.value,
            answer.verdict, answer.reason
        FROM {schema}.answer INNER JOIN {schema}.question ON answer.question_id = question.question_id
        WHERE answer.submission_id = %s
        ORDER BY answer.answer_id
        """,
        submission_id,
    )
    to_verify = of_findings(
        """
        SELECT COUNT(DISTINCT question_id) AS n FROM {schema}.finding
        WHERE submission_id = %s AND severity = 'warning' AND question_id IS NOT NULL AND answer_id IS NULL
        """,
        submission_id,
    )
    codes = _code_columns(contracts, contract.id if contract else None)
    document: dict[str, Any] = {name: _plain(value) for name, value in submission.items() if name not in INTERNAL_COLUMNS}
    document |= {name: moment[name] for name in MOMENT}
    if moment["related"]:
        document["related"] = {name: moment["related"][name] for name in ("submission_id", "file_name", "received_at")}
    document["is_trial"] = is_trial
    document["workbook"] = f"{_stem(document['file_name'])}{_ending(document)}.xlsx" if moment["has_workbook"] else None
    document["state_zh"] = State(moment["state"]).zh
    document["report_name"] = contract.name if contract else None
    document["report_name_en"] = contract.name_en if contract else None
    document["parts"] = [{name: _plain(value) for name, value in part.items()} for part in parts]
    document["finding_counts"] = counts
    document["findings"] = [_masked(finding, codes) for finding in findings]
    document["verified"] = [_masked(finding, codes) for finding in verified]
    document["answers"] = answers
    document["n_to_verify"] = 0 if is_trial or document["state"] == State.REJECTED else sum(one["n"] for one in to_verify)
    return Receipt(document, submission["state"])


MOMENT = ("state", "related", "replaced", "withdrawn", "n_still_returned", "n_returned", "has_workbook", "evidence_head")
"""What the first receipt fixes: the state, the submission that explains it, the submissions that it replaced or withdrew, of those
withdrawn also file, arrival and rows, how many rows of the repaired submission are still returned, how many rows it returned itself,
whether it has a workbook, and the head of the log that contains it."""

Rows = Callable[..., list[dict[str, Any]]]


def _rows(connection: psycopg.Connection[Any], schema: str) -> Rows:
    def rows(statement: LiteralString, *parameters: object) -> list[dict[str, Any]]:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(sql.SQL(statement).format(schema=sql.Identifier(schema)), parameters).fetchall()

    return rows


def _none(statement: LiteralString, *parameters: object) -> list[dict[str, Any]]:  # noqa: ARG001
    """A `Rows` for what a submission has none of: most receipts have no findings, and their questions need not be asked."""
    return []


def _moment(rows: Rows, submission: Mapping[str, Any]) -> dict[str, Any]:
    submission_id = submission["submission_id"]
    related: list[dict[str, Any]] = []
    if submission["state"] == State.DUPLICATE:
        related = rows(
            """
            SELECT submission_id, file_name, received_at FROM {schema}.submission
            WHERE sha256 = %s AND department_code = %s AND submission_id < %s AND state NOT IN ('duplicate', 'rejected')
                AND (%s::text IS NULL OR report = %s)
            ORDER BY submission_id DESC LIMIT 1
            """,
            submission["sha256"],
            submission["department_code"],
            submission_id,
            submission["report"],
            submission["report"],
        )
    elif submission["state"] in {State.SUPERSEDED, State.WITHDRAWN}:
        related = rows(
            """
            SELECT submission_id, file_name, received_at FROM {schema}.submission
            WHERE submission_id = (
                SELECT max(newer.submission_id) FROM {schema}.part AS older
                INNER JOIN {schema}.part AS newer ON newer.part_id = older.superseded_by
                WHERE older.submission_id = %s
            )
            """,
            submission_id,
        )
    elif submission["repairs"]:
        related = rows(
            "SELECT submission_id, file_name, received_at FROM {schema}.submission WHERE submission_id = %s",
            submission["repairs"],
        )
    [has] = rows(
        """
        SELECT
            EXISTS (
                SELECT FROM {schema}.part AS newer INNER JOIN {schema}.part AS older ON older.superseded_by = newer.part_id
                WHERE newer.submission_id = %s
            ) AS replaced,
            EXISTS (SELECT FROM {schema}.set_aside_row WHERE submission_id = ANY(%s)) AS returned,
            EXISTS (SELECT FROM {schema}.finding WHERE submission_id = %s) AS findings
        """,
        submission_id,
        [submission_id, submission["repairs"]],
        submission_id,
    )
    of_replaced, of_returned, of_findings = (rows if has[name] else _none for name in ("replaced", "returned", "findings"))
    replaced = of_replaced(
        """
        SELECT DISTINCT older.submission_id FROM {schema}.part AS newer
        INNER JOIN {schema}.part AS older ON older.superseded_by = newer.part_id
        WHERE newer.submission_id = %s AND older.submission_id <> newer.submission_id
        ORDER BY 1
        """,
        submission_id,
    )
    withdrawn = of_replaced(
        """
        SELECT original.submission_id, original.file_name, original.received_at, sum(older.rows_accepted)::bigint AS rows
        FROM {schema}.part AS newer
        INNER JOIN {schema}.part AS older ON older.superseded_by = newer.part_id
        INNER JOIN {schema}.submission AS original ON original.submission_id = older.submission_id
        WHERE newer.submission_id = %s AND newer.kind = 'withdrawal' AND older.kind <> 'withdrawal'
        GROUP BY original.submission_id, original.file_name, original.received_at
        ORDER BY original.submission_id
        """,
        submission_id,
    )
    [counted] = of_returned(
        """
        SELECT
            count(*) FILTER (WHERE submission_id = %s AND repaired_by IS NULL) AS n_still_returned,
            count(*) FILTER (WHERE submission_id = %s AND cells IS NOT NULL) AS n_returned
        FROM {schema}.set_aside_row WHERE submission_id = ANY(%s)
        """,
        submission["repairs"],
        submission_id,
        [submission_id, submission["repairs"]],
    ) or [{"n_still_returned": 0, "n_returned": 0}]
    [pointed] = of_findings(
        """
        SELECT
            coalesce(bool_or(cell IS NOT NULL AND code <> ALL(%s)), false) AS at_cells,
            coalesce(bool_or(severity = 'warning' AND question_id IS NOT NULL AND answer_id IS NULL), false) AS has_doubts,
            coalesce(bool_or(code = 'personal-data'), false) AS is_quarantined
        FROM {schema}.finding WHERE submission_id = %s
        """,
        list(REFUSED),
        submission_id,
    ) or [{"at_cells": False, "has_doubts": False, "is_quarantined": False}]
    shows_cells = submission["state"] in {State.ACCEPTED, State.PARTLY_ACCEPTED, State.REJECTED} and not pointed["is_quarantined"]
    return {
        "state": submission["state"],
        "related": {name: _plain(value) for name, value in related[0].items()} if related else None,
        "replaced": [row["submission_id"] for row in replaced],
        "withdrawn": [{name: _plain(value) for name, value in row.items()} for row in withdrawn],
        "n_still_returned": counted["n_still_returned"],
        "n_returned": counted["n_returned"] if shows_cells else 0,
        "has_workbook": shows_cells
        and bool(
            counted["n_returned"] or pointed["at_cells"] or (pointed["has_doubts"] and submission["state"] != State.REJECTED)
        ),
    }


def _head(connection: psycopg.Connection[Any]) -> str | None:
    found = log.head(connection)
    return None if found is None else str(found[0])


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _code_columns(contracts: Contracts, contract_id: str | None) -> frozenset[str]:
    contract = contracts.by_id.get(contract_id or "")
    tables = contract.tables if contract else ()
    return frozenset(name for table in tables for name in returned.code_columns(table))


def _masked(finding: dict[str, Any], codes: frozenset[str]) -> dict[str, Any]:
    is_code = finding["column_name"] in codes
    for name in ("value", "message_zh", "message_en"):
        if finding[name] is not None:
            finding[name] = mask(finding[name], is_code=is_code)
    return finding
