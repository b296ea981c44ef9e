"""Guesses, for a file without a table of its report, which line was meant as its header, and which report has such headers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fugong.contracts.contract import Contract, Table
from fugong.parsing.header import MAX_SEARCHED_ROWS
from fugong.parsing.header_text import fold_header, readings
from fugong.privacy.detect import mask
from fugong.reading.model import SheetCells

MAX_SHOWN = 12
MAX_HEADER_LENGTH = 30
"""Headers that a sentence names, and their characters; a longer cell is a sentence, not a header."""
MIN_ALIKE = 2
"""So many columns must be named by a line before another report is proposed."""


def headers_seen(sheets: Sequence[SheetCells], contracts: Iterable[Contract]) -> list[str]:
    """The cells of the line that looks most like a header, masked; none if no line has two short texts.

    A line that names columns of the reports is preferred, then one with more texts that are no numbers, then the first.
    """
    wanted = [names_of(table) for contract in contracts for table in contract.tables]
    best: list[str] = []
    best_rank = (0, 1)
    for sheet in sheets:
        for row in sheet.head[:MAX_SEARCHED_ROWS]:
            texts = list(dict.fromkeys(cell.strip() for cell in row if cell and len(cell.strip()) <= MAX_HEADER_LENGTH))
            n_words = sum(not any(character.isdigit() for character in text) for text in texts)
            rank = (max((_n_named(texts, names) for names in wanted), default=0), n_words)
            if rank > best_rank:
                best, best_rank = texts, rank
    return [mask(text) for text in best]


def nearest(contracts: Iterable[Contract], headers: Sequence[str]) -> Contract | None:
    """The report of whose columns the headers name the most; None if they name fewer than two of each, or as many of several."""
    scores = {
        contract: max((_n_named(headers, names_of(table)) for table in contract.tables), default=0) for contract in contracts
    }
    best = max(scores.values(), default=0)
    found = [contract for contract, score in scores.items() if score == best]
    return found[0] if best >= MIN_ALIKE and len(found) == 1 else None


def names_of(table: Table) -> frozenset[str]:
    """Every name of every column, folded."""
    return frozenset(fold_header(header) for column in table.columns for header in column.headers)


def _n_named(texts: Sequence[str], names: frozenset[str]) -> int:
    return sum(any(reading.name in names for reading in readings(text)) for text in texts)
