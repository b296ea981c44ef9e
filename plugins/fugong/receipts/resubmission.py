"""Recognises a receipt's workbook that a sender sends back, and decides what was changed in it.

The sender may have mended the returned rows, changed the whole report, answered doubts, several of these, or nothing. Sheets of ours have a title row
(`退回行 · 报送编号 12 · …`), so they are recognised also when copied, renamed or saved in another format. Changes are found by
comparing texts with the rows that we returned and with the archived file: a program that saves a workbook rewrites all else.
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from fugong.core.sanitize import restore
from fugong.core.vocabulary import ReceiptSheet, Verdict
from fugong.findings.catalogue import finding
from fugong.findings.finding import Finding
from fugong.parsing.file_name import stem, without_our_ending
from fugong.parsing.marks import marks
from fugong.privacy.detect import mask
from fugong.reading.model import SheetCells
from fugong.reading.reader import Reader
from fugong.receipts import annotated_sheets, answers, proposals
from fugong.receipts.answers import LINE, NOTE, SHEET, VERDICT, GivenAnswer
from fugong.receipts.returned import REASON, Returned, slots_of
from fugong.receipts.styles import MAX_CELL_LENGTH

CHECKED = "核对提示"
"""Stands in the title of sheets that are about checks between reports, instead of a submission's number."""
TITLE = re.compile(rf"\s*({'|'.join(ReceiptSheet)})\W{{0,8}}(?:报送编号\W{{0,3}}(\d{{1,15}})(?!\d)|{CHECKED})")
MAX_TITLE_ROWS = 12
"""The title stands in one of so many rows: a clerk may insert a few above it."""
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")


@dataclass(frozen=True)
class Original:
    """The submission whose returned rows a file repairs."""

    submission_id: int
    report: str
    report_date: date


@dataclass(frozen=True)
class PriorSubmission:
    """An earlier submission of the same sender, to which a file refers.

    Attributes:
        original: the submission itself, or the one that it repairs; None if its report or day was never known.
        file_name: its name as sent.
        original_in: gets its original, also a sealed one, with the help of a working folder; None if it is deleted.
        returned: loads all its returned rows; none if their cells are not kept any more.
    """

    submission_id: int
    original: Original | None
    file_name: str
    original_in: Callable[[Path], Path | None]
    returned: Callable[[], Iterable[Returned]]


EarlierOf = Callable[[int], PriorSubmission | None]
"""Number of a submission → the submission, if it is the sender's."""


@dataclass(frozen=True)
class ReturnedWorkbook:
    """A file with sheets of a receipt's workbook.

    Attributes:
        numbers: of the submissions that the titles name, or else the file's name.
        returned: sheets 退回行.
        to_verify: sheets 待核实.
        own: the sender's sheets that are not blank.
    """

    numbers: frozenset[int]
    returned: list[SheetCells]
    to_verify: list[SheetCells]
    own: list[SheetCells]

    @property
    def is_of_answers(self) -> bool:
        """Whether it holds nothing but doubts and their answers."""
        return bool(self.to_verify) and not self.returned and not self.own


@dataclass(frozen=True)
class Decision:
    """Which sheets of the workbook are to be evaluated.

    Attributes:
        sheets: to evaluate.
        is_repair: whether they hold returned rows; if not, they are a new version.
        answers: those to record, whether or not there are sheets.
        refusal: why nothing is done.
    """

    sheets: list[SheetCells]
    earlier: PriorSubmission | None = None
    is_repair: bool = False
    answers: Sequence[GivenAnswer] = ()
    refusal: Finding | None = None


def unpack(sheets: Sequence[SheetCells], file_name: str) -> ReturnedWorkbook | None:
    """Separate our sheets from the sender's; None if the file has none of ours."""
    of_kind: dict[ReceiptSheet, list[SheetCells]] = {kind: [] for kind in ReceiptSheet}
    own: list[SheetCells] = []
    numbers: set[int] = set()
    for sheet in sheets:
        found = _title(sheet)
        if found and found.group(2):
            numbers.add(int(found.group(2)))
        kind = ReceiptSheet(found.group(1)) if found else _kind_by_header(sheet)
        if kind is not None:
            of_kind[kind].append(sheet)
        elif not annotated_sheets.is_blank(sheet):
            own.append(sheet)
    if not any(of_kind.values()):
        return None
    if not numbers and (named := without_our_ending(file_name)[1]) is not None:
        numbers.add(named)
    return ReturnedWorkbook(frozenset(numbers), of_kind[ReceiptSheet.RETURNED], of_kind[ReceiptSheet.TO_VERIFY], own)


def _kind_by_header(sheet: SheetCells) -> ReceiptSheet | None:
    """Which sheet of ours one is that has lost its title."""
    if any(_is_our_header(row) for row in sheet.head[:MAX_TITLE_ROWS]):
        return ReceiptSheet.RETURNED
    return ReceiptSheet.TO_VERIFY if answers.is_to_verify(sheet) else None


def _title(sheet: SheetCells) -> re.Match[str] | None:
    cells = (cell for row in sheet.head[:MAX_TITLE_ROWS] for cell in row if cell)
    return next((found for cell in cells if (found := TITLE.match(cell))), None)


def _header_line(sheet: SheetCells) -> int:
    """The number of our header in a sheet 退回行, from 0; beyond the head where there is none."""
    return next((at for at, row in enumerate(sheet.head[:MAX_TITLE_ROWS]) if _is_our_header(row)), len(sheet.head))


def _is_our_header(row: Sequence[str | None]) -> bool:
    cells = [as_compared(cell) for cell in row if cell]
    return len(cells) > 2 and cells[0] == LINE and cells[-1] == REASON


def decide(
    workbook: ReturnedWorkbook,
    file_name: str,
    earlier_of: EarlierOf,
    reader: Reader,
    work: Path,
    holds_table: Callable[[PriorSubmission, SheetCells], bool],
) -> Decision:
    """Find what was changed, and so which sheets are to be evaluated.

    Args:
        work: an empty folder for working files.
        holds_table: whether a sheet that we did not write holds a table of the report.
    """
    given = [answer for sheet in (*workbook.to_verify, *workbook.returned) for answer in answers.read(sheet)]
    if workbook.is_of_answers:
        return Decision([], answers=given) if given else _refused("nothing-answered", value=file_name)
    if len(workbook.numbers) > 1:
        return _refused("several-receipts", value="、".join(map(str, sorted(workbook.numbers))))
    number = next(iter(workbook.numbers), None)
    if number is None and workbook.own and not workbook.returned:  # 待核实 of 核对提示 beside a report
        return Decision(workbook.own, answers=given)
    if number is None:
        return _refused("returned-without-number", value=file_name)
    earlier = earlier_of(number)
    if earlier is None:
        return _refused("unknown-submission", value=number)
    is_own_changed = bool(workbook.own) and _is_own_changed(workbook.own, earlier, reader, work, holds_table)
    is_repair = bool(workbook.returned) and (not (workbook.own or given) or _are_rows_changed(workbook.returned, earlier))
    if is_own_changed and is_repair:
        names = "、".join(f"“{sheet.name}”" for sheet in workbook.own)
        return _refused("both-changed", earlier, value=number, names=names)
    if is_repair and earlier.original is not None:
        kept = _without_answered(workbook.returned, given, earlier, work)
        mended = [proposals.taken(_restored(sheet, work), _header_line(sheet), work) for sheet in kept]
        return Decision(mended, earlier, is_repair=bool(mended), answers=given)
    if workbook.own and (is_own_changed or marks([stem(file_name)]) != marks([stem(earlier.file_name)])):
        return Decision([_restored(sheet, work) for sheet in workbook.own], earlier, answers=given)
    if given:
        return Decision([], earlier, answers=given)
    return _refused("nothing-changed", earlier, value=number)


def _without_answered(
    sheets: Sequence[SheetCells], given: Sequence[GivenAnswer], earlier: PriorSubmission, work: Path
) -> list[SheetCells]:
    """The sheets 退回行 without the rows that their sender answered instead of mending; a sheet with no other row is left out.

    A row that is said to be corrected stays, and so does one whose answer cannot be understood.
    """
    returned = {_signature(row.line, row.sheet, row.by_slot) for row in earlier.returned()}
    answered = {
        (answer.sheet, answer.row_number) for answer in given if answer.line and answer.verdict not in {None, Verdict.CORRECTED}
    }
    out: list[SheetCells] = []
    for sheet in sheets:
        unmended = {at for at, line, name, cells in _returned(sheet) if _signature(line, name, cells) in returned}
        left_out = {at for at in unmended if (sheet.name, at) in answered}
        if not left_out:
            out.append(sheet)
        elif any(at not in left_out for at, *_ in _returned(sheet)):
            out.append(_blanked(sheet, left_out, work))
    return out


def _blanked(sheet: SheetCells, lines: Collection[int], work: Path) -> SheetCells:
    """A sheet in which some lines are empty."""
    path = work / f"blanked-{sheet.index}.arrows"
    schema = next(iter(sheet.batches())).schema
    gone = pa.array(sorted(lines), pa.int64())
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as stream:
        for batch in sheet.batches():
            is_gone = pc.is_in(batch.column(0), gone)
            columns = [pc.if_else(is_gone, pa.scalar(None, pa.string()), column) for column in batch.columns[1:]]
            stream.write_batch(pa.record_batch([batch.column(0), *columns], schema=schema))
    head = [[None] * len(row) if at in lines else row for at, row in enumerate(sheet.head, start=1)]
    tail = [(at, row) for at, row in sheet.tail if at not in lines]
    return dataclasses.replace(sheet, path=path, head=head, tail=tail)


def _refused(code: str, earlier: PriorSubmission | None = None, *, value: object, names: str = "") -> Decision:
    return Decision([], earlier, refusal=finding(code, value=value, names=names))


def as_compared(text: str | None) -> str:
    """A cell's text, normalised for comparison: programs write the white space and the numbers of one cell in different ways."""
    if not text:
        return ""
    plain = " ".join(INVISIBLE.sub("", restore(text)).split())
    if NUMBER.fullmatch(plain):
        number = Decimal(plain)
        return "0" if not number else format(number.normalize(), "f")
    return plain


def _is_same(sent: str | None, back: str | None) -> bool:
    """Whether a cell came back as we wrote it: as sent, or masked and cut to what a cell can hold."""
    if as_compared(sent) == as_compared(back):
        return True
    if not sent or not back:
        return False
    returned = as_compared(back)
    return any(returned == as_compared(_cut(mask(sent, is_code=is_code))) for is_code in (False, True))


def _cut(text: str) -> str:
    kept = text.replace("\r\n", "\n")
    return kept if len(kept) <= MAX_CELL_LENGTH else kept[:MAX_CELL_LENGTH] + "……"


def _is_own_changed(
    own: Sequence[SheetCells],
    earlier: PriorSubmission,
    reader: Reader,
    work: Path,
    holds_table: Callable[[PriorSubmission, SheetCells], bool],
) -> bool:
    into = work / "earlier"
    into.mkdir()
    file = earlier.original_in(work)
    if file is None:  # sealed because of personal data, and deleted since
        return True
    reading = reader.read(file, earlier.file_name, into)
    before = own_of(reading.sheets, earlier.file_name)
    written = {name: sheet for sheet, name in annotated_sheets.names(before)} if annotated_sheets.is_small(before) else {}
    for sheet in own:
        sent = written.get(sheet.name)
        if sent is None:
            if holds_table(earlier, sheet):
                return True
        elif not all(_is_same_row(*rows) for rows in zip_longest(rows_of(sent), rows_of(sheet), fillvalue=())):
            return True
    return False


def own_of(sheets: Sequence[SheetCells], file_name: str) -> Sequence[SheetCells]:
    """The sheets of a file without those that we added."""
    workbook = unpack(sheets, file_name)
    return sheets if workbook is None else workbook.own


def _is_same_row(sent: Sequence[str | None], back: Sequence[str | None]) -> bool:
    return all(_is_same(*cells) for cells in zip_longest(sent, back))


def rows_of(sheet: SheetCells) -> Iterator[Sequence[str | None]]:
    """The cells of a sheet, row by row."""
    for batch in sheet.batches():
        yield from zip(*(column.to_pylist() for column in batch.columns[1:]), strict=True)


def _are_rows_changed(sheets: Sequence[SheetCells], earlier: PriorSubmission) -> bool:
    returned = Counter(_signature(row.line, row.sheet, row.by_slot) for row in earlier.returned())
    return returned != Counter(_signature(line, name, cells) for sheet in sheets for _, line, name, cells in _returned(sheet))


def _returned(sheet: SheetCells) -> Iterator[tuple[int, object, str | None, Mapping[tuple[str, int], str | None]]]:
    """The rows of a sheet 退回行: where each stands, its row number, the sheet where it stood, and slot → text."""
    slots: list[tuple[str, int]] | None = None
    header: Sequence[str | None] = ()
    for at, cells in enumerate(rows_of(sheet), start=1):
        if slots is None:
            if _is_our_header(cells):
                header, slots = cells, list(slots_of(as_compared(cell) for cell in cells))
            continue
        row = dict(zip(slots, proposals.take(header, cells), strict=False))
        has_proposals = proposals.columns_of(header) is not None
        for ours in (REASON, VERDICT, NOTE, *((proposals.PROPOSED, proposals.TAKE) if has_proposals else ())):
            row.pop((ours, 1), None)
        if any(row.values()):
            line = as_compared(row.pop((LINE, 1), None))
            yield at, line, row.pop((SHEET, 1), None), row


def _signature(line: object, sheet: str | None, cells: Mapping[tuple[str, int], str | None]) -> int:
    compared = ((as_compared(header), n, as_compared(text)) for (header, n), text in cells.items())
    return hash((str(line), as_compared(sheet), frozenset(cell for cell in compared if cell[2])))


def _restored(sheet: SheetCells, work: Path) -> SheetCells:
    """A sheet without the apostrophes that we put before texts which a spreadsheet could run as formulas."""
    if not any(
        pc.any(pc.fill_null(pc.starts_with(column, "'"), False)).as_py()
        for batch in sheet.batches()
        for column in batch.columns[1:]
    ):
        return sheet
    path = work / f"restored-{sheet.index}.arrows"
    schema = next(iter(sheet.batches())).schema
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as stream:
        for batch in sheet.batches():
            columns = [batch.column(0)]
            for column in batch.columns[1:]:
                texts = column.to_pylist()
                columns.append(pa.array([text and restore(text) for text in texts], pa.string()))
            stream.write_batch(pa.record_batch(columns, schema=schema))
    head = [[cell and restore(cell) for cell in row] for row in sheet.head]
    return dataclasses.replace(sheet, path=path, head=head)
