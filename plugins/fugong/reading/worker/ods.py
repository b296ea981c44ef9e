"""Reads OpenDocument workbooks; checks and scans their XML before calamine opens them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from xml.parsers import expat

from fugong.reading.limits import Limits
from fugong.reading.worker.archive import Archive
from fugong.reading.worker.formula_cells import saved_by
from fugong.reading.worker.ods_styles import OdsStyles
from fugong.reading.worker.properties import note_text, note_texts, place_of
from fugong.reading.worker.result import FileRefused, Result
from fugong.reading.worker.styled_cells import Styles
from fugong.reading.worker.workbook import SheetScan, read_workbook

CONTENT, STYLES, META, MANIFEST = "content.xml", "styles.xml", "meta.xml", "META-INF/manifest.xml"
_NUMBERS = ("float", "currency", "percentage")
_HIDDEN = ("collapse", "filter")
_PLACES = {
    "office:annotation": "comments",
    "table:shapes": "shapes",
    "draw:frame": "shapes",
    "draw:custom-shape": "shapes",
    "table:content-validations": "hints",
    "table:named-expressions": "names",
    "table:tracked-changes": "others",
}
"""Elements of `content.xml` with texts that are no cells."""
_NAMED = ("table:condition", "table:title", "table:name", "table:expression", "xlink:href")
_NAMESPACE = re.compile(r"^(?:[A-Za-z]+:)?=")
_QUOTED = re.compile(r"""("(?:[^"]|"")*")""")
_REFERENCE = re.compile(r"\[\.(\$?[A-Z]{1,3}\$?[0-9]{1,7})(?::\.(\$?[A-Z]{1,3}\$?[0-9]{1,7}))?\]")
_GENERATOR = re.compile(rb"<meta:generator>([^<]*)<")
_PARAGRAPHS = ("text:p", "dc:creator", "svg:title", "svg:desc")


def is_ods(archive: Archive) -> bool:
    """Whether the archive declares itself a spreadsheet and has the content of one."""
    return CONTENT in archive.entries and "mimetype" in archive.entries and b"spreadsheet" in archive.start("mimetype", 200)


class _Scanner:
    """Collects from `content.xml` what calamine does not report of each table.

    Hidden rows and columns, merged ranges, number formats, and the texts besides its cells.

    Attributes:
        styles: the number formats that matter; known where the first table begins.
    """

    def __init__(self, styles: OdsStyles, result: Result, limits: Limits) -> None:
        self.scans: dict[str, SheetScan] = {}
        self.styles: Styles = {}
        self._parser: expat.XMLParserType | None = None
        self._indices: Mapping[str, int] = {}
        self._all_styles, self._result, self._limits = styles, result, limits
        self._n_noted = 0
        self._row_style = ""
        self._column_starts: list[int] = []
        self._column_styles: list[str] = []
        self._scan = SheetScan()
        self._row = self._n_rows = self._column = 0
        self._beside: list[str] = []
        self._texts: list[str] = []

    def follow(self, parser: expat.XMLParserType) -> None:
        """Collect what a parser meets: first the styles, then the tables."""
        self._parser = parser
        self._all_styles.follow(parser)

        def begin(tag: str, attributes: dict[str, str]) -> None:
            if tag == "office:body":
                self._indices, self.styles = self._all_styles.of_cells()
                parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self._begin, None, None
            else:
                self._all_styles.begin(tag, attributes)

        parser.StartElementHandler = begin

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of a table, column, row or cell; note formulas, links and the texts besides cells."""
        if self._beside or tag in _PLACES:
            self._begin_beside(tag, attributes)
        elif tag == "text:a":
            note_text(self._result, "links", attributes.get("xlink:href", ""))
        elif tag == "table:table":
            self._scan = self.scans.setdefault(attributes.get("table:name", ""), SheetScan())
            self._row = self._n_rows = self._column = 0
            self._column_starts, self._column_styles = [], []
        elif tag == "table:table-column":
            n = _number(attributes.get("table:number-columns-repeated"))
            self._column_starts.append(self._column)
            self._column_styles.append(attributes.get("table:default-cell-style-name", ""))
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
            self._row_style = attributes.get("table:default-cell-style-name", "")
        elif tag in ("table:dde-link", "office:dde-source"):
            self._result.note("dde-links")
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            n_down = _number(attributes.get("table:number-rows-spanned"))
            n_across = _number(attributes.get("table:number-columns-spanned"))
            if n_down > 1 or n_across > 1:
                self._scan.merged.append((self._row, self._column, self._row + n_down - 1, self._column + n_across - 1))
            n = _number(attributes.get("table:number-columns-repeated"))
            if self._indices and attributes.get("office:value-type") in _NUMBERS:
                self._add_styled(attributes.get("table:style-name"), n)
            formula = attributes.get("table:formula")
            if formula:
                self._add_formulas(formula_of(formula), n, has_result="office:value-type" in attributes)
            self._column += n
            if formula:
                note_text(self._result, "formulas", formula)
            if formula and "'file:" in formula:
                self._result.note("external-links")
            if formula and "DDE(" in formula:
                self._result.note("dde-links")

    def _add_styled(self, own: str | None, n_columns: int) -> None:
        """Note a number, in as many columns and rows as it is repeated, if its style has a number format that matters."""
        at = bisect_right(self._column_starts, self._column) - 1
        style = self._indices.get(own or self._row_style or (self._column_styles[at] if at >= 0 else ""))
        if style is None:
            return
        self._n_noted += n_columns * self._n_rows
        self._refuse_many()
        for row in range(self._row, self._row + self._n_rows):
            for column in range(self._column, self._column + n_columns):
                self._scan.styled.add(row, column, style)

    def _add_formulas(self, text: str, n_columns: int, *, has_result: bool) -> None:
        self._n_noted += n_columns * self._n_rows
        self._refuse_many()
        for row in range(self._row, self._row + self._n_rows):
            for column in range(self._column, self._column + n_columns):
                self._scan.formulas.add(row, column, text, has_result=has_result)

    def _refuse_many(self) -> None:
        if self._n_noted > self._limits.cells:
            raise FileRefused("too-large", what="area", found=self._n_noted, limit=self._limits.cells)

    def _begin_beside(self, tag: str, attributes: dict[str, str]) -> None:
        """Collect the texts from here to the end of an element with texts that are no cells. Cells are not listened to, which is faster."""
        assert self._parser is not None  # it calls
        if not self._beside:
            self._texts = []
            self._parser.EndElementHandler, self._parser.CharacterDataHandler = self._end_beside, self._texts.append
        self._beside.append(tag)
        self._texts += [f"{attributes[name]}\n" for name in _NAMED if name in attributes]

    def _end_beside(self, tag: str) -> None:
        assert self._parser is not None  # it calls
        outermost = self._beside[0]
        self._beside.pop()
        if tag in _PARAGRAPHS:
            self._texts.append("\n")
        if not self._beside:
            self._parser.EndElementHandler = self._parser.CharacterDataHandler = None
            note_text(self._result, _PLACES[outermost], "".join(self._texts))


def formula_of(written: str) -> str:
    """A formula of OpenDocument without its namespace and equals sign, and with references as Excel writes them where they are simple."""
    text = _NAMESPACE.sub("", written)
    as_excel = lambda part: _REFERENCE.sub(lambda at: ":".join(filter(None, at.groups())), part).replace(";", ",")  # noqa: E731
    return "".join(part if at % 2 else as_excel(part) for at, part in enumerate(_QUOTED.split(text)))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else 1


def read_ods(archive: Archive, path: Path, into: Path, result: Result, limits: Limits) -> None:
    """Read an OpenDocument workbook. Its macros are never run and its links never followed."""
    result.kind = "ods"
    if MANIFEST in archive.entries and b"encryption-data" in b"".join(archive.xml(MANIFEST)):
        raise FileRefused("encrypted-workbook")
    if any(name.startswith(("Basic/", "Scripts/")) for name in archive.entries):
        result.note("macros")
    generator = _GENERATOR.search(b"".join(archive.xml(META))) if META in archive.entries else None
    program = saved_by(generator[1].decode("utf-8", "replace") if generator else "")
    all_styles = OdsStyles()
    if STYLES in archive.entries:
        all_styles.read(archive.xml(STYLES))
    scanner = _Scanner(all_styles, result, limits)
    parser = expat.ParserCreate()
    scanner.follow(parser)
    for name in archive.entries:
        if name == CONTENT:
            try:
                for xml in archive.xml(name):
                    parser.Parse(xml)
                parser.Parse(b"", True)
            except expat.ExpatError as error:
                raise FileRefused("truncated-file") from error
        elif name.endswith(".xml"):
            place = "pages" if name == STYLES else place_of(name)
            for xml in archive.xml(name):
                if place:
                    note_texts(result, place, xml)
        else:
            deque(archive.inflate(name), maxlen=0)
    for scan in scanner.scans.values():
        scan.formulas.saved_by = program
    read_workbook(path, into, result, limits, lambda _, name: scanner.scans.get(name, SheetScan()), scanner.styles)
