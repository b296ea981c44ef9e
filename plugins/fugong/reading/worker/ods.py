"""Reads OpenDocument workbooks; checks and scans their XML before calamine opens them."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from xml.parsers import expat

from fugong.reading.limits import Limits
from fugong.reading.worker.archive import Archive
from fugong.reading.worker.result import FileRefused, Result
from fugong.reading.worker.workbook import SheetScan, read_workbook

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
_HIDDEN = ("collapse", "filter")


def is_ods(archive: Archive) -> bool:
    """Whether the archive declares itself a spreadsheet and has the content of one."""
    return CONTENT in archive.entries and "mimetype" in archive.entries and b"spreadsheet" in archive.start("mimetype", 200)


class _Scanner:
    """Collects from `content.xml` the hidden rows and columns and the merged ranges of each table, which calamine does not report."""

    def __init__(self, result: Result, limits: Limits) -> None:
        self.scans: dict[str, SheetScan] = {}
        self._result, self._limits = result, limits
        self._scan = SheetScan()
        self._row = self._n_rows = self._column = 0

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of a table, column, row or cell; note a formula that refers to another file."""
        if tag == "table:table":
            self._scan = self.scans.setdefault(attributes.get("table:name", ""), SheetScan())
            self._row = self._n_rows = self._column = 0
        elif tag == "table:table-column":
            n = _number(attributes.get("table:number-columns-repeated"))
            if attributes.get("table:visibility") in _HIDDEN:
                self._scan.hidden_columns.update(range(self._column, min(self._column + n, self._limits.columns)))
            self._column += n
        elif tag == "table:table-row":
            n = _number(attributes.get("table:number-rows-repeated"))
            if attributes.get("table:visibility") in _HIDDEN:
                self._scan.hide_rows(self._row + self._n_rows, n)
            self._row += self._n_rows
            self._n_rows = n
            self._column = 0
        elif tag in ("table:dde-link", "office:dde-source"):
            self._result.note("dde-links")
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            n_down = _number(attributes.get("table:number-rows-spanned"))
            n_across = _number(attributes.get("table:number-columns-spanned"))
            if n_down > 1 or n_across > 1:
                self._scan.merged.append((self._row, self._column, self._row + n_down - 1, self._column + n_across - 1))
            self._column += _number(attributes.get("table:number-columns-repeated"))
            formula = attributes.get("table:formula")
            if formula and "'file:" in formula:
                self._result.note("external-links")
            if formula and "DDE(" in formula:
                self._result.note("dde-links")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else 1


def read_ods(archive: Archive, path: Path, into: Path, result: Result, limits: Limits) -> None:
    """Read an OpenDocument workbook. Its macros are never run and its links never followed."""
    result.kind = "ods"
    if MANIFEST in archive.entries and b"encryption-data" in b"".join(archive.xml(MANIFEST)):
        raise FileRefused("encrypted-workbook")
    if any(name.startswith(("Basic/", "Scripts/")) for name in archive.entries):
        result.note("macros")
    scanner = _Scanner(result, limits)
    parser = expat.ParserCreate()
    parser.StartElementHandler = scanner.begin
    for name in archive.entries:
        if name == CONTENT:
            try:
                for xml in archive.xml(name):
                    parser.Parse(xml)
                parser.Parse(b"", True)
            except expat.ExpatError as error:
                raise FileRefused("truncated-file") from error
        elif name.endswith(".xml"):
            deque(archive.xml(name), maxlen=0)
        else:
            deque(archive.inflate(name), maxlen=0)
    read_workbook(path, into, result, limits, lambda _, name: scanner.scans.get(name, SheetScan()), {})
