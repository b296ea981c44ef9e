"""What comes back of a receipt's workbook: rows that were mended, a whole new version, both, or nothing new.

Sheets of ours are known by their first row (`退回行 · 报送编号 12 · …`), so they may be copied, renamed and saved in any format. What
was changed is found by comparing texts with what we returned and with the archived file: programs that save a workbook again
rewrite everything else in it.
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
from fugong.findings.catalogue import finding
from fugong.findings.finding import Finding
from fugong.parsing.file_name import marks, stem, without_our_ending
from fugong.privacy.detect import mask
from fugong.reading.model import SheetCells
from fugong.reading.reader import Reader
from fugong.receipts import annotated_sheets
from fugong.receipts.returned_rows import FAULTY_SHEET, FRONT, LINE, REASON, SHEET, Returned, numbered
from fugong.receipts.styles import MAX_CELL_LENGTH

TITLE = re.compile(rf"\s*({FRONT}|{SHEET}|{FAULTY_SHEET})\W{{0,8}}报送编号\W{{0,3}}(\d{{1,15}})(?!\d)")
TITLE_ROWS = 12
"""A clerk may put a few rows above ours."""
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")


@dataclass(frozen=True)
class Original:
    """The submission whose returned rows a file holds."""

    submission_id: int
    report: str
    report_date: date


@dataclass(frozen=True)
class PriorSubmission:
    """A submission of the same sender's, of which something comes back.

    Attributes:
        original: it, or the one that it mends itself; None where its report or day was never known.
        file_name: under which that was sent.
        file: that file in the archive.
        returned: the rows that went back, all of them; none when their cells are not kept any more.
    """

    submission_id: int
    original: Original | None
    file_name: str
    file: Path
    returned: Callable[[], Iterable[Returned]]


EarlierOf = Callable[[int], PriorSubmission | None]
"""Number of a submission → what is known of it, if it is the sender's."""


def nothing_earlier(_number: int) -> None:
    """Where there is no warehouse to ask."""
    return


@dataclass(frozen=True)
class ReturnedWorkbook:
    """The sheets of a file that holds some of ours.

    Attributes:
        numbers: of the submissions that our sheets (or else the file's name) speak of.
        returned: sheets 退回行.
        own: sheets that are not ours and hold something.
    """

    numbers: frozenset[int]
    returned: list[SheetCells]
    own: list[SheetCells]


@dataclass(frozen=True)
class Decision:
    """How what came back is judged.

    Attributes:
        sheets: what is judged.
        is_repair: whether they are returned rows; if not, they are a new version.
        refusal: why it is not judged at all.
    """

    sheets: list[SheetCells]
    earlier: PriorSubmission | None = None
    is_repair: bool = False
    refusal: Finding | None = None


def unpack(sheets: Sequence[SheetCells], file_name: str) -> ReturnedWorkbook | None:
    """Tell our sheets from the sender's; None if none is ours."""
    returned: list[SheetCells] = []
    own: list[SheetCells] = []
    numbers: set[int] = set()
    n_ours = 0
    for sheet in sheets:
        found = _title(sheet)
        is_returned = found.group(1) == SHEET if found else _has_our_header(sheet)
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
    cells = (cell for row in sheet.head[:TITLE_ROWS] for cell in row if cell)
    return next((found for cell in cells if (found := TITLE.match(cell))), None)


def _has_our_header(sheet: SheetCells) -> bool:
    return any(_is_our_header(row) for row in sheet.head[:TITLE_ROWS])


def _is_our_header(row: Sequence[str | None]) -> bool:
    cells = [as_compared(cell) for cell in row if cell]
    return len(cells) > 2 and cells[0] == LINE and cells[-1] == REASON


def decide(
    parcel: ReturnedWorkbook,
    file_name: str,
    earlier_of: EarlierOf,
    reader: Reader,
    work: Path,
    holds_table: Callable[[PriorSubmission, SheetCells], bool],
) -> Decision:
    """Find out what was changed, and so what is to be judged.

    Args:
        work: an empty folder for working files.
        holds_table: whether a sheet that we did not write holds a table of the report.
    """
    if len(parcel.numbers) > 1:
        return _refused("several-receipts", value="、".join(map(str, sorted(parcel.numbers))))
    number = next(iter(parcel.numbers), None)
    if number is None:
        return _refused("returned-without-number", value=file_name)
    earlier = earlier_of(number)
    if earlier is None:
        return _refused("unknown-submission", value=number)
    is_own_changed = bool(parcel.own) and _is_own_changed(parcel.own, earlier, reader, work, holds_table)
    is_repair = bool(parcel.returned) and (not parcel.own or _are_rows_changed(parcel.returned, earlier))
    if is_own_changed and is_repair:
        names = "、".join(f"“{sheet.name}”" for sheet in parcel.own)
        return _refused("both-changed", earlier, value=number, names=names)
    if is_repair and earlier.original is not None:
        return Decision([_restored(sheet, work) for sheet in parcel.returned], earlier, is_repair=True)
    if parcel.own and (is_own_changed or marks([stem(file_name)]) != marks([stem(earlier.file_name)])):
        return Decision([_restored(sheet, work) for sheet in parcel.own], earlier)
    return _refused("nothing-changed", earlier, value=number)


def _refused(code: str, earlier: PriorSubmission | None = None, *, value: object, names: str = "") -> Decision:
    return Decision([], earlier, refusal=finding(code, value=value, names=names))


def as_compared(text: str | None) -> str:
    """A cell's text as it is compared: however a program writes white space and numbers, the same cell gives the same text."""
    if not text:
        return ""
    plain = " ".join(UNSEEN.sub("", restore(text)).split())
    if NUMBER.fullmatch(plain):
        number = Decimal(plain)
        return "0" if not number else format(number.normalize(), "f")
    return plain


def _is_same(sent: str | None, back: str | None) -> bool:
    """Whether a cell came back as we wrote it: as sent, but for personal data and what does not fit into a cell."""
    if as_compared(sent) == as_compared(back):
        return True
    if not sent or not back:
        return False
    told = as_compared(back)
    return any(told == as_compared(_cut(mask(sent, is_code=is_code))) for is_code in (False, True))


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
    if not earlier.file.exists():  # sealed, with personal data in it: no workbook was made of it
        return True
    into = work / "earlier"
    into.mkdir()
    reading = reader.read(earlier.file, earlier.file_name, into)
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
    """The sender's own sheets of a file."""
    parcel = unpack(sheets, file_name)
    return sheets if parcel is None else parcel.own


def _is_same_row(sent: Sequence[str | None], back: Sequence[str | None]) -> bool:
    return all(_is_same(*cells) for cells in zip_longest(sent, back))


def rows_of(sheet: SheetCells) -> Iterator[Sequence[str | None]]:
    """The cells of a sheet, row by row."""
    for batch in sheet.batches():
        yield from zip(*(column.to_pylist() for column in batch.columns[1:]), strict=True)


def _are_rows_changed(sheets: Sequence[SheetCells], earlier: PriorSubmission) -> bool:
    returned = Counter(_signature(row.line, row.by_slot) for row in earlier.returned())
    return returned != Counter(_signature(line, cells) for sheet in sheets for line, cells in _returned(sheet))


def _returned(sheet: SheetCells) -> Iterator[tuple[object, Mapping[tuple[str, int], str | None]]]:
    """The rows of a sheet 退回行: the line's number and the cells under their headers."""
    slots: list[tuple[str, int]] | None = None
    for cells in rows_of(sheet):
        if slots is None:
            if _is_our_header(cells):
                slots = list(numbered(as_compared(cell) for cell in cells))
            continue
        row = dict(zip(slots, cells, strict=False))
        if any(row.values()):
            line = as_compared(row.pop((LINE, 1), None))
            row.pop((REASON, 1), None)
            yield line, row


def _signature(line: object, cells: Mapping[tuple[str, int], str | None]) -> int:
    told = ((as_compared(header), n, as_compared(text)) for (header, n), text in cells.items())
    return hash((str(line), frozenset(cell for cell in told if cell[2])))


def _restored(sheet: SheetCells, work: Path) -> SheetCells:
    """A sheet without the apostrophes that we put before texts which a spreadsheet could run."""
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
