"""Schema drift: what departments send that the contracts do not know yet, each with the change of the contract that would accept it.

The receipt informs the sender. This module informs the engineer: one line per report, kind and value, and a log line the first time.
"""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import psycopg
from psycopg.rows import dict_row

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Column, Contract, Contracts, Table
from fugong.contracts.unit import UNITS
from fugong.core.time import since_midnight
from fugong.parsing.header import MIN_SIMILARITY
from fugong.parsing.header_text import fold_header, unit_of_header

LOG = logging.getLogger(__name__)
MIN_CODE_SIMILARITY = 0.6
DATE_WORDS = re.compile(r"日期|时间$|日$")


class Kind(StrEnum):
    """How a file differs from its contract."""

    NEW_HEADER = "new-header"
    COLUMN_GONE = "column-gone"
    UNKNOWN_CODE = "unknown-code"


@dataclass(frozen=True)
class Drift:
    """One difference between what departments send and a contract.

    Attributes:
        value: the header as sent, the code as typed, or the Chinese header of a column that is gone.
        column: the column of the contract; empty for a new header.
        n_rows: rows with the code, or rows of the files that have the header or lack the column.
        proposal: the change that would accept it: what to write, and into which file.
    """

    report: str
    table: str
    kind: Kind
    value: str
    column: str
    departments: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    n_files: int
    n_rows: int
    proposal: str

    def to_json(self) -> dict[str, Any]:
        """As `fugong drift --json` prints it."""
        moments = {"first_seen": self.first_seen.isoformat(), "last_seen": self.last_seen.isoformat()}
        return asdict(self) | moments | {"departments": list(self.departments)}


SEEN = """
    SELECT
        submission.submission_id, submission.report, submission.department_code, submission.received_at, submission.rows_read,
        'new-header' AS kind, finding.sheet, '' AS column_name, finding.value, NULL AS near, 0 AS n_same
    FROM intake.submission INNER JOIN intake.finding USING (submission_id)
    WHERE finding.code = 'extra-column'
    UNION ALL
    SELECT submission_id, report, department_code, received_at, rows_read, 'column-gone', sheet, column_name, column_name, value, 0
    FROM intake.submission INNER JOIN intake.finding USING (submission_id)
    WHERE finding.code = 'missing-column'
    UNION ALL
    SELECT submission_id, report, department_code, received_at, rows_read, 'unknown-code', sheet, column_name, value, NULL, n_same
    FROM intake.submission INNER JOIN intake.finding USING (submission_id)
    WHERE finding.code IN ('unknown-code', 'unreadable-optional') AND column_name = ANY(%(coded)s) AND value IS NOT NULL
    UNION ALL
    SELECT submission_id, report, department_code, received_at, rows_read, 'unknown-code', example.sheet, column_name, example.value, NULL, 1
    FROM intake.submission INNER JOIN intake.shadow_finding USING (submission_id)
    CROSS JOIN LATERAL jsonb_to_recordset(examples) AS example (sheet text, value text)
    WHERE shadow_finding.code = 'unknown-code' AND example.value IS NOT NULL
    UNION ALL
    SELECT
        part.submission_id, submission.report, part.department_code, part.received_at, part.rows_read, 'column-gone', part.sheet,
        had.column_name, had.column_name, NULL, 0
    FROM intake.part
    INNER JOIN intake.submission USING (submission_id)
    INNER JOIN (
        SELECT table_name, department_code, unnest(columns_present) AS column_name, MIN(received_at) AS since
        FROM intake.part GROUP BY 1, 2, 3
    ) AS had
        ON part.table_name = had.table_name AND part.department_code = had.department_code AND part.received_at > had.since
    WHERE part.kind = 'data' AND part.columns_present <> '{}' AND had.column_name <> ALL(part.columns_present)
"""
"""Every difference, one row per file. A column is gone if an earlier file had it and this one does not."""
GROUPED = f"""
    SELECT
        report, kind, column_name, value, MIN(sheet) AS sheet, MAX(near) AS near,
        array_agg(DISTINCT department_code ORDER BY department_code) AS departments,
        MIN(received_at) AS first_seen, MAX(received_at) AS last_seen, COUNT(DISTINCT submission_id) AS n_files,
        CASE kind WHEN 'unknown-code' THEN SUM(n_same) ELSE SUM(rows_read) END::bigint AS n_rows, MAX(submission_id) AS last_submission
    FROM ({SEEN}) AS seen
    WHERE received_at >= %(since)s AND report IS NOT NULL
    GROUP BY report, kind, column_name, value
    ORDER BY report, kind, MAX(received_at) DESC, column_name, value
"""
FIRST_SEEN = """
    WITH own AS (
        SELECT DISTINCT code, COALESCE(column_name, '') AS column_name, value, sheet FROM intake.finding
        WHERE submission_id = %(submission)s AND (
            code IN ('extra-column', 'missing-column')
            OR code IN ('unknown-code', 'unreadable-optional') AND column_name = ANY(%(coded)s) AND value IS NOT NULL
        )
    )

    SELECT
        CASE code WHEN 'extra-column' THEN 'new-header' WHEN 'missing-column' THEN 'column-gone' ELSE 'unknown-code' END AS kind,
        column_name, CASE code WHEN 'missing-column' THEN column_name ELSE value END AS value, sheet,
        CASE code WHEN 'missing-column' THEN value END AS near
    FROM own
    WHERE NOT EXISTS (
        SELECT FROM intake.finding AS before INNER JOIN intake.submission USING (submission_id)
        WHERE before.code = own.code AND before.value IS NOT DISTINCT FROM own.value
            AND COALESCE(before.column_name, '') = own.column_name
            AND submission.report = %(report)s AND submission_id < %(submission)s
    )
    UNION ALL
    SELECT 'column-gone', column_name, column_name, part.sheet, NULL
    FROM intake.part
    CROSS JOIN LATERAL (
        SELECT columns_present FROM intake.part AS earlier
        WHERE earlier.table_name = part.table_name AND earlier.department_code = part.department_code
            AND earlier.submission_id < part.submission_id AND earlier.columns_present <> '{}'
        ORDER BY submission_id DESC LIMIT 1
    ) AS before
    CROSS JOIN unnest(before.columns_present) AS column_name
    WHERE part.submission_id = %(submission)s AND part.columns_present <> '{}' AND column_name <> ALL(part.columns_present)
    ORDER BY kind, column_name, value
"""
"""What one submission has and no earlier one had; columns are compared with the last file of the department."""


def drift(
    connection: psycopg.Connection[Any], contracts: Contracts, code_lists: Mapping[str, CodeList], since: date | None
) -> list[Drift]:
    """How the files that arrived since a day differ from the contracts as they are now."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(GROUPED.encode(), {"since": since_midnight(since), "coded": _coded(contracts)}).fetchall()
    present = _present(connection, [row["last_submission"] for row in rows])
    out: list[Drift] = []
    for row in rows:
        contract = contracts.by_id.get(row["report"])
        kind = Kind(row["kind"])
        if contract is None or _is_taken_up(contract, code_lists, kind, row["column_name"], row["value"]):
            continue
        table = _table(contract, row["column_name"], row["sheet"])
        out.append(
            Drift(
                report=contract.id,
                table=table.name,
                kind=kind,
                value=table.by_name[row["value"]].header if kind is Kind.COLUMN_GONE else row["value"],
                column=row["column_name"],
                departments=tuple(row["departments"]),
                first_seen=row["first_seen"],
                last_seen=row["last_seen"],
                n_files=row["n_files"],
                n_rows=row["n_rows"],
                proposal=propose(
                    contract,
                    table,
                    kind,
                    row["value"],
                    table.by_name.get(row["column_name"]),
                    code_lists,
                    near=row["near"],
                    present=present.get(row["last_submission"], ()),
                ),
            )
        )
    return out


def log_first_seen(
    connection: psycopg.Connection[Any], contracts: Contracts, code_lists: Mapping[str, CodeList], submission_id: int, report: str
) -> None:
    """Log every difference that no earlier file of the report had."""
    contract = contracts.by_id[report]
    given = {"submission": submission_id, "report": report, "coded": _coded(contracts)}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(FIRST_SEEN.encode(), given).fetchall()
    present = _present(connection, [submission_id]).get(submission_id, ()) if rows else ()
    for row in rows:
        if _is_taken_up(contract, code_lists, Kind(row["kind"]), row["column_name"], row["value"]):
            continue  # a column that was retired or renamed since an earlier file had it
        kind, table = Kind(row["kind"]), _table(contract, row["column_name"], row["sheet"])
        column = table.by_name.get(row["column_name"])
        proposal = propose(contract, table, kind, row["value"], column, code_lists, near=row["near"], present=present)
        LOG.warning(
            "Drift in %s, submission %s: %s %r. %s", report, submission_id, kind, row["value"], " ".join(proposal.split())
        )


def propose(
    contract: Contract,
    table: Table,
    kind: Kind,
    value: str,
    column: Column | None,
    code_lists: Mapping[str, CodeList],
    *,
    near: str | None = None,
    present: Sequence[str] = (),
) -> str:
    """The change of contract or code list that would accept what was sent.

    Args:
        near: for a column that is gone, the header that may mean it.
        present: contract columns that the file has: a new header means none of them.
    """
    where = f"include/contracts/{contract.id}.odcs.yaml"
    match kind:
        case Kind.NEW_HEADER:
            meant = _column_meant(table, value, present)
            return f"{where}: {_alias(meant, value)}" if meant else f"{where}: {_new_column(table, value)}"
        case Kind.COLUMN_GONE:
            assert column is not None  # a column is gone only where the contract has it
            if near:
                return f"{where}: {_alias(column, near)}"
            if column.required or column.key_position is not None:
                return f"{where}: {table.name}.{column.name}: required: false, if the department has given it up; else ask"
            return f"{table.name}.{column.name} is optional and may be missing; ask the department whether it is meant"
        case Kind.UNKNOWN_CODE:
            assert column is not None  # only a column has a code list
            return _code_line(code_lists[column.code_list or ""], value)


def _alias(column: Column, header: str) -> str:
    return f"{column.name}\n- {{property: aliases, value: [{', '.join((*column.aliases, _plain(header)))}]}}"


def _plain(header: str) -> str:
    """A header as a contract writes it: without unit and line breaks."""
    text = "".join(header.split())
    return re.sub(r"[(\uff08][^()\uff08\uff09]*[)\uff09]$", "", text) if unit_of_header(header) else text


def _new_column(table: Table, header: str) -> str:
    unit = unit_of_header(header)
    if unit in UNITS["money"]:
        types = ["logicalType: number", "physicalType: numeric(18,2)"]
    elif unit:
        types = ["logicalType: number", "physicalType: numeric(18,4)"]
    elif DATE_WORDS.search(_plain(header)):
        types = ["logicalType: date", "physicalType: date"]
    else:
        types = ["logicalType: string", "physicalType: text"]
    stored = "元" if unit in UNITS["money"] else unit
    lines = [
        f"- name: NAME  # a new column of {table.name}",
        f"  businessName: {_plain(header)}",
        *(f"  {line}" for line in types),
    ]
    lines.append("  description: ENGLISH. | 中文。")
    if stored:
        lines += ["  customProperties:", f'    - {{property: unit, value: "{stored}"}}']
    return "new column\n" + "\n".join(lines)


def _column_meant(table: Table, header: str, present: Sequence[str]) -> Column | None:
    """The column whose name is most similar to a header, among those that the file does not have."""
    names = {fold_header(name): column for column in table.columns if column.name not in present for name in column.headers}
    found = difflib.get_close_matches(fold_header(header), names, n=1, cutoff=MIN_SIMILARITY)
    return names[found[0]] if found else None


def _code_line(codes: CodeList, value: str) -> str:
    text = fold(value)
    found = difflib.get_close_matches(text, codes.spellings, n=1, cutoff=MIN_CODE_SIMILARITY)
    within = [known for known in codes.spellings if len(known) > 1 and (known in text or (len(text) > 1 and text in known))]
    guess = max(within, key=len, default=None) or (found[0] if found else None)
    where = "include/reference/code_list.csv"
    if guess is None:
        return f"{where}: new code of {codes.name}\n{codes.name},CODE,{_cell(value)},ENGLISH,"
    (code,) = [one for one in codes.codes if one.code == codes.spellings[guess]]
    aliases = ";".join((*code.aliases, value.strip()))
    return f"{where}: alias of {code.code}\n{','.join(map(_cell, (codes.name, code.code, code.name_zh, code.name_en, aliases)))}"


def _cell(text: str) -> str:
    """A cell of a CSV line."""
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if re.search(r'[",\n]', text) else text


def _coded(contracts: Contracts) -> list[str]:
    return [column.name for table in contracts.tables.values() for column in table.columns if column.code_list]


def _present(connection: psycopg.Connection[Any], submissions: Sequence[int]) -> dict[int, list[str]]:
    rows = connection.execute(
        """
        SELECT submission_id, array_agg(DISTINCT column_name) FROM intake.part CROSS JOIN unnest(columns_present) AS column_name
        WHERE submission_id = ANY(%s) GROUP BY submission_id
        """,
        (list(submissions),),
    ).fetchall()
    return dict(rows)


def _table(contract: Contract, column: str, sheet: str | None) -> Table:
    """The table that has the column, or whose sheets are named like this one."""
    having = [table for table in contract.tables if column in table.by_name] or list(contract.tables)
    return next((table for table in having if any(word in (sheet or "") for word in table.sheets)), having[0])


def _is_taken_up(contract: Contract, code_lists: Mapping[str, CodeList], kind: Kind, column: str, value: str) -> bool:
    tables = [table for table in contract.tables if not column or column in table.by_name]
    match kind:
        case Kind.NEW_HEADER:
            return any(
                fold_header(value) == fold_header(name) for table in tables for one in table.all_columns for name in one.headers
            )
        case Kind.COLUMN_GONE:
            return not tables
        case Kind.UNKNOWN_CODE:
            lists = [code_lists[name] for table in tables if (name := table.by_name[column].code_list)]
            return not lists or any(fold(value) in codes.spellings for codes in lists)
