"""Recognises a receipt's workbook that a sender sends back, and decides what was changed in it.

The sender may have mended the returned rows, changed the whole report, both, or nothing. Sheets of ours have a title row
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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from fugong.core.sanitize import restore
from fugong.core.vocabulary import ReceiptSheet
from fugong.findings.catalogue import finding
from fugong.findings.finding import Finding
from fugong.parsing.file_name import stem, without_our_ending
from fugong.parsing.marks import marks
from fugong.privacy.detect import mask
from fugong.reading.model import SheetCells
from fugong.reading.reader import Reader
from fugong.receipts import annotated_sheets, proposals
from fugong.receipts.returned_rows import LINE, REASON, SHEET, Returned, slots_of
from fugong.receipts.styles import MAX_CELL_LENGTH

TITLE = re.compile(rf"\s*({'|'.join(ReceiptSheet)})\W{{0,8}}报送编号\W{{0,3}}(\d{{1,15}})(?!\d)")
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
        own: the sender's sheets that are not blank.
    """

    numbers: frozenset[int]
    returned: list[SheetCells]
    own: list[SheetCells]


@dataclass(frozen=True)
class Decision:
    """Which sheets of the workbook are to be evaluated.

    Attributes:
        sheets: to evaluate.
        is_repair: whether they hold returned rows; if not, they are a new version.
        refusal: why none is evaluated.
    """

    sheets: list[SheetCells]
    earlier: PriorSubmission | None = None
    is_repair: bool = False
    refusal: Finding | None = None


def unpack(sheets: Sequence[SheetCells], file_name: str) -> ReturnedWorkbook | None:
    """Separate our sheets from the sender's; None if the file has none of ours."""
    returned: list[SheetCells] = []
    own: list[SheetCells] = []
    numbers: set[int] = set()
    n_ours = 0
    for sheet in sheets:
        found = _title(sheet)
        is_returned = found.group(1) == ReceiptSheet.RETURNED if found else _has_our_header(sheet)
        n_ours += found is not None or is_returned
        if found:
            numbers.add(int(found.group(2)))
        if is_returned:
            returned.append(sheet)
        elif not found and not annotated_sheets.is_blank(sheet):
            own.append(sheet)
    if not n_ours:
        return None
    if not numbers and (named := without_our_ending(file_name)[1]) is not None:
        numbers.add(named)
    return ReturnedWorkbook(frozenset(numbers), returned, own)


def _title(sheet: SheetCells) -> re.Match[str] | None:
    cells = (cell for row in sheet.head[:MAX_TITLE_ROWS] for cell in row if cell)
    return next((found for cell in cells if (found := TITLE.match(cell))), None)


def _has_our_header(sheet: SheetCells) -> bool:
    return any(_is_our_header(row) for row in sheet.head[:MAX_TITLE_ROWS])


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
    if len(workbook.numbers) > 1:
        return _refused("several-receipts", value="、".join(map(str, sorted(workbook.numbers))))
    number = next(iter(workbook.numbers), None)
    if number is None:
        return _refused("returned-without-number", value=file_name)
    earlier = earlier_of(number)
    if earlier is None:
        return _refused("unknown-submission", value=number)
    is_own_changed = bool(workbook.own) and _is_own_changed(workbook.own, earlier, reader, work, holds_table)
    is_repair = bool(workbook.returned) and (not workbook.own or _are_rows_changed(workbook.returned, earlier))
    if is_own_changed and is_repair:
        names = "、".join(f"“{sheet.name}”" for sheet in workbook.own)
        return _refused("both-changed", earlier, value=number, names=names)
    if is_repair and earlier.original is not None:
        mended = [proposals.taken(_restored(sheet, work), _header_line(sheet), work) for sheet in workbook.returned]
        return Decision(mended, earlier, is_repair=True)
    if workbook.own and (is_own_changed or marks([stem(file_name)]) != marks([stem(earlier.file_name)])):
        return Decision([_restored(sheet, work) for sheet in workbook.own], earlier)
    return _refused("nothing-changed", earlier, value=number)


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
    return returned != Counter(_signature(*row) for sheet in sheets for row in _returned(sheet))


def _returned(sheet: SheetCells) -> Iterator[tuple[object, str | None, Mapping[tuple[str, int], str | None]]]:
    """The rows of a sheet 退回行: row number, the sheet where it stood, and slot → text."""
    slots: list[tuple[str, int]] | None = None
    header: Sequence[str | None] = ()
    for cells in rows_of(sheet):
        if slots is None:
            if _is_our_header(cells):
                header, slots = cells, list(slots_of(as_compared(cell) for cell in cells))
            continue
        row = dict(zip(slots, proposals.take(header, cells), strict=False))
        if any(row.values()):
            line = as_compared(row.pop((LINE, 1), None))
            for ours in (REASON, *(() if proposals.columns_of(header) is None else (proposals.PROPOSED, proposals.TAKE))):
                row.pop((ours, 1), None)
            yield line, row.pop((SHEET, 1), None), row


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
