"""Where a table begins and which of its columns is which."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fugong.contracts.contract import Column, Table
from fugong.parsing.header import Header, fill_merged, locate
from fugong.parsing.header_text import fold_header, readings, unit_of_header

Row = list[str | None]


def column(name: str, header: str, *aliases: str, required: bool = True, unit: str | None = None) -> Column:
    return Column(
        name=name, header=header, aliases=aliases, logical_type="number" if unit else "string",
        physical_type="numeric(18,2)" if unit else "text", format=None, required=required,
        key_position=1 if name == "id" else None, unit=unit, default_unit=unit, code_list=None, description="", minimum=None, maximum=None,
    )  # fmt: skip


TABLE = Table(
    name="thing",
    title="物品",
    description="",
    mode="snapshot",
    columns=(
        column("id", "编号"),
        column("name", "企业名称", "单位名称"),
        column("amount", "减免税额", "减免额", unit="元"),
        column("note", "备注", required=False),
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
HEADER: Row = ["编号", "企业名称", "减免税额", "备注"]
DATA: Row = ["1", "甲", "5", None]


def found(*rows: Row, merged: list[tuple[int, int, int, int]] | None = None) -> Header:
    header = locate(TABLE, rows, merged or [])
    assert header is not None
    return header


def units(header: Header) -> dict[str, str]:
    return {
        name: " ".join("/".join(unit.name for unit in group) for one in declared for group in one.groups)
        for name, declared in header.units.items()
    }


def names(header: Header) -> dict[int, str]:
    return {at: column.name for at, column in header.columns.items()}


def test_a_header_in_the_first_row() -> None:
    header = found(HEADER, DATA)
    assert (header.first_row, header.last_row, header.score) == (0, 0, 4)
    assert names(header) == {0: "id", 1: "name", 2: "amount", 3: "note"}
    assert (header.missing, header.extra, units(header)) == ((), (), {})


def test_columns_may_come_in_any_order_with_a_gap_and_under_another_name() -> None:
    header = found(["减免额", None, "单位名称", "序号", "编号"], ["5", None, "甲", "1", "1"])
    assert names(header) == {0: "amount", 2: "name", 4: "id"}
    assert [missing.name for missing in header.missing] == ["note"]
    assert header.extra == ()  # 序号 is nobody's column and nobody's mistake


def test_titles_and_blank_rows_stand_above() -> None:
    header = found(["物品日报", None, None, None], [None] * 4, ["统计日期:2020年3月18日", None, "单位:万元", None], HEADER, DATA)
    assert (header.first_row, header.last_row) == (3, 3)


@pytest.mark.parametrize(
    "text",
    [
        "减免税额(元)",
        "减免税额\uff08元\uff09",
        "其中\uff1a减免税额",
        "减免税额(万元)",
        "减免税额 (单位:万元)",
        "*减免税额",
        "减免 税额",
        "其中:减免税额",
    ],
)
def test_units_spaces_and_marks_are_no_part_of_a_name(text: str) -> None:
    assert fold_header(text) == "减免税额"
    assert names(found(["编号", "企业名称", text, "备注"], DATA))[2] == "amount"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("减免税额(万元)", "万元"),
        ("减免税额(单位:万元)", "万元"),
        ("减免税额\uff08万元\uff09", "万元"),
        ("减免税额\uff08单位\uff1a万元\uff09", "万元"),
        ("面积[亩]", "亩"),
        ("到岗率(%)", "%"),
        ("减免税额(含附加)", None),
        ("减免税额", None),
    ],
)
def test_the_unit_of_a_header(text: str, unit: str | None) -> None:
    assert unit_of_header(text) == unit


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("当日\u200b产值", "当日产值"), ("当日\u00ad产值\u00a0", "当日产值"), ("\uff0a当日产值", "当日产值"), ("“当日产值”", "当日产值"), ("当日产值①", "当日产值"),
        ("当日产值(12)", "当日产值"), ("当日产值(3=1+2)", "当日产值"), ("当日产值(是/否)", "当日产值"), ("减免额度", "减免额度"), ("1、2月", "1\u20242月"),
    ],
)  # fmt: skip
def test_the_name_of_a_header(text: str, name: str) -> None:
    assert readings(text)[0].name == name


def test_a_word_that_ends_like_a_unit_is_no_other_name() -> None:
    assert names(found(["编号", "企业名称", "减免额度", "备注"], DATA)) == {0: "id", 1: "name", 3: "note"}


def test_numbers_before_headers_are_believed_where_their_neighbours_have_them() -> None:
    assert names(found(["1.编号", "2.企业名称", "3.减免税额(元)", "4.备注"], DATA)) == {
        0: "id",
        1: "name",
        2: "amount",
        3: "note",
    }
    assert names(found(["编号", "企业名称", "减免税额", "4.备注"], DATA)) == {0: "id", 1: "name", 2: "amount"}


def test_words_in_brackets_that_are_no_unit_belong_to_the_name() -> None:
    assert fold_header("减免税额(含附加)") == "减免税额(含附加)"


def test_a_header_of_two_rows_with_merged_cells() -> None:
    header = found(
        ["物品日报", None, None, None],
        ["编号", "企业名称", "金额", None],
        [None, None, "减免税额(万元)", "备注"],
        DATA,
        merged=[(0, 0, 0, 3), (1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 1, 3)],
    )
    assert (header.first_row, header.last_row) == (1, 2)
    assert names(header) == {0: "id", 1: "name", 2: "amount", 3: "note"}
    assert units(header) == {"amount": "万元"}


def test_a_group_names_its_columns_also_where_its_cells_are_not_merged() -> None:
    header = found(
        ["编号", "企业名称", "减免(万元)", None, None],
        [None, None, "税额", "备注", None],
        DATA,
    )
    assert (header.first_row, header.last_row) == (0, 1)
    assert names(header) == {0: "id", 1: "name", 2: "amount", 3: "note"}
    assert units(header) == {"amount": "万元"}  # a note has none
    assert header.sent[2] == "减免(万元)税额"


def test_a_row_of_groups_alone_is_part_of_the_header_and_a_line_of_the_title_is_not() -> None:
    header = found(["基本情况", None, "金额(万元)", None], ["编号", "企业名称", "减免税额", "备注"], DATA)
    assert (header.first_row, header.last_row, units(header)["amount"]) == (0, 1, "万元")
    titled = found(["填报单位:税务局", None, "单位:万元", None], ["编号", "企业名称", "减免税额", "备注"], DATA)
    assert (titled.first_row, units(titled)) == (1, {})
    dated = found(["物品日报", None, "3月18日", None], ["编号", "企业名称", "减免税额", "备注"], DATA)
    assert dated.first_row == 1


def test_a_header_of_three_rows() -> None:
    header = found(
        ["编号", "企业", None, None],
        [None, "基本情况", "税收", None],
        [None, "企业名称", "减免税额", "备注"],
        DATA,
        merged=[(0, 0, 2, 0), (0, 1, 0, 3), (1, 2, 1, 3)],
    )
    assert (header.first_row, header.last_row) == (0, 2)
    assert names(header) == {0: "id", 1: "name", 2: "amount", 3: "note"}


def test_group_and_name_together_say_more_than_the_name() -> None:
    two = replace(TABLE, columns=(*TABLE.columns, column("n_due", "应到岗"), column("n_on_post", "到岗")))
    header = locate(two, [["编号", "企业名称", "应", None], [None, None, "到岗", "到岗"], ["1", "甲", "5", "6"]], [(0, 2, 0, 2)])
    assert header is not None
    assert names(header)[2] == "n_due"


def test_a_second_table_to_the_right_is_beside_and_gives_nothing() -> None:
    header = found(
        ["编号", "企业名称", "减免税额", None, "镇办", "企业名称", "备注"],
        ["1", "甲", "5", None, "某镇", "2", "x"],
    )
    assert names(header) == {0: "id", 1: "name", 2: "amount"}
    assert [missing.name for missing in header.missing] == ["note"]
    assert (header.first_column, header.last_column, header.beside, header.extra) == (0, 2, (4, 5, 6), ())


def test_what_stands_beside_without_a_header_is_seen_too() -> None:
    header = found([None, *HEADER, None, None], ["x", *DATA, None, "已核"])
    assert (header.first_column, header.last_column, header.beside) == (1, 4, (0, 6))


def test_a_column_behind_a_gap_belongs_to_the_table_if_it_is_missing_there() -> None:
    header = found(["编号", "企业名称", "减免税额", None, "备注"], ["1", "甲", "5", None, "x"])
    assert names(header)[4] == "note"
    alone = found([*HEADER, None, "经办"], [*DATA, None, "某"])
    assert (alone.extra, alone.last_column) == ((5,), 5)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("减免税额万元", "万元"), ("减免税额/元", "元"), ("减免税额_万元", "万元"), ("减免\n税额\n(万元)", "万元"), ("减免税额(万元,保留两位小数)", "万元"),
        ("减免税额(必填)", None), ("减免税额(填到分)", None), ("减免税额(如有)", None),
    ],
)  # fmt: skip
def test_units_without_brackets_and_hints_in_them(text: str, unit: str | None) -> None:
    header = found(["编号", "企业名称", text, "备注"], DATA)
    assert names(header)[2] == "amount"
    assert units(header).get("amount") == unit


def test_the_first_data_row_is_no_second_header_row() -> None:
    assert found(HEADER, ["备注", "甲", "5", "企业"], DATA).last_row == 0


def test_a_second_column_of_the_same_name_is_extra() -> None:
    header = found([*HEADER, "减免税额"], [*DATA, "6"])
    assert header.extra == (4,)
    assert names(header)[2] == "amount"


def test_a_header_misspelt_by_one_character_is_proposed_and_not_taken() -> None:
    header = found(["编号", "企业名称", "减免说额", "备注"], DATA)
    assert [missing.name for missing in header.missing] == ["amount"]
    assert header.extra == (2,)
    assert header.similar("减免税额") == "减免说额"
    assert header.similar("完全不同") is None
    assert found(["编号", "凭正号", "减免税额", "备注"], DATA).similar("凭证号") == "凭正号"


def test_half_of_the_mandatory_columns_make_a_table_and_fewer_do_not() -> None:
    assert locate(TABLE, [["编号", "企业名称", "别的"], ["1", "甲", "2"]]) is not None
    assert locate(TABLE, [["编号", "别的", "其他"], ["1", "甲", "2"]]) is None
    assert locate(TABLE, []) is None
    assert locate(TABLE, [[None], []]) is None
    one_column = replace(TABLE, columns=TABLE.columns[:1])
    assert locate(one_column, [["编号"], ["1"]]) is None  # one word is no table


def test_a_header_is_looked_for_in_the_first_thirty_rows() -> None:
    above: list[Row] = [["说明"] + [None] * 3] * 29
    assert found(*above, HEADER, DATA).first_row == 29
    assert locate(TABLE, [*above, ["说明"], HEADER, DATA]) is None


def test_a_line_of_data_between_two_headers_is_no_part_of_one() -> None:
    again: Row = ["编号", "企业名称", "减免额", "备注"]
    header = found(["编号", "企业名称", "减免额度", "备注"], DATA, again, DATA)
    assert header.first_row == header.last_row


def test_the_first_of_two_equal_headers_counts() -> None:
    assert found(HEADER, DATA, HEADER, DATA).first_row == 0


def test_merged_ranges_are_filled_within_the_grid() -> None:
    grid = [["a", None, None], [None, None, None], ["b", None, None]]
    assert fill_merged(grid, [(0, 0, 1, 1), (2, 0, 9, 9)], 3) == [["a", "a", None], ["a", "a", None], ["b", "b", "b"]]
    assert fill_merged(grid, [(0, 0, 1, 1)], 1) == [["a", "a", None]]
    assert fill_merged(grid, [(7, 0, 8, 0), (0, 7, 1, 8)], 3) == grid
