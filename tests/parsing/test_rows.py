"""Lines → rows: every line below the header ends as a row, set aside, or not data."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fugong.contracts.contract import Column, Table
from fugong.findings import collector
from fugong.findings.collector import FindingCollector, TooManyFaults
from fugong.parsing.header import Merged, locate
from fugong.parsing.rows import Interpreted, duplicated, interpret, raw_rows

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
        found = interpret(TABLE, "表", place, cells, merged, unit, {}, into, faults)
        with pa.OSFile(str(into), "rb") as source, pa.ipc.open_stream(source) as reader:
            typed = reader.read_all().to_pylist()
        rows = {row.pop("row_number"): list(row.values()) for row in typed}
        lines_back = {line for _, line in faults.rows}
        raw = raw_rows(cells, place, merged, found.units, lines_back)
        times = Counter(row[0] for row in rows.values())
        assert duplicated(found).tolist() == sorted(line for line, row in rows.items() if times[row[0]] > 1)
    assert not rows.keys() & lines_back
    assert found.n_data == len(rows) + len(lines_back)
    assert set(raw) == lines_back
    return Result(found, faults, rows, raw)


A, B, C = ("1", "甲", "5", "1"), ("2", "乙", "7.50", None), ("3", "丙", "1", "2")


def test_good_lines_become_rows_with_their_line_numbers() -> None:
    found = run([A, B], above=[["标题"], [None]])
    assert {line: [str(value) for value in row] for line, row in found.rows.items()} == {
        4: ["1", "甲", "5.00", "1"],
        5: ["2", "乙", "7.50", "None"],
    }
    assert (found.found.rows_read, found.n_not_data, found.codes) == (2, 0, {})


@pytest.mark.parametrize("label", ["合计", "合 计", "总计", "小计", "本页合计", "共计:", "全区合计"])
def test_a_total_is_not_data_wherever_its_label_stands(label: str) -> None:
    for line in ([label, None, "12.50", None], [None, label, "12.50", "1"]):
        found = run([A, B, line])
        assert (len(found.rows), found.n_not_data, found.codes) == (2, 1, {})


def test_a_wrong_total_is_told_with_both_numbers_and_the_rows_stay() -> None:
    found = run([A, B, ["合计", None, "13", "1"]])
    assert found.codes == {4: {"control-total"}}
    [item] = found.faults.findings
    assert (item.cell, item.value) == ("C4", "13")
    assert "12.50" in item.message_zh
    assert found.aside == set()


def test_a_total_counts_the_lines_that_go_back_too() -> None:
    found = run([A, ["2", None, "7.50", None], ["合计", None, "12.50", None]])
    assert found.codes == {3: {"missing-value"}}


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 100])
def test_a_subtotal_is_compared_with_the_lines_since_the_last_one(batch_rows: int) -> None:
    lines = [A, ["小  计", None, "5", None], B, C, ["甲镇小计", None, "8.5", None], ["合计", None, "13.5", None]]
    assert run(lines, batch_rows=batch_rows).codes == {}
    wrong = [*lines[:4], ["小计", None, "13.5", None], lines[-1]]
    found = run(wrong, batch_rows=batch_rows)
    assert found.codes == {6: {"control-subtotal"}}
    assert "8.50" in found.faults.findings[0].message_zh


@pytest.mark.parametrize("batch_rows", [1, 2, 100])
def test_subtotals_may_stand_above_their_lines_and_the_total_above_all(batch_rows: int) -> None:
    lines = [["合计", None, "13.5", None], ["小计", None, "5", None], A, ["小计", None, "8.5", None], B, C]
    found = run(lines, batch_rows=batch_rows)
    assert (sorted(found.rows), found.codes, found.found.total_lines) == ([4, 6, 7], {}, [2, 3, 5])
    lines[3] = ["小计", None, "8", None]
    assert run(lines, batch_rows=batch_rows).codes == {5: {"control-subtotal"}}


@pytest.mark.parametrize("label", ["本页合计", "本月合计", "累计", "本年累计", "中心路街道合计", "其中:大型"])
def test_totals_of_other_lines_than_these_are_not_compared_and_are_no_data(label: str) -> None:
    found = run([A, B, ["合计", None, "12.50", None], [label, None, "1", None]])
    assert (found.codes, found.n_not_data) == ({}, 2)


def test_a_total_with_signs_for_nothing_in_its_key_is_no_row() -> None:
    found = run([A, ["—", "合  计", "5", "/"]])
    assert (found.codes, found.n_not_data) == ({}, 1)


def test_a_subtotal_over_a_merged_number_is_not_compared() -> None:
    lines = [("1", "甲", "5", "1"), ("2", "乙", None, "1"), ["小计", None, "99", None]]
    assert "control-subtotal" not in {code for codes in run(lines, merged=[(1, 2, 2, 2)]).codes.values() for code in codes}


@pytest.mark.parametrize(
    ("line", "merged"),
    [
        (["一、工业企业", None, None, None], []),
        (["(二)某镇", None, None, None], []),
        (["中心路街道", None, None, None], [(2, 0, 2, 3)]),
    ],
)
def test_a_heading_between_groups_is_not_data(line: Row, merged: list[Merged]) -> None:
    found = run([A, line, B], merged=merged)
    assert (sorted(found.rows), found.codes, found.found.n_notes) == ([2, 4], {}, 1)


def test_a_line_of_signatures_is_a_note_however_many_cells_it_has() -> None:
    found = run([A, B, ["填表人:", "某某", None, "审核人:", "某某"]], header=[*HEADER, "其他"])
    assert (found.codes, found.n_not_data) == ({}, 1)


@pytest.mark.parametrize("batch_rows", [1, 2, 100])
def test_a_table_beside_gives_neither_lines_nor_cells(batch_rows: int) -> None:
    header = [*HEADER, None, "镇办", "家数"]
    lines = [[*A, None, "甲镇", "1"], [*B, None, "合计", "约9"], [None] * 5 + ["乙镇", "2"], [None] * 5 + ["丙镇", "3"]]
    found = run(lines, header=header, batch_rows=batch_rows)
    assert (sorted(found.rows), found.found.rows_read, found.codes) == ([2, 3], 2, {})
    spoilt = run([["1", "甲", "约5", "1", None, "甲镇", "1"], *lines[1:]], header=header, batch_rows=batch_rows)
    assert spoilt.raw[2] == [["编号", "1"], ["名称", "甲"], ["金额", "约5"], ["数量", "1"]]


def test_a_unit_that_only_a_group_names_goes_into_the_returned_header() -> None:
    found = run(
        [["约5", "1", "1", "甲"]], above=[["金额(万元)", None, "编号", "名称"]], header=["金额", "数量", None, None], depth=2
    )
    assert found.raw[3] == [["金额(万元)", "约5"], ["数量", "1"], ["编号", "1"], ["名称", "甲"]]


def test_a_total_in_the_titles_unit_is_compared_in_it() -> None:
    assert run([A, ["合计", None, "5", None]], unit="万元").codes == {}
    assert run([A, ["合计", None, "50000", None]], unit="万元").codes == {3: {"control-total"}}


def test_rows_after_the_total_are_rows() -> None:
    found = run([A, ["合计", None, "5", None], B])
    assert sorted(found.rows) == [2, 4]
    assert found.codes == {3: {"control-total"}}


def test_a_name_that_begins_like_a_total_is_a_row_when_its_key_is_there() -> None:
    assert sorted(run([A, ["2", "合计食品厂", "5", None]]).rows) == [2, 3]


@pytest.mark.parametrize(
    "line",
    [
        ["注:金额含税", None, None, None],
        [None, "备注:金额含税", None, None],
        ["填表人:某某", None, "审核人:某某", None],
        ["单位负责人:", "统计负责人:", None, "填表人:"],
        ["说明", "金额含税"],
    ],
)
def test_notes_below_the_table_are_not_data(line: Row) -> None:
    found = run([A, B, line])
    assert (sorted(found.rows), found.n_not_data, found.codes) == ([2, 3], 1, {})


def test_a_note_between_rows_is_not_data_either() -> None:
    found = run([A, ["注:以下为新增", None, None, None], B])
    assert (sorted(found.rows), found.n_not_data, found.codes) == ([2, 4], 1, {})


def test_a_single_cell_between_rows_goes_back_and_below_the_table_it_is_a_note() -> None:
    between = run([A, [None, "丁", None, None], B])
    assert (between.codes, between.aside) == ({3: {"stray-line"}}, {3})
    below = run([A, B, [None, "以上", None, None]])
    assert (below.codes, below.n_not_data) == ({}, 1)


def test_blank_lines_count_only_down_to_the_last_that_is_not_blank() -> None:
    blank: Row = [None] * 4
    found = run([A, blank, blank, B, blank, blank])
    assert (found.found.rows_read, found.found.n_data, found.n_not_data) == (4, 2, 2)


def test_a_repeated_header_is_not_data() -> None:
    found = run([A, HEADER, B])
    assert (sorted(found.rows), found.n_not_data, found.codes) == ([2, 4], 1, {})


def test_a_header_without_lines_is_a_table_without_rows() -> None:
    found = run([])
    assert (found.found.rows_read, found.rows, found.codes) == (0, {}, {})
    assert run([[None] * 4]).found.rows_read == 0


def test_an_unreadable_mandatory_cell_sends_the_line_back_and_an_optional_one_does_not() -> None:
    found = run([["1", "甲", "约3500", "1"], ["2", "乙", "5", "几个"]])
    assert found.codes == {2: {"approximate-number"}, 3: {"unreadable-optional"}}
    assert found.aside == {2}
    assert found.rows[3][3] is None
    first, second = found.faults.findings
    assert (first.cell, first.value, second.cell, second.value) == ("C2", "约3500", "D3", "几个")
    assert found.raw[2] == [["编号", "1"], ["名称", "甲"], ["金额", "约3500"], ["数量", "1"]]


def test_every_reason_of_a_line_is_kept() -> None:
    found = run([["1", None, "约3500", "1"]])
    assert [reason["code"] for reason in found.faults.rows["表", 2]] == ["missing-value", "approximate-number"]


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


def test_a_key_that_occurs_twice_is_found_whatever_block_it_is_in() -> None:
    found = run([A, B, C, A], batch_rows=2)
    assert sorted(found.rows) == [2, 3, 4, 5]  # `duplicated` is compared in `run`


def test_findings_are_kept_up_to_a_thousand_and_counted_beyond() -> None:
    found = run([[str(n), "甲", "约", None] for n in range(1500)])
    told = found.faults.all_findings()
    assert len(told) == 1000
    assert [item.n_same for item in told[-2:]] == [1, 501]
    assert len(found.aside) == 1500


def test_too_many_faulty_lines_end_the_judging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "MAX_FAULTY_ROWS", 10)
    with pytest.raises(TooManyFaults):
        run([[str(n), "甲", "约", None] for n in range(11)])


cell = st.one_of(
    st.none(),
    st.sampled_from(
        ["1", "2", "甲", "5", "12.5", "约3500", "合计", "小计", "注:一", "填表人:", "编号", "名称", "金额", "数量", "1E+30"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=3).filter(lambda text: bool(text.strip())),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cell, min_size=4, max_size=4), max_size=12), st.integers(1, 8))
def test_every_line_ends_in_exactly_one_place_however_the_file_is_cut_into_blocks(
    lines: list[list[str | None]], batch_rows: int
) -> None:
    found = run(lines, batch_rows=batch_rows)  # no line in two places: see `run`
    last = max((at for at, line in enumerate(lines, start=1) if any(line)), default=0)
    assert found.found.rows_read == last
    assert found.found.rows_read == len(found.rows) + len(found.aside) + found.n_not_data
    whole = run(lines)
    assert (whole.rows, whole.codes, whole.found.n_data) == (found.rows, found.codes, found.found.n_data)


@settings(max_examples=50, deadline=None)
@given(st.permutations([A, B, C, ("4", None, "1", None), ("5", "戊", "约", None), ("6", "己", "2", "x")]))
def test_the_order_of_lines_changes_nothing(lines: list[Row]) -> None:
    found = run(lines)
    assert sorted(row[0] for row in found.rows.values()) == ["1", "2", "3", "6"]
    assert sorted(code for codes in found.codes.values() for code in codes) == [
        "missing-value",
        "not-a-number",
        "unreadable-optional",
    ]


def test_a_unit_that_only_the_title_names_goes_into_the_returned_header() -> None:
    assert run([["1", "甲", "约5", None]], unit="万元").raw[2][2] == ["金额(万元)", "约5"]


def test_what_cannot_be_read_in_a_row_that_goes_back_is_a_reason_too() -> None:
    found = run([["1", "甲", "约3500", "几个"], ["2", "乙", "5", "几个"]])
    assert [reason["code"] for reason in found.faults.reasons("表", 2)] == ["approximate-number", "unreadable-cell"]
    told = [(item.code, item.row_number, item.cell) for item in found.faults.all_findings()]
    assert told == [("approximate-number", 2, "C2"), ("unreadable-cell", 2, "D2"), ("unreadable-optional", 3, "D3")]
    assert found.faults.reasons("表", 2)[1]["message_zh"].startswith("“数量”看不懂“几个”")
