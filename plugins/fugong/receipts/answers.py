"""Reads what senders answer: the columns 核实结果 and 核实说明 of the sheets 待核实 and 退回行 that come back.

A row of 待核实 names its question by number. A row of 退回行 names a line of a submission: its answer is about every reason
why that line was returned.
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fugong.core.cell_address import cell_address
from fugong.core.sanitize import one_line, restore
from fugong.core.vocabulary import Verdict
from fugong.reading.model import SheetCells

NUMBER = "题号"
VERDICT = "核实结果"
NOTE = "核实说明"
LINE = "行号"
SHEET = "所在工作表"
"""Headers that we add. `SHEET` only where rows of several sheets of one table are returned: a line number alone does not tell them apart."""
MAX_REASON = 200
"""Characters of a reason."""
MAX_HEADER_ROWS = 12
REFUSED = frozenset(
    (
        "answer-of-nobody",
        "answer-unclear",
        "answer-without-reason",
        "answer-too-long",
        "answer-stale",
        "answer-not-mended",
    )
)
"""Codes of answers that are not taken."""
NOT_ASKED = REFUSED | {"personal-contact"}
"""Warnings that no answer makes undone: they are about personal data, or about answers themselves."""
WORDS = {
    **{verdict.zh: verdict for verdict in Verdict},
    **{verdict.value: verdict for verdict in Verdict},
    "情况属实": Verdict.CONFIRMED,
    "确认": Verdict.CONFIRMED,
    "已更正": Verdict.CORRECTED,
    "已修改": Verdict.CORRECTED,
    "口径不一致": Verdict.DEFINITION,
    "待核": Verdict.PENDING,
    "待核实": Verdict.PENDING,
}
SPLIT = re.compile(r"\s*[:\uff1a,\uff0c;\uff1b。、(\uff08]\s*|\s+")
SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class GivenAnswer:
    """One answer as its sender wrote it.

    Attributes:
        question_id: from 待核实; None where the row is one of 退回行, or where its number cannot be read.
        line: from 退回行: sheet (None where the row names none) and line of the file that was sent first.
        verdict: None where the words mean none.
        typed: the words of the verdict as typed.
        reason: on one line, and otherwise as typed.
        sheet, row_number, cell: where it stands.
    """

    question_id: int | None
    line: tuple[str | None, int] | None
    verdict: Verdict | None
    typed: str
    reason: str
    sheet: str
    row_number: int
    cell: str


@dataclass(frozen=True)
class Columns:
    """Where the answers of a sheet stand: 0-based columns, and the 0-based line of the header."""

    header_line: int
    verdict: int
    note: int
    number: int | None = None
    line: int | None = None
    sheet: int | None = None


def columns_of(sheet: SheetCells) -> Columns | None:
    """Where the answers of a sheet of ours stand; None in one without such columns."""
    for at, row in enumerate(sheet.head[:MAX_HEADER_ROWS]):
        names = [SPACES.sub("", cell or "") for cell in row]
        if VERDICT in names and NOTE in names:
            others = (names.index(name) if name in names else None for name in (NUMBER, LINE, SHEET))
            return Columns(at, names.index(VERDICT), names.index(NOTE), *others)
    return None


def is_to_verify(sheet: SheetCells) -> bool:
    """Whether a sheet has the header of 待核实, whatever its name and title."""
    columns = columns_of(sheet)
    return columns is not None and columns.number is not None


def read(sheet: SheetCells) -> Iterator[GivenAnswer]:
    """The answers in a sheet of ours; rows without any are left out."""
    columns = columns_of(sheet)
    if columns is None:
        return
    for row_number, cells in _rows(sheet):
        if row_number <= columns.header_line + 1:
            continue
        typed, note = (one_line(restore(_at(cells, at))).strip() for at in (columns.verdict, columns.note))
        if not typed and not note:
            continue
        verdict, reason = understood(typed, note)
        line = _number(_at(cells, columns.line)) if columns.number is None else None
        yield GivenAnswer(
            _number(_at(cells, columns.number)),
            None if line is None else (_at(cells, columns.sheet) or None, line),
            verdict,
            typed,
            reason,
            sheet.name,
            row_number,
            cell_address(columns.verdict, row_number),
        )


def understood(typed: str, note: str) -> tuple[Verdict | None, str]:
    """The verdict and the reason that two cells say: clerks also write `属实:停产检修` into one of them."""
    said, other = (typed, note) if typed else (note, "")
    if (verdict := WORDS.get(said.casefold())) is not None:
        return verdict, other
    word, *rest = SPLIT.split(said, maxsplit=1)
    if (verdict := WORDS.get(word.casefold())) is not None:
        behind = rest[0].strip(" )\uff09。") if rest else ""
        return verdict, ",".join(filter(None, (behind, other)))
    return None, note or typed


def _rows(sheet: SheetCells) -> Iterator[tuple[int, Sequence[str | None]]]:
    for batch in sheet.batches():
        numbers, *columns = (column.to_pylist() for column in batch.columns)
        yield from zip(numbers, zip(*columns, strict=True), strict=True)


def _at(cells: Sequence[str | None], at: int | None) -> str:
    return (cells[at] or "").strip() if at is not None and at < len(cells) else ""


def _number(text: str) -> int | None:
    """A number that a program may have written as `17.0`."""
    plain = restore(text).strip()
    found = re.fullmatch(r"(\d{1,15})(?:\.0+)?", plain)
    return int(found.group(1)) if found else None
