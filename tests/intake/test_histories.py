"""Any history of the same files ends in the same warehouse: order, repeats, crashes and re-runs leave no trace."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from fugong.operations import setup
from fugong.storage import modes
from fugong.validation.context import IntakeContext
from tests.fixtures.histories import (
    BOUNDARIES,
    FILES,
    District,
    End,
    Step,
    begin_district,
    expected_end,
    history,
    must_end_alike,
    rows,
    tax,
)
from tests.fixtures.inbox import Inbox, tax_row

NUMBERS = itertools.count()
Begin = Callable[[], District]


@pytest.fixture(scope="module")
def begin(empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path_factory: pytest.TempPathFactory) -> Begin:
    """Makes installations."""

    def make() -> District:
        folder = tmp_path_factory.mktemp("history")
        return begin_district(Inbox.create(empty_warehouse, f"history_{next(NUMBERS)}", folder, context))

    return make


@pytest.fixture(scope="module")
def expected(begin: Begin) -> End:
    return expected_end(begin())


@pytest.mark.parametrize("seed", [1, 2])
def test_any_history_ends_in_the_same_warehouse(begin: Begin, expected: End, seed: int) -> None:
    """`make prove` tries many more."""
    must_end_alike(begin(), history(random.Random(seed)), expected)


def test_a_run_passes_every_boundary_at_which_a_history_may_crash(begin: Begin) -> None:
    district = begin()
    for boundary in range(len(BOUNDARIES)):
        district.inbox.drop(*tax("0318", f"批{boundary}", *rows(100 + boundary)))
        district.crash(boundary, 1, before=True)
        district.inbox.ingest()
    assert district.crashed == len(BOUNDARIES)
    assert district.inbox.keys("tax_relief", "doc_id") == [f"D{100 + boundary:05d}" for boundary in range(len(BOUNDARIES))]
    assert district.inbox.is_balanced()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_in_a_file_changes_nothing(begin: Begin, seed: int) -> None:
    lines = [*rows(*range(1, 30)), tax_row(40, "约5"), tax_row(41), tax_row(41), ["", *tax_row(50)[1:]]]
    plain, shuffled = begin(), begin()
    plain.inbox.drop(*tax("0318", "V1", *lines))
    shuffled.inbox.drop(*tax("0318", "V1", *random.Random(seed).sample(lines, len(lines))))
    first, second = plain.inbox.ingest(), shuffled.inbox.ingest()
    assert [(o.state, o.rows_accepted, o.rows_set_aside) for o in first] == [("partly_accepted", 29, 4)]
    assert [(o.state, o.rows_accepted, o.rows_set_aside) for o in second] == [("partly_accepted", 29, 4)]
    assert plain.effective() == shuffled.effective()
    codes = "SELECT code || COALESCE(value, '') FROM intake.finding ORDER BY 1"
    assert plain.lines(codes) == shuffled.lines(codes)


def everything(district: District) -> dict[str, list[str]]:
    """Every row of intake, report, mart and ref."""
    tables = district.lines(
        "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('intake', 'report', 'mart', 'ref') ORDER BY 1"
    )
    return {table: district.lines(f"SELECT to_jsonb(line)::text FROM {table} AS line ORDER BY 1") for table in tables}


def test_the_same_file_twice_changes_nothing_that_counts(begin: Begin) -> None:
    district = begin()
    for file in FILES[:5]:
        district.step(Step([file]))
    before = district.effective()
    for department, name, content in FILES[:5]:
        district.inbox.drop(department, name, content)
        district.inbox.drop(department, f"{name.removesuffix('.csv')}(2).csv", content)
    assert {outcome.state for outcome in district.inbox.ingest()} == {"duplicate", "superseded"}
    assert district.effective() == before
    assert district.inbox.is_balanced()


def test_init_ingest_and_marts_twice_change_nothing(begin: Begin) -> None:
    district = begin()
    district.step(Step(FILES, is_built=True))
    modes.tighten(district.inbox.settings)  # the test has made folders as any program does
    before = everything(district)
    assert setup.init(district.inbox.settings) == []
    assert district.inbox.ingest() == []
    assert sum(district.build().rows.values()) == 0
    assert {name for name, lines in everything(district).items() if lines != before[name]} == set()
