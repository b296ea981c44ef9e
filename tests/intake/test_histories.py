"""Any history of the same files ends in the same warehouse: order, repeats, crashes and re-runs leave no trace."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fugong.intake import collect, copy, load, processor
from fugong.marts.build import Built
from fugong.operations import build_marts, setup
from fugong.receipts import receipt
from fugong.validation.context import IntakeContext
from tests.fixtures.inbox import INDUSTRY_HEADER, REGISTER_HEADER, TAX_HEADER, Inbox, as_csv, industry_row, register_row, tax_row

NUMBERS = itertools.count()
File = tuple[str, str, bytes]
TIMES_OF_ARRIVAL = {"reporting_compliance"}
"""Marts that tell how files came in, not what they say: repeats and order are their subject."""


def tax(day: str, name: str, *rows: list[str]) -> File:
    return "TAX", f"2020{day}_R04_TAX_{name}.csv", as_csv(TAX_HEADER, rows)


def industry(day: str, name: str, on_post: int) -> File:
    return (
        "GXJ",
        f"2020{day}_R01_GXJ_{name}.csv",
        as_csv(INDUSTRY_HEADER, [industry_row(n, on_post=on_post) for n in range(1, 21)]),
    )


def rows(*numbers: int, amount: str = "1000.00", day: str = "2020-03-18") -> list[list[str]]:
    return [tax_row(number, amount, day=day) for number in numbers]


FIRST = tax("0317", "V1", *rows(11, 12, 13, day="2020-03-17"))
FILES: tuple[File, ...] = (
    # Versions: the third counts, whenever it comes.
    tax("0318", "V1", *rows(1, 2, 3)),
    tax("0318", "V2", *rows(1, 2, 3, amount="2000.00")),
    tax("0318", "V3", *rows(1, 2, 3, 4, amount="3000.00")),
    # Additions that overlap in a line, the same line in both; one of them twice under two names.
    FIRST,
    tax("0317", "补", *rows(13, 14, day="2020-03-17")),
    ("TAX", "税费减免退日报2020年3月17日最终.csv", FIRST[2]),
    # Lines that go back, and a file that goes back whole.
    tax("0316", "V1", *rows(21, day="2020-03-16"), tax_row(22, "约5", day="2020-03-16")),
    tax("0315", "V1", tax_row(31, "约5", day="2020-03-15")),
    # Snapshots.
    industry("0318", "V1", 100),
    industry("0318", "V2", 90),
    industry("0316", "V1", 50),
)
WITHDRAWN = tax("0314", "V1", *rows(41, 42, day="2020-03-14"))
WITHDRAWAL: File = ("TAX", "20200314_R04_TAX_作废.csv", b"")
EXPECTED_TAX = {1: "3000.00", 2: "3000.00", 3: "3000.00", 4: "3000.00"} | dict.fromkeys((11, 12, 13, 14, 21), "1000.00")


class Crash(BaseException):
    """Ends a run where it stands."""


BOUNDARIES: tuple[tuple[Any, str], ...] = (
    (collect, "archive"),
    (collect, "record"),
    (collect.shutil, "rmtree"),
    (processor, "evaluate"),
    (copy, "write_csv"),
    (load, "take_serial"),
    (load, "resolve"),
    (load, "_write_accepted"),
    (load, "write_submission"),
    (processor, "fix_receipt"),
    (receipt, "write"),
    (receipt, "text"),
)


@dataclass(frozen=True)
class Step:
    """Files dropped together, and how the run after them ends.

    Attributes:
        crash: boundary and the number of its call at which the run ends; None for a run to the end.
        before: whether it ends before that call, else after it.
        is_built: whether marts are built then.
    """

    files: Sequence[File]
    crash: tuple[int, int] | None = None
    before: bool = True
    is_built: bool = False


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    order: list[File] = list(draw(st.permutations(FILES)))
    order += draw(st.lists(st.sampled_from(FILES), max_size=3))  # dropped again
    first = draw(st.integers(0, len(order)))
    order.insert(draw(st.integers(first, len(order))), WITHDRAWAL)
    order.insert(first, WITHDRAWN)
    cuts = sorted(draw(st.lists(st.integers(1, len(order) - 1), max_size=4, unique=True)))
    cuts += [order.index(WITHDRAWAL)]  # it has to find what it withdraws settled
    crashes = st.none() | st.tuples(st.integers(0, len(BOUNDARIES) - 1), st.integers(1, 5))
    return [
        Step(order[start:end], draw(crashes), draw(st.booleans()), draw(st.booleans()) and end % 2 == 0)
        for start, end in itertools.pairwise([0, *sorted(set(cuts) - {0}), len(order)])
    ]


@dataclass
class District:
    """An installation, run step by step."""

    inbox: Inbox
    crashed: int = field(default=0)

    def step(self, step: Step) -> None:
        # Names are the senders' own: what is dropped twice at once is one file.
        for department, name, content in step.files:
            self.inbox.drop(department, name, content)
        if step.crash is not None:
            self.crash(*step.crash, before=step.before)
        self.inbox.ingest()
        assert self.inbox.is_balanced()
        if step.is_built:
            self.build()

    def crash(self, boundary: int, call: int, *, before: bool) -> None:
        """An ingest that ends at the boundary's n-th call, if it comes so far."""
        module, name = BOUNDARIES[boundary]
        function: Callable[..., Any] = getattr(module, name)
        calls = itertools.count(1)

        def patched(*args: Any, **details: Any) -> Any:
            is_the_one = next(calls) == call
            if is_the_one and before:
                raise Crash
            out = function(*args, **details)
            if is_the_one:
                raise Crash
            return out

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, name, patched)
            try:
                self.inbox.ingest()
            except Crash:
                self.crashed += 1

    def build(self) -> Built:
        return build_marts.build_marts(self.inbox.settings)

    def effective(self) -> dict[str, list[str]]:
        """What counts, by report table, without what names the file it came in."""
        return {
            table: self.lines(
                f"SELECT (to_jsonb(line) - 'part_id' - 'sheet' - 'row_number')::text FROM asof.{table} AS line ORDER BY 1"
            )
            for table in self.inbox.context.contracts.tables
        }

    def marts(self) -> dict[str, list[str]]:
        names = self.lines("SELECT tablename FROM pg_tables WHERE schemaname = 'mart' ORDER BY 1")
        return {
            name: self.lines(f"SELECT to_jsonb(cell)::text FROM mart.{name} AS cell ORDER BY 1")
            for name in names
            if name not in TIMES_OF_ARRIVAL
        }

    def lines(self, statement: str) -> list[str]:
        return [str(row[0]) for row in self.inbox.rows(statement)]


Begin = Callable[[], District]


@pytest.fixture(scope="module")
def begin(empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path_factory: pytest.TempPathFactory) -> Begin:
    """Makes installations."""

    def make() -> District:
        inbox = Inbox.create(empty_warehouse, f"history_{next(NUMBERS)}", tmp_path_factory.mktemp("history"), context)
        register = as_csv(REGISTER_HEADER, [register_row(number) for number in range(1, 21)])
        outcome = inbox.send("TJJ", "20200302_R00_TJJ_V1.csv", register)
        assert outcome.state == "accepted", inbox.receipt(outcome)["findings"]
        return District(inbox)

    return make


@pytest.fixture(scope="module")
def expected(begin: Begin) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The end of the plainest history: one file after the other."""
    district = begin()
    for file in (*FILES, WITHDRAWN, WITHDRAWAL):
        district.step(Step([file]))
    amounts = dict(district.inbox.rows("SELECT doc_id, amt_relief::text FROM asof.tax_relief"))
    assert amounts == {f"D{number:05d}": amount for number, amount in EXPECTED_TAX.items()}
    posts = district.inbox.rows(
        "SELECT report_date::text, on_post, COUNT(*) FROM asof.industry_resumption GROUP BY 1, 2 ORDER BY 1"
    )
    assert posts == [("2020-03-16", 50, 20), ("2020-03-18", 90, 20)]
    district.build()
    found = district.marts()
    assert {name for name, cells in found.items() if cells} >= {"resumption_daily", "tax_relief_flow"}
    return district.effective(), found


@settings(
    max_examples=9,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),  # an example takes seconds: to shrink one would take an hour
    suppress_health_check=list(HealthCheck),
)
@given(history=histories())
def test_any_history_ends_in_the_same_warehouse(
    begin: Begin, expected: tuple[dict[str, list[str]], dict[str, list[str]]], history: list[Step]
) -> None:
    district = begin()
    for step in history:
        district.step(step)
    district.build()
    effective, cells = expected
    assert district.effective() == effective
    assert district.marts() == cells
    assert district.inbox.rows("SELECT COUNT(*) FROM intake.submission WHERE state = 'received' OR replied_at IS NULL") == [(0,)]
    assert district.inbox.is_balanced()


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
    before = everything(district)
    assert setup.init(district.inbox.settings) == []
    assert district.inbox.ingest() == []
    assert sum(district.build().rows.values()) == 0
    assert {name for name, lines in everything(district).items() if lines != before[name]} == set()
