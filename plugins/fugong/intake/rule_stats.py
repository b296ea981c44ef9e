"""Statistics of every rule since a day: what rules in force found, and what rules in shadow would have done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from fugong.contracts.contract import Contract, Contracts
from fugong.core.time import since_midnight

if TYPE_CHECKING:
    from fugong.validation.suite import Suite

Key = tuple[str, str, str, str, bool]
"""Report, code, column, severity, whether in shadow."""


@dataclass(frozen=True)
class RuleStats:
    """Statistics of one rule.

    Attributes:
        column: empty for a rule about whole files.
        severity: in shadow, the one that it would have in force.
        n_judged: submissions of its report loaded since; n_hit: those in which it found something.
        n_rows: rows that it set aside, warned about or repaired; in shadow the rows that it alone would set aside (or warn about).
        share: `n_rows` as a share of the rows of all these submissions.
        example: one cell, personal data masked.
        fault: in shadow, why it cannot be evaluated.
    """

    report: str
    code: str
    column: str
    severity: str
    is_shadow: bool
    n_judged: int
    n_hit: int
    n_rows: int
    share: float | None
    departments: tuple[str, ...]
    example: str
    fault: str | None

    def to_json(self) -> dict[str, Any]:
        """As `fugong rules --json` prints it."""
        return asdict(self) | {"departments": list(self.departments)}


JUDGED = """
    SELECT * FROM intake.submission
    WHERE received_at >= %(since)s AND report IS NOT NULL AND state NOT IN ('received', 'duplicate')
        AND NOT EXISTS (SELECT FROM intake.submission AS again WHERE again.replays = submission.submission_id)
"""
"""The submissions that rules are measured by; of a replayed one the newest replay."""
BY_REPORT = f"""
    SELECT report, COUNT(*) AS n_judged, SUM(rows_accepted + rows_set_aside)::bigint AS n_data FROM ({JUDGED}) AS judged GROUP BY report
"""
IN_FORCE = f"""
    SELECT
        judged.report, rule.code, rule.column_name, finding.severity,
        COUNT(DISTINCT finding.submission_id) AS n_hit, SUM(finding.n_same)::bigint AS n_rows,
        array_agg(DISTINCT judged.department_code ORDER BY judged.department_code) AS departments,
        (array_agg(
            concat_ws(' ', judged.file_name, NULLIF(finding.sheet, ''), COALESCE(finding.cell, finding.row_number::text), finding.value)
            ORDER BY finding.finding_id DESC
        ))[1] AS example,
        NULL AS fault
    FROM ({JUDGED}) AS judged
    INNER JOIN intake.finding USING (submission_id)
    CROSS JOIN LATERAL (
        SELECT split_part(told, ' ', 1) AS code, split_part(told, ' ', 2) AS column_name
        FROM unnest(COALESCE(finding.rules, ARRAY[concat(finding.code, ' ', finding.column_name)])) AS told
    ) AS rule
    GROUP BY judged.report, rule.code, rule.column_name, finding.severity
"""
IN_SHADOW = f"""
    SELECT
        judged.report, shadow.code, shadow.column_name, shadow.severity,
        COUNT(*) FILTER (WHERE shadow.n > 0) AS n_hit,
        SUM(CASE shadow.severity
            WHEN 'rejected' THEN judged.rows_accepted + judged.rows_set_aside
            WHEN 'set_aside' THEN shadow.n_only_cause
            ELSE shadow.n
        END)::bigint AS n_rows,
        array_agg(DISTINCT judged.department_code ORDER BY judged.department_code) AS departments,
        (array_agg(
            concat_ws(
                ' ', judged.file_name, NULLIF(shadow.examples -> 0 ->> 'sheet', ''), shadow.examples -> 0 ->> 'cell',
                shadow.examples -> 0 ->> 'value'
            )
            ORDER BY judged.submission_id DESC
        ) FILTER (WHERE shadow.n > 0))[1] AS example,
        MAX(shadow.fault) AS fault
    FROM ({JUDGED}) AS judged INNER JOIN intake.shadow_finding AS shadow USING (submission_id)
    GROUP BY judged.report, shadow.code, shadow.column_name, shadow.severity
"""


def load_rule_stats(
    connection: psycopg.Connection[Any], contracts: Contracts, suites: Mapping[str, Suite] | None, since: date | None
) -> list[RuleStats]:
    """Every rule that found something in what arrived since a day, or is in shadow now; within a report those with most rows first.

    Args:
        suites: of all tables; None leaves out the rules in shadow that have judged nothing yet.
    """
    given = {"since": since_midnight(since)}

    def rows(statement: str) -> list[dict[str, Any]]:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement.encode(), given).fetchall()

    judged = {row["report"]: row for row in rows(BY_REPORT)}
    found: dict[Key, dict[str, Any]] = {}
    for is_shadow, statement in ((False, IN_FORCE), (True, IN_SHADOW)):
        for row in rows(statement):
            found[row["report"], row["code"], row["column_name"], row["severity"], is_shadow] = row
    for contract in contracts if suites is not None else ():
        for code, column, severity in in_shadow(contract, suites or {}):
            if not any((contract.id, code, column, True) == (key[0], key[1], key[2], key[4]) for key in found):
                found[contract.id, code, column, severity, True] = {}
    out = [_stats_of(key, row, judged.get(key[0], {})) for key, row in found.items()]
    return sorted(out, key=lambda one: (one.report, not one.is_shadow, -one.n_rows, one.code, one.column))


def in_shadow(contract: Contract, suites: Mapping[str, Suite]) -> Iterator[tuple[str, str, str]]:
    """Code, column and severity of every rule of a report that is in shadow now."""
    for table in contract.tables:
        for column in table.columns:
            for code in sorted(column.shadow):
                yield code, column.name, "set_aside"
        yield from (
            (rule.rule.code, rule.column, rule.rule.severity.value) for rule in suites[table.name].rules if rule.is_shadow
        )


def _stats_of(key: Key, row: Mapping[str, Any], judged: Mapping[str, Any]) -> RuleStats:
    report, code, column, severity, is_shadow = key
    n_rows, n_data = int(row.get("n_rows") or 0), int(judged.get("n_data") or 0)
    return RuleStats(
        report=report,
        code=code,
        column=column,
        severity=severity,
        is_shadow=is_shadow,
        n_judged=int(judged.get("n_judged") or 0),
        n_hit=int(row.get("n_hit") or 0),
        n_rows=n_rows,
        share=n_rows / n_data if n_data else None,
        departments=_texts(row.get("departments")),
        example=row.get("example") or "",
        fault=row.get("fault"),
    )


def _texts(values: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(values or ())
