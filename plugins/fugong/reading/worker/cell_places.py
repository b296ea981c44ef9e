"""Gives cells and rows of a sheet their places where its XML names none: each stands behind the one before it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fugong.reading.worker.cell_text import column_letters, column_number

_CELL_OR_ROW = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^>]*)")
_ROW_PLACE = re.compile(rb"""\sr\s*=\s*["'](\d{1,7})["']""")
_CELL_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")


def n_unplaced(xml: bytes) -> int:
    """How many more cells with attributes and rows a part of a sheet has than it names places."""
    n_cells = xml.count(b"<c ") or xml.count(b":c ")
    n_rows = xml.count(b"<row") or xml.count(b":row ")
    return n_cells + n_rows - xml.count(b" r=")


def placed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """A sheet's XML in which every cell and row names its place.

    Args:
        blocks: of `Archive.xml`; none ends within a tag of a cell.
    """
    row = column = 0

    def place(found: re.Match[bytes]) -> bytes:
        nonlocal row, column
        if found[1] == b"row":
            own = _ROW_PLACE.search(found[2])
            row, column = int(own[1]) if own else row + 1, 0
            return found[0] if own else b'%b r="%d"%b' % (found[0][: found.start(2) - found.start()], row, found[2])
        own = _CELL_PLACE.search(found[2])
        column = column_number(own[1]) + 1 if own else column + 1
        if own:
            return found[0]
        address = column_letters(column - 1).encode() + b"%d" % max(row, 1)
        return b'%b r="%b"%b' % (found[0][: found.start(2) - found.start()], address, found[2])

    for block in blocks:
        yield _CELL_OR_ROW.sub(place, block)
