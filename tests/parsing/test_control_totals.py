"""Totals and subtotals are compared with the rows they are of."""

from __future__ import annotations

import pytest

from tests.parsing.tables import A, B, C, run


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


def test_a_subtotal_over_a_merged_number_is_not_compared() -> None:
    lines = [("1", "甲", "5", "1"), ("2", "乙", None, "1"), ["小计", None, "99", None]]
    assert "control-subtotal" not in {code for codes in run(lines, merged=[(1, 2, 2, 2)]).codes.values() for code in codes}


def test_a_total_in_the_titles_unit_is_compared_in_it() -> None:
    assert run([A, ["合计", None, "5", None]], unit="万元").codes == {}
    assert run([A, ["合计", None, "50000", None]], unit="万元").codes == {3: {"control-total"}}


@pytest.mark.parametrize(
    ("typed", "said"), [("6", "6,明细相加为 5。"), ("6.50", "6.50,明细相加为 5。"), ("6万元", "6万元,明细相加为 50000.00元。")]
)
def test_a_wrong_total_is_told_beside_a_sum_in_the_unit_that_it_is_typed_in(typed: str, said: str) -> None:
    found = run([A, ["合计", None, typed, None]], unit="万元")
    assert found.codes == {3: {"control-total"}}
    assert said in found.faults.findings[0].message_zh
