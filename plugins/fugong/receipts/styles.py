"""Styles of a receipt's workbook, and writing senders' text into cells: nothing runs as a formula, no personal data shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from fugong.core.sanitize import neutralise, one_line
from fugong.core.typesetting import set_chinese, width
from fugong.core.vocabulary import Lang, Severity
from fugong.privacy.detect import mask

WRITTEN_AT = datetime(2020, 1, 1)  # noqa: DTZ001 - a fixed stamp, so that the same rows make the same bytes
MAX_CELL_LENGTH = 32_000
PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?")
MAX_DIGITS = 15
MAX_SHOWN_DIGITS = 11
"""A cell without a format of its own shows a longer number as 2.02E+13."""
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
BAD_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
MAX_SHEET_NAME_LENGTH = 31
MAX_COMMENTS = 1_000
"""Comments on a sheet: spreadsheets become unusable with many. Colours and reasons are complete."""
FONT = "微软雅黑"
ROW_HEIGHT = 20
LINE_COLOUR = "#BFBFBF"
BLUE = "#1F4E79"
DOUBTFUL = "doubtful"
DOUBT_COLOURS = ("#FF9F40", "#5F2F00")
"""Background and text of cells of which one is wrong."""
HIDDEN_FILL = "#E4DFEC"
"""Background of the sender's hidden rows."""


@dataclass
class Mark:
    """The findings about one cell.

    Attributes:
        severity: the most serious.
        sentences: their sentences, each once.
        is_doubtful: each says only that this cell or another one is wrong.
    """

    severity: Severity
    sentences: list[str] = field(default_factory=list[str])
    is_doubtful: bool = True

    @property
    def look(self) -> Severity | str:
        """How the cell is marked."""
        return DOUBTFUL if self.is_doubtful else self.severity

    def add(self, severity: Severity, sentence: str, *, is_doubtful: bool = False) -> None:
        """Add a finding."""
        self.is_doubtful &= is_doubtful
        if severity.rank < self.severity.rank:
            self.severity = severity
        if sentence not in self.sentences:
            self.sentences.append(sentence)


def new_book(path: Path, spool: Path, *, title: str, subject: str) -> xlsxwriter.Workbook:
    """Begin a workbook that is written row by row, in bounded memory.

    Args:
        spool: an existing folder for working files.
    """
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "tmpdir": str(spool), "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": title, "subject": subject, "author": "复工", "created": WRITTEN_AT})
    book.set_size(2400, 1400)
    return book


def sheet_name(wanted: str, taken: set[str]) -> str:
    """A sheet name that spreadsheets accept and no other sheet has.

    Args:
        taken: the names in use, folded; the new one is added.
    """
    name = BAD_SHEET_NAME.sub("_", one_line(wanted)).strip("' ")[:MAX_SHEET_NAME_LENGTH] or "Sheet"
    if name.casefold() == "history":
        name = "_" + name
    unique, n = name, 1
    while unique.casefold() in taken:
        n += 1
        unique = f"{name[: MAX_SHEET_NAME_LENGTH - len(str(n)) - 1]}_{n}"
    taken.add(unique.casefold())
    return unique


class Styles:
    """The cell formats of one workbook, each made on first use."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._cells: dict[tuple[object, ...], Format] = {}

    def of(self, **properties: object) -> Format:
        """The format with these properties."""
        wanted = {"font_name": FONT, "font_size": 11, "valign": "vcenter"} | properties
        key = tuple(sorted(wanted.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(wanted)
        return self._made[key]

    def cell(
        self,
        *,
        is_number: bool = False,
        is_text: bool = False,
        mark: Severity | str | None = None,
        is_quoted: bool = False,
        is_framed: bool = True,
        is_hidden: bool = False,
        wraps: bool = False,
    ) -> Format:
        """The format of a cell as sent. `is_quoted` keeps a spreadsheet from running the text when somebody edits it."""
        key = (is_number, is_text, mark, is_quoted, is_framed, is_hidden, wraps)
        if found := self._cells.get(key):
            return found
        properties: dict[str, object] = {}
        if is_framed:
            properties |= {"border": 1, "border_color": LINE_COLOUR}
        if not is_number:
            properties["num_format"] = "@"
        if is_text:
            properties["indent"] = 1
        if wraps:
            properties["text_wrap"] = True
        if is_hidden:
            properties["bg_color"] = HIDDEN_FILL
        if mark is not None:
            fill, ink = (mark.fill, mark.ink) if isinstance(mark, Severity) else DOUBT_COLOURS
            properties |= {"bg_color": fill, "font_color": ink, "border": 1, "border_color": "#A6A6A6"}
        if is_quoted:
            properties["quote_prefix"] = True
        return self._cells.setdefault(key, self.of(**properties))

    @cached_property
    def ours(self) -> Format:
        """The format of a cell that we add."""
        return self.of(border=1, border_color=LINE_COLOUR, bg_color="#F2F2F2", font_color="#595959", align="center")

    @cached_property
    def reason(self) -> Format:
        """The format of the reasons of returned rows."""
        return self.of(border=1, border_color=LINE_COLOUR, bg_color="#F2F2F2", font_color="#9C2A00", text_wrap=True, indent=1)

    @cached_property
    def proposal(self) -> Format:
        """The format of what we propose."""
        return self.of(border=1, border_color=LINE_COLOUR, bg_color="#E2EFDA", font_color="#375623", text_wrap=True, indent=1)

    @cached_property
    def to_fill_in(self) -> Format:
        """The format of a cell that waits for an answer."""
        return self.of(border=1, border_color="#70AD47", bg_color="#FFFFFF", align="center")

    def header(self, *, is_ours: bool = False, mark: Severity | None = None) -> Format:
        """The format of a header as sent, or of one that we add."""
        background, text = (mark.fill, mark.ink) if mark is not None else ("#7F7F7F" if is_ours else BLUE, "#FFFFFF")
        return self.of(
            bold=True, font_color=text, bg_color=background, border=1, border_color=LINE_COLOUR, align="center", text_wrap=True
        )


def write_cell(
    page: Worksheet,
    styles: Styles,
    line: int,
    place: int,
    raw: str | None,
    *,
    kind: str,
    mark: Severity | str | None = None,
    is_framed: bool = True,
    is_hidden: bool = False,
    look: Format | None = None,
) -> int:
    """Write a cell as sent, masked and harmless. A number is written as a number if it keeps all its digits.

    Args:
        kind: `number`, `code` (not masked), `text`, or `any` for a column that the contract does not know.
        look: the format of a text, instead of the usual one.

    Returns:
        Its width in characters.
    """
    if not raw:
        page.write_blank(
            line, place, None, styles.cell(is_number=kind == "number", mark=mark, is_framed=is_framed, is_hidden=is_hidden)
        )
        return 0
    value, harmless, wide = safe_text(raw, is_code=kind == "code")
    if kind in {"number", "any"} and _keeps_digits(value, MAX_DIGITS if kind == "number" else MAX_SHOWN_DIGITS):
        style = styles.cell(is_number=True, mark=mark, is_framed=is_framed, is_hidden=is_hidden)
        page.write_number(line, place, float(value), style)
        return wide
    style = look or styles.cell(
        is_number=kind == "number",
        is_text=True,
        mark=mark,
        is_quoted=harmless[0] in "=+-@'",
        is_framed=is_framed,
        is_hidden=is_hidden,
        wraps="\n" in harmless,
    )
    page.write_string(line, place, harmless, style)
    return wide


@lru_cache(maxsize=16_384)
def safe_text(raw: str, *, is_code: bool) -> tuple[str, str, int]:
    """A cell masked, the same made harmless, and its width in characters. Most cells of a column repeat."""
    masked = mask(raw, is_code=is_code)
    return masked, neutralise(_storable(masked)), width(masked)


def _keeps_digits(text: str, max_digits: int) -> bool:
    if not PLAIN_NUMBER.fullmatch(text) or len(text.lstrip("-").replace(".", "")) > max_digits:
        return False
    return Decimal(repr(float(text))) == Decimal(text)


def _storable(text: str) -> str:
    """A text without characters that XML cannot hold, cut to what a cell can hold."""
    kept = CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return (kept if len(kept) <= MAX_CELL_LENGTH else kept[:MAX_CELL_LENGTH] + "……") or " "


@lru_cache(maxsize=4_096)
def sentence_of(message: str, *, is_code: bool, lang: Lang = Lang.ZH) -> str:
    """The sentence of a finding, masked; in Chinese with Chinese punctuation."""
    masked = mask(message, is_code=is_code)
    return set_chinese(masked) if lang is Lang.ZH else masked


def write_comment(page: Worksheet, line: int, place: int, sentences: Sequence[str]) -> None:
    """Write a comment on a cell, large enough to show all of it."""
    comment = CONTROLS.sub("", "\n".join(sentences))[:2_000]
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


def for_print(page: Worksheet, *, is_landscape: bool = True) -> None:
    """Set a sheet up for printing: A4, as wide as the paper, pages numbered."""
    if is_landscape:
        page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer(set_chinese("&C第 &P 页,共 &N 页"))
