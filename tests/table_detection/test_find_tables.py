"""Tables in a grid of which nothing is known: what is header, title, note, total, and where another table begins."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fugong.table_detection.find_tables import find_tables
from fugong.table_detection.grid import find_windows
from fugong.table_detection.header import cell_class, find_head, joined
from fugong.table_detection.model import DetectedTable, LeftOut

Grid = list[Sequence[str | None]]


@dataclass
class Sheet:
    """A sheet in memory; cut into batches of three rows, so that tables cross them."""

    grid: Grid
    name: str = "日报"
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    batch_rows: int = 3

    @property
    def n_columns(self) -> int:
        return max(map(len, self.grid), default=0)

    def batches(self) -> Iterator[pa.RecordBatch]:
        columns = [list(column) for column in itertools.zip_longest(*self.grid)]
        arrays = [pa.array(range(1, len(self.grid) + 1)), *(pa.array(column, pa.string()) for column in columns)]
        batch = pa.record_batch(arrays, names=["row_number", *(f"c{i}" for i in range(len(columns)))])
        for start in range(0, len(self.grid), self.batch_rows):
            yield batch.slice(start, self.batch_rows)


def sheet(text: str, **more: object) -> Sheet:
    """A grid as text: a line a row, `|` between cells, nothing for an empty one."""
    return Sheet(
        [[cell.strip() or None for cell in line.split("|")] if line.strip() else [] for line in text.strip("\n").split("\n")],
        **more,
    )


def found(text: str, **more: object) -> list[DetectedTable]:
    return find_tables(sheet(text, **more))[0]


def told(table: DetectedTable) -> list[tuple[int, int, str]]:
    return [(item.first_row, item.last_row, item.why) for item in table.left_out]


REPORT = """
上街区复工日报
单位:万元 | | 2020年3月18日

序号 | 企业名称 | 金额 | 日期
1 | 甲厂 | 12.5 | 2020-03-01
2 | 乙厂 | 3 | 2020-03-02
合计 | | 15.5
注:含停产企业
填表人:某某
"""


def test_titles_blank_lines_totals_and_notes_are_left_out_with_the_reason() -> None:
    (table,) = found(REPORT)
    assert table.header == ["序号", "企业名称", "金额", "日期"]
    assert (table.first_row, table.last_row, table.n_rows) == (4, 7, 2)
    assert list(table.numbered_rows()) == [(5, ["1", "甲厂", "12.5", "2020-03-01"]), (6, ["2", "乙厂", "3", "2020-03-02"])]
    assert table.left_out == [
        LeftOut(1, 1, "title", "上街区复工日报"),
        LeftOut(2, 2, "title", "单位:万元 2020年3月18日"),
        LeftOut(3, 3, "blank"),
        LeftOut(7, 7, "total", "合计 15.5"),
        LeftOut(8, 8, "note", "注:含停产企业"),
        LeftOut(9, 9, "note", "填表人:某某"),
    ]


def test_blank_spacer_lines_do_not_end_a_table() -> None:
    (table,) = found("name | n | day\na | 1 | 2020-03-01\n\nb | 2 | 2020-03-02\n\n\nc | 3 | 2020-03-03")
    assert [row[0] for row in table.rows()] == ["a", "b", "c"]
    assert told(table) == [(3, 3, "blank"), (5, 6, "blank")]


def test_a_header_apart_from_its_rows_is_theirs() -> None:
    (table,) = found("name | n | day\n\na | 1 | 2020-03-01\nb | 2 | 2020-03-02")
    assert table.header == ["name", "n", "day"]
    assert table.n_rows == 2


def test_a_header_of_several_lines_is_joined_over_the_columns_it_spans() -> None:
    (table,) = found("day | place | travel | | total\n | | air | rail | \n2020-03-01 | x | 12 | | 12\n2020-03-02 | y | | 3 | 3")
    assert table.head.n_rows == 2
    assert table.header == ["day", "place", "travel air", "travel rail", "total"]


def test_merged_cells_say_how_far_a_name_spans() -> None:
    text = "县区复工情况\n企业 | | 金额 | \n | 名称 | 本日 | 累计\n1 | 甲 | 2 | 3\n2 | 乙 | 4 | 5"
    (table,) = found(text, merged=[(0, 0, 0, 3), (1, 2, 1, 3), (1, 0, 2, 0)])
    assert table.header == ["企业", "名称", "金额 本日", "金额 累计"]
    assert told(table) == [(1, 1, "title")]


def test_a_sparse_line_of_spanning_names_above_a_wide_table_is_no_title() -> None:
    text = "企业 | | | | 金额 | | | \n名称 | 代码 | 街道 | 行业 | 本日 | 上日 | 累计 | 去年\n甲 | A1 | x | y | 1 | 2 | 3 | 4\n乙 | A2 | x | y | 5 | 6 | 7 | 8"
    (table,) = found(text, merged=[(0, 0, 0, 3), (0, 4, 0, 7)])
    assert table.header[3:6] == ["企业 行业", "金额 本日", "金额 上日"]
    assert table.left_out == []


def test_a_header_below_a_table_is_the_next_one_also_without_rows() -> None:
    text = "town | street | kind | firm | n\nx | y | z | a | 1\nx | v | z | b | 2\n\ntown | street | kind | firm | n"
    first, second = found(text)
    assert (first.n_rows, second.n_rows, second.header) == (2, 0, ["town", "street", "kind", "firm", "n"])


def test_a_file_without_header_keeps_its_first_row() -> None:
    (table,) = found("2020-03-01 | 1 | a\n2020-03-02 | 2 | b\n2020-03-03 | 3 | c")
    assert (table.head.n_rows, table.head.why, table.header, table.n_rows) == (0, "no-header", [], 3)


def test_years_can_be_names_of_columns() -> None:
    (table,) = found("region | 2018 | 2019\nnorth | 12.5 | 13\nsouth | 7 | 8.25")
    assert table.header == ["region", "2018", "2019"]


def test_a_table_of_words_has_the_header_whose_names_do_not_occur_below() -> None:
    (table,) = found("town | street\n峡窝镇 | 人民路\n峡窝镇 | 中心路\n济源路 | 人民路")
    assert (table.header, table.head.why) == (["town", "street"], "distinct-words")
    (table,) = found("峡窝镇 | 人民路\n峡窝镇 | 人民路\n济源路 | 人民路")
    assert table.header == []


@pytest.mark.parametrize("gap", ["", "\n"])
def test_a_second_table_below_is_a_table_of_its_own(gap: str) -> None:
    text = (
        "day | n | name\n2020-03-01 | 1 | a\n2020-03-02 | 2 | b\n"
        + gap
        + "code | price | day | who\nA1 | 2.5 | 2020-01-01 | x\nA2 | 3 | 2020-01-02 | y"
    )
    first, second = found(text, name="")
    assert (first.header, first.n_rows) == (["day", "n", "name"], 2)
    assert (second.header, second.n_rows) == (["code", "price", "day", "who"], 2)


def test_a_second_table_to_the_right_is_a_table_of_its_own() -> None:
    left, right = found("序号 | 金额 | | 税种 | 户数\n1 | 2.5 | | 增值税 | 12\n2 | 3.5 | | 所得税 | 3\n3 | 4 | | | \n4 | 5 | | |")
    assert (left.header, left.n_rows, left.last_column) == (["序号", "金额"], 4, 1)
    assert (right.header, right.n_rows, right.first_column) == (["税种", "户数"], 2, 3)


def test_an_empty_column_within_a_table_does_not_split_it() -> None:
    (table,) = found("a | b | | c | d\n1 | 2 | | 3 | 4\n5 | 6 | | 7 | 8")
    assert table.last_column == 4


def test_a_row_of_few_digits_is_no_header() -> None:
    rows = ["name | day | amount | remark", *(f"厂{i} | 2020-03-{i:02d} | {i} | x" for i in range(1, 9))]
    rows[5] = "厂五 | 停产 | — | 无"
    (table,) = found("\n".join(rows))
    assert table.n_rows == 8


def test_a_header_cut_by_another_delimiter_is_recognised() -> None:
    (table,) = found("day amount code\n2020-03-01 | 1.5 | A1\n2020-03-02 | 2.5 | A2")
    assert (table.header, table.head.why, table.left_out) == (["day", "amount", "code"], "other-delimiter", [])


def test_rows_typed_longer_or_shorter_stay_so() -> None:
    grid: Grid = [["a", "b"], ["1", "2"], ["3", "4", ""], ["5"]]
    (table,) = find_tables(Sheet(grid, name=""))[0]
    assert list(table.rows()) == [["1", "2"], ["3", "4", ""], ["5"]]


def test_a_sheet_of_prose_or_of_nothing_has_no_wide_table() -> None:
    assert find_tables(Sheet([])) == ([], [])
    assert find_tables(Sheet([[None], [None]])) == ([], [])
    (table,) = found("第一条 按时报送\n第二条 如实填写")
    assert (table.last_column, table.n_rows) == (0, 2)


def test_of_a_sheet_in_thousands_of_pieces_nothing_is_lost() -> None:
    grid: Grid = []
    for i in range(1500):
        grid.extend([["name", "n", "day"], [f"a{i}", str(i), "2020-03-01"], [f"b{i}", str(i), "2020-03-02"], []])
    tables, _ = find_tables(Sheet(grid, batch_rows=1000))
    assert len(tables) == 500
    assert sum(table.n_rows for table in tables[:-1]) == 2 * 499
    assert [row[0] for row in tables[-1].rows() if row][-1] == "b1499"


def test_a_long_run_of_notes_is_told_in_a_few_entries() -> None:
    grid: Grid = [["a", "b", "c"], ["1", "2", "3"]]
    grid.extend([f"note {i}"] for i in range(1000))
    (table,) = find_tables(Sheet(grid, batch_rows=400))[0]
    assert table.n_rows == 1
    assert len(table.left_out) == 51
    assert table.left_out[-1] == LeftOut(53, 1002, "note")


@settings(max_examples=300, deadline=None)
@given(
    grid=st.lists(
        st.lists(st.sampled_from([None, "", "a", "b c", "1", "2.5", "2020-03-01", "合计", "A1"]), max_size=7), max_size=25
    ),
    name=st.sampled_from(["", "日报"]),
)
def test_every_row_is_in_a_table_or_left_out_and_in_no_two(grid: Grid, name: str) -> None:
    cells = Sheet(grid, name=name)
    assume(len(find_windows(cells)) < 2)  # side by side a row is in two
    tables, left_out = find_tables(cells)
    taken: list[int] = []
    for table in tables:
        numbers = [number for number, _ in table.numbered_rows()]
        assert len(numbers) == table.n_rows
        taken += numbers
        taken += range(table.first_row, table.first_row + table.head.n_rows)
        left_out = [*left_out, *table.left_out]
    for item in left_out:
        assert item.why in {"blank", "title", "note", "total"}
        taken += range(item.first_row, item.last_row + 1)
    filled = {number for number, row in enumerate(grid, 1) if any(cell and cell.strip() for cell in row)}
    assert len(taken) == len(set(taken))
    assert filled <= set(taken)


def test_cells_are_told_apart_by_their_look() -> None:
    classes = {
        "number": ["1", "-2.5", "1,379.88", "12%", "$48.00", "(3)", "1e5", "12.5万元", "１２"],
        "date": ["2020-03-18", "3月18日", "28/01/2018", "2020年3月18日", "Oct-14", "2020-03-18 10:00:00"],
        "time": ["10:30", "10:30:15", "9时30分"],
        "year": ["2019", "2019-20", "2020年"],
        "code": ["A-12", "91410106Y00000016N", "C123456"],
        "words": ["企业名称", "Total Employees", "see row 12 of the other list"],
        "": ["", " ", "\u3000"],
    }
    assert {name: {cell_class(cell) for cell in cells} for name, cells in classes.items()} == {name: {name} for name in classes}


def test_one_line_of_names_is_kept_as_it_was_typed() -> None:
    assert joined([[" 1_ 1", "b\n(元)", None]]) == [" 1_ 1", "b\n(元)", ""]
    assert find_head([["a", "b"]]).n_rows == 1
    assert find_head([["1", "2"]]).n_rows == 0
