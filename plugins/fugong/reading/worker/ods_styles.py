"""Reads the number formats of an OpenDocument workbook: which one each style of cells has, as Excel would write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from fugong.reading.worker.number_formats import LONGEST, NumberFormat
from fugong.reading.worker.result import FileRefused
from fugong.reading.worker.styled_cells import MAX_STYLES, Styles

DATA_STYLES = frozenset(
    f"number:{kind}-style" for kind in ("number", "currency", "percentage", "date", "time", "boolean", "text")
)
TEXTS = frozenset({"number:text", "number:currency-symbol", "number:embedded-text"})
ELSEWHERE = {
    "number:date-style": "yyyy",
    "number:time-style": "h:mm",
    "number:text-style": "@",
    "number:boolean-style": "General",
}
"""Kinds of styles that change no number, as a format that does not either."""
BY_SIGN = {(">=0",), (">0", "<0"), (">0", "<0", "=0")}
"""The conditions that stand for the sections of Excel for positive, negative and other numbers."""
BLACK, WHITE = "#000000", "#ffffff"
MAX_DIGITS = 40
MAX_PARENTS = 20


@dataclass(slots=True)
class _DataStyle:
    """One format: the parts of its code, and those that hold under a condition."""

    kind: str
    parts: list[str] = field(default_factory=list[str])
    conditions: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    is_coloured: bool = False


@dataclass(slots=True)
class _CellStyle:
    data_style: str | None
    parent: str


class OdsStyles:
    """Collects the styles of `styles.xml` and of the beginning of `content.xml`, in this order."""

    def __init__(self) -> None:
        self._data_styles: dict[str, _DataStyle] = {}
        self._cell_styles: dict[str, _CellStyle] = {}
        self._data_style: _DataStyle | None = None
        self._text: list[str] | None = None
        self._digits: list[str] = []
        self._decimals = ""
        self._position = 0

    def read(self, blocks: Iterable[bytes]) -> None:
        """Collect the styles of a whole entry."""
        parser = expat.ParserCreate()
        self.follow(parser)
        try:
            for block in blocks:
                parser.Parse(block)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise FileRefused("truncated-file") from error

    def follow(self, parser: expat.XMLParserType) -> None:
        """Collect the styles that a parser meets from now on."""
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self.begin, self._end, self._add

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        if tag == "style:style" and attributes.get("style:family") == "table-cell" and len(self._cell_styles) < MAX_STYLES:
            name, parent = attributes.get("style:name", ""), attributes.get("style:parent-style-name", "")
            self._cell_styles[name] = _CellStyle(attributes.get("style:data-style-name"), parent)
        elif tag in DATA_STYLES and len(self._data_styles) < MAX_STYLES:
            self._data_style = self._data_styles[attributes.get("style:name", "")] = _DataStyle(tag)
        elif self._data_style is None:
            return
        elif tag == "style:map":
            condition = attributes.get("style:condition", "").replace("value()", "").replace("!=", "<>")
            self._data_style.conditions.append((condition, attributes.get("style:apply-style-name", "")))
        elif tag == "style:text-properties":
            self._data_style.is_coloured = attributes.get("fo:color", BLACK) not in (BLACK, WHITE)
        elif tag == "number:number":
            self._begin_number(attributes)
        elif tag in ("number:scientific-number", "number:fraction"):
            self._data_style.parts.append("0E+0")
        elif tag in TEXTS:
            self._text = []
            self._position = _number(attributes.get("number:position"))

    def _begin_number(self, attributes: Mapping[str, str]) -> None:
        decimals = attributes.get("number:decimal-places")
        factor = attributes.get("number:display-factor", "1")
        thousands = "," * ((len(factor.partition(".")[0]) - 1) // 3)
        if decimals is None and thousands == "" and _number(attributes.get("number:min-integer-digits", "1")) <= 1:
            self._digits, self._decimals = ["General"], ""
            return
        n = min(_number(attributes.get("number:min-integer-digits")), MAX_DIGITS)
        self._digits = ["0"] * n or ["#"]
        if attributes.get("number:grouping") == "true":
            self._digits[:0] = ["#,"]
        n_decimals = min(_number(decimals), MAX_DIGITS)
        self._decimals = ("." + "0" * n_decimals if n_decimals else "") + thousands

    def _end(self, tag: str) -> None:
        if self._data_style is None:
            return
        if tag == "number:number":
            self._data_style.parts.append("".join(self._digits) + self._decimals)
        elif tag in TEXTS and self._text is not None:
            self._end_text(tag, "".join(self._text))
            self._text = None
        elif tag in DATA_STYLES:
            self._data_style = None

    def _end_text(self, tag: str, text: str) -> None:
        assert self._data_style
        if tag == "number:embedded-text":
            # It stands so many digits before the point.
            while len(self._digits) < self._position:
                self._digits.insert(0, "#")
            self._digits.insert(len(self._digits) - self._position, _literal(text))
        elif self._data_style.kind == "number:percentage-style":
            self._data_style.parts += ["%" if part == "%" else _literal(part) for part in text.partition("%") if part]
        else:
            self._data_style.parts.append(_literal(text))

    def _add(self, characters: str) -> None:
        if self._text is not None and len(self._text) < LONGEST:
            self._text.append(characters)

    def of_cells(self) -> tuple[dict[str, int], Styles]:
        """The number formats that matter.

        Returns:
            Name of a style of cells → its index, and index → format.
        """
        formats = {name: NumberFormat(self._code_of(style)) for name, style in self._data_styles.items()}
        indices: dict[str, int] = {}
        styles: Styles = {}
        for name in self._cell_styles:
            data_style = self._data_style_of(name)
            if data_style in formats and formats[data_style].matters:
                indices[name] = len(indices)
                styles[indices[name]] = formats[data_style]
        return indices, styles

    def _data_style_of(self, name: str) -> str:
        for _ in range(MAX_PARENTS):
            style = self._cell_styles.get(name)
            if style is None:
                break
            if style.data_style is not None:
                return style.data_style
            name = style.parent
        return ""

    def _code_of(self, style: _DataStyle) -> str:
        """A format as Excel writes it: a section for each condition, then its own."""
        sections = [
            (condition, self._own_code(self._data_styles[name]))
            for condition, name in style.conditions[:4]
            if name in self._data_styles
        ]
        own = self._own_code(style)
        if tuple(condition for condition, _ in sections) in BY_SIGN:  # then no sign is shown but that of the section
            return ";".join([*(code for _, code in sections), own])
        return ";".join([*(f"[{condition}]{code}" for condition, code in sections), own])

    @staticmethod
    def _own_code(style: _DataStyle) -> str:
        """A format without its conditions. One without parts shows nothing."""
        if style.kind in ELSEWHERE:
            return ELSEWHERE[style.kind]
        return ("[Red]" if style.is_coloured else "") + ("".join(style.parts) or '""')


def _literal(text: str) -> str:
    """Characters that are shown as they are, as Excel writes them."""
    return "".join(f'"{part}"' if part != '"' else '\\"' for part in text.replace('"', '\0"\0').split("\0") if part)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else 0
