"""Reads the tables of a web page into cells; many systems export such a page as `.xls`."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from fugong.reading.limits import MIB, Limits
from fugong.reading.worker.decoding import Text
from fugong.reading.worker.html_numbers import HELD_IN, held_number
from fugong.reading.worker.number_formats import NO_WORDS
from fugong.reading.worker.properties import note_text
from fugong.reading.worker.result import FileRefused, Result, Sheet, stream_path
from fugong.reading.worker.sheet_writer import SheetWriter, chunks
from fugong.reading.worker.styled_cells import Doubts

TEXTS = ("title", "alt", "href", "content", "value")
"""Attributes with a text that somebody wrote."""


class HtmlTables(HTMLParser):
    """Collects the tables of a page: rows of text and merged ranges. A table within a cell becomes text of that cell.

    Attributes:
        doubts: cells of each table that show their number with too few digits, or divided.
        texts_beside: pieces of the texts that stand in no cell, and of attributes.
    """

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self._limits = limits
        self.tables: list[tuple[list[list[str]], list[tuple[int, int, int, int]]]] = []
        self.doubts: list[Doubts] = []
        self._depth = 0
        self._skip = 0
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._numbers: dict[str, str | None] = {}
        self._held: dict[int, int] = {}
        self.texts_beside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, row or cell."""
        self.texts_beside += [f"\n{value}\n" for name, value in attrs if name in TEXTS and value]
        if tag in ("style", "script"):
            self._skip += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append(([], []))
                self.doubts.append(Doubts())
                self._held = {}
        elif self._depth == 1 and tag == "tr":
            self._end_cell()
            self.tables[-1][0].append([])
            self._held = {column: left - 1 for column, left in self._held.items() if left > 1}
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
            if not self.tables[-1][0]:
                self.tables[-1][0].append([])
            self._cell = []
            given = dict(attrs)
            self._span = (_small(given.get("rowspan"), 65_534), _small(given.get("colspan"), 1_000))
            self._numbers = {name: given[name] for name in HELD_IN if name in given}
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a table or cell."""
        if tag in ("style", "script"):
            self._skip = max(0, self._skip - 1)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_cell()
            self._depth -= 1
        elif self._depth == 1 and tag in ("td", "th", "tr"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        """Add text to the cell."""
        if self._skip:
            return
        if self._cell is not None:
            self._cell.append(re.sub(r"[ \t\r\n]+", " ", data))
        elif data.strip():
            self.texts_beside.append(data)

    def handle_comment(self, data: str) -> None:
        """Keep the text of a comment; programs write properties into them."""
        self.texts_beside.append("\n" + re.sub(r"<[^>]*>", "\n", data) + "\n")

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        rows, merged = self.tables[-1]
        row = rows[-1]
        while len(row) in self._held:
            row.append("")
        first, (n_down, n_across) = len(row), self._span
        text = "".join(self._cell).replace("\xa0", " ")
        if first + n_across > self._limits.columns:
            raise FileRefused("too-large", what="columns", found=first + n_across, limit=self._limits.columns)
        text, shown, words = held_number(re.sub(r" *\n *", "\n", text).strip(), self._numbers)
        if shown is not None:
            self.doubts[-1].add(len(rows) - 1, first, shown, next(iter(self._numbers)))
        if words != NO_WORDS:
            self.doubts[-1].add_words(len(rows) - 1, first, words, next(iter(self._numbers)))
        row += [text, *[""] * (n_across - 1)]
        if n_down > 1:
            # The next `tr` counts one down for the row that holds the cell.
            self._held.update(dict.fromkeys(range(first, first + n_across), n_down))
        if n_down > 1 or n_across > 1:
            merged.append((len(rows) - 1, first, len(rows) + n_down - 2, first + n_across - 1))
        self._cell = None


def _small(number: str | None, most: int) -> int:
    return min(max(int(number), 1), most) if number and number.isdecimal() and len(number) < 6 else 1


def read_html(text: Text, into: Path, result: Result, limits: Limits) -> None:
    """Read the tables of a page, each as one sheet."""
    if text.size > limits.text_bytes // 16:
        raise FileRefused("too-large", what="bytes", found=text.size, limit=limits.text_bytes // 16)
    parser = HtmlTables(limits)
    with text.path.open(encoding="utf-8", newline="") as file:
        file.seek(text.skip)
        while block := file.read(MIB):
            parser.feed(block)
        parser.close()
    note_text(result, "others", "".join(parser.texts_beside))
    if not parser.tables:
        raise FileRefused("not-a-table", found="HTML")
    if len(parser.tables) > limits.sheets:
        raise FileRefused("too-large", what="sheets", found=len(parser.tables), limit=limits.sheets)
    for index, (rows, merged) in enumerate(parser.tables):
        sheet = Sheet(f"table {index + 1}", merged=merged, format_doubts=parser.doubts[index].found())
        result.sheets.append(sheet)
        n_columns = max(map(len, rows), default=0)
        with SheetWriter(stream_path(into, index), sheet, n_columns) as writer:
            for some in chunks(rows, writer.batch_rows):
                writer.write_rows(some)
