"""Doubts from findings: the rules of a row propose what should stand in a cell (`intake.finding.proposed`).

The file is evaluated again with the proposal typed into its cell, as its sender would do it. The row that comes out, in the units of the file, is
what the line would hold.
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg.rows import class_row

from fugong.core.bilingual import Bilingual
from fugong.core.cell_address import parse_cell_address
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Verdict
from fugong.doubts.doubt import Cell, Change, Doubt, Kind, Line, Reading
from fugong.figures.evaluate import Evaluator
from fugong.intake.evaluate import evaluate
from fugong.intake.prior_submissions import WarehouseSubmissions
from fugong.reading.reader import Reader
from fugong.storage.quarantine import original
from fugong.validation.context import IntakeContext
from fugong.validation.frame import FileDays
from fugong.validation.run import accepted_blocks


@dataclass(frozen=True)
class Proposal:
    """A finding with a proposal, whose file counts on the day and whose row has not been mended.

    Attributes:
        is_answered: its sender said that the value is right as it stands.
    """

    submission_id: int
    sheet: str
    row_number: int
    cell: str
    column_name: str
    code: str
    proposed: str
    is_doubtful: bool
    message_zh: str
    message_en: str
    is_set_aside: bool
    is_answered: bool
    file_name: str
    sha256: str
    department_code: str
    received_at: datetime


@dataclass(frozen=True)
class Retyped:
    """Proposals for one row that are typed together."""

    proposals: tuple[Proposal, ...]

    @property
    def place(self) -> tuple[str, int]:
        """Sheet and line."""
        return self.proposals[0].sheet, self.proposals[0].row_number


def proposal_doubts(evaluator: Evaluator, settings: Settings, proposals: Iterable[Proposal]) -> Iterator[Doubt]:
    """The doubts about rows for which the rules propose a value, those excepted that are answered."""
    by_file: defaultdict[int, list[Proposal]] = defaultdict(list)
    for one in proposals:
        if not one.is_answered:
            by_file[one.submission_id].append(one)
    if not by_file:
        return
    with Reader() as reader, tempfile.TemporaryDirectory() as folder:
        context = IntakeContext.load(settings, reader)
        for some in by_file.values():
            for number, passed in enumerate(_passes(some)):
                work = Path(folder, f"{some[0].submission_id}-{number}")
                work.mkdir()
                yield from _evaluate_again(evaluator, settings, context, passed, work)


def open_proposals(evaluator: Evaluator) -> list[Proposal]:
    """The proposals of the files that count on the day."""
    parts = [part for some in evaluator.submissions.effective_parts.values() for part in some]
    with evaluator.moment.connection.cursor(row_factory=class_row(Proposal)) as cursor:
        return cursor.execute(
            """
            SELECT
                finding.submission_id, finding.sheet, finding.row_number, finding.cell, finding.column_name, finding.code, finding.proposed,
                finding.is_doubtful, finding.message_zh, finding.message_en, aside.submission_id IS NOT NULL AS is_set_aside,
                EXISTS (
                    SELECT FROM intake.answer AS answer
                    WHERE answer.question_id = finding.question_id AND answer.verdict = ANY(%(settling)s)
                        AND answer.holds_from <= %(as_of)s AND answer.answered_at <= %(known_at)s
                        AND (answer.superseded_at IS NULL OR answer.superseded_at > %(known_at)s)
                ) AS is_answered,
                submission.file_name, submission.sha256, submission.department_code, submission.received_at
            FROM intake.finding AS finding
            INNER JOIN intake.submission AS submission ON finding.submission_id = submission.submission_id
            LEFT JOIN intake.set_aside_row AS aside
                ON
                    finding.submission_id = aside.submission_id
                    AND finding.sheet = aside.sheet
                    AND finding.row_number = aside.row_number
            WHERE
                finding.proposed IS NOT NULL
                AND finding.cell IS NOT NULL
                AND finding.row_number IS NOT NULL
                AND finding.column_name IS NOT NULL
                AND aside.repaired_by IS NULL
                AND finding.submission_id IN (SELECT part.submission_id FROM intake.part AS part WHERE part.part_id = ANY(%(parts)s))
            ORDER BY finding.submission_id, finding.sheet, finding.row_number, finding.finding_id
            """,
            {
                "parts": parts,
                "settling": [verdict.value for verdict in Verdict if verdict.settles],
                "as_of": evaluator.moment.as_of,
                "known_at": evaluator.moment.known_at,
            },
        ).fetchall()


def _passes(proposals: Iterable[Proposal]) -> list[list[Retyped]]:
    """Which proposals to type at once: those of one row that hold together, each of those of which only one holds in a pass of its own."""
    rows: defaultdict[tuple[str, int], list[Retyped]] = defaultdict(list)
    together: defaultdict[tuple[str, int], list[Proposal]] = defaultdict(list)
    for one in proposals:
        place = (one.sheet, one.row_number)
        if one.is_doubtful:
            rows[place].append(Retyped((one,)))
        else:
            together[place].append(one)
    for place, some in together.items():
        rows[place].insert(0, Retyped(tuple(some)))
    n = max(map(len, rows.values()))
    return [[some[at] for some in rows.values() if at < len(some)] for at in range(n)]


def _evaluate_again(
    evaluator: Evaluator, settings: Settings, context: IntakeContext, passed: Sequence[Retyped], work: Path
) -> Iterator[Doubt]:
    """Evaluate a file with proposals typed into it, and yield a doubt for each row that can be loaded then."""
    file = passed[0].proposals[0]
    path = original(settings, file.sha256, work)
    if path is None:
        return  # its archive is past its time
    connection = evaluator.moment.connection
    texts = {}
    for one in passed:
        for proposal in one.proposals:
            column, row = parse_cell_address(proposal.cell)
            texts[proposal.sheet, row, column] = proposal.proposed
    evaluation = evaluate(
        context,
        path,
        file_name=file.file_name,
        department=file.department_code,
        received_at=file.received_at,
        work=work,
        prior=WarehouseSubmissions(connection, settings, context.contracts, file.department_code),
        department_names={code: name.zh for code, name in evaluator.submissions.departments.items()},
        retype=texts,
    )
    if evaluation.report_date is None:
        return
    days = FileDays(evaluation.report_date, file.received_at.astimezone(SHANGHAI).date())
    wanted = {one.place: one for one in passed}
    for part in evaluation.parts:
        for block in accepted_blocks(part, days, evaluation.findings):
            for row in block.to_pylist():
                one = wanted.get((part.interpreted.sheet, row.pop("row_number")))
                if one is not None and (doubt := _doubt(evaluator, one, part.table.name, row)):
                    yield doubt


def _doubt(evaluator: Evaluator, one: Retyped, table_name: str, row: Mapping[str, Any]) -> Doubt | None:
    table = evaluator.moment.contracts.tables[table_name]
    first = one.proposals[0]
    unit = row[table.unit_column] if table.unit_column else first.department_code
    found = evaluator.moment.connection.execute(
        "SELECT part_id FROM intake.part WHERE submission_id = %s AND table_name = %s AND unit = %s",
        (first.submission_id, table_name, unit),
    ).fetchone()
    if found is None:
        return None
    line = Line(table_name, found[0], first.sheet, first.row_number)
    cells: dict[str, Cell] = {name: value for name, value in row.items() if first.is_set_aside or name in _columns(one)}
    why = Bilingual(
        "".join(dict.fromkeys(proposal.message_zh for proposal in one.proposals)),
        " ".join(dict.fromkeys(proposal.message_en for proposal in one.proposals)),
    )
    change = Change.ADDED if first.is_set_aside else Change.CELL
    column = first.column_name if first.column_name in table.by_name else ""
    return Doubt(line, column, Reading(Kind.PROPOSAL, first.code, change, cells, why))


def _columns(one: Retyped) -> set[str]:
    return {proposal.column_name for proposal in one.proposals}
