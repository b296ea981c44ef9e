"""Looks for personal data outside the rows of a table: in names, titles, other sheets, comments and document properties.

An ID number or a bank card rejects the file wherever it stands. A telephone number there is that of whoever filled in the form: the file is
taken, the sender is told, the original is sealed, and nothing else keeps the number. Names reach this module masked (`reading.reader`,
`intake.collect`); no program allows asterisks in them, so asterisks are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from fugong.core.cell_address import cell_address
from fugong.findings.collector import FindingCollector
from fugong.parsing.cell_findings import personal_finding
from fugong.parsing.locate import Place
from fugong.privacy.detect import find, mask
from fugong.privacy.detect_columns import find_in
from fugong.reading.model import Reading, SheetCells
from fugong.receipts.answers import MAX_REASON, GivenAnswer

STARS = re.compile(r"\*{4,}")
PHONE_LABEL = re.compile("电话|手机|联系方式|mobile|phone", re.IGNORECASE)
FEWEST_STARS_OF_AN_ID = 8
PLACES = {
    "file": ("文件名", "the file's name"),
    "sheet": ("工作表名", "a sheet's name"),
    "title": ("标题", "a title"),
    "cell": ("表外的格", "a cell outside the table"),
    "answers": ("核实说明", "the text of an answer"),
    "comments": ("批注", "a comment"),
    "properties": ("文档属性", "a document property"),
    "shapes": ("图形或文本框", "a shape"),
    "boxes": ("批注或文本框", "a comment or text box"),
    "names": ("定义的名称", "a defined name"),
    "pages": ("页眉页脚", "a header or footer"),
    "links": ("超链接", "a hyperlink"),
    "hints": ("数据验证", "an input hint"),
    "formulas": ("公式", "a formula"),
    "others": ("表格以外的内容", "a text outside the tables"),
}


def record_personal_texts(
    file_name: str, reading: Reading, sheets: Sequence[SheetCells], places: Sequence[Place], findings: FindingCollector
) -> None:
    """Record the personal data of a file that stand outside the rows of its tables; those between the rows are found while they are typed.

    Args:
        sheets: those of the sender; a workbook that comes back has sheets of ours, too.
    """
    for where, text in (
        ("file", file_name),
        ("file", reading.inner_name or ""),
        *(("sheet", sheet.name) for sheet in sheets),
        *reading.texts,
    ):
        for kind in _kinds_of(text):
            findings.add(personal_finding(kind, PLACES[where], mask(text)))
    tables = {place.sheet.name: place.header.last_row + 1 for place in places}
    for sheet in sheets:
        for row, column, kind, text in _outside(sheet, tables.get(sheet.name)):
            where = PLACES["title" if sheet.name in tables else "cell"]
            findings.add(personal_finding(kind, where, mask(text), sheet.name, row, cell_address(column, row)))


def record_personal_answers(answers: Iterable[GivenAnswer], findings: FindingCollector) -> None:
    """Record the personal data in the texts of answers."""
    for answer in answers:
        for hit in find(f"{answer.typed} {answer.reason}")[:1]:
            text = mask(answer.reason)[:MAX_REASON]
            findings.add(personal_finding(hit.kind, PLACES["answers"], text, answer.sheet, answer.row_number, answer.cell))


def _kinds_of(text: str) -> Iterator[str]:
    yield from (hit.kind for hit in find(text))
    for stars in STARS.findall(text):
        yield "id_number" if len(stars) >= FEWEST_STARS_OF_AN_ID else "mobile"


def _outside(sheet: SheetCells, n_rows_above: int | None) -> Iterator[tuple[int, int, str, str]]:
    """Row (from 1), column (from 0), kind and text of cells with personal data in the header of a table and above it, or in a sheet without one."""
    if n_rows_above is not None:
        for row, cells in enumerate(sheet.head[:n_rows_above], 1):
            yield from ((row, at, hit.kind, cell) for at, cell in enumerate(cells) if cell for hit in find(cell)[:1])
        return
    # Below a word for telephones a bare number is one.
    kind_of_cells = "text" if any(PHONE_LABEL.search(cell) for cells in sheet.head for cell in cells if cell) else "number"
    for batch in sheet.batches():
        for at in range(batch.num_columns - 1):
            cells = batch.column(at + 1)
            for position, kind in find_in(cells, kind_of_cells):
                yield batch.column(0)[position].as_py(), at, kind, cells[position].as_py()
