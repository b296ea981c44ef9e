"""Returned rows that are mended on a page: judged as they are typed, and sent as the workbook that a sender would send back.

A row is judged by the same evaluation as a file: it stands in a sheet 退回行 like the one that will be sent. What only the warehouse knows (whether
a key is there already, whether somebody else has mended the row) is found when it is sent.
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import xlsxwriter

from fugong.core.cell_address import parse_cell_address
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.typesetting import set_chinese
from fugong.core.vocabulary import ReceiptSheet, Severity, Verdict
from fugong.intake.evaluate import Evaluation, evaluate
from fugong.intake.prior_submissions import NoPriorSubmissions
from fugong.privacy.detect import mask
from fugong.reading.model import Reading, SheetCells
from fugong.reading.reader import Reader
from fugong.receipts.answers import LINE, NOTE, NUMBER, SHEET, VERDICT
from fugong.receipts.resubmission import Original, PriorSubmission
from fugong.receipts.returned import REASON, Returned, ReturnedSheet
from fugong.receipts.returned_rows import HEADER_ROW, title
from fugong.receipts.styles import new_book, sheet_name
from fugong.receipts.to_verify import DOUBT, ITEM, PLACE, VALUE, Doubt
from fugong.storage.modes import private_folder
from fugong.validation.context import IntakeContext
from fugong.validation.run import FileDays, accepted_blocks

MAX_HEAD, MAX_TAIL = 40, 20
"""As the reader gives them."""


@dataclass(frozen=True)
class Mended:
    """A returned row as it is sent back: with other cells, with an answer instead, or both.

    Attributes:
        cells: text by slot, in the order of the sheet.
    """

    row: Returned
    cells: Sequence[str | None]
    verdict: Verdict | None = None
    reason: str = ""


@dataclass
class Judged:
    """What the rules say of one row.

    Attributes:
        cells: number of the slot, from 0 → severity and sentence, in both languages.
        row: what is about no single cell.
        is_good: whether nothing sets it aside.
    """

    cells: dict[int, list[tuple[Severity, str, str]]] = field(default_factory=dict[int, list[tuple[Severity, str, str]]])
    row: list[tuple[Severity, str, str]] = field(default_factory=list[tuple[Severity, str, str]])
    is_good: bool = True


def grid_of(sheet: ReturnedSheet, document: Mapping[str, Any], rows: Sequence[Mended]) -> list[list[str | None]]:
    """The cells of a sheet 退回行 with these rows, from its first row on.

    Args:
        document: the receipt.
    """
    heading = title(ReceiptSheet.RETURNED, document, document["report_name"], document["report_date"], sheet.name)
    with_sheet = any(one.row.sheet is not None for one in rows)
    ours = [LINE, SHEET] if with_sheet else [LINE]
    header: list[str | None] = [*ours, *(text for text, _ in sheet.slots), VERDICT, NOTE, REASON]
    out: list[list[str | None]] = [[heading], *([] for _ in range(HEADER_ROW - 1)), header]
    for one in rows:
        before = [str(one.row.line), one.row.sheet] if with_sheet else [str(one.row.line)]
        answer = [one.verdict.zh if one.verdict else None, one.reason or None]
        out.append([*before, *one.cells, *answer, None])
    return [[*row, *([None] * (len(header) - len(row)))] for row in out]


def write_repair(
    path: Path, settings: Settings, document: Mapping[str, Any], sheets: Sequence[tuple[ReturnedSheet, Sequence[Mended]]]
) -> None:
    """Write the workbook that a sender would send back: a sheet for each table with mended or answered rows. Every cell is text, as typed."""
    grids = [(f"{ReceiptSheet.RETURNED} {sheet.name or ''}", grid_of(sheet, document, rows)) for sheet, rows in sheets if rows]
    _write(path, settings, grids)


def write_answers(
    path: Path, settings: Settings, document: Mapping[str, Any], answers: Sequence[tuple[Doubt, Verdict, str]]
) -> None:
    """Write the workbook with the sheet 待核实 that a sender would send back."""
    heading = title(ReceiptSheet.TO_VERIFY, document, document["report_name"], document["report_date"])
    header: list[str | None] = [NUMBER, PLACE, ITEM, VALUE, DOUBT, VERDICT, NOTE]
    rows: list[list[str | None]] = [
        [str(doubt.question_id), doubt.place, doubt.item, doubt.value, doubt.sentence, verdict.zh, reason]
        for doubt, verdict, reason in answers
    ]
    blank: list[str | None] = [None] * len(header)
    _write(path, settings, [(ReceiptSheet.TO_VERIFY, [[heading, *blank[1:]], blank, header, *rows])])


def _write(path: Path, settings: Settings, grids: Sequence[tuple[str, list[list[str | None]]]]) -> None:
    taken: set[str] = set()
    with tempfile.TemporaryDirectory(dir=private_folder(settings.spool)) as work:
        book: xlsxwriter.Workbook = new_book(path, Path(work), title=grids[0][0], subject="")
        text = book.add_format({"num_format": "@"})
        for name, grid in grids:
            page = book.add_worksheet(sheet_name(name, taken))
            for at, row in enumerate(grid):
                for column, cell in enumerate(row):
                    if cell:
                        page.write_string(at, column, cell, text)
        book.close()


class Judge:
    """Judges single rows. Contracts and suites stay loaded until their files change; one row is judged at a time."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is loaded before the first row."""
        self._settings = settings
        self._lock = threading.Lock()
        self._reader = Reader()  # starts nothing until it reads
        self._context: IntakeContext | None = None
        self._names: dict[str, str] = {}
        self._state: object = None

    def context(self, connection: psycopg.Connection) -> IntakeContext:
        """Contracts, code lists and suites as they are now."""
        with self._lock:
            return self._loaded(connection)

    def judge(
        self,
        connection: psycopg.Connection,
        department: str,
        original: Original,
        document: Mapping[str, Any],
        sheet: ReturnedSheet,
        rows: Sequence[Mended],
    ) -> list[Judged]:
        """Judge rows of a sheet as they would be judged if they were sent now, together.

        Args:
            original: the submission that they would repair.
            document: the receipt of the submission with the rows.

        Raises:
            ConfigurationError: a contract or suite of ours is at fault.
        """
        with self._lock, tempfile.TemporaryDirectory(dir=private_folder(self._settings.spool)) as work:
            context = self._loaded(connection)
            context.require_sound(department)
            name = f"{ReceiptSheet.RETURNED} {sheet.name or ''}".strip()
            cells = _as_read(grid_of(sheet, document, rows), name, Path(work))
            now = datetime.now(SHANGHAI)
            evaluation = evaluate(
                context,
                cells.path,
                file_name=document["file_name"],
                department=department,
                received_at=now,
                work=Path(work),
                department_names=self._names,
                prior=_OneSubmission(document, original),
                in_one_pass=False,
                reading=Reading("xlsx", None, [cells], None),
            )
            for part in evaluation.parts:
                for _ in accepted_blocks(part, FileDays(original.report_date, now.date()), evaluation.findings):
                    pass
            first = 2 if any(one.row.sheet is not None for one in rows) else 1
            return [_judged(evaluation, cells, sheet, HEADER_ROW + 2 + at, first) for at in range(len(rows))]

    def _loaded(self, connection: psycopg.Connection) -> IntakeContext:
        include, suites = self._settings.include, self._settings.expectations
        files = [*(include / "contracts").glob("*.yaml"), include / "reference" / "code_list.csv", *suites.glob("*.json")]
        state = sorted((file.name, (found := file.stat()).st_mtime_ns, found.st_size) for file in files)
        if self._context is None or state != self._state:
            self._context = IntakeContext.load_sound(self._settings, self._reader, connection)
            rows = connection.execute("SELECT department_code, name_zh FROM ref.department").fetchall()
            self._names = {str(code): str(name) for code, name in rows}
            self._state = state
        return self._context


class _OneSubmission(NoPriorSubmissions):
    """Knows the submission whose row is judged. Old registration numbers are looked up when the row is sent."""

    def __init__(self, document: Mapping[str, Any], original: Original) -> None:
        self._earlier = PriorSubmission(document["submission_id"], original, document["file_name"], lambda _: None, tuple)

    def earlier(self, number: int) -> PriorSubmission | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The submission, by its number."""
        return self._earlier if number == self._earlier.submission_id else None


def _as_read(grid: Sequence[Sequence[str | None]], name: str, work: Path) -> SheetCells:
    """A sheet as the reader gives it: a cell with white space alone is empty."""
    rows = [[cell if cell and not cell.isspace() else None for cell in row] for row in grid]
    columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(len(rows[0]))]
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    batch = pa.record_batch([numbers, *columns], ["row_number", *(f"c{at}" for at in range(len(columns)))])
    path = work / "sheet_000.arrows"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, batch.schema) as stream:
        stream.write_batch(batch)
    filled = [(at, row) for at, row in enumerate(rows, start=1) if any(row)]
    return SheetCells(
        name=mask(name),
        index=0,
        path=path,
        n_rows=len(rows),
        n_columns=len(columns),
        merged=[],
        hidden=False,
        n_hidden_rows=0,
        hidden_rows=[],
        hidden_columns=[],
        head=rows[:MAX_HEAD],
        tail=filled[-MAX_TAIL:],
    )


def _judged(evaluation: Evaluation, cells: SheetCells, sheet: ReturnedSheet, line: int, first: int) -> Judged:
    """What an evaluation says of one line of its only sheet.

    Args:
        first: the column in which the sender's cells begin.
    """
    out = Judged()
    for reason in evaluation.findings.rows.get((cells.name, line), ()):
        out.is_good = False
        said = (Severity.SET_ASIDE, sheet.sentence(reason), str(reason["message_en"]))
        slots = sheet.slots_at(reason)
        for slot in slots:
            out.cells.setdefault(sheet.slots.index(slot), []).append(said)
        if not slots:
            out.row.append(said)
    for found in evaluation.findings.findings:
        severity = Severity(found.severity)
        said = (severity, set_chinese(found.message_zh), found.message_en)
        if severity is Severity.REJECTED:
            out.is_good = False
            out.row.append(said)
        elif severity is not Severity.SET_ASIDE and found.row_number == line and found.cell:
            at = parse_cell_address(found.cell)[0] - first
            if 0 <= at < len(sheet.slots):
                out.cells.setdefault(at, []).append(said)
    if out.is_good and not any(line in part.interpreted.row_numbers for part in evaluation.parts):
        out.is_good = False
        out.row.append((Severity.SET_ASIDE, "这一行不是数据,不会入库。", "This row is no data and would not be loaded."))
    return out
