"""Guesses which of the first rows of a grid are titles and which the header, by comparing them with the rows below."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Row = Sequence[str | None]
Merged = tuple[int, int, int, int]

MAX_HEADER_ROWS = 5
BODY_SAMPLE = 60
VALUES = frozenset({"number", "date", "time"})
TYPED = VALUES | {"code", "year"}
NOTHING = frozenset({"n/a", "na", "nan", "nil", "null", "none", "无"})
"""What people and programs write where there is no value, besides strokes and blanks."""
_OTHER_DELIMITERS = "\t;|, "

_YEAR = re.compile(r"(?:19|20)\d\d(?:年|[-/–](?:\d\d|(?:19|20)\d\d))?")
_TIME = re.compile(r"\d{1,2}[:时]\d{2}分?(?::?\d{2}(?:\.\d+)?秒?)?\s*(?:[AaPp][Mm])?")
_DATE = re.compile(
    r"(?:\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?|\d{1,2}月\d{1,2}日|\d{1,2}[- ][A-Za-z]{3,9}(?:[- ]\d{2,4})?|[A-Za-z]{3,9}[- ]\d{2,4})"
    r"(?:[T ].*\d{2}:\d{2}.*)?"
)
_NUMBER = re.compile(
    r"[-+(−]?\s*[^\w\s]{0,2}\s*[-+]?[\d０-９][\d０-９.,，' ]*(?:[eE][-+]?\d+)?\s*(?:[^\w\s]{1,2}|[万亿]?[元亩吨]?|[万亿])\)?"
)


@dataclass(frozen=True, slots=True)
class Head:
    """The first rows of a table.

    Attributes:
        n_titles: number of rows above the header.
        n_rows: number of rows of the header; 0 where there is none.
        names: one per column, the rows of the header joined; empty where there is none.
        why: the reason: values-below, distinct-words or other-delimiter; no-header.
    """

    n_titles: int
    n_rows: int
    names: list[str]
    why: str


def is_filled(cell: str | None) -> bool:
    """Whether a cell holds more than blanks."""
    return cell is not None and not cell.isspace() and cell != ""


def n_filled(row: Row) -> int:
    """The number of cells that hold something."""
    return sum(map(is_filled, row))


def cell_class(cell: str | None) -> str:
    """The class of a cell: empty, words, year, number, date, time, or code (letters and digits without blanks)."""
    text = (cell or "").strip()
    if not any(map(str.isalnum, text)) or text.lower() in NOTHING:
        return ""
    if not any(c.isdigit() for c in text):
        return "words"
    for name, pattern in (("year", _YEAR), ("number", _NUMBER), ("time", _TIME), ("date", _DATE)):
        if pattern.fullmatch(text):
            return name
    return "code" if " " not in text and len(text) <= 40 and sum(c.isdigit() for c in text) * 4 >= len(text) else "words"


def column_classes(rows: Sequence[Row]) -> list[str]:
    """The class of each column: that of seven in ten of its cells, or none."""
    classes: list[str] = []
    for index in range(max(map(len, rows), default=0)):
        counts = Counter(cell_class(row[index]) for row in rows if index < len(row))
        counts.pop("", None)
        if counts.get("year") and counts.get("number"):
            counts["number"] += counts.pop("year")
        name, n = counts.most_common(1)[0] if counts else ("", 0)
        classes.append(name if n * 10 >= sum(counts.values()) * 7 else "")
    return classes


def is_header_like(row: Row, classes: Sequence[str]) -> bool:
    """Whether a row has words where the body has values, and no value there."""
    other = 0
    for cell, below in zip(row, classes, strict=False):
        here = cell_class(cell)
        if not here or below not in TYPED:
            continue
        if here == below or (here in VALUES and below in TYPED):
            return False
        other += 1
    return other > 0


def find_head(rows: Sequence[Row], merged: Sequence[Merged] = ()) -> Head:
    """Find titles and header in the first rows of a block.

    Args:
        rows: up to `BODY_SAMPLE` rows of any length, without blank ones.
        merged: ranges as in `SheetCells`, with rows counted from the first of `rows`.
    """
    width = max(map(n_filled, rows), default=0)
    n_titles = 0
    while n_titles < len(rows) - 1 and _is_title(rows[n_titles], rows[n_titles + 1 :], width, merged, n_titles):
        n_titles += 1
    rest = rows[n_titles:]
    body = rest[min(MAX_HEADER_ROWS, len(rest) // 2) :] if len(rest) > 1 else rest
    classes = column_classes(body)
    if not any(name in TYPED for name in classes):
        n_rows, why = int(_names_columns(rest[0], rest[1:])), "distinct-words"
    else:
        n_rows, why = 0, "values-below"
        while n_rows < min(MAX_HEADER_ROWS, len(rest) - 1) and is_header_like(rest[n_rows], classes):
            if n_rows and not _continues(rest[:n_rows], rest[n_rows]):
                break
            n_rows += 1
        if n_rows == 0 and len(rest) > 2 and _is_upper_row(rest[0], rest[1]) and is_header_like(rest[1], classes):
            n_rows = 2
    if n_rows == 0 and n_titles:
        names = _differently_cut(rows[n_titles - 1], width, classes)
        if names:
            return Head(n_titles - 1, 1, names, "other-delimiter")
    return Head(n_titles, n_rows, joined(rest[:n_rows], merged, n_titles), why if n_rows else "no-header")


def _is_title(row: Row, below: Sequence[Row], width: int, merged: Sequence[Merged], index: int) -> bool:
    """Whether a row is a line above the table: one cell, or a few at the left of a much wider table."""
    n = n_filled(row)
    if n >= width or n == 0:
        return n == 0
    wide = max(map(n_filled, below))
    spans = sum(top <= index <= bottom and 1 < right - left + 1 < width for top, left, bottom, right in merged)
    if spans > 1 or (n == 1 and wide < 2):
        return False
    return n == 1 or (n <= 0.34 * wide and _first_filled(row) == min(map(_first_filled, below)))


def _first_filled(row: Row) -> int:
    return next((index for index, cell in enumerate(row) if is_filled(cell)), len(row))


def _is_upper_row(upper: Row, lower: Row) -> bool:
    """Whether a sparse row may span the full one below."""
    return 1 < n_filled(upper) < n_filled(lower)


def _continues(header: Sequence[Row], row: Row) -> bool:
    """Whether a further row of words belongs to the header: it is nearly as full, or fills what the rows above leave open."""
    most = max(map(n_filled, header))
    if n_filled(row) * 10 >= most * 6:
        return True
    first = next((i for i in range(len(row)) if any(i < len(above) and is_filled(above[i]) for above in header)), 0)
    return not is_filled(row[first])


def _names_columns(row: Row, below: Sequence[Row]) -> bool:
    """Whether a row of words above columns of words names them: no name occurs twice, and none among the values below."""
    names = [cell.strip() for cell in row if cell and is_filled(cell)]
    if len(names) < 2 or len(set(names)) < len(names) or any(len(name) > 80 for name in names):
        return False
    if not below:
        return not any(cell_class(name) in TYPED for name in names)
    again = sum(
        any(index < len(other) and other[index] == cell for other in below) for index, cell in enumerate(row) if is_filled(cell)
    )
    return again == 0 or (all(cell_class(name) == "words" for name in names) and again * 2 < len(names))


def _differently_cut(row: Row, width: int, classes: Sequence[str]) -> list[str] | None:
    """The names in a line that another delimiter splits into as many cells as the rows below have; None where there is none."""
    text = next(cell for cell in row if cell and is_filled(cell))
    if n_filled(row) > 1 or "\n" in text or "\r" in text:
        return None
    for delimiter in _OTHER_DELIMITERS:
        names = next(csv.reader([text.strip()], delimiter=delimiter, skipinitialspace=True))
        if len(names) == max(width, len(classes)) and all(names) and is_header_like(names, classes):
            return names
    return None


def joined(rows: Sequence[Row], merged: Sequence[Merged] = (), offset: int = 0) -> list[str]:
    """Join the rows of a header to one name per column; repeat a name that spans several columns."""
    if len(rows) <= 1:
        return [cell or "" for row in rows for cell in row]
    width = max(map(len, rows))
    filled = [[(row[i] or "") if i < len(row) else "" for i in range(width)] for row in rows]
    seen: set[tuple[int, int]] = set()
    for top, left, bottom, right in merged:
        top, bottom = top - offset, bottom - offset
        if 0 <= top < len(filled) and left < width:
            for i in range(left, min(right, width - 1) + 1):
                filled[top][i] = filled[top][left]
                seen |= {(r, i) for r in range(top + 1, min(bottom, len(filled) - 1) + 1)}
    for upper, lower in pairwise(filled):
        for i in range(1, width):
            if not merged and not upper[i].strip() and upper[i - 1].strip() and lower[i].strip() and lower[i - 1].strip():
                upper[i] = upper[i - 1]
    return [
        " ".join(filled[r][i].strip() for r in range(len(filled)) if filled[r][i].strip() and (r, i) not in seen)
        for i in range(width)
    ]
