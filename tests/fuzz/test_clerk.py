"""The clerk of `tests/fuzz/clerk`: what he writes means what he says it means, and an answer that differs is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from fugong.reading.reader import Reader
from tests.fuzz.clerk.judging import Judge, Sent, Written
from tests.fuzz.clerk.picking import Pick
from tests.fuzz.clerk.spellings import chinese_day, in_unit, share_styles
from tests.fuzz.clerk.traps import TRAPS
from tests.fuzz.clerk.trying import Trial, writer

REPORTS = [f"R{number:02d}" for number in range(19)]


FIRST_NUMBER = 1
CORRECT_FILES = 2
FILES_WITH_A_TRAP = 1
"""Of each report, and of each trap: ten seconds together. `make fuzz` tries as many as wanted."""

MISREAD: set[str] = set()
"""Traps of which some files are read wrongly or go back without need still. A trap here whose file passes shows as XPASS: take it out."""


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Reader() as reader:
        yield Judge(reader)


def one_of(judge: Judge, number: int, trap: str | None = None) -> Written:
    """The first file that the clerk writes from this number on, with the trap."""
    write = writer(judge, trap)
    return next(written for at in range(number, number + 400) if (written := write(Pick.numbered(at))))


def test_the_same_number_is_the_same_file(judge: Judge) -> None:
    assert one_of(judge, 5).content == one_of(judge, 5).content
    assert one_of(judge, 5).content != one_of(judge, 6).content


def test_the_reports_are_those_of_the_contracts(judge: Judge) -> None:
    assert {contract.report for contract in judge.context.contracts} == set(REPORTS)


@pytest.mark.parametrize("trap", TRAPS)
def test_every_trap_finds_its_place(judge: Judge, trap: str) -> None:
    written = one_of(judge, 1, trap)
    assert written.trap == trap
    assert written.truth


@pytest.mark.parametrize("report", REPORTS)
def test_of_correct_files_every_value_is_read_and_nothing_goes_back(judge: Judge, report: str) -> None:
    trial = Trial(judge)
    trial.survey(writer(judge, None, report), FIRST_NUMBER, n=CORRECT_FILES, is_rare=False)
    assert trial.tried == {"": CORRECT_FILES}
    assert not trial.faults, trial.described()


@pytest.mark.parametrize(
    "trap",
    [
        pytest.param(trap, marks=pytest.mark.xfail(reason="not mended yet", strict=False)) if trap in MISREAD else trap
        for trap in TRAPS
    ],
)
def test_of_files_with_a_trap_every_value_is_the_true_one_or_went_back(judge: Judge, trap: str) -> None:
    trial = Trial(judge)
    trial.survey(writer(judge, trap), FIRST_NUMBER, n=FILES_WITH_A_TRAP, is_rare=False)
    assert trial.tried == {trap: FILES_WITH_A_TRAP}
    assert not trial.faults, trial.described()


def test_the_traps_that_are_misread_are_traps() -> None:
    assert TRAPS.keys() > MISREAD


def test_numbers_in_units_have_an_end(judge: Judge) -> None:
    [tax] = [contract.tables[0] for contract in judge.context.contracts if contract.report == "R04"]
    amount = tax.by_name["amt_relief"]
    assert in_unit(Decimal("1234.56"), amount, "万元") == Decimal("0.123456")
    assert in_unit(Decimal("1234.56"), amount, "亿元") is None
    assert share_styles([Decimal("0.005")], is_text=True) == ["sign", "shares"]
    assert share_styles([Decimal("0.5"), Decimal("1.2")], is_text=True) == ["sign", "percents under %", "percents"]
    assert chinese_day(date(2020, 3, 17)) == "二〇二〇年三月十七日"
    assert chinese_day(date(2020, 10, 20)) == "二〇二〇年十月二十日"


def test_an_answer_that_differs_from_the_truth_is_noticed(judge: Judge) -> None:
    answers = ((written, judge.verdict(written)) for number in range(99) if (written := one_of(judge, number)))
    written = next(written for written, verdict in answers if not verdict.wrong and verdict.outcome == "accepted")
    [(table, lines), *_] = written.truth.items()
    first = lines[0]
    name = next(iter(first.means))
    other = {**written.truth, table: [replace(first, means={**first.means, name: "another"}), *lines[1:]]}
    [fault] = judge.verdict(replace(written, truth=other)).wrong
    assert "'another' is right" in fault
    more = {**written.truth, table: [*lines, Sent(first.sheet, 999, {"uscc": "lost"})]}
    assert any("line 999 is lost" in fault for fault in judge.verdict(replace(written, truth=more)).wrong)
    fewer = {**written.truth, table: lines[1:]}
    assert any("not in the file" in fault for fault in judge.verdict(replace(written, truth=fewer)).wrong)
    assert "a file without a reading was taken" in judge.verdict(replace(written, must_go_back=True)).wrong
