"""Repairs: which parts a repair belongs to, and which returned lines it repairs."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql

from fugong.core.vocabulary import PartKind, State
from fugong.findings.catalogue import finding
from fugong.findings.collector import FindingCollector
from fugong.intake.types import AskBack, PartToLoad, RepairedLines, ReturnedLine
from fugong.receipts.answers import LINE, SHEET
from fugong.receipts.resubmission import Original
from fugong.receipts.returned import OURS
from fugong.validation.run import TablePart


def join_original(connection: psycopg.Connection, original: Original, parts: Sequence[PartToLoad]) -> AskBack | None:
    """Tie the parts of a repair to the parts they repair: those of the original or, if it was rejected, of its first repair.

    Returns:
        A question, if the original does not count any more.
    """
    rows = connection.execute(
        """
        SELECT part.table_name, part.unit, part.part_id, part.version, part.is_replacement, original.state
        FROM intake.submission AS original
        LEFT JOIN intake.submission AS mended ON original.submission_id IN (mended.submission_id, mended.repairs)
        LEFT JOIN intake.part ON part.submission_id = mended.submission_id AND part.superseded_at IS NULL AND part.kind = 'data'
        WHERE original.submission_id = %s
        ORDER BY part.part_id
        """,
        (original.submission_id,),
    ).fetchall()
    if any(row[5] in {State.SUPERSEDED, State.WITHDRAWN} for row in rows):
        return AskBack(finding("repair-too-late", value=original.submission_id))
    bases = {(table_name, unit): (part_id, version, is_new) for table_name, unit, part_id, version, is_new, _ in rows if part_id}
    for part in parts:
        if (base := bases.get((part.table.name, part.unit))) is not None:
            part.kind = PartKind.REPAIR
            part.repairs_part, part.version, part.is_replacement = base
    return None


def repaired_lines(
    connection: psycopg.Connection,
    original: Original,
    tables: Sequence[TablePart],
    findings: FindingCollector,
    parts: Sequence[PartToLoad],
) -> list[RepairedLines] | AskBack:
    """The returned lines for which a repair brings good rows. The rows of `parts` are copied, and repeated rows are dropped.

    Returns:
        A question, if a line was repaired before and comes with other content now.
    """
    out: list[RepairedLines] = []
    for table in tables:
        name, sheet = table.table.name, table.interpreted.sheet
        lines = _lines_of_good_rows(table, findings)
        ids = [part.part_id for part in parts if part.table.name == name]
        loaded = {
            int(row[0])
            for row in connection.execute(
                sql.SQL("SELECT row_number FROM {} WHERE part_id = ANY(%s) AND sheet = %s").format(
                    sql.Identifier("report", name)
                ),
                (ids, sheet),
            )
        }
        given = [line for row_number, line in lines.items() if row_number in loaded]
        again = connection.execute(
            """
            SELECT MIN(returned.row_number)
            FROM intake.set_aside_row AS returned
            INNER JOIN unnest(%s::text[], %s::bigint[]) AS given (sheet, row_number)
                ON returned.row_number = given.row_number AND returned.sheet = COALESCE(given.sheet, returned.sheet)
            WHERE returned.submission_id = %s AND returned.table_name = %s AND returned.repaired_by IS NOT NULL
            """,
            ([one for one, _ in given], [line for _, line in given], original.submission_id, name),
        ).fetchone()
        if again is not None and again[0] is not None:
            return AskBack(finding("mended-before", sheet=sheet, row_number=again[0], value=original.submission_id))
        out.append(RepairedLines(name, tuple(dict.fromkeys(lines.values()))))
    return out


def _lines_of_good_rows(table: TablePart, findings: FindingCollector) -> dict[int, ReturnedLine]:
    """The good rows of a repair: row number → sheet and line in the file that was sent first."""
    good = set(table.interpreted.row_numbers.tolist()) - table.returned_lines(findings)
    out: dict[int, ReturnedLine] = {}
    for row_number, cells in table.raw(good).items():
        ours = {header: text for header, text in cells if header in OURS}
        line = ours.get(LINE)
        if line is not None and line.isdecimal():
            out[row_number] = (ours.get(SHEET), int(line))
    return out
