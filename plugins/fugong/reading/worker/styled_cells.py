"""The cells of a sheet whose number format says more than how many digits are shown, and what that makes of them."""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import datetime as dt
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from fugong.reading.worker.cell_text import number_as_text
from fugong.reading.worker.number_formats import BUILT_IN, NO_WORDS, NumberFormat, Shown, Words
from fugong.reading.worker.result import FileRefused

MAX_STYLES = 65_536
"""Excel keeps 65,490 cell formats. Later ones are not looked at."""
DAYS = frozenset((dt.date, dt.datetime))
"""Types of cells that hold a day."""
MAX_RUNS = 2_000
"""Runs of rows that are told of one column; more are joined into one."""

Styles = dict[int, NumberFormat]
"""Index of a cell's style → its number format, of those that matter."""


def styles_of_xlsx(blocks: Iterable[bytes]) -> Styles:
    """The number formats that matter, from `styles.xml`."""
    codes: dict[int, str] = {}
    used: list[int] = []
    inside: list[str] = []

    def begin(tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "numFmt" and len(codes) < MAX_STYLES and not any(name == "dxfs" for name in inside):
            codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif tag == "xf" and inside[-1:] == ["cellXfs"] and len(used) < MAX_STYLES:
            used.append(_number(attributes.get("numFmtId")))
        elif tag in ("cellXfs", "dxfs"):
            inside.append(tag)

    def end(tag: str) -> None:
        if inside[-1:] == [tag.rpartition(":")[2]]:
            inside.pop()

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        for block in blocks:
            parser.Parse(block)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise FileRefused("truncated-file") from error
    return those_that_matter(dict(enumerate(used)), codes)


def those_that_matter(used: Mapping[int, int], codes: Mapping[int, str]) -> Styles:
    """The number formats that matter.

    Args:
        used: index of a cell's style → number of its format.
        codes: number of a format → its code, of the workbook's own.
    """
    formats = {number: NumberFormat(code) for number, code in ({**BUILT_IN, **codes}).items()}
    mattering = {number for number in set(used.values()) if number in formats and formats[number].matters}
    return {style: formats[number] for style, number in used.items() if number in mattering}


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


@dataclass(slots=True)
class Doubt:
    """Cells of one column that show another number than they hold, or none, or words around it. Rows are 0-based.

    Attributes:
        kind, exponent, decimals: of `number_formats.Shown`; the kind `words` has an exponent, too.
        before, behind: the words around the number.
        code: of the number format of the first of them.
        is_exact: whether all cells of the runs are in doubt; False where there were too many runs.
        runs: first and last row of each run.
    """

    kind: str
    exponent: int
    decimals: int
    before: str
    behind: str
    code: str
    is_exact: bool = True
    runs: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def add(self, first: int, last: int) -> None:
        """Add rows below all others."""
        if self.runs and first == self.runs[-1][1] + 1:
            self.runs[-1] = (self.runs[-1][0], last)
        elif len(self.runs) < MAX_RUNS:
            self.runs.append((first, last))
        else:
            self.runs, self.is_exact = [(self.runs[0][0], last)], False


class Doubts:
    """The cells of one sheet that show another number than they hold, or none."""

    def __init__(self) -> None:
        self._doubts: dict[tuple[int, str, int, int, str, str], Doubt] = {}

    def add(self, row: int, column: int, shown: Shown, code: str) -> None:
        """Note a cell, 0-based, whose number format leaves in doubt what is meant. Those of one column come from top to bottom."""
        self._add(row, (column, shown.kind, shown.exponent, shown.decimals, "", ""), code)

    def add_words(self, row: int, column: int, words: Words, code: str) -> None:
        """Note a cell, 0-based, with words around its number (`NumberFormat.words_around`). They come as those of `add`."""
        self._add(row, (column, "words", words[2], 0, words[0], words[1]), code)

    def add_formula(self, row: int, column: int, text: str) -> None:
        """Note a cell, 0-based, with a formula that nobody computed. Those of one column come from top to bottom for each formula."""
        self._add(row, (column, "formula", 0, 0, "", ""), text)

    def _add(self, row: int, key: tuple[int, str, int, int, str, str], code: str) -> None:
        if key not in self._doubts:
            self._doubts[key] = Doubt(*key[1:], code)
        self._doubts[key].add(row, row)

    def add_days(self, cells: Sequence[object], kinds: set[type], first: int, column: int) -> None:
        """Note the cells of a block of one column that hold a day.

        Args:
            kinds: the types of all cells.
            first: 0-based row of the first of them.
        """
        doubt = self._doubts.setdefault((column, "date", 0, 0, "", ""), Doubt("date", 0, 0, "", "", ""))
        if kinds <= DAYS:
            doubt.add(first, first + len(cells) - 1)
            return
        for row, cell in enumerate(cells, first):
            if type(cell) in DAYS:
                doubt.add(row, row)

    def found(self) -> list[dict[str, Any]]:
        """All of them, for `reading.model.FormatDoubt`."""
        return [
            {
                "column": column,
                "kind": doubt.kind,
                "exponent": doubt.exponent,
                "decimals": doubt.decimals,
                "before": doubt.before,
                "behind": doubt.behind,
                "is_exact": doubt.is_exact,
                "format": doubt.code,
                "runs": doubt.runs,
            }
            for (column, *_), doubt in self._doubts.items()
        ]


class StyledCells:
    """The cells of one sheet whose number formats matter: four bytes each.

    Attributes:
        doubts: those that show another number than they hold, or none, of the rows that were shown.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[int, int], array[int]] = {}
        self.doubts = Doubts()

    def __bool__(self) -> bool:
        return bool(self._rows)

    def add(self, row: int, column: int, style: int) -> None:
        """Note a cell, 0-based. Those of one column come from top to bottom."""
        rows = self._rows.get((column, style))
        if rows is None:
            rows = self._rows[column, style] = array("I")
        rows.append(row)

    def show(self, rows: list[list[Any]], first: int, left: int, styles: Styles) -> None:
        """Write what the cells of some rows show in place of their numbers; note what is in doubt.

        Args:
            first: 0-based row of the first of `rows`.
            left: 0-based column of their first cell.
        """
        for (column, style), places in self._rows.items():
            at = column - left
            if styles[style].has_words:
                self._find_words(rows, first, at, _between(places, first, first + len(rows)), column, styles[style])
            if styles[style].only_rounds:
                self._find_rounded(rows, first, at, _between(places, first, first + len(rows)), column, styles[style])
                continue
            for row in _between(places, first, first + len(rows)):
                cells = rows[row - first]
                if not 0 <= at < len(cells) or type(cells[at]) not in (float, int):
                    continue
                number = cells[at]
                shown = styles[style].shown(number, number_as_text(number))
                if shown is None:
                    continue
                if shown.text is not None:
                    cells[at] = shown.text
                if shown.kind:
                    self.doubts.add(row, column, shown, styles[style].code)

    def _find_words(
        self, rows: list[list[Any]], first: int, at: int, places: Iterable[int], column: int, number_format: NumberFormat
    ) -> None:
        """Note the numbers of one column that are shown with words around them."""
        for row in places:
            cells = rows[row - first]
            number = cells[at] if 0 <= at < len(cells) else None
            if number is None or type(number) not in (float, int):
                continue
            words = number_format.words_around(number)
            if words != NO_WORDS:
                self.doubts.add_words(row, column, words, number_format.code)

    def _find_rounded(
        self, rows: list[list[Any]], first: int, at: int, places: Iterable[int], column: int, number_format: NumberFormat
    ) -> None:
        """Note the cells of one column with more decimals than are shown. They stay as they are."""
        fewest, factor = number_format.fewest_decimals, 10.0**number_format.fewest_decimals
        for row in places:
            cells = rows[row - first]
            number = cells[at] if 0 <= at < len(cells) else None
            if type(number) is not float or (number * factor).is_integer():
                continue
            text = number_as_text(number)
            if len(text.partition(".")[2]) > fewest or "E" in text:
                shown = number_format.shown(number, text)
                if shown is not None:
                    self.doubts.add(row, column, shown, number_format.code)


def _between(places: array[int], first: int, end: int) -> Iterator[int]:
    for at in range(bisect_left(places, first), len(places)):
        if places[at] >= end:
            return
        yield places[at]
