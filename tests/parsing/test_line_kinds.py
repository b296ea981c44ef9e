"""Which lines below a header are data, and which are totals, notes, headings or blank."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fugong.parsing.header import Merged
from fugong.parsing.line_kinds import DOUBTFUL_LABEL, are_doubtful
from tests.parsing import tables
from tests.parsing.tables import HEADER, A, B, Row, run


@pytest.mark.parametrize("label", ["合计", "合 计", "总计", "小计", "本页合计", "共计:", "全区合计"])
def test_a_total_is_not_data_wherever_its_label_stands(label: str) -> None:
    for line in ([label, None, "12.50", None], [None, label, "12.50", "1"]):
        found = run([A, B, line])
        assert (len(found.rows), found.n_not_data, found.codes) == (2, 1, {})


def test_a_total_with_signs_for_nothing_in_its_key_is_no_row() -> None:
    found = run([A, ["—", "合  计", "5", "/"]])
    assert (found.codes, found.n_not_data) == ({}, 1)


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


def test_rows_after_the_total_are_rows() -> None:
    found = run([A, ["合计", None, "5", None], B])
    assert sorted(found.rows) == [2, 4]
    assert found.codes == {3: {"control-total"}}


@pytest.mark.parametrize("name", ["总计机械有限公司", "合计食品厂", "小计超市店", "共计中心"])
def test_a_firm_whose_key_was_lost_is_no_total(name: str) -> None:
    found = run([A, [None, name, "5", None]])
    assert (sorted(found.rows), found.codes.get(3)) == ([2], {"missing-value"})


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


@pytest.mark.parametrize("note", ["备注:无", "注：金额含税", "填表人：某某  审核人：某某", "以上为快报数", "单位：万元"])
def test_a_note_in_the_key_column_is_not_data_where_only_the_key_is_mandatory(note: str, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [replace(column, required=column.name == "id") for column in tables.TABLE.columns]
    monkeypatch.setattr(tables, "TABLE", replace(tables.TABLE, columns=tuple(columns)))
    found = run([A, ["2", None, None, None], [note, None, None, None]])
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


@given(st.lists(st.text(alphabet="toTaLsum: 1ſ", max_size=9) | st.none(), max_size=4))
def test_doubtful_labels_are_told_by_their_bytes_first_as_by_the_pattern_alone(cells: list[str | None]) -> None:
    column = pa.array(cells, pa.string())
    assert are_doubtful(column).tolist() == pc.fill_null(pc.match_substring_regex(column, DOUBTFUL_LABEL), False).to_pylist()
