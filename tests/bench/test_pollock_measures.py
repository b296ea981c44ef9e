"""The measures of Pollock on cases small enough to be computed by hand."""

from __future__ import annotations

import pytest

from tests.bench.pollock import checkout, group_of
from tests.bench.pollock_measures import (
    FAILED,
    NAMES,
    measures,
    normalised,
    precision_recall_f1,
    simple_score,
    weighted_score,
)

TRUTH = [["day", "n"], ["2020-03-01", "1"], ["2020-03-02", "2"]]


def by_name(truth: list[list[str]], loaded: list[list[str]]) -> dict[str, float]:
    return dict(zip(NAMES, measures(truth, loaded), strict=True))


def test_what_is_loaded_as_it_is_scores_ten() -> None:
    assert measures(TRUTH, TRUTH) == (1.0,) * 10
    assert simple_score({"a": measures(TRUTH, TRUTH)}) == 10.0


def test_a_missing_record_costs_precision_and_one_too_many_recall() -> None:
    short = by_name(TRUTH, TRUTH[:2])
    assert (short["record precision"], short["record recall"]) == (1 / 2, 1.0)
    assert short["record F1"] == pytest.approx(2 / 3)
    assert (short["cell precision"], short["cell recall"]) == (4 / 6, 1.0)
    long = by_name(TRUTH, [*TRUTH, ["x", "y"]])
    assert (long["record precision"], long["record recall"]) == (1.0, 2 / 3)
    assert (long["cell precision"], long["cell recall"]) == (1.0, 6 / 8)
    assert long["header F1"] == 1.0


def test_an_empty_cell_too_many_is_a_false_cell_but_the_same_record() -> None:
    found = by_name(TRUTH, [TRUTH[0], [*TRUTH[1], ""], TRUTH[2]])
    assert found["record F1"] == 1.0
    assert (found["cell precision"], found["cell recall"]) == (1.0, 6 / 7)


def test_a_header_is_compared_as_a_multiset_without_case() -> None:
    found = by_name([["A", "B", "B"]], [["b", "a", "c", "d"]])
    assert (found["header precision"], found["header recall"]) == (2 / 3, 2 / 4)
    assert found["header F1"] == pytest.approx(2 * (2 / 3) * (1 / 2) / (2 / 3 + 1 / 2))
    assert (found["record F1"], found["cell F1"]) == (1.0, 0.0)


def test_nothing_loaded_of_something_is_zero_but_success() -> None:
    assert measures(TRUTH, []) == (1.0, *(0.0,) * 9)
    assert FAILED == (0.0,) * 10


def test_an_empty_truth_is_met_by_anything_loaded() -> None:
    assert measures([], [["a"]]) == (1.0,) * 10
    assert precision_recall_f1([], ["a"]) == (1.0, 1.0, 1.0)


def test_cells_are_normalised_by_value() -> None:
    assert normalised("2") == normalised("2.0") == normalised(" 2 ") == "2.0"
    assert normalised("13/02/2018") == normalised("2018-02-13")
    assert normalised("03/02/2018") == normalised("2018-03-02")
    assert normalised("$63.7") == normalised("$63.70")
    assert normalised("01:00") == normalised("01:00:00")
    assert normalised("Boots 2") == "boots 2"
    assert normalised("13/02/201801:00") == "13/02/201801:00"


def test_the_weighted_score_counts_a_file_by_its_weight() -> None:
    files = {"a": (1.0,) * 10, "b": FAILED}
    assert simple_score(files) == 5.0
    assert weighted_score(files, {"a": 3, "b": 1, "not here": 9}) == 7.5


def test_files_that_repeat_a_pollution_are_one_group() -> None:
    assert group_of("row_less_sep_row12_col3.csv") == "row_less_sep"
    assert group_of("row_extra_quote0_col0.csv") == "row_extra_quote"
    assert group_of("file_header_multirow_2.csv") == "file_header_multirow_2"


def test_without_its_data_the_benchmark_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FUGONG_POLLOCK", raising=False)
    with pytest.raises(SystemExit, match=r"HPI-Information-Systems/Pollock.*FUGONG_POLLOCK="):
        checkout()
