"""Splits a text into records by its dialect, also where quotes stand out of place: a wrong record damages no other."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator

from fugong.reading.worker.dialect import Dialect
from fugong.reading.worker.stray_quotes import least_strange

MAX_LINES = 1_000
MAX_CHARACTERS = 1 << 20
"""Limits of one record; a quote that closes later than that is a stray one."""
TRUSTED_LINES = 3
"""A record of at most so many lines with all quotes in place is accepted, however many cells it has."""
JOINED_LINES = 6
"""So many lines at most are tried as one record when quotes are out of place."""


class _NeverCloses(Exception):
    """A quote is still open after `MAX_LINES`."""


class Records:
    """The records of a text, in order. After the last one `n_mended` counts the records with a quote out of place.

    The strict rules apply as long as they work. Where they do not, the lines already read are put back, and the first one is read
    in the way that leaves the fewest quotes out of place and gives as many cells as the records before it have.
    """

    def __init__(self, lines: Iterable[str], dialect: Dialect) -> None:
        self.dialect = dialect
        self.n_mended = 0
        self._lines = iter(lines)
        self._given_back: deque[str] = deque()
        self._taken: list[str] = []
        self._n_cells = dialect.n_cells

    def __iter__(self) -> Iterator[list[str]]:
        """Yield every record; a blank line is a record without cells."""
        if not self.dialect.delimiter:
            yield from ([line.rstrip("\r\n")] for line in self._lines)
            return
        n_before = 0
        reader = self._reader()
        while True:
            try:
                record = next(reader)
                if len(self._taken) > TRUSTED_LINES and len(record) != self._n_cells:
                    raise _NeverCloses
            except StopIteration:
                return
            except (csv.Error, _NeverCloses):
                record = self._mend()
                reader = self._reader()
            self._taken.clear()
            yield record
            # Two records of equal width in a row may begin another table, of another width.
            if len(record) == n_before > 1:
                self._n_cells = n_before
            n_before = len(record)

    def _reader(self) -> Iterator[list[str]]:
        dialect = self.dialect
        return csv.reader(
            self._feed(),
            delimiter=dialect.delimiter,
            quotechar=dialect.quote or None,
            quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
            skipinitialspace=dialect.skips_blanks,
            strict=True,
        )

    def _feed(self) -> Iterator[str]:
        """Yield the lines and remember those of the current record."""
        n_characters = 0
        while True:
            line = self._given_back.popleft() if self._given_back else self._next_line()
            if not line:
                return
            n_characters = n_characters + len(line) if self._taken else 0
            self._taken.append(line)
            if len(self._taken) > MAX_LINES or n_characters > MAX_CHARACTERS:
                raise _NeverCloses
            yield line

    def _next_line(self) -> str:
        line = next(self._lines, "")
        if self.dialect.merges:
            line = _merged(line, self.dialect.quote)
        if self.dialect.escape == "\\" and "\\" in line:
            line = _doubled(line, self.dialect.quote)
        return line

    def _mend(self) -> list[str]:
        """Read the current lines in the least strange way; put back those that are not needed."""
        taken, self._taken = self._taken, []
        self.n_mended += 1
        for n_lines in range(1, min(len(taken), JOINED_LINES) + 1):
            record = self._least_strange("".join(taken[:n_lines]), self._n_cells)
            if record:
                self._given_back.extendleft(reversed(taken[n_lines:]))
                return record
        self._given_back.extendleft(reversed(taken[1:]))
        return self._least_strange(taken[0], None) or taken[0].rstrip("\r\n").split(self.dialect.delimiter)

    def _least_strange(self, text: str, n_cells: int | None) -> list[str] | None:
        dialect = self.dialect
        return least_strange(text.rstrip("\r\n"), dialect.delimiter, dialect.quote, n_cells, skips_blanks=dialect.skips_blanks)


def _doubled(line: str, quote: str) -> str:
    """Double a quote after a backslash and drop the backslash; other backslashes stay."""
    return re.sub(rf"\\([\\{quote}])", lambda match: quote * 2 if match[1] == quote else "\\", line)


def _merged(line: str, quote: str) -> str:
    """Reduce runs of blanks outside of quotes to one blank."""
    text = line.rstrip("\r\n")
    end = line[len(text) :]
    if quote and quote in text:
        return re.sub(rf"({quote}[^{quote}]*{quote})| +", lambda match: match[1] or " ", text.strip(" ")) + end
    return re.sub(" +", " ", text.strip(" ")) + end
