"""A large file is loaded while it is typed; what cannot be judged so ends as if all its lines had been typed first."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from fugong.core.settings import PROJECT, Settings
from fugong.findings import collector
from fugong.intake import evaluate, load, processor
from fugong.validation import run
from fugong.validation.context import IntakeContext
from tests.fixtures.databases import copy_database
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row
from tests.receipts.test_resubmission import as_bytes

NAME = "税费减免退日报 2020-03-18.csv"
CLEAN = [tax_row(number) for number in range(1, 31)]
FILES: dict[str, tuple[list[list[str]], bool]] = {
    "clean": (CLEAN, True),
    "a number that is none": ([*CLEAN, tax_row(40, "约3500")], True),
    "a total and a note": ([*CLEAN, ["合计", *[""] * 8, "30000.00", "", "", ""], ["注:当日数据", *[""] * 12]], True),
    "a key twice": ([*CLEAN, tax_row(3, "7.00")], False),
    "an old number": ([*CLEAN, tax_row(41, 统一社会信用代码="410106000000016")], False),
    "too many faults": ([*CLEAN, *(tax_row(number, "无") for number in range(50, 60))], False),
}
"""Rows, and whether one pass is enough."""


@pytest.fixture
def another_inbox(empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path: Path) -> Inbox:
    """An installation beside `inbox`."""
    home, template = empty_warehouse
    name = f"another_{uuid4().hex}"
    copy_database(home, "empty", name)
    return Inbox(Settings(tmp_path / "another", PROJECT, template.rpartition("/")[0] + f"/{name}"), context)


def _state(inbox: Inbox) -> dict[str, Any]:
    return {
        "submission": inbox.rows(
            "SELECT file_name, state, report_date, rows_read, rows_accepted, rows_set_aside, rows_not_data FROM intake.submission"
        ),
        "part": inbox.rows(
            "SELECT table_name, unit, business_from, business_to, rows_read, rows_accepted, rows_set_aside, rows_not_data FROM intake.part"
        ),
        "finding": sorted(
            inbox.rows("SELECT code, row_number, cell, severity, value, message_zh, n_same FROM intake.finding"), key=str
        ),
        "aside": inbox.rows("SELECT row_number, cells, reasons FROM intake.set_aside_row ORDER BY row_number"),
        "rows": inbox.rows("SELECT doc_id, uscc, amt_relief, row_number FROM report.tax_relief ORDER BY row_number"),
        "stale": inbox.rows("SELECT table_name, day FROM intake.stale_day ORDER BY day"),
    }


@pytest.mark.parametrize("kind", FILES)
def test_one_pass_and_two_end_in_the_same_warehouse(
    kind: str, inbox: Inbox, another_inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, is_enough = FILES[kind]
    content = as_csv(TAX_HEADER, rows)
    monkeypatch.setattr(collector, "MAX_FAULTY_ROWS", 5)
    monkeypatch.setattr(run, "MAX_FAULTY_ROWS", 5)
    monkeypatch.setattr(evaluate, "MAX_FAULTY_ROWS", 5)
    monkeypatch.setattr("fugong.intake.load.MAX_FAULTY_ROWS", 5)
    another_inbox.send("TAX", NAME, content)
    monkeypatch.setattr(evaluate, "MIN_STREAMED_ROWS", 1)
    passes: list[bool] = []
    whole: Callable[..., Any] = evaluate.evaluate

    def counted(*given: Any, in_one_pass: bool, **named: Any) -> Any:
        passes.append(in_one_pass)
        return whole(*given, in_one_pass=in_one_pass, **named)

    monkeypatch.setattr(processor, "evaluate", counted)
    inbox.send("TAX", NAME, content)
    assert passes == ([True] if is_enough else [True, False])
    assert _state(inbox) == _state(another_inbox)
    assert inbox.is_balanced()


@pytest.mark.parametrize(("second", "passes"), [(range(16, 31), [True]), (range(15, 31), [True, False])])
def test_sheets_of_one_table_are_loaded_in_one_pass_unless_they_have_a_key_in_common(
    second: range, passes: list[bool], inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "MIN_STREAMED_ROWS", 1)
    done: list[bool] = []
    whole: Callable[..., Any] = evaluate.evaluate

    def counted(*given: Any, in_one_pass: bool, **named: Any) -> Any:
        done.append(in_one_pass)
        return whole(*given, in_one_pass=in_one_pass, **named)

    monkeypatch.setattr(processor, "evaluate", counted)
    book = openpyxl.Workbook()
    del book["Sheet"]
    for name, numbers in (("第一税务所", range(1, 16)), ("第二税务所", second)):
        sheet = book.create_sheet(name)
        for row in (TAX_HEADER, *map(tax_row, numbers)):
            sheet.append(list(row))
    sent = inbox.send("TAX", NAME.replace("csv", "xlsx"), as_bytes(book))
    assert done == passes
    if len(passes) == 1:
        assert (sent.state, sent.rows_accepted) == ("accepted", 30)
        assert inbox.rows("SELECT sheet, count(*), min(row_number) FROM report.tax_relief GROUP BY 1 ORDER BY 1 DESC") == [
            ("第二税务所", 15, 2),
            ("第一税务所", 15, 2),
        ]
    else:
        assert (sent.state, inbox.codes(sent)) == ("rejected", {"several-sheets", "duplicate-key"})
    assert inbox.is_balanced()


def test_the_same_large_file_again_is_a_duplicate_with_all_its_lines(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "MIN_STREAMED_ROWS", 1)
    content = as_csv(TAX_HEADER, CLEAN)
    first, again = (inbox.send("TAX", NAME, content) for _ in range(2))
    assert (first.state, again.state) == ("accepted", "duplicate")
    assert again.rows_read == again.rows_not_data == first.rows_read == len(CLEAN)


def test_a_large_file_is_cut_into_blocks_that_lose_nothing(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MAX_CHECKED_CELLS", 1)
    n = evaluate.MIN_STREAMED_ROWS + 20_001
    rows = (tax_row(number) for number in itertools.count(1))
    outcome = inbox.send("TAX", NAME, as_csv(TAX_HEADER, list(itertools.islice(rows, n))))
    assert (outcome.state, outcome.rows_accepted) == ("accepted", n)
    assert inbox.rows("SELECT COUNT(*), MIN(row_number), MAX(row_number), COUNT(DISTINCT doc_id) FROM report.tax_relief") == [
        (n, 2, n + 1, n)
    ]


@pytest.mark.parametrize(("n_faulty", "state"), [(40, "rejected"), (30, "partly_accepted")])
def test_of_a_file_that_goes_back_whole_few_rows_are_localised(
    n_faulty: int, state: str, inbox: Inbox, another_inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where in (collector, run, evaluate, load):
        monkeypatch.setattr(where, "MAX_FAULTY_ROWS", 30)
    for where in (collector, run):
        monkeypatch.setattr(where, "MAX_KEPT_FINDINGS", 5)
    localised: list[int] = []
    whole = run.localise

    def counted(*given: Any) -> Any:
        for one in whole(*given):
            localised.append(one.at)
            yield one

    monkeypatch.setattr(run, "localise", counted)
    more_than_base = [tax_row(number, "200000.00") for number in range(50, 50 + n_faulty)]
    content = as_csv(TAX_HEADER, [*CLEAN, *more_than_base])
    with monkeypatch.context() as patch:
        patch.setattr(run, "_is_refused_whole", lambda *_: False)
        plain = another_inbox.send("TAX", NAME, content)
    n_plain = len(localised)
    monkeypatch.setattr(evaluate, "MIN_STREAMED_ROWS", 1)
    monkeypatch.setattr(run, "MAX_LOCALISED_IN_ONE_PASS", 10)
    outcome = inbox.send("TAX", NAME, content)
    is_refused = state == "rejected"
    assert (outcome.state, outcome.rows_set_aside) == (plain.state, plain.rows_set_aside) == (state, 70 if is_refused else 30)
    assert (n_plain, len(localised) - n_plain) == (n_faulty, 5 if is_refused else n_faulty)
    shown, plainly = (
        [
            one
            for one in each.rows(
                "SELECT row_number, code, cell, severity, value, message_zh FROM intake.finding ORDER BY 1, 2, 3"
            )
            if not is_refused or one[0] is None or one[0] < len(CLEAN) + 2 + 5
        ]
        for each in (inbox, another_inbox)
    )
    assert shown == plainly
    assert len(shown) >= 5
    if not is_refused:
        assert _state(inbox) == _state(another_inbox)
    assert inbox.is_balanced()
