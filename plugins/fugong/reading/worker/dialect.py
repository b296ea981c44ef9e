"""Guesses how a text of unknown origin splits into cells, and measures how well the guess fits.

Every candidate splits the same sample. The one wins whose records agree most in their number of cells and whose cells look most
like values: the idea of van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by detecting row and type patterns" (2019),
with the agreement measured as the chance that two records are equally wide.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

SAMPLE_RECORDS = 400
MAX_QUOTED_LENGTH = 16_384
"""Characters of a quoted cell in the sample. A quote that opens a longer one is a stray one."""
ONE_COLUMN = 0.3
"""The agreement that a text in one column gets; two columns in every record have 0.5."""
DELIMITERS = {
    ",": 1.0,
    ";": 1.0,
    "\t": 1.0,
    "|": 1.0,
    "\x1f": 1.0,
    "\x01": 1.0,
    "^": 0.8,
    "~": 0.8,
    "§": 0.8,
    " ": 0.6,
    ":": 0.4,
}
"""Delimiters to try, and the weight of each: blanks and colons also occur within values."""
QUOTES = ('"', "'", "")

_VALUE = re.compile(
    r"""
    [^\W_][\w\ .\-/&'()+\#%:、()·:]{0,79}                                     # words, codes, dates, times
    | [-+(]?[^\w\s"']{0,2}\ ?\d[\d.,'\ ]*(?:[eE][-+]?\d+)?\ ?[^\w\s"']{0,2}\)?  # numbers, money, percentages
    | (?:https?|ftp)://\S+ | [\w.+-]+@[\w-]+\.[\w.]+                            # addresses
    | [-–—/*.?]{1,3} | \#[A-Za-z]+/?[A-Za-z0]*[!?]?                             # signs for "nothing", errors of spreadsheets
    """,
    re.VERBOSE,
)

_DECLARED = re.compile(r'"?sep=(.)"?[\r\n]', re.IGNORECASE)
"""The first line by which Excel declares its delimiter."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How records split into cells.

    Attributes:
        delimiter: one character; empty where the text has one column.
        quote: empty where no cell is quoted.
        escape: the character before a quote inside a quoted cell: another quote, a backslash, or none.
        skips_blanks: blanks after a delimiter belong to the delimiter.
        merges: several delimiters in a row count as one.
        line_end: the most frequent one.
        n_cells: number of cells in most records.
    """

    delimiter: str
    quote: str = ""
    escape: str = ""
    skips_blanks: bool = False
    merges: bool = False
    line_end: str = "\n"
    n_cells: int = 1


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a dialect fits a sample.

    Attributes:
        agreement: how far the records agree in their number of cells, from 0 to 1.
        values: share of the cells that look like a value.
    """

    agreement: float
    values: float

    @property
    def score(self) -> float:
        """Agreement decides and values moderate: prose looks like no value, however it is split."""
        return self.agreement * (0.1 + self.values)


def find_dialect(sample: str) -> tuple[Dialect, Fit]:
    """Return the dialect that fits the first records of a text best."""
    best = Dialect("")
    fit = _fit(_cut(sample, best), ONE_COLUMN)
    for candidate in _candidates(sample):
        candidate = replace(candidate, escape=_escape(sample, candidate))
        records = _cut(sample, candidate)
        found = _fit(records, 0.0)
        if found.agreement:
            found = replace(found, agreement=found.agreement * DELIMITERS[candidate.delimiter])
        if found.score > fit.score + 1e-9:
            n_cells = Counter(map(len, records)).most_common(1)[0][0]
            best, fit = replace(candidate, n_cells=n_cells), found
    if not best.quote and '"' not in sample:
        best = replace(best, quote='"', escape='"')  # the sample has no quote; further down a double quote has its usual meaning
    return replace(best, line_end=_line_end(sample)), fit


def _candidates(sample: str) -> Iterator[Dialect]:
    n_lines = len(sample.splitlines())
    declared = _DECLARED.match(sample)
    for delimiter in DELIMITERS:
        n = sample.count(delimiter)
        if 2 * n < n_lines or (declared and delimiter != declared[1]):
            continue
        n_spaced = 0 if delimiter == " " else sample.count(delimiter + " ")
        for quote in QUOTES:
            if quote and not re.search(rf"(?:^|[{re.escape(delimiter)}\r]) ?{quote}", sample, re.MULTILINE):
                continue
            if 10 * n_spaced >= 9 * n:  # of two that fit equally well the first one wins
                yield Dialect(delimiter, quote, skips_blanks=True)
            if delimiter != " " or 2 * sample.count("  ") < n_lines:
                yield Dialect(delimiter, quote)
            if 2 * n_spaced >= n:
                yield Dialect(delimiter, quote, skips_blanks=True)
            if delimiter == " " and "  " in sample:
                yield Dialect(delimiter, quote, merges=True)


@lru_cache(64)
def _cell_pattern(dialect: Dialect) -> re.Pattern[str]:
    delimiter, quote = re.escape(dialect.delimiter), dialect.quote
    blanks = " *" if dialect.skips_blanks else ""
    ends = r"(?=(\r\n|\n|\r|\Z))"
    if delimiter:
        ends = rf"(?=({delimiter}{'+' if dialect.merges else ''}|\r\n|\n|\r|\Z))"
    plain = rf"([^{delimiter}\r\n]*)"
    if not quote:
        return re.compile(rf"{blanks}(){plain}{ends}")
    # Possessive: a quote that never closes costs one attempt, not one for each way to read what follows.
    escaped = {quote: f"{quote}{quote}|", "\\": rf"\\{quote}|", "": ""}[dialect.escape]
    inside = rf"(?>{escaped}[^{quote}]|{quote}(?!{delimiter}|[\r\n]|\Z)){{0,{MAX_QUOTED_LENGTH}}}+"
    return re.compile(rf"{blanks}(?:{quote}({inside}){quote}|{plain}){ends}")


def _cut(sample: str, dialect: Dialect) -> list[list[str]]:
    """Split a sample into records without the blank ones, well enough to judge a dialect."""
    pattern = _cell_pattern(dialect)
    records: list[list[str]] = []
    record: list[str] = []
    at = 0
    while len(records) < SAMPLE_RECORDS and (match := pattern.match(sample, at)):
        quoted, plain, end = match.groups()
        record.append(quoted or plain or "")
        at = match.end() + len(end)
        if end in ("\r\n", "\n", "\r", ""):
            if dialect.merges:
                record = [cell for cell in record if cell]
            if any(record) or len(record) > 1:
                records.append(record)
            record = []
            if not end:
                break
    return records


def _fit(records: list[list[str]], one_column: float) -> Fit:
    """Measure how well records fit; `one_column` is the agreement where all of them have one cell."""
    widths = Counter(map(len, records))
    if not records:
        return Fit(0.0, 0.0)
    agreement = sum((n / len(records)) ** 2 * (1 - 1 / width) for width, n in widths.items())
    cells = [cell for record in records for cell in record]
    n_values = sum(not cell or cell.isspace() or _VALUE.fullmatch(cell.strip()) is not None for cell in cells)
    return Fit(one_column if max(widths) == 1 else agreement, n_values / len(cells))


def _line_end(sample: str) -> str:
    both = sample.count("\r\n")
    counts = {"\n": sample.count("\n") - both, "\r\n": both, "\r": sample.count("\r") - both}
    return max(counts, key=lambda end: counts[end])


def _escape(sample: str, dialect: Dialect) -> str:
    """The character before most quotes within cells: a quote, unless another one is more frequent."""
    quote, delimiter = dialect.quote, re.escape(dialect.delimiter)
    if not quote:
        return ""
    ways = {
        quote: rf"(?<!{quote}){quote}{quote}(?=[^{quote}{delimiter}\r\n])|(?<=[^{quote}\\{delimiter}\r\n]){quote}{{3}}(?!{quote})",
        "\\": rf"\\{quote}",
        "": rf"(?<=[^{quote}\\{delimiter}\r\n]){quote}(?=[^{quote}{delimiter}\r\n])",
    }
    counts = {escape: len(re.findall(pattern, sample)) for escape, pattern in ways.items()}
    return max(counts, key=lambda escape: counts[escape])
