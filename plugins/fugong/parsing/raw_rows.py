"""The lines of a table as typed, each under the headers of its block: what a receipt returns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from fugong.parsing.fill_down import FillDown
from fugong.parsing.header import Header, Merged
from fugong.parsing.interpreted import Interpreted, read_batches
from fugong.parsing.rows import NOTHING_GIVEN
from fugong.parsing.units import unit_alone


def raw_rows(
    found: Interpreted, cells: Path, merged: Sequence[Merged], lines: set[int], given: Mapping[str, str] = NOTHING_GIVEN
) -> dict[int, list[list[str | None]]]:
    """The cells of some lines as typed, merged ones filled: line → [[header as sent, text], …] in file order.

    A unit that the header alone does not declare (a title does, or a line of units) is added to it in brackets, so that the lines mean
    the same on a sheet of their own. What the name of their sheet gives (`given`: column → value) is filled in, in front where the sheet
    does not have the column.
    """
    out: dict[int, list[list[str | None]]] = {}
    for header, units, number, texts in _lines(found, cells, merged, lines, as_above=True):
        sent = dict(header.sent)
        for at, column in header.columns.items():
            unit = units.get(column.name)
            if unit and unit != unit_alone(column, sent[at]):
                sent[at] = f"{sent[at]}({unit})"
        own = {at: given[column.name] for at, column in header.columns.items() if column.name in given}
        absent: list[list[str | None]] = [
            [found.table.by_name[name].header, value] for name, value in given.items() if name not in header.index
        ]
        out[number] = absent + [
            [sent.get(at), texts[at] or own.get(at)]
            for at in range(header.first_column, min(header.last_column + 1, len(texts)))
            if sent.get(at) or texts[at]
        ]
    return out


def typed_texts(found: Interpreted, cells: Path, merged: Sequence[Merged], lines: set[int]) -> dict[int, Sequence[str | None]]:
    """The cells of some lines as typed: line → text by physical column. Every line of a merged range has its text; 同上 stays."""
    return {number: texts for _, _, number, texts in _lines(found, cells, merged, lines, as_above=False)}


def _lines(
    found: Interpreted, cells: Path, merged: Sequence[Merged], lines: set[int], *, as_above: bool
) -> Iterator[tuple[Header, Mapping[str, str | None], int, Sequence[str | None]]]:
    """Yield header and units of the block, number and texts of each of some lines, merged ranges filled.

    Args:
        as_above: whether 同上 is filled, too.
    """
    of_blocks: dict[int, set[int]] = {}
    for line in lines:
        of_blocks.setdefault(bisect_right(found.later, line, key=lambda block: block.first_line), set()).add(line)
    for at, some in sorted(of_blocks.items()):
        block = found.later[at - 1] if at else None
        header, units = (block.header, block.units.of) if block else (found.header, found.units)
        inside = merged if block is None else [one for one in merged if one[0] + 1 >= block.first_line]
        fill_down = FillDown(header, inside, as_above=as_above)
        wanted = pa.array(sorted(some), pa.int64())
        for batch in map(fill_down.block, read_batches(cells)):
            part = batch.filter(pc.is_in(batch.column("row_number"), wanted))
            if part.num_rows:
                numbers, *columns = (column.to_pylist() for column in part.columns)
                yield from ((header, units, number, texts) for number, *texts in zip(numbers, *columns, strict=True))
