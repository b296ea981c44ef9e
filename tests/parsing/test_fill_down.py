"""Merged cells and 同上 speak for the cells below."""

from __future__ import annotations

import time

import pytest

from fugong.parsing.header import Merged
from tests.parsing.tables import Row, run


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 100])
def test_merged_cells_are_filled_down_across_blocks(batch_rows: int) -> None:
    lines = [("1", "甲", "5", None), ("2", None, "6", None), ("3", None, "7", None), ("4", "丁", "8", None)]
    found = run(lines, merged=[(1, 1, 3, 1)], batch_rows=batch_rows)
    assert [row[1] for row in found.rows.values()] == ["甲", "甲", "甲", "丁"]
    assert found.codes == {}


@pytest.mark.parametrize("batch_rows", [1, 2, 100])
def test_a_number_merged_over_lines_belongs_to_none_of_them(batch_rows: int) -> None:
    lines = [("1", "甲", "5", "3"), ("2", "乙", None, None), ("3", "丙", "7", None), ["合计", None, "12", "3"]]
    found = run(lines, merged=[(1, 2, 2, 2)], batch_rows=batch_rows)
    assert (found.aside, sorted(found.rows)) == ({2, 3}, [4])
    assert found.codes == {2: {"merged-number"}, 3: {"merged-number"}}
    assert [item.value for item in found.faults.findings] == ["5", "5"]
    optional = run(lines[:3], merged=[(1, 3, 2, 3)], batch_rows=batch_rows)
    assert optional.codes == {2: {"unreadable-optional"}, 3: {"missing-value", "unreadable-optional"}}
    assert [row[3] for row in optional.rows.values()] == [None, None]


@pytest.mark.parametrize("batch_rows", [1, 2, 100])
def test_as_above_is_written_out_in_texts_and_told_and_nowhere_else(batch_rows: int) -> None:
    lines = [
        ("1", "甲", "5", None),
        ("2", "同上", "6", None),
        ("3", "〃", "约7", None),
        ("同上", "丁", "8", None),
        ("5", "戊", "同上", "同上"),
    ]
    found = run(lines, batch_rows=batch_rows)
    assert [row[1] for row in found.rows.values()] == ["甲", "甲"]
    assert found.codes == {
        3: {"as-above-filled"},
        4: {"as-above-filled", "approximate-number"},
        5: {"as-above"},
        6: {"as-above", "unreadable-optional"},
    }
    first = next(item for item in found.faults.findings if item.code == "as-above-filled")
    assert (first.cell, first.value, first.message_zh) == ("B3", "同上", "“名称”的“同上”按上一行的“甲”收下。")
    assert found.raw[4] == [["编号", "3"], ["名称", "甲"], ["金额", "约7"], ["数量", None]]  # it has to mean the same alone


@pytest.mark.parametrize("above", [[], [["1", None, "5", None]], [["1", "—", "5", None]], [["合计", "合计", "5", None]]])
def test_as_above_without_a_value_above_goes_back(above: list[Row]) -> None:
    found = run([*above, ("2", "同上", "6", None), ("3", "同上", "6", None)])
    assert {line for line, codes in found.codes.items() if "as-above" in codes} == {2 + len(above), 3 + len(above)}
    assert found.rows == {}


def test_thousands_of_merged_ranges_cost_little_and_overlapping_ones_no_more() -> None:
    """Each range once had the whole column written anew: 4,000 of them took ten seconds."""
    n = 12_000
    lines = [(str(at), "甲" if at % 3 == 0 else None, "1", None) for at in range(n)]
    apart: list[Merged] = [(at + 1, 1, at + 3, 1) for at in range(0, n, 3)]
    one_over_the_other: list[Merged] = [(1, 1, n - at, 1) for at in range(4_000)]
    for merged in (apart, one_over_the_other, apart[::-1]):
        start = time.process_time()
        found = run(lines, merged=merged)
        assert time.process_time() - start < 4
        assert len(found.rows) == n
        assert {row[1] for row in found.rows.values()} == {"甲"}


def test_a_line_that_goes_back_has_its_merged_cells_filled() -> None:
    found = run([("1", "甲", "5", None), ("2", None, "约6", None)], merged=[(1, 1, 2, 1)])
    assert found.raw[3] == [["编号", "2"], ["名称", "甲"], ["金额", "约6"], ["数量", None]]
