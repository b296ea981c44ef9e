"""A later header, or a unit between rows, begins a block, wherever it stands and however the lines come in batches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from fugong.findings.collector import FindingCollector
from fugong.parsing.blocks import MAX_BLOCKS, Blocks, find_blocks
from fugong.parsing.header import locate
from fugong.parsing.interpreted import Interpreted, read_batches
from fugong.parsing.raw_rows import raw_rows
from fugong.parsing.rows import interpret
from fugong.parsing.unit_report import mentions_of
from fugong.parsing.units import units_of
from fugong.reading.model import SheetCells
from tests.parsing.tables import HEADER, TABLE, Row

TURNED: Row = ["名称", "编号", "数量", "金额"]


def sheet_of(folder: Path, grid: Sequence[Row], batch_rows: int) -> SheetCells:
    width = max(len(row) for row in grid)
    schema = pa.schema([pa.field("row_number", pa.int64()), *(pa.field(f"c{at}", pa.string()) for at in range(width))])
    path = folder / "cells.arrows"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for start in range(0, len(grid), batch_rows):
            some = grid[start : start + batch_rows]
            columns: list[list[Any]] = [list(range(start + 1, start + 1 + len(some)))]
            columns += [[row[at] if at < len(row) else None for row in some] for at in range(width)]
            writer.write_batch(pa.record_batch(columns, schema=schema))
    filled = [(number, list(row)) for number, row in enumerate(grid, 1) if any(row)]
    return SheetCells("表", 0, path, len(grid), width, [], False, 0, [], [], [list(row) for row in grid[:40]], tail=filled[-20:])


def read(folder: Path, grid: Sequence[Row], batch_rows: int = 1000) -> tuple[Blocks, Interpreted, FindingCollector]:
    sheet = sheet_of(folder, grid, batch_rows)
    header = locate(TABLE, sheet.head)
    assert header
    mentions, faults = mentions_of(sheet, header, "报表"), FindingCollector()
    blocks = find_blocks(TABLE, sheet, header, mentions, {})
    units = units_of(TABLE, header, [one for one in mentions if one.place not in blocks.spoken_for])
    found = interpret(TABLE, "表", header, sheet.path, [], units, {}, folder / "typed.arrows", faults, blocks=blocks)
    return blocks, found, faults


def rows_of(found: Interpreted) -> dict[int, list[str]]:
    return {
        row.pop("row_number"): [str(value) for value in row.values()]
        for batch in read_batches(found.rows)
        for row in batch.to_pylist()
    }


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 5, 1000])
def test_lines_below_a_later_header_are_read_by_it_however_they_are_cut_in_batches(tmp_path: Path, batch_rows: int) -> None:
    grid = [HEADER, ["1", "张三", "5", "1"], TURNED, ["乙", "2", "3", "7.50"], [], HEADER, ["3", "丙", "1", "2"]]
    blocks, found, faults = read(tmp_path, grid, batch_rows)
    assert [block.first_line for block in blocks.later] == [4, 7]
    assert rows_of(found) == {2: ["1", "张三", "5.00", "1"], 4: ["2", "乙", "7.50", "3"], 7: ["3", "丙", "1.00", "2"]}
    assert not faults.findings
    assert (found.rows_read, found.n_data) == (6, 3)


def test_findings_and_returned_rows_name_cells_by_their_own_header(tmp_path: Path) -> None:
    grid = [HEADER, ["1", "张三", "5", "1"], TURNED, ["乙", "2", "3", "七块"]]
    _, found, faults = read(tmp_path, grid)
    assert [(item.cell, item.column_name) for item in faults.findings] == [("D4", "amount")]
    raw = raw_rows(found, tmp_path / "cells.arrows", [], {2, 4})
    assert raw[4] == [["名称", "乙"], ["编号", "2"], ["数量", "3"], ["金额", "七块"]]
    assert raw[2][0] == ["编号", "1"]


@pytest.mark.parametrize(("unit", "factor"), [("单位\uff1a万元", 10_000), ("(万元)", 10_000), ("单位\uff1a元", 1)])
def test_a_unit_between_rows_holds_for_the_rows_below_it_only(tmp_path: Path, unit: str, factor: int) -> None:
    grid = [HEADER, ["1", "张三", "5", "1"], [None, None, None, unit], ["2", "乙", "5", "1"], ["合计", None, "10", "2"]]
    _, found, _ = read(tmp_path, grid)
    assert {line: row[2] for line, row in rows_of(found).items()} == {2: "5.00", 4: f"{5 * factor}.00"}


def test_a_unit_below_the_last_row_holds_for_the_table(tmp_path: Path) -> None:
    grid = [HEADER, ["1", "张三", "5", "1"], ["2", "乙", "5", "1"], ["注\uff1a金额单位为万元"]]
    blocks, found, _ = read(tmp_path, grid)
    assert not blocks.later
    assert {row[2] for row in rows_of(found).values()} == {"50000.00"}


@pytest.mark.parametrize("line", [["2", "单位\uff1a万元", "5", None], ["2", "万元", None, None], ["2", "名称", "5", "1"]])
def test_a_row_with_a_key_is_data_whatever_its_words_are(tmp_path: Path, line: Row) -> None:
    blocks, found, _ = read(tmp_path, [HEADER, ["1", "张三", "5", "1"], line, ["3", "丙", "1", "1"]])
    assert not blocks.later and not blocks.left_out
    assert found.n_data == 3


def test_a_row_that_holds_a_header_word_is_no_row_of_the_header_below_it(tmp_path: Path) -> None:
    grid = [HEADER, ["1", "张三", "5", "1"], ["2", "数量", "6", "1"], ["3", "编号", "7", "1"], TURNED, ["乙", "4", "3", "8"]]
    blocks, found, _ = read(tmp_path, grid)
    assert blocks.left_out == [5]
    assert {line: row[0] for line, row in rows_of(found).items()} == {2: "1", 3: "2", 4: "3", 6: "4"}


def test_a_later_header_without_a_mandatory_column_is_a_misfit(tmp_path: Path) -> None:
    blocks, _, _ = read(tmp_path, [HEADER, ["1", "张三", "5", "1"], ["编号", "名称", "数量", None], ["2", "乙", "1", None]])
    assert [(misfit.line, [column.name for column in misfit.missing]) for misfit in blocks.misfits] == [(3, ["amount"])]


def test_a_total_may_be_of_its_block_or_of_all(tmp_path: Path) -> None:
    block = [["2", "乙", "3", "7"], ["丙", "3", "4", "8"]]
    grid = [HEADER, ["1", "张三", "5", "1"], ["合计", None, "5", "1"], TURNED, ["乙", "2", "3", "7"], *block[1:]]
    _, _, faults = read(tmp_path, [*grid, ["合计", None, "7", "15"], ["总计", None, "8", "20"]])
    assert not faults.findings
    _, _, faults = read(tmp_path, [*grid, ["合计", None, "7", "16"]])
    assert [(item.code, item.cell) for item in faults.findings] == [("control-total", "D7")]


def test_a_header_is_found_in_a_line_far_below(tmp_path: Path) -> None:
    lines: list[Row] = [[str(n), "张三", "5", "1"] for n in range(1, 120_001)]
    blocks, found, faults = read(tmp_path, [HEADER, *lines[:100_000], TURNED, *lines[100_000:]], 50_000)
    assert [block.first_line for block in blocks.later] == [100_003]
    # Below the turned header the numbers are names, and the names keys: what the sheet says is read.
    assert found.n_data == 120_000 and not faults.findings


def test_more_blocks_than_a_person_writes_are_a_misfit(tmp_path: Path) -> None:
    grid: list[Row] = [HEADER]
    for n in range(MAX_BLOCKS + 5):
        grid += [TURNED if n % 2 else HEADER, [str(2 * n), str(2 * n + 1), "5", "1"]]
    blocks, _, _ = read(tmp_path, [*grid, TURNED, ["0", "x", "5", "1"]])
    assert len(blocks.misfits) == 1
