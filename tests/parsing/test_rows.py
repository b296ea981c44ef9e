"""Lines → rows: every line below the header ends as a row, set aside, or not data."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fugong.findings import collector
from fugong.findings.collector import TooManyFaults
from fugong.parsing.unit_lines import is_line_of_remarks, read_unit_line
from tests.parsing.tables import TABLE, A, B, C, Row, run


def test_good_lines_become_rows_with_their_line_numbers() -> None:
    found = run([A, B], above=[["标题"], [None]])
    assert {line: [str(value) for value in row] for line, row in found.rows.items()} == {
        4: ["1", "甲", "5.00", "1"],
        5: ["2", "乙", "7.50", "None"],
    }
    assert (found.found.rows_read, found.n_not_data, found.codes) == (2, 0, {})


def test_a_unit_that_only_a_group_names_goes_into_the_returned_header() -> None:
    found = run(
        [["约5", "1", "1", "甲"]], above=[["金额(万元)", None, "编号", "名称"]], header=["金额", "数量", None, None], depth=2
    )
    assert found.raw[3] == [["金额(万元)", "约5"], ["数量", "1"], ["编号", "1"], ["名称", "甲"]]


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
    below = [*lines, [None] * 4][0]
    columns = dict(enumerate(TABLE.columns))
    # A lone "L" is a line of units; 金额 under two headers tells how to fill them in.
    assume(read_unit_line(below, 2, columns) is None and not is_line_of_remarks(below, columns))
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
