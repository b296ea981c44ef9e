"""The lines of a table as typed, each under the headers of its block: what a receipt returns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from fugong.parsing.fill_down import FillDown
from fugong.parsing.header import Header, Merged
from fugong.parsing.rows import NOTHING_GIVEN, Interpreted, read_batches
from fugong.parsing.units import unit_alone


def raw_rows(
    found: Interpreted, cells: Path, merged: Sequence[Merged], lines: set[int], given: Mapping[str, str] = NOTHING_GIVEN
) -> dict[int, list[list[str | None]]]:
    """The cells of some lines as typed, merged ones filled: line → [[header as sent, text], …] in file order.

    What the name of their sheet gives (`given`: column → value) is filled in, in front where the sheet does not have the column. A unit that the header alone does not declare (a title does, or a line of units) is added to it in brackets, so that the lines mean
    the same on a sheet of their own.
    """
    of_blocks: dict[int, set[int]] = {}
    for line in lines:
        of_blocks.setdefault(bisect_right(found.later, line, key=lambda block: block.first_line), set()).add(line)
    out: dict[int, list[list[str | None]]] = {}
    for at, some in sorted(of_blocks.items()):
        block = found.later[at - 1] if at else None
        header, units = (block.header, block.units.of) if block else (found.header, found.units)
        inside = merged if block is None else [one for one in merged if one[0] + 1 >= block.first_line]
        out |= _raw_rows(cells, header, inside, units, some)
        own = {header.sent[at]: given[column.name] for at, column in header.columns.items() if column.name in given}
        absent: list[list[str | None]] = [
            [found.table.by_name[name].header, value] for name, value in given.items() if name not in header.index
        ]
        for line in some if given else ():
            out[line] = [*absent, *([sent, text or own.get(sent or "")] for sent, text in out[line])]
    return out


def _raw_rows(
    cells: Path, header: Header, merged: Sequence[Merged], units: Mapping[str, str | None], lines: set[int]
) -> dict[int, list[list[str | None]]]:
    sent = dict(header.sent)
    for at, column in header.columns.items():
        unit = units.get(column.name)
        if unit and unit != unit_alone(column, sent[at]):
            sent[at] = f"{sent[at]}({unit})"
    out: dict[int, list[list[str | None]]] = {}
    wanted = pa.array(sorted(lines), pa.int64())
    fill_down = FillDown(header, merged)
    for batch in map(fill_down.block, read_batches(cells)):
        part = batch.filter(pc.is_in(batch.column("row_number"), wanted))
        if not part.num_rows:
            continue
        columns = part.to_pydict()
        numbers = columns.pop("row_number")
        for order, number in enumerate(numbers):
            out[number] = [
                [sent.get(at), columns[f"c{at}"][order]]
                for at in range(header.first_column, min(header.last_column + 1, len(columns)))
                if sent.get(at) or columns[f"c{at}"][order]
            ]
    return out
