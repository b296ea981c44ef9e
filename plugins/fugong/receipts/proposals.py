"""Proposed values in 退回行: beside each row what could stand in its cells, and a column in which its sender says yes to it.

The text of the column is what is taken, so that senders get what they see; who changed it gets that.
"""

# pyarrow has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from fugong.core.sanitize import restore
from fugong.reading.model import SheetCells
from fugong.receipts.answers import NOTE, VERDICT

PROPOSED = "建议值"
TAKE = "采纳建议"
"""Headers that we add."""
YES = "是"
ALSO_YES = frozenset(("是", "是的", "采纳", "同意", "对", "√", "✓", "y", "yes", "1", "ok"))
ARROW = " → "


def proposal_text(proposals: Iterable[tuple[str, str]]) -> str:
    """What the column of a row says.

    Args:
        proposals: header as sent, and the proposed value, of each cell.
    """
    return "\n".join(f"{header}{ARROW}{value}" for header, value in proposals)


def says_yes(text: str | None) -> bool:
    """Whether a sender took the proposals of a row."""
    return (text or "").strip().casefold() in ALSO_YES


def proposals_in(text: str | None) -> dict[str, str]:
    """Header → proposed value, of the text of a row."""
    pairs = (line.partition(ARROW.strip()) for line in restore(text or "").splitlines())
    return {header.strip(): value.strip() for header, arrow, value in pairs if arrow and header.strip() and value.strip()}


def columns_of(header: Sequence[str | None]) -> tuple[int, int] | None:
    """The columns of the proposals and of the sender's answer; None in a sheet without any."""
    at = [n for n, text in enumerate(header) if text and text.strip()]
    names = [str(header[n]).strip() for n in at]
    if names[-3:-1] == [VERDICT, NOTE]:
        at, names = [*at[:-3], at[-1]], [*names[:-3], names[-1]]
    return (at[-3], at[-2]) if names[-3:-1] == [PROPOSED, TAKE] else None


def take(header: Sequence[str | None], cells: Sequence[str | None]) -> list[str | None]:
    """A row with the proposals in their cells, if its sender said yes."""
    ours = columns_of(header)
    if ours is None or ours[1] >= len(cells) or not says_yes(cells[ours[1]]):
        return list(cells)
    wanted = proposals_in(cells[ours[0]])
    taken: set[str] = set()
    out = list(cells)
    for at in range(min(ours[0], len(out))):
        name = restore(header[at] or "").strip()
        if name in wanted and name not in taken:
            taken.add(name)
            out[at] = wanted[name]
    return out


def taken(sheet: SheetCells, header_of: int, work: Path) -> SheetCells:
    """A sheet in which the rows whose sender said yes hold the proposed values.

    Args:
        header_of: the number of its header line, from 0.
    """
    header = sheet.head[header_of] if header_of < len(sheet.head) else []
    if columns_of(header) is None:
        return sheet
    path = work / f"taken-{sheet.index}.arrows"
    schema = next(iter(sheet.batches())).schema
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as stream:
        for batch in sheet.batches():
            stream.write_batch(pa.record_batch([batch.column(0), *_columns(batch, header)], schema=schema))
    head = [take(header, row) if at > header_of else row for at, row in enumerate(sheet.head)]
    return dataclasses.replace(sheet, path=path, head=head)


def _columns(batch: pa.RecordBatch, header: Sequence[str | None]) -> Iterator[pa.Array]:
    rows = [take(header, row) for row in zip(*(column.to_pylist() for column in batch.columns[1:]), strict=True)]
    return (pa.array(list(column), pa.string()) for column in zip(*rows, strict=True))
