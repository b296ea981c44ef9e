"""退回行: the workbook that goes back to a department, to be mended and dropped again.

One sheet per sheet of the file, the columns as sent, the line's number before them and the reason after them. Cells at
fault are yellow. Nothing in it runs when it is opened, and it is the same bytes whenever it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import psycopg
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from fugong.code_list import fold
from fugong.contract import Contracts, Table
from fugong.header import fold_header
from fugong.personal_data import mask
from fugong.safe_text import neutralise, one_line
from fugong.typography import set_chinese, width

LINE = "行号"
REASON = "退回原因"
SUBMISSION_PROPERTY = "fugong_submission"
"""Document property that says which submission's rows these are."""
WRITTEN_AT = datetime(2020, 1, 1)  # noqa: DTZ001 - a fixed stamp, so that the same rows make the same bytes
MOST_ROWS = 100_000
MOST_COMMENTED_ROWS = 1_000
"""Spreadsheets become unusable with many comments; the last column has every reason."""
LONGEST_CELL = 32_000
PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?")
MOST_DIGITS = 15
BAD_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
LONGEST_SHEET_NAME = 31
FONT = "微软雅黑"
ROW_HEIGHT = 20
REASON_WIDTH = 64

Pairs = Sequence[tuple[str, str | None]]
Slot = tuple[str, int]
"""A header as sent, and which of the columns with that header."""


@dataclass
class _Sheet:
    """What one sheet needs while it is written.

    Attributes:
        slots: its columns from left to right.
        kinds: per slot `number`, `code` (kept from masking) or `text`.
    """

    name: str
    table: Table | None
    slots: list[Slot]
    kinds: list[str]
    codes: frozenset[str]
    widths: list[int] = field(default_factory=list[int])
    n_written: int = 0


def code_columns(table: Table) -> frozenset[str]:
    """Columns that hold numbers of the sender's own: keys, accounts, indexed references."""
    return table.own_numbers


def has_cells(connection: psycopg.Connection[Any], submission_id: int) -> bool:
    """Whether the cells of a submission's returned rows are still kept."""
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM intake.set_aside_row WHERE submission_id = %s AND cells IS NOT NULL)", (submission_id,)
    ).fetchone()
    return found == (True,)


def write(
    connection: psycopg.Connection[Any], contracts: Contracts, document: Mapping[str, Any], path: Path, *, spool: Path
) -> None:
    """Write the workbook of a submission's returned rows.

    Args:
        document: the receipt.
        path: an .xlsx is written here, whatever its name.
        spool: an existing folder for working files.
    """
    submission_id: int = document["submission_id"]
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "tmpdir": str(spool), "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties(
        {"title": REASON[:2] + "行", "subject": document["report_name"] or "", "author": "复工", "created": WRITTEN_AT}
    )
    book.set_custom_property(SUBMISSION_PROPERTY, submission_id, "number")
    book.set_size(2400, 1400)
    styles = _Styles(book)
    taken: set[str] = {"说明"}
    n_left = MOST_ROWS
    for table_name, sheet_name in connection.execute(
        """
        SELECT table_name, sheet FROM intake.set_aside_row WHERE submission_id = %s AND cells IS NOT NULL
        GROUP BY table_name, sheet ORDER BY sheet, table_name
        """,
        (submission_id,),
    ).fetchall():
        table = contracts.tables.get(table_name)
        slots = _slots(connection, submission_id, table_name, sheet_name)
        sheet = _Sheet(
            name=_sheet_name(sheet_name or (table.title if table else table_name), taken),
            table=table,
            slots=slots,
            kinds=[_kind(table, header) for header, _ in slots],
            codes=code_columns(table) if table else frozenset(),
        )
        _write_sheet(book, styles, sheet, _lines(connection, submission_id, table_name, sheet_name, n_left))
        n_left -= sheet.n_written
    _write_notes(book, styles, document, MOST_ROWS - n_left)
    book.close()


def _slots(connection: psycopg.Connection[Any], submission_id: int, table_name: str, sheet_name: str) -> list[Slot]:
    found = connection.execute(
        """
        SELECT headers, min(row_number) FROM (
            SELECT row_number, (SELECT jsonb_agg(pair -> 0 ORDER BY place)
                FROM jsonb_array_elements(cells) WITH ORDINALITY AS listed (pair, place)) AS headers
            FROM intake.set_aside_row
            WHERE submission_id = %s AND table_name = %s AND sheet = %s AND cells IS NOT NULL
        ) AS line
        GROUP BY headers ORDER BY 2
        """,
        (submission_id, table_name, sheet_name),
    ).fetchall()
    slots: dict[Slot, None] = {}
    for headers, _ in found:
        slots |= dict.fromkeys(_numbered(headers or []))
    return list(slots)


def _numbered(headers: Sequence[str | None]) -> Iterator[Slot]:
    seen: dict[str, int] = {}
    for header in headers:
        text = header or ""
        seen[text] = seen.get(text, 0) + 1
        yield text, seen[text]


def _lines(
    connection: psycopg.Connection[Any], submission_id: int, table_name: str, sheet_name: str, n_most: int
) -> Iterator[tuple[int, Pairs, Sequence[Mapping[str, Any]]]]:
    with connection.cursor() as cursor:
        yield from cursor.stream(
            """
            SELECT row_number, cells, reasons FROM intake.set_aside_row
            WHERE submission_id = %s AND table_name = %s AND sheet = %s AND cells IS NOT NULL
            ORDER BY row_number LIMIT %s
            """,
            (submission_id, table_name, sheet_name, n_most),
        )


def _kind(table: Table | None, header: str) -> str:
    if table is None:
        return "text"
    folded = fold_header(header)
    for column in table.columns:
        if folded in {fold_header(name) for name in column.headers}:
            if column.name in code_columns(table):
                return "code"
            return "number" if column.logical_type in {"number", "integer"} else "text"
    return "text"


def _sheet_name(wanted: str, taken: set[str]) -> str:
    name = BAD_SHEET_NAME.sub("_", one_line(wanted)).strip("' ")[:LONGEST_SHEET_NAME] or "退回行"
    if name.casefold() == "history":
        name = "_" + name
    unique, n = name, 1
    while unique.casefold() in taken:
        n += 1
        unique = f"{name[: LONGEST_SHEET_NAME - len(str(n)) - 1]}_{n}"
    taken.add(unique.casefold())
    return unique


class _Styles:
    """The workbook's few cell formats, made when first asked for."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._cells: dict[tuple[str, bool, bool], Format] = {}

    def of(self, **properties: object) -> Format:
        """The format with these properties."""
        wanted = {"font_name": FONT, "font_size": 11, "valign": "vcenter"} | properties
        key = tuple(sorted(wanted.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(wanted)
        return self._made[key]

    def cell(self, *, kind: str, is_fault: bool, is_quoted: bool) -> Format:
        """A cell as sent; `is_quoted` keeps a spreadsheet from running it when somebody edits it."""
        if found := self._cells.get((kind, is_fault, is_quoted)):
            return found
        properties: dict[str, object] = {"border": 1, "border_color": "#BFBFBF"}
        if kind != "number":
            properties["num_format"] = "@"
        if kind != "number" or is_fault or is_quoted:
            properties["indent"] = 1
        if is_fault:
            properties |= {"bg_color": "#FFEB3B", "font_color": "#7F0000", "border_color": "#C9A400"}
        if is_quoted:
            properties["quote_prefix"] = True
        return self._cells.setdefault((kind, is_fault, is_quoted), self.of(**properties))

    @cached_property
    def ours(self) -> Format:
        """A cell of ours."""
        return self.of(border=1, border_color="#BFBFBF", bg_color="#F2F2F2", font_color="#595959", align="center")

    @cached_property
    def reason(self) -> Format:
        """The last column."""
        return self.of(border=1, border_color="#BFBFBF", bg_color="#F2F2F2", font_color="#9C2A00", text_wrap=True, indent=1)

    def header(self, *, is_ours: bool) -> Format:
        """A header as sent, or one of ours."""
        colour = "#7F7F7F" if is_ours else "#1F4E79"
        return self.of(
            bold=True, font_color="#FFFFFF", bg_color=colour, border=1, border_color="#BFBFBF", align="center", text_wrap=True
        )


def _write_sheet(
    book: xlsxwriter.Workbook,
    styles: _Styles,
    sheet: _Sheet,
    lines: Iterator[tuple[int, Pairs, Sequence[Mapping[str, Any]]]],
) -> None:
    page = book.add_worksheet(sheet.name)
    place_of = {slot: place for place, slot in enumerate(sheet.slots, start=1)}
    last = len(sheet.slots) + 1
    page.set_row(0, 32)
    page.write_string(0, 0, LINE, styles.header(is_ours=True))
    for (header, _), place in place_of.items():
        page.write_string(0, place, neutralise(one_line(header)), styles.header(is_ours=False))
    page.write_string(0, last, REASON, styles.header(is_ours=True))
    sheet.widths = [width(header) for header, _ in sheet.slots]
    for line, (row_number, cells, reasons) in enumerate(lines, start=1):
        sheet.n_written = line
        at_fault = _faults(sheet, reasons)
        said = [_sentence(reason, sheet) for reason in reasons]
        if len(said) > 1:
            said = [f"{n}. {sentence}" for n, sentence in enumerate(said, start=1)]
        n_lines = sum(1 + width(sentence) // (REASON_WIDTH - 4) for sentence in said)
        page.set_row(line, ROW_HEIGHT * min(max(n_lines, 1), 12))
        page.write_number(line, 0, row_number, styles.ours)
        sent = dict(zip(_numbered([header for header, _ in cells]), (value for _, value in cells), strict=True))
        for slot, place in place_of.items():
            is_fault = slot in at_fault
            _write_cell(page, styles, sheet, line, place, sent.get(slot), is_fault=is_fault)
            if is_fault and line <= MOST_COMMENTED_ROWS:
                _write_comment(page, line, place, at_fault[slot])
        page.write_string(line, last, neutralise("\n".join(said)[:LONGEST_CELL]), styles.reason)
    page.set_column(0, 0, 7)
    for place, wanted in enumerate(sheet.widths, start=1):
        page.set_column(place, place, min(max(wanted + 3, 9), 42))
    page.set_column(last, last, REASON_WIDTH)
    page.freeze_panes(1, 1)
    page.ignore_errors({"number_stored_as_text": f"A1:{xl_rowcol_to_cell(sheet.n_written, last)}"})
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer(set_chinese("&C第 &P 页,共 &N 页"))


def _write_cell(
    page: Worksheet, styles: _Styles, sheet: _Sheet, line: int, place: int, raw: str | None, *, is_fault: bool
) -> None:
    kind = sheet.kinds[place - 1]
    if raw is None or not raw:
        page.write_blank(line, place, None, styles.cell(kind=kind, is_fault=is_fault, is_quoted=False))
        return
    value, shown, wide = _shown(raw, is_code=kind == "code")
    sheet.widths[place - 1] = max(sheet.widths[place - 1], wide)
    if kind == "number" and not is_fault and PLAIN_NUMBER.fullmatch(value) and _keeps_its_digits(value):
        page.write_number(line, place, float(value), styles.cell(kind=kind, is_fault=False, is_quoted=False))
        return
    style = styles.cell(kind=kind, is_fault=is_fault, is_quoted=shown[0] in "=+-@'")
    page.write_string(line, place, shown, style)


def _keeps_its_digits(number: str) -> bool:
    return len(number.lstrip("-").replace(".", "")) <= MOST_DIGITS and Decimal(repr(float(number))) == Decimal(number)


def _storable(text: str) -> str:
    """Without the two characters that XML has no place for, and within what a cell holds."""
    kept = text.replace("\ufffe", "").replace("\uffff", "")
    return kept if len(kept) <= LONGEST_CELL else kept[:LONGEST_CELL] + "……"


def _faults(sheet: _Sheet, reasons: Sequence[Mapping[str, Any]]) -> dict[Slot, list[str]]:
    """Columns at fault → what is wrong there. A reason for the whole line (or a missing column) names none."""
    found: dict[Slot, list[str]] = {}
    for reason in reasons:
        for slot in _slots_of(sheet, reason):
            found.setdefault(slot, []).append(_sentence(reason, sheet))
    return found


def _slots_of(sheet: _Sheet, reason: Mapping[str, Any]) -> list[Slot]:
    header, name = reason.get("header"), reason.get("column")
    if header is not None and (header, 1) in sheet.slots:
        return [(header, 1)]
    column = sheet.table.by_name.get(name) if sheet.table and name else None
    wanted = {fold_header(text) for text in column.headers} if column else set[str]()
    # The key of several columns is named by all their headers at once.
    wanted |= {fold_header(text) for text in re.split(r"[、,+]|和", header or "") if fold(text)}
    return [slot for slot in sheet.slots if slot[1] == 1 and fold_header(slot[0]) in wanted]


def _sentence(reason: Mapping[str, Any], sheet: _Sheet) -> str:
    return _said(str(reason["message_zh"]), is_code=reason.get("column") in sheet.codes)


@lru_cache(maxsize=4_096)
def _said(message: str, *, is_code: bool) -> str:
    return set_chinese(mask(message, is_code=is_code))


@lru_cache(maxsize=16_384)
def _shown(raw: str, *, is_code: bool) -> tuple[str, str, int]:
    """A cell masked, the same made harmless, and how wide it is. Most cells of a column repeat."""
    masked = mask(raw, is_code=is_code)
    return masked, neutralise(_storable(masked)), width(masked)


def _write_comment(page: Worksheet, line: int, place: int, said: Sequence[str]) -> None:
    comment = "\n".join(said)[:2_000]
    n_lines = sum(1 + width(row) // 38 for row in comment.split("\n"))
    page.write_comment(
        line,
        place,
        comment,
        {
            "author": "复工",
            "width": 280,
            "height": 18 + 18 * min(n_lines, 12),
            "font_name": FONT,
            "font_size": 10,
            "color": "#FFFBE6",
        },
    )


def _write_notes(book: xlsxwriter.Workbook, styles: _Styles, document: Mapping[str, Any], n_written: int) -> None:
    page = book.add_worksheet("说明")
    page.hide_gridlines(2)
    page.set_column(0, 0, 14)
    page.set_column(1, 1, 84)
    page.set_row(0, 30)
    page.write_string(0, 0, "退回行的改法", styles.of(bold=True, font_size=16, font_color="#1F4E79"))
    returned = f"{document['rows_set_aside']} 行"
    if document["rows_set_aside"] > n_written:
        is_whole_file = document["state"] == "rejected"
        returned += f",本表列出{'其中有问题的' if is_whole_file and n_written < MOST_ROWS else '前'} {n_written} 行"
    facts = [
        ("报表", document["report_name"] or ""),
        ("统计日", document["report_date"] or ""),
        ("原文件", neutralise(one_line(document["file_name"]))),
        ("报送编号", str(document["submission_id"])),
        ("退回行数", returned),
    ]
    label = styles.of(border=1, border_color="#BFBFBF", bg_color="#DDEBF7", bold=True)
    value = styles.of(border=1, border_color="#BFBFBF", text_wrap=True, num_format="@", indent=1)
    page.set_default_row(ROW_HEIGHT)
    for line, (name, said) in enumerate(facts, start=2):
        page.write_string(line, 0, name, label)
        page.write_string(line, 1, set_chinese(said), value)
    steps = [
        "标黄的单元格有问题,原因见批注和最后一列“退回原因”。",
        "请直接在单元格中改,不要改表头、“行号”和工作表名,不要增删列。",
        "改好后保存,原样放回收件夹即可。“退回原因”一列可以留着。",
        "不需要的行可以整行删除;没有改好的行会再次退回。",
    ]
    if document["state"] == "rejected" and any(count["severity"] == "rejected" for count in document["finding_counts"]):
        steps = [
            "这份文件整份退回。标黄的单元格有问题,原因见批注和最后一列“退回原因”。",
            "请在原文件中改好后,整份重新放入收件夹。",
        ]
    for n, said in enumerate(steps, start=1):
        page.write_string(len(facts) + 2 + n, 0, f"第 {n} 步" if len(steps) > 2 else "", styles.of(align="center"))
        page.write_string(len(facts) + 2 + n, 1, set_chinese(said), styles.of(text_wrap=True))
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
