"""The receipt as a workbook: a cover sheet, the rows to mend, and the sender's own sheets with the faulty cells marked.

The workbook has the same bytes whenever it is written from the same tables and the same archived file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from fugong.contracts.contract import Contract
from fugong.contracts.schedule import load_calendar, next_one
from fugong.core.sanitize import neutralise, one_line
from fugong.core.settings import Settings
from fugong.core.typesetting import set_chinese, width
from fugong.core.vocabulary import PartKind, ReceiptSheet, Severity, State
from fugong.reading.model import SheetCells
from fugong.receipts import annotated_sheets, returned_rows, to_verify
from fugong.receipts.resubmission import own_of
from fugong.receipts.styles import BLUE, HIDDEN_FILL, LINE_COLOUR, Styles, for_print, new_book
from fugong.receipts.text import ReceiptText, is_late, is_mendable, moment_of
from fugong.storage.modes import private_folder
from fugong.validation.context import IntakeContext

MAX_FILE_BYTES = 32 << 20
"""A larger file is not read again: its sheets would be too large to be written."""
WIDTHS = (13, 24, 18, 22, 9, 24)
LAST = len(WIDTHS) - 1
MAX_PARTS = 12
N_PROBLEMS = 3
N_PLACES = 3
RESULTS = {severity: severity.zh for severity in Severity} | {Severity.SET_ASIDE: "退回"}
"""What became of the cells with a finding."""
LEGEND: dict[Severity, str] = {
    Severity.SET_ASIDE: "有问题,要改",
    Severity.WARNING: "已收下,请核对",
    Severity.REPAIRED: f"{Severity.REPAIRED.zh},不必改",
}


def write(
    connection: psycopg.Connection[Any],
    settings: Settings,
    context: IntakeContext,
    document: Mapping[str, Any],
    file: Path,
    path: Path,
    *,
    names: Mapping[str, str],
) -> None:
    """Write the workbook of a receipt.

    Args:
        document: the receipt.
        file: what was sent.
        path: an .xlsx is written here, whatever its name.
        names: of the departments.
    """
    contract = context.contracts.by_id.get(document["report"] or "")
    with tempfile.TemporaryDirectory(dir=private_folder(settings.spool)) as work:
        sheets = _own_sheets(context, document, file, Path(work))
        book = new_book(path, Path(work), title=ReceiptSheet.COVER, subject=document["report_name"] or "")
        styles = Styles(book)
        front = book.add_worksheet(ReceiptSheet.COVER)
        taken = {ReceiptSheet.COVER.casefold(), *(name.casefold() for _, name in annotated_sheets.names(sheets or ()))}
        n_returned = 0
        if document["n_returned"] and (is_mendable(document) or sheets is None):
            n_returned = returned_rows.write(
                book,
                styles,
                connection,
                context.contracts,
                context.code_lists,
                document,
                taken,
                is_mendable=is_mendable(document),
            )
        if document["n_to_verify"]:
            heading = returned_rows.title(ReceiptSheet.TO_VERIFY, document, document["report_name"], document["report_date"])
            doubts = list(to_verify.doubts_of(connection, contract, document["submission_id"]))
            to_verify.write(book, styles, heading, doubts, taken)
        if sheets is not None:
            annotated_sheets.write(book, styles, connection, contract, context.code_lists, document["submission_id"], sheets)
        due_next = None
        if contract is not None and document["report_date"] and not document["repairs"]:
            due_next = next_one(contract.due, date.fromisoformat(document["report_date"]), load_calendar(connection))
        CoverSheet(front, styles, document, contract, names, due_next).write(n_returned, sheets)
        front.activate()
        book.close()


def _own_sheets(context: IntakeContext, document: Mapping[str, Any], file: Path, work: Path) -> Sequence[SheetCells] | None:
    """The sender's sheets, if the workbook shows them: not those of a repair (its rows are listed), nor of a large file."""
    if document["repairs"] or document["rows_read"] > annotated_sheets.MAX_ROWS or document["byte_size"] > MAX_FILE_BYTES:
        return None
    reading = context.reader.read(file, document["file_name"], work)
    sheets = own_of(reading.sheets, document["file_name"])
    return sheets if reading.refused is None and annotated_sheets.is_small(sheets) else None


class CoverSheet:
    """The cover sheet, written row by row."""

    def __init__(
        self,
        page: Worksheet,
        styles: Styles,
        document: Mapping[str, Any],
        contract: Contract | None,
        names: Mapping[str, str],
        due_next: tuple[date, datetime] | None,
    ) -> None:
        self.page, self.styles, self.document, self.contract, self.names = page, styles, document, contract, names
        self.due_next = due_next
        self.text = ReceiptText(document, is_within=True)
        self.row = 0
        self._began = False

    def write(self, n_returned: int, sheets: Sequence[SheetCells] | None) -> None:
        """Write the sheet."""
        page, document = self.page, self.document
        page.hide_gridlines(2)
        for at, wanted in enumerate(WIDTHS):
            page.set_column(at, at, wanted)
        state = State(document["state"])
        self._next(40)
        page.write_string(self.row, 0, "报送回执", self.styles.of(bold=True, font_size=22, font_color=BLUE))
        look = self.styles.of(bold=True, font_size=16, align="center", bg_color=state.fill, font_color=state.ink)
        self._wide(LAST - 1, LAST, state.zh, look)
        self._next(18)
        about = (document["report_name"], document["report_date"])
        heading = returned_rows.title(ReceiptSheet.COVER, document, *about)
        page.write_string(self.row, 0, heading, self.styles.of(font_size=10, font_color="#7F7F7F"))
        self._next(8)
        self._paragraph(self.text.headline(), bold=True, font_size=13)
        self._next(8)
        self._facts()
        self._counts()
        self._section("请怎么做")
        for n, sentence in enumerate(self.text.next_steps(), start=1):
            self._paragraph(f"{n}. {sentence}")
        self._problems()
        self._places(n_returned, sheets)
        self._next(12)
        self._paragraph(
            set_chinese("本回执由系统自动生成;内容以报送编号为准,随时可以重新生成。"), font_size=9, font_color="#7F7F7F"
        )
        for sentence in self.text.evidence():
            self._paragraph(sentence, font_size=9, font_color="#7F7F7F")
        for_print(page, is_landscape=False)
        page.print_area(0, 0, self.row, LAST)

    def _next(self, height: float) -> None:
        """Begin the next row."""
        self.row += bool(self.row or self._began)
        self._began = True
        self.page.set_row(self.row, height)

    def _wide(self, first: int, last: int, text: str, look: Format) -> None:
        self.page.merge_range(self.row, first, self.row, last, neutralise(text), look)

    def _paragraph(self, sentence: str, **look: object) -> None:
        room = sum(WIDTHS) * 11 / float(str(look.get("font_size", 11))) - 6
        self._next(20 * _n_lines(sentence, room) + 2)
        self._wide(0, LAST, sentence, self.styles.of(text_wrap=True, **look))

    def _section(self, sentence: str) -> None:
        self._next(10)
        self._next(24)
        look = self.styles.of(bold=True, font_size=12, font_color=BLUE, bottom=2, bottom_color=BLUE)
        self._wide(0, LAST, sentence, look)

    def _facts(self) -> None:
        document = self.document
        code = document["department_code"]
        due = document["due_at"]
        report = " ".join(filter(None, (self.contract.report if self.contract else None, document["report_name"])))
        facts = (
            ("报表", report or "未能认出", "统计日", document["report_date"] or "未能认出"),
            ("报送单位", self.names.get(code, code), "收到时间", moment_of(document["received_at"])),
            (
                "报送编号",
                "试投,没有编号" if document["is_trial"] else str(document["submission_id"]),
                "报送时限",
                (moment_of(due) + (" (已过)" if is_late(document) else "")) if due else "—",
            ),
        )
        label = self.styles.of(border=1, border_color=LINE_COLOUR, bg_color="#DDEBF7", font_color=BLUE, indent=1)
        value = self.styles.of(border=1, border_color=LINE_COLOUR, num_format="@", indent=1, text_wrap=True)
        for left, first, right, second in facts:
            self._next(22)
            self.page.write_string(self.row, 0, left, label)
            self.page.write_string(self.row, 1, neutralise(set_chinese(first)), value)
            self.page.write_string(self.row, 2, right, label)
            self._wide(3, LAST, set_chinese(second), value)
        if self.due_next is not None:
            day, moment = self.due_next
            self._next(22)
            self.page.write_string(self.row, 0, "下一期", label)
            sentence = f"{day.isoformat()} 的报表,请在 {moment_of(moment.isoformat())} 前报送"
            self._wide(1, LAST, set_chinese(sentence), value)
        name = one_line(document["file_name"])
        self._next(20 * _n_lines(name, sum(WIDTHS[1:]) - 6) + 2)
        self.page.write_string(self.row, 0, "文件", label)
        self._wide(1, LAST, name, value)

    def _counts(self) -> None:
        document = self.document
        self._section("读到多少行")
        names = ("读入", "入库", "退回", "非数据")
        keys = ("rows_read", "rows_accepted", "rows_set_aside", "rows_not_data")
        places = ((0, 1), (2, 2), (3, 3), (4, LAST))
        label = self.styles.of(align="center", font_color="#595959", border=1, border_color=LINE_COLOUR, bg_color="#F2F2F2")
        self._next(20)
        for name, (first, last) in zip(names, places, strict=True):
            self._cell(first, last, name, label)
        self._next(34)
        for key, (first, last) in zip(keys, places, strict=True):
            is_returned = key == "rows_set_aside" and document[key]
            colour = "#C00000" if is_returned else "#000000"
            look = self.styles.of(
                align="center", bold=True, font_size=18, font_color=colour, border=1, border_color=LINE_COLOUR, num_format="#,##0"
            )
            self._cell(first, last, document[key], look)
        sentence = " + ".join(f"{name} {document[key]}" for name, key in zip(names[1:], keys[1:], strict=True))
        note = "。非数据:空行、合计、说明,以及以前已入库、没有变化的行。" if document["rows_not_data"] else "。"
        self._paragraph(set_chinese(f"读入 {document['rows_read']} = {sentence}{note}"), font_size=10, font_color="#7F7F7F")
        parts = [part for part in document["parts"] if part["kind"] != PartKind.WITHDRAWAL]
        if len(parts) > 1:
            body = self.styles.of(align="center", border=1, border_color=LINE_COLOUR, num_format="#,##0")
            for part in parts[:MAX_PARTS]:
                self._next(20)
                heading = one_line(part["sheet"] or "全文")
                if part["unit"] != document["department_code"]:
                    heading += f"({part['unit']})"
                self._cell(0, 1, neutralise(set_chinese(heading)), self.styles.of(border=1, border_color=LINE_COLOUR, indent=1))
                for key, (first, last) in zip(keys[1:], places[1:], strict=True):
                    self._cell(first, last, part[key], body)
            if len(parts) > MAX_PARTS:
                self._paragraph(set_chinese(f"……另有 {len(parts) - MAX_PARTS} 个部分"), font_size=10, font_color="#7F7F7F")

    def _cell(self, first: int, last: int, content: str | int, look: Format) -> None:
        if first != last:
            self.page.merge_range(self.row, first, self.row, last, "", look)
        if isinstance(content, int):
            self.page.write_number(self.row, first, content, look)
        else:
            self.page.write_string(self.row, first, content, look)

    def _problems(self) -> None:
        document = self.document
        groups = sorted(document["finding_counts"], key=lambda group: (Severity(group["severity"]).rank, -group["n"]))
        if not groups:
            return
        self._section("最常见的问题")
        head = self.styles.of(align="center", font_color="#595959", border=1, border_color=LINE_COLOUR, bg_color="#F2F2F2")
        self._next(20)
        for first, last, name in ((0, 0, "结果"), (1, 3, "问题和改法"), (4, 4, "处数"), (5, 5, "在哪里")):
            self._cell(first, last, name, head)
        for group in groups[:N_PROBLEMS]:
            alike = [
                finding
                for finding in document["findings"]
                if all(finding[name] == group[name] for name in ("severity", "code", "column_name"))
            ]
            sentence = self.text.finding(alike[0] | {"row_number": None, "cell": None}, with_sheet=False)
            where = self._where(alike, group["n"])
            severity = Severity(group["severity"])
            body: dict[str, object] = {"border": 1, "border_color": LINE_COLOUR, "text_wrap": True}
            self._next(20 * max(_n_lines(sentence, sum(WIDTHS[1:4]) - 4), _n_lines(where, WIDTHS[5] - 3)) + 4)
            self._cell(
                0,
                0,
                RESULTS[severity],
                self.styles.of(align="center", bg_color=severity.fill, font_color=severity.ink, **body),
            )
            self._cell(1, 3, neutralise(one_line(sentence)), self.styles.of(indent=1, **body))
            self._cell(4, 4, group["n"], self.styles.of(align="center", bold=True, num_format="#,##0", **body))
            self._cell(5, 5, where, self.styles.of(indent=1, **body))
        if len(groups) > N_PROBLEMS:
            n = sum(group["n"] for group in groups[N_PROBLEMS:])
            self._paragraph(
                set_chinese(f"另有 {len(groups) - N_PROBLEMS} 类问题,共 {n} 处。"), font_size=10, font_color="#7F7F7F"
            )

    def _where(self, alike: Sequence[Mapping[str, Any]], n: int) -> str:
        several = len({finding["sheet"] for finding in self.document["findings"] if finding["sheet"]}) > 1
        places: list[str] = []
        for finding in alike[:N_PLACES]:
            place = finding["cell"] or (f"第 {finding['row_number']} 行" if finding["row_number"] is not None else "")
            sheet = f"{one_line(finding['sheet'])}!" if several and finding["sheet"] and place else ""
            places.append(sheet + place)
        where = "、".join(dict.fromkeys(filter(None, places)))
        return (f"{where} 等" if n > N_PLACES else where) or "整份文件"

    def _places(self, n_returned: int, sheets: Sequence[SheetCells] | None) -> None:
        lines = list(self._whereabouts(n_returned, sheets))
        if not lines:
            return
        self._section("到哪里看")
        for sentence in lines:
            self._paragraph(set_chinese(sentence))
        self._next(6)
        self._next(20)
        counted = {count["severity"] for count in self.document["finding_counts"]}
        marks = [(severity.fill, severity.ink, sentence) for severity, sentence in LEGEND.items() if severity in counted]
        if any(sheet.hidden_rows for sheet in sheets or ()):
            marks.append((HIDDEN_FILL, "#403151", "原表中隐藏的行"))
        for (first, last), (background, colour, sentence) in zip(((0, 1), (2, 2), (3, 3), (4, LAST)), marks, strict=False):
            look = self.styles.of(align="center", font_size=10, bg_color=background, font_color=colour)
            self._cell(first, last, set_chinese(sentence), look)

    def _whereabouts(self, n_returned: int, sheets: Sequence[SheetCells] | None) -> Iterator[str]:
        document = self.document
        if n_returned:
            name = ReceiptSheet.RETURNED if is_mendable(document) else ReceiptSheet.FAULTY
            sentence = f"“{name}”:有问题的 {n_returned} 行,每行最后一列写着原因,“行号”是原文件中的行号。"
            if document["n_returned"] > n_returned:
                sentence += f"共 {document['n_returned']} 行,这里列出前 {n_returned} 行。"
            yield sentence
        if document["n_to_verify"]:
            yield f"“{ReceiptSheet.TO_VERIFY}”:有 {document['n_to_verify']} 处提醒请核实。数没有错的,选“属实”并写明理由,放回收件夹,以后不再询问。"
        if sheets is not None:
            names = "、".join(f"“{name}”" for _, name in annotated_sheets.names(sheets))
            yield f"{names}:贵单位报来的原表,各行各列都在原来的位置;要看的单元格标了颜色,点上去有批注。"
        elif not document["repairs"]:
            yield f"原表超过 {annotated_sheets.MAX_ROWS:,} 行或 {annotated_sheets.MAX_CELLS:,} 个单元格,这里不再附上。"


def _n_lines(sentence: str, room: float) -> int:
    return sum(1 + int(width(line) / room) for line in sentence.split("\n"))
