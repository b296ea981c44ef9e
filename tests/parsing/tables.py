"""A small table, and the way of some lines through `interpret`, for the tests of parsing."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from fugong.contracts.contract import Column, Table
from fugong.findings.collector import FindingCollector
from fugong.parsing.header import Merged, locate
from fugong.parsing.interpreted import Interpreted
from fugong.parsing.raw_rows import raw_rows
from fugong.parsing.rows import interpret
from fugong.parsing.units import units_of
from fugong.validation.run import duplicated

Row = Sequence[str | None]


def column(
    name: str, header: str, kind: str = "text", *, required: bool = True, key: bool = False, unit: str | None = None
) -> Column:
    logical = {"text": "string", "integer": "integer", "date": "date"}.get(kind, "number")
    return Column(
        name=name, header=header, aliases=(), logical_type=logical, physical_type=kind, format=None, required=required,
        key_position=1 if key else None, unit=unit, default_unit=unit, code_list=None, description="", minimum=None, maximum=None,
    )  # fmt: skip


TABLE = Table(
    name="thing",
    title="物品",
    description="",
    mode="snapshot",
    columns=(
        column("id", "编号", key=True),
        column("name", "名称"),
        column("amount", "金额", "numeric(18,2)", unit="元"),
        column("n", "数量", "integer", required=False),
    ),
    sheets=(),
    business_date=None,
    unit_column=None,
    reverses=None,
    fallback=None,
    indexes=(),
    first_of=None,
    is_large=False,
)


HEADER: Row = ["编号", "名称", "金额", "数量"]


@dataclass
class Result:
    found: Interpreted
    faults: FindingCollector
    rows: dict[int, list[Any]]
    raw: dict[int, list[list[str | None]]]

    @property
    def codes(self) -> dict[int | None, set[str]]:
        out: dict[int | None, set[str]] = {}
        for item in self.faults.findings:
            out.setdefault(item.row_number, set()).add(item.code)
        return out

    @property
    def aside(self) -> set[int]:
        return {line for _, line in self.faults.rows}

    @property
    def n_not_data(self) -> int:
        return self.found.rows_read - self.found.n_data


def run(
    lines: Sequence[Row],
    *,
    above: Sequence[Row] = (),
    merged: Sequence[Merged] = (),
    batch_rows: int = 1000,
    unit: str | None = None,
    header: Row = HEADER,
    depth: int = 1,
) -> Result:
    grid = [*above, header, *lines]
    width = max(len(row) for row in grid)
    schema = pa.schema([pa.field("row_number", pa.int64()), *(pa.field(f"c{at}", pa.string()) for at in range(width))])
    titles = [] if unit is None else [f"单位:{unit}"]
    place = locate(TABLE, [list(row) for row in grid[:40]], merged)
    assert place is not None
    assert (place.first_row, place.last_row) == (len(above) + 1 - depth, len(above))
    faults = FindingCollector()
    with tempfile.TemporaryDirectory() as name:
        cells, into = Path(name) / "cells.arrows", Path(name) / "typed.arrows"
        with pa.OSFile(str(cells), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
            for start in range(0, len(grid), batch_rows):
                block = grid[start : start + batch_rows]
                columns: list[list[Any]] = [list(range(start + 1, start + 1 + len(block)))]
                columns += [[row[at] if at < len(row) else None for row in block] for at in range(width)]
                writer.write_batch(pa.record_batch(columns, schema=schema))
        found = interpret(TABLE, "表", place, cells, merged, units_of(TABLE, place, titles), {}, into, faults)
        with pa.OSFile(str(into), "rb") as source, pa.ipc.open_stream(source) as reader:
            typed = reader.read_all().to_pylist()
        rows = {row.pop("row_number"): list(row.values()) for row in typed}
        lines_back = {line for _, line in faults.rows}
        raw = raw_rows(found, cells, merged, lines_back)
        times = Counter(row[0] for row in rows.values())
        assert duplicated(found).tolist() == sorted(line for line, row in rows.items() if times[row[0]] > 1)
    assert not rows.keys() & lines_back
    assert found.n_data == len(rows) + len(lines_back)
    assert set(raw) == lines_back
    return Result(found, faults, rows, raw)


A, B, C = ("1", "甲", "5", "1"), ("2", "乙", "7.50", None), ("3", "丙", "1", "2")
